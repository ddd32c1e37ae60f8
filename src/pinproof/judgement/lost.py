"""Members that are taken of something unknown, and that nothing in the set has any more.

Of an object that comes as a parameter it is not seen what it is. But where no text of what a distribution requires
gives a member to anything, and nothing else could, no object that it meets has that member; and where one of its
dependencies had it once, in a class, that is what was meant. Such a name is gone whatever the object is.
"""

from __future__ import annotations

import dataclasses
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from pinproof.judgement.answers import PYTHON, Absent, Miss, Unknown
from pinproof.judgement.misses import severity_of
from pinproof.model.module import UNTRACED, Use
from pinproof.model.verdict import How, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.baselines import Baselines, History
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.relevance import Relevance
    from pinproof.model.module import Mentions
    from pinproof.model.verdict import Break

_SHORTEST = 3
"""Names that are shorter stand for too many things."""


class _Site(NamedTuple):
    """A module that takes members of something unknown.

    `beside` are the distributions that it mentions, `later` those of them that may have lost something.
    """

    module: str
    members: set[str]
    beside: Sequence[Installed]
    later: Sequence[Installed]


def is_lost(miss: Miss) -> bool:
    """Whether a miss is of this kind."""
    return miss.use.target.startswith(f"{UNTRACED}:")


def lost_members(
    environment: Environment,
    modules: Iterable[str],
    mentioned: Mapping[str, tuple[Installed, Mentions]],
    relevance: Relevance,
    baselines: Baselines,
) -> list[Miss]:
    """What modules take of objects that nobody knows, and that nothing in the set gives to anything.

    Each of the later dependencies that a module mentions may have had it. Of a part of a set nothing can be said.
    """
    if not environment.complete:
        return []
    sites: dict[Installed, list[_Site]] = {}
    for module in modules:
        dependent, mentions = mentioned.get(module, (None, None))
        if dependent is None or mentions is None:
            continue
        beside = [one for one in relevance.owners(mentions) if one is not dependent]
        required = baselines.requires(dependent)
        later = [one for one in beside if one.name in required and relevance.is_later(dependent, one)]
        if later and (members := _untraced(environment, module, later)):
            sites.setdefault(dependent, []).append(_Site(module, members, beside, later))
    met = {
        one: _met_by(environment, [one, *chain.from_iterable(site.beside for site in where)], baselines)
        for one, where in sites.items()
    }
    known = _known(environment)
    lost: dict[Installed, set[str]] = {}
    for one, where in sites.items():
        names = {name for site in where for name in site.members if len(name) >= _SHORTEST}
        lost[one] = names.difference(*(known[other] for other in met[one] if other in known))
    lost = _ungiven(lost, {one: [one] for one in lost}, baselines)
    lost = _ungiven(lost, met, baselines)
    return [
        _miss(dependent, site.module, member, owner)
        for dependent, names in lost.items()
        for site in sites[dependent]
        for member in sorted(names & site.members)
        for owner in site.later
    ]


def _miss(dependent: Installed, module: str, member: str, owner: Installed) -> Miss:
    """A miss of which the place is not known yet (see `placed`): few of them were there in the past."""
    use = Use(f"{UNTRACED}:{member}", How.ATTRIBUTE, 0, deferred=True)
    path = dependent.layout.modules[module]
    return Miss(Severity.LATENT, dependent, module, path, use, member, owner, tentative=True)


def placed(environment: Environment, miss: Miss, history: History) -> Miss | None:
    """A miss with its place in the module: the first that nothing guards against, None where there is no such."""
    assert miss.owner is not None
    if miss.use.line:
        return miss
    module, member = miss.module, miss.symbol
    facts = history.seeking(miss.dependent, miss.path, {member})
    environment.take(module, facts)
    for use in facts.uses:
        if member in _of_unknown(environment, module, use, [miss.owner]):
            taken = replace(miss.use, how=use.how, line=use.line, guard=use.guard)
            severity = severity_of(environment, module, taken, Absent(member, "AttributeError"))
            if severity is not None:
                return dataclasses.replace(miss, severity=severity, use=taken)
    return None


