"""`Pipfile.lock` files of pipenv, of pipfile specification 6."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import (
    Indexes,
    Locked,
    PinnedFile,
    Unpinned,
    Whereabouts,
    commit_of,
    path_of,
    place,
)
from pinproof.facts.locks.text import readable
from pinproof.model.release import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK_AGAIN = "Write it again: `pipenv lock`."
_SPECIFICATION = 6
_SOURCES = (
    *((kind, f"it comes from a {kind} repository: {{}}") for kind in ("git", "hg", "svn", "bzr")),
    ("path", "it is {} on somebody's disk"),
    ("file", "it comes from {}"),
    ("uri", "it comes from {}"),
)
_VARIABLES = ("os_name", "sys_platform", "platform_machine", "platform_system", "python_version")
"""Markers that a Pipfile may give as keys of their own."""


def read_pipfile_lock(content: str | bytes, filename: str = "Pipfile.lock") -> PinnedFile:
    """Read a lock of pipenv; of its categories `default` is installed unless others are asked for.

    What comes from a repository, a URL or a folder is not checked. InputError for what pipenv would not write.
    """
    reading = _Reading(filename, readable(content, filename))
    values = reading.parsed()
    found = list(reading.entries(values))
    return PinnedFile(
        filename,
        locked=tuple(entry for entry in found if isinstance(entry, Locked)),
        not_checked=tuple(entry for entry in found if isinstance(entry, Unpinned)),
        indexes=_indexes(values["_meta"]),
        default_groups=frozenset({"default"}),
        requires_python=reading.python(values["_meta"]),
        fingerprint=_fingerprint(values["_meta"]),
    )


class _Reading:
    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.text = text

    def wrong(self, message: str, line: int | None = None) -> InputError:
        return InputError(f"{place(self.filename, line)}: {message}", _LOCK_AGAIN)

    def parsed(self) -> dict[str, Any]:
        try:
            values = json.loads(self.text)
        except json.JSONDecodeError as error:
            raise self.wrong(f"not valid JSON: {error.msg}", error.lineno) from error
        except (RecursionError, ValueError) as error:
            raise self.wrong(f"not valid JSON: {error}") from error
        meta = values.get("_meta") if isinstance(values, dict) else None
        if not isinstance(meta, dict):
            raise self.wrong("not a lock file of pipenv: it has no _meta")
        if meta.get("pipfile-spec") != _SPECIFICATION:
            known = f"{_SPECIFICATION} can be read"
            raise self.wrong(f"pipfile-spec {meta.get('pipfile-spec')!r} is not known; {known}")
        return {**values, "_meta": meta}

    def python(self, meta: dict[str, Any]) -> SpecifierSet | None:
        """The Python that the Pipfile requires."""
        requires = meta.get("requires")
        wanted = requires.get("python_version") if isinstance(requires, dict) else None
        try:
            return SpecifierSet(f"=={wanted}.*") if wanted else None
        except InvalidSpecifier as error:
            raise self.wrong(f"cannot read the python_version {wanted!r}") from error

    def entries(self, values: dict[str, Any]) -> Iterator[Locked | Unpinned]:
        for category, packages in values.items():
            if category == "_meta":
                continue
            if not isinstance(packages, dict):
                raise self.wrong(f"{category!r} is no table of packages")
            start = self._after(rf'"{re.escape(category)}"\s*:\s*\{{', 0)
            for name, said in packages.items():
                start = self._after(rf'"{re.escape(name)}"\s*:', start)
                line = self.text.count("\n", 0, start) + 1
                yield self._entry(category, name, said, line)

    def _after(self, pattern: str, start: int) -> int:
        found = re.compile(pattern).search(self.text, start)
        return found.end() if found else start

    def _entry(self, category: str, name: str, said: Any, line: int) -> Locked | Unpinned:
        if not isinstance(said, dict):
            raise self.wrong(f"{name}: cannot read {said!r}", line)
        marker = self._marker(category, name, said, line)
        for key, told in _SOURCES:
            if key in said:
                where = re.sub(r"(?<=://)[^/@\s]+@", "", str(said[key]))
                return Unpinned(name, told.format(where), line, marker, _whereabouts(said))
        if "version" not in said:
            return Unpinned(name, "the lock file gives no version", line, marker)
        pin = Pin(_name(name), self._version(name, said["version"], line), line=line)
        lists = {key: said.get(key) or [] for key in ("extras", "hashes")}
        for key, listed in lists.items():
            if not isinstance(listed, list):
                raise self.wrong(f"{name}: its {key} are {listed!r}", line)
        return Locked(pin, marker, frozenset(map(str, lists["extras"])), tuple(map(str, lists["hashes"])))

    def _version(self, name: str, text: Any, line: int) -> Version:
        found = re.fullmatch(r"\s*={2,3}\s*(\S+)\s*", text) if isinstance(text, str) else None
        if found is None:
            raise self.wrong(f"{name}: {text!r} is not pinned to one version", line)
        try:
            return Version(found[1])
        except InvalidVersion as error:
            raise self.wrong(f"{name}: {found[1]!r} is not a version", line) from error

    def _marker(self, category: str, name: str, said: dict[str, Any], line: int) -> Marker:
        parts = [f"'{category}' in dependency_groups"]
        parts += [f"({said['markers']})"] if said.get("markers") else []
        parts += [f"({variable} {said[variable]})" for variable in _VARIABLES if variable in said]
        try:
            return Marker(" and ".join(parts))
        except (InvalidMarker, RecursionError) as error:
            raise self.wrong(f"{name}: cannot read the marker {said.get('markers')!r}", line) from error


def _whereabouts(said: dict[str, Any]) -> Whereabouts | None:
    """Where the source of a package may lie on this machine."""
    below = str(said.get("subdirectory", ""))
    if "git" in said:
        return Whereabouts(commit=commit_of(said.get("ref")), below=below)
    path = str(said.get("path", "")) or path_of(str(said.get("file", "")))
    return Whereabouts(path, below=below) if path else None


def _fingerprint(meta: dict[str, Any]) -> str:
    found = meta.get("hash")
    return str(found.get("sha256", "")) if isinstance(found, dict) else ""


def _name(text: str) -> NormalizedName:
    return canonicalize_name(text)


def _indexes(meta: dict[str, Any]) -> Indexes:
    """The sources of the Pipfile: the first is asked for everything that names no other."""
    sources = meta.get("sources")
    listed = sources if isinstance(sources, list) else []
    urls = [str(s["url"]) for s in listed if isinstance(s, dict) and s.get("url")]
    return Indexes(urls[0], tuple(urls[1:])) if urls else Indexes()
