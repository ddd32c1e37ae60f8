"""The ways in which modules make names without binding them: `__all__`, `__getattr__`, lazy loaders."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pinproof.facts import deprecations
from pinproof.facts.syntax import parts
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.facts.conditions import Refer

MAX_LITERAL_NAMES = 5000
TableNames = Callable[[str, int], tuple[str, ...] | None]
"""The names in a table of the module at a line; None where they cannot all be seen."""
_AT_THE_END = sys.maxsize


def literal_names(node: ast.expr) -> tuple[str, ...] | None:
    """The strings of a literal list, tuple, set or the keys of a dict; None where it is anything else."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            keys: Sequence[ast.expr | None] = items
        case ast.Dict(keys=keys_):
            keys = keys_
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "list" | "tuple" | "sorted"), args=[inner]):
            return literal_names(inner)
        case _:
            return None
    names = tuple(k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str))
    return names if len(names) == len(keys) <= MAX_LITERAL_NAMES else None


def exported(node: ast.expr, refer: Refer) -> m.Exported:
    """What the right-hand side of `__all__ =` (or `+=`) lists."""
    names = literal_names(node)
    if names is not None:
        return m.Exported(names)
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return combined(exported(left, refer), exported(right, refer))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _starred(items, refer)
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set"), args=[inner]):
            return exported(inner, refer)
        case ast.Attribute(attr="__all__", value=value) if refer(value):
            return m.Exported((), (refer(value),))
    return m.Exported((), complete=False)


def combined(one: m.Exported, other: m.Exported) -> m.Exported:
    """Both lists together."""
    return m.Exported(
        one.names + other.names, one.extended_by + other.extended_by, one.complete and other.complete
    )


def _starred(items: Sequence[ast.expr], refer: Refer) -> m.Exported:
    whole = m.Exported(())
    for item in items:
        match item:
            case ast.Constant(value=str(name)):
                part = m.Exported((name,))
            case ast.Starred(value=value):
                part = exported(value, refer)
            case _:
                part = m.Exported((), complete=False)
        whole = combined(whole, part)
    return whole


def module_getattr(function: ast.FunctionDef, table: TableNames) -> m.Getattr:
    """What a module-level `__getattr__` (PEP 562) can be seen to answer.

    `table` gives the names in a table of the module, as they are when the module has been imported.
    """
    if not function.args.args:
        return m.Getattr()
    parameter = function.args.args[0].arg
    if (names := _handed_to_another(function, parameter, table)) is not None:
        return m.Getattr(dict.fromkeys(names, ""), closed=True)
    answers: dict[str, str] = {}
    raises: dict[str, None] = {}
    ends_in_raise, understood = False, True
    for statement in function.body:
        if isinstance(statement, ast.Raise):
            ends_in_raise = True
            break
        if (names := _refuses_all_but(statement, parameter, table)) is not None:
            # The rest of the function answers these.
            warned = deprecations.warned(function.body)
            return m.Getattr(answers | dict.fromkeys(names, warned), tuple(raises), closed=understood)
        ends_in_raise = _ends_in_raise(statement)
        for names, body in _branches(statement, parameter, table):
            if _raises_at_once(body) or (names and _falls_through(body)):
                raises.update(dict.fromkeys(names or ()))
            elif names is None:
                understood = False
            else:
                answers.update(dict.fromkeys(names, deprecations.warned(body)))
    closed = ends_in_raise and understood
    if not closed:
        raises = {name: None for name in raises if name not in answers}
    return m.Getattr(answers, tuple(raises), closed)


def _handed_to_another(
    function: ast.FunctionDef, parameter: str, table: TableNames
) -> tuple[str, ...] | None:
    """The names of `return refuse_others(…, all=__all__, attribute=name)`, a `__getattr__` that many share."""
    body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or not isinstance(body[0].value, ast.Call):
        return None
    call = body[0].value
    given = {a.id for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Name)}
    return table("__all__", _AT_THE_END) if {"__all__", parameter} <= given else None


def _refuses_all_but(statement: ast.stmt, parameter: str, table: TableNames) -> tuple[str, ...] | None:
    """The names of `if name not in NAMES: raise …`."""
    match statement:
        case ast.If(
            test=ast.Compare(left=ast.Name(id=left), ops=[ast.NotIn()], comparators=[ast.Name(id=name)]),
            body=body,
            orelse=[],
        ) if left == parameter and _raises_at_once(body):
            return table(name, _AT_THE_END)
        case _:
            return None


def _falls_through(body: Sequence[ast.stmt]) -> bool:
    """Whether a branch only has words for what is asked for, and leaves it to what follows."""
    return bool(body) and all(isinstance(s, ast.Expr) for s in body)


def _ends_in_raise(statement: ast.stmt) -> bool:
    """Whether the last `else` of an `if` refuses everything that was not asked for."""
    while isinstance(statement, ast.If) and statement.orelse:
        statement = statement.orelse[-1]
    return isinstance(statement, ast.Raise) or _looks_once_more(statement)


