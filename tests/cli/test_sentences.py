"""Breaks as sentences: a table."""

from __future__ import annotations

from typing import Any

import click
import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.model.release import Pin
from pinproof.model.verdict import Break, How, NotChecked, Severity
from pinproof.presentation.sentences import changes, one_line, remedy, sentence, unchecked


def found(**changed: Any) -> Break:
    values: dict[str, Any] = {
        "severity": Severity.FATAL,
        "how": How.IMPORT,
        "dependent": "a",
        "dependent_version": Version("1.0"),
        "dependency": "b",
        "dependency_version": Version("3.0"),
        "symbol": "b.x",
        "path": "a/m.py",
        "line": 7,
        "baseline": Version("2.0"),
        "removed_in": Version("2.5"),
        "works_with": SpecifierSet("<2.5"),
    }
    return Break(**(values | changed))


@pytest.mark.parametrize(
    ("changed", "told", "works"),
    [
        ({}, "a 1.0 imports b.x (a/m.py:7), removed in b 2.5", "works with b<2.5"),
        ({"how": How.ATTRIBUTE}, "a 1.0 uses b.x (a/m.py:7), removed in b 2.5", "works with b<2.5"),
        (
            {"how": How.CALL, "symbol": "b.f(key)"},
            "a 1.0 calls b.f(key) (a/m.py:7), removed in b 2.5",
            "works with b<2.5",
        ),
        ({"how": How.BASE}, "a 1.0 subclasses b.x (a/m.py:7), removed in b 2.5", "works with b<2.5"),
        (
            {"works_with": SpecifierSet(">=4.1"), "removed_in": Version("4.0")},
            "a 1.0 imports b.x (a/m.py:7), there since b 4.1",
            "works with b>=4.1",
        ),
        (
            {"works_with": SpecifierSet("!=3.0,!=3.1")},
            "a 1.0 imports b.x (a/m.py:7), which b 3.0 does not have",
            "works with b!=3.0,!=3.1",
        ),
        (
            {"works_with": None, "removed_in": None},
            "a 1.0 imports b.x (a/m.py:7), which b 3.0 does not have",
            "",
        ),
        (
            {"dependency_version": None, "works_with": SpecifierSet("<81")},
            "a 1.0 imports b.x (a/m.py:7) but requires nothing that provides it; b does",
            "works with b<81",
        ),
        (
            {"dependency_version": None, "works_with": SpecifierSet()},
            "a 1.0 imports b.x (a/m.py:7) but requires nothing that provides it; b does",
            "",
        ),
        (
            {
                "dependency": "python",
                "dependency_version": Version("3.13"),
                "removed_in": Version("3.12"),
                "works_with": SpecifierSet("<3.12"),
                "symbol": "imp",
            },
            "a 1.0 imports imp (a/m.py:7), removed in Python 3.12",
            "works with Python < 3.12",
        ),
        (
            {"severity": Severity.DEPRECATED, "message": "use c\ninstead", "works_with": None},
            "a 1.0 imports b.x (a/m.py:7): use c instead",
            "",
        ),
        (
            {"severity": Severity.DEPRECATED, "works_with": None},
            "a 1.0 imports b.x (a/m.py:7), deprecated in b 3.0",
            "",
        ),
        ({"line": 0, "path": "a.py"}, "a 1.0 imports b.x (a.py), removed in b 2.5", "works with b<2.5"),
    ],
)
def test_a_break(changed: dict[str, Any], told: str, works: str) -> None:
    assert sentence(found(**changed)) == told
    assert remedy(found(**changed)) == works


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "a\x1b[31m b", "a\x85b", "a\u2028b", "a \u202eb", "a\x00b", "a\x9b31mb"]
)
def test_hostile_text_stays_on_its_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) == 1
    assert line.isprintable()


def pin(name: str, version: str) -> Pin:
    return Pin(canonicalize_name(name), Version(version))


def test_changes() -> None:
    before = [pin("a", "1"), pin("b", "1"), pin("c", "1")]
    after = [pin("a", "1"), pin("b", "2"), pin("d", "1")]
    assert changes(before, after) == ["b 1 -> 2", "c 1 no longer needed", "d 1 added"]
    assert changes(before, before) == []


def test_a_long_list_is_counted() -> None:
    entries = [NotChecked(f"p{number}", "because") for number in range(4)]
    assert unchecked(entries, 2) == ["p0: because", "p1: because", "and 2 more (-v names them)"]
    assert len(unchecked(entries, None)) == 4
    assert unchecked([], 2) == []


def test_nothing_here_needs_a_terminal() -> None:
    assert click.unstyle(sentence(found())) == sentence(found())
