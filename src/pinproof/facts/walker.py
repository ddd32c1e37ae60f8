"""One walk over a syntax tree that collects everything `ModuleFacts` holds.

The walk is our own because it is the second most expensive thing pinproof does, after parsing. It is told in
layers, each of which uses those beneath it: where the walk stands (`facts.place`), expressions, statements,
definitions. Names are settled when their scope ends (`facts.scopes`), and conditions are understood only where
something depends on them (`facts.guards`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pinproof.facts import deprecations
from pinproof.facts.definitions import PLAIN_BASES, Definitions
from pinproof.facts.names import BUILTINS
from pinproof.facts.scopes import Load, join
from pinproof.facts.syntax import call_of
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_ATTRIBUTE, _CALL = How.ATTRIBUTE, How.CALL


class Walker(Definitions):
    """Reads one module; use once. What takes one of the members `sought` of something unknown is told as a use."""

    def __init__(self, *, stub: bool = False, sought: AbstractSet[str] = frozenset()) -> None:
        super().__init__(stub=stub)
        self.sought = sought

    def read(self, tree: ast.Module) -> m.ModuleFacts:
        """Walk the module and put the facts together."""
        self.block(tree.body)
        offers = self.offers
        itself = offers.names_of_this_module()
        if itself and any(load.name in itself and not load.chain for load in self.names.scope.loads):
            offers.note("setattr")  # who has the module can write to it
        settle = self.guards.settle
        stored = frozenset(chain.rpartition(".")[2] for _, chain in self.patched)
        offers.gives(self.giving, stored)
        offers.open_classes(self.opened)
        taken = [*self.taken, *self._taken_of_objects(), *self._taken_by_module()]
        if self.sought:
            taken += self._sought()
        return m.ModuleFacts(
            bindings=offers.bindings(self.guards),
            stars=tuple(m.Star(s.module, s.line, settle(s.guard)) for s in offers.stars),
            exported=tuple(
                m.Exported(e.names, e.extended_by, e.complete, e.adds, settle(e.guard))
                for e in offers.exported
            ),
            functions=offers.functions,
            classes=offers.classes,
            uses=self._uses(taken),
            raises=tuple(m.Raise(r.exception, settle(r.guard)) for r in offers.raises),
            guards=tuple(self.guards.settled),
            getattr=offers.getattr(),
            dynamic=tuple(offers.dynamic),
            promised=offers.promised(),
            patches=self._patches(),
            stored=stored if offers.classes else frozenset(),
            deprecated=deprecations.warned(tree.body) or deprecations.documented(tree.body),
            untraced=_members(load.chain for load in self.untraced),
        )

    def _patches(self) -> tuple[str, ...]:
        """What is assigned to attributes of imported names; of classes of this module it makes members."""
        targets: dict[str, None] = {}
        for root, chain in self.patched:
            if imported := self.names.imported(root):
                targets[join(imported, chain)] = None
            elif root in self.offers.classes:
                self.offers.classes[root].members.setdefault(chain.partition(".")[0], m.Kind.VALUE.value)
        return tuple(targets)

    def _uses(self, taken: Iterable[tuple[str, Load]]) -> tuple[m.Use, ...]:
        """All uses, once each: now it is known what runs at import."""
        running = self._run_at_import()
        uses: dict[tuple[object, ...], m.Use] = {}
        settle, settled = self.guards.settle, self.guards.numbers
        for target, load in taken:
            how, deferred = load.how, load.function not in running
            call = call_of(load.call) if load.call is not None else None
            guard = settled[load.guard] if load.guard in settled else settle(load.guard)
            key = (target, id(how), guard, deferred, call)  # enums hash slowly
            if key not in uses:
                uses[key] = m.Use(target, how, load.line, guard, deferred, call)
        return tuple(uses.values())

    def _taken_of_objects(self) -> Iterator[tuple[str, Load]]:
        """What methods take from their objects, where that may be another module's; the rest is untraced."""
        for cls, taken in self.of_objects.items():
            if not taken:
                continue
            has_bases = any(base not in PLAIN_BASES for base in self.offers.classes[cls].bases)
            leading = set() if has_bases else self.offers.members_that_lead_outside(cls)
            for chain, load in taken.items():
                name, dot, behind = chain.partition(".")
                if has_bases or (dot and name.removesuffix("()") in leading):
                    yield f":{cls}().{chain}", load
                if dot and name != "super()":
                    self.untraced.append(msgspec.structs.replace(load, chain=behind))

    def _taken_by_module(self) -> list[tuple[str, Load]]:
        """What names of the module lead to, where that says something; the rest is untraced."""
        found = []
        ways = self.names.ways
        origins: dict[str, str] = {}
        for load in self.names.scope.loads:
            name, chain = load.name, load.chain
            if chain or load.how is not _ATTRIBUTE:
                origin = origins.get(name)
                if origin is None:
                    origin = origins[name] = self._origin(name)
                if origin:
                    found.append((join(origin, chain), load))
                elif name in ways:
                    self.untraced.append(load)
        return found

    def _sought(self) -> Iterator[tuple[str, Load]]:
        """What takes a member that is sought, of what is not traced to anything, whatever else that has."""
        for load in self.untraced:
            found = self.sought & _members([load.chain])
            if found and not self.guards.asks_for_what_is_there(load.guard):
                yield from ((f"{m.UNTRACED}:{member}", load) for member in sorted(found))

    def _origin(self, name: str) -> str:
        """What a name of this module stands for, or empty where what is read of it says nothing."""
        if imported := self.names.imported(name):
            return imported
        if name not in self.names.ways:
            return f":{name}" if self.offers.stars and name not in BUILTINS else ""
        return f":{name}" if self.offers.leads_outside(name) else ""

    def _run_at_import(self) -> set[str]:
        """The functions of this module that importing it calls, unguarded, directly or through each other.

        The empty name stands for the module's own body.
        """
        bodies = self.plain_bodies
        callable_names = {body.removesuffix(".__init__") for body in bodies}
        calls: dict[str, set[str]] = {}
        for load in self.names.scope.loads:
            if load.name in callable_names and load.guard == -1 and not load.chain and load.how is _CALL:
                called = {load.name, f"{load.name}.__init__"} & bodies
                calls.setdefault(load.function, set()).update(called)
        running, waiting = set(), [""]
        while waiting:
            name = waiting.pop()
            if name not in running:
                running.add(name)
                waiting += calls.get(name, ())
        return running


def _members(chains: Iterable[str]) -> frozenset[str]:
    """The names of members in chains of attributes and calls."""
    names = ".".join(chains).replace("()", "").split(".")
    return frozenset(name for name in names if name and not name.startswith("__"))
