"""What a command found, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pinproof.model.verdict import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pinproof.model.release import Pin, Target
    from pinproof.model.trial import Failure, Trial
    from pinproof.model.verdict import NotChecked, Outcome, SetWarning, Verdict


class Status(StrEnum):
    """The answer in one word. `NOT_CHECKED`: nothing is known to break, but not everything could be judged."""

    WORKS = "works"
    BROKEN = "broken"
    NO_WORKING_SET = "no-working-set"
    NOT_CHECKED = "not-checked"

    @property
    def exit_code(self) -> int:
        """0 for a set that was judged and works, else 1."""
        return 0 if self is Status.WORKS else 1


@dataclass(frozen=True, slots=True)
class Circumstances:
    """For whom and when the question was asked; `as_of` is exclusive, None is now."""

    target: Target
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What `solve` found; `plain` is the set that the resolver gives by itself."""

    outcome: Outcome
    plain: tuple[Pin, ...]
    warnings: tuple[SetWarning, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, as the user knows it; without a line it is the file as a whole."""

    filename: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Since:
    """The set that another one is compared with, by the name that the user gave it."""

    name: str
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The judgement of a set that somebody else made.

    `filename` is that of the lock file as the user knows it. `left_out` are its entries that could not be judged.
    `places` are the lines of the pins, some of which may stand in files that it includes. `sources` are files on this
    machine that belong to the user, by the distribution and the member of it. With `since` only what moved since is
    told and counted. `trial` is what came of importing it for real, if that was asked for.
    """

    filename: str
    pins: tuple[Pin, ...]
    verdict: Verdict
    status: Status
    left_out: tuple[NotChecked, ...] = ()
    places: Mapping[NormalizedName, Place] = field(default_factory=dict)
    sources: Mapping[tuple[NormalizedName, str], str] = field(default_factory=dict)
    since: Since | None = None
    trial: Trial | None = None

    @property
    def unforeseen(self) -> tuple[Failure, ...]:
        """What failed in the trial and is not told as a break."""
        return () if self.trial is None else tuple(f for f in self.trial.failures if not f.foreseen)

    @property
    def evidence(self) -> Evidence:
        """What the answer rests on."""
        return Evidence.READ if self.trial is None else Evidence.IMPORTED

    @property
    def not_checked(self) -> tuple[NotChecked, ...]:
        """Everything that could not be judged."""
        return (*self.left_out, *self.verdict.not_checked)


class Written(StrEnum):
    """What became of a lock file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    DIFFERENT = "different"
    NOT_WRITTEN = "not-written"


@dataclass(frozen=True, slots=True)
class LockReport:
    """What `lock` found. `before` are the pins of the old lock, empty where there was none.

    `bounds` are those in the lock: (the requirement, its reasons as sentences). `difference` is a unified diff,
    for those who want to see it.
    """

    filename: str
    written: Written
    outcome: Outcome
    bounds: tuple[tuple[str, tuple[str, ...]], ...]
    plain: tuple[Pin, ...]
    before: tuple[Pin, ...]
    status: Status
    left_out: tuple[NotChecked, ...] = ()
    judged: tuple[Target, ...] = ()
    difference: str = ""
    warnings: tuple[SetWarning, ...] = ()

    @property
    def not_checked(self) -> tuple[NotChecked, ...]:
        """Everything that could not be judged."""
        return (*self.left_out, *self.outcome.verdict.not_checked)


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said: only the answer, all of it, the way there."""

    quiet: bool = False
    verbose: bool = False
    explain: bool = False
