"""What a name of a module is by the module's own bindings: its definitions, assignments and imports, as they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Resolved, Truth, Unknown
from pinproof.model.module import Constant, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Binding


def bound(environment: Environment, module: str, name: str, ways: Sequence[Binding]) -> Resolved | None:
    """By the module's own bindings; None when none of them holds."""
    unsure: Unknown | None = None
    candidates: list[Present] = []
    for way in reversed(ways):
        runs = environment.circumstances.at(module, way.guard, way.line)
        if runs is Truth.NO:
            continue
        if way.kind is Kind.DELETED:
            if runs is Truth.YES:
                break
            unsure = Unknown(f"{module} may delete {name}")
            continue
        found = _one_way(environment, module, name, way)
        if (
            isinstance(found, Unknown)
            and way.kind is Kind.IMPORT
            and _is_bound_anyway(environment, module, way, ways)
        ):
            found = Present(module, name, Kind.VALUE, owner=environment.owner(module))
        if isinstance(found, Present):
            candidates.append(found)
            if runs is Truth.YES:
                return _one_of(environment, candidates, module, name, sure=unsure is None)
        elif isinstance(found, Absent):
            if not environment.circumstances.of(module, way.guard).catches(found.exception):
                unsure = Unknown(f"{module} does not import")
        else:
            unsure = Unknown(f"{module} binds {name} in a way that is not seen")
    if candidates:
        return Unknown(f"{module} binds {name} under some circumstances", likely=True)
    return unsure


def _one_of(
    environment: Environment, candidates: Sequence[Present], module: str, name: str, *, sure: bool
) -> Present:
    """A name that is bound for certain, though to what is not where several bindings may be the last."""
    # What is None until something else is put there stands for that, to those who take members of it.
    candidates = [c for c in candidates if not _is_none(environment, c)] or candidates
    places = {(c.module, c.name, c.kind) for c in candidates}
    if sure and len(places) == 1:
        return candidates[-1]
    return Present(module, name, Kind.VALUE, owner=environment.owner(module), plain=True)


def _is_none(environment: Environment, found: Present) -> bool:
    """Whether a value is a bare constant wherever it is bound in its module under its own name."""
    facts = environment.facts(found.module) if found.kind is Kind.VALUE else None
    ways = facts.bindings.get(found.name, ()) if facts else ()
    values = [way for way in ways if way.kind is Kind.VALUE]
    return bool(values) and all(isinstance(v.test, Constant) and not v.test.value for v in values)


def _is_bound_anyway(environment: Environment, module: str, way: Binding, ways: Sequence[Binding]) -> bool:
    """Whether an import of who knows what leaves its name bound in any module that can be imported.

    It does unless a handler swallows its failure, and even then if the handler binds the same name.
    """
    if not environment.circumstances.of(module, way.guard).handlers:
        return True
    facts = environment.facts(module)
    guards = facts.guards if facts else ()
    return any(other.guard >= 0 and guards[other.guard].after == way.guard for other in ways)


def _one_way(environment: Environment, module: str, name: str, way: Binding) -> Resolved:
    owner = environment.owner(module)
    if way.kind is Kind.IMPORT:
        submodule = f"{module}.{name}"
        if _dotted(environment, way.target, module) == submodule and environment.is_module(submodule):
            return environment.module(submodule)
        found = environment.resolve(way.target, module)
        if isinstance(found, Present) and not found.owner and not found.name:
            return Present(found.module, found.name, found.kind, found.deprecated, owner)
        return found
    deprecated = _said_of(environment, module, name, way)
    return Present(module, name, way.kind, deprecated, owner)


def _dotted(environment: Environment, target: str, within: str) -> str:
    """The target of an import as one dotted name, as it is written."""
    name, _, chain = target.partition(":")
    return f"{environment.absolute(name, within)}.{chain}".rstrip(".")


def _said_of(environment: Environment, module: str, name: str, way: Binding) -> str:
    """The deprecation of a definition, or of the class that a value is an instance of."""
    facts = environment.facts(module)
    assert facts is not None
    if way.kind is Kind.FUNCTION and name in facts.functions:
        return facts.functions[name].deprecated
    if way.kind is Kind.CLASS and name in facts.classes:
        return facts.classes[name].deprecated
    if way.kind is Kind.VALUE and way.target.startswith(":") and way.target.endswith("()"):
        made_by = facts.classes.get(way.target[1:-2])
        return made_by.deprecated if made_by else ""
    return ""
