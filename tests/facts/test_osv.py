"""Records of OSV: what is affected, by the schema's own algorithm; what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pinproof.facts.osv import RecordError, advisories_of, read_record
from pinproof.model.advisory import Advisory, Level
from pinproof.model.verdict import NotChecked


def ecosystem(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    """A range."""
    return {"type": kind, "events": list(events)}


def affecting(name: str = "alpha", *, within: str = "PyPI", **parts: Any) -> dict[str, Any]:
    """What is affected of one package."""
    return {"package": {"ecosystem": within, "name": name}, **parts}


def record(*affected: dict[str, Any], **more: Any) -> bytes:
    """A record."""
    return json.dumps(
        {"id": "PYSEC-2024-1", "modified": "2024-05-01T10:00:00Z", "affected": list(affected), **more}
    ).encode()


def only(text: bytes) -> Advisory:
    """The one advisory of a record."""
    (found,) = advisories_of(read_record(text))
    assert isinstance(found, Advisory)
    return found


FROM_THE_BEGINNING = {"introduced": "0"}


@pytest.mark.parametrize(
    ("parts", "affected", "spared"),
    [
        pytest.param(
            {"ranges": [ecosystem(FROM_THE_BEGINNING, {"fixed": "1.5"})]},
            ["0.0.1.dev1", "1.4.9", "1.5rc1"],
            ["1.5", "1.5.post1", "2.0"],
            id="fixed is exclusive",
        ),
        pytest.param(
            {"ranges": [ecosystem({"introduced": "1.0"}, {"last_affected": "1.5"})]},
            ["1.0", "1.5", "1.5.0"],
            ["1.0rc1", "1.5.post1", "1.5.1"],
            id="last_affected is inclusive",
        ),
        pytest.param(
            {
                "ranges": [
                    ecosystem({"fixed": "2.0.6"}, {"introduced": "2.0"}, {"fixed": "1.6"}, FROM_THE_BEGINNING)
                ]
            },
            ["1.0", "1.5.9", "2.0", "2.0.5"],
            ["1.6", "1.26", "2.0.6"],
            id="events in any order",
        ),
        pytest.param({"ranges": [ecosystem({"introduced": "3.0"})]}, ["3.0", "99"], ["2.9"], id="no end"),
        pytest.param(
            {"ranges": [ecosystem(FROM_THE_BEGINNING, {"limit": "1.0"}, {"limit": "2.0"})]},
            ["0.1", "1.5"],
            ["2.0", "2.1"],
            id="the last limit counts",
        ),
        pytest.param(
            {"ranges": [ecosystem({"introduced": "1.0"}, {"fixed": "1.0"})]},
            [],
            ["0.9", "1.0", "1.1"],
            id="fixed where it was introduced",
        ),
        pytest.param({"versions": ["1.0", "1.2"]}, ["1.0", "1.0.0", "1.2"], ["1.1"], id="listed alone"),
        pytest.param(
            {"versions": ["1.7"], "ranges": [ecosystem(FROM_THE_BEGINNING, {"fixed": "1.5"})]},
            ["1.0", "1.7"],
            ["1.6"],
            id="either of the two counts",
        ),
        pytest.param(
            {"versions": ["1.0"], "ranges": [ecosystem(FROM_THE_BEGINNING, kind="GIT")]},
            ["1.0"],
            ["1.1"],
            id="commits say nothing of versions",
        ),
        pytest.param(
            {"ranges": [ecosystem(FROM_THE_BEGINNING, {"fixed": "1.5"}, kind="SEMVER")]},
            ["1.4"],
            ["1.5"],
            id="numbers of semver compare alike",
        ),
        pytest.param(
            {"versions": ["1.0", "1.0-n7"], "ranges": [ecosystem(FROM_THE_BEGINNING, {"fixed": "1.1-n7"})]},
            ["1.0"],
            ["1.1", "0.9"],
            id="where a range cannot be compared the list counts",
        ),
        pytest.param(
            {"ranges": [ecosystem({"introduced": "1!0"}, {"fixed": "1!2"})]},
            ["1!1"],
            ["1", "1!2"],
            id="epochs",
        ),
        pytest.param(
            {"ranges": [ecosystem(FROM_THE_BEGINNING, {"last_affected": "1.5"})], "versions": ["1.7"]},
            ["1.5+cu118", "1.7+cu118"],
            ["1.6+cu118"],
            id="a local version is a build of the public one",
        ),
    ],
)
def test_what_is_affected(parts: dict[str, Any], affected: list[str], spared: list[str]) -> None:
    found = only(record(affecting(**parts)))

    assert [text for text in affected if not found.affects(Version(text))] == []
    assert [text for text in spared if found.affects(Version(text))] == []


def test_every_part_of_one_project_counts_and_names_are_normalized() -> None:
    found = only(
        record(
            affecting("Al.Pha", ranges=[ecosystem(FROM_THE_BEGINNING, {"fixed": "1.1"})]),
            affecting("al-pha", ranges=[ecosystem({"introduced": "2"}, {"fixed": "2.3"})]),
        )
    )

    assert found.project == "al-pha"
    assert found.fixed == (Version("1.1"), Version("2.3"))
    assert [v for v in ("1.0", "1.1", "2.2", "2.3") if found.affects(Version(v))] == ["1.0", "2.2"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(record(affecting(within="npm", versions=["1.0"])), id="another ecosystem"),
        pytest.param(record(affecting(versions=["1.0"]), withdrawn="2024-06-01T00:00:00Z"), id="withdrawn"),
        pytest.param(record(), id="about nothing"),
        pytest.param(record({"ranges": [ecosystem(FROM_THE_BEGINNING)]}), id="of no package"),
    ],
)
def test_what_says_nothing_of_a_project_of_pypi(text: bytes) -> None:
    assert advisories_of(read_record(text)) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not a record"),
        (b"[1, 2", "not a record"),
        (b"[" * 100_000, "not a record"),
        (b"\xff\xfe{}", "not a record"),
        (b'{"id": 7, "modified": "2024-05-01T10:00:00Z"}', "id"),
        (b'{"id": " ", "modified": "2024-05-01T10:00:00Z"}', "id is empty"),
        (b'{"id": "X-1"}', "modified"),
        (b'{"id": "X-1", "modified": "2024-05-01T10:00:00"}', "timezone"),
        (b'{"id": "X-1", "modified": "0001-01-01T00:00:00+23:59"}', "no time that there is"),
        (record(affecting(versions="1.0")), "versions"),
    ],
)
def test_what_is_no_record_is_refused_with_a_reason(text: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        read_record(text)


def test_a_range_that_cannot_be_compared_is_told_where_nothing_is_listed() -> None:
    odd = ecosystem(FROM_THE_BEGINNING, {"fixed": "2019-09-12"})

    found = advisories_of(read_record(record(affecting(ranges=[odd]), affecting("beta", versions=["1"]))))

    assert [(type(one).__name__) for one in found] == ["NotChecked", "Advisory"]
    assert isinstance(found[0], NotChecked)
    assert found[0].name == "alpha"
    assert found[0].reason.startswith("PYSEC-2024-1: a range has a version that is none")


@pytest.mark.parametrize("parts", [{}, {"versions": []}, {"ranges": []}])
def test_a_record_that_tells_nothing_of_a_project_says_so(parts: dict[str, list[str]]) -> None:
    found = advisories_of(read_record(record(affecting(**parts))))
    assert found == (NotChecked("alpha", "PYSEC-2024-1: it does not tell what of alpha is affected"),)


@pytest.mark.parametrize(
    "text", ["9" * 5000, "1." * 2000 + "0", "v" * 100_000, "1.0" + "a" * 10_000, "\x00", ""]
)
def test_versions_that_nobody_would_write(text: str) -> None:
    found = only(record(affecting(versions=[text, "1.0"], ranges=[ecosystem({"introduced": text})])))

    assert found.affects(Version("1.0"))


VERSIONS = ["0", "0.1", "1.0rc1", "1.0", "1.0.post1", "1.1", "2.0", "1!0.5"]
KINDS = ("introduced", "last_affected", "fixed", "limit")
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(VERSIONS)), min_size=1, max_size=6)


def affected_by_the_schema(version: str, events: list[tuple[str, str]]) -> bool:
    """`IncludedInRanges` and `BeforeLimits`, word for word; events at one version in the order of `KINDS`."""
    limits = [Version(text) for kind, text in events if kind == "limit"]
    if limits and not any(Version(version) < limit for limit in limits):
        return False
    vulnerable = False
    begun = [
        (text != "0" or kind != "introduced", Version(text), KINDS.index(kind), kind) for kind, text in events
    ]
    for after_all, at, _, kind in sorted(begun):
        if kind == "introduced" and (not after_all or Version(version) >= at):
            vulnerable = True
        elif (kind == "fixed" and Version(version) >= at) or (
            kind == "last_affected" and Version(version) > at
        ):
            vulnerable = False
    return vulnerable


@given(EVENTS)
def test_the_schema_decides(events: list[tuple[str, str]]) -> None:
    found = only(record(affecting(ranges=[ecosystem(*({kind: text} for kind, text in events))])))

    for version in VERSIONS:
        assert found.affects(Version(version)) == affected_by_the_schema(version, events), version


CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
NEWER = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"


@pytest.mark.parametrize(
    ("more", "level", "score"),
    [
        ({"severity": [{"type": "CVSS_V3", "score": CRITICAL}]}, Level.CRITICAL, 9.8),
        (
            {"severity": [{"type": "CVSS_V3", "score": CRITICAL}, {"type": "CVSS_V4", "score": NEWER}]},
            Level.MEDIUM,
            6.9,
        ),
        ({"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}]}, Level.UNRATED, None),
        ({"severity": [{"type": "Ubuntu", "score": "high"}]}, Level.UNRATED, None),
        ({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/" + "AV:N/" * 9999}]}, Level.UNRATED, None),
        (
            {"severity": [{"type": "CVSS_V4", "score": "\x00"}, {"type": "", "score": ""}]},
            Level.UNRATED,
            None,
        ),
        (
            {
                "severity": [{"type": "CVSS_V3", "score": "nonsense"}],
                "database_specific": {"severity": "MODERATE"},
            },
            Level.MEDIUM,
            None,
        ),
        ({"database_specific": {"severity": ["HIGH"]}}, Level.UNRATED, None),
        ({}, Level.UNRATED, None),
    ],
)
def test_how_bad_it_is(more: dict[str, Any], level: Level, score: float | None) -> None:
    found = only(record(affecting(versions=["1.0"]), **more)).rating

    assert (found.level, found.score) == (level, score)


def test_what_is_said_of_the_package_itself_counts_more() -> None:
    found = only(
        record(
            affecting(versions=["1.0"], severity=[{"type": "CVSS_V4", "score": NEWER}]),
            severity=[{"type": "CVSS_V3", "score": CRITICAL}],
        )
    )

    assert found.rating.vector == NEWER


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ({"summary": "One\nline", "details": "many"}, "One line"),
        ({"summary": " ", "details": "\n## Impact\nIt fails."}, "Impact"),
        ({"summary": None, "details": "It fails.\nBadly."}, "It fails."),
        ({}, ""),
    ],
)
def test_the_summary_is_one_line(more: dict[str, Any], summary: str) -> None:
    assert only(record(affecting(versions=["1.0"]), **more)).summary == summary
