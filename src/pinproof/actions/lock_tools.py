"""The tools whose projects can be locked in their own files: where they take bounds from, and how they lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.errors import InputError
from pinproof.facts.kept_in_toml import Spot
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.project import below, table, tables
from pinproof.sources.lock_commands import is_installed, pdm_lock, poetry_lock, without_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pinproof.actions.library import Outside
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.facts.locks import PinnedFile

    Lock = Callable[[Path, Wanted, Outside, Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `lock` writes the lock file of a folder, in which the packages that are named may move.

    `locked` is what the lock pins for all extras and groups. `add` is the command for what is missing.
    `locks_members`: of a uv workspace it locks what every member requires.
    """

    name: str
    lock_file: str
    spot: Spot
    lock: Lock
    locked: Callable[[Path, Outside], PinnedFile]
    add: str
    is_there: Callable[[], bool]
    locks_members: bool = False


# --- uv --------------------------------------------------------------------------------------------------


def _uv_lock(folder: Path, wanted: Wanted, outside: Outside, moving: Sequence[str]) -> None:
    upgrade = None if wanted.upgrade else (*wanted.upgrade_packages, *moving)
    cutoffs = None if outside.as_of is None else wanted.cutoffs
    failure = outside.uv.lock_project(folder, policy=wanted.policy, cutoffs=cutoffs, upgrade=upgrade)
    if failure is not None:
        raise InputError(f"uv lock: {failure.explanation}")


def _uv_locked(folder: Path, outside: Outside) -> PinnedFile:
    whole = "conflicts" not in tables(content(folder / "uv.lock"))
    return read_lock(outside.uv.exported(folder, exclude_newer=outside.as_of, whole=whole), "pylock.toml")


# --- poetry and pdm --------------------------------------------------------------------------------------

_GROUP = "pinproof"
"""A dependency group (PEP 735) bounds what is locked, and is no part of what is published."""


def _poetry_lock(folder: Path, wanted: Wanted, outside: Outside, moving: Sequence[str]) -> None:
    _let_move(folder / "poetry.lock", wanted, outside, moving)
    poetry_lock(folder, wanted.cutoffs)


def _pdm_lock(folder: Path, wanted: Wanted, outside: Outside, moving: Sequence[str]) -> None:
    path = folder / "pdm.lock"
    groups = _pdm_groups(path, folder / "pyproject.toml")
    _let_move(path, wanted, outside, moving)
    pdm_lock(folder, wanted.cutoffs, groups)


def _pdm_groups(lock: Path, pyproject: Path) -> list[str] | None:
    """The groups that were locked before, with that of the bounds where there is one; None where nothing was."""
    before = below(tables(content(lock)), "metadata", "groups") if lock.exists() else None
    if not isinstance(before, list):
        return None
    is_there = _GROUP in table(tables(content(pyproject)), "dependency-groups")
    kept = [str(group) for group in before if group != _GROUP or is_there]
    return [*kept, _GROUP] if is_there and _GROUP not in kept else kept


def _let_move(lock: Path, wanted: Wanted, outside: Outside, moving: Sequence[str]) -> None:
    if outside.fetcher.offline:
        raise InputError(f"--offline: {lock.stem} cannot be told so")
    if pinned := next((text for text in wanted.upgrade_packages if "==" in text), None):
        raise InputError(f"-P {pinned}: {lock.stem} cannot be told a version", hint="Declare it instead.")
    if not lock.exists():
        return
    if wanted.upgrade:
        lock.unlink()
        return
    names = [canonicalize_name(name) for name in (*wanted.upgrade_packages, *moving)]
    lock.write_text(without_packages(lock.read_text(encoding="utf-8"), names), encoding="utf-8")


def _read(name: str) -> Callable[[Path, Outside], PinnedFile]:
    def locked(folder: Path, outside: Outside) -> PinnedFile:  # noqa: ARG001
        text = content(folder / name)
        found = read_lock(text, name, content(folder / "pyproject.toml"))
        entries = below(tables(text), "package")
        groups = {str(group) for entry in entries or () for group in entry.get("groups", ())}
        return replace(found, default_groups=found.default_groups | groups)

    return locked


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "uv",
            "uv.lock",
            Spot("tool.uv", "constraint-dependencies"),
            _uv_lock,
            _uv_locked,
            "uv add",
            lambda: True,
            locks_members=True,
        ),
        Tool(
            "poetry",
            "poetry.lock",
            # Not installed with the rest: where a bound is for another platform, nothing comes in by it.
            Spot("dependency-groups", _GROUP, f"[tool.poetry.group.{_GROUP}]\noptional = true\n"),
            _poetry_lock,
            _read("poetry.lock"),
            "poetry add",
            lambda: is_installed("poetry"),
        ),
        Tool(
            "pdm",
            "pdm.lock",
            Spot("dependency-groups", _GROUP),
            _pdm_lock,
            _read("pdm.lock"),
            "pdm add",
            lambda: is_installed("pdm"),
        ),
    )
}
