"""Locks that each tool itself has made of one set, on the real index: the same judgement of all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real_index

MADE = Path(__file__).parents[1] / "facts" / "made_by_tools"
LOCKS = (
    "uv/uv.lock",
    "uv/pylock.toml",
    "uv/requirements.txt",
    "pip/pylock.toml",
    "pip-tools/requirements.txt",
    "poetry-2.5/poetry.lock",
    "poetry-1.8/poetry.lock",
    "pdm/pdm.lock",
    "pdm-no-inherit/pdm.lock",
    "pipenv/Pipfile.lock",
)


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINPROOF_CACHE_DIR", str(tmp_path_factory.mktemp("pinproof-cache")))
        yield


def judged(lock: Path) -> Any:
    arguments = ("--python-version", "3.11", "--python-platform", "linux", "--output-format", "json")
    command = [sys.executable, "-m", "pinproof", "verify", str(lock), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == (0 if found["status"] == "works" else 1)
    return found


@pytest.mark.parametrize(
    ("folder", "status", "fatal"),
    [
        (MADE, "broken", ["werkzeug.urls.url_decode", "werkzeug.urls.url_encode"]),
        (MADE / "works", "works", []),
    ],
    ids=["broken", "works"],
)
def test_the_same_judgement_of_the_same_set(folder: Path, status: str, fatal: list[str]) -> None:
    judgements = {lock: judged(folder / lock) for lock in LOCKS}
    first = judgements[LOCKS[0]]["breaks"]
    assert sorted(b["symbol"] for b in first if b["severity"] == "fatal") == fatal
    for lock, found in judgements.items():
        assert (lock, found["status"], found["not_checked"]) == (lock, status, [])
        assert (lock, found["breaks"]) == (lock, first)
