"""`--run`: import a set for real, and hold what was read against it."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from pinproof.actions.environments import NOBODY
from pinproof.actions.judging import command_modules, unrequired
from pinproof.errors import InputError
from pinproof.facts.layout import top_level
from pinproof.judgement.baselines import Baselines
from pinproof.judgement.pythons import RELEASED
from pinproof.judgement.strays import provides
from pinproof.model.trial import Failure, Trial
from pinproof.model.verdict import Evidence, Severity
from pinproof.sources.archive import Archive
from pinproof.sources.trials import Needed, Tried, installed, try_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pinproof.actions.library import Library
    from pinproof.actions.verify import Subject
    from pinproof.judgement.answers import Installed
    from pinproof.model.release import Target
    from pinproof.model.verdict import Break, Verdict

_KIND = "trial-1"
_DECODE = msgspec.msgpack.Decoder(list[Tried]).decode
_HASH = re.compile(r"sha(?:256|384|512):[0-9a-f]+")
_COUNTING = frozenset(
    {
        "ImportError",
        "AttributeError",
        "NameError",
        "TypeError",
        "SyntaxError",
        "ValueError",
        "RuntimeError",
        "crash",
    }
)
"""What comes of packages that do not fit. Other errors are about settings, files, displays."""
_SAID_SO = frozenset({"NotImplementedError"})
"""What is raised where a package is not meant for this platform."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A module to import, and whose it is."""

    distribution: Installed
    module: str


def refuse_other_machines(target: Target) -> None:
    """InputError where the set is not meant for this machine, so that it cannot be run here."""
    if target.platform != sys.platform:
        raise InputError(
            f"--run imports the set on this machine, which is {sys.platform} and not {target.platform}",
            hint="Leave --python-platform out.",
        )


def run_trial(
    subject: Subject, verdict: Verdict, library: Library, python: Path | None
) -> tuple[Verdict, Trial]:
    """The verdict with the evidence of real imports, and what came of them.

    `python` is that of the environment that was judged; without one the set is installed into a fresh one.
    """
    distributions = [d for d in library.open_all(subject.given.pins)[0] if d.name != NOBODY]
    distributions += [
        d for own in subject.own if isinstance(own.source, Archive) for d in own.installed(library)
    ]
    asked = _asked(distributions, verdict)
    tried = _tried(subject, [one.module for one in asked], distributions, library, python)
    return _weighed(verdict, asked, tried, library)


def _asked(distributions: Sequence[Installed], verdict: Verdict) -> list[_Asked]:
    """The top-level modules, those behind commands, and those that are said to fail."""
    found: dict[str, _Asked] = {}
    broken = {(b.dependent, b.path) for b in verdict.of(Severity.FATAL)}
    for d in distributions:
        modules = [m for m in top_level(d.layout) if not m.startswith("_")]
        modules += command_modules(d)
        modules += [m for m, path in d.layout.modules.items() if (d.name, path) in broken]
        for module in modules:
            found.setdefault(module, _Asked(d, module))
    return list(found.values())


def _tried(
    subject: Subject,
    modules: Sequence[str],
    distributions: Sequence[Installed],
    library: Library,
    python: Path | None,
) -> dict[str, Tried]:
    """What became of the modules: remembered from before, else seen now."""
    outside = library.outside
    key = _key(distributions, subject, outside.target, fresh=python is None)
    blob = outside.store.note(_KIND, key)
    known = {t.module: t for t in _DECODE(blob)} if blob else {}
    left = [module for module in modules if module not in known]
    if left:

        def progress(done: int, total: int) -> None:
            outside.progress("Importing", done, total)

        if python is not None:
            done = try_modules(python, left, progress)
        else:
            outside.progress("Installing", 0, 0)
            needed = Needed(tuple(_lines(subject)), outside.target.python_text)
            with installed(needed, outside.uv) as fresh:
                done = try_modules(fresh, left, progress)
        known |= {one.module: one for one in done}
        # What took too long may do so because of what else the machine had to do.
        kept = [one for one in known.values() if not one.slow]
        outside.store.put_note(_KIND, key, msgspec.msgpack.encode(kept))
    return known


