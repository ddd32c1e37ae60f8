"""Statements, by recursion, for they do not nest deeply: what they bind, and the guards that they set."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from pinproof.facts.expressions import Expressions
from pinproof.facts.fields import makes_named_tuple
from pinproof.facts.idioms import renamed_modules
from pinproof.facts.names import BUILTINS
from pinproof.facts.scopes import Load
from pinproof.facts.settings import SETTINGS, imported_by_name
from pinproof.facts.syntax import CHILDREN, always_leaves, caught, entered, exception_names, last_name, parts
from pinproof.model import module as m
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_IMPORT, _TAKEN = m.Kind.IMPORT, How.IMPORT
_ONLY_NOTING = frozenset({"register", "declare_namespace"})
_SUPPRESSORS = frozenset({"suppress", "raises", "assertRaises", "ignoring"})
_OF_SOME_PYTHON = BUILTINS | {"WindowsError"}
_BEFORE_LAZY_ANNOTATIONS = m.PythonVersion("<", (3, 14))


class Statements(Expressions):
    """A walk that reads statements; `by_kind` says by which method."""

    by_kind: ClassVar[Mapping[type[ast.stmt], Callable[[Any, Any], None]]] = {}

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Statements in order; what one of them changes in the guard holds for those behind it."""
        before = self.guard
        by_kind = self.by_kind
        for statement in statements:
            by_kind[type(statement)](self, statement)
        self.guard = before

    def under(self, guard: int, statements: Sequence[ast.stmt]) -> None:
        """Statements under a guard."""
        before, self.guard = self.guard, guard
        self.block(statements)
        self.guard = before

    def other(self, node: ast.stmt) -> None:
        """A statement with nothing of its own to say: its expressions."""
        for part in CHILDREN[type(node)](node):
            if isinstance(part, ast.expr):
                self.expression(part)

    def return_(self, node: ast.Return) -> None:
        if node.value is not None:
            self.expression(node.value)
            if self.body is not None:
                self.body.returned.append(node.value)

    # --- imports -------------------------------------------------------------------------------------

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            self.use(f"{alias.name}:", node.lineno)
            root = alias.name.partition(".")[0]
            target = f"{alias.name}:" if alias.asname else f"{root}:"
            self._hide(alias)
            self.bind(alias.asname or root, _IMPORT, node.lineno, target)

    def import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        if module == "__future__":
            self.lazy_annotations |= any(alias.name == "annotations" for alias in node.names)
            return
        for alias in node.names:
            if alias.name == "*":
                self.use(f"{module}:", node.lineno)
                self.offers.stars.append(m.Star(module, node.lineno, self.guard))
                continue
            target = f"{module}:{alias.name}"
            self.use(target, alias.lineno)
            self._hide(alias)
            self.bind(alias.asname or alias.name, _IMPORT, alias.lineno, target)

    def _hide(self, alias: ast.alias) -> None:
        """In a stub, what is imported and not renamed to itself is not offered (PEP 484)."""
        if self.stub and alias.asname != alias.name:
            self.offers.private.add(alias.asname or alias.name.partition(".")[0])

    def _import_by_name(self, setting: str, value: ast.expr) -> None:
        """What the program that reads the setting imports, some time after this module."""
        for target, line in imported_by_name(setting, value):
            self.taken.append((target, Load("", "", _TAKEN, line, self.guard, setting, None)))

    # --- assignments ---------------------------------------------------------------------------------

    def assign(self, node: ast.Assign) -> None:
        value, targets = node.value, node.targets
        if self.names.scope.around is not None:
            self.expression(value)
            for target in targets:
                self.bind_target(target, value)
            return
        if self.at_module_level and self.offers.is_this_module(value):
            # Where it goes from here is looked at when all is read.
            self.count({target.id for target in targets if isinstance(target, ast.Name)})
        else:
            self.expression(value)
        for target in targets:
            if not self._assigns_specially(target, value):
                self.bind_target(target, value)

    def _assigns_specially(self, target: ast.expr, value: ast.expr) -> bool:
        """`__all__ = …`, `Point = namedtuple(…)` and `__getattr__, … = attach(…)`; settings of Django are bound."""
        scope = self.names.scope
        if scope.around is not None:
            return False
        if isinstance(target, ast.Name):
            name = target.id
            if name == "__all__" and scope.body is None:
                self.offers.export(value, target.lineno, self.guard)
                return True
            if name in SETTINGS:
                self._import_by_name(name, value)
            elif name == "__slots__" and scope.body is not None:
                texts = [p.value for p in parts(value) if type(p) is ast.Constant]
                scope.body.members.update((t, "instance") for t in texts if isinstance(t, str))
            if scope.body is None and makes_named_tuple(value, self.names.refer):
                self.offers.named_tuple(name, value, self.guard)
                return True
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Call):
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
            if not self._assigns_specially(node.target, node.value):
                self.bind_target(node.target, node.value, node.annotation)
        elif self.stub or not (self.at_module_level and isinstance(node.target, ast.Name)):
            # A bare annotation makes a field of a class or a local name; of a module it makes one in a stub only.
            self.bind_target(node.target, None, node.annotation)

    def annotation(self, node: ast.expr | None) -> None:
        """Annotations are evaluated where they stand, unless deferred (PEP 563; PEP 649 from Python 3.14)."""
        if node is None or self.lazy_annotations or type(node) is ast.Constant:
            return
        before = self.guard
        if before not in self.evaluated:
            self.evaluated[before] = self.guards.add(m.Guard(before, test=_BEFORE_LAZY_ANNOTATIONS))
        self.guard = self.evaluated[before]
        self.expression(node)
        self.guard = before

    def augmented(self, node: ast.AugAssign) -> None:
        self.expression(node.value)
        if not isinstance(node.target, ast.Name):
            self.bind_target(node.target)
        elif not self.at_module_level:
            self.bind_value(node.target.id, node.lineno)
        elif node.target.id in SETTINGS:
            self._import_by_name(node.target.id, node.value)
        elif node.target.id == "__all__":
            self.offers.export(node.value, node.lineno, self.guard, add=True)
        else:
            self.offers.tables.add(node.target.id, node.lineno, node.value)

    def delete(self, node: ast.Delete) -> None:
        scope = self.names.scope
        for target in node.targets:
            if not isinstance(target, ast.Name):
                self.bind_target(target)
            elif self.at_module_level:
                self.names.bind(target.id, m.Kind.DELETED, "", target.lineno, self.guard)
            elif scope.body is None:
                scope.bind(target.id, None)

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        scope = self.names.scope
        if not scope.outer:
            scope.outer = set()
        scope.outer.update(node.names)

    # --- what may not run, or only once --------------------------------------------------------------

    def expression_statement(self, node: ast.Expr) -> None:
        value = node.value
        if type(value) is not ast.Call:
            self.expression(value)
            return
        at_module_level = self.at_module_level
        if at_module_level and self.offers.makes_names(value, self.guard):
            return
        self.expression(value)
        if at_module_level:
            self._hand_over(value)
        self.offers.note_call(
            value, in_function=bool(self.function), at_module_level=at_module_level, guard=self.guard
        )

    def _hand_over(self, call: ast.Call) -> None:
        """`add_members(C)`, `apipkg.initpkg(__name__, …)`: what is called can write to the class, or to this module."""
        if last_name(call.func) in _ONLY_NOTING:
            return
        for argument in call.args:
            if type(argument) is ast.Name:
                if argument.id == "__name__":
                    self.offers.note("setattr")
                else:
                    self.opened.add(argument.id)

    def raise_(self, node: ast.Raise) -> None:
        self.other(node)
        if self.at_module_level:
            self.offers.note_raise(node, self.guard)

    def if_(self, node: ast.If) -> None:
        """Behind an `if` that always leaves, the rest of the block runs under its negation."""
        test = node.test
        self.expression(test)
        self.under(self.tested(test), node.body)
        if node.orelse:
            self.under(self.tested(test, negated=True), node.orelse)
        if self._leaves(node.body):
            self.guard = self.tested(test, negated=True)
        elif node.orelse and self._leaves(node.orelse):
            self.guard = self.tested(test)

    def _leaves(self, body: Sequence[ast.stmt]) -> bool:
        """A module can only be left by an exception: who can import it has all of it."""
        return always_leaves(body) and (bool(self.function) or type(body[-1]) is not ast.Raise)

    def while_(self, node: ast.While) -> None:
        outermost = self.enter_loop()
        self.expression(node.test)
        self.block(node.body)
        self.block(node.orelse)
        self.leave_loop(outermost)

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.expression(node.iter)
        outermost = self.enter_loop()
        self.bind_target(node.target)
        if self.at_module_level:
            for marker in renamed_modules(node, self.names.refer):
                self.offers.note(marker)
            self.offers.loops.enter(node)
        self.block(node.body)
        self.block(node.orelse)
        self.leave_loop(outermost)

    def enter_loop(self) -> bool:
        """What follows may run any number of times, or not at all; whether no loop was around it."""
        scope = self.names.scope
        outermost = scope.loop < 0
        if outermost:
            scope.loop = len(scope.loads)
        return outermost

    def leave_loop(self, outermost: bool) -> None:
        """The loop ends."""
        if outermost:
            self.names.scope.loop = -1

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        names: list[str] = []
        is_plain = isinstance(node, ast.With) and self.names.scope.around is not None
        for item in node.items:
            given = item.context_expr
            self.expression(given)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, entered(given) if is_plain else None)
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
        if self._asks_for_unbound(node):
            self.block(node.handlers[0].body)
            return
        body = self.guards.add(m.Guard(self.guard, catches=caught(node)))
        self.under(body, node.body)
        for handler in node.handlers:
            before = self.guard
            if handler.type is not None:
                # Looked up only if something is raised, which is never certain.
                self.guard = self.guards.add(m.Guard(before, test=m.Opaque(wary=False)))
                self.expression(handler.type)
            self.guard = self.guards.add(m.Guard(before, after=body))
            if handler.name and self.names.scope.around is not None:
                self.names.scope.bind(handler.name, None)
            self.block(handler.body)
            self.guard = before
        if node.orelse:
            self.under(self.guards.add(m.Guard(self.guard, unless=body)), node.orelse)
        self.block(node.finalbody)
        if self.function and all(always_leaves(handler.body) for handler in node.handlers):
            self.guard = self.guards.add(m.Guard(self.guard, unless=body))

    def _asks_for_unbound(self, node: ast.Try | ast.TryStar) -> bool:
        """`try: FLAG; except NameError: FLAG = …` of the module: nothing has bound it, so that the handler runs."""
        match node:
            case ast.Try(
                body=[ast.Expr(ast.Name(id=name))], handlers=[ast.ExceptHandler(ast.Name(id="NameError"))]
            ) if self.at_module_level and not (node.orelse or node.finalbody):
                return not (name in self.names.ways or self.offers.stars or name in _OF_SOME_PYTHON)
            case _:
                return False

    def match_(self, node: ast.Match) -> None:
        self.expression(node.subject)
        outermost = self.enter_loop()  # none of the cases is certain to run
        for case in node.cases:
            for part in parts(case.pattern):
                self._pattern(part)
            if case.guard is not None:
                self.expression(case.guard)
            self.block(case.body)
        self.leave_loop(outermost)

    def _pattern(self, part: ast.AST) -> None:
        if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name is not None:
            self.bind_value(part.name, part.lineno)
        elif isinstance(part, ast.MatchMapping) and part.rest is not None:
            self.bind_value(part.rest, part.lineno)
        elif isinstance(part, ast.MatchValue):
            self.expression(part.value)
        elif isinstance(part, ast.MatchClass):
            self.expression(part.cls)


Statements.by_kind = {
    **dict.fromkeys(ast.stmt.__subclasses__(), Statements.other),
    ast.Import: Statements.import_,
    ast.ImportFrom: Statements.import_from,
    ast.Assign: Statements.assign,
    ast.AnnAssign: Statements.annotated,
    ast.AugAssign: Statements.augmented,
    ast.Return: Statements.return_,
    ast.Delete: Statements.delete,
    ast.Expr: Statements.expression_statement,
    ast.Global: Statements.global_,
    ast.Nonlocal: Statements.global_,
    ast.Raise: Statements.raise_,
    ast.If: Statements.if_,
    ast.While: Statements.while_,
    ast.For: Statements.for_,
    ast.AsyncFor: Statements.for_,
    ast.With: Statements.with_,
    ast.AsyncWith: Statements.with_,
    ast.Try: Statements.try_,
    ast.TryStar: Statements.try_,
    ast.Match: Statements.match_,
}
