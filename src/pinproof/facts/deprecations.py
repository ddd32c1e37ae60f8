"""How code says that it is going away."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CATEGORIES = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
_FORKS = frozenset({ast.If, ast.Try, ast.With, ast.For, ast.While, ast.Return, ast.Raise})
_UNSAID = "deprecated"
_DIRECTIVE = ".. deprecated::"
_SAID = re.compile(
    r"(?m)^\.\. deprecated:: *(?P<since>[\w.]*):?(?P<text>[^\n]*(?:\n(?!\.\. |[ \t]*$)[^\n]+)*"
    r"(?:\n(?:[ \t]+[^\n]*)?)*)"
)
_LONG_DOCSTRING = 50_000
_SECTION = re.compile(r"(?m)^[-=~^]{3,}[ \t]*$")
_OF_A_PART = re.compile(
    r"(?i)param|argument|keyword|option|passing|attribute|value|behaviou?r|certain|subclassing"
    r"|call\w* (?:it|this)|\bif\b|\bwhen\b|^\s*(?:\*\w|\w+ing\b)"
)
"""Words that speak of a parameter (`*name*`, too) or of some ways of use (`Returning …`)."""


def warned(body: Iterable[ast.stmt]) -> str:
    """The message of a deprecation warning that these statements give whenever they run, or empty.

    The first statement that may lead elsewhere ends the search: behind it, only some ways of use are meant.
    """
    for statement in body:
        kind = type(statement)
        if kind is ast.Expr:
            value = statement.value  # type: ignore[attr-defined]
            if type(value) is ast.Call and (message := _warning(value)):
                return message
        elif kind in _FORKS:
            break
    return ""


def documented(body: Sequence[ast.stmt]) -> str:
    """The `.. deprecated::` directive of a docstring, as `since VERSION: what it says`, or empty.

    It counts where it is said of the whole: not in a section, and not of a parameter or of some ways of use.
    """
    first = body[0] if body else None
    if type(first) is not ast.Expr or type(first.value) is not ast.Constant:
        return ""
    text = first.value.value
    if not isinstance(text, str) or len(text) > _LONG_DOCSTRING or _DIRECTIVE not in text:
        return ""
    summary = inspect.cleandoc(text)
    section = _SECTION.search(summary)
    for found in _SAID.finditer(summary[: section.start()] if section else summary):
        if not _OF_A_PART.search(found["text"]):
            since = f"since {found['since']}" if found["since"] else _UNSAID
            said = " ".join(found["text"].split())
            return f"{since}: {said}" if said else since
    return ""


def marked(decorators: Iterable[ast.expr]) -> str:
    """The message of a `@deprecated("…")` decorator (PEP 702), or empty."""
    for decorator in decorators:
        call = decorator if isinstance(decorator, ast.Call) else None
        if _last_name(call.func if call else decorator).lower() in {"deprecated", "deprecate"}:
            return (_text(call.args[0]) if call and call.args else "") or _UNSAID
    return ""


def _warning(call: ast.Call) -> str:
    name = _last_name(call.func).lower()
    if "warn" not in name or "filter" in name:
        return ""
    messages = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "message")]
    if not messages:
        return ""
    arguments = [*call.args[1:], *(k.value for k in call.keywords if k.arg in ("category", None))]
    if any(_is_category(a.func if isinstance(a, ast.Call) else a) for a in arguments):
        return _text(messages[0]) or _UNSAID
    first = messages[0]
    if isinstance(first, ast.Call) and _is_category(first.func) and first.args:
        return _text(first.args[0]) or _UNSAID
    return ""


def _is_category(node: ast.expr) -> bool:
    name = _last_name(node)
    return name in _CATEGORIES or "Deprecat" in name or "Removed" in name


def _last_name(node: ast.expr) -> str:
    if type(node) is ast.Attribute:
        return node.attr
    return node.id if type(node) is ast.Name else ""


def _text(node: ast.expr) -> str:
    """The words of a string, what is filled in at run time left as an ellipsis; on one line."""
    return " ".join(_raw_text(node).split())


def _raw_text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return "".join(_raw_text(v) if isinstance(v, ast.Constant) else "…" for v in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _raw_text(left) + (_raw_text(right) or "…")
        case ast.BinOp(left=left, op=ast.Mod()):
            return _raw_text(left)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "strip" | "dedent")):
            return _raw_text(value)
        case _:
            return ""
