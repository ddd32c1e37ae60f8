"""A piece of a file as that sees it which reads it, with the place of each of its characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.model.declaration import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`text` is what a reader sees: lines joined, escapes resolved, indentation gone.

    `places[i]` is where character `i` of it stands in `source`, the text of the file; the last one is its end. Where
    single characters have no place, `whole` is that of all of them.
    """

    source: str
    text: str
    places: Sequence[int]
    whole: Span | None = None

    @classmethod
    def verbatim(cls, source: str, start: int = 0, end: int | None = None) -> Excerpt:
        """Characters `start` to `end`, as they stand there."""
        end = len(source) if end is None else end
        return cls(source, source[start:end], range(start, end + 1))

    @classmethod
    def blind(cls, source: str, text: str, span: Span) -> Excerpt:
        """A text that is written at the span in a way that says nothing about its single characters."""
        return cls(source, text, range(len(text) + 1), span)

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Where these characters stand in the file."""
        if self.whole is not None:
            return self.whole
        end = len(self.text) if end is None else end
        if start == end:
            return Span(self.places[start], self.places[start])
        return Span(self.places[start], self.places[end - 1] + 1)

    def part(self, start: int, end: int) -> Excerpt:
        """Some of it."""
        places = self.places[start : end + 1]
        if not isinstance(places, range) and end > start:
            places = [*places[:-1], places[-2] + 1]
        return Excerpt(self.source, self.text[start:end], places, self.whole)

    @classmethod
    def joined(cls, parts: Sequence[Excerpt]) -> Excerpt:
        """One after the other, which is at least one."""
        if len(parts) == 1:
            return parts[0]
        places = [place for part in parts for place in part.places[:-1]]
        whole = next((part.whole for part in parts if part.whole is not None), None)
        return cls(
            parts[0].source, "".join(part.text for part in parts), [*places, parts[-1].places[-1]], whole
        )

    @property
    def is_verbatim(self) -> bool:
        """Whether it stands in the file just as it is read."""
        return self.span().of(self.source) == self.text

    def without(self, character: str) -> Excerpt:
        """The rest of it."""
        kept = [at for at, one in enumerate(self.text) if one != character]
        places = [*(self.places[at] for at in kept), self.places[-1]]
        return Excerpt(self.source, "".join(self.text[at] for at in kept), places, self.whole)

    def with_text(self, text: str) -> Excerpt:
        """The same places with other characters there, as many as before."""
        return Excerpt(self.source, text, self.places, self.whole)
