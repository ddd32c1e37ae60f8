"""What stands behind the names of modules: members of classes and of their instances, through all bases.

A member is absent only if the class and every class it inherits from can be read and none of them has it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from pinproof.judgement.answers import PYTHON, Absent, Present, Unknown, hedged, lacking, one_of
from pinproof.model.module import UNSURE, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from pinproof.judgement.answers import Resolved
    from pinproof.judgement.environment import Environment
    from pinproof.model.module import Binding, Class, ModuleFacts

    FactsOf = Callable[[str], ModuleFacts | None]
    """Gives what is said of a module, or of its outline."""

_PLAIN_METACLASSES = frozenset({"", "abc:ABCMeta", "builtins:type", "enum:EnumMeta", "enum:EnumType"})
_PYTHONS_OWN = frozenset({"typing", "typing_extensions", "abc", "builtins", "enum"})
_FIELD_DECORATORS = (
    "dataclass",
    "dataclasses:dataclass",
    "dataclasses:dataclass()",
    *(f"attr:{name}{call}" for name in ("s", "attrs", "attributes", "dataclass") for call in ("", "()")),
    *(
        f"{module}:{name}{call}"
        for module in ("attr", "attrs")
        for name in ("define", "mutable", "frozen")
        for call in ("", "()")
    ),
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
_MADE_BY_BASES = frozenset({"ctypes"})
_OF_EVERY_CLASS = frozenset(dir(type)) | {"__annotations__", "__slots__", "__orig_bases__", "__parameters__"}
_OF_EVERY_OBJECT = frozenset(dir(object)) | {
    "__dict__",
    "__module__",
    "__weakref__",
    "__annotations__",
    "__slots__",
}
_PROPERTIES = frozenset({"builtins:property", "functools:cached_property", "abc:abstractproperty"})
_KINDS = {str(kind): kind for kind in Kind}
_ANYTHING = frozenset({"typing:Any", "typing_extensions:Any", "builtins:object"})
_MAX_BASES = 60


def attribute(environment: Environment, found: Present, name: str) -> Resolved:
    """A member of what a name stands for: of a module, a class, an instance, or of what a value is an alias of."""
    if found.unsure:
        return hedged(attribute(environment, replace(found, unsure=False), name))
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


def original(environment: Environment, found: Present) -> Present:
    """What a value is an alias of in the end; itself where it is none, or where aliases go round in circles."""
    seen: set[tuple[str, str]] = set()
    last = found
    while not last.plain:
        key = (last.module, last.name)
        if last.kind is Kind.VALUE:
            further = environment.aliases(key)
        elif is_property(environment, last):
            further = one_of(environment.returned(last))
        else:
            break
        if key in seen:
            return found
        if not isinstance(further, Present):
            break
        seen.add(key)
        last = further
    return last


def aliased(environment: Environment, module: str, name: str) -> Resolved:
    """What `x = y.z` or `x = Y()` stands for, where that is the only way x comes to be."""
    if "." in name:
        return _held(environment, module, name)
    way = only_way(environment, module, name)
    if way is None or not way.target or way.target == f":{name}" or way.partial is not None:
        return Unknown("no alias")
    reached = environment.resolve(way.target, module)
    if isinstance(reached, Present) and (reached.module, reached.name) == (module, name):
        return Unknown("an alias of itself")
    return reached


def only_way(environment: Environment, module: str, name: str) -> Binding | None:
    """The way in which a name of a module is bound, where there is but one."""
    facts = environment.facts(module)
    bound = facts.bindings.get(name, ()) if facts else ()
    if len(bound) == 1 and bound[0].guard == -1:
        return bound[0]
    ways = [w for w in bound if environment.circumstances.of(module, w.guard).may_run]
    return ways[0] if len(ways) == 1 else None


def _held(environment: Environment, module: str, name: str) -> Resolved:
    """What an attribute of a class or of its objects holds; a descriptor gives who knows what."""
    facts = environment.facts(module)
    cls, _, attribute_name = name.rpartition(".")
    if facts is not None and attribute_name in facts.unread:
        facts = environment.whole.facts(module)
    made = facts.classes.get(cls) if facts else None
    target = made.holds.get(attribute_name, "") if made else ""
    if made is None or not target:
        return Unknown("what the attribute holds")
    reached = environment.resolve(target.removeprefix(UNSURE), module)
    if not isinstance(reached, Present):
        return Unknown("what the attribute holds")
    if target[:1] == UNSURE:
        if reached.owner is environment.owner(module):
            return Unknown("what the attribute holds")
        reached = replace(reached, unsure=True)
    if made.members[attribute_name] != "instance" and reached.instance:
        descriptor = environment.class_members((reached, "__get__"))
        if not isinstance(descriptor, Absent):
            return Unknown("a descriptor")
        if is_enum(environment, Present(module, cls, Kind.CLASS, owner=environment.owner(module))):
            return Unknown("a member of an enum is no longer what it was given")
    return reached


def is_enum(environment: Environment, cls: Present) -> bool:
    """Whether a class is one of `enum` or inherits from it: its metaclass makes objects of the class of its members."""
    return any(isinstance(place, Present) and place.module == "enum" for place in lineage(environment, cls))


def class_member(environment: Environment, found: Present, name: str) -> Resolved:
    """A member by the order of inheritance; the first part of the way that cannot be seen makes it unknown."""
    builtin = _OF_EVERY_OBJECT if found.instance else _OF_EVERY_OBJECT | _OF_EVERY_CLASS
    member = _inherited(environment, found, name, builtin, environment.facts)
    if isinstance(member, Present) or not _may_be_made(environment, found, name):
        return member
    return _inherited(environment, found, name, builtin, environment.whole.facts)


def _may_be_made(environment: Environment, found: Present, name: str) -> bool:
    """Whether functions that were left out may make such a member of a class or of what it inherits from."""
    modules = {place.module for place in lineage(environment, found) if isinstance(place, Present)}
    outlines = (environment.facts(module) for module in modules)
    return any(name in outline.unread for outline in outlines if outline is not None)


def _inherited(
    environment: Environment, found: Present, name: str, builtin: Container[str], facts_of: FactsOf
) -> Resolved:
    unseen: list[Unknown] = []
    own = foreign = found
    for place in lineage(environment, found, facts_of=facts_of):
        if isinstance(place, Unknown):
            unseen.append(place)
            continue
        if foreign.owner is found.owner:
            own, foreign = (place if place.owner is found.owner else own), place
        facts, module = class_facts(environment, place, facts_of), facts_of(place.module)
        if facts is not None and name in facts.members:
            return _member_of(environment, place, name, facts, found)
        if module is not None and name in module.stored:
            unseen.append(Unknown(f"{place.module} writes {name} to objects"))
    if not found.instance and (by_metaclass := _of_metaclass(environment, found, name)) is not None:
        return by_metaclass
    if name in builtin:
        present = Present(found.module, f"{found.name}.{name}", Kind.VALUE, owner=found.owner)
        return unseen[-1] if unseen else present
    if foreign.owner is found.owner and found.instance and _is_abstract(environment, found, facts_of):
        unseen.append(Unknown(f"objects of {found.module}.{found.name} are of other classes", makes=True))
    inherited = _lacks(foreign, name) if foreign.owner is not found.owner else None
    absent = replace(_lacks(own, name), inherited=inherited)
    return lacking(absent, found, unseen)


def _is_abstract(environment: Environment, found: Present, facts_of: FactsOf) -> bool:
    facts = class_facts(environment, found, facts_of)
    return facts is not None and facts.abstract


def _lacks(place: Present, name: str) -> Absent:
    return Absent(f"{place.module}.{place.name}.{name}", "AttributeError", place.owner)


def _of_metaclass(environment: Environment, found: Present, name: str) -> Present | None:
    """A member that the class has by its metaclass, where that can be read."""
    for place in lineage(environment, found):
        facts = class_facts(environment, place) if isinstance(place, Present) else None
        if isinstance(place, Unknown) or facts is None or not facts.metaclass:
            continue
        metaclass = _base(environment, facts.metaclass, place.module)
        own = class_facts(environment, metaclass) if isinstance(metaclass, Present) else None
        if isinstance(metaclass, Present) and own is not None and name in own.members:
            return Present(metaclass.module, f"{metaclass.name}.{name}", Kind.VALUE, owner=metaclass.owner)
    return None


def _member_of(environment: Environment, place: Present, name: str, facts: Class, found: Present) -> Present:
    qualified = f"{place.name}.{name}"
    kind = _KINDS.get(facts.members[name], Kind.VALUE)
    module = environment.facts(place.module)
    function = module.functions.get(qualified) if module else None
    if function is None or kind is not Kind.FUNCTION:
        return Present(place.module, qualified, kind, owner=place.owner)
    return Present(place.module, qualified, kind, function.deprecated, place.owner, receiver=found)


def is_property(environment: Environment, found: Present) -> bool:
    """Whether a method that was reached through an object gives what it returns without a call."""
    if found.receiver is None or not found.receiver.instance:
        return False
    facts = environment.facts(found.module)
    function = facts.functions.get(found.name) if facts else None
    return function is not None and any(d in _PROPERTIES for d in function.decorators)


def lineage(
    environment: Environment,
    found: Present,
    *,
    for_methods: bool = False,
    facts_of: FactsOf | None = None,
) -> Iterator[Present | Unknown]:
    """A class and what it inherits from, in an order near enough to Python's; `Unknown` for what is not seen.

    With `above`, without the class itself: what `super()` looks at. `for_methods`: a class whose objects get members
    at run time is seen, for its methods are those that it defines.
    """
    waiting, seen = deque([found]), {(found.module, found.name)}
    while waiting:
        place = waiting.popleft()
        if len(seen) > _MAX_BASES:
            yield Unknown(f"{found.module}.{found.name} has more bases than are followed")
            return
        facts = class_facts(environment, place, facts_of)
        if f"{place.module}:{place.name}" in _ANYTHING:
            yield Unknown(f"{place.module}.{place.name} is anything")
        if facts is None:
            yield Unknown(f"{place.module}.{place.name} is defined in several ways, or not to be seen")
            continue
        if reason := _makes_members(facts, place.module, is_open=facts.unseen if for_methods else facts.open):
            yield Unknown(f"{place.module}.{place.name} {reason}", makes=True)
        if not place.above:
            yield place
        for base in facts.bases:
            base = _written(base, place.module)
            if base.removesuffix("[]") in _MARKER_BASES:
                continue
            reached = _base(environment, base, place.module)
            if isinstance(reached, Unknown):
                yield reached
            elif (reached.module, reached.name) not in seen:
                seen.add((reached.module, reached.name))
                waiting.append(reached)


def _base(environment: Environment, base: str, module: str) -> Present | Unknown:
    if base.partition(":")[0] in _MADE_BY_BASES or base == "?" or "(" in base:
        return Unknown(f"{base} makes members")
    reached = environment.resolve(base.removesuffix("[]"), module)
    if isinstance(reached, Present):
        reached = original(environment, reached)
    if not isinstance(reached, Present) or reached.kind is not Kind.CLASS or reached.instance:
        return Unknown(f"the base {base} is not seen")
    if base.endswith("[]") and not _is_itself_subscripted(environment, reached):
        return Unknown(f"{base} may be another class")
    return reached


def _is_itself_subscripted(environment: Environment, found: Present) -> bool:
    """Whether `Base[T]` has the members of `Base`: nothing but `Generic` and the standard library subscripts it."""
    for place in lineage(environment, found):
        if isinstance(place, Unknown) and place.makes:
            continue  # what objects are given at run time is no matter
        facts = class_facts(environment, place) if isinstance(place, Present) else None
        if facts is None or isinstance(place, Unknown) or _makes_members(facts, place.module, is_open=False):
            return False
        of_python = place.owner is not None and place.owner.name == PYTHON
        if "__class_getitem__" in facts.members and not of_python:
            return False
    return True


def _written(target: str, module: str) -> str:
    """A target as other modules write it, where it is one of those of the standard library that mean something."""
    return f"{module}{target}" if target[:1] == ":" and module in _PYTHONS_OWN else target


def class_facts(environment: Environment, place: Present, facts_of: FactsOf | None = None) -> Class | None:
    """What is said of a class, if its name is bound in one way only."""
    facts = (facts_of or environment.facts)(place.module)
    if facts is None or only_way(environment, place.module, place.name.partition(".")[0]) is None:
        return None
    return facts.classes.get(place.name)


def is_made_from_fields(facts: Class) -> bool:
    """Whether decorators make the constructor of a class from its fields."""
    return any(decorator in _FIELD_DECORATORS for decorator in facts.decorators)


def _makes_members(facts: Class, module: str, *, is_open: bool) -> str:
    if is_open:
        return "makes members at run time"
    if _written(facts.metaclass, module) not in _PLAIN_METACLASSES:
        return "has a metaclass"
    if any(_written(d, module) not in _KEEPING_DECORATORS for d in facts.decorators):
        return "is decorated"
    return ""
