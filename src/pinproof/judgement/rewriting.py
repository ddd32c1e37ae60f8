"""Specifiers as they are written, changed as little as lets a version in: each clause by itself, in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from packaging.version import Version

_FROM_ABOVE = ("<", "<=", "==", "===", "~=")


def bounds_above(written: str) -> bool:
    """Whether a specifier keeps newer releases out."""
    return any(clause.operator in _FROM_ABOVE for clause in map(_clause, written.split(",")) if clause)


def admitting(written: str, version: Version, cap: str = "") -> str:
    """The specifier, with the clauses that keep a newer version out made to let it in; `cap` is where to cap instead.

    A pin stays a pin, a cap a cap: by default below the next version that may break (the next major one; before 1.0
    the next minor one).
    """
    return _each(written, lambda clause: _admitting(clause, version, cap or cap_above(version)))


def loosened(written: str, at_least: Version) -> str:
    """The specifier without what bounds it from above, but not below a version."""
    kept = _each(written, lambda clause: "" if clause.operator in _FROM_ABOVE else str(clause))
    below = [s for s in kept.split(",") if s.startswith(">")]
    return kept if below else ",".join(filter(None, (f">={at_least}", kept)))


def raised(written: str, version: Version) -> str:
    """The specifier from this version on."""
    lower = re.search(r"(?<![<>=!~])(?:>=?|~=)\s*[^,\s]+", written)
    if lower is None:
        return ",".join(filter(None, (f">={version}", written)))
    operator = "~=" if lower[0].startswith("~=") else ">="
    return f"{written[: lower.start()]}{operator}{version}{written[lower.end() :]}"


def cap_above(version: Version) -> str:
    """The next version that may break: the next major one, before 1.0 the next minor one."""
    epoch = f"{version.epoch}!" if version.epoch else ""
    if version.major:
        return f"{epoch}{version.major + 1}"
    return f"{epoch}0.{version.minor + 1}"


def _each(written: str, change: Callable[[Specifier], str]) -> str:
    """Every clause changed, where it is empty left out; the space in and around it is kept."""
    changed = []
    for text in written.split(","):
        clause = _clause(text)
        new = text.strip() if clause is None else change(clause)
        if clause is None or new == str(clause):
            changed.append(text)
        elif new.startswith(clause.operator):
            changed.append(text.replace(clause.version, new.removeprefix(clause.operator)))
        elif new:
            changed.append(text.replace(text.strip(), new))
    return ",".join(changed).strip()


def _clause(text: str) -> Specifier | None:
    try:
        return Specifier(text.strip())
    except InvalidSpecifier:
        return None


def _admitting(clause: Specifier, version: Version, cap: str) -> str:
    if clause.contains(version, prereleases=True):
        return str(clause)
    operator, said = clause.operator, clause.version
    if operator in ("<", "<="):
        return f"<{cap}"
    if operator in ("==", "===") and not said.endswith(".*"):
        return f"{operator}{version}"
    if operator == "==":
        return f"=={_as_long(version, said.removesuffix('.*'))}.*"
    if operator == "~=":
        return f"~={_as_long(version, said)}"
    return ""


def _as_long(version: Version, said: str) -> str:
    """As many parts of a version as another has."""
    parts = (*version.release, 0, 0)[: said.count(".") + 1]
    epoch = f"{version.epoch}!" if version.epoch else ""
    return epoch + ".".join(map(str, parts))
