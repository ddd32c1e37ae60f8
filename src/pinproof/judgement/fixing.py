"""Apply fixes to a text, and see that nothing but what they name has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.declaration import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.finding import Edit, Fix


def compatible(fixes: Iterable[Fix]) -> Iterator[Fix]:
    """Those that can be applied together: of two that touch the same place the first."""
    taken: list[Edit] = []
    for fix in fixes:
        if not any(_touch(one, other) for one in fix.edits for other in taken):
            taken += fix.edits
            yield fix


def _touch(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def spliced(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits of it that do not touch."""
    for edit in sorted(edits, key=lambda e: e.span, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def harm(before: Manifest, after: Manifest, edits: Sequence[Edit]) -> str:
    """What else has changed, if anything: why edits must not be made. Empty where all is well."""
    if len(after.problems) > len(before.problems):
        return f"the file could not be read any more: {after.problems[-1].message}"
    replaced = list(_moved(edits))
    kept_before = [_gist(d) for d in before.every_declaration if not _inside(d.span, [e.span for e in edits])]
    kept_after = [_gist(d) for d in after.every_declaration if not _inside(d.span, replaced)]
    if kept_before != kept_after:
        return "something else in the file would change"
    broken = next((d for d in after.every_declaration if d.problem and _inside(d.span, replaced)), None)
    return "" if broken is None else f"{broken.text!r} could not be read"


def _gist(declaration: Declaration) -> tuple[str, str, str, bool, str]:
    return (
        declaration.text,
        declaration.where.value,
        declaration.part,
        declaration.hashed,
        declaration.comment,
    )


def _inside(span: Span, edited: Iterable[Span]) -> bool:
    return any(span.start <= edit.end and edit.start <= span.end for edit in edited)


def _moved(edits: Sequence[Edit]) -> Iterator[Span]:
    """Where the replacements stand afterwards."""
    shift = 0
    for edit in sorted(edits, key=lambda e: e.span):
        start = edit.span.start + shift
        yield Span(start, start + len(edit.replacement))
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
