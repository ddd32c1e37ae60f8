"""Write the table of what older Pythons had and typeshed does not tell (`src/pinproof/sources/earlier.txt`).

    uv run python scripts/describe_pythons.py PYTHON…       (one interpreter of each version from 3.6 on)

What an interpreter has, and no later one has, is in the table if the stubs do not know it. What the newest one has is
left out, known to the stubs or not: it is not gone, and where typeshed lacks a name the judge must not think so.
Run it on Linux with complete builds: what typeshed says of other platforms is not touched.
"""

from __future__ import annotations

import json
import keyword
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pinproof.actions.library import library_layout
from pinproof.facts.module import read_module
from pinproof.judgement.answers import PYTHON, Absent, Installed, Present, Resolved
from pinproof.judgement.calls import call_result
from pinproof.judgement.environment import Environment
from pinproof.model.distribution import Metadata
from pinproof.model.module import Call, Kind
from pinproof.model.release import Target
from pinproof.sources import earlier, typeshed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.module import ModuleFacts

TABLE = Path(earlier.__file__).with_name("earlier.txt")
DUMP = Path(__file__).with_name("dump_stdlib.py")

OLDEST = (3, 10)
"""The oldest Python that typeshed describes."""

NOT_GONE = [
    # Taken out of `__all__` only, by which alone the stub offers it (https://github.com/python/cpython/pull/139127).
    ("collections.abc:", "ByteString", (3, 15), (3, 16)),
]
"""What typeshed says is gone from a Python newer than those that can be asked."""

Python = tuple[int, int]
Parameters = list[list[Any]]
Had = dict[str, dict[str, Any] | None]
"""What `dump_stdlib.py` tells of one Python."""


def main() -> None:
    """Ask the interpreters and write the table."""
    asked = [json.loads(_run(python, {})) for python in sys.argv[1:]]
    questions: dict[str, set[str]] = defaultdict(set)
    for answer in asked:
        for module, names in answer.items():
            questions[module].update(names or ())
    every = {module: sorted(names) for module, names in questions.items()}
    had = {_version(python): json.loads(_run(python, every)) for python in sys.argv[1:]}
    TABLE.write_text("")
    TABLE.write_text("".join(f"{line}\n" for line in table(had)))


def _run(python: str, questions: object) -> str:
    command = [python, "-I", "-B", str(DUMP)]
    return subprocess.run(command, input=json.dumps(questions), stdout=-1, text=True, check=True).stdout


def _version(python: str) -> Python:
    said = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], stdout=-1, check=True)
    major, minor = map(int, said.stdout.split())
    return major, minor


def table(had: dict[Python, Had]) -> list[str]:
    """The lines of the table."""
    rows: dict[tuple[str, Python, Python], set[str]] = defaultdict(set)
    for place, name, first, last in (*_overlooked(had), *NOT_GONE):
        rows[place, first, last].add(name)
    for place, first, last in _gone_modules(had):
        rows[place, first, last] = set()
    for place, name, first, last in (*_gone_names(had), *_gone_members(had)):
        rows[place, first, last].add(name)
    lines = [
        _line(place, first, last, " ".join(sorted(names))) for (place, first, last), names in rows.items()
    ]
    lines += [_line(*row) for row in _narrowed(had)]
    return sorted(lines)


def _line(place: str, first: Python, last: Python, had: str) -> str:
    span = "-".join(".".join(map(str, python)) for python in (first, last))
    return f"{place} {span} {had}".rstrip()


def _overlooked(had: dict[Python, Had]) -> Iterator[tuple[str, str, Python, Python]]:
    """What typeshed says is gone from a Python that it describes, and is there."""
    for module in _modules(had):
        for name in sorted({name for modules in had.values() for name in modules.get(module) or ()}):
            target = f"{module}:{name}"
            wrong = [
                p
                for p in sorted(had)
                if p > OLDEST
                and name in (had[p].get(module) or ())
                and isinstance(_resolve(p, target), Absent)
            ]
            if wrong and isinstance(_resolve(OLDEST, target), Present):
                yield f"{module}:", name, wrong[0], wrong[-1]


