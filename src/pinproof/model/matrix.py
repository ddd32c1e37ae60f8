"""The releases of a few projects, and which of them work with each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.release import Pin
    from pinproof.model.report import Status
    from pinproof.model.verdict import Bound, Break, NotChecked


class CellStatus(StrEnum):
    """What a combination comes to.

    `BOUNDED`: it works if other packages of the set are kept within bounds that no metadata asks for.
    """

    WORKS = "works"
    BOUNDED = "bounded"
    LATENT = "latent"
    BROKEN = "broken"
    EXCLUDED = "excluded"
    NO_SET = "no-set"
    NOT_CHECKED = "not-checked"

    @property
    def is_working(self) -> bool:
        """Whether the program starts with it."""
        return self in (CellStatus.WORKS, CellStatus.BOUNDED, CellStatus.LATENT)


class Why(StrEnum):
    """Why a release is not in the matrix."""

    OTHER_PYTHON = "other-python"
    NO_WHEEL = "no-wheel"
    YANKED = "yanked"
    PYTHON_TOOK_AWAY = "python-took-away"
    NOT_READABLE = "not-readable"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A release that is not in the matrix; `reason` or `found` say of it what `why` says in general."""

    version: Version
    why: Why
    reason: str = ""
    found: Break | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """The releases of one project that are in the matrix, the oldest first, and those that are not.

    `passed_over` counts those that only stand behind a newer one of their minor line.
    """

    requirement: Requirement
    name: NormalizedName
    versions: tuple[Version, ...]
    left_out: tuple[LeftOut, ...] = ()
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What the metadata of a release asks of another one of the combination, which that is not."""

    dependent: NormalizedName
    dependent_version: Version
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination: a version for each axis, in their order, and what it comes to.

    `pins` is the whole set that was judged, empty where there is none. `breaks` are those in it, the fatal ones of a
    broken combination those that no bound on another package repairs. `reason` says why there is no set.
    """

    versions: tuple[Version, ...]
    status: CellStatus
    pins: tuple[Pin, ...] = ()
    bounds: tuple[Bound, ...] = ()
    breaks: tuple[Break, ...] = ()
    excluded_by: tuple[Exclusion, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every combination of the releases on the axes, the last axis running fastest."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    status: Status
