"""PIN103."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.shipped import place, shipped
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.judgement.rules.specifiers import changed, public, specifiers, version_of
from pinproof.model.finding import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def arbitrary_equality(project: Project, world: World) -> Iterator[Finding]:
    """A library compares a version as text.

    ## What it does
    Looks for `===` in what a library publishes.

    ## Why is this bad?
    `===` compares characters: `===1.0` takes neither `1.0.0` nor `1.0+local`, and is meant for versions that are none
    (PEP 440 calls it an escape hatch). In a library it is also an exact pin, with all that comes of one.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils===3.36"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils>=3.36"]
    ```

    ## Fix safety
    Safe: what was accepted still is, and so is what is newer. What is no version has no fix.
    """
    for manifest, declaration in shipped(project, world):
        arbitrary = next((one for one in specifiers(declaration) if one.operator == "==="), None)
        if arbitrary is None or declaration.requirement is None:
            continue
        name = declaration.requirement.name
        yield Finding(
            manifest.path,
            declaration.span,
            f"{name}==={arbitrary.version} compares a version as text",
            why="it takes nothing that is written otherwise, and pins what a library publishes",
            advice=f"write {name}>={public(arbitrary)}"
            if version_of(arbitrary)
            else "require a version that is one (PEP 440)",
            fix=_fix(manifest, declaration),
            subject=place(declaration),
        )


def _fix(manifest: Manifest, declaration: Declaration) -> Fix | None:
    edits = changed(manifest, declaration, _compared)
    return Fix("compare it as a version", edits, is_range=True) if edits else None


def _compared(one: Specifier) -> str:
    return f">={public(one)}" if one.operator == "===" and version_of(one) else str(one)


RULE = Rule("PIN103", arbitrary_equality, Scope.LIBRARY)
