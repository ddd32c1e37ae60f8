"""Releases that uv would not take by itself: their metadata is read, not built, and put right (`sources.stand_ins`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.actions.library import seen_by
from pinproof.facts.wheels import best_sdist, installable_wheel
from pinproof.judgement.answers import Installed
from pinproof.sources.stand_ins import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.model.release import File, Pin, Release

_AT_MOST = 6
"""Each release costs a download; the newest ones are those that a resolver would take."""


def stand_ins_for(
    name: NormalizedName,
    specifier: SpecifierSet,
    library: Library,
    *,
    above_wheels: bool,
    before: datetime | None = None,
) -> Iterator[StandIn]:
    """The newest releases that are admitted and have no wheel; `above_wheels`: only those newer than any wheel.

    `before`: they must have been uploaded before that moment.
    """
    found = 0
    for release in reversed(seen_by(library.project(name), before).releases):
        if not _is_candidate(release, specifier):
            continue
        if installable_wheel(release.files, library.outside.target) is not None:
            if above_wheels:
                return
            continue
        if found == _AT_MOST:
            return
        found += 1
        yield from _stand_in(release, best_sdist(release.files), library)


def readable_stand_ins(name: NormalizedName, newest: Version, library: Library) -> Iterator[StandIn]:
    """The releases up to one whose metadata uv refuses, those with a wheel: where one is wrong, its neighbours are."""
    upwards = [r for r in library.project(name).releases if r.version <= newest and r.yanked is None]
    for release in upwards[-_AT_MOST:]:
        yield from _stand_in(release, installable_wheel(release.files, library.outside.target), library)


def stand_ins_of(pins: Iterable[Pin], library: Library) -> list[StandIn]:
    """Those for the pins of a set that would have to be built."""
    found: list[StandIn] = []
    for pin in pins:
        release = library.project(pin.name).release(pin.version)
        if release is not None and installable_wheel(release.files, library.outside.target) is None:
            found += _stand_in(release, best_sdist(release.files), library)
    return found


def _is_candidate(release: Release, specifier: SpecifierSet) -> bool:
    """Pre-releases and what is yanked are for those who pin them (PEP 440, PEP 592)."""
    if any(clause.operator in ("==", "===") and "*" not in clause.version for clause in specifier):
        return specifier.contains(release.version, prereleases=True)
    in_good_standing = release.yanked is None and not release.version.is_prerelease
    return in_good_standing and specifier.contains(release.version)


def _stand_in(release: Release, file: File | None, library: Library) -> Iterator[StandIn]:
    opened = library.distribution(release.name, release.version)
    if file is not None and file.sha256 is not None and isinstance(opened, Installed):
        yield StandIn(opened.metadata, file)
