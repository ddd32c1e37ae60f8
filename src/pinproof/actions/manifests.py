"""From a folder to its projects: the files that declare, read, and whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pinproof.actions.lock_contents import is_lock, lock_content, requirements_locks
from pinproof.actions.lock_files import content
from pinproof.actions.own_imports import OwnImports
from pinproof.errors import InputError
from pinproof.facts.check_settings import CheckSettings, check_settings
from pinproof.facts.locks.project import tables
from pinproof.facts.manifests import is_mere_module, reader_of
from pinproof.judgement.rules.project import Granularity, Project, Role
from pinproof.judgement.rules.roles import guessed
from pinproof.model.declaration import FilePath, Kind, Manifest, Problem
from pinproof.sources.tree import files_below

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pinproof.facts.manifests import Reader

_SAMPLES = frozenset(
    {
        *("tests", "test", "testing", "testdata", "fixtures", "samples", "examples", "example", "templates"),
        *("_vendor", "vendored"),
    }
)
_MAKES_A_PROJECT = (Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.PIPFILE)
_BOM = "\ufeff"
NOTHING: Mapping[FilePath, str] = {}
UNSAID = CheckSettings()


@dataclass(frozen=True, slots=True)
class Tree:
    """What was found: the paths of all files, the projects, and the settings that hold for all of them."""

    root: Path
    files: tuple[str, ...]
    projects: tuple[Project, ...]
    settings: CheckSettings = field(default_factory=CheckSettings)


def read_tree(root: Path, asked: CheckSettings = UNSAID, overlay: Mapping[FilePath, str] = NOTHING) -> Tree:
    """Read a folder. What is `asked` goes before what its settings say, `overlay` before what its files hold.

    InputError where there is no such folder, or the settings make no sense; whatever else is wrong with a file is a
    problem of its manifest.
    """
    settings = asked.over(_settings(root / "pyproject.toml", "pyproject.toml"))
    files = files_below(root, settings.exclude)
    manifests = [m for m in (_manifest(root, path, overlay) for path in files) if m is not None]
    folders = {""} | {_folder(m.path) for m in manifests if _is_project(m)}
    locks = [path for path in files if is_lock(path) and not _is_sample(path)]
    if not manifests and not locks:
        raise InputError(f"{root}: nothing to check: no file there declares or locks anything")
    owners = {path: _owner(path, folders) for path in files}
    files_of: dict[str, list[str]] = {folder: [] for folder in folders}
    for path in files:
        files_of[owners[path]].append(path)
    projects = []
    for folder in sorted(folders):
        own = tuple(m for m in manifests if owners[m.path] == folder)
        own_locks = tuple(p for p in locks if owners[p] == folder)
        if own or own_locks:
            projects.append(_project(root, folder, own, own_locks, tuple(files_of[folder]), settings, asked))
    return Tree(root, files, tuple(_members(projects)), settings)


def _members(projects: Collection[Project]) -> Iterator[Project]:
    """The projects, with the locks of others that were made from their manifests."""
    for project in projects:
        own = {manifest.path for manifest in project.manifests}
        above = tuple(
            lock
            for other in projects
            if other is not project
            for lock in other.locks
            if not own.isdisjoint(lock.made_from)
        )
        yield replace(project, locks_above=above) if above else project


def _settings(path: Path, shown: str) -> CheckSettings:
    """Those of a `pyproject.toml`; none where it is not there or no TOML, which is a finding."""
    if not path.is_file():
        return CheckSettings()
    try:
        text = content(path).decode("utf-8-sig")
    except (InputError, UnicodeDecodeError):
        return CheckSettings()
    return check_settings(tables(text), text, shown)


def _project(
    root: Path,
    folder: str,
    manifests: tuple[Manifest, ...],
    locks: tuple[str, ...],
    files: tuple[str, ...],
    settings: CheckSettings,
    asked: CheckSettings,
) -> Project:
    own = (
        asked.over(_settings(root / folder / "pyproject.toml", f"{folder}/pyproject.toml"))
        if folder
        else settings
    )
    prefix = f"{folder}/" if folder else ""
    here = {f[len(prefix) :] for f in files if f.startswith(prefix) and "/" not in f[len(prefix) :]}
    if own.role:
        chosen, reason = Role(own.role), "--role says so" if asked.role else "[tool.pinproof] says so"
    else:
        chosen, reason = guessed(manifests, here, locks)
    texts = {manifest.path: manifest.text for manifest in manifests}
    contents = (
        *(lock_content(root, FilePath(path), texts) for path in locks),
        *requirements_locks(manifests),
    )
    return Project(
        folder,
        chosen,
        reason,
        manifests,
        contents,
        source=OwnImports(root, folder, files),
        pin=Granularity(own.pin) if own.pin else None,
    )


# --- files -----------------------------------------------------------------------------------------------


def _manifest(root: Path, path: str, overlay: Mapping[FilePath, str]) -> Manifest | None:
    reader = None if _is_sample(path) else reader_of(FilePath(path))
    if reader is None:
        return None
    text = overlay.get(FilePath(path))
    found = _read(root, FilePath(path), reader) if text is None else reader(text, FilePath(path))
    return None if found is None or _is_prose(found) else found


def _read(root: Path, path: FilePath, reader: Reader) -> Manifest | None:
    try:
        written = content(root / path)
        if is_mere_module(path, written):
            return None
        text = written.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        message = f"not valid UTF-8: byte {error.start} cannot be decoded"
    except InputError as error:
        message = error.message.removeprefix(f"{root / path}: ")
    else:
        return reader(text, path)
    return Manifest(path, reader("", path).kind, "", problems=(Problem(message),))


def _is_sample(path: str) -> bool:
    """Whether a file is there to be tested with, or to be read: of such folders only lists at the top count."""
    *folders, name = PurePosixPath(path).parts
    if "{{" in path:  # a template
        return True
    inside = next((at for at, folder in enumerate(folders) if folder in _SAMPLES), None)
    if inside is None:
        return False
    return inside < len(folders) - 1 or not re.fullmatch(
        r"(?i).*req.*\.(txt|in)|Dockerfile|.*constraints.*\.txt", name
    )


def _is_prose(manifest: Manifest) -> bool:
    """Whether a text that is not in the root, and is called like a list of requirements, is none."""
    if manifest.kind not in (Kind.REQUIREMENTS, Kind.CONSTRAINTS) or "/" not in manifest.path:
        return False
    wrong = len(manifest.problems) + sum(1 for d in manifest.declarations if d.problem)
    return wrong > len(manifest.declarations) + len(manifest.includes) - wrong and bool(manifest.text)


def _is_project(manifest: Manifest) -> bool:
    return manifest.kind in _MAKES_A_PROJECT and (
        manifest.name is not None or manifest.kind is Kind.PIPFILE or bool(manifest.declarations)
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _owner(path: str, folders: Collection[str]) -> str:
    """The nearest folder above that is a project."""
    folder = _folder(path)
    while folder not in folders:
        folder = _folder(folder)
    return folder


def texts_of(projects: Iterable[Project]) -> Iterator[tuple[FilePath, str]]:
    """The texts that were read."""
    for project in projects:
        yield from ((manifest.path, manifest.text) for manifest in project.manifests)
        yield from ((lock.path, lock.text) for lock in project.locks)
