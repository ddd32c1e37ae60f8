"""`pdm.lock` files of the formats 4.x.

With the strategy `inherit_metadata`, the default since 4.4, each package has its groups and markers. Without it
the walk starts from what the pyproject.toml beside the lock asks for, else from what no other package of the lock
needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.facts.locks.graph import Graph, Need, Node, unrequired
from pinproof.facts.locks.pinned import Locked, PinnedFile, Unpinned, Whereabouts, commit_of, path_of
from pinproof.facts.locks.project import pdm_groups, pdm_requirements
from pinproof.facts.locks.requirements import need_of
from pinproof.facts.locks.toml import Document, specifier
from pinproof.model.release import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

    from pinproof.facts.locks.toml import Entry

_LOCK_AGAIN = "Write it again: `pdm lock`."
_KNOWN = re.compile(r"4(?:\.\d+)*")
_SOURCES = (
    ("git", "it comes from a git repository: {}"),
    ("hg", "it comes from a hg repository: {}"),
    ("svn", "it comes from a svn repository: {}"),
    ("bzr", "it comes from a bzr repository: {}"),
    ("url", "it comes from {}"),
    ("path", "it is {} on somebody's disk"),
)


def read_pdm_lock(
    content: str | bytes, filename: str = "pdm.lock", project: str | bytes | None = None
) -> PinnedFile:
    """Read a lock of pdm; `project` is the pyproject.toml beside it, which says which groups are defaults.

    What comes from a repository, a URL or a folder is not checked. InputError for what pdm would not write.
    """
    document = Document.read(content, filename, _LOCK_AGAIN)
    _check_version(document)
    entries = document.packages()
    metadata = document.table("metadata")
    nodes = tuple(Node(e.name, e.version, tuple(_needs(e))) for e in entries)
    strategy = metadata.get("strategy")
    says_groups = isinstance(strategy, list) and "inherit_metadata" in strategy
    return PinnedFile(
        filename,
        locked=tuple(_locked(entry, document, says_groups) for entry in entries if _reason(entry) is None),
        not_checked=tuple(
            Unpinned(
                entry.name,
                reason,
                entry.line,
                _circumstances(entry) if says_groups else None,
                _whereabouts(entry),
            )
            for entry in entries
            if (reason := _reason(entry)) is not None
        ),
        default_groups=pdm_groups(project),
        graph=None if says_groups else _graph(nodes, project),
        requires_python=_requires_python(document),
        nodes=nodes,
        fingerprint=str(metadata.get("content_hash", "")).removeprefix("sha256:"),
        parts=_parts(metadata.get("groups")),
    )


def _check_version(document: Document) -> None:
    metadata = document.table("metadata")
    if not metadata:
        raise document.wrong("not a lock file of pdm, or only a part of one: it has no [metadata]")
    version = str(metadata.get("lock_version"))
    if not _KNOWN.fullmatch(version):
        raise document.wrong(f"lock_version {version!r} of pdm.lock is not known; 4.x can be read")


def _requires_python(document: Document) -> SpecifierSet | None:
    """The Pythons of the targets; None where there is not exactly one."""
    targets = document.table("metadata").get("targets")
    said = (
        [t.get("requires_python") for t in targets if isinstance(t, dict)]
        if isinstance(targets, list)
        else []
    )
    return specifier(document, said[0]) if len(said) == 1 and said[0] else None


def _circumstances(entry: Entry) -> Marker | None:
    """The groups and the marker of a package as one marker."""
    groups = entry.get("groups", list, [])
    options = " or ".join(f"'{group}' in dependency_groups" for group in groups)
    parts = [f"({part})" for part in (options, entry.values.get("marker")) if part]
    return entry.marker(" and ".join(parts))


def _reason(entry: Entry) -> str | None:
    """Why a package stands for no release of an index, or None."""
    for key, told in _SOURCES:
        if key in entry.values:
            return told.format(re.sub(r"(?<=://)[^/@\s]+@", "", str(entry.values[key])))
    return None


def _whereabouts(entry: Entry) -> Whereabouts | None:
    """Where its source may lie on this machine."""
    below = entry.get("subdirectory", str, "")
    if "git" in entry.values:
        return Whereabouts(commit=commit_of(entry.values.get("revision")), below=below)
    path = entry.get("path", str, "") or path_of(entry.get("url", str, ""))
    return Whereabouts(path, below=below) if path else None


def _locked(entry: Entry, document: Document, says_groups: bool) -> Locked:
    key = f"{entry.values.get('name')} {entry.values.get('version')}"
    listed = entry.get("files", list, document.table("metadata", "files").get(key, []))
    return Locked(
        Pin(entry.name, entry.version, line=entry.line),
        _circumstances(entry) if says_groups else None,
        frozenset(map(str, entry.get("extras", list, []))),
        tuple(str(file["hash"]) for file in listed if isinstance(file, dict) and "hash" in file),
    )


def _parts(groups: object) -> frozenset[str] | None:
    """The groups and extras that are locked; the requirements of the project itself are a part without a name."""
    if not isinstance(groups, list):
        return None
    return frozenset("" if group == "default" else str(group) for group in groups)


def _graph(nodes: tuple[Node, ...], project: str | bytes | None) -> Graph:
    asked = (need_of(text) for text in pdm_requirements(project))
    return Graph(tuple(need for need in asked if need is not None) or unrequired(nodes), nodes)


def _needs(entry: Entry) -> Iterator[Need]:
    """What a package needs; a package with extras is a table of its own, which needs the plain one."""
    extras = entry.get("extras", list, [])
    for text in entry.get("dependencies", list, []):
        need = need_of(text)
        if need is None:
            raise entry.wrong(f"cannot read the dependency {text!r}")
        for under in map(str, extras) if extras else ("",):
            yield Need(need.name, need.marker, need.extras, under, allowed=need.allowed)
