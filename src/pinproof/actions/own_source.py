"""The user's own source beside a lock: the projects that the set was made for, or a wheel that was built of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.actions.markers import marker_environment
from pinproof.actions.projects import declaration_in, find_project, is_version
from pinproof.errors import ArchiveError, DynamicError, InputError
from pinproof.facts.declared import names_of_parts, read_pyproject
from pinproof.facts.locks.graph import applies
from pinproof.facts.locks.project import below, tables
from pinproof.facts.own_source import own_layout
from pinproof.facts.wheels import installable_wheel
from pinproof.model.distribution import Metadata
from pinproof.model.release import File
from pinproof.sources.folders import read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library
    from pinproof.facts.declared import Declared
    from pinproof.judgement.answers import Installed
    from pinproof.model.distribution import Layout
    from pinproof.model.release import Target
    from pinproof.sources.archive import Archive
    from pinproof.sources.folders import Folder


@dataclass(frozen=True, slots=True)
class OwnSource:
    """Source of the user's: a distribution for each of the `layouts`, all with what the project declares."""

    source: Folder | Archive
    metadata: Metadata
    layouts: tuple[tuple[NormalizedName, Layout], ...]

    def installed(self, library: Library) -> Iterator[Installed]:
        """As something to be judged."""
        for name, layout in self.layouts:
            if layout.modules:
                said = self.metadata
                named = Metadata(name, said.version, said.requires_dist, said.requires_python)
                yield library.own(self.source, layout, named)


def own_sources(
    folders: Iterable[Path], pinned: Collection[NormalizedName], target: Target
) -> list[OwnSource]:
    """The source in the folders of projects. One that lies inside another does not belong to that one.

    Tests are judged where the set has all that an extra or a dependency group of the project asks for.
    InputError, with file and line, for a declaration that cannot be read.
    """
    every = list(dict.fromkeys(folders))
    return [_own_source(folder, [f for f in every if f != folder], pinned, target) for folder in every]


def _own_source(
    folder: Path, others: Sequence[Path], pinned: Collection[NormalizedName], target: Target
) -> OwnSource:
    source = read_source(folder, without=others)
    found = own_layout(source.names)
    parts = _installed_parts(folder, pinned, target)
    metadata = declared_metadata(folder, *parts)
    layouts = [(canonicalize_name(metadata.name), found.project)]
    if any(parts):
        layouts.append((canonicalize_name(f"{metadata.name}-tests"), found.tests))
    return OwnSource(source, metadata, tuple(layouts))


def declared_metadata(folder: Path, extras: Sequence[str] = (), groups: Sequence[str] = ()) -> Metadata:
    """What a project folder declares of itself, as metadata; what only a build would tell is left out."""
    named = declaration_in(folder)
    declared: Sequence[Declared] = ()
    name = ""
    if named is not None:
        try:
            project = find_project([str(named)], folder, extras=extras, groups=groups, with_source=False)
            declared = project.declared
        except DynamicError:
            name = str(below(tables(content(named)), "project", "name") or "")
    name = name or next((d.name for d in declared if d.name), folder.resolve().name) or "project"
    version = next((d.version for d in declared if is_version(d.version)), "0")
    return Metadata(name, version, tuple(str(r) for d in declared for r in d.requirements))


def _installed_parts(
    folder: Path, pinned: Collection[NormalizedName], target: Target
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The extras and dependency groups of a project of which the set has everything."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return (), ()
    text = content(path)
    environment = marker_environment(target)

    def asked(**parts: Sequence[str]) -> set[NormalizedName]:
        found = read_pyproject(text, str(path), **parts)
        return {
            canonicalize_name(r.name)
            for r in found.requirements
            if applies(r.marker, environment) and canonicalize_name(r.name) != canonicalize_name(found.name)
        }

    try:
        always = asked()
        extras, groups = names_of_parts(text, str(path))
        return (
            tuple(e for e in extras if (more := asked(extras=[e]) - always) and more <= set(pinned)),
            tuple(g for g in groups if (more := asked(groups=[g]) - always) and more <= set(pinned)),
        )
    except DynamicError:
        return (), ()


def read_wheel(path: Path, target: Target) -> OwnSource:
    """A built wheel of the user's. InputError where it cannot be read or is not for the target."""
    if not path.is_file():
        raise InputError(f"cannot read {path}: there is no such file")
    if installable_wheel([File(path.name, "")], target) is None:
        told = f"Python {target.python_text} on {target.platform}"
        raise InputError(
            f"{path}: not a wheel for {told}, as its name says",
            hint="Name what it was built for: --python-version X.Y, --python-platform NAME.",
        )
    from pinproof.actions.describing import describe
    from pinproof.sources.archive import open_on_disk

    try:
        archive = open_on_disk(path)
        layout, metadata = describe(archive)
    except ArchiveError as error:
        raise InputError(error.message) from error
    if not metadata.name or not is_version(metadata.version):
        raise InputError(f"{path}: no wheel: it has no METADATA with a name and a version")
    return OwnSource(archive, metadata, ((canonicalize_name(metadata.name), layout),))
