"""`pinproof audit`: what blocks fixes, `--fix` and `--held-back`, to the terminal and to files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.advisories import Advisories
    from pinproof.actions.audit import Terms
    from pinproof.actions.audit_remedies import Remedies
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.advisory import Vulnerability
    from pinproof.model.audit import Audit
    from pinproof.model.report import Circumstances


def with_exposures(found: Audit, remedies: Remedies, terminal: Terminal) -> Audit:
    """The audit with what can be said about its vulnerable pins; it stands where the outside world refuses that."""
    if not found.vulnerabilities:
        return found
    try:
        exposures = remedies.of(found.vulnerabilities)
    except OutsideError as error:
        terminal.warning(f"what keeps the fixes out could not be told: {error.message}")
        return found
    return replace(found, exposures={one.name: one for one in exposures})


def show_held_back(
    given: GivenSet,
    outside: Outside,
    circumstances: Circumstances,
    common: Common,
    terminal: Terminal,
    is_lock: bool,
) -> int:
    """Tell what packages of a set keep from it. 0 where all of it could be looked at."""
    from pinproof.actions.audit_remedies import Remedies
    from pinproof.presentation import exposures_as_json, held_back_as_text

    remedies = Remedies(given, outside, None, is_lock=is_lock)
    try:
        found = remedies.held_back()
    finally:
        remedies.close()
    terminal.close_progress()
    shown = exposures_as_json.held_back if common.as_json else held_back_as_text.report
    terminal.result(shown(found, circumstances, common.detail()))
    return 1 if found.not_checked else 0


def mended(
    given: GivenSet,
    outside: Outside,
    advisories: Advisories,
    terms: Terms,
    circumstances: Circumstances,
    common: Common,
    terminal: Terminal,
    *,
    dry_run: bool,
) -> int:
    """Let fixed releases in, and tell what is left. 0 where nothing is."""
    from pinproof.actions.audit import audit_set
    from pinproof.actions.audit_fix import Words, mend
    from pinproof.presentation import exposures_as_json, mended_as_text
    from pinproof.presentation.audit_words import badness
    from pinproof.presentation.exposure_words import compatible
    from pinproof.presentation.sentences import sentence
    from pinproof.sources.replacing import replace_unchanged

    def look(now: GivenSet) -> Sequence[Vulnerability]:
        return sorted(audit_set(now, advisories, terms).vulnerabilities, key=badness)

    def affected(name: NormalizedName, version: Version) -> bool:
        return any(one.affects(version) for one in advisories.on(name))

    found, now = mend(Path(given.filename), outside, look, affected, Words(sentence, compatible))
    left = audit_set(now, advisories, terms)
    terminal.close_progress()
    terminal.warn_of_store(outside.store.problem)
    if found.files and not dry_run:
        replace_unchanged({Path(path): pair for path, pair in found.files.items()}, Path(found.folder))
    shown = exposures_as_json.mended if common.as_json else mended_as_text.report
    terminal.result(shown(found, left, circumstances, common.detail(), dry_run=dry_run))
    return left.status.exit_code
