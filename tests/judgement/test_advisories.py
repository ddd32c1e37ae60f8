"""Which advisories hit a release or a range, merged by alias."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.judgement.advisories import hits, in_range
from pinproof.model.advisory import Advisory, Level, Rating, Stretch

ALPHA = canonicalize_name("alpha")
LONG_AGO = datetime(2024, 5, 1, tzinfo=UTC)


def advisory(
    identifier: str,
    until: str | None,
    *,
    since: str | None = None,
    aliases: tuple[str, ...] = (),
    rating: Rating | None = None,
) -> Advisory:
    """An advisory on the releases from `since` until before `until`, which is the fix."""
    end = Version(until) if until else None
    return Advisory(
        identifier,
        ALPHA,
        LONG_AGO,
        aliases,
        rating=rating or Rating(Level.UNRATED),
        stretches=(Stretch(Version(since) if since else None, end),),
        fixed=(end,) if end else (),
    )


@pytest.mark.parametrize(
    ("advisories", "version", "expected"),
    [
        pytest.param([advisory("PYSEC-1", "2.0")], "1.0", [("PYSEC-1", (), ("2.0",))], id="hit"),
        pytest.param([advisory("PYSEC-1", "2.0")], "2.0", [], id="at the fix"),
        pytest.param([advisory("PYSEC-1", None)], "1.0", [("PYSEC-1", (), ())], id="no fix recorded"),
        pytest.param(
            [
                advisory("GHSA-x", "2.0", aliases=("CVE-1",)),
                advisory("PYSEC-1", "2.0", aliases=("CVE-1", "GHSA-x")),
            ],
            "1.0",
            [("PYSEC-1", ("GHSA-x", "CVE-1"), ("2.0",))],
            id="two records of the same",
        ),
        pytest.param(
            [
                advisory("PYSEC-2", "2.0", aliases=("CVE-2",)),
                advisory("OTHER-1", "2.0", aliases=("CVE-2", "CVE-3")),
                advisory("PYSEC-1", "2.0", aliases=("CVE-3",)),
            ],
            "1.0",
            [("PYSEC-1", ("PYSEC-2", "CVE-2", "CVE-3", "OTHER-1"), ("2.0",))],
            id="the same by way of a third",
        ),
        pytest.param(
            [advisory("PYSEC-1", "2.0", aliases=("CVE-1",)), advisory("PYSEC-2", "3.0", aliases=("CVE-2",))],
            "1.0",
            [("PYSEC-1", ("CVE-1",), ("2.0",)), ("PYSEC-2", ("CVE-2",), ("3.0",))],
            id="two of them",
        ),
        pytest.param(
            [
                advisory("GHSA-x", "2.1", aliases=("CVE-1",)),
                advisory("PYSEC-1", "2.0", aliases=("CVE-1",)),
            ],
            "2.0",
            [("PYSEC-1", ("GHSA-x", "CVE-1"), ("2.1",))],
            id="a fix that another record knows better",
        ),
        pytest.param(
            [
                advisory("PYSEC-1", "1.6", aliases=("CVE-1",)),
                advisory("GHSA-x", "2.3", since="2.0", aliases=("CVE-1",)),
            ],
            "1.0",
            [("PYSEC-1", ("GHSA-x", "CVE-1"), ("1.6", "2.3"))],
            id="a fix in each line",
        ),
        pytest.param(
            [
                advisory("PYSEC-1", "1.6", aliases=("CVE-1",)),
                advisory("GHSA-x", "2.3", since="2.0", aliases=("CVE-1",)),
            ],
            "2.1",
            [("PYSEC-1", ("GHSA-x", "CVE-1"), ("2.3",))],
            id="no fix lies behind",
        ),
    ],
)
def test_hits(
    advisories: list[Advisory], version: str, expected: list[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> None:
    found = hits(ALPHA, Version(version), advisories)

    assert [(v.identifier, v.aliases, tuple(map(str, v.fixes))) for v in found] == expected
    assert hits(ALPHA, Version(version), advisories[::-1]) == found


def test_the_worst_rating_counts() -> None:
    low, high = Rating(Level.LOW, 3.1, "a"), Rating(Level.HIGH, 7.5, "b")
    advisories = [
        advisory("PYSEC-1", "2", aliases=("CVE-1",), rating=low),
        advisory("GHSA-x", "2", aliases=("CVE-1",), rating=high),
        advisory("OTHER", "2", aliases=("CVE-1",)),
    ]

    (found,) = hits(ALPHA, Version("1"), advisories)

    assert found.rating == high


@pytest.mark.parametrize(
    ("admitted", "vulnerable", "floor"),
    [
        (["1.0", "1.1", "2.0", "2.1"], ["1.0", "1.1"], "2.0"),
        (["2.0", "2.1"], [], "2.0"),
        (["1.0", "1.1"], ["1.0", "1.1"], None),
        ([], [], None),
    ],
)
def test_what_a_range_lets_in(admitted: list[str], vulnerable: list[str], floor: str | None) -> None:
    versions = [Version(text) for text in admitted]

    found = in_range(Requirement("alpha"), ALPHA, versions, [advisory("PYSEC-1", "2.0")])

    assert [str(version) for version in found.vulnerable] == vulnerable
    assert (str(found.floor) if found.floor else None) == floor


def test_the_floor_is_above_every_vulnerable_release() -> None:
    advisories = [advisory("PYSEC-1", "1.1"), advisory("PYSEC-2", "2.1", since="2.0")]

    found = in_range(
        Requirement("alpha"), ALPHA, [Version(v) for v in ("1.0", "1.1", "2.0", "2.1")], advisories
    )

    assert str(found.floor) == "2.1"
