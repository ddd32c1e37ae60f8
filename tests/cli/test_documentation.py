"""What is documented is what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import stories

from pinproof.cli import cli
from pinproof.errors import InputError, OutsideError
from pinproof.model.advisory import Level
from pinproof.model.audit import AuditStatus, Idle
from pinproof.model.exposure import BlockerKind, ChangeKind, Reach
from pinproof.model.matrix import CellStatus, Why
from pinproof.model.report import Status, Written
from pinproof.model.verdict import Evidence, How, Repair, Severity, WarningKind
from pinproof.presentation.matrix_layout import SIGNS
from records import vulnerable

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex

ROOT = Path(__file__).parents[2]
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """What stands under a heading."""
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """The names in the first column of a table, in their order."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def options_of(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option)]


COMMANDS = sorted(cli.commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option(name: str) -> None:
    own, common = section(CLI, f"`pinproof {name}`"), section(CLI, "Common options")
    assert own, f"{name} is not documented"
    for option in options_of(cli.commands[name]):
        long = option.opts[-1]
        line = next((x for x in (own + common).splitlines() if x.startswith("|") and f"`{long}" in x), None)
        assert line is not None, f"{long} is not documented"
        assert all(f"`{short}`" in line for short in option.opts[:-1])
        variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
        assert all(f"`{variable}`" in line for variable in variables)
        if isinstance(option.type, click.Choice):
            assert all(f"`{choice}`" in line for choice in option.type.choices)


def test_nothing_is_documented_that_does_not_exist() -> None:
    documented = set(re.findall(r"`(--[a-z-]+)", CLI))
    known = {o for c in (cli, *cli.commands.values()) for p in options_of(c) for o in p.opts}
    assert documented - known == {"--help"}
    assert set(re.findall(r"^## `pinproof ([a-z]+)`", CLI, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_every_option_and_exit_code(pinproof: Command, name: str) -> None:
    told = pinproof.bare(name, "--help")
    assert told.code == 0
    for option in options_of(cli.commands[name]):
        assert option.help
        assert option.opts[-1] in told.out
    for code in re.findall(r"^\| (\d+) \|", section(CLI, "Exit codes"), re.MULTILINE):
        assert re.search(rf"^ +{code}  ", told.out, re.MULTILINE)


def test_every_exit_code() -> None:
    codes = set(map(int, re.findall(r"^\| (\d+) \|", section(CLI, "Exit codes"), re.MULTILINE)))
    assert codes == {*(s.exit_code for s in Status), InputError.exit_code, OutsideError.exit_code, 130}


class TestJson:
    def test_the_fields_of_solve(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        stories.pushed_back_story(index)
        index.add("liar", "1.0").sha256 = "0" * 64
        requirements = ("flask<3.1", "flask-login", "dash", "liar", "werkzeug!=2.3.7")
        answer = pinproof.json("solve", *requirements, "--explain", "--as-of", "2023-10-07").json
        assert list(answer) == first_cells(section(JSON, "`solve`"))
        self.assert_documented(answer["packages"], "PACKAGE")
        self.assert_documented(answer["plain"], "PACKAGE")
        self.assert_documented(answer["bounds"], "BOUND")
        self.assert_documented(answer["bounds"][0]["because"], "BREAK")
        self.assert_documented(answer["warnings"], "WARNING")
        self.assert_documented(answer["not_checked"], "NOT_CHECKED")
        self.assert_documented(answer["rounds"], "ROUND")
        self.assert_documented(answer["rounds"][0]["breaks"], "BREAK")
        without = pinproof.json("solve", "werkzeug").json
        assert [*without, "rounds"] == first_cells(section(JSON, "`solve`"))

    def test_the_fields_of_lock(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        Path("requirements.in").write_text("flask\nflask-login\n")
        answer = pinproof.json("lock", "--explain", "--as-of", "2023-10-07").json
        assert list(answer) == first_cells(section(JSON, "`lock`"))
        assert list(answer["bounds"][0]) == ["requirement", "reasons"]
        assert list(answer["judged"][0]) == ["python_version", "platform"]
        assert (answer["written"], answer["bounds"][0]["requirement"]) == ("written", "werkzeug<3")

    def test_the_fields_of_verify(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        Path("requirements.txt").write_text(f"{stories.FLASK_3}-e ./mine\n")
        answer = pinproof.json("verify").json
        assert list(answer) == first_cells(section(JSON, "`verify`"))
        self.assert_documented(answer["breaks"], "BREAK")
        self.assert_documented(answer["not_checked"], "NOT_CHECKED")
        Path("requirements.txt").write_text(stories.FLASK_3)
        trial = pinproof.json("verify", "--run").json["trial"]
        self.assert_documented([trial], "TRIAL")
        self.assert_documented(trial["failures"], "FAILURE")
        Path("old.txt").write_text(stories.FLASK_2)
        self.assert_documented(pinproof.json("verify", "--base", "old.txt").json["moved"], "MOVE")

    def test_the_fields_of_combos(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        index.add("flask", "9.0", requires_python=">=3.14")
        index.add("werkzeug", "9.0", {"werkzeug/urls.py": "print 'x'"})
        answer = pinproof.json("combos", "flask", "werkzeug", "flask-login==0.6.2").json
        assert list(answer) == first_cells(section(JSON, "`combos`"))
        self.assert_documented(answer["axes"], "AXIS")
        self.assert_documented([one for axis in answer["axes"] for one in axis["left_out"]], "LEFT_OUT")
        self.assert_documented(answer["cells"], "CELL")
        excluded = [one for cell in answer["cells"] for one in cell["excluded_by"]]
        self.assert_documented(excluded, "EXCLUSION")

    def test_the_fields_of_audit(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("alpha", "1.0")
        Path("osv").mkdir()
        Path("osv/A.json").write_text(json.dumps(vulnerable("alpha")))
        Path("pyproject.toml").write_text(
            '[tool.pinproof.audit]\nignore = [{ id = "X", reason = "x" }, { id = "B", reason = "x" }]\n'
        )
        Path("osv/B.json").write_text(json.dumps(vulnerable("alpha", identifier="B")))
        Path("requirements.in").write_text("alpha\n")
        answer = pinproof.json("audit", "--advisories", "osv").json
        assert list(answer) == first_cells(section(JSON, "`audit`").partition("With `--fix`")[0])
        self.assert_documented([answer["advisories"]], "ADVISORIES")
        self.assert_documented(answer["vulnerabilities"], "VULNERABILITY")
        self.assert_documented(answer["ranges"], "RANGE")
        (ignored,), (idle,) = answer["ignored"], answer["idle_ignores"]
        assert (idle.pop("why"), ignored.pop("vulnerability")["id"]) == ("unused", "B")
        self.assert_documented([ignored, idle], "IGNORE")

    def test_the_fields_of_what_mends(self, index: LocalIndex, pinproof: Command) -> None:
        files = {"theme/__init__.py": "from docutils import old\n"}
        index.add("docutils", "1.0", {"docutils/__init__.py": "old = 1\n"}, uploaded="2020-01-01")
        index.add("theme", "1.0", files, requires=["docutils<2"], uploaded="2021-01-01")
        index.add("docutils", "2.0", {"docutils/__init__.py": ""}, uploaded="2022-01-01")
        Path("osv").mkdir()
        Path("osv/A.json").write_text(json.dumps(vulnerable("docutils", fixed="2.0")))
        Path("requirements.txt").write_text("docutils==1.0\ntheme==1.0\n")
        [exposure] = pinproof.json("audit", "--advisories", "osv").json["exposures"]
        self.assert_documented([exposure], "EXPOSURE")
        self.assert_documented(exposure["fixed"], "FIXED")
        self.assert_documented(exposure["fixed"][0]["blockers"], "BLOCKER")
        self.assert_documented(exposure["fixed"][0]["breaks"], "BREAK")
        self.assert_documented([exposure["change"]], "CHANGE")
        fixed, held = re.split(r"^With `--", section(JSON, "`audit`"), flags=re.MULTILINE)[1:]
        assert list(pinproof.json("audit", "--fix", "--advisories", "osv").json) == first_cells(fixed)
        answer = pinproof.json("audit", "--held-back").json
        assert list(answer) == first_cells(held)
        self.assert_documented(answer["held_back"], "HELD_BACK")

    @pytest.mark.parametrize(
        ("title", "words"),
        [
            ("EXPOSURE", set(Reach)),
            ("BLOCKER", set(BlockerKind)),
            ("CHANGE", set(ChangeKind)),
            ("`audit`", {*AuditStatus, *Idle}),
            ("VULNERABILITY", set(Level)),
            ("`solve`", {Status.WORKS, Status.NO_WORKING_SET, Status.NOT_CHECKED}),
            ("`lock`", {Status.WORKS, Status.NO_WORKING_SET, Status.NOT_CHECKED, *Written}),
            ("`verify`", {Status.WORKS, Status.BROKEN, Status.NOT_CHECKED}),
            ("`combos`", {Status.WORKS, Status.NO_WORKING_SET, Status.NOT_CHECKED}),
            ("CELL", set(CellStatus)),
            ("LEFT_OUT", set(Why)),
            ("BREAK", {*Severity, *How, *Evidence}),
            ("BOUND", set(Repair)),
            ("WARNING", set(WarningKind)),
        ],
    )
    def test_every_word(self, title: str, words: set[str]) -> None:
        assert all(f"`{word}`" in section(JSON, title) for word in words)

    @staticmethod
    def assert_documented(values: list[dict[str, Any]], title: str) -> None:
        assert values, f"no {title} to look at"
        for value in values:
            assert list(value) == first_cells(section(JSON, title))


def test_every_mark_of_a_combination() -> None:
    rows = re.findall(
        r"^\| `(ok|[^a-z`]|.N)` \| `([a-z-]+)` \|", section(CLI, "`pinproof combos`"), re.MULTILINE
    )
    assert {status: mark.removesuffix("N") for mark, status in rows} == {str(k): v for k, v in SIGNS.items()}


def test_the_readme_has_the_commands_that_ci_runs() -> None:
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    assert "python -m pip install uv && uv run pytest\n" in readme
    assert "step uv run pytest\n" in ci


@pytest.mark.parametrize(
    "path", ["README.md", "CONTRIBUTING.md", *(f"docs/{n}.md" for n in ("cli", "json", "design", "rules"))]
)
def test_links_lead_somewhere(path: str) -> None:
    file = ROOT / path
    for link in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (file.parent / link).exists(), link
