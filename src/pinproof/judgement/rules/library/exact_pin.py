"""PIN101."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pinproof.judgement.rules.library.shipped import is_a_part, place, shipped
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.judgement.rules.specifiers import changed, is_exact, public, specifiers
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, FilePath, Manifest

_FEW = 3
"""So many pins and nothing else are a lock; one or two may be all that an extra brings."""


def exact_pin(project: Project, world: World) -> Iterator[Finding]:
    """A library requires exactly one version of a dependency.

    ## What it does
    Looks for `==` in what a library publishes: its dependencies and its extras, but for those extras that only its
    developers ask for (`dev`, `test`, `docs` and the like), and those in which everything is pinned: who asks for such
    an extra wants just these releases.

    ## Why is this bad?
    Whoever installs the library gets this one version, and nobody else in the same environment can have another. Two
    libraries that pin the same dependency differently cannot be installed together, and a security fix of the
    dependency reaches no user until the library is released again. An application pins, in its lock.

    A library that is released in parts, each for exactly one version of the other, has a reason to pin: the pinned
    dependency that is called like the library itself with something behind it (`shop` pins `shop-core`) is let be.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["datasette==1.0"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["datasette>=1.0"]
    ```

    ## Fix safety
    Safe: what was accepted still is, and so is what is newer.
    """
    locks = _locks(project)
    for manifest, declaration in shipped(project, world):
        if (manifest.path, declaration.part) in locks:
            continue
        exact = next((one for one in specifiers(declaration) if is_exact(one) and one.operator == "=="), None)
        if exact is None or declaration.requirement is None or is_a_part(project, declaration):
            continue
        name = declaration.requirement.name
        yield Finding(
            manifest.path,
            declaration.span,
            f"{name} is pinned to {exact.version} in what a library publishes",
            why="its users can have no other version beside it, and get no security fix until the next release",
            advice=f"write {name}>={public(exact)}, and pin in the lock of an application",
            fix=_fix(manifest, declaration, exact),
            subject=place(declaration),
        )


def _locks(project: Project) -> set[tuple[FilePath, str]]:
    """The extras that are locks by another name: who asks for one wants just these releases."""
    pins: dict[tuple[FilePath, str], list[bool]] = defaultdict(list)
    for manifest, declaration in project.published():
        if declaration.where is Where.EXTRA:
            pins[manifest.path, declaration.part].append(any(map(is_exact, specifiers(declaration))))
    return {extra for extra, exact in pins.items() if len(exact) >= _FEW and all(exact)}


def _fix(manifest: Manifest, declaration: Declaration, exact: Specifier) -> Fix | None:
    edits = changed(manifest, declaration, _as_floor)
    return Fix(f"admit what is newer than {exact.version}, too", edits, is_range=True) if edits else None


def _as_floor(one: Specifier) -> str:
    return f">={public(one)}" if one.operator == "==" and is_exact(one) else str(one)


RULE = Rule("PIN101", exact_pin, Scope.LIBRARY)
