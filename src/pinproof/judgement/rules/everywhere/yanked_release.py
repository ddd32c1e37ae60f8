"""PIN502."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.pinned import exact_version, locks_beside
from pinproof.judgement.rules.project import Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import FilePath, Span


def yanked_release(project: Project, world: World) -> Iterator[Finding]:
    """A release is pinned that was yanked.

    ## What it does
    Looks in requirements and locks for pins to releases that their makers have withdrawn (PEP 592).

    ## Why is this bad?
    A release is yanked because it is broken, or dangerous. Tools install it only because it is pinned, and a new
    resolution would not take it.

    ## Example
    ```text requirements.txt
    click==8.2.2
    ```
    ```json index.json
    {"click": {"versions": ["8.2.1", "8.2.2", "8.3.0"], "yanked": {"8.2.2": "flags are broken"}}}
    ```

    ## Use instead
    ```text requirements.txt
    click==8.2.1
    ```
    ```json index.json
    {"click": {"versions": ["8.2.1", "8.2.2", "8.3.0"], "yanked": {"8.2.2": "flags are broken"}}}
    ```

    ## Fix safety
    There is no fix: whether an older or a newer release works has to be tried.
    """
    for manifest, declaration in project.declarations():
        version = exact_version(declaration)
        if declaration.name and version and declaration.where is not Where.HOOK:
            place = (manifest.path, declaration.span)
            yield from _findings(place, declaration.name, version, world)
    for lock in locks_beside(project):
        for name, versions in lock.pins.items():
            for version in versions:
                yield from _findings((lock.path, lock.span(name)), name, version, world)


def _findings(
    place: tuple[FilePath, Span | None], name: NormalizedName, version: Version, world: World
) -> Iterator[Finding]:
    found = world.releases(name)
    if not isinstance(found, Releases) or version not in found.yanked:
        return
    good = [v for v in found.versions if v not in found.yanked and not v.is_prerelease]
    near = [v for v in (max((g for g in good if g < version), default=None), max(good, default=None)) if v]
    reason = found.yanked[version]
    yield Finding(
        *place,
        f"{name} {version} was yanked" + (f": {reason}" if reason else ""),
        why="its makers have withdrawn it, and a new resolution would not take it",
        advice=f"take {' or '.join(str(v) for v in dict.fromkeys(near))}" if near else "take another project",
        subject=f"{name} {version}",
    )


RULE = Rule("PIN502", yanked_release, Scope.EVERYWHERE, frozenset({Need.INDEX}))
