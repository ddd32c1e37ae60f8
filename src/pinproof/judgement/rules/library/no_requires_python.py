"""PIN114."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Kind
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World


def no_requires_python(project: Project, world: World) -> Iterator[Finding]:
    """A library does not say which Pythons it runs on.

    ## What it does
    Looks for a `[project]` that can be built, and has no `requires-python`, nor says that a build will tell.

    ## Why is this bad?
    pip offers it to every Python: once a release uses what older Pythons do not have, their users get it all the same,
    instead of the last one that runs there. It cannot be put right for what is released already.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    dependencies = ["sqlite-utils>=3.36"]
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
    ```

    ## Fix safety
    There is no fix: the oldest Python that is supported cannot be told.
    """
    for manifest in project.of(Kind.PYPROJECT):
        if not manifest.is_standard or not manifest.has_build_system or manifest.name is None:
            continue
        if manifest.requires_python is None and "requires-python" not in manifest.dynamic:
            yield Finding(
                manifest.path,
                manifest.name.span,
                f"{manifest.name.text} does not say which Pythons it runs on",
                why="users of older Pythons get releases that do not run there, for good",
                advice='name the oldest: requires-python = ">=3.10"',
                subject="requires-python",
            )


RULE = Rule("PIN114", no_requires_python, Scope.LIBRARY)
