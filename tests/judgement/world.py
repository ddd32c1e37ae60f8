"""A tiny world in memory: a few releases with their sources and dates, and no files, index or network.

It stands where `actions.library.Library` stands, so that the judge that users get is the one that is tested:

    world = World({("b", "1", "2020-01-01"): "x = 1", ("a", "1", "2020-06-01"): "from b import x"})
    world.told({"a": "1", "b": "1"}) == []
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.actions.judging import judge
from pinproof.actions.library import library_layout
from pinproof.actions.reading import Part
from pinproof.errors import OfflineError
from pinproof.facts.compiled import Strings
from pinproof.facts.imports import read_imports
from pinproof.facts.layout import read_layout
from pinproof.facts.mentions import read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.outline import read_outline
from pinproof.facts.source import parsing
from pinproof.facts.texts import gives, may_give, quotes, writes
from pinproof.judgement.answers import PYTHON, Installed
from pinproof.judgement.environment import Environment
from pinproof.model.distribution import Layout, Metadata
from pinproof.model.release import File, Pin, Project, Release, Target, TimesFrom
from pinproof.model.verdict import NotChecked
from pinproof.sources import typeshed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.actions.fact_reader import Wanted
    from pinproof.actions.library import Library
    from pinproof.model.module import CTables, Mentions, ModuleFacts
    from pinproof.model.verdict import Break, Verdict

_PYTHON_GIVES = {"append"}
"""What is asked here of all that the standard library has."""

Sources = "str | Mapping[str, str]"
"""The members of a wheel by path; a text alone is the `__init__` of the package named as the distribution."""


@dataclass(frozen=True)
class World:
    """Releases by (name, version, day). `requires` goes by name, or by (name, version) where releases differ.

    `requires_python` goes by (name, version), `entry_points` by name. `yanked`, `unreadable` and `unreachable` hold
    releases by (name, version).
    """

    releases: Mapping[tuple[str, str, str], str | Mapping[str, str]]
    requires: Mapping[str | tuple[str, str], Sequence[str]] = field(default_factory=dict)
    python_version: tuple[int, int] = (3, 11)
    platform: str = "linux"
    requires_python: Mapping[tuple[str, str], str] = field(default_factory=dict)
    yanked: Collection[tuple[str, str]] = ()
    unreadable: Collection[tuple[str, str]] = ()
    unreachable: Collection[tuple[str, str]] = ()
    entry_points: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    with_standard_library: bool = True
    opened: dict[str, Installed] = field(default_factory=dict)
    read_so_far: dict[tuple[str, str], ModuleFacts] = field(default_factory=dict)
    notes: dict[tuple[str, str], bytes] = field(default_factory=dict)
    texts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    asked_ahead: list[str] = field(default_factory=list)
    has_helpers: bool = False
    """Whether others seem to read, so that things are asked for while they do."""
    just_read: list[tuple[str, str]] = field(default_factory=list)

    # --- what tests ask ------------------------------------------------------------------------------

    def verdict(self, pins: Mapping[str, str], direct: Iterable[str] | None = ("a",)) -> Verdict:
        """The judgement of a set; None as `direct` takes the distributions that no other requires."""
        names = None if direct is None else {canonicalize_name(name) for name in direct}
        wanted = [Pin(canonicalize_name(name), Version(version)) for name, version in pins.items()]
        others = replace(self, has_helpers=True, opened={}, read_so_far={}, notes={}, asked_ahead=[])
        found = judge(wanted, cast("Library", self), names)
        assert judge(wanted, cast("Library", others), names) == found, "what is asked ahead changes nothing"
        return found

    def breaks(self, pins: Mapping[str, str], direct: Iterable[str] | None = ("a",)) -> tuple[Break, ...]:
        """The breaks of a set."""
        return self.verdict(pins, direct).breaks

    def told(self, pins: Mapping[str, str], direct: Iterable[str] | None = ("a",)) -> list[str]:
        """The breaks in short: `fatal b.gone`."""
        return [f"{b.severity} {b.symbol}" for b in self.breaks(pins, direct)]

    def environment(self, pins: Mapping[str, str]) -> Environment:
        """The set as an import system."""
        installed = [self.distribution(canonicalize_name(n), Version(v)) for n, v in pins.items()]
        readable = [one for one in installed if isinstance(one, Installed)]
        complete = len(readable) == len(installed)
        library = self.python(self.python_version)
        return Environment(
            [library, *readable],
            self.facts,
            self.outside.target,
            complete=complete,
            strings=self.strings_have,
        )

    def write(self, pins: Mapping[str, str], folder: Path) -> Path:
        """The set as files, for Python itself to import."""
        for name, version in pins.items():
            for path, text in self._sources(name, version).items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
        return folder

    # --- what judgement asks (`judgement.compat.History`) ----------------------------------------------

    def project(self, name: NormalizedName) -> Project:
        releases = [
            Release(name, Version(version), (self._file(name, version, day),))
            for other, version, day in self.releases
            if canonicalize_name(other) == name
        ]
        return Project(name, tuple(sorted(releases, key=lambda r: r.version)), TimesFrom.INDEX)

    def distributions(self, asked: Iterable[tuple[NormalizedName, Version]]) -> list[Installed | NotChecked]:
        return [self.distribution(name, version) for name, version in asked]

    def distribution(self, name: NormalizedName, version: Version) -> Installed | NotChecked:
        key = f"{name} {version}"
        if (name, str(version)) in self.unreachable:
            raise OfflineError(f"{key} is not in the cache")
        if (name, str(version)) in self.unreadable:
            return NotChecked(key, "damaged")
        if key not in self.opened:
            sources = self._sources(name, str(version))
            metadata = Metadata(
                name,
                str(version),
                requires_dist=(required := tuple(self._required(name, str(version)))),
                provides_extra=tuple(re.findall(r"extra == '(.*?)'", " ".join(required))),
                entry_points={g: dict(v) for g, v in self.entry_points.get(name, {}).items()},
            )
            layout = read_layout(sources, is_wheel=True, texts=sources)
            self.opened[key] = Installed(name, version, key, layout, metadata)
        return self.opened[key]

    def python(self, version: tuple[int, int]) -> Installed:
        return _standard_library(version) if self.with_standard_library else _no_library(version)

    def set_all(self, asked: Iterable[tuple[Requirement, datetime]]) -> None:
        """Nothing takes long here."""
        names = [str(requirement) for requirement, _ in asked]
        self.asked_ahead.extend(name for name in names if name not in self.asked_ahead)

    def forget_sets(self) -> None:
        """There is nothing."""

    def set_of(self, requirement: Requirement, on: datetime) -> Sequence[Pin]:
        """The newest of everything on the day, without a thought for conflicts."""
        chosen: dict[NormalizedName, Version] = {}
        waiting = [requirement]
        while waiting:
            wanted = waiting.pop()
            name = canonicalize_name(wanted.name)
            allowed = [
                r.version
                for r in self.project(name).releases
                if r.upload_time is not None and r.upload_time <= on and r.version in wanted.specifier
            ]
            if name not in chosen and allowed:
                chosen[name] = allowed[-1]
                waiting += [Requirement(text) for text in self._required(name, str(allowed[-1]))]
        return [Pin(name, version) for name, version in chosen.items()]

    # --- what judging asks (`actions.library.Library`) -------------------------------------------------

    @property
    def outside(self) -> SimpleNamespace:
        target = Target(self.python_version, self.platform, "x86_64")
        return SimpleNamespace(target=target, store=self, progress=lambda stage, done, total: None)

    @property
    def reader(self) -> World:
        return self

    def open_all(
        self, pins: Sequence[Pin], *, to_judge: bool = False
    ) -> tuple[list[Installed], list[NotChecked]]:
        opened = [self.distribution(pin.name, pin.version) for pin in pins]
        readable = [one for one in opened if isinstance(one, Installed)]
        return readable, [one for one in opened if isinstance(one, NotChecked)]

    def facts(self, installed: Installed, path: str) -> ModuleFacts:
        if installed.name == PYTHON:
            return _stub(installed.version.release, path)
        return self._whole(installed.key, path)

    def imports(self, installed: Installed, path: str) -> ModuleFacts:
        source = self._sources(installed.name, str(installed.version))[path]
        with parsing():
            return read_imports(source.encode()) or self.facts(installed, path)

    def outline(self, installed: Installed, path: str) -> ModuleFacts:
        if installed.name == PYTHON or (installed.key, path) in self.read_so_far:
            return self.facts(installed, path)
        source = self._sources(installed.name, str(installed.version))[path]
        with parsing():
            return read_outline(source.encode()) or self.facts(installed, path)

    def strings_have(self, installed: Installed, module: str, name: str) -> bool | None:
        return self._strings(installed, module).have(name)

    def knows_name(self, installed: Installed, name: str) -> bool:
        return any(quotes(text, name) for text in self._texts(installed, installed.layout.modules))

    def knows_member(self, installed: Installed, name: str, beside: Collection[str]) -> bool:
        everywhere = self._texts(installed, installed.layout.modules)
        return any(writes(text, name) for text in everywhere) or any(
            gives(text, name) for text in self._texts(installed, beside)
        )

    def given(self, asked: Mapping[Installed, AbstractSet[str]]) -> dict[Installed, set[str]]:
        return {one: self._given(one, names) for one, names in asked.items()}

    def _given(self, installed: Installed, names: AbstractSet[str]) -> set[str]:
        if installed.name == PYTHON:
            return names & _PYTHON_GIVES
        texts = self._texts(installed, installed.layout.modules)
        return set().union(*(may_give(text, names) for text in texts))

    def seeking(self, installed: Installed, path: str, members: AbstractSet[str]) -> ModuleFacts:
        source = self._sources(installed.name, str(installed.version))[path]
        with parsing():
            return read_module(source.encode(), sought=members)

    def modules_with(self, installed: Installed, names: AbstractSet[str]) -> dict[str, list[str]]:
        modules = installed.layout.modules
        return {
            name: [m for m in modules if name.encode() in self._texts(installed, [m])[0]] for name in names
        }

    def compiled_may_give(self, installed: Installed, name: str) -> bool:
        return any(self._strings(installed, module).may_give(name) for module in installed.layout.extensions)

    def _texts(self, installed: Installed, modules: Iterable[str]) -> list[bytes]:
        sources = self._sources(installed.name, str(installed.version))
        return [sources[installed.layout.modules[module]].encode() for module in modules]

    def tables(self, installed: Installed, module: str) -> CTables:
        return self._strings(installed, module).tables()

    def _strings(self, installed: Installed, module: str) -> Strings:
        path = installed.layout.extensions.get(module, "")
        text = self._sources(installed.name, str(installed.version))[path] if path else ""
        return Strings(text.replace("·", "\0").encode(), module)

    def read(
        self,
        wanted: Iterable[Wanted],
        part: Part = Part.WHOLE,
        progress: object = None,
        meanwhile: Callable[[], bool] = lambda: False,
    ) -> None:
        """Everything is at hand already; what was read as a whole is known as one."""
        for want in wanted if part is Part.WHOLE else ():
            for path in want.paths:
                self._whole(want.archive, path)
        while self.has_helpers and meanwhile():
            pass

    def begin_reading(
        self, wanted: Iterable[Wanted], part: Part = Part.WHOLE, progress: object = None
    ) -> None:
        wanted = list(wanted)
        self.read(wanted, part)
        if self.has_helpers:
            self.just_read.extend((want.archive, path) for want in wanted for path in want.paths)

    def arrived(self) -> list[tuple[str, str]]:
        arrived = self.just_read.copy()
        self.just_read.clear()
        return arrived

    def knows(self, archive: str, path: str, part: Part) -> Part:
        return part

    def forget_begun(self) -> None:
        """There is nothing."""

    def note(self, kind: str, key: str) -> bytes | None:
        return self.notes.get((kind, key))

    def put_note(self, kind: str, key: str, value: bytes) -> None:
        self.notes[kind, key] = value

    def mentions(self, wanted: Iterable[Wanted], progress: object = None) -> list[dict[str, Mentions]]:
        return [self._mentions(*want.archive.rsplit(" ", 1)) for want in wanted]

    def _whole(self, archive: str, path: str) -> ModuleFacts:
        key = (archive, path)
        if key not in self.read_so_far:
            source = self._sources(*archive.rsplit(" ", 1))[path]
            with parsing():
                self.read_so_far[key] = read_module(source.encode(), stub=path.endswith(".pyi"))
        return self.read_so_far[key]

    def _mentions(self, name: str, version: str) -> dict[str, Mentions]:
        return {path: read_mentions(text.encode()) for path, text in self._sources(name, version).items()}

    # --- details ---------------------------------------------------------------------------------------

    def _sources(self, name: str, version: str) -> dict[str, str]:
        key = (canonicalize_name(name), version)
        if key not in self.texts:
            (found,) = (
                {f"{other}/__init__.py": sources} if isinstance(sources, str) else sources
                for (other, number, _), sources in self.releases.items()
                if (canonicalize_name(other), number) == key
            )
            self.texts[key] = {path: dedent(text) for path, text in found.items()}
        return self.texts[key]

    def _required(self, name: str, version: str) -> Sequence[str]:
        return self.requires.get((name, version), self.requires.get(name, ()))

    def _file(self, name: str, version: str, day: str) -> File:
        uploaded = datetime.fromisoformat(day).replace(tzinfo=UTC)
        yanked = "broken" if (name, version) in self.yanked else None
        python = self.requires_python.get((name, version))
        return File(
            f"{name}-{version}-py3-none-any.whl",
            "",
            upload_time=uploaded,
            yanked=yanked,
            requires_python=SpecifierSet(python) if python else None,
        )


def pair(
    a: str | Mapping[str, str],
    old: str | Mapping[str, str],
    new: str | Mapping[str, str],
    python_version: tuple[int, int] = (3, 11),
) -> World:
    """A world of two: `a` requires `b`, of which `old` is 1.0, there when `a` came, and `new` is 2.0."""
    return World(
        {("b", "1.0", "2020-01-01"): old, ("a", "1", "2020-06-01"): a, ("b", "2.0", "2021-01-01"): new},
        requires={"a": ["b"]},
        python_version=python_version,
    )


NEW_PAIR = {"a": "1", "b": "2.0"}
OLD_PAIR = {"a": "1", "b": "1.0"}


def imports(folder: Path, root: str) -> type[BaseException] | None:
    """Import a module with Python itself, from a folder: what it raises, or None."""
    before_path, before_modules = sys.path[:], dict(sys.modules)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(root)
    except (Exception, SystemExit) as error:
        return type(error)
    else:
        return None
    finally:
        sys.path[:] = before_path
        for name in set(sys.modules) - set(before_modules):
            del sys.modules[name]
        sys.modules.update(before_modules)


@cache
def _standard_library(version: tuple[int, int]) -> Installed:
    number = ".".join(map(str, version))
    layout = library_layout(version)
    return Installed(PYTHON, Version(number), f"python {number}", layout, Metadata(PYTHON, number))


@cache
def _no_library(version: tuple[int, int]) -> Installed:
    number = ".".join(map(str, version))
    layout = Layout({}, {}, {}, frozenset())
    return Installed(PYTHON, Version(number), "python", layout, Metadata(PYTHON, number))


@cache
def _stub(python: tuple[int, int], path: str) -> ModuleFacts:
    ((_, text),) = typeshed.Stubs(python).read([path])
    with parsing():
        return read_module(text, stub=True)
