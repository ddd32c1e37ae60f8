"""A small index in a dictionary, with a resolver that takes the newest of everything that goes together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pinproof.judgement.exposure import Surroundings, fixed_releases
from pinproof.model.exposure import Ask, Wanted
from pinproof.model.policy import Cutoffs, Policy
from pinproof.model.release import File, Pin, Project, Release, Target
from pinproof.model.report import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pinproof.model.exposure import FixedRelease

TARGET = Target((3, 11), "linux", "x86_64")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Catalogue:
    """`index` maps `name version` to what that requires; the order is that of the versions."""

    index: Mapping[str, Sequence[str]]
    uploaded: Mapping[str, str] = field(default_factory=dict)
    yanked: frozenset[str] = frozenset()
    pythons: Mapping[str, str] = field(default_factory=dict)
    sources_only: frozenset[str] = frozenset()

    # What is asked of releases

    def project(self, name: NormalizedName) -> Project:
        entries = [entry for entry in self.index if entry.split()[0] == name]
        return Project(name, tuple(self._release(entry) for entry in entries))

    def _release(self, entry: str) -> Release:
        name, version = entry.split()
        when = self.uploaded.get(entry)
        file = File(
            f"{name}-{version}-py3-none-any.whl",
            f"https://files.example/{name}",
            upload_time=day(when) if when else day("2020-01-01"),
            requires_python=SpecifierSet(self.pythons[entry]) if entry in self.pythons else None,
            yanked="it eats data" if entry in self.yanked else None,
        )
        return Release(canonicalize_name(name), Version(version), (file,))

    def requires(self, name: NormalizedName, version: Version) -> list[Requirement]:
        return [Requirement(text) for text in self.index[f"{name} {version}"]]

    def is_installable(self, release: Release) -> bool:
        return f"{release.name} {release.version}" not in self.sources_only

    # What a resolver does

    def resolve(
        self,
        requirements: Iterable[Requirement],
        constraints: Iterable[Requirement] = (),
        overrides: Iterable[Requirement] = (),
        preferred: Mapping[NormalizedName, Version] | None = None,
    ) -> dict[NormalizedName, Version] | None:
        """The set, found by going back; None where there is none."""
        instead = {canonicalize_name(r.name): r for r in overrides}
        bounds: dict[NormalizedName, SpecifierSet] = {}
        for bound in constraints:
            name = canonicalize_name(bound.name)
            bounds[name] = bounds.get(name, SpecifierSet()) & bound.specifier
        return self._solve(list(requirements), {}, preferred or {}, bounds, instead)

    def _solve(
        self,
        asked: list[Requirement],
        chosen: dict[NormalizedName, Version],
        preferred: Mapping[NormalizedName, Version],
        bounds: Mapping[NormalizedName, SpecifierSet],
        instead: Mapping[NormalizedName, Requirement],
    ) -> dict[NormalizedName, Version] | None:
        asked = [instead.get(canonicalize_name(r.name), r) for r in asked]
        for requirement in asked:
            there = chosen.get(canonicalize_name(requirement.name))
            if there is not None and not requirement.specifier.contains(there, prereleases=True):
                return None
        todo = [r for r in asked if canonicalize_name(r.name) not in chosen]
        if not todo:
            return chosen
        name = canonicalize_name(todo[0].name)
        allowed = bounds.get(name, SpecifierSet())
        versions = [r.version for r in self.project(name).releases if allowed.contains(r.version)]
        versions.sort(key=lambda v: (v == preferred.get(name), v), reverse=True)
        for version in versions:
            more = [*asked, *self.requires(name, version)]
            if found := self._solve(more, {**chosen, name: version}, preferred, bounds, instead):
                return found
        return None

    # The set and its surroundings

    def surroundings(
        self,
        pins: str,
        lines: Sequence[str],
        *,
        as_of: str = "",
        cutoffs: Cutoffs | None = None,
        policy: Policy | None = None,
    ) -> Surroundings:
        versions = {canonicalize_name(n): Version(v) for n, v in (one.split("==") for one in pins.split())}
        asks = [line(text, number) for number, text in enumerate(lines, 1)]
        for name, version in versions.items():
            asks += [Ask(r, name, version, written=str(r.specifier)) for r in self.requires(name, version)]
        return Surroundings(
            versions,
            tuple(asks),
            TARGET,
            day(as_of) if as_of else None,
            cutoffs or Cutoffs(),
            policy or Policy(),
        )

    def wanted(self, world: Surroundings, name: str, would_do: str) -> Wanted:
        normalized = canonicalize_name(name)
        at_hand = world.pins[normalized]
        newer = [r.version for r in self.project(normalized).releases if r.version > at_hand]
        would = {Version(v) for v in would_do.split()}
        return Wanted(normalized, at_hand, tuple(v for v in newer if v in would))

    def fixed(self, world: Surroundings, name: str, would_do: str) -> tuple[FixedRelease, ...]:
        return fixed_releases(self.wanted(world, name, would_do), world, self)


def line(text: str, number: int) -> Ask:
    """A line of a declaration, without extras."""
    requirement = Requirement(text)
    return Ask(requirement, at=Place("requirements.in", number), written=text.removeprefix(requirement.name))


def pins_of(world: Surroundings) -> tuple[Pin, ...]:
    return tuple(Pin(name, version) for name, version in world.pins.items())
