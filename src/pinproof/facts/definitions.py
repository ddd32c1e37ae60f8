"""Functions and classes: what their definition runs at once, and what their bodies would."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pinproof.facts.giving import Body
from pinproof.facts.offers import is_overload, is_setter
from pinproof.facts.scopes import ClassBody
from pinproof.facts.statements import Statements
from pinproof.facts.syntax import arguments_of, defaults_of, imported_within
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pinproof.facts.offers import FunctionNode

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_FUNCTION, _CLASS = m.Kind.FUNCTION, m.Kind.CLASS
_BASE, _CALL = How.BASE, How.CALL
PLAIN_BASES = frozenset(
    {
        "builtins:object",
        "abc:ABC",
        "typing:Generic",
        "typing:Protocol",
        "typing:NamedTuple",
        "typing:TypedDict",
    }
)


class Definitions(Statements):
    """A walk that reads functions and classes, too: a whole module."""

    def function_(self, node: FunctionNode) -> None:
        if node.decorator_list:
            self._decorators(node.decorator_list)
        for default in defaults_of(node.args):
            self.expression(default)
        if not self.lazy_annotations:
            for argument in arguments_of(node.args):
                if argument.annotation is not None:
                    self.annotation(argument.annotation)
            self.annotation(node.returns)
        if self.function:
            qualified = f"{self.function}.<locals>.{node.name}"
            self.bind(node.name, _FUNCTION, node.lineno)
        else:
            qualified = self._qualified(node.name)
            if not self._follows_overload(qualified):
                self.bind(node.name, _FUNCTION, node.lineno)
            self.offers.function(qualified, node)
        if isinstance(node, ast.FunctionDef):
            self.plain_bodies.add(qualified)
            if node.name == "__getattr__" and self.at_module_level:
                self.offers.module_getattr(node)
        if not _is_bare(node):
            self._body(node, qualified)

    def _follows_overload(self, qualified: str) -> bool:
        """Whether an overload of the same function stands under the same circumstances, so that its name is bound."""
        before = self.offers.functions.get(qualified)
        if before is None or not is_overload(before.decorators):
            return False
        ways = self.names.ways.get(qualified)
        return ways is not None and ways[-1].guard == self.guard

    def _qualified(self, name: str) -> str:
        return f"{self.classes[-1].name}.{name}" if self.classes else name

    def _decorators(self, decorators: Iterable[ast.expr]) -> None:
        """Decorating calls what the expression gives: a plain name is called at once."""
        for decorator in decorators:
            self.expression(decorator)
            if isinstance(decorator, ast.Name):
                called = ast.Call(decorator, [decorator], [])
                self.load(decorator.id, "", _CALL, decorator.lineno, called)

    def _body(self, node: FunctionNode, qualified: str) -> None:
        before = self.function, self.receiver, self.guard, self.counted, self.leaves, self.body
        # A handler around the definition does not catch what a call raises.
        self.guard = self.guards.outside_tries(self.guard)
        receiver = ""
        decorators = _plain_names(node.decorator_list)
        if self.names.scope.body is not None:
            positional = node.args.posonlyargs or node.args.args
            receiver = positional[0].arg if positional and "staticmethod" not in decorators else ""
            self.receiver = receiver
        if not self.function:
            self.count(imported_within(node.body))
        self.function = qualified
        scope = self.open()
        scope.bind_parameters(node.args)
        of_class = "classmethod" in decorators
        if receiver and not before[0]:
            cls = f":{self.classes[-1].name}"
            scope.binds[receiver] = cls if of_class else f"{cls}()"
        self.body = Body(node, scope, receiver, of_class=of_class)
        self.block(node.body)
        body = self.body
        self.close()
        self._gives(node, qualified, body)
        self.function, self.receiver, self.guard, self.counted, self.leaves, self.body = before

    def _gives(self, node: FunctionNode, qualified: str, body: Body) -> None:
        """What a function gives that is called by its name, here or within the function around it."""
        if not isinstance(node, ast.FunctionDef) or not (body.returned or body.annotation is not None):
            return  # what an async function gives has to be awaited
        if qualified in self.offers.functions:
            decorators = [self.names.refer(d) or "?" for d in node.decorator_list]
            if not is_setter(node):
                self.giving.function(qualified, body, decorators)
        elif (around := self.names.scope).body is None and not node.decorator_list:
            self.giving.inner_function(node.name, around, body)

    def class_(self, node: ast.ClassDef) -> None:
        self._decorators(node.decorator_list)
        for base in node.bases:
            self._base(base)
        for keyword in node.keywords:
            self.expression(keyword.value)
        self.bind(node.name, _CLASS, node.lineno)
        qualified = self._qualified(node.name)
        reading = ClassBody(qualified)
        self._class_body(node, reading)
        if not self.function:
            bases = [self._plain_base(base) for base in node.bases]
            self.offers.class_(node, bases, reading)
            self.giving.holds(qualified, reading.held)
            self.of_objects[qualified] = reading.taken

    def _base(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.load(node.id, "", _BASE, node.lineno, None)
        elif isinstance(node, ast.Attribute):
            inside: list[Any] = []
            self.chain(node, _BASE, None, inside)
            for part in reversed(inside):
                self.expression(part)
        else:
            self.expression(node)

    def _plain_base(self, base: ast.expr) -> ast.expr:
        """In a stub, `Base[T]` says no more than `Base`; elsewhere it may be another class (pydantic makes one)."""
        return base.value if self.stub and isinstance(base, ast.Subscript) else base

    def _class_body(self, node: ast.ClassDef, reading: ClassBody) -> None:
        scope = self.names.scope
        around, receiver = scope.body, self.receiver
        scope.body, self.receiver = reading, ""
        self.classes.append(reading)
        self.block(node.body)
        self.classes.pop()
        scope.body, self.receiver = around, receiver


def _is_bare(node: FunctionNode) -> bool:
    """Whether a function does nothing and says of nothing what it gives: in an outline most do not."""
    first = node.body[0]
    return (
        len(node.body) == 1
        and node.returns is None
        and type(first) is ast.Expr
        and type(first.value) is ast.Constant
    )


def _plain_names(decorators: Sequence[ast.expr]) -> Sequence[str]:
    return [d.id for d in decorators if isinstance(d, ast.Name)] if decorators else ()


Definitions.by_kind = {
    **Statements.by_kind,
    ast.FunctionDef: Definitions.function_,
    ast.AsyncFunctionDef: Definitions.function_,
    ast.ClassDef: Definitions.class_,
}
