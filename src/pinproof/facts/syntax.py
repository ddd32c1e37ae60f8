"""Small readings of syntax trees that need no context."""

from __future__ import annotations

import ast
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


def unwound(node: ast.expr | None) -> tuple[str, str]:
    """(name, chain) of `name.a.b().c`; ("", "") where the root is no name."""
    chain = ""
    while True:
        kind = type(node)
        if kind is ast.Attribute:
            chain = f".{node.attr}{chain}"  # type: ignore[union-attr]
            node = node.value  # type: ignore[union-attr]
        elif kind is ast.Call:
            chain = f"(){chain}"
            node = node.func  # type: ignore[union-attr]
        elif kind is ast.Name:
            return node.id, chain[1:] if chain[:1] == "." else chain  # type: ignore[union-attr]
        else:
            return "", ""


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, of `c`, and of a call of either; empty for anything else."""
    while type(node) is ast.Call:
        node = node.func
    if type(node) is ast.Attribute:
        return node.attr
    return node.id if type(node) is ast.Name else ""


def entered(node: ast.expr) -> ast.expr:
    """What `with node as …` gives: `node.__enter__()`."""
    entering = ast.copy_location(ast.Attribute(node, "__enter__", ast.Load()), node)
    return ast.copy_location(ast.Call(entering, [], []), node)


def exception_names(node: ast.expr) -> Iterator[str]:
    """The last names of the exceptions that a handler lists; `*` for one that is no plain name."""
    for item in node.elts if isinstance(node, ast.Tuple) else [node]:
        name = last_name(item)
        yield name if name[:1].isupper() else "*"


def caught(tried: ast.Try | ast.TryStar) -> tuple[str, ...]:
    """What the handlers of a `try` swallow, in order (see `model.module.Guard`)."""
    found: list[str] = []
    imported = _only_import(tried.body)
    for handler in tried.handlers:
        names = list(exception_names(handler.type)) if handler.type is not None else ["*"]
        if imported and isinstance(handler.type, ast.Attribute) and unwound(handler.type)[0] == imported:
            # The handler fails itself: it has not got the name that it looks its exception up in.
            names = ["NameError"]
        found += [f"!{name}" for name in names] if _raises_again(handler.body) else names
    return tuple(found)


def _only_import(body: Sequence[ast.stmt]) -> str:
    """The name that the body of a `try` begins by importing, where it imports nothing else."""
    first, *others = body
    if not isinstance(first, ast.Import) or any(isinstance(s, ast.Import | ast.ImportFrom) for s in others):
        return ""
    alias = first.names[0]
    return (alias.asname or alias.name.partition(".")[0]) if len(first.names) == 1 else ""


def _raises_again(body: Sequence[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return unwound(last.value.func) in (("sys", "exit"), ("exit", ""), ("os", "_exit"))
    return False


_EXITS = frozenset({ast.Return, ast.Raise, ast.Continue, ast.Break})


def always_leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether what stands behind a block does not run once the block did."""
    return type(body[-1]) in _EXITS


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters, `*args` and `**kwargs` last."""
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def defaults_of(arguments: ast.arguments) -> list[ast.expr]:
    """All default values."""
    if not arguments.kw_defaults:
        return arguments.defaults
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def parameters(arguments: ast.arguments) -> tuple[m.Parameter, ...]:
    """The parameters of a function, the receiver of a method included."""
    positional, only = arguments.args, 0
    if arguments.posonlyargs:
        positional, only = arguments.posonlyargs + positional, len(arguments.posonlyargs)
    required = len(positional) - len(arguments.defaults)
    found = [m.Parameter(a.arg, "/" if i < only else "", i < required) for i, a in enumerate(positional)]
    if arguments.vararg is not None:
        found.append(m.Parameter(arguments.vararg.arg, "*", False))
    if arguments.kwonlyargs:
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            found.append(m.Parameter(argument.arg, "k", default is None))
    if arguments.kwarg is not None:
        found.append(m.Parameter(arguments.kwarg.arg, "**", False))
    return tuple(found)


_PLAIN_CALLS = tuple(m.Call(positional) for positional in range(20))


def call_of(node: ast.Call) -> m.Call:
    """With what something is called."""
    arguments, keywords = node.args, node.keywords
    positional = len(arguments)
    starred = positional > 0 and ast.Starred in map(type, arguments)
    if starred:
        positional = sum(type(argument) is not ast.Starred for argument in arguments)
    elif not keywords and positional < len(_PLAIN_CALLS):
        return _PLAIN_CALLS[positional]
    seen = tuple([keyword.arg for keyword in keywords if keyword.arg is not None])
    unpacks = len(seen) < len(keywords)
    return m.Call(positional, seen, starred, unpacks, unpacks and type(node) is HandingOn)


class HandingOn(ast.Call):
    """A call of another constructor with all the keywords that the constructor around it was called with."""


def part_of_call(node: ast.Call) -> ast.Call:
    """`f(…)` of `partial(f, …)`."""
    return ast.Call(node.args[0], node.args[1:], node.keywords)


_NO_NODES = frozenset({"ctx", "op", "ops", "kind", "conversion", "str"})


def _children_of(kind: type[ast.AST]) -> Callable[[Any], Iterable[Any]]:
    names = [n for n in kind._fields if n not in _NO_NODES]

    def children(node: Any) -> list[Any]:
        found: list[Any] = []
        for name in names:
            child = getattr(node, name)
            if type(child) is list:
                found += child
            elif isinstance(child, ast.AST):
                found.append(child)
        return found

    return children


def _kinds(of: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


CHILDREN: dict[type, Callable[[Any], Iterable[Any]]] = {
    **{kind: _children_of(kind) for kind in _kinds(ast.AST)},
    # The commonest kinds are told more quickly.
    ast.Assign: lambda node: [*node.targets, node.value],
    ast.Attribute: lambda node: (node.value,),
    ast.BinOp: attrgetter("left", "right"),
    ast.Call: lambda node: [node.func, *node.args, *node.keywords],
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.Constant: lambda _: (),
    ast.Expr: lambda node: (node.value,),
    ast.List: attrgetter("elts"),
    ast.Name: lambda _: (),
    ast.Subscript: attrgetter("value", "slice"),
    ast.Tuple: attrgetter("elts"),
    ast.UnaryOp: lambda node: (node.operand,),
    ast.keyword: lambda node: (node.value,),
    type(None): lambda _: (),  # a key of `{**more}`
    str: lambda _: (),  # a name of `global`
}
"""What stands within a part of a syntax tree, by its kind and in its order."""


def parts(node: ast.AST) -> list[Any]:
    """A part of a syntax tree and all that stands within it, in the order of `ast.walk`."""
    found: list[Any] = [node]
    for part in found:
        kind = type(part)
        if kind is not ast.Name and kind is not ast.Constant:
            found += CHILDREN[kind](part)
    return found


def _fields_of(first: str, *others: str) -> Callable[[Any], tuple[Any, ...]]:
    get = attrgetter(first, *others)
    return get if others else lambda node: (get(node),)


_IMPORTS = frozenset({ast.Import, ast.ImportFrom})
_BLOCKS = frozenset({"body", "orelse", "handlers", "finalbody", "cases"})
_WITH_BLOCKS: list[type[ast.AST]] = [*ast.stmt.__subclasses__(), ast.ExceptHandler, ast.match_case]
_INNER_BLOCKS: dict[type[ast.AST], Callable[[Any], tuple[Sequence[Any], ...]]] = {
    kind: _fields_of(*blocks)
    for kind in _WITH_BLOCKS
    if (blocks := [name for name in kind._fields if name in _BLOCKS])
}


_IMPORTS_AND_BLOCKS = _IMPORTS | _INNER_BLOCKS.keys()
_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})


def statements_within(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of those in it, but for what functions and classes have inside."""
    waiting: list[Any] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        kind = type(node)
        if kind in _INNER_BLOCKS and kind not in _DEFINITIONS:
            for block in _INNER_BLOCKS[kind](node):
                waiting += block


def imported_within(body: Sequence[ast.stmt]) -> set[str]:
    """The names that are imported somewhere in a block, in functions that are defined there, too."""
    found: set[str] = set()
    blocks: list[Any] = [body]
    for block in blocks:
        if _IMPORTS_AND_BLOCKS.isdisjoint(map(type, block)):
            continue
        for node in block:
            kind = type(node)
            if kind in _INNER_BLOCKS:
                blocks += _INNER_BLOCKS[kind](node)
            elif kind in _IMPORTS:
                found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    return found
