"""Members of zip files, each with a single read: `zipfile` takes many, which costs more than decompressing.

The format is that of PKWARE's APPNOTE, 4.3.7.
"""

from __future__ import annotations

import io
import struct
import threading
import zipfile
import zlib
from typing import IO, NamedTuple

_HEADER = struct.Struct("<4s22xHH")
"""What stands before a member: a signature, and how long the name and the extra field are that follow."""

_SIGNATURE = b"PK\x03\x04"
_LIKELY_EXTRA = 64
_PLAIN_FLAGS = 0x80E
"""A level of compression, sizes that come after the content, a name in UTF-8: nothing that changes how to read."""

_reading = threading.Lock()

Source = IO[bytes] | io.RawIOBase | io.BufferedIOBase
"""What a zip file is read from."""


class Member(NamedTuple):
    """What the directory says of a member: a plain value, so that another process can read it.

    `written` is the name as it stands in the file, `start` where its header lies.
    """

    name: str
    written: str
    flags: int
    method: int
    start: int
    packed: int
    size: int
    checksum: int

    @classmethod
    def of(cls, entry: zipfile.ZipInfo) -> Member:
        """What `zipfile` says of it."""
        return cls(
            entry.filename,
            entry.orig_filename,
            entry.flag_bits,
            entry.compress_type,
            entry.header_offset,
            entry.compress_size,
            entry.file_size,
            entry.CRC,
        )


def reach(member: Member) -> int:
    """Up to where the file is read for a member: as its header may be longer than it looks, beyond its end."""
    return member.start + _HEADER.size + len(member.written.encode()) + _LIKELY_EXTRA + member.packed


def content(file: Source, member: Member) -> bytes:
    """The content of a stored or deflated member. BadZipFile where it is not what the directory says."""
    if member.flags & ~_PLAIN_FLAGS:
        raise zipfile.BadZipFile(f"{member.name} has flags that are not understood")
    packed = _packed(file, member)
    if member.method == zipfile.ZIP_DEFLATED:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        found = unpacking.decompress(packed, member.size + 1)
    else:
        found = packed
    if len(found) != member.size:
        raise zipfile.BadZipFile(f"{member.name} is not as long as its header says")
    if zlib.crc32(found) != member.checksum:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.name!r}")
    return found


def _packed(file: Source, member: Member) -> bytes:
    """The bytes of a member as they are in the file."""
    read = _bytes(file, member.start, reach(member) - member.start)
    if len(read) < _HEADER.size or not read.startswith(_SIGNATURE):
        raise zipfile.BadZipFile(f"Bad magic number for file header of {member.name}")
    _, name_length, extra_length = _HEADER.unpack_from(read)
    begin = _HEADER.size + name_length + extra_length
    named = read[_HEADER.size : _HEADER.size + name_length]
    if named.decode("utf-8" if member.flags & 0x800 else "cp437") != member.written:
        raise zipfile.BadZipFile(f"File name in directory {member.written!r} and header {named!r} differ.")
    if begin + member.packed > len(read):
        return _bytes(file, member.start + begin, member.packed)
    return read[begin : begin + member.packed]


def _bytes(file: Source, start: int, size: int) -> bytes:
    # Threads share what is open.
    with _reading:
        file.seek(start)
        return file.read(size)
