"""Which releases work: the edge between one that does and one that does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pinproof.judgement.spans import broken_span, plain

TEN = [f"{n}.0" for n in range(1, 11)]


def span_of(
    versions: list[str], broken: set[str], good: str, bad: str, unreadable: frozenset[str] = frozenset()
) -> tuple[str, str]:
    """(first bad, bound) where the broken releases are those of the set."""
    found = broken_span(
        [Version(v) for v in versions],
        good=Version(good),
        bad=Version(bad),
        works=lambda v: None if str(v) in unreadable else str(v) not in broken,
    )
    return str(found.first_bad), str(found.works_with)


@pytest.mark.parametrize(
    ("versions", "broken", "good", "bad", "expected"),
    [
        (["1.0", "2.0"], {"2.0"}, "1.0", "2.0", ("2.0", "<2")),
        (["1.0", "1.1", "1.2", "2.0"], {"2.0"}, "1.0", "2.0", ("2.0", "<2")),
        (["1.0", "1.1", "1.2", "2.0"], {"1.1", "1.2", "2.0"}, "1.0", "2.0", ("1.1", "<1.1")),
        (["1.0", "1.1", "1.2", "2.0"], {"1.2", "2.0"}, "1.0", "2.0", ("1.2", "<1.2")),
        (TEN, set(TEN[6:]), "1.0", "10.0", ("7.0", "<7")),
        (TEN, set(TEN[6:]), "3.0", "8.0", ("7.0", "<7")),
        (["1.0", "2.0", "2.1"], {"2.0"}, "1.0", "2.0", ("2.0", "!=2.0")),
        (["1.0", "2.0", "2.1", "2.2"], {"2.0", "2.1"}, "1.0", "2.1", ("2.0", "!=2.0,!=2.1")),
        (["1.0", "2.0", "2.1"], {"2.0", "2.1"}, "1.0", "2.0", ("2.0", "<2")),
        (["1.0", "2.0"], {"1.0"}, "2.0", "1.0", ("1.0", ">=2.0")),
        (TEN, set(TEN[:4]), "10.0", "1.0", ("4.0", ">=5.0")),
        (["1.0", "2.0rc1"], {"2.0rc1"}, "1.0", "2.0rc1", ("2.0rc1", "<2.0rc1")),
        (["1!1.0", "1!2.0"], {"1!2.0"}, "1!1.0", "1!2.0", ("1!2.0", "<1!2")),
    ],
)
def test_spans(versions: list[str], broken: set[str], good: str, bad: str, expected: tuple[str, str]) -> None:
    first, bound = span_of(versions, broken, good, bad)
    assert (first, ",".join(sorted(bound.split(",")))) == expected


def test_releases_that_cannot_be_read_are_stepped_over() -> None:
    unreadable = frozenset(TEN[2:8])
    assert span_of(TEN, set(TEN[5:]), "1.0", "10.0", unreadable) == ("9.0", "<9")


def test_only_a_few_releases_are_looked_at() -> None:
    asked: list[Version] = []

    def works(version: Version) -> bool:
        asked.append(version)
        return version < Version("700")

    versions = [Version(str(n)) for n in range(1, 1001)]
    assert str(broken_span(versions, good=versions[0], bad=versions[-1], works=works).works_with) == "<700"
    assert len(asked) <= 12


@given(
    st.integers(2, 40),
    st.data(),
)
def test_the_edge_lies_between_one_that_works_and_one_that_does_not(count: int, data: st.DataObject) -> None:
    versions = [Version(f"{n}.0") for n in range(1, count + 1)]
    broken = data.draw(st.sets(st.sampled_from(versions)))
    good, bad = data.draw(st.sampled_from(versions)), data.draw(st.sampled_from(versions))
    if good == bad:
        return
    broken = (broken - {good}) | {bad}
    found = broken_span(versions, good=good, bad=bad, works=lambda v: v not in broken)
    assert found.first_bad in broken
    assert bad not in found.works_with
    assert good in found.works_with
    between = versions[min(versions.index(good), versions.index(bad)) :]
    neighbour = versions[versions.index(found.first_bad) + (-1 if good < bad else 1)]
    assert neighbour in between
    assert neighbour not in broken


@given(st.integers(1, 30), st.integers(1, 30))
def test_a_clean_edge_is_found(count: int, edge: int) -> None:
    versions = [Version(f"{n}.0") for n in range(count + 1)]
    first = versions[min(edge, count)]
    found = broken_span(versions, good=versions[0], bad=versions[-1], works=lambda v: v < first)
    assert found.first_bad == first


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.0.0", "3"),
        ("3.1.0", "3.1"),
        ("3.0.1", "3.0.1"),
        ("0.0.0", "0"),
        ("3.0rc1", "3.0rc1"),
        ("3.0.post1", "3.0.post1"),
        ("3.0.dev1", "3.0.dev1"),
        ("1!3.0", "1!3"),
        ("2024.1.0", "2024.1"),
        ("10", "10"),
    ],
)
def test_plain(version: str, expected: str) -> None:
    assert plain(Version(version)) == expected
