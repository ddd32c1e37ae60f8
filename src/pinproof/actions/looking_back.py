"""What a user should know about a set that works: what was pushed back, by whom, and what is yanked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.facts.wheels import best_file
from pinproof.model.verdict import SetWarning, WarningKind, Works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.model.release import Pin, Project, Release
    from pinproof.model.verdict import Outcome

_FROM_ABOVE = ("<", "<=", "==", "~=")


def set_warnings(
    requirements: Sequence[Requirement],
    outcome: Outcome,
    library: Library,
    relaxed: Callable[[Requirement], tuple[Pin, ...]],
) -> tuple[SetWarning, ...]:
    """The remarks on a set that works; none where there is no set."""
    if not isinstance(outcome, Works):
        return ()
    pins = {p.name: p.version for p in outcome.pins}
    bounds = {canonicalize_name(b.requirement.name): b.requirement for b in outcome.bounds}
    found = [w for p in outcome.pins for w in _yanked(p, library)]
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if name in pins and name not in bounds:
            found += _pushed_back(requirement, pins, bounds, requirements, library, relaxed)
    return tuple(found)


def _yanked(pin: Pin, library: Library) -> Iterator[SetWarning]:
    release = library.project(pin.name).release(pin.version)
    if release is not None and release.yanked is not None:
        yield yanked(pin.name, pin.version, release.yanked)


def yanked(name: NormalizedName, version: Version, reason: str) -> SetWarning:
    """That a release of the set was yanked (PEP 592); the reason may be empty."""
    told = f": {reason}" if reason else ""
    return SetWarning(WarningKind.YANKED, name, version, None, f"{name} {version} is yanked{told}")


def _pushed_back(
    requirement: Requirement,
    pins: Mapping[NormalizedName, Version],
    bounds: Mapping[NormalizedName, Requirement],
    requirements: Sequence[Requirement],
    library: Library,
    relaxed: Callable[[Requirement], tuple[Pin, ...]],
) -> Iterator[SetWarning]:
    """A direct requirement that is older than what it allows: the next release says who is in the way."""
    name = canonicalize_name(requirement.name)
    newer = _newer(library.project(name), requirement.specifier, pins[name], library)
    if not newer:
        return
    blocked = next(_blocking(newer[0], pins, library), None)
    if blocked is None:
        return
    newest, other = newer[-1].version, canonicalize_name(blocked.name)
    told = f"{name} was pushed back to {pins[name]} (newest: {newest}): {name} {newer[0].version} requires {blocked}"
    if other in bounds:
        told += f", which {bounds[other]} rules out"
    else:
        told += f", and the set has {other} {pins[other]}"
        if _caps(blocked, pins[other]) and not _bounds_above(library, name, pins[name], blocked):
            told += f"; {name} {pins[name]} does not say so only because it is older than that cap"
        told += _what_relaxing_gives(requirements, blocked, name, relaxed)
    yield SetWarning(WarningKind.PUSHED_BACK, name, pins[name], newest, told)


def _newer(project: Project, specifier: SpecifierSet, version: Version, library: Library) -> list[Release]:
    """The releases above a version that the user's own words allow on this Python, the lowest first."""
    return [
        r
        for r in project.releases
        if r.version > version
        and (not r.version.is_prerelease or version.is_prerelease)
        and r.yanked is None
        and specifier.contains(r.version, prereleases=True)
        and r.is_for(library.outside.target)
    ]


def _blocking(
    release: Release, pins: Mapping[NormalizedName, Version], library: Library
) -> Iterator[Requirement]:
    """The requirements of a release that the set does not meet."""
    for requirement in requirements_of_release(release, library):
        version = pins.get(canonicalize_name(requirement.name))
        if version is not None and not requirement.specifier.contains(version, prereleases=True):
            yield requirement


def requirements_of_release(release: Release, library: Library) -> Iterator[Requirement]:
    """What a release requires on the target without any extra. Raises as `Index.metadata`."""
    file = best_file(release.files, library.outside.target)
    if file is None:
        return
    from pinproof.facts.metadata import read_metadata
    from pinproof.facts.metadata import requirements as requirements_in

    python = library.outside.target.python_text
    for requirement in requirements_in(read_metadata(library.outside.index.metadata(file))):
        marker = requirement.marker
        if marker is None or marker.evaluate({"python_version": python, "extra": ""}):
            yield requirement


def _caps(requirement: Requirement, version: Version) -> bool:
    """Whether a requirement leaves a version out because it is too new."""
    caps = [s for s in requirement.specifier if s.operator in _FROM_ABOVE]
    return any(not s.contains(version, prereleases=True) for s in caps)


def _bounds_above(library: Library, name: NormalizedName, version: Version, blocked: Requirement) -> bool:
    """Whether the release in the set bounds the same dependency from above, too."""
    release = library.project(name).release(version)
    if release is None:
        return True
    own = [
        r
        for r in requirements_of_release(release, library)
        if canonicalize_name(r.name) == canonicalize_name(blocked.name)
    ]
    return any(s.operator in ("<", "<=", "==", "~=") for r in own for s in r.specifier)


def _what_relaxing_gives(
    requirements: Sequence[Requirement],
    blocked: Requirement,
    name: NormalizedName,
    relaxed: Callable[[Requirement], tuple[Pin, ...]],
) -> str:
    """What the set would be if the user's own requirement on the other side were dropped."""
    other = canonicalize_name(blocked.name)
    mine = next((r for r in requirements if canonicalize_name(r.name) == other and r.specifier), None)
    if mine is None:
        return ""
    versions = {p.name: p.version for p in relaxed(mine)}
    if name not in versions or other not in versions:
        return ""
    return (
        f". Without the bound in '{mine}' it would be {name} {versions[name]} with {other} {versions[other]}"
    )
