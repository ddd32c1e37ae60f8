"""Comments that keep findings away: `# pinproof: ignore[PIN101] reason until 2027-01-01`.

One behind something counts for its line, one in a line of its own for the next line that is none.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from pinproof.model.declaration import Span
from pinproof.model.finding import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(
    r"#\s*pinproof:\s*ignore(?:\[(?P<codes>[^\]\n]*)\])?(?P<reason>[^\n\r]*)", re.IGNORECASE
)
_UNTIL = re.compile(r"\buntil\s+(\d{4}-\d{2}-\d{2})\b")


def suppressions(text: str) -> tuple[Suppression, ...]:
    """Those of a text, in their order."""
    return tuple(_suppressions(text)) if "pinproof" in text else ()


def _suppressions(text: str) -> Iterator[Suppression]:
    for found in _COMMENT.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        line = text.count("\n", 0, found.start()) + 1
        if not text[start : found.start()].strip():
            line = _next_line(text, found.end(), line)
        reason, until = _reason(found["reason"])
        codes = frozenset(code.strip().upper() for code in (found["codes"] or "").split(",") if code.strip())
        yield Suppression(Span(found.start(), found.end()), codes, line, reason, until)


def _next_line(text: str, end: int, line: int) -> int:
    """The next line that is no comment."""
    for further in text[end:].split("\n")[1:]:
        line += 1
        if not further.strip().startswith("#"):
            return line
    return line


def _reason(text: str) -> tuple[str, date | None]:
    found = _UNTIL.search(text)
    if found is None:
        return text.strip(), None
    try:
        return text.replace(found[0], "").strip(), date.fromisoformat(found[1])
    except ValueError:
        return text.strip(), None