# --- what is gone -----------------------------------------------------------------------------------------


def _gone_modules(had: dict[Python, Had]) -> Iterator[tuple[str, Python, Python]]:
    for module, (first, last) in _spans({p: set(modules) for p, modules in had.items()}):
        if not _stubbed(module) and not (set(had[last][module] or ()) <= {"sys"} and "." in module):
            yield module, first, last


def _gone_names(had: dict[Python, Had]) -> Iterator[tuple[str, str, Python, Python]]:
    for module in _modules(had):
        for name, (first, last) in _spans({p: set(h.get(module) or ()) for p, h in had.items()}):
            # A module that cannot be imported on this platform, or in this build, tells nothing of its names.
            if any(p > last and h.get(module, ()) is None for p, h in had.items()):
                continue
            if not _stubbed(module) or isinstance(_resolve(last, f"{module}:{name}"), Absent):
                yield f"{module}:", name, first, last


def _gone_members(had: dict[Python, Had]) -> Iterator[tuple[str, str, Python, Python]]:
    for module, name in _classes(had):
        members = {p: set(_members(h, module, name)) for p, h in had.items()}
        lasting = {p for p, of in members.items() if of}
        for member, (first, last) in _spans(members):
            if max(lasting) == last or member == "__init__":
                continue
            found = _resolve(last, f"{module}:{name}")
            if not isinstance(found, Present) or found.kind is not Kind.CLASS:
                continue
            if isinstance(_resolve(last, f"{module}:{name}.{member}"), Absent):
                yield f"{found.module}:{found.name}", member, first, last


def _narrowed(had: dict[Python, Had]) -> Iterator[tuple[str, Python, Python, str]]:
    """Functions that took what they do not take any more, by the stubs: only what those do not describe."""
    found: dict[tuple[str, str], list[Python]] = defaultdict(list)
    for python in sorted(p for p in had if p < OLDEST):
        for module, qualified, parameters in _functions(had[python]):
            newest = max(p for p in had if module in had[p])
            place = _takes_less(
                module, qualified, parameters, newest, _parameters(had[newest], module, qualified)
            )
            if place is not None and python not in found[place, _signature(parameters)]:
                found[place, _signature(parameters)].append(python)
    for (place, signature), pythons in found.items():
        yield f"{place}()", pythons[0], pythons[-1], signature


def _takes_less(
    module: str, qualified: str, parameters: Parameters, newest: Python, now: Parameters | None
) -> str | None:
    """The place of a function that refuses now what it took then; `now` is what the newest Python itself says."""
    bound = "." in qualified
    name = qualified.removesuffix(".__init__")
    shown = parameters[1:] if bound else parameters
    for call in _calls(shown):
        if now is not None and _accepts(now[1:] if bound else now, call):
            continue
        target = (
            f"{module}:{name}" if name != qualified or not bound else f"{module}:{_through_instance(name)}"
        )
        found = _resolve(OLDEST, target)
        later = _resolve(newest, target)
        if not isinstance(found, Present) or not isinstance(later, Present):
            return None
        refused = call_result(_environment(OLDEST), found, call)
        if isinstance(refused, Absent) and isinstance(call_result(_environment(newest), later, call), Absent):
            return _defined(found, qualified)
    return None


def _accepts(parameters: Parameters, call: Call) -> bool:
    """Whether a function with these parameters takes a call."""
    kinds = {kind for _, kind, _ in parameters}
    named = {name for name, kind, _ in parameters if kind in ("", "k")}
    if "**" not in kinds and not named.issuperset(call.keywords):
        return False
    positional = [name for name, kind, _ in parameters if kind in ("", "/")]
    if "*" not in kinds and call.positional > len(positional):
        return False
    given = {*positional[: call.positional], *call.keywords}
    return call.starred or all(name in given for name, _, required in parameters if required)


def _through_instance(qualified: str) -> str:
    owner, _, method = qualified.rpartition(".")
    return f"{owner}().{method}"


def _defined(found: Present, qualified: str) -> str | None:
    """Where the stub has the function; None where that inherits it."""
    place = f"{found.name}.__init__" if qualified.endswith(".__init__") else found.name
    if place != qualified:
        return None
    facts = _environment(OLDEST).facts(found.module)
    return f"{found.module}:{place}" if facts is not None and place in facts.functions else None


