"""Members of zip files, each with a single read: `zipfile` takes many, which costs more than decompressing.

The format is that of PKWARE's APPNOTE, 4.3.7.
"""

from __future__ import annotations

import struct
import threading
import zipfile
import zlib

_HEADER = struct.Struct("<4s22xHH")
"""What stands before a member: a signature, and how long the name and the extra field are that follow."""

_SIGNATURE = b"PK\x03\x04"
_LIKELY_EXTRA = 64
_PLAIN_FLAGS = 0x80E
"""A level of compression, sizes that come after the content, a name in UTF-8: nothing that changes how to read."""

_reading = threading.Lock()


def content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a stored or deflated member. BadZipFile where it is not what the directory says."""
    if member.flag_bits & ~_PLAIN_FLAGS:
        raise zipfile.BadZipFile(f"{member.filename} has flags that are not understood")
    packed = _packed(archive, member)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        found = unpacking.decompress(packed, member.file_size + 1)
    else:
        found = packed
    if len(found) != member.file_size:
        raise zipfile.BadZipFile(f"{member.filename} is not as long as its header says")
    if zlib.crc32(found) != member.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
    return found


def _packed(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member as they are in the file."""
    likely = _HEADER.size + len(member.orig_filename.encode()) + _LIKELY_EXTRA
    read = _bytes(archive, member.header_offset, likely + member.compress_size)
    if len(read) < _HEADER.size or not read.startswith(_SIGNATURE):
        raise zipfile.BadZipFile(f"Bad magic number for file header of {member.filename}")
    _, name_length, extra_length = _HEADER.unpack_from(read)
    begin = _HEADER.size + name_length + extra_length
    named = read[_HEADER.size : _HEADER.size + name_length]
    if named.decode("utf-8" if member.flag_bits & 0x800 else "cp437") != member.orig_filename:
        raise zipfile.BadZipFile(
            f"File name in directory {member.orig_filename!r} and header {named!r} differ."
        )
    if begin + member.compress_size > len(read):
        return _bytes(archive, member.header_offset + begin, member.compress_size)
    return read[begin : begin + member.compress_size]


def _bytes(archive: zipfile.ZipFile, start: int, size: int) -> bytes:
    file = archive.fp
    if file is None:
        raise zipfile.BadZipFile("the archive is closed")
    # Threads share what is open.
    with _reading:
        file.seek(start)
        return file.read(size)
