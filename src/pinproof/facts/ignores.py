"""What `[tool.pinproof.audit]` says of vulnerabilities that are known and taken into account.

[tool.pinproof.audit]
ignore = [
    { id = "CVE-2023-43804", reason = "no redirects are followed", expires = 2027-06-30 },
    { id = "PYSEC-2022-43012", package = "setuptools", reason = "no fix is in reach", until-fixable = true },
]
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from packaging.utils import InvalidName, canonicalize_name

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import place
from pinproof.facts.locks.project import below
from pinproof.facts.locks.text import readable
from pinproof.model.audit import Ignore
from pinproof.model.report import Place

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

_KEYS = ("id", "reason", "package", "expires", "until-fixable")
_FORM = '{ id = "CVE-2023-43804", reason = "why it does no harm here", expires = 2027-06-30 }'


def read_ignores(text: str | bytes, filename: str) -> tuple[Ignore, ...]:
    """Those of a `pyproject.toml`; none where it is no TOML, which others tell.

    InputError, with file and line, for a key that there is none of, and for a value that makes no sense.
    """
    source = readable(text, filename)
    try:
        document = tomllib.loads(source.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return ()
    table = below(document, "tool", "pinproof", "audit")
    if table is None:
        return ()
    start = max(source.find("tool.pinproof.audit"), 0)
    line = source.count("\n", 0, start) + 1
    if not isinstance(table, dict):
        raise InputError(f"{place(filename, line)}: audit of [tool.pinproof] is not a table")
    for key in table:
        if key != "ignore":
            raise InputError(
                f"{place(filename, line)}: {key} of [tool.pinproof.audit]: there is no such key",
                "There is ignore.",
            )
    listed = table.get("ignore", [])
    if not isinstance(listed, list):
        raise InputError(
            f"{place(filename, line)}: ignore of [tool.pinproof.audit]: not a list", f"Write [{_FORM}]."
        )
    found = []
    for entry in listed:
        at = _line_of(entry, source, start)
        found.append(_ignore(entry, Place(filename, at)))
    return tuple(found)


def _ignore(entry: Any, at: Place) -> Ignore:
    def wrong(told: str) -> InputError:
        return InputError(
            f"{place(at.filename, at.line)}: ignore of [tool.pinproof.audit]: {told}", f"Write {_FORM}."
        )

    if not isinstance(entry, dict):
        raise wrong(f"{entry!r} is not a table")
    for key in entry:
        if key not in _KEYS:
            raise wrong(f"there is no key {key}: there are {', '.join(_KEYS)}")
    identifier, reason = entry.get("id"), entry.get("reason")
    if not isinstance(identifier, str) or not identifier.strip():
        raise wrong("the id of the vulnerability is missing")
    if not isinstance(reason, str) or not reason.strip():
        raise wrong(f"{identifier}: the reason is missing")
    expires, until = entry.get("expires"), entry.get("until-fixable", False)
    if isinstance(until, bool):
        return Ignore(
            identifier.strip(),
            reason.strip(),
            at,
            _package(entry.get("package"), wrong),
            _day(expires, wrong),
            until,
        )
    raise wrong(f"{identifier}: until-fixable is true or false")


def _package(value: object, wrong: Any) -> NormalizedName | None:
    try:
        return None if value is None else canonicalize_name(str(value), validate=True)
    except InvalidName:
        raise wrong(f"{value!r} is not the name of a package") from None


def _day(value: object, wrong: Any) -> date | None:
    """A date of TOML, or one in quotes."""
    if isinstance(value, datetime):
        value = value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise wrong(f"{value!r} is not a day, like 2027-06-30") from None


def _line_of(entry: object, source: str, start: int) -> int:
    """The line that has the id; the table's own where there is none."""
    identifier = entry.get("id") if isinstance(entry, dict) else None
    at = source.find(f'"{identifier}"', start) if isinstance(identifier, str) else start
    return source.count("\n", 0, max(at, start)) + 1
