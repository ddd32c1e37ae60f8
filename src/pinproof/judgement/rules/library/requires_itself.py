"""PIN113."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.library.shipped import place
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World


def requires_itself(project: Project, world: World) -> Iterator[Finding]:
    """A library requires itself.

    ## What it does
    Looks for the library's own name among its dependencies, and for a requirement of itself without an extra, or with
    bounds, in its extras. That one extra brings in another (`shop[all]` from `shop[fast]`) is what such a requirement
    is for.

    ## Why is this bad?
    It says nothing where it has no bounds, and where it has some the next release contradicts itself.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"

    [project.optional-dependencies]
    excel = ["openpyxl>=3.1"]
    all = ["datasette-export[excel]>=1.0,<2"]  # made for 1.0
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"

    [project.optional-dependencies]
    excel = ["openpyxl>=3.1"]
    all = ["datasette-export[excel]"]
    ```

    ## Fix safety
    There is no fix: what was meant cannot be told.
    """
    for manifest in project.manifests:
        own = canonicalize_name(manifest.name.text) if manifest.name is not None else None
        for declaration in manifest.declarations:
            requirement = declaration.requirement
            if requirement is None or declaration.name != own or not declaration.where.is_published:
                continue
            if declaration.where is Where.EXTRA and requirement.extras and not requirement.specifier:
                continue
            yield Finding(
                manifest.path,
                declaration.span,
                f"{requirement.name} requires itself",
                why="without bounds that says nothing, and with bounds the next release contradicts itself",
                advice="take it out; an extra brings another in as " + f"{requirement.name}[OTHER]",
                subject=place(declaration),
            )


RULE = Rule("PIN113", requires_itself, Scope.LIBRARY)
