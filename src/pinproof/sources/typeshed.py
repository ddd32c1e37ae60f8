"""The standard library of each Python version, as the stubs of typeshed describe it.

Of what older Pythons had beyond that, `sources.earlier` knows.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import OutsideError
from pinproof.sources import earlier
from pinproof.sources.stub_text import as_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE = re.compile(r"^([\w.]+):\s*(\d+)\.(\d+)-(?:(\d+)\.(\d+))?")
_ENDLESS = (99, 0)


@cache
def _folder() -> Path:
    """Where the stubs lie: found without loading `typeshed_client` itself, of which nothing else is needed."""
    spec = find_spec("typeshed_client")
    if spec is None or not spec.submodule_search_locations:
        raise OutsideError("typeshed cannot be found", "Reinstall pinproof.")
    return Path(spec.submodule_search_locations[0]) / "typeshed"


@cache
def _release() -> str:
    """The release of the stubs, by the folder that installing it made; `importlib.metadata` takes long to load."""
    found = [path.name for path in _folder().parents[1].glob("typeshed_client-*.dist-info")]
    if len(found) == 1:
        return found[0].removeprefix("typeshed_client-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version("typeshed-client")


@cache
def _spans() -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
    """Module -> first and last Python that has it, both inclusive (the file `VERSIONS`)."""
    spans = {}
    for line in _read(Path("VERSIONS")).decode().splitlines():
        if found := _LINE.match(line):
            name, *numbers = found.groups()
            first = (int(numbers[0]), int(numbers[1]))
            spans[name] = (first, (int(numbers[2]), int(numbers[3])) if numbers[2] else _ENDLESS)
    return spans


def modules(python: tuple[int, int]) -> dict[str, str]:
    """The modules of this Python: import name -> path of the stub among `stubs`."""
    found = {}
    for path in _stubs():
        name = _module(path)
        if _is_in(name, python):
            found[name] = path
    gone = {name: span for name, span in earlier.modules().items() if span[0] <= python <= span[1]}
    parents = {name.rpartition(".")[0] for name in gone}
    for name in gone:
        found.setdefault(name, name.replace(".", "/") + ("/__init__.pyi" if name in parents else ".pyi"))
    return found


def _module(path: str) -> str:
    return path.removesuffix(".pyi").removesuffix("/__init__").replace("/", ".")


def _is_in(module: str, python: tuple[int, int]) -> bool:
    """A module that is not listed lives as long as its parent."""
    spans = _spans()
    while module:
        if module in spans:
            first, last = spans[module]
            return first <= python <= last
        module = module.rpartition(".")[0]
    return False


@cache
def _stubs() -> dict[str, None]:
    root = _folder()
    return dict.fromkeys(sorted(p.relative_to(root).as_posix() for p in root.rglob("*.pyi")))


def unlisted() -> frozenset[str]:
    """Modules of the running Python of which nothing is described, such as `test`."""
    known = {name.partition(".")[0] for name in _spans()} | set(earlier.modules())
    return frozenset(sys.stdlib_module_names) - known


@dataclass(frozen=True, slots=True)
class Stubs:
    """The stubs for one Python as an archive to read from (compare `sources.archive.Archive`).

    `as_written`: with what is for other Pythons, too, which is found out by parsing, and with what else this one had as
    words. So they can be looked through.
    """

    python: tuple[int, int]
    as_written: bool = False

    @property
    def key(self) -> str:
        """A key that changes with the stubs."""
        number = ".".join(map(str, self.python))
        return f"typeshed-{_release()}-{earlier.edition()}-{number}{' as written' if self.as_written else ''}"

    def part(self, names: Iterable[str]) -> Stubs:  # noqa: ARG002
        """What another process needs to read these: what there is."""
        return self

    def ensure(self, names: Iterable[str], fetcher: object) -> None:
        """They are always here."""

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Path and text of these stubs."""
        for name in names:
            stub = _read(Path(name)) if name in _stubs() else b""
            more = earlier.extras(_module(name), self.python)
            yield name, stub + _words(more) if self.as_written else as_on(self.python, stub, more)


def _words(more: earlier.Extras) -> bytes:
    words = [*more.names, *more.functions, *more.functions.values()]
    words += [word for members in more.in_classes.values() for word in members]
    return "\n".join(["", *words]).encode()


def _read(path: Path) -> bytes:
    try:
        return (_folder() / path).read_bytes()
    except OSError as error:
        raise OutsideError(f"typeshed cannot be read: {error}", "Reinstall pinproof.") from error
