"""What the source of one module says: what it offers to those who import it, and what it takes from others.

Facts depend on the text alone, not on where the module lies, so they are kept by the content they were read
from. A **target** is a reference as the text spells it: `module:chain`, where `module` is the module that is
imported (relative ones keep their dots) and `chain` is what follows:

    import a.b                 a.b:
    from a.b import c          a.b:c
    c.d                        a.b:c.d
    c(…).e                     a.b:c().e        (a member of what calling c gives)
    from . import x            .:x
    a name of this module      :name
    a builtin                  builtins:open
"""

from __future__ import annotations

import sys
from enum import StrEnum

import msgspec

from pinproof.model.verdict import How

FACTS_VERSION = 26
"""Raised when extraction changes what it says; facts of another version are read anew."""

FACTS_EDITION = f"{FACTS_VERSION}.{sys.version_info.minor}"
"""What facts depend on beside the text: what one Python cannot parse another can."""


UNREAD = "?"
"""Stands for what a function returns in an outline, where only its body would say (see `facts.outline`)."""
UNSURE = "!"
"""Stands before the target of what a function may return or an attribute hold, which may be something else, too."""
KEEPS_UNREAD = -1
"""The same for what it keeps, as a decorator."""
UNTRACED = "~"
"""Stands for the module of what is not traced to anything, where a member of it is sought."""


class Test(msgspec.Struct, frozen=True, tag=True):
    """The condition of an `if`, as far as it can be judged without running it."""


class Opaque(Test, frozen=True, tag="?"):
    """A condition that says nothing certain; `wary` when its words speak of versions or availability."""

    wary: bool


class Constant(Test, frozen=True, tag="c"):
    """Always this: `TYPE_CHECKING` is False at run time."""

    value: bool


class PythonVersion(Test, frozen=True, tag="py"):
    """`sys.version_info OP value`."""

    op: str
    value: tuple[int, ...]


class Platform(Test, frozen=True, tag="os"):
    """`sys.platform OP value`, `os.name` and the like: `subject` is the dotted name compared."""

    subject: str
    op: str
    value: str


class LibraryVersion(Test, frozen=True, tag="lib"):
    """A comparison of the `__version__` of `module` with a literal."""

    module: str
    op: str
    value: str


class Has(Test, frozen=True, tag="has"):
    """`hasattr(target, "name")`; `target` includes the name."""

    target: str


class Flag(Test, frozen=True, tag="flag"):
    """The truth of a name, of this module or an imported one: `HAS_X`, `PY2`."""

    target: str


class Not(Test, frozen=True, tag="not"):
    """Negation."""

    test: AnyTest


class All(Test, frozen=True, tag="and"):
    """Conjunction."""

    tests: tuple[AnyTest, ...]


class Any_(Test, frozen=True, tag="or"):  # noqa: N801 - `Any` is taken by typing
    """Disjunction."""

    tests: tuple[AnyTest, ...]


AnyTest = Opaque | Constant | PythonVersion | Platform | LibraryVersion | Has | Flag | Not | All | Any_


class Guard(msgspec.Struct, frozen=True, array_like=True):
    """A circumstance under which code runs; guards form a tree, `parent` is an index or -1.

    * `catches` non-empty: the body of a `try` (or of `contextlib.suppress`) whose handlers swallow these
      exceptions; `*` swallows everything.
      `!ImportError` marks a handler that takes the exception and raises again: the first match decides.
    * `after` >= 0: a handler, which runs only if the body under guard number `after` fails.
    * `unless` >= 0: an `else`, which runs only if the body under guard number `unless` does not fail.
    * `test`: the branch of an `if` that runs when the test is true.
    """

    parent: int
    catches: tuple[str, ...] = ()
    after: int = -1
    unless: int = -1
    test: AnyTest | None = None


class Call(msgspec.Struct, frozen=True, array_like=True):
    """How something is called: the number of positional arguments and the keywords.

    `starred` and `double_starred`: `*args` and `**kwargs` are passed, so that more may arrive than is seen.
    `hands_on`: of another constructor, with all the `**kwargs` that the constructor around it was called with.
    """

    positional: int
    keywords: tuple[str, ...] = ()
    starred: bool = False
    double_starred: bool = False
    hands_on: bool = False


class Use(msgspec.Struct, frozen=True, array_like=True):
    """One thing that the module takes. `deferred`: in a function body that importing does not run."""

    target: str
    how: How
    line: int
    guard: int = -1
    deferred: bool = False
    call: Call | None = None


class Kind(StrEnum):
    """How a name of a module is bound."""

    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    VALUE = "value"
    DELETED = "deleted"


class Binding(msgspec.Struct, frozen=True, array_like=True):
    """One way in which a name of the module comes to be.

    `target`: for an import what it imports, for a value what it is an
    alias of (`c.d`) or the call that makes it (`c()`), else empty. `test` is the truth of a value that is one.
    `partial`: it is `functools.partial` of the target with this call.
    """

    kind: Kind
    target: str = ""
    line: int = 0
    guard: int = -1
    test: AnyTest | None = None
    partial: Call | None = None


class Parameter(msgspec.Struct, frozen=True, array_like=True):
    """A parameter; `kind` is `/` (positional only), empty, `k` (keyword only), `*` (`*args`) or `**` (`**kw`)."""

    name: str
    kind: str = ""
    required: bool = True


