"""What calls give: an object of the class that is called, or what the function is seen to return.

A function may return one thing or another. A member is absent only where all of them lack it, for who calls the
function may know which one it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pinproof.judgement.answers import PYTHON, Present, Unknown, hedged
from pinproof.judgement.members import attribute, is_enum, only_way, original
from pinproof.model.module import KEEPS_UNREAD, UNREAD, UNSURE, Kind

if TYPE_CHECKING:
    from pinproof.judgement.answers import Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Function

RECEIVER = "@"
_TYPE_VARIABLES = frozenset({"typing:TypeVar()", "typing_extensions:TypeVar()"})


def called(environment: Environment, found: Present) -> tuple[Resolved, ...]:
    """What calling a name gives, one or the other; `found` is no alias."""
    if found.kind is Kind.CLASS and not found.instance:
        new = _own_new(environment, found)
        return (replace(found, instance=True),) if new is None else _made_by(environment, found, new)
    if found.kind is Kind.FUNCTION:
        return environment.returned(found)
    return (Unknown("what a call gives"),)


def _own_new(environment: Environment, cls: Present) -> Present | None:
    """The `__new__` by which calling a class may give something else; an enum has one, too (`Enum("N", names)`)."""
    new = environment.class_members((cls, "__new__"))
    if isinstance(new, Present) and new.kind is Kind.FUNCTION and new.owner is not None:
        return new if new.owner.name != PYTHON or is_enum(environment, cls) else None
    return None


def _made_by(environment: Environment, cls: Present, new: Present) -> tuple[Resolved, ...]:
    """What a `__new__` gives, where it is annotated with the class itself."""
    function = read_function(environment, new)
    own = f":{new.name.rpartition('.')[0]}()"
    if function is not None and function.returns in ((RECEIVER,), (own,)) and not is_enum(environment, cls):
        return (replace(cls, instance=True),)
    return (Unknown("what a class makes"),)


def returned(environment: Environment, found: Present) -> tuple[Resolved, ...]:
    """What a function is seen to return."""
    function = read_function(environment, found)
    if function is None or not function.returns or not is_the_only_one(environment, found):
        return (Unknown("what a call gives"),)
    if not all(_hands_back(environment, decorator, found.module) for decorator in function.behind):
        return (Unknown("what a decorator makes of it"),)
    reached = [_reached(environment, found, function, target) for target in function.returns]
    return tuple(
        dict.fromkeys(r if isinstance(r, Present) else Unknown("what a call gives") for r in reached)
    )


def read_function(environment: Environment, found: Present, *, decorating: bool = False) -> Function | None:
    """What is said of a function, its body included where that tells what it returns, or keeps when `decorating`."""
    facts = environment.facts(found.module)
    function = facts.functions.get(found.name) if facts else None
    if function is None:
        return None
    if function.keeps == KEEPS_UNREAD if decorating else UNREAD in function.returns:
        facts = environment.whole.facts(found.module)
        function = facts.functions.get(found.name) if facts else None
    return function


def _hands_back(environment: Environment, decorator: str, module: str) -> bool:
    used = _decorator(environment, decorator, module)
    if used is None or used.function.hands_back != used.calls:
        return False
    return not used.function.typed or _is_type_variable(environment, used.function.typed, used.module)


def _is_type_variable(environment: Environment, target: str, module: str) -> bool:
    """Whether an annotation that is the same twice means that what it stands for is the same."""
    found = environment.resolve(target, module)
    way = only_way(environment, found.module, found.name) if isinstance(found, Present) else None
    return way is not None and way.target in _TYPE_VARIABLES


def keeps_signature(environment: Environment, decorator: str, module: str) -> bool:
    """Whether what a decorator gives takes what it decorates takes, as its source shows."""
    used = _decorator(environment, decorator, module)
    return used is not None and used.function.keeps == used.calls


class _Decorator(NamedTuple):
    """What is said of a decorator (of an object, of its `__call__`), where, and how often it is called to decorate."""

    function: Function
    module: str
    calls: int


def _decorator(environment: Environment, decorator: str, module: str) -> _Decorator | None:
    """A decorator that is used in a module; None where it is not seen what it is."""
    maker = decorator.removesuffix("()")
    reached = environment.resolve(maker, module)
    found = original(environment, reached) if isinstance(reached, Present) else reached
    calls = 1 + (maker != decorator)
    if isinstance(found, Present) and found.kind is Kind.CLASS and maker != decorator:
        found, calls = attribute(environment, replace(found, instance=True), "__call__"), 1
    if not isinstance(found, Present) or found.kind is not Kind.FUNCTION:
        return None
    function = read_function(environment, found, decorating=True)
    if function is None or function.decorators or not is_the_only_one(environment, found):
        return None
    return _Decorator(function, found.module, calls)


def _reached(environment: Environment, found: Present, function: Function, target: str) -> Resolved:
    if target[:1] == UNSURE:
        reached = _reached(environment, found, function, target[1:])
        return hedged(reached) if is_of_another(found, reached) else Unknown("what a call gives")
    if not target.startswith(RECEIVER):
        return environment.resolve(target, found.module)
    cls = Present(found.module, found.name.rpartition(".")[0], Kind.CLASS, owner=found.owner)
    of_class = "builtins:classmethod" in function.decorators
    receiver = replace(found.receiver or cls, instance=not of_class, above=False, deprecated="")
    chain = target.removeprefix(RECEIVER).removeprefix(".")
    return environment.follow(receiver, chain) if chain else receiver


def is_of_another(found: Present, reached: Resolved) -> bool:
    """Whether something gives what is another distribution's, which it was made to use; its own may well be another."""
    return isinstance(reached, Present) and reached.owner is not found.owner


def is_the_only_one(environment: Environment, found: Present) -> bool:
    """Whether the name of a function, or of the class around it, is bound in no other way."""
    return only_way(environment, found.module, found.name.partition(".")[0]) is not None
