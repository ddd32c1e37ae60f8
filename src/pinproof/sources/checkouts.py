"""Checkouts of git repositories that uv or pip have left on this machine, found by their commit. Git is not run."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHORTEST = 7


def find_checkout(
    commit: str, name: str, beside: Path, environ: Mapping[str, str] = os.environ
) -> Path | None:
    """The folder with the source of a commit (written in full); None where there is none.

    uv keeps `git-vN/checkouts/REPOSITORY/SHORT` in its cache, with `SHORT.ok` beside it when it is complete; pip
    leaves `src/NAME` for what it installs with `-e`.
    """
    return next((folder for folder in _candidates(commit, name, beside, environ) if folder.is_dir()), None)


def _candidates(commit: str, name: str, beside: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    for done in sorted(_uv_cache(environ).glob("git-v*/checkouts/*/*.ok")):
        short = done.name.removesuffix(".ok")
        if len(short) >= _SHORTEST and commit.startswith(short):
            yield done.with_name(short)
    if re.fullmatch(r"[\w.-]+", name) and _head(beside / "src" / name) == commit:
        yield beside / "src" / name


def _uv_cache(environ: Mapping[str, str]) -> Path:
    """Where uv keeps its cache, as its documentation says."""
    if given := environ.get("UV_CACHE_DIR"):
        return Path(given)
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA", "")) / "uv" / "cache"
    home = Path(environ.get("HOME", ""))
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "uv"


def _head(folder: Path) -> str:
    """The commit that a checkout stands at, where no branch is checked out, as pip leaves it."""
    try:
        return (folder / ".git" / "HEAD").read_text(encoding="ascii").strip().lower()
    except (OSError, ValueError):
        return ""
