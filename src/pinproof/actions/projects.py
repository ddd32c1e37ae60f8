"""From what the user names to a project: the files that uv gets, what they declare, and the source beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.actions.lock_files import content
from pinproof.actions.workspace import members_of
from pinproof.errors import InputError
from pinproof.facts.declared import (
    declares_requirements,
    read_policy,
    read_pyproject,
    read_requirements_in,
    read_script,
    read_setup_cfg,
)
from pinproof.facts.own_source import own_layout, script_layout
from pinproof.model.distribution import Layout, Metadata
from pinproof.model.policy import Policy
from pinproof.sources import folders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library
    from pinproof.actions.workspace import Member
    from pinproof.facts.declared import Declared
    from pinproof.judgement.answers import Installed
    from pinproof.sources.folders import Folder

TRIED = ("pyproject.toml", "setup.cfg", "requirements.in")
"""What is looked for in a folder; the first that is there declares the project."""

_NAMELESS = "project"


@dataclass(frozen=True, slots=True)
class Project:
    """What is to be locked. `files` are as uv gets them, relative to `folder`; `read` as in `sources.uv.Order`.

    `members` are those of the workspace that it is the root of; `whole`: what any of them requires is locked.
    """

    folder: Path
    named: tuple[str, ...]
    files: tuple[str, ...]
    read: tuple[tuple[str, tuple[str, ...]], ...]
    declared: tuple[Declared, ...]
    extras: tuple[str, ...]
    groups: tuple[str, ...]
    policy: Policy = field(default_factory=Policy)
    source: Folder | None = None
    layouts: tuple[tuple[str, Layout], ...] = field(default=(), repr=False)
    members: tuple[Member, ...] = ()
    whole: bool = False

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Everything that is declared."""
        return tuple(r for d in self.declared for r in d.requirements)

    @property
    def direct(self) -> set[NormalizedName]:
        """The names of everything that is declared, by the members, too."""
        asked = (*self.requirements, *(r for member in self.members for r in member.requirements))
        return {canonicalize_name(requirement.name) for requirement in asked}

    @property
    def requires_python(self) -> str:
        """What the first file that says so says."""
        return next((d.requires_python for d in self.declared if d.requires_python), "")

    @property
    def index_url(self) -> str | None:
        """The index that is declared instead of PyPI."""
        return next((d.indexes.index_url for d in self.declared if d.indexes.index_url), None)

    @property
    def extra_index_urls(self) -> tuple[str, ...]:
        """Further indexes that are declared."""
        return tuple(dict.fromkeys(url for d in self.declared for url in d.indexes.extra_index_urls))

    def own(self, library: Library) -> list[Installed]:
        """The user's own source, as something to be judged."""
        if self.source is None:
            return []
        requires = tuple(map(str, self.requirements))
        version = next((d.version for d in self.declared if is_version(d.version)), "0")
        return [
            library.own(self.source, layout, Metadata(name, version, requires))
            for name, layout in self.layouts
            if layout.modules
        ]


def find_project(
    paths: Sequence[str],
    here: Path,
    *,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
    with_source: bool = True,
) -> Project:
    """Read what is to be locked: files, or a folder, whose declaration is looked for.

    InputError, with file and line, for what cannot be read, includes itself, or is not there.
    """
    named = [_file(Path(path)) for path in paths or (str(here),)]
    folder = named[0].parent
    reading = _Reading(folder, tuple(extras), tuple(groups))
    for path in named:
        reading.read(path)
    reading.check()
    project = reading.project(named)
    return _with_source(project, named) if with_source else project


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    if found := declaration_in(path):
        return found
    raise InputError(
        f"nothing to lock: no {', no '.join(TRIED)} in {path}", hint="Name the file: `pinproof lock PATH`."
    )


def declaration_in(folder: Path) -> Path | None:
    """The file that declares what a project in this folder requires, if there is one."""
    return next((path for n in TRIED if (path := folder / n).is_file() and _declares(path)), None)


def _declares(path: Path) -> bool:
    """Whether a file declares requirements; a `pyproject.toml` may only hold the settings of tools."""
    return path.name != "pyproject.toml" or declares_requirements(content(path), str(path))


