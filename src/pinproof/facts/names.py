"""What a name in the text stands for: the ways in which the module binds it, and the scopes around it."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts import conditions
from pinproof.facts.scopes import Scope, join
from pinproof.facts.syntax import unwound
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Sequence

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_IMPORT, _DELETED = m.Kind.IMPORT, m.Kind.DELETED
_MAX_VERSION_STEPS = 8
BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__"}


class Way(msgspec.Struct, frozen=True, gc=False):
    """A binding on its way: `guard` is a number of the walk, `value` what is assigned."""

    kind: m.Kind
    target: str
    line: int
    guard: int
    value: ast.expr | None = None


class Names:
    """The names of one module; `scope` is the scope of the code at hand."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.ways: dict[str, list[Way]] = {}
        self._versions: dict[str, str] = {}
        self._version_steps = 0

    def bind(
        self, name: str, kind: m.Kind, target: str, line: int, guard: int, value: ast.expr | None = None
    ) -> None:
        """A name of the module comes to be, in this way among others."""
        self.ways.setdefault(name, []).append(Way(kind, target, line, guard, value))

    def imported(self, name: str) -> str:
        """The target of a name that is bound by one import and nothing else, or empty."""
        ways = self.ways.get(name)
        if not ways or ways[0].kind is not _IMPORT:
            return ""
        target = ways[0].target
        if len(ways) > 1 and any(way.kind is not _IMPORT or way.target != target for way in ways):
            return ""
        return target

    def assigned(self, name: str, line: int) -> Sequence[ast.expr | None]:
        """What a name of the module was assigned up to a line, the latest last."""
        ways = self.ways.get(name, ())
        return [way.value for way in ways if way.kind is not _DELETED and way.line <= line]

    def refer(self, node: ast.expr) -> str:
        """The target of a name or attribute chain, seen from the code at hand, or empty."""
        return self.refer_in(node, self.scope)

    def refer_in(self, node: ast.expr, scope: Scope) -> str:
        """The target of a name or attribute chain, seen from a scope, or empty."""
        root, chain = unwound(node)
        origin = self._origin(root, scope) if root else ""
        return join(origin, chain) if origin else ""

    def _origin(self, name: str, scope: Scope) -> str:
        """What a name stands for: its import where it has exactly one, else a name of this module.

        Empty for what is local to a function and not imported there.
        """
        while scope.around is not None:
            if name in scope.binds:
                bound = scope.binds[name]
                return bound if isinstance(bound, str) else ""
            scope = scope.around
        return self.origin(name)

    def origin(self, name: str) -> str:
        """What a name of the module stands for: its import where it has exactly one, else the name itself."""
        if name not in self.ways:
            return f"builtins:{name}" if name in BUILTINS else f":{name}"
        return self.imported(name) or self._version_of(name) or f":{name}"

    def _version_of(self, name: str) -> str:
        """The target of the version that a name holds: `np_version = parse(np.__version__)`; else empty."""
        if name not in self._versions:
            if self._version_steps > _MAX_VERSION_STEPS:
                return ""
            self._versions[name] = ""  # a name that is made of itself holds none
            self._version_steps += 1
            for way in self.ways[name]:
                if isinstance(way.value, ast.Call | ast.Attribute | ast.Subscript) and (
                    library := conditions.library_version(way.value, self.refer)
                ):
                    self._versions[name] = f"{library}:__version__"
            self._version_steps -= 1
        return self._versions[name]
