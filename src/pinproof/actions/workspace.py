"""The members of a uv workspace: which folders they are, and what they require."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.errors import DynamicError, InputError
from pinproof.facts.declared import names_of_parts, read_pyproject
from pinproof.facts.locks.project import below, table, tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `requirements` are those of all its extras and groups that come from an index as they are written."""

    folder: Path
    requirements: tuple[Requirement, ...]


def members_of(root: Path) -> tuple[Member, ...]:
    """The members beside the root itself, in the order of their paths; none where the folder is no root.

    As in uv, globs are relative to the root, what `exclude` says goes, and folders without a pyproject.toml or with
    `managed = false` are none. InputError, with file and line, for a declaration that cannot be read.
    """
    path = root / "pyproject.toml"
    declared = tables(content(path)) if path.is_file() else {}
    workspace = below(declared, "tool", "uv", "workspace")
    if not isinstance(workspace, dict):
        return ()
    found = {f: tables(content(f / "pyproject.toml")) for f in sorted(set(_folders(root, workspace, path)))}
    members = {f: d for f, d in found.items() if below(d, "tool", "uv", "managed") is not False}
    local = {_name(document) for document in (declared, *members.values())}
    local |= _sources(declared)
    return tuple(Member(f, tuple(_requirements(f, local | _sources(d)))) for f, d in members.items())


def declares_conflicts(folders: Iterable[Path]) -> bool:
    """Whether any of these projects says that not everything of a workspace can be installed together."""
    return any(below(tables(content(f / "pyproject.toml")), "tool", "uv", "conflicts") for f in folders)


def _folders(root: Path, workspace: dict[str, Any], path: Path) -> Iterator[Path]:
    excluded = [str(PurePosixPath(pattern)) for pattern in _patterns(workspace, "exclude")]
    for pattern in _patterns(workspace, "members"):
        try:
            matching = list(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            raise InputError(f"{path}: the workspace cannot have the members {pattern!r}: {error}") from error
        for folder in matching:
            name = folder.relative_to(root).as_posix()
            # To uv a star of `exclude` stands for slashes, too.
            if (folder / "pyproject.toml").is_file() and not any(fnmatchcase(name, e) for e in excluded):
                yield folder


def _patterns(workspace: dict[str, Any], key: str) -> list[str]:
    listed = workspace.get(key)
    return [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []


def _name(document: dict[str, Any]) -> NormalizedName:
    return canonicalize_name(str(below(document, "project", "name") or ""))


def _sources(document: dict[str, Any]) -> set[NormalizedName]:
    """What is taken from somewhere that only uv's own lock knows."""
    return {canonicalize_name(name) for name in table(document, "tool", "uv", "sources")}


def _requirements(folder: Path, elsewhere: Collection[NormalizedName]) -> Iterator[Requirement]:
    path = folder / "pyproject.toml"
    text = content(path)
    extras, groups = names_of_parts(text, str(path))
    try:
        declared = read_pyproject(text, str(path), extras=extras, groups=groups)
    except DynamicError:
        return
    yield from (r for r in declared.requirements if canonicalize_name(r.name) not in elsewhere)
