"""Judge a lock for every target that it is for: each different set with the releases that its target gets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.actions.forks import allowed_pythons, forks, targets
from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.errors import InputError
from pinproof.judgement.answers import PYTHON
from pinproof.model.verdict import NotChecked, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Outside
    from pinproof.actions.projects import Project
    from pinproof.facts.locks import PinnedFile
    from pinproof.facts.locks.header import Site
    from pinproof.judgement.answers import Installed
    from pinproof.model.release import Pin, Target
    from pinproof.model.verdict import Break


class Judging:
    """Judges each fork of a lock with its own library; one breaks where any does."""

    def __init__(self, project: Project, outside: Outside, *, universal: bool) -> None:
        self._project = project
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
            verdict = judge(fork.pins, library, self.direct, own=self._own[fork.target], before=before)
            found |= dict.fromkeys(self._told(b, fork.target) for b in verdict.breaks)
            unjudged |= dict.fromkeys(verdict.not_checked)
        self.judged = tuple(fork.target for fork in judged)
        self.left_out = tuple(NotChecked(u.name, u.reason) for u in lock.not_checked)
        return Verdict(tuple(_worst(found)), tuple(unjudged))

    def _told(self, found: Break, target: Target) -> Break:
        if found.dependency != PYTHON or target.python == self._targets[0].python:
            return found
        return replace(found, severity=Severity.LATENT)

    def uses(self, site: Site) -> bool:
        """Whether the user's own source still mentions what a bound was there for."""
        last = site.symbol.partition("(")[0].rpartition(".")[2].encode()
        source = self._project.source
        if source is None or site.path not in source.names:
            return False
        return any(last in content for _, content in source.read([site.path]))


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
