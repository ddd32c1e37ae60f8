"""What is said beside a place in a file: behind it in its line, or in the lines right above it."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

_BEHIND = re.compile(r"(?<!\S)#+[ \t]*(?P<said>[^\r\n]*)")
_ABOVE = re.compile(r"[ \t]*#+[ \t]*(?P<said>[^\r\n]*?)\s*")


def comment_at(text: str, start: int, end: int) -> str:
    """The comment that belongs to the characters `start` to `end`, without its `#`; empty where there is none."""
    newlines, marks = _places(text, "\n"), _places(text, "#")
    line_end = newlines[bisect_left(newlines, end)]
    has_mark = marks[bisect_left(marks, end)] < line_end
    behind = _BEHIND.search(text, end, line_end) if has_mark else None
    said = [behind["said"].rstrip()] if behind else []
    before_it = bisect_left(newlines, start)
    at = newlines[before_it - 1] + 1 if before_it else 0
    while at > 0:
        before = text.rfind("\n", 0, at - 1) + 1
        above = _ABOVE.fullmatch(text, before, at)
        if above is None:
            break
        said.insert(0, above["said"])
        at = before
    return " ".join(said)


@lru_cache(maxsize=8)
def _places(text: str, character: str) -> tuple[int, ...]:
    """Where a character stands, and the end of the text. Kept, as a line of a million words asks for each of them."""
    return (*(found.start() for found in re.finditer(re.escape(character), text)), len(text))
