"""What is to be audited: a set that is pinned, or a declaration whose whole range counts."""

from __future__ import annotations

from pathlib import Path

from pinproof.actions.lock_files import TRIED, content
from pinproof.actions.projects import TRIED as DECLARING
from pinproof.actions.projects import declaration_in
from pinproof.errors import InputError
from pinproof.facts.declared import read_requirements_in
from pinproof.facts.locks.requirements import exacts

_LISTS = frozenset({".txt", ".in", ".pip"})


def declaration_for(given: str | None) -> Path | None:
    """The declaration to audit, where what is named is one, or is a folder without a lock; None for a lock.

    A requirements file that does not pin everything is a declaration. InputError where a folder has neither.
    """
    path = Path(given) if given is not None else Path()
    if not path.is_dir():
        return path if path.suffix == ".py" or path.name in DECLARING or _is_loose(path) else None
    lock = next((path / name for name in TRIED if (path / name).is_file()), None)
    if lock is not None and not _is_loose(lock):
        return None
    found = declaration_in(path) or lock
    if found is None:
        names = ", ".join((*TRIED, *DECLARING))
        raise InputError(
            f"nothing to audit: none of {names} in {path}", "Name the file: `pinproof audit PATH`."
        )
    return found


def _is_loose(path: Path) -> bool:
    """Whether a requirements file leaves anything open; what cannot be read will be told by who reads it as a lock."""
    if path.suffix not in _LISTS or "constraints" in path.name or not path.is_file():
        return False
    try:
        requirements = read_requirements_in(content(path), str(path)).requirements
    except InputError:
        return False
    return not all(exacts(requirement) or requirement.url for requirement in requirements)
