"""`uv.lock` files, of version 1.

They hold the dependency graph of a project or workspace for every Python and platform it is meant for; what its
members need by default, and their default groups, is what `uv sync` installs.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.facts.locks.graph import Graph, Need, Node
from pinproof.facts.locks.pinned import Indexes, Locked, PinnedFile, Unpinned, Whereabouts, commit_of
from pinproof.facts.locks.project import uv_groups
from pinproof.facts.locks.toml import Document, Entry, specifier
from pinproof.model.release import File, Pin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.markers import Marker

_LOCK_AGAIN = "Write it again: `uv lock`."
_PYPI = "https://pypi.org/simple"
_MEMBER_SOURCES = ("editable", "virtual", "directory")


def read_uv_lock(
    content: str | bytes, filename: str = "uv.lock", project: str | bytes | None = None
) -> PinnedFile:
    """Read a lock of uv; `project` is the pyproject.toml beside it, which says which groups are defaults.

    What comes from a repository, a URL or a folder is not checked. InputError for what uv would not write.
    """
    document = Document.read(content, filename, _LOCK_AGAIN)
    _check_version(document)
    entries = document.packages()
    _check_whole(entries)
    members = _members(document, entries)
    others = [entry for entry in entries if entry not in members]
    nodes = tuple(Node(e.name, _version(e), tuple(_needs(e)), _fork(e)) for e in entries)
    requires = document.values.get("requires-python")
    return PinnedFile(
        filename,
        locked=tuple(_locked(entry) for entry in others if _reason(entry) is None),
        not_checked=tuple(
            Unpinned(entry.name, reason, entry.line, _fork(entry), _whereabouts(entry))
            for entry in others
            if (reason := _reason(entry)) is not None
        ),
        indexes=_indexes(others),
        graph=Graph(
            (*_roots(members, uv_groups(project)), *_manifest(document, uv_groups(project))),
            nodes,
        ),
        requires_python=specifier(document, requires) if requires else None,
        projects=tuple(folder for member in members if (folder := _folder(member)) is not None),
        nodes=nodes,
        recorded={
            f: tuple(_recorded(m))
            for m in members
            if (f := _folder(m)) is not None and "metadata" in m.values
        },
    )


def _check_version(document: Document) -> None:
    version = document.values.get("version")
    if version is None:
        raise document.wrong("not a lock file of uv: it has no version")
    if version != 1:
        raise document.wrong(f"version {version!r} of uv.lock is not known; 1 can be read")


def _check_whole(entries: Sequence[Entry]) -> None:
    """A file that ends between two packages is valid TOML; what is missing tells."""
    known = {entry.name for entry in entries}
    for entry in entries:
        for need in _needs(entry):
            if need.name not in known:
                raise entry.wrong(f"{entry.name} needs {need.name}, which is not in the file")


def _source(entry: Entry) -> dict[str, Any]:
    source: dict[str, Any] = entry.get("source", dict, {})
    return source


def _members(document: Document, entries: Iterable[Entry]) -> list[Entry]:
    """The packages that are the project itself: of a workspace all its members, else the one in this folder."""
    names = document.table("manifest").get("members")
    if isinstance(names, list):
        wanted = {canonicalize_name(str(name)) for name in names}
        return [e for e in entries if e.name in wanted and any(k in _source(e) for k in _MEMBER_SOURCES)]
    return [e for e in entries if any(_source(e).get(key) == "." for key in _MEMBER_SOURCES)]


def _folder(member: Entry) -> str | None:
    """Where the source of a member lies. One that is never installed (`virtual`) may have source all the same."""
    source = _source(member)
    return next((str(source[key]) for key in _MEMBER_SOURCES if key in source), None)


def _roots(members: Iterable[Entry], groups: frozenset[str] | None) -> Iterator[Need]:
    """The members, and what their default groups need."""
    for member in members:
        yield Need(member.name)
        for group, listed in member.get("dev-dependencies", dict, {}).items():
            if groups is None or group in groups:
                yield from _listed(member, listed)


def _manifest(document: Document, groups: frozenset[str] | None) -> Iterator[Need]:
    """What a script, or a workspace without a project of its own, needs."""
    manifest = document.table("manifest")
    asking = Entry(document, {"name": "the manifest"}, None)
    yield from _listed(asking, manifest.get("requirements", []))
    for group, wanted in document.table("manifest", "dependency-groups").items():
        if groups is None or group in groups:
            yield from _listed(asking, wanted)


def _needs(entry: Entry) -> Iterator[Need]:
    yield from _listed(entry, entry.values.get("dependencies", []))
    for extra, listed in entry.get("optional-dependencies", dict, {}).items():
        yield from _listed(entry, listed, extra)


def _listed(entry: Entry, listed: Any, under: str = "") -> Iterator[Need]:
    if not isinstance(listed, list):
        raise entry.wrong(f"{entry.name}: cannot read the dependencies {listed!r}")
    return (_need(entry, one, under) for one in listed)


def _need(entry: Entry, listed: Any, under: str = "") -> Need:
    if not isinstance(listed, dict) or not isinstance(listed.get("name"), str):
        raise entry.wrong(f"cannot read the dependency {listed!r}")
    extras = listed.get("extra", listed.get("extras", []))
    return Need(
        canonicalize_name(listed["name"]),
        entry.marker(listed.get("marker")),
        frozenset(str(extra) for extra in (extras if isinstance(extras, list) else [extras])),
        under,
        _as_version(entry, listed.get("version")),
    )


def _recorded(member: Entry) -> Iterator[Requirement]:
    """What a member declared when the lock was made, extras and groups included."""
    metadata = member.get("metadata", dict, {})
    groups = metadata.get("requires-dev")
    listed = [metadata.get("requires-dist"), *(groups.values() if isinstance(groups, dict) else ())]
    for one in (one for part in listed if isinstance(part, list) for one in part if isinstance(one, dict)):
        elsewhere = any(key in one for key in ("git", "url", "path", *_MEMBER_SOURCES))
        behind = " @ https://elsewhere.invalid/" if elsewhere else str(one.get("specifier", ""))
        extras = one.get("extras")
        asked = f"[{','.join(map(str, extras))}]" if isinstance(extras, list) else ""
        try:
            yield Requirement(f"{one.get('name')}{asked}{behind}")
        except InvalidRequirement as error:
            raise member.wrong(f"cannot read the requirement {one!r}") from error


def _version(entry: Entry) -> Version | None:
    return _as_version(entry, entry.values.get("version"))


def _as_version(entry: Entry, text: Any) -> Version | None:
    if text is None:
        return None
    try:
        return Version(text)
    except (InvalidVersion, TypeError) as error:
        raise entry.wrong(f"{text!r} is not a version") from error


def _fork(entry: Entry) -> Marker | None:
    """Where the lock has several versions of a package: the environments that this one is for."""
    markers = entry.get("resolution-markers", list, [])
    return entry.marker(" or ".join(f"({text})" for text in markers))


def _reason(entry: Entry) -> str | None:
    """Why a package stands for no release of an index, or None."""
    source = _source(entry)
    if "registry" in source:
        return None if "version" in entry.values else "the lock file gives no version"
    if "git" in source:
        return f"it comes from a git repository: {_public(source['git'])}"
    if "url" in source:
        return f"it comes from {_public(source['url'])}"
    if "path" in source:
        return f"it is the file {source['path']}"
    folder = next((source[key] for key in _MEMBER_SOURCES if key in source), None)
    return (
        "the lock file does not say where it comes from" if folder is None else f"it is the folder {folder}"
    )


def _whereabouts(entry: Entry) -> Whereabouts | None:
    """Where its source may lie on this machine; a folder in a repository stands in the URL of uv."""
    source = _source(entry)
    if "git" in source:
        url, _, commit = str(source["git"]).partition("#")
        below = re.search(r"[?&]subdirectory=([^&#]+)", url)
        return Whereabouts(commit=commit_of(commit), below=below[1] if below else "")
    path = next((source[key] for key in ("path", *_MEMBER_SOURCES) if key in source), None)
    return None if path is None else Whereabouts(str(path))


def _public(url: Any) -> str:
    """The URL without user name, password or token."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", str(url))


