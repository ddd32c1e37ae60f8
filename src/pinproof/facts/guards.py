"""The circumstances that a walk passes through, and at its end those of them that matter.

Most `if`s guard nothing that is kept, so their tests are only noted on the way and understood when something
that is kept turns out to depend on them; by then every name is settled, too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts import conditions
from pinproof.facts.scopes import Scope
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pinproof.facts.names import Names


_MAX_UPWARDS = 50


class _Tested(msgspec.Struct, frozen=True, gc=False):
    """The branch of a test that runs when it holds, or (negated) when it does not; `scope` settles its names."""

    parent: int
    node: ast.expr
    negated: bool
    scope: Scope


class Guards:
    """Numbered guards; -1 is no guard at all.

    `settled` are those that matter; `numbers` leads from the numbers given here to those in it, where they are known.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
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
            test = conditions.condition(noted.node, lambda node: self._names.refer_in(node, noted.scope))
            self._conditions[noted.node] = test
        if noted.negated:
            test = conditions.negation(test)
        return parent if test == m.Constant(True) else self._number(m.Guard(parent, test=test), shared=True)

    def _number(self, guard: m.Guard, *, shared: bool) -> int:
        """Equal tests under the same guard are one guard; two `try`s are not."""
        if shared and guard in self._same:
            return self._same[guard]
        self.settled.append(guard)
        self._same[guard] = len(self.settled) - 1
        return len(self.settled) - 1


def _asks_for_program(node: ast.expr) -> bool:
    match node:
        case ast.Compare(
            left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value=name)]
        ):
            return name == "__main__"
        case _:
            return False
