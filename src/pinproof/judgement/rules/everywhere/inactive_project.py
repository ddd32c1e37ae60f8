"""PIN504."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.pinned import locks_beside
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding
from pinproof.model.release import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import FilePath, Span
    from pinproof.model.release import Standing

_WHY = {
    Status.ARCHIVED: "there will be no release of it any more, not even for its security",
    Status.DEPRECATED: "its makers say that something else has taken its place",
    Status.QUARANTINED: "the index takes it for dangerous, and lets nobody install it",
}


def inactive_project(project: Project, world: World) -> Iterator[Finding]:
    """A dependency is archived, deprecated or quarantined.

    ## What it does
    Asks the index how each project that is declared stands (PEP 792), and tells the first place that names it. In locks
    it looks for what is quarantined. Where an index does not tell, that is listed as not checked.

    ## Why is this bad?
    What is archived or deprecated gets no releases any more. What is quarantined is probably malware.

    ## Example
    ```text requirements-dev.txt
    click>=8.1
    clack>=1
    ```
    ```json index.json
    {"click": {"versions": ["8.1.7"]},
     "clack": {"versions": ["1.0"], "status": "deprecated", "reason": "use click"}}
    ```

    ## Use instead
    ```text requirements-dev.txt
    click>=8.1
    ```
    ```json index.json
    {"click": {"versions": ["8.1.7"]},
     "clack": {"versions": ["1.0"], "status": "deprecated", "reason": "use click"}}
    ```

    ## Fix safety
    There is no fix: what uses it has to be changed.
    """
    told: set[NormalizedName] = set()
    for manifest, declaration in project.declarations():
        name = declaration.name
        if name is None or name in told or declaration.where is Where.HOOK:
            continue
        standing = world.standing(name)
        if standing is not None and standing.status is not Status.ACTIVE:
            told.add(name)
            yield _finding((manifest.path, declaration.span), name, standing)
    for lock in locks_beside(project):
        for name in lock.pins.keys() - told:
            standing = world.standing(name)
            if standing is not None and standing.status is Status.QUARANTINED:
                yield _finding((lock.path, lock.span(name)), name, standing)


def _finding(place: tuple[FilePath, Span | None], name: NormalizedName, standing: Standing) -> Finding:
    reason = f": {standing.reason}" if standing.reason else ""
    return Finding(
        *place,
        f"{name} is {standing.status} on the index{reason}",
        why=_WHY[standing.status],
        advice="take another project in its place",
        subject=name,
    )


RULE = Rule("PIN504", inactive_project, Scope.EVERYWHERE, frozenset({Need.INDEX}))
