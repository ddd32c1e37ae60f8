"""`Pipfile`."""

from __future__ import annotations

import pytest

from pinproof.facts.manifests.pipfile import read
from pinproof.model.declaration import FilePath, Manifest, Where


def manifest(text: str) -> Manifest:
    return read(text, FilePath("Pipfile"))


@pytest.mark.parametrize(
    ("entry", "expected", "version"),
    [
        ('a = "*"', "a", "*"),
        ("a = '==1.0'", "a==1.0", "==1.0"),
        ('a = ">=1,<2"  # é', "a<2,>=1", ">=1,<2"),
        ('"é.b" = "*"', None, None),
        ('a = {version = "~=2.0", extras = ["x"]}', "a[x]~=2.0", "~=2.0"),
        ("a = {version = '*', markers = \"python_version < '3.9'\"}", 'a; python_version < "3.9"', "*"),
        ("a = {version = '*', sys_platform = \"== 'win32'\"}", 'a; sys_platform == "win32"', "*"),
        ("a = {version = '*', markers = 'nonsense'}", "a", "*"),
        ('a = {git = "https://example.org"}', "a", None),
        ('a = "\\u003d=1"', "a==1", None),
        ("a = 1", "a==1", None),
    ],
)
def test_packages(entry: str, expected: str | None, version: str | None) -> None:
    text = f"# ü\n[packages]\n{entry}\n"
    (one,) = manifest(text).declarations
    assert (None if one.requirement is None else str(one.requirement)) == expected
    assert (None if one.specifier_span is None else one.specifier_span.of(text)) == version
    assert one.where is Where.LISTED


def test_categories() -> None:
    text = '[packages]\na = "*"\n[dev-packages]\nb = "*"\n[docs.c]\nversion = ">1"  # x\n[scripts]\nd = "*"\n'
    found = manifest(text)
    assert [(str(one.requirement), one.part) for one in found.declarations] == [
        ("a", ""),
        ("b", "dev-packages"),
        ("c>1", "docs"),
    ]
    assert found.groups == {"dev-packages", "docs"}


def test_what_is_not_from_an_index() -> None:
    text = (
        '[packages]\nA_b = {path = ".", editable = true}\nc = {git = "x"}\nd = {version = "*", index = "x"}\n'
    )
    assert manifest(text).elsewhere == {"a-b", "c"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[requires]\npython_version = "3.11"', "==3.11.*"),
        ('[requires]\npython_full_version = "3.11.2"\npython_version = "3.11"', "==3.11.2"),
        ('[requires]\npython_version = "*"', None),
        ("[requires]\npython_version = 3", None),
        ("requires = 1", None),
    ],
)
def test_python(text: str, expected: str | None) -> None:
    found = manifest(text).requires_python
    assert (found.text if found else None) == expected


def test_what_is_no_toml_has_a_place() -> None:
    text = 'x = "\u2028é"\n[packages]\na = \n'
    (problem,) = manifest(text).problems
    assert problem.message == "not valid TOML: Invalid value"
    assert problem.span is not None
    assert problem.span.start == text.index("\n", text.index("a ="))
