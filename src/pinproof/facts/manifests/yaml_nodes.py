"""YAML as nodes with places, and its scalars as those see them who run them.

Source: https://yaml.org/spec/1.2.2/. Nothing is constructed; what is referred to more than once is there once.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import yaml

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.model.declaration import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BLOCK_HEADER = re.compile(r"[|>][^\n]*\n")
_LINE = re.compile(r"(?P<indent> *)(?P<said>[^\r\n]*)(?P<end>\r?\n|$)")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s+|$))*")
_FOLD = re.compile(r"[ \t]*\r?\n\s*")
_ESCAPE = re.compile(r"''|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*|(?s:.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def documents(text: str) -> tuple[list[yaml.Node], tuple[Problem, ...]]:
    """The documents of a file, up to where it is no YAML."""
    found: list[yaml.Node] = []
    try:
        # Each is looked at before the next one is parsed.
        found.extend(yaml.compose_all(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        return found, (_problem(error, text),)
    except (ValueError, RecursionError) as error:
        return found, (Problem(f"not valid YAML: {error}"),)
    return found, ()


def _problem(error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error).partition("\n")[0]
    at = mark.index if mark is not None else getattr(error, "position", None)
    span = Span(min(at, len(text)), min(at + 1, len(text))) if at is not None else None
    return Problem(f"not valid YAML: {message}", span)


def entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """The keys and values of a mapping; nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def entry(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """The value under a key."""
    return next((value for key, value in entries(node) if key == name), None)


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """The items of a list; nothing for any other node."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def scalar(text: str, node: yaml.Node | None) -> Excerpt | None:
    """What a scalar says, with the places of its characters; None for any other node."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    end = node.end_mark.index
    properties = _PROPERTIES.match(text, node.start_mark.index, end)
    start = properties.end() if properties else end
    if node.style in ("|", ">"):
        return _block(text, start, end, folded=node.style == ">")
    if node.style in ("'", '"'):
        return _quoted(text, start + 1, max(end - 1, start + 1))
    return _folded(Excerpt.verbatim(text, start, end))


def _block(text: str, start: int, end: int, *, folded: bool) -> Excerpt:
    """A literal or folded block, without its indentation."""
    header = _BLOCK_HEADER.match(text, start, end)
    lines = list(_LINE.finditer(text, header.end() if header else end, end))
    indent = min((len(line["indent"]) for line in lines if line["said"]), default=0)
    said: list[str] = []
    places: list[int] = []
    for line, following in pairwise(lines):  # the last one is the empty rest
        begin = min(line.start() + indent, line.end("said"))
        joins = folded and _goes_on(line, indent) and _goes_on(following, indent)
        said += [text[begin : line.end("said")], " " if joins else "\n"]
        places += range(begin, line.end("said") + 1)
    return Excerpt(text, "".join(said), [*places, end])


def _goes_on(line: re.Match[str], indent: int) -> bool:
    """Whether a line of a folded block is one with its neighbours, which empty and further indented ones are not."""
    return bool(line["said"]) and len(line["indent"]) == indent and not line["said"].startswith("\t")


def _quoted(text: str, start: int, end: int) -> Excerpt:
    whole = Excerpt.verbatim(text, start, end)
    single = text[start - 1] == "'"
    parts: list[Excerpt] = []
    at = 0
    for found in _ESCAPE.finditer(whole.text):
        if single != (found[0] == "''"):
            continue
        parts.append(_folded(whole.part(at, found.start())))
        span = whole.span(*found.span())
        said = "'" if single else _unescaped(found[0])
        parts.append(Excerpt(text, said, [*([span.start] * len(said)), span.end]))
        at = found.end()
    return Excerpt.joined([*parts, _folded(whole.part(at, len(whole.text)))])


def _unescaped(escape: str) -> str:
    code = escape[1:]
    if code[0] in "xuU" and len(code) > 1:
        return chr(int(code[1:], 16)) if int(code[1:], 16) < 0x110000 else ""
    return "" if code[0] in "\r\n" else _ESCAPED.get(code, code)


def _folded(excerpt: Excerpt) -> Excerpt:
    """Lines of a plain or quoted scalar as one, but for those with empty ones between; in as many characters."""
    if "\n" not in excerpt.text:
        return excerpt
    return excerpt.with_text(
        _FOLD.sub(lambda found: found[0].replace("\n", " ", 1).replace("\r", " "), excerpt.text)
    )
