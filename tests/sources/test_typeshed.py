"""The standard library of older Pythons: typeshed's stubs, and what those do not tell."""

from __future__ import annotations

import ast

import pytest

from pinproof.judgement.pythons import RELEASED
from pinproof.sources.earlier import Extras
from pinproof.sources.stub_text import as_on
from pinproof.sources.typeshed import Stubs, modules

STUB = """\
import sys
if sys.version_info >= (3, 12):
    def new(): ...
elif sys.version_info >= (3, 11) and sys.platform == "linux":
    def here(): ...
else:
    @deprecated("x")
    def old(): ...
class A:
    if sys.version_info < (3, 12):
        @property
        def gone(self): ...
    @classmethod
    def made(cls): ...
class B: ...
"""


@pytest.mark.parametrize(
    ("python", "there", "not_there"),
    [
        ((3, 12), {"new"}, {"here", "old", "gone"}),
        ((3, 11), {"here", "old", "gone"}, {"new"}),
        ((3, 10), {"old", "gone"}, {"new", "here"}),
    ],
)
def test_only_the_branches_of_the_python(
    python: tuple[int, int], there: set[str], not_there: set[str]
) -> None:
    names = {n.name for n in ast.walk(_read(python, Extras())) if isinstance(n, ast.FunctionDef)}
    assert there <= names
    assert not not_there & names


def test_what_is_put_in() -> None:
    extras = Extras(("name",), {"A": ("first",), "B": ("second", "third")}, {"A.made": "(cls, *, loop=...)"})
    for python in ((3, 9), (3, 12)):
        written = ast.unparse(_read(python, extras))
        assert "class B:\n    second: object\n    third: object" in written
        assert "class A:\n    first: object\n" in written
        assert "@classmethod\n    def made(cls, *, loop=...)" in written
        assert written.endswith("\nname: object")


@pytest.mark.parametrize("python", [min(RELEASED), (3, 9), max(RELEASED)])
def test_every_stub_can_be_read(python: tuple[int, int]) -> None:
    for _, text in Stubs(python).read(modules(python).values()):
        ast.parse(text)


def test_modules_of_their_time() -> None:
    assert "formatter" in modules((3, 9))
    assert "formatter" not in modules((3, 10))


def _read(python: tuple[int, int], extras: Extras) -> ast.Module:
    return ast.parse(as_on(python, STUB.encode(), extras))
