"""Take a requirement out of a file, with the line or the comma that is left over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.model.declaration import Form, Kind, Span
from pinproof.model.finding import Edit

if TYPE_CHECKING:
    from pinproof.model.declaration import Declaration, Manifest

_END_OF_LINE = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|$)")
_COMMA = re.compile(r"[ \t]*,")
_SPACE = re.compile(r"\s*")


def removed(manifest: Manifest, declaration: Declaration) -> tuple[Edit, ...]:
    """An edit that takes it out with the comment behind it.

    Nothing where it does not stand by itself, or where lines above it say something about it.
    """
    span = None
    if declaration.form is Form.PEP508 and not declaration.hashed:
        if manifest.kind in (Kind.REQUIREMENTS, Kind.CONSTRAINTS):
            span = _line(manifest.text, declaration.span)
        elif manifest.kind is Kind.PYPROJECT:
            span = _item(manifest.text, declaration.span)
    return (
        ()
        if span is None or _is_explained(manifest.text, declaration.span)
        else (Edit(manifest.path, span, ""),)
    )


def _is_explained(text: str, inner: Span) -> bool:
    above = text[: text.rfind("\n", 0, inner.start) + 1].rstrip("\r\n").rpartition("\n")[2]
    return above.lstrip().startswith("#")


def _line(text: str, inner: Span) -> Span | None:
    """The whole line, where there is nothing else in it, and it does not go on."""
    start = text.rfind("\n", 0, inner.start) + 1
    end = _END_OF_LINE.match(text, inner.end)
    continued = text[:start].rstrip("\r\n").endswith("\\")
    if text[start : inner.start].strip() or end is None or continued:
        return None
    return Span(start, end.end())


def _item(text: str, inner: Span) -> Span | None:
    """An item of an array: its lines where it has them for itself, else the item and a comma."""
    quoted = Span(inner.start - 1, inner.end + 1)
    if quoted.start < 0 or text[quoted.start] not in "\"'" or text[quoted.end - 1] != text[quoted.start]:
        return None
    comma = _COMMA.match(text, quoted.end)
    with_comma = Span(quoted.start, comma.end() if comma else quoted.end)
    if (line := _line(text, with_comma)) is not None:
        return line
    if comma is not None:
        space = _SPACE.match(text, comma.end())
        assert space is not None
        return Span(quoted.start, comma.end() if "\n" in space[0] else space.end())
    before = text[: quoted.start].rstrip()
    return Span(len(before) - 1, quoted.end) if before.endswith(",") else quoted
