"""PIN111."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.library.shipped import own_names, place
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World


def unknown_extra(project: Project, world: World) -> Iterator[Finding]:
    """A library asks for an extra that a dependency does not have.

    ## What it does
    Looks at the extras of what a library publishes (`httpx[http3]`), and whether the newest release that is
    admitted has them, as its metadata says. Names count as PEP 685 compares them.

    ## Why is this bad?
    pip installs the dependency without it and only warns, so that what should come with the extra is not there. Extras
    are misspelt, renamed, and dropped once what they brought is required anyway.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils[fast]>=3.36"]
    ```

    ```json index.json
    {"sqlite-utils": {"versions": ["3.36", "3.38"], "extras": ["tui"]}}
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils[tui]>=3.36"]
    ```

    ```json index.json
    {"sqlite-utils": {"versions": ["3.36", "3.38"], "extras": ["tui"]}}
    ```

    ## Fix safety
    There is no fix: which extra is meant cannot be told.
    """
    own = own_names(project)
    for manifest, declaration in project.published():
        requirement, name = declaration.requirement, declaration.name
        if requirement is None or name is None or not requirement.extras or requirement.url is not None:
            continue
        if name in own or name in manifest.elsewhere:
            continue
        found = world.extras(name, requirement.specifier)
        if found is None:
            continue
        version, known = found
        missing = sorted(e for e in requirement.extras if canonicalize_name(e) not in known)
        if missing:
            there = f"it has {', '.join(sorted(known))}" if known else "it has none"
            yield Finding(
                manifest.path,
                declaration.span,
                f"{requirement.name} {version} has no extra {' or '.join(missing)}",
                why="it is installed without what should come with the extra",
                advice=f"take the extra out, or name one that is there ({there})",
                subject=place(declaration),
            )


RULE = Rule("PIN111", unknown_extra, Scope.LIBRARY, frozenset({Need.INDEX}))
