"""Records of the OSV format: what one says of each project of PyPI that it is about.

Source: the OSV schema 1.7, https://ossf.github.io/osv-schema/ (its evaluation algorithm, too)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.facts.cvss import rating_of
from pinproof.model.advisory import Advisory, Stretch
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import Rating

ECOSYSTEM = "PyPI"
_COMPARED = frozenset({"ECOSYSTEM", "SEMVER"})
_ALL = "0"


class RecordError(ValueError):
    """A record that cannot be used, and why."""


class Package(msgspec.Struct, frozen=True, gc=False):
    """Whom it is about."""

    ecosystem: str
    name: str


class Event(msgspec.Struct, frozen=True, gc=False):
    """One of these: what happens from this version on."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class Range(msgspec.Struct, frozen=True, gc=False):
    """Events in any order."""

    type: str
    events: tuple[Event, ...] = ()


class Severity(msgspec.Struct, frozen=True, gc=False):
    """`type` says what `score`, a vector, is of."""

    type: str
    score: str


class Affected(msgspec.Struct, frozen=True, gc=False):
    """What is affected of one package."""

    package: Package | None = None
    ranges: tuple[Range, ...] | None = ()
    versions: tuple[str, ...] | None = ()
    severity: tuple[Severity, ...] | None = ()


class Words(msgspec.Struct, frozen=True, gc=False):
    """What databases add of their own: a word for the severity."""

    severity: object = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """The part of a record that is used."""

    id: str
    modified: Annotated[datetime, msgspec.Meta(tz=True)]
    aliases: tuple[str, ...] | None = ()
    withdrawn: datetime | None = None
    summary: str | None = ""
    details: str | None = ""
    severity: tuple[Severity, ...] | None = ()
    affected: tuple[Affected, ...] | None = ()
    database_specific: Words | None = None


# Made before there are threads: msgspec crashes where several of them are the first to decode a type.
_decode = msgspec.json.Decoder(Record).decode


def read_record(text: bytes) -> Record:
    """The record. RecordError for what is none."""
    try:
        record = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"not a record of OSV: {error}") from None
    if not record.id.strip():
        raise RecordError("not a record of OSV: its id is empty")
    try:
        return msgspec.structs.replace(record, modified=record.modified.astimezone(UTC))
    except OverflowError:
        raise RecordError("not a record of OSV: modified at no time that there is") from None


def advisories_of(record: Record) -> tuple[Advisory | NotChecked, ...]:
    """What the record says of each project of PyPI; nothing where it was withdrawn.

    Of a project of which it cannot be told what is affected, that.
    """
    if record.withdrawn is not None:
        return ()
    by_project: dict[NormalizedName, list[Affected]] = {}
    for one in record.affected or ():
        if one.package is not None and one.package.ecosystem.partition(":")[0] == ECOSYSTEM:
            by_project.setdefault(canonicalize_name(one.package.name), []).append(one)
    return tuple(_told(record, name, affected) for name, affected in by_project.items())


def _told(record: Record, name: NormalizedName, affected: Sequence[Affected]) -> Advisory | NotChecked:
    if not any(one.versions or one.ranges for one in affected):
        return NotChecked(name, f"{record.id}: it does not tell what of {name} is affected")
    try:
        return _advisory(record, name, affected)
    except RecordError as error:
        return NotChecked(name, f"{record.id}: {error}")


def _advisory(record: Record, name: NormalizedName, affected: Sequence[Affected]) -> Advisory:
    stretches: list[Stretch] = []
    versions: set[Version] = set()
    fixed: set[Version] = set()
    for one in affected:
        listed = one.versions or ()
        # What is no version of PEP 440 is no release that anybody could pin.
        versions |= {version for text in listed if (version := _version(text)) is not None}
        for each in _compared(one.ranges or (), listed):
            stretches += _stretches(each)
            fixed |= {version for kind, version in each if kind == "fixed" and version is not None}
    return Advisory(
        record.id,
        name,
        record.modified,
        tuple(dict.fromkeys(record.aliases or ())),
        _summary(record),
        _rating(record, affected),
        tuple(stretches),
        frozenset(versions),
        tuple(sorted(fixed)),
    )


# --- ranges ----------------------------------------------------------------------------------------------

_Happening = tuple[str, "Version | None"]
"""What an event is called, and the version; None is below everything."""

_ORDER = ("introduced", "fixed", "limit", "last_affected")
"""At the same version what ends before it counts more than that it is the last one affected."""


def _compared(ranges: Iterable[Range], listed: Sequence[str]) -> Iterator[tuple[_Happening, ...]]:
    """The ranges whose versions can be compared, as events.

    Where one has a version that cannot be, the list of versions says what is affected; if there is none, nothing does.
    """
    for each in ranges:
        if each.type not in _COMPARED:
            continue
        happenings = tuple(_happening(event) for event in each.events)
        if None not in happenings:
            yield tuple(one for one in happenings if one is not None)
        elif not listed:
            raise RecordError("a range has a version that is none (PEP 440), and no versions are listed")


def _happening(event: Event) -> _Happening | None:
    for kind in _ORDER:
        text = getattr(event, kind)
        if text is not None:
            if kind == "introduced" and text == _ALL:
                return kind, None
            version = _version(text)
            return None if version is None else (kind, version)
    return None


def _stretches(happenings: Sequence[_Happening]) -> Iterator[Stretch]:
    """What lies between the events, in the order of their versions; nothing beyond the last limit, if there is any."""
    limit = max((v for kind, v in happenings if kind == "limit" and v is not None), default=None)
    ordered = sorted(happenings, key=lambda h: (h[1] is not None, h[1] or _LOWEST, _ORDER.index(h[0])))
    begun, start = False, None
    for kind, version in ordered:
        if kind == "introduced":
            begun, start = True, start if begun else version
        elif begun and (kind != "limit" or version == limit):
            begun = False
            yield Stretch(start, version, closed=kind == "last_affected")
        if kind == "limit" and version == limit:
            return
    if begun:
        yield Stretch(start, None)


_LOWEST = Version("0.dev0")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:  # of numbers that are too long, not even that it is none
        return None


# --- the rest --------------------------------------------------------------------------------------------


def _summary(record: Record) -> str:
    """The summary, else the first line of the details that says something."""
    if record.summary and record.summary.strip():
        return " ".join(record.summary.split())
    lines = (line.strip("#*_ \t") for line in (record.details or "").splitlines())
    return next((" ".join(line.split()) for line in lines if line), "")


def _rating(record: Record, affected: Iterable[Affected]) -> Rating:
    """What is said of this project, else of the vulnerability as a whole, else the word of the database."""
    own = [s for one in affected for s in one.severity or ()]
    vectors = [(s.type, s.score) for s in own or record.severity or ()]
    word = record.database_specific.severity if record.database_specific is not None else None
    return rating_of(vectors, word if isinstance(word, str) else "")
