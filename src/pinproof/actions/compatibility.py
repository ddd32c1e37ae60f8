"""Whether a release in a set gets along with another release of a dependency than its metadata allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.actions.judging import judge
from pinproof.actions.searching import mentions_of
from pinproof.judgement.answers import Installed, Present
from pinproof.judgement.environment import Environment
from pinproof.judgement.exposure import named
from pinproof.judgement.remedies import Compared
from pinproof.model.exposure import Uses
from pinproof.model.release import Pin
from pinproof.model.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library
    from pinproof.judgement.remedies import Compare
    from pinproof.model.exposure import Ask


def compare(question: Compare, pins: Sequence[Pin], asks: Iterable[Ask], library: Library) -> Compared:
    """What a parent would lose with the other release, judged in that part of the set that it needs."""
    needed = _needed_by(question.parent, asks)
    other = Pin(question.dependency, question.other)
    part = [other if pin.name == other.name else pin for pin in pins if pin.name in needed]
    verdict = judge(part, library, {question.parent})
    sides = (f"{question.parent} {question.version}", f"{question.dependency} {question.other}")
    unread = [n for n in verdict.not_checked if n.name in sides]
    breaks = tuple(
        found
        for found in verdict.breaks
        if found.dependent == question.parent
        and found.dependency == question.dependency
        and found.severity is not Severity.DEPRECATED
    )
    return Compared(
        _uses(question, [p for p in pins if p.name in needed], library),
        breaks,
        unread[0].reason if unread else "",
    )


def _needed_by(parent: NormalizedName, asks: Iterable[Ask]) -> set[NormalizedName]:
    """Everything that a package needs, directly or not, and the package itself."""
    needs: dict[NormalizedName, set[NormalizedName]] = {}
    for ask in asks:
        if ask.dependent is not None:
            needs.setdefault(ask.dependent, set()).add(named(ask))
    found = {parent}
    waiting = [parent]
    while waiting:
        fresh = needs.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def _uses(question: Compare, part: Sequence[Pin], library: Library) -> Uses:
    """How many names the parent takes of the dependency, and how many the other release is not seen to have."""
    installed, _ = library.open_all(part)
    target = library.outside.target
    environment = Environment(
        [library.python(target.python), *installed],
        library.facts,
        target,
        strings=library.strings_have,
        imports=library.imports,
    )
    there = next((one for one in installed if one.name == question.dependency), None)
    other = library.distribution(question.dependency, question.other)
    taken = set(_taken(question.parent, there, environment, library)) if there is not None else set()
    unknown = 0
    if isinstance(other, Installed):
        with_other = environment.replacing(other)
        unknown = len({t for t, module in taken if not isinstance(with_other.resolve(t, module), Present)})
    return Uses(question.parent, question.version, question.dependency, len({t for t, _ in taken}), unknown)


def _taken(
    parent: NormalizedName, dependency: Installed, environment: Environment, library: Library
) -> Iterator[tuple[str, str]]:
    """What the modules of a distribution take of another: each target with the module that has it."""
    roots = environment.roots_of(dependency)
    for module, (owner, mentions) in mentions_of(environment, library).items():
        if owner.name != parent or roots.isdisjoint(mentions.roots):
            continue
        facts = environment.facts(module)
        for use in facts.uses if facts else ():
            name = environment.absolute(use.target.partition(":")[0], module)
            if name.partition(".")[0] in roots and environment.owner(name) is dependency:
                yield use.target, module
