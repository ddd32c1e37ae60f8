"""A service that speaks the API of OSV: which records there are on projects, and the records.

Source: https://google.github.io/osv.dev/api/ (`POST v1/querybatch`, `GET v1/vulns/ID`)

Projects are asked about without a version: whoever has all records on a project can judge any release of it, and
what was asked once serves every lock that has the project.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import msgspec

from pinproof.errors import InputError, NotFoundError, OfflineError, OutsideError
from pinproof.model.advisory import Collected, Consulted, RecordText
from pinproof.model.verdict import NotChecked
from pinproof.sources.urls import public_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from pinproof.sources.fetch import Fetcher

OSV = "https://api.osv.dev"
MAX_AGE = 600.0
"""Seconds for which an answer counts as today's."""

_MOST_AT_ONCE = 1000
_MOST_PAGES = 100
_AT_ONCE = 16


_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Package(msgspec.Struct, frozen=True):
    name: str
    ecosystem: str = "PyPI"


class _Query(msgspec.Struct, frozen=True, omit_defaults=True):
    package: _Package
    page_token: str = ""


class _Named(msgspec.Struct, frozen=True):
    """A record that is about the project, and when it last changed."""

    id: str
    modified: _Moment | None = None


class _Page(msgspec.Struct, frozen=True):
    vulns: list[_Named] | None = None
    next_page_token: str | None = None


class _Pages(msgspec.Struct, frozen=True):
    results: list[_Page | None]


class _Head(msgspec.Struct, frozen=True):
    id: str
    modified: _Moment


# Made before there are threads: msgspec crashes where several of them are the first to decode a type.
_decode_pages = msgspec.json.Decoder(_Pages).decode
_decode_head = msgspec.json.Decoder(_Head).decode
_decode_named = msgspec.json.Decoder(tuple[_Named, ...]).decode


@dataclass(frozen=True, slots=True)
class _Answer:
    """The records on one project, and when that was said (Unix time)."""

    named: tuple[_Named, ...]
    moment: float


@dataclass(frozen=True, slots=True)
class _Record:
    url: str
    text: bytes
    modified: datetime


