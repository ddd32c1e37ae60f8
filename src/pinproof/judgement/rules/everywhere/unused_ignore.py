"""PIN002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.finding import Edit, Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import FilePath
    from pinproof.model.finding import Suppression


def unused_ignore(project: Project, world: World) -> Iterator[Finding]:
    """A comment keeps nothing away, or its day is over.

    ## What it does
    Looks for `# pinproof: ignore[…]` where no rule that was run found anything to keep away, and for those whose
    `until` has come. It is found when all other rules are done.

    ## Why is this bad?
    Such a comment says that something is wrong which is not, and would hide what goes wrong there later.

    ## Example
    ```text requirements.txt
    click==8.1.7  # pinproof: ignore[PIN001] no longer true
    ```

    ## Use instead
    ```text requirements.txt
    click==8.1.7
    ```

    ## Fix safety
    Safe: only a comment goes.
    """
    yield from ()


def unused(path: FilePath, text: str, one: Suppression) -> Finding:
    """What is said of a comment that keeps nothing away."""
    told = f" of {', '.join(sorted(one.codes))}" if one.codes else ""
    start = one.span.start - (len(text[: one.span.start]) - len(text[: one.span.start].rstrip(" \t")))
    edit = Edit(path, type(one.span)(start, one.span.end), "")
    return Finding(
        path,
        one.span,
        f"nothing is ignored here{told}",
        why="it would hide what goes wrong here later",
        advice="take the comment out",
        fix=Fix("take the comment out", (edit,)),
        subject=f"{sorted(one.codes)}",
    )


def expired(path: FilePath, one: Suppression) -> Finding:
    """What is said of a comment that was to count until a day that has come."""
    return Finding(
        path,
        one.span,
        f"this was to be ignored until {one.until}",
        why="that day has come",
        advice="put it right, or say anew why not and until when",
        subject=f"{sorted(one.codes)} {one.until}",
    )


RULE = Rule("PIN002", unused_ignore, Scope.EVERYWHERE)
