"""Pages as they are stored: what was answered, or that there is nothing, and how to ask whether it still holds."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pinproof.errors import NotFoundError
from pinproof.sources.network import body_of
from pinproof.sources.urls import public_url, without_credentials

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2


@dataclass(frozen=True, slots=True)
class Response:
    """An answered page; `final_url` is the URL after redirects, without credentials."""

    body: bytes
    content_type: str
    final_url: str


class Page(msgspec.Struct, frozen=True):
    """One page of the `http` folder; the time of its last check is the modification time of the file."""

    url: str
    content_type: str
    etag: str
    last_modified: str
    checksum: int
    body: bytes
    missing: bool = False

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it is another one by now (RFC 9110, 13.1)."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}

    def response(self) -> Response:
        """What is answered. Raises NotFoundError where the page is missing."""
        if self.missing:
            raise NotFoundError(f"{public_url(self.url)}: not found")
        return Response(self.body, self.content_type, self.url)


# Made before there are threads: msgspec crashes where several of them are the first to decode a type.
_decode = msgspec.msgpack.Decoder(Page).decode


def read_page(path: Path) -> Page | None:
    """The stored page, or None where there is none or it is damaged."""
    try:
        entry = _decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
    return entry if zlib.crc32(entry.body) == entry.checksum else None


def missing_page(url: str) -> Page:
    """That there is no such page: remembered for a while, and for ever offline."""
    return Page(without_credentials(url), "", "", "", zlib.crc32(b""), b"", missing=True)


def page_of(response: httpx2.Response) -> Page:
    """What is stored of an answer."""
    body = body_of(response)
    return Page(
        url=without_credentials(str(response.url)),
        content_type=response.headers.get("content-type", ""),
        etag=response.headers.get("etag", ""),
        last_modified=response.headers.get("last-modified", ""),
        checksum=zlib.crc32(body),
        body=body,
    )
