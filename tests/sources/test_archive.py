"""Archives: by ranges or whole, sdists repacked, and hostile ones refused with a reason."""

from __future__ import annotations

import contextlib
import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from random import Random
from typing import TYPE_CHECKING

import pytest

from local_index import LocalIndex, Upload, tarred, zipped
from pinproof.errors import ArchiveError, NotFoundError, OfflineError
from pinproof.model.release import File
from pinproof.sources import archive as limits
from pinproof.sources.archive import Archive, open_archive
from pinproof.sources.blocks import BLOCK
from pinproof.sources.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BIG = Random(1).randbytes(1_500_000)
LARGE = {
    "a/__init__.py": "x = 1\n",
    "a/one.so": BIG,
    "a/middle.py": "y = 2\n",
    "a/two.so": BIG[::-1],
    "a/last.py": "z = 3\n",
}


def listed(index: LocalIndex, upload: Upload, *, size: bool = True, sha256: bool = True) -> File:
    return File(
        upload.filename,
        index.file_url(upload),
        sha256=upload.sha256 if sha256 else None,
        size=len(upload.content) if size else None,
    )


def texts(archive: Archive, fetcher: Fetcher, *names: str) -> dict[str, bytes]:
    archive.ensure(names or archive.names, fetcher)
    return dict(archive.read(names or archive.names))