class AdvisoryService:
    """Answers with what is cached, else asks. InputError for what is no URL."""

    def __init__(self, fetcher: Fetcher, url: str = OSV) -> None:
        if not url.startswith(("https://", "http://")):
            raise InputError(f"{public_url(url)} is not the URL of a service: it must begin with https://")
        fetcher.use_credentials_of(url)
        self._fetcher = fetcher
        self._root = url.rstrip("/")

    def records(self, names: Iterable[NormalizedName]) -> Collected:
        """The records on these projects. OutsideError where not all of it is answered, or makes no sense."""
        answers = self._answers(tuple(dict.fromkeys(names)))
        about: dict[str, list[NormalizedName]] = {}
        modified: dict[str, datetime | None] = {}
        for name, answer in answers.items():
            for one in answer.named:
                about.setdefault(one.id, []).append(name)
                modified[one.id] = one.modified
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(modified, pool.map(self._record, modified, modified.values()), strict=True))
        texts = {i: one for i, one in found.items() if isinstance(one, _Record)}
        unclear = (
            NotChecked(name, f"{i}: {one}")
            for i, one in found.items()
            if isinstance(one, str)
            for name in about[i]
        )
        oldest = min((answer.moment for answer in answers.values()), default=datetime.now(UTC).timestamp())
        consulted = Consulted(
            public_url(self._root),
            len(texts),
            max((record.modified for record in texts.values()), default=None),
            datetime.fromtimestamp(oldest, UTC),
        )
        records = tuple(RecordText(one.url, one.text, tuple(about[i])) for i, one in texts.items())
        return Collected(records, consulted, tuple(unclear))

    # Which records there are

    def _answers(self, names: Sequence[NormalizedName]) -> Mapping[NormalizedName, _Answer]:
        known = {name: answer for name in names if (answer := self._known(name)) is not None}
        missing = [name for name in names if name not in known]
        for start in range(0, len(missing), _MOST_AT_ONCE):
            known |= self._asked(missing[start : start + _MOST_AT_ONCE])
        return known

    def _known(self, name: NormalizedName) -> _Answer | None:
        kept = self._fetcher.kept(self._called(name), MAX_AGE)
        try:
            return None if kept is None else _Answer(_decode_named(kept.body), kept.moment)
        except msgspec.MsgspecError:
            return None

    def _called(self, name: NormalizedName) -> str:
        return f"advisories on {name} in {self._root}"

    def _asked(self, names: Sequence[NormalizedName]) -> dict[NormalizedName, _Answer]:
        """Ask page after page, for those that have more, until all is said."""
        found: dict[NormalizedName, list[_Named]] = {name: [] for name in names}
        queries = {name: _Query(_Package(name)) for name in names}
        moment = datetime.now(UTC).timestamp()
        for _ in range(_MOST_PAGES):
            pages = self._pages(tuple(queries.values()))
            further = {}
            for (name, query), page in zip(queries.items(), pages, strict=True):
                found[name] += (page.vulns if page is not None else None) or ()
                if page is not None and page.next_page_token:
                    further[name] = _Query(query.package, page.next_page_token)
            queries = further
            if not queries:
                break
        else:
            raise OutsideError(f"{public_url(self._root)}: the answer has more than {_MOST_PAGES} pages")
        for name, named in found.items():
            self._fetcher.keep(self._called(name), msgspec.json.encode(named))
        return {name: _Answer(tuple(named), moment) for name, named in found.items()}

    def _pages(self, queries: Sequence[_Query]) -> list[_Page | None]:
        url = f"{self._root}/v1/querybatch"
        try:
            answer = _decode_pages(self._fetcher.post(url, msgspec.json.encode({"queries": queries})))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise OutsideError(f"{public_url(url)}: not an answer of OSV: {error}", _HINT) from None
        except OfflineError as error:
            raise OfflineError(
                f"the advisories on {_some(queries)} are not in the cache, and the network is refused by --offline",
                "Run once without --offline, or name an export: --advisories PATH.",
            ) from error
        except OutsideError as error:
            raise OutsideError(error.message, error.hint or _HINT) from None
        if len(answer.results) != len(queries):
            told = f"{len(queries)} projects were asked about, and {len(answer.results)} answered"
            raise OutsideError(f"{public_url(url)}: not an answer of OSV: {told}", _HINT)
        return answer.results

    # Records

    def _record(self, identifier: str, modified: datetime | None) -> _Record | str:
        """A record that is not older than it should be, or why it cannot be had."""
        url = f"{self._root}/v1/vulns/{quote(identifier, safe='')}"
        try:
            text = self._fetcher.text(url, "application/json", math.inf).body
            changed = _changed(text, identifier)
            if isinstance(changed, str) or (modified is not None and changed < modified):
                since = 0.0 if isinstance(changed, str) else MAX_AGE
                text = self._fetcher.text(url, "application/json", since).body
                changed = _changed(text, identifier)
        except NotFoundError as error:
            return error.message
        if isinstance(changed, str):
            return f"{public_url(url)}: {changed}"
        return _Record(public_url(url), text, changed)


def _changed(text: bytes, identifier: str) -> datetime | str:
    """When the record last changed, or why it is not that record."""
    try:
        head = _decode_head(text)
        modified = head.modified.astimezone(UTC)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        return f"not a record of OSV: {error}"
    return modified if head.id == identifier else f"shows another record, {head.id}"


_HINT = "Is it a service that speaks the API of OSV? An export can be read instead: --advisories PATH."


def _some(queries: Sequence[_Query]) -> str:
    names = [query.package.name for query in queries[:3]]
    more = len(queries) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
