"""PIN306."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Span, Where
from pinproof.model.finding import Edit, Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def unnormalised_name(project: Project, world: World) -> Iterator[Finding]:
    """A name is not written in its normal form.

    ## What it does
    Looks for names with capitals, underscores or dots where PEP 503 has small letters and dashes. It is off by default.

    ## Why is this bad?
    Tools write the normal form, so that a search for a name that is written otherwise does not find all places.

    ## Example
    ```text requirements-dev.txt
    Typing_Extensions>=4.1  # for override
    ```

    ## Use instead
    ```text requirements-dev.txt
    typing-extensions>=4.1  # for override
    ```

    ## Fix safety
    Safe: both names stand for the same project.
    """
    for manifest, declaration in project.declarations():
        requirement = declaration.requirement
        if requirement is None or declaration.where is Where.HOOK or requirement.name == declaration.name:
            continue
        yield Finding(
            manifest.path,
            declaration.span,
            f"{requirement.name} is written {declaration.name} in its normal form",
            why="a search for the one does not find the other",
            advice=f"write {declaration.name}",
            fix=_fix(manifest, declaration),
            subject=f"{declaration.where.value} {declaration.part} {declaration.name}",
        )


def _fix(manifest: Manifest, declaration: Declaration) -> Fix | None:
    assert declaration.requirement is not None
    written, name = declaration.requirement.name, declaration.name or ""
    start = declaration.span.start
    at = Span(start, start + len(written))
    if declaration.form is not Form.PEP508 or at.of(manifest.text) != written:
        return None
    return Fix("write the normal form", (Edit(manifest.path, at, name),))


RULE = Rule("PIN306", unnormalised_name, Scope.EVERYWHERE, default=False)
