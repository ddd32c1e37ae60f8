"""The values of a TOML document, and where each stands in its text.

tomllib reads what the values are and gives no places; tree-sitter gives the places, under the same keys.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tree_sitter_toml
from tree_sitter import Language, Parser

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.offsets import Offsets
from pinproof.model.declaration import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

Path = tuple[str | int, ...]
"""The keys to a value, from the root of the document; the items of arrays are numbered."""

_LANGUAGE = Language(tree_sitter_toml.language())
_BEHIND = re.compile(r"""(?:[^#"'\n]|"(?:\\.|[^"\\\n])*"|'[^'\n]*')*#(?P<comment>.*)""")
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_TABLES = {"table", "table_array_element"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands: `span` without the quotes of a string. `plain`: what stands there is the string itself.

    `comment` is what follows in the same line, or stands in lines of its own right above.
    """

    span: Span
    plain: bool
    comment: str = ""


def parsed(text: str) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values of a document; none where it is no TOML, and why."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n")), ()
    except tomllib.TOMLDecodeError as error:
        return {}, (_not_toml(text, str(error)),)
    except RecursionError:
        return {}, (Problem("not valid TOML: nested too deep"),)
    except ValueError as error:
        return {}, (Problem(f"not valid TOML: {error}"),)


def _not_toml(text: str, told: str) -> Problem:
    found = _TOML_PLACE.search(told)
    message = f"not valid TOML: {told.removesuffix(found[0] if found else '')}"
    if found is None:
        return Problem(message)
    above = text.split("\n")[: int(found[1]) - 1]
    start = sum(len(line) + 1 for line in above) + int(found[2]) - 1
    return Problem(message, Span(min(start, len(text)), min(start + 1, len(text))))


def spots(text: str) -> dict[Path, Spot]:
    """Every value, array, table and key of a document; of what is no TOML, what can be made out."""
    return dict(_Reading(text).document())


def excerpt(text: str, value: str, spot: Spot) -> Excerpt:
    """A string with the places of its characters, as far as they stand there as they are."""
    written = Excerpt.verbatim(text, spot.span.start, spot.span.end)
    return written if written.text == value else Excerpt.blind(text, value, spot.span)


class _Reading:
    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets = Offsets(text)
        self.counts: dict[Path, int] = {}

    def document(self) -> Iterator[tuple[Path, Spot]]:
        root = Parser(_LANGUAGE).parse(self.offsets.encoded).root_node
        for node in root.named_children:
            if node.type == "pair":
                yield from self.pair(node, ())
            elif node.type in _TABLES:
                yield from self.table(node)

    def table(self, node: Node) -> Iterator[tuple[Path, Spot]]:
        key, *rest = (child for child in node.named_children if child.type != "comment")
        path = self.numbered(tuple(self.keys(key)), is_array=node.type == "table_array_element")
        yield path, Spot(self.span(key), plain=False)
        for child in rest:
            if child.type == "pair":
                yield from self.pair(child, path)

    def numbered(self, keys: Path, *, is_array: bool) -> Path:
        """The path with the numbers of the tables in arrays that it leads through."""
        path: Path = ()
        for at, key in enumerate(keys):
            path = (*path, key)
            if is_array and at == len(keys) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def pair(self, node: Node, above: Path) -> Iterator[tuple[Path, Spot]]:
        key, *values = (child for child in node.named_children if child.type != "comment")
        if values:
            yield from self.value(values[0], (*above, *self.keys(key)))

    def value(self, node: Node, path: Path) -> Iterator[tuple[Path, Spot]]:
        yield path, self.spot(node)
        children = [child for child in node.named_children if child.type != "comment"]
        if node.type == "array":
            for number, child in enumerate(children):
                yield from self.value(child, (*path, number))
        elif node.type == "inline_table":
            for child in children:
                if child.type == "pair":
                    yield from self.pair(child, path)

    def keys(self, node: Node) -> list[str]:
        if node.type == "dotted_key":
            return [key for child in node.named_children for key in self.keys(child)]
        written = self.span(node).of(self.text)
        return [written[1:-1] if node.type == "quoted_key" else written]

    def spot(self, node: Node) -> Spot:
        span = self.span(node)
        if node.type != "string":
            return Spot(span, plain=False, comment=self.comment(span))
        written = span.of(self.text)
        long = written.startswith(('"""', "'''"))
        width = 3 if long else 1
        inside = Span(span.start + width, max(span.end - width, span.start + width))
        escaped = "\\" in written and written.startswith('"')
        return Spot(inside, plain=not escaped and not long, comment=self.comment(span))

    def comment(self, span: Span) -> str:
        """What the lines right above say, and what stands behind the value in its line."""
        behind = _BEHIND.match(self.text, span.end)
        above: list[str] = []
        start = self.text.rfind("\n", 0, span.start) + 1
        if self.text[start : span.start].strip():
            start = 0  # what is above belongs to something else
        while start > 0:
            before = self.text.rfind("\n", 0, start - 1) + 1
            line = self.text[before : start - 1].strip()
            if not line.startswith("#"):
                break
            above.insert(0, line.lstrip("# "))
            start = before
        return " ".join([*above, behind["comment"].strip() if behind else ""]).strip()

    def span(self, node: Node) -> Span:
        return Span(self.offsets.character(node.start_byte), self.offsets.character(node.end_byte))
