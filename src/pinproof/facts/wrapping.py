"""Decorators that keep the signature of what they decorate, as their source shows it.

They return the function itself, or one that takes everything and hands it on unchanged.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from pinproof.facts.syntax import CHILDREN, caught, last_name, parts, statements_within, unwound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.facts.offers import FunctionNode

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OWN_SCOPE = frozenset({*_FUNCTIONS, ast.ClassDef, ast.Lambda})
_ONLY_READING = frozenset({"get", "items", "keys", "values", "copy"})
_CAUGHT = frozenset({"*", "Exception", "BaseException", "StandardError", "TypeError"})


class Kept(NamedTuple):
    """How often a function is called until it gives what takes the same as what it decorates, and gives the same.

    1 for a decorator, 2 for a function that makes one, 0 where that is not seen. `typed` is the annotation by which
    the result is the same, if it is a type variable.
    """

    signature: int
    result: int
    typed: ast.expr | None = None


NOTHING_KEPT = Kept(0, 0)


def kept(node: FunctionNode, *, is_method: bool) -> Kept:
    """What a function, as a decorator, keeps of what it decorates."""
    shown = _shown(node, is_method=is_method)
    return shown if shown.result else _annotated(node, shown.signature, is_method=is_method)


def _annotated(node: FunctionNode, signature: int, *, is_method: bool) -> Kept:
    """The same as annotations tell it: `(f: F) -> F`, and what gives a `Callable[[F], F]`.

    What is taken may be more for all that: typing calls it the same, and a keyword of old is taken still.
    """
    positional = [*node.args.posonlyargs, *node.args.args][is_method:]
    if len(positional) == 1 and (typed := _same_type(positional[0].annotation, node.returns)):
        return Kept(signature, 1, typed)
    match node.returns:
        case ast.Subscript(value=generic, slice=ast.Tuple(elts=[ast.List(elts=[taken]), given])):
            typed = _same_type(taken, given) if last_name(generic) == "Callable" else None
            return Kept(signature, 2 if typed else 0, typed)
        case _:
            return Kept(signature, 0)


def _same_type(taken: ast.expr | None, given: ast.expr | None) -> ast.expr | None:
    """What two annotations have in common: `F` of `F` and `F`, `R` of `Callable[P, R]` and the same once more."""
    match taken, given:
        case (
            ast.Subscript(value=one, slice=ast.Tuple(elts=[arguments, result])),
            ast.Subscript(value=other, slice=ast.Tuple(elts=[same_arguments, same_result])),
        ):
            callables = last_name(one) == last_name(other) == "Callable"
            return (
                result
                if callables and _same(arguments, same_arguments) and _same(result, same_result)
                else None
            )
        case (ast.expr(), ast.expr()) if _same(taken, given):
            return taken
        case _:
            return None


def _same(one: ast.expr, other: ast.expr) -> bool:
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        return one.value is ... and other.value is ...
    return unwound(one) == unwound(other) != ("", "")


def _shown(node: FunctionNode, *, is_method: bool) -> Kept:
    """The same as the source shows it."""
    last = _returned_name(node.body[-1])
    if not last:
        return NOTHING_KEPT
    function = _only_parameter(node, is_method=is_method)
    inner = _inner_functions(node.body)
    if last != function and last not in inner:
        return NOTHING_KEPT
    names = {_returned_name(part) for part in statements_within(node.body) if type(part) is ast.Return}
    if not names <= {function, *inner} or _rebinds(node, function):
        return NOTHING_KEPT
    given = [one for name in names if name != function for one in inner[name]]
    if function and all(_hands_on(one, function) for one in given):
        return Kept(1, int(all(_hands_back(one, function) for one in given)))
    made = [kept(one, is_method=False) for one in given]
    if function in names or any(one.signature != 1 for one in made):
        return NOTHING_KEPT
    return Kept(2, 2 if all(one.result == 1 for one in made) else 0)


def _only_parameter(node: FunctionNode, *, is_method: bool) -> str:
    """The one argument that a decorator is called with."""
    positional = [*node.args.posonlyargs, *node.args.args][is_method:]
    return positional[0].arg if len(positional) == 1 and not node.args.defaults else ""


def _returned_name(statement: ast.stmt) -> str:
    """`wrapper` of `return wrapper` and of `return cast(F, wrapper)`."""
    value = statement.value if type(statement) is ast.Return else None
    if type(value) is ast.Call and last_name(value) == "cast" and len(value.args) == 2:
        value = value.args[1]
    return value.id if type(value) is ast.Name else ""


def _own(node: ast.AST, kind: type[ast.AST]) -> Iterator[Any]:
    """What of a kind stands within a function, but not within functions and classes in it."""
    waiting = list(CHILDREN[type(node)](node))
    while waiting:
        part = waiting.pop()
        if type(part) is kind:
            yield part
        if type(part) not in _OWN_SCOPE:
            waiting += CHILDREN[type(part)](part)


def _inner_functions(body: Sequence[ast.stmt]) -> dict[str, list[FunctionNode]]:
    """The functions that are defined in a body, or under an `if` in it."""
    found: dict[str, list[FunctionNode]] = {}
    for statement in body:
        if isinstance(statement, _FUNCTIONS):
            found.setdefault(statement.name, []).append(statement)
        elif isinstance(statement, ast.If):
            for block in (statement.body, statement.orelse):
                for name, several in _inner_functions(block).items():
                    found.setdefault(name, []).extend(several)
    return found


def _rebinds(node: FunctionNode, *names: str) -> bool:
    """Whether a function binds one of these names once more."""
    return any(part.id in names and not isinstance(part.ctx, ast.Load) for part in _own(node, ast.Name))


def _hands_on(wrapper: FunctionNode, function: str) -> bool:
    """Whether a wrapper takes everything, and calls the function with just that."""
    arguments = wrapper.args
    if arguments.vararg is None or arguments.kwarg is None or arguments.kwonlyargs or arguments.defaults:
        return False
    leading = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    rest, keywords = arguments.vararg.arg, arguments.kwarg.arg
    if _rebinds(wrapper, function, rest, keywords, *leading) or _changes(wrapper, keywords):
        return False
    calls = [call for call in _own(wrapper, ast.Call) if _is_call(call, function)]
    swallowed = {id(part) for tried in _own(wrapper, ast.Try) if _swallows(tried) for part in _calls(tried)}
    return bool(calls) and all(
        _is_the_same(call, leading, rest, keywords) and id(call) not in swallowed for call in calls
    )


def _hands_back(wrapper: FunctionNode, function: str) -> bool:
    """Whether a wrapper returns nothing but what the function gave."""
    if any(next(_own(wrapper, kind), None) for kind in (ast.Yield, ast.YieldFrom)):
        return False
    results = {
        one.targets[0].id
        for one in _own(wrapper, ast.Assign)
        if _is_call(one.value, function) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name)
    }
    bound = [part.id for part in _own(wrapper, ast.Name) if not isinstance(part.ctx, ast.Load)]
    results = {name for name in results if bound.count(name) == 1}
    returned = [part.value for part in _own(wrapper, ast.Return)]
    return bool(returned) and all(
        _is_call(value, function) or (isinstance(value, ast.Name) and value.id in results)
        for value in returned
    )


def _is_call(node: ast.expr | None, function: str) -> bool:
    return isinstance(node, ast.Call) and _is_name(node.func, function)


def _is_the_same(call: ast.Call, leading: Sequence[str], rest: str, keywords: str) -> bool:
    if len(call.args) != len(leading) + 1 or len(call.keywords) != 1:
        return False
    *first, last = call.args
    return (
        all(_is_name(given, name) for given, name in zip(first, leading, strict=True))
        and isinstance(last, ast.Starred)
        and _is_name(last.value, rest)
        and call.keywords[0].arg is None
        and _is_name(call.keywords[0].value, keywords)
    )


def _changes(wrapper: FunctionNode, keywords: str) -> bool:
    """Whether the dict of keywords may be changed: it is neither read nor unpacked where it is mentioned."""
    mentioned = {id(part) for part in parts(wrapper) if _is_name(part, keywords)}
    for part in parts(wrapper):
        match part:
            case ast.keyword(arg=None, value=held) | ast.Subscript(value=held, ctx=ast.Load()):
                mentioned.discard(id(held))
            case ast.Attribute(value=held, attr=attr) if attr in _ONLY_READING:
                mentioned.discard(id(held))
            case ast.Compare(comparators=several):
                mentioned -= {id(held) for held in several}
            case _:
                pass
    return bool(mentioned)


def _swallows(tried: ast.Try) -> bool:
    return any(name in _CAUGHT or not name.endswith(("Error", "Exception")) for name in _ending(tried))


def _ending(tried: ast.Try) -> Iterator[str]:
    return (name for name in caught(tried) if not name.startswith("!"))


def _calls(tried: ast.Try) -> Iterator[ast.AST]:
    return (part for statement in tried.body for part in parts(statement))


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
