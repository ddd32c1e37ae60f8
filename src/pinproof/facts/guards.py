"""The circumstances that a walk passes through, and at its end those of them that matter.

Most `if`s guard nothing that is kept, so their tests are only noted on the way and understood when something
that is kept turns out to depend on them; by then every name is settled, too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts import conditions
from pinproof.facts.names import BUILTINS
from pinproof.facts.scopes import Alias, Scope
from pinproof.facts.syntax import parts
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pinproof.facts.giving import Held
    from pinproof.facts.names import Names


_MAX_UPWARDS = 50
_LOOKS = frozenset({"getattr", "hasattr"})


class _Tested(msgspec.Struct, frozen=True, gc=False):
    """The branch of a test that runs when it holds, or (negated) when it does not; `scope` settles its names."""

    parent: int
    node: ast.expr
    negated: bool
    scope: Scope


class Guards:
    """Numbered guards; -1 is no guard at all. `held` gives what a class of the module puts into an attribute.

    `settled` are those that matter; `numbers` leads from the numbers given here to those in it, where they are known.
    """

    def __init__(
        self, names: Names, held: Callable[[str, str], Sequence[Held]] = lambda _cls, _name: ()
    ) -> None:
        self._names = names
        self._held = held
        self._noted: list[_Tested | m.Guard] = []
        self.numbers: dict[int, int] = {-1: -1}
        self._outside: dict[int, int] = {-1: -1}
        self._same: dict[m.Guard, int] = {}
        self._conditions: dict[ast.expr, m.AnyTest] = {}
        self.settled: list[m.Guard] = []

    def tested(self, parent: int, node: ast.expr, *, negated: bool = False) -> int:
        """A guard for code that runs when a test, in the code at hand, holds (or not)."""
        noted = self._noted
        noted.append(_Tested(parent, node, negated, self._names.scope))
        return len(noted) - 1

    def add(self, guard: _Tested | m.Guard) -> int:
        """A guard that needs no settling; it refers to others by the numbers given here."""
        self._noted.append(guard)
        return len(self._noted) - 1

    def outside_tries(self, number: int) -> int:
        """The same circumstances without the handlers around them."""
        outside = self._outside
        if number not in outside:
            for inner in reversed(self._upwards(number, outside)):
                outside[inner] = self._without_try(inner)
        return outside[number]

    def _without_try(self, number: int) -> int:
        noted = self._noted[number]
        parent = self._outside[noted.parent]
        if isinstance(noted, m.Guard) and noted.catches:
            return parent
        if parent == noted.parent:
            return number
        if isinstance(noted, m.Guard):
            return self.add(m.Guard(parent, (), noted.after, noted.unless, noted.test))
        return self.add(msgspec.structs.replace(noted, parent=parent))

    def covers(self, outer: int, inner: int) -> bool:
        """Whether code under a guard runs only where that under another does, as far as that is looked for."""
        for _ in range(_MAX_UPWARDS):
            if inner in (outer, -1):
                break
            inner = self._noted[inner].parent
        return inner == outer

    def is_of_program(self, number: int) -> bool:
        """Whether code runs only where the module is the program: `if __name__ == "__main__"`."""
        while number != -1:
            noted = self._noted[number]
            if isinstance(noted, _Tested) and not noted.negated and _asks_for_program(noted.node):
                return True
            number = noted.parent
        return False

    def asks_for_what_is_there(self, number: int) -> bool:
        """Whether a test of what was looked up decides of code: `f = getattr(x, "f", None)`, `if f is None`."""
        while number != -1:
            noted = self._noted[number]
            if isinstance(noted, _Tested):
                names = (part.id for part in parts(noted.node) if type(part) is ast.Name)
                if any(_was_looked_up(name, noted.scope) for name in names):
                    return True
            number = noted.parent
        return False

    def settle(self, number: int) -> int:
        """The number under which a guard stands in `settled`, where it and those it depends on now are."""
        numbers = self.numbers
        if number not in numbers:
            for inner in reversed(self._upwards(number, numbers)):
                numbers[inner] = self._settle(self._noted[inner])
        return numbers[number]

    def _upwards(self, number: int, known: Mapping[int, int]) -> list[int]:
        """A guard and those around it, up to the first that is known.

        A function that returns early a thousand times is a thousand guards deep.
        """
        found = []
        while number not in known:
            found.append(number)
            number = self._noted[number].parent
        return found

    def _settle(self, noted: _Tested | m.Guard) -> int:
        parent = self.numbers[noted.parent]
        if not isinstance(noted, _Tested):
            after, unless = self.settle(noted.after), self.settle(noted.unless)
            return self._number(m.Guard(parent, noted.catches, after, unless, noted.test), shared=False)
        test = self._conditions.get(noted.node)
        if test is None:
            test = conditions.condition(noted.node, lambda node: self._refer(node, noted.scope))
            self._conditions[noted.node] = test
        if noted.negated:
            test = conditions.negation(test)
        return parent if test == m.Constant(True) else self._number(m.Guard(parent, test=test), shared=True)

    def _refer(self, node: ast.expr, scope: Scope) -> str:
        """What a test speaks of; what an object was merely given says no more than any local name."""
        target = self._names.refer_in(node, scope)
        cls, of_object, attribute = target.partition("().")
        if not of_object or cls[:1] != ":":
            return target
        held = self._held(cls[1:], attribute)
        return "" if held and all(map(_is_given, held)) else target

    def _number(self, guard: m.Guard, *, shared: bool) -> int:
        """Equal tests under the same guard are one guard; two `try`s are not."""
        if shared and guard in self._same:
            return self._same[guard]
        self.settled.append(guard)
        self._same[guard] = len(self.settled) - 1
        return len(self.settled) - 1


def _is_given(held: Held) -> bool:
    """Whether what is put into an attribute is made of nothing but parameters, builtins and constants."""
    value = held.value
    if value is None or conditions.is_wary(value):
        return False
    return all(_is_told_nothing(part.id, held.scope) for part in parts(value) if type(part) is ast.Name)


def _is_told_nothing(name: str, scope: Scope) -> bool:
    """Whether a name is a builtin or a parameter that nothing else is put into, and not the receiver."""
    around: Scope | None = scope
    while around is not None and around.around is not None:
        if name in around.binds:
            return around.is_parameter(name) and not isinstance(around.binds[name], str)
        around = around.around
    return name in BUILTINS


def _was_looked_up(name: str, scope: Scope) -> bool:
    """Whether a local name is bound, in one of the ways in which it is, to what a look for an attribute gave."""
    around: Scope | None = scope
    while around is not None and name not in around.binds:
        around = around.around
    if around is None:
        return False
    return any(
        to.name in _LOOKS if isinstance(to, Alias) else isinstance(to, ast.expr) and _looks_up(to)
        for to in (around.binds[name], *(way.to for way in around.several.get(name, ())))
    )


def _looks_up(value: ast.expr) -> bool:
    return any(type(part) is ast.Name and part.id in _LOOKS for part in parts(value))


def _asks_for_program(node: ast.expr) -> bool:
    match node:
        case ast.Compare(
            left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value=name)]
        ):
            return name == "__main__"
        case _:
            return False
