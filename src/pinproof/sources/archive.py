"""Wheels and sdists -> the text of their members; nothing is unpacked to files, nothing is executed.

A wheel is read in place: whole where it is small, by byte ranges where it is large and the server allows. An
sdist is repacked once into a local zip of the members that matter, so that after that everything is a zip.
Archives are hostile until read: every limit here is a named constant, and every failure an ArchiveError.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import re
import sys
import tarfile
import threading
import zipfile
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from pinproof.errors import ArchiveError, PinproofError
from pinproof.model.release import File
from pinproof.sources.cache_files import file_key, temporary
from pinproof.sources.fetch import RangesRefused
from pinproof.sources.limits import MAX_ENTRIES, MAX_MEMBER
from pinproof.sources.urls import public_url
from pinproof.sources.zip_members import Member, Source, content, reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from pinproof.sources.blocks import Blocks
    from pinproof.sources.fetch import Fetcher

SMALL = 2 * 1024 * 1024
"""Wheels up to this many bytes are downloaded whole."""

MAX_DIRECTORY = 64 * 1024 * 1024
MAX_TOTAL = 1024 * 1024 * 1024
MAX_RATIO = 200
RATIO_COUNTS_FROM = 1024 * 1024
MAX_TAR_HEADER = 1024 * 1024
MAX_VAIN_READS = 16

_REPACKED = "repacked-2"
_ENTRY_SIGNATURE = b"PK\x01\x02"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_TEXT_ENDINGS = (".py", ".pyi", ".pth")
_TEXT_NAMES = frozenset({"PKG-INFO", "METADATA", "setup.cfg", "pyproject.toml"})
_COMPILED_ENDINGS = (".so", ".pyd", ".pyx", ".c", ".cc", ".cpp", ".cxx")


_KEPT_OPEN = 48 if sys.platform == "darwin" else 256  # of the 256 or 1024 files that a process may have open
_open: OrderedDict[_Place, _Opened] = OrderedDict()
_opening = threading.Lock()


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened wheel or repacked sdist: a plain value, so that another process can read from it.

    `key` is the sha256 of the distribution file (`url-` and the hash of its URL where the index gives none).
    `names` are the members that are files, by their position in the archive; for an sdist without its
    `NAME-VERSION/` folder. Members are read from `whole` if that is on disk, else from `blocks`. `members`
    are those that can be read where it is but a part of an archive.
    """

    key: str
    filename: str
    names: tuple[str, ...]
    url: str
    sha256: str | None
    whole: Path
    blocks: Blocks | None = None
    members: tuple[Member, ...] | None = None

    def part(self, names: Iterable[str]) -> Archive:
        """What another process needs to read these members: it is spared the directory, which takes long to read.

        Raises ArchiveError where one is unknown.
        """
        with _explained(self.filename, self.url):
            members = tuple(_members(self._directory().members, names))
        return replace(self, names=tuple(member.name for member in members), members=members)

    def ensure(self, names: Iterable[str], fetcher: Fetcher) -> None:
        """Bring these members to the local disk: the ranges that hold them, or the whole file for many.

        Raises ArchiveError where a name is unknown or the file is not what the index promised, OfflineError,
        OutsideError.
        """
        if self.blocks is None or self.whole.exists():
            return
        with _explained(self.filename, self.url):
            spans = self._spans(names, self.blocks.size)
        if 2 * sum(stop - start for start, stop in spans) <= self.blocks.size:
            with contextlib.suppress(RangesRefused):
                fetcher.fill(self.url, self.blocks, spans)
                return
        fetcher.download(self.url, self.sha256)

    def check(self, names: Iterable[str]) -> None:
        """Raises ArchiveError where these members are more than anybody should read."""
        with _explained(self.filename, self.url):
            _check_members(_members(self._directory().members, names))

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of these members in the order of the archive, from the local disk only.

        Raises ArchiveError where one is unknown, was not brought here by `ensure`, or cannot be read.
        """
        with _explained(self.filename, self.url):
            opened = self._opened()
            if self.members is None:
                members = _members(opened.directory().members, names)
            else:
                members = _members({member.name: member for member in self.members}, names)
            _check_members(members)
            for member in members:
                yield member.name, content(opened.file, member)

    def _directory(self) -> _Directory:
        return self._opened().directory()

    def _opened(self) -> _Opened:
        """The archive opened for reading; the last ones stay open, for their directories take long to read."""
        place = self._place()
        with _opening:
            if place in _open:
                _open.move_to_end(place)
                return _open[place]
        return self.keep_open()

    def keep_open(self, directory: _Directory | None = None) -> _Opened:
        """Open it, with its directory where that was read already."""
        place = self._place()
        file = self.whole.open("rb") if self.blocks is None or place.is_whole else _BlockFile(self.blocks)
        opened = _Opened(file, directory)
        with _opening:
            _open[place] = opened
            _open.move_to_end(place)
            if len(_open) > _KEPT_OPEN:
                _open.popitem(last=False)
        return opened

    def _place(self) -> _Place:
        return _Place(self.whole, self.blocks is None or self.whole.exists())

    def _spans(self, names: Iterable[str], size: int) -> list[tuple[int, int]]:
        """Where in the file these members lie: from their header to the next one's, or as far as reading them goes."""
        directory = self._directory()
        starts = directory.starts
        return [
            (member.start, min(size, max(starts[bisect_right(starts, member.start)], reach(member))))
            for member in _members(directory.members, names)
        ]


