"""PIN102."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.evidence import written_reason
from pinproof.judgement.rules.library.shipped import is_a_part, place, shipped
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.judgement.rules.specifiers import changed, is_wildcard, specifiers, version_of
from pinproof.model.finding import Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World


def wildcard_pin(project: Project, world: World) -> Iterator[Finding]:
    """A library requires one release series of a dependency.

    ## What it does
    Looks for `==1.2.*` in what a library publishes. A written reason beside it (see `upper-cap`) keeps it quiet.

    ## Why is this bad?
    It is a pin that only leaves the last number open: the next minor release of the dependency is out of reach for all
    users of the library, whatever it brings. Where the series is meant as a lower bound, a lower bound says so; where
    something later is known to break, a cap with its reason does.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils == 3.36.*"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils >=3.36"]
    ```

    ## Fix safety
    Unsafe: what was kept out comes in.
    """
    for manifest, declaration in shipped(project, world):
        wildcard = next((one for one in specifiers(declaration) if is_wildcard(one)), None)
        if wildcard is None or declaration.requirement is None or is_a_part(project, declaration):
            continue
        name, series = declaration.requirement.name, wildcard.version.removesuffix(".*")
        edits = changed(manifest, declaration, _opened)
        yield Finding(
            manifest.path,
            declaration.span,
            f"{name} is pinned to {wildcard.version} in what a library publishes",
            why="no newer series of it can be installed beside the library",
            advice=f"write {name}>={series}; where newer ones break, cap it and say why",
            fix=Fix(f"admit what is newer than {series}, too", edits, Safety.UNSAFE, is_range=True)
            if edits
            else None,
            subject=place(declaration),
            evidence=written_reason(declaration.comment, version_of(wildcard)),
        )


def _opened(one: Specifier) -> str:
    return f">={one.version.removesuffix('.*')}" if is_wildcard(one) else str(one)


RULE = Rule("PIN102", wildcard_pin, Scope.LIBRARY)
