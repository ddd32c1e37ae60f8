"""Submodules that are taken as attributes: `import b; b.sub.x`.

The attribute is there only once something has imported `b.sub`. `b` may have done so, and do it no more.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON, Absent, Present
from pinproof.judgement.importing import imported_modules, static_import
from pinproof.judgement.stars import given
from pinproof.model.module import All, Any_, Has, Not
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import AnyTest, ModuleFacts, Use

_IMPORTERS = ("importlib:", "importlib.util:", "pkgutil:", "imp:", "runpy:", "builtins:__import__")


def imported_by_reached(environment: Environment, reached: Iterable[str]) -> frozenset[str]:
    """What the modules that the program imports import in their turn."""
    modules = (m for m in reached if not environment.is_of_python(m))
    found = (imported_modules(environment, m, environment.import_facts(m)) for m in modules)
    return frozenset(itertools.chain.from_iterable(found))


class Submodules:
    """Answers for one dependent, whose `own` modules may import what they need in any place.

    `by_reached` gives what the modules of others import that the program imports.
    """

    def __init__(
        self, environment: Environment, by_reached: Callable[[], frozenset[str]], own: Iterable[str]
    ) -> None:
        self._environment = environment
        self._by_reached = by_reached
        self._own = own
        self._bare: dict[tuple[str, str], tuple[str, ...]] = {}
        self._imported: frozenset[str] | None = None
        self._reached: dict[str, Collection[str]] = {}
        self._inner: dict[str, frozenset[str] | None] = {}

    def lacking(self, use: Use, module: str) -> Absent | None:
        """The first submodule on the way of a use that nothing imports."""
        if use.how is How.IMPORT or use.target[0] == ".":
            return None
        key = (use.target, module if use.target[0] == ":" else "")
        if key not in self._bare:
            self._bare[key] = bare(self._environment, use, module, in_doubt=False)
        for submodule in self._bare[key]:
            may_be_there = self._may_be_imported(submodule) or self._is_asked_for(
                submodule, module, use.guard
            )
            if not may_be_there and self._is_certain(submodule, use, module):
                return _absent(self._environment, submodule)
        return None

    def _is_certain(self, submodule: str, use: Use, module: str) -> bool:
        """Whether the whole of each package on the way says that nothing but an import makes it an attribute."""
        whole = self._environment.whole
        return whole is self._environment or submodule in bare(whole, use, module, in_doubt=False)

    def _may_be_imported(self, submodule: str) -> bool:
        environment, owner = self._environment, self._environment.owner(submodule)
        if self._imported is None:
            own = (imported_modules(environment, m, environment.whole.facts(m)) for m in self._own)
            self._imported = self._by_reached().union(*own)
        if submodule in self._imported:
            return True
        package = submodule.rpartition(".")[0]
        if package not in self._reached:
            roots = {package, *(m for m in self._imported if environment.owner(m) is owner)}
            self._reached[package] = _import(environment, roots, owner).keys()
        if submodule in self._reached[package]:
            return True
        # Only now does it matter what those import later.
        if package not in self._inner:
            self._inner[package] = _imported_by(environment, self._reached[package])
        inner = self._inner[package]
        return inner is None or submodule in inner

    def _is_asked_for(self, submodule: str, module: str, guard: int) -> bool:
        """Whether code runs under a condition that has `hasattr(package, "submodule")` in it."""
        facts = self._environment.facts(module)
        while facts is not None and guard != -1:
            for target in _asked_for(facts.guards[guard].test):
                name, _, chain = target.partition(":")
                if f"{self._environment.absolute(name, module)}.{chain}" == submodule:
                    return True
            guard = facts.guards[guard].parent
        return False


def _asked_for(test: AnyTest | None) -> Iterator[str]:
    match test:
        case Has(target):
            yield target
        case Not(inner):
            yield from _asked_for(inner)
        case All(tests) | Any_(tests):
            for inner in tests:
                yield from _asked_for(inner)
        case _:
            return


def bare(environment: Environment, use: Use, module: str, *, in_doubt: bool) -> tuple[str, ...]:
    """The submodules on the way of a use that are attributes of their package only by having been imported.

    `in_doubt`: whether those count that a star import of the package may give.
    """
    name, _, chain = use.target.partition(":")
    at, found = environment.module(environment.absolute(name, module)), []
    for part in chain.split("."):
        if not isinstance(at, Present) or at.name or not part.isidentifier():
            break
        if _is_bare(environment, at.module, part, in_doubt):
            found.append(f"{at.module}.{part}")
        at = environment.member(at.module, part)
    return tuple(found)


def _is_bare(environment: Environment, package: str, name: str, in_doubt: bool) -> bool:
    owner = environment.owner(f"{package}.{name}")
    if owner is None or owner.name == PYTHON or environment.owner(package) is not owner:
        return False
    facts = environment.facts(package)
    if (
        facts is None
        or facts.degraded
        or facts.dynamic
        or facts.getattr is not None
        or name in facts.bindings
    ):
        return False
    if facts.stars:  # to look through all that they lead to, for each submodule, would take long
        return in_doubt
    return isinstance(given(environment, package, name, facts), Absent)


def left_out(environment: Environment, use: Use, module: str, submodule: str) -> Absent | None:
    """The submodule, if it stands on the way of the use and its package is not certain to import it."""
    if submodule not in bare(environment, use, module, in_doubt=True):
        return None
    package, known = submodule.rpartition(".")[0], environment.imports_within
    if package not in known:
        known[package] = _import(environment, [package], environment.owner(package))
    return None if known[package].get(submodule) else _absent(environment, submodule)


def _absent(environment: Environment, submodule: str) -> Absent:
    return Absent(submodule, "AttributeError", environment.owner(submodule))


def _imported_by(environment: Environment, modules: Iterable[str]) -> frozenset[str] | None:
    """What these modules import, at once or later; None where that is not to be seen."""
    found: set[str] = set()
    for module in modules:
        facts = environment.whole.facts(module)
        if facts is None and not environment.is_namespace(module):
            return None  # compiled
        if facts is not None and (facts.degraded or _imports_by_name(facts)):
            return None
        found |= {module, *imported_modules(environment, module, facts)}
    return frozenset(found)


def _imports_by_name(facts: ModuleFacts) -> bool:
    return "exec" in facts.dynamic or any(use.target.startswith(_IMPORTERS) for use in facts.uses)


def _import(
    environment: Environment, roots: Iterable[str], owner: Installed | None
) -> dict[str, frozenset[str]]:
    """The static import as far as it stays within one distribution; sources are read one by one."""
    walk = static_import(environment, sorted(roots), owner)
    try:
        while True:
            next(walk)
    except StopIteration as stop:
        reached: dict[str, frozenset[str]] = stop.value
        return reached
