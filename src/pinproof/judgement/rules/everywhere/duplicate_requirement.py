"""PIN302."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from pinproof.judgement.rules.markers import hold_together
from pinproof.judgement.rules.removal import removed
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Where
from pinproof.model.finding import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def duplicate_requirement(project: Project, world: World) -> Iterator[Finding]:
    """A list names the same dependency twice.

    ## What it does
    Looks for two requirements of one list that are for the same project with the same extras under the same marker, and
    for those that no version can fulfil at once, where their markers hold together on some Python that the project
    supports. A further bound under a marker of its own is left alone.

    ## Why is this bad?
    Who changes one of them does not see that the other one still counts. Where they contradict each other, nothing can
    be installed at all.

    ## Example
    ```text requirements-dev.txt
    click>=8.1
    rich>=13
    click>=8.1
    ```

    ## Use instead
    ```text requirements-dev.txt
    click>=8.1
    rich>=13
    ```

    ## Fix safety
    Safe: the second goes where both say the same. There is no fix where they do not.
    """
    for manifest in project.manifests:
        lists: dict[tuple[Where, str, str], list[Declaration]] = defaultdict(list)
        for declaration in manifest.declarations:
            if declaration.form is Form.PEP508 and declaration.name and declaration.where is not Where.HOOK:
                lists[declaration.where, declaration.part, declaration.name].append(declaration)
        for found in lists.values():
            second: set[Declaration] = set()
            for one, other in combinations(found, 2):
                if other not in second and _interfere(one, other, _python(manifest, project)):
                    second.add(other)
                    yield _finding(manifest, one, other)


def _python(manifest: Manifest, project: Project) -> str:
    own = (manifest, *project.manifests)
    return next((m.requires_python.text for m in own if m.requires_python is not None), "")


def _interfere(one: Declaration, other: Declaration, python: str) -> bool:
    first, second = one.requirement, other.requirement
    assert first is not None
    assert second is not None
    if first.extras != second.extras or first.url or second.url:
        return False
    if str(first.marker) == str(second.marker):
        return True
    contrary = (first.specifier & second.specifier).is_unsatisfiable()
    return contrary and hold_together((first.marker, second.marker), python) is True


def _finding(manifest: Manifest, one: Declaration, other: Declaration) -> Finding:
    first, second = one.requirement, other.requirement
    assert first is not None
    assert second is not None
    line = manifest.text.count("\n", 0, one.span.start) + 1
    at = f"{second.name} stands in line {line} already"
    alike = (first.specifier, first.marker) == (second.specifier, second.marker)
    contrary = (first.specifier & second.specifier).is_unsatisfiable()
    edits = removed(manifest, other) if alike else ()
    return Finding(
        manifest.path,
        other.span,
        f"{at}, and no version can fulfil both" if contrary else at,
        why="nothing can be installed"
        if contrary
        else "both count, and who changes one does not see the other",
        advice="keep one of them" if alike else "put into one what is meant",
        fix=Fix("take the second out", edits) if edits else None,
        subject=f"{other.where.value} {other.part} {other.name}",
    )


RULE = Rule("PIN302", duplicate_requirement, Scope.EVERYWHERE)
