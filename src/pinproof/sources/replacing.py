"""Replace a file whole, or leave it as it was: whatever happens, nobody ever sees half of it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.errors import InputError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside the old one and let it take its place.

    A link is followed: what it leads to is replaced. InputError where there is no such folder, OutsideError where
    it cannot be written.
    """
    replace_files({path: content})


def replace_files(files: Mapping[Path, bytes]) -> None:
    """The same for several that belong together: all of them are written before the first takes its place.

    Where one cannot take it, those before are put back.
    """
    targets = {path: _target(path) for path in files}
    staged: list[tuple[Path, Path, Path]] = []
    placed: list[tuple[Path, bytes | None]] = []
    try:
        for path, content in files.items():
            with _told(path):
                staged.append((path, _staged(targets[path], content), targets[path]))
        for path, written, target in staged:
            with _told(path):
                placed.append((target, target.read_bytes() if target.exists() else None))
                written.replace(target)
    except BaseException:
        for _, written, _ in staged:
            with suppress(OSError):
                written.unlink()
        for target, before in placed[:-1]:
            _put_back(target, before)
        raise
    for folder in {target.parent for target in targets.values()}:
        _sync_folder(folder)


def replace_unchanged(files: Mapping[Path, tuple[bytes, bytes]], inside: Path) -> None:
    """Replace files that hold what they held when they were read: each as (what it held, what it is to hold).

    InputError, and nothing is replaced, where one has changed, or lies outside of the folder behind a link.
    """
    folder = inside.resolve()
    for path, (before, _) in files.items():
        if not path.resolve().is_relative_to(folder):
            raise InputError(f"{path}: it is a link to a file outside of {inside}, and is not changed")
        with _told(path):
            now = path.read_bytes() if path.exists() else b""
        if now != before:
            raise InputError(f"{path}: it has changed in the meantime", "Run this again.")
    replace_files({path: after for path, (_, after) in files.items()})


def _target(path: Path) -> Path:
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}")
    if target.exists() and not target.is_file():
        raise InputError(f"cannot write {path}: it is no regular file")
    return target


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideError(f"cannot write {path}: {error.strerror or error}") from error


def _staged(target: Path, content: bytes) -> Path:
    """The content in a new file beside the target, safe on the disk."""
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _put_back(target: Path, before: bytes | None) -> None:
    with suppress(OSError):
        if before is None:
            target.unlink()
        else:
            _staged(target, before).replace(target)


def _sync_folder(folder: Path) -> None:
    """Let the new name survive a crash of the machine; not every system can do that for folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
