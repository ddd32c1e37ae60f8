"""Files of the cache: how they are called, and that each appears whole or not at all.

They are written to `tmp/` and then renamed, so that a kill at any moment and any number of processes at once leave
nothing half-written.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pinproof.errors import OutsideError
from pinproof.sources.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STALE = 24 * 3600


def file_key(url: str, sha256: str | None) -> str:
    """The name under which a file is cached: its hash, else the hash of its URL."""
    return sha256 or "url-" + digest(without_credentials(url))


def digest(*texts: str) -> str:
    """A name for what these texts stand for."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def write_atomically(cache: Path, path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of the cache so that it appears whole or not at all.

    Raises OutsideError naming the path where the disk is full or not writable.
    """
    with temporary(cache, path) as handle:
        for piece in pieces:
            with writing(path):
                handle.write(piece)


@contextlib.contextmanager
def temporary(cache: Path, path: Path) -> Iterator[IO[bytes]]:
    """An open file that becomes `path` if the block ends well, and nothing otherwise."""
    with writing(path):
        folder = cache / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115
    try:
        yield handle
        with writing(path):
            handle.close()
            Path(handle.name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            handle.close()
        with contextlib.suppress(OSError):
            Path(handle.name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """OutsideError, naming the path, for what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise OutsideError(
            f"cannot write to the cache: {path}: {error.strerror or error}",
            "Make room there, or choose another folder for the cache.",
        ) from error


def sweep(folder: Path) -> None:
    """Remove what a killed process left behind long ago."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if time.time() - path.stat().st_mtime > _STALE:
                path.unlink(missing_ok=True)


def shard(key: str) -> str:
    """The folder of a file: no folder has all of them."""
    return key.removeprefix("url-")[:2]