class _Place(NamedTuple):
    """What an archive is read from: the whole file, or its blocks."""

    whole: Path
    is_whole: bool


class _Directory(NamedTuple):
    """Where the members lie: of those with one name the last one counts. `starts` are all beginnings, and the end."""

    members: dict[str, Member]
    starts: list[int]

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> _Directory:
        """The directory that `zipfile` has read."""
        entries = archive.infolist()
        starts = sorted({*(entry.header_offset for entry in entries), archive.start_dir})
        return cls({entry.filename: Member.of(entry) for entry in entries}, starts)


class _Opened:
    """A file that is open, with its directory if that was read."""

    def __init__(self, file: Source, directory: _Directory | None = None) -> None:
        self.file = file
        self._directory = directory

    def directory(self) -> _Directory:
        """Where its members lie."""
        if self._directory is None:
            with _opening, zipfile.ZipFile(self.file) as archive:
                self._directory = _Directory.of(archive)
        return self._directory

    def __del__(self) -> None:
        # Not where it is set aside: somebody may still be reading.
        self.file.close()


def open_archive(file: File, fetcher: Fetcher) -> Archive:
    """Open a distribution file: get what is needed to know its members, and check it.

    Raises ArchiveError where it is damaged, hostile or not what the index promised; else as `Fetcher`.
    """
    with _explained(file.filename, file.url):
        if not file.is_wheel:
            return _open_sdist(file, fetcher)
        blocks = None if _is_better_whole(file, fetcher) else _try_blocks(file, fetcher)
        if blocks is None:
            return _listed(file, fetcher.download(file.url, file.sha256))
        missing = partial(fetcher.fill, file.url, blocks)
        whole = fetcher.whole(file.url, file.sha256)
        try:
            return _listed(file, whole, blocks, _BlockFile(blocks, missing))
        except RangesRefused:
            return _listed(file, fetcher.download(file.url, file.sha256))


def open_on_disk(path: Path) -> Archive:
    """Open a wheel that lies on this machine. Raises ArchiveError where it cannot be read."""
    url = path.absolute().as_uri()
    with _explained(path.name, url):
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return _listed(File(path.name, url, sha256), path)


def _is_better_whole(file: File, fetcher: Fetcher) -> bool:
    small = file.size is not None and file.size <= SMALL
    return small or fetcher.has_whole(file.url, file.sha256)


def _try_blocks(file: File, fetcher: Fetcher) -> Blocks | None:
    """The blocks of a large file; None where it turns out to be small or the server has no ranges."""
    try:
        blocks = fetcher.blocks(file.url, file.sha256)
    except RangesRefused:
        return None
    return blocks if blocks.size > SMALL else None


