"""A folder of the user's own source, read like an archive; nothing of it is executed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import ArchiveError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MAX_FILES = 100_000
_MAX_BYTES = 32 * 1024 * 1024
_NOT_SOURCE = frozenset(
    {
        "__pycache__",
        "node_modules",
        "site-packages",
        "build",
        "dist",
        "venv",
        "env",
        "virtualenv",
        "__pypackages__",
    }
)
"""Folders that hold what tools put there. Hidden ones (`.venv`, `.git`, `.tox`) are left out, too."""


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """The Python source below a folder (compare `sources.archive.Archive`).

    `names` are relative, with slashes; `key` changes with the text of any of them.
    """

    root: Path
    names: tuple[str, ...]
    key: str

    def ensure(self, names: Iterable[str], fetcher: object) -> None:
        """They are always here."""

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of these members. ArchiveError where one cannot be read any more."""
        for name in names:
            try:
                yield name, (self.root / name).read_bytes()
            except OSError as error:
                raise ArchiveError(f"{self.root / name}: {error.strerror or error}") from error


def read_folder(root: Path) -> SourceFolder:
    """The Python files below a folder, environments and what tools make left out."""
    return _keyed(root, sorted(_python_files(root)))


def read_script(path: Path) -> SourceFolder:
    """A single file."""
    return _keyed(path.parent, [path.name])


def _keyed(root: Path, names: Sequence[str]) -> SourceFolder:
    digest = hashlib.sha256()
    for name in names:
        try:
            content = (root / name).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {root / name}: {error.strerror or error}") from error
        digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogatepass") + content)
    return SourceFolder(root, tuple(names), f"folder-{digest.hexdigest()}")


def _python_files(root: Path) -> Iterator[str]:
    found = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(f for f in folders if _may_hold_source(here / f))
        for name in files:
            path = here / name
            if name.endswith((".py", ".pyi")) and path.is_file() and path.stat().st_size <= _MAX_BYTES:
                found += 1
                if found > _MAX_FILES:
                    raise InputError(f"{root}: more than {_MAX_FILES} Python files", "Name a smaller folder.")
                yield path.relative_to(root).as_posix()


def _may_hold_source(folder: Path) -> bool:
    return (
        not folder.name.startswith(".")
        and folder.name not in _NOT_SOURCE
        and not (folder / "pyvenv.cfg").exists()
    )
