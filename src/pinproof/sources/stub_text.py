"""The text of a stub as it reads on one Python.

A class says nothing of the conditions under which it has its members, and of a function that is defined twice it is not
known which definition holds. So the branches for other Pythons are taken out before a stub is read, and what
typeshed does not tell of an older Python (see `sources.earlier`) is put in.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.sources.earlier import Extras

_COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def as_on(python: tuple[int, int], stub: bytes, extras: Extras) -> bytes:
    """The stub without what is not for this Python, and with what else it had; lines move where that is put in."""
    if b"version_info" not in stub and not extras.in_classes and not extras.functions:
        return stub + _declared(extras.names, "")
    return _Text(python, stub, extras).written()


class _Text:
    """The lines of a stub while they are changed; `changes` of the same line are made in order."""

    def __init__(self, python: tuple[int, int], stub: bytes, extras: Extras) -> None:
        self.python = python
        self.extras = extras
        self.lines = stub.splitlines(keepends=True)
        self._block(ast.parse(stub).body, "")

    def written(self) -> bytes:
        return b"".join(self.lines) + _declared(self.extras.names, "")

    def _block(self, statements: Sequence[ast.stmt], within: str) -> None:
        for statement in statements:
            if isinstance(statement, ast.If):
                holds = _truth(statement.test, self.python)
                self._branch(statement.body, within, kept=holds is not False)
                self._branch(statement.orelse, within, kept=holds is not True)
            elif isinstance(statement, ast.ClassDef):
                self._class(statement, f"{within}{statement.name}")
            elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(statement, f"{within}{statement.name}")

    def _branch(self, statements: Sequence[ast.stmt], within: str, *, kept: bool) -> None:
        if kept:
            self._block(statements, within)
        elif statements:
            self._put(_first_line(statements[0]), statements[-1], b"pass\n")

    def _class(self, node: ast.ClassDef, qualified: str) -> None:
        self._block(node.body, f"{qualified}.")
        names = self.extras.in_classes.get(qualified)
        if not names:
            return
        first = node.body[0]
        line = self.lines[first.lineno - 1]
        if first.lineno == node.lineno:  # class C: ...
            indent = " " * (node.col_offset + 4)
            self.lines[first.lineno - 1] = line[: first.col_offset] + b"\n" + _declared(names, indent)
        else:
            start = _first_line(first) - 1
            self.lines[start] = _declared(names, " " * first.col_offset) + self.lines[start]

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, qualified: str) -> None:
        if signature := self.extras.functions.get(qualified):
            is_async = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
            self._put(node.lineno, node, f"{is_async}def {node.name}{signature}: ...\n".encode())

    def _put(self, start: int, last: ast.stmt, text: bytes) -> None:
        """Text in the place of the lines from `start` to the end of a statement, which stays as deep as it is."""
        end = last.end_lineno or last.lineno
        self.lines[start - 1] = b" " * last.col_offset + text
        for number in range(start, end):
            self.lines[number] = b"\n"


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def _declared(names: Sequence[str], indent: str) -> bytes:
    return "".join(f"{indent}{name}: object\n" for name in names).encode()


def _truth(test: ast.expr, python: tuple[int, int]) -> bool | None:
    """Whether a condition holds on this Python; None where it is not only a matter of that."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            parts = [_truth(value, python) for value in values]
            return False if False in parts else True if all(parts) else None
        case ast.BoolOp(op=ast.Or(), values=values):
            parts = [_truth(value, python) for value in values]
            return True if True in parts else None if None in parts else False
        case ast.Compare(
            left=ast.Attribute(value=ast.Name(id="sys"), attr="version_info"),
            ops=[op],
            comparators=[ast.Tuple(elts=[ast.Constant(value=int(major)), ast.Constant(value=int(minor))])],
        ):
            return bool(_COMPARISONS[type(op)](python, (major, minor)))
        case _:
            return None
