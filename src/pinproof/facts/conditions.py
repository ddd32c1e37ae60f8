"""Conditions: from the test of an `if` to something that can be judged without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pinproof.facts.scopes import join
from pinproof.facts.syntax import CHILDREN, parts
from pinproof.model import module as m

_WARY = re.compile(
    r"(?i:version|avail|install|find_spec|platform|windows|linux|darwin|support|legacy|_compat|compat_|environ|getenv)"
    r"|^(hasattr|getattr|callable|signature|getfullargspec|getargspec)$|^_*(has|have)_|^_*(HAS|HAVE|USE|WITH|IS|NO|CAN)_[A-Z]|^_*PY_?\d|^_*[A-Z]+_(GE|LT)_|V\d+$"
)
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_VERSION_NAMES = frozenset(
    {"__version__", "version", "VERSION", "version_info", "__version_info__", "__version_tuple__"}
)
_PLATFORM_NAMES = frozenset(
    {"sys:platform", "os:name", "platform:system()", "platform:python_implementation()"}
)
_PYTHON_FLAGS = {"six:PY2": (2,), "six:PY3": (3,)}

_MAX_DEPTH = 12
_MAX_NUMBER = 2**31
Refer = Callable[[ast.expr], str]
"""From an expression to its target (see `model.module`), or empty where it is no reference."""


def condition(node: ast.expr, refer: Refer, depth: int = 0) -> m.AnyTest:
    """What a test says; what nests deeper than anybody writes says nothing."""
    if depth > _MAX_DEPTH:
        return m.Opaque(wary=True)
    if type(node) is ast.Compare:
        if len(node.ops) == 1:
            return _comparison(node.left, node.ops[0], node.comparators[0], refer) or _opaque(node)
        sides = [node.left, *node.comparators]
        pairs = [ast.Compare(a, [op], [b]) for a, op, b in zip(sides, node.ops, sides[1:], strict=False)]
        return m.All(tuple(condition(pair, refer, depth + 1) for pair in pairs))
    if type(node) is ast.Call:
        return _call(node, refer) or _opaque(node)
    if type(node) is ast.Name or type(node) is ast.Attribute:
        return _flag(node, refer)
    if type(node) is ast.UnaryOp and type(node.op) is ast.Not:
        return negation(condition(node.operand, refer, depth + 1))
    if type(node) is ast.BoolOp:
        tests = tuple([condition(value, refer, depth + 1) for value in node.values])
        return m.All(tests) if type(node.op) is ast.And else m.Any_(tests)
    if type(node) is ast.Constant:
        return m.Constant(bool(node.value))
    return _opaque(node)


def negation(test: m.AnyTest) -> m.AnyTest:
    """The test that holds when this one does not."""
    if type(test) is m.Opaque:
        return test
    if type(test) is m.Not:
        return test.test
    return m.Constant(not test.value) if type(test) is m.Constant else m.Not(test)


def _flag(node: ast.expr, refer: Refer) -> m.AnyTest:
    target = refer(node)
    if target.rpartition(".")[2].rpartition(":")[2] == "TYPE_CHECKING":
        return m.Constant(False)
    if target in _PYTHON_FLAGS:
        return m.PythonVersion("==", _PYTHON_FLAGS[target])
    return m.Flag(target) if target else _opaque(node)


def _call(node: ast.Call, refer: Refer) -> m.AnyTest | None:
    function = refer(node.func)
    match node.args:
        case [subject, ast.Constant(value=str(name))] if function == "builtins:hasattr":
            target = refer(subject)
            return m.Has(join(target, name)) if target else None
        case [ast.Constant(value=str(prefix))] if (
            isinstance(node.func, ast.Attribute) and node.func.attr == "startswith"
        ):
            subject = node.func.value
            if refer(subject) in _PLATFORM_NAMES:
                return m.Platform(refer(subject), "startswith", prefix)
            if library := library_version(subject, refer):
                return m.LibraryVersion(library, "startswith", prefix)
    return None


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, refer: Refer) -> m.AnyTest | None:
    sign = _OPERATORS.get(type(op))
    if isinstance(op, ast.Is | ast.IsNot) and isinstance(right, ast.Constant) and right.value is None:
        target = refer(left) if isinstance(left, ast.Name | ast.Attribute) else ""
        if not target:
            return None
        return m.Flag(target) if isinstance(op, ast.IsNot) else m.Not(m.Flag(target))
    if sign is None:
        return _membership(left, op, right, refer)
    if isinstance(left, ast.Constant | ast.Tuple) and not isinstance(right, ast.Constant | ast.Tuple):
        left, right, sign = right, left, _MIRRORED[sign]
    if isinstance(right, ast.Constant) and isinstance(right.value, str):
        subject = refer(left)
        if subject in _PLATFORM_NAMES:
            return m.Platform(subject, sign, right.value)
    if (python := _python_comparison(left, sign, right, refer)) is not None:
        return python
    return _library_comparison(left, sign, right, refer)


def _membership(left: ast.expr, op: ast.cmpop, right: ast.expr, refer: Refer) -> m.AnyTest | None:
    """`sys.platform in ("win32", "cygwin")` and `"linux" in sys.platform`."""
    if not isinstance(op, ast.In | ast.NotIn):
        return None
    test: m.AnyTest
    if refer(left) in _PLATFORM_NAMES and isinstance(right, ast.Tuple | ast.List | ast.Set):
        values = [e.value for e in right.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        test = m.Any_(tuple(m.Platform(refer(left), "==", v) for v in values))
    elif (
        isinstance(left, ast.Constant)
        and isinstance(left.value, str)
        and isinstance(right, ast.Call)
        and refer(right.func) == "builtins:dir"
        and len(right.args) == 1
        and (subject := refer(right.args[0]))
    ):
        test = m.Has(join(subject, left.value))
    elif refer(right) in _PLATFORM_NAMES and isinstance(left, ast.Constant) and isinstance(left.value, str):
        test = m.Platform(refer(right), "contains", left.value)
    else:
        return None
    return test if isinstance(op, ast.In) else m.Not(test)


def _python_comparison(left: ast.expr, sign: str, right: ast.expr, refer: Refer) -> m.AnyTest | None:
    numbers = _numbers(right)
    if not numbers:
        return None
    match left:
        case ast.Subscript(value=value, slice=index) if refer(value) == "sys:version_info":
            prefix = isinstance(index, ast.Slice) or (isinstance(index, ast.Constant) and index.value == 0)
        case ast.Attribute(value=value, attr="major") if refer(value) == "sys:version_info":
            prefix = True
        case _:
            prefix = refer(left) == "sys:version_info"
    return m.PythonVersion(sign, numbers) if prefix else None


def _numbers(node: ast.expr) -> tuple[int, ...]:
    elements = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    numbers = []
    for element in elements:
        if not (isinstance(element, ast.Constant) and isinstance(element.value, int)):
            break
        if element.value > _MAX_NUMBER:
            break  # no version, and perhaps longer than a number may be
        numbers.append(int(element.value))
    return tuple(numbers)


def _library_comparison(left: ast.expr, sign: str, right: ast.expr, refer: Refer) -> m.AnyTest | None:
    literal, mirrored = _literal_version(right), _literal_version(left)
    if not literal and not mirrored:
        return None
    library = library_version(left, refer)
    if not library:
        library, literal, sign = library_version(right, refer), mirrored, _MIRRORED[sign]
    return m.LibraryVersion(library, sign, literal) if library and literal else None


def library_version(node: ast.expr, refer: Refer) -> str:
    """The module whose version the expression speaks of: `np.__version__`, `parse(np.__version__)`, an alias."""
    for part in parts(node):
        if isinstance(part, ast.Attribute | ast.Name):
            module, _, chain = refer(part).partition(":")
            if chain.rpartition(".")[2] in _VERSION_NAMES and module not in ("", "sys", "builtins"):
                return module.lstrip(".") and module
    return ""


def _literal_version(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple | ast.List):
        return ".".join(map(str, _numbers(node)))
    for part in parts(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value[:1].isdigit():
            return part.value
    return ""


@lru_cache(maxsize=50_000)
def _is_wary(name: str) -> bool:
    return _WARY.search(name) is not None


def is_wary(node: ast.expr) -> bool:
    """Whether the words of an expression speak of versions or availability."""
    return _opaque(node) != m.Opaque(wary=False)


def _opaque(node: ast.expr) -> m.AnyTest:
    waiting: list[Any] = [node]
    for part in waiting:
        kind = type(part)
        if kind is ast.Name:
            if _is_wary(part.id):
                return m.Opaque(wary=True)
        elif kind is ast.Attribute and _is_wary(part.attr):
            return m.Opaque(wary=True)
        else:
            waiting += CHILDREN[kind](part)
    return m.Opaque(wary=False)
