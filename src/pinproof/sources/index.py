"""The package index: a project's releases and files, and the metadata of a file.

Reads the Simple API as JSON (PEP 691) or HTML (PEP 503) with upload times and sizes (PEP 700), yanked files
(PEP 592), core metadata (PEP 658, 714) and how the project stands (PEP 792). Which of the two it is, is decided by
the content: mirrors answer HTML under a JSON type.
"""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from pinproof.errors import ArchiveError, InputError, NotFoundError, OfflineError, OutsideError
from pinproof.model.release import File, Project, Release, Standing, Status, TimesFrom
from pinproof.sources.network import AccessRefusedError
from pinproof.sources.urls import public_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pinproof.sources.fetch import Fetcher
    from pinproof.sources.pages import Response

PYPI = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
PAGE_MAX_AGE = 600.0
_USUAL_TAGS = re.compile(r"[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+\.whl")
_PLAIN = re.compile(r"[A-Za-z0-9_.+!-]+")
SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


class Index:
    """One or several package indexes; of several the first that has a project answers for it."""

    def __init__(self, fetcher: Fetcher, index_urls: tuple[str, ...] = (PYPI,)) -> None:
        for url in index_urls:
            if not url.startswith(("https://", "http://")):
                raise InputError(f"{public_url(url)} is not the URL of an index: it must begin with https://")
            fetcher.use_credentials_of(url)
        self._fetcher = fetcher
        self._roots = tuple(url.rstrip("/") for url in index_urls)
        self._projects: dict[NormalizedName, Project] = {}
        self._without_siblings: set[str] = set()
        self._lock = threading.Lock()

    @property
    def places(self) -> tuple[str, ...]:
        """The indexes by their URLs, fit to be shown."""
        return tuple(public_url(root) for root in self._roots)

    def project(self, name: str) -> Project:
        """The project with its releases, asked once per run.

        Raises NotFoundError where no index has it, OutsideError where an answer makes no sense.
        """
        normalized = canonicalize_name(name)
        with self._lock:
            known = self._projects.get(normalized)
        if known is None:
            known = self._ask(normalized)
            with self._lock:
                self._projects[normalized] = known
        return known

    def metadata(self, file: File) -> bytes:
        """The text of METADATA or PKG-INFO: from its own resource (PEP 658), else out of the archive.

        Raises ArchiveError where the archive has none or cannot be read.
        """
        if file.is_wheel and not self._fetcher.has_whole(file.url, file.sha256):
            text = self._sibling(file)
            if text is not None:
                return text
        return _metadata_inside(file, self._fetcher)

    def _ask(self, name: NormalizedName) -> Project:
        for root in self._roots:
            try:
                page = self._fetcher.text(f"{root}/{name}/", ACCEPT, PAGE_MAX_AGE)
            except NotFoundError:
                continue
            return self._with_times(root, name, parse_page(page, name))
        where = ", ".join(public_url(root) for root in self._roots)
        raise NotFoundError(f"no project named {name} on {where}", "Check the spelling of the name.")

    def _with_times(self, root: str, name: NormalizedName, page: Page) -> Project:
        files, standing = page.files, page.standing
        if any(file.upload_time is not None for _, file in files):
            return _project(name, files, TimesFrom.INDEX, standing)
        details = self._details(root, name) if files else {}
        if not details:
            return _project(name, files, TimesFrom.NOWHERE, standing)
        filled = [(version, _filled(file, details.get(file.filename))) for version, file in files]
        return _project(name, filled, TimesFrom.PROJECT_JSON, standing)

    def _details(self, root: str, name: NormalizedName) -> dict[str, _Detail]:
        """What the project's JSON says of its files, by filename; empty where there is no such thing."""
        url = f"{root.removesuffix('/simple')}/pypi/{name}/json"
        try:
            page = self._fetcher.text(url, "application/json", PAGE_MAX_AGE)
            answer = _decode_project(page.body)
        except (NotFoundError, AccessRefusedError, OfflineError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}
        return {detail.filename: detail for details in answer.releases.values() for detail in details}

    def _sibling(self, file: File) -> bytes | None:
        """The `.metadata` resource beside the file: tried unasked, until a host turns out to have none."""
        host = urlsplit(file.url).netloc
        if not file.has_metadata and host in self._without_siblings:
            return None
        try:
            text = self._fetcher.text(_metadata_url(file.url), max_age_seconds=math.inf).body
        except OfflineError:
            return None
        except OutsideError:
            # Some servers say 403 of what they do not have. The archive is asked next, and will say more.
            self._without_siblings.add(host)
            return None
        return text if b"Metadata-Version:" in text else None


class _Detail(msgspec.Struct, frozen=True):
    filename: str
    upload_time_iso_8601: str | None = None
    upload_time: str | None = None
    digests: dict[str, str] = {}
    size: int | None = None


class _ProjectJson(msgspec.Struct, frozen=True):
    releases: dict[str, list[_Detail]] = {}


