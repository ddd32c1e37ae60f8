"""PIN101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.judgement.rules.specifiers import is_exact, replaced_whole, rewritten, specifiers
from pinproof.model.declaration import Form
from pinproof.model.finding import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def exact_pin(project: Project, world: World) -> Iterator[Finding]:
    """A library requires exactly one version of a dependency.

    ## What it does
    Looks for `==` (and `===` with a version) in what a library publishes: its dependencies and its extras.

    ## Why is this bad?
    Whoever installs the library gets this one version, and nobody else in the same environment can have another. Two
    libraries that pin the same dependency differently cannot be installed together, and a security fix of the
    dependency reaches no user until the library is released again. An application pins, in its lock.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    dependencies = ["datasette==1.0"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    dependencies = ["datasette>=1.0"]
    ```

    ## Fix safety
    Safe: what was accepted still is, and so is what is newer.
    """
    for manifest, declaration in project.published():
        exact = next((one for one in specifiers(declaration) if is_exact(one) and one.operator == "=="), None)
        if exact is None or declaration.requirement is None:
            continue
        yield Finding(
            manifest.path,
            declaration.span,
            f"{declaration.requirement.name} is pinned to {exact.version} in what a library publishes",
            why="its users can have no other version beside it, and get no security fix until the next release",
            advice=f"write {declaration.requirement.name}>={_floor(exact)}, and pin in the lock of an application",
            fix=_fix(manifest, declaration, exact),
            subject=f"{declaration.where.value} {declaration.part} {declaration.name}",
        )


def _fix(manifest: Manifest, declaration: Declaration, exact: Specifier) -> Fix | None:
    if declaration.form is Form.TABLE:
        edits = replaced_whole(manifest.path, declaration, f">={_floor(exact)}")
    else:
        edits = rewritten(
            manifest.path,
            manifest.text,
            declaration,
            lambda one: f">={_floor(one)}" if is_exact(one) else str(one),
        )
    return Fix(f"admit what is newer than {exact.version}, too", edits, is_range=True) if edits else None


def _floor(exact: Specifier) -> str:
    """Ordered comparison knows no local labels (PEP 440)."""
    return exact.version.partition("+")[0]


RULE = Rule("PIN101", exact_pin, Scope.LIBRARY)
