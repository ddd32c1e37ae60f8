"""PIN110."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.library.shipped import own_names, place
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Kind
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Manifest


def own_extra_missing(project: Project, world: World) -> Iterator[Finding]:
    """A library asks for an extra of its own that it does not have.

    ## What it does
    Looks at requirements of the library itself (`datasette-export[excel]`) in its extras, groups and other files, and
    whether what declares it has those extras. Names count as PEP 685 compares them. Extras that only a build tells
    (`dynamic`) are not looked for.

    ## Why is this bad?
    pip installs the library without it and only warns, so that what should come with the extra is not there.

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
    all = ["datasette-export[excell]"]
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
    There is no fix: which extra is meant cannot be told.
    """
    building = list(project.of(Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY))
    extras = sorted({extra for manifest in building for extra in manifest.extras})
    if any(_computes_extras(m) and (not extras or m.kind is Kind.SETUP_PY) for m in building):
        return
    known = {canonicalize_name(extra) for extra in extras}
    for manifest, declaration in project.declarations():
        if declaration.name not in own_names(project) or declaration.requirement is None:
            continue
        missing = sorted(e for e in declaration.requirement.extras if canonicalize_name(e) not in known)
        if missing:
            there = f"it has {', '.join(extras)}" if extras else "it has none"
            yield Finding(
                manifest.path,
                declaration.span,
                f"{declaration.requirement.name} has no extra {' or '.join(missing)}",
                why="it is installed without what should come with the extra",
                advice=f"name an extra that is there ({there}), or add this one",
                subject=place(declaration),
            )


def _computes_extras(manifest: Manifest) -> bool:
    return "optional-dependencies" in manifest.dynamic


RULE = Rule("PIN110", own_extra_missing, Scope.LIBRARY)
