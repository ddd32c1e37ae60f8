"""The strings of a `pyproject.toml`, however they are quoted."""

from __future__ import annotations

import pytest
from manifests_in_short import declared

from pinproof.facts.manifests.pyproject import read
from pinproof.model.declaration import FilePath


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"a>=1"', "a>=1"),
        ("'a; python_version < \"3.11\"'", 'a; python_version < "3.11"'),
        ('"a; python_version < \\"3.11\\""', 'a; python_version < "3.11" ~'),
        ('"""\\\n  a>=1; python_version < \'3.11\'"""', 'a>=1; python_version < "3.11" ~'),
        ("'''a>=1'''", "a>=1"),
        ('"a\\u003e=1"', "a>=1 ~"),
        ('"é"', "é ! Expected package name at the start of dependency specifier"),
    ],
)
def test_strings(written: str, expected: str) -> None:
    text = f"# ü\n[project]\nname = 'x'\ndependencies = [{written}]\n"
    assert declared(text, read(text, FilePath("pyproject.toml")).declarations) == [expected]
