"""`setup.py`: what it hands to `setup()`, as far as that is written out. It is never run.

Source: https://setuptools.pypa.io/en/latest/references/keywords.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, Marker

from pinproof.facts.manifests.python_text import PythonText
from pinproof.facts.manifests.setuptools_lists import FIELDS
from pinproof.facts.manifests.written import of_excerpt
from pinproof.model.declaration import FilePath, Kind, Manifest, Value, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.facts.manifests.excerpt import Excerpt
    from pinproof.model.declaration import Declaration

_LISTS = frozenset(("dependencies", "optional-dependencies"))
_MODULES = frozenset(("setuptools", "distutils", "core", "skbuild"))


def read(text: str, path: FilePath) -> Manifest:
    """What is handed to `setup()`; what is computed is dynamic."""
    source = PythonText(text)
    reading = _Reading(source)
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and _is_setup(node.func)]
    for call in calls:
        reading.call(call)
    return Manifest(
        path,
        Kind.SETUP_PY,
        text,
        tuple(reading.declarations),
        problems=source.problems,
        name=reading.values.get("name"),
        requires_python=reading.values.get("python_requires"),
        classifiers=tuple(reading.classifiers),
        has_build_system=bool(calls),
        dynamic=frozenset(reading.dynamic),
        extras=frozenset(reading.extras),
    )


def _is_setup(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="setup"):
            return True
        case ast.Attribute(attr="setup", value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _MODULES
        case _:
            return False


class _Reading:
    """The arguments of `setup()`."""

    def __init__(self, source: PythonText) -> None:
        self._source = source
        self.declarations: list[Declaration] = []
        self.values: dict[str, Value] = {}
        self.classifiers: list[str] = []
        self.dynamic: set[str] = set()
        self.extras: set[str] = set()

    def call(self, call: ast.Call) -> None:
        """All of one call."""
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._field(keyword.arg, keyword.value)
                continue
            later = list(self._set_later(keyword.value))
            for field in [*self._source.fields(keyword.value), *later]:
                if field is not None:
                    self._field(*field)
                if field is None or later:  # what else is in it, or under which condition, cannot be seen
                    self.dynamic |= _LISTS

    def _field(self, name: str, value: ast.expr) -> None:
        match name:
            case "name" | "python_requires":
                if (said := self._source.string(value)) is not None:
                    self.values[name] = Value(said.span(), said.text)
                else:
                    self.dynamic.add("requires-python" if name == "python_requires" else name)
            case "classifiers":
                self.classifiers += [one.text for one in self._source.strings(value)[0]]
            case "extras_require":
                self._extras(value)
            case "pbr":  # https://docs.openstack.org/pbr: it takes them from requirements.txt
                self.dynamic.add("dependencies")
            case _ if name in FIELDS:
                where, part, standard = FIELDS[name]
                self._list(value, where, part, "", standard)
            case _:
                pass

    def _extras(self, value: ast.expr) -> None:
        for field in [*self._source.fields(value), *self._set_later(value)]:
            if field is None:
                self.dynamic.add("optional-dependencies")
                continue
            extra, marker = _extra_and_marker(field[0])
            where = Where.EXTRA if extra else Where.PUBLISHED
            self.extras |= {extra} if extra else set()
            self._list(field[1], where, extra, marker, "optional-dependencies")

    def _set_later(self, value: ast.expr) -> Iterator[tuple[str, ast.expr] | None]:
        """`extras["all"] = […]`, where the dict has a name."""
        if not isinstance(value, ast.Name):
            return
        for node in ast.walk(self._source.tree):
            match node:
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)]) if (
                    name == value.id
                ):
                    said = self._source.string(key)
                    yield None if said is None else (said.text, node.value)
                case _:
                    pass

    def _list(self, value: ast.expr, where: Where, part: str, marker: str, standard: str) -> None:
        found, whole = self._source.strings(value)
        if not whole:
            self.dynamic.add(standard)
        self.declarations += [_in_list(one, where, part=part, marker=marker) for one in found]


def _extra_and_marker(key: str) -> tuple[str, str]:
    """The key of an extra, which may end in a marker: `tests:python_version<"3.9"`."""
    extra, _, marker = key.partition(":")
    return extra.strip(), marker.strip()


def _in_list(written: Excerpt, where: Where, *, part: str = "", marker: str = "") -> Declaration:
    """A requirement as an item of a list. `marker` is that of the whole list."""
    found = of_excerpt(written, where, part=part)
    if found.requirement is not None and marker:
        try:
            outer = Marker(marker)
        except (InvalidMarker, RecursionError):
            return found
        inner = found.requirement.marker
        found.requirement.marker = outer if inner is None else Marker(f"({inner}) and ({outer})")
    return found
