"""What the bytes of a compiled module say of its names, without running it.

What Cython and f2py make gives its names to Python as strings of C, which stand in the file: in the table of
interned strings, in that of the routines. A name that occurs nowhere in the file is no name of the module. That was
measured (see docs/design.md), and holds only where those tables are kept as they are: Cython packs its own since 3.2.
It is not said of other modules: what is written by hand may take its names from a library that lies beside it.
"""

from __future__ import annotations

import re

from pinproof.model.module import CTables

_FORMATS = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How shared objects of Linux, Windows and macOS begin."""

_OF_CYTHON = (b"\0__test__\0", b"\0__main__\0")
"""Strings that every module of Cython interns. They stand alone only where the table is not packed."""
_MADE_BY_CYTHON = b"cython_runtime"

_OF_F2PY = b"is auto-generated with f2py (version:"
_TAKES_EVERYTHING = b"from-import-*"
"""Part of what Cython says where `from x import *` fails; only modules that have one hold it."""

_DOTTED = re.compile(rb"(?<!\w)\w++(?:\.\w++)++(?=\0)")
"""A dotted name at the end of a string; what stands before the first string of a file may look like part of it."""
_TABLE = re.compile(rb"(?<!\w)\w*_C?API(?=\0)")
"""What tables of functions for C are called: `_C_API` in Python's own documentation, `_ARRAY_API` in NumPy."""


class Strings:
    """The strings in one compiled module, named `module` where it is imported."""

    def __init__(self, content: bytes, module: str) -> None:
        self._content = content
        self._are_all = _are_all(content, module)

    def have(self, name: str) -> bool | None:
        """Whether a name is among the strings. False: it is no name of the module; None: not to be told."""
        if not name.isascii():
            return None
        wanted = re.escape(name.encode())
        if re.search(rb"(?<![A-Za-z0-9_])" + wanted + rb"(?![A-Za-z0-9_])", self._content):
            return True
        return False if self._are_all else None

    def may_give(self, name: str) -> bool:
        """Whether the module may give a name to anything: it has to have it somewhere, in one piece or packed."""
        is_packed = _MADE_BY_CYTHON in self._content and not _are_not_packed(self._content)
        return is_packed or name.encode("utf-8", "replace") in self._content

    def tables(self) -> CTables:
        """What looks like names of tables of functions, and of the modules that may have them."""
        names = {found.decode() for found in _TABLE.findall(self._content)}
        modules = {found.decode() for found in _DOTTED.findall(self._content)} if names else set()
        return CTables(tuple(sorted(modules)), tuple(sorted(names)))


def _are_all(content: bytes, module: str) -> bool:
    """Whether every name that the module has must be in its bytes as it is spelled."""
    start = b"PyInit_" + module.rpartition(".")[2].encode("utf-8", "replace") + b"\0"
    if not content.startswith(_FORMATS) or start not in content or _TAKES_EVERYTHING in content:
        return False
    return _are_not_packed(content) or _OF_F2PY in content


def _are_not_packed(content: bytes) -> bool:
    return all(text in content for text in _OF_CYTHON)
