"""Python that declares something, read and never run: what its literals say, with their places."""

from __future__ import annotations

import ast
import re
from itertools import accumulate
from typing import TYPE_CHECKING

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.source import UnreadableSourceError, parse_text
from pinproof.model.declaration import Problem, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\r|\n")
_SAID = re.compile(r"^[ \t]*(?P<said>[^\s#].*?)(?:[ \t]+#.*)?[ \t]*$", re.MULTILINE)
_CHANGES = frozenset(("append", "extend", "insert", "remove", "pop", "update", "setdefault", "clear"))
_LITERAL = re.compile(r"(?P<prefix>[rRuU]?)(?P<quote>'''|\"\"\"|'|\")(?P<inside>.*)(?P=quote)", re.DOTALL)


class PythonText:
    """One file. `problems` says why nothing could be read, where that is so."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
        self.tree = ast.Module([], [])
        self.problems: tuple[Problem, ...] = ()
        try:
            self.tree = parse_text(text)
        except SyntaxError as error:
            span = None
            if error.lineno is not None and 0 < error.lineno <= len(self._starts):
                start = self._starts[error.lineno - 1]
                span = Span(start, self._line_end(error.lineno))
            self.problems = (Problem(f"not valid Python: {error.msg}", span),)
        except UnreadableSourceError as error:
            self.problems = (Problem(f"not valid Python: {error}"),)
        self._bound, self._changed = _bindings(self.tree)

    def span(self, node: ast.expr) -> Span:
        """The characters of a node; those of `ast` are lines, and bytes of UTF-8 in them."""
        end = self._at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        return Span(self._at(node.lineno, node.col_offset), end)

    def _at(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        written = self.text[start : self._line_end(line)]
        if written.isascii():
            return start + column
        widths = accumulate(len(one.encode("utf-8", "surrogatepass")) for one in written)
        return start + sum(width <= column for width in widths)

    def _line_end(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def string(self, node: ast.expr | None) -> Excerpt | None:
        """A string that is written out; None for what is computed."""
        followed: set[str] = set()
        while isinstance(node, ast.Name) and node.id not in followed:
            followed.add(node.id)
            node = self._bound.get(node.id)
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        span = self.span(node)
        literal = _LITERAL.fullmatch(self.text, span.start, span.end)
        if literal is None:
            return Excerpt.blind(self.text, node.value, span)
        inside = Excerpt.verbatim(self.text, *literal.span("inside"))
        if inside.text == node.value:
            return inside
        lines = inside.without("\r") if "\r\n" in inside.text else inside
        return lines if lines.text == node.value else Excerpt.blind(self.text, node.value, span)

    def strings(self, node: ast.expr | None) -> tuple[list[Excerpt], bool]:
        """The strings of a list, of lists that are added up, or the lines of one; and whether that is all of them."""
        return self._strings(node, set())

    def _strings(self, node: ast.expr | None, seen: set[str]) -> tuple[list[Excerpt], bool]:
        """The same; what `seen` names is not followed again."""
        match node:
            case ast.Name(id=name):
                if name in seen:
                    return [], False
                seen.add(name)
                found, whole = self._strings(self._bound.get(name), seen)
                return found, whole and name not in self._changed
            case ast.Subscript(value=ast.Name(id=name)) if name in self._bound:
                return [], True  # it is declared where that name gets it
            case ast.List() | ast.Tuple() | ast.Set():
                return _all_of([self._item(item, seen) for item in node.elts])
            case ast.BinOp(op=ast.Add()):
                return _all_of([self._strings(side, seen) for side in _added(node)])
            case ast.Constant():
                lines = self.string(node)
                return (_lines(lines), True) if lines is not None else ([], node.value is None)
            case _:
                return [], False

    def _item(self, item: ast.expr, seen: set[str]) -> tuple[list[Excerpt], bool]:
        """What an item adds to the list that it stands in."""
        if isinstance(item, ast.Starred):
            return self._strings(item.value, seen)
        found = self.string(item)
        return ([found], True) if found is not None else ([], False)

    def fields(self, node: ast.expr | None) -> list[tuple[str, ast.expr] | None]:
        """The keys and values of a dict that is written out; None for each that is computed."""
        return list(self._fields(node, set()))

    def _fields(self, node: ast.expr | None, seen: set[str]) -> Iterator[tuple[str, ast.expr] | None]:
        match node:
            case ast.Name(id=name) if name not in seen:
                seen.add(name)
                yield from self._fields(self._bound.get(name), seen)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    said = self.string(key)
                    if key is None:
                        yield from self._fields(value, seen)
                    else:
                        yield None if said is None else (said.text, value)
            case ast.Call(func=ast.Name(id="dict"), args=[]):
                for keyword in node.keywords:
                    if keyword.arg is None:
                        yield from self._fields(keyword.value, seen)
                    else:
                        yield keyword.arg, keyword.value
            case ast.Constant(value=None):
                pass
            case _:
                yield None


def _all_of(parts: list[tuple[list[Excerpt], bool]]) -> tuple[list[Excerpt], bool]:
    return [one for found, _ in parts for one in found], all(whole for _, whole in parts)


def _added(node: ast.expr) -> list[ast.expr]:
    """The operands of a chain of additions, from left to right."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _lines(excerpt: Excerpt) -> list[Excerpt]:
    """The lines of a string that say something; setuptools takes such for a list."""
    return [excerpt.part(*found.span("said")) for found in _SAID.finditer(excerpt.text)]


def _bindings(tree: ast.Module) -> tuple[dict[str, ast.expr], frozenset[str]]:
    """The names that are bound one single time, by a statement that is certain to run in its scope.

    And those whose value is added to, or otherwise changed, later.
    """
    certain: dict[str, ast.expr] = {}
    times: dict[str, int] = {}
    changed: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                times[name] = times.get(name, 0) + 1
            case ast.AugAssign(target=ast.Name(id=name)):
                times[name] = times.get(name, 0) - 1
                changed.add(name)
            case ast.Call(func=ast.Attribute(attr=verb, value=ast.Name(id=name))) if verb in _CHANGES:
                changed.add(name)
            case ast.Module() | ast.FunctionDef():
                certain |= {name: value for one in node.body for name, value in _assigned(one)}
            case _:
                pass
    return {name: value for name, value in certain.items() if times.get(name) == 1}, frozenset(changed)


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case _:
            pass
