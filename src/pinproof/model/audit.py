"""What `audit` found, for every view of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import Consulted, DeclaredRange, Vulnerability
    from pinproof.model.exposure import Exposure
    from pinproof.model.release import Pin
    from pinproof.model.report import Place
    from pinproof.model.verdict import NotChecked


class AuditStatus(StrEnum):
    """The answer in one word. `NOT_CHECKED`: nothing is known, but not everything could be looked up."""

    CLEAN = "clean"
    VULNERABLE = "vulnerable"
    NOT_CHECKED = "not-checked"

    @property
    def exit_code(self) -> int:
        """0 for what was looked up and is not known to be vulnerable, else 1."""
        return 0 if self is AuditStatus.CLEAN else 1


@dataclass(frozen=True, slots=True)
class Ignore:
    """A vulnerability that the project says not to tell, by any of its names, and why.

    `package` narrows it to one. `expires` is the first day on which it does not count any more. `until_fixable`: only
    as long as no fix can be had. `at` is where it is written.
    """

    identifier: str
    reason: str
    at: Place
    package: NormalizedName | None = None
    expires: date | None = None
    until_fixable: bool = False

    def is_about(self, vulnerability: Vulnerability) -> bool:
        """Whether it names this vulnerability."""
        named = any(self.identifier.casefold() == name.casefold() for name in vulnerability.names)
        return named and self.package in (None, vulnerability.name)


class Idle(StrEnum):
    """Why an ignore keeps nothing away."""

    UNUSED = "unused"
    EXPIRED = "expired"
    FIXABLE = "fixable"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A vulnerability that is kept away."""

    vulnerability: Vulnerability
    ignore: Ignore


@dataclass(frozen=True, slots=True)
class IdleIgnore:
    """An ignore that keeps nothing away, and why."""

    ignore: Ignore
    why: Idle


@dataclass(frozen=True, slots=True)
class Audit:
    """The known vulnerabilities of a set, or of what a declaration lets in.

    `filename` is that of the lock, the environment or the declaration, as the user knows it. Of a lock `pins` are those
    of the set; of a declaration there are `ranges` instead, and `vulnerabilities` has each once, as it hits the newest
    release that a range lets in. `places` are the lines that pin or declare. `moment` is that of the audit, in UTC.
    `exposures` say of vulnerable pins how they came in and what would mend them, as far as that was looked at.
    """

    filename: str
    moment: datetime
    consulted: Consulted
    status: AuditStatus
    pins: tuple[Pin, ...] = ()
    ranges: tuple[DeclaredRange, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    idle: tuple[IdleIgnore, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    places: Mapping[NormalizedName, Place] = field(default_factory=dict)
    exposures: Mapping[NormalizedName, Exposure] = field(default_factory=dict)

    @property
    def vulnerable_ranges(self) -> tuple[DeclaredRange, ...]:
        """Those that let in something vulnerable."""
        return tuple(one for one in self.ranges if one.vulnerabilities)
