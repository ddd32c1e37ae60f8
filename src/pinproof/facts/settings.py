"""Settings of Django, whose strings it imports when it starts: `MIDDLEWARE = ["package.module.Class"]`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pinproof.facts.syntax import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTED = frozenset(
    {
        *("INSTALLED_APPS", "MIDDLEWARE", "MIDDLEWARE_CLASSES", "AUTHENTICATION_BACKENDS"),
        *("TEMPLATE_CONTEXT_PROCESSORS", "TEMPLATE_LOADERS", "PASSWORD_HASHERS", "FILE_UPLOAD_HANDLERS"),
        *("STATICFILES_FINDERS", "DEFAULT_AUTO_FIELD", "DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE"),
        *("EMAIL_BACKEND", "SESSION_ENGINE", "SESSION_SERIALIZER", "MESSAGE_STORAGE", "FORM_RENDERER"),
        *("TEST_RUNNER", "ROOT_URLCONF", "WSGI_APPLICATION"),
    }
)
_KEYED = {
    "TEMPLATES": frozenset({"BACKEND", "context_processors", "loaders"}),
    "CACHES": frozenset({"BACKEND"}),
    "STORAGES": frozenset({"BACKEND"}),
    "DATABASES": frozenset({"ENGINE"}),
    "AUTH_PASSWORD_VALIDATORS": frozenset({"NAME"}),
}
SETTINGS = _LISTED | _KEYED.keys()
_PATH = re.compile(r"[a-zA-Z_]\w*(?:\.[a-zA-Z_]\w*)*")
_MAX_PATHS = 1000


def imported_by_name(setting: str, value: ast.expr) -> Iterator[tuple[str, int]]:
    """The targets of the dotted paths in the value of one of the `SETTINGS`, each with its line.

    The last part of a path may be a module or a name of one. Only applications are named without a dot.
    """
    count = 0
    for text in _texts(setting, value):
        dotted = text.value
        if isinstance(dotted, str) and _PATH.fullmatch(dotted) and count < _MAX_PATHS:
            module, dot, name = dotted.rpartition(".")
            if dot or setting == "INSTALLED_APPS":
                count += 1
                yield (f"{module}:{name}" if dot else f"{name}:"), text.lineno


def _texts(setting: str, value: ast.expr) -> Iterator[ast.Constant]:
    if setting in _LISTED:
        yield from _listed(value)
        return
    for table in parts(value):
        if isinstance(table, ast.Dict):
            for key, held in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in _KEYED[setting]:
                    yield from _listed(held)


def _listed(value: ast.expr) -> Iterator[ast.Constant]:
    """The constants of lists and of their sums; what a call makes of others is not looked at."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case ast.Constant() as found:
                yield found
            case ast.List(elts=items) | ast.Tuple(elts=items):
                waiting += items
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                waiting += (left, right)
            case _:
                pass
