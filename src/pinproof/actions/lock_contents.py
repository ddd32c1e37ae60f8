"""The lock files of a project, as rules look at them: what they pin, and what they were made from."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content
from pinproof.errors import InputError
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.by_tool import asked_by, made_by_tool, name_of
from pinproof.facts.locks.fingerprints import fingerprints
from pinproof.judgement.rules.specifiers import is_exact, specifiers, version_of
from pinproof.model.declaration import FilePath, Kind, Span, beside
from pinproof.model.lines import Lines
from pinproof.model.lock_content import LockContent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.facts.locks import PinnedFile
    from pinproof.facts.locks.by_tool import Made
    from pinproof.model.declaration import Declaration, Manifest

_NAMES = re.compile(r"pylock(?:\.[^.]+)?\.toml|uv\.lock|poetry\.lock|pdm(?:\..+)?\.lock|Pipfile\.lock")
_ALWAYS = frozenset({""})


def is_lock(path: str) -> bool:
    """Whether the name of a file is that of a lock."""
    return _NAMES.fullmatch(PurePosixPath(path).name) is not None


def lock_content(root: Path, path: FilePath, texts: Mapping[FilePath, str]) -> LockContent:
    """Read one; what cannot be read is its problem. `texts` are those of the manifests that were read."""
    declaration = beside(path, _declaration(path))
    try:
        raw = content(root / path)
        project = texts.get(declaration) or _on_disk(root / declaration)
        found = read_lock(raw, path, project if declaration.endswith(".toml") else None)
    except InputError as error:
        return LockContent(path, problem=error.message.removeprefix(f"{path}: "))
    return _of(found, path, raw.decode("utf-8", "replace"), project)


def _on_disk(path: Path) -> str | None:
    return content(path).decode("utf-8", "replace").removeprefix("\ufeff") if path.is_file() else None


def _declaration(path: str) -> str:
    return "Pipfile" if path.endswith("Pipfile.lock") else "pyproject.toml"


def _of(found: PinnedFile, path: FilePath, text: str, project: str | None) -> LockContent:
    versions: dict[NormalizedName, set[Version]] = defaultdict(set)
    lines: dict[NormalizedName, int] = {}
    for entry in found.locked:
        versions[entry.pin.name].add(entry.pin.version)
        if entry.pin.line is not None:
            lines.setdefault(entry.pin.name, entry.pin.line)
    hashed = {e.pin.name for e in found.locked if e.hashes or any(f.sha256 for f in e.pin.files)}
    # A lock that lists files, and none of the web for a name, took it from a folder.
    local = {e.pin.name for e in found.locked if not e.pin.files and path.endswith(("uv.lock", ".toml"))}
    requires: dict[NormalizedName, frozenset[NormalizedName]] = defaultdict(frozenset)
    for node in found.nodes:
        requires[node.name] |= {need.name for need in node.needs}
    recorded = {beside(path, f"{folder}/pyproject.toml"): said for folder, said in found.recorded.items()}
    sources = (
        (beside(path, _declaration(path)),) if project is not None and _is_of_project(path, text) else ()
    )
    return LockContent(
        path,
        text,
        {name: tuple(sorted(of)) for name, of in versions.items()},
        lines,
        frozenset(versions.keys() - hashed - local),
        frozenset(
            {
                *(canonicalize_name(entry.name) for entry in found.not_checked),
                *requires.keys() - versions.keys(),
            }
        ),
        dict(requires),
        direct=frozenset(need.name for need in found.graph.roots) if found.graph else frozenset(),
        made_from=tuple(dict.fromkeys((*sources, *recorded))),
        parts=_ALWAYS if path.endswith(".toml") else found.parts,
        recorded=recorded,
        outdated=_outdated(found.fingerprint, path, text, project),
    )


def _is_of_project(path: FilePath, text: str) -> bool:
    """Whether it locks what the project beside it always needs; a `pylock.toml` may be of something else."""
    if not path.endswith(".toml"):
        return True
    made = made_by_tool(text)
    told = made.sources if made is not None else ()
    return PurePosixPath(path).name == "pylock.toml" and (not told or "pyproject.toml" in told)


def _outdated(fingerprint: str, path: FilePath, text: str, project: str | None) -> Span | None:
    """Where a lock has another fingerprint of its declaration than it has now; None also where that is not known."""
    if not fingerprint or project is None:
        return None
    now = fingerprints(PurePosixPath(path).name, project)
    at = text.find(fingerprint)
    return None if not now or fingerprint in now or at < 0 else Span(at, at + len(fingerprint))


# --- requirements files --------------------------------------------------------------------------------------


def requirements_locks(manifests: Collection[Manifest]) -> Iterator[LockContent]:
    """Those of requirements files that a tool wrote, in which everything is pinned."""
    by_path = {manifest.path: manifest for manifest in manifests}
    for manifest in manifests:
        if manifest.kind in (Kind.REQUIREMENTS, Kind.CONSTRAINTS) and manifest.declarations:
            made = made_by_tool(manifest.text)
            source = _input_beside(manifest.path, by_path)
            if (made or source) and (pins := _pins(manifest)) is not None:
                yield _requirements(manifest, pins, made, source, by_path)


def _pins(manifest: Manifest) -> dict[NormalizedName, set[Version]] | None:
    """What each name is pinned to; None where something is not, so that the file is no lock."""
    pins: dict[NormalizedName, set[Version]] = defaultdict(set)
    for declaration in manifest.declarations:
        if declaration.requirement is None or declaration.name is None:
            return None
        if declaration.requirement.url is not None:
            continue
        exact = next((version_of(one) for one in specifiers(declaration) if is_exact(one)), None)
        if exact is None:
            return None
        pins[declaration.name].add(exact)
    return pins


def _input_beside(path: FilePath, known: Mapping[FilePath, Manifest]) -> FilePath | None:
    source = FilePath(path.removesuffix(".txt") + ".in")
    return source if path.endswith(".txt") and source in known else None


def _requirements(
    manifest: Manifest,
    pins: Mapping[NormalizedName, set[Version]],
    made: Made | None,
    source: FilePath | None,
    known: Mapping[FilePath, Manifest],
) -> LockContent:
    lines = Lines(manifest.text)
    requires: dict[NormalizedName, set[NormalizedName]] = defaultdict(set)
    direct = set()
    for name, asking in asked_by(manifest.text).items():
        askers = [name_of(who) for who in asking if not who.startswith("-c ")]
        direct |= {name} if any(who is None or who not in pins for who in askers) else set()
        for who in askers:
            if who is not None:
                requires[who].add(name)
    sources = _sources(manifest.path, made.sources if made else (), known)

    def named(counts: Callable[[Declaration], bool]) -> frozenset[NormalizedName]:
        return frozenset(d.name for d in manifest.declarations if d.name is not None and counts(d))

    return LockContent(
        manifest.path,
        manifest.text,
        {name: tuple(sorted(of)) for name, of in pins.items()},
        {d.name: lines.at(d.span.start)[0] for d in manifest.declarations if d.name is not None},
        frozenset()
        if manifest.kind is Kind.CONSTRAINTS
        else named(lambda d: d.name in pins and not d.hashed),
        named(lambda d: d.name not in pins),
        {name: frozenset(needed) for name, needed in requires.items()},
        direct=frozenset(direct),
        is_requirements=True,
        command=made.command if made else "",
        made_from=sources or tuple(_with_includes([source] if source else [], known)),
        parts=_ALWAYS,
    )


def _sources(
    path: FilePath, written: Iterable[str], known: Mapping[FilePath, Manifest]
) -> tuple[FilePath, ...]:
    """The manifests that were named, seen from the folder of the lock or one above it, where the command was run."""
    found = []
    for name in written:
        folders = [str(parent) for parent in PurePosixPath(path).parents]
        seen = (beside(FilePath(f"{folder}/x"), name) for folder in folders)
        found += [one for one in seen if one in known and one != path][:1]
    return tuple(_with_includes(found, known))


def _with_includes(paths: Iterable[FilePath], known: Mapping[FilePath, Manifest]) -> dict[FilePath, None]:
    """These manifests and those that they include, whose requirements are theirs."""
    seen: dict[FilePath, None] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop(0)
        if path not in seen:
            seen[path] = None
            named = (
                beside(path, i.path)
                for i in known[path].includes
                if not i.is_constraint and not i.is_editable
            )
            waiting += [one for one in named if one in known]
    return seen
