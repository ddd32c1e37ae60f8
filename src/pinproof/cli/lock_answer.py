"""What becomes of a lock that was found: it is written, or only shown; then it is told, and gives an exit code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pinproof.actions.lock import Lock
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.report import Circumstances, LockReport


@dataclass(frozen=True, slots=True)
class Manner:
    """How the answer is wanted."""

    check: bool
    diff: bool
    explain: bool


def answered(
    found: Lock,
    files: Mapping[Path, bytes],
    manner: Manner,
    asked: Common,
    terminal: Terminal,
    circumstances: Circumstances | None = None,
) -> int:
    """Replace the files by what they should hold, unless there is no set or only a look was asked for.

    The first of them is the lock.
    """
    from pinproof.actions.lock_files import content
    from pinproof.model.report import Written
    from pinproof.presentation import as_json, as_text
    from pinproof.presentation.difference import difference
    from pinproof.sources.replacing import replace_files

    report = _report(found, next(iter(files)))
    if found.content:
        before = {path: content(path) if path.exists() else b"" for path in files}
        moved = {path: text for path, text in files.items() if before[path] != text}
        only_shown = manner.check or manner.diff
        written = Written.UNCHANGED if not moved else Written.DIFFERENT if only_shown else Written.WRITTEN
        report = replace(report, written=written)
        if written is Written.DIFFERENT:
            shown = [difference(str(path), before[path], text) for path, text in moved.items()]
            report = replace(report, difference="\n".join(shown))
        if written is Written.WRITTEN:
            replace_files(moved)
    shown_as = as_json.lock if asked.as_json else as_text.lock
    detail = asked.detail(explain=manner.explain)
    if text := shown_as(report, circumstances or asked.circumstances(), detail):
        terminal.result(text)
    return max(report.status.exit_code, 1 if manner.check and report.written is Written.DIFFERENT else 0)


def _report(found: Lock, path: Path) -> LockReport:
    from pinproof.actions.standing import of_lock
    from pinproof.model.report import LockReport, Written

    return LockReport(
        filename=str(path),
        written=Written.NOT_WRITTEN,
        outcome=found.outcome,
        bounds=tuple((str(b.requirement), b.reasons) for b in found.bounds),
        plain=found.plain,
        before=found.before,
        status=of_lock(found.outcome, found.left_out),
        left_out=found.left_out,
        judged=found.judged,
        warnings=found.warnings,
    )
