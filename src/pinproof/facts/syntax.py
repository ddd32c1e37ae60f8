"""Small readings of syntax trees that need no context."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def unwound(node: ast.expr | None) -> tuple[str, str]:
    """(name, chain) of `name.a.b().c`; ("", "") where the root is no name."""
    chain = ""
    while True:
        kind = node.__class__
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
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def exception_names(node: ast.expr) -> Iterator[str]:
    """The last names of the exceptions that a handler lists; `*` for one that is no plain name."""
    for item in node.elts if isinstance(node, ast.Tuple) else [node]:
        name = last_name(item)
        yield name if name[:1].isupper() else "*"


def caught(handlers: Iterable[ast.ExceptHandler]) -> tuple[str, ...]:
    """What the handlers of a `try` swallow, in order (see `model.module.Guard`)."""
    found: list[str] = []
    for handler in handlers:
        names = list(exception_names(handler.type)) if handler.type is not None else ["*"]
        found += [f"!{name}" for name in names] if _raises_again(handler.body) else names
    return tuple(found)


def _raises_again(body: Sequence[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return unwound(last.value.func) in (("sys", "exit"), ("exit", ""), ("os", "_exit"))
    return False


_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def always_leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether what stands behind a block does not run once the block did."""
    return isinstance(body[-1], _EXITS)


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters, `*args` and `**kwargs` last."""
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def defaults_of(arguments: ast.arguments) -> list[ast.expr]:
    """All default values."""
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def parameters(arguments: ast.arguments) -> tuple[m.Parameter, ...]:
    """The parameters of a function, the receiver of a method included."""
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    only = len(arguments.posonlyargs)
    found = [m.Parameter(a.arg, "/" if i < only else "", i < required) for i, a in enumerate(positional)]
    if arguments.vararg is not None:
        found.append(m.Parameter(arguments.vararg.arg, "*", required=False))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(m.Parameter(argument.arg, "k", default is None))
    if arguments.kwarg is not None:
        found.append(m.Parameter(arguments.kwarg.arg, "**", required=False))
    return tuple(found)


def call_of(node: ast.Call) -> m.Call:
    """With what something is called."""
    keywords = node.keywords
    return m.Call(
        positional=len(node.args),
        keywords=tuple(k.arg for k in keywords if k.arg is not None),
        starred=any(a.__class__ is ast.Starred for a in node.args),
        double_starred=any(k.arg is None for k in keywords),
    )
