"""What older Pythons had and typeshed does not tell: it describes only those that are still supported.

The table `earlier.txt` was read off real interpreters by `scripts/describe_pythons.py`. Each line is a place, the
first and the last Python of which it holds, and what that place had:

    formatter 3.6-3.9                                   a module
    fractions: 3.6-3.8 gcd                              names of a module
    threading:Thread 3.6-3.8 isAlive                    members of a class
    asyncio.tasks:sleep() 3.8-3.9 (delay, result=..., *, loop=...)     what a function took
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Extras:
    """What a module had beyond its stub: names, members by class, and the parameters of functions as text."""

    names: tuple[str, ...] = ()
    in_classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)


class _Row(NamedTuple):
    module: str
    inside: str
    first: tuple[int, ...]
    last: tuple[int, ...]
    had: str


def edition() -> str:
    """Changes with the table."""
    return hashlib.sha256(_text()).hexdigest()[:12]


def modules() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """The modules that typeshed does not have: name -> first and last Python that has it, both inclusive."""
    return {row.module: (row.first, row.last) for rows in _rows().values() for row in rows if not row.had}


def extras(module: str, python: tuple[int, int]) -> Extras:
    """What this Python had in a module beyond the stub of it."""
    names: list[str] = []
    in_classes: dict[str, tuple[str, ...]] = {}
    functions: dict[str, str] = {}
    for row in _rows().get(module, ()):
        if not row.first <= python <= row.last:
            continue
        if row.inside.endswith("()"):
            functions[row.inside.removesuffix("()")] = row.had
        elif row.inside:
            in_classes[row.inside] = (*in_classes.get(row.inside, ()), *row.had.split())
        else:
            names += row.had.split()
    return Extras(tuple(names), in_classes, functions)


@cache
def _text() -> bytes:
    return files("pinproof.sources").joinpath("earlier.txt").read_bytes()


@cache
def _rows() -> dict[str, list[_Row]]:
    """The lines of the table by module."""
    found: dict[str, list[_Row]] = {}
    for line in _text().decode().splitlines():
        place, span, *had = line.split(" ", 2)
        module, _, inside = place.partition(":")
        first, last = (tuple(map(int, end.split("."))) for end in span.split("-"))
        found.setdefault(module, []).append(_Row(module, inside, first, last, "".join(had)))
    return found