def _locked(entry: Entry) -> Locked:
    return Locked(Pin(entry.name, entry.version, tuple(_files(entry)), entry.line), _fork(entry))


def _files(entry: Entry) -> Iterator[File]:
    sdist = entry.get("sdist", dict, {})
    for listed in (*entry.get("wheels", list, []), *([sdist] if sdist else [])):
        url = listed.get("url") if isinstance(listed, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            yield _file(url, listed)


def _file(url: str, listed: dict[str, Any]) -> File:
    kind, _, digest = str(listed.get("hash", "")).partition(":")
    size = listed.get("size")
    return File(
        filename=re.split(r"[#?]", url)[0].rpartition("/")[2],
        url=url,
        sha256=digest.lower() if kind == "sha256" else None,
        size=size if isinstance(size, int) else None,
        upload_time=_moment(listed.get("upload-time")),
    )


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _indexes(entries: Iterable[Entry]) -> Indexes:
    """The registries, PyPI last; those that are folders of this machine are left out."""
    urls = dict.fromkeys(str(_source(entry).get("registry", "")) for entry in entries)
    webbed = [url for url in urls if url.startswith(("https://", "http://"))]
    others = [url for url in webbed if url.rstrip("/") != _PYPI]
    if not others:
        return Indexes()
    if len(others) < len(webbed):
        return Indexes(_PYPI, tuple(others))
    return Indexes(others[0], tuple(others[1:]))
