"""A verification as a Markdown table, for a comment or a job summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from click import unstyle

from pinproof.model.verdict import Severity
from pinproof.presentation.as_text import conclusion, moved_since
from pinproof.presentation.places import pinned_at, source
from pinproof.presentation.sentences import and_more, failure, one_line, remedy, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.model.report import Circumstances, Detail, Verification
    from pinproof.model.verdict import Break, NotChecked

_SPECIAL = re.compile(r"[\\`*_{}\[\]|~!]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "#": "&#35;"}
MOST = 50
"""Rows, without `-v`: a comment that is too long is refused."""


def verification(found: Verification, asked: Circumstances, detail: Detail) -> str:
    """The answer of `verify`: what it comes to, a row for each break, and what was not checked."""
    breaks = [one for severity in Severity for one in found.verdict.of(severity)]
    shown = breaks if detail.verbose else breaks[:MOST]
    paragraphs = [
        [] if detail.quiet else [f"**pinproof** {escaped(unstyle(conclusion(found, asked)))}"],
        list(_table(found, shown)),
        [escaped(line) for line in and_more(len(breaks) - len(shown))],
        _failures(found),
        not_checked(found.not_checked, detail),
        [escaped(line)] if (line := moved_since(found, detail)) else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def escaped(text: str) -> str:
    """Text in which nothing is markup, a mention or a reference."""
    plain = "".join(_ENTITIES.get(c, c) for c in _SPECIAL.sub(r"\\\g<0>", one_line(text)))
    return plain.replace("://", ":&#47;/")


def _table(found: Verification, breaks: Sequence[Break]) -> Iterator[str]:
    if breaks:
        yield "| severity | what | pinned at | works with |"
        yield "|---|---|---|---|"
    for one in breaks:
        own = source(found, one)
        places = ", ".join(
            f"{p.filename}:{p.line}"
            for p in (*([own] if own else []), *(p for p, _ in pinned_at(found, one)))
        )
        working = remedy(one).removeprefix("works with ")
        yield f"| {one.severity} | {escaped(sentence(one))} | {escaped(places)} | {escaped(working)} |"


def _failures(found: Verification) -> list[str]:
    lines = [f"- {escaped(failure(one))}" for one in found.unforeseen]
    return ["Not imported:", "", *lines] if lines else []


def not_checked(entries: Sequence[NotChecked], detail: Detail) -> list[str]:
    """What could not be judged, as a list."""
    if not entries:
        return []
    shown = entries if detail.verbose else entries[:MOST]
    lines = [f"- {escaped(f'{entry.name}: {entry.reason}')}" for entry in shown]
    return [
        "Not checked:",
        "",
        *lines,
        *(f"- {escaped(line)}" for line in and_more(len(entries) - len(shown))),
    ]
