"""PIN304."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World


def contradictory_bounds(project: Project, world: World) -> Iterator[Finding]:
    """A requirement has bounds that no version can fulfil.

    ## What it does
    Looks for requirements and constraints whose own bounds exclude each other (`>=3,<2`). What a library publishes is
    looked at by `impossible-requirements`.

    ## Why is this bad?
    Nothing can be installed from it.

    ## Example
    ```text requirements-dev.txt
    click>=8.2,<8.1
    ```

    ## Use instead
    ```text requirements-dev.txt
    click>=8.1,<8.2
    ```

    ## Fix safety
    There is no fix: which bound is right cannot be told.
    """
    for manifest, declaration in project.declarations():
        if declaration.requirement is None or (project.is_library and declaration.where.is_published):
            continue
        if declaration.requirement.specifier.is_unsatisfiable():
            yield Finding(
                manifest.path,
                declaration.span,
                f"no version of {declaration.requirement.name} can fulfil {declaration.requirement.specifier}",
                why="nothing can be installed from it",
                advice="put the bounds right",
                subject=f"{declaration.where.value} {declaration.part} {declaration.name}",
            )


RULE = Rule("PIN304", contradictory_bounds, Scope.EVERYWHERE)
