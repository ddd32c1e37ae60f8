"""The shelf that judgement takes from: releases opened, their facts read, or remembered from before.

It answers the questions of `judgement.compat.History` and gives `judgement.environment` its facts.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.actions.fact_reader import FactReader, Wanted
from pinproof.actions.reading import Part
from pinproof.errors import ArchiveError, NotFoundError
from pinproof.facts.layout import is_auxiliary
from pinproof.facts.locks import read_lock
from pinproof.facts.texts import gives, quotes, writes
from pinproof.facts.wheels import best_file
from pinproof.judgement.answers import PYTHON, Installed
from pinproof.model.distribution import Layout, Metadata
from pinproof.model.module import CTables
from pinproof.model.release import File, Pin, Project, Release, TimesFrom
from pinproof.model.verdict import NotChecked
from pinproof.sources import typeshed
from pinproof.sources.cache_files import file_key
from pinproof.sources.folders import Folder
from pinproof.sources.urls import without_credentials
from pinproof.sources.uv import Solved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
    from concurrent.futures import Future, ThreadPoolExecutor
    from datetime import datetime

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from pinproof.model.module import ModuleFacts
    from pinproof.model.release import Target
    from pinproof.sources.archive import Archive
    from pinproof.sources.fetch import Fetcher
    from pinproof.sources.index import Index
    from pinproof.sources.store import Store
    from pinproof.sources.typeshed import Stubs
    from pinproof.sources.uv import Uv

_OPENING_AT_ONCE = 16
_RESOLVING_AT_ONCE = 4
_MANY = 40
"""Releases that were never looked at: so many have more to read than one core should."""


class _Shelved(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of an archive."""

    layout: Layout
    metadata: Metadata
    built: bool


# Several threads open archives, and msgspec crashes where they are the first to decode a type.
_decode_shelved = msgspec.msgpack.Decoder(_Shelved).decode
_decode_file = msgspec.msgpack.Decoder(tuple[str, str, str]).decode


@dataclass(frozen=True, slots=True)
class Outside:
    """The world that a command works with."""

    fetcher: Fetcher
    index: Index
    store: Store
    uv: Uv
    target: Target
    as_of: datetime | None = None
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None  # noqa: ARG005


@dataclass(frozen=True, slots=True)
class Placed:
    """A distribution of the set that is read from disk. `in_index`: its past is that of the index.

    `requested` and `origin` as in `sources.environment.OnDisk`.
    """

    installed: Installed
    folder: Folder | Archive
    in_index: bool = True
    requested: bool = False
    origin: str = ""


