"""One request over HTTP: refusable offline, retried, with the credentials that are for it."""

from __future__ import annotations

import netrc
import os
import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from pinproof import __version__
from pinproof.errors import NotFoundError, OfflineError, OutsideError
from pinproof.sources.urls import origin, public_url, split, without_credentials

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Iterable, Iterator

    import httpx2

T = TypeVar("T")

MAX_PAGE = 256 * 1024 * 1024
_AGAIN = frozenset({429, 500, 502, 503, 504})
_NO_RANGES = frozenset({400, 405, 416, 501})
_LONGEST_WAIT = 30.0
_LONGEST_ANSWER = 300.0
"""Seconds that a page may take, however steadily it comes; files may take as long as they like."""
_CREDENTIALS_HINT = (
    "Put the credentials into ~/.netrc, or into the index URL: https://USER:PASSWORD@HOST/simple"
)


class AccessRefusedError(OutsideError):
    """The server wants other credentials, or none will do (HTTP 401, 403)."""


class Network:
    """Sends requests. Safe to use from many threads at once; see `Fetcher` for what the arguments are."""

    def __init__(
        self, *, offline: bool, concurrency: int, tries: int, timeout: float, sleep: Callable[[float], None]
    ) -> None:
        self._offline = offline
        self._concurrency = concurrency
        self._tries = tries
        self._timeout = timeout
        self._sleep = sleep
        self._slots = threading.BoundedSemaphore(concurrency)
        self._guard = threading.Lock()
        self._client: httpx2.Client | None = None
        self._credentials: dict[str, tuple[str, str]] = {}
        self._netrc = _read_netrc()

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._guard:
            if self._client is not None:
                self._client.close()
            self._client = None

    def use_credentials_of(self, url: str) -> None:
        """Remember user and password of this URL for everything on the same scheme, host and port."""
        parts = split(url)
        if parts.username or parts.password:
            self._credentials[origin(url)] = (unquote(parts.username or ""), unquote(parts.password or ""))

    def ask(
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

        if self._offline:
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
        known = self._credentials.get(origin(url)) or self._from_netrc(url)
        # The credentials never are part of the URL, because httpx2 logs URLs.
        auth = httpx2.BasicAuth(*known) if known else None
        method = "GET" if question is None else "POST"
        # A redirected POST becomes a GET without the question, and whatever answers that was not asked anything.
        return self._connected().stream(
            method,
            without_credentials(url),
            headers=headers,
            auth=auth,
            content=question,
            follow_redirects=question is None,
        )

    def _from_netrc(self, url: str) -> tuple[str, str] | None:
        found = self._netrc.authenticators(split(url).hostname or "") if self._netrc else None
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


def body_of(response: httpx2.Response) -> bytes:
    """The whole of an answer that is no file."""
    url, until = str(response.url), time.monotonic() + _LONGEST_ANSWER
    pieces = []
    for piece in bounded(response.iter_bytes(), MAX_PAGE, url):
        if time.monotonic() > until:
            raise OutsideError(f"{public_url(url)}: the answer takes longer than {_LONGEST_ANSWER:g} seconds")
        pieces.append(piece)
    return b"".join(pieces)


def bounded(pieces: Iterable[bytes], limit: int, url: str) -> Iterator[bytes]:
    """The pieces of an answer. Raises OutsideError where they are more than `limit` bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise OutsideError(f"{public_url(url)}: the answer is longer than {limit} bytes")
        yield piece


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
