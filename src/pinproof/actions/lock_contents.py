"""The lock files of a project, as rules look at them."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.errors import InputError
from pinproof.facts.locks import read_lock
from pinproof.model.lock_content import LockContent

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.facts.locks import PinnedFile
    from pinproof.model.declaration import FilePath

_NAMES = re.compile(r"pylock(?:\.[^.]+)?\.toml|uv\.lock|poetry\.lock|pdm(?:\..+)?\.lock|Pipfile\.lock")


def is_lock(path: str) -> bool:
    """Whether the name of a file is that of a lock."""
    return _NAMES.fullmatch(PurePosixPath(path).name) is not None


def lock_content(root: Path, path: FilePath) -> LockContent:
    """Read one; what cannot be read is its problem."""
    try:
        raw = content(root / path)
        beside = (root / path).parent / "pyproject.toml"
        found = read_lock(raw, path, content(beside) if beside.is_file() else None)
    except InputError as error:
        return LockContent(path, problem=error.message.removeprefix(f"{path}: "))
    return _of(found, path, raw.decode("utf-8", "replace"))


def _of(found: PinnedFile, path: FilePath, text: str) -> LockContent:
    versions: dict[NormalizedName, set[Version]] = defaultdict(set)
    lines: dict[NormalizedName, int] = {}
    for entry in found.locked:
        versions[entry.pin.name].add(entry.pin.version)
        if entry.pin.line is not None:
            lines.setdefault(entry.pin.name, entry.pin.line)
    hashed = {e.pin.name for e in found.locked if e.hashes or any(f.sha256 for f in e.pin.files)}
    return LockContent(
        path,
        text,
        {name: tuple(sorted(of)) for name, of in versions.items()},
        lines,
        frozenset(versions.keys() - hashed),
        frozenset(canonicalize_name(entry.name) for entry in found.not_checked),
    )