class TestWheels:
    @pytest.mark.parametrize("size", [True, False])
    def test_a_small_one_is_taken_whole(self, index: LocalIndex, fetcher: Fetcher, size: bool) -> None:
        upload = index.add("a", "1", {"a/__init__.py": "x = 1\n", "a/b.py": ""})
        archive = open_archive(listed(index, upload, size=size), fetcher)
        assert archive.key == upload.sha256
        assert archive.names[:2] == ("a/__init__.py", "a/b.py")
        assert texts(archive, fetcher, "a/b.py", "a/__init__.py") == {
            "a/__init__.py": b"x = 1\n",
            "a/b.py": b"",
        }
        whole = [asked for asked in index.asked if "range" not in asked.headers]
        assert (len(whole), archive.whole.read_bytes()) == (1, upload.content)

    def test_a_large_one_is_read_by_ranges(self, index: LocalIndex, fetcher: Fetcher) -> None:
        upload = index.add("a", "1", LARGE)
        archive = open_archive(listed(index, upload), fetcher)
        names = [name for name in archive.names if name.endswith(".py")]
        archive.ensure(names, fetcher)
        asked = len(index.asked)
        assert list(archive.read(reversed(names))) == [
            ("a/__init__.py", b"x = 1\n"),
            ("a/middle.py", b"y = 2\n"),
            ("a/last.py", b"z = 3\n"),
        ]
        assert asked == len(index.asked) <= 4
        assert all("range" in asked.headers for asked in index.asked)

    def test_much_of_a_large_one_is_taken_whole(self, index: LocalIndex, fetcher: Fetcher) -> None:
        upload = index.add("a", "1", LARGE)
        archive = open_archive(listed(index, upload), fetcher)
        assert texts(archive, fetcher)["a/one.so"] == BIG
        assert archive.whole.exists()
        assert [("range" in asked.headers) for asked in index.asked] == [True, False]

    def test_a_member_that_ends_where_a_block_does(self, index: LocalIndex, fetcher: Fetcher) -> None:
        # Blocks are counted from the end of the file: what stands behind the member is as long as it takes.
        sources = {"a/one.so": BIG, "a/middle.py": "y = 2\n", "a/two.so": BIG}
        first = index.add("a", "1", sources)
        with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
            behind = len(first.content) - archive.getinfo("a/two.so").header_offset
        upload = index.add("a", "2", sources | {"a/two.so": BIG[: 30 - behind % BLOCK]})
        assert texts(open_archive(listed(index, upload), fetcher), fetcher, "a/middle.py") == {
            "a/middle.py": b"y = 2\n"
        }
        assert all("range" in asked.headers for asked in index.asked)

    def test_a_server_without_ranges(self, index: LocalIndex, fetcher: Fetcher) -> None:
        index.ranges = False
        upload = index.add("a", "1", LARGE)
        archive = open_archive(listed(index, upload), fetcher)
        assert texts(archive, fetcher, "a/middle.py") == {"a/middle.py": b"y = 2\n"}

    def test_a_server_that_gives_up_ranges_midway(self, index: LocalIndex, fetcher: Fetcher) -> None:
        upload = index.add("a", "1", LARGE)
        archive = open_archive(listed(index, upload), fetcher)
        index.ranges = False
        assert texts(archive, fetcher, "a/middle.py") == {"a/middle.py": b"y = 2\n"}

    def test_a_directory_longer_than_a_block(self, index: LocalIndex, fetcher: Fetcher) -> None:
        many = {f"a/{'x' * 80}{number}.py": f"n = {number}\n" for number in range(2000)}
        upload = index.add("a", "1", LARGE | many)
        archive = open_archive(listed(index, upload), fetcher)
        name = f"a/{'x' * 80}77.py"
        assert texts(archive, fetcher, name) == {name: b"n = 77\n"}
        assert all("range" in asked.headers for asked in index.asked)

    def test_what_was_not_ensured_is_not_asked_for(self, index: LocalIndex, fetcher: Fetcher) -> None:
        archive = open_archive(listed(index, index.add("a", "1", LARGE)), fetcher)
        asked = len(index.asked)
        with pytest.raises(ArchiveError, match="a-1-py3"):
            list(archive.read(["a/__init__.py"]))
        assert len(index.asked) == asked

    def test_an_unknown_member(self, index: LocalIndex, fetcher: Fetcher) -> None:
        archive = open_archive(listed(index, index.add("a", "1")), fetcher)
        with pytest.raises(ArchiveError, match=r"no item named 'nope\.py'"):
            list(archive.read(["nope.py"]))

    @pytest.mark.parametrize("files", [LARGE, None])
    def test_travels_and_works_offline(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path, files: dict[str, str | bytes] | None
    ) -> None:
        file = listed(index, index.add("a", "1", files), size=False)
        archive = pickle.loads(pickle.dumps(open_archive(file, fetcher)))
        first = texts(archive, fetcher, "a/__init__.py")
        with Fetcher(cache, offline=True) as offline:
            again = open_archive(file, offline)
            assert (again, texts(again, offline, "a/__init__.py")) == (archive, first)

    @pytest.mark.parametrize("files", [LARGE, None])
    def test_a_part_is_read_without_the_directory(
        self,
        index: LocalIndex,
        fetcher: Fetcher,
        files: dict[str, str | bytes] | None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        archive = open_archive(listed(index, index.add("a", "1", files), size=False), fetcher)
        first = texts(archive, fetcher, "a/__init__.py")
        part = pickle.loads(pickle.dumps(archive.part(["a/__init__.py"])))
        monkeypatch.setattr(limits, "_open", OrderedDict())
        monkeypatch.setattr(zipfile, "ZipFile", lambda file: pytest.fail("it reads the directory"))
        assert dict(part.read(["a/__init__.py"])) == first
        with pytest.raises(ArchiveError, match="nope"):
            list(part.read(["nope.py"]))

    def test_offline_names_what_is_missing(self, index: LocalIndex, cache: Path) -> None:
        file = listed(index, index.add("a", "1"))
        with Fetcher(cache, offline=True) as offline, pytest.raises(OfflineError, match=file.filename):
            open_archive(file, offline)

    def test_missing_on_the_server(self, index: LocalIndex, fetcher: Fetcher) -> None:
        with pytest.raises(NotFoundError, match="a-1"):
            open_archive(File("a-1-py3-none-any.whl", f"http://{index.host}/files/a-1.whl"), fetcher)

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_of_two_members_with_one_name_the_last_counts(self, index: LocalIndex, fetcher: Fetcher) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a/", "")
            archive.writestr("a.py", "first")
            archive.writestr("a.py", "last")
        upload = index.add_file("a", "a-1-py3-none-any.whl", buffer.getvalue())
        opened = open_archive(listed(index, upload), fetcher)
        assert opened.names == ("a.py",)
        assert texts(opened, fetcher) == {"a.py": b"last"}


class TestSdists:
    MEMBERS = {
        "setup.py": "import setuptools",
        "setup.cfg": "[metadata]",
        "pyproject.toml": "",
        "src/a/__init__.py": "x = 1\n",
        "src/a/b.pyi": "x: int",
        "src/a/fast.pyx": "cdef int x",
        "src/a/fast.c": "int x;",
        "src/a/lib.so": b"\x7fELF",
        "src/a.egg-info/requires.txt": "b>=1",
        "docs/requires.txt": "sphinx",
        "hook.pth": "import os",
        "README.md": "read",
    }
    KEPT = {"PKG-INFO", *MEMBERS} - {"docs/requires.txt", "README.md"}

    @pytest.mark.parametrize("ending", [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"])
    def test_are_repacked_once(self, index: LocalIndex, fetcher: Fetcher, cache: Path, ending: str) -> None:
        upload = index.add("a", "1", self.MEMBERS, sdist_ending=ending)
        archive = open_archive(listed(index, upload), fetcher)
        assert set(archive.names) == self.KEPT
        content = texts(archive, fetcher)
        assert content["src/a/__init__.py"] == b"x = 1\n"
        assert content["src/a/lib.so"] == content["src/a/fast.pyx"] == content["src/a/fast.c"] == b""
        (cache / "files" / upload.sha256[:2] / upload.sha256).unlink()
        with Fetcher(cache, offline=True) as offline:
            assert open_archive(listed(index, upload), offline) == archive

    def test_a_damaged_repacked_one_is_made_again(self, index: LocalIndex, fetcher: Fetcher) -> None:
        upload = index.add("a", "1", self.MEMBERS, sdist_ending=".tar.gz")
        archive = open_archive(listed(index, upload), fetcher)
        archive.whole.write_bytes(b"")
        assert open_archive(listed(index, upload), fetcher) == archive

    @pytest.mark.parametrize(
        ("members", "names"),
        [
            ({"./a-1/a.py": b"", "./a-1/b/c.py": b""}, ("a.py", "b/c.py")),
            ({"a.py": b"", "b/c.py": b""}, ("a.py", "b/c.py")),
            ({"a-1/a.py": b"", "other/b.py": b""}, ("a.py", "other/b.py")),
        ],
    )
    def test_outermost_folders(
        self, index: LocalIndex, fetcher: Fetcher, members: dict[str, bytes], names: tuple[str, ...]
    ) -> None:
        upload = index.add_file("a", "a-1.tar.gz", tarred(members))
        assert open_archive(listed(index, upload), fetcher).names == names

    def test_links_and_devices_are_left_out(self, index: LocalIndex, fetcher: Fetcher) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, kind in [
                ("l.py", tarfile.SYMTYPE),
                ("h.py", tarfile.LNKTYPE),
                ("d.py", tarfile.CHRTYPE),
            ]:
                member = tarfile.TarInfo(f"a-1/{name}")
                member.type, member.linkname = kind, "/etc/passwd"
                archive.addfile(member)
        upload = index.add_file("a", "a-1.tar.gz", buffer.getvalue())
        assert open_archive(listed(index, upload), fetcher).names == ()


# Hostile archives


def changed(content: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in content
    return content.replace(old, new)


def encrypted() -> bytes:
    content = zipped({"a.py": b"x = 1"})
    local, central = content.index(b"PK\3\4"), content.index(b"PK\1\2")
    data = bytearray(content)
    data[local + 6] |= 1
    data[central + 8] |= 1
    return bytes(data)


def lying_size() -> bytes:
    """The directory says 10 bytes, the data go on."""
    content = zipped({"a.py": b"x" * 1000})
    return content.replace(struct.pack("<L", 1000), struct.pack("<L", 10))


def bad_checksum() -> bytes:
    data = b"x = 1\n"
    return changed(zipped({"a.py": data}), struct.pack("<L", zlib.crc32(data)), b"\1\2\3\4")


def many_entries() -> bytes:
    one = zipped({"a.py": b""}, compressed=False)
    start, end = one.index(b"PK\1\2"), one.index(b"PK\5\6")
    directory = one[start:end] * (limits.MAX_ENTRIES + 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, len(directory), start, 0)
    return one[:start] + directory + tail


def long_directory() -> bytes:
    size = limits.MAX_DIRECTORY + 1
    return bytes(size) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0)


def other_method() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.py", "x = 1")
    return buffer.getvalue()


WHEELS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "cannot be read"),
    "not a zip": (lambda: b"<html>not here</html>" * 99, "not a zip file"),
    "truncated": (lambda: zipped({"a.py": BIG})[:-50], "not a zip file"),
    "cut in the middle": (lambda: zipped({"a.py": BIG, "b.py": b""})[100:], "cannot be read"),
    "up and out": (lambda: zipped({"../a.py": b""}), "points out of the archive"),
    "up and out inside": (lambda: zipped({"a/../../b.py": b""}), "points out of the archive"),
    "up and out, backwards": (lambda: zipped({"a\\..\\b.py": b""}), "points out of the archive"),
    "absolute": (lambda: zipped({"/etc/passwd": b""}), "points out of the archive"),
    "drive": (lambda: zipped({"C:/a.py": b""}), "points out of the archive"),
    "NUL": (lambda: changed(zipped({"a.py#so": b""}), b"a.py#so", b"a.py\0so"), "points out of the archive"),
    "encrypted": (encrypted, "is encrypted"),
    "bomb": (lambda: zipped({"a.py": bytes(2_000_000)}), "zip bombs"),
    "huge member": (
        lambda: zipped({"a.py": bytes(limits.MAX_MEMBER + 1)}),
        f"has {limits.MAX_MEMBER + 1} bytes",
    ),
    "lying size": (lying_size, "Bad CRC|not as long"),
    "bad checksum": (bad_checksum, "Bad CRC"),
    "other method": (other_method, "compressed by method 14"),
    "many entries": (many_entries, "it has 100001 entries"),
    "long directory": (long_directory, "its directory has"),
}


@pytest.mark.parametrize("kind", WHEELS)
@pytest.mark.parametrize("known", [True, False], ids=["whole", "unknown size and hash"])
def test_a_hostile_wheel_is_refused(index: LocalIndex, fetcher: Fetcher, kind: str, known: bool) -> None:
    make, reason = WHEELS[kind]
    upload = index.add_file("a", "a-1-py3-none-any.whl", make())
    with pytest.raises(ArchiveError, match=reason) as caught:
        texts(open_archive(listed(index, upload, size=known, sha256=known), fetcher), fetcher)
    assert f"a-1-py3-none-any.whl ({index.file_url(upload)})" in caught.value.message


def test_a_tar_of_too_many_entries_is_refused(
    index: LocalIndex, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 1000)
    upload = index.add_file("a", "a-1.tar.gz", tar_of(*[sized("a-1/x", 0)] * 1001))
    with pytest.raises(ArchiveError, match="more than 1000 entries"):
        open_archive(listed(index, upload), fetcher)


def test_too_much_at_once_is_refused(
    index: LocalIndex, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_TOTAL", 1000)
    upload = index.add("a", "1", {"a.py": "x" * 600, "b.py": "y" * 600})
    archive = open_archive(listed(index, upload), fetcher)
    assert len(texts(archive, fetcher, "a.py")) == 1
    with pytest.raises(ArchiveError, match="have 1200 bytes; the limit is 1000"):
        texts(archive, fetcher, "a.py", "b.py")


def tar_of(*members: tarfile.TarInfo, body: bytes = b"") -> bytes:
    headers = b"".join(member.tobuf(tarfile.USTAR_FORMAT) for member in members)
    return gzip.compress(headers + body + bytes(1024), 1)


def sized(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member


def pax_size() -> bytes:
    """A record overrides the size of the member that follows it."""
    record = b"28 size=99999999999999999999\n"
    extended = sized("x", len(record), tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    return gzip.compress(extended + record.ljust(512, b"\0") + sized("a-1/x", 5).tobuf() + bytes(9999))


SDISTS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": (".tar.gz", lambda: b"", "cannot be read"),
    "not a tar": (".tar.gz", lambda: b"<html>not here</html>" * 99, "cannot be read"),
    "not a gzip": (".tar.gz", lambda: b"\x1f\x8b" + BIG, "cannot be read"),
    "not a bzip2": (".tar.bz2", lambda: b"BZh9" + BIG, "cannot be read"),
    "not a xz": (".tar.xz", lambda: b"\xfd7zXZ\x00" + BIG, "cannot be read"),
    "not a zip": (".zip", lambda: tarred({"a-1/a.py": b""}), "not a zip file"),
    "truncated": (".tar.gz", lambda: tarred({"a-1/a.py": BIG})[:-1000], "cannot be read"),
    "cut short": (".tar.gz", lambda: tar_of(sized("a-1/a.py", 5000)), "cannot be read|cut short"),
    "up and out": (".tar.gz", lambda: tarred({"../a.py": b""}), "points out of the archive"),
    "absolute": (".tar.gz", lambda: tarred({"/etc/passwd": b""}), "points out of the archive"),
    "bomb": (".tar.gz", lambda: tar_of(sized("a-1/data", 99_000_000), body=bytes(99_000_512)), "unpacks to"),
    "huge member": (".tar.gz", lambda: tar_of(sized("a-1/a.py", 2**25 + 1)), "has 33554433 bytes"),
    "absurd size": (".tar.gz", lambda: tar_of(sized("a-1/a.bin", 8**11 - 1)), "cut short"),
    "more absurd size": (".tar.gz", pax_size, "cut short"),
    "absurd name": (
        ".tar.gz",
        lambda: tar_of(sized("x", 2**25, tarfile.GNUTYPE_LONGNAME), body=bytes(2**25)),
        "a header has 33554432 bytes",
    ),
    "absurd record": (
        ".tar.gz",
        lambda: tar_of(sized("x", 2**25, tarfile.XHDTYPE), body=bytes(2**25)),
        "a header has 33554432 bytes",
    ),
    "many entries in a zip": (".zip", many_entries, "it has 100001 entries"),
    "up and out of a zip": (".zip", lambda: zipped({"../a.py": b""}), "points out of the archive"),
    "bomb in a zip": (".zip", lambda: zipped({"a-1/a.py": bytes(2_000_000)}), "zip bombs"),
    "encrypted": (".zip", encrypted, "is encrypted"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SDISTS)
def test_a_hostile_sdist_is_refused(index: LocalIndex, fetcher: Fetcher, cache: Path, kind: str) -> None:
    ending, make, reason = SDISTS[kind]
    upload = index.add_file("a", f"a-1{ending}", make())
    with pytest.raises(ArchiveError, match=reason) as caught:
        open_archive(listed(index, upload), fetcher)
    assert f"a-1{ending} ({index.file_url(upload)})" in caught.value.message
    assert not list(cache.glob("repacked*/*/*"))
    assert not list((cache / "tmp").iterdir())


@pytest.mark.parametrize("filename", ["a-1-py3-none-any.whl", "a-1.tar.gz"])
def test_a_wrong_hash_is_refused(index: LocalIndex, fetcher: Fetcher, filename: str) -> None:
    upload = index.add_file("a", filename, zipped({"a.py": b""}))
    upload.served = zipped({"a.py": b"import evil"})
    with pytest.raises(ArchiveError, match=f"{filename}: the index promises sha256 {upload.sha256}"):
        open_archive(listed(index, upload), fetcher)


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_an_archive_error_or_harmless(
    index: LocalIndex, fetcher: Fetcher, seed: int
) -> None:
    random = Random(seed)
    members = {f"a-1/m{number}.py": random.randbytes(50) for number in range(5)}
    for ending, content in [("-py3-none-any.whl", zipped(members)), (".tar.gz", tarred(members))]:
        damaged = bytearray(content)
        for _ in range(random.choice([1, 5, 50])):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        upload = index.add_file("a", f"a-{seed}{ending}", bytes(damaged))
        with contextlib.suppress(ArchiveError):
            texts(open_archive(listed(index, upload), fetcher), fetcher)
