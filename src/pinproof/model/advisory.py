"""Known vulnerabilities: advisories as they concern one project, and what of them hits a pin or a declared range."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from datetime import datetime

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from pinproof.model.verdict import NotChecked


class Level(StrEnum):
    """How bad it is, the worst first, in the words of CVSS; `UNRATED` where nobody said."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class Rating:
    """How bad an advisory says it is.

    `score` is the base score of the `vector` (CVSS 3 or 4, 0 to 10); None and empty where there is only a word.
    """

    level: Level
    score: float | None = None
    vector: str = ""


UNRATED = Rating(Level.UNRATED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Versions that are affected: from `start` (None: the first ever), which is one of them, to `end` (None: no end).

    `end` is one of them only if it is the last that is affected (`closed`); else it is the first that is not.
    """

    start: Version | None
    end: Version | None
    closed: bool = False

    def __contains__(self, version: Version) -> bool:
        if self.start is not None and version < self.start:
            return False
        return self.end is None or version < self.end or (self.closed and version == self.end)


@dataclass(frozen=True, slots=True)
class Advisory:
    """One record of an advisory database, as it concerns one project.

    `identifier` is that of the record, `aliases` are other names of the same vulnerability. `versions` and `stretches`
    say what is affected: any of the two counts. `fixed` are the releases that are named as fixes, in order. `summary`
    is one line and may be empty. `modified` is when the record last changed, in UTC.
    """

    identifier: str
    project: NormalizedName
    modified: datetime
    aliases: tuple[str, ...] = ()
    summary: str = ""
    rating: Rating = UNRATED
    stretches: tuple[Stretch, ...] = ()
    versions: frozenset[Version] = frozenset()
    fixed: tuple[Version, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All that this vulnerability is called."""
        return frozenset((self.identifier, *self.aliases))

    def affects(self, version: Version) -> bool:
        """Whether a release is affected; a local version (`1.0+cu118`) is a build of the public one."""
        public = version if version.local is None else Version(version.public)
        return public in self.versions or any(public in stretch for stretch in self.stretches)


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability that hits one release, by all `advisories` on it, which are those that share a name.

    `identifier` is the preferred one of their names, `aliases` are the others. `fixes` are the releases that are named
    as fixes, newer than this one, in order, and not affected by any of the advisories; empty: no fix is recorded.
    Whether they are on the index is not asked here.
    """

    name: NormalizedName
    version: Version
    identifier: str
    aliases: tuple[str, ...]
    advisories: tuple[Advisory, ...]
    fixes: tuple[Version, ...] = ()

    @property
    def summary(self) -> str:
        """What the first advisory that says anything says."""
        return next((one.summary for one in self.advisories if one.summary), "")

    @property
    def rating(self) -> Rating:
        """The worst that any of the advisories says."""
        return min((one.rating for one in self.advisories), key=_badness)

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return frozenset((self.identifier, *self.aliases))

    def affects(self, version: Version) -> bool:
        """Whether another release of the project is affected, too."""
        return any(one.affects(version) for one in self.advisories)


def _badness(rating: Rating) -> tuple[int, float]:
    return list(Level).index(rating.level), -(rating.score or 0.0)


@dataclass(frozen=True, slots=True)
class DeclaredRange:
    """What a requirement lets in: how many releases in all, and those with known vulnerabilities.

    `admitted` are the releases that it admits and `vulnerable` those of them that are affected, both in order.
    `vulnerabilities` are told once for each vulnerable release. `floor` is the oldest admitted release that no
    vulnerable one is newer than; None where the newest is vulnerable itself.
    """

    requirement: Requirement
    admitted: tuple[Version, ...]
    vulnerabilities: tuple[Vulnerability, ...] = ()

    @property
    def name(self) -> NormalizedName:
        """Which project it is about."""
        return canonicalize_name(self.requirement.name)

    @property
    def vulnerable(self) -> tuple[Version, ...]:
        """The releases that are affected, in order."""
        return tuple(sorted({one.version for one in self.vulnerabilities}))

    @property
    def newest(self) -> tuple[Vulnerability, ...]:
        """Each vulnerability once: as it hits the newest release that it hits."""
        ordered = sorted(self.vulnerabilities, key=lambda one: one.version)
        return tuple({one.identifier: one for one in ordered}.values())

    @property
    def floor(self) -> Version | None:
        """The oldest admitted release from which on nothing is affected; None where the newest is."""
        worst = self.vulnerable[-1:]
        return next((v for v in self.admitted if not worst or v > worst[0]), None)


@dataclass(frozen=True, slots=True)
class RecordText:
    """A record as it was read, where (a URL, the name of a file), and which of the projects asked for it is about."""

    origin: str
    text: bytes
    about: tuple[NormalizedName, ...]


@dataclass(frozen=True, slots=True)
class Consulted:
    """What was asked for advisories, and from when that is.

    `origin` is the URL of a service or the path of an export. `records` counts those that the export has, or that the
    service has on the projects that were asked about. `newest` is when the youngest of them last changed. `asked`
    is when the service was asked, of several times the first; None: it is an export. `unreadable` are files of the
    export that are no records, so that nobody knows what they are about.
    """

    origin: str
    records: int
    newest: datetime | None = None
    asked: datetime | None = None
    unreadable: tuple[NotChecked, ...] = ()

    def and_also(self, other: Consulted) -> Consulted:
        """The same source, asked once more."""
        if self.asked is None or other.asked is None:
            return self if other.asked is None else other
        newest = max((n for n in (self.newest, other.newest) if n is not None), default=None)
        return Consulted(self.origin, self.records + other.records, newest, min(self.asked, other.asked))


@dataclass(frozen=True, slots=True)
class Collected:
    """The records on some projects; `unclear` are those that could not be read, by the name of the project."""

    texts: tuple[RecordText, ...]
    consulted: Consulted
    unclear: tuple[NotChecked, ...] = ()
