"""What stands behind the names of modules: members of classes and of their instances, through all bases.

A member is absent only if the class and every class it inherits from can be read and none of them has it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.judgement.answers import Absent, Present, Unknown
from pinproof.model.module import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.answers import Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Class

_PLAIN_METACLASSES = frozenset({"", "abc:ABCMeta", "builtins:type"})
_FIELD_DECORATORS = (
    "dataclass",
    "dataclasses:dataclass",
    "dataclasses:dataclass()",
    "attr:s",
    "attr:s()",
    "attr:attrs()",
)
_KEEPING_DECORATORS = frozenset(
    {
        *("functools:total_ordering", "typing:final", "typing_extensions:final", "typing:runtime_checkable"),
        *("typing_extensions:runtime_checkable", "enum:unique", "warnings:deprecated()"),
        *("typing_extensions:deprecated()", *_FIELD_DECORATORS),
        *("typing:disjoint_base", "typing_extensions:disjoint_base", "typing:type_check_only"),
    }
)
_MARKER_BASES = frozenset(
    {"typing:Generic", "typing:Protocol", "typing_extensions:Protocol", "builtins:object"}
)
_MADE_BY_BASES = frozenset({"enum", "typing", "typing_extensions", "ctypes"})
_OF_EVERY_CLASS = frozenset(dir(type)) | {"__annotations__", "__slots__", "__orig_bases__", "__parameters__"}
_OF_EVERY_OBJECT = frozenset(dir(object)) | {
    "__dict__",
    "__module__",
    "__weakref__",
    "__annotations__",
    "__slots__",
}
_KINDS = {str(kind): kind for kind in Kind}
_MAX_BASES = 60


def attribute(environment: Environment, found: Present, name: str) -> Resolved:
    """A member of what a name stands for: of a module, a class, an instance, or of what a value is an alias of."""
    if not found.name:
        return environment.member(found.module, name)
    if found.kind is Kind.CLASS:
        if name == "super()":
            return replace(found, above=True) if found.instance else Unknown("super() of a class")
        return environment.class_members((found, name))
    other = original(environment, found)
    if other is not found:
        return attribute(environment, other, name)
    return Unknown("a member of what is neither module nor class")


def called(environment: Environment, found: Present) -> Resolved:
    """What calling a name gives: an instance, where it is a class."""
    found = original(environment, found)
    if found.kind is Kind.CLASS and not found.instance:
        return replace(found, instance=True)
    return Unknown("what a call gives")


def original(environment: Environment, found: Present) -> Present:
    """What a value is an alias of in the end; itself where it is none, or where aliases go round in circles."""
    seen: set[tuple[str, str]] = set()
    last = found
    while last.kind is Kind.VALUE and not last.plain:
        key = (last.module, last.name)
        further = environment.aliases(key)
        if key in seen:
            return found
        if not isinstance(further, Present):
            break
        seen.add(key)
        last = further
    return last


def aliased(environment: Environment, module: str, name: str) -> Resolved:
    """What `x = y.z` or `x = Y()` stands for, where that is the only way x comes to be."""
    facts = environment.facts(module)
    bound = facts.bindings.get(name, ()) if facts else ()
    ways = [w for w in bound if environment.circumstances.of(module, w.guard).may_run]
    if len(ways) != 1 or not ways[0].target or ways[0].target == f":{name}":
        return Unknown("no alias")
    reached = environment.resolve(ways[0].target, module)
    if isinstance(reached, Present) and (reached.module, reached.name) == (module, name):
        return Unknown("an alias of itself")
    return reached


def class_member(environment: Environment, found: Present, name: str) -> Resolved:
    """A member by the order of inheritance; the first part of the way that cannot be seen makes it unknown."""
    builtin = _OF_EVERY_OBJECT if found.instance else _OF_EVERY_OBJECT | _OF_EVERY_CLASS
    unseen: Unknown | None = None
    foreign = found
    for place in lineage(environment, found):
        if isinstance(place, Unknown):
            unseen = place
            continue
        if foreign.owner is found.owner:
            foreign = place  # who inherits from another distribution misses what that one had
        facts = class_facts(environment, place)
        if facts is not None and name in facts.members:
            return _member_of(environment, place, name, facts, instance=found.instance)
    if not found.instance and (by_metaclass := _of_metaclass(environment, found, name)) is not None:
        return by_metaclass
    if unseen is not None:
        return unseen
    if name in builtin:
        return Present(found.module, f"{found.name}.{name}", Kind.VALUE, owner=found.owner)
    return Absent(f"{foreign.module}.{foreign.name}.{name}", "AttributeError", foreign.owner)


def _of_metaclass(environment: Environment, found: Present, name: str) -> Present | None:
    """A member that the class has by its metaclass, where that can be read."""
    facts = class_facts(environment, found)
    if facts is None or facts.metaclass in _PLAIN_METACLASSES:
        return None
    metaclass = _base(environment, facts.metaclass, found.module)
    own = class_facts(environment, metaclass) if isinstance(metaclass, Present) else None
    if isinstance(metaclass, Present) and own is not None and name in own.members:
        return Present(metaclass.module, f"{metaclass.name}.{name}", Kind.VALUE, owner=metaclass.owner)
    return None


def _member_of(
    environment: Environment, place: Present, name: str, facts: Class, *, instance: bool
) -> Present:
    qualified = f"{place.name}.{name}"
    kind = _KINDS.get(facts.members[name], Kind.VALUE)
    module = environment.facts(place.module)
    function = module.functions.get(qualified) if module else None
    deprecated = function.deprecated if function is not None and kind is Kind.FUNCTION else ""
    return Present(place.module, qualified, kind, deprecated, place.owner, bound=instance)


def lineage(environment: Environment, found: Present) -> Iterator[Present | Unknown]:
    """A class and what it inherits from, in an order near enough to Python's; `Unknown` for what is not seen.

    With `above`, without the class itself: what `super()` looks at.
    """
    waiting, seen = deque([found]), {(found.module, found.name)}
    while waiting:
        place = waiting.popleft()
        if len(seen) > _MAX_BASES:
            yield Unknown(f"{found.module}.{found.name} has more bases than are followed")
            return
        facts = class_facts(environment, place)
        if facts is None:
            yield Unknown(f"{place.module}.{place.name} is defined in several ways, or not to be seen")
            continue
        if reason := _makes_members(facts):
            yield Unknown(f"{place.module}.{place.name} {reason}")
        if not place.above:
            yield place
        for base in facts.bases:
            if base in _MARKER_BASES:
                continue
            reached = _base(environment, base, place.module)
            if isinstance(reached, Unknown):
                yield reached
            elif (reached.module, reached.name) not in seen:
                seen.add((reached.module, reached.name))
                waiting.append(reached)


def _base(environment: Environment, base: str, module: str) -> Present | Unknown:
    if base.partition(":")[0] in _MADE_BY_BASES or base == "?":
        return Unknown(f"{base} makes members")
    reached = environment.resolve(base, module)
    if isinstance(reached, Present):
        reached = original(environment, reached)
    if isinstance(reached, Present) and reached.kind is Kind.CLASS and not reached.instance:
        return reached
    return Unknown(f"the base {base} is not seen")


def class_facts(environment: Environment, place: Present) -> Class | None:
    """What is said of a class, if its name is bound in one way only."""
    facts = environment.facts(place.module)
    if facts is None:
        return None
    outermost = place.name.partition(".")[0]
    ways = [
        w
        for w in facts.bindings.get(outermost, ())
        if environment.circumstances.of(place.module, w.guard).may_run
    ]
    return facts.classes.get(place.name) if len(ways) == 1 else None


def _makes_members(facts: Class) -> str:
    if facts.open:
        return "makes members at run time"
    if facts.metaclass not in _PLAIN_METACLASSES:
        return "has a metaclass"
    if any(d not in _KEEPING_DECORATORS for d in facts.decorators):
        return "is decorated"
    return ""
