"""PIN501."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.pinned import locks_beside
from pinproof.judgement.rules.project import Missing, Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.declaration import Form, Span, Where
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.lock_content import LockContent

_ALIKE = 0.8


def unknown_project(project: Project, world: World) -> Iterator[Finding]:
    """A name is on no index.

    ## What it does
    Asks for every name that is declared or locked, on the usual index and on those that the project names. Of a name
    that none of them has, it tells the nearest one that the project has elsewhere, or imports.

    ## Why is this bad?
    It cannot be installed. Worse, whoever registers the name there decides what is installed from then on: by a slip of
    the pen, or for want of the line that names the index of your own.

    ## Example
    ```text requirements-dev.txt
    clikc>=8.1
    ```
    ```toml pyproject.toml
    [dependency-groups]
    test = ["click>=8.1"]
    ```
    ```json index.json
    {"clikc": null, "click": {"versions": ["8.1.7"]}}
    ```

    ## Use instead
    ```text requirements-dev.txt
    click>=8.1
    ```
    ```toml pyproject.toml
    [dependency-groups]
    test = ["click>=8.1"]
    ```
    ```json index.json
    {"clikc": null, "click": {"versions": ["8.1.7"]}}
    ```

    ## Fix safety
    Unsafe: the nearest name need not be the one that is meant. There is no fix where there is none near.
    """
    declared: set[NormalizedName] = set()
    for manifest, declaration in project.declarations():
        name = declaration.name
        # A hook may be in another language, and its requirements on another index.
        if name is None or declaration.where is Where.HOOK:
            continue
        declared.add(name)
        if world.releases(name) is Missing.MISSING:
            yield _finding(manifest, declaration, _nearest(name, project, world))
    for lock in locks_beside(project):
        for name in lock.pins:
            if name not in declared and world.releases(name) is Missing.MISSING:
                yield _in_lock(lock, name)


def _nearest(name: NormalizedName, project: Project, world: World) -> str | None:
    """What is nearly the same, and there: only of what the project knows, for anyone may have registered the others."""
    known = {d.name for _, d in project.declarations() if d.name}
    known.update(*(lock.pins for lock in project.locks))
    if project.source is not None:
        known.update(map(canonicalize_name, project.source.mentioned()))
    close = get_close_matches(name, sorted(known - {name}), 3, _ALIKE)
    return next((n for n in map(canonicalize_name, close) if isinstance(world.releases(n), Releases)), None)


def _finding(manifest: Manifest, declaration: Declaration, nearest: str | None) -> Finding:
    assert declaration.requirement is not None
    written = declaration.requirement.name
    at = Span(declaration.span.start, declaration.span.start + len(written))
    editable = declaration.form is Form.PEP508 and at.of(manifest.text) == written
    edits = (Edit(manifest.path, at, nearest),) if nearest and editable else ()
    return Finding(
        manifest.path,
        declaration.span,
        f"there is no project {written} on the index" + (f"; the nearest is {nearest}" if nearest else ""),
        why="it cannot be installed, and whoever registers the name there decides what is",
        advice="put the name right, or name the index that has it",
        fix=Fix(f"write {nearest}", edits, Safety.UNSAFE, is_range=True) if edits else None,
        subject=f"{declaration.where.value} {declaration.part} {declaration.name}",
    )


def _in_lock(lock: LockContent, name: NormalizedName) -> Finding:
    return Finding(
        lock.path,
        lock.span(name),
        f"there is no project {name} on the index",
        why="the lock cannot be installed, and whoever registers the name there decides what is",
        advice="find out who needs it, and what became of it",
        subject=name,
    )


RULE = Rule("PIN501", unknown_project, Scope.EVERYWHERE, frozenset({Need.INDEX}))