class _JsonFile(msgspec.Struct, frozen=True, rename="kebab"):
    filename: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    size: int | None = None
    upload_time: str | None = None
    yanked: bool | str = False
    core_metadata: Any = None
    dist_info_metadata: Any = None
    data_dist_info_metadata: Any = None


class _JsonPage(msgspec.Struct, frozen=True, rename="kebab"):
    files: list[_JsonFile]
    meta: Any = None
    project_status: Any = None


# Made before there are threads: msgspec crashes where several of them are the first to decode a type.
_decode_project = msgspec.json.Decoder(_ProjectJson).decode
_decode_page = msgspec.json.Decoder(_JsonPage).decode


@dataclass(frozen=True, slots=True)
class Page:
    """What a project's page says; the files in the page's order, but those that no tool would install."""

    files: list[tuple[Version, File]]
    standing: Standing | None = None


def parse_page(page: Response, name: NormalizedName) -> Page:
    """A page of either form. Raises OutsideError where it is neither a JSON nor an HTML index page."""
    body = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    files, standing = _json_page(page, body) if body.startswith(b"{") else _html_page(page, body)
    known = [(version, file) for file in files if (version := version_of(file.filename, name)) is not None]
    return Page(known, standing)


def version_of(filename: str, name: NormalizedName) -> Version | None:
    """The version in the name of a wheel or sdist of this project; None for every other file."""
    if filename.endswith(".whl"):
        return _wheel_version(filename, name)
    if not _PLAIN.fullmatch(filename):
        return None
    for ending in SDIST_ENDINGS:
        if filename.endswith(ending):
            return _sdist_version(filename.removesuffix(ending), name)
    return None


def _wheel_version(filename: str, name: NormalizedName) -> Version | None:
    parts = filename.split("-", 2)
    # The usual name; anything else is left to the complete, slow check.
    if _canonical(parts[0]) == name and _USUAL_TAGS.fullmatch(parts[-1]):
        return _version(parts[1])
    if not _PLAIN.fullmatch(filename):
        return None
    try:
        found, version, _, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    return version if found == name else None


def _sdist_version(stem: str, name: NormalizedName) -> Version | None:
    """`NAME-VERSION`, where either may hold dashes: the first way to divide it that gives this name."""
    for dash in (i for i, letter in enumerate(stem) if letter == "-"):
        if _canonical(stem[:dash]) == name:
            version = _version(stem[dash + 1 :])
            if version is not None:
                return version
    return None


_canonical = cache(canonicalize_name)


@cache
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@cache
def _specifiers(text: str | None) -> SpecifierSet | None:
    if not text:
        return None
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