class Function(msgspec.Struct, frozen=True, array_like=True):
    """A function or method. `decorators` are targets, `?` for one that is no name.

    `deprecated` is the message with which the whole function says that it is going away. `returns` are the targets,
    one of which is what a call gives (or the member, of a property), empty where that is not seen, `UNREAD` where it
    was not looked at; `@` at their root is the object of a method, of a class method the class. `overloads` are the
    other ways in which it can be called, where nothing but overloads is seen (in a stub).

    `keeps` tells of a decorator how often it is called until it gives what takes the same as what it decorates: 1 of
    a plain one, 2 of one with arguments, 0 of any other, `KEEPS_UNREAD` where it was not looked at. `hands_back` is
    the same for what that gives when it is called; by an annotation, if what it is `typed` with is a type variable.
    `behind` are those decorators of the function itself that have to hand back what it gives for `returns` to hold.
    """

    parameters: tuple[Parameter, ...]
    decorators: tuple[str, ...] = ()
    line: int = 0
    deprecated: str = ""
    returns: tuple[str, ...] = ()
    overloads: tuple[tuple[Parameter, ...], ...] = ()
    keeps: int = 0
    hands_back: int = 0
    typed: str = ""
    behind: tuple[str, ...] = ()


class Fields(msgspec.Struct, frozen=True, array_like=True):
    """What a constructor takes that `maker` (`dataclass`, `attrs`, `namedtuple`) makes from the fields of a class.

    `own` are the fields of the class itself, of kind `-` where the constructor does not take them; those that it
    inherits come on top. Without a maker the constructor is left as it is.
    """

    maker: str
    own: tuple[Parameter, ...]


class Class(msgspec.Struct, frozen=True, array_like=True):
    """A class. `bases` are targets, with `[]` for one that is subscripted (`Base[T]`). `members` maps
    names to `function`, `value`, `class` or `instance` (set on `self`).

    `holds` maps those of which that is seen to the target of what they hold.
    `open`: members can come from elsewhere (`__getattr__`, `setattr`, a decorator or metaclass unknown).
    Methods stand in `ModuleFacts.functions` as `Class.method`, nested classes in `classes` as `Outer.Inner`.
    `fields`: its constructor is made from its fields. `unseen`: even its methods can be others than those that are
    seen. `abstract`: it has a method that only says that it has to be overridden, so that objects are of other classes.
    """

    bases: tuple[str, ...]
    members: dict[str, str]
    decorators: tuple[str, ...] = ()
    metaclass: str = ""
    open: bool = False
    line: int = 0
    deprecated: str = ""
    holds: dict[str, str] = {}
    fields: Fields | None = None
    unseen: bool = False
    abstract: bool = False


class Exported(msgspec.Struct, frozen=True, array_like=True):
    """A statement that sets `__all__` or (`adds`) adds to it.

    It lists literal names and the modules whose `__all__` it takes over; `complete` if that is everything.
    """

    names: tuple[str, ...]
    extended_by: tuple[str, ...] = ()
    complete: bool = True
    adds: bool = False
    guard: int = -1


class Star(msgspec.Struct, frozen=True, array_like=True):
    """`from module import *`."""

    module: str
    line: int
    guard: int = -1


class Raise(msgspec.Struct, frozen=True, array_like=True):
    """A `raise` that runs while the module is imported, if its guard holds."""

    exception: str
    guard: int = -1


class Getattr(msgspec.Struct, frozen=True, array_like=True):
    """A module-level `__getattr__` (PEP 562).

    `answers` maps the names it is seen to handle to their deprecation message (or empty), `raises` those for
    which it raises at once. `closed`: every other name is refused.
    """

    answers: dict[str, str] = {}
    raises: tuple[str, ...] = ()
    closed: bool = False


class ModuleFacts(msgspec.Struct, frozen=True, array_like=True):
    """Everything that is read off one module.

    `dynamic` are the ways in which names may come to be unseen: `globals`, `exec`, `setattr`, `__class__`,
    `lazy-stub` (names are in the stub beside it), `__path__`, `sys.path`, `sys.meta_path`, `sys.modules` (of itself)
    and `sys.modules:NAME` (it puts another module there; the module and all below it, where `=OTHER` follows).
    `promised` are, for a module that makes names at run time, the names in its literal tables.
    `patches` are targets that the module assigns to: `b.new = f`. `stored` are the attributes that it writes to objects
    which it knows by another name than `self`: classes and objects of the module may have them.
    `raises` are the places where importing it raises, `deprecated` the message with which it says
    that it is going away, `degraded` why it could not be parsed. `unread` are, in an outline, the attributes that
    functions write to which were not looked at (see `facts.outline`).
    `untraced` are the names of members that are taken of objects of which it is not seen what they are.
    """

    bindings: dict[str, tuple[Binding, ...]] = {}
    stars: tuple[Star, ...] = ()
    exported: tuple[Exported, ...] = ()
    functions: dict[str, Function] = {}
    classes: dict[str, Class] = {}
    uses: tuple[Use, ...] = ()
    guards: tuple[Guard, ...] = ()
    getattr: Getattr | None = None
    dynamic: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    stored: frozenset[str] = frozenset()
    raises: tuple[Raise, ...] = ()
    deprecated: str = ""
    degraded: str = ""
    unread: frozenset[str] = frozenset()
    untraced: frozenset[str] = frozenset()


class CTables(msgspec.Struct, frozen=True, array_like=True):
    """What a compiled module may import by C: dotted names of modules, and names of tables of functions in them."""

    modules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class Mentions(msgspec.Struct, frozen=True, array_like=True):
    """The top-level modules that a text seems to import, as a quick look finds them; more rather than less.

    `firm` are those whose import stands unindented, so that nothing guards it; `typing` those that are imported for
    type checkers only, so that nothing runs.
    """

    roots: frozenset[str]
    firm: frozenset[str]
    typing: frozenset[str] = frozenset()
