"""What `zipfile` reads with many reads is read with one, and as carefully."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from pinproof.sources.zip_members import Member, content

TEXT = b"import b\n" * 500


class Unseekable(io.RawIOBase):
    """A stream that `zipfile` cannot go back in, so that it writes sizes behind the content."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.written += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def zipped(name: str = "a.py", *, extra: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.extra = extra
        archive.writestr(entry, TEXT, method)
        archive.writestr("after.py", b"x = 1\n")
    return target.getvalue()


def streamed() -> bytes:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.py", TEXT)
    return bytes(target.written)


def listed(data: bytes) -> Member:
    """What the directory says of the first member."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return Member.of(archive.getinfo("a.py"))


LONG = struct.pack("<HH", 0xCAFE, 500) + bytes(500)


@pytest.mark.parametrize(
    "data",
    [
        zipped(),
        zipped(method=zipfile.ZIP_STORED),
        zipped("ä/ö.py"),
        zipped(extra=LONG),
        streamed(),
        b"#!/bin/sh\n" + zipped(),
    ],
    ids=["deflated", "stored", "another alphabet", "a long extra field", "sizes behind", "something before"],
)
def test_every_member_is_as_zipfile_reads_it(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            assert content(io.BytesIO(data), Member.of(member)) == archive.read(member)


def bad_sum(data: bytes) -> bytes:
    return data.replace(struct.pack("<L", zlib.crc32(TEXT)), b"\1\2\3\4")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bad_sum(zipped()), "Bad CRC"),
        (zipped().replace(b"PK\3\4", b"PK\3\5", 1), "magic number"),
        (zipped().replace(b"a.py", b"b.py", 1), "differ"),
        (zipped()[:20] + b"\0\0\0\0" + zipped()[24:], ""),
    ],
    ids=["another checksum", "no header", "another name in the header", "sizes in the header do not count"],
)
def test_what_is_not_as_the_directory_says(data: bytes, message: str) -> None:
    file, member = io.BytesIO(data), listed(data)
    if not message:
        assert content(file, member) == TEXT
        return
    with pytest.raises(zipfile.BadZipFile, match=message):
        content(file, member)


@pytest.mark.parametrize("size", [len(TEXT) - 1, len(TEXT) + 1])
def test_another_length_is_refused(size: int) -> None:
    data = zipped()
    with pytest.raises(zipfile.BadZipFile, match="not as long"):
        content(io.BytesIO(data), listed(data)._replace(size=size))


def test_flags_that_change_how_to_read_are_refused() -> None:
    data = zipped()
    with pytest.raises(zipfile.BadZipFile, match="flags"):
        content(io.BytesIO(data), listed(data)._replace(flags=0x40))
