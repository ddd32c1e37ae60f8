"""What judgement can answer: three values for a name, three (and a wary one) for a condition; and what is missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.model.module import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.distribution import Layout, Metadata
    from pinproof.model.module import Use
    from pinproof.model.verdict import Severity


class Truth(Enum):
    """Three-valued; `WARY` is a maybe of which the text says that it tests for availability or version."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    WARY = "wary"


PYTHON = canonicalize_name("python")
"""The name under which the standard library takes part."""


@dataclass(frozen=True, slots=True, eq=False)
class Installed:
    """A distribution of the set, as far as judgement sees it.

    `key` names the archive that was read. `built` is false for a source distribution, whose build may add modules.
    `own`: the user's own source, which has no day of upload; what it declares stands in its metadata.
    """

    name: NormalizedName
    version: Version
    key: str
    layout: Layout
    metadata: Metadata
    built: bool = True
    own: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Present:
    """The name is there. `module` and `name` say where it is defined; a module itself has no `name`.

    `instance`: not the class of that name but an object of it; `above`: what `super()` gives of it;
    `receiver`: the class or instance through which a method was reached; `plain`: a value of which no more is known.
    `deprecated` is what the place says about its going away. `unsure`: that is one of several things that it may be.
    """

    module: str
    name: str = ""
    kind: Kind | None = None
    deprecated: str = ""
    owner: Installed | None = None
    instance: bool = False
    above: bool = False
    receiver: Present | None = None
    plain: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """The name is not there. `symbol` is the first part that is missing, dotted; `owner` should have had it.

    `owner` is None when nothing in the set provides the root of the module's name. `inherited` says the same of the
    class in another distribution that should have handed the member on.
    """

    symbol: str
    exception: str
    owner: Installed | None = None
    inherited: Absent | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not to be told without running the code. `likely`: it is there under some of the circumstances.

    `compiled` is the distribution of the compiled module that may have it, whose strings were not looked through.
    `makes`: the reason is a way in which names are made at run time. `unwritten`: nothing but such ways are why.
    `partly`: what is missing if it is what it is seen to be, among other things.
    """

    reason: str
    likely: bool = False
    compiled: Installed | None = None
    makes: bool = False
    unwritten: Unwritten | None = None
    partly: Absent | None = None


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A name that no text gives to `whose`, a module or class, which has `ways` to make names at run time.

    `absent` is what is missing unless one of those makes it.
    """

    absent: Absent
    whose: Present
    ways: frozenset[str]


Resolved = Present | Absent | Unknown


@dataclass(frozen=True, slots=True)
class Miss:
    """A use that the set does not satisfy (or, deprecated, will not for long).

    `owner` is the distribution that should have the name, None when nothing in the set has the module.
    `reached`: the module is imported when the program starts, though this use may come later.
    `fails_again`: what takes its exception is certain to fail in its turn.
    `tentative`: it is in no text and may be made at run time, or what should have it may be something else.
    """

    severity: Severity
    dependent: Installed
    module: str
    path: str
    use: Use
    symbol: str
    owner: Installed | None
    message: str = ""
    reached: bool = False
    fails_again: bool = False
    tentative: bool = False


def one_of(ways: Sequence[Resolved]) -> Resolved:
    """What is certain of one of several: absent only if all are."""
    if len(ways) == 1:
        return ways[0]
    there = next((way for way in ways if isinstance(way, Present)), None)
    if there is not None:
        return Present(there.module, there.name, Kind.VALUE, owner=there.owner, plain=True)
    unseen = [way for way in ways if isinstance(way, Unknown)]
    certain = next((way for way in unseen if way.unwritten is None), None)
    return certain or (unseen[0] if unseen else ways[0])


def hedged(found: Resolved) -> Resolved:
    """What follows for something that may be something else, too."""
    if isinstance(found, Absent):
        return Unknown("it may be something else", partly=found)
    return replace(found, unsure=True) if isinstance(found, Present) else found


def lacking(absent: Absent, whose: Present, unseen: Sequence[Unknown]) -> Absent | Unknown:
    """A name that no text gives to a module or class; it is missing unless it comes to be in one of the unseen ways."""
    if not unseen:
        return absent
    last = unseen[-1]
    if not all(way.makes or way.unwritten for way in unseen):
        return replace(last, unwritten=None)
    ways = (way.unwritten.ways if way.unwritten else {way.reason} for way in unseen)
    likely = any(way.likely for way in unseen)
    return Unknown(last.reason, likely, unwritten=Unwritten(absent, whose, frozenset().union(*ways)))
