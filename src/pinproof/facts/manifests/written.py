"""From the text of one requirement, where it stands in a file, to a declaration."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from pinproof.facts.locks.poetry_versions import alternatives
from pinproof.facts.manifests.comments import comment_at
from pinproof.model.declaration import Declaration, Form, Span, Where

if TYPE_CHECKING:
    from packaging.markers import Marker

    from pinproof.facts.manifests.excerpt import Excerpt

TOO_LONG = re.compile(r"[0-9]{1000}")  # Python refuses to make a number of more than 4300 digits
TOO_LONG_A_NUMBER = "it has a number of more than 1000 digits"
_HEAD = re.compile(r"\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?")
_SPECIFIER = re.compile(r"\s*(?P<open>\()?\s*(?P<specifier>(?:[=<>!~][^;()#@]*)?)")


def pep508(
    text: str,
    start: int,
    where: Where,
    *,
    part: str = "",
    hashed: bool = False,
    comment: str = "",
    exact: bool = True,
) -> Declaration:
    """A requirement as PEP 508 writes it, whose text begins at `start`.

    `exact` is False where the file writes it otherwise (escapes, continued lines), so that no part of it can be edited.
    """
    span = Span(start, start + len(text))
    try:
        requirement = _requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        problem = str(error).partition("\n")[0] or type(error).__name__
        return Declaration(span, text, where, None, problem, part=part, hashed=hashed, comment=comment)
    editable = _specifier_span(text, start) if exact and requirement.url is None else None
    return Declaration(span, text, where, requirement, "", editable, part, Form.PEP508, hashed, comment)


def of_excerpt(written: Excerpt, where: Where, *, part: str = "") -> Declaration:
    """The same for one that the file may write in another way than it is read, with what is said beside it."""
    span = written.span()
    comment = comment_at(written.source, span.start, span.end)
    exact = written.is_verbatim
    found = pep508(written.text, span.start, where, part=part, comment=comment, exact=exact)
    return found if exact else replace(found, span=span, text=span.of(written.source))


def of_table(
    name: str,
    version: str,
    version_span: Span | None,
    where: Where,
    *,
    span: Span,
    part: str = "",
    marker: Marker | None = None,
    extras: frozenset[str] = frozenset(),
    comment: str = "",
) -> Declaration:
    """A name as a key, and a version as poetry or pipenv write it, which stands at `version_span`.

    `span` is what to point at; `version_span` is None where no version is written, or not so that it could be
    edited. A caret, a tilde, a star and a bare version count as poetry counts them; what has alternatives
    (`<2 || >3`) is not read.
    """
    try:
        requirement = Requirement(name)
    except (InvalidRequirement, RecursionError) as error:
        problem = str(error).partition("\n")[0] or type(error).__name__
        return Declaration(span, version, where, None, problem, part=part, form=Form.TABLE, comment=comment)
    allowed = alternatives(version)
    if not allowed:
        problem = f"{version!r} says nothing about a version"
        return Declaration(span, version, where, None, problem, part=part, form=Form.TABLE, comment=comment)
    if len(allowed) > 1:
        return Declaration(span, version, where, part=part, form=Form.TABLE, comment=comment)
    requirement.specifier, requirement.extras, requirement.marker = allowed[0], set(extras), marker
    return Declaration(span, version, where, requirement, "", version_span, part, Form.TABLE, comment=comment)


def _requirement(text: str) -> Requirement:
    if TOO_LONG.search(text):
        raise InvalidRequirement(TOO_LONG_A_NUMBER)
    return Requirement(text)


def _specifier_span(text: str, start: int) -> Span | None:
    """Where the specifier stands, without brackets and the space around it."""
    head = _HEAD.match(text)
    found = _SPECIFIER.match(text, head.end()) if head else None
    if head is None or found is None:
        return None
    written = found["specifier"].rstrip()
    if not written:
        return Span(start + head.end(), start + head.end())
    at = start + found.start("specifier")
    return Span(at, at + len(written))
