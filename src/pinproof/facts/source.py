"""Source text to syntax tree, for source of any Python."""

from __future__ import annotations

import ast
import gc
import io
import re
import tokenize
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SOURCE_BYTES = 8 * 1024 * 1024
"""Larger modules are tables, not code; parsing one takes gigabytes."""

_MAX_MARKS = 750_000
_MARKS = b",;.()[]{}=+-*/%<>&|^~@:\n"
"""What stands between two nodes of a syntax tree, each of which takes up to 2 KiB."""

_SHORT = 16 * 1024
_LONG_LINE = 4_000
_DOTTED = re.compile(rb"(?:import|from|,)\s*(?:[^\W\d][\w\x80-\xff]*\s*\.\s*){300}")
"""A dotted name that parsing would take long over, and much memory: it keeps each of its beginnings."""

_SLOW_CODING = re.compile(rb"[^\n]*(?:\n[^\n]*)?coding[:=][ \t]*punycode", re.IGNORECASE)


class UnreadableSourceError(ValueError):
    """The text cannot be parsed by the running Python; the message says why."""


def parse(source: bytes) -> ast.Module:
    """The syntax tree of a module; raises `UnreadableSourceError` for whatever the running Python rejects."""
    _refuse_bombs(source)
    try:
        return ast.parse(source)
    except SyntaxError as error:
        # Bytes are refused for things that text is not (a wrong coding line, say).
        try:
            return ast.parse(decode(source))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise UnreadableSourceError(f"{error.msg} (line {error.lineno})") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise UnreadableSourceError(str(error) or type(error).__name__) from None


def parse_text(source: str) -> ast.Module:
    """The same for text, whose coding line counts for nothing. SyntaxError, with the place, for what is no Python."""
    _refuse_bombs(source.encode("utf-8", "surrogatepass"))
    with parsing():
        try:
            return ast.parse(source)
        except SyntaxError:
            raise
        except (ValueError, MemoryError, RecursionError) as error:
            raise UnreadableSourceError(str(error) or type(error).__name__) from None


def _refuse_bombs(source: bytes) -> None:
    """Raise `UnreadableSourceError` for what `ast.parse` would take gigabytes or minutes for."""
    if len(source) > MAX_SOURCE_BYTES:
        raise UnreadableSourceError(f"larger than {MAX_SOURCE_BYTES >> 20} MiB")
    if len(source) > _MAX_MARKS and len(source) - len(source.translate(None, _MARKS)) > _MAX_MARKS:
        raise UnreadableSourceError("a table of more entries than are read")
    if _SLOW_CODING.match(source):
        raise UnreadableSourceError("encoded in punycode")
    if len(source) > _SHORT and _has_long_name(source):
        raise UnreadableSourceError("a dotted name of hundreds of parts")


def _has_long_name(source: bytes) -> bool:
    if _has_short_lines(source):
        return False
    joined = source.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    longest = max(map(len, joined.splitlines()), default=0)
    return longest > _LONG_LINE and _DOTTED.search(joined) is not None


def _has_short_lines(source: bytes) -> bool:
    """Whether a line ends for certain within each stretch that would be a long one: a look at a few places."""
    start = 0
    while start + _LONG_LINE < len(source):
        end = source.rfind(b"\n", start, start + _LONG_LINE)
        if end < 0 or source.endswith((b"\\", b"\\\r"), start, end):
            return False
        start = end + 1
    return True


def decode(source: bytes) -> str:
    """The text by its byte-order mark or coding line (PEP 263); Latin-1 where that does not work out."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return source.decode("latin-1")


@contextmanager
def parsing() -> Iterator[None]:
    """Make parsing many files quick and quiet: no garbage collection, no warnings about their escapes."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collecting:
            gc.enable()
