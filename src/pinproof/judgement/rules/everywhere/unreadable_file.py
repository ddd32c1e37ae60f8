"""PIN001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World


def unreadable_file(project: Project, world: World) -> Iterator[Finding]:
    """A file that declares or locks something cannot be read, or not all of it.

    ## What it does
    Says which file cannot be parsed, decoded or opened, and where it goes wrong. The rest is checked nevertheless.

    ## Why is this bad?
    What it declares was not checked, and the tool that it is meant for cannot read it either.

    ## Example
    ```toml pyproject.toml
    [project]
    name = "app"
    dependencies = ["click==8.1.7"
    ```

    ## Use instead
    ```toml pyproject.toml
    [project]
    name = "app"
    dependencies = ["click==8.1.7"]
    ```

    ## Fix safety
    There is no fix.
    """
    for manifest in project.manifests:
        for problem in manifest.problems:
            yield Finding(
                manifest.path,
                problem.span,
                problem.message,
                why="what it declares could not be checked",
                advice="put the file right",
                subject=problem.message,
            )
    for lock in project.locks:
        if lock.problem:
            yield Finding(
                lock.path,
                None,
                lock.problem,
                why="what it pins could not be checked",
                advice="make the lock anew",
                subject=lock.problem,
            )


RULE = Rule("PIN001", unreadable_file, Scope.EVERYWHERE)
