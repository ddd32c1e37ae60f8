"""Annotations: the classes that they name.

A **way** is a name with what follows it, such as `("httpx", "Client()")` for an object of a class; the name `@` is
the object of a method.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.facts.syntax import last_name, unwound

if TYPE_CHECKING:
    from collections.abc import Iterable

Way = tuple[str, str]
RECEIVER = "@"
MAX_WAYS = 8

_THE_SAME = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired"})
_SAYS_NOTHING = frozenset({"type", "Type", "Any", "Literal", "Callable", "NoReturn", "Never", "Incomplete"})
_MAX_TEXT = 200
_MAX_STEPS = 8


def annotated(node: ast.expr | None, steps: int = 0) -> tuple[Way, ...] | None:
    """What an annotation allows, without None; None where that cannot be told."""
    if node is None or steps > _MAX_STEPS:
        return None
    kind = type(node)
    if kind is ast.Constant:
        return _in_quotes(node.value, steps)  # type: ignore[attr-defined]
    if kind is ast.BinOp and isinstance(node.op, ast.BitOr):  # type: ignore[attr-defined]
        return _any_of((node.left, node.right), steps)  # type: ignore[attr-defined]
    if kind is ast.Subscript:
        return _subscripted(node, steps)  # type: ignore[arg-type]
    name, chain = unwound(node)
    last = chain.rpartition(".")[2] or name
    if not name or chain.endswith(")") or last in _SAYS_NOTHING:
        return None
    return ((RECEIVER, ""),) if last == "Self" else ((name, f"{chain}()"),)


def _in_quotes(value: object, steps: int) -> tuple[Way, ...] | None:
    if value is None:
        return ()
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    try:
        return annotated(ast.parse(value, mode="eval").body, steps + 1)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _any_of(nodes: Iterable[ast.expr], steps: int) -> tuple[Way, ...] | None:
    found: dict[Way, None] = {}
    for node in nodes:
        ways = annotated(node, steps + 1)
        if ways is None:
            return None
        found.update(dict.fromkeys(ways))
    return tuple(found) if len(found) <= MAX_WAYS else None


def _subscripted(node: ast.Subscript, steps: int) -> tuple[Way, ...] | None:
    name = last_name(node.value)
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Union":
        return _any_of(items, steps)
    if name in _THE_SAME:
        return annotated(items[0], steps + 1) if items else None
    if name in ("Type", "type"):
        ways = annotated(node.slice, steps + 1)
        return tuple([(root, chain.removesuffix("()")) for root, chain in ways]) if ways else None
    return annotated(node.value, steps + 1)
