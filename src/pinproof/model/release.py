"""What an index offers: projects, their releases and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName
    from packaging.version import Version


class TimesFrom(StrEnum):
    """Where the upload times of a project were read (PEP 700, else the project's JSON, else nowhere)."""

    INDEX = "index"
    PROJECT_JSON = "project-json"
    NOWHERE = "nowhere"


class Status(StrEnum):
    """How a project stands, as its index says (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Standing:
    """A status with the reason that is given for it, perhaps none."""

    status: Status
    reason: str = ""


class File(msgspec.Struct, frozen=True, gc=False):
    """One downloadable file of a release, as the index lists it (PEP 503, 592, 658, 691, 700).

    `url` is absolute and may carry credentials: never print it, see `public_url` in `sources.fetch`.
    `sha256` is hexadecimal, or None where the index gives no such hash.
    `yanked` is None for a file in good standing, else the reason (possibly empty).
    `upload_time` is aware, in UTC.
    """

    filename: str
    url: str
    sha256: str | None = None
    size: int | None = None
    upload_time: datetime | None = None
    requires_python: SpecifierSet | None = None
    yanked: str | None = None
    has_metadata: bool = False

    @property
    def is_wheel(self) -> bool:
        """Whether this is a wheel (PEP 427); everything else is taken for a source distribution."""
        return self.filename.endswith(".whl")

    def is_for(self, target: Target) -> bool:
        """Whether `Requires-Python` admits the last patch release of the target's Python."""
        if self.requires_python is None:
            return True
        return self.requires_python.contains(f"{target.python_text}.99", prereleases=True)


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a project with its files; `upload_time` is that of the first file."""

    name: NormalizedName
    version: Version
    files: tuple[File, ...]

    @property
    def upload_time(self) -> datetime | None:
        """When the first file was uploaded, or None when no file says."""
        return min((f.upload_time for f in self.files if f.upload_time is not None), default=None)

    def is_for(self, target: Target) -> bool:
        """Whether a file of it admits the Python of the target."""
        return any(f.is_for(target) for f in self.files)

    @property
    def yanked(self) -> str | None:
        """The reason when every file is yanked (PEP 592), else None."""
        reasons = [f.yanked for f in self.files]
        return reasons[0] if reasons and None not in reasons else None


@dataclass(frozen=True, slots=True)
class Project:
    """A project's page on the index; `releases` go from the oldest version to the newest.

    `standing` is None where the index does not tell: it is of before PEP 792.
    """

    name: NormalizedName
    releases: tuple[Release, ...]
    times_from: TimesFrom = TimesFrom.NOWHERE
    standing: Standing | None = None

    def release(self, version: Version) -> Release | None:
        """The release of exactly this version."""
        return next((r for r in self.releases if r.version == version), None)


@dataclass(frozen=True, slots=True)
class Target:
    """The interpreter and platform that a set is meant for.

    `python` is (major, minor). `platform` is a `sys.platform` value; `machine` as `platform.machine()` says it.
    """

    python: tuple[int, int]
    platform: str
    machine: str

    @property
    def python_text(self) -> str:
        """The version as users write it: `3.11`."""
        return ".".join(map(str, self.python))


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a pinned set; `files` is empty where only name and version are known.

    `line` is the 1-based line of the lock file that names it, or None.
    """

    name: NormalizedName
    version: Version
    files: tuple[File, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One package that two sets do not have alike; a version is None in the set that does not have it."""

    name: NormalizedName
    before: Version | None
    after: Version | None


def moves(before: Iterable[Pin], after: Iterable[Pin]) -> tuple[Move, ...]:
    """What one set has otherwise than another, by name."""
    then = {pin.name: pin.version for pin in before}
    now = {pin.name: pin.version for pin in after}
    every = (Move(name, then.get(name), now.get(name)) for name in sorted({*then, *now}))
    return tuple(move for move in every if move.before != move.after)
