"""PIN108."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from pinproof.judgement.rules.library.shipped import place, shipped
from pinproof.judgement.rules.library.true_floor import true_floor
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import changed, is_exact, is_floor, limit, specifiers
from pinproof.judgement.spans import plain
from pinproof.model.declaration import Form
from pinproof.model.finding import Edit, Finding, Fix, Safety
from pinproof.model.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.library.true_floor import TrueFloor
    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def untrue_lower_bound(project: Project, world: World) -> Iterator[Finding]:
    """A library requires less of a dependency than its own source uses.

    ## What it does
    Takes the oldest release that each published requirement admits, reads it, and looks in it for everything that the
    library's own source uses of it. What is not there, and is in a later release that the requirement admits, is found,
    with the place that uses it and the release that has it first. Nothing is run, and what cannot be told from
    the code is not found.

    ## Why is this bad?
    The library breaks for whoever gets that release: beside something else that holds the dependency back, in an
    environment that has it already, or with `--resolution lowest`.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["sqlite-utils>=3.0"]
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
    Safe where the library, or the module of it that has the use, cannot be imported with what is then refused; unsafe
    where only the code that has the use fails when it runs.
    """
    for manifest, declaration in shipped(project, world):
        if not any(is_floor(one) and not is_exact(one) for one in specifiers(declaration)):
            continue
        floor = true_floor(project, world, declaration)
        if floor.version is None or floor.because is None or declaration.requirement is None:
            continue
        name, lacking = declaration.requirement.name, floor.because.dependency_version
        yield Finding(
            manifest.path,
            declaration.span,
            f"{name} {lacking} is admitted, and lacks what its own source uses",
            why=f"{floor.use} {floor.version}",
            advice=f"write {name}>={plain(floor.version)}",
            fix=_fix(manifest, declaration, floor),
            subject=place(declaration),
        )


def _fix(manifest: Manifest, declaration: Declaration, floor: TrueFloor) -> Fix | None:
    assert floor.version is not None
    assert floor.because is not None
    version = plain(floor.version)
    written = declaration.specifier_span.of(manifest.text).strip() if declaration.specifier_span else ""
    if declaration.form is Form.TABLE and declaration.specifier_span and written.startswith("^"):
        edits: tuple[Edit, ...] = (Edit(manifest.path, declaration.specifier_span, f"^{version}"),)
        if Version(written.lstrip("^ ")).major != floor.version.major:
            return None
    else:
        edits = changed(manifest, declaration, lambda one: _raised(one, version))
    safety = Safety.SAFE if floor.because.severity is Severity.FATAL else Safety.UNSAFE
    return Fix(f"require {version}", edits, safety, is_range=True) if edits else None


def _raised(one: Specifier, version: str) -> str:
    if one.operator == "~=":
        return f">={version},<{limit(one)}"
    return f">={version}" if one.operator in (">=", ">") else str(one)


RULE = Rule("PIN108", untrue_lower_bound, Scope.LIBRARY, frozenset({Need.JUDGE}))