def _time(text: str | None) -> datetime | None:
    """RFC 3339 -> aware UTC datetime; a time without zone is taken for UTC."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


_KNOWS_STATUS = (1, 4)
"""The version of the API from which on a page without a status is one of an active project."""


def _standing(api_version: object, status: object, reason: object) -> Standing | None:
    """What a page says of the project; a status that PEP 792 does not have counts as none."""
    if status is None:
        numbers = re.fullmatch(r"(\d+)\.(\d+)", str(api_version))
        known = numbers is not None and (int(numbers[1]), int(numbers[2])) >= _KNOWS_STATUS
        return Standing(Status.ACTIVE) if known else None
    found = next((one for one in Status if one.value == status), Status.ACTIVE)
    return Standing(found, reason if isinstance(reason, str) else "")


def _json_page(page: Response, body: bytes) -> tuple[Iterator[File], Standing | None]:
    try:
        answer = _decode_page(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _nonsense(page, str(error)) from None
    meta = answer.meta if isinstance(answer.meta, dict) else {}
    told = answer.project_status if isinstance(answer.project_status, dict) else {}
    standing = _standing(meta.get("api-version"), told.get("status"), told.get("reason"))
    return _json_files(page, answer.files), standing


def _json_files(page: Response, entries: Iterable[_JsonFile]) -> Iterator[File]:
    for entry in entries:
        url = _absolute(page.final_url, entry.url)
        if url is not None:
            yield File(
                filename=entry.filename,
                url=url,
                sha256=_sha256(entry.hashes.get("sha256")),
                size=entry.size,
                upload_time=_time(entry.upload_time),
                requires_python=_specifiers(entry.requires_python),
                yanked=entry.yanked if isinstance(entry.yanked, str) else ("" if entry.yanked else None),
                has_metadata=bool(
                    entry.core_metadata or entry.dist_info_metadata or entry.data_dist_info_metadata
                ),
            )


# Index pages have megabytes of one kind of tag: two expressions read them ten times faster than html.parser.
_ANCHOR = re.compile(r"<a\s([^>]*)>(.*?)</a", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_TIDY = re.compile(r"""(?:[a-z][a-z-]*="[^"]*"\s*)*""")
_TIDY_ATTRIBUTE = re.compile(r"""([a-z-]+)="([^"]*)\"""")
_BASE = re.compile(r"""<base\s[^>]*?href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_META = re.compile(r"<meta\s([^>]*)>", re.IGNORECASE)


def _html_page(page: Response, body: bytes) -> tuple[Iterator[File], Standing | None]:
    text = body.decode("utf-8", "replace")
    if not re.match(r"<(!doctype\s+html|html|head|body|a\s|!--|\?xml)", text, re.IGNORECASE):
        raise _nonsense(page, "it is neither JSON nor HTML")
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    based = _BASE.search(text)
    base = (based and _absolute(page.final_url, _unescaped(based[1]))) or page.final_url
    anchors = _ANCHOR.findall(text)
    if not anchors and not re.search(r"<title>[^<]*\b(links|index)\b", text, re.IGNORECASE):
        raise _nonsense(page, "it is a page without links")
    return _html_files(base, anchors), _html_standing(text)


def _html_standing(text: str) -> Standing | None:
    tags = (_attributes(tag) for tag in _META.findall(text.partition("<a ")[0]))
    told = {tag.get("name", ""): tag.get("content", "") for tag in tags}
    return _standing(
        told.get("pypi:repository-version", ""),
        told.get("pypi:project-status"),
        told.get("pypi:project-status-reason"),
    )


def _html_files(base: str, anchors: Iterable[tuple[str, str]]) -> Iterator[File]:
    for attributes, _ in anchors:
        file = _html_file(base, attributes)
        if file is not None:
            yield file


def _html_file(base: str, tag: str) -> File | None:
    attributes = _attributes(tag)
    url = _absolute(base, attributes.get("href", ""))
    if url is None:
        return None
    address, _, fragment = url.partition("#")
    name = address.partition("?")[0].rpartition("/")[2]
    metadata = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata", "false"))
    return File(
        filename=unquote(name) if "%" in name else name,
        url=address,
        sha256=_sha256(fragment.partition("sha256=")[2].partition("&")[0]),
        size=None,
        upload_time=_time(attributes.get("data-upload-time")),
        requires_python=_specifiers(attributes.get("data-requires-python")),
        yanked=attributes.get("data-yanked"),
        has_metadata=metadata != "false",
    )


def _attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag; what is written in the usual way is read in the quick way."""
    if _TIDY.fullmatch(tag):
        found = _TIDY_ATTRIBUTE.findall(tag)
    else:
        written = _ATTRIBUTE.findall(tag)
        found = [(key.lower(), double or single or bare) for key, double, single, bare in written]
    return {key: _unescaped(value) if "&" in value else value for key, value in found}


@cache
def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)


def _absolute(base: str, url: str) -> str | None:
    """The URL resolved against its page; None where that is not an HTTP address."""
    if "[" in url or not url.startswith(("https://", "http://")):
        try:
            url = urljoin(base, url)
        except ValueError:
            return None
    return url if url.startswith(("https://", "http://")) else None


_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def _sha256(text: str | None) -> str | None:
    """The hash in lower case, or None where this is none (it becomes a file name, so it is checked)."""
    return text.lower() if text and _SHA256.fullmatch(text) else None


def _nonsense(page: Response, reason: str) -> OutsideError:
    return OutsideError(
        f"{public_url(page.final_url)} does not answer as a package index: {reason}",
        "Check the index URL: it usually ends in /simple.",
    )


def _project(
    name: NormalizedName,
    files: Iterable[tuple[Version, File]],
    source: TimesFrom,
    standing: Standing | None,
) -> Project:
    by_version: dict[Version, list[File]] = {}
    for version, file in files:
        by_version.setdefault(version, []).append(file)
    releases = (Release(name, version, tuple(by_version[version])) for version in sorted(by_version))
    return Project(name, tuple(releases), source, standing)


def _filled(file: File, detail: _Detail | None) -> File:
    """The file with the upload time, and what else was missing, from the project's JSON."""
    if detail is None:
        return file
    return File(
        filename=file.filename,
        url=file.url,
        sha256=file.sha256 or _sha256(detail.digests.get("sha256")),
        size=file.size or detail.size,
        upload_time=_time(detail.upload_time_iso_8601 or detail.upload_time),
        requires_python=file.requires_python,
        yanked=file.yanked,
        has_metadata=file.has_metadata,
    )


def _metadata_url(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=parts.path + ".metadata", fragment="").geturl()


_METADATA_MEMBER = re.compile(r"[^/]+\.dist-info/METADATA")


def _metadata_inside(file: File, fetcher: Fetcher) -> bytes:
    from pinproof.sources.archive import open_archive

    archive = open_archive(file, fetcher)
    if file.is_wheel:
        member = next(filter(_METADATA_MEMBER.fullmatch, archive.names), None)
    else:
        member = "PKG-INFO" if "PKG-INFO" in archive.names else None
    if member is None:
        raise ArchiveError(f"{file.filename} ({public_url(file.url)}): it holds no metadata")
    archive.ensure([member], fetcher)
    return next(text for _, text in archive.read([member]))
