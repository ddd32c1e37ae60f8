"""Bounds in and out of `pyproject.toml`."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement

from pinproof.errors import InputError
from pinproof.facts.kept_in_toml import Spot, bounds_in, with_bounds, without_bounds
from pinproof.facts.locks.header import KeptBound
from pinproof.model.verdict import Repair

CAP = KeptBound(Requirement("b<2"), Repair.CAP, ("a 1 imports b.x (a.py:1), removed in b 2", "and more"))
LEFT_OUT = KeptBound(Requirement("c!=1.0"), Repair.EXCLUDE, ("c 1.0 imports d.x (c.py:1), removed in d 2",))

UV = Spot("tool.uv", "constraint-dependencies")
PDM = Spot("dependency-groups", "pins")
POETRY = Spot("dependency-groups", "pins", "[tool.poetry.group.pins]\noptional = true\n")

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
    bounded = with_bounds(text, [CAP, LEFT_OUT], UV)
    assert tomllib.loads(bounded)["tool"]["uv"]["constraint-dependencies"] == [*mine, "b<2", "c!=1.0"]
    assert bounds_in(bounded) == (CAP, LEFT_OUT)
    assert with_bounds(bounded, [CAP, LEFT_OUT], UV) == bounded
    assert without_bounds(bounded, UV) == text
    assert with_bounds(bounded, [], UV) == text
    assert bounds_in(text) == ()


@pytest.mark.parametrize("tail", ["tool.uv = {package = true}\n", "[tool]\nuv.package = true\n"])
def test_what_cannot_be_spliced_is_refused(tail: str) -> None:
    with pytest.raises(InputError, match="cannot be edited"):
        with_bounds(tail, [CAP], UV)


def test_a_list_that_ends_in_a_comment() -> None:
    text = '[tool.uv]\nconstraint-dependencies = [\n    "x<1"  # no comma\n]\n'
    bounded = with_bounds(text, [CAP], UV)
    assert tomllib.loads(bounded)["tool"]["uv"]["constraint-dependencies"] == ["x<1", "b<2"]


@pytest.mark.parametrize("spot", [PDM, POETRY])
@pytest.mark.parametrize(
    "text",
    [
        PROJECT,
        f"{PROJECT}\n[tool.other]\npins = ['x']\n",
        f"{PROJECT}\n[dependency-groups]\ndev = ['x', {{ include-group = 'y' }}]\ny = []\n\n[tool.x]\npins = [1]\n",
        f"{PROJECT}\n[dependency-groups]\npins = ['x<1']\n",
    ],
)
def test_groups(text: str, spot: Spot) -> None:
    mine = tomllib.loads(text).get("dependency-groups", {}).get("pins", [])
    bounded = with_bounds(text, [CAP, LEFT_OUT], spot)
    document = tomllib.loads(bounded)
    assert document["dependency-groups"]["pins"] == [*mine, "b<2", "c!=1.0"]
    assert ("poetry" in document.get("tool", {})) == (spot is POETRY)
    assert with_bounds(bounded, [CAP, LEFT_OUT], spot) == bounded
    assert without_bounds(bounded, spot) == text


def test_what_the_user_says_of_the_group_stays() -> None:
    text = f"{PROJECT}\n[tool.poetry.group.pins]\noptional = false\n"
    bounded = with_bounds(text, [CAP], POETRY)
    assert tomllib.loads(bounded)["tool"]["poetry"]["group"]["pins"] == {"optional": False}
    assert without_bounds(bounded, POETRY) == text
