"""The command line on a local index: real uv, no network, nothing of this machine's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command import Command

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "UV_OFFLINE", "PIP_EXTRA_INDEX_URL", "PINPROOF_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setattr("pinproof.sources.network._pause", lambda attempt, retry_after: 0.0)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture
def pinproof(index: LocalIndex, cache: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command line against the local index."""
    return Command(
        capsys,
        (
            "--index-url",
            index.url,
            "--cache-dir",
            str(cache),
            "--python-version",
            "3.11",
            "--python-platform",
            "linux",
        ),
    )
