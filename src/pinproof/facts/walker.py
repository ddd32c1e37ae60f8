"""One walk over a syntax tree that collects everything `ModuleFacts` holds.

The walk is our own because it is the second most expensive thing pinproof does, after parsing: expressions go
over an explicit stack (they nest deeply), statements by recursion (they do not), names are settled when their
scope ends (`facts.scopes`), and conditions are understood only where something depends on them (`facts.guards`).
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any, cast

from pinproof.facts import deprecations
from pinproof.facts.guards import Guards
from pinproof.facts.idioms import renamed_modules
from pinproof.facts.offers import FunctionNode, Offers
from pinproof.facts.scopes import Alias, Load, Scope, join
from pinproof.facts.syntax import (
    always_leaves,
    arguments_of,
    call_of,
    caught,
    defaults_of,
    exception_names,
    last_name,
    unwound,
)
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__"}
_PLAIN_BASES = frozenset(
    {
        "builtins:object",
        "abc:ABC",
        "typing:Generic",
        "typing:Protocol",
        "typing:NamedTuple",
        "typing:TypedDict",
    }
)
_OPENING = frozenset({"setattr", "locals", "vars", "exec", "globals"})
_SUPPRESSORS = frozenset({"suppress", "raises", "assertRaises", "ignoring"})
_BEFORE_LAZY_ANNOTATIONS = m.PythonVersion("<", (3, 14))


class Walker:
    """Reads one module; use once.

    `guard` is the guard of the code at hand, `function` the qualified name of the function around it, `receiver`
    the name by which a method knows its object. In a `stub`, annotations declare names and nothing runs them.
    """

    def __init__(self, *, stub: bool = False) -> None:
        self.stub = stub
        self.offers = Offers(self.refer)
        self.guards = Guards()
        self.scopes: list[Scope] = [Scope()]
        self.classes: list[_OpenClass] = []
        self.taken: list[tuple[str, Load]] = []
        self.plain_bodies: set[str] = set()
        self.patched: list[tuple[str, str]] = []
        self.lazy_annotations = stub
        self.guard = -1
        self.function = ""
        self.receiver = ""

    def read(self, tree: ast.Module) -> m.ModuleFacts:
        """Walk the module and put the facts together."""
        self.block(tree.body)
        offers = self.offers
        if any(not load.chain and offers.holds_this_module(load.name) for load in self.scopes[0].loads):
            offers.note("setattr")  # who has the module can write to it
        return m.ModuleFacts(
            bindings=offers.bindings(self._settle_guard),
            stars=tuple(m.Star(s.module, s.line, self._settle_guard(s.guard)) for s in offers.stars),
            exported=tuple(
                m.Exported(e.names, e.extended_by, e.complete, e.adds, self._settle_guard(e.guard))
                for e in offers.exported
            ),
            functions=offers.functions,
            classes=offers.classes,
            uses=self._uses(),
            raises=tuple(m.Raise(r.exception, self._settle_guard(r.guard)) for r in offers.raises),
            guards=tuple(self.guards.settled),
            getattr=offers.getattr(),
            dynamic=tuple(offers.dynamic),
            promised=offers.promised(),
            patches=self._patches(),
            deprecated=deprecations.warned(tree.body),
        )

    # --- where the walk stands -----------------------------------------------------------------------

    @property
    def at_module_level(self) -> bool:
        """Whether a name bound here is one of the module."""
        return len(self.scopes) == 1 and not self.classes

    @property
    def in_class_body(self) -> bool:
        """Whether a name bound here is a member of a class."""
        return bool(self.classes) and self.classes[-1].depth == len(self.scopes)

    def _settle_guard(self, number: int) -> int:
        return self.guards.settle(number, self._refer_in)

    # --- references ----------------------------------------------------------------------------------

    def refer(self, node: ast.expr) -> str:
        """The target of a name or attribute chain, seen from here, or empty."""
        return self._refer_in(node, tuple(self.scopes[1:]))

    def _refer_in(self, node: ast.expr, scopes: Sequence[Scope]) -> str:
        root, chain = unwound(node)
        origin = self._origin(root, scopes) if root else ""
        return join(origin, chain) if origin else ""

    def _origin(self, name: str, scopes: Sequence[Scope]) -> str:
        """What a name stands for: its import where it has exactly one, else a name of this module.

        Empty for what is local to a function and not imported there.
        """
        for scope in reversed(scopes):
            if name in scope.binds:
                bound = scope.binds[name]
                return bound if isinstance(bound, str) else ""
        if imported := self.offers.imported(name):
            return imported
        if name not in self.offers.ways:
            return f"builtins:{name}" if name in _BUILTINS else f":{name}"
        return self.offers.version_of(name) or f":{name}"

    # --- binding -------------------------------------------------------------------------------------

    def bind(self, name: str, kind: m.Kind, line: int, target: str = "") -> None:
        """An import, function or class gets its name."""
        if self.in_class_body:
            self.classes[-1].members[name] = str(kind)
        elif len(self.scopes) > 1:
            self._bind_local(name, line, target or None)
        else:
            self.offers.bind(name, kind, target, line, self.guard)

    def bind_value(self, name: str, line: int, value: ast.expr | None = None) -> None:
        """`name = value`."""
        if self.in_class_body:
            self.classes[-1].members[name] = str(m.Kind.VALUE)
        elif len(self.scopes) > 1:
            root, chain = unwound(value)
            self._bind_local(name, line, Alias(root, chain) if root else None, value)
        else:
            self.offers.bind(name, m.Kind.VALUE, "", line, self.guard, value)

    def _bind_local(
        self, name: str, line: int, to: str | Alias | None, value: ast.expr | None = None
    ) -> None:
        scope = self.scopes[-1]
        scope.bind(name, to)
        if name in scope.outer:
            sometimes = self.guards.add(m.Guard(-1, test=m.Opaque(wary=True)))
            kind, target = (m.Kind.IMPORT, to) if isinstance(to, str) else (m.Kind.VALUE, "")
            constant = value if isinstance(value, ast.Constant) else None
            self.offers.bind(name, kind, target, line, sometimes, constant)

    def bind_target(self, node: ast.expr, value: ast.expr | None = None) -> None:
        """The left-hand side of an assignment, of a `for` or a `with`."""
        if isinstance(node, ast.Name):
            self.bind_value(node.id, node.lineno, value)
        elif isinstance(node, ast.Tuple | ast.List):
            for item in node.elts:
                self.bind_target(item)
        elif isinstance(node, ast.Starred):
            self.bind_target(node.value)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            self._store(node)

    def _store(self, node: ast.Attribute | ast.Subscript) -> None:
        inner = node.value
        if isinstance(node, ast.Attribute) and isinstance(inner, ast.Name) and inner.id == self.receiver:
            self.classes[-1].members.setdefault(node.attr, "instance")
            return
        if not self._fills_a_cache():
            self.offers.note_store(node, at_module_level=self.at_module_level, guard=self.guard)
        if isinstance(node, ast.Attribute):
            root, chain = unwound(node)
            if root and "(" not in chain:
                self.patched.append((root, chain))
        if not (isinstance(inner, ast.Call) and unwound(inner) == ("globals", "()")):
            self.expression(inner)
        if isinstance(node, ast.Subscript):
            self.expression(node.slice)

    def _fills_a_cache(self) -> bool:
        """Whether what is stored here was asked for: by a module's `__getattr__`, or one that a function makes."""
        return not self.classes and self.function.endswith("__getattr__")

    # --- statements ----------------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Statements in order; after an `if` that always leaves, the rest runs under its negation.

        Not so in a module, which can only be left by an exception: who can import it has all of it.
        """
        before = self.guard
        for statement in statements:
            _STATEMENTS.get(statement.__class__, Walker.other)(self, statement)
            if isinstance(statement, ast.If):
                if self._leaves(statement.body):
                    self.guard = self._tested(statement.test, negated=True)
                elif statement.orelse and self._leaves(statement.orelse):
                    self.guard = self._tested(statement.test)
        self.guard = before

    def _leaves(self, body: Sequence[ast.stmt]) -> bool:
        return always_leaves(body) and (bool(self.function) or not isinstance(body[-1], ast.Raise))

    def under(self, guard: int, statements: Sequence[ast.stmt]) -> None:
        """Statements under a guard."""
        before, self.guard = self.guard, guard
        self.block(statements)
        self.guard = before

    def _tested(self, test: ast.expr, *, negated: bool = False) -> int:
        return self.guards.tested(self.guard, test, tuple(self.scopes[1:]), negated=negated)

    def other(self, node: ast.stmt) -> None:
        """A statement with nothing of its own to say: its expressions."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.expr):
                self.expression(value)

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            self._use(f"{alias.name}:", node.lineno)
            root = alias.name.partition(".")[0]
            target = f"{alias.name}:" if alias.asname else f"{root}:"
            self._hide(alias)
            self.bind(alias.asname or root, m.Kind.IMPORT, node.lineno, target)

    def import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        if module == "__future__":
            self.lazy_annotations |= any(alias.name == "annotations" for alias in node.names)
            return
        for alias in node.names:
            if alias.name == "*":
                self._use(f"{module}:", node.lineno)
                self.offers.stars.append(m.Star(module, node.lineno, self.guard))
                continue
            target = f"{module}:{alias.name}"
            self._use(target, alias.lineno)
            self._hide(alias)
            self.bind(alias.asname or alias.name, m.Kind.IMPORT, alias.lineno, target)

    def _hide(self, alias: ast.alias) -> None:
        """In a stub, what is imported and not renamed to itself is not offered (PEP 484)."""
        if self.stub and alias.asname != alias.name:
            self.offers.private.add(alias.asname or alias.name.partition(".")[0])

    def _use(self, target: str, line: int) -> None:
        self.taken.append((target, Load("", "", How.IMPORT, line, self.guard, self.function, None)))

    def assign(self, node: ast.Assign) -> None:
        if not (self.at_module_level and self.offers.is_this_module(node.value)):
            self.expression(node.value)
        for target in node.targets:
            if len(self.scopes) == 1 and self._assigns_specially(target, node.value):
                continue
            self.bind_target(target, node.value)

    def _assigns_specially(self, target: ast.expr, value: ast.expr) -> bool:
        """`__all__ = …` and `__getattr__, … = attach(…)`."""
        if isinstance(target, ast.Name) and target.id == "__all__" and not self.classes:
            self.offers.export(value, target.lineno, self.guard)
            return True
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Call):
            names = [e.id for e in target.elts if isinstance(e, ast.Name)]
            if "__getattr__" in names:
                self.offers.attach_lazily(names, value, self.guard)
                return True
        return False

    def annotated(self, node: ast.AnnAssign) -> None:
        if not self.function:
            self.annotation(node.annotation)
        if node.value is not None:
            self.expression(node.value)
            if not (len(self.scopes) == 1 and self._assigns_specially(node.target, node.value)):
                self.bind_target(node.target, node.value)
        elif self.stub or not (self.at_module_level and isinstance(node.target, ast.Name)):
            # A bare annotation makes a field of a class or a local name; of a module it makes one in a stub only.
            self.bind_target(node.target)

    def annotation(self, node: ast.expr | None) -> None:
        """Annotations are evaluated where they stand, unless deferred (PEP 563; PEP 649 from Python 3.14)."""
        if node is None or self.lazy_annotations or node.__class__ is ast.Constant:
            return
        before = self.guard
        self.guard = self.guards.add(m.Guard(before, test=_BEFORE_LAZY_ANNOTATIONS))
        self.expression(node)
        self.guard = before

    def augmented(self, node: ast.AugAssign) -> None:
        self.expression(node.value)
        if not isinstance(node.target, ast.Name):
            self.bind_target(node.target)
        elif not self.at_module_level:
            self.bind_value(node.target.id, node.lineno)
        elif node.target.id == "__all__":
            self.offers.export(node.value, node.lineno, self.guard, add=True)
        else:
            self.offers.tables.add(node.target.id, node.lineno, node.value)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.bind_target(target)
            elif self.at_module_level:
                self.offers.bind(target.id, m.Kind.DELETED, "", target.lineno, self.guard)
            elif not self.in_class_body:
                self.scopes[-1].bind(target.id, None)

    def expression_statement(self, node: ast.Expr) -> None:
        value = node.value
        is_call = self.at_module_level and isinstance(value, ast.Call)
        if is_call and self.offers.makes_names(value, self.guard):
            return
        if value.__class__ is not ast.Constant:
            self.expression(value)
        if isinstance(value, ast.Call):
            self.offers.note_call(
                value, in_function=bool(self.function), at_module_level=self.at_module_level, guard=self.guard
            )

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scopes[-1].outer.update(node.names)

    def raise_(self, node: ast.Raise) -> None:
        self.other(node)
        if self.at_module_level:
            self.offers.note_raise(node, self.guard)

    def if_(self, node: ast.If) -> None:
        self.expression(node.test)
        self.under(self._tested(node.test), node.body)
        if node.orelse:
            self.under(self._tested(node.test, negated=True), node.orelse)

    def while_(self, node: ast.While) -> None:
        self.expression(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        self.bind_target(node.target)
        if self.at_module_level:
            for marker in renamed_modules(node, self.refer):
                self.offers.note(marker)
            self.offers.loops.enter(node)
        self.block(node.body)
        self.block(node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        names: list[str] = []
        for item in node.items:
            given = item.context_expr
            self.expression(given)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars)  # what `__enter__` gives need not be the object
            if isinstance(given, ast.Call) and last_name(given) in _SUPPRESSORS:
                names += [n for a in given.args for n in exception_names(a)]
        self.under(
            self.guards.add(m.Guard(self.guard, catches=tuple(names))) if names else self.guard, node.body
        )

    def try_(self, node: ast.Try | ast.TryStar) -> None:
        if not node.handlers:
            self.block(node.body)
            self.block(node.orelse)
            self.block(node.finalbody)
            return
        body = self.guards.add(m.Guard(self.guard, catches=caught(node.handlers)))
        self.under(body, node.body)
        for handler in node.handlers:
            before = self.guard
            if handler.type is not None:
                # Looked up only if something is raised, which is never certain.
                self.guard = self.guards.add(m.Guard(before, test=m.Opaque(wary=False)))
                self.expression(handler.type)
            self.guard = self.guards.add(m.Guard(before, after=body))
            if handler.name and len(self.scopes) > 1:
                self.scopes[-1].bind(handler.name, None)
            self.block(handler.body)
            self.guard = before
        self.under(self.guards.add(m.Guard(self.guard, unless=body)), node.orelse)
        self.block(node.finalbody)

    def match_(self, node: ast.Match) -> None:
        self.expression(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                self._pattern(part)
            if case.guard is not None:
                self.expression(case.guard)
            self.block(case.body)

    def _pattern(self, part: ast.AST) -> None:
        if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name is not None:
            self.bind_value(part.name, part.lineno)
        elif isinstance(part, ast.MatchMapping) and part.rest is not None:
            self.bind_value(part.rest, part.lineno)
        elif isinstance(part, ast.MatchValue):
            self.expression(part.value)
        elif isinstance(part, ast.MatchClass):
            self.expression(part.cls)

    # --- functions and classes -----------------------------------------------------------------------

    def function_(self, node: FunctionNode) -> None:
        self._decorators(node.decorator_list)
        for default in defaults_of(node.args):
            self.expression(default)
        if not self.lazy_annotations:
            for argument in arguments_of(node.args):
                self.annotation(argument.annotation)
            self.annotation(node.returns)
        if self.function:
            qualified = f"{self.function}.<locals>.{node.name}"
        else:
            qualified = ".".join([*(c.name for c in self.classes), node.name])
            self.offers.function(qualified, node)
        self.bind(node.name, m.Kind.FUNCTION, node.lineno)
        if isinstance(node, ast.FunctionDef):
            self.plain_bodies.add(qualified)
            if node.name == "__getattr__" and self.at_module_level:
                self.offers.module_getattr(node)
        self._body(node, qualified)

    def _decorators(self, decorators: Iterable[ast.expr]) -> None:
        """Decorating calls what the expression gives: a plain name is called at once."""
        for decorator in decorators:
            self.expression(decorator)
            if isinstance(decorator, ast.Name):
                called = ast.Call(decorator, [decorator], [])
                self._load(decorator.id, "", How.CALL, decorator.lineno, called)

    def _body(self, node: FunctionNode, qualified: str) -> None:
        before = self.function, self.receiver, self.guard
        # A handler around the definition does not catch what a call raises.
        self.guard = self.guards.outside_tries(self.guard)
        if self.in_class_body:
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
            first = [*node.args.posonlyargs, *node.args.args][:1]
            self.receiver = first[0].arg if first and not static else ""
        self.function = qualified
        self.scopes.append(_parameter_scope(node.args))
        self.block(node.body)
        self._close(self.scopes.pop())
        self.function, self.receiver, self.guard = before

    def class_(self, node: ast.ClassDef) -> None:
        self._decorators(node.decorator_list)
        for base in node.bases:
            self.expression(base, How.BASE)
        for keyword in node.keywords:
            self.expression(keyword.value)
        self.bind(node.name, m.Kind.CLASS, node.lineno)
        reading = _OpenClass(node.name, len(self.scopes))
        self.classes.append(reading)
        receiver, self.receiver = self.receiver, ""
        self.block(node.body)
        self.receiver = receiver
        qualified = ".".join(c.name for c in self.classes)
        self.classes.pop()
        if not self.function:
            self.offers.class_(qualified, node, reading.members, opened=reading.open)
            if any(base not in _PLAIN_BASES for base in self.offers.classes[qualified].bases):
                self.taken += [(f":{qualified}().{chain}", load) for chain, load in reading.taken.items()]

    def _close(self, scope: Scope) -> None:
        found, free = scope.settle()
        self.taken += found
        self.scopes[-1].loads += free

    # --- expressions ---------------------------------------------------------------------------------

    def expression(self, root: ast.expr, how: How = How.ATTRIBUTE) -> None:
        """Everything that an expression reads and binds. `how` is for the outermost name."""
        stack: list[Any] = [root]
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                self._load(node.id, "", how if node is root else How.ATTRIBUTE, node.lineno, None)
            elif kind is ast.Call:
                self._call(node, stack)
            elif kind is ast.Attribute:
                self._chain(node, how if node is root else How.ATTRIBUTE, None, stack)
            elif kind in _SPECIAL:
                _SPECIAL[kind](self, node)
            else:
                for name in _CHILDREN[kind]:
                    child = getattr(node, name)
                    if child.__class__ is list:
                        stack += child
                    elif child is not None:
                        stack.append(child)

    def _load(self, name: str, chain: str, how: How, line: int, call: ast.Call | None) -> None:
        if self.classes and self.in_class_body and name in self.classes[-1].members:
            return
        self.scopes[-1].loads.append(_new(Load, (name, chain, how, line, self.guard, self.function, call)))

    def _call(self, node: ast.Call, stack: list[Any]) -> None:
        function = node.func
        if function.__class__ is ast.Name and function.id == "__import__":
            stack += node.args[:1]  # it only reads the namespaces that it is given
        else:
            stack += node.args
        for keyword in node.keywords:
            stack.append(keyword.value)
        if function.__class__ is ast.Name:
            name: str = function.id
            self._load(name, "", How.CALL, node.lineno, node)
            if name in _OPENING:
                self._opens(name, node)
            elif name == "extend_path":
                self.offers.note("namespace")
        elif isinstance(function, ast.Attribute):
            self._chain(function, How.CALL, node, stack)
            if function.attr in ("extend_path", "declare_namespace"):
                self.offers.note("namespace")
        else:
            stack.append(function)

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
            case _:
                pass
        if self.in_class_body or (isinstance(first, ast.Name) and first.id == self.receiver != ""):
            self.classes[-1].open = True
        elif name == "exec" and not self.function:
            self.offers.note("exec")

    def _chain(self, node: ast.Attribute, how: How, call: ast.Call | None, stack: list[Any]) -> None:
        """`a.b.c`, `a.b(…).c`, `(…).c`: the name at its root if there is one, and what is inside."""
        chain = ""
        inner: Any = node
        while True:
            kind = inner.__class__
            if kind is ast.Attribute:
                chain = f".{inner.attr}{chain}"
                inner = inner.value
            elif kind is ast.Call:
                chain = f"(){chain}"
                stack += inner.args
                stack += [k.value for k in inner.keywords]
                inner = inner.func
            else:
                break
        if kind is not ast.Name:
            stack.append(inner)
            return
        self._root(inner.id, chain[1:] if chain[0] == "." else chain, how, node.lineno, call)

    def _root(self, root: str, chain: str, how: How, line: int, call: ast.Call | None) -> None:
        if root == "globals" and chain.startswith(("().update", "().setdefault")):
            self.offers.note("globals")
        if self.classes and (root == self.receiver or (root == "super" and chain.startswith("()."))):
            member = chain if root == self.receiver else f"super{chain}"
            if member.startswith("__dict__"):
                self.classes[-1].open = True
            load = Load(root, member, how, line, self.guard, self.function, call)
            self.classes[-1].taken.setdefault(member, load)
        else:
            self._load(root, chain, how, line, call)

    def _subscript(self, node: ast.Subscript) -> None:
        """`globals()[x]` only reads; the module itself, out of `sys.modules`, can be written to anywhere."""
        inner = node.value
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "globals":
            self.expression(node.slice)
            return
        if (
            isinstance(node.slice, ast.Name)
            and node.slice.id == "__name__"
            and self.refer(inner) == "sys:modules"
        ):
            self.offers.note("setattr")
        self.expression(inner)
        self.expression(node.slice)

    def _lambda(self, node: ast.Lambda) -> None:
        for default in defaults_of(node.args):
            self.expression(default)
        before = self.function
        self.function = before or "<lambda>"
        self.scopes.append(_parameter_scope(node.args))
        self.expression(node.body)
        self._close(self.scopes.pop())
        self.function = before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        source = node.generators[0].iter
        if not (
            isinstance(source, ast.Call) and unwound(source) == ("globals", "()")
        ):  # which only reads them
            self.expression(source)
        self.scopes.append(Scope(comprehension=True))
        before = self.guard
        for number, generator in enumerate(node.generators):
            self.bind_target(generator.target)
            if number:
                self.expression(generator.iter)
            for test in generator.ifs:
                self.expression(test)
                self.guard = self._tested(test)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.expression(part)
        self.guard = before
        self._close(self.scopes.pop())

    def _walrus(self, node: ast.NamedExpr) -> None:
        self.expression(node.value)
        scopes = self.scopes
        while self.scopes[-1].comprehension:
            self.scopes = self.scopes[:-1]
        self.bind_value(node.target.id, node.lineno, node.value)
        self.scopes = scopes

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        # Calling a generator function does not run its body.
        self.plain_bodies.discard(self.function)
        if node.value is not None:
            self.expression(node.value)

    def _dict(self, node: ast.Dict) -> None:
        for part in (*node.keys, *node.values):
            if part is not None and part.__class__ is not ast.Constant:
                self.expression(part)

    def _ternary(self, node: ast.IfExp) -> None:
        self.expression(node.test)
        before = self.guard
        self.guard = self._tested(node.test)
        self.expression(node.body)
        self.guard = before
        self.guard = self._tested(node.test, negated=True)
        self.expression(node.orelse)
        self.guard = before

    def _boolean(self, node: ast.BoolOp) -> None:
        """`hasattr(x, "y") and x.y`: each part runs only if those before it hold (`or`: do not hold)."""
        before = self.guard
        negated = isinstance(node.op, ast.Or)
        for value in node.values:
            self.expression(value)
            self.guard = self._tested(value, negated=negated)
        self.guard = before

    def _patches(self) -> tuple[str, ...]:
        """What is assigned to attributes of imported names; of classes of this module it makes members."""
        targets: dict[str, None] = {}
        for root, chain in self.patched:
            if imported := self.offers.imported(root):
                targets[join(imported, chain)] = None
            elif root in self.offers.classes:
                self.offers.classes[root].members.setdefault(chain.partition(".")[0], str(m.Kind.VALUE))
        return tuple(targets)

    # --- uses ----------------------------------------------------------------------------------------

    def _uses(self) -> tuple[m.Use, ...]:
        """All uses, once each: at module level names can be settled now, and what runs at import is known."""
        running = self._run_at_import()
        settled = [(target, load) for load in self.scopes[0].loads if (target := self._module_target(load))]
        uses: dict[tuple[object, ...], m.Use] = {}
        for target, load in (*self.taken, *settled):
            deferred = load.function not in running
            call = call_of(load.call) if load.call is not None else None
            guard = self._settle_guard(load.guard)
            key = (target, load.how, guard, deferred, call)
            if key not in uses:
                uses[key] = m.Use(target, load.how, load.line, guard, deferred, call)
        return tuple(uses.values())

    def _module_target(self, load: Load) -> str:
        """The target of something that is read of a name of this module, or empty where it says nothing."""
        if load.how is How.ATTRIBUTE and not load.chain:
            return ""
        if imported := self.offers.imported(load.name):
            return join(imported, load.chain)
        if load.name not in self.offers.ways:
            unseen = self.offers.stars and load.name not in _BUILTINS
            return join(f":{load.name}", load.chain) if unseen else ""
        return join(f":{load.name}", load.chain) if self.offers.leads_outside(load.name) else ""

    def _run_at_import(self) -> set[str]:
        """The functions of this module that importing it calls, unguarded, directly or through each other.

        The empty name stands for the module's own body.
        """
        calls: dict[str, set[str]] = {}
        for load in self.scopes[0].loads:
            if load.how is How.CALL and load.guard == -1 and not load.chain:
                called = {load.name, f"{load.name}.__init__"} & self.plain_bodies
                calls.setdefault(load.function, set()).update(called)
        running, waiting = set(), [""]
        while waiting:
            name = waiting.pop()
            if name not in running:
                running.add(name)
                waiting += calls.get(name, ())
        return running


class _OpenClass:
    """A class whose body is being read: its members, and what its methods take from `self` (by chain)."""

    def __init__(self, name: str, depth: int) -> None:
        self.name = name
        self.depth = depth
        self.members: dict[str, str] = {}
        self.taken: dict[str, Load] = {}
        self.open = False


def _parameter_scope(arguments: ast.arguments) -> Scope:
    """The scope of a function; a parameter that is annotated with a class stands for an instance of it."""
    scope = Scope()
    for argument in arguments_of(arguments):
        root, chain = unwound(argument.annotation)
        scope.binds[argument.arg] = Alias(root, f"{chain}()") if root else None
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            scope.binds[rest.arg] = None
    return scope


# What `Load(…)` does, without the detour by a Python function: loads are made by the million.
_new = tuple.__new__

_SPECIAL: dict[type[ast.AST], Callable[[Walker, Any], None]] = {
    ast.Lambda: Walker._lambda,
    ast.ListComp: Walker._comprehension,
    ast.SetComp: Walker._comprehension,
    ast.DictComp: Walker._comprehension,
    ast.GeneratorExp: Walker._comprehension,
    ast.NamedExpr: Walker._walrus,
    ast.Yield: Walker._yield,
    ast.YieldFrom: Walker._yield,
    ast.IfExp: Walker._ternary,
    ast.BoolOp: Walker._boolean,
    ast.Dict: Walker._dict,
    ast.Subscript: Walker._subscript,
}
_NOT_CHILDREN = frozenset({"ctx", "op", "ops", "kind", "conversion"})
_CHILDREN: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _NOT_CHILDREN)
    for kind in cast("list[type[ast.AST]]", [*ast.expr.__subclasses__(), ast.keyword])
} | {ast.Constant: ()}
_STATEMENTS: dict[type[ast.stmt], Callable[[Walker, Any], None]] = {
    ast.Import: Walker.import_,
    ast.ImportFrom: Walker.import_from,
    ast.Assign: Walker.assign,
    ast.AnnAssign: Walker.annotated,
    ast.AugAssign: Walker.augmented,
    ast.Delete: Walker.delete,
    ast.Expr: Walker.expression_statement,
    ast.Global: Walker.global_,
    ast.Nonlocal: Walker.global_,
    ast.Raise: Walker.raise_,
    ast.If: Walker.if_,
    ast.While: Walker.while_,
    ast.For: Walker.for_,
    ast.AsyncFor: Walker.for_,
    ast.With: Walker.with_,
    ast.AsyncWith: Walker.with_,
    ast.Try: Walker.try_,
    ast.TryStar: Walker.try_,
    ast.Match: Walker.match_,
    ast.FunctionDef: Walker.function_,
    ast.AsyncFunctionDef: Walker.function_,
    ast.ClassDef: Walker.class_,
}
