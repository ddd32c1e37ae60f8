"""What judgement says: breaks, bounds, warnings and outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.release import Pin


class Severity(StrEnum):
    """How much a break matters (see `docs/design.md`)."""

    FATAL = "fatal"
    LATENT = "latent"
    DEPRECATED = "deprecated"


class Evidence(StrEnum):
    """What a verdict rests on, the weaker first: the text of the code, or that it was imported for real."""

    READ = "read"
    IMPORTED = "imported"


class How(StrEnum):
    """In which way a name is used."""

    IMPORT = "import"
    ATTRIBUTE = "attribute"
    CALL = "call"
    BASE = "base"
    OVERRIDE = "override"

    @property
    def verb(self) -> str:
        """What the dependent does with the name."""
        return _VERBS[self]


_VERBS = {
    How.IMPORT: "imports",
    How.ATTRIBUTE: "uses",
    How.CALL: "calls",
    How.BASE: "subclasses",
    How.OVERRIDE: "overrides",
}


@dataclass(frozen=True, slots=True)
class Break:
    """Something that `dependent` needs and that `dependency` took away (or, deprecated, is about to).

    `symbol` is dotted as one would import it; a keyword reads `httpx.Client(proxies)`.
    `path` is the member of the dependent's archive, `line` is 1-based.
    `works_with` holds the releases of the dependency that still have it, None when that was not searched
    or when the dependency itself is missing from the set.
    `deprecated_in` is the release that began to say that it goes away, as far as that was looked for.
    `message` is a sentence of its own: what happened, or what the deprecation says.
    `evidence` is what all that rests on.
    """

    severity: Severity
    how: How
    dependent: NormalizedName
    dependent_version: Version
    dependency: NormalizedName
    dependency_version: Version | None
    symbol: str
    path: str
    line: int
    message: str = ""
    baseline: Version | None = None
    removed_in: Version | None = None
    works_with: SpecifierSet | None = None
    deprecated_in: Version | None = None
    evidence: Evidence = Evidence.READ


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that could not be judged, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one pinned set.

    `unprovided` are imports that are certain to run and whose module nothing provides, nor ever did as far as is known:
    no break, but no set that was seen to work either.
    """

    breaks: tuple[Break, ...]
    not_checked: tuple[NotChecked, ...] = ()
    unprovided: tuple[NotChecked, ...] = ()

    def of(self, severity: Severity) -> tuple[Break, ...]:
        """The breaks of this severity."""
        return tuple(b for b in self.breaks if b.severity is severity)


class Repair(StrEnum):
    """The ways in which a bound repairs a set."""

    CAP = "cap"
    ADD = "add"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class Bound:
    """A requirement that was added so that the set works, with the breaks that it avoids."""

    requirement: Requirement
    repair: Repair
    because: tuple[Break, ...]


class WarningKind(StrEnum):
    """What a user should know about a set that works."""

    PUSHED_BACK = "pushed-back"
    YANKED = "yanked"


@dataclass(frozen=True, slots=True)
class SetWarning:
    """A remark on one package of the set; `newest` is the release that it could have had."""

    kind: WarningKind
    name: NormalizedName
    version: Version
    newest: Version | None
    message: str


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of the proof loop, for `--explain`."""

    pins: tuple[Pin, ...]
    verdict: Verdict
    added: tuple[Bound, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Works:
    """A set that works, what had to be added for it, and what remains to be said."""

    pins: tuple[Pin, ...]
    bounds: tuple[Bound, ...]
    verdict: Verdict
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class NoWorkingSet:
    """No set was found; `reason` is in uv's words where the requirements contradict each other."""

    reason: str
    bounds: tuple[Bound, ...]
    verdict: Verdict
    rounds: tuple[Round, ...]


Outcome = Works | NoWorkingSet
