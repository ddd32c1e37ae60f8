"""Lock files that are TOML: read, with the line of each package, and errors that name it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import place
from pinproof.facts.locks.text import readable

_NAME = re.compile(r"^[ \t]*name[ \t]*=", re.MULTILINE)
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parsed(text: str, filename: str, hint: str) -> dict[str, Any]:
    """The document. InputError with the line where it is not TOML."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _TOML_PLACE.search(message)
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        reason = message[: found.start()] if found else message
        raise InputError(f"{place(filename, line)}: not valid TOML: {reason}", hint) from error
    except (RecursionError, ValueError) as error:
        raise InputError(f"{filename}: not valid TOML: {error}", hint) from error


def table_lines(text: str, table: str, count: int) -> list[int | None]:
    """The line that names each of the `count` packages, where they are written as `[[table]]`."""
    header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(table)}[ \t]*\]\]", re.MULTILINE)
    headers = [m.start() for m in header.finditer(text)]
    if len(headers) != count:
        return [None] * count
    return [_name_line(text, start, end) for start, end in pairwise([*headers, len(text)])]


def _name_line(text: str, start: int, end: int) -> int:
    name = _NAME.search(text, start, end)
    return text.count("\n", 0, name.start() if name else start) + 1


@dataclass(frozen=True, slots=True)
class Document:
    """A lock file of one tool; `hint` says how to write it again."""

    filename: str
    text: str
    values: dict[str, Any]
    hint: str

    @classmethod
    def read(cls, content: str | bytes, filename: str, hint: str) -> Document:
        """Decode and parse. InputError for what is no text, has merge conflicts, or is no TOML."""
        text = readable(content, filename)
        return cls(filename, text, parsed(text, filename, hint), hint)

    def wrong(self, message: str, line: int | None = None) -> InputError:
        """What is wrong with the file, at a line."""
        return InputError(f"{place(self.filename, line)}: {message}", self.hint)

    def table(self, *path: str) -> dict[str, Any]:
        """A table below the top; an empty one where there is none."""
        found = self.values
        for key in path:
            below = found.get(key, {})
            if not isinstance(below, dict):
                raise self.wrong(f"'{'.'.join(path)}' is not a table")
            found = below
        return found

    def packages(self) -> list[Entry]:
        """The `[[package]]` tables; InputError where they are something else."""
        packages = self.values.get("package", [])
        if not isinstance(packages, list) or not all(isinstance(one, dict) for one in packages):
            raise self.wrong("'package' is not a list of tables")
        lines = table_lines(self.text, "package", len(packages))
        return [Entry(self, values, line) for values, line in zip(packages, lines, strict=True)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One package of a lock file with what it says; every field is checked as it is asked for."""

    document: Document
    values: dict[str, Any]
    line: int | None

    def wrong(self, message: str) -> InputError:
        """What is wrong with this package."""
        return self.document.wrong(message, self.line)

    @property
    def name(self) -> NormalizedName:
        """The name, normalised."""
        return canonicalize_name(self._said("name", str))

    @property
    def version(self) -> Version:
        """The version that it is pinned to."""
        text: str = self._said("version", str)
        try:
            return Version(text)
        except InvalidVersion as error:
            raise self.wrong(f"{self.name}: {text!r} is not a version") from error

    def _said(self, key: str, kind: type) -> Any:
        value = self.values.get(key)
        if not isinstance(value, kind):
            raise self.wrong(f"the package has no {key}" if value is None else f"its {key} is {value!r}")
        return value

    def get(self, key: str, kind: type, default: Any) -> Any:
        """A field that may be missing. InputError where it is of another kind."""
        value = self.values.get(key, default)
        if not isinstance(value, kind):
            raise self.wrong(f"{self.name}: its {key} is {value!r}")
        return value

    def marker(self, text: Any) -> Marker | None:
        """A marker as it is written; None for no condition."""
        if text in (None, "", "*"):
            return None
        try:
            return Marker(text)
        except (InvalidMarker, TypeError, AttributeError, RecursionError) as error:
            raise self.wrong(f"{self.name}: cannot read the marker {text!r}") from error

    def specifier(self, text: Any) -> SpecifierSet:
        """Versions as they are written."""
        return specifier(self.document, text, self.line)


def specifier(document: Document, text: Any, line: int | None = None) -> SpecifierSet:
    """Versions as they are written; InputError for what is none."""
    try:
        return SpecifierSet("" if text in (None, "*") else str(text))
    except InvalidSpecifier as error:
        raise document.wrong(f"cannot read the versions {text!r}", line) from error
