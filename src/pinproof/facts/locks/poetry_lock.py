"""`poetry.lock` files of the formats 1.x and 2.x.

Format 2.1 says of each package in which groups and under which markers it is installed. Older ones hold the graph
only: there the walk starts from what the pyproject.toml beside the lock asks for, else from what no other
package of the lock needs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from pinproof.facts.locks.graph import Graph, Need, Node, unrequired
from pinproof.facts.locks.pinned import Indexes, Locked, PinnedFile, Unpinned, Whereabouts, commit_of
from pinproof.facts.locks.poetry_versions import alternatives, python_marker
from pinproof.facts.locks.project import poetry_optional_groups, table, tables
from pinproof.facts.locks.requirements import need_of
from pinproof.facts.locks.toml import Document, Entry
from pinproof.model.release import Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.markers import Marker

_LOCK_AGAIN = "Write it again: `poetry lock`."
_KNOWN = re.compile(r"[12]\.\d+")
_SOURCES = {
    "git": "it comes from a git repository: {}",
    "url": "it comes from {}",
    "file": "it is the file {}",
    "directory": "it is the folder {}",
}


def read_poetry_lock(
    content: str | bytes, filename: str = "poetry.lock", project: str | bytes | None = None
) -> PinnedFile:
    """Read a lock of poetry; `project` is the pyproject.toml beside it.

    What comes from a repository, a URL or a folder is not checked. InputError for what poetry would not write.
    """
    document = Document.read(content, filename, _LOCK_AGAIN)
    _check_version(document)
    entries = document.packages()
    says_groups = any("groups" in entry.values for entry in entries)
    nodes = tuple(
        Node(e.name, e.version, tuple(_needs(e)), e.marker(e.values.get("marker"))) for e in entries
    )
    pythons = alternatives(str(document.table("metadata").get("python-versions", "*")))
    return PinnedFile(
        filename,
        locked=tuple(_locked(entry, document) for entry in entries if _reason(entry) is None),
        not_checked=tuple(
            Unpinned(entry.name, reason, entry.line, _circumstances(entry), _whereabouts(entry))
            for entry in entries
            if (reason := _reason(entry)) is not None
        ),
        indexes=_indexes(entries),
        default_groups=_groups(entries) - poetry_optional_groups(project),
        graph=None if says_groups else _graph(entries, nodes, project),
        requires_python=pythons[0] if len(pythons) == 1 else None,
        nodes=nodes,
        fingerprint=str(document.table("metadata").get("content-hash", "")),
    )


def _check_version(document: Document) -> None:
    metadata = document.table("metadata")
    if not metadata:
        raise document.wrong("not a lock file of poetry, or only the first part of one: it has no [metadata]")
    version = str(metadata.get("lock-version", "1.0"))
    if not _KNOWN.fullmatch(version):
        raise document.wrong(f"lock-version {version!r} of poetry.lock is not known; 1.x and 2.x can be read")


def _groups(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(str(group) for entry in entries for group in entry.get("groups", list, []))


def _circumstances(entry: Entry) -> Marker | None:
    """The groups and markers of a package as one marker; None where the format has neither."""
    if "groups" not in entry.values:
        return entry.marker(entry.values.get("marker"))
    options = []
    for group in entry.get("groups", list, []):
        marker = entry.values.get("markers")
        marker = marker.get(group) if isinstance(marker, dict) else marker
        options.append(f"'{group}' in dependency_groups" + (f" and ({marker})" if marker else ""))
    return entry.marker(" or ".join(options))


def _reason(entry: Entry) -> str | None:
    """Why a package stands for no release of an index, or None."""
    source = entry.get("source", dict, {})
    told = _SOURCES.get(str(source.get("type", "")))
    url = re.sub(r"(?<=://)[^/@\s]+@", "", str(source.get("url", "")))
    return None if told is None else told.format(url)


def _whereabouts(entry: Entry) -> Whereabouts | None:
    """Where its source may lie on this machine."""
    source = entry.get("source", dict, {})
    below = str(source.get("subdirectory", ""))
    if source.get("type") == "git":
        return Whereabouts(commit=commit_of(source.get("resolved_reference")), below=below)
    return Whereabouts(str(source.get("url", "")), below=below) if source.get("type") != "url" else None


def _locked(entry: Entry, document: Document) -> Locked:
    pin = Pin(entry.name, entry.version, line=entry.line)
    elsewhere = document.table("metadata", "files").get(entry.values["name"], [])
    listed = entry.get("files", list, elsewhere)
    hashes = tuple(str(file["hash"]) for file in listed if isinstance(file, dict) and "hash" in file)
    return Locked(pin, _circumstances(entry), hashes=hashes)


def _indexes(entries: Iterable[Entry]) -> Indexes:
    """The indexes beside PyPI, which poetry does not name."""
    sources = [entry.get("source", dict, {}) for entry in entries]
    urls = dict.fromkeys(
        _simple(str(s.get("url"))) for s in sources if s.get("type") == "legacy" and s.get("url")
    )
    if urls and all(s.get("type") == "legacy" for s in sources):
        return Indexes(next(iter(urls)), tuple(urls)[1:])
    return Indexes(None, tuple(urls))


def _simple(url: str) -> str:
    return url.rstrip("/") + "/"


def _graph(entries: Iterable[Entry], nodes: tuple[Node, ...], project: str | bytes | None) -> Graph:
    """What needs what; packages that only extras bring are reached through them alone."""
    every = list(entries)
    roots = tuple(_direct(project, every[0])) if every else ()
    if not roots:
        optional = {entry.name for entry in every if entry.values.get("optional") is True}
        roots = tuple(need for need in unrequired(nodes) if need.name not in optional)
    return Graph(roots, nodes)


def _needs(entry: Entry) -> Iterator[Need]:
    for name, said in entry.get("dependencies", dict, {}).items():
        for one in said if isinstance(said, list) else [said]:
            if (need := _need(entry, name, one)) is not None:
                yield need


def _need(entry: Entry, name: str, said: Any) -> Need | None:
    """One dependency as poetry writes it: versions alone, or a table. None for an optional one without a marker."""
    values = said if isinstance(said, dict) else {"version": said}
    marker = entry.marker(values.get("markers")) or python_marker(str(values.get("python", "*")))
    if values.get("optional") is True and marker is None:
        return None
    extras = values.get("extras", [])
    return Need(
        canonicalize_name(name),
        marker,
        frozenset(map(str, extras)) if isinstance(extras, list) else frozenset(),
        allowed=alternatives(str(values.get("version", "*"))),
    )


def _direct(project: str | bytes | None, entry: Entry) -> Iterator[Need]:
    """What the project asks for: its requirements and those of its groups that are not optional."""
    asking = Entry(entry.document, {"name": "the project"}, None)
    document = tables(project)
    poetry = table(document, "tool", "poetry")
    groups = [
        poetry.get("dependencies"),
        poetry.get("dev-dependencies"),
        *(
            said.get("dependencies")
            for said in table(poetry, "group").values()
            if isinstance(said, dict) and said.get("optional") is not True
        ),
    ]
    for group in groups:
        for name, said in group.items() if isinstance(group, dict) else ():
            for one in said if isinstance(said, list) else [said]:
                if name.lower() != "python" and (need := _need(asking, name, one)) is not None:
                    yield need
    listed = table(document, "project").get("dependencies")
    for text in listed if isinstance(listed, list) else ():
        if (need := need_of(text)) is not None:
            yield need
