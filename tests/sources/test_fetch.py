"""The fetcher: cache, revalidation, retries, hashes, ranges, credentials, offline."""

from __future__ import annotations

import hashlib
import logging
import math
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from pinproof import __version__
from pinproof.errors import ArchiveError, NotFoundError, OfflineError, OutsideError, PinproofError
from pinproof.sources.blocks import BLOCK, Blocks, runs_of
from pinproof.sources.fetch import Fetcher, RangesRefused
from pinproof.sources.network import _pause
from pinproof.sources.urls import public_url

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex

SECRET = "s3cr3t"


def age(cache: Path, seconds: float) -> None:
    """Let everything in the cache be older."""
    for path in (cache / "http").rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - seconds,) * 2)


def page(index: LocalIndex, body: bytes = b"hello") -> str:
    index.page("/page", body, "text/plain")
    return f"http://{index.host}/page"


class TestPublicUrl:
    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://pypi.org/simple", "https://pypi.org/simple"),
            (f"https://me:{SECRET}@host:8443/simple", "https://host:8443/simple"),
            (f"https://{SECRET}@host/simple", "https://host/simple"),
            (f"https://me:p@{SECRET}@host/simple", "https://host/simple"),
            (f"https://host/file.whl?token={SECRET}#sha256={SECRET}", "https://host/file.whl"),
        ],
    )
    def test_shows_no_secret(self, url: str, shown: str) -> None:
        assert public_url(url) == shown


