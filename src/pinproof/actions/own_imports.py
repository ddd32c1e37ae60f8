"""What a project's own source imports: a quick look over all of it, and an exact one where a rule asks.

Nothing is read before it is asked for.
"""

from __future__ import annotations

import re
import sys
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pinproof.errors import ArchiveError
from pinproof.facts.imports import read_imports
from pinproof.facts.mentions import read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.own_source import importable_names, is_apart
from pinproof.judgement.rules.project import Import
from pinproof.model.declaration import FilePath
from pinproof.model.lines import Lines
from pinproof.model.verdict import How, NotChecked
from pinproof.sources.folders import content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pinproof.model.module import Mentions

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_-]*")
_LARGEST = 1024 * 1024
_MOST_READ = 30
"""Files that are read for one module: a module that so many import optionally is not imported for certain by others."""


class OwnImports:
    """The source of a project: the Python files below its folder that belong to no other project."""

    def __init__(self, root: Path, folder: str, files: Iterable[str]) -> None:
        self._root = root
        self._folder = folder
        self._all = tuple(map(FilePath, files))
        self._files = tuple(path for path in self._all if path.endswith(".py"))
        self._found: dict[str, Import | None] = {}
        self._notes: list[NotChecked] = []
        self._texts: dict[FilePath, str] = {}

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """The files that could not be read."""
        return tuple(self._notes)

    def texts(self) -> Mapping[FilePath, str]:
        """The files in which places were found."""
        return self._texts

    def own(self) -> frozenset[str]:
        """Modules of its own, and those of Python."""
        return self._own

    def mentioned(self) -> frozenset[str]:
        """All that it seems to import."""
        return frozenset(self._by_module)

    def first(self, module: str) -> Import | None:
        """The first place, in the order of the files, that imports it for certain; else one that does not.

        It is imported by what imports something below it, too.
        """
        if module not in self._found:
            places = list(self._places(module))
            self._found[module] = min(places, key=lambda one: (one.in_tests, one.optional), default=None)
        return self._found[module]

    def words(self, without: Collection[FilePath]) -> frozenset[str]:
        """Those of files that are not large, and no programs or pictures."""
        found: set[bytes] = set()
        for path in self._all:
            source = self._text(path) if path not in without else None
            if source is not None and len(source) <= _LARGEST and b"\0" not in source[:1024]:
                found.update(_WORD.findall(source))
        return frozenset(word.decode("ascii").lower().replace("-", "_") for word in found)

    def _places(self, module: str) -> Iterator[Import]:
        """Places that import it; the last one is certain, where there is any that is."""
        files = sorted(
            self._by_module.get(module.partition(".")[0], ()),
            key=lambda one: (is_apart(self._within(one[0])), not one[1]),
        )
        for path, _ in files[:_MOST_READ]:
            place = self._place(path, module)
            if place is not None:
                yield place
                if not place.optional and not place.in_tests:
                    return

    def _place(self, path: FilePath, module: str) -> Import | None:
        source = self._text(path)
        if source is None:
            return None
        text = source.decode("utf-8", "replace")
        lines = Lines(text)
        facts = read_imports(source) or read_module(source)
        if facts.degraded:
            self._notes.append(NotChecked(path, f"cannot be parsed: {facts.degraded}"))
            return None
        apart = is_apart(self._within(path))
        places = [
            Import(module, path, lines.whole(use.line), use.deferred or use.guard != -1, apart)
            for use in facts.uses
            if use.how is How.IMPORT and f"{use.target.replace(':', '.')}.".startswith(f"{module}.")
        ]
        if places:
            self._texts[path] = text
        return min(places, key=lambda one: one.optional, default=None)

    def _within(self, path: FilePath) -> str:
        """The path as seen from the folder of the project."""
        return path.removeprefix(f"{self._folder}/") if self._folder else path

    @cached_property
    def _own(self) -> frozenset[str]:
        return importable_names(self._within(path) for path in self._files) | sys.stdlib_module_names

    @cached_property
    def _by_module(self) -> dict[str, list[tuple[FilePath, bool]]]:
        """For each module the files that seem to import it, and whether they do so at the beginning of a line."""
        found: dict[str, list[tuple[FilePath, bool]]] = {}
        for path, mentions in self._mentions():
            for module in mentions.roots:
                found.setdefault(module, []).append((path, module in mentions.firm))
        return found

    def _mentions(self) -> Iterator[tuple[FilePath, Mentions]]:
        for path in self._files:
            source = self._text(path)
            if source is not None:
                yield path, read_mentions(source)

    def _text(self, path: FilePath) -> bytes | None:
        try:
            return content(self._root / PurePosixPath(path), str(self._root))
        except ArchiveError as error:
            note = NotChecked(path, error.message.removeprefix(f"{self._root}: "))
            self._notes += [] if note in self._notes else [note]
            return None
