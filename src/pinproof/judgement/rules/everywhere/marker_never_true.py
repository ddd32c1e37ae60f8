"""PIN303."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.markers import hold_together
from pinproof.judgement.rules.removal import removed
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest

_FOR_OTHERS = (Where.COMMAND, Where.HOOK, Where.CONSTRAINT)


def marker_never_true(project: Project, world: World) -> Iterator[Finding]:
    """A marker holds on no Python that the project supports.

    ## What it does
    Tries each marker on all Pythons that `requires-python` admits and on all platforms and implementations, and looks
    for those that never hold: a backport for a Python that is no longer supported, `sys_platform == "Windows"` (which
    is `win32`), two conditions that exclude each other.

    ## Why is this bad?
    The requirement looks as if it counted, and is never installed.

    ## Example
    ```toml pyproject.toml
    [project]
    name = "app"
    version = "1.0"
    requires-python = ">=3.11"

    [dependency-groups]
    dev = [
        "click>=8.1",
        "tomli>=2; python_version < '3.11'",
    ]
    ```

    ## Use instead
    ```toml pyproject.toml
    [project]
    name = "app"
    version = "1.0"
    requires-python = ">=3.11"

    [dependency-groups]
    dev = [
        "click>=8.1",
    ]
    ```

    ## Fix safety
    Safe: what is never installed goes. There is no fix where the marker contradicts itself: it is
    meant to say something.
    """
    for manifest in project.manifests:
        python = next((m.requires_python for m in (manifest, *project.manifests) if m.requires_python), None)
        for declaration in manifest.declarations:
            if declaration.requirement is None or declaration.where in _FOR_OTHERS:
                continue
            marker = declaration.requirement.marker
            if hold_together((marker,), "") is False:
                yield _finding(manifest, declaration, "", None)
            elif python is not None and hold_together((marker,), python.text) is False:
                edits = removed(manifest, declaration)
                fix = Fix("take out what is never installed", edits) if edits else None
                yield _finding(manifest, declaration, python.text, fix)


def _finding(manifest: Manifest, declaration: Declaration, python: str, fix: Fix | None) -> Finding:
    requirement = declaration.requirement
    assert requirement is not None
    where = f"where Python is {python}" if python else "anywhere"
    return Finding(
        manifest.path,
        declaration.span,
        f"{requirement.name} is never installed: {requirement.marker} does not hold {where}",
        why="it looks as if it counted",
        advice="take it out" if python else "put the marker right",
        fix=fix,
        subject=f"{declaration.where.value} {declaration.part} {declaration.name}",
    )


RULE = Rule("PIN303", marker_never_true, Scope.EVERYWHERE)
