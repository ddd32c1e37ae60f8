"""An export of OSV on this machine: a zip file or a folder of records, one in each `*.json`.

Source: https://google.github.io/osv.dev/data/#data-dumps

What each record is about is remembered for as long as the export stays as it is, so that afterwards only those that
matter are read. An export is as hostile as any archive: see `sources.archive`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from packaging.utils import NormalizedName, canonicalize_name

from pinproof.errors import ArchiveError, InputError
from pinproof.model.advisory import Collected, Consulted, RecordText
from pinproof.model.verdict import NotChecked
from pinproof.sources.archive import MAX_TOTAL, open_on_disk
from pinproof.sources.limits import MAX_ENTRIES, MAX_MEMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pinproof.sources.fetch import Fetcher

_ECOSYSTEM = "PyPI"
_HINT = (
    "An export of OSV is a zip file, or a folder, of records (*.json): see docs/cli.md for where to get it."
)


_NO_RECORD = (UnicodeDecodeError, RecursionError, OverflowError)


class _Package(msgspec.Struct, frozen=True, gc=False):
    ecosystem: str
    name: str


class _Affected(msgspec.Struct, frozen=True, gc=False):
    package: _Package | None = None


class _Head(msgspec.Struct, frozen=True, gc=False):
    """What a record is about."""

    id: str
    modified: Annotated[datetime, msgspec.Meta(tz=True)]
    affected: tuple[_Affected, ...] | None = ()


class _Contents(msgspec.Struct, frozen=True):
    """What is remembered of an export: the members on each project, how many are records, and which cannot be read."""

    members: dict[str, list[str]]
    records: int
    newest: datetime | None
    unreadable: list[tuple[str, str]]


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_contents = msgspec.msgpack.Decoder(_Contents).decode


@dataclass(frozen=True, slots=True)
class _Files:
    """The members of an export that should be records; `key` changes with what is in them."""

    key: str
    names: Sequence[str]
    read: Callable[[str], bytes]


class AdvisoryExport:
    """Reads the records on projects. InputError for what is no export, or is more than anybody should read."""

    def __init__(self, path: Path, fetcher: Fetcher) -> None:
        self._path = path
        self._fetcher = fetcher
        self._files = _folder(path) if path.is_dir() else _zip(path)
        self._contents = self._known() or self._looked_into()

    def records(self, names: Iterable[NormalizedName]) -> Collected:
        """The records on these projects."""
        about: dict[str, list[NormalizedName]] = {}
        for name in dict.fromkeys(names):
            for member in self._contents.members.get(name, ()):
                about.setdefault(member, []).append(name)
        texts, unclear = [], []
        for member, concerned in about.items():
            origin = f"{self._path}: {member}"
            try:
                texts.append(RecordText(origin, self._files.read(member), tuple(concerned)))
            except (ArchiveError, OSError) as error:
                unclear += [NotChecked(name, f"{origin}: {_reason(error)}") for name in concerned]
        found = self._contents
        unreadable = tuple(NotChecked(member, reason) for member, reason in found.unreadable)
        consulted = Consulted(str(self._path), found.records, found.newest, None, unreadable)
        return Collected(tuple(texts), consulted, tuple(unclear))

    def _known(self) -> _Contents | None:
        kept = self._fetcher.kept(self._called())
        try:
            return None if kept is None else _decode_contents(kept.body)
        except msgspec.MsgspecError:
            return None

    def _called(self) -> str:
        return f"contents of the advisories {self._files.key}"

    def _looked_into(self) -> _Contents:
        members: dict[str, list[str]] = {}
        unreadable: list[tuple[str, str]] = []
        newest: datetime | None = None
        size = 0
        for member in self._files.names:
            try:
                text = self._files.read(member)
                head = _decode_head(text)
                modified = head.modified.astimezone(UTC)
            except (ArchiveError, OSError, msgspec.MsgspecError, *_NO_RECORD) as error:
                unreadable.append((member, _reason(error)))
                continue
            size += len(text)
            if size > MAX_TOTAL:
                raise InputError(f"{self._path}: its records have more than {MAX_TOTAL} bytes", _HINT)
            newest = modified if newest is None else max(newest, modified)
            for name in _projects(head):
                members.setdefault(name, []).append(member)
        records = len(self._files.names) - len(unreadable)
        if not records:
            told = f"none of its {len(unreadable)} files is a record" if unreadable else "it has no records"
            raise InputError(f"{self._path}: not an export of OSV: {told}", _HINT)
        contents = _Contents(members, records, newest, unreadable)
        self._fetcher.keep(self._called(), msgspec.msgpack.encode(contents))
        return contents


def _projects(head: _Head) -> Iterable[NormalizedName]:
    packages = (affected.package for affected in head.affected or ())
    return {
        canonicalize_name(package.name)
        for package in packages
        if package is not None and package.ecosystem.partition(":")[0] == _ECOSYSTEM
    }


def _reason(error: Exception) -> str:
    if isinstance(error, (msgspec.MsgspecError, *_NO_RECORD)):
        return f"not a record of OSV: {error}"
    return str(getattr(error, "strerror", None) or error)


# --- where the records lie -------------------------------------------------------------------------------


def _zip(path: Path) -> _Files:
    if not path.exists():
        raise InputError(f"{path}: there is no such file", _HINT)
    try:
        archive = open_on_disk(path.absolute())
        names = [name for name in archive.names if name.endswith(".json")]
        archive.check(names)
    except ArchiveError as error:
        raise InputError(
            f"{path}: cannot be read as a zip file of advisories: {error.message}", _HINT
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    return _Files(archive.key, names, lambda name: next(archive.read([name]))[1])


def _folder(path: Path) -> _Files:
    """The files of a folder and of those below it; links to folders are not followed."""
    names: list[str] = []
    digest = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogatepass"))
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            if not name.endswith(".json"):
                continue
            file = Path(folder, name)
            names.append(file.relative_to(path).as_posix())
            digest.update(f"\0{names[-1]}\0{_stamp(file)}".encode("utf-8", "surrogatepass"))
        if len(names) > MAX_ENTRIES:
            raise InputError(f"{path}: has more than {MAX_ENTRIES} files", _HINT)
    return _Files(f"folder {digest.hexdigest()}", names, lambda name: _read(path / name))


def _stamp(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return "gone"
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise OSError("it is no regular file")
    if file.stat().st_size > MAX_MEMBER:
        raise OSError(f"it has more than {MAX_MEMBER} bytes")
    return file.read_bytes()
