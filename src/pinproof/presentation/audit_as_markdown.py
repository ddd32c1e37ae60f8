"""An audit as a Markdown table, for a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.presentation.as_markdown import MOST, escaped, not_checked
from pinproof.presentation.audit_words import (
    admits,
    by_pin,
    conclusion,
    fixed_in,
    floor,
    idle,
    kept_away,
    named,
    of_range,
    old,
    page,
    place_of,
    rated,
    remedy,
    summary,
    unread,
)
from pinproof.presentation.sentences import and_more

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import Vulnerability
    from pinproof.model.audit import Audit
    from pinproof.model.report import Circumstances, Detail


def audit(found: Audit, asked: Circumstances, detail: Detail) -> str:
    """The answer of `audit`: what it comes to, a row for each vulnerability, and what was not checked."""
    rows = list(_rows(found))
    shown = rows if detail.verbose else rows[:MOST]
    warnings = [*map(idle, found.idle), old(found.consulted, found.moment), unread(found.consulted)]
    paragraphs = [
        [] if detail.quiet else [f"**pinproof** {escaped(conclusion(found, asked))}"],
        ["| severity | what | where | vulnerability | fix |", "|---|---|---|---|---|", *shown]
        if shown
        else [],
        [escaped(line) for line in and_more(len(rows) - len(shown))],
        _list("Ignored:", [kept_away(one) for one in found.ignored]),
        _list("Warnings:", [warning for warning in warnings if warning]),
        not_checked(found.not_checked, detail),
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _rows(found: Audit) -> Iterator[str]:
    for group in by_pin(found):
        for one in group:
            yield _row(
                found,
                one,
                f"{one.name} {one.version}",
                one.name,
                "; ".join(filter(None, (fixed_in(one), remedy(found, one)))),
            )
    for each in found.vulnerable_ranges:
        for one in of_range(each):
            yield _row(found, one, admits(each), each.name, floor(each))


def _row(found: Audit, one: Vulnerability, what: str, name: NormalizedName, fix: str) -> str:
    at = place_of(found, name)
    where = at.filename if at.line is None else f"{at.filename}:{at.line}"
    link = f"[{escaped(named(one))}]({page(one)})"
    said = f"{link}: {escaped(summary(one))}" if summary(one) else link
    return f"| {rated(one)} | {escaped(what)} | {escaped(where)} | {said} | {escaped(fix)} |"


def _list(title: str, lines: list[str]) -> list[str]:
    return [title, "", *(f"- {escaped(line)}" for line in lines)] if lines else []
