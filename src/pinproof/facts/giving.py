"""What functions return and attributes of objects hold, where the text shows it.

Everything is only noted on the walk and settled at its end, for only then is it known what each name stands for.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.facts.annotations import MAX_WAYS, RECEIVER, annotated
from pinproof.facts.scopes import behind, join
from pinproof.facts.syntax import last_name, unwound
from pinproof.model.module import UNSURE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pinproof.facts.annotations import Way
    from pinproof.facts.offers import FunctionNode
    from pinproof.facts.scopes import Scope
    from pinproof.facts.unpacking import Unpacking

_MAX_STEPS = 8
_KEEPING = frozenset(
    {
        *("builtins:property", "builtins:classmethod", "builtins:staticmethod", "functools:cached_property"),
        *("functools:lru_cache", "functools:lru_cache()", "functools:cache", "abc:abstractmethod"),
        *("abc:abstractproperty", "typing:final", "typing_extensions:final", "typing:override"),
        *("typing_extensions:override", "typing:no_type_check", "typing:type_check_only"),
        *(
            "warnings:deprecated()",
            "typing_extensions:deprecated()",
            "typing:overload",
            "typing_extensions:overload",
        ),
    }
)
"""Decorators behind which a function gives what it returns (a property without a call)."""


def _values(node: ast.expr | None) -> list[ast.expr] | None:
    """The expressions, one of which an expression comes to; none of them is None. None where that is not seen."""
    if node is None:
        return None
    if type(node) is ast.Constant:
        return [] if node.value is None else None
    if type(node) is ast.IfExp:
        first, second = _values(node.body), _values(node.orelse)
        return None if first is None or second is None else [*first, *second]
    return [node]


def _annotated_receiver(node: FunctionNode) -> str:
    """The type variable that stands for the class of a method's object: `T` of `self: T` and of `cls: type[T]`."""
    first = [*node.args.posonlyargs, *node.args.args][:1]
    annotation = first[0].annotation if first else None
    if isinstance(annotation, ast.Subscript) and last_name(annotation.value) in ("type", "Type"):
        annotation = annotation.slice
    return annotation.id if isinstance(annotation, ast.Name) else ""


def _unsure(found: Iterable[str]) -> str:
    """The one object among several things that something may be of which it is seen what it is."""
    made = [target for target in found if target.endswith("()")]
    return f"{UNSURE}{made[0].removeprefix(UNSURE)}" if len(made) == 1 else ""


class Held:
    """What is put into one attribute, where it is put. `annotation` decides where there is one."""

    __slots__ = ("annotation", "receiver", "scope", "value")

    def __init__(
        self, value: ast.expr | None, annotation: ast.expr | None, scope: Scope, receiver: str
    ) -> None:
        self.value = value
        self.annotation = annotation
        self.scope = scope
        self.receiver = receiver


class Body:
    """A function whose body is being read: what it returns, in the scope that it opens.

    `receiver` is the name by which a method knows its object or (`of_class`) its class. `is_plain` if calling it
    runs the body and gives what that returns. `unpacking` reads those of its calls that unpack a dict.
    """

    __slots__ = ("annotation", "is_plain", "node", "of_class", "receiver", "returned", "scope", "unpacking")

    def __init__(self, node: FunctionNode, scope: Scope, receiver: str, *, of_class: bool) -> None:
        self.node = node
        self.annotation = node.returns
        self.scope = scope
        self.receiver = receiver
        self.of_class = of_class
        self.is_plain = True
        self.returned: list[ast.expr | None] = []
        self.unpacking: Unpacking | None = None


