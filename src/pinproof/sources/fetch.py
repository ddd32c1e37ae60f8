"""The only module that speaks HTTP: cached on disk, retried, hash-checked, refusable offline.

What lies in the cache directory (every file is written whole to `tmp/` and then renamed, so that a kill at
any moment and any number of processes at once leave nothing half-written):

- `http/AA/KEY`: one answered page each, KEY being the hash of URL and Accept
- `kept/AA/KEY`: what was made of answers, KEY being the hash of what it is called
- `files/AA/SHA256`: whole distribution files (`files/AA/url-HASH` where the index gives no hash)
- `blocks/AA/KEY/N`: 64 KiB pieces of large files, counted from the end of the file, beside their `size`
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import netrc
import os
import random
import re
import tempfile
import threading
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import msgspec

from pinproof import __version__
from pinproof.errors import ArchiveError, NotFoundError, OfflineError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    import httpx2

T = TypeVar("T")

BLOCK = 64 * 1024
MAX_PAGE = 256 * 1024 * 1024
MAX_FILE = 8 * 1024 * 1024 * 1024
_NEAR = 2
_RUN = 64
_AGAIN = frozenset({429, 500, 502, 503, 504})
_NO_RANGES = frozenset({400, 405, 416, 501})
_LONGEST_WAIT = 30.0
_LONGEST_ANSWER = 300.0
"""Seconds that a page may take, however steadily it comes; files may take as long as they like."""
_MISSING_MAX_AGE = 600.0
_STALE_TEMPORARY = 24 * 3600
_CREDENTIALS_HINT = (
    "Put the credentials into ~/.netrc, or into the index URL: https://USER:PASSWORD@HOST/simple"
)


def public_url(url: str) -> str:
    """The URL as it may be shown: without user, password, query and fragment (each may hold a secret)."""
    parts = _split(url)
    return urlunsplit((parts.scheme, _host(url), parts.path, "", ""))


def without_credentials(url: str) -> str:
    """The URL without user and password and without fragment: what identifies a resource."""
    parts = _split(url)
    return urlunsplit((parts.scheme, _host(url), parts.path, parts.query, ""))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        # Without the URL itself: where its parts cannot be told apart, neither can its password.
        raise OutsideError(f"not a URL: {error}") from None


def _host(url: str) -> str:
    return _split(url).netloc.rpartition("@")[2]


def _origin(url: str) -> str:
    return f"{_split(url).scheme}://{_host(url)}".lower()


def file_key(url: str, sha256: str | None) -> str:
    """The name under which a file is cached: its hash, else the hash of its URL."""
    return sha256 or "url-" + _digest(without_credentials(url))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Response:
    """An answered page; `final_url` is the URL after redirects, without credentials."""

    body: bytes
    content_type: str
    final_url: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Something from the cache, and when it was put there (Unix time)."""

    body: bytes
    moment: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """The pieces of one remote file that lie on disk: piece N ends N blocks before the end of the file."""

    folder: Path
    size: int

    def covering(self, start: int, stop: int) -> range:
        """The numbers of the blocks that hold the bytes from `start` up to `stop`."""
        if start >= stop:
            return range(0)
        return range((self.size - stop) // BLOCK, (self.size - start - 1) // BLOCK + 1)

    def span(self, number: int) -> tuple[int, int]:
        """The bytes (start, stop) that this block holds."""
        return max(0, self.size - (number + 1) * BLOCK), self.size - number * BLOCK

    def has(self, number: int) -> bool:
        """Whether the block lies on disk, complete."""
        start, stop = self.span(number)
        try:
            return (self.folder / str(number)).stat().st_size == stop - start
        except OSError:
            return False

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, from disk only. Raises OSError where a block is missing."""
        return b"".join(
            self.within(number, self.piece(number), start, stop)
            for number in reversed(self.covering(start, stop))
        )

    def piece(self, number: int) -> bytes:
        """A whole block, from disk only. Raises OSError where it is missing."""
        start, stop = self.span(number)
        piece = (self.folder / str(number)).read_bytes()
        if len(piece) != stop - start:
            raise OSError(f"{self.folder / str(number)} is incomplete")
        return piece

    def within(self, number: int, piece: bytes, start: int, stop: int) -> bytes:
        """What a block, of which this is the content, has of the bytes from `start` up to `stop`."""
        first = self.span(number)[0]
        return piece[max(0, start - first) : stop - first]


class AccessRefusedError(OutsideError):
    """The server wants other credentials, or none will do (HTTP 401, 403)."""


class RangesRefused(Exception):  # noqa: N818 (a signal, not an error)
    """The server does not answer byte ranges: download the whole file instead."""


class _Entry(msgspec.Struct, frozen=True):
    """One page of the `http` folder; the time of its last check is the modification time of the file."""

    url: str
    content_type: str
    etag: str
    last_modified: str
    checksum: int
    body: bytes
    missing: bool = False

    def response(self) -> Response:
        if self.missing:
            raise NotFoundError(f"{public_url(self.url)}: not found")
        return Response(self.body, self.content_type, self.url)


# Made before there are threads: msgspec crashes where several of them are the first to decode a type.
_decode_entry = msgspec.msgpack.Decoder(_Entry).decode


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
        self._refresh = refresh
        self._concurrency = concurrency
        self._tries = tries
        self._timeout = timeout
        self._sleep = sleep
        self._started = time.time()
        self._slots = threading.BoundedSemaphore(concurrency)
        self._guard = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._client: httpx2.Client | None = None
        self._credentials: dict[str, tuple[str, str]] = {}
        self._netrc = _read_netrc()
        self._verified: set[str] = set()
        self._without_ranges: set[str] = set()
        _sweep(cache / "tmp")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._guard:
            if self._client is not None:
                self._client.close()
            self._client = None

    def use_credentials_of(self, url: str) -> None:
        """Remember user and password of this URL for everything on the same scheme, host and port."""
        parts = _split(url)
        if parts.username or parts.password:
            self._credentials[_origin(url)] = (unquote(parts.username or ""), unquote(parts.password or ""))

    # Pages

    def text(self, url: str, accept: str = "*/*", max_age_seconds: float = 600) -> Response:
        """A page, from the cache if it was checked within `max_age_seconds` (`math.inf`: it never changes).

        Raises OfflineError, NotFoundError (404, 410) or OutsideError.
        """
        key = _digest(without_credentials(url), accept)
        path = self.cache / "http" / key[:2] / key
        with self._one_at_a_time(key):
            entry = _read_entry(path)
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

    def _renew(self, url: str, accept: str, path: Path, old: _Entry | None) -> _Entry:
        headers = {"Accept": accept}
        if old is not None and old.etag:
            headers["If-None-Match"] = old.etag
        if old is not None and old.last_modified:
            headers["If-Modified-Since"] = old.last_modified

        def take(response: httpx2.Response) -> _Entry | None:
            return None if response.status_code == 304 else _entry_of(response)

        try:
            new = self._ask(url, headers, take)
        except NotFoundError:
            new = _missing_entry(url)
        if new is not None:
            write_atomically(self.cache, path, [msgspec.msgpack.encode(new)])
            return new
        if old is None:
            raise OutsideError(f"{public_url(url)}: answered 304 to an unconditional request")
        with _writing(path):
            os.utime(path)
        return old

    # Questions that are posted, and what is made of the answers

    def post(self, url: str, question: bytes) -> bytes:
        """The answer to a question in JSON; asking again does no harm. It is not cached: see `keep`.

        Raises OfflineError, NotFoundError or OutsideError.
        """
        headers = {"Accept": "application/json", "Content-Type": "application/json"}

        def take(response: httpx2.Response) -> bytes:
            return _page(response)

        return self._ask(url, headers, take, question)

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
        key = _digest(called)
        return self.cache / "kept" / key[:2] / key

    # Whole files

    def whole(self, url: str, sha256: str | None) -> Path:
        """Where `download` puts this file, whether it is there or not."""
        key = file_key(url, sha256)
        return self.cache / "files" / _shard(key) / key

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
                stream = _bounded(response.iter_raw(BLOCK), MAX_FILE, url)
                write_atomically(self.cache, path, _hash_checked(stream, url, sha256))

            self._ask(url, {"Accept-Encoding": "identity"}, take)
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
        folder = self.cache / "blocks" / _shard(key) / key
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
        runs = _runs(sorted(number for number in wanted if not blocks.has(number)))
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
        if _origin(url) in self._without_ranges:
            raise RangesRefused

        def take(response: httpx2.Response) -> tuple[int, int, bytes] | None:
            if response.status_code == 416:
                raise RangesRefused
            found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("content-range", ""))
            if response.status_code != 206 or found is None:
                return None
            first, last, total = map(int, found.groups())
            body = b"".join(_bounded(response.iter_raw(BLOCK), (_RUN + 1) * BLOCK, url))
            return (first, total, body) if len(body) == last - first + 1 else None

        taken = self._ask(url, {"Range": value, "Accept-Encoding": "identity"}, take)
        if taken is None:
            self._without_ranges.add(_origin(url))
            raise RangesRefused
        return taken

    # One request

    def _ask(
        self,
        url: str,
        headers: dict[str, str],
        take: Callable[[httpx2.Response], T],
        question: bytes | None = None,
    ) -> T:
        """Send a GET, or a POST of a question, until it is answered, and give the open response to `take`.

        `take` may run again where the connection breaks while it reads.
        """
        import httpx2

        if self.offline:
            raise OfflineError(
                f"{public_url(url)} is not in the cache, and the network is refused by --offline",
                "Run once without --offline.",
            )
        trouble = ""
        for attempt in range(1, self._tries + 1):
            wait: str | None = None
            try:
                with self._slots, self._stream(url, headers, question) as response:
                    if response.status_code not in _AGAIN:
                        _refuse(response, url, ranged="Range" in headers)
                        return take(response)
                    trouble, wait = f"HTTP {response.status_code}", response.headers.get("retry-after")
            except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
                _refuse_certificate(error, url)
                trouble = f"{type(error).__name__} {error}".strip()
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
                raise OutsideError(f"{public_url(url)}: {type(error).__name__} {error}") from None
            if attempt < self._tries:
                self._sleep(_pause(attempt, wait))
        times = "once" if self._tries == 1 else f"{self._tries} times"
        raise OutsideError(f"{public_url(url)}: {trouble} (tried {times})")

    def _stream(
        self, url: str, headers: dict[str, str], question: bytes | None
    ) -> contextlib.AbstractContextManager[httpx2.Response]:
        import httpx2

        self.use_credentials_of(url)
        known = self._credentials.get(_origin(url)) or self._from_netrc(url)
        # The credentials never are part of the URL, because httpx2 logs URLs.
        auth = httpx2.BasicAuth(*known) if known else None
        method = "GET" if question is None else "POST"
        return self._connected().stream(
            method, without_credentials(url), headers=headers, auth=auth, content=question
        )

    def _from_netrc(self, url: str) -> tuple[str, str] | None:
        found = self._netrc.authenticators(_split(url).hostname or "") if self._netrc else None
        return (found[0], found[2] or "") if found else None

    def _connected(self) -> httpx2.Client:
        # Imported late, here and above: it takes a tenth of a second, and a warm cache does without it.
        import httpx2

        with self._guard:
            if self._client is None:
                self._client = httpx2.Client(
                    follow_redirects=True,
                    timeout=self._timeout,
                    limits=httpx2.Limits(max_connections=self._concurrency),
                    headers={"User-Agent": f"pinproof/{__version__}"},
                )
            return self._client

    def _one_at_a_time(self, key: str) -> threading.Lock:
        """So that threads that want the same thing ask for it once."""
        with self._guard:
            return self._busy.setdefault(key, threading.Lock())


def write_atomically(cache: Path, path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of the cache so that it appears whole or not at all.

    Raises OutsideError naming the path where the disk is full or not writable.
    """
    with temporary(cache, path) as handle:
        for piece in pieces:
            with _writing(path):
                handle.write(piece)


@contextlib.contextmanager
def temporary(cache: Path, path: Path) -> Iterator[IO[bytes]]:
    """An open file that becomes `path` if the block ends well, and nothing otherwise."""
    with _writing(path):
        folder = cache / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115
    try:
        yield handle
        with _writing(path):
            handle.close()
            Path(handle.name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            handle.close()
        with contextlib.suppress(OSError):
            Path(handle.name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideError(
            f"cannot write to the cache: {path}: {error.strerror or error}",
            "Make room there, or choose another folder for the cache.",
        ) from error


def _sweep(folder: Path) -> None:
    """Remove what a killed process left behind long ago."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if time.time() - path.stat().st_mtime > _STALE_TEMPORARY:
                path.unlink(missing_ok=True)


def _shard(key: str) -> str:
    return key.removeprefix("url-")[:2]


def _read_entry(path: Path) -> _Entry | None:
    """The stored page, or None where there is none or it is damaged."""
    try:
        entry = _decode_entry(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return entry if zlib.crc32(entry.body) == entry.checksum else None


def _missing_entry(url: str) -> _Entry:
    """That there is no such page: remembered for a while, and for ever offline."""
    return _Entry(without_credentials(url), "", "", "", zlib.crc32(b""), b"", missing=True)


def _entry_of(response: httpx2.Response) -> _Entry:
    body = _page(response)
    return _Entry(
        url=without_credentials(str(response.url)),
        content_type=response.headers.get("content-type", ""),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
        checksum=zlib.crc32(body),
        body=body,
    )


def _page(response: httpx2.Response) -> bytes:
    """The whole of an answer that is no file."""
    url, until = str(response.url), time.monotonic() + _LONGEST_ANSWER
    pieces = []
    for piece in _bounded(response.iter_bytes(), MAX_PAGE, url):
        if time.monotonic() > until:
            raise OutsideError(f"{public_url(url)}: the answer takes longer than {_LONGEST_ANSWER:g} seconds")
        pieces.append(piece)
    return b"".join(pieces)


def _bounded(pieces: Iterable[bytes], limit: int, url: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise OutsideError(f"{public_url(url)}: the answer is longer than {limit} bytes")
        yield piece


def _hash_checked(pieces: Iterable[bytes], url: str, sha256: str | None) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if sha256 is not None and digest.hexdigest() != sha256:
        raise ArchiveError(
            f"{public_url(url)}: the index promises sha256 {sha256}, but the file has {digest.hexdigest()}"
        )


def _runs(numbers: list[int]) -> list[range]:
    """Block numbers, sorted -> stretches to be asked for at once: small gaps closed, long ones divided."""
    runs: list[range] = []
    for number in numbers:
        if runs and number - runs[-1][-1] <= _NEAR + 1 and number - runs[-1][0] < _RUN:
            runs[-1] = range(runs[-1][0], number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs


def _refuse(response: httpx2.Response, url: str, *, ranged: bool) -> None:
    """Raise for what is not an answer; a refused range is one, and means that there are no ranges."""
    status = response.status_code
    if status in (404, 410):
        raise NotFoundError(f"{public_url(url)}: not found (HTTP {status})")
    if status in (401, 403):
        raise AccessRefusedError(f"{public_url(url)}: access refused (HTTP {status})", _CREDENTIALS_HINT)
    if ranged and status in _NO_RANGES:
        return
    if status >= 300 and status != 304:
        raise OutsideError(f"{public_url(url)}: HTTP {status}")


def _refuse_certificate(error: Exception, url: str) -> None:
    """A certificate does not get better by asking again."""
    import ssl

    if isinstance(error.__context__, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
        raise OutsideError(
            f"{public_url(url)}: {error}",
            "Set SSL_CERT_FILE to the certificates that your network uses.",
        ) from None


def _pause(attempt: int, retry_after: str | None) -> float:
    """Seconds to wait after this attempt: what the server asks for, else doubling, with jitter."""
    asked = _retry_after_seconds(retry_after)
    if asked is not None:
        return min(max(asked, 0.0), _LONGEST_WAIT)
    return float(0.5 * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311 (not a secret)


def _retry_after_seconds(value: str | None) -> float | None:
    """Retry-After in seconds; it is a number or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    import email.utils

    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return (when.astimezone(UTC) - datetime.now(UTC)).total_seconds()


def _read_netrc() -> netrc.netrc | None:
    """The user's netrc (NETRC, else ~/.netrc), or None where there is none that can be read."""
    path = os.environ.get("NETRC") or Path("~/.netrc").expanduser()
    try:
        return netrc.netrc(path)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return None
