"""PIN109."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.shipped import place
from pinproof.judgement.rules.markers import hold_together
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Where
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def impossible_requirements(project: Project, world: World) -> Iterator[Finding]:
    """What a library publishes cannot be fulfilled by any release.

    ## What it does
    Looks for a requirement whose own bounds contradict each other (`>=3,<2`), and for two of the same dependency, of
    which one is in an extra or has other extras, that no version can fulfil at once and whose markers hold together on
    some Python that the library supports.

    ## Why is this bad?
    The library, or the extra, cannot be installed there at all.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils>=3.36"]

    [project.optional-dependencies]
    fast = ["sqlite-utils<3"]  # the fast reader went with 3.0
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

    [project.optional-dependencies]
    fast = ["sqlite-utils>=3.36"]
    ```

    ## Fix safety
    There is no fix: which of the two is right cannot be told.
    """
    for manifest in project.manifests:
        published = [d for d in manifest.declarations if d.where.is_published and d.requirement is not None]
        python = manifest.requires_python.text if manifest.requires_python else ""
        for declaration in published:
            if declaration.requirement and declaration.requirement.specifier.is_unsatisfiable():
                yield _alone(manifest, declaration)
        for one, other in combinations(published, 2):
            if _meet(one, other) and _contradict(one, other, python):
                yield _together(manifest, one, other)


def _meet(one: Declaration, other: Declaration) -> bool:
    """Whether somebody can get both: those of different extras are for different people."""
    extras = {d.part for d in (one, other) if d.where is Where.EXTRA}
    return one.name == other.name and len(extras) <= 1 and not _are_duplicates(one, other)


def _are_duplicates(one: Declaration, other: Declaration) -> bool:
    """Whether they stand in one list, where they are found as duplicates."""
    assert one.requirement is not None
    assert other.requirement is not None
    return (
        (one.where, one.part) == (other.where, other.part)
        and one.form is other.form is Form.PEP508
        and one.requirement.extras == other.requirement.extras
    )


def _contradict(one: Declaration, other: Declaration, python: str) -> bool:
    assert one.requirement is not None
    assert other.requirement is not None
    first, second = one.requirement, other.requirement
    if first.specifier.is_unsatisfiable() or second.specifier.is_unsatisfiable():
        return False  # that is found already
    if not (first.specifier & second.specifier).is_unsatisfiable():
        return False
    return hold_together((first.marker, second.marker), python) is True


def _alone(manifest: Manifest, declaration: Declaration) -> Finding:
    assert declaration.requirement is not None
    return Finding(
        manifest.path,
        declaration.span,
        f"no version of {declaration.requirement.name} can fulfil {declaration.requirement.specifier}",
        why="what requires it cannot be installed",
        advice="put the bounds right",
        subject=place(declaration),
    )


def _together(manifest: Manifest, one: Declaration, other: Declaration) -> Finding:
    assert one.requirement is not None
    assert other.requirement is not None
    line = manifest.text.count("\n", 0, one.span.start) + 1
    return Finding(
        manifest.path,
        other.span,
        f"no version of {one.requirement.name} can fulfil both {other.requirement.specifier} and"
        f" {one.requirement.specifier} of line {line}",
        why=f"{f'the extra {other.part}' if other.part else 'the library'} cannot be installed",
        advice="make them agree, or give them markers that do not hold together",
        subject=f"{place(one)} {place(other)}",
    )


RULE = Rule("PIN109", impossible_requirements, Scope.LIBRARY)
