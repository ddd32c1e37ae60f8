"""What a text may give to anything, by a quick look."""

from __future__ import annotations

import pytest

from pinproof.facts.texts import may_give

GIVEN = (
    "def x(): ...",
    "class C:\n  x = 1",
    "class C:\n  x: int",
    "def f(x): ...",
    "f(x=1)",
    "import x",
    "import a.x, x",
    "self.x",
    "cls.x()",
    "a.x = 1",
    "a.x: int = 1",
    "a.x += 1",
    "'x'",
    "'a x b'",
    "# x",
    "x",
    "a.x; x",
)
NOT_GIVEN = (
    "a.x",
    "a.x()",
    "a.b.x.c",
    "a().x == 1",
    "a[0].x",
    "f(a.x, b=1)",
    "self.a.x",
    "'a.x'",
    "# as a.x was",
    "xx = x_ = _x = éx = xé = 1",
    "",
)


@pytest.mark.parametrize("text", GIVEN)
def test_given(text: str) -> None:
    assert may_give(text.replace("x", "name").encode(), ["name", "other"]) == {"name"}


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_not_given(text: str) -> None:
    assert may_give(text.replace("x", "name").encode(), ["name"]) == set()
