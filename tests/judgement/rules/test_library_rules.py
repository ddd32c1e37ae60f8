"""Rules for what a library publishes: what each finds and leaves alone, beyond the examples of its documentation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from documented import TODAY, TableWorld

from pinproof.actions.check import check
from pinproof.facts.check_settings import CheckSettings
from pinproof.judgement.fixing import spliced
from pinproof.model.finding import Safety

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.model.check_report import Checked

ALL = ("PIN1",)
PROJECT = """\
[build-system]
requires = ["hatchling>=1.26"]

[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
"""
INDEX = {
    "click": {
        "versions": ["7.0", "8.0", "8.1", "9.0", "10.0a1"],
        "extras": ["tui"],
    },
    "alpha": {"versions": ["1.0a1", "1.0a2", "2.0", "2.1a1"]},
    "early": {"versions": ["0.9", "1.0a1", "1.0a27"]},
}


def found(folder: Path, text: str, index: dict[str, Any] | None = None) -> Checked:
    (folder / "pyproject.toml").write_text(text, newline="")
    world = TableWorld(INDEX if index is None else index)
    return check(folder, CheckSettings(role="library", select=ALL), world, (), TODAY)[1]


def codes(folder: Path, text: str, index: dict[str, Any] | None = None) -> list[str]:
    return [result.code for result in found(folder, text, index).results]


def depending(*requirements: str) -> str:
    return PROJECT + f"dependencies = {json.dumps(requirements)}\n"


def fixed(folder: Path, text: str, *, index: dict[str, Any] | None = None, unsafe: bool = False) -> str:
    """The text after the first fix."""
    results = found(folder, text, index).results
    fixes = [
        r.finding.fix for r in results if r.finding.fix and (unsafe or r.finding.fix.safety is Safety.SAFE)
    ]
    return spliced(text, fixes[0].edits) if fixes else text


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("click==8.1", ["PIN101"]),
        ("click==8.1+local", ["PIN101"]),
        ("click>=8.0,==8.1", ["PIN101"]),
        ("click==8.*", ["PIN102"]),
        ("click===8.1", ["PIN103"]),
        ("click===what", ["PIN103"]),
        ("click>=8.0,<9", ["PIN104"]),
        ("click>=8.0,<=9", ["PIN104"]),
        ("click~=8.0", ["PIN104"]),
        ("click<9", ["PIN104", "PIN107"]),
        ("alpha==1.0a1", ["PIN101", "PIN105"]),
        ("alpha>=1.0a1,<1.0a3", ["PIN104", "PIN105"]),
        ("alpha>=1.0a1,<=1.0rc1", ["PIN104", "PIN105"]),
        ("alpha>=1.0a1", ["PIN105"]),
        ("click", ["PIN107"]),
        ("click!=8.0", ["PIN107"]),
        ("click>=9,<8", ["PIN104", "PIN109"]),
        ("click[gui]>=8.0", ["PIN111"]),
        ("click @ https://example.org/click.zip", ["PIN112"]),
        ("shop>=0.9", ["PIN113"]),
        # silence
        ("click>=8.0", []),
        ("click>8.0", []),
        ("click>=8.0,!=8.1", []),
        ("click>=8.0,!=8.1.*", []),
        ("click[tui]>=8.0", []),
        ("click[TUI]>=8.0", []),
        ("unheard-of[x]>=8.0", []),
        ("early>=1.0a27", []),
        ("alpha>=2.1a1", []),
        ("shop-core==1.0", []),
        ("shop_core>=1.0,<1.1", []),
    ],
)
def test_one_requirement(tmp_path: Path, requirement: str, expected: list[str]) -> None:
    assert codes(tmp_path, depending(requirement)) == expected


@pytest.mark.parametrize(
    "extra", ["dev", "test", "all-tests", "docs", "min-versions", "dev-lint", "typing_extra"]
)
def test_extras_for_developers_may_pin(tmp_path: Path, extra: str) -> None:
    text = f'{PROJECT}[project.optional-dependencies]\n{extra} = ["click==8.1", "alpha"]\n'
    assert codes(tmp_path, text) == []


@pytest.mark.parametrize("extra", ["all", "excel", "testserver", "full", "doctor"])
def test_extras_for_users_may_not(tmp_path: Path, extra: str) -> None:
    text = f'{PROJECT}[project.optional-dependencies]\n{extra} = ["click==8.1"]\n'
    assert codes(tmp_path, text) == ["PIN101"]


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        (["click==8.1", "alpha==2.0", "beta==1.0"], []),
        (["click==8.1", "alpha==2.0", "beta>=1.0"], ["PIN101", "PIN101"]),
        (["click==8.1"], ["PIN101"]),
    ],
)
def test_an_extra_in_which_all_is_pinned_is_a_lock(
    tmp_path: Path, locked: list[str], expected: list[str]
) -> None:
    text = f"{PROJECT}optional-dependencies = {{ locked = {json.dumps(locked)} }}\n"
    assert [code for code in codes(tmp_path, text) if code == "PIN101"] == expected


def test_groups_and_constraints_are_not_published(tmp_path: Path) -> None:
    text = (
        f'{PROJECT}[dependency-groups]\nplay = ["click==8.1", "alpha"]\n'
        '[tool.uv]\nconstraint-dependencies = ["click<9"]\n'
    )
    assert codes(tmp_path, text) == []


class TestCapsWithEvidence:
    @pytest.mark.parametrize(
        "comment",
        [
            "9.0 takes the group callbacks away",
            "breaks our completion",
            "https://github.com/pallets/click/issues/1",
            "see #123",
            "not compatible yet",
            "pinproof: shop 1.0 imports click.x (shop.py:1), removed in click 9.0",
        ],
    )
    def test_a_written_reason(self, tmp_path: Path, comment: str) -> None:
        behind = f'{PROJECT}dependencies = [\n    "click>=8.0,<9",  # {comment}\n]\n'
        above = f'{PROJECT}dependencies = [\n    # {comment}\n    "click>=8.0,<9",\n]\n'
        for text in (behind, above):
            checked = found(tmp_path, text)
            assert checked.results == ()
            (one,) = checked.evidence
            assert one.code == "PIN104"
            assert one.finding.evidence in comment
            assert "nothing says why" not in one.finding.message

    @pytest.mark.parametrize(
        "comment",
        [
            "the command line",
            "8.0 is the first with wheels",
            "noqa: E501",
            "via shop",
            "---- web ----",
            "1.0",
        ],
    )
    def test_a_comment_about_something_else(self, tmp_path: Path, comment: str) -> None:
        assert codes(tmp_path, f'{PROJECT}dependencies = [\n    "click>=8.0,<9",  # {comment}\n]\n') == [
            "PIN104"
        ]

    def test_a_comment_that_ignores_is_no_evidence(self, tmp_path: Path) -> None:
        text = f'{PROJECT}dependencies = [\n    "click>=8.0,<9",  # pinproof: ignore[PIN104] 9.0 breaks\n]\n'
        checked = found(tmp_path, text)
        assert (checked.results, checked.evidence, checked.suppressed) == ((), (), 1)

    def test_what_the_judge_finds(self, tmp_path: Path) -> None:
        index = {"click": {"versions": ["8.0", "9.0"], "until": {"click.x": "9.0"}}}
        checked = found(tmp_path, depending("click>=8.0,<9"), index)
        assert checked.results == ()
        (one,) = checked.evidence
        assert (
            one.finding.evidence
            == "datasette_export/__init__.py:1 imports click.x, which is gone in click 9.0"
        )

    def test_what_breaks_later_raises_the_cap(self, tmp_path: Path) -> None:
        index = {"click": {"versions": ["8.0", "9.0", "10.0"], "until": {"click.x": "10.0"}}}
        assert fixed(tmp_path, depending("click>=8.0,<9"), index=index) == depending("click>=8.0,<10")
        assert fixed(tmp_path, depending("click~=8.0"), index=index) == depending("click>=8.0,<10")


@pytest.mark.parametrize(
    ("before", "after", "unsafe"),
    [
        ("click == 8.1 ; python_version >= '3.9'", "click >=8.1 ; python_version >= '3.9'", False),
        ("click[tui]==8.1", "click[tui]>=8.1", False),
        ("click==8.1+local", "click>=8.1", False),
        ("click (==8.1)", "click (>=8.1)", False),
        ("click===8.1", "click>=8.1", False),
        ("click>=8.0,<9", "click>=8.0", False),  # 9.0 is there, and has all that is used
        ("alpha >= 2.0 , < 3", "alpha >= 2.0", True),
        ("alpha>=2.0, <3, !=2.0.1", "alpha>=2.0, !=2.0.1", True),
        ("alpha~=2.0", "alpha>=2.0", True),
        ("alpha==2.*", "alpha>=2", True),
        ("alpha>=1.0a1", "alpha>=2.0", True),
    ],
)
def test_fix(tmp_path: Path, before: str, after: str, unsafe: bool) -> None:
    assert fixed(tmp_path, depending(before), unsafe=unsafe) == depending(after)


@pytest.mark.parametrize(
    "requirement", ["click<9", "click===what", "click @ https://example.org/x.zip", "alpha"]
)
def test_no_fix(tmp_path: Path, requirement: str) -> None:
    assert fixed(tmp_path, depending(requirement), unsafe=True) == depending(requirement)


@pytest.mark.parametrize("requirement", ["alpha>=2.0,<3", "alpha==2.*", "alpha>=1.0a1"])
def test_what_lets_in_or_keeps_out_more_is_unsafe(tmp_path: Path, requirement: str) -> None:
    assert fixed(tmp_path, depending(requirement)) == depending(requirement)


POETRY = """\
[build-system]
requires = ["poetry-core"]

[tool.poetry]
name = "shop"
version = "1.0"

[tool.poetry.dependencies]
python = "{python}"
"""


@pytest.mark.parametrize(
    ("written", "expected", "after"),
    [
        ('"^8.0"', "click 9 and newer is kept out (^8.0 stands for >=8.0,<9)", '">=8.0"'),
        ('"~8.0"', "click 8.1 and newer is kept out (~8.0 stands for >=8.0,<8.1)", '">=8.0"'),
        (
            '{ version = "^8.0", extras = ["tui"] }',
            "(^8.0 stands for",
            '{ version = ">=8.0", extras = ["tui"] }',
        ),
        ('"8.1"', "click is pinned to 8.1", '">=8.1"'),
        ('"8.*"', "click is pinned to 8.*", '">=8"'),
        ('">=8.0 <9"', "click 9 and newer is kept out", '">=8.0"'),
    ],
)
def test_versions_as_poetry_writes_them(tmp_path: Path, written: str, expected: str, after: str) -> None:
    text = POETRY.format(python=">=3.10") + f"click = {written}\n"
    (one,) = found(tmp_path, text).results
    assert expected in one.finding.message
    assert fixed(tmp_path, text, unsafe=True) == text.replace(written, after)


@pytest.mark.parametrize(
    ("python", "after"),
    [
        ("^3.10", ">=3.10"),
        (">=3.10,<4.0", ">=3.10"),
        ("~3.10", ">=3.10"),
        (">=3.10, !=3.11.0, <4", ">=3.10, !=3.11.0"),
    ],
)
def test_capped_python(tmp_path: Path, python: str, after: str) -> None:
    text = POETRY.format(python=python)
    assert codes(tmp_path, text) == ["PIN106"]
    assert fixed(tmp_path, text) == text
    assert fixed(tmp_path, text, unsafe=True) == text.replace(python, after)


def test_a_cap_on_python_with_a_reason(tmp_path: Path) -> None:
    text = PROJECT.replace('">=3.10"', '">=3.10,<3.15"  # numba does not support 3.15')
    assert codes(tmp_path, text) == []
    assert [r.code for r in found(tmp_path, text).evidence] == ["PIN106"]


class TestTwoRequirements:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("click>=8.0", "click<8", ["PIN109"]),
            ("click>=8.0; python_version<'3.12'", "click<8; python_version<'3.11'", ["PIN109"]),
            ("click>=8.0; python_version<'3.12'", "click<8; python_version>='3.12'", []),
            ("click>=8.0; sys_platform=='win32'", "click<8; os_name=='posix'", []),
            ("click>=8.0; sys_platform=='linux'", "click<8; os_name=='posix'", ["PIN109"]),
            ("click>=8.0", "click<8; python_version<'3.9'", []),  # is not supported
            ("click>=8.0", "click<9", []),
            ("click>=8.0", "early<1", []),
        ],
    )
    def test_at_once(self, tmp_path: Path, one: str, other: str, expected: list[str]) -> None:
        text = depending(one) + f'[project.optional-dependencies]\nold = ["{other}"]\n'
        assert [c for c in codes(tmp_path, text) if c == "PIN109"] == expected

    def test_of_one_list_are_found_elsewhere(self, tmp_path: Path) -> None:
        assert "PIN109" not in codes(tmp_path, depending("click>=8.0", "click<8"))
        assert "PIN109" in codes(tmp_path, depending("click[tui]>=8.0", "click<8"))

    def test_of_two_extras_are_for_two_users(self, tmp_path: Path) -> None:
        text = f'{PROJECT}[project.optional-dependencies]\nold = ["click<8"]\nnew = ["click>=8.0"]\n'
        assert "PIN109" not in codes(tmp_path, text)

    def test_a_cap_that_another_marker_lifts(self, tmp_path: Path) -> None:
        split = ("click>=8.0,<9; python_version<'3.11'", "click>=8.0; python_version>='3.11'")
        assert codes(tmp_path, depending(*split)) == []


class TestOwnExtras:
    def test_elsewhere_than_in_the_metadata(self, tmp_path: Path) -> None:
        (tmp_path / "requirements-dev.txt").write_text("shop[excell]\n")
        text = f'{PROJECT}[project.optional-dependencies]\nexcel = ["click>=8.0"]\n'
        assert codes(tmp_path, text) == ["PIN110"]

    def test_names_count_as_they_are_compared(self, tmp_path: Path) -> None:
        text = f'{PROJECT}[project.optional-dependencies]\n"Big_Excel" = ["click>=8.0"]\nall = ["shop[big-excel]"]\n'
        assert codes(tmp_path, text) == []

    def test_that_only_a_build_tells(self, tmp_path: Path) -> None:
        text = PROJECT.replace("[project]", '[project]\ndynamic = ["optional-dependencies"]')
        (tmp_path / "requirements-dev.txt").write_text("shop[excel]\n")
        assert codes(tmp_path, text) == []


def test_floor_of_what_is_used(tmp_path: Path) -> None:
    index = {"click": {"versions": ["7.0", "8.0", "8.1"], "since": {"click.x": "8.1"}}}
    for before, after in (
        ("click>=7.0", "click>=8.1"),
        (
            "click~=7.0",
            "click~=7.0",
        ),  # 8.1 is not admitted: nothing that it admits has it, and nothing is said
        ("click>=7,<9", "click>=8.1,<9"),
        ("click>=8.1", "click>=8.1"),
    ):
        text = depending(before)
        results = found(tmp_path, text, index).results
        fixes = [r.finding.fix for r in results if r.code == "PIN108" and r.finding.fix]
        assert (spliced(text, fixes[0].edits) if fixes else text) == depending(after)


def test_python_is_said(tmp_path: Path) -> None:
    without = PROJECT.replace('requires-python = ">=3.10"\n', "")
    assert codes(tmp_path, without) == ["PIN114"]
    assert codes(tmp_path, without.replace("[project]", '[project]\ndynamic = ["requires-python"]')) == []
    assert codes(tmp_path, without.replace('[build-system]\nrequires = ["hatchling>=1.26"]\n', "")) == []


def test_what_poetry_takes_from_elsewhere(tmp_path: Path) -> None:
    text = POETRY.format(python=">=3.10") + 'click = { git = "https://example.org/click" }\n'
    assert codes(tmp_path, text) == ["PIN112"]


def test_what_uv_takes_from_elsewhere_is_published_with_its_bounds(tmp_path: Path) -> None:
    text = depending("click>=8.0") + '[tool.uv.sources]\nclick = { path = "../click" }\n'
    assert codes(tmp_path, text) == []


def test_an_application_may_pin(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(depending("click==8.1", "alpha"))
    checked = check(tmp_path, CheckSettings(role="application", select=ALL), TableWorld(INDEX), (), TODAY)[1]
    assert checked.results == ()


def test_what_only_a_build_tells_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='shop', install_requires=open('requirements.txt').read())\n"
    )
    world = TableWorld({})
    found = check(tmp_path, CheckSettings(role="library", select=ALL), world, (), TODAY)[1]
    assert [note.name for note in found.not_checked] == ["setup.py: dependencies"]


@pytest.mark.parametrize(("extra", "expected"), [("docs", []), ("fast", ["PIN104"])])
def test_extras_of_poetry(tmp_path: Path, extra: str, expected: list[str]) -> None:
    text = POETRY.format(python=">=3.10") + 'click = { version = "^8.0", optional = true }\n'
    assert codes(tmp_path, f'{text}[tool.poetry.extras]\n{extra} = ["click"]\n') == expected


def test_what_poetry_only_tells_more_of(tmp_path: Path) -> None:
    text = depending("click>=8.0") + '[tool.poetry.dependencies]\nclick = { source = "ours" }\n'
    assert codes(tmp_path, text) == []


def test_extras_that_setup_cfg_tells(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(
        "[metadata]\nname = shop\n[options]\npython_requires = >=3.10\n"
        "[options.extras_require]\nexcel = click>=8.0\nall = shop[excel]\nbad = shop[excell]\n"
    )
    found = check(tmp_path, CheckSettings(role="library", select=ALL), TableWorld(INDEX), (), TODAY)[1]
    assert [(r.code, r.finding.message) for r in found.results] == [("PIN110", "shop has no extra excell")]
