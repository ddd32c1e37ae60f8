"""Folders on disk that are read like archives, and what of the user's own folder is source.

Nothing of them is executed.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import ArchiveError, InputError
from pinproof.sources.limits import MAX_MEMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Self

_KEYED = (".py", ".pyi", ".pth", ".dist-info/METADATA", ".dist-info/entry_points.txt")
_MAX_FILES = 100_000
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
class Folder:
    """Files on disk as an archive to read from (compare `sources.archive.Archive`).

    `names` are relative, with slashes. `roots` say where a top-level name lies; all others are below `base`.
    `key` changes with the text of any source among them.
    """

    key: str
    filename: str
    names: tuple[str, ...]
    base: Path
    roots: tuple[tuple[str, Path], ...] = ()

    @classmethod
    def of(
        cls, filename: str, names: Iterable[str], base: Path, roots: Mapping[str, Path] | None = None
    ) -> Self:
        """These files as they are now."""
        listed, located = tuple(names), roots or {}
        return cls(_key(listed, base, located), filename, listed, base, tuple(located.items()))

    def where(self, name: str) -> Path:
        """The file of a member."""
        return _located(name, self.base, dict(self.roots))

    def part(self, names: Iterable[str]) -> Folder:
        """What another process needs to read these."""
        return replace(self, names=tuple(names))

    def ensure(self, names: Iterable[str], fetcher: object) -> None:
        """They are always here."""

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of these members. ArchiveError where one cannot be read."""
        for name in names:
            yield name, content(self.where(name), self.filename)


def _key(names: Iterable[str], base: Path, roots: Mapping[str, Path]) -> str:
    """A hash of the names and of the content of every source; a file that cannot be read counts by its name."""
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{len(name)} {name}".encode("utf-8", "surrogateescape"))
        if name.endswith(_KEYED):
            try:
                text = content(_located(name, base, roots), name)
            except ArchiveError:
                continue
            digest.update(hashlib.sha256(text).digest())
    return f"folder-{digest.hexdigest()}"


def _located(name: str, base: Path, roots: Mapping[str, Path]) -> Path:
    first, slash, rest = name.partition("/")
    if first not in roots:
        return base / name
    place = roots[first]
    # A finder gives a module by its place without the ending.
    return place / rest if slash else place if place.suffix == ".py" else place.with_suffix(".py")


def content(path: Path, filename: str) -> bytes:
    """A file that is not too large. ArchiveError, which names the archive, where it is or cannot be read."""
    try:
        if not path.is_file():
            raise ArchiveError(f"{filename}: {path} is no file")
        with path.open("rb") as file:
            found = file.read(MAX_MEMBER + 1)
    except OSError as error:
        raise ArchiveError(f"{filename}: cannot read {path}: {error.strerror or error}") from error
    if len(found) > MAX_MEMBER:
        raise ArchiveError(f"{filename}: {path} has more than {MAX_MEMBER} bytes")
    return found


# The user's own source


def read_source(root: Path, without: Collection[Path] = ()) -> Folder:
    """The Python files below a folder, environments, what tools make and the folders `without` left out."""
    names = sorted(_python_files(root, {folder.resolve() for folder in without}))
    return Folder.of(str(root), names, root)


def read_script(path: Path) -> Folder:
    """A single file."""
    return Folder.of(str(path), [path.name], path.parent)


def _python_files(root: Path, without: Collection[Path]) -> Iterator[str]:
    found = 0
    for above, folders, files in os.walk(root):
        here = Path(above)
        folders[:] = sorted(
            f
            for f in folders
            if may_hold_files(here / f) and not (without and (here / f).resolve() in without)
        )
        for name in files:
            path = here / name
            if name.endswith((".py", ".pyi")) and path.is_file() and path.stat().st_size <= MAX_MEMBER:
                found += 1
                if found > _MAX_FILES:
                    raise InputError(f"{root}: more than {_MAX_FILES} Python files", "Name a smaller folder.")
                yield path.relative_to(root).as_posix()


def may_hold_files(place: Path) -> bool:
    """Whether a folder is one of the project: no hidden one, no environment, nothing that tools make."""
    return (
        not place.name.startswith(".")
        and place.name not in _NOT_SOURCE
        and not os.path.lexists(place / "pyvenv.cfg")
    )