@dataclass
class _Reading:
    folder: Path
    extras: tuple[str, ...]
    groups: tuple[str, ...]
    declared: list[Declared] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    read_here: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def read(self, path: Path) -> None:
        name = _relative(path, self.folder)
        if path.name == "pyproject.toml":
            if not _declares(path):
                raise InputError(f"{path}: it declares no requirements: it has no [project]")
            here = path.parent.absolute() == self.folder.absolute()
            groups = self.groups if here else ()
            found = read_pyproject(content(path), str(path), extras=self.extras, groups=groups)
            self.taken |= {"extra", "group"} if here else {"extra"}
            self.declared.append(found)
            if found.name or not groups:
                self.files.append(name)
        elif path.name == "setup.cfg":
            found = read_setup_cfg(content(path), str(path), extras=self.extras)
            self.taken.add("extra")
            self.declared.append(found)
            # uv would have to build the project to know what it requires.
            self.read_here.append((name, tuple(map(str, found.requirements))))
        elif path.suffix == ".py":
            self.declared.append(read_script(content(path), str(path)))
            self.files.append(name)
        elif path.suffix in (".in", ".txt", ".pip"):
            self._follow(path, "", {})
            self.files.append(name)
        else:
            raise InputError(
                f"{path}: not the name of a file that declares requirements",
                hint=f"These can be read: {', '.join(TRIED)}, *.txt, and scripts (PEP 723).",
            )

    def _follow(self, path: Path, place: str, above: Mapping[Path, str]) -> None:
        """Read a requirements file and those that it includes, which must not include it again."""
        resolved = path.resolve()
        if resolved in above:
            raise InputError(
                f"{place}: includes {path}, which includes this file again in {above[resolved]}",
                hint="Remove one of the two includes.",
            )
        found = read_requirements_in(content(path, place), str(path))
        self.declared.append(found)
        for include in found.includes:
            here = f"{path}:{include.line}"
            if "://" in include.path:
                continue
            included = path.parent / include.path
            if include.is_constraint:
                content(included, here)
            else:
                self._follow(included, here, {**above, resolved: here})

    def check(self) -> None:
        """What was asked for must be somewhere."""
        for kind, wanted in (("extra", self.extras), ("group", self.groups)):
            if wanted and kind not in self.taken:
                raise InputError(f"--{kind} {wanted[0]}: nothing that was named declares any {kind}")

    def project(self, named: Sequence[Path]) -> Project:
        has_pyproject = any(Path(name).name == "pyproject.toml" for name in self.files)
        return Project(
            self.folder,
            tuple(_relative(path, self.folder) for path in named),
            tuple(self.files),
            tuple(self.read_here),
            tuple(self.declared),
            self.extras if has_pyproject else (),
            self.groups,
            self._policy(named[0]),
            members=members_of(self.folder) if named[0].name == "pyproject.toml" else (),
        )

    def _policy(self, named: Path) -> Policy:
        """What is wanted of the releases: what the first file says that can, else a pyproject.toml beside it."""
        if named.suffix in (".toml", ".py"):
            return self.declared[0].policy
        beside = self.folder / "pyproject.toml"
        return read_policy(content(beside), str(beside)) if beside.is_file() else Policy()


def _with_source(project: Project, named: Sequence[Path]) -> Project:
    """The project with the source beside its declaration; tests count where their requirements are asked for."""
    first = named[0]
    name = next((d.name for d in project.declared if d.name), _NAMELESS)
    if first.suffix == ".py":
        source, layouts = folders.read_script(first), [(first.stem, script_layout(first.name))]
    else:
        source = folders.read_source(project.folder, without=[m.folder for m in project.members])
        found = own_layout(source.names)
        layouts = [(name, found.project)]
        if project.groups or project.extras:
            layouts.append((f"{name}-tests", found.tests))
    named_layouts = tuple((canonicalize_name(called), layout) for called, layout in layouts)
    return replace(project, source=source, layouts=named_layouts)


def _relative(path: Path, folder: Path) -> str:
    """As uv and the comments of a lock call it: seen from the folder of the project, with slashes."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return str(path)


def is_version(text: str) -> bool:
    """Whether a text is a version (PEP 440)."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
