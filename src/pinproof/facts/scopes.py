"""Scopes: which import, if any, a name in the text stands for.

Names are recorded where they are read and settled when their scope ends, for only then is it known what is
local to it. What a scope does not bind goes to the scope around it; classes are skipped on the way, as in
Python.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts.annotations import RECEIVER, annotated
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from typing import Self

    from pinproof.facts.giving import Body, Held

_MAX_ALIAS_STEPS = 4


class Load(msgspec.Struct, frozen=True, gc=False):
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


class Alias(msgspec.Struct, frozen=True, gc=False):
    """A local name that stands for what another name's chain gives: `client = httpx.Client()`."""

    name: str
    chain: str

    @classmethod
    def of(cls, annotation: ast.expr) -> Self | None:
        """What stands for an object of the one class that an annotation names."""
        ways = annotated(annotation)
        return cls(*ways[0]) if ways and len(ways) == 1 and ways[0][0] != RECEIVER else None


class ClassBody:
    """A class whose body is being read: its members, and what its methods take from `self` (by chain).

    `name` is qualified by the classes around it, `held` is what is put into its attributes and those of its objects.
    """

    __slots__ = ("held", "members", "name", "open", "taken")

    def __init__(self, name: str) -> None:
        self.name = name
        self.held: dict[str, list[Held]] = {}
        self.members: dict[str, str] = {}
        self.taken: dict[str, Load] = {}
        self.open = False


class Scope:
    """The names bound in a function, lambda or comprehension, and what was read in it.

    `around` is the scope around it, None for that of the module. `binds` maps a name to the target it was
    imported from, to an alias, or to None: bound to something unknown. `outer` are the names declared `global`
    or `nonlocal`. `body` is the class whose body is being read directly in this scope, `functions` are those defined
    in it if it is a function's.
    """

    __slots__ = ("around", "binds", "body", "comprehension", "functions", "loads", "outer")

    def __init__(self, around: Scope | None = None, *, comprehension: bool = False) -> None:
        self.around = around
        self.comprehension = comprehension
        self.binds: dict[str, str | Alias | None] = {}
        self.loads: list[Load] = []
        self.outer: set[str] | None = None
        self.body: ClassBody | None = None
        self.functions: dict[str, Body] = {}

    def bind(self, name: str, to: str | Alias | None) -> None:
        """Bind a name; bound twice to different things it stands for neither."""
        if not (self.outer and name in self.outer) and self.binds.setdefault(name, to) != to:
            self.binds[name] = None

    def bind_parameters(self, arguments: ast.arguments) -> None:
        """A parameter that is annotated with a class stands for an instance of it."""
        binds = self.binds
        for listed in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs):
            for argument in listed:
                annotation = argument.annotation
                binds[argument.arg] = Alias.of(annotation) if annotation is not None else None
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                binds[rest.arg] = None

    def settle(self) -> tuple[list[tuple[str, Load]], list[Load]]:
        """What was read: (target, load) for local imports, and the loads that the scope around must settle."""
        found, free, binds = [], [], self.binds
        for load in self.loads:
            name = load.name
            if name not in binds:
                free.append(load)
            elif binds[name] is not None:
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
            load = msgspec.structs.replace(load, name=to.name, chain=behind(to.chain, load.chain))
        return None


def behind(chain: str, further: str) -> str:
    """A chain of attributes behind another."""
    return f"{chain}.{further}" if chain and further and further[0] != "(" else chain + further


def join(target: str, chain: str) -> str:
    """The target that a chain of attributes behind another target reaches."""
    if not chain:
        return target
    return f"{target}{chain}" if target.endswith(":") or chain.startswith("(") else f"{target}.{chain}"
