"""`setup.cfg`: what setuptools reads of it.

Source: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.facts.manifests.ini import Option, options
from pinproof.facts.manifests.setuptools_lists import FIELDS
from pinproof.facts.manifests.written import of_excerpt
from pinproof.model.declaration import FilePath, Kind, Manifest, Reference, Value, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.facts.manifests.excerpt import Excerpt
    from pinproof.model.declaration import Declaration

_FILE = re.compile(r"file:\s*(?P<paths>.*)")


def read(text: str, path: FilePath) -> Manifest:
    """The metadata, the lists of requirements, and the files that such are taken from."""
    reading = _Reading()
    for option in options(text):
        reading.option(option)
    return Manifest(
        path,
        Kind.SETUP_CFG,
        text,
        tuple(reading.declarations),
        includes=tuple(reading.includes),
        name=reading.values.get("name"),
        requires_python=reading.values.get("python_requires"),
        classifiers=tuple(reading.classifiers),
        dynamic=frozenset(reading.dynamic),
        extras=frozenset(reading.extras),
    )


class _Reading:
    """The options, one after the other."""

    def __init__(self) -> None:
        self.declarations: list[Declaration] = []
        self.includes: list[Reference] = []
        self.values: dict[str, Value] = {}
        self.classifiers: list[str] = []
        self.dynamic: set[str] = set()
        self.extras: set[str] = set()

    def option(self, option: Option) -> None:
        """One of them."""
        key = option.key.replace("-", "_")
        match option.section, key:
            case ("metadata", "name") | ("options", "python_requires") if option.lines:
                self.values[key] = Value(option.lines[0].span(), option.lines[0].text)
            case "metadata", "classifiers":
                self.classifiers += [line.text for line in option.lines if not _FILE.match(line.text)]
            case "options", _ if key in FIELDS:
                self._list(option, *FIELDS[key])
            case "options.extras_require", _:
                self.extras.add(option.key)
                self._list(option, Where.EXTRA, option.key, "optional-dependencies")
            case _:
                pass

    def _list(self, option: Option, where: Where, part: str, standard: str) -> None:
        for item in _items(option):
            if file := _FILE.fullmatch(item.text):
                self.dynamic.add(standard)
                self._include(item, *file.span("paths"))
            else:
                self.declarations.append(of_excerpt(item, where, part=part))

    def _include(self, item: Excerpt, start: int, end: int) -> None:
        for path in re.finditer(r"[^,\s]+", item.text[start:end]):
            self.includes.append(Reference(item.span(start + path.start(), start + path.end()), path[0]))


def _items(option: Option) -> Iterator[Excerpt]:
    """The lines of a list; the parts between semicolons, where it stands in one line."""
    if not option.is_short:
        yield from option.lines
        return
    for line in option.lines:
        yield from (line.part(*found.span()) for found in re.finditer(r"[^\s;](?:[^;]*[^\s;])?", line.text))
