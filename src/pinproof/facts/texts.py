"""Whether a text knows a name: asked of what makes names at run time, which has to have them from somewhere."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pinproof.facts.source import UnreadableSourceError, parse, parsing
from pinproof.facts.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_IN_NAMES = re.compile(rb"[\w\x80-\xff]")
_OF_ITSELF = (b"self.", b"cls.")
_WRITTEN = re.compile(rb"[ \t]*(?:[-+*/|&]?=(?!=)|:[^\n=]*=(?!=))")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def quotes(source: bytes, name: str) -> bool:
    """Whether a name stands in a text as a string that something could be called by; it may, where that is no Python.

    Not so the value of a keyword, a default, and what a type may be: those choose between ways to do something.
    """
    nodes = _nodes(source, name)
    return nodes is None or _quotes(nodes, name)


def gives(source: bytes, name: str) -> bool:
    """Whether a text quotes a name, or binds it, on whatever level."""
    nodes = _nodes(source, name)
    return nodes is None or _quotes(nodes, name) or any(_binds(node, name) for node in nodes)


def writes(source: bytes, name: str) -> bool:
    """Whether a text writes to an attribute of this name, whatever has it."""
    nodes = _nodes(source, name)
    return nodes is None or any(_writes(node, name) for node in nodes)


def may_give(source: bytes, names: Iterable[str]) -> set[str]:
    """Those of the names that a text may give to anything, by a quick look.

    So it may where a name stands for itself (defined, bound, a parameter, a keyword, in a string or comment), is read
    of `self`, or is written to anything: wherever it is not just read of something.
    """
    words = [(name, name.encode("utf-8", "replace")) for name in names]
    return {name for name, word in words if word in source and _is_more_than_read(source, word)}


def _is_more_than_read(source: bytes, word: bytes) -> bool:
    start = source.find(word)
    while start >= 0:
        end = start + len(word)
        if not _IN_NAMES.match(source, end):
            if source[start - 1 : start] == b".":
                if source.endswith(_OF_ITSELF, 0, start) or _WRITTEN.match(source, end):
                    return True
            elif not start or not _IN_NAMES.match(source, start - 1):
                return True
        start = source.find(word, end)
    return False


def _quotes(nodes: list[ast.AST], name: str) -> bool:
    choosing = {id(part) for node in nodes for part in _choosing(node)}
    return any(isinstance(n, ast.Constant) and n.value == name and id(n) not in choosing for n in nodes)


def _nodes(source: bytes, name: str) -> list[ast.AST] | None:
    """The parts of a text that has the name in it; None where it cannot be parsed."""
    if name.encode() not in source:
        return []
    try:
        with parsing():
            return list(ast.walk(parse(source)))
    except UnreadableSourceError:
        return None


def _choosing(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.keyword(value=value) | ast.Expr(value=value):
            return [value]
        case ast.arguments(defaults=defaults, kw_defaults=more):
            return [*defaults, *(default for default in more if default is not None)]
        case ast.Subscript(value=generic, slice=inner) if last_name(generic) == "Literal":
            return list(ast.walk(inner))
        case _:
            return []


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=bound, ctx=ast.Store()):
            return bound == name
        case ast.alias(name=imported, asname=bound):
            return name in (bound, imported)
        case _:
            return isinstance(node, _DEFINITIONS) and node.name == name


def _writes(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
