"""Tables of names that a module holds: literal lists and dicts, what is added to them, and what is made of them.

Packages keep the names that their `__getattr__` still answers, or refuses by now, in such tables.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.facts.idioms import MAX_LITERAL_NAMES, literal_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAX_STEPS = 8


class Tables:
    """The tables of one module. `values` gives what a name was assigned up to a line, the latest last."""

    def __init__(self, values: Callable[[str, int], Sequence[ast.expr | None]]) -> None:
        self._values = values
        self._added: dict[str, list[tuple[int, ast.expr | None]]] = {}
        self._known: dict[tuple[str, int], tuple[str, ...] | None] = {}

    def add(self, name: str, line: int, what: ast.expr | None) -> None:
        """Something is added to a table at a line; None where it cannot be seen what."""
        self._added.setdefault(name, []).append((line, what))

    def names(self, table: str, line: int, steps: int = 0) -> tuple[str, ...] | None:
        """The names in a table at a line, or None where they cannot all be seen. Ask when all has been added."""
        if (table, line) not in self._known:
            self._known[table, line] = None  # what a table that is made of itself comes to
            self._known[table, line] = self._gathered(table, line, steps)
        return self._known[table, line]

    def _gathered(self, table: str, line: int, steps: int) -> tuple[str, ...] | None:
        values = self._values(table, line)
        if not values or steps > _MAX_STEPS:
            return None
        parts = [values[-1], *(what for at, what in self._added.get(table, ()) if at <= line)]
        found: dict[str, None] = {}
        for part in parts:
            listed = self.listed(part, steps + 1) if part is not None else None
            if listed is None:
                return None
            found.update(dict.fromkeys(listed))
            if len(found) > MAX_LITERAL_NAMES:
                return None
        return tuple(found)

    def listed(self, node: ast.expr, steps: int = 0) -> tuple[str, ...] | None:
        """The names that an expression lists: a literal, another table, or a comprehension over either."""
        if isinstance(node, ast.Name):
            return self.names(node.id, node.lineno, steps)
        if isinstance(node, ast.DictComp):
            return self._chosen(node.key, node.generators, steps)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return self._chosen(node.elt, node.generators, steps)
        return literal_names(node)

    def _chosen(
        self, key: ast.expr, generators: Sequence[ast.comprehension], steps: int
    ) -> tuple[str, ...] | None:
        """`{n: … for n, alias in [("int", int), …]}`: the items at the place of the key."""
        if len(generators) != 1 or generators[0].ifs or not isinstance(key, ast.Name):
            return None
        target, source = generators[0].target, generators[0].iter
        if isinstance(target, ast.Name) and target.id == key.id:
            return self.listed(source, steps + 1)
        places = [e.id if isinstance(e, ast.Name) else "" for e in getattr(target, "elts", ())]
        if key.id not in places:
            return None
        rows = self._rows(source)
        if rows is None:
            return None
        column = [_text(row, places.index(key.id)) for row in rows]
        return None if None in column else tuple(text for text in column if text is not None)

    def _rows(self, source: ast.expr) -> list[ast.expr] | None:
        if isinstance(source, ast.Name):
            values = self._values(source.id, source.lineno)
            latest = values[-1] if values else None
            if latest is None or source.id in self._added:
                return None
            source = latest
        return source.elts if isinstance(source, ast.List | ast.Tuple) else None


def _text(row: ast.expr, place: int) -> str | None:
    if isinstance(row, ast.Tuple | ast.List) and place < len(row.elts):
        item = row.elts[place]
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            return item.value
    return None
