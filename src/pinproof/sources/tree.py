"""The files of a folder that belong to it: not what git ignores, nor what tools put there."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import InputError
from pinproof.sources.folders import may_hold_files
from pinproof.sources.git import tracked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MAX_FILES = 200_000
_HIDDEN_THAT_COUNT = frozenset({".github", ".gitlab", ".circleci"})


def files_below(root: Path, exclude: Collection[str] = ()) -> tuple[str, ...]:
    """The paths of all files, relative and with slashes, in order; links to folders are not followed.

    In a working tree of git, those that it tracks or would; elsewhere all but hidden folders and environments.
    `exclude` are globs of paths, or folders. InputError where the folder is not there or has too many files.
    """
    if not root.is_dir():
        raise InputError(f"{root}: there is no such folder")
    found: list[str] = []
    for path in tracked(root) or _walked(root):
        if not _is_excluded(path, exclude):
            found.append(path)
            if len(found) > MAX_FILES:
                raise InputError(f"{root}: more than {MAX_FILES} files", "Name a smaller folder.")
    return tuple(sorted(found))


def _is_excluded(path: str, exclude: Collection[str]) -> bool:
    return any(fnmatchcase(path, glob) or path.startswith(f"{glob.rstrip('/')}/") for glob in exclude)


def _walked(root: Path) -> Iterator[str]:
    for above, folders, files in os.walk(root):
        here = Path(above)
        folders[:] = sorted(f for f in folders if f in _HIDDEN_THAT_COUNT or may_hold_files(here / f))
        for name in sorted(files):
            path = here / name
            if path.is_file():
                yield path.relative_to(root).as_posix()