def _looks_once_more(statement: ast.stmt) -> bool:
    """`try: return globals()[name]`, which finds nothing (else nobody would have asked), `except: raise`."""
    match statement:
        case ast.Try(
            body=[ast.Return(value=ast.Subscript(value=ast.Call(func=ast.Name(id="globals"))))],
            handlers=handlers,
            orelse=[],
            finalbody=[],
        ):
            return bool(handlers) and all(isinstance(h.body[-1], ast.Raise) for h in handlers)
        case _:
            return False


def _branches(
    statement: ast.stmt, parameter: str, table: TableNames
) -> Iterator[tuple[tuple[str, ...] | None, list[ast.stmt]]]:
    """(names, what is done for them) of an `if` over the parameter; names is None where it is not understood."""
    match statement:
        case ast.If(test=test, body=body, orelse=orelse):
            yield _tested_names(test, parameter, table), body
            for other in orelse:
                if not isinstance(other, ast.Raise) and not _looks_once_more(other):
                    yield from _branches(other, parameter, table)
        case ast.Try(
            body=[ast.Assign(value=ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=key)))],
            orelse=body,
            handlers=[ast.ExceptHandler(body=[ast.Pass()])],
        ) if key == parameter and body:
            yield table(name, _AT_THE_END), body
        case ast.Try() if _looks_once_more(statement):
            return
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Global():
            return
        case ast.Assign(targets=[ast.Name(id=name)]) if name != parameter:
            return
        case _:
            yield None, []


def _tested_names(test: ast.expr, parameter: str, table: TableNames) -> tuple[str, ...] | None:
    match test:
        case ast.Compare(left=ast.Name(id=left), ops=[ast.Eq()], comparators=[ast.Constant(value=str(name))]):
            return (name,) if left == parameter else None
        case ast.Compare(left=ast.Name(id=left), ops=[ast.In()], comparators=[container]) if (
            left == parameter
        ):
            return (
                table(container.id, _AT_THE_END)
                if isinstance(container, ast.Name)
                else literal_names(container)
            )
        case ast.BoolOp(op=ast.Or(), values=values):
            parts = [_tested_names(v, parameter, table) for v in values]
            return None if None in parts else tuple(n for p in parts if p for n in p)
        case _:
            return None


_WORDS = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)


def _raises_at_once(body: Sequence[ast.stmt]) -> bool:
    """Whether a block ends in a `raise` and nowhere in a `return`: what it does before is to find words."""
    if not body or not isinstance(body[-1], ast.Raise):
        return False
    before = (node for s in body[:-1] if not isinstance(s, _WORDS) for node in ast.walk(s))
    return not any(isinstance(node, ast.Return) for node in before)


def lazily_attached(call: ast.Call) -> tuple[dict[str, str], bool]:
    """Names that `lazy_loader.attach(__name__, submodules, submod_attrs)` gives, as `name -> target`.

    The second value is whether everything could be read.
    """
    arguments: list[ast.expr | None] = [None, None]
    for position, value in enumerate(call.args[1:3]):
        arguments[position] = value
    for keyword in call.keywords:
        if keyword.arg in ("submodules", "submod_attrs"):
            arguments[keyword.arg == "submod_attrs"] = keyword.value
    submodules, attributes = arguments
    names: dict[str, str] = {}
    if submodules is not None:
        listed = literal_names(submodules)
        if listed is None:
            return names, False
        names.update({name: f".{name}:" for name in listed})
    if attributes is not None:
        if not isinstance(attributes, ast.Dict):
            return names, False
        for key, value in zip(attributes.keys, attributes.values, strict=True):
            listed = literal_names(value)
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)) or listed is None:
                return names, False
            names.update({name: f".{key.value}:{name}" for name in listed})
    return names, True


def renamed_modules(node: ast.For | ast.AsyncFor, refer: Refer) -> Iterator[str]:
    """`sys.modules:c.b=b` for each b of `for b in ("b", …): … sys.modules["c." + m] = sys.modules[m]`.

    This is how a package hands on others, with all their modules, under names below its own.
    """
    names = literal_names(node.iter) if isinstance(node.iter, ast.Tuple | ast.List) else None
    if not names:
        return
    for part in parts(node):
        match part:
            case ast.Assign(
                targets=[ast.Subscript(value=to, slice=key)],
                value=ast.Subscript(value=of, slice=ast.Name(id=old)),
            ) if refer(to) == refer(of) == "sys:modules" and (prefix := _put_before(key, old)):
                yield from (f"sys.modules:{prefix}{name}={name}" for name in names)


def _put_before(key: ast.expr, name: str) -> str:
    """`p` of `"p" + name` and of `f"p{name}"`, else empty."""
    match key:
        case ast.BinOp(left=ast.Constant(value=str(prefix)), op=ast.Add(), right=ast.Name(id=whose)):
            return prefix if whose == name else ""
        case ast.JoinedStr(
            values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=ast.Name(id=whose))]
        ):
            return prefix if whose == name else ""
        case _:
            return ""
