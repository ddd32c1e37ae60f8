"""PIN301."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Where
from pinproof.model.finding import Edit, Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest

_MEANT = (
    (re.compile(r"(?<![=<>!~])=>(?!=)"), ">="),
    (re.compile(r"(?<![=<>!~])=<(?!=)"), "<="),
    (re.compile(r"(?<![=<>!~])=(?![=<>])"), "=="),
)


def invalid_requirement(project: Project, world: World) -> Iterator[Finding]:
    """A requirement cannot be read.

    ## What it does
    Looks for what stands where a requirement belongs and is none: a specifier or a marker that PEP 508 does not know,
    a version that is none, a requirement in a command whose `>` the shell takes for itself.

    ## Why is this bad?
    Tools stop at it, or install something else: `pip install click>=8` installs any click and writes into a file named
    `=8`.

    ## Example
    ```toml pyproject.toml
    [dependency-groups]
    dev = ["click=>8.1"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [dependency-groups]
    dev = ["click>=8.1"]
    ```

    ## Fix safety
    Safe: the file cannot be used as it is. There is a fix for `=>`, `=<` and `=` alone, which can mean only one thing.
    """
    for manifest, declaration in project.declarations():
        # What hooks in other languages ask for is written as those do it.
        if declaration.problem and declaration.where is not Where.HOOK:
            yield Finding(
                manifest.path,
                declaration.span,
                f"{declaration.text!r} cannot be read: {_told(declaration.problem)}",
                why="tools stop here, or install something else",
                advice="write it as PEP 508 does: NAME[EXTRA]>=VERSION; MARKER",
                fix=_fix(manifest, declaration),
                subject=f"{declaration.where.value} {declaration.part} {declaration.text}",
            )


def _told(problem: str) -> str:
    return problem[:1].lower() + problem[1:].rstrip(".:")


def _fix(manifest: Manifest, declaration: Declaration) -> Fix | None:
    if declaration.form is not Form.PEP508 or declaration.span.of(manifest.text) != declaration.text:
        return None
    head, semicolon, marker = declaration.text.partition(";")
    for wrong, meant in _MEANT:
        meaning = wrong.sub(meant, head) + semicolon + marker
        if meaning != declaration.text and _is_requirement(meaning):
            edit = Edit(manifest.path, declaration.span, meaning)
            return Fix(f"write {meant}", (edit,))
    return None


def _is_requirement(text: str) -> bool:
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


RULE = Rule("PIN301", invalid_requirement, Scope.EVERYWHERE)
