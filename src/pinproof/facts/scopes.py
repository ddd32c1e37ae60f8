"""Scopes: which import, if any, a name in the text stands for.

Names are recorded where they are read and settled when their scope ends, for only then is it known what is
local to it. What a scope does not bind goes to the scope around it; classes are skipped on the way, as in
Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ast

    from pinproof.model.verdict import How

_MAX_ALIAS_STEPS = 4


class Load(NamedTuple):
    """A name that is read, with the attribute chain behind it.

    `function` is the qualified name of the innermost function, empty where the module's import runs the code.
    """

    name: str
    chain: str
    how: How
    line: int
    guard: int
    function: str
    call: ast.Call | None


class Alias(NamedTuple):
    """A local name that stands for what another name's chain gives: `client = httpx.Client()`."""

    name: str
    chain: str


@dataclass(slots=True, eq=False)
class Scope:
    """The names bound in a function, lambda or comprehension, and what was read in it.

    `binds` maps a name to the target it was imported from, to an alias, or to None: bound to something unknown.
    `outer` are the names declared `global` or `nonlocal`.
    """

    binds: dict[str, str | Alias | None] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)
    outer: set[str] = field(default_factory=set)
    comprehension: bool = False

    def bind(self, name: str, to: str | Alias | None) -> None:
        """Bind a name; bound twice to different things it stands for neither."""
        if name not in self.outer and self.binds.setdefault(name, to) != to:
            self.binds[name] = None

    def settle(self) -> tuple[list[tuple[str, Load]], list[Load]]:
        """What was read: (target, load) for local imports, and the loads that the scope around must settle."""
        found, free, binds = [], [], self.binds
        for load in self.loads:
            if load[0] not in binds:
                free.append(load)
            elif binds[load[0]] is not None:
                settled = self._followed(load)
                if isinstance(settled, Load):
                    free.append(settled)
                elif settled is not None:
                    found.append(settled)
        return found, free

    def _followed(self, load: Load) -> tuple[str, Load] | Load | None:
        for _ in range(_MAX_ALIAS_STEPS):
            if load.name not in self.binds:
                return load
            to = self.binds[load.name]
            if to is None:
                return None
            if isinstance(to, str):
                return join(to, load.chain), load
            if to.name == load.name or not load.chain:
                return None
            load = load._replace(name=to.name, chain=f"{to.chain}.{load.chain}" if to.chain else load.chain)
        return None


def join(target: str, chain: str) -> str:
    """The target that a chain of attributes behind another target reaches."""
    if not chain:
        return target
    return f"{target}{chain}" if target.endswith(":") or chain.startswith("(") else f"{target}.{chain}"
