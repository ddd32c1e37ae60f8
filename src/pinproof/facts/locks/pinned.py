"""What every lock file says, whatever its format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.errors import InputError
from pinproof.facts.locks.graph import applies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from packaging.markers import Marker
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.facts.locks.graph import Environment, Graph, Node
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
class Whereabouts:
    """Where what is no release of an index may lie on this machine.

    `path` is as the file writes it, relative to its folder; or `commit` is that of a git repository, in full.
    `below` is the folder in either that counts.
    """

    path: str = ""
    commit: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class Unpinned:
    """An entry that stands for no release of an index (a URL, a repository, a folder), and why."""

    name: str
    reason: str
    line: int | None = None
    marker: Marker | None = None
    lies: Whereabouts | None = None


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
    `graph` says which of the entries an environment reaches; without one all of them count whose markers hold.
    `requires_python` are the Pythons that the file was made for. `projects` are the folders, relative to the
    file, whose own source the set was made for: they are the asking side, no part of the set.
    `nodes` are all packages with what each needs, where the format says so. What the lock says of the declaration that
    it was made from: `fingerprint` is a hash of it, `recorded` has the requirements of each of the `projects` (as a
    URL where they are taken from elsewhere), `parts` the groups and extras that are locked (None: all of them).
    """

    filename: str
    locked: tuple[Locked, ...]
    not_checked: tuple[Unpinned, ...] = ()
    includes: tuple[Include, ...] = ()
    indexes: Indexes = Indexes()
    default_groups: frozenset[str] = frozenset()
    graph: Graph | None = None
    requires_python: SpecifierSet | None = None
    projects: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()
    fingerprint: str = ""
    recorded: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    parts: frozenset[str] | None = None

    def pins(self, environment: Environment) -> tuple[Pin, ...]:
        """The pins that this environment gets, each name once.

        `environment` has the names of PEP 508 markers, and may have `extras` and `dependency_groups`
        (PEP 751); what it lacks is taken from the running interpreter. InputError if two versions of
        one package apply.
        """
        chosen: dict[str, Pin] = {}
        for pin in (entry.pin for entry in self._entries(environment)):
            other = chosen.setdefault(pin.name, pin)
            if other.version != pin.version:
                raise InputError(
                    f"{place(self.filename, pin.line)}: {pin.name} is pinned to {pin.version}, "
                    f"and to {other.version} in line {other.line}",
                    hint="Keep one of the two, or give them markers that exclude each other.",
                )
        return tuple(chosen.values())

    def hashes(self, environment: Environment) -> dict[NormalizedName, tuple[str, ...]]:
        """The hashes that the file allows for the pins of this environment, as far as it has any."""
        found: dict[NormalizedName, tuple[str, ...]] = {}
        for entry in self._entries(environment):
            of_files = [f"sha256:{file.sha256}" for file in entry.pin.files if file.sha256]
            if listed := tuple(dict.fromkeys((*entry.hashes, *of_files))):
                found[entry.pin.name] = listed
        return found

    def unchecked(self, environment: Environment) -> tuple[Unpinned, ...]:
        """The entries that this environment gets and that stand for no release of an index."""
        wider = self._wider(environment)
        reached = self._reached(wider)
        return tuple(
            u
            for u in self.not_checked
            if applies(u.marker, wider) and (reached is None or canonicalize_name(u.name) in reached)
        )

    def _entries(self, environment: Environment) -> Iterator[Locked]:
        wider = self._wider(environment)
        reached = self._reached(wider)
        for entry in self.locked:
            versions = None if reached is None else reached.get(entry.pin.name, frozenset())
            if applies(entry.marker, wider) and (versions is None or entry.pin.version in versions):
                yield entry

    def _reached(
        self, environment: Environment
    ) -> Mapping[NormalizedName, AbstractSet[Version | None]] | None:
        return None if self.graph is None else self.graph.reached(environment)

    def _wider(self, environment: Environment) -> Environment:
        return {"extra": "", "dependency_groups": self.default_groups, **environment}


def path_of(reference: str) -> str:
    """The path that a `file:` URL or a plain path stands for; empty for other URLs."""
    scheme, colon, rest = reference.partition(":")
    if not colon or len(scheme) == 1:  # `C:` is a drive
        return reference
    if scheme.lower() != "file":
        return ""
    quoted = rest.partition("#")[0].encode()
    path = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), quoted).decode("utf-8", "replace")
    path = re.sub(r"^//(?:localhost)?(?=/)", "", path)
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path


def commit_of(text: object) -> str:
    """A commit of git where it is written in full, else nothing: a branch says nothing about what was locked."""
    return text.lower() if isinstance(text, str) and re.fullmatch(r"[0-9a-fA-F]{40}", text) else ""


def place(filename: str, line: int | None) -> str:
    """`requirements.txt:12`, as editors and terminals understand it."""
    return filename if line is None else f"{filename}:{line}"
