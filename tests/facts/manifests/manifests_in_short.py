"""What a reader found, in lines that a test can list; every span is held against the text on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pinproof.model.declaration import Command, Declaration, Manifest, Reference


def declared(text: str, declarations: Iterable[Declaration]) -> list[str]:
    """`PART: REQUIREMENT`, with what is not the usual: `~` not editable, `?` not understood, `!` a problem."""
    return [_declaration(text, one) for one in declarations]


def _declaration(text: str, one: Declaration) -> str:
    assert one.span.of(text) == one.text
    part = f"{one.part}: " if one.part else ""
    if one.requirement is None:
        return f"{part}{one.text} ! {one.problem}" if one.problem else f"{part}{one.text} ?"
    if one.specifier_span is None:
        return f"{part}{one.requirement} ~"
    assert one.span.start <= one.specifier_span.start <= one.specifier_span.end <= one.span.end
    return f"{part}{one.requirement}"


def installed(text: str, commands: Iterable[Command]) -> list[str]:
    """`TOOL VERB: REQUIREMENT, … < REFERENCE`."""
    return [_command(text, one) for one in commands]


def _command(text: str, one: Command) -> str:
    said = declared(text, one.declarations) + [_reference(text, ref) for ref in one.references]
    called = f"{one.tool} {one.verb}".strip()
    return f"{called}: {', '.join(said)}" if said else called


def _reference(text: str, one: Reference) -> str:
    kind = "-c " if one.is_constraint else "-e " if one.is_editable else "< "
    return f"{kind}{one.path}" if one.span.of(text) == one.path else f"{kind}{one.path} ~"


def included(manifest: Manifest) -> list[str]:
    """Other files that it names."""
    return [_reference(manifest.text, one) for one in manifest.includes]
