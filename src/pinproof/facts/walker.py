"""One walk over a syntax tree that collects everything `ModuleFacts` holds.

The walk is our own because it is the second most expensive thing pinproof does, after parsing: expressions go
over an explicit stack (they nest deeply), statements by recursion (they do not), and names are settled when
their scope ends (see `facts.scopes`).
"""

from __future__ import annotations

import ast
import builtins
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from pinproof.facts import conditions, deprecations, idioms
from pinproof.facts.scopes import Alias, Load, Scope, join
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__path__",
    "__spec__",
    "__doc__",
    "__builtins__",
}
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
_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_SUPPRESSORS = frozenset({"suppress", "raises", "assertRaises", "ignoring"})


class Walker:
    """Reads one module; use once."""

    def __init__(self) -> None:
        self.bindings: dict[str, list[m.Binding]] = {}
        self.stars: list[m.Star] = []
        self.exported: m.Exported | None = None
        self.functions: dict[str, m.Function] = {}
        self.classes: dict[str, m.Class] = {}
        self.guards: list[m.Guard] = []
        self.guard_numbers: dict[tuple[int, m.AnyTest], int] = {}
        self.taken: list[tuple[str, How, int, int, str, m.Call | None]] = []
        self.lazy_annotations = False
        self.literals: dict[str, tuple[str, ...]] = {}
        self.version_aliases: dict[str, str] = {}
        self.getattr: m.Getattr | None = None
        self.dynamic: dict[str, None] = {}
        self.raises = ""
        self.plain_bodies: set[str] = set()
        self.guard = -1
        self.function = ""
        self.deferred = False
        self.scopes: list[Scope] = [Scope()]
        self.classes_open: list[_ClassReader] = []
        self.receiver = ""

    def read(self, tree: ast.Module) -> m.ModuleFacts:
        """Walk the module and put the facts together."""
        self.block(tree.body)
        uses = self._settled()
        return m.ModuleFacts(
            bindings={name: tuple(ways) for name, ways in self.bindings.items()},
            stars=tuple(self.stars),
            exported=self.exported,
            functions=self.functions,
            classes=self.classes,
            uses=uses,
            guards=tuple(self.guards),
            getattr=self.getattr,
            dynamic=tuple(self.dynamic),
            raises=self.raises,
            deprecated=deprecations.warned(tree.body),
        )

    # --- circumstances -------------------------------------------------------------------------------

    @property
    def at_module_level(self) -> bool:
        """Whether a name bound here is one of the module."""
        return len(self.scopes) == 1 and not self.classes_open

    @property
    def in_class_body(self) -> bool:
        """Whether a name bound here is a member of a class."""
        return bool(self.classes_open) and self.classes_open[-1].depth == len(self.scopes)

    @contextmanager
    def guarded(self, number: int) -> Iterator[None]:
        """Walk under this guard."""
        before, self.guard = self.guard, number
        try:
            yield
        finally:
            self.guard = before

    def add_guard(self, guard: m.Guard) -> int:
        self.guards.append(guard)
        return len(self.guards) - 1

    def test_guard(self, test: m.AnyTest) -> int:
        """The guard for a test under the guard at hand; the same one for the same test."""
        if test == m.Constant(True):
            return self.guard
        key = (self.guard, test)
        if key not in self.guard_numbers:
            self.guard_numbers[key] = self.add_guard(m.Guard(self.guard, test=test))
        return self.guard_numbers[key]

    # --- references ----------------------------------------------------------------------------------

    def refer(self, node: ast.expr) -> str:
        """The target of a name or attribute chain as the module stands at this point, or empty."""
        root, chain = unwound(node)
        return join(self.origin(root), chain) if root else ""

    def origin(self, name: str) -> str:
        """What a name stands for: its import where it has exactly one, else a name of this module."""
        for scope in reversed(self.scopes[1:]):
            if name in scope.binds:
                bound = scope.binds[name]
                return bound if isinstance(bound, str) else f":{name}"
        if name in self.version_aliases:
            return f"{self.version_aliases[name]}:__version__"
        ways = self.bindings.get(name)
        if ways is None:
            return f"builtins:{name}" if name in _BUILTINS else f":{name}"
        return ways[0].target if len(ways) == 1 and ways[0].kind is m.Kind.IMPORT else f":{name}"

    # --- binding -------------------------------------------------------------------------------------

    def bind(self, name: str, binding: m.Binding, local: str | Alias | None = None) -> None:
        """A name comes to be in the scope at hand."""
        if self.in_class_body:
            self.classes_open[-1].members[name] = str(binding.kind)
        elif len(self.scopes) > 1:
            scope = self.scopes[-1]
            scope.bind(name, local)
            if name in scope.outer and name not in self.bindings:
                sometimes = self.add_guard(m.Guard(-1, test=m.Opaque(True)))
                self.bindings[name] = [m.Binding(m.Kind.VALUE, "", binding.line, sometimes)]
        else:
            ways = self.bindings.setdefault(name, [])
            if binding not in ways:
                ways.append(binding)

    def bind_value(self, name: str, line: int, value: ast.expr | None = None) -> None:
        """`name = value`."""
        root, chain = unwound(value) if value is not None else ("", "")
        target, test = "", None
        if self.at_module_level and value is not None:
            target = join(self.origin(root), chain) if root else ""
            test = self._truth(name, value)
        self.bind(
            name,
            m.Binding(m.Kind.VALUE, target, line, self.guard, test),
            Alias(root, chain) if root else None,
        )

    def _truth(self, name: str, value: ast.expr) -> m.AnyTest | None:
        """The truth of a module-level value, where a later `if` may ask for it."""
        names = idioms.literal_names(value)
        if names:
            self.literals[name] = names
        match value:
            case ast.Constant(value=bool() | None):
                return conditions.condition(value, self.refer)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return conditions.condition(value, self.refer)
            case ast.Call() | ast.Attribute() | ast.Subscript():
                if library := conditions.library_version(value, self.refer):
                    self.version_aliases[name] = library
                return conditions.condition(value, self.refer) if isinstance(value, ast.Call) else None
            case _:
                return None

    def bind_target(self, node: ast.expr, value: ast.expr | None = None) -> None:
        """The left-hand side of an assignment, of a `for` or a `with`."""
        match node:
            case ast.Name(id=name):
                self.bind_value(name, node.lineno, value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                for item in items:
                    self.bind_target(item)
            case ast.Starred(value=inner):
                self.bind_target(inner)
            case ast.Attribute(value=ast.Name(id=receiver), attr=attribute) if receiver == self.receiver:
                self.classes_open[-1].members.setdefault(attribute, "instance")
            case ast.Attribute() | ast.Subscript():
                self._note_dynamic_store(node)
                self.expression(node.value)
                if isinstance(node, ast.Subscript):
                    self.expression(node.slice)
            case _:
                pass

    def _note_dynamic_store(self, node: ast.Attribute | ast.Subscript) -> None:
        """`globals()[…] =`, `sys.modules[…] =`, `module.__class__ =`."""
        match node:
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals"))):
                self._dynamic("globals")
            case ast.Subscript(value=value, slice=key) if self.refer(value) == "sys:modules":
                match key:
                    case ast.Constant(value=str(name)):
                        self._dynamic(f"sys.modules:{name}")
                    case _:
                        self._dynamic("sys.modules")
            case ast.Attribute(attr="__class__", value=ast.Subscript(value=value)) if (
                self.refer(value) == "sys:modules"
            ):
                self._dynamic("__class__")
            case ast.Attribute(value=ast.Subscript(value=value)) if self.refer(value) == "sys:modules":
                self._dynamic("setattr")

    def _dynamic(self, marker: str) -> None:
        self.dynamic[marker] = None

    # --- statements ----------------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Statements in order; after an `if` that always leaves, the rest runs under its negation."""
        before = self.guard
        for statement in statements:
            read = _STATEMENTS.get(type(statement), Walker.other)
            read(self, statement)
            if (
                isinstance(statement, ast.If)
                and not statement.orelse
                and isinstance(statement.body[-1], _EXITS)
            ):
                test = conditions.condition(statement.test, self.refer)
                self.guard = self.test_guard(conditions.negation(test))
        self.guard = before

    def other(self, node: ast.stmt) -> None:
        """A statement with nothing of its own to say: its expressions and blocks."""
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.expr):
                self.expression(value)
            elif isinstance(value, list) and value:
                if isinstance(value[0], ast.stmt):
                    self.block(value)
                else:
                    for item in value:
                        if isinstance(item, ast.expr):
                            self.expression(item)

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            self.use(f"{alias.name}:", How.IMPORT, node.lineno)
            root = alias.name.partition(".")[0]
            target = f"{alias.name}:" if alias.asname else f"{root}:"
            self.bind(alias.asname or root, m.Binding(m.Kind.IMPORT, target, node.lineno, self.guard), target)

    def import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        if module == "__future__":
            self.lazy_annotations |= any(alias.name == "annotations" for alias in node.names)
            return
        for alias in node.names:
            if alias.name == "*":
                self.use(f"{module}:", How.IMPORT, node.lineno)
                self.stars.append(m.Star(module, node.lineno, self.guard))
                continue
            target = f"{module}:{alias.name}"
            self.use(target, How.IMPORT, alias.lineno)
            name = alias.asname or alias.name
            self.bind(name, m.Binding(m.Kind.IMPORT, target, alias.lineno, self.guard), target)

    def assign(self, node: ast.Assign) -> None:
        self.expression(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and self.at_module_level and target.id == "__all__":
                self._export(idioms.exported(node.value, self.refer), node.lineno)
            elif not self._attach_lazily(target, node.value):
                self.bind_target(target, node.value)

    def _attach_lazily(self, target: ast.expr, value: ast.expr) -> bool:
        """`__getattr__, __dir__, __all__ = lazy_loader.attach(…)`."""
        if not (isinstance(target, ast.Tuple) and isinstance(value, ast.Call) and self.at_module_level):
            return False
        names = [e.id for e in target.elts if isinstance(e, ast.Name)]
        if "__getattr__" not in names:
            return False
        root, chain = unwound(value.func)
        called = f"{root}.{chain}".rpartition(".")[2]
        attached, complete = idioms.lazily_attached(value) if called == "attach" else ({}, False)
        for name, to in attached.items():
            self.bind(name, m.Binding(m.Kind.IMPORT, to, value.lineno, self.guard))
        self.getattr = m.Getattr(closed=complete)
        if called == "attach_stub":
            self._dynamic("lazy-stub")
        for name in names:
            self.bind(name, m.Binding(m.Kind.VALUE, "", value.lineno, self.guard))
        return True

    def _export(self, names: m.Exported, line: int, *, add: bool = False) -> None:
        self.exported = idioms.combined(self.exported, names) if add and self.exported else names
        if self.guard != -1:
            self.exported = idioms.combined(self.exported, m.Exported((), complete=False))
        self.bindings.setdefault("__all__", [m.Binding(m.Kind.VALUE, "", line)])

    def annotated(self, node: ast.AnnAssign) -> None:
        if not self.function:
            self.annotation(node.annotation)
        if node.value is not None:
            self.expression(node.value)
        if node.value is None and isinstance(node.target, ast.Name) and self.at_module_level:
            return
        if (
            isinstance(node.target, ast.Name)
            and node.target.id == "__all__"
            and node.value
            and self.at_module_level
        ):
            self._export(idioms.exported(node.value, self.refer), node.lineno)
            return
        self.bind_target(node.target, node.value)

    def annotation(self, node: ast.expr | None) -> None:
        """Annotations are evaluated where they stand, unless deferred (PEP 563; PEP 649 from Python 3.14)."""
        if node is not None and not self.lazy_annotations and not isinstance(node, ast.Constant):
            with self.guarded(self.test_guard(m.PythonVersion("<", (3, 14)))):
                self.expression(node)

    def augmented(self, node: ast.AugAssign) -> None:
        self.expression(node.value)
        if isinstance(node.target, ast.Name):
            if node.target.id == "__all__" and self.at_module_level:
                self._export(idioms.exported(node.value, self.refer), node.lineno, add=True)
            elif not self.at_module_level:
                self.bind_value(node.target.id, node.lineno)
        else:
            self.bind_target(node.target)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and self.at_module_level:
                self.bind(target.id, m.Binding(m.Kind.DELETED, "", target.lineno, self.guard))
            elif not isinstance(target, ast.Name):
                self.bind_target(target)

    def expression_statement(self, node: ast.Expr) -> None:
        self.expression(node.value)
        if isinstance(node.value, ast.Call):
            self._note_call(node.value)

    def _note_call(self, call: ast.Call) -> None:
        """Calls that change what the module offers."""
        match call.func:
            case ast.Attribute(value=ast.Name(id="__all__"), attr="extend" | "append" | "remove" as method):
                if self.at_module_level and call.args:
                    self._extend_exported(method, call)
            case ast.Attribute(
                value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals")), attr="update"
            ):
                self._dynamic("globals")
            case ast.Attribute(value=value, attr="update" | "setdefault") if (
                self.refer(value) == "sys:modules"
            ):
                self._dynamic("sys.modules")
            case ast.Attribute(value=value, attr="append" | "insert" | "extend") if self.refer(value) in (
                "sys:path",
                "sys:meta_path",
                ":__path__",
                "builtins:__path__",
            ):
                self._dynamic(self.refer(value).replace(":", ".").lstrip(".").removeprefix("builtins."))
            case ast.Name(id="exec" | "execfile") if not self.function:
                self._dynamic("exec")
            case ast.Name(id="setattr") if call.args and not isinstance(call.args[0], ast.Name):
                self._dynamic("setattr")
            case ast.Name(id="setattr") if call.args and not (self.classes_open or self.function):
                self._dynamic("setattr")

    def _extend_exported(self, method: str, call: ast.Call) -> None:
        argument = call.args[0]
        if method == "extend":
            self._export(idioms.exported(argument, self.refer), call.lineno, add=True)
        elif method == "append":
            self._export(idioms.exported(ast.List(elts=[argument]), self.refer), call.lineno, add=True)

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scopes[-1].outer.update(node.names)

    def raise_(self, node: ast.Raise) -> None:
        self.other(node)
        if self.at_module_level and self.guard == -1 and node.exc is not None and not self.raises:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            root, chain = unwound(raised)
            self.raises = f"{root}.{chain}".strip(".").rpartition(".")[2] or "Exception"

    def if_(self, node: ast.If) -> None:
        self.expression(node.test)
        test = conditions.condition(node.test, self.refer)
        with self.guarded(self.test_guard(test)):
            self.block(node.body)
        if node.orelse:
            with self.guarded(self.test_guard(conditions.negation(test))):
                self.block(node.orelse)

    def while_(self, node: ast.While) -> None:
        self.expression(node.test)
        self.block(node.body)
        self.block(node.orelse)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        self.bind_target(node.target)
        self.block(node.body)
        self.block(node.orelse)

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        caught: tuple[str, ...] = ()
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, item.context_expr)
            if isinstance(item.context_expr, ast.Call):
                called = unwound(item.context_expr.func)
                if (called[1] or called[0]).rpartition(".")[2] in _SUPPRESSORS:
                    caught += tuple(n for a in item.context_expr.args for n in exception_names(a))
        with self.guarded(self.add_guard(m.Guard(self.guard, catches=caught)) if caught else self.guard):
            self.block(node.body)

    def try_(self, node: ast.Try | ast.TryStar) -> None:
        caught = tuple(name for handler in node.handlers for name in _caught(handler))
        body = self.add_guard(m.Guard(self.guard, catches=caught)) if node.handlers else self.guard
        with self.guarded(body):
            self.block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.expression(handler.type)
            with self.guarded(self.add_guard(m.Guard(self.guard, after=body))):
                if handler.name:
                    self.scopes[-1].bind(handler.name, None)
                self.block(handler.body)
        if node.orelse:
            with self.guarded(
                self.add_guard(m.Guard(self.guard, unless=body)) if node.handlers else self.guard
            ):
                self.block(node.orelse)
        self.block(node.finalbody)

    def match_(self, node: ast.Match) -> None:
        self.expression(node.subject)
        for case in node.cases:
            for part in ast.walk(case.pattern):
                match part:
                    case (
                        ast.MatchAs(name=str(name))
                        | ast.MatchStar(name=str(name))
                        | ast.MatchMapping(rest=str(name))
                    ):
                        self.bind_value(name, node.lineno)
                    case ast.MatchValue(value=value) | ast.MatchClass(cls=value):
                        self.expression(value)
                    case _:
                        pass
            if case.guard is not None:
                self.expression(case.guard)
            self.block(case.body)

    # --- functions and classes -----------------------------------------------------------------------

    def function_(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
            self._called_as_decorator(decorator)
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.expression(default)
        for argument in _arguments(arguments):
            self.annotation(argument.annotation)
        self.annotation(node.returns)
        inner = (
            f"{self.function}.<locals>."
            if self.function
            else "".join(f"{c.name}." for c in self.classes_open)
        )
        qualified = inner + node.name
        if not self.function:
            self._offer_function(qualified, node)
        self.bind(node.name, m.Binding(m.Kind.FUNCTION, "", node.lineno, self.guard))
        if self.at_module_level and node.name == "__getattr__" and isinstance(node, ast.FunctionDef):
            self.getattr = idioms.module_getattr(node, self.literals)
        if isinstance(node, ast.FunctionDef):
            self.plain_bodies.add(qualified)
        self._function_body(node, qualified)

    def _offer_function(self, qualified: str, node: FunctionNode) -> None:
        decorators = tuple(self.refer(d) or "?" for d in node.decorator_list)
        deprecated = deprecations.marked(node.decorator_list) or deprecations.warned(node.body)
        if any(d.endswith("overload") for d in decorators):
            deprecated = ""  # one way to call it is going away, not the function
        function = m.Function(parameters(node.args), decorators, node.lineno, deprecated)
        before = self.functions.get(qualified)
        overloaded = before is not None and any(d.endswith("overload") for d in before.decorators)
        if before is not None and not overloaded and before.parameters != function.parameters:
            # Defined twice: a property's setter, or by circumstance; which one holds is not known.
            function = m.Function(function.parameters, ("?",), node.lineno, "")
        self.functions[qualified] = function

    def _function_body(self, node: FunctionNode, qualified: str) -> None:
        before = self.function, self.deferred, self.receiver
        self.function, self.deferred = qualified, True
        if self.in_class_body:
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
            first = [*node.args.posonlyargs, *node.args.args][:1]
            self.receiver = first[0].arg if first and not static else ""
        self.scopes.append(_parameter_scope(node.args))
        self.block(node.body)
        self._close(self.scopes.pop())
        self.function, self.deferred, self.receiver = before

    def class_(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.expression(decorator)
            self._called_as_decorator(decorator)
        for base in node.bases:
            self.expression(base, How.BASE)
        for keyword in node.keywords:
            self.expression(keyword.value)
        self.bind(node.name, m.Binding(m.Kind.CLASS, "", node.lineno, self.guard))
        reader = _ClassReader(node.name, len(self.scopes))
        qualified = ".".join(c.name for c in [*self.classes_open, reader])
        header = m.Class(
            bases=tuple(self.refer(b) or "?" for b in node.bases),
            members={},
            decorators=tuple(self.refer(d) or "?" for d in node.decorator_list),
            metaclass=next((self.refer(k.value) or "?" for k in node.keywords if k.arg == "metaclass"), ""),
            line=node.lineno,
            deprecated=deprecations.marked(node.decorator_list),
        )
        self.classes_open.append(reader)
        receiver, self.receiver = self.receiver, ""
        self.block(node.body)
        self.receiver = receiver
        self.classes_open.pop()
        if not self.function:
            self._offer_class(qualified, header, reader)

    def _offer_class(self, qualified: str, header: m.Class, reader: _ClassReader) -> None:
        messages = [
            self.functions[f"{qualified}.{method}"].deprecated
            for method in ("__init__", "__new__", "__call__", "__getattribute__", "__getattr__")
            if f"{qualified}.{method}" in self.functions
        ]
        if qualified in self.classes:
            reader.open = True
        self.classes[qualified] = m.Class(
            bases=header.bases,
            members=reader.members,
            decorators=header.decorators,
            metaclass=header.metaclass,
            open=reader.open or "__getattr__" in reader.members or "__getattribute__" in reader.members,
            line=header.line,
            deprecated=header.deprecated or next(filter(None, messages), ""),
        )
        if any(base not in _PLAIN_BASES for base in header.bases):
            for load in reader.taken.values():
                self._take(f":{qualified}().{load.chain}", load)

    def _called_as_decorator(self, decorator: ast.expr) -> None:
        """Decorating calls what the expression gives: a plain name is called at once."""
        if isinstance(decorator, ast.Name):
            self._load(decorator.id, "", How.CALL, decorator.lineno, m.Call(1))

    def _close(self, scope: Scope) -> None:
        found, free = scope.settle()
        for target, load in found:
            self._take(target, load)
        self.scopes[-1].loads += free

    # --- expressions ---------------------------------------------------------------------------------

    def expression(self, root: ast.expr, how: How = How.ATTRIBUTE) -> None:
        """Everything that an expression reads and binds. `how` is for the outermost name."""
        stack: list[Any] = [root]
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                self._load(node.id, "", how if node is root else How.ATTRIBUTE, node.lineno)
            elif kind is ast.Attribute:
                self._attribute(node, how if node is root else How.ATTRIBUTE, stack)
            elif kind is ast.Call:
                self._call(node, stack)
            elif kind in _SPECIAL:
                _SPECIAL[kind](self, node)
            else:
                for name in _CHILDREN[kind]:
                    child = getattr(node, name)
                    if child.__class__ is list:
                        stack += child
                    elif child is not None:
                        stack.append(child)

    def _load(self, name: str, chain: str, how: How, line: int, call: m.Call | None = None) -> None:
        self.scopes[-1].loads.append(
            Load(name, chain, how, line, self.guard, self.deferred, self.function, call)
        )

    def _attribute(
        self, node: ast.Attribute, how: How, stack: list[ast.AST], call: m.Call | None = None
    ) -> None:
        root, chain, rest = unwound_fully(node)
        if rest is not None:
            stack.append(rest)
        stack += _inner_arguments(node)
        if not root:
            return
        if self.classes_open and root == self.receiver:
            self._take_from_self(Load(root, chain, how, node.lineno, self.guard, True, self.function, call))
        elif self.classes_open and root == "super" and chain.startswith("()."):
            self._take_from_self(
                Load(root, f"super{chain}", how, node.lineno, self.guard, True, self.function, call)
            )
        else:
            self._load(root, chain, how, node.lineno, call)

    def _take_from_self(self, load: Load) -> None:
        self.classes_open[-1].taken.setdefault(load.chain, load)

    def _call(self, node: ast.Call, stack: list[ast.AST]) -> None:
        call = m.Call(
            positional=len(node.args),
            keywords=tuple(k.arg for k in node.keywords if k.arg is not None),
            starred=any(isinstance(a, ast.Starred) for a in node.args),
            double_starred=any(k.arg is None for k in node.keywords),
        )
        stack += node.args
        stack += [k.value for k in node.keywords]
        if isinstance(node.func, ast.Name):
            self._load(node.func.id, "", How.CALL, node.lineno, call)
            if node.func.id == "exec" and not self.function:
                self._dynamic("exec")
        elif isinstance(node.func, ast.Attribute):
            self._attribute(node.func, How.CALL, stack, call)
            if node.func.attr in ("extend_path", "declare_namespace"):
                self._dynamic("namespace")
        else:
            stack.append(node.func)

    def _lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.expression(default)
        before = self.function, self.deferred
        self.function, self.deferred = self.function or "<lambda>", True
        self.scopes.append(_parameter_scope(node.args))
        self.expression(node.body)
        self._close(self.scopes.pop())
        self.function, self.deferred = before

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.scopes.append(Scope())
        for generator in node.generators:
            self.bind_target(generator.target)
            self.expression(generator.iter)
            for test in generator.ifs:
                self.expression(test)
        if isinstance(node, ast.DictComp):
            self.expression(node.key)
            self.expression(node.value)
        else:
            self.expression(node.elt)
        self._close(self.scopes.pop())

    def _walrus(self, node: ast.NamedExpr) -> None:
        self.expression(node.value)
        self.bind_value(node.target.id, node.lineno, node.value)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        # Calling a generator function does not run its body.
        self.plain_bodies.discard(self.function)
        if node.value is not None:
            self.expression(node.value)

    def _dict(self, node: ast.Dict) -> None:
        for part in (*node.keys, *node.values):
            if part is not None:
                self.expression(part)

    def _ternary(self, node: ast.IfExp) -> None:
        self.expression(node.test)
        test = conditions.condition(node.test, self.refer)
        with self.guarded(self.test_guard(test)):
            self.expression(node.body)
        with self.guarded(self.test_guard(conditions.negation(test))):
            self.expression(node.orelse)

    def _boolean(self, node: ast.BoolOp) -> None:
        """`hasattr(x, "y") and x.y`: each part runs only if those before it hold (`or`: do not hold)."""
        before = self.guard
        for value in node.values:
            self.expression(value)
            test = conditions.condition(value, self.refer)
            self.guard = self.test_guard(test if isinstance(node.op, ast.And) else conditions.negation(test))
        self.guard = before

    # --- uses ----------------------------------------------------------------------------------------

    def use(self, target: str, how: How, line: int) -> None:
        """A use at this point that needs no settling."""
        self.taken.append((target, how, line, self.guard, self.function, None))

    def _take(self, target: str, load: Load) -> None:
        self.taken.append((target, load.how, load.line, load.guard, load.function, load.call))

    def _settled(self) -> tuple[m.Use, ...]:
        """All uses, once each: at module level names can be settled now, and what runs at import is known."""
        running = self._run_at_import()
        for load in self.scopes[0].loads:
            if target := self._module_target(load):
                self._take(target, load)
        uses: dict[tuple[object, ...], m.Use] = {}
        for target, how, line, guard, function, call in self.taken:
            deferred = bool(function) and function not in running
            key = (target, how, guard, deferred, call)
            if key not in uses:
                uses[key] = m.Use(target, how, line, guard, deferred, call)
        return tuple(uses.values())

    def _module_target(self, load: Load) -> str:
        ways = self.bindings.get(load.name)
        if ways is None:
            if self.stars and load.name not in _BUILTINS:
                return join(f":{load.name}", load.chain)
            return ""
        if len(ways) == 1 and ways[0].kind is m.Kind.IMPORT:
            if not load.chain and load.how is How.ATTRIBUTE:
                return ""
            return join(ways[0].target, load.chain)
        if load.how is How.ATTRIBUTE and not load.chain:
            return ""
        if any(way.target or way.kind is m.Kind.CLASS for way in ways):
            return join(f":{load.name}", load.chain)
        return ""

    def _run_at_import(self) -> set[str]:
        """The functions of this module that importing it calls, unguarded, directly or through each other."""
        calls: dict[str, set[str]] = {}
        for load in self.scopes[0].loads:
            if load.how is How.CALL and load.guard == -1 and not load.chain:
                for name in (load.name, f"{load.name}.__init__"):
                    if name in self.plain_bodies:
                        calls.setdefault(load.function, set()).add(name)
        running: set[str] = set()
        waiting = list(calls.get("", ()))
        while waiting:
            name = waiting.pop()
            if name not in running:
                running.add(name)
                waiting += calls.get(name, ())
        return running


class _ClassReader:
    """A class whose body is being read: its members, and what its methods take from `self` (by chain)."""

    def __init__(self, name: str, depth: int) -> None:
        self.name = name
        self.depth = depth
        self.members: dict[str, str] = {}
        self.taken: dict[str, Load] = {}
        self.open = False


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _parameter_scope(arguments: ast.arguments) -> Scope:
    """The scope of a function; a parameter that is annotated with a class stands for an instance of it."""
    scope = Scope()
    for argument in _arguments(arguments):
        scope.bind(argument.arg, _instance(argument.annotation))
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            scope.binds[rest.arg] = None
    return scope


def _instance(annotation: ast.expr | None) -> Alias | None:
    if isinstance(annotation, ast.Name | ast.Attribute):
        root, chain = unwound(annotation)
        if root:
            return Alias(root, f"{chain}()")
    return None


def unwound(node: ast.expr) -> tuple[str, str]:
    """(name, chain) of `name.a.b().c`; ("", "") where the root is no name."""
    root, chain, rest = unwound_fully(node)
    return (root, chain) if rest is None else ("", "")


def unwound_fully(node: ast.expr) -> tuple[str, str, ast.expr | None]:
    """(name, chain, None), or ("", "", root) with the expression at the root that is not a name."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Name):
            chain = ".".join(reversed(parts)).replace(".()", "()")
            return node.id, chain, None
        else:
            return "", "", node


def _inner_arguments(node: ast.expr) -> Iterator[ast.expr]:
    """The arguments of calls inside a chain: `x` in `a.b(x).c`."""
    while True:
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            yield from node.args
            for keyword in node.keywords:
                yield keyword.value
            node = node.func
        else:
            return


def exception_names(node: ast.expr) -> Iterator[str]:
    """The last names of the exceptions that a handler lists; `*` for one that is no plain name."""
    for item in node.elts if isinstance(node, ast.Tuple) else [node]:
        root, chain = unwound(item)
        name = (chain or root).rpartition(".")[2]
        yield name if name[:1].isupper() else "*"


def _caught(handler: ast.ExceptHandler) -> Iterable[str]:
    names = list(exception_names(handler.type)) if handler.type is not None else ["*"]
    return [f"!{n}" for n in names] if _raises_again(handler.body) else names


def _raises_again(body: Sequence[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        root, chain = unwound(last.value.func)
        return f"{root}.{chain}".strip(".") in ("sys.exit", "exit", "os._exit")
    return False


def parameters(arguments: ast.arguments) -> tuple[m.Parameter, ...]:
    """The parameters of a function, the receiver of a method included."""
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    found = [
        m.Parameter(a.arg, "/" if i < len(arguments.posonlyargs) else "", i < required)
        for i, a in enumerate(positional)
    ]
    if arguments.vararg is not None:
        found.append(m.Parameter(arguments.vararg.arg, "*", required=False))
    found += [
        m.Parameter(a.arg, "k", default is None)
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg is not None:
        found.append(m.Parameter(arguments.kwarg.arg, "**", required=False))
    return tuple(found)


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
