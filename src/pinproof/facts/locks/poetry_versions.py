"""Versions as poetry writes them (`^1.2`, `~1.2`, `1.*`, `<2 || >3`), as specifiers of PEP 440.

Source: https://python-poetry.org/docs/dependency-specification/
"""

from __future__ import annotations

import re

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet

_CARET = re.compile(r"\^\s*(\d+(?:\.\d+)*)")
_TILDE = re.compile(r"~(?!=)\s*(\d+(?:\.\d+)*)")
_PLAIN = re.compile(r"\d[^\s,]*")


def alternatives(text: str) -> tuple[SpecifierSet, ...]:
    """What is allowed is any of these; nothing where the text is not understood, which then allows all."""
    try:
        return tuple(_all_of(part) for part in re.split(r"\s*\|\|?\s*", text.strip()))
    except InvalidSpecifier:
        return ()


def python_marker(text: str) -> Marker | None:
    """The marker for a dependency that is for some Pythons only; None for one that is for all."""
    options = [" and ".join(_comparisons(found)) for found in alternatives(text)]
    if not options or not all(options):
        return None
    try:
        return Marker(" or ".join(f"({option})" for option in options))
    except InvalidMarker:
        return None


def _comparisons(specifiers: SpecifierSet) -> list[str]:
    return [f"python_full_version {one.operator} '{one.version}'" for one in specifiers]


def _all_of(text: str) -> SpecifierSet:
    parts = re.split(r"\s*,\s*|(?<=[\w*])\s+(?=[<>=!~^\d])", text.strip())
    return SpecifierSet(",".join(_one(part) for part in parts if part not in ("", "*")))


def _one(part: str) -> str:
    if found := _CARET.fullmatch(part):
        return _up_to_next(found[1], _first_that_counts(found[1]))
    if found := _TILDE.fullmatch(part):
        return _up_to_next(found[1], min(1, found[1].count(".")))
    return f"=={part}" if _PLAIN.fullmatch(part) else part


def _first_that_counts(version: str) -> int:
    """The number that a caret holds fast: the first that is not zero, else the last one."""
    numbers = [int(number) for number in version.split(".")]
    return next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)


def _up_to_next(version: str, at: int) -> str:
    numbers = [int(number) for number in version.split(".")]
    limit = [*numbers[:at], numbers[at] + 1]
    return f">={version},<{'.'.join(map(str, limit))}"
