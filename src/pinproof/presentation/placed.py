"""Findings with the line and column of their places, for every view of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.model.lines import Lines, Region
from pinproof.presentation.fingerprint import digest
from pinproof.presentation.sentences import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pinproof.model.check_report import Checked
    from pinproof.model.finding import Edit, Result


@dataclass(frozen=True, slots=True)
class Placed:
    """One finding. `region` None: the file as a whole. `excerpt` is the line that it begins in.

    `fingerprint` stays the same while what it is about does, wherever that moves.
    """

    result: Result
    region: Region | None
    excerpt: str
    fingerprint: str


def placed(checked: Checked) -> Iterator[Placed]:
    """All findings, in their order."""
    return _placed(checked.results, checked)


def evidence(checked: Checked) -> Iterator[Placed]:
    """What would be findings, if nothing spoke for it."""
    return _placed(checked.evidence, checked)


def _placed(results: Iterable[Result], checked: Checked) -> Iterator[Placed]:
    lines = {path: Lines(text) for path, text in checked.texts.items()}
    seen: Counter[tuple[str, ...]] = Counter()
    for result in results:
        found = result.finding
        known = lines.get(found.path)
        region = known.region(found.span) if known is not None and found.span is not None else None
        excerpt = known.text(region.line) if known is not None and region is not None else ""
        about = (result.code, found.path, found.subject or found.message)
        seen[about] += 1
        yield Placed(result, region, excerpt, digest((*about, str(seen[about]))))


def said(result: Result) -> str:
    """What is wrong, why, and what to do, in one sentence."""
    found = result.finding
    return one_line("; ".join(part for part in (found.message, found.why, found.advice) if part))


def region_of(edit: Edit, checked: Checked) -> Region:
    """Where an edit is made."""
    return Lines(checked.texts.get(edit.path, "")).region(edit.span)
