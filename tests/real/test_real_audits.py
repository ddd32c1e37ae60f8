"""What keeps fixes out, and what lets them in, on the real index; the advisories are made up, the packages are not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real_index


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINPROOF_CACHE_DIR", str(tmp_path_factory.mktemp("pinproof-cache")))
        yield


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def advisory(name: str, *stretches: tuple[str, str]) -> None:
    """A record of releases that are affected from one on, before another, several times over."""
    ranges = [
        {"type": "ECOSYSTEM", "events": [{"introduced": start}, {"fixed": end}]} for start, end in stretches
    ]
    affected = [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}]
    record = {"id": "MADE-UP-1", "modified": "2024-05-01T10:00:00Z", "affected": affected}
    Path("advisories").mkdir()
    Path("advisories/record.json").write_text(json.dumps(record))


def audit(*arguments: str, code: int) -> Any:
    command = [sys.executable, "-m", "pinproof", "audit", "--python-version", "3.11", *arguments]
    done = subprocess.run([*command, "--output-format", "json"], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


FROM = ("--advisories", "advisories")


def test_requests_keeps_urllib3_2_out() -> None:
    advisory("urllib3", ("0", "2.0.6"))
    Path("requirements.txt").write_text(
        "requests==2.29.0\nurllib3==1.26.15\ncharset-normalizer==3.1.0\nidna==3.4\ncertifi==2023.5.7\n"
    )
    [exposure] = audit(*FROM, "--as-of", "2024-06-01", code=1)["exposures"]
    [fixed] = exposure["fixed"]
    [blocker] = fixed["blockers"]
    assert (blocker["dependent"], blocker["requirement"]) == ("requests", "urllib3<1.27,>=1.21.1")
    assert (fixed["version"], blocker["lifted_in"]) == ("2.0.6", "2.30.0")
    assert exposure["reach"] == "at-import"

    audit(*FROM, "--fix", "--as-of", "2024-06-01", code=0)
    pins = Path("requirements.txt").read_text().split()
    assert pins[2:] == ["charset-normalizer==3.1.0", "idna==3.4", "certifi==2023.5.7"]
    assert pins[1].startswith("urllib3==2.")


def test_what_an_own_cap_keeps_out_rightly() -> None:
    advisory("werkzeug", ("0", "2.3.8"), ("3.0.0", "3.0.1"))
    declared = (
        '[project]\nname = "shop"\nversion = "1"\ndependencies = [\n  "flask",\n  "flask-login==0.6.2",\n'
    )
    Path("pyproject.toml").write_text(f'{declared}  "werkzeug<2.3",\n]\n')
    Path("requirements.txt").write_text(
        "click==8.1.7\nflask==2.2.5\nflask-login==0.6.2\nitsdangerous==2.1.2\njinja2==3.1.2\n"
        "markupsafe==2.1.3\nwerkzeug==2.2.3\n"
    )
    [exposure] = audit(*FROM, "--as-of", "2024-01-01", code=1)["exposures"]
    lower, higher = exposure["fixed"]
    assert (lower["version"], lower["breaks"]) == ("2.3.8", [])
    assert (higher["version"], higher["breaks"][0]["symbol"]) == ("3.0.1", "werkzeug.urls.url_decode")
    assert all(fixed["blockers"][0]["at"]["line"] == 7 for fixed in exposure["fixed"])

    audit(*FROM, "--fix", "--as-of", "2024-01-01", code=0)
    assert '"werkzeug<3",' in Path("pyproject.toml").read_text()
    assert "werkzeug==2.3.8" in Path("requirements.txt").read_text()


def test_pyramid_holds_setuptools_back_rightly() -> None:
    Path("requirements.txt").write_text("pyramid==2.1\nsetuptools==81.0.0\n")
    [held] = audit("--held-back", "--as-of", "2026-11-01", code=0)["held_back"]
    assert (held["name"], held["dependent"], held["requirement"]) == (
        "setuptools",
        "pyramid",
        "setuptools<82",
    )
    assert held["since"].startswith("2026-02-08")
    assert held["compatible"] is False
    assert held["breaks"][0]["symbol"] == "pkg_resources"


def test_the_pin_of_an_alpha_blocks_every_later_fix() -> None:
    advisory("datasette", ("0", "1.0a28"))
    Path("requirements.txt").write_text("datasette==1.0a27\ndatasette-export-database==0.3a1\n")
    [exposure] = audit(*FROM, "--as-of", "2026-05-01", code=1)["exposures"]
    [blocker] = exposure["fixed"][0]["blockers"]
    assert (blocker["dependent"], blocker["requirement"]) == (
        "datasette-export-database",
        "datasette==1.0a27",
    )


def test_a_clean_set_says_what_it_was_checked_against() -> None:
    advisory("urllib3", ("0", "1.26.5"))
    Path("requirements.txt").write_text("urllib3==1.26.15\n")
    answer = audit(*FROM, code=0)
    assert (answer["status"], answer["advisories"]["newest"]) == ("clean", "2024-05-01T10:00:00Z")
