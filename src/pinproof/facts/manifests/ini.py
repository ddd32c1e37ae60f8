"""INI files as configparser reads them, with the place of each line of a value.

Source: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure. A `#` after white space begins
a comment, as in the lists of setuptools and tox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pinproof.facts.manifests.excerpt import Excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"[^\r\n]+")
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_OPTION = re.compile(r"(?P<key>[^\s:=][^:=]*?)[ \t]*[:=](?P<value>.*)", re.DOTALL)
_COMMENT = re.compile(r"[ \t]*[#;]")
_SAID = re.compile(r"[ \t]*(?P<said>(?:[^\s#]|(?<=\S)#)?.*?)[ \t]*(?:(?:(?<=\s)|^)#.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Option:
    """A key, and the lines of its value that say something, without comments and the space around them.

    `is_short`: the value stands behind the key, in one line.
    """

    section: str
    key: str
    lines: list[Excerpt] = field(default_factory=list)
    is_short: bool = True


def options(text: str) -> Iterator[Option]:
    """The options of a file in their order; what is none is passed over."""
    section = ""
    current: Option | None = None
    indent = 0
    for line in _LINE.finditer(text):
        if _COMMENT.match(line[0]) or not line[0].strip():
            continue
        depth = len(line[0]) - len(line[0].lstrip())
        if current is not None and depth > indent:
            current = _with(current, text, line.start(), line.end(), is_short=False)
            continue
        if current is not None:
            yield current
            current = None
        if header := _SECTION.match(line[0].strip()):
            section = header["name"].strip()
        elif option := _OPTION.match(text, line.start() + depth, line.end()):
            indent = depth
            current = _with(Option(section, option["key"]), text, *option.span("value"), is_short=True)
    if current is not None:
        yield current


def _with(option: Option, text: str, start: int, end: int, *, is_short: bool) -> Option:
    """The option with one line more."""
    said = _SAID.fullmatch(text, start, end)
    lines = [Excerpt.verbatim(text, *said.span("said"))] if said and said["said"] else []
    return Option(option.section, option.key, [*option.lines, *lines], option.is_short and is_short)