def as_placed(miss: Miss, found: Break) -> Miss:
    """A miss with the place that was found for its break: so the text is not asked for again."""
    if not is_lost(miss):
        return miss
    use = replace(miss.use, how=found.how, line=found.line)
    return dataclasses.replace(miss, severity=found.severity, use=use)


def class_with(environment: Environment, owner: Installed, member: str, history: History) -> str:
    """The first public class of a distribution of a set that has a member, dotted and with it; empty if none has."""
    for module in history.modules_with(owner, {member})[member]:
        facts = environment.facts(module)
        for name, found in facts.classes.items() if facts is not None else ():
            if member in found.members and not any(part.startswith("_") for part in name.split(".")):
                return f"{module}.{name}.{member}"
    return ""


def is_given(environment: Environment, miss: Miss, baselines: Baselines) -> bool:
    """Whether anything in the set gives the member to anything after all, or a compiled module may that one meets."""
    given = baselines.history.given({one: {miss.symbol} for one in environment.distributions})
    if any(given.values()):
        return True
    near = [miss.dependent, *([miss.owner] if miss.owner is not None else [])]
    met = _met_by(environment, near, baselines)
    return any(baselines.history.compiled_may_give(one, miss.symbol) for one in met)


def _known(environment: Environment) -> dict[Installed, set[str]]:
    """Names that what was read of each distribution gives: no text has to be looked through for these."""
    known: dict[Installed, set[str]] = {}
    for owner, facts in environment.facts_at_hand():
        names = known.setdefault(owner, set())
        names.update(facts.bindings, facts.stored, facts.unread)
        for name, function in facts.functions.items():
            names.update((name.rpartition(".")[2], *(one.name for one in function.parameters)))
        for found in facts.classes.values():
            names.update(found.members)
    return known


def _ungiven(
    members: Mapping[Installed, set[str]], by: Mapping[Installed, Sequence[Installed]], baselines: Baselines
) -> dict[Installed, set[str]]:
    """The members of each dependent that none of some distributions gives to anything; each of those is asked once."""
    asked: dict[Installed, set[str]] = {}
    for dependent, names in members.items():
        for one in by[dependent]:
            asked.setdefault(one, set()).update(names)
    given = baselines.history.given(asked)
    left: dict[Installed, set[str]] = {}
    for dependent, names in members.items():
        if ungiven := names.difference(*(given[one] for one in by[dependent])):
            left[dependent] = ungiven
    return left


def _met_by(environment: Environment, near: Iterable[Installed], baselines: Baselines) -> list[Installed]:
    """Whose objects a distribution meets: those that are near to it, what these require, and Python.

    Of the distribution itself, the first, that is what it requires with any extra.
    """
    installed = {one.name: one for one in environment.distributions}
    waiting = [one.name for one in near]
    waiting += [PYTHON, *baselines.requires(installed[waiting[0]])]
    met: dict[Installed, None] = {}
    for name in waiting:
        one = installed.get(name)
        if one is not None and one not in met:
            met[one] = None
            waiting += baselines.needs(one)
    return list(met)


def _untraced(environment: Environment, module: str, later: Sequence[Installed]) -> set[str]:
    """The members that a module takes of something unknown."""
    facts = environment.facts(module)
    if facts is None:
        return set()
    return {
        name for use in facts.uses for name in _of_unknown(environment, module, use, later)
    } | facts.untraced


def _of_unknown(environment: Environment, module: str, use: Use, later: Sequence[Installed]) -> Iterator[str]:
    """What a use takes of something of which it is not seen what it is."""
    name, _, way = use.target.partition(":")
    _, call, behind = way.partition("().")
    if name == UNTRACED:
        yield way
    elif call and not set(later).isdisjoint(environment.providers(name)):
        found = environment.resolve(use.target, module)
        if isinstance(found, Unknown) and found.unwritten is None and found.partly is None:
            yield from (part.replace("()", "") for part in behind.split("."))
