"""A service that speaks the API of OSV: asked once, page by page; what it does wrong is never taken for silence."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from osv_server import OsvServer
from pinproof.errors import InputError, OfflineError, OutsideError
from pinproof.sources.advisory_service import AdvisoryService
from pinproof.sources.fetch import Fetcher
from records import vulnerable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALPHA, BETA = map(canonicalize_name, ("alpha", "beta"))


@pytest.fixture
def osv() -> Iterator[OsvServer]:
    """A service that knows of alpha."""
    with OsvServer([vulnerable("alpha"), vulnerable("Alpha", identifier="GHSA-x")]) as running:
        yield running


def identifiers(texts: tuple[object, ...]) -> list[str]:
    """Of which records these are the texts."""
    return [json.loads(text.text)["id"] for text in texts]  # type: ignore[attr-defined]


def age(cache: Path, seconds: float) -> None:
    """Let everything in the cache be older."""
    for path in cache.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - seconds,) * 2)


def test_projects_are_asked_about_at_once_and_then_remembered(osv: OsvServer, fetcher: Fetcher) -> None:
    found = AdvisoryService(fetcher, osv.url).records([ALPHA, BETA])
    again = AdvisoryService(fetcher, osv.url + "/").records([BETA, ALPHA])

    assert identifiers(found.texts) == ["PYSEC-2024-1", "GHSA-x"] == identifiers(again.texts)
    assert found.texts[0].about == (ALPHA,)
    assert found.consulted.origin == osv.url
    assert (found.consulted.records, found.unclear) == (2, ())
    assert str(found.consulted.newest) == "2024-05-01 10:00:00+00:00"
    assert found.consulted.asked is not None
    assert found.consulted.asked <= datetime.now(UTC)
    first, *records = osv.asked
    assert (first, sorted(records)) == ("/v1/querybatch", ["/v1/vulns/GHSA-x", "/v1/vulns/PYSEC-2024-1"])


def test_only_what_is_not_known_is_asked_for(osv: OsvServer, fetcher: Fetcher) -> None:
    service = AdvisoryService(fetcher, osv.url)
    service.records([ALPHA])
    service.records([ALPHA, BETA])

    assert [[q["package"]["name"] for q in queries] for queries in osv.queries] == [["alpha"], ["beta"]]


def test_a_record_is_fetched_again_only_when_it_has_changed(
    osv: OsvServer, fetcher: Fetcher, cache: Path
) -> None:
    service = AdvisoryService(fetcher, osv.url)
    service.records([ALPHA])
    age(cache, 3600)
    osv.records[0] = vulnerable("alpha", fixed="9.0", modified="2025-01-01T00:00:00Z")

    found = service.records([ALPHA])

    assert osv.asked[3:] == ["/v1/querybatch", "/v1/vulns/PYSEC-2024-1"]
    assert b'"9.0"' in found.texts[0].text


def test_answers_of_many_pages(fetcher: Fetcher) -> None:
    records = [vulnerable("alpha", identifier=f"PYSEC-2024-{n}") for n in range(5)]
    with OsvServer([*records, vulnerable("beta", identifier="GHSA-b")], page_size=2) as osv:
        found = AdvisoryService(fetcher, osv.url).records([ALPHA, BETA])

    assert len(found.texts) == 6
    assert [len(queries) for queries in osv.queries] == [2, 1, 1]


def test_a_thousand_projects_at_once_and_no_more(fetcher: Fetcher) -> None:
    with OsvServer() as osv:
        AdvisoryService(fetcher, osv.url).records([canonicalize_name(f"p{n}") for n in range(1001)])

    assert [len(queries) for queries in osv.queries] == [1000, 1]


def test_offline_what_was_seen_still_serves_at_any_age(osv: OsvServer, fetcher: Fetcher, cache: Path) -> None:
    seen = AdvisoryService(fetcher, osv.url).records([ALPHA])
    age(cache, 1_000_000)
    with Fetcher(cache, offline=True) as offline:
        service = AdvisoryService(offline, osv.url)
        found = service.records([ALPHA])
        with pytest.raises(OfflineError, match="the advisories on beta are not in the cache"):
            service.records([ALPHA, BETA])

    assert found.texts == seen.texts
    assert found.consulted.asked is not None
    assert seen.consulted.asked is not None
    assert (seen.consulted.asked - found.consulted.asked).total_seconds() > 900_000


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        pytest.param({"status": 503}, "503", id="down"),
        pytest.param({"status": 404}, "not found", id="another service"),
        pytest.param({"status": 400}, "400", id="refusing"),
        pytest.param({"body": b"<html>sign in</html>"}, "not an answer of OSV", id="nonsense"),
        pytest.param(
            {"body": b'{"results": [{}]}'}, "2 projects were asked about, and 1 answered", id="short"
        ),
        pytest.param({"body": b'{"results": [{"vulns": [{"id"'}, "not an answer of OSV", id="half a page"),
        pytest.param({"body": b"{}"}, "not an answer of OSV", id="empty"),
        pytest.param({"body": b"[" * 200_000}, "not an answer of OSV", id="deep"),
        pytest.param({"cut": True}, "tried 4 times", id="hanging up"),
        pytest.param({"status": 302, "location": "/v1/query"}, "HTTP 302", id="redirect"),
        pytest.param({"status": 307, "location": "/v1/query"}, "HTTP 307", id="redirect elsewhere"),
    ],
)
def test_an_answer_that_is_none_fails(
    osv: OsvServer, fetcher: Fetcher, trouble: dict[str, object], message: str
) -> None:
    osv.trouble("querybatch", times=9, **trouble)

    with pytest.raises(OutsideError, match=message):
        AdvisoryService(fetcher, osv.url).records([ALPHA, BETA])


def test_a_slow_service_fails_after_a_while(osv: OsvServer, cache: Path) -> None:
    osv.trouble("querybatch", times=9, delay=0.5)

    with (
        Fetcher(cache, timeout=0.05, tries=2, sleep=lambda _: None) as impatient,
        pytest.raises(OutsideError, match="Timeout"),
    ):
        AdvisoryService(impatient, osv.url).records([ALPHA])


@pytest.mark.parametrize("path", ["querybatch", "vulns"])
def test_an_answer_that_trickles_fails_after_a_while(
    osv: OsvServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("pinproof.sources.network._LONGEST_ANSWER", 0.1)
    osv.trouble(path, times=9, trickle=0.01)

    with pytest.raises(OutsideError, match="takes longer than"):
        AdvisoryService(fetcher, osv.url).records([ALPHA])


def test_trouble_that_passes_is_waited_for(osv: OsvServer, fetcher: Fetcher) -> None:
    osv.trouble("querybatch", times=2, status=503)
    osv.trouble("vulns", times=1, cut=True)

    assert len(AdvisoryService(fetcher, osv.url).records([ALPHA]).texts) == 2


def test_pages_without_end_fail(fetcher: Fetcher) -> None:
    with OsvServer([vulnerable("alpha")]) as osv:
        osv.trouble("querybatch", times=1000, body=b'{"results": [{"next_page_token": "again"}]}')
        with pytest.raises(OutsideError, match="more than 100 pages"):
            AdvisoryService(fetcher, osv.url).records([ALPHA])


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ({"times": 1, "status": 404, "body": b"{}"}, "not found"),
        ({"times": 2, "body": b"<html>"}, "not a record of OSV"),
        (
            {"times": 2, "body": b'{"id": "OTHER", "modified": "2024-05-01T10:00:00Z"}'},
            "shows another record, OTHER",
        ),
    ],
)
def test_a_record_that_cannot_be_shown_is_told_and_asked_for_again(
    osv: OsvServer, fetcher: Fetcher, cache: Path, trouble: dict[str, object], reason: str
) -> None:
    osv.trouble("vulns/GHSA-x", **trouble)
    service = AdvisoryService(fetcher, osv.url)

    found = service.records([ALPHA])
    age(cache, 3600)
    again = service.records([ALPHA])

    assert identifiers(found.texts) == ["PYSEC-2024-1"]
    assert [(one.name, reason in one.reason, "GHSA-x" in one.reason) for one in found.unclear] == [
        ("alpha", True, True)
    ]
    assert again.unclear == ()


def test_a_service_that_fails_at_a_record_fails(osv: OsvServer, fetcher: Fetcher) -> None:
    osv.trouble("vulns/GHSA-x", times=9, status=500)

    with pytest.raises(OutsideError, match="500"):
        AdvisoryService(fetcher, osv.url).records([ALPHA])


def test_what_is_no_url_is_refused(fetcher: Fetcher) -> None:
    with pytest.raises(InputError, match="must begin with https"):
        AdvisoryService(fetcher, "osv.example.org")