def _key(distributions: Iterable[Installed], subject: Subject, target: Target, *, fresh: bool) -> str:
    parts = [target.python_text, target.platform, target.machine, str(fresh)]
    parts += [f"{d.name} {d.version} {d.key}" for d in distributions]
    parts += _lines(subject) if fresh else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _lines(subject: Subject) -> Iterable[str]:
    """The set as a requirements file, with hashes where the lock has them."""
    on_disk = {one.installed.name: one.folder for one in subject.placed}
    on_disk |= {
        name: own.source for own in subject.own if isinstance(own.source, Archive) for name, _ in own.layouts
    }
    for pin in subject.given.pins:
        if pin.name not in on_disk:
            hashes = (h for h in subject.given.hashes.get(pin.name, ()) if _HASH.fullmatch(h))
            yield " ".join((f"{pin.name}=={pin.version}", *(f"--hash={one}" for one in hashes)))
    for name, source in on_disk.items():
        path = source.whole if isinstance(source, Archive) else source.base
        yield f"{name} @ {path.absolute().as_uri()}"


def _weighed(
    verdict: Verdict, asked: Sequence[_Asked], tried: dict[str, Tried], library: Library
) -> tuple[Verdict, Trial]:
    """What was read, with what was seen: a break that was seen rests on that, one that was not is no longer fatal."""
    distributions = list(dict.fromkeys(one.distribution for one in asked))
    direct = unrequired(distributions, Baselines(library, library.outside.target))
    modules = {(one.distribution.name, path): one.module for one in asked for path in _paths(one)}
    breaks: list[Break] = []
    refuted: list[Break] = []
    for found in verdict.breaks:
        result = tried.get(modules.get((found.dependent, found.path), ""))
        if found.severity is not Severity.FATAL or result is None:
            breaks.append(found)
        elif not result.error:
            refuted.append(replace(found, severity=Severity.LATENT))
        elif _tells_of(result, found):
            breaks.append(replace(found, evidence=Evidence.IMPORTED))
        else:
            breaks.append(found)
    fatal = verdict.of(Severity.FATAL)
    failures = tuple(
        Failure(
            one.distribution.name,
            one.distribution.version,
            one.module,
            result.error,
            one.distribution.name in direct,
            _own_reason(result, asked, library),
            any(_tells_of(result, found) for found in fatal),
        )
        for one in asked
        if (result := tried[one.module]).error
    )
    order = list(Severity)
    together = sorted([*breaks, *refuted], key=lambda b: order.index(b.severity))
    return replace(verdict, breaks=tuple(together)), Trial(len(asked), failures, tuple(refuted))


def _paths(one: _Asked) -> list[str]:
    path = one.distribution.layout.modules.get(one.module)
    return [] if path is None else [path]


def _tells_of(result: Tried, found: Break) -> bool:
    """Whether an exception names what a break says is missing."""
    words = re.findall(r"\w+", found.symbol)
    return bool(words) and re.search(rf"\b{re.escape(words[-1])}\b", result.error) is not None


def _own_reason(result: Tried, asked: Iterable[_Asked], library: Library) -> bool:
    """Whether an exception is about something that no set decides."""
    kinds = set(result.kinds)
    if result.slow or not kinds & _COUNTING or kinds & _SAID_SO or "shared object file" in result.error:
        return True
    if "ModuleNotFoundError" in kinds:
        root = result.missing.partition(".")[0]
        of_the_set = any(provides(one.distribution, root) for one in asked)
        return not of_the_set and not any(provides(library.python(p), root) for p in RELEASED)
    # Python itself says which module it is about; what a package raises in its own words does not.
    return "ImportError" in kinds and not result.missing
