"""Which of the requirements of a project a lock is to have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.model.declaration import Kind, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.lock_content import LockContent

LEFT_OUT = frozenset(map(canonicalize_name, ("pip", "setuptools", "distribute", "wheel")))
"""What `pip freeze` and pip-tools leave out on purpose, since an environment has them anyway."""


def locks_of(project: Project, manifest: Manifest) -> Iterator[LockContent]:
    """The locks that were made from a manifest, as far as they can be read."""
    for lock in (*project.locks, *project.locks_above):
        if manifest.path in lock.made_from and not lock.problem:
            yield lock


def written_by_tools(project: Project) -> frozenset[str]:
    """The paths of the manifests that are locks themselves: nobody declares anything there."""
    return frozenset(lock.path for lock in project.locks if lock.is_requirements)


def declared_by_hand(project: Project) -> Iterator[tuple[Manifest, Declaration]]:
    """Every requirement that somebody wrote: those of locks are left out."""
    made = written_by_tools(project)
    return ((m, d) for m, d in project.declarations() if m.path not in made)


def to_be_locked(manifest: Manifest, lock: LockContent) -> Iterator[tuple[Declaration, NormalizedName]]:
    """The requirements of a manifest that a lock of it has to have, whatever its target is.

    Those under a marker may be for others, and the project itself is no part of what it needs.
    """
    own = canonicalize_name(manifest.name.text) if manifest.name else None
    for declaration in manifest.declarations:
        requirement, name = declaration.requirement, declaration.name
        if requirement is None or name is None or requirement.marker is not None:
            continue
        if name in manifest.elsewhere or name == own or _is_left_out(name, lock):
            continue
        if _is_part(declaration, manifest, lock):
            yield declaration, name


def _is_left_out(name: NormalizedName, lock: LockContent) -> bool:
    """Whether a requirements file may be without it: its tool leaves it out, or was told to."""
    return lock.is_requirements and (name in LEFT_OUT or name in lock.command.split())


def _is_part(declaration: Declaration, manifest: Manifest, lock: LockContent) -> bool:
    match declaration.where:
        case Where.PUBLISHED | Where.LISTED if not declaration.part:
            return lock.parts is None or "" in lock.parts
        case Where.EXTRA | Where.LISTED:
            return lock.parts is None or declaration.part in lock.parts
        case Where.GROUP:
            listed = lock.parts is None or declaration.part in lock.parts
            return listed and _is_group_of(declaration.part, manifest, lock)
        case _:
            return False


def _is_group_of(part: str, manifest: Manifest, lock: LockContent) -> bool:
    """Whether it is a group that the tool of the lock knows; environments of hatch are none."""
    tool = lock.path.rpartition("/")[2]
    return (
        part in manifest.groups
        or (part == "" and tool == "uv.lock")
        or (part == "dev" and tool == "poetry.lock")
    )


_APART = re.compile(
    r"(?i)(?:^|[-_./])(?:dev|devel|development|tests?|testing|docs?|lint|ci|build|examples?)(?:[-_./]|$)"
)
_DEPLOYED = {
    Kind.PYPROJECT: Where.PUBLISHED,
    Kind.SETUP_CFG: Where.PUBLISHED,
    Kind.SETUP_PY: Where.PUBLISHED,
    Kind.PIPFILE: Where.LISTED,
    Kind.REQUIREMENTS: Where.LISTED,
}


def deployed(project: Project) -> Iterator[tuple[Manifest, Declaration]]:
    """What an application needs where it runs, as far as an index has it.

    Requirements files in a folder of their own, and those for development, tests or documentation, are for something
    else.
    """
    for manifest, declaration in declared_by_hand(project):
        inside = manifest.path.removeprefix(f"{project.folder}/") if project.folder else manifest.path
        if (
            inside.rpartition("/")[0] in ("", "requirements")
            and _DEPLOYED.get(manifest.kind) is declaration.where
            and not declaration.part
            and not _APART.search(inside)
            and declaration.requirement is not None
            and declaration.requirement.url is None
            and declaration.name not in manifest.elsewhere
        ):
            yield manifest, declaration
