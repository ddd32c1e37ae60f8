"""Wheels whose members nobody would write, judged through the command line: an answer, and never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex

GONE = {"b/__init__.py": "kept = 1"}
DEEP = "/".join(["x"] * 400)

# Members of the new `b`, beside what makes `gone` missing from it.
AROUND: dict[str, dict[str, str | bytes]] = {
    "paths that are no modules": {
        "b/not-a-module.py": "from gone import x",
        "b/class.py": "",
        "b/.py": "",
        "b/..py": "",
        "b/a b.py": "",
        "b/1.py": "",
        "b//x.py": "",
        ".py": "",
        "b/x.py/y.py": "",
        "b.py": "x = 1",
        "b/\x01\x1b[31m.py": "",
        "b/\uff42.py": "x = 1",
        "b/\ufb01nd.py": "x = 1",
    },
    "a path that is too deep": {f"b/{DEEP}/__init__.py": "", f"b/{DEEP}/y.py": "import a"},
    "utf-16": {"b/sub.py": "import a".encode("utf-16")},
    "nul": {"b/sub.py": b"import a\n\x00"},
    "latin-1": {"b/sub.py": "# coding: latin-1\nimport a\nå = 1".encode("latin-1")},
    "latin-1 that does not say so": {"b/sub.py": "import a\nå = 1".encode("latin-1")},
    "a byte-order mark": {"b/sub.py": "\ufeffimport a"},
    "codings": {
        f"b/m_{number}.py": f"# coding: {name}\nimport a\n" + "b" * 100_000
        for number, name in enumerate(
            [
                "punycode",
                "idna",
                "utf-7",
                "zlib_codec",
                "rot13",
                "undefined",
                "unicode_escape",
                "nonsense",
                "",
            ]
        )
    },
    "halves of characters": {
        "b/sub.py": 'import a, warnings\n__all__ = ["\\ud800"]\nif hasattr(a, "\\udfff"): import c\n'
        'warnings.warn("\\ud800", DeprecationWarning)',
    },
    "long numbers": {
        "b/sub.py": f"import a, sys\nif sys.version_info >= (0x{'f' * 20_000},): import c\n"
        f"if a.__version__ >= (1{'0' * 30}, 1): import c\nif a.__version__ >= '{'9' * 5_000}': import c\n",
    },
    "a .pth file": {"b.pth": "../..\n/\nb\n\n" + "x" * 10_000, "c.pth": b"\xff\xfe import os"},
    "entry points": {
        "b-2.0.dist-info/entry_points.txt": "[console_scripts]\nx = ..:\ny =\nz = b..c:d\nw = "
        + "b." * 500
        + "c:f\nv = :f\n"
    },
    "bombs": {
        "b/dotted.py": "import " + ".".join(["a"] * 20_000),
        "b/continued.py": "import a" + ".\\\n  a" * 20_000,
        "b/dense.py": "import a\n" + "a;" * 1_000_000,
        "b/large.py": "import a\n#" + "#" * 9_000_000,
        "b/nested.py": "import a\nx = " + "not " * 3_000 + "a.b",
    },
}


@pytest.fixture
def pinned(index: LocalIndex) -> None:
    """`a` uses a name that `b` 2.0 does not have."""
    index.add("b", "1.0", {"b/__init__.py": "kept = gone = 1"}, uploaded="2020-01-01")
    index.add("a", "1.0", {"a/__init__.py": "import b\nb.gone"}, requires=["b"], uploaded="2020-06-01")
    Path("requirements.txt").write_text("a==1.0\nb==2.0\n", encoding="utf-8")


@pytest.mark.usefixtures("pinned")
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_the_break_is_told_whatever_lies_around_it(
    index: LocalIndex, pinproof: Command, around: dict[str, str | bytes]
) -> None:
    index.add("b", "2.0", {**GONE, **around}, uploaded="2021-01-01", compressed=False)
    ran = pinproof("verify")
    assert ran.code == 1, ran
    assert "b.gone" in ran.out
    assert "bug" not in ran.err
    assert not any(ord(c) < 32 for c in ran.out.replace("\n", ""))


@pytest.mark.usefixtures("pinned")
def test_a_member_that_is_refused_hides_no_other(index: LocalIndex, pinproof: Command) -> None:
    members = {"a/__init__.py": "", "a/bomb.py": bytes(3_000_000), "a/late.py": "import b\nb.gone"}
    index.add("a", "1.1", members, requires=["b"], uploaded="2020-06-01")
    index.add("b", "2.0", GONE, uploaded="2021-01-01")
    Path("requirements.txt").write_text("a==1.1\nb==2.0\n", encoding="utf-8")
    ran = pinproof("verify")
    assert (ran.code, "a/late.py:2" in ran.out) == (0, True), ran


@pytest.mark.usefixtures("pinned")
def test_a_name_that_is_no_text(index: LocalIndex, pinproof: Command) -> None:
    upload = index.add("b", "2.0", {**GONE, "b/éé.py": ""}, uploaded="2021-01-01")
    spoilt = upload.content.replace("éé".encode(), b"\xff\xfe\xfd\xfc")
    index.projects["b"].pop()
    index.add_file("b", upload.filename, spoilt, uploaded="2021-01-01", metadata=upload.metadata)
    ran = pinproof("verify")
    assert ran.code != 0
    assert "bug" not in ran.err
    assert "b 2.0" in ran.out + ran.err


@pytest.mark.usefixtures("pinned")
def test_names_are_compared_as_python_does(index: LocalIndex, pinproof: Command) -> None:
    """An identifier may be written in other letters (PEP 3131); the name of a file may not."""
    index.add(
        "b",
        "2.0",
        {"b/__init__.py": "\uff47\uff4f\uff4e\uff45 = kept = 1", "b/\ufb01nd.py": ""},
        uploaded="2021-01-01",
    )
    assert pinproof("verify").code == 0
