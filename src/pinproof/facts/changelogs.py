"""Where a project notes what changes, and a further line there in the project's own style.

Source: keepachangelog.com, and what is usual in Markdown and reStructuredText.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.model.declaration import FilePath, Span
from pinproof.model.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME = re.compile(r"(?:CHANGE-?LOG|CHANGES|HISTORY|NEWS|RELEASE-?NOTES)(?:\.(?:md|rst|txt))?", re.IGNORECASE)
_UNRELEASED = re.compile(r"^(?:#+\s*)?\W*(?:\d[\w.]*\W*)?unreleased\b.{0,40}$", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^(?:#{1,6}[ \t]+\S.*|(?P<text>\S.*)\r?\n(?:=+|-+|~+|\^+|\"+)[ \t]*)$", re.MULTILINE)
_CHANGED = re.compile(r"^\W*Changed\b", re.IGNORECASE)
_ITEM = re.compile(
    r"^(?P<bullet>[ \t]*[-*+][ \t]+)\S.*(?:\r?\n(?![ \t]*[-*+][ \t]|\S)[^\n]*\S[^\n]*)*", re.MULTILINE
)


def changelog_of(names: Iterable[str]) -> FilePath | None:
    """The file of these that is one; Markdown first."""
    found = sorted((n for n in names if _NAME.fullmatch(n)), key=lambda n: (not n.lower().endswith(".md"), n))
    return FilePath(found[0]) if found else None


def noted(path: FilePath, text: str, lines: Sequence[str]) -> Edit | None:
    """An edit that adds these lines to what is not released yet; None where there is no such heading.

    They go to the end of the first list below it, that of "Changed" where there is one, and begin as its items do.
    A line says what is code between single backticks.
    """
    found = _UNRELEASED.search(text)
    if found is None:
        return None
    section = _section(text, found.end())
    is_rst = path.lower().endswith((".rst", ".txt"))
    items = list(_ITEM.finditer(text, *section))
    newline = "\r\n" if "\r\n" in text else "\n"
    written = [line.replace("`", "``") if is_rst else line for line in lines]
    if not items:
        start, end = section
        at = start + len(text[start:end].rstrip())
        added = "".join(f"{newline}- {line}" for line in written)
        return Edit(path, Span(at, at), f"{newline}{added}")
    last = _last_of_list(text, items, section)
    added = "".join(f"{newline}{last['bullet']}{line}" for line in written)
    return Edit(path, Span(last.end(), last.end()), added)


def _section(text: str, start: int) -> tuple[int, int]:
    """From behind a heading to the next of its rank or above: to the next that names a version or stands as high."""
    underline = re.compile(r"\r?\n(?:=+|-+|~+|\^+)[ \t]*(?=\r?\n|$)").match(text, start)
    begin = underline.end() if underline else start
    for heading in _HEADING.finditer(text, begin):
        if re.search(r"\d+\.\d+|\d{4}-\d\d", heading[0]):
            return begin, heading.start()
    return begin, len(text)


def _last_of_list(text: str, items: list[re.Match[str]], section: tuple[int, int]) -> re.Match[str]:
    """The last item below "Changed", else of the first list."""
    headings = list(_HEADING.finditer(text, *section))
    wanted = next((h for h in headings if _CHANGED.match(h[0])), None)
    begin = wanted.end() if wanted else section[0]
    after = [item for item in items if item.start() >= begin]
    if not after:
        return items[-1]
    end = next((h.start() for h in headings if h.start() > after[0].start()), section[1])
    return [item for item in after if item.start() < end][-1]
