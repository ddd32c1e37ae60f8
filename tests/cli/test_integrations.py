"""What other tools run of pinproof: the hooks of pre-commit and the action of GitHub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pinproof.cli import cli

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_command_that_there_is(hook: dict[str, Any]) -> None:
    name, command, *options = hook["entry"].split()
    known = {option for parameter in cli.commands[command].params for option in parameter.opts}
    assert (name, set(options) <= known) == ("pinproof", True)


@pytest.mark.parametrize(
    ("path", "hooks"),
    [
        ("pyproject.toml", {"pinproof-check"}),
        ("a/Dockerfile.dev", {"pinproof-check"}),
        (".github/workflows/test.yml", {"pinproof-check"}),
        ("requirements.txt", {"pinproof-check", "pinproof-verify"}),
        ("sub/uv.lock", {"pinproof-check", "pinproof-verify"}),
        ("src/app.py", set()),
        ("README.md", set()),
    ],
)
def test_what_a_hook_is_run_for(path: str, hooks: set[str]) -> None:
    assert {hook["id"] for hook in HOOKS if re.search(hook["files"], path)} == hooks


def test_the_action_passes_its_inputs_as_variables() -> None:
    steps = ACTION["runs"]["steps"]
    used = {found for step in steps for found in re.findall(r"inputs\.([\w-]+)", str(step["env"]))}
    assert used == set(ACTION["inputs"])
    assert not any("${{" in step["run"] for step in steps), "an input could be run as a command"
