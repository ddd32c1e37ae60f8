"""Fields of which a constructor is made: those of dataclasses, of attrs classes and of named tuples.

Sources: the documentation of `dataclasses`, of attrs, and of `collections.namedtuple`. What is not written out
literally, such as an option that is computed, leaves it open what the constructor takes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pinproof.facts.syntax import last_name, parts
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeGuard

    Refer = Callable[[ast.expr], str]

_DATACLASS = frozenset({"dataclasses:dataclass"})
_CLASSIC_ATTRS = frozenset({"attr:s", "attr:attrs", "attr:attributes", "attr:dataclass"})
_ATTRS = frozenset(
    f"{module}:{name}" for module in ("attr", "attrs") for name in ("define", "mutable", "frozen")
)
_FIELD = frozenset({"dataclasses:field"})
_ATTRIBUTE = frozenset({"attr:ib", "attr:attrib", "attr:attr", "attr:field", "attrs:field"})
NAMED_TUPLE = "typing:NamedTuple"
_MADE_BY_CALL = frozenset({"collections:namedtuple", NAMED_TUPLE})
_NAMES = frozenset({"NamedTuple", "namedtuple"})
_OPENING = frozenset({"these", "field_transformer", None})
_KEPT = m.Fields("", ())


class _UnseenError(Exception):
    """What the constructor takes is not written out."""


def fields_of(node: ast.ClassDef, refer: Refer) -> m.Fields | None:
    """What the constructor of a class takes by its fields.

    None where it is not made of any, or not seen; without a maker where a decorator leaves it as it is.
    """
    try:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            options = _options(decorator)
            target = refer(called)
            if target in _DATACLASS:
                return _of_dataclass(node, options, refer)
            if target in _ATTRS or target in _CLASSIC_ATTRS:
                return _of_attrs(node, target, options, refer)
        for base in node.bases:
            if last_name(base) not in _NAMES:
                continue
            if isinstance(base, ast.Call):
                return fields_of_call(base, refer)
            if refer(base) == NAMED_TUPLE:
                own = [m.Parameter(f.target.id, "", f.value is None) for f in _annotated(node)]
                return m.Fields("namedtuple", tuple(own))
    except _UnseenError:
        pass
    return None


def _options(decorator: ast.expr) -> Mapping[str | None, ast.expr]:
    return {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}


def _flag(options: Mapping[str | None, ast.expr], name: str, *, otherwise: bool) -> bool:
    value = options.get(name)
    if value is None:
        return otherwise
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return value.value
    raise _UnseenError


class _Field(ast.AnnAssign):
    target: ast.Name


def _annotated(node: ast.ClassDef) -> Iterator[_Field]:
    """The annotated names of a class body, in order. Raises where some stand in a block that may not run."""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            if isinstance(statement.target, ast.Name):
                yield statement  # type: ignore[misc]
        elif isinstance(statement, ast.If | ast.For | ast.While | ast.Try | ast.With) and any(
            isinstance(part, ast.AnnAssign) for part in parts(statement)
        ):
            raise _UnseenError


def _defines(node: ast.ClassDef, name: str) -> bool:
    return any(isinstance(statement, ast.FunctionDef) and statement.name == name for statement in node.body)


def _annotation_is(node: ast.AnnAssign, name: str) -> bool:
    annotation: ast.expr = node.annotation
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value.partition("[")[0].rpartition(".")[2] == name
    return last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation) == name


# --- dataclasses -----------------------------------------------------------------------------------------


def _of_dataclass(
    node: ast.ClassDef, options: Mapping[str | None, ast.expr], refer: Refer
) -> m.Fields | None:
    if not _OPENING.isdisjoint(options):
        return None
    if not _flag(options, "init", otherwise=True) or _defines(node, "__init__"):
        return _KEPT
    keyword_only = _flag(options, "kw_only", otherwise=False)
    own: dict[str, m.Parameter] = {}
    for field in _annotated(node):
        if _annotation_is(field, "KW_ONLY"):
            keyword_only = True
        elif not _annotation_is(field, "ClassVar"):
            own[field.target.id] = _field(field, refer, keyword_only=keyword_only)
    return m.Fields("dataclass", tuple(own.values()))


def _field(node: _Field, refer: Refer, *, keyword_only: bool) -> m.Parameter:
    value, kind = node.value, "k" if keyword_only else ""
    if not isinstance(value, ast.Call):
        return m.Parameter(node.target.id, kind, value is None)
    if refer(value.func) not in _FIELD:
        if "field" in last_name(value).lower():
            raise _UnseenError  # a field that somebody else's function makes
        return m.Parameter(node.target.id, kind, required=False)
    options = _options(value)
    if None in options:
        raise _UnseenError
    if not _flag(options, "init", otherwise=True):
        return m.Parameter(node.target.id, "-", required=False)
    kind = "k" if _flag(options, "kw_only", otherwise=keyword_only) else ""
    return m.Parameter(node.target.id, kind, options.keys().isdisjoint({"default", "default_factory"}))


# --- attrs -----------------------------------------------------------------------------------------------


def _of_attrs(
    node: ast.ClassDef, maker: str, options: Mapping[str | None, ast.expr], refer: Refer
) -> m.Fields | None:
    if not _OPENING.isdisjoint(options):
        return None
    detects = _flag(options, "auto_detect", otherwise=maker in _ATTRS)
    if not _flag(options, "init", otherwise=True) or (detects and _defines(node, "__init__")):
        return _KEPT
    if _defines(node, "__init__") or _defines(node, "__attrs_pre_init__"):
        return None
    keyword_only = _flag(options, "kw_only", otherwise=False)
    if keyword_only and node.bases:
        return None  # what is inherited may become keyword-only, too: that has changed over time
    attributes = dict(_attributes(node, refer))
    annotated = {field.target.id: field for field in _annotated(node)}
    by_annotation = maker == "attr:dataclass" or (maker in _ATTRS and attributes.keys() <= annotated.keys())
    own: dict[str, m.Parameter] = {}
    if _flag(options, "auto_attribs", otherwise=by_annotation):
        for name, field in annotated.items():
            if not _annotation_is(field, "ClassVar"):
                value = attributes.get(name, field.value)
                own[name] = _attribute(name, value, attributes, keyword_only=keyword_only)
    else:
        for name, call in attributes.items():
            own[name] = _attribute(name, call, attributes, keyword_only=keyword_only)
    defaulted = set(_defaulted(node))
    taken = [m.Parameter(p.name, p.kind, p.required and name not in defaulted) for name, p in own.items()]
    return m.Fields("attrs", tuple(taken))


def _attributes(node: ast.ClassDef, refer: Refer) -> Iterator[tuple[str, ast.Call]]:
    """The names of a class body to which an attribute of attrs is assigned."""
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call)
            ):
                if refer(call.func) in _ATTRIBUTE:
                    yield name, call
                elif any(word in last_name(call).lower() for word in ("attr", "field")):
                    raise _UnseenError
            case _:
                pass


def _attribute(
    name: str, value: ast.expr | None, attributes: Mapping[str, ast.Call], *, keyword_only: bool
) -> m.Parameter:
    if name.startswith("__"):
        raise _UnseenError  # its name is mangled
    taken, kind = name.lstrip("_"), "k" if keyword_only else ""
    if not isinstance(value, ast.Call) or attributes.get(name) is not value:
        return m.Parameter(taken, kind, value is None)
    options = _options(value)
    if None in options:
        raise _UnseenError
    if not _flag(options, "init", otherwise=True):
        return m.Parameter(taken, "-", required=False)
    alias = options.get("alias")
    if alias is not None:
        if not (isinstance(alias, ast.Constant) and isinstance(alias.value, str)):
            raise _UnseenError
        taken = alias.value
    kind = "k" if _flag(options, "kw_only", otherwise=keyword_only) else ""
    required = not value.args and options.keys().isdisjoint({"default", "factory"})
    return m.Parameter(taken, kind, required)


def _defaulted(node: ast.ClassDef) -> Iterator[str]:
    """The attributes that get their default from a method: `@x.default`."""
    for statement in node.body:
        for decorator in statement.decorator_list if isinstance(statement, ast.FunctionDef) else ():
            if (
                isinstance(decorator, ast.Attribute)
                and decorator.attr == "default"
                and isinstance(decorator.value, ast.Name)
            ):
                yield decorator.value.id


# --- named tuples ----------------------------------------------------------------------------------------


def fields_of_call(call: ast.Call, refer: Refer) -> m.Fields | None:
    """What a class takes that `namedtuple("N", "a b")` makes; None for any other call, and where that is not seen."""
    if len(call.args) != 2 or refer(call.func) not in _MADE_BY_CALL:
        return None
    names = _names(call.args[1])
    options = _options(call)
    defaults = _length(options.get("defaults"))
    if names is None or defaults is None or not options.keys() <= {"defaults", "module", "verbose"}:
        return None
    required = len(names) - defaults
    own = [m.Parameter(name, "", number < required) for number, name in enumerate(names)]
    return m.Fields("namedtuple", tuple(own))


def makes_named_tuple(node: ast.expr, refer: Refer) -> TypeGuard[ast.Call]:
    """Whether an expression is a call that makes a class of named tuples."""
    return isinstance(node, ast.Call) and last_name(node) in _NAMES and refer(node.func) in _MADE_BY_CALL


def _names(node: ast.expr) -> Sequence[str] | None:
    match node:
        case ast.Constant(value=str(text)):
            return text.replace(",", " ").split()
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            names = [_name(element) for element in elements]
            return None if None in names else [name for name in names if name is not None]
        case _:
            return None


def _name(element: ast.expr) -> str | None:
    match element:
        case ast.Constant(value=str(name)) | ast.Tuple(elts=[ast.Constant(value=str(name)), _]):
            return name
        case _:
            return None


def _length(node: ast.expr | None) -> int | None:
    """How many values a literal tuple has, `(None,) * 3` included; none where there is nothing."""
    match node:
        case None:
            return 0
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return None if any(isinstance(e, ast.Starred) for e in elements) else len(elements)
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=int(times))):
            one = _length(left)
            return None if one is None else one * times
        case _:
            return None
