"""Specifiers changed as little as lets a version in."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pinproof.judgement.rewriting import admitting, bounds_above, loosened, raised


@pytest.mark.parametrize(
    ("written", "version", "expected"),
    [
        ("<2.3", "2.3.8", "<3"),
        ("<=2.2.3", "2.3.8", "<3"),
        (">=2.0, <2.3", "2.3.8", ">=2.0, <3"),
        ("<0.5", "0.5.1", "<0.6"),
        ("==2.29.0", "2.31.0", "==2.31.0"),
        ("== 2.29.0", "2.31.0", "== 2.31.0"),
        (" >=2 , < 2.3", "2.3.8", ">=2 , < 3"),
        ("===2.29.0", "2.31.0", "===2.31.0"),
        ("==2.2.*", "2.3.8", "==2.3.*"),
        ("~=2.2.3", "2.3.8", "~=2.3.8"),
        ("~=2.2", "3.0.1", "~=3.0"),
        (">=1,!=2.0.6", "2.0.6", ">=1"),
        (">=1,<2 ", "1.5", ">=1,<2"),
        ("", "1.5", ""),
        ("<1!3", "1!3.1", "<1!4"),
    ],
)
def test_admitting(written: str, version: str, expected: str) -> None:
    found = admitting(written, Version(version))
    assert found == expected
    assert SpecifierSet(found).contains(version, prereleases=True)


def test_where_to_cap_may_be_known_better() -> None:
    assert admitting(">=2,<2.3", Version("2.3.8"), "2.5") == ">=2,<2.5"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<2.3", ">=1.5"),
        ("==1.5", ">=1.5"),
        ("~=1.5", ">=1.5"),
        (">=1.0, <2, !=1.7", ">=1.0, !=1.7"),
        ("!=1.7", ">=1.5,!=1.7"),
        ("", ">=1.5"),
    ],
)
def test_loosened(written: str, expected: str) -> None:
    assert loosened(written, Version("1.5")) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (">=1.0", ">=2.1"),
        (">=1.0,<3", ">=2.1,<3"),
        ("<3, >1.0", "<3, >=2.1"),
        ("~=2.0", "~=2.1"),
        ("<3", ">=2.1,<3"),
        ("", ">=2.1"),
    ],
)
def test_raised(written: str, expected: str) -> None:
    assert raised(written, Version("2.1")) == expected


@pytest.mark.parametrize(
    ("written", "bounded"),
    [("<2", True), ("==1.0", True), ("==1.*", True), ("~=1.0", True), (">=1,!=1.5", False), ("", False)],
)
def test_bounds_above(written: str, bounded: bool) -> None:
    assert bounds_above(written) is bounded
