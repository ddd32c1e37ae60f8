"""Reading METADATA, entry_points.txt and requires.txt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from pinproof.facts.metadata import (
    read_entry_points,
    read_metadata,
    read_requirement,
    requirements,
    requires_txt,
)

WHOLE = """\
Metadata-Version: 2.1
Name: Flask-Login
Version: 0.6.2
Requires-Python: >=3.7,
 <4
Provides-Extra: async
Requires-Dist: Flask (>=1.0.4)
Requires-Dist: Werkzeug>=1.0.1
Requires-Dist: asgiref>=3.2; extra == "async"

Requires-Dist: not-a-header
"""


def test_a_whole_file() -> None:
    metadata = read_metadata(WHOLE, "[console_scripts]\nlogin = flask_login.cli:main [async]\n")
    assert (metadata.name, metadata.version) == ("Flask-Login", "0.6.2")
    assert metadata.requires_python == ">=3.7, <4"
    assert metadata.provides_extra == ("async",)
    assert [r.name for r in requirements(metadata)] == ["Flask", "Werkzeug", "asgiref"]
    assert metadata.entry_points == {"console_scripts": {"login": "flask_login.cli:main [async]"}}


@pytest.mark.parametrize(
    "text", [WHOLE.encode(), WHOLE.replace("\n", "\r\n"), "\ufeff" + WHOLE, "\n" + WHOLE]
)
def test_the_form_of_the_text_does_not_matter(text: str | bytes) -> None:
    assert read_metadata(text) == read_metadata(WHOLE)


def test_a_blank_line_in_a_folded_field_does_not_end_the_headers() -> None:
    text = "Name: a\nVersion: 1\nLicense: first\n         \n         second\nRequires-Dist: b\n"
    assert read_metadata(text).requires_dist == ("b",)


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    metadata = read_metadata(b"Name: a\nVersion: 1\nAuthor: J\xf6rg\nRequires-Dist: b\n")
    assert metadata.requires_dist == ("b",)


def test_what_is_missing_or_doubled_is_empty() -> None:
    assert read_metadata("").name == ""
    assert read_metadata("Name: a\nName: b\nVersion: 1\n").version == "1"


def test_requirements_that_cannot_be_read_are_left_out_of_the_parsed_ones_only() -> None:
    metadata = read_metadata("Name: a\nVersion: 1\nRequires-Dist: ???\nRequires-Dist: b\n")
    assert metadata.requires_dist == ("???", "b")
    assert [str(r) for r in requirements(metadata)] == ["b"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a (>=1,<2)", "a>=1,<2"),
        ("a (>=1.*)", "a>=1"),
        ("a>=1 <2", "a>=1,<2"),
        ("a>=1<2", "a>=1,<2"),
        ("a=>1", "a>=1"),
        ("a>=1,", "a>=1"),
        ("a (>=1,)", "a>=1"),
        ("a!=~5.0", "a!=5.0"),
        ("a!=1.0*", "a!=1.0.*"),
        ("a>=1 <2; python_version>='3'", "a>=1,<2; python_version>='3'"),
        ("a==1.*", "a==1.*"),
        ("a (>=2011k)", "a"),
        ("a>=2011k,<3; python_version>='3'", "a<3; python_version>='3'"),
        ("a[b,c]~=1.4 ; extra == 'x'", "a[b,c]~=1.4 ; extra == 'x'"),
        ("a @ https://example.org/a?x=1", "a @ https://example.org/a?x=1"),
    ],
)
def test_old_spellings(written: str, meant: str) -> None:
    assert read_requirement(written) == Requirement(meant)


@pytest.mark.parametrize("text", ["", "?", "a b c", "a==x y", ">=1", "a;;"])
def test_no_requirement(text: str) -> None:
    assert read_requirement(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[g]\na = b:c\n# d = e\n", {"g": {"a": "b:c"}}),
        ("[g]\nUpper.Case = b:c\nodd: name = x:y\n", {"g": {"Upper.Case": "b:c", "odd: name": "x:y"}}),
        ("[g]\na = b\na = c\n[g]\nd = e\n", {"g": {"a": "c", "d": "e"}}),
        ("[g]\na = %(x)s\n", {"g": {"a": "%(x)s"}}),
        ("[g]\nlonely\n", {"g": {}}),
        ("", {}),
        ("no section = 1\n", {}),
        ("[DEFAULT]\na = b:c\n", {"DEFAULT": {"a": "b:c"}}),
    ],
)
def test_entry_points(text: str, expected: dict[str, dict[str, str]]) -> None:
    assert read_entry_points(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a>=1\n\n# c\nb\n", ("a>=1", "b")),
        ("a\n\n[dev]\nb\nc<2\n", ("a", 'b ; extra == "dev"', 'c<2 ; extra == "dev"')),
        ("[:python_version < '3']\na\n", ("a ; python_version < '3'",)),
        (
            "[x:os_name == 'nt' or os_name == 'os2']\na\n",
            ("a ; (os_name == 'nt' or os_name == 'os2') and extra == \"x\"",),
        ),
        ("[x]\na; os_name == 'nt'\n", ("a ; os_name == 'nt' and extra == \"x\"",)),
        ("[x]\na @ https://h/p;v=1\n", ('a @ https://h/p;v=1 ; extra == "x"',)),
        ("", ()),
    ],
)
def test_requires_txt(text: str, expected: tuple[str, ...]) -> None:
    assert requires_txt(text) == expected
    assert all(Requirement(r) for r in expected)


@given(st.binary(max_size=300), st.text(max_size=300))
def test_nothing_makes_it_fail(content: bytes, entry_points: str) -> None:
    requirements(read_metadata(content, entry_points))
    requires_txt(entry_points)


@given(
    st.lists(
        st.sampled_from([*WHOLE.splitlines(), " x", "", "[a]", "b = c", "  d", "=", "[", "]"]), max_size=15
    )
)
def test_no_order_of_lines_makes_it_fail(lines: list[str]) -> None:
    text = "\n".join(lines)
    requirements(read_metadata(text, text))
    requires_txt(text)
