"""What `[tool.pinproof]` says of the releases that a project wants, and what the options of the same names say.

[tool.pinproof]
exclude-newer = "7 days"
exclude-newer-package = { urllib3 = "1 day", our-own-library = false }
prerelease = "disallow"
only-binary = [":all:"]
resolution = "lowest-direct"
"""

from __future__ import annotations

from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from packaging.utils import InvalidName, canonicalize_name

from pinproof.errors import InputError
from pinproof.facts.dates import end_of, span_of
from pinproof.facts.locks.pinned import place
from pinproof.model.policy import EVERYTHING, PRERELEASES, RESOLUTIONS, Age, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from packaging.utils import NormalizedName

OF_OTHERS = ("role", "application", "check", "audit")
"""Keys of `[tool.pinproof]` that say something else: see `check_settings`."""

_AGES = "Write a span, like 7 days or P7D, or a day, like 2026-01-31."


def policy_of_table(document: Mapping[str, Any], source: str, filename: str, above: int = 0) -> Policy:
    """What a document says; where `[tool.pinproof]` is silent, `[tool.uv]` counts, which uv reads itself.

    `source` is its text, which begins below the line `above` of the file. InputError, with file and line, for a key
    that there is none of, and for a value that makes no sense.
    """
    tool = document.get("tool", {})
    table = tool.get("pinproof", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise InputError(f"{filename}: [tool.pinproof] is not a table")

    def where(key: str) -> str:
        line = _line_of(key, source)
        return f"{place(filename, line + above if line else None)}: {key} of [tool.pinproof]"

    for key in table:
        if key not in _KEYS and key not in OF_OTHERS:
            raise InputError(f"{where(key)}: there is no such key", _nearest(key))
    said = _policy({key: value for key, value in table.items() if key in _KEYS}, where)
    return said.over(_of_uv(tool.get("uv", {}) if isinstance(tool, dict) else {}))


def policy_of_options(
    exclude_newer: str | None,
    exclude_newer_package: Sequence[str],
    prerelease: str | None,
    only_binary: Sequence[str],
    resolution: str | None,
) -> Policy:
    """The same from options; each entry for a package is NAME=AGE."""
    ages: dict[str, object] = {}
    for entry in exclude_newer_package:
        name, equals, age = entry.partition("=")
        if not equals:
            raise InputError(f"--exclude-newer-package {entry}: not NAME=AGE", _AGES)
        ages[name] = False if age == "false" else age
    given = {
        "exclude-newer": exclude_newer,
        "exclude-newer-package": ages,
        "prerelease": prerelease,
        "only-binary": list(only_binary),
        "resolution": resolution,
    }
    return _policy({key: value for key, value in given.items() if value is not None}, lambda key: f"--{key}")


def _policy(table: Mapping[str, Any], where: Callable[[str], str]) -> Policy:
    values: dict[str, Any] = {}
    for key, value in table.items():
        values[key.replace("-", "_")] = _KEYS[key](value, where(key))
    return Policy(**values)


def _nearest(key: str) -> str:
    known = (*_KEYS, *OF_OTHERS)
    close = get_close_matches(key.lower().replace("_", "-"), known, 1, 0.5)
    return f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}."


def _of_uv(table: object) -> Policy:
    """What uv is told; what makes no sense there is left to uv."""
    if not isinstance(table, dict):
        return Policy()
    table = {**table.get("pip", {}), **table} if isinstance(table.get("pip", {}), dict) else table
    said = Policy()
    for key in ("exclude-newer", "exclude-newer-package", "prerelease", "resolution"):
        if key in table:
            try:
                said = _policy({key: table[key]}, lambda key: key).over(said)
            except InputError:
                continue
    return said


# --- values ----------------------------------------------------------------------------------------------


def _age(value: object, where: str) -> Age:
    text = value.isoformat() if isinstance(value, (date, datetime)) else value
    if not isinstance(text, str):
        raise InputError(f"{where}: {value!r} is not an age", _AGES)
    span = span_of(text)
    if span is not None:
        return Age(text, span)
    try:
        return Age(text, moment=end_of(text, label=f"{where}:"))
    except InputError as error:
        raise InputError(error.message, _AGES) from None


def _ages(value: object, where: str) -> Mapping[NormalizedName, Age | None]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: not a table of packages")
    return {
        _name(name, where): None if age is False else _age(age, f"{where}: {name}")
        for name, age in value.items()
    }


def _names(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InputError(f"{where}: not a list of packages", f'Write ["numpy"], or ["{EVERYTHING}"] for all.')
    return tuple(EVERYTHING if name == EVERYTHING else _name(name, where) for name in value)


def _name(text: object, where: str) -> NormalizedName:
    try:
        return canonicalize_name(str(text), validate=True)
    except InvalidName:
        raise InputError(f"{where}: {text!r} is not the name of a package") from None


def _one_of(words: tuple[str, ...]) -> Callable[[object, str], str]:
    def chosen(value: object, where: str) -> str:
        if value not in words:
            raise InputError(f"{where}: {value!r} is none of {', '.join(words)}")
        return str(value)

    return chosen


_KEYS: dict[str, Callable[[Any, str], Any]] = {
    "exclude-newer": _age,
    "exclude-newer-package": _ages,
    "prerelease": _one_of(PRERELEASES),
    "only-binary": _names,
    "resolution": _one_of(RESOLUTIONS),
}


def _line_of(key: str, source: str) -> int | None:
    """The first line of the table that has this key."""
    start = max(source.find("tool.pinproof"), 0)
    at = source.find(key, start)
    return None if at < 0 else source.count("\n", 0, at) + 1
