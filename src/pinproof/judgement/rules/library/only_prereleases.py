"""PIN105."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from pinproof.judgement.rules.library.shipped import place, shipped
from pinproof.judgement.rules.project import Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import changed, is_cap, is_exact, public, specifiers, version_of
from pinproof.model.finding import Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def only_prereleases(project: Project, world: World) -> Iterator[Finding]:
    """A library takes pre-releases of a dependency where it should take final ones.

    ## What it does
    Looks for requirements that a library publishes and only pre-releases can fulfil: `==1.0a27`, `>=1.0a1,<1.0rc3`.
    A pre-release as a lower bound (`>=1.0a27`) is right as long as nothing final has what the library needs. Where the
    index has a final release above it, that is found, too.

    ## Why is this bad?
    A pre-release is there to be replaced: whoever pins it keeps the final release, and every fix in it, from the users
    of the library. And a specifier that names a pre-release lets pre-releases in, of all later versions as well: pip
    then takes 2.0a1 where 1.9 is out.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export-database"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["datasette==1.0a27"]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export-database"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = ["datasette>=1.0a27"]
    ```

    ## Fix safety
    Safe for a pin: what was accepted still is, and so is what is newer. Unsafe for a range, whose cap goes, and for a
    lower bound that is raised to the final release, for then pre-releases are refused.
    """
    for manifest, declaration in shipped(project, world):
        named = [one for one in specifiers(declaration) if (v := version_of(one)) and v.is_prerelease]
        if not named or declaration.requirement is None or declaration.name is None:
            continue
        known = world.releases(declaration.name)
        finals = (
            [v for v in known.versions if not v.is_prerelease and v not in known.yanked]
            if isinstance(known, Releases)
            else []
        )
        if not _can_be_final(declaration):
            yield _closed(manifest, declaration, named, finals)
        elif found := _outlived(manifest, declaration, finals):
            yield found


def _can_be_final(declaration: Declaration) -> bool:
    """Whether some final release could fulfil it, on the index or not."""
    assert declaration.requirement is not None
    specifier = declaration.requirement.specifier
    named = [version for one in specifier if (version := version_of(one))]
    tried = {Version(text) for v in named for text in (v.base_version, f"{v.base_version}.0.1")}
    tried |= {v for v in named if not v.is_prerelease}
    return any(specifier.contains(v) for v in tried)


def _closed(
    manifest: Manifest, declaration: Declaration, named: list[Specifier], finals: list[Version]
) -> Finding:
    assert declaration.requirement is not None
    name, lowest = declaration.requirement.name, min(named, key=lambda one: version_of(one) or Version("0"))
    pinned = is_exact(lowest)
    later = [v for v in finals if v > (version_of(lowest) or v)]
    out = f", and {later[-1]} is out" if later else ""
    return Finding(
        manifest.path,
        declaration.span,
        f"{name} is pinned to the pre-release {lowest.version}{out}"
        if pinned
        else f"only pre-releases of {name} fulfil {declaration.requirement.specifier}{out}",
        why="the final release is kept from the users of the library",
        advice=f"write {name}>={public(lowest)}; once it is final, require that",
        fix=_opening(manifest, declaration, pinned=pinned),
        subject=place(declaration),
    )


def _opening(manifest: Manifest, declaration: Declaration, *, pinned: bool) -> Fix | None:
    def opened(one: Specifier) -> str | None:
        if is_exact(one) and version_of(one):
            return f">={public(one)}"
        if one.operator == "~=":
            return f">={one.version}"
        return None if is_cap(one) else str(one)

    edits = changed(manifest, declaration, opened)
    safety = Safety.SAFE if pinned else Safety.UNSAFE
    return Fix("admit what is newer, too", edits, safety, is_range=True) if edits else None


def _outlived(manifest: Manifest, declaration: Declaration, finals: list[Version]) -> Finding | None:
    """A lower bound at a pre-release of something that is final by now."""
    assert declaration.requirement is not None
    floor = next((one for one in declaration.requirement.specifier if one.operator == ">="), None)
    version = version_of(floor) if floor is not None else None
    if floor is None or version is None or not version.is_prerelease:
        return None
    later = next((v for v in finals if v > version and declaration.requirement.specifier.contains(v)), None)
    if later is None:
        return None
    name = declaration.requirement.name
    edits = changed(manifest, declaration, lambda one: f">={later}" if one == floor else str(one))
    return Finding(
        manifest.path,
        declaration.span,
        f"{name} is required from the pre-release {version} on, though {later} is out",
        why="a specifier that names a pre-release lets pre-releases in, of all later versions as well",
        advice=f"write {name}>={later}",
        fix=Fix(f"require {later}", edits, Safety.UNSAFE, is_range=True) if edits else None,
        subject=place(declaration),
    )


RULE = Rule("PIN105", only_prereleases, Scope.LIBRARY, asks=frozenset({Need.INDEX}))
