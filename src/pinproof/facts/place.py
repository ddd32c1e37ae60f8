"""Where a walk stands, and what it has gathered on the way there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.facts.giving import Giving, Held
from pinproof.facts.guards import Guards
from pinproof.facts.names import Names
from pinproof.facts.offers import Offers
from pinproof.facts.scopes import Alias, ClassBody, Load, Scope
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pinproof.facts.giving import Body
    from pinproof.model.verdict import How

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_IMPORT, _VALUE = m.Kind.IMPORT, m.Kind.VALUE
_VALUE_MEMBER = str(_VALUE)
_LEAVES_BUT_NAMES: frozenset[type] = frozenset({ast.Constant})
_LEAVES = _LEAVES_BUT_NAMES | {ast.Name}


class Place:
    """The state of a walk, and how names are read and bound there.

    `guard` is the guard of the code at hand, `function` the qualified name of the function around it (its `body`),
    `receiver` the name by which a method knows its object, `evaluated` the guard of annotations under each guard.
    `patched` are attributes that are written to other objects than `self`, `opened` the names of what gets members that
    are not seen. `of_objects` is what the methods of each class take from their objects, `untraced` what is taken from
    something unknown.
    `counted` are the names that count where they are read without a member: those that this function imports, maybe
    later, and those that hold the module itself; `leaves` are the kinds of expressions that say nothing. In a `stub`,
    annotations declare names and nothing runs them.
    """

    def __init__(self, *, stub: bool = False) -> None:
        self.stub = stub
        self.names = Names()
        self.offers = Offers(self.names)
        self.giving = Giving(self.names.origin)
        self.guards = Guards(self.names, self.giving.put_into)
        self.classes: list[ClassBody] = []
        self.taken: list[tuple[str, Load]] = []
        self.of_objects: dict[str, dict[str, Load]] = {}
        self.plain_bodies: set[str] = set()
        self.untraced: list[Load] = []
        self.patched: list[tuple[str, str]] = []
        self.opened: set[str] = set()
        self.lazy_annotations = stub
        self.evaluated: dict[int, int] = {}
        self.guard = -1
        self.function = ""
        self.body: Body | None = None
        self.receiver = ""
        self.counted: AbstractSet[str] = frozenset()
        self.leaves = _LEAVES

    @property
    def at_module_level(self) -> bool:
        """Whether a name bound here is one of the module."""
        scope = self.names.scope
        return scope.body is None and scope.around is None

    def tested(self, test: ast.expr, *, negated: bool = False) -> int:
        """The guard of code that runs here when a test holds (or not)."""
        return self.guards.tested(self.guard, test, negated=negated)

    def count(self, names: AbstractSet[str]) -> None:
        """From here on these names count where they are read."""
        if names:
            self.counted |= names
            self.leaves = _LEAVES_BUT_NAMES

    # --- reading -------------------------------------------------------------------------------------

    def load(self, name: str, chain: str, how: How, line: int, call: ast.Call | None) -> None:
        """A name is read, and what its chain reaches; what a class body binds itself is no concern of others."""
        scope = self.names.scope
        if scope.body is None or name not in scope.body.members:
            scope.loads.append(Load(name, chain, how, line, self.guard, self.function, call))

    def load_member(self, chain: str, how: How, line: int, call: ast.Call | None) -> None:
        """A method reads a member of its own object, where `super()` is an object, too."""
        reading = self.classes[-1]
        if chain.startswith("__dict__"):
            reading.open = True
        if chain not in reading.taken:
            root = "super" if chain.startswith("super().") else self.receiver
            reading.taken[chain] = Load(root, chain, how, line, self.guard, self.function, call)

    # --- binding -------------------------------------------------------------------------------------

    def bind(self, name: str, kind: m.Kind, line: int, target: str = "") -> None:
        """An import, function or class gets its name."""
        scope = self.names.scope
        if scope.body is not None:
            scope.body.members[name] = str(kind)
        elif scope.around is not None:
            scope.bind(name, target or None, self.guard)
            if scope.outer is not None:
                self._bind_outer(name, line, target or None)
        else:
            self.names.bind(name, kind, target, line, self.guard)

    def bind_value(
        self, name: str, line: int, value: ast.expr | None = None, annotation: ast.expr | None = None
    ) -> None:
        """`name = value`, or `name: annotation = value`."""
        scope = self.names.scope
        if scope.body is not None:
            scope.body.members[name] = _VALUE_MEMBER
            self.hold(scope.body, name, value, annotation)
        elif scope.around is not None:
            to: Alias | ast.expr | None = value
            if annotation is not None:
                to = (Alias.of_value(value) if value is not None else None) or Alias.of(annotation)
            scope.bind(name, to, self.guard)
            if scope.outer is not None:
                self._bind_outer(name, line, to, value)
        else:
            self.names.bind(name, _VALUE, "", line, self.guard, value)

    def hold(
        self, reading: ClassBody, name: str, value: ast.expr | None, annotation: ast.expr | None = None
    ) -> None:
        """Something is put into an attribute of a class or of its objects."""
        held = Held(value, annotation, self.names.scope, self.receiver)
        reading.held.setdefault(name, []).append(held)

    def _bind_outer(
        self, name: str, line: int, to: str | Alias | ast.expr | None, value: ast.expr | None = None
    ) -> None:
        """What a function binds of the names that it declares `global` or `nonlocal`."""
        outer = self.names.scope.outer
        if outer is not None and name in outer:
            sometimes = self.guards.add(m.Guard(-1, test=m.Opaque(wary=True)))
            kind, target = (_IMPORT, to) if isinstance(to, str) else (_VALUE, "")
            constant = value if isinstance(value, ast.Constant) else None
            self.names.bind(name, kind, target, line, sometimes, constant)

    def close(self) -> None:
        """The scope of the code at hand ends."""
        scope = self.names.scope
        around = scope.around
        assert around is not None
        self.names.scope = around
        found, free, late = scope.settle(self.guards, self.untraced)
        self.taken += found
        if around.around is None:
            around.loads += free
            around.loads += late
        else:
            (around.loads if scope.comprehension else around.late).extend(free)
            around.late += late

    def open(self, *, comprehension: bool = False) -> Scope:
        """A scope begins within the one at hand."""
        self.names.scope = Scope(self.names.scope, comprehension=comprehension)
        return self.names.scope
