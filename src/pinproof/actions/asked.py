"""What asks for the packages of a set: the lines of the user's declaration, with their places, and its releases."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.actions.markers import marker_environment
from pinproof.errors import InputError
from pinproof.facts.locks.graph import applies
from pinproof.facts.locks.pinned import place
from pinproof.facts.locks.text import readable
from pinproof.facts.manifests import reader_of
from pinproof.judgement.combining import Combining
from pinproof.judgement.fixing import harm, spliced
from pinproof.model.declaration import FilePath, Where
from pinproof.model.exposure import Ask
from pinproof.model.finding import Edit
from pinproof.model.report import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.projects import Project
    from pinproof.judgement.answers import Installed
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.exposure import Rewrite
    from pinproof.model.release import Target


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a line stands: its file, and the declaration in it."""

    path: Path
    manifest: Manifest
    declaration: Declaration


def declared_asks(project: Project, target: Target, shown: Callable[[Path], str] = str) -> dict[Ask, Spot]:
    """The lines that count for a target, constraints among them; `shown` is how a file is called in messages."""
    environment = marker_environment(target)
    found = {}
    for path in _files(project):
        text = readable(content(path), str(path))
        reader = reader_of(FilePath(path.name))
        manifest = reader(text, FilePath(path.name)) if reader else None
        if manifest is None:
            continue
        for declaration in _counting(manifest, project):
            assert declaration.requirement is not None
            if applies(declaration.requirement.marker, environment):
                line = text.count("\n", 0, declaration.span.start) + 1
                span = declaration.specifier_span
                written = span.of(text) if span else str(declaration.requirement.specifier)
                ask = Ask(declaration.requirement, at=Place(shown(path), line), written=written)
                found[ask] = Spot(path, manifest, declaration)
    return found


def _files(project: Project) -> Iterator[Path]:
    """The files that declare, and the constraints that they name."""
    seen: set[Path] = set()
    for declared in project.declared:
        path = Path(declared.filename)
        included = [
            path.parent / i.path for i in declared.includes if i.is_constraint and "://" not in i.path
        ]
        for each in (path, *included):
            if each.is_file() and each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def _counting(manifest: Manifest, project: Project) -> Iterator[Declaration]:
    """The declarations of a file that are locked, or bound what is."""
    for declaration in manifest.declarations:
        where, part = declaration.where, declaration.part
        if declaration.requirement is None or declaration.requirement.url or where is Where.BUILD:
            continue
        if where is Where.EXTRA and part not in project.extras:
            continue
        if where is Where.GROUP and part not in project.groups:
            continue
        yield declaration


def all_asks(installed: Sequence[Installed], declared: Iterable[Ask], target: Target) -> tuple[Ask, ...]:
    """Everything that is asked for in a set: by the declaration, and by each release with the extras that count."""
    lines = tuple(declared)
    extras: dict[NormalizedName, frozenset[str]] = {}
    for line in lines:
        name = canonicalize_name(line.requirement.name)
        extras[name] = extras.get(name, frozenset()) | frozenset(
            map(canonicalize_name, line.requirement.extras)
        )
    combining = Combining([one.name for one in installed], extras, marker_environment(target))
    asked = combining.asked(installed)
    return (*lines, *(Ask(r, d.name, d.version, written=str(r.specifier)) for d, r in asked))


def edited(rewrites: Iterable[Rewrite], spots: Mapping[Ask, Spot]) -> dict[Path, bytes]:
    """The files with these lines as they are to be; nothing else of them changes.

    InputError, with file and line, for a line that is written in a way that it cannot be spliced into.
    """
    edits: dict[Path, list[tuple[Edit, Spot]]] = {}
    for rewrite in rewrites:
        spot = spots[rewrite.line]
        if spot.declaration.specifier_span is None or spot.declaration.hashed:
            raise _not_editable(rewrite)
        edit = Edit(spot.manifest.path, spot.declaration.specifier_span, rewrite.specifier)
        edits.setdefault(spot.path, []).append((edit, spot))
    return {path: _spliced(path, found) for path, found in edits.items()}


def _spliced(path: Path, found: Sequence[tuple[Edit, Spot]]) -> bytes:
    manifest = found[0][1].manifest
    edits = [edit for edit, _ in found]
    text = spliced(manifest.text, edits)
    reader = reader_of(manifest.path)
    assert reader is not None
    if reason := harm(manifest, reader(text, manifest.path), edits):
        raise InputError(f"{path}: it cannot be edited: {reason}")
    before = content(path)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode()


def _not_editable(rewrite: Rewrite) -> InputError:
    at = rewrite.line.at
    where = place(at.filename, at.line) if at is not None else "the declaration"
    return InputError(
        f"{where}: {rewrite.line.requirement} cannot be edited as it is written",
        hint=f"Make it {rewrite.line.requirement.name}{rewrite.specifier} yourself.",
    )
