"""PIN503."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from pinproof.judgement.rules.pinned import locks_beside
from pinproof.judgement.rules.project import Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import FilePath, Span


def missing_release(project: Project, world: World) -> Iterator[Finding]:
    """No release on the index fulfils a requirement, or what a lock pins is not there.

    ## What it does
    Looks for requirements and pins that none of the releases on the index fulfils, pre-releases and yanked ones
    counted: a release that was deleted, or that there never was.

    ## Why is this bad?
    It cannot be installed; where a cache still has it, only there.

    ## Example
    ```text requirements.txt
    click==8.1.77
    ```
    ```json index.json
    {"click": {"versions": ["8.1.6", "8.1.7", "8.2.0"]}}
    ```

    ## Use instead
    ```text requirements.txt
    click==8.1.7
    ```
    ```json index.json
    {"click": {"versions": ["8.1.6", "8.1.7", "8.2.0"]}}
    ```

    ## Fix safety
    There is no fix: which release is meant cannot be told.
    """
    for manifest, declaration in project.declarations():
        requirement, name = declaration.requirement, declaration.name
        if requirement is None or name is None or requirement.url or declaration.where is Where.HOOK:
            continue
        if requirement.specifier and not requirement.specifier.is_unsatisfiable():
            place = (manifest.path, declaration.span)
            yield from _findings(place, name, requirement.specifier, world)
    for lock in locks_beside(project):
        for name, versions in lock.pins.items():
            for version in versions:
                place_of = (lock.path, lock.span(name))
                yield from _findings(place_of, name, SpecifierSet(f"=={version}"), world)


def _findings(
    place: tuple[FilePath, Span | None], name: NormalizedName, specifier: SpecifierSet, world: World
) -> Iterator[Finding]:
    found = world.releases(name)
    # Of a name that is nowhere another rule tells.
    if not isinstance(found, Releases) or world.has(name, specifier) is not False:
        return
    newest = max(found.versions, default=None)
    yield Finding(
        *place,
        f"there is no release {name}{specifier} on the index",
        why="it was deleted, or there never was one: nothing can be installed",
        advice=f"ask for one that is there; the newest is {newest}"
        if newest
        else "all of its releases are gone",
        subject=f"{name}{specifier}",
    )


RULE = Rule("PIN503", missing_release, Scope.EVERYWHERE, frozenset({Need.INDEX}))
