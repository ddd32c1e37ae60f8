"""What the constructor takes that is made from the fields of a class and of those that it inherits from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Unknown
from pinproof.judgement.members import class_facts, is_made_from_fields, lineage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.judgement.answers import Present
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Class, Parameter


def made_from_fields(
    environment: Environment, place: Present, facts: Class
) -> Sequence[Parameter] | Unknown | None:
    """The parameters behind the receiver; None where the class has an `__init__` like any other, or none."""
    unseen = Unknown(f"{place.module}.{place.name} is made from fields that are not seen")
    if facts.fields is None:
        return unseen if is_made_from_fields(facts) else None
    maker = facts.fields.maker
    if not maker:
        return None
    if maker == "namedtuple":
        return facts.fields.own
    # A field that is declared again keeps its place in a dataclass, and goes to the end with attrs.
    taken: dict[str, Parameter] = {}
    for own in reversed(list(_inherited(environment, place))):
        if isinstance(own, Unknown):
            return own
        if own.fields is None and is_made_from_fields(own):
            return unseen
        for parameter in own.fields.own if own.fields is not None and own.fields.maker == maker else ():
            if maker == "attrs":
                taken.pop(parameter.name, None)
            taken[parameter.name] = parameter
    return [parameter for parameter in taken.values() if parameter.kind != "-"]


def _inherited(environment: Environment, place: Present) -> list[Class | Unknown]:
    found: list[Class | Unknown] = []
    for one in lineage(environment, place, for_methods=True):
        facts = one if isinstance(one, Unknown) else class_facts(environment, one)
        found.append(facts if facts is not None else Unknown("a class that is not seen"))
    return found
