"""What is said beside a place in a file: behind it in its line, or in the lines right above it."""

from __future__ import annotations

import re

_BEHIND = re.compile(r"(?<!\S)#+[ \t]*(?P<said>[^\r\n]*)")
_ABOVE = re.compile(r"[ \t]*#+[ \t]*(?P<said>[^\r\n]*?)\s*")


def comment_at(text: str, start: int, end: int) -> str:
    """The comment that belongs to the characters `start` to `end`, without its `#`; empty where there is none."""
    line_end = text.find("\n", end)
    behind = _BEHIND.search(text, end, line_end if line_end >= 0 else len(text))
    said = [behind["said"].rstrip()] if behind else []
    at = text.rfind("\n", 0, start) + 1
    while at > 0:
        before = text.rfind("\n", 0, at - 1) + 1
        above = _ABOVE.fullmatch(text, before, at)
        if above is None:
            break
        said.insert(0, above["said"])
        at = before
    return " ".join(said)
