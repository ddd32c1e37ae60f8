"""Judge a lock for every target that it is for: each different set with the releases that its target gets."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pinproof.actions.forks import allowed_pythons, forks, targets
from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.markers import marker_environment
from pinproof.actions.own_source import own_sources
from pinproof.errors import InputError
from pinproof.judgement.answers import PYTHON
from pinproof.model.verdict import NotChecked, Severity, Verdict
from pinproof.sources.folders import read_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.actions.forks import Fork
    from pinproof.actions.library import Outside
    from pinproof.actions.projects import Project
    from pinproof.facts.locks import PinnedFile
    from pinproof.facts.locks.header import Site
    from pinproof.facts.locks.pinned import Unpinned
    from pinproof.judgement.answers import Installed
    from pinproof.model.release import Pin, Target
    from pinproof.model.verdict import Break
    from pinproof.sources.folders import Folder


class Judging:
    """Judges each fork of a lock with its own library; one breaks where any does."""

    def __init__(
        self, project: Project, outside: Outside, *, universal: bool, beside: Path | None = None
    ) -> None:
        self._project = project
        self._members = [member.folder for member in project.members]
        self._beside = beside or project.folder
        self._outside = outside
        self._libraries: dict[Target, Library] = {}
        self._own: dict[Target, list[Installed]] = {}
        self.direct: set[NormalizedName] = set()
        self.before: dict[NormalizedName, Pin] = {}
        self.left_out: tuple[NotChecked, ...] = ()
        self.judged: tuple[Target, ...] = ()
        self._targets = [outside.target]
        if universal:
            self._targets = targets(allowed_pythons(project.requires_python, outside.as_of))
            if not self._targets:
                raise InputError(
                    f"requires-python is {project.requires_python!r}, and no Python that can be judged is such"
                )
        self.library = self._library(self._targets[0])

    def close(self) -> None:
        for library in self._libraries.values():
            library.reader.close()

    def _library(self, target: Target) -> Library:
        if target not in self._libraries:
            self._libraries[target] = Library(replace(self._outside, target=target))
            self._own[target] = self._project.own(self._libraries[target])
        return self._libraries[target]

    def verdict(self, lock: PinnedFile) -> Verdict:
        """What breaks in any fork. On Pythons above the oldest, what Python itself took away is no more than told."""
        found: dict[Break, None] = {}
        unjudged: dict[NotChecked, None] = {}
        judged = list(forks(lock, self._targets))
        before = {name: pin.version for name, pin in self.before.items()}
        for fork in judged:
            library = self._library(fork.target)
            verdict = judge(fork.pins, library, self.direct, own=self._own_in(fork, lock), before=before)
            found |= dict.fromkeys(self._told(b, fork.target) for b in verdict.breaks)
            unjudged |= dict.fromkeys(verdict.not_checked)
        self.judged = tuple(fork.target for fork in judged)
        members = {folder.resolve() for folder in self._members}
        others = [u for u in lock.not_checked if self._folder(u) not in members]
        self.left_out = tuple(NotChecked(u.name, u.reason) for u in others)
        return Verdict(tuple(_worst(found)), tuple(unjudged))

    def _own_in(self, fork: Fork, lock: PinnedFile) -> list[Installed]:
        """The user's own source that a fork is for: of the members those that it has, unless it is for all of them."""
        own = list(self._own[fork.target])
        if self._project.source is None or not self._members:
            return own
        named = {self._folder(u) for u in lock.unchecked(marker_environment(fork.target))}
        library = self._library(fork.target)
        sources = own_sources(self._members, {pin.name for pin in fork.pins}, fork.target)
        for folder, found in zip(self._members, sources, strict=True):
            if self._project.whole or folder.resolve() in named:
                own += found.installed(library)
        return own

    def _folder(self, entry: Unpinned) -> Path | None:
        """Where what a lock names lies on this machine."""
        return (self._beside / entry.lies.path).resolve() if entry.lies and entry.lies.path else None

    def _told(self, found: Break, target: Target) -> Break:
        if found.dependency != PYTHON or target.python == self._targets[0].python:
            return found
        return replace(found, severity=Severity.LATENT)

    def uses(self, site: Site) -> bool:
        """Whether the user's own source still mentions what a bound was there for."""
        last = site.symbol.partition("(")[0].rpartition(".")[2].encode()
        having = [source for source in self._sources if site.path in source.names]
        return any(last in content for source in having for _, content in source.read([site.path]))

    @cached_property
    def _sources(self) -> list[Folder]:
        """The user's own source, with that of members."""
        if self._project.source is None:
            return []
        members = [read_source(m, without=[o for o in self._members if o != m]) for m in self._members]
        return [self._project.source, *members]


def _worst(breaks: Iterable[Break]) -> Iterator[Break]:
    """Each break once, though several forks have it; the worst first."""
    order = list(Severity)
    seen: set[tuple[object, ...]] = set()
    for found in sorted(breaks, key=lambda b: order.index(b.severity)):
        key = (
            found.dependent,
            found.dependent_version,
            found.dependency,
            found.dependency_version,
            found.symbol,
        )
        if key not in seen:
            seen.add(key)
            yield found
