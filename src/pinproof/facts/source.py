"""Source text to syntax tree, for source of any Python."""

from __future__ import annotations

import ast
import gc
import io
import tokenize
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SOURCE_BYTES = 8 * 1024 * 1024
"""Larger modules are tables, not code; parsing one takes gigabytes."""


class UnreadableSourceError(ValueError):
    """The text cannot be parsed by the running Python; the message says why."""


def parse(source: bytes) -> ast.Module:
    """The syntax tree of a module; raises `UnreadableSourceError` for whatever the running Python rejects."""
    if len(source) > MAX_SOURCE_BYTES:
        raise UnreadableSourceError(f"larger than {MAX_SOURCE_BYTES >> 20} MiB")
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
