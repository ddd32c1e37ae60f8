"""Bounds in and out of `pyproject.toml`."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement

from pinproof.errors import InputError
from pinproof.facts.locks.header import KeptBound
from pinproof.facts.uv_bounds import bounds_in, with_bounds, without_bounds
from pinproof.model.verdict import Repair

CAP = KeptBound(Requirement("b<2"), Repair.CAP, ("a 1 imports b.x (a.py:1), removed in b 2", "and more"))
LEFT_OUT = KeptBound(Requirement("c!=1.0"), Repair.EXCLUDE, ("c 1.0 imports d.x (c.py:1), removed in d 2",))

PROJECT = '[project]\nname = "a" # ]\n'


@pytest.mark.parametrize(
    "text",
    [
        PROJECT,
        PROJECT.rstrip("\n") + "\n\n\n",
        f"{PROJECT}\n[tool.uv]\npackage = true\n",
        f"{PROJECT}\n[tool.uv]\n",
        f"{PROJECT}\n[tool.uv]\n[[tool.uv.index]]\nurl = 'https://example.org'\n",
        f'{PROJECT}\n[tool.uv]\nconstraint-dependencies = ["x<1"]\npackage = true\n',
        f'{PROJECT}\n[tool.uv]\nconstraint-dependencies = [\n    "x<1",  # mine ]\n    "y[z]>1",\n]\n',
        f"{PROJECT}\n[tool.uv]  # comment\nconstraint-dependencies = [\n    'x<1',\n]\n[tool.other]\nx = 1\n",
        f"{PROJECT}\n[tool.other]\nx = 1\n",
    ],
)
def test_in_and_out_again(text: str) -> None:
    mine = tomllib.loads(text).get("tool", {}).get("uv", {}).get("constraint-dependencies", [])
    bounded = with_bounds(text, [CAP, LEFT_OUT])
    assert tomllib.loads(bounded)["tool"]["uv"]["constraint-dependencies"] == [*mine, "b<2", "c!=1.0"]
    assert bounds_in(bounded) == (CAP, LEFT_OUT)
    assert with_bounds(bounded, [CAP, LEFT_OUT]) == bounded
    assert without_bounds(bounded) == text
    assert with_bounds(bounded, []) == text
    assert bounds_in(text) == ()


@pytest.mark.parametrize("tail", ["tool.uv = {package = true}\n", "[tool]\nuv.package = true\n"])
def test_what_cannot_be_spliced_is_refused(tail: str) -> None:
    with pytest.raises(InputError, match="cannot be edited"):
        with_bounds(tail, [CAP])


def test_a_list_that_ends_in_a_comment() -> None:
    text = '[tool.uv]\nconstraint-dependencies = [\n    "x<1"  # no comma\n]\n'
    bounded = with_bounds(text, [CAP])
    assert tomllib.loads(bounded)["tool"]["uv"]["constraint-dependencies"] == ["x<1", "b<2"]
