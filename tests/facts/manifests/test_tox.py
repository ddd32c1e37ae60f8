"""`tox.ini`."""

from __future__ import annotations

import pytest
from manifests_in_short import declared, installed

from pinproof.facts.manifests.tox import read
from pinproof.model.declaration import FilePath


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[testenv]\ndeps =\n  a>=1  # x\n  # y\n  b\n", ["pip install: a>=1", "pip install: b"]),
        ("[testenv]\ndeps = a; python_version < '3.9'\n", ['pip install: a; python_version < "3.9"']),
        ("[testenv]\ndeps =\n  py{39,310}-x,!lint: a==1\n", ["pip install: a==1"]),
        (
            "[testenv]\ndeps =\n  -r r.txt\n  -rs.txt\n  -c {toxinidir}/c.txt\n  -e .[x]\n",
            [
                "pip install: < r.txt",
                "pip install: < s.txt",
                "pip install: -c {toxinidir}/c.txt",
                "pip install: -e .[x]",
            ],
        ),
        (
            "[testenv]\ndeps =\n  {[base]deps}\n  a=={env:V}\n",
            ["pip install: {[base]deps} ?", "pip install: a=={env:V} ?"],
        ),
        (
            "[testenv]\ndeps =\n  https://example.org/a.zip\n  .\n",
            ["pip install: < https://example.org/a.zip", "pip install: < ."],
        ),
        ("[testenv]\ndeps =\n  x, py3{9,10}-y: a\n", ["pip install: a"]),
        ("[testenv:é]\ndeps = a\n", ["pip install: é: a"]),
        (
            "[testenv]\ncommands =\n  pip install a \\\n    b\n  py39: - {envpython} -m pip install c\n",
            ["pip install: a, b", "pip install: c"],
        ),
        ("[testenv]\ncommands_pre = uv pip install {posargs}\n", ["uv pip install: {posargs} ?"]),
        ("[testenv]\ncommands = pytest {posargs:tests}\n", []),
        ("[other]\ndeps = a\ncommands = pip install b\n", []),
        ("[testenv]\ndeps =\ncommands =\n", []),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_environments(text: str, expected: list[str], line_end: str) -> None:
    text = text.replace("\n", line_end)
    assert installed(text, read(text, FilePath("tox.ini")).commands) == expected


def test_what_tox_needs_itself() -> None:
    text = "[tox]\nrequires =\n  tox>=4\n  tox-uv\nenvlist = a\n"
    assert declared(text, read(text, FilePath("tox.ini")).declarations) == ["tox: tox>=4", "tox: tox-uv"]
