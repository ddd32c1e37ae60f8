"""Set up the world that a command works with, from what the user asked for."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.actions.library import Outside
from pinproof.model.module import FACTS_EDITION
from pinproof.sources.fetch import Fetcher
from pinproof.sources.index import PYPI, Index
from pinproof.sources.store import Store
from pinproof.sources.uv import Uv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from pinproof.model.release import Target


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole command.

    `as_of` is exclusive: what was uploaded at that moment or later does not exist. `index_url` None: PyPI, or
    what the user's own uv configuration says. `extra_index_urls` are asked first, as uv does, and may be written
    `name=url`. `uv_platform` is given to uv where the target is not this machine. The `declared` indexes are those
    of a project, which uv reads for itself: some are only for some packages.
    """

    target: Target
    cache_dir: Path
    as_of: datetime | None = None
    offline: bool = False
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    uv_platform: str | None = None
    declared_indexes: tuple[str, ...] = ()
    declared_default: str | None = None


@contextmanager
def opened(settings: Settings, progress: Callable[[str, int, int], None]) -> Iterator[Outside]:
    """The outside world, closed at the end. InputError for an index URL that is none."""
    with Fetcher(settings.cache_dir, offline=settings.offline) as fetcher:
        urls = web_urls((*settings.extra_index_urls, *settings.declared_indexes))
        index = Index(fetcher, (*urls, settings.index_url or settings.declared_default or PYPI))
        with Store(settings.cache_dir / "facts.db", FACTS_EDITION) as store:
            yield Outside(fetcher, index, store, _uv(settings), settings.target, settings.as_of, progress)


def _uv(settings: Settings) -> Uv:
    return Uv(
        offline=settings.offline,
        default_index=settings.index_url,
        indexes=tuple(url for url in settings.extra_index_urls if web_urls((url,))),
        options=("--python-platform", settings.uv_platform) if settings.uv_platform else (),
    )


def web_urls(indexes: tuple[str, ...]) -> tuple[str, ...]:
    """The URLs of those that are asked over the network, without the names that uv lets them have."""
    urls = (re.sub(r"^[A-Za-z0-9._-]+=(?=https?://)", "", index) for index in indexes)
    return tuple(url for url in urls if url.startswith(("https://", "http://")))
