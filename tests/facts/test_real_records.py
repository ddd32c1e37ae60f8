"""Real records (see `tests/advisories/README.md`), and what they say of real releases."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.facts.osv import advisories_of, read_record
from pinproof.judgement.advisories import hits
from pinproof.model.advisory import Advisory, Level
from pinproof.model.verdict import NotChecked

RECORDS = {
    path.stem: advisories_of(read_record(path.read_bytes()))
    for path in (Path(__file__).parents[1] / "advisories").glob("*.json")
}
ADVISORIES = [one for found in RECORDS.values() for one in found if isinstance(one, Advisory)]


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("urllib3", "1.26.5", {"PYSEC-2023-192": "1.26.17 2.0.6", "PYSEC-2023-212": "1.26.18 2.0.7"}),
        ("urllib3", "1.26.17", {"PYSEC-2023-212": "1.26.18 2.0.7"}),
        ("urllib3", "1.26.18", {}),
        ("urllib3", "2.0.0", {"PYSEC-2023-192": "2.0.6", "PYSEC-2023-212": "2.0.7"}),
        ("urllib3", "2.0.7", {}),
        ("werkzeug", "2.2.3", {"PYSEC-2023-221": "2.3.8 3.0.1"}),
        ("werkzeug", "2.3.8", {}),
        ("werkzeug", "3.0.0", {"PYSEC-2023-221": "3.0.1"}),
        ("requests", "2.29.0", {"PYSEC-2023-74": "2.31.0"}),
        ("requests", "2.2.1", {}),
        ("jinja2", "2.10", {"PYSEC-2019-217": "2.10.1", "PYSEC-2021-66": "2.11.3"}),
        ("setuptools", "65.5.0", {"PYSEC-2022-43012": "65.5.1"}),
        ("setuptools", "65.5.1", {}),
        ("py", "1.11.0", {"PYSEC-2022-42969": ""}),
        ("joblib", "1.1.0", {"PYSEC-2022-288": "1.2.0"}),
        ("loguru", "0.5.3", {}),
    ],
)  # fmt: skip
def test_what_is_known_of_real_releases(name: str, version: str, expected: dict[str, str]) -> None:
    on = [one for one in ADVISORIES if one.project == name]

    found = hits(canonicalize_name(name), Version(version), on)

    assert {one.identifier: " ".join(map(str, one.fixes)) for one in found} == expected


def test_aliases_and_ratings() -> None:
    on = [one for one in ADVISORIES if one.identifier == "PYSEC-2023-192"]

    (found,) = hits(canonicalize_name("urllib3"), Version("1.26.4"), on)

    assert found.aliases == ("GHSA-v845-jxx5-vc9f", "CVE-2023-43804")
    assert (found.rating.level, found.rating.score) == (Level.HIGH, 8.1)
    assert found.summary.startswith("urllib3 is a user-friendly HTTP client library for Python.")


def test_what_was_withdrawn_says_nothing() -> None:
    assert RECORDS["PYSEC-2022-15"] == ()


def test_a_fix_that_is_no_version_is_not_guessed() -> None:
    (found,) = RECORDS["PYSEC-2019-125"]

    assert isinstance(found, NotChecked)
    assert found.name == "steam"
