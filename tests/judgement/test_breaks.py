"""The judge as a table: what `a` does with `b`, what `b` was and became, and the breaks that must come of it.

The tables are the files in `breaks/`, one for each of the traps that tools of this kind fall into. A case reads

    === its name [fails] [not run] [of Python] [python 3.12]
    --- a                   the `__init__` of `a`; `--- a a/c.py` for another member
    --- b 1, --- b 2        `b` before and after; where they are not given, `OLD_B` and `NEW_B`
    --- breaks              what must be told, nothing where this is left out

Python itself is asked, too: each case is imported for real, so that the tables cannot expect what is not so. `[fails]`
says that importing `a` fails with the new `b` though the judge cannot know, `[of Python]` that it is Python that took
something away, so that nothing depends on which `b` is there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from world import NEW_PAIR, OLD_PAIR, imports, pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from world import World

OLD_B = {
    "b/__init__.py": """\
        __version__ = "1.0"
        VERSION = (1, 0)
        def gone(function=None): return function
        def kept(function=None): return function
        class Gone(type): ...
        class Kept: ...
        """,
    "b/old.py": "x = y = 1",
    "b/sub.py": "def gone(): ...\ndef kept(): ...",
    "b/_private.py": "def gone(): ...",
}
NEW_B = {
    "b/__init__.py": """\
        __version__ = "2.0"
        VERSION = (2, 0)
        def kept(function=None): return function
        class Kept: ...
        def fresh(): ...
        """,
    "b/sub.py": "def kept(): ...",
    "b/_private.py": "",
}


class Case(NamedTuple):
    """One row of a table."""

    name: str
    options: frozenset[str]
    parts: dict[str, dict[str, str]]
    expected: list[str]

    @property
    def world(self) -> World:
        old, new = self.parts.get("b 1", OLD_B), self.parts.get("b 2", NEW_B)
        return pair(self.parts["a"], old, new, self.python)

    @property
    def python(self) -> tuple[int, int]:
        wanted = next((o for o in self.options if o.startswith("python ")), "python 3.11")
        major, minor = wanted.removeprefix("python ").split(".")
        return int(major), int(minor)

    @property
    def can_run(self) -> bool:
        other = any(o.startswith("python ") for o in self.options)
        return "not run" not in self.options and (not other or sys.version_info[:2] == self.python)


def cases() -> Iterator[pytest.param]:
    for table in sorted((Path(__file__).parent / "breaks").glob("*.txt")):
        _, *texts = re.split(r"(?m)^=== ", table.read_text(encoding="utf-8"))
        for text in texts:
            case = read_case(text)
            yield pytest.param(case, id=f"{table.stem}: {case.name}")


def read_case(text: str) -> Case:
    head, *sections = re.split(r"(?m)^--- ", text.rstrip() + "\n")
    parts: dict[str, dict[str, str]] = {}
    expected: list[str] = []
    for section in sections:
        title, _, body = section.partition("\n")
        if title == "breaks":
            expected = body.splitlines()
            continue
        words = title.split()
        path = (
            words.pop() if words[-1].endswith((".py", ".pyi", ".so", ".pth")) else f"{words[0]}/__init__.py"
        )
        parts.setdefault(" ".join(words), {})[path] = body
    return Case(head.partition(" [")[0].strip(), frozenset(re.findall(r"\[(.*?)\]", head)), parts, expected)


CASES = list(cases())


@pytest.mark.parametrize("case", CASES)
def test_breaks(case: Case) -> None:
    assert sorted(case.world.told(NEW_PAIR)) == sorted(case.expected)


@pytest.mark.parametrize("case", CASES)
def test_a_set_against_its_own_baseline_has_no_break(case: Case) -> None:
    told = case.world.told(OLD_PAIR)
    expected = case.expected if "of Python" in case.options else []
    assert [line for line in told if not line.startswith("deprecated")] == expected


@pytest.mark.parametrize("case", [pytest.param(*c.values, id=c.id) for c in CASES if c.values[0].can_run])
def test_python_agrees(case: Case, tmp_path: Path) -> None:
    expected = "fails" in case.options or any(line.startswith("fatal") for line in case.expected)
    with_new = imports(case.world.write(NEW_PAIR, tmp_path / "new"), "a")
    assert (with_new is not None) is expected, with_new
    with_old = imports(case.world.write(OLD_PAIR, tmp_path / "old"), "a")
    assert (with_old is not None) is (expected and "of Python" in case.options), with_old
