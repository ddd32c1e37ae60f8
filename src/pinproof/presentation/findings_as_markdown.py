"""Findings as Markdown, for a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import unstyle

from pinproof.presentation.as_markdown import MOST, escaped, not_checked
from pinproof.presentation.findings_as_text import conclusion, fixable
from pinproof.presentation.placed import placed
from pinproof.presentation.sentences import and_more

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.model.check_report import Checked
    from pinproof.model.report import Detail
    from pinproof.presentation.placed import Placed


def findings(checked: Checked, detail: Detail) -> str:
    """The answer of `check`: what it comes to, a row for each finding, and what was not checked."""
    everything = list(placed(checked))
    shown = everything if detail.verbose else everything[:MOST]
    paragraphs = [
        [] if detail.quiet else [f"**pinproof** {escaped(unstyle(conclusion(checked)))}"],
        list(_table(shown)),
        [escaped(line) for line in and_more(len(everything) - len(shown))],
        not_checked(checked.not_checked, detail),
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _table(shown: Sequence[Placed]) -> Iterator[str]:
    if shown:
        yield "| where | rule | what | what to do |"
        yield "|---|---|---|---|"
    for one in shown:
        found = one.result.finding
        place = f"{found.path}:{one.region.line}" if one.region is not None else found.path
        rule = f"{one.result.code} {one.result.rule}"
        what = f"{found.message}: {found.why}" if found.why else found.message
        todo = f"{found.advice}{fixable(one.result)}"
        yield f"| {escaped(place)} | {escaped(rule)} | {escaped(what)} | {escaped(todo)} |"
