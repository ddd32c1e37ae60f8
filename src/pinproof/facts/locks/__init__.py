"""Pinned sets that other tools wrote: one reader for each format, chosen by file name.

A reader takes the content of a file and the name to call it by in messages; it raises nothing but InputError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import Include, Indexes, Locked, PinnedFile, Unpinned

__all__ = ["Include", "Indexes", "Locked", "PinnedFile", "Unpinned", "format_of", "read_lock", "reader_of"]

Reader = Callable[..., PinnedFile]
"""Takes the content of a file and its name."""

CONSTRAINTS = r"(?:.*[-_.])?constraints?(?:[-_.].*)?\.txt"
"""The names of constraints files, without folders and in any case."""

_FORMATS = (
    (re.compile(r"pylock(?:\.[^.]+)?\.toml"), "pylock"),
    (re.compile(r"uv\.lock|.+\.py\.lock"), "uv_lock"),
    (re.compile(r"poetry\.lock"), "poetry_lock"),
    (re.compile(r"pdm(?:\..+)?\.lock"), "pdm_lock"),
    (re.compile(r"Pipfile\.lock"), "pipfile_lock"),
    (re.compile(CONSTRAINTS, re.IGNORECASE), "constraints"),
    (re.compile(r".+\.(?:txt|in|pip)"), "requirements"),
)
"""File names (without folders) and the name of that format; the first match counts."""

_OF_A_PROJECT = frozenset({"uv_lock", "poetry_lock", "pdm_lock"})


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
    form = format_of(name)
    if form is None:
        raise InputError(
            f"{filename}: not the name of a lock file that can be read",
            hint="These can be read: pylock.toml and pylock.NAME.toml, uv.lock, poetry.lock, pdm.lock, "
            "Pipfile.lock, requirements.txt (any *.txt).",
        )
    if constraints and form == "requirements":
        form = "constraints"
    beside = (project,) if form in _OF_A_PROJECT else ()
    return reader_of(form)(content, filename, *beside)


def format_of(name: str) -> str | None:
    """The format that a file name (without folders) stands for."""
    return next((form for pattern, form in _FORMATS if pattern.fullmatch(name)), None)


def reader_of(form: str) -> Reader:
    """The reader of a format; the others are not loaded, for each brings much along."""
    module = "requirements" if form == "constraints" else form
    reader: Reader = getattr(import_module(f"{__name__}.{module}"), f"read_{form}")
    return reader
