"""Expressions: what they read, call and bind.

They nest deeply and are most of any source, so they go over an explicit stack, and the commonest kinds are told
apart before all others.
"""

from __future__ import annotations

import ast
from ast import Attribute, Call, Constant, Name
from typing import TYPE_CHECKING, Any

from pinproof.facts.place import Place
from pinproof.facts.scopes import Load
from pinproof.facts.syntax import CHILDREN, defaults_of, part_of_call, unwound
from pinproof.facts.unpacking import Unpacking
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_ATTRIBUTE, _CALL, _TAKEN = How.ATTRIBUTE, How.CALL, How.IMPORT
_LEVEL = 5
"""The argument of `__import__` that makes a name relative."""
_MAX_CALLS = 20
_TELLING_ROOTS = frozenset({"super", "globals", "vars", "locals"})
_TELLING_METHODS = frozenset({"extend_path", "declare_namespace", "__setattr__", "partial"})
_TELLING_FUNCTIONS = frozenset({"setattr", "locals", "vars", "exec", "globals", "partial", "extend_path"})


class Expressions(Place):
    """A walk that reads expressions."""

    def expression(self, root: ast.expr) -> None:
        """Everything that an expression reads and binds.

        A bare name that is only read says nothing of its members; it counts among the `counted`.
        """
        if type(root) in self.leaves:
            return
        stack: list[Any] = []
        node: Any = root
        while True:
            kind = type(node)
            if kind is Attribute:
                self.chain(node, _ATTRIBUTE, None, stack)
            elif kind is Call:
                self._call(node, stack)
            elif kind is Name:
                if node.id in self.counted:
                    self.load(node.id, "", _ATTRIBUTE, node.lineno, None)
            elif kind in _SPECIAL:
                _SPECIAL[kind](self, node)
            elif kind in _STACKING:
                _STACKING[kind](self, node, stack)
            elif kind is not Constant:
                stack += CHILDREN[kind](node)
            if not stack:
                return
            node = stack.pop()

    def chain(self, node: ast.Attribute, how: How, call: ast.Call | None, stack: list[Any]) -> None:
        """`a.b.c`, `a.b(…).c`, `(…).c`: the name at its root if there is one; what is inside goes on the stack."""
        chain = node.attr
        inner: Any = node.value
        if type(inner) is not Name:
            calls: list[ast.Call] = []
            kind = type(inner)
            while kind is Attribute or kind is Call:
                if kind is Attribute:
                    chain = f"{inner.attr}{chain}" if chain[0] == "(" else f"{inner.attr}.{chain}"
                    inner = inner.value
                else:
                    chain = f"().{chain}" if chain[0] != "(" else f"(){chain}"
                    calls.append(inner)
                    inner = inner.func
                kind = type(inner)
            if kind is not Name:
                for called in calls:
                    self._stack_arguments(called.args, called.keywords, stack)
                stack.append(inner)
                self.untraced.append(Load("", chain, how, node.lineno, self.guard, self.function, call))
                return
            if calls:
                self._stack_calls(calls, stack)
            if inner.id == "__import__":
                self._import_named(calls[-1])
        root = inner.id
        if root == self.receiver:
            self.load_member(chain, how, node.lineno, call)
        elif root in _TELLING_ROOTS and self._speaks_of_class(root, chain):
            self.load_member(f"super{chain}", how, node.lineno, call)
        else:
            self.load(root, chain, how, node.lineno, call)

    def _speaks_of_class(self, root: str, chain: str) -> bool:
        """Whether `super().…` is that of the class around; `globals().update` and the like make names unseen."""
        if root == "super":
            return bool(self.classes) and chain.startswith("().")
        if chain.startswith(("().update", "().setdefault")):
            if root == "globals":
                self.offers.note("globals")
            elif self.classes:
                self.classes[-1].open = True
        return False

    # --- calls ---------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, stack: list[Any]) -> None:
        function: Any = node.func
        keywords = node.keywords
        call = self._unpacked(node) if keywords and keywords[-1].arg is None else node
        kind = type(function)
        if kind is Name and function.id == "__import__":
            self._import(node, call, stack)
            return
        self._stack_arguments(node.args, keywords, stack)
        if kind is Attribute:
            self.chain(function, _CALL, call, stack)
            if function.attr in _TELLING_METHODS:
                self._method_tells(function.attr, node)
        elif kind is Name:
            name = function.id
            self.load(name, "", _CALL, node.lineno, call)
            if name in _TELLING_FUNCTIONS:
                self._function_tells(name, node)
        else:
            stack.append(function)

    def _stack_arguments(
        self, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword], stack: list[Any]
    ) -> None:
        leaves = self.leaves
        for argument in arguments:
            if type(argument) not in leaves:
                stack.append(argument)  # noqa: PERF401 - a comprehension is one more call before Python 3.12
        for keyword in keywords:
            value = keyword.value
            if type(value) not in leaves:
                stack.append(value)

    def _stack_calls(self, calls: Sequence[ast.Call], stack: list[Any]) -> None:
        """The calls within a chain, of which the first that says something is read like any other, with those in it."""
        for call in calls:
            if (call.keywords or len(call.args) > 1) and len(calls) <= _MAX_CALLS:
                stack.append(call)
                return
            self._stack_arguments(call.args, call.keywords, stack)

    def _import(self, node: ast.Call, call: ast.Call, stack: list[Any]) -> None:
        """`__import__("a")`, which only reads the namespaces that it is given."""
        stack += node.args[:1]
        self._import_named(node)
        self.load("__import__", "", _CALL, node.lineno, call)
        imported = Load("", "", _CALL, node.lineno, self.guard, self.function, None)
        self.taken.append(("builtins:__import__", imported))

    def _import_named(self, node: ast.Call) -> None:
        """`__import__("a")` imports like a statement, where it says what."""
        named = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if (
            isinstance(named, str)
            and len(node.args) < _LEVEL
            and not any(k.arg == "level" for k in node.keywords)
        ):
            self.use(f"{named}:", node.lineno)

    def use(self, target: str, line: int) -> None:
        """Note what an import takes."""
        self.taken.append((target, Load("", "", _TAKEN, line, self.guard, self.function, None)))

    def _function_tells(self, name: str, node: ast.Call) -> None:
        """`partial(…)`, `extend_path(…)`, and what makes names."""
        if name == "partial":
            self._partial(node)
        elif name == "extend_path":
            self.offers.note("namespace")
        else:
            self._opens(name, node)

    def _method_tells(self, method: str, node: ast.Call) -> None:
        """`extend_path(…)`; `object.__setattr__(self, "name", …)` and `super().__setattr__("name", …)` make members."""
        if method == "partial":
            self._partial(node)
            return
        if method != "__setattr__":
            self.offers.note("namespace")
            return
        names = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        for name in names[:1]:
            self.patched.append(("", name))
        if not names and self.classes:
            self.classes[-1].open = True

    def _unpacked(self, node: ast.Call) -> ast.Call:
        """A call with what is seen of the keywords that it unpacks."""
        body = self.body
        if body is None:
            return Unpacking(None).read(node)
        if body.unpacking is None:
            body.unpacking = Unpacking(body.node)
        return body.unpacking.read(node)

    def _partial(self, node: ast.Call) -> None:
        """`functools.partial(f, …)`: a call of `f` that comes later, with more."""
        if not node.args or self.names.refer(node.func) != "functools:partial":
            return
        called, later = node.args[0], ast.Name("later", ast.Load())
        part = part_of_call(node)
        call = ast.Call(called, [*part.args, ast.Starred(later)], [*part.keywords, ast.keyword(None, later)])
        before = self.function
        self.function = f"{before}.<partial>"
        if isinstance(called, ast.Name):
            self.load(called.id, "", _CALL, node.lineno, call)
        elif isinstance(called, ast.Attribute):
            self.chain(called, _CALL, call, [])
        self.function = before

    def _opens(self, name: str, node: ast.Call) -> None:
        """Calls by which names come to be unseen.

        `setattr(self, …)`, and in a class body `locals()`, `vars()` and `exec()`, make members; `globals()` that
        is handed on makes names of the module.
        """
        first = node.args[0] if node.args else None
        if name == "globals":
            self.offers.note("globals")
            return
        match node.args:
            case [subject, ast.Constant(value=str(attribute)), _] if name == "setattr":
                root, chain = unwound(subject)
                self.patched.append((root, f"{chain}.{attribute}".lstrip(".")))
            case [ast.Name(id=subject), _, _] if name == "setattr" and not self.function:
                self.opened.add(subject)
            case _:
                pass
        in_class_body = self.names.scope.body is not None
        if in_class_body or (isinstance(first, ast.Name) and first.id == self.receiver != ""):
            self.classes[-1].open = True
            self.classes[-1].unseen |= in_class_body
        elif name == "exec" and not self.function:
            self.offers.note("exec")

    # --- what binds names ----------------------------------------------------------------------------

    def bind_target(
        self, node: ast.expr, value: ast.expr | None = None, annotation: ast.expr | None = None
    ) -> None:
        """The left-hand side of an assignment, of a `for` or a `with`."""
        kind = type(node)
        if kind is ast.Name:
            self.bind_value(node.id, node.lineno, value, annotation)  # type: ignore[attr-defined]
        elif kind is ast.Tuple or kind is ast.List:
            for item in node.elts:  # type: ignore[attr-defined]
                self.bind_target(item)
        elif kind is ast.Starred:
            self.bind_target(node.value)  # type: ignore[attr-defined]
        elif kind is ast.Attribute:
            self._store_attribute(node, value, annotation)  # type: ignore[arg-type]
        elif kind is ast.Subscript:
            self._store_item(node)  # type: ignore[arg-type]

    def _store_attribute(
        self, node: ast.Attribute, value: ast.expr | None, annotation: ast.expr | None
    ) -> None:
        inner = node.value
        if isinstance(inner, ast.Name) and inner.id == self.receiver:
            self.classes[-1].members.setdefault(node.attr, "instance")
            self.hold(self.classes[-1], node.attr, value, annotation)
            return
        if not self._fills_a_cache():
            self.offers.note_attribute(node)
        root, chain = unwound(node)
        self.patched.append((root, chain) if root and "(" not in chain else ("", node.attr))
        self.expression(inner)

    def _store_item(self, node: ast.Subscript) -> None:
        inner = node.value
        if not self._fills_a_cache():
            self.offers.note_item(node, at_module_level=self.at_module_level, guard=self.guard)
        if not (isinstance(inner, ast.Call) and unwound(inner) == ("globals", "()")):
            self.expression(inner)
        self.expression(node.slice)

    def _fills_a_cache(self) -> bool:
        """Whether what is stored here was asked for: by a module's `__getattr__`, or one that a function makes."""
        return not self.classes and self.function.endswith("__getattr__")

    def _dict(self, node: ast.Dict, stack: list[Any]) -> None:
        leaves = self.leaves
        stack += [value for value in reversed(node.values) if type(value) not in leaves]
        stack += [key for key in reversed(node.keys) if key is not None and type(key) not in leaves]

    def _items(self, node: ast.List | ast.Tuple | ast.Set, stack: list[Any]) -> None:
        leaves = self.leaves
        stack += [item for item in node.elts if type(item) not in leaves]

    def _lambda(self, node: ast.Lambda) -> None:
        for default in defaults_of(node.args):
            self.expression(default)
        before = self.function
        self.function = before or "<lambda>"
        self.open().bind_parameters(node.args)
        self.expression(node.body)
        self.close()
        self.function = before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        source = node.generators[0].iter
        if not (
            isinstance(source, ast.Call) and unwound(source) == ("globals", "()")
        ):  # which only reads them
            self.expression(source)
        self.open(comprehension=True)
        before = self.guard
        for number, generator in enumerate(node.generators):
            self.bind_target(generator.target)
            if number:
                self.expression(generator.iter)
            for test in generator.ifs:
                self.expression(test)
                self.guard = self.tested(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.expression(part)
        self.guard = before
        self.close()

    def _walrus(self, node: ast.NamedExpr) -> None:
        self.expression(node.value)
        names = self.names
        inmost = names.scope
        while names.scope.comprehension and names.scope.around is not None:
            names.scope = names.scope.around
        self.bind_value(node.target.id, node.lineno, node.value)
        names.scope = inmost

    # --- what runs by circumstance -------------------------------------------------------------------

    def _subscript(self, node: ast.Subscript, stack: list[Any]) -> None:
        """`globals()[x]` only reads; the module itself, out of `sys.modules`, can be written to anywhere."""
        inner, index = node.value, node.slice
        if type(index) is Name and index.id == "__name__" and self.names.refer(inner) == "sys:modules":
            self.offers.note("setattr")
        stack.append(index)
        if not (type(inner) is Call and type(inner.func) is Name and inner.func.id == "globals"):
            stack.append(inner)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        # Calling a generator function does not run its body.
        self.plain_bodies.discard(self.function)
        if self.body is not None:
            self.body.is_plain = False
        if node.value is not None:
            self.expression(node.value)

    def _ternary(self, node: ast.IfExp) -> None:
        self.expression(node.test)
        before = self.guard
        self.guard = self.tested(node.test)
        self.expression(node.body)
        self.guard = before
        self.guard = self.tested(node.test, negated=True)
        self.expression(node.orelse)
        self.guard = before

    def _boolean(self, node: ast.BoolOp) -> None:
        """`hasattr(x, "y") and x.y`: each part runs only if those before it hold (`or`: do not hold)."""
        before = self.guard
        negated = isinstance(node.op, ast.Or)
        for value in node.values[:-1]:
            self.expression(value)
            self.guard = self.tested(value, negated=negated)
        self.expression(node.values[-1])
        self.guard = before


_SPECIAL: dict[type[ast.AST], Callable[[Any, Any], None]] = {
    ast.Lambda: Expressions._lambda,
    ast.ListComp: Expressions._comprehension,
    ast.SetComp: Expressions._comprehension,
    ast.DictComp: Expressions._comprehension,
    ast.GeneratorExp: Expressions._comprehension,
    ast.NamedExpr: Expressions._walrus,
    ast.Yield: Expressions._yield,
    ast.YieldFrom: Expressions._yield,
    ast.IfExp: Expressions._ternary,
    ast.BoolOp: Expressions._boolean,
}
"""What is read in its own order, under circumstances or in a scope of its own."""

_STACKING: dict[type[ast.AST], Callable[[Any, Any, list[Any]], None]] = {
    ast.Dict: Expressions._dict,
    ast.Subscript: Expressions._subscript,
    ast.List: Expressions._items,
    ast.Tuple: Expressions._items,
    ast.Set: Expressions._items,
}
"""What puts on the stack some of what is within it."""
