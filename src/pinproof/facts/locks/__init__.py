"""Pinned sets that other tools wrote: one reader for each format, chosen by file name.

A reader takes the content of a file and the name to call it by in messages; it raises nothing but InputError.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pinproof.errors import InputError
from pinproof.facts.locks.pdm_lock import read_pdm_lock
from pinproof.facts.locks.pinned import Include, Indexes, Locked, PinnedFile, Unpinned
from pinproof.facts.locks.pipfile_lock import read_pipfile_lock
from pinproof.facts.locks.poetry_lock import read_poetry_lock
from pinproof.facts.locks.pylock import read_pylock
from pinproof.facts.locks.requirements import read_constraints, read_requirements
from pinproof.facts.locks.uv_lock import read_uv_lock

__all__ = [
    "READERS",
    "Include",
    "Indexes",
    "Locked",
    "PinnedFile",
    "Unpinned",
    "read_constraints",
    "read_lock",
    "read_pdm_lock",
    "read_pipfile_lock",
    "read_poetry_lock",
    "read_pylock",
    "read_requirements",
    "read_uv_lock",
]

Reader = Callable[..., PinnedFile]
"""Takes the content of a file and its name."""

_ENDS_IN_CONSTRAINTS = r"(?:.*[-_.])?constraints?(?:[-_.].*)?\.txt"

READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"pylock(?:\.[^.]+)?\.toml"), read_pylock),
    (re.compile(r"uv\.lock|.+\.py\.lock"), read_uv_lock),
    (re.compile(r"poetry\.lock"), read_poetry_lock),
    (re.compile(r"pdm(?:\..+)?\.lock"), read_pdm_lock),
    (re.compile(r"Pipfile\.lock"), read_pipfile_lock),
    (re.compile(_ENDS_IN_CONSTRAINTS, re.IGNORECASE), read_constraints),
    (re.compile(r".+\.(?:txt|in|pip)"), read_requirements),
)
"""File names (without folders) and the reader of that format; the first match counts."""

_OF_A_PROJECT: tuple[Reader, ...] = (read_uv_lock, read_poetry_lock, read_pdm_lock)


def read_lock(
    content: str | bytes,
    filename: str,
    project: str | bytes | None = None,
    *,
    constraints: bool = False,
) -> PinnedFile:
    """Read a file in the format that its name stands for.

    `project` is the pyproject.toml beside it: some locks leave to it what is installed by default.
    `constraints`: the file was named as one of constraints, whatever its name.
    """
    name = re.split(r"[/\\]", filename)[-1]
    reader = next((reader for pattern, reader in READERS if pattern.fullmatch(name)), None)
    if reader is None:
        raise InputError(
            f"{filename}: not the name of a lock file that can be read",
            hint="These can be read: pylock.toml and pylock.NAME.toml, uv.lock, poetry.lock, pdm.lock, "
            "Pipfile.lock, requirements.txt (any *.txt).",
        )
    if constraints and reader is read_requirements:
        reader = read_constraints
    beside = (project,) if reader in _OF_A_PROJECT else ()
    return reader(content, filename, *beside)
