"""Releases that have only a source distribution: their metadata is read, not built, so that uv can take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.facts.wheels import best_sdist, installable_wheel
from pinproof.judgement.answers import Installed
from pinproof.sources.stand_ins import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library
    from pinproof.model.release import Release

_AT_MOST = 6
"""Each release costs a download; the newest ones are those that a resolver would take."""


def stand_ins_for(
    name: NormalizedName, specifier: SpecifierSet, library: Library, *, above_wheels: bool
) -> Iterator[StandIn]:
    """The newest releases that are admitted and have no wheel; `above_wheels`: only those newer than any wheel."""
    found = 0
    for release in reversed(library.project(name).releases):
        if not _is_candidate(release, specifier):
            continue
        if installable_wheel(release.files, library.outside.target) is not None:
            if above_wheels:
                return
            continue
        if found == _AT_MOST:
            return
        found += 1
        yield from _stand_in(release, library)


def _is_candidate(release: Release, specifier: SpecifierSet) -> bool:
    """Pre-releases and what is yanked are for those who pin them (PEP 440, PEP 592)."""
    if any(clause.operator in ("==", "===") and "*" not in clause.version for clause in specifier):
        return specifier.contains(release.version, prereleases=True)
    in_good_standing = release.yanked is None and not release.version.is_prerelease
    return in_good_standing and specifier.contains(release.version)


def _stand_in(release: Release, library: Library) -> Iterator[StandIn]:
    file = best_sdist(release.files)
    opened = library.distribution(release.name, release.version)
    if file is not None and file.sha256 is not None and isinstance(opened, Installed):
        yield StandIn(opened.metadata, file)