class Library:
    """Releases and facts for one run.

    `placed` are the distributions of the set that were read from disk. Of the past, the index tells.
    """

    def __init__(self, outside: Outside, placed: Sequence[Placed] = ()) -> None:
        self.outside = outside
        self._placed = {one.installed.name: one.installed for one in placed}
        self._opened: dict[tuple[NormalizedName, Version], Installed | NotChecked] = {
            (one.name, one.version): one for one in self._placed.values()
        }
        self._projects: dict[NormalizedName, Project] = {}
        self._files: dict[str, File] = {}
        self._pythons: dict[tuple[int, int], Installed] = {}
        self._archives: dict[str, Archive | Folder] = {one.folder.key: one.folder for one in placed}
        self._local_sources: dict[str, Stubs | Folder | Archive] = {}
        self._sets: dict[tuple[str, datetime], tuple[Pin, ...]] = {}
        self._being_resolved: dict[tuple[str, datetime], Future[tuple[Pin, ...]]] = {}
        self._projects.update(
            (name, Project(name, ())) for name in (p.installed.name for p in placed if not p.in_index)
        )
        self.reader = FactReader(outside.store, self._local)

    def facts(self, installed: Installed, path: str) -> ModuleFacts:
        """What the source of a member says."""
        return self.reader.facts(installed.key, path)

    def imports(self, installed: Installed, path: str) -> ModuleFacts:
        """What importing a member imports, and perhaps more."""
        return self.reader.facts(installed.key, path, Part.IMPORTS)

    def outline(self, installed: Installed, path: str) -> ModuleFacts:
        """What a member offers, and perhaps more."""
        return self.reader.facts(installed.key, path, Part.OUTLINE)

    def strings_have(self, installed: Installed, module: str, name: str) -> bool | None:
        """Whether a name is among the strings of a compiled module (see `facts.compiled`)."""
        path = installed.layout.extensions.get(module, "")
        return (
            self.reader.strings_have(installed.key, path, module, name) if path and installed.built else None
        )

    def tables(self, installed: Installed, module: str) -> CTables:
        """What a compiled module may import by C (see `facts.compiled`)."""
        path = installed.layout.extensions.get(module, "")
        return self.reader.tables(installed.key, path, module) if path and installed.built else CTables()

    def knows_name(self, installed: Installed, name: str) -> bool:
        """Whether a name stands as a string in any module but those of tests and examples (see `facts.texts`)."""
        return self._any_text("quoted-1", installed, looked_through(installed), name, quotes)

    def knows_member(self, installed: Installed, name: str, beside: Collection[str]) -> bool:
        """Whether one of these modules binds a name or has it as a string, or any module writes to it."""
        if self._any_text("written-1", installed, looked_through(installed), name, writes):
            return True
        paths = [path for module, path in installed.layout.modules.items() if module in beside]
        return self._any_text("given-1", installed, paths, name, gives)

    def _any_text(
        self,
        kind: str,
        installed: Installed,
        paths: Iterable[str],
        name: str,
        says: Callable[[bytes, str], bool],
    ) -> bool:
        return self.reader.any_text(kind, Wanted(installed.key, list(paths)), name, says)

    def given(self, asked: Mapping[Installed, Set[str]]) -> dict[Installed, set[str]]:
        """Of the names asked for, those that the modules of each distribution may give to anything."""
        wanted = [
            (Wanted(self._to_look_through(one), list(looked_through(one))), n) for one, n in asked.items()
        ]
        told = self.reader.given(
            wanted, lambda done, total: self.outside.progress("Looking through", done, total)
        )
        return dict(zip(asked, told, strict=True))

    def _to_look_through(self, installed: Installed) -> str:
        """The key of what is looked through: of Python the stubs as they are written, for a quick look."""
        if installed.name != PYTHON:
            return installed.key
        major, minor = installed.version.release[:2]
        stubs = typeshed.Stubs((major, minor), as_written=True)
        self._local_sources[stubs.key] = stubs
        return stubs.key

    def seeking(self, installed: Installed, path: str, members: Set[str]) -> ModuleFacts:
        """The facts of a member, with what takes one of these members of something untraced among the uses."""
        # Not loaded where all facts are remembered.
        from pinproof.facts.module import read_module
        from pinproof.facts.source import parsing

        with parsing():
            return read_module(self.source(installed, path), sought=members)

    def modules_with(self, installed: Installed, names: Set[str]) -> dict[str, list[str]]:
        """For each name the modules whose text has it in it; none for tests and examples."""
        modules = looked_through(installed)
        with suppress(ArchiveError):
            found = self.reader.texts_with(Wanted(installed.key, list(modules)), names)
            return {name: [modules[path] for path in paths] for name, paths in found.items()}
        return {name: [] for name in names}

    def compiled_may_give(self, installed: Installed, name: str) -> bool:
        """Whether a compiled module of a distribution may give a name to anything."""
        if installed.layout.extensions and not installed.built:
            return True
        return any(
            self.reader.may_give(installed.key, path, module, name)
            for module, path in installed.layout.extensions.items()
        )

    def source(self, installed: Installed, path: str) -> bytes:
        """The text of a member."""
        return next(text for _, text in self._local(installed.key, (path,)).read((path,)))

    def project(self, name: NormalizedName) -> Project:
        """The releases that could be seen on the date asked for; none where the index has no such project."""
        if name not in self._projects:
            try:
                project = self.outside.index.project(name)
            except NotFoundError:
                project = Project(name, ())
            self._projects[name] = seen_by(project, self.outside.as_of)
        return self._projects[name]

    def distribution(self, name: NormalizedName, version: Version) -> Installed | NotChecked:
        """One release, ready to be judged."""
        return self.open(Pin(name, version))

    def distributions(self, asked: Iterable[tuple[NormalizedName, Version]]) -> list[Installed | NotChecked]:
        """Several releases in their order, opened at once."""
        pins = [Pin(name, version) for name, version in asked]
        list(self._opened_at_once([pin for pin in dict.fromkeys(pins) if not self._is_open(pin)]))
        return [self.open(pin) for pin in pins]

    def open(self, pin: Pin) -> Installed | NotChecked:
        """The distribution that would be installed for a pin on the target."""
        key = (pin.name, pin.version)
        if key not in self._opened:
            try:
                self._opened[key] = self._open(pin)
            except (ArchiveError, NotFoundError) as error:
                self._opened[key] = NotChecked(f"{pin.name} {pin.version}", error.message)
        return self._opened[key]

    def open_all(
        self, pins: Sequence[Pin], *, to_judge: bool = False
    ) -> tuple[list[Installed], list[NotChecked]]:
        """Those of a set, several at once and in the order given; what is on disk is read there, and comes first.

        Where they are opened `to_judge` them, others begin to look through the first while the last are opened.
        """
        pins = [pin for pin in pins if pin.name not in self._placed]
        waiting = [pin for pin in pins if not self._is_open(pin)]
        many = len(waiting) >= _MANY
        if many:
            self.reader.begin()
        for one in self._opened_at_once(waiting):
            if to_judge and many and isinstance(one, Installed):
                self.reader.begin_looking_through(Wanted(one.key, list(looked_through(one))))
        opened = [self.open(pin) for pin in pins]
        readable = [one for one in opened if isinstance(one, Installed)]
        return [*self._placed.values(), *readable], [one for one in opened if isinstance(one, NotChecked)]

    def _opened_at_once(self, pins: Sequence[Pin]) -> Iterator[Installed | NotChecked]:
        """Those in their order, each when it is open; most of the time is spent waiting."""
        if not pins:
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_OPENING_AT_ONCE) as threads:
            for number, one in enumerate(threads.map(self.open, pins), 1):
                self.outside.progress("Opening", number, len(pins))
                yield one

    def _is_open(self, pin: Pin) -> bool:
        """Whether a release is open; so is one that is remembered, by a look at the store alone."""
        if (pin.name, pin.version) not in self._opened:
            file = best_file(pin.files, self.outside.target) if pin.files else self._kept_file(pin)
            shelved = self._shelved(file_key(file.url, file.sha256)) if file else None
            if file is None or shelved is None:
                return False
            self._opened[pin.name, pin.version] = self._installed(pin, file, shelved)
        return True

    def _open(self, pin: Pin) -> Installed | NotChecked:
        file = best_file(pin.files, self.outside.target) if pin.files else self._listed_file(pin)
        if file is None:
            return NotChecked(
                f"{pin.name} {pin.version}", "the index has no wheel or source distribution of it"
            )
        key = file_key(file.url, file.sha256)
        return self._installed(pin, file, self._shelved(key) or self._shelve(key, file, pin))

    def _installed(self, pin: Pin, file: File, shelved: _Shelved) -> Installed:
        key = file_key(file.url, file.sha256)
        self._files[key] = file
        return Installed(pin.name, pin.version, key, shelved.layout, shelved.metadata, shelved.built)

    def _place(self, pin: Pin) -> str:
        """What the file of a release depends on."""
        target = self.outside.target
        parts = (*self.outside.index.places, pin.name, str(pin.version), target.python_text, target.platform)
        return " ".join((*parts, target.machine))

    def _kept_file(self, pin: Pin) -> File | None:
        """The file of a release, if it was found out before."""
        kept = self.outside.store.note("file", self._place(pin))
        return None if kept is None else File(*_decode_file(kept))

    def _listed_file(self, pin: Pin) -> File | None:
        """The file of a release that the index lists; which one it is was perhaps found out before."""
        if (kept := self._kept_file(pin)) is not None:
            return kept
        target = self.outside.target
        release = self.project(pin.name).release(pin.version)
        file = best_file(release.files, target) if release else None
        if file is not None and file.sha256 is not None:
            blob = msgspec.msgpack.encode((file.filename, without_credentials(file.url), file.sha256))
            self.outside.store.put_note("file", self._place(pin), blob)
        return file

    def _shelved(self, key: str) -> _Shelved | None:
        blob = self.outside.store.note("distribution", key)
        return None if blob is None else _decode_shelved(blob)

    def _shelve(self, key: str, file: File, pin: Pin) -> _Shelved:
        # Not loaded where all archives are remembered.
        from pinproof.actions.describing import open_and_describe

        fetcher = self.outside.fetcher
        opened = self.reader.crew.opened(file, pin, fetcher.cache) or open_and_describe(file, pin, fetcher)
        archive, layout, metadata = opened
        self._archives[key] = archive
        shelved = _Shelved(layout, metadata, file.is_wheel)
        self._keep(key, shelved)
        return shelved

    def _keep(self, key: str, shelved: _Shelved) -> None:
        self.outside.store.put_note("distribution", key, msgspec.msgpack.encode(shelved))

    def own(self, source: Folder | Archive, layout: Layout, metadata: Metadata) -> Installed:
        """The user's own source, ready to be judged."""
        self._local_sources[source.key] = source
        if isinstance(source, Folder):
            # What was read of a text stays true of it when other files of the folder change.
            self.reader.take_over(source.key, source)
        version = Version(metadata.version)
        return Installed(canonicalize_name(metadata.name), version, source.key, layout, metadata, own=True)

    def _archive(self, key: str) -> Archive | Stubs | Folder:
        if key in self._local_sources:
            return self._local_sources[key]
        if key not in self._archives:
            from pinproof.sources.archive import open_archive

            self._archives[key] = open_archive(self._files[key], self.outside.fetcher)
        return self._archives[key]

    def python(self, version: tuple[int, int]) -> Installed:
        """The standard library of a Python as a distribution named `python`."""
        if version not in self._pythons:
            self._pythons[version] = self._python(version)
        return self._pythons[version]

    def _python(self, version: tuple[int, int]) -> Installed:
        stubs = typeshed.Stubs(version)
        key = stubs.key
        self._local_sources[key] = stubs
        number = ".".join(map(str, version))
        shelved = self._shelved(key)
        if shelved is None:
            shelved = _Shelved(library_layout(version), Metadata(PYTHON, number), built=True)
            self._keep(key, shelved)
        return Installed(PYTHON, Version(number), key, shelved.layout, shelved.metadata)

    def _local(self, key: str, paths: Sequence[str]) -> Archive | Stubs | Folder:
        """An archive with these members on the local disk."""
        archive = self._archive(key)
        archive.ensure(paths, self.outside.fetcher)
        return archive

    def set_all(self, asked: Iterable[tuple[Requirement, datetime]]) -> None:
        """Have it found out what requirements resolved to on their days, several at once, until somebody asks."""
        for requirement, on in asked:
            key = (str(requirement), on)
            if key not in self._sets and key not in self._being_resolved:
                self._being_resolved[key] = self._resolving.submit(self._resolved, requirement, on)

    @cached_property
    def _resolving(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(_RESOLVING_AT_ONCE)

    def forget_sets(self) -> None:
        """Leave what nobody has asked for, as far as it is not begun."""
        for begun in self._being_resolved.values():
            begun.cancel()
        self._being_resolved.clear()

    def set_of(self, requirement: Requirement, on: datetime) -> tuple[Pin, ...]:
        """What a requirement resolved to on a day; empty where it did not."""
        key = (str(requirement), on)
        if key not in self._sets:
            begun = self._being_resolved.pop(key, None)
            self._sets[key] = begun.result() if begun else self._resolved(requirement, on)
        return self._sets[key]

    def _resolved(self, requirement: Requirement, on: datetime) -> tuple[Pin, ...]:
        answer = self.outside.uv.compile(
            # What was uploaded at that very moment is left out, and the project itself was.
            [str(requirement)],
            exclude_newer=on + timedelta(seconds=1),
            python_version=self.outside.target.python_text,
        )
        if not isinstance(answer, Solved):
            return ()
        return tuple(one.pin for one in read_lock(answer.pylock, "pylock.toml").locked)


def looked_through(installed: Installed) -> dict[str, str]:
    """The members that are worth a look for what they import, and their modules: none for tests and examples."""
    modules = installed.layout.modules.items()
    return {path: module for module, path in modules if installed.own or not is_auxiliary(module)}


def seen_by(project: Project, as_of: datetime | None) -> Project:
    """The project as it was on a date: what was uploaded later is left out, file by file."""
    if as_of is None or project.times_from is TimesFrom.NOWHERE:
        return project
    releases = []
    for release in project.releases:
        files = tuple(f for f in release.files if f.upload_time is not None and f.upload_time < as_of)
        if files:
            releases.append(Release(release.name, release.version, files))
    return Project(project.name, tuple(releases), project.times_from, project.standing)


def library_layout(python: tuple[int, int]) -> Layout:
    """What the standard library of a Python puts on the import path."""
    found = typeshed.modules(python)
    packages = frozenset(name for name, path in found.items() if path.endswith("/__init__.pyi"))
    return Layout(found, {}, dict.fromkeys(typeshed.unlisted(), ""), packages)
