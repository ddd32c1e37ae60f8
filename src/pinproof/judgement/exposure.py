"""What keeps a release out of a set: everything that constrains it, not the first thing that is found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.model.exposure import Ask, Blocker, BlockerKind, FixedRelease, Wanted
from pinproof.model.policy import Cutoffs, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.advisory import Vulnerability
    from pinproof.model.release import Project, Release, Target


class Releases(Protocol):
    """What is asked about releases that are not in the set; all of them, whatever their date."""

    def project(self, name: NormalizedName) -> Project:
        """The releases of a project."""

    def requires(self, name: NormalizedName, version: Version) -> Sequence[Requirement]:
        """What a release requires on the target without any extra; nothing where that cannot be read."""

    def is_installable(self, release: Release) -> bool:
        """Whether it has a file that can be installed on the target's platform, or a source to build one of."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a release has to fit into: the pins, what everything asks for, and what the user wants of releases."""

    pins: Mapping[NormalizedName, Version]
    asks: tuple[Ask, ...]
    target: Target
    as_of: datetime | None = None
    cutoffs: Cutoffs = field(default_factory=Cutoffs)
    policy: Policy = field(default_factory=Policy)

    def of(self, name: NormalizedName) -> Iterator[Ask]:
        """What is asked of one package by others."""
        return (a for a in self.asks if named(a) == name and a.dependent != name)


def named(ask: Ask) -> NormalizedName:
    """The package that is asked for."""
    return canonicalize_name(ask.requirement.name)


def chains(asks: Iterable[Ask]) -> dict[NormalizedName, tuple[NormalizedName, ...]]:
    """The shortest way from a direct requirement to each package, both included."""
    every = list(asks)
    needs: dict[NormalizedName, list[NormalizedName]] = {}
    for ask in every:
        if ask.dependent is not None:
            needs.setdefault(ask.dependent, []).append(named(ask))
    found: dict[NormalizedName, tuple[NormalizedName, ...]] = {}
    waiting: list[tuple[NormalizedName, ...]] = [(named(ask),) for ask in every if ask.dependent is None]
    while waiting:
        following = []
        for path in waiting:
            if path[-1] not in found:
                found[path[-1]] = path
                following += [(*path, name) for name in needs.get(path[-1], ())]
        waiting = following
    return found


def ancestors(name: NormalizedName, asks: Iterable[Ask]) -> set[NormalizedName]:
    """Everything that needs a package, directly or not, and the package itself."""
    every = [(a.dependent, named(a)) for a in asks if a.dependent is not None]
    found = {name}
    while more := {dependent for dependent, needed in every if needed in found} - found:
        found |= more
    return found


def wanted_of(
    vulnerabilities: Sequence[Vulnerability], releases: Releases, affected: Callable[[Version], bool]
) -> Wanted:
    """The newer releases that none of the vulnerabilities of a pin affects, and no other if there are such.

    Where there is none, those are left aside that nothing mends; a release that mends the others is still wanted.
    `affected` tells of any known vulnerability of a release.
    """
    first = vulnerabilities[0]
    newer = [r.version for r in releases.project(first.name).releases if r.version > first.version]
    mendable = [one for one in vulnerabilities if any(not one.affects(v) for v in newer)]
    would_do = [v for v in newer if mendable and not any(one.affects(v) for one in mendable)]
    healthy = [v for v in would_do if not affected(v)]
    return Wanted(first.name, first.version, tuple(healthy or would_do))


def fixed_releases(wanted: Wanted, world: Surroundings, releases: Releases) -> tuple[FixedRelease, ...]:
    """For each stretch of releases that would do, the one with the least in its way, and all that is."""
    found = []
    for stretch in _stretches(wanted, releases.project(wanted.name)):
        looked_at = [(release, tuple(_of_itself(release, world, releases))) for release in stretch]
        release, blockers = min(looked_at, key=lambda one: (len(one[1]), one[0].version))
        every = (*blockers, *_of_needs(release, world, releases))
        would_do = [one.version for one in stretch]
        told = tuple(replace(b, lifted_in=lifted_in(b, would_do, world, releases)) for b in every)
        found.append(FixedRelease(release.version, stretch[-1].version, release.upload_time, told))
    return tuple(found)


def _stretches(wanted: Wanted, project: Project) -> Iterator[list[Release]]:
    """The releases that would do, divided where one between them would not."""
    would_do = set(wanted.would_do)
    stretch: list[Release] = []
    for release in project.releases:
        if release.version in would_do:
            stretch.append(release)
        elif stretch and not release.version.is_prerelease:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _of_itself(release: Release, world: Surroundings, releases: Releases) -> Iterator[Blocker]:
    yield from _of_index(release, world, releases)
    yield from _excluding(release.name, release.version, world)