def _listed(file: File, whole: Path, blocks: Blocks | None = None, opened: Source | None = None) -> Archive:
    """The archive with its member names, read from `opened`, else from the whole file; it stays open."""
    with _Bounded(opened or whole.open("rb")) as source, zipfile.ZipFile(source) as archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
        for entry in entries:
            _check_name(entry.orig_filename)
        directory = _Directory.of(archive)
    names = tuple(dict.fromkeys(entry.filename for entry in entries if not entry.is_dir()))
    key = file_key(file.url, file.sha256)
    listed = Archive(key, file.filename, names, file.url, file.sha256, whole, blocks)
    listed.keep_open(directory)
    return listed


# Zip members


def _members(known: Mapping[str, Member], names: Iterable[str]) -> list[Member]:
    """The members of these names, by their position."""
    try:
        members = [known[name] for name in dict.fromkeys(names)]
    except KeyError as error:
        raise _Refused(f"There is no item named {error.args[0]!r} in the archive") from None
    return sorted(members, key=lambda member: member.start)


def _check_members(members: Iterable[Member]) -> None:
    """Refuse what is too much to read: no more is read than the sizes checked here."""
    total = 0
    for member in members:
        if member.flags & 0x1:
            raise _Refused(f"{member.name} is encrypted")
        if member.method not in _METHODS:
            raise _Refused(f"{member.name} is compressed by method {member.method}")
        if member.size > MAX_MEMBER:
            raise _Refused(f"{member.name} has {member.size} bytes; the limit is {MAX_MEMBER}")
        if member.size > max(RATIO_COUNTS_FROM, member.packed * MAX_RATIO):
            raise _Refused(f"{member.name} is compressed more than {MAX_RATIO} times, as zip bombs are")
        total += member.size
    if total > MAX_TOTAL:
        raise _Refused(f"the members asked for have {total} bytes; the limit is {MAX_TOTAL}")


def _check_name(name: str) -> None:
    plain = name.replace("\\", "/")
    if plain.startswith("/") or "\0" in plain or ".." in plain.split("/") or re.match("[A-Za-z]:", plain):
        raise _Refused(f"the member name {name!r} points out of the archive")


class _Bounded(io.RawIOBase):
    """A zip file that refuses to give out an absurd central directory.

    `zipfile` reads the directory with a single `read` and makes an object of every entry: bounding what one
    read may return bounds the memory, whatever the sizes in the archive claim.
    """

    def __init__(self, file: Source) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise _Refused(f"its directory has {size} bytes; the limit is {MAX_DIRECTORY}")
        data = self._file.read(size)
        entries = data.count(_ENTRY_SIGNATURE)
        if entries > MAX_ENTRIES:
            raise _Refused(f"it has {entries} entries; the limit is {MAX_ENTRIES}")
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


class _BlockFile(io.RawIOBase):
    """A remote file as far as its blocks are on disk; `missing` is asked for the others, if it is given."""

    def __init__(
        self, blocks: Blocks, missing: Callable[[list[tuple[int, int]]], None] | None = None
    ) -> None:
        self._blocks = blocks
        self._missing = missing
        self._position = 0
        self._last = (-1, b"")

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._blocks.size}[whence]
        if origin + offset < 0:
            raise OSError("seek before the beginning")
        self._position = origin + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        start = min(self._position, self._blocks.size)
        stop = self._blocks.size if size < 0 else min(start + size, self._blocks.size)
        if self._missing is not None:
            self._missing([(start, stop)])
        pieces = [
            self._within(number, start, stop) for number in reversed(self._blocks.covering(start, stop))
        ]
        self._position = stop
        return b"".join(pieces)

    def _within(self, number: int, start: int, stop: int) -> bytes:
        """What a block has of a span; the last one stays at hand, for members lie one behind the other."""
        if self._last[0] != number:
            self._last = (number, self._blocks.piece(number))
        return self._blocks.within(number, self._last[1], start, stop)


# Source distributions


def _open_sdist(file: File, fetcher: Fetcher) -> Archive:
    key = file_key(file.url, file.sha256)
    repacked = fetcher.cache / _REPACKED / key.removeprefix("url-")[:2] / f"{key}.zip"
    if not zipfile.is_zipfile(repacked):
        whole = fetcher.download(file.url, file.sha256)
        with temporary(fetcher.cache, repacked) as target:
            _repack(whole, target, zipped=file.filename.endswith(".zip"))
    return _listed(file, repacked)


