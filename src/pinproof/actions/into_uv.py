"""`pinproof lock --into uv`: the bounds into the project's own `pyproject.toml`, and `uv lock` with them.

All of it happens in a copy of the project's folder that links to the rest of it; the two files are replaced only when
the set that uv has locked was judged.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock import Lock, Wanted, lock
from pinproof.actions.lock_files import content
from pinproof.actions.projects import find_project
from pinproof.errors import InputError, OutsideError
from pinproof.facts.declared import names_of_parts
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.header import site_of
from pinproof.facts.uv_bounds import bounds_in, with_bounds, without_bounds
from pinproof.model.verdict import Repair, Severity, Works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pinproof.actions.library import Outside
    from pinproof.actions.projects import Project
    from pinproof.facts.locks.header import KeptBound
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Break

_AGAIN = 3
_LEFT_BEHIND = frozenset({"pyproject.toml", "uv.lock", ".venv", ".git"})


@dataclass(frozen=True, slots=True)
class Changed:
    """What the two files should hold; empty where there is no set."""

    found: Lock
    pyproject: bytes
    uv_lock: bytes


def project_of(paths: Sequence[str], here: Path, *, with_source: bool) -> Project:
    """The project in a folder with all of its extras and groups, for uv locks them all. InputError if it is none."""
    folder = Path(paths[0]) if paths else here
    folder = folder.parent if folder.name == "pyproject.toml" else folder
    path = folder / "pyproject.toml"
    if len(paths) > 1 or not path.is_file():
        raise InputError(
            f"--into uv: {folder} is no project of uv", hint="Name one folder with a pyproject.toml."
        )
    extras, groups = names_of_parts(content(path), str(path))
    return find_project([str(path)], here, extras=extras, groups=groups, with_source=with_source)


def into_uv(project: Project, wanted: Wanted, outside: Outside, tell: Callable[[Break], str]) -> Changed:
    """Find the bounds that the newest of everything needs, and lock with them; pins of `uv.lock` stay if they may.

    A bound that is not needed any more goes, and what it was there for may move. InputError where a bound cannot be
    said to uv.
    """
    text = content(project.folder / "pyproject.toml").decode("utf-8")
    known = bounds_in(text)
    with _copied(project.folder) as folder:
        (folder / "pyproject.toml").write_bytes(without_bounds(text).encode())
        copy = replace(project, folder=folder)
        before = _pins_before(folder, outside)
        found = lock(copy, wanted, outside, tell)
        bounds = list(found.bounds)
        for _ in range(_AGAIN):
            if not found.content:
                return Changed(found, b"", b"")
            _refuse_additions(bounds)
            edited = with_bounds(text, bounds, str(project.folder / "pyproject.toml"))
            (folder / "pyproject.toml").write_bytes(edited.encode())
            _lock(folder, wanted, outside, _released(known, bounds))
            pinned = outside.uv.exported(folder, exclude_newer=outside.as_of)
            (folder / "pyproject.toml").write_bytes(without_bounds(text).encode())
            # What stayed as it was in uv.lock may need bounds that the newest of everything does not.
            found = lock(
                copy, replace(wanted, before=pinned, upgrade=False), outside, tell, kept=tuple(bounds)
            )
            fresh = [
                b for b in found.bounds if str(b.requirement) not in {str(k.requirement) for k in bounds}
            ]
            if found.content and not fresh and _works(found):
                uv_lock = (folder / "uv.lock").read_bytes()
                return Changed(replace(found, bounds=tuple(bounds), before=before), edited.encode(), uv_lock)
            bounds += fresh
    raise OutsideError("uv.lock does not come to a set that works")


def _pins_before(folder: Path, outside: Outside) -> tuple[Pin, ...]:
    """What `uv.lock` pins until now."""
    if not (folder / "uv.lock").exists():
        return ()
    old = read_lock(outside.uv.exported(folder, exclude_newer=outside.as_of), "pylock.toml")
    return tuple({(e.pin.name, e.pin.version): e.pin for e in old.locked}.values())


def _works(found: Lock) -> bool:
    return isinstance(found.outcome, Works) and not found.outcome.verdict.of(Severity.FATAL)


def _lock(folder: Path, wanted: Wanted, outside: Outside, released: Sequence[str]) -> None:
    upgrade = None if wanted.upgrade else (*wanted.upgrade_packages, *released)
    cutoffs = None if outside.as_of is None else wanted.cutoffs
    failure = outside.uv.lock_project(folder, policy=wanted.policy, cutoffs=cutoffs, upgrade=upgrade)
    if failure is not None:
        raise InputError(f"uv lock: {failure.explanation}")


def _released(before: Sequence[KeptBound], now: Sequence[KeptBound]) -> list[str]:
    """The dependents that bounds were there for which are gone now."""
    kept = {canonicalize_name(b.requirement.name) for b in now}
    gone = [b for b in before if canonicalize_name(b.requirement.name) not in kept]
    sites = [site_of(reason) for bound in gone for reason in bound.reasons]
    return sorted({site.dependent for site in sites if site is not None})


def _refuse_additions(bounds: Sequence[KeptBound]) -> None:
    for bound in bounds:
        if bound.repair is Repair.ADD:
            raise InputError(
                f"{bound.requirement} is missing: {bound.reasons[0]}",
                hint=f"A constraint cannot add it: `uv add {bound.requirement}`.",
            )


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """A folder with the project's lock and links to everything else of it, so that uv finds what it refers to."""
    with tempfile.TemporaryDirectory(prefix="pinproof-") as made:
        copy = Path(made) / (folder.absolute().name or "project")
        copy.mkdir()
        for entry in folder.absolute().iterdir():
            if entry.name not in _LEFT_BEHIND:
                (copy / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
        if (folder / "uv.lock").is_file():
            (copy / "uv.lock").write_bytes((folder / "uv.lock").read_bytes())
        yield copy
