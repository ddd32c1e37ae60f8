"""Keywords that are put into a dict before it is unpacked: `options["size"] = 1`, then `f(**options)`."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pinproof.facts.syntax import HandingOn, arguments_of, parts, unwound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from pinproof.facts.offers import FunctionNode

_READING = frozenset({"get", "items", "keys", "values", "copy", "setdefault", "update"})
_HARMLESS = frozenset({ast.keyword, ast.Return, ast.Subscript, ast.Call, ast.Attribute, ast.Compare})
_MAX_CALLS = 20
_MAX_LINES = 1000
_MAX_KEYS = 100
_BINDING = frozenset({ast.Assign, ast.AnnAssign})
_PUTTING = frozenset({ast.Assign, ast.AnnAssign, ast.Expr, ast.If})


class Unpacking:
    """The calls in the body of a function that unpack a dict; without a function, those outside of any."""

    def __init__(self, function: FunctionNode | None) -> None:
        self._function = function
        self._fates: _Fates | None = None
        self._calls = 0

    def read(self, call: ast.Call) -> ast.Call:
        """A call with the keywords that stand for certain in what it unpacks; of many calls only the first are read."""
        function = self._function
        if function is not None:
            self._calls += 1
            lines = (function.end_lineno or 0) - function.lineno
            if self._calls > _MAX_CALLS or lines > _MAX_LINES:
                return call
        further: list[str] = []
        for held in [keyword.value for keyword in call.keywords if keyword.arg is None]:
            if not isinstance(held, ast.Name):
                further += _literal(held)
            elif function is not None:
                further += self._keys(held.id, call, function)
        named = {keyword.arg for keyword in call.keywords}
        new = [key for key in dict.fromkeys(further) if key not in named and key.isidentifier()]
        keywords = [*call.keywords, *[ast.keyword(key, ast.Constant(None)) for key in new[:_MAX_KEYS]]]
        if function is not None and function.name == "__init__" and self._hands_on(call, function):
            return HandingOn(call.func, call.args, keywords)
        return ast.Call(call.func, call.args, keywords) if new else call

    def _keys(self, name: str, call: ast.Call, function: FunctionNode) -> Sequence[str]:
        """The keys that a dict of this name has for certain when the call runs."""
        keys: dict[str, None] = {}
        bound = 0
        for statement in _before(function.body, call):
            made = _made(statement, name) if type(statement) in _BINDING else None
            if made is not None:
                bound += 1
                keys = dict.fromkeys(made)
            else:
                keys.update(dict.fromkeys(_put(statement, name)))
        if not keys:
            return ()
        fates = self._fates_in(function)
        removed = fates.removed(name)
        if fates.bound[name] != bound or removed is None:
            return ()
        return [key for key in keys if key not in removed]

    def _hands_on(self, call: ast.Call, function: FunctionNode) -> bool:
        own = function.args.kwarg
        if own is None or unwound(call.func) != ("super", "().__init__"):
            return False
        handed = [k.value for k in call.keywords if k.arg is None]
        if not any(isinstance(value, ast.Name) and value.id == own.arg for value in handed):
            return False
        fates = self._fates_in(function)
        return not fates.bound[own.arg] and fates.removed(own.arg) == set()

    def _fates_in(self, function: FunctionNode) -> _Fates:
        if self._fates is None:
            self._fates = _Fates(function)
        return self._fates


def _before(body: Sequence[ast.stmt], call: ast.Call) -> Iterator[ast.stmt]:
    """The statements that have run when a call does, of the blocks around it."""
    at = (call.lineno, call.col_offset)
    for statement in body:
        if (statement.end_lineno or 0, statement.end_col_offset or 0) <= at:
            if type(statement) in _PUTTING:
                yield statement
        elif (statement.lineno, statement.col_offset) > at:
            return
        else:
            for field in ("body", "orelse", "handlers", "finalbody", "cases"):
                for inner in _blocks(getattr(statement, field, ())):
                    yield from _before(inner, call) if _spans(inner, at) else ()


def _blocks(field: Sequence[ast.AST]) -> Iterator[Sequence[ast.stmt]]:
    """The blocks in a field of a statement: it is one, or each of its parts (a handler, a case) has one."""
    if field and isinstance(field[0], ast.stmt):
        yield field  # type: ignore[misc]
    else:
        yield from (part.body for part in field)  # type: ignore[attr-defined]


def _spans(block: Sequence[ast.stmt], at: tuple[int, int]) -> bool:
    first, last = block[0], block[-1]
    return (first.lineno, first.col_offset) <= at < (last.end_lineno or 0, last.end_col_offset or 0)


def _made(statement: ast.stmt, name: str) -> Sequence[str] | None:
    """The keys of the dict that a statement binds to a name, none where they are not seen; None if it binds none."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
            return _literal(value)
        case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
            return _literal(value)
        case _:
            return None