def _repack(whole: Path, target: IO[bytes], *, zipped: bool) -> None:
    """Write the members that matter into a zip, each name once, without the outermost folder."""
    content: dict[str, bytes] = {}
    top: str | None = None
    for name, read in _sdist_members(whole, zipped=zipped):
        plain = name.removeprefix("./")
        _check_name(plain)
        if top is None:
            top = plain.partition("/")[0] + "/"
        inner = plain.removeprefix(top).encode("utf-8", "replace").decode()
        if _is_text(inner):
            content[inner] = read()
        elif inner.endswith(_COMPILED_ENDINGS):
            content[inner] = b""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in content.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)


def _is_text(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    in_egg_info = folder.endswith(".egg-info") and last.endswith(".txt")
    return name.endswith(_TEXT_ENDINGS) or last in _TEXT_NAMES or in_egg_info


def _sdist_members(whole: Path, *, zipped: bool) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The files of a zip or tar, each with the function that reads it (until the next is asked for)."""
    with whole.open("rb") as file:
        if zipped:
            yield from _zip_members(file)
        else:
            yield from _tar_members(file, whole.stat().st_size)


def _zip_members(file: IO[bytes]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with _Bounded(file) as source, zipfile.ZipFile(source) as archive:
        for entry in archive.infolist():
            _check_name(entry.orig_filename)
        members = [Member.of(entry) for entry in archive.infolist() if not entry.is_dir()]
        _check_members(member for member in members if _is_text(member.name))
        for member in members:
            yield member.name, partial(content, source, member)


def _tar_members(file: IO[bytes], size: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    file.seek(0)
    limit = min(MAX_TOTAL, max(64 * RATIO_COUNTS_FROM, MAX_RATIO * size))
    stream = _Limited(_decompressed(file), limit)
    # The stream mode reads strictly forward, so the limit holds for all that is ever decompressed.
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_TarHeader) as archive:
        for number, member in enumerate(archive):
            if number >= MAX_ENTRIES:
                raise _Refused(f"it has more than {MAX_ENTRIES} entries")
            _check_name(member.name)
            if member.isreg() and not member.issparse():
                yield member.name, partial(_tar_content, archive, member)


def _tar_content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > MAX_MEMBER:
        raise _Refused(f"{member.name} has {member.size} bytes; the limit is {MAX_MEMBER}")
    opened = archive.extractfile(member)
    content = opened.read() if opened is not None else b""
    if len(content) != member.size:
        raise _Refused(f"{member.name} is cut short")
    return content


def _decompressed(file: IO[bytes]) -> Source:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(file)
    if start.startswith(b"BZh"):
        return bz2.open(file)
    if start.startswith((b"\xfd7zXZ\x00", b"]\x00\x00")):
        return lzma.open(file)
    return file


class _TarHeader(tarfile.TarInfo):
    """A header that does not let the names and records that follow it grow without bound."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _LONG_HEADERS and header.size > MAX_TAR_HEADER:
            raise _Refused(f"a header has {header.size} bytes; the limit is {MAX_TAR_HEADER}")
        return header


_LONG_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


class _Limited(io.RawIOBase):
    """A stream that gives out so many bytes and no more.

    It also ends the search for what is not there: `tarfile` asks again and again beyond the end of the
    stream, as often as the size in a header says, which may be for ever.
    """

    def __init__(self, file: Source, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._left = limit
        self._vain = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _Refused(f"it unpacks to more than {self._limit} bytes")
        self._vain += not data
        if self._vain > MAX_VAIN_READS:
            raise _Refused("it is cut short")
        return data


# Errors


class _Refused(Exception):  # noqa: N818 (becomes an ArchiveError that names the file)
    """Why an archive is not read any further."""


@contextlib.contextmanager
def _explained(filename: str, url: str) -> Iterator[None]:
    """Whatever reading a strange archive raises becomes an ArchiveError; errors of the outside stay."""
    try:
        yield
    except PinproofError:
        raise
    except _Refused as error:
        raise ArchiveError(f"{filename} ({public_url(url)}): {error}") from None
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ArchiveError(f"{filename} ({public_url(url)}) cannot be read: {reason}") from error