class Giving:
    """What the functions and classes of one module give. `origin` settles a name of the module."""

    def __init__(self, origin: Callable[[str], str]) -> None:
        self._origin = origin
        self._bodies: dict[str, list[Body]] = {}
        self._behind: dict[str, dict[str, None]] = {}
        self._held: dict[str, Mapping[str, Sequence[Held]]] = {}
        # Kept here, for scopes that held the functions in them would be cycles, which hold the tree until collected.
        self._inner: dict[Scope, dict[str, Body]] = {}

    def function(self, qualified: str, body: Body, decorators: Sequence[str]) -> None:
        """A function that can be reached by its name has been read; its decorators are targets."""
        behind = [decorator for decorator in decorators if decorator not in _KEEPING]
        if behind:
            self._behind.setdefault(qualified, {}).update(dict.fromkeys(behind))
        self._bodies.setdefault(qualified, []).append(body)

    def inner_function(self, name: str, around: Scope, body: Body) -> None:
        """A function that is defined in another has been read."""
        inner = self._inner.setdefault(around, {})
        body.is_plain = body.is_plain and name not in inner
        inner[name] = body

    def holds(self, cls: str, held: Mapping[str, Sequence[Held]]) -> None:
        """What is put into the attributes of a class and of its objects."""
        if held:
            self._held[cls] = {} if cls in self._held else held

    def put_into(self, cls: str, attribute: str) -> Sequence[Held]:
        """What is put into an attribute of a class and of its objects, where the class is read."""
        return self._held.get(cls, {}).get(attribute, ())

    def returns(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """What each function returns, as far as that is seen, and behind which decorators it does so."""
        found = {}
        for qualified, bodies in self._bodies.items():
            targets: dict[str, None] = {}
            for body in bodies:
                returned = self._returned(body)
                if returned is None:
                    break
                targets.update(dict.fromkeys(returned))
            else:
                if 0 < len(targets) <= MAX_WAYS:
                    found[qualified] = tuple(targets), tuple(self._behind.get(qualified, ()))
        return found

    def _returned(self, body: Body) -> tuple[str, ...] | None:
        ways = annotated(body.annotation)
        if ways is not None:
            if any(root != RECEIVER and not chain.endswith(")") for root, chain in ways):
                return None  # `type[C]`: a class that is made, like that of `namedtuple`
            itself = _annotated_receiver(body.node)
            ways = tuple([(RECEIVER, "") if way == (itself, "()") else way for way in ways])
            if body.of_class:
                ways = tuple([(root, f"{chain}()" if root == RECEIVER else chain) for root, chain in ways])
            return self._settled(ways, body.scope.around, "")
        return self._given(body, "", body.receiver, 0) if body.is_plain else None

    def _given(self, body: Body, chain: str, receiver: str, steps: int) -> tuple[str, ...] | None:
        """What a body returns, with a chain behind it."""
        ways: list[Way] = []
        all_seen = True
        for value in body.returned:
            parts = _values(value)
            all_seen &= parts is not None
            for part in parts or ():
                root, inner = unwound(part)
                ways.append((root, behind(inner, chain)))
        found, all_settled = self._seen(ways, body.scope, receiver, steps)
        if all_seen and all_settled:
            return tuple(found) if len(found) <= MAX_WAYS else None
        unsure = _unsure(found)
        return (unsure,) if unsure else None

    def held(self, elsewhere: frozenset[str]) -> dict[str, dict[str, str]]:
        """What the attributes of each class hold, but for those that are written from `elsewhere`, too."""
        found: dict[str, dict[str, str]] = {}
        for cls, attributes in self._held.items():
            for attribute, ways in attributes.items():
                target = self._one_held(ways) if attribute not in elsewhere else ""
                if target:
                    found.setdefault(cls, {})[attribute] = target.replace(RECEIVER, f":{cls}()", 1)
        return found

    def _one_held(self, several: Sequence[Held]) -> str:
        found: dict[str, None] = {}
        all_seen = True
        for held in several:
            receiver = held.receiver
            ways = annotated(held.annotation)
            if ways is not None:
                receiver = ""
            elif (parts := _values(held.value)) is not None:
                ways = tuple([unwound(part) for part in parts])
            targets = self._settled(ways, held.scope, receiver) if ways is not None else None
            all_seen &= targets is not None
            found.update(dict.fromkeys(targets or ()))
        return next(iter(found), "") if all_seen and len(found) == 1 else _unsure(found)

    def _seen(
        self, ways: Iterable[Way], scope: Scope | None, receiver: str, steps: int
    ) -> tuple[dict[str, None], bool]:
        """The targets that are seen of these ways, and whether those are all."""
        found: dict[str, None] = {}
        all_seen = True
        for way in ways:
            targets = self._targets(way, scope, receiver, steps)
            all_seen &= bool(targets)
            found.update(dict.fromkeys(targets or ()))
        return found, all_seen

    def _settled(
        self, ways: Iterable[Way], scope: Scope | None, receiver: str, steps: int = 0
    ) -> tuple[str, ...] | None:
        """The targets of these ways, seen from a scope; None if one of them is not seen."""
        found, all_seen = self._seen(ways, scope, receiver, steps)
        return tuple(found) if all_seen and len(found) <= MAX_WAYS else None

    def _targets(self, way: Way, scope: Scope | None, receiver: str, steps: int) -> tuple[str, ...] | None:
        name, chain = way
        while name and scope is not None and scope.around is not None and steps <= _MAX_STEPS:
            steps += 1
            if name == receiver:
                return (join(RECEIVER, chain),)
            if name not in scope.binds:
                scope = scope.around
                continue
            to = scope.to(name)
            if isinstance(to, str):
                return (join(to, chain),)
            if to is None:
                body = self._inner.get(scope, {}).get(name) if chain.startswith("()") else None
                if body is None or not body.is_plain:
                    return None
                return self._given(body, chain[2:].lstrip("."), receiver, steps)
            if to.name == name:
                return None
            name, chain = to.name, behind(to.chain, chain)
        if not name or steps > _MAX_STEPS:
            return None
        return (join(RECEIVER if name == RECEIVER else self._origin(name), chain),)
