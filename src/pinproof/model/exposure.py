"""How a vulnerable release came into a set, what keeps the fixed one out, and the smallest change that lets it in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.release import Move, Pin
    from pinproof.model.report import Place
    from pinproof.model.verdict import Bound, Break, NotChecked


@dataclass(frozen=True, slots=True)
class Ask:
    """A requirement, and who makes it: a release of the set, or (without a dependent) a line of the declaration.

    `written` is the specifier as that line has it.
    """

    requirement: Requirement
    dependent: NormalizedName | None = None
    version: Version | None = None
    at: Place | None = None
    written: str = ""


class BlockerKind(StrEnum):
    """What sort of thing keeps a release out."""

    DECLARATION = "declaration"
    PARENT = "parent"
    PYTHON = "requires-python"
    AS_OF = "as-of"
    COOLDOWN = "cooldown"
    PRERELEASE = "pre-release"
    YANKED = "yanked"
    NO_WHEEL = "no-wheel"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps a release out.

    `ask` is the requirement that does, of a declaration or a parent. `chain` leads from a direct requirement to that
    parent, and `lifted_in` is the first newer release of it that does not, None if there is none. `needed` is a
    requirement of the kept out release itself, where not that release but what it needs is kept out. `reason` is what
    an index or a policy says of the release.
    """

    kind: BlockerKind
    ask: Ask | None = None
    chain: tuple[NormalizedName, ...] = ()
    needed: Requirement | None = None
    reason: str = ""
    lifted_in: Version | None = None


@dataclass(frozen=True, slots=True)
class FixedRelease:
    """A release that would do, the one of its stretch of such that least is in the way of.

    `last` is the newest of the stretch. `breaks` are those that it would bring into the set as it is: they show
    that what keeps it out does so rightly. None where that was not looked at.
    """

    version: Version
    last: Version
    uploaded: datetime | None = None
    blockers: tuple[Blocker, ...] = ()
    breaks: tuple[Break, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pin that has to go, and the newer releases of the index that would do, in order, whatever their date."""

    name: NormalizedName
    version: Version
    would_do: tuple[Version, ...]


class Reach(StrEnum):
    """Whether what starts the program comes to import a distribution; `LAZILY`: only what runs later may."""

    AT_IMPORT = "at-import"
    LAZILY = "lazily"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WayIn:
    """How a pin came into the set: `path` leads from a direct requirement to it.

    `importer` is a module that imports it, or may.
    """

    path: tuple[NormalizedName, ...]
    reach: Reach = Reach.UNKNOWN
    importer: str = ""


class ChangeKind(StrEnum):
    """The ways to let a release in, the smallest first."""

    UPGRADE = "upgrade-lock"
    RAISE = "raise-floor"
    MOVE = "move-parent"
    WIDEN = "widen-cap"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A line of the declaration with another specifier."""

    line: Ask
    specifier: str


@dataclass(frozen=True, slots=True)
class Uses:
    """How many names a parent takes of a dependency, and of how many it cannot be told if another release has them."""

    parent: NormalizedName
    version: Version
    dependency: NormalizedName
    names: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest change that gives a set that resolves, has no fatal break, and has the fixed release.

    `moves` are what it does to the set, `bounds` what pinproof adds so that it works. `overrides` replace what parents
    require; `uses` say why they may. `exempt` are packages that have to be let in although a cooldown keeps them out,
    with the day from which on it would not.
    """

    kind: ChangeKind
    to: Version
    rewrites: tuple[Rewrite, ...] = ()
    moves: tuple[Move, ...] = ()
    bounds: tuple[Bound, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    uses: tuple[Uses, ...] = ()
    exempt: tuple[NormalizedName, ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """No change lets a fix in; `breaks` are the proof where something would break with it."""

    reason: str
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Exposure:
    """Everything about one vulnerable pin. `change` is None where none was looked for."""

    name: NormalizedName
    version: Version
    way_in: WayIn
    fixed: tuple[FixedRelease, ...]
    change: Change | Stuck | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A package of the set that keeps newer releases of another from you.

    `newest` is the newest that it keeps out, `behind` how many those are, and `since` when the first of them was
    uploaded. `breaks` are what it would lose with the newest and `uses` how much it takes; None, with the `reason`,
    where that could not be judged.
    """

    ask: Ask
    name: NormalizedName
    version: Version
    newest: Version
    behind: int
    since: datetime | None
    chain: tuple[NormalizedName, ...]
    breaks: tuple[Break, ...] | None = None
    uses: Uses | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeldBackReport:
    """What packages of a set keep from it; `filename` is what the user named."""

    filename: str
    pins: tuple[Pin, ...]
    held_back: tuple[HeldBack, ...]
    not_checked: tuple[NotChecked, ...] = ()


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of letting fixed releases in, one after the other.

    `files` are those that differ, by the names that the user knows, before and after. `applied` are the pins whose
    change holds, `refused` say why one was left as it is. `folder` has all that may change.
    """

    files: Mapping[str, tuple[bytes, bytes]]
    applied: tuple[Exposure, ...] = ()
    refused: tuple[tuple[NormalizedName, str], ...] = ()
    folder: str = ""
