"""The lines of a text: from the place of a character to line and column, both from 1."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from pinproof.model.declaration import Span


@dataclass(frozen=True, slots=True)
class Region:
    """Line and column of the first character, and of the one after the last."""

    line: int
    column: int
    end_line: int
    end_column: int


class Lines:
    """A text by its lines; only a line feed ends one, as editors count."""

    def __init__(self, text: str) -> None:
        self._texts = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._texts[:-1])]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def region(self, span: Span | None) -> Region:
        """Line and column of both ends; the beginning of the text for no span."""
        if span is None:
            return Region(1, 1, 1, 1)
        return Region(*self.at(span.start), *self.at(span.end))

    def whole(self, line: int) -> Span:
        """A line without the space around it; of one that there is not, as lines end otherwise for others, the last."""
        line = min(max(line, 1), len(self._texts))
        text = self.text(line)
        start = self._starts[line - 1] + len(text) - len(text.lstrip())
        return Span(start, start + len(text.strip()))

    def text(self, line: int) -> str:
        """A line without what ends it; empty where there is none."""
        return self._texts[line - 1].rstrip("\r") if 0 < line <= len(self._texts) else ""
