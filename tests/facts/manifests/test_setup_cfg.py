"""`setup.cfg`."""

from __future__ import annotations

import pytest
from manifests_in_short import declared, included

from pinproof.facts.manifests.setup_cfg import read
from pinproof.model.declaration import FilePath, Manifest, Where


def manifest(text: str) -> Manifest:
    return read(text, FilePath("setup.cfg"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[options]\ninstall_requires =\n  a==1  # x\n  # y\n\n  b; python_version<'3.9'\n",
            ["a==1", 'b; python_version < "3.9"'],
        ),
        ("[options]\ninstall_requires=a==1\n  b\n", ["a==1", "b"]),
        ("[options]\ninstall-requires: a\n", ["a"]),
        ("[options]\ninstall_requires = a ; b>=1;\n", ["a", "b>=1"]),
        (
            "[options]\ninstall_requires =\n\ta @ https://example.org/a#egg=a\n",
            ["a @ https://example.org/a#egg=a ~"],
        ),
        (
            "[options]\ninstall_requires =\n  é\n",
            ["é ! Expected package name at the start of dependency specifier"],
        ),
        ("[options.extras_require]\nX =\n  a\n  b\n", ["X: a", "X: b"]),
        ("[options.extras_require]\nx = a\n[flake8]\ninstall_requires = b\n", ["x: a"]),
        ("[other]\ninstall_requires = a\n", []),
        ("install_requires = a\n", []),
        ("[options]\n  install_requires = a\n  # x\n", ["a"]),
        ("[options]\nnothing\n  install_requires = a\n", ["a"]),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lists(text: str, expected: list[str], line_end: str) -> None:
    text = text.replace("\n", line_end)
    assert declared(text, manifest(text).declarations) == expected


def test_where_they_are() -> None:
    text = "[options]\nsetup_requires = a\ntests_require = b\ninstall_requires = c\n[options.extras_require]\nx = d\n"
    assert [one.where for one in manifest(text).declarations] == [
        Where.BUILD,
        Where.GROUP,
        Where.PUBLISHED,
        Where.EXTRA,
    ]


def test_files() -> None:
    text = "[options]\ninstall_requires = file: a.txt, b.txt\n[options.extras_require]\nx =\n  file: c.txt\n"
    found = manifest(text)
    assert included(found) == ["< a.txt", "< b.txt", "< c.txt"]
    assert found.dynamic == {"dependencies", "optional-dependencies"}
    assert found.declarations == ()


def test_the_project_itself() -> None:
    text = (
        "[metadata]\nname = é  # x\nclassifiers =\n  Private :: x\n  y\n[options]\npython_requires = >=3.8\n"
    )
    found = manifest(text)
    assert found.name is not None
    assert found.requires_python is not None
    assert (found.name.text, found.name.span.of(text)) == ("é", "é")
    assert (found.requires_python.text, found.requires_python.span.of(text)) == (">=3.8", ">=3.8")
    assert found.classifiers == ("Private :: x", "y")
