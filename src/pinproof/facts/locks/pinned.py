"""What every lock file says, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

from pinproof.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from packaging.markers import Marker

    from pinproof.model.release import Pin


@dataclass(frozen=True, slots=True)
class Locked:
    """One pin with the circumstances under which it is installed (`marker` None: always).

    `extras` are those that the line asks for; `hashes` are `sha256:…` as written, for formats that
    give hashes without saying which file each belongs to.
    """

    pin: Pin
    marker: Marker | None = None
    extras: frozenset[str] = frozenset()
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unpinned:
    """An entry that stands for no release of an index (a URL, a repository, a folder), and why."""

    name: str
    reason: str
    line: int | None = None
    marker: Marker | None = None


@dataclass(frozen=True, slots=True)
class Include:
    """Another file that this one names, as it is written: relative to the folder of this file."""

    path: str
    line: int
    is_constraint: bool = False


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where the file says that its packages come from, in the order of the file."""

    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """The content of one lock file, before an environment is chosen.

    `default_groups` are the dependency groups that are installed unless others are asked for (PEP 751).
    """

    filename: str
    locked: tuple[Locked, ...]
    not_checked: tuple[Unpinned, ...] = ()
    includes: tuple[Include, ...] = ()
    indexes: Indexes = Indexes()
    default_groups: frozenset[str] = frozenset()

    def pins(self, environment: Mapping[str, str | AbstractSet[str]]) -> tuple[Pin, ...]:
        """The pins that this environment gets, each name once.

        `environment` has the names of PEP 508 markers, and may have `extras` and `dependency_groups`
        (PEP 751); what it lacks is taken from the running interpreter. InputError if two versions of
        one package apply.
        """
        chosen: dict[str, Pin] = {}
        for pin in self._applying(environment):
            other = chosen.setdefault(pin.name, pin)
            if other.version != pin.version:
                raise InputError(
                    f"{place(self.filename, pin.line)}: {pin.name} is pinned to {pin.version}, "
                    f"and to {other.version} in line {other.line}",
                    hint="Keep one of the two, or give them markers that exclude each other.",
                )
        return tuple(chosen.values())

    def unchecked(self, environment: Mapping[str, str | AbstractSet[str]]) -> tuple[Unpinned, ...]:
        """The entries that this environment gets and that stand for no release of an index."""
        wider = self._wider(environment)
        return tuple(u for u in self.not_checked if applies(u.marker, wider))

    def _applying(self, environment: Mapping[str, str | AbstractSet[str]]) -> Iterator[Pin]:
        wider = self._wider(environment)
        return (entry.pin for entry in self.locked if applies(entry.marker, wider))

    def _wider(
        self, environment: Mapping[str, str | AbstractSet[str]]
    ) -> Mapping[str, str | AbstractSet[str]]:
        return {"extra": "", "dependency_groups": self.default_groups, **environment}


def applies(marker: Marker | None, environment: Mapping[str, str | AbstractSet[str]]) -> bool:
    """Whether the marker holds; one that compares what cannot be compared does not."""
    if marker is None:
        return True
    try:
        return marker.evaluate(environment, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def place(filename: str, line: int | None) -> str:
    """`requirements.txt:12`, as editors and terminals understand it."""
    return filename if line is None else f"{filename}:{line}"
