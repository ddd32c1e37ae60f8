"""Whether what is called takes what it is called with (keywords and number of arguments).

Refusal is certain only for a plain `def`, for one behind decorators that keep the signature, and for constructors that
are made from fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Unknown
from pinproof.judgement.constructors import made_from_fields
from pinproof.judgement.members import class_facts, lineage, only_way, original
from pinproof.judgement.returns import is_the_only_one, keeps_signature
from pinproof.model.module import Call, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        *("typing:override", "typing_extensions:override", "typing:overload", "typing_extensions:overload"),
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
    if found.kind is Kind.VALUE:
        return _partial_result(environment, found, call)
    return found


def _partial_result(environment: Environment, found: Present, call: Call) -> Resolved:
    """A value that is `functools.partial` of something is called as that is, with more."""
    way = only_way(environment, found.module, found.name)
    if way is None or way.partial is None:
        return found
    reached = environment.resolve(way.target, found.module)
    if not isinstance(reached, Present):
        return found
    first = way.partial
    together = Call(
        first.positional + call.positional,
        tuple(dict.fromkeys((*first.keywords, *call.keywords))),
        first.starred or call.starred,
        first.double_starred or call.double_starred,
    )
    result = call_result(environment, reached, together)
    return result if isinstance(result, Absent) else found


def _function_result(environment: Environment, found: Present, call: Call) -> Resolved:
    facts = environment.facts(found.module)
    function = facts.functions.get(found.name) if facts else None
    if function is None or not is_the_only_one(environment, found):
        return found
    receivers = _receivers(environment, found, function)
    if receivers is None:
        return _decorated(found, function, call)
    return _refused(found, function, receivers, call) or found


def _receivers(environment: Environment, found: Present, function: Function) -> int | None:
    """How many leading parameters Python fills in; None where decorators hide the signature."""
    in_class, bound = "." in found.name, found.receiver is not None and found.receiver.instance
    for decorator in function.decorators:
        if decorator == _CLASS_METHOD:
            bound = True
        elif decorator == _STATIC_METHOD:
            in_class = False
        elif not _keeps_signature(environment, decorator, found.module):
            return None
    return 1 if in_class and bound else 0


def _keeps_signature(environment: Environment, decorator: str, module: str) -> bool:
    """Whether what a decorator gives takes what the function takes, as is known or its own source shows."""
    if decorator in _KEEPING or decorator == "?":
        return decorator != "?"
    return keeps_signature(environment, decorator, module)


def _decorated(place: Present, function: Function, call: Call) -> Unknown:
    """A decorator may change what is taken; most likely what the function itself names is taken, though."""
    named = {p.name for p in function.parameters if p.kind in ("", "k")}
    likely = bool(call.keywords) and named.issuperset(call.keywords)
    return Unknown(f"{place.module}.{place.name} is decorated", likely=likely)


def _refused(place: Present, function: Function, receivers: int, call: Call) -> Absent | None:
    """The refusal of a function: each of its overloads refuses the call."""
    last = None
    for parameters in (function.parameters, *function.overloads):
        last = refusal(place, _without(receivers, parameters), call)
        if last is None:
            return None
    return last


def _without(receivers: int, parameters: Sequence[Parameter]) -> Sequence[Parameter]:
    """The parameters behind the receiver, which may be the first of `*args`."""
    first = parameters[:receivers]
    return parameters[receivers:] if all(p.kind in ("", "/") for p in first) else parameters


def _constructor_result(environment: Environment, found: Present, call: Call) -> Resolved:
    """By the first `__init__` in the order of inheritance; a `__new__` on the way leaves it open."""
    for place in lineage(environment, found, for_methods=True):
        if isinstance(place, Unknown):
            return place
        facts = class_facts(environment, place)
        if facts is None or "__new__" in facts.members:
            return Unknown(f"{place.module}.{place.name} is made in a way of its own")
        made = made_from_fields(environment, place, facts)
        if isinstance(made, Unknown):
            return made
        if made is not None:
            return refusal(place, made, call) or found
        if "__init__" in facts.members:
            module = environment.facts(place.module)
            function = module.functions.get(f"{place.name}.__init__") if module else None
            if function is None:
                return Unknown(f"{place.module}.{place.name}.__init__ is not seen")
            if not all(_keeps_signature(environment, d, place.module) for d in function.decorators):
                return _decorated(place, function, call)
            refused = _refused(place, function, 1, call)
            handed_on = _handed_on(environment, place, function, call) if refused is None else None
            if handed_on is None:
                return refused or found
            call = handed_on
    return found


def _handed_on(environment: Environment, place: Present, function: Function, call: Call) -> Call | None:
    """What an `__init__(self, **kwargs)` that ends in `super().__init__(**kwargs)` hands on of a call."""
    facts = environment.facts(place.module)
    target = f":{place.name}().super().__init__"
    calls = [u.call for u in facts.uses if u.target == target and u.call is not None] if facts else []
    if len(calls) != 1 or not calls[0].hands_on:
        return None
    own = {p.name for p in function.parameters}
    rest = tuple(k for k in call.keywords if k not in own)
    # How many arguments arrive in all is not known, so that none can be said to lack.
    return Call(0, (*rest, *calls[0].keywords), starred=True, double_starred=True)


def refusal(place: Present, parameters: Sequence[Parameter], call: Call) -> Absent | None:
    """What the call has too much or too little of. `place` is whose signature it is."""
    kinds = {p.kind for p in parameters}
    accepted = {p.name for p in parameters if p.kind in ("", "k")}
    symbol = f"{place.module}.{place.name}".removesuffix(".__init__")
    if "**" not in kinds:
        for keyword in call.keywords:
            if keyword not in accepted:
                return Absent(f"{symbol}({keyword})", "TypeError", place.owner)
    positional = [p for p in parameters if p.kind in ("", "/")]
    if "*" not in kinds and call.positional > len(positional):
        return Absent(f"{symbol}({len(positional) + 1} positional arguments)", "TypeError", place.owner)
    if call.starred or call.double_starred:
        return None
    given = {p.name for p in positional[: call.positional]} | set(call.keywords)
    for parameter in parameters:
        if parameter.required and parameter.kind in ("", "/", "k") and parameter.name not in given:
            return Absent(f"{symbol}(without {parameter.name})", "TypeError", place.owner)
    return None
