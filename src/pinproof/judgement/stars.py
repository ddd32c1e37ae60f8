"""What stands behind the bindings of a module: star imports, `__all__`, `__getattr__`, what is made at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Resolved, Truth, Unknown, lacking
from pinproof.model.module import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Exported, ModuleFacts

_MODULE_ATTRIBUTES = frozenset(
    f"__{word}__"
    for word in (
        *("name", "file", "doc", "package", "spec", "loader", "dict", "builtins", "cached", "path", "class"),
    )
)
_OPEN_MARKERS = frozenset({"globals", "exec", "setattr", "__class__", "sys.modules", "lazy-stub"})
_MAKING = frozenset({"globals", "exec", "setattr"})


def given(environment: Environment, module: str, name: str, facts: ModuleFacts) -> Resolved:
    """By what stands behind the bindings: module attributes, star imports, `__getattr__`."""
    if name in _MODULE_ATTRIBUTES:
        return Present(module, name, Kind.VALUE, owner=environment.owner(module))
    unseen: list[Unknown] = []
    for found in by_stars(environment, module, name, facts):
        if isinstance(found, Present):
            return found
        if isinstance(found, Unknown):
            unseen.append(found)
    if facts.getattr is not None:
        if name in facts.getattr.raises:
            # It is only asked for what nothing else gives.
            return Absent(f"{module}.{name}", "ImportError", environment.owner(module))
        if name in facts.getattr.answers:
            return Present(module, name, Kind.VALUE, facts.getattr.answers[name], environment.owner(module))
        if not facts.getattr.closed:
            return Unknown(f"{module} has a __getattr__")
    elif "__getattr__" in facts.bindings:
        return Unknown(f"{module} has a __getattr__")
    elif name in facts.promised:
        return Present(module, name, Kind.VALUE, owner=environment.owner(module))
    if markers := _OPEN_MARKERS.intersection(facts.dynamic):
        reason = f"{module} makes names at run time ({', '.join(sorted(markers))})"
        if environment.is_in_stub(module, name):
            return Unknown(reason, likely=True)
        unseen.append(Unknown(reason, makes=markers <= _MAKING))
    if _promises(environment, module, name, facts):
        return Unknown(f"{module}.__all__ promises {name}, in a way that is not seen")
    owner = environment.owner(module)
    return lacking(Absent(f"{module}.{name}", "ImportError", owner), Present(module, owner=owner), unseen)


def by_stars(environment: Environment, module: str, name: str, facts: ModuleFacts) -> Iterator[Resolved]:
    """What the star imports of a module may give for a name."""
    for star in facts.stars:
        if environment.circumstances.of(module, star.guard).runs is not Truth.NO:
            found = _starred(environment, environment.absolute(star.module, module), name)
            if found is not None:
                yield found


def _promises(environment: Environment, module: str, name: str, facts: ModuleFacts) -> bool:
    """Whether `__all__` names it, which says that there is a way even where none is seen."""
    return any(
        name in exported.names and environment.circumstances.of(module, exported.guard).runs is not Truth.NO
        for exported in facts.exported
    )


def _starred(environment: Environment, module: str, name: str) -> Resolved | None:
    """What `from module import *` gives for a name; None when it does not give it."""
    found = environment.module(module)
    if isinstance(found, Absent):
        return None
    if isinstance(found, Unknown):
        return found
    listed = environment.exports((module, name))
    if listed is Truth.NO:
        return None
    member = environment.member(module, name)
    if isinstance(member, Absent):
        return None
    if listed is Truth.YES:
        return member
    if isinstance(member, Unknown):
        return member
    return Unknown(f"{module}.__all__ is made at run time", likely=True, makes=True)


def exported(environment: Environment, module: str, name: str) -> Truth:
    """Whether the `__all__` of a module, or the lack of one, offers a name to star imports."""
    facts = environment.facts(module)
    if facts is None:
        return Truth.MAYBE
    answer: Truth | None = None
    for exported in facts.exported:
        runs = environment.circumstances.of(module, exported.guard).runs
        if runs is Truth.NO:
            continue
        listed = _lists(environment, module, exported, name)
        if runs is not Truth.YES:
            listed = listed if listed is answer else Truth.MAYBE
        elif exported.adds and answer is not None and listed is not Truth.YES:
            listed = answer if listed is Truth.NO else Truth.MAYBE
        answer = listed
    if answer is None:
        return Truth.NO if name.startswith("_") else Truth.YES
    return answer


def _lists(environment: Environment, module: str, exported: Exported, name: str) -> Truth:
    if name in exported.names:
        return Truth.YES
    for other in exported.extended_by:
        reached = environment.resolve(other, module)
        if not isinstance(reached, Present) or reached.name:
            return Truth.MAYBE
        answer = environment.exports((reached.module, name))
        if answer is not Truth.NO:
            return answer
    return Truth.NO if exported.complete else Truth.MAYBE
