"""The static import: which modules a program imports, and which of their failures would stop it.

Starting from roots, the import statements that run while a module is imported are followed. With each module
goes the set of exceptions that, raised in it, would reach the program: a `try` around an import takes some
away, another way to the same module may bring them back. The sets only grow, so the walk ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pinproof.judgement.answers import Truth
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment

EXCEPTIONS = frozenset({"ModuleNotFoundError", "ImportError", "AttributeError", "TypeError", "Exception"})


class Source(NamedTuple):
    """A module whose facts judgement wants: the distribution and the member that holds it."""

    distribution: Installed
    path: str


class Edge(NamedTuple):
    """An import that runs when a module is imported; `surfacing` are the exceptions that it lets through."""

    module: str
    surfacing: frozenset[str]


def static_import(
    environment: Environment, roots: Iterable[str]
) -> Generator[list[Source], None, dict[str, frozenset[str]]]:
    """Module -> exceptions that would reach the program; an empty set where the import is not certain to run.

    Yields the sources that it is about to look at, so that they can be read together.
    """
    reached: dict[str, frozenset[str]] = {}
    frontier = {name: EXCEPTIONS for root in roots for name in _with_parents(root)}
    while frontier:
        yield _sources(environment, (m for m in frontier if m not in reached))
        following: dict[str, frozenset[str]] = {}
        for module, surfacing in frontier.items():
            known = reached.get(module)
            if known is not None and surfacing <= known:
                continue
            reached[module] = surfacing | (known or frozenset())
            for edge in _edges(environment, module):
                arriving = edge.surfacing & reached[module]
                for name in _with_parents(edge.module):
                    following[name] = following.get(name, frozenset()) | arriving
        frontier = following
    return reached


def _with_parents(module: str) -> Iterator[str]:
    for position, character in enumerate(module):
        if character == ".":
            yield module[:position]
    yield module


def _sources(environment: Environment, modules: Iterable[str]) -> list[Source]:
    found = []
    for module in modules:
        owner = environment.owner(module)
        if owner is not None and module in owner.layout.modules:
            found.append(Source(owner, owner.layout.modules[module]))
    return found


def _edges(environment: Environment, module: str) -> Iterator[Edge]:
    facts = environment.facts(module)
    if facts is None:
        return
    for use in facts.uses:
        if use.how is not How.IMPORT or use.deferred:
            continue
        circumstance = environment.circumstances.of(module, use.guard)
        if circumstance.runs is Truth.NO:
            continue
        surfacing = frozenset(e for e in EXCEPTIONS if not circumstance.catches(e))
        if circumstance.runs is not Truth.YES:
            surfacing = frozenset()
        name, _, member = use.target.partition(":")
        imported = environment.absolute(name, module)
        if environment.is_module(imported):
            yield Edge(imported, surfacing)
            submodule = f"{imported}.{member}"
            # What a package imports of itself is bound by this very import.
            bound = imported != module and _binds(environment, imported, member)
            if member and environment.is_module(submodule) and not bound:
                yield Edge(submodule, surfacing)


def _binds(environment: Environment, module: str, name: str) -> bool:
    """Whether the name is bound to anything but the submodule of that name."""
    facts = environment.facts(module)
    ways = facts.bindings.get(name, ()) if facts is not None else ()
    return any(w.target not in (f".:{name}", f"{module}:{name}", f"{module}.{name}:") for w in ways)
