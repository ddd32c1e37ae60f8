"""What `[tool.pinproof]` says of how a project is to be checked.

[tool.pinproof]
role = "library"

[tool.pinproof.application]
pin = "minor"

[tool.pinproof.check]
ignore = ["PIN104"]
extend-select = ["PIN306"]
exclude = ["examples"]
per-file-ignores = { "docs/*" = ["PIN401"] }
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROLES = ("library", "application", "both")
GRANULARITIES = ("exact", "patch", "minor", "major")
_KEYS = ("select", "ignore", "extend-select", "exclude", "per-file-ignores")


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """Empty is "not said". Codes may be the beginnings of some: `PIN1` stands for all of libraries."""

    role: str = ""
    pin: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def over(self, other: CheckSettings) -> CheckSettings:
        """What this says, and where it says nothing what the other does; what is left out or added is so by both."""
        return CheckSettings(
            self.role or other.role,
            self.pin or other.pin,
            self.select or other.select,
            (*other.ignore, *self.ignore),
            (*other.extend_select, *self.extend_select),
            (*other.exclude, *self.exclude),
            {**other.per_file_ignores, **self.per_file_ignores},
        )


def check_settings(document: Mapping[str, Any], text: str, filename: str) -> CheckSettings:
    """Read them. InputError, with file and line, for a key that there is none of and a value that makes no sense."""
    return _Reading(document, text, filename).settings()


class _Reading:
    def __init__(self, document: Mapping[str, Any], text: str, filename: str) -> None:
        tool = document.get("tool", {})
        self.table = tool.get("pinproof", {}) if isinstance(tool, dict) else {}
        self.text, self.filename = text, filename
        self.start = max(text.find("tool.pinproof"), 0)

    def settings(self) -> CheckSettings:
        if not isinstance(self.table, dict):
            raise self.wrong("tool.pinproof", "it is not a table")
        check = self.within("check", _KEYS)
        application = self.within("application", ("pin",))
        ignores = check.get("per-file-ignores", {})
        if not isinstance(ignores, dict):
            raise self.wrong("per-file-ignores", "it is not a table of globs and codes")
        return CheckSettings(
            self.one_of(self.table, "role", ROLES),
            self.one_of(application, "pin", GRANULARITIES),
            self.codes(check, "select"),
            self.codes(check, "ignore"),
            self.codes(check, "extend-select"),
            self.texts(check, "exclude"),
            {str(glob): self.codes(ignores, glob) for glob in ignores},
        )

    def within(self, name: str, keys: Iterable[str]) -> dict[str, Any]:
        table = self.table.get(name, {})
        if not isinstance(table, dict):
            raise self.wrong(name, "it is not a table")
        for key in table:
            if key not in keys:
                close = get_close_matches(key, list(keys), 1, 0.5)
                hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(keys)}."
                raise self.wrong(key, f"there is no such key in [tool.pinproof.{name}]", hint)
        return table

    def one_of(self, table: Mapping[str, Any], key: str, words: tuple[str, ...]) -> str:
        value = table.get(key, "")
        if value and value not in words:
            raise self.wrong(key, f"{value!r} is none of {', '.join(words)}")
        return str(value)

    def codes(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(text.upper() for text in self.texts(table, key))

    def texts(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(key, "it is not a list of texts")
        return tuple(value)

    def wrong(self, key: str, told: str, hint: str | None = None) -> InputError:
        found = re.search(rf"""(?m)(?:^|[,{{])\s*["']?{re.escape(key)}["']?\s*=""", self.text[self.start :])
        line = self.text.count("\n", 0, self.start + found.end()) + 1 if found else None
        return InputError(f"{place(self.filename, line)}: {key}: {told}", hint)
