"""`pinproof verify`: judge a set that somebody else made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.standing import of_verdict
from pinproof.judgement.answers import Installed
from pinproof.model.report import Verification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.actions.library import Outside, Placed
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.outside import Settings
    from pinproof.model.verdict import Break, Verdict


def settings_for(given: GivenSet, settings: Settings) -> Settings:
    """The settings with the indexes that the file names, as far as the user named none."""
    return replace(
        settings,
        index_url=settings.index_url or given.index_url,
        extra_index_urls=settings.extra_index_urls or given.extra_index_urls,
    )


def verify(
    given: GivenSet, outside: Outside, *, strict: bool = False, placed: Sequence[Placed] = ()
) -> Verification:
    """Judge the set. Its roots are the distributions that no other of the set requires.

    `placed`: the set is installed, and this is what is on disk.
    """
    library = Library(outside, placed)
    try:
        verdict = _told_apart(judge(given.pins, library), library)
    finally:
        library.reader.close()
    status = of_verdict(given.pins, verdict, strict=strict, complete=not given.left_out)
    return Verification(given.filename, given.pins, verdict, status, given.left_out, given.places)


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
