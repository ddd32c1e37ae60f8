"""`tox.toml`, and the same below `[tool.tox]`."""

from __future__ import annotations

import pytest
from manifests_in_short import declared, installed

from pinproof.facts.manifests import pyproject, reader_of
from pinproof.facts.manifests.tox_toml import read
from pinproof.model.declaration import FilePath


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[env_run_base]\ndeps = [\"a>=1\", 'b']  # é\n", ["pip install: a>=1", "pip install: b"]),
        ('[env."é"]\ndeps = ["a"]\n', ["pip install: é: a"]),
        (
            '[env.x]\ndeps = ["-r r.txt", "a=={env:V}"]\n',
            ["pip install: < r.txt", "pip install: x: a=={env:V} ?"],
        ),
        (
            '[env.x]\ndeps = ["a; python_version < \\"3.9\\""]\n',
            ['pip install: x: a; python_version < "3.9" ~'],
        ),
        (
            '[env.x]\ndeps = ["a>=1  # why", "# not this", "b @ https://h/b#egg=b"]\n',
            ["pip install: x: a>=1", "pip install: x: b @ https://h/b#egg=b ~"],
        ),
        ('[env.x]\ndeps = [{ replace = "ref", of = ["y"] }]\n', []),
        (
            '[env.x]\ncommands = [["pytest"], ["pip", "install", "a==1", "{posargs}"]]\n',
            ["pip install: x: a==1, x: {posargs} ?"],
        ),
        ('[env.x]\ncommands_pre = [["uv", "sync"]]\ncommands = "pip install a"\n', ["uv sync"]),
        ('[env.x]\ncommands = [1, "pip install a", [["pip"]], []]\n', []),
        ('[other]\ndeps = ["a"]\n', []),
        ("env = 1\nenv_run_base = []\n", []),
    ],
)
def test_environments(text: str, expected: list[str]) -> None:
    assert installed(text, read(text, FilePath("tox.toml")).commands) == expected


def test_what_tox_needs_itself() -> None:
    text = 'requires = [\n  "tox>=4",  # why\n]\n'
    found = read(text, FilePath("tox.toml")).declarations
    assert declared(text, found) == ["tox: tox>=4"]
    assert found[0].comment == "why"
    found = reader_of(FilePath("tox.toml"))
    assert found is not None
    assert vars(found)["__wrapped__"] is read


def test_below_the_tool_of_a_project() -> None:
    text = (
        '[project]\ndependencies = ["a"]\n[tool.tox]\nrequires = ["tox>=4"]\n[tool.tox.env.x]\ndeps = ["b"]\n'
    )
    found = pyproject.read(text, FilePath("pyproject.toml"))
    assert declared(text, found.declarations) == ["a", "tox: tox>=4"]
    assert installed(text, found.commands) == ["pip install: x: b"]
