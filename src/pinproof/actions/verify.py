"""`pinproof verify`: judge a set that somebody else made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.lock_files import seen_from
from pinproof.actions.standing import of_verdict
from pinproof.facts.locks.pinned import place
from pinproof.judgement.answers import Installed
from pinproof.model.report import Since, Verification
from pinproof.sources.folders import Folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.bases import Base
    from pinproof.actions.library import Outside, Placed
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.outside import Settings
    from pinproof.actions.own_source import OwnSource
    from pinproof.model.verdict import Break, NotChecked, Verdict


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be judged: the set, what of it lies on this machine, and the user's own source that needs it."""

    given: GivenSet
    placed: tuple[Placed, ...] = ()
    own: tuple[OwnSource, ...] = ()


def with_wheels(subject: Subject, wheels: Sequence[OwnSource]) -> Subject:
    """The set with wheels of the user's in the place of what has their names."""
    names = {name for wheel in wheels for name, _ in wheel.layouts}
    given = subject.given
    pins = tuple(pin for pin in given.pins if pin.name not in names)
    left_out = tuple(n for n in given.left_out if canonicalize_name(n.name) not in names)
    placed = tuple(one for one in subject.placed if one.installed.name not in names)
    return Subject(replace(given, pins=pins, left_out=left_out), placed, (*subject.own, *wheels))


@dataclass(frozen=True, slots=True)
class Run:
    """The wish to import the set for real: with this python, or in a fresh environment."""

    python: Path | None = None


def settings_for(given: GivenSet, settings: Settings) -> Settings:
    """The settings with the indexes that the file names, as far as the user named none."""
    return replace(
        settings,
        index_url=settings.index_url or given.index_url,
        extra_index_urls=settings.extra_index_urls or given.extra_index_urls,
    )


def verify(
    subject: Subject,
    outside: Outside,
    *,
    strict: bool = False,
    base: Base | None = None,
    run: Run | None = None,
) -> Verification:
    """Judge the set. Its roots are the distributions that no other of it requires, and all of the user's own source.

    With a `base` the verdict is on what moved since. `run`: it is imported for real, too.
    """
    given = subject.given
    library = Library(outside, subject.placed)
    try:
        own = [one for source in subject.own for one in source.installed(library)]
        verdict = _told_apart(judge(given.pins, library, own=own, complete=not given.left_out), library)
        trial = None
        if run is not None:
            from pinproof.actions.real_imports import run_trial

            verdict, trial = run_trial(subject, verdict, library, run.python)
    finally:
        library.reader.close()
    sources = _sources(verdict.breaks, subject)
    if base is not None:
        from pinproof.actions.bases import moved

        built = {n for own in subject.own if not isinstance(own.source, Folder) for n, _ in own.layouts}
        given, since = moved(given, base, built)
        verdict = since.narrowed(verdict, sources)
    return Verification(
        given.filename,
        given.pins,
        replace(verdict, not_checked=tuple(_placed(n, given) for n in verdict.not_checked)),
        of_verdict(given.pins, verdict, strict=strict, complete=not given.left_out, trial=trial),
        given.left_out,
        places=given.places,
        sources=sources,
        since=Since(base.name, base.pins) if base is not None else None,
        trial=trial,
    )


def _placed(unchecked: NotChecked, given: GivenSet) -> NotChecked:
    """With the line that pins it, if it is a distribution of the set."""
    pin = next((p for p in given.pins if unchecked.name == f"{p.name} {p.version}"), None)
    at = given.places.get(pin.name) if pin is not None else None
    if at is None:
        return unchecked
    return replace(unchecked, reason=f"{place(at.filename, at.line)}: {unchecked.reason}")


def _sources(breaks: Iterable[Break], subject: Subject) -> Mapping[tuple[NormalizedName, str], str]:
    """The files of the user's that breaks are in, as seen from here."""
    folders = {one.installed.name: one.folder for one in subject.placed if one.installed.own}
    folders |= {name: own.source for own in subject.own for name, _ in own.layouts}
    found = {}
    for one in breaks:
        folder = folders.get(one.dependent)
        if isinstance(folder, Folder):
            path = seen_from(Path.cwd(), folder.where(one.path))
            found[one.dependent, one.path] = str(path)
    return found


def _told_apart(verdict: Verdict, library: Library) -> Verdict:
    """Say of what is missing from the set whether the dependent forgot to require it, or the set to pin it."""
    return replace(verdict, breaks=tuple(_told(found, library) for found in verdict.breaks))


def _told(found: Break, library: Library) -> Break:
    if found.dependency_version is not None or found.message:
        return found
    dependent = library.distribution(found.dependent, found.dependent_version)
    if not isinstance(dependent, Installed):
        return found
    required = {canonicalize_name(Requirement(text).name) for text in dependent.metadata.requires_dist}
    if found.dependency not in required:
        return found
    return replace(
        found, message=f"{found.dependent} requires {found.dependency}, which the set does not have"
    )
