"""Specifiers as rules ask for them, and edits of them that leave the rest of the text alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

from pinproof.model.declaration import Form, Span
from pinproof.model.finding import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pinproof.model.declaration import Declaration, FilePath, Manifest

_CLAUSE = re.compile(r"[^,\s][^,]*")


def specifiers(declaration: Declaration) -> tuple[Specifier, ...]:
    """What a requirement says of the version; empty where it says nothing, or cannot be read."""
    return () if declaration.requirement is None else tuple(declaration.requirement.specifier)


def is_exact(one: Specifier) -> bool:
    """Whether it admits one version (or one with any local label)."""
    return one.operator == "===" or (one.operator == "==" and not one.version.endswith(".*"))


def is_wildcard(one: Specifier) -> bool:
    """`==1.2.*`."""
    return one.operator == "==" and one.version.endswith(".*")


def is_cap(one: Specifier) -> bool:
    """Whether it keeps newer releases out, without pinning: `<2`, `<=1.9`, `~=1.2`."""
    return one.operator in ("<", "<=", "~=")


def limit(one: Specifier) -> str:
    """The first release series that a cap keeps out, as people write it: of `~=1.4.2` 1.5, of `<2` 2.

    Of `<=1.9` it is what comes after 1.9.
    """
    if one.operator != "~=":
        return one.version
    version = Version(one.version)
    numbers = list(version.release[:-1])
    numbers[-1] += 1
    return (f"{version.epoch}!" if version.epoch else "") + ".".join(map(str, numbers))


def is_floor(one: Specifier) -> bool:
    """Whether it keeps older releases out."""
    return one.operator in (">=", ">", "~=", "==", "===")


def version_of(one: Specifier) -> Version | None:
    """The version that it names; None for `===` with what is none."""
    try:
        return Version(one.version.removesuffix(".*"))
    except ValueError:  # InvalidVersion, or a number that is too long for Python
        return None


def public(one: Specifier) -> str:
    """Its version without a local label, which ordered comparison does not know (PEP 440)."""
    return one.version.partition("+")[0]


def clauses(written: str) -> Iterator[tuple[Span, Specifier]]:
    """Each clause of a specifier as it is written, with its place in that text."""
    for found in _CLAUSE.finditer(written):
        text = found[0].rstrip()
        try:
            yield Span(found.start(), found.start() + len(text)), Specifier(text)
        except InvalidSpecifier:
            return


def rewritten(
    path: FilePath,
    text: str,
    declaration: Declaration,
    change: Callable[[Specifier], str | None],
) -> tuple[Edit, ...]:
    """Edits that put what `change` gives in the place of each clause, None taking it out together with its comma.

    Empty where the specifier cannot be edited, or is not written as clauses of PEP 440.
    """
    span = declaration.specifier_span
    if span is None:
        return ()
    written = span.of(text)
    found = list(clauses(written))
    if len(found) != len(specifiers(declaration)):
        return ()
    # What stays does so with its own spaces.
    kept = [
        (at, at.of(written) if new == str(one) else new)
        for at, one in found
        if (new := change(one)) is not None
    ]
    replaced = _joined(written, kept, len(found))
    return () if replaced == written else (Edit(path, span, replaced),)


def changed(
    manifest: Manifest, declaration: Declaration, change: Callable[[Specifier], str | None]
) -> tuple[Edit, ...]:
    """The same as `rewritten`; what a tool writes in a way of its own (`^1.2`) is put as PEP 440 has it."""
    edits = rewritten(manifest.path, manifest.text, declaration, change)
    span = declaration.specifier_span
    if edits or span is None or declaration.form is not Form.TABLE or is_pep440(span.of(manifest.text)):
        return edits
    kept = [new for one in sorted(specifiers(declaration), key=_floors_first) if (new := change(one))]
    return (Edit(manifest.path, span, ",".join(kept)),)


def replaced_whole(path: FilePath, declaration: Declaration, specifier: str) -> tuple[Edit, ...]:
    """An edit that puts another specifier; nothing where it cannot be edited."""
    span = declaration.specifier_span
    return () if span is None else (Edit(path, span, specifier),)


def is_pep440(written: str) -> bool:
    """Whether a specifier is written as clauses of PEP 440."""
    try:
        SpecifierSet(written)
    except InvalidSpecifier:
        return False
    return True


def _floors_first(one: Specifier) -> tuple[bool, str]:
    return not is_floor(one), str(one)


def _joined(written: str, kept: Iterable[tuple[Span, str]], count: int) -> str:
    """The clauses with the white space and commas that stood between them, where all are left."""
    parts = list(kept)
    if len(parts) < count:
        separator = ", " if re.search(r",\s", written) else ","
        return separator.join(new for _, new in parts)
    result, done = "", 0
    for span, new in parts:
        result += written[done : span.start] + new
        done = span.end
    return result + written[done:]
