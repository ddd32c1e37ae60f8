"""One vulnerable pin whose fix is to be let in: what could be taken instead of it, and within which bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.judgement.exposure import ancestors, is_usable, named
from pinproof.judgement.rewriting import cap_above
from pinproof.model.exposure import Ask, BlockerKind, FixedRelease, Wanted
from pinproof.model.release import moves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.exposure import Releases, Surroundings
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Break

FIRM = {
    BlockerKind.AS_OF,
    BlockerKind.YANKED,
    BlockerKind.PYTHON,
    BlockerKind.NO_WHEEL,
    BlockerKind.PRERELEASE,
}
"""What no change of a declaration helps against."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A pin that has to go, and the releases that would do, with what keeps them out."""

    wanted: Wanted
    fixed: tuple[FixedRelease, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all searches of one set have in common; `affected` tells of other releases what had better not come in."""

    world: Surroundings
    releases: Releases
    pins: tuple[Pin, ...]
    affected: Callable[[NormalizedName, Version], bool] = lambda name, version: False  # noqa: ARG005


@dataclass
class Case:
    """One search."""

    wanted: Wanted
    fixed: Sequence[FixedRelease]
    setting: Setting
    exempt: tuple[NormalizedName, ...] = ()
    reasons: list[str] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)

    @property
    def world(self) -> Surroundings:
        return self.setting.world

    @property
    def releases(self) -> Releases:
        return self.setting.releases

    @property
    def pins(self) -> tuple[Pin, ...]:
        return self.setting.pins

    @property
    def name(self) -> NormalizedName:
        return self.wanted.name

    @cached_property
    def reachable(self) -> list[FixedRelease]:
        """Those that no change is needed for but of requirements."""
        firm = FIRM if self.exempt else {*FIRM, BlockerKind.COOLDOWN}
        return [f for f in self.fixed if not any(b.kind in firm for b in f.blockers)]

    @cached_property
    def admitted(self) -> list[FixedRelease]:
        """Those of them that the lines on the package itself let in."""
        return [f for f in self.reachable if not self.own(f)]

    @property
    def direct(self) -> list[Ask]:
        """The lines on the package itself."""
        return [line for line in self.lines if named(line) == self.name]

    @property
    def lines(self) -> list[Ask]:
        return [ask for ask in self.world.asks if ask.dependent is None]

    @property
    def floors(self) -> tuple[Requirement, ...]:
        """What needs the package, directly or not, must not go back: what is old may only not say yet what it needs."""
        above = sorted(ancestors(self.name, self.world.asks) - {self.name})
        seen = [n for n in above if n in self.world.pins and self._is_seen(n, self.world.pins[n])]
        return tuple(Requirement(f"{name}>={self.world.pins[name]}") for name in seen)

    def _is_seen(self, name: NormalizedName, version: Version) -> bool:
        release = self.releases.project(name).release(version)
        return release is not None and is_usable(release, self.world)

    def own(self, fixed: FixedRelease) -> list[Ask]:
        """The lines on the package itself that keep a release out."""
        return [b.ask for b in fixed.blockers if b.ask and b.kind is BlockerKind.DECLARATION and not b.needed]


def bounds_of(case: Case, fixed: Sequence[FixedRelease]) -> tuple[Requirement, ...]:
    """What admits the releases of these stretches that would do, no other that the index has, and no older parent."""
    if not fixed:
        return ()
    would_do = set(case.wanted.would_do)
    lowest, highest = fixed[0].version, max(f.last for f in fixed)
    every = [r.version for r in case.releases.project(case.name).releases]
    inside = {v for v in would_do if any(f.version <= v <= f.last for f in fixed)}
    newest = max(every)
    clauses = [f">={lowest}", *([f"<={highest}"] if highest < newest else [])]
    clauses += [f"!={v}" for v in every if lowest < v < highest and v not in inside]
    return (Requirement(f"{case.name}{','.join(clauses)}"), *case.floors)


def nearest(case: Case, release: FixedRelease) -> tuple[Requirement, ...]:
    """What admits the releases from a fixed one up to the next version that may break."""
    first, *floors = bounds_of(case, [release])
    cap = SpecifierSet(f"<{cap_above(release.version)}")
    if not cap.contains(release.version, prereleases=True):
        return (first, *floors)
    return (Requirement(f"{case.name}{first.specifier & cap}"), *floors)


def admits(line: Ask, version: Version | None) -> bool:
    return version is None or line.requirement.specifier.contains(version, prereleases=True)


def version_of(name: NormalizedName, pins: Sequence[Pin]) -> Version | None:
    return next((pin.version for pin in pins if pin.name == name), None)


def version_in(name: NormalizedName, pins: Sequence[Pin]) -> Version:
    found = version_of(name, pins)
    assert found is not None
    return found


def goes_back(case: Case, pins: Sequence[Pin]) -> bool:
    """Whether something that needs the package is older than it was."""
    return any(not floor.specifier.contains(there, prereleases=True) for floor in case.floors
               if (there := version_of(canonicalize_name(floor.name), pins)) is not None)  # fmt: skip


def moved_names(case: Case, pins: Sequence[Pin]) -> tuple[NormalizedName, ...]:
    return tuple(move.name for move in moves(case.pins, pins) if move.before is not None)


def reason_of(case: Case) -> str:
    """Why nothing helps, in a sentence."""
    if not case.fixed:
        return f"the index has no newer release of {case.name} that would do"
    if not case.reachable:
        kinds = dict.fromkeys(b.kind.value for f in case.fixed for b in f.blockers if b.kind in FIRM)
        return f"no release of {case.name} that would do can be taken: {', '.join(kinds)}"
    held = [b.ask for f in case.reachable for b in f.blockers
            if b.kind is BlockerKind.PARENT and b.ask and not b.needed and b.lifted_in is None]  # fmt: skip
    told = dict.fromkeys(f"no newer release of {a.dependent} admits it" for a in held)
    return "; ".join(told) if told else next(iter(case.reasons), "no set was found that has a fixed release")
