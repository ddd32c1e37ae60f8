"""Scripts with a block of metadata."""

from __future__ import annotations

import pytest
from manifests_in_short import declared

from pinproof.facts.manifests import is_mere_module
from pinproof.facts.manifests.script import has_block, read
from pinproof.model.declaration import FilePath, Manifest, Where


def block(*lines: str) -> str:
    return (
        "import é\n# /// script\n" + "".join(f"# {line}".rstrip() + "\n" for line in lines) + "# ///\nx = 1\n"
    )


def manifest(text: str) -> Manifest:
    return read(text, FilePath("x.py"))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["dependencies = [\"a==1\", 'b<2']"], ["a==1", "b<2"]),
        (
            ["dependencies = [", '  "a==1",  # é', "", "  \"b; python_version<'3.9'\",", "]"],
            ["a==1", 'b; python_version < "3.9"'],
        ),
        (['dependencies = ["a\\u003d=1"]'], ["a==1 ~"]),
        (
            ['dependencies = ["a=1"]'],
            ["a=1 ! Expected semicolon (after name with no version specifier) or end"],
        ),
        (['dependencies = "a"'], []),
        (["dependencies = [1]"], []),
        ([""], []),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_requirements(lines: list[str], expected: list[str], line_end: str) -> None:
    text = block(*lines).replace("\n", line_end)
    assert has_block(text)
    found = manifest(text)
    assert declared(text, found.declarations) == expected
    assert all(one.where is Where.SCRIPT for one in found.declarations)


def test_python_and_comments() -> None:
    text = block('requires-python = ">=3.11"', "dependencies = [", "  # why", '  "a",  # so', "]")
    found = manifest(text)
    assert found.requires_python is not None
    assert (found.requires_python.text, found.requires_python.span.of(text)) == (">=3.11", ">=3.11")
    assert [one.comment for one in found.declarations] == ["why so"]


def test_what_is_no_toml_has_a_place() -> None:
    text = block("y = 'é'", "x = ")
    (problem,) = manifest(text).problems
    assert problem.span is not None
    assert text[: problem.span.start].endswith("# x =")


def test_two_blocks() -> None:
    (problem,) = manifest(block("x = 1") + block("x = 2")).problems
    assert problem.message == "more than one block of metadata"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "# /// script\n# x = 1\n",
        "# /// pyproject\n# x = 1\n# ///\n",
        "x = '''\n  # /// script\n'''\n",
    ],
)
def test_no_script(text: str) -> None:
    assert not has_block(text)
    assert manifest(text).declarations == ()


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("a/x.py", "import b\n", True),
        ("a/x.py", block("dependencies = []"), False),
        ("setup.py", "setup()", False),
        ("noxfile.py", "", False),
        ("requirements.txt", "", False),
    ],
)
def test_modules_that_declare_nothing(path: str, text: str, is_one: bool) -> None:
    assert is_mere_module(FilePath(path), text.encode()) is is_one
