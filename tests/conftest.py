"""Fixtures for every test: a local index, a cache, a fetcher that never really sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_index import LocalIndex
from pinproof.sources.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_configuration_of_this_machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither proxies nor credentials of whoever runs the tests may matter, but on the way to the real index."""
    if request.node.get_closest_marker("real_index"):
        return
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    """An empty package index on loopback."""
    with LocalIndex() as local:
        yield local


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """An empty cache directory."""
    return tmp_path / "cache"


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the fetcher would have slept between attempts."""
    return []


@pytest.fixture
def fetcher(cache: Path, naps: list[float]) -> Iterator[Fetcher]:
    """A fetcher on the empty cache."""
    with Fetcher(cache, sleep=naps.append) as made:
        yield made
