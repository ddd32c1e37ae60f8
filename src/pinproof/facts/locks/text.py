"""From the bytes of a file to text that is worth parsing."""

from __future__ import annotations

import codecs
import re

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import place

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING = re.compile(rb"^[ \t]*#.*?coding[:=][ \t]*([-\w.]+)")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


def readable(content: str | bytes, filename: str) -> str:
    """The text of a file: byte order marks and coding lines (PEP 263) honoured, else UTF-8.

    InputError if it cannot be decoded or still has the marks of an unresolved merge.
    """
    text = content if isinstance(content, str) else _decoded(content, filename)
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise InputError(
            f"{place(filename, line)}: unresolved merge conflict ({conflict[0].strip()})",
            hint="Finish the merge, then lock again.",
        )
    return text.removeprefix("\ufeff")


def _decoded(content: bytes, filename: str) -> str:
    encoding, content = _encoding(content)
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise InputError(f"{filename}:1: {error}") from error
    except (UnicodeDecodeError, ValueError) as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise InputError(
            f"{place(filename, line)}: not valid {encoding}", hint="Save the file as UTF-8."
        ) from error


def _encoding(content: bytes) -> tuple[str, bytes]:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding, content[len(mark) :]
    for line in content.split(b"\n", 2)[:2]:
        if coding := _CODING.match(line):
            return coding[1].decode("ascii", "replace"), content
    return "utf-8", content