def _literal(value: ast.expr) -> Sequence[str]:
    """The keys of a literal dict, or of `dict(…)`, as far as they can be seen."""
    match value:
        case ast.Dict(keys=keys):
            values = [key.value for key in keys if isinstance(key, ast.Constant)]
            return [value for value in values if isinstance(value, str)]
        case ast.Call(func=ast.Name(id="dict"), keywords=given):
            return _named(given)
        case _:
            return ()


def _put(statement: ast.stmt, name: str) -> Sequence[str]:
    """The keys that a dict of this name has for certain once a statement has run."""
    if type(statement) is ast.Expr:
        return _put_by_call(statement.value, name)
    match statement:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=held), slice=ast.Constant(value=str(key)))]):
            return (key,) if held == name else ()
        case ast.Assign(value=value):
            return _put_by_call(value, name)
        case ast.If(test=test, body=body, orelse=[]) if (lacking := _tested_for(test, name)) is not None:
            return (lacking,) if any(lacking in _put(inner, name) for inner in body) else ()
        case _:
            return ()


def _put_by_call(value: ast.expr, name: str) -> Sequence[str]:
    function = value.func if type(value) is ast.Call else None
    if type(function) is not ast.Attribute or unwound(function.value) != (name, ""):
        return ()
    match value:
        case ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(key)), *_]):
            return (key,)
        case ast.Call(func=ast.Attribute(attr="update"), args=args, keywords=given):
            return [*_named(given), *(_literal(args[0]) if args else ())]
        case _:
            return ()


def _named(given: Sequence[ast.keyword]) -> list[str]:
    return [keyword.arg for keyword in given if keyword.arg is not None]


def _tested_for(test: ast.expr, name: str) -> str | None:
    """The key that a test finds to be missing: `"size" not in options`."""
    match test:
        case ast.Compare(
            left=ast.Constant(value=str(key)), ops=[ast.NotIn()], comparators=[ast.Name(id=held)]
        ) if held == name:
            return key
        case ast.UnaryOp(
            op=ast.Not(),
            operand=ast.Compare(
                left=ast.Constant(value=str(key)), ops=[ast.In()], comparators=[ast.Name(id=held)]
            ),
        ) if held == name:
            return key
        case _:
            return None


class _Fates:
    """What happens to the names in a function, were each of them that of a dict.

    `bound`: in how many places a name is bound (the parameters of the function not counted).
    """

    def __init__(self, function: FunctionNode) -> None:
        self.bound: Counter[str] = Counter()
        self._taken_out: defaultdict[str, set[str]] = defaultdict(set)
        self._mentioned: defaultdict[str, set[int]] = defaultdict(set)
        self._harmless: set[int] = set()
        self.bound.subtract(argument.arg for argument in arguments_of(function.args))
        for part in parts(function):
            kind = type(part)
            if kind is ast.Name:
                if type(part.ctx) is ast.Load:
                    self._mentioned[part.id].add(id(part))
                else:
                    self.bound[part.id] += 1
            elif kind is ast.arg:
                self.bound[part.arg] += 1
            elif kind in _HARMLESS:
                self._harmless.update(map(id, self._read_in(part)))

    def removed(self, name: str) -> AbstractSet[str] | None:
        """The keys that may be taken out again; None where it is not seen what happens to the dict."""
        return self._taken_out[name] if self._mentioned[name] <= self._harmless else None

    def _read_in(self, part: ast.AST) -> Sequence[ast.AST | None]:
        """What a part only reads or adds to, or takes out of by a key that is seen."""
        match part:
            case ast.keyword(arg=None, value=held) | ast.Return(value=held):
                return (held,)
            case ast.Subscript(value=held, ctx=ast.Del(), slice=ast.Constant(value=str(key))):
                return self._take_out(held, key)
            case ast.Subscript(value=held, ctx=context) if not isinstance(context, ast.Del):
                return (held,)
            case ast.Call(
                func=ast.Attribute(value=held, attr="pop"), args=[ast.Constant(value=str(key)), *_]
            ):
                return self._take_out(held, key)
            case ast.Attribute(value=held, attr=attr) if attr in _READING:
                return (held,)
            case ast.Compare(comparators=several):
                return several
            case _:
                return ()

    def _take_out(self, held: ast.expr, key: str) -> Sequence[ast.AST]:
        if isinstance(held, ast.Name):
            self._taken_out[held.id].add(key)
        return (held,)
