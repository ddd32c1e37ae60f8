"""What rules look at: one project, and the world around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.declaration import Command, Declaration, FilePath, Kind, Manifest, Span
    from pinproof.model.lock_content import LockContent
    from pinproof.model.release import Standing
    from pinproof.model.verdict import Break, NotChecked


class Role(Enum):
    """What a project is for: who installs it, and how."""

    LIBRARY = "library"
    APPLICATION = "application"
    BOTH = "both"
    """Library rules for what it declares, application rules for what it locks."""


class Granularity(Enum):
    """How an application writes what it declares."""

    EXACT = "exact"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True)
class Import:
    """A module that the project's own source imports, and the line that does so.

    `optional`: where it fails, something else happens. `in_tests`: only tests need it.
    """

    module: str
    path: FilePath
    span: Span
    optional: bool = False
    in_tests: bool = False


class Source(Protocol):
    """What rules may ask of the project's own source."""

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What of it could not be read."""

    def texts(self) -> Mapping[FilePath, str]:
        """The texts of the files with places that were told."""

    def own(self) -> frozenset[str]:
        """The first names of modules that it can import from itself."""

    def mentioned(self) -> frozenset[str]:
        """The first names of all modules that it seems to import, tests and own ones included; rather too many."""

    def words(self, without: Collection[FilePath]) -> frozenset[str]:
        """All words in the files of the project but these, in small letters, dashes as underscores."""

    def first(self, module: str) -> Import | None:
        """A place that imports a module, or one below it, for certain, else optionally, else in tests."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project: a folder with what declares it, and whatever below belongs to no other.

    `folder` is "" for the one that is checked. `reason` says why it has its role. `locks_above` are those of projects
    around it that lock what this one declares: it is a member of their workspace.
    """

    folder: str
    role: Role
    reason: str
    manifests: tuple[Manifest, ...]
    locks: tuple[LockContent, ...] = ()
    locks_above: tuple[LockContent, ...] = ()
    source: Source | None = None
    pin: Granularity | None = None

    @property
    def is_library(self) -> bool:
        """Whether rules for libraries count."""
        return self.role in (Role.LIBRARY, Role.BOTH)

    @property
    def is_application(self) -> bool:
        """Whether rules for applications count."""
        return self.role in (Role.APPLICATION, Role.BOTH)

    def of(self, *kinds: Kind) -> Iterator[Manifest]:
        """The manifests of these kinds."""
        return (manifest for manifest in self.manifests if manifest.kind in kinds)

    def declarations(self) -> Iterator[tuple[Manifest, Declaration]]:
        """Every requirement with the file that it stands in."""
        for manifest in self.manifests:
            for declaration in manifest.every_declaration:
                yield manifest, declaration

    def published(self) -> Iterator[tuple[Manifest, Declaration]]:
        """What becomes metadata of a distribution."""
        return ((m, d) for m, d in self.declarations() if d.where.is_published)

    def commands(self) -> Iterator[tuple[Manifest, Command]]:
        """Every command that installs."""
        return ((manifest, command) for manifest in self.manifests for command in manifest.commands)


@dataclass(frozen=True, slots=True)
class Releases:
    """What an index has of a project. `versions` are in order; `yanked` has the reasons, which may be empty."""

    versions: tuple[Version, ...]
    yanked: Mapping[Version, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release brings: its modules, what it requires, and the groups of its entry points.

    Of the modules those count that lie in no other: `yaml`, and of a part of a namespace `google.protobuf`.
    """

    modules: frozenset[str]
    requires: tuple[Requirement, ...] = ()
    groups: frozenset[str] = frozenset()


class Missing(Enum):
    """There is no such project, on any index that the project takes from."""

    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Tried:
    """What the project's own source comes to with other releases of a dependency, by reading both.

    `releases` are those that were looked at, the oldest first; none where there are none, or where the source does not
    use it. `breaks` are what it uses and they lack, and releases within the declared bounds have. `sure`: all else that
    it uses is seen to be there.
    """

    releases: tuple[Version, ...] = ()
    breaks: tuple[Break, ...] = ()
    sure: bool = True


class World(Protocol):
    """What rules may ask beyond the files. None is "not known", which the one that answers makes a note of.

    A rule whose `needs` names what it asks is left out, and listed as not checked, where that cannot be asked at all.
    Further questions become further methods; what answers them is `actions.index_world`.
    """

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What it could not answer."""

    def look_ahead(self, projects: Sequence[Project]) -> None:
        """Hear what is going to be asked about, before anything is."""

    def releases(self, name: NormalizedName) -> Releases | Missing | None:
        """What the index has of a project."""

    def has(self, name: NormalizedName, specifier: SpecifierSet) -> bool | None:
        """Whether there is a release that the specifier admits, on any index that the project takes from."""

    def standing(self, name: NormalizedName) -> Standing | None:
        """How a project stands (PEP 792)."""

    def contents(self, pins: Mapping[NormalizedName, Version]) -> Mapping[NormalizedName, Contents]:
        """What releases bring, without those of which that is not known."""

    def breaks_with(
        self, dependents: Mapping[NormalizedName, Version], name: NormalizedName, version: Version
    ) -> tuple[Break, ...] | None:
        """What releases that are there need of a dependency, and this release of it took away."""

    def note(self, what: NotChecked) -> None:
        """Put down what a rule could not look at."""

    def extras(self, name: NormalizedName, specifier: SpecifierSet) -> tuple[Version, frozenset[str]] | None:
        """The newest release that a specifier admits, with the extras that it has (normalised, PEP 685)."""

    def at_floor(self, project: Project, declaration: Declaration) -> Tried | None:
        """The project's own source with the oldest release that a requirement admits."""

    def beyond_cap(self, project: Project, declaration: Declaration) -> Tried | None:
        """The project's own source with the releases that are newer than a requirement admits."""
