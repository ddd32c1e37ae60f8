"""An audit for people: each vulnerable pin or range with what is known of it, and what it was checked against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import style

from pinproof.model.advisory import Level
from pinproof.model.audit import AuditStatus
from pinproof.presentation.as_text import for_whom
from pinproof.presentation.audit_words import (
    admits,
    by_pin,
    checked_against,
    exposed,
    fixed_in,
    floor,
    idle,
    kept_away,
    of_range,
    old,
    pin_names,
    place_of,
    rated,
    result,
    said,
    spelled,
    unread,
    what,
)
from pinproof.presentation.sentences import and_more, one_line, unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import DeclaredRange, Vulnerability
    from pinproof.model.audit import Audit
    from pinproof.model.report import Circumstances, Detail

_FEW = 5
_COLORS = {Level.CRITICAL: "red", Level.HIGH: "red", Level.MEDIUM: "yellow", Level.LOW: "blue"}
_STATUS = {AuditStatus.CLEAN: "green", AuditStatus.VULNERABLE: "red", AuditStatus.NOT_CHECKED: "magenta"}


def audit(found: Audit, asked: Circumstances, detail: Detail) -> str:
    """The answer of `audit`."""
    paragraphs = [_pin(found, group) for group in by_pin(found)]
    paragraphs += [_range(found, each, detail) for each in found.vulnerable_ranges]
    if not detail.quiet:
        paragraphs += [
            _listed(
                "not checked",
                unchecked(found.not_checked, None if detail.verbose else _FEW),
                len(found.not_checked),
            ),
            _listed("ignored", [kept_away(one) for one in found.ignored], len(found.ignored)),
            [f"{style('warning', fg='yellow')}: {line}" for line in map(idle, found.idle)],
            [*_conclusion(found, asked, detail)],
        ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _pin(found: Audit, group: Sequence[Vulnerability]) -> list[str]:
    lines = [f"{style(pin_names(group), bold=True)}{_at(found, group[0].name)}"]
    for one in group:
        lines += _vulnerability(one)
    return lines + [f"  {line}" for line in exposed(found, group[0].name)]


def _range(found: Audit, each: DeclaredRange, detail: Detail) -> list[str]:
    spelling = spelled(each)
    lines = [
        style(spelling, bold=True) + admits(each).removeprefix(spelling) + _at(found, each.name),
        f"  {floor(each)}",
    ]
    every = of_range(each)
    shown = every if detail.verbose else every[:_FEW]
    for one in shown:
        lines += _vulnerability(one)
    return lines + [f"  {line}" for line in and_more(len(every) - len(shown))]


def _vulnerability(one: Vulnerability) -> Iterator[str]:
    level = style(rated(one), fg=_COLORS.get(one.rating.level), bold=True)
    yield f"  {level}: {said(one)}"
    yield f"    {fixed_in(one)}"


def _at(found: Audit, name: NormalizedName) -> str:
    at = place_of(found, name)
    return "" if at.line is None else f" ({one_line(at.filename)}:{at.line})"


def _listed(title: str, lines: Iterable[str], count: int) -> list[str]:
    if not count:
        return []
    return [f"{style(title, fg='magenta')}: {count}", *(f"  {line}" for line in lines)]


def _conclusion(found: Audit, asked: Circumstances, detail: Detail) -> Iterator[str]:
    word = style(result(found), fg=_STATUS[found.status], bold=True)
    yield f"{one_line(what(found))} {for_whom(asked)}: {word}"
    yield checked_against(found.consulted, found.moment)
    if warning := old(found.consulted, found.moment):
        yield f"{style('warning', fg='yellow')}: {warning}"
    if told := unread(found.consulted):
        yield f"{style('warning', fg='yellow')}: {told}{'' if detail.verbose else ' (-v names them)'}"
        if detail.verbose:
            yield from (f"  {line}" for line in unchecked(found.consulted.unreadable, None))
