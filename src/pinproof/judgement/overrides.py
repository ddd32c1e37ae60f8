"""Methods that override one of another distribution, which calls them: what overrides has to take what that gives.

A method that takes neither the least nor the most that the one beneath it takes cannot stand in its place. That is
told only where the baseline's could be called so: many a method has its own way, and nobody calls it by the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Unknown
from pinproof.judgement.calls import refusal
from pinproof.judgement.members import class_facts, lineage, only_way
from pinproof.model.module import Call, Kind, Use
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pinproof.judgement.answers import Installed, Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Class, Function, Parameter

_PLAIN = frozenset({"abc:abstractmethod", "typing:override", "typing_extensions:override"})


def overriding(
    environment: Environment, module: str, differs: Callable[[Installed, Installed], bool]
) -> Iterator[Use]:
    """The methods of a module that may override one of a dependency that is another release by now."""
    facts, dependent = environment.facts(module), environment.owner(module)
    if facts is None or dependent is None:
        return
    for name, made in facts.classes.items():
        way = only_way(environment, module, name.partition(".")[0]) if made.bases else None
        if way is None:
            continue
        foreign = list(_foreign(environment, Present(module, name, Kind.CLASS, owner=dependent), differs))
        for member in _methods(made) if foreign else ():
            function = facts.functions.get(f"{name}.{member}")
            if function is not None and any(member in one.members for one in foreign):
                yield Use(f":{name}.{member}", How.OVERRIDE, function.line, way.guard, deferred=True)


def _foreign(
    environment: Environment, found: Present, differs: Callable[[Installed, Installed], bool]
) -> Iterator[Class]:
    for place in lineage(environment, found):
        if isinstance(place, Present) and place.owner is not None and place.owner is not found.owner:
            facts = class_facts(environment, place)
            if facts is not None and differs(found.owner, place.owner):  # type: ignore[arg-type]
                yield facts


def _methods(made: Class) -> Iterator[str]:
    """Methods that others may call by the name; those of Python's own have signatures of their own."""
    return (name for name, kind in made.members.items() if kind == Kind.FUNCTION and name[:2] != "__")


def override_result(environment: Environment, target: str, module: str) -> Resolved:
    """Whether a method takes what the one that it overrides takes: that one if it does, else `Absent`."""
    cls, _, name = target.removeprefix(":").rpartition(".")
    found = Present(module, cls, Kind.CLASS, owner=environment.owner(module))
    own = _plain_method(environment, found, name)
    for place in lineage(environment, found):
        if isinstance(place, Unknown):
            return place
        facts = class_facts(environment, place)
        if place == found or facts is None or name not in facts.members:
            continue
        beneath = _plain_method(environment, place, name)
        if own is None or beneath is None:
            break
        return _result(place, name, own.parameters[1:], beneath.parameters[1:])
    return Unknown("not a method that overrides a plain one")


def _plain_method(environment: Environment, place: Present, name: str) -> Function | None:
    facts = environment.facts(place.module)
    function = facts.functions.get(f"{place.name}.{name}") if facts else None
    is_plain = function is not None and function.parameters and _PLAIN.issuperset(function.decorators)
    return function if is_plain else None


def _result(place: Present, name: str, own: Sequence[Parameter], beneath: Sequence[Parameter]) -> Resolved:
    symbol = f"{place.name}.{name}"
    there = Present(place.module, symbol, Kind.FUNCTION, owner=place.owner)
    if any(p.kind in ("*", "**") for p in beneath):
        return there
    least, most = _call([p for p in beneath if p.required]), _call(beneath)
    if refusal(there, own, least) is None or refusal(there, own, most) is None:
        return there
    lacking = _required_beyond(own, most) or f"without {_not_taken(own, beneath)}"
    return Absent(f"{place.module}.{symbol}({lacking})", "TypeError", place.owner)


def _call(parameters: Sequence[Parameter]) -> Call:
    keywords = tuple(p.name for p in parameters if p.kind == "k")
    return Call(len(parameters) - len(keywords), keywords)


def _required_beyond(own: Sequence[Parameter], call: Call) -> str:
    """The first parameter that the overriding method needs and does not get any more."""
    positional = [p for p in own if p.kind in ("", "/")]
    given = {p.name for p in positional[: call.positional]} | set(call.keywords)
    return next((p.name for p in own if p.required and p.name not in given), "")


def _not_taken(own: Sequence[Parameter], beneath: Sequence[Parameter]) -> str:
    """The first parameter that the overriding method gets and does not take."""
    positional = [p for p in own if p.kind in ("", "/")]
    for number, parameter in enumerate(beneath):
        if parameter.kind == "k" or number >= len(positional):
            return parameter.name
    return beneath[-1].name
