"""What is on the web, by way of the cache on disk: pages, whole files with their hashes, and ranges of files.

What lies in the cache directory (see `cache_files` for how it is written):

- `http/AA/KEY`: one answered page each, KEY being the hash of URL and Accept
- `kept/AA/KEY`: what was made of answers, KEY being the hash of what it is called
- `files/AA/SHA256`: whole distribution files (`files/AA/url-HASH` where the index gives no hash)
- `blocks/AA/KEY/N`: 64 KiB pieces of large files, counted from the end of the file, beside their `size`
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import re
import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import msgspec

from pinproof.errors import ArchiveError, NotFoundError, OutsideError
from pinproof.sources.blocks import BLOCK, LONGEST_RUN, Blocks, runs_of
from pinproof.sources.cache_files import digest, file_key, shard, sweep, write_atomically, writing
from pinproof.sources.network import Network, body_of, bounded
from pinproof.sources.pages import missing_page, page_of, read_page
from pinproof.sources.urls import origin, public_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    import httpx2

    from pinproof.sources.pages import Page, Response

MAX_FILE = 8 * 1024 * 1024 * 1024
_MISSING_MAX_AGE = 600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """Something from the cache, and when it was put there (Unix time)."""

    body: bytes
    moment: float


class RangesRefused(Exception):  # noqa: N818 (a signal, not an error)
    """The server does not answer byte ranges: download the whole file instead."""


class Fetcher:
    """Asks the network, or the cache on its behalf. Safe to use from many threads at once.

    `offline` refuses every request; what is cached is then served at any age. `refresh` checks pages again
    that were last checked before this fetcher was made (files never change, and are not fetched again).
    `tries` counts all attempts of a request, `timeout` is in seconds, `sleep` is called between attempts.
    """

    def __init__(
        self,
        cache: Path,
        *,
        offline: bool = False,
        refresh: bool = False,
        concurrency: int = 16,
        tries: int = 4,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.cache = cache
        self.offline = offline
        self._network = Network(
            offline=offline, concurrency=concurrency, tries=tries, timeout=timeout, sleep=sleep
        )
        self._refresh = refresh
        self._concurrency = concurrency
        self._started = time.time()
        self._guard = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._verified: set[str] = set()
        self._without_ranges: set[str] = set()
        sweep(cache / "tmp")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        self._network.close()

    def use_credentials_of(self, url: str) -> None:
        """Remember user and password of this URL for everything on the same scheme, host and port."""
        self._network.use_credentials_of(url)

    # Pages

    def text(self, url: str, accept: str = "*/*", max_age_seconds: float = 600) -> Response:
        """A page, from the cache if it was checked within `max_age_seconds` (`math.inf`: it never changes).

        Raises OfflineError, NotFoundError (404, 410) or OutsideError.
        """
        key = digest(without_credentials(url), accept)
        path = self.cache / "http" / key[:2] / key
        with self._one_at_a_time(key):
            entry = read_page(path)
            if entry is not None:
                max_age = min(max_age_seconds, _MISSING_MAX_AGE) if entry.missing else max_age_seconds
                if self.offline or self._is_fresh(path, max_age):
                    return entry.response()
            return self._renew(url, accept, path, entry).response()

    def _is_fresh(self, path: Path, max_age: float) -> bool:
        try:
            checked = path.stat().st_mtime
        except OSError:
            return False
        if self._refresh and max_age != math.inf and checked < self._started:
            return False
        return abs(time.time() - checked) <= max_age

    def _renew(self, url: str, accept: str, path: Path, old: Page | None) -> Page:
        headers = {"Accept": accept} | (old.conditions() if old is not None else {})

        def take(response: httpx2.Response) -> Page | None:
            return None if response.status_code == 304 else page_of(response)

        try:
            new = self._network.ask(url, headers, take)
        except NotFoundError:
            new = missing_page(url)
        if new is not None:
            write_atomically(self.cache, path, [msgspec.msgpack.encode(new)])
            return new
        if old is None:
            raise OutsideError(f"{public_url(url)}: answered 304 to an unconditional request")
        with writing(path):
            os.utime(path)
        return old

    # Questions that are posted, and what is made of the answers

    def post(self, url: str, question: bytes) -> bytes:
        """The answer to a question in JSON; asking again does no harm. It is not cached: see `keep`.

        Raises OfflineError, NotFoundError or OutsideError.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json"}

        def take(response: httpx2.Response) -> bytes:
            return body_of(response)

        return self._network.ask(url, headers, take, question)

    def keep(self, called: str, body: bytes) -> None:
        """Put something into the cache under a name, in place of what was there."""
        checksum = zlib.crc32(body).to_bytes(4, "big")
        write_atomically(self.cache, self._kept(called), [checksum, body])

    def kept(self, called: str, max_age_seconds: float = math.inf) -> Kept | None:
        """What was kept under a name, if it is not older than that; offline at any age."""
        path = self._kept(called)
        if not self.offline and not self._is_fresh(path, max_age_seconds):
            return None
        try:
            stored, moment = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return None
        body = stored[4:]
        return Kept(body, moment) if zlib.crc32(body).to_bytes(4, "big") == stored[:4] else None

    def _kept(self, called: str) -> Path:
        key = digest(called)
        return self.cache / "kept" / key[:2] / key

    # Whole files

    def whole(self, url: str, sha256: str | None) -> Path:
        """Where `download` puts this file, whether it is there or not."""
        key = file_key(url, sha256)
        return self.cache / "files" / shard(key) / key

    def has_whole(self, url: str, sha256: str | None) -> bool:
        """Whether the whole file is cached and still has the right hash."""
        path = self.whole(url, sha256)
        if sha256 is None or sha256 in self._verified:
            return path.is_file()
        try:
            with path.open("rb") as file:
                good = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False
        if good:
            self._verified.add(sha256)
        return good

    def download(self, url: str, sha256: str | None = None) -> Path:
        """The whole file on disk, its hash checked.

        Raises ArchiveError where the hash is not the promised one, otherwise as `text`.
        """
        path = self.whole(url, sha256)
        with self._one_at_a_time(path.name):
            if self.has_whole(url, sha256):
                return path

            def take(response: httpx2.Response) -> None:
                stream = bounded(response.iter_raw(BLOCK), MAX_FILE, url)
                write_atomically(self.cache, path, _hash_checked(stream, url, sha256))

            self._network.ask(url, {"Accept-Encoding": "identity"}, take)
            if sha256 is not None:
                self._verified.add(sha256)
            return path

    # Ranges

    def ranges(
        self, url: str, spans: Sequence[tuple[int, int]], sha256: str | None = None
    ) -> tuple[bytes, ...]:
        """The bytes of each span (start, stop) of a remote file.

        Raises RangesRefused where the server does not answer ranges, otherwise as `text`.
        """
        blocks = self.blocks(url, sha256)
        self.fill(url, blocks, spans)
        return tuple(blocks.read(start, stop) for start, stop in spans)

    def blocks(self, url: str, sha256: str | None = None) -> Blocks:
        """Where the blocks of this file lie, and its size; fetches the last block the first time."""
        key = file_key(url, sha256)
        folder = self.cache / "blocks" / shard(key) / key
        with self._one_at_a_time(str(folder)):
            with contextlib.suppress(OSError, ValueError):
                return Blocks(folder, int((folder / "size").read_text()))
            start, total, body = self._range(url, f"bytes=-{BLOCK}")
            if total > MAX_FILE:
                raise ArchiveError(f"{public_url(url)}: has {total} bytes; the limit is {MAX_FILE}")
            if start != max(0, total - BLOCK):
                raise RangesRefused
            write_atomically(self.cache, folder / "0", [body])
            write_atomically(self.cache, folder / "size", [str(total).encode()])
            return Blocks(folder, total)

    def fill(self, url: str, blocks: Blocks, spans: Iterable[tuple[int, int]]) -> None:
        """Bring the blocks that hold these spans to disk; near ones with one request, several at a time."""
        wanted = {number for start, stop in spans for number in blocks.covering(start, stop)}
        runs = runs_of(sorted(number for number in wanted if not blocks.has(number)))
        if len(runs) <= 1:
            for run in runs:
                self._fill_run(url, blocks, run)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(len(runs), self._concurrency)) as pool:
            list(pool.map(lambda run: self._fill_run(url, blocks, run), runs))

    def _fill_run(self, url: str, blocks: Blocks, run: range) -> None:
        start, stop = blocks.span(run[-1])[0], blocks.span(run[0])[1]
        got, total, body = self._range(url, f"bytes={start}-{stop - 1}")
        if (got, total, len(body)) != (start, blocks.size, stop - start):
            raise RangesRefused
        for number in run:
            first, last = blocks.span(number)
            write_atomically(self.cache, blocks.folder / str(number), [body[first - start : last - start]])

    def _range(self, url: str, value: str) -> tuple[int, int, bytes]:
        """One range request: first byte, total size, body. Anything but a clean 206 is RangesRefused."""
        if origin(url) in self._without_ranges:
            raise RangesRefused

        def take(response: httpx2.Response) -> tuple[int, int, bytes] | None:
            if response.status_code == 416:
                raise RangesRefused
            found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("content-range", ""))
            if response.status_code != 206 or found is None:
                return None
            first, last, total = map(int, found.groups())
            body = b"".join(bounded(response.iter_raw(BLOCK), (LONGEST_RUN + 1) * BLOCK, url))
            return (first, total, body) if len(body) == last - first + 1 else None

        taken = self._network.ask(url, {"Range": value, "Accept-Encoding": "identity"}, take)
        if taken is None:
            self._without_ranges.add(origin(url))
            raise RangesRefused
        return taken

    def _one_at_a_time(self, key: str) -> threading.Lock:
        """So that threads that want the same thing ask for it once."""
        with self._guard:
            return self._busy.setdefault(key, threading.Lock())


def _hash_checked(pieces: Iterable[bytes], url: str, sha256: str | None) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if sha256 is not None and digest.hexdigest() != sha256:
        raise ArchiveError(
            f"{public_url(url)}: the index promises sha256 {sha256}, but the file has {digest.hexdigest()}"
        )
