"""`pinproof verify`: judge a set that somebody else made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.standing import of_verdict
from pinproof.model.report import Verification

if TYPE_CHECKING:
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.outside import Settings


def settings_for(given: GivenSet, settings: Settings) -> Settings:
    """The settings with the indexes that the file names, as far as the user named none."""
    return replace(
        settings,
        index_url=settings.index_url or given.index_url,
        extra_index_urls=settings.extra_index_urls or given.extra_index_urls,
    )


def verify(given: GivenSet, outside: Outside, *, strict: bool = False) -> Verification:
    """Judge the set. Its roots are the distributions that no other of the set requires."""
    library = Library(outside)
    try:
        verdict = judge(given.pins, library)
    finally:
        library.reader.close()
    status = of_verdict(given.pins, verdict, strict=strict, complete=not given.left_out)
    return Verification(given.filename, given.pins, verdict, status, given.left_out)
