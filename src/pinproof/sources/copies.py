"""A folder as it would be with other files: a copy that links to everything else of it, to try things out in."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_LEFT_BEHIND = frozenset({".venv", ".git"})


@contextmanager
def linked_copy(
    folder: Path, files: Mapping[Path, bytes], *, without: Collection[str] = ()
) -> Iterator[Path]:
    """A copy of a folder in which these files hold what is given; those that lie elsewhere do not matter.

    `without` are names in the folder that are not there at all.
    """
    root = folder.absolute()
    inside = {
        path.absolute().relative_to(root): text
        for path, text in files.items()
        if path.absolute().is_relative_to(root)
    }
    with tempfile.TemporaryDirectory(prefix="pinproof-") as made:
        copy = Path(made) / (root.name or "project")
        _link(root, copy, inside, {*_LEFT_BEHIND, *without})
        yield copy


def _link(source: Path, copy: Path, files: Mapping[Path, bytes], without: Collection[str] = ()) -> None:
    copy.mkdir()
    written = {path.parts[0] for path in files}
    for entry in source.iterdir():
        if entry.name not in written and entry.name not in without:
            (copy / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    for name in written:
        below = {Path(*path.parts[1:]): text for path, text in files.items() if path.parts[0] == name}
        if Path() in below:
            (copy / name).write_bytes(below[Path()])
        else:
            _link(source / name, copy / name, below)
