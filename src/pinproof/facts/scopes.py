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
from pinproof.facts.syntax import unwound
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from pinproof.facts.giving import Held
    from pinproof.facts.guards import Guards

_MAX_ALIAS_STEPS = 4
_MAX_WAYS = 40


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

    @classmethod
    def of_value(cls, value: ast.expr) -> Self | None:
        """What stands for a value that another name's chain gives."""
        root, chain = unwound(value)
        return cls(root, chain) if root else None


class Rebinding(msgspec.Struct, frozen=True, gc=False):
    """One of several ways in which a local name is bound.

    `since` is the number of loads before it, or before the loop around it. `is_certain`: it runs if its `guard` holds.
    """

    since: int
    to: str | Alias | None
    guard: int
    is_certain: bool


class ClassBody:
    """A class whose body is being read: its members, and what its methods take from `self` (by chain).

    `name` is qualified by the classes around it, `held` is what is put into its attributes and those of its objects.
    """

    __slots__ = ("held", "members", "name", "open", "taken", "unseen")

    def __init__(self, name: str) -> None:
        self.name = name
        self.held: dict[str, list[Held]] = {}
        self.members: dict[str, str] = {}
        self.taken: dict[str, Load] = {}
        self.open = False
        self.unseen = False


class Scope:
    """The names bound in a function, lambda or comprehension, and what was read in it.

    `around` is the scope around it, None for that of the module. `binds` maps a name to the target it was
    imported from, to an alias, to a value that nobody has asked for yet (`to` makes an alias of it), or to None: bound
    to something unknown, or to different things one after the other, the ways of which are `several`; `since` is the
    number of loads before the first. `loop` is where the outermost loop around the code at hand began, or -1. `late` is
    what was read in functions within, which run who knows when. `outer` are the names declared `global` or `nonlocal`.
    `body` is the class whose body is being read directly in this scope.
    """

    __slots__ = (
        *("around", "binds", "body", "comprehension", "late"),
        *("loads", "loop", "outer", "several", "since"),
    )

    def __init__(self, around: Scope | None = None, *, comprehension: bool = False) -> None:
        self.around = around
        self.comprehension = comprehension
        self.binds: dict[str, str | Alias | ast.expr | None] = {}
        self.since: dict[str, int] = {}
        self.several: dict[str, list[Rebinding]] = {}
        self.loads: list[Load] = []
        self.late: list[Load] = []
        self.loop = -1
        self.outer: set[str] | None = None
        self.body: ClassBody | None = None

    def to(self, name: str) -> str | Alias | None:
        """What a name that is bound here stands for."""
        to = self.binds[name]
        if to is None or isinstance(to, (Alias, str)):
            return to
        self.binds[name] = alias = Alias.of_value(to)
        return alias

    def bind(self, name: str, to: str | Alias | ast.expr | None, guard: int = -1) -> None:
        """Bind a name; bound to different things it stands for the one that is sure to be the last where it is read."""
        if self.outer is not None and name in self.outer:
            return
        binds = self.binds
        since = len(self.loads) if self.loop < 0 else self.loop
        if name not in binds:
            binds[name] = to
            self.since[name] = since
            return
        if isinstance(to, ast.expr):
            to = Alias.of_value(to)
        if name in self.several or self.to(name) != to:
            if name not in self.several:
                self.several[name] = [Rebinding(self.since.get(name, 0), self.to(name), -1, is_certain=False)]
                binds[name] = None
            self.several[name].append(Rebinding(since, to, guard, is_certain=self.loop < 0))

    def bind_parameters(self, arguments: ast.arguments) -> None:
        """A parameter that is annotated with a class stands for an instance of it."""
        binds = self.binds
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            annotation = argument.annotation
            binds[argument.arg] = None if annotation is None else Alias.of(annotation)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                binds[rest.arg] = None

    def is_parameter(self, name: str) -> bool:
        """Whether a name that is bound here is a parameter, and nothing else is bound to it."""
        return name not in self.since and name not in self.several

    def settle(
        self, guards: Guards, untraced: list[Load]
    ) -> tuple[list[tuple[str, Load]], list[Load], list[Load]]:
        """What was read: (target, load) for local imports, and what the scope around must settle, late loads apart.

        What is read of something unknown joins the `untraced`.
        """
        found: list[tuple[str, Load]] = []
        free: list[Load] = []
        late: list[Load] = []
        if self.loads:
            self._sort_out(self.loads, self.several, guards, found, free, untraced)
        if self.late:
            self._sort_out(self.late, {}, guards, found, late, untraced)
        return found, free, late

    def _sort_out(
        self,
        loads: Sequence[Load],
        several: Mapping[str, object],
        guards: Guards,
        found: list[tuple[str, Load]],
        unsettled: list[Load],
        untraced: list[Load],
    ) -> None:
        """Put what was read where it belongs; of names bound in several ways only these are followed."""
        binds = self.binds
        for number, load in enumerate(loads):
            name = load.name
            if name not in binds:
                unsettled.append(load)
            elif binds[name] is not None or name in several:
                settled = self._followed(load, number, guards)
                if settled is None:
                    untraced.append(load)
                elif isinstance(settled, Load):
                    unsettled.append(settled)
                else:
                    found.append(settled)
            else:
                untraced.append(load)

    def _followed(self, load: Load, number: int, guards: Guards) -> tuple[str, Load] | Load | None:
        """What a load comes to, with `number` loads before it."""
        binds, several = self.binds, self.several
        name, chain, guard = load.name, load.chain, load.guard
        for _ in range(_MAX_ALIAS_STEPS):
            if name not in binds:
                return Load(name, chain, load.how, load.line, load.guard, load.function, load.call)
            if name in several:
                way = _latest(several[name], number, guard, guards)
                to, number, guard = (way.to, way.since - 1, way.guard) if way is not None else (None, -1, -1)
            else:
                to, number = self.to(name), self.since.get(name, 0) - 1
            if not isinstance(to, Alias):
                return (join(to, chain), load) if to is not None else None
            if not chain or (to.name == name and name not in several):
                return None
            name, chain = to.name, behind(to.chain, chain)
        return None


def _latest(ways: list[Rebinding], number: int, guard: int, guards: Guards) -> Rebinding | None:
    """How a name is bound where it is read after so many loads, under a guard; None if it may be in another way."""
    if len(ways) > _MAX_WAYS:
        return None
    reaching: list[Rebinding] = []
    for way in ways:
        if way.since <= number:
            if way.is_certain and guards.covers(way.guard, guard):
                reaching.clear()
            reaching.append(way)
    if not reaching or any(way.to != reaching[0].to for way in reaching):
        return None
    return reaching[-1]


def behind(chain: str, further: str) -> str:
    """A chain of attributes behind another."""
    return f"{chain}.{further}" if chain and further and further[0] != "(" else chain + further


def join(target: str, chain: str) -> str:
    """The target that a chain of attributes behind another target reaches."""
    if not chain:
        return target
    return f"{target}{chain}" if target.endswith(":") or chain.startswith("(") else f"{target}.{chain}"
