"""The static import: which modules a program imports, and which of their failures would stop it.

Starting from roots, the import statements that run while a module is imported are followed. With each module
goes the set of exceptions that, raised in it, would reach the program: a `try` around an import takes some
away, another way to the same module may bring them back. The sets only grow, so the walk ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pinproof.judgement.answers import PYTHON, Truth
from pinproof.model.module import Kind
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Iterable, Iterator, Sequence

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.relevance import Relevance
    from pinproof.model.module import Binding, Class, ModuleFacts, Use

EXCEPTIONS = frozenset({"ModuleNotFoundError", "ImportError", "AttributeError", "TypeError", "Exception"})


class Source(NamedTuple):
    """A module whose facts judgement wants: the distribution and the member that holds it."""

    distribution: Installed
    path: str


class Name(NamedTuple):
    """A name of a module; the module itself where it is empty."""

    module: str
    name: str


class Edge(NamedTuple):
    """An import that runs when a module is imported; `surfacing` are the exceptions that it lets through."""

    module: str
    surfacing: frozenset[str]


def static_import(
    environment: Environment, roots: Iterable[str], within: Installed | None = None
) -> Generator[list[Source], None, dict[str, frozenset[str]]]:
    """Module -> exceptions that would reach the program; an empty set where the import is not certain to run.

    `within` names the only distribution whose modules are followed, where not all of them are.
    Yields the sources of which it is about to look at the imports, so that they can be read together. What the standard
    library imports is not followed: nothing but itself.
    """
    reached: dict[str, frozenset[str]] = {}
    asked: set[str] = set()
    frontier = {name: EXCEPTIONS for root in roots for name in with_parents(root)}
    while frontier:
        fresh = [m for m in frontier if m not in reached]
        yield _followed(environment, (m for m in fresh if m not in asked))
        # `from x import y` may or may not import `x.y`: x itself says.
        asked.update(fresh)
        ahead = {name for m in fresh for name in _imported(environment, m)} - asked
        asked |= ahead
        yield _followed(environment, sorted(ahead))
        following: dict[str, frozenset[str]] = {}
        for module, surfacing in frontier.items():
            known = reached.get(module)
            if known is not None and surfacing <= known:
                continue
            reached[module] = surfacing | (known or frozenset())
            for edge in _edges(environment, module):
                if within is not None and environment.owner(edge.module) is not within:
                    continue
                arriving = edge.surfacing & reached[module]
                for name in with_parents(edge.module):
                    before = following.get(name)
                    following[name] = arriving if before is None else before | arriving
        frontier = following
    return reached


def _followed(environment: Environment, modules: Iterable[str]) -> list[Source]:
    return [s for s in sources(environment, modules) if s.distribution.name != PYTHON]


def _run(environment: Environment, module: str) -> Iterator[Use]:
    """The imports that importing a module runs."""
    owner = environment.owner(module)
    facts = environment.import_facts(module) if owner is not None and owner.name != PYTHON else None
    for use in facts.uses if facts else ():
        if use.how is How.IMPORT and not use.deferred:
            yield use


def _imported(environment: Environment, module: str) -> Iterator[str]:
    for use in _run(environment, module):
        yield environment.absolute(use.target.partition(":")[0], module)


def imported_modules(environment: Environment, module: str, facts: ModuleFacts | None) -> set[str]:
    """What the statements of a module import, as far as its facts tell of them, with the packages around it."""
    found: set[str] = set()
    for use in facts.uses if facts else ():
        if use.how is How.IMPORT:
            name, _, member = use.target.partition(":")
            imported = environment.absolute(name, module)
            found.update(with_parents(imported))
            if member and environment.is_module(f"{imported}.{member}"):
                found.add(f"{imported}.{member}")
    return found


def with_parents(module: str) -> list[str]:
    """The packages around a module, the outermost first, and the module itself."""
    found, dot = [], module.find(".")
    while dot >= 0:
        found.append(module[:dot])
        dot = module.find(".", dot + 1)
    return [*found, module]


def sources(environment: Environment, modules: Iterable[str]) -> list[Source]:
    """Where the source of these modules is, for those that have any."""
    found = []
    for module in modules:
        owner = environment.owner(module)
        if owner is not None and module in owner.layout.modules:
            found.append(Source(owner, owner.layout.modules[module]))
    return found


def foreign_names(
    environment: Environment, module: str, relevance: Relevance, *, skimmed: bool = False
) -> Iterator[Name]:
    """What a module takes from other distributions that may lack it: where each name is looked up first."""
    facts = environment.import_facts(module) if skimmed else environment.facts(module)
    owner = environment.owner(module)
    if facts is None or owner is None:
        return
    own = environment.roots_of(owner)
    for target, at_import in {(use.target, not use.deferred) for use in facts.uses}:
        name, _, chain = target.partition(":")
        root = name.partition(".")[0]
        if root and root not in own and relevance.may_lack(owner, root, at_import=at_import):
            yield from _places(environment, name, chain)
    if not skimmed:
        for found in facts.classes.values():
            yield from _bases(environment, module, found)


def takes_through_own(
    environment: Environment, module: str, looked_at: Container[str], relevance: Relevance
) -> bool:
    """Whether a module imports, from one of its own distribution that is looked at, what that has from elsewhere.

    So it takes what may be missing though it does not mention where that comes from: `from .compat import b`.
    """
    owner = environment.owner(module)
    if owner is None:
        return False
    for use in _run(environment, module):
        name, _, member = use.target.partition(":")
        origin = environment.absolute(name, module)
        if member and environment.is_module(f"{origin}.{member}"):
            origin, member = f"{origin}.{member}", ""
        if origin in looked_at and environment.owner(origin) is owner:
            facts = environment.facts(origin)
            bound = facts.bindings if facts is not None else {}
            ways = bound.get(member, ()) if member else [way for ways in bound.values() for way in ways]
            if any(_is_foreign(environment, way, origin, owner, relevance) for way in ways):
                return True
    return False


def _is_foreign(
    environment: Environment, way: Binding, module: str, owner: Installed, relevance: Relevance
) -> bool:
    """Whether a name is imported from another distribution that may lack it."""
    if way.kind is not Kind.IMPORT:
        return False
    root = environment.absolute(way.target.partition(":")[0], module).partition(".")[0]
    own = environment.roots_of(owner)
    return root not in own and relevance.may_lack(owner, root, at_import=False)


def taken_over(environment: Environment, name: Name) -> Iterator[Name]:
    """Where a module has a name from: the module that it imports it from, or those it takes everything from."""
    facts = environment.facts(name.module)
    if facts is None or not name.name:
        return
    for way in facts.bindings.get(name.name, ()):
        if way.kind is Kind.IMPORT:
            imported, _, chain = way.target.partition(":")
            yield from _places(environment, environment.absolute(imported, name.module), chain)
    if name.name in facts.classes:
        yield from _bases(environment, name.module, facts.classes[name.name])
    if name.name not in facts.bindings:
        for star in facts.stars:
            yield Name(environment.absolute(star.module, name.module), name.name)


def _bases(environment: Environment, module: str, found: Class) -> Iterator[Name]:
    for base in found.bases:
        name, _, chain = base.partition(":")
        yield from _places(environment, environment.absolute(name, module), chain)


def _places(environment: Environment, module: str, chain: str) -> Iterator[Name]:
    """Where the parts of a chain are looked up, as far down as they are modules."""
    for part in chain.split("."):
        name = part.rstrip("()")
        yield Name(module, name)
        module = f"{module}.{name}"
        if not name or environment.owner(module) is None:
            return
    yield Name(module, "")


def _edges(environment: Environment, module: str) -> Sequence[Edge]:
    """The imports that importing a module runs; several walks ask for them."""
    if module not in environment.edges:
        environment.edges[module] = tuple(_edges_of(environment, module))
    return environment.edges[module]


def _edges_of(environment: Environment, module: str) -> Iterator[Edge]:
    known: dict[int, frozenset[str] | None] = {}
    for use in _run(environment, module):
        if use.guard not in known:
            known[use.guard] = _let_through(environment, module, use.guard)
        surfacing = known[use.guard]
        if surfacing is None:
            continue
        name, _, member = use.target.partition(":")
        imported = environment.absolute(name, module)
        if environment.is_module(imported):
            yield Edge(imported, surfacing)
            submodule = f"{imported}.{member}"
            # What a package imports of itself is bound by this very import.
            if (
                member
                and environment.is_module(submodule)
                and not (imported != module and _binds(environment, imported, member))
            ):
                yield Edge(submodule, surfacing)


def _let_through(environment: Environment, module: str, guard: int) -> frozenset[str] | None:
    """The exceptions that would reach the program from behind a guard; None where nothing runs there."""
    circumstance = environment.import_circumstances.of(module, guard)
    if circumstance.runs is Truth.NO:
        return None
    if circumstance.runs is not Truth.YES:
        return frozenset()
    return frozenset(e for e in EXCEPTIONS if not circumstance.catches(e))


def _binds(environment: Environment, module: str, name: str) -> bool:
    """Whether the name is bound to anything but the submodule of that name."""
    facts = environment.facts(module)
    ways = facts.bindings.get(name, ()) if facts is not None else ()
    return any(w.target not in (f".:{name}", f"{module}:{name}", f"{module}.{name}:") for w in ways)
