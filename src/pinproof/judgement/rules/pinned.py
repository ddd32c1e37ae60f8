"""What a project pins somewhere: in its locks, or with `==` in what it declares."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pinproof.judgement.rules.specifiers import is_cap, is_exact, is_wildcard, specifiers, version_of
from pinproof.model.declaration import Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.rules.project import Project
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.lock_content import LockContent


def is_open(declaration: Declaration) -> bool:
    """Whether it takes whatever release is the newest: no version is named that it stops at."""
    if declaration.requirement is None or declaration.requirement.url is not None:
        return False
    return not any(is_exact(one) or is_wildcard(one) or is_cap(one) for one in specifiers(declaration))


def is_pinned_whole(manifest: Manifest) -> bool:
    """Whether it has requirements, and pins each to one version."""
    return bool(manifest.declarations) and all(exact_version(d) is not None for d in manifest.declarations)


def exact_version(declaration: Declaration) -> Version | None:
    """The one that it admits."""
    return next((version_of(one) for one in specifiers(declaration) if is_exact(one)), None)


def pinned_versions(project: Project) -> Mapping[NormalizedName, Version]:
    """What is pinned to one version, and to the same one wherever it is."""
    found: dict[NormalizedName, set[Version]] = defaultdict(set)
    for lock in (*project.locks, *project.locks_above):
        for name, versions in lock.pins.items():
            found[name].update(versions)
    for _, declaration in project.declarations():
        version = exact_version(declaration)
        if declaration.name is not None and version is not None and declaration.where is not Where.HOOK:
            found[declaration.name].add(version)
    return {name: next(iter(versions)) for name, versions in found.items() if len(versions) == 1}


def locks_beside(project: Project) -> Iterator[LockContent]:
    """The locks that are not looked at as a manifest, too."""
    paths = {manifest.path for manifest in project.manifests}
    return (lock for lock in project.locks if lock.path not in paths)
