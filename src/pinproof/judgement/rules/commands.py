"""What commands that install take from locks, and where their options go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.judgement.rules.pinned import exact_version
from pinproof.model.declaration import Span, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Set

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project
    from pinproof.model.declaration import Command, FilePath, Manifest

_FROM_THE_LOCK = frozenset(
    (tool, verb) for tool in ("uv", "poetry", "pdm", "pipenv") for verb in ("sync", "install", "run")
)


def behind_verb(manifest: Manifest, command: Command) -> Span | None:
    """Where an option can be put in."""
    found = re.match(rf".*?\b{command.verb}\b", command.span.of(manifest.text), re.DOTALL)
    at = command.span.start + found.end() if found else 0
    return Span(at, at) if found else None


def uses_lock(command: Command, locks: Iterable[FilePath]) -> bool:
    """Whether it installs what a lock says, or from one of these files."""
    names = {name_of(path) for path in locks}
    return (command.tool, command.verb) in _FROM_THE_LOCK or any(
        name_of(reference.path) in names for reference in command.references
    )


def installed_from(manifest: Manifest, project: Project) -> Set[NormalizedName]:
    """What the commands of a file install pinned: whoever asks for it once more has it already."""
    locks = (*project.locks, *project.locks_above)
    found: set[NormalizedName] = set()
    for command in manifest.commands:
        if (command.tool, command.verb) in _FROM_THE_LOCK:
            found.update(*(lock.pins for lock in locks))
        named = {name_of(reference.path) for reference in command.references}
        found.update(*(lock.pins for lock in locks if name_of(lock.path) in named))
        listed = [m for m in project.manifests if name_of(m.path) in named]
        found.update(d.name for m in listed for d in m.declarations if d.name and exact_version(d))
    return found
