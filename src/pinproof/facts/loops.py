"""Loops of a module that make names: over a literal table, or over the members of its own enumerations.

for name in ["a", "b"]: globals()[name] = …
for enum in (Colour, Shape):
    for item in enum: setattr(module, item.name, item.value)
globals().update(Colour.__members__)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pinproof.facts.tables import Tables
    from pinproof.model.module import Class


class Loops:
    """What the variables of a module's loops go through. `classes` are those of the module, as they come."""

    def __init__(self, tables: Tables, classes: Mapping[str, Class]) -> None:
        self._tables = tables
        self._classes = classes
        self._names: dict[str, tuple[str, ...]] = {}
        self._enums: dict[str, tuple[str, ...]] = {}
        self._items: dict[str, tuple[str, ...]] = {}

    def enter(self, node: ast.For | ast.AsyncFor) -> None:
        """A loop begins."""
        if not isinstance(node.target, ast.Name):
            return
        variable, over = node.target.id, node.iter
        for known in (self._names, self._enums, self._items):
            known.pop(variable, None)
        if isinstance(over, ast.Name) and over.id in self._enums:
            self._items[variable] = self._enums[over.id]
        elif (members := self._members_of(over)) is not None:
            self._items[variable] = members
        elif isinstance(over, ast.Tuple | ast.List) and over.elts:
            parts = [self._members_of(e) for e in over.elts]
            if None not in parts:
                self._enums[variable] = tuple(name for part in parts if part for name in part)
        names = self._tables.listed(over)
        if names is not None:
            self._names[variable] = names

    def names(self, node: ast.expr) -> tuple[str, ...] | None:
        """The names that an expression goes through: a loop's variable, the `name` of one, or a literal."""
        match node:
            case ast.Constant(value=str(name)):
                return (name,)
            case ast.Name(id=variable):
                return self._names.get(variable)
            case ast.Attribute(value=ast.Name(id=variable), attr="name"):
                return self._items.get(variable)
            case _:
                return None

    def members(self, node: ast.expr) -> tuple[str, ...] | None:
        """The names in `Colour.__members__`."""
        if isinstance(node, ast.Attribute) and node.attr == "__members__":
            return self._members_of(node.value)
        return None

    def _members_of(self, node: ast.expr) -> tuple[str, ...] | None:
        found = self._classes.get(node.id) if isinstance(node, ast.Name) else None
        if found is None or found.open or not found.bases:
            return None
        return tuple(name for name, kind in found.members.items() if kind == "value")
