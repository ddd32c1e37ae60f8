"""What calls give: an object of the class that is called, or what the function is seen to return.

A function may return one thing or another. A member is absent only where all of them lack it, for who calls the
function may know which one it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON, Present, Unknown
from pinproof.judgement.members import is_enum, only_way
from pinproof.model.module import UNREAD, Kind

if TYPE_CHECKING:
    from pinproof.judgement.answers import Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Function

RECEIVER = "@"


def called(environment: Environment, found: Present) -> tuple[Resolved, ...]:
    """What calling a name gives, one or the other; `found` is no alias."""
    if found.kind is Kind.CLASS and not found.instance:
        if _makes_others(environment, found):
            return (Unknown("what a class makes"),)
        return (replace(found, instance=True),)
    if found.kind is Kind.FUNCTION:
        return environment.returned(found)
    return (Unknown("what a call gives"),)


def _makes_others(environment: Environment, cls: Present) -> bool:
    """Whether calling a class may give something else: its `__new__` may, so does an enum (`Enum("N", names)`)."""
    new = environment.class_members((cls, "__new__"))
    if isinstance(new, Present) and new.kind is Kind.FUNCTION and new.owner is not None:
        return new.owner.name != PYTHON or is_enum(environment, cls)
    return False


def returned(environment: Environment, found: Present) -> tuple[Resolved, ...]:
    """What a function is seen to return."""
    function = read_function(environment, found)
    if function is None or not function.returns or not is_the_only_one(environment, found):
        return (Unknown("what a call gives"),)
    reached = [_reached(environment, found, function, target) for target in function.returns]
    return tuple(
        dict.fromkeys(r if isinstance(r, Present) else Unknown("what a call gives") for r in reached)
    )


def read_function(environment: Environment, found: Present) -> Function | None:
    """What is said of a function, its body included where that tells what it returns."""
    facts = environment.facts(found.module)
    function = facts.functions.get(found.name) if facts else None
    if function is not None and UNREAD in function.returns:
        facts = environment.whole.facts(found.module)
        function = facts.functions.get(found.name) if facts else None
    return function


def _reached(environment: Environment, found: Present, function: Function, target: str) -> Resolved:
    if not target.startswith(RECEIVER):
        return environment.resolve(target, found.module)
    cls = Present(found.module, found.name.rpartition(".")[0], Kind.CLASS, owner=found.owner)
    of_class = "builtins:classmethod" in function.decorators
    receiver = replace(found.receiver or cls, instance=not of_class, above=False, deprecated="")
    chain = target.removeprefix(RECEIVER).removeprefix(".")
    return environment.follow(receiver, chain) if chain else receiver


def is_the_only_one(environment: Environment, found: Present) -> bool:
    """Whether the name of a function, or of the class around it, is bound in no other way."""
    return only_way(environment, found.module, found.name.partition(".")[0]) is not None
