"""The declaration that a lock was made from: what its tool locks, what the command in it names, what lies beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pinproof.actions.asked import all_asks
from pinproof.actions.into_tool import project_of
from pinproof.actions.lock_files import content
from pinproof.actions.lock_tools import TOOLS
from pinproof.actions.markers import marker_environment
from pinproof.actions.projects import Project, declaration_in, find_project
from pinproof.errors import InputError
from pinproof.facts.declared import Declared
from pinproof.facts.locks.graph import applies
from pinproof.facts.locks.made_by import MadeBy, made_by
from pinproof.facts.locks.text import readable
from pinproof.judgement.exposure import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pinproof.actions.library import Library
    from pinproof.actions.lock_tools import Tool
    from pinproof.model.release import Pin, Target


@dataclass(frozen=True, slots=True)
class Source:
    """What a lock was made from. `declares` is false where only the set itself says what is wanted.

    `tool` makes it, unless uv writes it as `pinproof lock` has it; `made_by` is the command above it.
    """

    project: Project
    declares: bool = True
    tool: Tool | None = None
    made_by: MadeBy | None = None


def source_of(lock: Path, pins: Sequence[Pin], library: Library, *, with_source: bool = True) -> Source:
    """What a lock was made from; where its declaration cannot be read without a build, only the set itself tells."""
    try:
        found = _declared(lock, pins, library.outside.target, with_source=with_source)
    except InputError:
        found = None
    return found or undeclared(lock, pins, library)


def _declared(lock: Path, pins: Sequence[Pin], target: Target, *, with_source: bool) -> Source | None:
    tool = next((t for t in TOOLS.values() if t.lock_file == lock.name), None)
    if tool is not None and (lock.parent / "pyproject.toml").is_file():
        project = project_of([str(lock.parent)], lock.parent, tool, with_source=with_source)
        return Source(project, tool=tool)
    said = made_by(readable(content(lock), str(lock))) if lock.suffix in (".txt", ".toml") else None
    if said is not None and (files := _found(said.files, lock.parent)):
        paths = [str(path) for path in files]
        project = find_project(
            paths, lock.parent, extras=said.extras, groups=said.groups, with_source=with_source
        )
        return Source(project, made_by=said)
    beside = _beside(lock)
    if beside is None:
        return None
    project = find_project([str(beside)], lock.parent, with_source=with_source)
    return Source(project) if _covers(pins, project, target) else None


def _found(files: Sequence[str], folder: Path) -> list[Path]:
    """The files of a command, which ran in the folder of the lock or in one above it; none if one is missing."""
    for start in (folder, *list(folder.absolute().parents)[:2]):
        paths = [start / name for name in files]
        if paths and all(path.is_file() for path in paths):
            return paths
    return []


def _beside(lock: Path) -> Path | None:
    """The declaration that has the name of a lock, else the one of its folder."""
    same = lock.with_suffix(".in")
    return same if lock.suffix == ".txt" and same.is_file() else declaration_in(lock.parent)


def _covers(pins: Sequence[Pin], project: Project, target: Target) -> bool:
    """Whether a set has everything that a project declares, and something does."""
    environment = marker_environment(target)
    asked = [r for r in project.requirements if applies(r.marker, environment) and r.url is None]
    pinned = {pin.name for pin in pins}
    return bool(asked) and all(canonicalize_name(r.name) in pinned for r in asked)


def undeclared(lock: Path, pins: Sequence[Pin], library: Library) -> Source:
    """A project that asks for what nothing else in a set requires: all that a set alone says of what is wanted."""
    roots = tuple(_unrequired(pins, library))
    project = Project(
        folder=lock.parent,
        named=(lock.name,),
        files=(),
        read=((lock.name, tuple(map(str, roots))),),
        declared=(Declared(str(lock), roots),),
        extras=(),
        groups=(),
    )
    return Source(project, declares=False)


def _unrequired(pins: Sequence[Pin], library: Library) -> Iterator[Requirement]:
    installed, _ = library.open_all(pins)
    required = {named(ask) for ask in all_asks(installed, (), library.outside.target)}
    roots = [pin for pin in pins if pin.name not in required]
    yield from (Requirement(pin.name) for pin in roots or pins)
