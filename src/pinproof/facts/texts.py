"""Whether a text knows a name: asked of modules that make names at run time."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=16)
def _patterns(name: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    word = re.escape(name.encode())
    quoted = re.compile(rb"""(["'])%b\1""" % word)
    defined = re.compile(rb"^\s*(?:(?:async\s+)?def\s+|class\s+)?%b\s*[(:=]" % word, re.MULTILINE)
    return quoted, defined


def quotes(source: bytes, name: str) -> bool:
    """Whether a name stands in a text as a string of its own."""
    return _patterns(name)[0].search(source) is not None


def defines(source: bytes, name: str) -> bool:
    """Whether a line of a text begins by defining a name, on whatever level; or by calling it, which looks alike."""
    return _patterns(name)[1].search(source) is not None
