"""Names that no text gives any more to what also makes names at run time.

Such a name cannot be seen to be missing. But where names were made at run time before, too, and this one stood in a
text beside that, it is gone unless what makes names has taken it over; for that it has to know it by its name, or to
hand it on from where it is defined.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.judgement.answers import Present, Unknown
from pinproof.judgement.members import attribute, class_facts, lineage
from pinproof.judgement.misses import first_not_there, resolved_in
from pinproof.judgement.stars import by_stars

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pinproof.judgement.answers import Installed, Miss, Resolved, Unwritten
    from pinproof.judgement.baselines import History
    from pinproof.judgement.environment import Environment

_UNHEARD_OF = "<unheard of>"
"""No name that any text gives to anything."""


def only_stood_in_text(environment: Environment, before: Environment, miss: Miss, history: History) -> bool:
    """Whether what is missed, which was there before, can have been there only because it stood in a text.

    `environment` is the whole of the set at hand.
    """
    found = resolved_in(environment, miss)
    if isinstance(found, Unknown) and found.partly is not None:
        return True
    if not isinstance(found, Unknown) or found.unwritten is None or miss.owner is None:
        return False
    name, whose = miss.symbol.rpartition(".")[2], found.unwritten.whose
    if not whose.name and found.unwritten.ways <= _not_by_stars(before, whose.module, name):
        return True
    if found.likely:
        return False  # it is there to be taken by a star import, and nothing says that it was not before
    if not any(isinstance(one, Unknown) for one in _unheard_of(environment, before, miss, found.unwritten)):
        return False
    if not whose.name:
        return not history.knows_name(miss.owner, name)
    return not history.knows_member(miss.owner, name, _beside(environment, whose, miss.owner))


def _not_by_stars(before: Environment, module: str, name: str) -> frozenset[str]:
    """The ways in which stars may have given a name, and did not: `__getattr__` answers what nothing else gives."""
    facts = before.facts(module)
    if facts is None or facts.getattr is None or name not in facts.getattr.answers:
        return frozenset()
    found = by_stars(before, module, name, facts)
    unseen = (one for one in found if isinstance(one, Unknown))
    return frozenset().union(*(one.unwritten.ways if one.unwritten else {one.reason} for one in unseen))


def _unheard_of(
    environment: Environment, before: Environment, miss: Miss, unwritten: Unwritten
) -> Iterator[Resolved]:
    """What a name that nobody gives came to before, of the same module or class: by the same way, and by its place."""
    if first := first_not_there(environment, miss):
        last = "." if "." in first.partition(":")[2] else ":"
        yield before.resolve(f"{first.rpartition(last)[0]}{last}{_UNHEARD_OF}", miss.module)
    whose = unwritten.whose
    there = before.resolve(f"{whose.module}:{whose.name}", miss.module)
    if isinstance(there, Present) and bool(there.name) == bool(whose.name):
        yield attribute(before, replace(there, instance=whose.instance), _UNHEARD_OF)


def _beside(environment: Environment, whose: Present, owner: Installed) -> Collection[str]:
    """The modules where a member of a class may be defined that is not seen: those of all that it inherits from.

    Of an abstract class that is any: an object of it is of a class that inherits from it.
    """
    facts = class_facts(environment, whose)
    if facts is not None and facts.abstract and whose.instance and whose.owner is owner:
        return owner.layout.modules
    places = lineage(environment, whose)
    return {place.module for place in places if isinstance(place, Present) and place.owner is owner}
