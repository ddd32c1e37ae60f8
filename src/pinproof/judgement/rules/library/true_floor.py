"""The oldest release of a dependency that has all that the project's own source uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from pinproof.judgement.rules.library.evidence import use_of

if TYPE_CHECKING:
    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration
    from pinproof.model.verdict import Break


class TrueFloor(NamedTuple):
    """The release, what it is needed for, and the release that lacks it; nothing where none is known to be needed."""

    version: Version | None = None
    use: str = ""
    because: Break | None = None


def true_floor(project: Project, world: World, declaration: Declaration) -> TrueFloor:
    """What a requirement has to ask for at least, where that is more than it does."""
    tried = world.at_floor(project, declaration)
    needed = [(floor, one) for one in (tried.breaks if tried else ()) if (floor := _floor(one))]
    if not needed:
        return TrueFloor()
    version, because = max(needed, key=lambda pair: pair[0])
    return TrueFloor(version, f"{use_of(project, because)}, which is not there before", because)


def _floor(found: Break) -> Version | None:
    floors = [one.version for one in found.works_with or () if one.operator == ">="]
    return Version(floors[0]) if floors else None
