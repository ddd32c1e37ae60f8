"""Replace a file whole, or leave it as it was: whatever happens, nobody ever sees half of it."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pinproof.errors import InputError, OutsideError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside the old one and let it take its place.

    A link is followed: what it leads to is replaced. InputError where there is no such folder, OutsideError where
    it cannot be written.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}")
    if target.exists() and not target.is_file():
        raise InputError(f"cannot write {path}: it is no regular file")
    try:
        _replaced(target, content)
    except OSError as error:
        raise OutsideError(f"cannot write {path}: {error.strerror or error}") from error


def _replaced(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(target.parent)


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
