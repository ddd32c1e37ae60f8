"""PIN107."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.shipped import own_names, place, shipped
from pinproof.judgement.rules.library.true_floor import true_floor
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import is_floor, specifiers
from pinproof.judgement.spans import plain
from pinproof.model.declaration import Form
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def no_lower_bound(project: Project, world: World) -> Iterator[Finding]:
    """A library requires any release of a dependency, however old.

    ## What it does
    Looks for requirements without a lower bound in what a library publishes. Requirements of the library itself with an
    extra (`shop[all]`), and what comes from elsewhere (a path, a repository, a workspace), need none.

    ## Why is this bad?
    It claims that the library runs with the very first release of the dependency. Whoever has an old one keeps it when
    the library is installed beside it, and a resolver that has no other way out goes back to one of many years ago.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils"]
    ```

    ```python datasette_export/__init__.py
    from sqlite_utils.utils import hash_record
    ```

    ```json index.json
    {"sqlite-utils": {"versions": ["3.0", "3.35", "3.36", "3.38"], "since": {"sqlite_utils.utils.hash_record": "3.36"}}}
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

    ```python datasette_export/__init__.py
    from sqlite_utils.utils import hash_record
    ```

    ```json index.json
    {"sqlite-utils": {"versions": ["3.0", "3.35", "3.36", "3.38"], "since": {"sqlite_utils.utils.hash_record": "3.36"}}}
    ```

    ## Fix safety
    Unsafe: what is older is refused. It is what the library's own source needs at least, as the judge finds it: the
    first release that has everything it uses. Where that cannot be told there is no fix.
    """
    own = own_names(project)
    for manifest, declaration in shipped(project, world):
        requirement = declaration.requirement
        if requirement is None or requirement.url is not None or declaration.name in manifest.elsewhere:
            continue
        if declaration.name in own or any(map(is_floor, specifiers(declaration))):
            continue
        floor, use, _ = true_floor(project, world, declaration)
        advice = (
            f"write {requirement.name}>={plain(floor)}: {use}"
            if floor
            else "name the oldest release that works"
        )
        yield Finding(
            manifest.path,
            declaration.span,
            f"{requirement.name} has no lower bound in what a library publishes",
            why="it claims to run with the very first release, and old ones are kept when it is installed",
            advice=advice,
            fix=_fix(manifest, declaration, floor) if floor else None,
            subject=place(declaration),
        )


def _fix(manifest: Manifest, declaration: Declaration, floor: Version) -> Fix | None:
    span = declaration.specifier_span
    if span is None:
        return None
    before = span.of(manifest.text)
    kept = "" if declaration.form is Form.TABLE and before.strip() in ("", "*") else before
    text = f">={plain(floor)}" + (f",{kept}" if kept else "")
    edit = Edit(manifest.path, span, text)
    return Fix("require what its own source needs", (edit,), Safety.UNSAFE, is_range=True)


RULE = Rule("PIN107", no_lower_bound, Scope.LIBRARY, asks=frozenset({Need.JUDGE}))