def _calls(parameters: Parameters) -> Iterator[Call]:
    """Calls that a function takes: each keyword by itself, as few arguments as it takes, and as many."""
    needed = tuple(n for n, kind, required in parameters if required and kind != "/")
    first = sum(1 for _, kind, required in parameters if required and kind == "/")
    for name, kind, _ in parameters:
        if kind in ("", "k"):
            yield Call(0, (name,), starred=True, double_starred=True)
    yield Call(first, needed)
    positional = sum(1 for _, kind, _ in parameters if kind in ("", "/"))
    yield Call(positional, tuple(n for n, kind, required in parameters if required and kind == "k"))


def _signature(parameters: Parameters) -> str:
    """The parameters as they are written in a stub."""
    written: list[str] = []
    kinds = [kind for _, kind, _ in parameters]
    for position, (name, kind, required) in enumerate(parameters):
        if kind == "k" and "*" not in kinds and "k" not in kinds[:position]:
            written.append("*")
        written.append(f"{kind if '*' in kind else ''}{name}{'' if required or '*' in kind else '=...'}")
        if kind == "/" and "/" not in kinds[position + 1 :]:
            written.append("/")
    return f"({', '.join(written)})"


# --- what there is ----------------------------------------------------------------------------------------


def _modules(had: dict[Python, Had]) -> list[str]:
    return sorted({module for modules in had.values() for module in modules})


def _classes(had: dict[Python, Had]) -> list[tuple[str, str]]:
    """Classes by the places where they are defined, or are said to be."""
    return sorted(
        {
            (module, name)
            for modules in had.values()
            for module, names in modules.items()
            for name, value in (names or {}).items()
            if isinstance(value, dict) and value["class"] == f"{module}:{name}"
        }
    )


def _members(had: Had, module: str, name: str) -> dict[str, Any]:
    value = (had.get(module) or {}).get(name)
    return value["members"] if isinstance(value, dict) else {}


def _functions(had: Had) -> Iterator[tuple[str, str, Parameters]]:
    for module, names in had.items():
        for name, value in (names or {}).items():
            if isinstance(value, list):
                yield module, name, value
            elif isinstance(value, dict) and value["class"] == f"{module}:{name}":
                for member, parameters in value["members"].items():
                    if parameters is not None:
                        yield module, f"{name}.{member}", parameters


def _parameters(had: Had, module: str, qualified: str) -> Parameters | None:
    name, _, member = qualified.partition(".")
    value = (had.get(module) or {}).get(name)
    if member:
        value = value["members"].get(member) if isinstance(value, dict) else None
    return value if isinstance(value, list) else None


def _spans(names: dict[Python, set[str]]) -> Iterator[tuple[str, tuple[Python, Python]]]:
    """Name -> the first and last Python that has it, if that is not the newest.

    Not so for `async`: what uses it cannot be parsed any more, and a stub cannot declare it.
    """
    for name in sorted({name for some in names.values() for name in some if not keyword.iskeyword(name)}):
        pythons = sorted(p for p, some in names.items() if name in some)
        if pythons[-1] != max(names):
            yield name, (pythons[0], pythons[-1])


# --- what the stubs know ----------------------------------------------------------------------------------


def _stubbed(module: str) -> bool:
    """Whether typeshed describes the module for some Python."""
    return any(module in typeshed.modules((3, minor)) for minor in range(16))


@cache
def _environment(python: Python) -> Environment:
    number = ".".join(map(str, python))
    library = Installed(PYTHON, number, number, library_layout(python), Metadata(PYTHON, number))  # type: ignore[arg-type]
    return Environment([library], lambda _, path: _facts(python, path), Target(python, "linux", "x86_64"))


@cache
def _facts(python: Python, path: str) -> ModuleFacts:
    ((_, text),) = typeshed.Stubs(python).read([path])
    return read_module(text, stub=True)


def _resolve(python: Python, target: str) -> Resolved:
    return _environment(python).resolve(target, "")


if __name__ == "__main__":
    main()
