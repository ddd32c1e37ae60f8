"""What a module offers, gathered along the walk: names, `__all__`, functions, classes, and ways unseen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import msgspec

from pinproof.facts import conditions, deprecations, idioms
from pinproof.facts.fields import NAMED_TUPLE, fields_of, fields_of_call
from pinproof.facts.loops import Loops
from pinproof.facts.syntax import call_of, last_name, parameters, part_of_call, parts, unwound
from pinproof.facts.tables import Tables
from pinproof.facts.wrapping import NOTHING_KEPT, Kept, kept
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pinproof.facts.giving import Giving
    from pinproof.facts.guards import Guards
    from pinproof.facts.names import Names, Way
    from pinproof.facts.scopes import ClassBody

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

# Members of enums are looked up once: up to Python 3.11 that takes longer than all else here.
_IMPORT, _CLASS, _FUNCTION = m.Kind.IMPORT, m.Kind.CLASS, m.Kind.FUNCTION
_VALUE_MEMBER = str(m.Kind.VALUE)
_TABLES = (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Call)
_TESTS = frozenset({ast.Compare, ast.BoolOp, ast.Call})
_CHANGING = frozenset(
    {"update", "setdefault", "append", "extend", "add", "remove", "discard", "pop", "clear", "insert"}
)
_MAX_PROMISED = 5000
_PATHS = {
    "sys:path": "sys.path",
    "sys:meta_path": "sys.meta_path",
    ":__path__": "__path__",
    "builtins:__path__": "__path__",
}
_ABSTRACT = frozenset({"abc:abstractmethod", "abc:abstractproperty"})
_ADDING = ("setter", "deleter")
_CONSTRUCTORS = ("__init__", "__new__", "__call__", "__getattribute__", "__getattr__")


class Offers:
    """The offers of one module, which bears these names."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.stars: list[m.Star] = []
        self.exported: list[m.Exported] = []
        self.functions: dict[str, m.Function] = {}
        self.classes: dict[str, m.Class] = {}
        self.dynamic: dict[str, None] = {}
        self.raises: list[m.Raise] = []
        self._getattr: ast.FunctionDef | m.Getattr | None = None
        self.tables = Tables(names.assigned)
        self.loops = Loops(self.tables, self.classes)
        self.private: set[str] = set()
        self._abstract: set[str] = set()

    # --- names ---------------------------------------------------------------------------------------

    def leads_outside(self, name: str) -> bool:
        """Whether members of a name could be another module's: it is an alias, an import, or a class with bases."""
        for way in self._names.ways.get(name, ()):
            if way.kind is _IMPORT or (way.value is not None and unwound(way.value)[0]):
                return True
            if way.kind is _CLASS and name in self.classes and self.classes[name].bases:
                return True
            if (
                way.kind is _FUNCTION
                and name in self.functions
                and self._gives_other(self.functions[name].returns)
            ):
                return True
        return False

    def members_that_lead_outside(self, cls: str) -> set[str]:
        """The members of a class that hold or give what could be another module's."""
        found = {name for name, target in self.classes[cls].holds.items() if self._gives_other((target,))}
        for name in self.classes[cls].members:
            function = self.functions.get(f"{cls}.{name}")
            if function is not None and self._gives_other(function.returns):
                found.add(name)
        return found

    def _gives_other(self, targets: Sequence[str]) -> bool:
        """Whether these could lead to another module: not where they are classes of this one without bases."""
        for target in targets:
            module, _, chain = target.removeprefix(m.UNSURE).partition(":")
            name = chain.removesuffix("()")
            if (module and module != "builtins") or (
                module != "builtins" and not (name in self.classes and not self.classes[name].bases)
            ):
                return True
        return False

    def gives(self, giving: Giving, elsewhere: frozenset[str]) -> None:
        """What functions and attributes give, now that every name is known."""
        for name, (returns, behind) in giving.returns().items():
            self.functions[name] = msgspec.structs.replace(
                self.functions[name], returns=returns, behind=behind
            )
        for name, holds in giving.held(elsewhere).items():
            self.classes[name] = msgspec.structs.replace(self.classes[name], holds=holds)

    def bindings(self, guards: Guards) -> dict[str, tuple[m.Binding, ...]]:
        """All names, now that each can be understood."""
        settle = guards.settle
        return {
            name: self._several(ways, guards) if len(ways) > 1 else (self._settled(ways[0], settle),)
            for name, ways in self._names.ways.items()
            if name not in self.private or any(way.kind is not m.Kind.IMPORT for way in ways)
        }

    def _several(self, ways: Sequence[Way], guards: Guards) -> tuple[m.Binding, ...]:
        """Each way once; who imports the module does not see what it binds as a program."""
        seen = [way for way in ways if not guards.is_of_program(way.guard)] or ways
        return tuple(dict.fromkeys(self._settled(way, guards.settle) for way in seen))

    def _settled(self, way: Way, settle: Callable[[int], int]) -> m.Binding:
        target, test, partial = way.target, None, None
        if way.value is not None:
            root, _ = unwound(way.value)
            target = self._names.refer(way.value) if root else ""
            test = self._truth(way.value)
            if target == "functools:partial()" and isinstance(way.value, ast.Call) and way.value.args:
                target = self._names.refer(way.value.args[0])
                partial = call_of(part_of_call(way.value))
        return m.Binding(way.kind, target, way.line, settle(way.guard), test, partial)

    def _truth(self, value: ast.expr) -> m.AnyTest | None:
        """The truth of a value, where it is one that a later `if` may ask for."""
        if type(value) is ast.Constant:
            is_asked = value.value is None or isinstance(value.value, bool)
        elif type(value) is ast.UnaryOp:
            is_asked = type(value.op) is ast.Not
        else:
            is_asked = type(value) in _TESTS
        return conditions.condition(value, self._names.refer) if is_asked else None

    # --- __all__ and __getattr__ ---------------------------------------------------------------------

    def export(self, value: ast.expr, line: int, guard: int, *, add: bool = False) -> None:
        """`__all__ = value`, or `+=`."""
        listed = idioms.exported(value, self._names.refer)
        self.exported.append(m.Exported(listed.names, listed.extended_by, listed.complete, add, guard))
        if "__all__" not in self._names.ways:
            self._names.bind("__all__", m.Kind.VALUE, "", line, -1)

    def module_getattr(self, node: ast.FunctionDef) -> None:
        """`def __getattr__(name)` at module level."""
        self._getattr = node

    def getattr(self) -> m.Getattr | None:
        """What `__getattr__` answers, now that the tables it uses are known."""
        if not isinstance(self._getattr, ast.FunctionDef):
            return self._getattr
        return idioms.module_getattr(self._getattr, self._table)

    def _table(self, name: str, line: int) -> tuple[str, ...] | None:
        """The names in a table of the module, `__all__` among them."""
        if name != "__all__":
            return self.tables.names(name, line)
        listed = [e for e in self.exported if e.complete and not e.extended_by]
        seen = len(listed) == len(self.exported) and bool(listed)
        return tuple(n for e in listed for n in e.names) if seen else None

    def attach_lazily(self, names: list[str], call: ast.Call, guard: int) -> None:
        """`__getattr__, __dir__, __all__ = lazy_loader.attach(…)`."""
        called = last_name(call.func)
        literal = self._with_literals(call) if called.endswith("attach") else None
        attached, complete = idioms.lazily_attached(literal) if literal is not None else ({}, False)
        for name, target in attached.items():
            self._names.bind(name, m.Kind.IMPORT, target, call.lineno, guard)
        for name in names:
            self._names.bind(name, m.Kind.VALUE, "", call.lineno, guard)
        self._getattr = m.Getattr(closed=complete)
        if called == "attach_stub":
            self.note("lazy-stub")

    def _with_literals(self, call: ast.Call) -> ast.Call:
        """A call with the module's own tables in the place of their names."""

        def literal(node: ast.expr) -> ast.expr:
            values = self._names.assigned(node.id, node.lineno) if isinstance(node, ast.Name) else []
            return values[-1] or node if values else node

        keywords = [ast.keyword(k.arg, literal(k.value)) for k in call.keywords]
        return ast.Call(call.func, [literal(a) for a in call.args], keywords)

    # --- functions and classes -----------------------------------------------------------------------

    def function(self, qualified: str, node: FunctionNode) -> None:
        """A function or method that can be reached by its name."""
        decorated = node.decorator_list
        decorators = tuple([self._names.refer(d) or "?" for d in decorated]) if decorated else ()
        overload = is_overload(decorators)
        deprecated = (
            (deprecations.marked(decorated) if decorated else "")
            or deprecations.warned(node.body)
            or deprecations.documented(node.body)
        )
        if "." in qualified and (_only_refuses(node) or not _ABSTRACT.isdisjoint(decorators)):
            self._abstract.add(qualified.rpartition(".")[0])
        kept_of_it = self._kept(qualified, node)
        # An overload that goes away is one way to call the function, not the function.
        function = m.Function(
            parameters(node.args),
            decorators,
            node.lineno,
            "" if overload else deprecated,
            keeps=kept_of_it.signature,
            hands_back=kept_of_it.result,
            typed=self._names.refer(kept_of_it.typed) if kept_of_it.typed is not None else "",
        )
        before = self.functions.get(qualified)
        if before is not None and is_setter(node):
            return
        if before is not None and is_overload(before.decorators):
            # An implementation is what runs; where there is none, as in a stub, any of the overloads may hold.
            others = (*before.overloads, before.parameters) if overload else ()
            function = msgspec.structs.replace(function, overloads=others)
        elif before is not None and before.parameters != function.parameters:
            # Defined twice, by circumstance; which one holds is not known.
            function = m.Function(function.parameters, ("?",), node.lineno, "")
        self.functions[qualified] = function

    @staticmethod
    def _kept(qualified: str, node: FunctionNode) -> Kept:
        """Decorators are functions, or objects that can be called."""
        is_method = "." in qualified
        return NOTHING_KEPT if is_method and node.name != "__call__" else kept(node, is_method=is_method)

    def class_(self, node: ast.ClassDef, bases: Sequence[ast.expr], reading: ClassBody) -> None:
        """A class that can be reached by its name."""
        qualified, members = reading.name, reading.members
        messages = [f.deprecated for c in _CONSTRUCTORS if (f := self.functions.get(f"{qualified}.{c}"))]
        decorators, metaclass = _without_metaclass(node)
        self.classes[qualified] = m.Class(
            bases=tuple(self._base(b) for b in bases),
            members=members,
            decorators=tuple(self._names.refer(d) or "?" for d in decorators),
            metaclass=(self._names.refer(metaclass) or "?") if metaclass is not None else "",
            open=reading.open
            or qualified in self.classes
            or "__getattr__" in members
            or "__getattribute__" in members,
            line=node.lineno,
            deprecated=deprecations.marked(node.decorator_list)
            or next(filter(None, messages), "")
            or deprecations.documented(node.body),
            fields=fields_of(node, self._names.refer) if decorators or node.bases else None,
            unseen=reading.unseen or qualified in self.classes,
            abstract=qualified in self._abstract,
        )

    def named_tuple(self, name: str, call: ast.Call, guard: int) -> None:
        """`Point = namedtuple("Point", "x y")` defines a class; where its fields are not seen, who knows what."""
        fields = fields_of_call(call, self._names.refer)
        self._names.bind(name, m.Kind.VALUE if fields is None else _CLASS, "", call.lineno, guard)
        if fields is None:
            return
        members = dict.fromkeys((parameter.name for parameter in fields.own), _VALUE_MEMBER)
        known = name in self.classes
        self.classes[name] = m.Class(
            (NAMED_TUPLE,), members, open=known, line=call.lineno, fields=None if known else fields
        )

    def open_classes(self, names: set[str]) -> None:
        """Classes that get members which are not seen."""
        for name in names & self.classes.keys():
            self.classes[name] = msgspec.structs.replace(self.classes[name], open=True, unseen=True)

    def _base(self, base: ast.expr) -> str:
        subscripted = isinstance(base, ast.Subscript)
        target = self._names.refer(base.value if isinstance(base, ast.Subscript) else base)
        return f"{target}[]" if target and subscripted else target or "?"

    # --- names that come to be unseen ----------------------------------------------------------------

    def note(self, marker: str) -> None:
        """A way in which names come to be (see `ModuleFacts.dynamic`)."""
        self.dynamic[marker] = None

    def makes_names(self, call: ast.expr, guard: int) -> bool:
        """Whether a statement of the module, a call, makes names and it is seen which."""
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[subject, named, _]):
                return self.is_this_module(subject) and self._make(named, guard)
            case ast.Call(func=ast.Attribute(value=ast.Call() as inner, attr="update"), args=[what]):
                members = self.loops.members(what)
                if members is None or not is_namespace(inner, at_module_level=True):
                    return False
                for name in members:
                    self._names.bind(name, m.Kind.VALUE, "", call.lineno, guard)
                return True
            case _:
                return False

    def _make(self, named: ast.expr, guard: int) -> bool:
        """Bind the names that an expression of a loop goes through; False where they are not seen."""
        names = self.loops.names(named)
        for name in names or ():
            self._names.bind(name, m.Kind.VALUE, "", named.lineno, guard)
        return names is not None

    def note_attribute(self, node: ast.Attribute) -> None:
        """`sys.modules[…].__class__ =`, `sys.modules[…].x =`."""
        inner = node.value
        if isinstance(inner, ast.Subscript) and self._names.refer(inner.value) == "sys:modules":
            self.note("__class__" if node.attr == "__class__" else "setattr")

    def note_item(self, node: ast.Subscript, *, at_module_level: bool, guard: int) -> None:
        """`globals()[…] =`, `sys.modules[…] =`, and what goes into a table."""
        inner, key = node.value, node.slice
        is_own = isinstance(inner, ast.Call) and is_namespace(inner, at_module_level=at_module_level)
        if is_own and at_module_level and self._make(key, guard):
            return
        constant = key if isinstance(key, ast.Constant) else None
        if isinstance(inner, ast.Name):
            added = ast.List([constant]) if constant is not None and at_module_level else None
            self.tables.add(inner.id, node.lineno, added)
        elif isinstance(inner, ast.Attribute) and inner.attr == "__dict__":
            self.note("globals")
        if is_own:
            self.note("globals")
        elif self._names.refer(inner) == "sys:modules":
            named = constant is not None and isinstance(constant.value, str)
            self.note(f"sys.modules:{key.value}" if named else "sys.modules")  # type: ignore[attr-defined]

    def note_call(self, call: ast.Call, *, in_function: bool, at_module_level: bool, guard: int) -> None:
        """Statements that are calls and change what the module offers."""
        function = call.func
        if type(function) is ast.Name:
            self._note_plain_call(function.id, call, in_function=in_function)
            return
        if type(function) is not ast.Attribute:
            return
        inner, method = function.value, function.attr
        if isinstance(inner, ast.Name) and inner.id == "__all__" and call.args:
            if in_function:
                self.exported.append(m.Exported((), complete=False, adds=True))
            elif method == "extend":
                self.export(call.args[0], call.lineno, guard, add=True)
            elif method == "append":
                self.export(ast.List(elts=[call.args[0]]), call.lineno, guard, add=True)
        elif method not in _CHANGING:
            return
        elif isinstance(inner, ast.Call):
            if method == "update" and is_namespace(inner, at_module_level=at_module_level):
                self.note("globals")
        elif method in ("update", "setdefault") and self._names.refer(inner) == "sys:modules":
            self.note("sys.modules")
        elif method in ("append", "insert", "extend") and (path := _PATHS.get(self._names.refer(inner))):
            self.note(path)
        elif isinstance(inner, ast.Name):
            seen = method in ("update", "extend") and len(call.args) == 1 and not call.keywords
            self.tables.add(inner.id, call.lineno, call.args[0] if seen and at_module_level else None)

    def _note_plain_call(self, name: str, call: ast.Call, *, in_function: bool) -> None:
        if name in ("exec", "execfile") and not in_function:
            self.note("exec")
        elif name == "setattr" and len(call.args) > 1:
            subject, attribute = call.args[:2]
            named = isinstance(attribute, ast.Constant)
            if not named and not (in_function and isinstance(subject, ast.Name)):
                self.note("setattr")

    def is_this_module(self, node: ast.expr) -> bool:
        """`sys.modules[__name__]`, or a name that holds it."""
        match node:
            case ast.Name(id=name):
                return self.holds_this_module(name)
            case ast.Subscript(value=modules, slice=ast.Name(id="__name__")):
                return self._names.refer(modules) == "sys:modules"
            case _:
                return False

    def holds_this_module(self, name: str) -> bool:
        """Whether a name is bound to the module itself, and to nothing else."""
        return self._are_this_module(self._names.ways.get(name, ()))

    def names_of_this_module(self) -> set[str]:
        """All such names."""
        return {
            name
            for name, ways in self._names.ways.items()
            if type(ways[0].value) is ast.Subscript and self._are_this_module(ways)
        }

    def _are_this_module(self, ways: Sequence[Way]) -> bool:
        value = ways[0].value if len(ways) == 1 else None
        return type(value) is ast.Subscript and self.is_this_module(value)

    def promised(self) -> tuple[str, ...]:
        """The names in literal tables of a module that makes names at run time, e.g. to load them lazily."""
        if not self.dynamic:
            return ()
        names: dict[str, None] = {}
        for ways in self._names.ways.values():
            for way in ways:
                if isinstance(way.value, _TABLES):
                    texts = [n.value for n in parts(way.value) if type(n) is ast.Constant]
                    names.update(dict.fromkeys(t for t in texts if isinstance(t, str) and t.isidentifier()))
        return tuple(names)[:_MAX_PROMISED]

    def note_raise(self, node: ast.Raise, guard: int) -> None:
        """A `raise` that the import of the module may come to."""
        if node.exc is not None:
            self.raises.append(m.Raise(last_name(node.exc) or "Exception", guard))


