"""Hashes of declarations are those that the tools make of them: recorded with poetry 2.5, pdm 2.29 and pipenv 2026."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinproof.facts.locks import read_lock
from pinproof.facts.locks.fingerprints import fingerprints

MADE = Path(__file__).parent / "made_by_tools"
PIPFILE = """\
[packages]
six = "==1.16.0"
requests = {version = "*", extras = ["socks"]}

[dev-packages]
[scripts]
x = "y"
[docs]
"""
SOURCE = '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n'


@pytest.mark.parametrize("tool", ["pdm", "pdm-no-inherit"])
def test_a_lock_of_pdm_has_that_of_its_declaration(tool: str) -> None:
    lock = read_lock((MADE / tool / "pdm.lock").read_text(), "pdm.lock")
    text = (MADE / tool / "pyproject.toml").read_text()
    assert lock.fingerprint in fingerprints("pdm.lock", text)
    assert lock.fingerprint not in fingerprints("pdm.lock", text.replace("flask==2.3.3", "flask==2.3.4"))


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("poetry-1.8", {"d7d4221512f5b1e87224bd529e18e72fcc12fcf0b4012dc8eebbe3caa69f98b0"}),
        (
            "poetry-2.5",
            {
                "374e66635d1df6fc8e1703f9e8ec37e3c750e36a3a0d1011885aee46ba3e8e46",
                "55fc0624ba67faa90357d86e972a4d9d62d084aff5fb37d596d850ec1b436475",
            },
        ),
    ],
)
def test_those_of_poetry(project: str, expected: set[str]) -> None:
    assert fingerprints("poetry.lock", (MADE / project / "pyproject.toml").read_text()) == expected


def test_that_of_pipenv() -> None:
    assert fingerprints("Pipfile.lock", PIPFILE + SOURCE) == {
        "010f2071d39b473119a8763f60666d59507c4bc635837bc981b8be07259d6f0f"
    }


def test_a_pipfile_without_a_source_is_counted_with_those_of_the_machine() -> None:
    assert fingerprints("Pipfile.lock", PIPFILE) == frozenset()


@pytest.mark.parametrize("text", ["", "not = toml = at all", "[project]\ndependencies = [1979-05-27]\n"])
def test_what_cannot_be_told(text: str) -> None:
    assert fingerprints("pdm.lock", text) == frozenset()


def test_uv_has_none() -> None:
    assert fingerprints("uv.lock", '[project]\nname = "shop"\n') == frozenset()