def _of_index(release: Release, world: Surroundings, releases: Releases) -> Iterator[Blocker]:
    """What the index and the user's policy say against a release."""
    uploaded = release.upload_time
    cutoff = world.cutoffs.of(release.name)
    if uploaded is not None and world.as_of is not None and uploaded >= world.as_of:
        yield Blocker(BlockerKind.AS_OF, reason=f"uploaded on {uploaded.date()}")
    elif uploaded is not None and cutoff is not None and uploaded >= cutoff:
        yield Blocker(BlockerKind.COOLDOWN, reason=f"uploaded on {uploaded.date()}")
    if release.yanked is not None and not _is_pinned(release, world):
        yield Blocker(BlockerKind.YANKED, reason=release.yanked)
    if not release.is_for(world.target):
        asked = sorted({str(f.requires_python) for f in release.files if f.requires_python is not None})
        yield Blocker(BlockerKind.PYTHON, reason=" or ".join(asked))
    elif not releases.is_installable(release):
        yield Blocker(BlockerKind.NO_WHEEL)
    if release.version.is_prerelease and not _takes_prereleases(release, world, releases):
        yield Blocker(BlockerKind.PRERELEASE)


def _is_pinned(release: Release, world: Surroundings) -> bool:
    return any(s.operator in ("==", "===") and "*" not in s.version and s.contains(release.version)
               for ask in world.of(release.name) for s in ask.requirement.specifier)  # fmt: skip


def _takes_prereleases(release: Release, world: Surroundings, releases: Releases) -> bool:
    """As uv does it: where a line of the declaration names one, or where there is nothing else.

    What is a pre-release already may become another one.
    """
    policy = world.policy.prerelease or "if-necessary-or-explicit"
    if policy in ("allow", "disallow"):
        return policy == "allow"
    if _is_early(release.name, world):
        return True
    asked = any(a.requirement.specifier.prereleases for a in world.of(release.name) if a.dependent is None)
    only = all(r.version.is_prerelease for r in releases.project(release.name).releases)
    return (asked and "explicit" in policy) or (only and "necessary" in policy)


def _excluding(
    name: NormalizedName, version: Version, world: Surroundings, needed: Requirement | None = None
) -> Iterator[Blocker]:
    """The requirements that do not admit a version."""
    ways = chains(world.asks)
    for ask in world.of(name):
        if ask.requirement.specifier.contains(version, prereleases=True):
            continue
        if ask.dependent is None:
            yield Blocker(BlockerKind.DECLARATION, ask, needed=needed)
        else:
            yield Blocker(BlockerKind.PARENT, ask, ways.get(ask.dependent, (ask.dependent,)), needed)


def _of_needs(release: Release, world: Surroundings, releases: Releases) -> Iterator[Blocker]:
    """What keeps out that which the release itself requires, where nothing that it admits would fit."""
    for requirement in releases.requires(release.name, release.version):
        name = canonicalize_name(requirement.name)
        at_hand = world.pins.get(name)
        if at_hand is None or requirement.specifier.contains(at_hand, prereleases=True):
            continue
        others = SpecifierSet()
        for ask in world.of(name):
            others &= ask.requirement.specifier if ask.dependent != release.name else SpecifierSet()
        admitted = [
            r.version
            for r in releases.project(name).releases
            if requirement.specifier.contains(r.version, prereleases=True) and r.is_for(world.target)
        ]
        if admitted and not any(others.contains(v, prereleases=True) for v in admitted):
            nearest = min(admitted, key=lambda v: (v.is_prerelease, v))
            yield from (b for b in _excluding(name, nearest, world, requirement)
                        if b.ask is not None and b.ask.dependent != release.name)  # fmt: skip


def lifted_in(
    blocker: Blocker, would_do: Sequence[Version], world: Surroundings, releases: Releases
) -> Version | None:
    """The first newer release of a parent that admits one of these, by bisection; None where the newest does not."""
    ask = blocker.ask
    if ask is None or ask.dependent is None or ask.version is None or blocker.needed is not None:
        return None
    newer = [r for r in releases.project(ask.dependent).releases if r.version > ask.version]
    usable = [r.version for r in newer if is_usable(r, world)]

    def admits(parent: Version) -> bool:
        assert ask.dependent is not None
        of_it = [
            r for r in releases.requires(ask.dependent, parent) if canonicalize_name(r.name) == named(ask)
        ]
        return any(all(r.specifier.contains(v, prereleases=True) for r in of_it) for v in would_do)

    if not usable or not admits(usable[-1]):
        return None
    low, high = 0, len(usable) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if admits(usable[middle]) else (middle + 1, high)
    return usable[high]


def is_usable(release: Release, world: Surroundings) -> bool:
    """Whether a release could be taken on the day; a pre-release only in the place of another one."""
    uploaded = release.upload_time
    is_there = world.as_of is None or (uploaded is not None and uploaded < world.as_of)
    if not is_there or release.yanked is not None or not release.is_for(world.target):
        return False
    return not release.version.is_prerelease or _is_early(release.name, world)


def _is_early(name: NormalizedName, world: Surroundings) -> bool:
    """Whether the set has a pre-release of a package."""
    at_hand = world.pins.get(name)
    return at_hand is not None and at_hand.is_prerelease and world.policy.prerelease != "disallow"
