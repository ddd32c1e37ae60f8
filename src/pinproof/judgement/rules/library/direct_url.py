"""PIN112."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.shipped import place
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def direct_url(project: Project, world: World) -> Iterator[Finding]:
    """A library requires something from a URL instead of an index.

    ## What it does
    Looks for `name @ https://…`, and for what poetry makes of a `git`, `url` or `path`, in what a library publishes.

    ## Why is this bad?
    PyPI does not take a distribution whose metadata has such a requirement. Where it is installed from elsewhere, no
    other version of the dependency can be beside it, no mirror or policy of the user's applies, and what stands behind
    the URL may change.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils @ git+https://example.org/sqlite-utils@main"]
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

    [tool.uv.sources]
    sqlite-utils = { git = "https://example.org/sqlite-utils", branch = "main" }
    ```

    ## Fix safety
    There is no fix: which releases will do cannot be told.
    """
    for manifest, declaration in project.published():
        requirement = declaration.requirement
        if requirement is None or not _is_direct(manifest, declaration):
            continue
        source = f"from {requirement.url}" if requirement.url else "from a repository, a URL or a path"
        yield Finding(
            manifest.path,
            declaration.span,
            f"{requirement.name} is taken {source} in what a library publishes",
            why="PyPI refuses such metadata, and no other version can be installed beside it",
            advice="require a release, and name the other place where only developers look (tool.uv.sources, a group)",
            subject=place(declaration),
        )


def _is_direct(manifest: Manifest, declaration: Declaration) -> bool:
    if declaration.requirement is not None and declaration.requirement.url is not None:
        return True
    return declaration.form is Form.TABLE and declaration.name in manifest.elsewhere


RULE = Rule("PIN112", direct_url, Scope.LIBRARY)
