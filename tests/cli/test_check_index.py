"""`pinproof check` on an index: what it says, what it does not say, and the exit code for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex

PINS = "a==1.0\na-b==2.0\nc==9\nd>=1\n"
FOUND = """\
requirements.txt:1:1: PIN502 a 1.0 was yanked: broken
requirements.txt:2:1: PIN501 there is no project a-b on the index
requirements.txt:3:1: PIN503 there is no release c==9 on the index
requirements.txt:4:1: PIN504 d is archived on the index: no time
"""


@pytest.fixture(autouse=True)
def _project(index: LocalIndex) -> None:
    index.add("a", "1.0", yanked="broken")
    index.add("c", "1.0")
    index.add("d", "1.0")
    index.statuses |= dict.fromkeys("ac", ("active", "")) | {"d": ("archived", "no time")}
    Path("requirements.txt").write_text(PINS)


def test_what_the_index_says(pinproof: Command) -> None:
    ran = pinproof("check", "--select", "PIN5", "-q")
    assert (ran.code, ran.out) == (1, FOUND)


def test_offline_it_is_what_the_index_said(pinproof: Command) -> None:
    pinproof("check", "--select", "PIN5", "-q")
    ran = pinproof("check", "--select", "PIN5", "-q", "--offline")
    assert (ran.code, ran.out) == (1, FOUND)


def test_offline_what_it_did_not_say_is_not_checked(pinproof: Command, index: LocalIndex) -> None:
    ran = pinproof("check", "--select", "PIN5", "--offline")
    assert ran.code == 0
    assert f"not checked: a, a-b, c and 1 more: what {index.url} says of it is not in the cache" in ran.out
    assert index.asked == []


def test_an_index_that_fails(pinproof: Command, index: LocalIndex) -> None:
    index.fail("/simple/", 403, times=100)
    ran = pinproof("check", "--select", "PIN5")
    assert ran.code == 3
    assert "not checked: a, a-b, c and 1 more: " in ran.out
    assert "error: " in ran.err
    assert "403" in ran.err
    assert pinproof("check", "--select", "PIN5", "-q").err


def test_nothing_is_asked_for_rules_of_the_files_alone(pinproof: Command, index: LocalIndex) -> None:
    assert pinproof("check", "--select", "PIN301").code == 0
    assert index.asked == []