def _without_metaclass(node: ast.ClassDef) -> tuple[list[ast.expr], ast.expr | None]:
    """The decorators of a class but for `@six.add_metaclass(…)`, and its metaclass."""
    decorators, metaclass = [], next((k.value for k in node.keywords if k.arg == "metaclass"), None)
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator) == "add_metaclass" and decorator.args:
            metaclass = decorator.args[0]
        else:
            decorators.append(decorator)
    return decorators, metaclass


def _only_refuses(node: FunctionNode) -> bool:
    """Whether all that a method does is to refuse; a special one (`__bool__`) refuses what nobody should do."""
    last = node.body[-1]
    if type(last) is not ast.Raise or last.exc is None or len(node.body) > 2 or node.name[:2] == "__":
        return False
    return last_name(last.exc) == "NotImplementedError"


def is_overload(decorators: Sequence[str]) -> bool:
    """Whether a function is but one of several ways to call it."""
    return bool(decorators) and any(decorator.endswith("overload") for decorator in decorators)


def is_setter(node: FunctionNode) -> bool:
    """Whether a method adds to a property of its name: `@x.setter`."""
    decorators = node.decorator_list
    return len(decorators) == 1 and isinstance(decorators[0], ast.Attribute) and decorators[0].attr in _ADDING


def is_namespace(call: ast.Call, *, at_module_level: bool) -> bool:
    """Whether a call gives the names of the module: `globals()`, and there also `locals()` and `vars()`."""
    name = call.func.id if isinstance(call.func, ast.Name) and not call.args else ""
    return name == "globals" or (at_module_level and name in ("locals", "vars"))
