"""Where the bodies of functions are in a text, by the indentation of its lines, so that they can be cut out of it.

Parsing takes long, and half of all text is in functions that nobody asks about. What is cut out by mistake (around a
string that looks like code) leaves a text that does not parse, or that says less than the whole.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pinproof.facts.module import read_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pinproof.model.module import ModuleFacts

_DEFINITION = re.compile(rb"^([ \t]*)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)
_OPENING, _CLOSING = (b"(", b"[", b"{"), (b")", b"]", b"}")
_LONGEST_HEAD = 200
_DEEPEST = 100
_LEAST_CUT = 0.15
"""Of a text from which less can be cut, the whole is as good."""
_LAYOUT_OF_ITS_OWN = (b"\f", b"\v", b"\0")


class Body(NamedTuple):
    """The body of a function: where its `def` and the body itself are in the text, and its name and indentation."""

    definition: int
    start: int
    end: int
    name: bytes
    indentation: bytes


def has_plain_lines(source: bytes) -> bool:
    """Whether lines and their indentation are what they seem to be."""
    if any(mark in source for mark in _LAYOUT_OF_ITS_OWN):
        return False
    return b"\r" not in source or source.count(b"\r") == source.count(b"\r\n")


def bodies_of(source: bytes) -> Iterator[Body]:
    """The bodies of functions, in order, as far as they are clear; those of functions within are part of them."""
    if not has_plain_lines(source):
        return
    position = 0
    while found := _DEFINITION.search(source, position):
        indentation, name = found.groups()
        start, opens = _end_of_head(source, found.start())
        if not start or len(indentation) > _DEEPEST:
            return
        position = start
        if opens:
            position = _end_of_body(source, start, len(indentation))
            yield Body(found.start(), start, position, name, indentation)


def _end_of_head(source: bytes, start: int) -> tuple[int, bool]:
    """Where the lines of a `def` end, and whether a body follows them; nowhere if that is not clear."""
    open_brackets = 0
    for _ in range(_LONGEST_HEAD):
        end = source.find(b"\n", start) + 1
        if not end:
            break
        line = source[start:end].partition(b"#")[0]
        open_brackets += sum(map(line.count, _OPENING)) - sum(map(line.count, _CLOSING))
        if not open_brackets:
            return end, line.rstrip().endswith(b":")
        start = end
    return 0, False


def _end_of_body(source: bytes, start: int, depth: int) -> int:
    """Where the first line begins that is indented no more than the function, and stands in no string."""
    position = start - 1
    in_strings = [False, False]
    while found := _outside(depth).search(source, position):
        for number, quotes in enumerate((b'"""', b"'''")):
            in_strings[number] ^= source.count(quotes, max(position, start), found.end()) % 2 == 1
        position = found.end()
        if not any(in_strings):
            return position
    return len(source)


@cache
def _outside(depth: int) -> re.Pattern[bytes]:
    return re.compile(rb"\n(?=[ \t]{0,%d}[^\s#)\]}])" % depth)


def read_without(source: bytes, bodies: Sequence[Body]) -> ModuleFacts | None:
    """The facts of a text without these bodies; None where that is little less than the whole, or does not parse."""
    if sum(body.end - body.start for body in bodies) < _LEAST_CUT * len(source):
        return None
    facts = read_module(_without(source, bodies))
    return None if facts.degraded else facts


def _without(source: bytes, bodies: Iterable[Body]) -> bytes:
    """The text without these bodies; what is left stays on its lines."""
    parts: list[bytes] = []
    done = 0
    for _, start, end, _, indentation in bodies:
        lines = b"\n" * max(source.count(b"\n", start, end), 1)
        parts += (source[done:start], indentation, b" 0", lines)
        done = end
    return b"".join((*parts, source[done:]))
