"""What a project is for, as far as its files show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.project import Role
from pinproof.model.declaration import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pinproof.model.declaration import Manifest

_PRIVATE = "Private ::"
_SIGNS_OF_AN_APPLICATION = (
    "Procfile",
    "Dockerfile",
    "Containerfile",
    "docker-compose.yml",
    "compose.yaml",
    "app.yaml",
)


def guessed(
    manifests: Iterable[Manifest], files: Collection[str], locks: Collection[str]
) -> tuple[Role, str]:
    """The role, and the reason for it. `files` are the names in the project's own folder, `locks` its lock files.

    What is built under a public name is a library, unless something shows that it is deployed. That it has classifiers,
    which are for an index only, counts more than a Dockerfile or a lock, which its developers may have for themselves.
    """
    reasons = list(_library(manifests))
    if private := next((m for m in manifests if any(c.startswith(_PRIVATE) for c in m.classifiers)), None):
        return Role.APPLICATION, f"{private.path} has a classifier that keeps it off the index"
    if reasons and any(m.classifiers for m in manifests):
        return Role.LIBRARY, f"{reasons[0]}, and classifiers for the index"
    if sign := next((name for name in _SIGNS_OF_AN_APPLICATION if name in files), None):
        return Role.APPLICATION, f"it has a {sign}"
    if locks:
        return Role.APPLICATION, f"it has a lock, {min(locks)}"
    if reasons:
        return Role.LIBRARY, f"{reasons[0]}, and no lock"
    return Role.APPLICATION, "nothing in it can be built under a name of its own"


def _library(manifests: Iterable[Manifest]) -> Iterator[str]:
    for manifest in manifests:
        if manifest.name is None:
            continue
        if manifest.has_build_system:
            yield f"{manifest.path} has a build system and the name {manifest.name.text}"
        elif manifest.kind in (Kind.SETUP_PY, Kind.SETUP_CFG):
            yield f"{manifest.path} builds {manifest.name.text}"
