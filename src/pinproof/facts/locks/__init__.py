"""Pinned sets that other tools wrote: one reader for each format, chosen by file name.

A reader takes the content of a file and the name to call it by in messages; it raises nothing but InputError.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import Include, Indexes, Locked, PinnedFile, Unpinned
from pinproof.facts.locks.pylock import read_pylock
from pinproof.facts.locks.requirements import read_requirements

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "READERS",
    "Include",
    "Indexes",
    "Locked",
    "PinnedFile",
    "Unpinned",
    "read_lock",
    "read_pylock",
    "read_requirements",
]

READERS: tuple[tuple[re.Pattern[str], Callable[[str | bytes, str], PinnedFile]], ...] = (
    (re.compile(r"pylock(?:\.[^.]+)?\.toml"), read_pylock),
    (re.compile(r".+\.(?:txt|in|pip)"), read_requirements),
)
"""File names (without folders) and the reader of that format; the first match counts."""


def read_lock(text: str | bytes, filename: str) -> PinnedFile:
    """Read a file in the format that its name stands for."""
    name = re.split(r"[/\\]", filename)[-1]
    for pattern, reader in READERS:
        if pattern.fullmatch(name):
            return reader(text, filename)
    raise InputError(
        f"{filename}: not the name of a lock file that can be read",
        hint="These can be read: requirements.txt (any *.txt), pylock.toml and pylock.NAME.toml.",
    )
