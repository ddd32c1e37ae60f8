"""`pinproof lock --into poetry` and `--into pdm`, end to end, with something that locks as they do."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories

if TYPE_CHECKING:
    from command import Command, Ran

    from local_index import LocalIndex

WEEK_AFTER = ("--as-of", "2023-10-07")
MONTH_AFTER = ("--as-of", "2023-11-07")
SHOP = """\
[project]
name = "shop"
version = "0.1"
requires-python = ">=3.11"
dependencies = ["flask", "flask-login"]

[dependency-groups]
dev = ["werkzeug"]
"""
TOOLS = ["poetry", "pdm"]


@pytest.fixture
def tools(tmp_path: Path, index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both, on the path."""
    folder = tmp_path / "tools"
    folder.mkdir()
    source = Path(__file__).with_name("lock_tool.py").read_text()
    for name in TOOLS:
        (folder / name).write_text(f"#!{sys.executable}\n{source}")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    stories.flask_login_story(index)
    Path("pyproject.toml").write_text(SHOP)
    return folder


def run(pinproof: Command, tool: str, *arguments: str) -> Ran:
    return pinproof.bare("lock", "--into", tool, *pinproof.options[:4], *arguments)


def locked(tool: str) -> dict[str, str]:
    return {p["name"]: p["version"] for p in tomllib.loads(Path(f"{tool}.lock").read_text())["package"]}


FLASK_2 = dict(line.split("==") for line in stories.FLASK_2.split())


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("tool", TOOLS)
def test_a_bound_comes_and_goes(pinproof: Command, tool: str) -> None:
    ran = run(pinproof, tool, *WEEK_AFTER)
    assert ran.code == 0, ran.out + ran.err
    declared = Path("pyproject.toml").read_text()
    assert tomllib.loads(declared)["dependency-groups"] == {"dev": ["werkzeug"], "pinproof": ["werkzeug<3"]}
    assert "    # pinproof: flask-login 0.6.2 imports werkzeug.urls.url_decode (flask_login/" in declared
    assert tomllib.loads(declared)["project"]["dependencies"] == ["flask", "flask-login"]
    assert locked(tool) == FLASK_2
    lock = Path(f"{tool}.lock").read_bytes()
    assert run(pinproof, tool, "--check", *WEEK_AFTER).code == 0
    assert run(pinproof, tool, *WEEK_AFTER).out.endswith("unchanged\n")
    assert (Path("pyproject.toml").read_text(), Path(f"{tool}.lock").read_bytes()) == (declared, lock)

    ran = run(pinproof, tool, "--check", *MONTH_AFTER)
    assert ran.code == 1
    assert '-    "werkzeug<3",' in ran.out
    assert run(pinproof, tool, *MONTH_AFTER).code == 0
    assert Path("pyproject.toml").read_text() == SHOP
    assert locked(tool) == {**FLASK_2, "flask-login": "0.6.3"}
    assert run(pinproof, tool, "-U", *MONTH_AFTER).code == 0
    assert locked(tool) == {"flask": "3.0.0", "flask-login": "0.6.3", "werkzeug": "3.0.0"}
    assert sorted(p.name for p in Path().iterdir()) == sorted(["pyproject.toml", f"{tool}.lock"])


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_that_does_not_work_is_mended_by_moving_what_breaks(pinproof: Command, tool: str) -> None:
    assert run(pinproof, tool, *WEEK_AFTER).code == 0
    Path("pyproject.toml").write_text(SHOP)
    lock = Path(f"{tool}.lock")
    lock.write_text(lock.read_text().replace("2.3.7", "3.0.0").replace("2.3.3", "3.0.0"))
    if tool == "pdm":
        lock.write_text(lock.read_text().replace(', "pinproof"', ""))
    assert run(pinproof, tool, *MONTH_AFTER).code == 0
    assert locked(tool) == {"flask": "3.0.0", "flask-login": "0.6.3", "werkzeug": "3.0.0"}
    assert Path("pyproject.toml").read_text() == SHOP
    assert run(pinproof, tool, "--check", *MONTH_AFTER).code == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_where_the_tool_is_not_installed(
    tools: Path, pinproof: Command, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    ran = run(pinproof, tool, *WEEK_AFTER)
    assert ran.code == 0, ran.err
    assert f"{tool} is not installed here: `{tool} lock` makes {tool}.lock" in ran.err
    assert tomllib.loads(Path("pyproject.toml").read_text())["dependency-groups"]["pinproof"] == [
        "werkzeug<3"
    ]
    assert not Path(f"{tool}.lock").exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_that_fails_changes_nothing(tools: Path, pinproof: Command, tool: str) -> None:
    (tools / tool).write_text("#!/bin/sh\necho '\x1b[31mno such index\x1b[0m'\nexit 1\n")
    ran = run(pinproof, tool, *WEEK_AFTER)
    assert ran.code == 3
    assert f"{tool} lock failed:\nno such index" in ran.err.replace("error: ", "")
    assert (Path("pyproject.toml").read_text(), Path(f"{tool}.lock").exists()) == (SHOP, False)


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-P", "flask==2.2.0"), "-P flask==2.2.0: poetry cannot be told a version"),
        (("--exclude-newer-package", "flask=2023-10-01"), "poetry knows one age for all packages"),
        (("--offline",), "--offline"),
    ],
)
def test_what_cannot_be_told(pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
    assert run(pinproof, "poetry", *WEEK_AFTER).code == 0
    ran = run(pinproof, "poetry", *arguments, *WEEK_AFTER)
    assert ran.code == 2
    assert told in ran.err
