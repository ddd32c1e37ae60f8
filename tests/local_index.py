"""A package index on loopback, with real sockets, that tests fill and that misbehaves on request.

    with LocalIndex() as index:
        index.add("werkzeug", "3.0.0", {"werkzeug/__init__.py": "…"}, requires=["markupsafe"],
                  uploaded="2023-09-30")
        … index.url …

pinproof and uv both resolve against it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from packaging.utils import canonicalize_name

from loopback import LoopbackHandler, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "application/vnd.pypi.simple.v1+html"


def core_metadata(
    name: str, version: str, requires: Iterable[str] = (), requires_python: str | None = None, extra: str = ""
) -> str:
    """The text of METADATA or PKG-INFO; `extra` holds further header lines."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return "\n".join(lines) + "\n" + extra


def wheel(
    name: str,
    version: str,
    files: Mapping[str, str | bytes],
    metadata: str,
    *,
    tag: str = "py3-none-any",
    compressed: bool = True,
) -> tuple[str, bytes]:
    """The filename and content of a wheel with these members; `files` may override METADATA and WHEEL."""
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    members = {path: _bytes(text) for path, text in files.items()}
    members.setdefault(f"{info}/METADATA", metadata.encode())
    members.setdefault(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode())
    record = "".join(f"{path},{_record_hash(text)},{len(text)}\n" for path, text in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{stem}-{tag}.whl", zipped(members, compressed=compressed)


def sdist(
    name: str, version: str, files: Mapping[str, str | bytes], metadata: str, *, ending: str = ".tar.gz"
) -> tuple[str, bytes]:
    """The filename and content of a source distribution; `ending` may also be .zip, .tar.bz2 or .tar.xz."""
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    members = {f"{stem}/PKG-INFO": metadata.encode()}
    members |= {f"{stem}/{path}": _bytes(text) for path, text in files.items()}
    return stem + ending, zipped(members) if ending == ".zip" else tarred(members, ending)


def zipped(members: Mapping[str, bytes], *, compressed: bool = True) -> bytes:
    """A zip file of these members."""
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, text in members.items():
            archive.writestr(zipfile.ZipInfo(path), text, method)
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes], ending: str = ".tar.gz") -> bytes:
    """A tar file of these members, compressed as the ending of its name says."""
    buffer = io.BytesIO()
    mode = {".tar.gz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}[ending]
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for path, text in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _record_hash(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Upload:
    """A file on the index; `sha256` is what the index claims, `served` what it sends."""

    filename: str
    content: bytes
    metadata: bytes | None
    uploaded: str
    requires_python: str | None
    yanked: str | None
    sha256: str
    served: bytes


@dataclass(frozen=True)
class Asked:
    """One request that the index got."""

    path: str
    headers: dict[str, str]


@dataclass
class Trouble:
    """An answer that is given instead of the right one, so many times."""

    pattern: str
    status: int
    times: int
    headers: dict[str, str]


@dataclass
class LocalIndex:
    """The index. The flags may be set at any time; each says how a part of it behaves."""

    upload_times: bool = True
    project_json: bool = True
    ranges: bool = True
    metadata_advertised: bool = True
    metadata_served: bool = True
    json_pages: bool = True
    html_under_json_type: bool = False
    relative_urls: bool = False
    sizes: bool = True
    etags: bool = False
    login: tuple[str, str] | None = None
    projects: dict[str, list[Upload]] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._server = LoopbackServer(type("Handler", (_Handler,), {"index": self}))
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def host(self) -> str:
        """Host and port."""
        return self._server.host

    @property
    def url(self) -> str:
        """The index URL, as for `--index-url`."""
        return f"http://{self.host}/simple"

    def add(
        self,
        name: str,
        version: str,
        files: Mapping[str, str | bytes] | None = None,
        *,
        requires: Iterable[str] = (),
        requires_python: str | None = None,
        uploaded: str = "2020-01-01",
        yanked: str | None = None,
        metadata: str = "",
        sdist_ending: str | None = None,
        tag: str = "py3-none-any",
        compressed: bool = True,
    ) -> Upload:
        """Upload a wheel (an sdist where `sdist_ending` is given) made of these members.

        `uploaded` is a date or an RFC 3339 time; `metadata` holds further header lines of METADATA.
        """
        files = {f"{canonicalize_name(name).replace('-', '_')}/__init__.py": ""} if files is None else files
        text = core_metadata(name, version, requires, requires_python, metadata)
        if sdist_ending is None:
            filename, content = wheel(name, version, files, text, tag=tag, compressed=compressed)
            sibling = text.encode()
        else:
            filename, content = sdist(name, version, files, text, ending=sdist_ending)
            sibling = None
        return self.add_file(
            name, filename, content, uploaded=uploaded, yanked=yanked, metadata=sibling,
            requires_python=requires_python,
        )  # fmt: skip

    def add_file(
        self,
        name: str,
        filename: str,
        content: bytes,
        *,
        uploaded: str = "2020-01-01",
        requires_python: str | None = None,
        yanked: str | None = None,
        metadata: bytes | None = None,
    ) -> Upload:
        """Upload any bytes under any filename."""
        time = uploaded if "T" in uploaded else f"{uploaded}T00:00:00Z"
        sha256 = hashlib.sha256(content).hexdigest()
        upload = Upload(filename, content, metadata, time, requires_python, yanked, sha256, served=content)
        self.projects.setdefault(canonicalize_name(name), []).append(upload)
        return upload

    def page(self, path: str, body: bytes, content_type: str = "text/html") -> None:
        """Answer this path with exactly this."""
        self.pages[path] = (content_type, body)

    def fail(self, pattern: str, status: int, times: int = 1, headers: dict[str, str] | None = None) -> None:
        """Answer the next requests whose path matches the pattern with this status.

        The header `X-Cut` makes the server hang up in the middle of the answer.
        """
        self.troubles.append(Trouble(pattern, status, times, headers or {}))

    def paths(self, pattern: str = "") -> list[str]:
        """The paths that were asked for, those that match."""
        return [asked.path for asked in self.asked if re.search(pattern, asked.path)]

    # What it answers

    def file_url(self, upload: Upload) -> str:
        return f"http://{self.host}/files/{upload.filename}"

    def json_page(self, name: str) -> bytes:
        files = [self._json_file(upload) for upload in self.projects[name]]
        versions = sorted({upload.filename.split("-")[1] for upload in self.projects[name]})
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": files}
        if name in self.statuses:
            status, reason = self.statuses[name]
            page["project-status"] = {"status": status, "reason": reason}
        return json.dumps(page).encode()

    def _json_file(self, upload: Upload) -> dict[str, object]:
        advertised = self.metadata_advertised and upload.metadata is not None
        file: dict[str, object] = {
            "filename": upload.filename,
            "url": self._link(upload),
            "hashes": {"sha256": upload.sha256},
            "requires-python": upload.requires_python,
            "yanked": False if upload.yanked is None else upload.yanked or True,
            "core-metadata": advertised,
        }
        if self.upload_times:
            file["upload-time"] = upload.uploaded
        if self.sizes:
            file["size"] = len(upload.content)
        return file

    def html_page(self, name: str, accept: str) -> bytes:
        with_times = self.upload_times and JSON_TYPE in accept
        links = "".join(self._html_link(upload, with_times=with_times) for upload in self.projects[name])
        head = self._html_status(*self.statuses[name]) if name in self.statuses else ""
        body = f"<h1>Links for {name}</h1>\n{links}"
        return f"<!DOCTYPE html>\n<html>{head}<body>{body}</body></html>\n".encode()

    def _html_status(self, status: str, reason: str) -> str:
        told = {"pypi:project-status": status, "pypi:project-status-reason": reason}
        tags = (f'<meta name="{key}" content="{html.escape(value)}">' for key, value in told.items())
        return f"<head>{''.join(tags)}</head>"

    def _html_link(self, upload: Upload, *, with_times: bool) -> str:
        attributes = {"href": f"{self._link(upload)}#sha256={upload.sha256}"}
        if upload.requires_python is not None:
            attributes["data-requires-python"] = upload.requires_python
        if upload.yanked is not None:
            attributes["data-yanked"] = upload.yanked
        if self.metadata_advertised and upload.metadata is not None:
            attributes["data-core-metadata"] = "true"
        if with_times:
            attributes["data-upload-time"] = upload.uploaded
        text = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
        return f"<a {text}>{upload.filename}</a><br/>\n"

    def _link(self, upload: Upload) -> str:
        return f"../../files/{upload.filename}" if self.relative_urls else self.file_url(upload)

    def details(self, name: str) -> bytes:
        releases: dict[str, list[dict[str, object]]] = {}
        for upload in self.projects[name]:
            detail = {
                "filename": upload.filename,
                "upload_time_iso_8601": upload.uploaded,
                "digests": {"sha256": upload.sha256},
                "size": len(upload.content),
            }
            releases.setdefault(upload.filename.split("-")[1], []).append(detail)
        return json.dumps({"info": {"name": name}, "releases": releases}).encode()

    def file(self, filename: str) -> bytes | None:
        """The content of a file, or of its `.metadata`."""
        for upload in (upload for uploads in self.projects.values() for upload in uploads):
            if upload.filename == filename:
                return upload.served
            if f"{upload.filename}.metadata" == filename and self.metadata_served:
                return upload.metadata
        return None


class _Handler(LoopbackHandler):
    index: LocalIndex

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.index.asked.append(Asked(path, {key.lower(): value for key, value in self.headers.items()}))
        trouble = next((t for t in self.index.troubles if t.times > 0 and re.search(t.pattern, path)), None)
        if trouble is not None:
            trouble.times -= 1
            self.close_connection = "X-Cut" in trouble.headers
            self.answer(trouble.status, b"no", "text/plain", trouble.headers)
        elif not self.is_allowed():
            self.answer(401, b"who?", "text/plain", {"WWW-Authenticate": "Basic"})
        else:
            self.route(path)

    def is_allowed(self) -> bool:
        if self.index.login is None:
            return True
        expected = base64.b64encode(":".join(self.index.login).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def route(self, path: str) -> None:
        if path in self.index.pages:
            content_type, body = self.index.pages[path]
            self.answer(200, body, content_type)
        elif (match := re.fullmatch(r"/simple/([^/]+)/", path)) and match[1] in self.index.projects:
            self.simple(match[1])
        elif (match := re.fullmatch(r"/pypi/([^/]+)/json", path)) and self.has_details(match[1]):
            self.answer(200, self.index.details(match[1]), "application/json")
        elif path.startswith("/files/") and (content := self.index.file(path[7:])) is not None:
            self.file(content)
        else:
            self.answer(404, b"not here", "text/plain")

    def has_details(self, name: str) -> bool:
        return self.index.project_json and name in self.index.projects

    def simple(self, name: str) -> None:
        accept = self.headers.get("Accept", "")
        as_html = self.index.html_page(name, accept)
        if self.index.html_under_json_type:
            self.answer(200, as_html, JSON_TYPE)
        elif self.index.json_pages and JSON_TYPE in accept:
            self.answer(200, self.index.json_page(name), JSON_TYPE)
        else:
            self.answer(200, as_html, HTML_TYPE if HTML_TYPE in accept else "text/html")

    def file(self, body: bytes) -> None:
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if match is None or not self.index.ranges:
            self.answer(200, body, "application/octet-stream")
            return
        first, last = match.groups()
        start = int(first) if first else max(0, len(body) - int(last))
        stop = min(int(last) + 1, len(body)) if first and last else len(body)
        if start >= stop:
            self.answer(416, b"", "text/plain", {"Content-Range": f"bytes */{len(body)}"})
            return
        headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"}
        self.answer(206, body[start:stop], "application/octet-stream", headers)

    def answer(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        headers = {"Content-Type": content_type, **(headers or {})}
        if self.index.etags and status == 200:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
        if self.index.ranges and self.path.startswith("/files/"):
            headers["Accept-Ranges"] = "bytes"
        headers["Content-Length"] = str(len(body) + (99 if "X-Cut" in headers else 0))
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
