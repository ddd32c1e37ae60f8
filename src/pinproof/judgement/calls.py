"""Whether what is called takes what it is called with (keywords and number of arguments).

Refusal is certain only for a plain `def`, or for one behind decorators that keep the signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Unknown
from pinproof.judgement.members import class_facts, lineage, original
from pinproof.judgement.returns import is_the_only_one
from pinproof.model.module import Call, Kind

if TYPE_CHECKING:
    from pinproof.judgement.answers import Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Function, Parameter

_KEEPING = frozenset(
    {
        *("functools:lru_cache", "functools:lru_cache()", "functools:cache", "abc:abstractmethod"),
        *(
            "contextlib:contextmanager",
            "contextlib:asynccontextmanager",
            "typing:final",
            "typing:no_type_check",
        ),
        *("typing_extensions:final", "warnings:deprecated()", "typing_extensions:deprecated()"),
        *("typing:override", "typing_extensions:override"),
    }
)
_CLASS_METHOD, _STATIC_METHOD = "builtins:classmethod", "builtins:staticmethod"


def call_result(environment: Environment, found: Present, call: Call) -> Resolved:
    """`found` if it takes the call, `Absent` (a TypeError) if it refuses it, `Unknown` if that cannot be told."""
    if (other := original(environment, found)) is not found:
        result = call_result(environment, other, call) if other.kind is not Kind.VALUE else found
        return result if isinstance(result, Absent) else found
    if found.kind is Kind.FUNCTION:
        return _function_result(environment, found, call)
    if found.kind is Kind.CLASS and not found.instance:
        return _constructor_result(environment, found, call)
    return found


def _function_result(environment: Environment, found: Present, call: Call) -> Resolved:
    facts = environment.facts(found.module)
    function = facts.functions.get(found.name) if facts else None
    if function is None or not is_the_only_one(environment, found):
        return found
    receivers = _receivers(found, function)
    if receivers is None:
        return _decorated(found, function, call)
    return _refusal(found, _without(receivers, function), call) or found


def _receivers(found: Present, function: Function) -> int | None:
    """How many leading parameters Python fills in; None where decorators hide the signature."""
    in_class, bound = "." in found.name, found.receiver is not None and found.receiver.instance
    for decorator in function.decorators:
        if decorator == _CLASS_METHOD:
            bound = True
        elif decorator == _STATIC_METHOD:
            in_class = False
        elif decorator not in _KEEPING:
            return None
    return 1 if in_class and bound else 0


def _decorated(place: Present, function: Function, call: Call) -> Unknown:
    """A decorator may change what is taken; most likely what the function itself names is taken, though."""
    named = {p.name for p in function.parameters if p.kind in ("", "k")}
    likely = bool(call.keywords) and named.issuperset(call.keywords)
    return Unknown(f"{place.module}.{place.name} is decorated", likely=likely)


def _without(receivers: int, function: Function) -> tuple[Parameter, ...]:
    """The parameters behind the receiver, which may be the first of `*args`."""
    first = function.parameters[:receivers]
    return function.parameters[receivers:] if all(p.kind in ("", "/") for p in first) else function.parameters


def _constructor_result(environment: Environment, found: Present, call: Call) -> Resolved:
    """By the first `__init__` in the order of inheritance; a `__new__` on the way leaves it open."""
    for place in lineage(environment, found):
        if isinstance(place, Unknown):
            return place
        facts = class_facts(environment, place)
        if facts is None or "__new__" in facts.members or facts.decorators or facts.metaclass:
            return Unknown(f"{place.module}.{place.name} is made in a way of its own")
        if "__init__" in facts.members:
            module = environment.facts(place.module)
            function = module.functions.get(f"{place.name}.__init__") if module else None
            if function is None:
                return Unknown(f"{place.module}.{place.name}.__init__ is not seen")
            if function.decorators:
                return _decorated(place, function, call)
            refusal = _refusal(place, _without(1, function), call)
            handed_on = _handed_on(environment, place, function, call) if refusal is None else None
            if handed_on is None:
                return refusal or found
            call = handed_on
    return found


def _handed_on(environment: Environment, place: Present, function: Function, call: Call) -> Call | None:
    """What an `__init__(self, **kwargs)` that ends in `super().__init__(**kwargs)` hands on of a call."""
    facts = environment.facts(place.module)
    target = f":{place.name}().super().__init__"
    calls = [u.call for u in facts.uses if u.target == target and u.call is not None] if facts else []
    if len(calls) != 1 or not calls[0].double_starred or not any(p.kind == "**" for p in function.parameters):
        return None
    own = {p.name for p in function.parameters}
    rest = tuple(k for k in call.keywords if k not in own)
    # How many arguments arrive in all is not known, so that none can be said to lack.
    return Call(0, (*rest, *calls[0].keywords), starred=True, double_starred=True)


def _refusal(place: Present, parameters: tuple[Parameter, ...], call: Call) -> Absent | None:
    """What the call has too much or too little of. `place` is whose signature it is."""
    kinds = {p.kind for p in parameters}
    accepted = {p.name for p in parameters if p.kind in ("", "k")}
    symbol = f"{place.module}.{place.name}".removesuffix(".__init__")
    if "**" not in kinds:
        for keyword in call.keywords:
            if keyword not in accepted:
                return Absent(f"{symbol}({keyword})", "TypeError", place.owner)
    positional = [p for p in parameters if p.kind in ("", "/")]
    if "*" not in kinds and call.positional > len(positional) and not call.starred:
        return Absent(f"{symbol}({len(positional) + 1} positional arguments)", "TypeError", place.owner)
    if call.starred or call.double_starred:
        return None
    given = {p.name for p in positional[: call.positional]} | set(call.keywords)
    for parameter in parameters:
        if parameter.required and parameter.kind in ("", "/", "k") and parameter.name not in given:
            return Absent(f"{symbol}(without {parameter.name})", "TypeError", place.owner)
    return None
