"""Scripts of one file that say in a comment what they need (PEP 723)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.toml_spans import parsed, spots
from pinproof.facts.manifests.written import of_excerpt
from pinproof.model.declaration import FilePath, Kind, Manifest, Problem, Value, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from pinproof.facts.manifests.toml_spans import Path, Spot
    from pinproof.model.declaration import Declaration

_BLOCK = re.compile(
    r"^# /// script[ \t]*\r?\n(?P<content>(?:#(?: [^\r\n]*)?\r?\n)+)# ///[ \t]*\r?$", re.MULTILINE
)
_LINE = re.compile(r"# ?(?P<said>[^\r\n]*)\r?\n")


def has_block(text: str) -> bool:
    """Whether a module is such a script."""
    return "# /// script" in text and _BLOCK.search(text) is not None


def read(text: str, path: FilePath) -> Manifest:
    """The requirements of a script, and its Python."""
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        return Manifest(path, Kind.SCRIPT, text)
    if len(blocks) > 1:
        problem = Problem("more than one block of metadata", Excerpt.verbatim(text, *blocks[1].span()).span())
        return Manifest(path, Kind.SCRIPT, text, problems=(problem,))
    block = _without_prefix(text, *blocks[0].span("content"))
    document, problems = parsed(block.text)
    places = spots(block.text)
    return Manifest(
        path,
        Kind.SCRIPT,
        text,
        tuple(_requirements(block, document, places)),
        problems=tuple(_in_file(problem, block) for problem in problems),
        requires_python=_python(block, document, places),
    )


def _without_prefix(text: str, start: int, end: int) -> Excerpt:
    parts = []
    for line in _LINE.finditer(text, start, end):
        parts.append(Excerpt.verbatim(text, *line.span("said")))
        parts.append(Excerpt.verbatim(text, line.end() - 1, line.end()))
    return Excerpt.joined(parts)


def _in_file(problem: Problem, block: Excerpt) -> Problem:
    if problem.span is None:
        return problem
    return Problem(problem.message, block.span(problem.span.start, problem.span.end))


def _requirements(
    block: Excerpt, document: Mapping[str, Any], places: Mapping[Path, Spot]
) -> Iterator[Declaration]:
    listed = document.get("dependencies")
    for number, text in enumerate(listed if isinstance(listed, list) else ()):
        spot = places.get(("dependencies", number))
        if spot is None or not isinstance(text, str):
            continue
        inside = block.part(spot.span.start, spot.span.end)
        written = inside if spot.plain else Excerpt.blind(block.source, text, inside.span())
        yield replace(of_excerpt(written, Where.SCRIPT), comment=spot.comment)


def _python(block: Excerpt, document: Mapping[str, Any], places: Mapping[Path, Spot]) -> Value | None:
    version, spot = document.get("requires-python"), places.get(("requires-python",))
    if not isinstance(version, str) or spot is None:
        return None
    return Value(block.span(spot.span.start, spot.span.end), version)
