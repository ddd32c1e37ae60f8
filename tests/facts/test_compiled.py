"""What the bytes of compiled modules say of a name `x`."""

from __future__ import annotations

import pytest

from pinproof.facts.compiled import Strings

_START = "\x7fELF\0PyInit_c\0"
_CYTHON = _START + "\0__test__\0__main__\0"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (_CYTHON + "y\0", False),
        (_CYTHON + "x\0", True),
        (_CYTHON + "x_axis\0axis_x\0xx\0", False),
        (_CYTHON + "the x of a docstring\0", True),
        (_CYTHON.replace("\x7fELF", "MZ") + "y\0", False),
        (_START + "This module 'c' is auto-generated with f2py (version:2).\0y\0", False),
        (_START + "y\0", None),
        (_START + "x\0", True),
        (_START + "__test____main__y", None),
        (_CYTHON + "y\0from-import-* object has no __dict__ and no __all__\0", None),
        (_CYTHON.replace("PyInit_c", "PyInit_cc") + "y\0", None),
        ("UPX!" + _CYTHON, None),
        ("", None),
    ],
)
def test_strings(content: str, expected: bool | None) -> None:
    assert Strings(content.encode(), "b.c").have("x") is expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (_START + "text_width\0", True),
        (_START + "draw_text_width_text_height", True),
        (_START + "text\0width\0", False),
        (_CYTHON + "cython_runtime\0text\0", False),
        (_START + "cython_runtime\0text\0", True),
        ("", False),
    ],
)
def test_what_a_module_may_give(content: str, expected: bool) -> None:
    assert Strings(content.encode(), "b.c").may_give("text_width") is expected


def test_names_that_are_not_ascii_are_not_looked_for() -> None:
    assert Strings(_CYTHON.encode(), "b.c").have("é") is None