class TestText:
    def test_a_fresh_page_is_asked_for_once(self, index: LocalIndex, fetcher: Fetcher) -> None:
        url = page(index)
        first, again = fetcher.text(url), fetcher.text(url)
        assert (first.body, first.content_type, first.final_url) == (b"hello", "text/plain", url)
        assert again == first
        assert len(index.asked) == 1
        assert index.asked[0].headers["user-agent"] == f"pinproof/{__version__}"

    def test_accept_is_part_of_the_key(self, index: LocalIndex, fetcher: Fetcher) -> None:
        url = page(index)
        fetcher.text(url, "text/html")
        fetcher.text(url, "application/json")
        assert [asked.headers["accept"] for asked in index.asked] == ["text/html", "application/json"]

    def test_an_old_page_is_revalidated(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        index.etags = True
        url = page(index)
        fetcher.text(url)
        age(cache, 700)
        assert fetcher.text(url).body == b"hello"
        assert "if-none-match" in index.asked[1].headers
        fetcher.text(url)
        assert len(index.asked) == 2

    def test_an_old_page_without_etag_is_fetched_anew(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path
    ) -> None:
        url = page(index)
        fetcher.text(url)
        age(cache, 700)
        page(index, b"changed")
        assert fetcher.text(url).body == b"changed"

    def test_infinite_age_never_expires(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        url = page(index)
        fetcher.text(url)
        age(cache, 10**9)
        fetcher.text(url, max_age_seconds=math.inf)
        assert len(index.asked) == 1

    def test_refresh_asks_once_more(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        url = page(index)
        fetcher.text(url)
        age(cache, 5)
        with Fetcher(cache, refresh=True) as refreshing:
            refreshing.text(url)
            refreshing.text(url)
        assert len(index.asked) == 2

    @pytest.mark.parametrize("damage", [b"", b"garbage", None])
    def test_a_damaged_entry_is_a_miss(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path, damage: bytes | None
    ) -> None:
        url = page(index)
        fetcher.text(url)
        (entry,) = (path for path in (cache / "http").rglob("*") if path.is_file())
        entry.write_bytes(entry.read_bytes().replace(b"hello", b"hallo") if damage is None else damage)
        assert fetcher.text(url).body == b"hello"
        assert len(index.asked) == 2

    def test_offline_serves_any_age_and_nothing_else(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path
    ) -> None:
        url = page(index)
        fetcher.text(url)
        age(cache, 10**8)
        with Fetcher(cache, offline=True, refresh=True) as offline:
            assert offline.text(url).body == b"hello"
            with pytest.raises(OfflineError, match=f"http://{index.host}/other"):
                offline.text(f"http://{index.host}/other")
        assert len(index.asked) == 1

    def test_what_is_missing_is_remembered_for_a_while(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path
    ) -> None:
        url = f"http://{index.host}/page"
        for _ in range(2):
            with pytest.raises(NotFoundError, match="/page: not found"):
                fetcher.text(url, max_age_seconds=math.inf)
        assert len(index.asked) == 1
        page(index)
        age(cache, 700)
        with Fetcher(cache, offline=True) as offline, pytest.raises(NotFoundError):
            offline.text(url)
        assert fetcher.text(url, max_age_seconds=math.inf).body == b"hello"

    def test_threads_that_want_the_same_ask_once(self, index: LocalIndex, fetcher: Fetcher) -> None:
        url = page(index)
        with ThreadPoolExecutor(8) as pool:
            bodies = set(pool.map(lambda _: fetcher.text(url).body, range(32)))
        assert bodies == {b"hello"}
        assert len(index.asked) == 1


class TestTrouble:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_passing_trouble_is_overcome(
        self, index: LocalIndex, fetcher: Fetcher, naps: list[float], status: int
    ) -> None:
        url = page(index)
        index.fail("/page", status, times=3)
        assert fetcher.text(url).body == b"hello"
        assert len(naps) == 3
        assert naps[0] < naps[2]

    def test_lasting_trouble_says_how_often_it_was_tried(
        self, index: LocalIndex, fetcher: Fetcher, naps: list[float]
    ) -> None:
        url = page(index)
        index.fail("/page", 503, times=9)
        with pytest.raises(OutsideError, match=r"/page: HTTP 503 \(tried 4 times\)"):
            fetcher.text(url)
        assert len(naps) == 3

    def test_retry_after_is_honoured(self, index: LocalIndex, fetcher: Fetcher, naps: list[float]) -> None:
        url = page(index)
        index.fail("/page", 429, headers={"Retry-After": "7"})
        fetcher.text(url)
        assert naps == [7.0]

    @pytest.mark.parametrize(
        ("value", "low", "high"),
        [
            ("3", 3, 3),
            ("86400", 30, 30),
            ("-5", 0.25, 0.75),
            ("soon", 0.25, 0.75),
            (timedelta(seconds=20), 5, 20),
            (-timedelta(days=1), 0, 0),
        ],
    )
    def test_retry_after_is_bounded(self, value: str | timedelta, low: float, high: float) -> None:
        if isinstance(value, timedelta):
            value = format_datetime(datetime.now(UTC) + value)
        assert low <= _pause(1, value) <= high

    def test_a_dead_server_is_named(self, fetcher: Fetcher, naps: list[float]) -> None:
        with pytest.raises(OutsideError, match=r"http://127\.0\.0\.1:9/simple: .*tried 4 times"):
            fetcher.text(f"http://me:{SECRET}@127.0.0.1:9/simple")
        assert len(naps) == 3

    @pytest.mark.parametrize(
        ("status", "kind", "says"),
        [
            (404, NotFoundError, "not found"),
            (410, NotFoundError, "not found"),
            (401, OutsideError, "access refused"),
            (403, OutsideError, "access refused"),
            (400, OutsideError, "HTTP 400"),
            (416, OutsideError, "HTTP 416"),
        ],
    )
    def test_a_refusal_is_not_tried_again(
        self, index: LocalIndex, fetcher: Fetcher, status: int, kind: type[PinproofError], says: str
    ) -> None:
        index.fail("/page", status, times=9)
        with pytest.raises(kind, match=says) as caught:
            fetcher.text(page(index))
        assert isinstance(caught.value, NotFoundError) == (kind is NotFoundError)
        assert len(index.asked) == 1
        if status in (401, 403):
            assert "netrc" in str(caught.value.hint)

    @pytest.mark.parametrize("url", ["ftp://host/x", "https://host:port/x", "https://[/x"])
    def test_a_strange_url_is_an_error_of_ours(self, fetcher: Fetcher, url: str) -> None:
        with pytest.raises(PinproofError):
            fetcher.text(url)

    def test_a_full_disk_is_named(self, index: LocalIndex, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("in the way")
        with Fetcher(blocked) as fetcher, pytest.raises(OutsideError, match=f"cannot write .*{blocked}"):
            fetcher.text(page(index))


class TestCredentials:
    def test_of_the_url_serve_the_whole_host_and_are_never_shown(
        self, index: LocalIndex, fetcher: Fetcher, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        index.login = ("me", f"{SECRET}@/")
        url = page(index).replace("http://", f"http://me:{SECRET}%40%2F@")
        assert fetcher.text(url).final_url == f"http://{index.host}/page"
        with pytest.raises(NotFoundError) as caught:
            fetcher.text(f"http://{index.host}/other")
        assert SECRET not in str(caught.value) + str(caught.value.hint) + caplog.text

    def test_of_netrc(
        self, index: LocalIndex, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index.login = ("me", SECRET)
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
        monkeypatch.setenv("NETRC", str(netrc))
        with Fetcher(cache) as fetcher:
            assert fetcher.text(page(index)).body == b"hello"

    def test_do_not_go_to_another_host(self, index: LocalIndex, fetcher: Fetcher) -> None:
        fetcher.use_credentials_of(f"http://me:{SECRET}@example.org/simple")
        fetcher.text(page(index))
        assert "authorization" not in index.asked[0].headers


class TestDownload:
    def test_a_file_is_kept_under_its_hash(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        upload = index.add("a", "1")
        path = fetcher.download(index.file_url(upload), upload.sha256)
        assert path == cache / "files" / upload.sha256[:2] / upload.sha256
        assert path.read_bytes() == upload.content
        fetcher.download(index.file_url(upload), upload.sha256)
        assert len(index.asked) == 1

    def test_without_a_hash_under_that_of_its_url(self, index: LocalIndex, fetcher: Fetcher) -> None:
        upload = index.add("a", "1")
        path = fetcher.download(index.file_url(upload))
        assert path.name.startswith("url-")
        assert fetcher.download(index.file_url(upload)) == path
        assert len(index.asked) == 1

    def test_another_hash_keeps_nothing(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        upload = index.add("a", "1")
        upload.served = b"not what was promised"
        got = hashlib.sha256(upload.served).hexdigest()
        with pytest.raises(ArchiveError, match=f"a-1-.*{upload.sha256}.*{got}"):
            fetcher.download(index.file_url(upload), upload.sha256)
        assert not [path for path in cache.rglob("*") if path.is_file()]

    def test_a_damaged_file_is_fetched_again(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        upload = index.add("a", "1")
        path = fetcher.download(index.file_url(upload), upload.sha256)
        path.write_bytes(upload.content[:-5])
        with Fetcher(cache) as other:
            other.download(index.file_url(upload), upload.sha256)
        assert path.read_bytes() == upload.content

    def test_a_cut_connection_is_tried_again(
        self, index: LocalIndex, fetcher: Fetcher, naps: list[float], cache: Path
    ) -> None:
        upload = index.add("a", "1")
        index.fail("/files/", 200, times=2, headers={"X-Cut": "yes"})
        fetcher.download(index.file_url(upload), upload.sha256)
        index.fail("/page", 200, headers={"X-Cut": "yes"})
        assert fetcher.text(page(index)).body == b"hello"
        assert len(naps) == 3
        assert not list((cache / "tmp").iterdir())

    def test_many_processes_at_once(self, index: LocalIndex, cache: Path) -> None:
        upload = index.add("a", "1", {"a.py": os.urandom(300_000)}, compressed=False)
        program = (
            "import sys; from pathlib import Path; from pinproof.sources.fetch import Fetcher\n"
            "with Fetcher(Path(sys.argv[1])) as f: print(len(f.download(*sys.argv[2:]).read_bytes()))"
        )
        command = [sys.executable, "-c", program, str(cache), index.file_url(upload), upload.sha256]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        outputs = [process.communicate()[0].strip() for process in running]
        assert outputs == [str(len(upload.content))] * 4

    def test_what_a_killed_process_left_is_swept(self, cache: Path) -> None:
        (cache / "tmp").mkdir(parents=True)
        old, new = cache / "tmp" / "old", cache / "tmp" / "new"
        old.touch()
        new.touch()
        os.utime(old, (0, 0))
        Fetcher(cache)
        assert list((cache / "tmp").iterdir()) == [new]


class TestRanges:
    @pytest.mark.parametrize(
        "size", [1, 100, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 17, 200 * BLOCK + 3]
    )
    def test_any_span_is_right(self, index: LocalIndex, fetcher: Fetcher, size: int) -> None:
        content = os.urandom(size)
        url = index.file_url(index.add_file("a", "big", content))
        spans = [(0, 1), (size - 1, size), (0, size), (size // 3, size // 2), (size // 2, size // 2)]
        assert fetcher.ranges(url, spans) == tuple(content[start:stop] for start, stop in spans)

    def test_near_blocks_come_with_one_request_and_only_once(
        self, index: LocalIndex, fetcher: Fetcher
    ) -> None:
        content = os.urandom(40 * BLOCK)
        url = index.file_url(index.add_file("a", "big", content))
        near = [(0, 10), (2 * BLOCK, 2 * BLOCK + 10), (20 * BLOCK, 21 * BLOCK)]
        fetcher.ranges(url, near)
        fetcher.ranges(url, near)
        asked = sorted(asked.headers["range"] for asked in index.asked)
        assert asked == [
            f"bytes=-{BLOCK}",
            f"bytes=0-{3 * BLOCK - 1}",
            f"bytes={20 * BLOCK}-{21 * BLOCK - 1}",
        ]

    def test_runs(self) -> None:
        assert runs_of([]) == []
        assert runs_of([1, 2, 5, 9]) == [range(1, 6), range(9, 10)]
        assert [len(run) for run in runs_of(list(range(150)))] == [64, 64, 22]

    def test_a_server_without_ranges_is_asked_once(self, index: LocalIndex, fetcher: Fetcher) -> None:
        index.ranges = False
        url = index.file_url(index.add_file("a", "big", b"x" * BLOCK * 3))
        for _ in range(2):
            with pytest.raises(RangesRefused):
                fetcher.ranges(url, [(0, 1)])
        assert len(index.asked) == 1

    def test_an_empty_file_does_not_speak_for_its_server(self, index: LocalIndex, fetcher: Fetcher) -> None:
        empty, big = index.add_file("a", "empty", b""), index.add_file("a", "big", b"x" * BLOCK * 3)
        with pytest.raises(RangesRefused):
            fetcher.ranges(index.file_url(empty), [(0, 1)])
        assert fetcher.ranges(index.file_url(big), [(0, 1)]) == (b"x",)

    def test_damaged_blocks_are_fetched_again(self, index: LocalIndex, fetcher: Fetcher) -> None:
        content = os.urandom(3 * BLOCK)
        url = index.file_url(index.add_file("a", "big", content))
        fetcher.ranges(url, [(0, len(content))])
        folder = fetcher.blocks(url).folder
        (folder / "1").write_bytes(b"short")
        (folder / "2").unlink()
        assert fetcher.ranges(url, [(0, len(content))]) == (content,)

    def test_a_missing_block_is_an_error_not_a_gap(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="0"):
            Blocks(tmp_path, 100).read(0, 10)

    def test_offline(self, index: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        url = index.file_url(index.add_file("a", "big", b"x" * BLOCK * 3))
        fetcher.ranges(url, [(0, 1)])
        with Fetcher(cache, offline=True) as offline:
            assert offline.ranges(url, [(0, 5)]) == (b"xxxxx",)
            with pytest.raises(OfflineError):
                offline.ranges(url, [(BLOCK, BLOCK + 5)])
