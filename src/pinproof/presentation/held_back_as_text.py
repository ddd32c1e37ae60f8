"""What packages of a set keep from it, for people: the oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import style

from pinproof.presentation.as_text import for_whom
from pinproof.presentation.exposure_words import held_back
from pinproof.presentation.sentences import counted, one_line, unchecked

if TYPE_CHECKING:
    from pinproof.model.exposure import HeldBackReport
    from pinproof.model.report import Circumstances, Detail

_FEW = 5


def report(found: HeldBackReport, asked: Circumstances, detail: Detail) -> str:
    """The answer of `audit --held-back`."""
    paragraphs = [
        [first, *(f"  {line}" for line in rest)] for first, *rest in map(held_back, found.held_back)
    ]
    if not detail.quiet:
        if found.not_checked:
            lines = unchecked(found.not_checked, None if detail.verbose else _FEW)
            title = f"{style('not checked', fg='magenta')}: {len(found.not_checked)}"
            paragraphs.append([title, *(f"  {line}" for line in lines)])
        paragraphs.append([_conclusion(found, asked)])
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def _conclusion(found: HeldBackReport, asked: Circumstances) -> str:
    of = f"{found.filename}: {counted(len(found.pins), 'package')} {for_whom(asked)}"
    if not found.held_back:
        return one_line(f"{of}: no package of it keeps newer releases of another out")
    names = {one.name for one in found.held_back}
    by = {one.ask.dependent for one in found.held_back}
    return one_line(f"{of}: {counted(len(names), 'package')} held back, by {counted(len(by), 'package')}")
