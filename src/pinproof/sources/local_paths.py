"""Paths in what uv writes, as they are seen from the folder where the lock will lie."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_IN_PYLOCK = re.compile(r'(?m)^((?:directory|archive|sdist|wheels) = .*?\bpath = )"([^"\\]+)"')
_IN_REQUIREMENTS = re.compile(r"(?m)^(-e |[\w.-]+ @ )(file://\S+)")


def pylock_seen_from(folder: Path, pylock: bytes, work: Path) -> bytes:
    """A lock whose local paths are relative to the folder where it will lie, not to `work`, where uv wrote it."""

    def moved(found: re.Match[str]) -> str:
        return f'{found[1]}"{_seen_from(folder, Path(os.path.realpath(work)) / found[2])}"'

    return _IN_PYLOCK.sub(moved, pylock.decode("utf-8")).encode()


def requirements_seen_from(folder: Path, text: bytes, members: Iterable[Path]) -> bytes:
    """Requirements that name these folders by relative paths; uv writes URLs of this machine for them."""
    known = {os.path.realpath(member) for member in members}
    if not known:
        return text
    from urllib.request import url2pathname

    def moved(found: re.Match[str]) -> str:
        place = os.path.realpath(url2pathname(urlsplit(found[2]).path))
        path = _seen_from(folder, Path(place))
        if place not in known or re.search(r"\s", path):
            return found[0]
        return f"{'-e ' if found[1] == '-e ' else ''}{path if path.startswith('..') else f'./{path}'}"

    return _IN_REQUIREMENTS.sub(moved, text.decode("utf-8")).encode()


def _seen_from(folder: Path, place: Path) -> str:
    return Path(os.path.relpath(os.path.normpath(place), os.path.realpath(folder))).as_posix()
