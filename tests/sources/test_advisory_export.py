"""An export of OSV on this machine: what is read of it, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from pinproof.errors import InputError
from pinproof.sources import archive
from pinproof.sources.advisory_export import AdvisoryExport
from records import vulnerable

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.sources.fetch import Fetcher

ALPHA, BETA = map(canonicalize_name, ("alpha", "beta"))
RECORDS = {
    "PYSEC-2024-1.json": vulnerable("Alpha", modified="2024-05-01T10:00:00Z"),
    "GHSA-b.json": vulnerable("beta", identifier="GHSA-b", modified="2024-06-01T10:00:00Z"),
}


def texts(members: dict[str, dict[str, Any]]) -> dict[str, bytes]:
    return {name: json.dumps(record).encode() for name, record in members.items()}


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as export:
        for name, text in members.items():
            export.writestr(name, text)
    return path


def folder(path: Path, members: dict[str, bytes]) -> Path:
    for name, text in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(text)
    return path


@pytest.mark.parametrize("made", [zipped, folder])
def test_the_records_on_projects(tmp_path: Path, fetcher: Fetcher, made: Any) -> None:
    path = made(tmp_path / "osv", {**texts(RECORDS), "README.txt": b"not a record"})

    for _ in range(2):  # the second time from what is remembered
        found = AdvisoryExport(path, fetcher).records([ALPHA])

        assert [(t.origin, t.about) for t in found.texts] == [(f"{path}: PYSEC-2024-1.json", (ALPHA,))]
        assert (found.consulted.origin, found.consulted.records) == (str(path), 2)
        assert str(found.consulted.newest) == "2024-06-01 10:00:00+00:00"
        assert found.consulted.asked is None
        assert (found.unclear, found.consulted.unreadable) == ((), ())


def test_a_change_of_the_export_is_seen(tmp_path: Path, fetcher: Fetcher) -> None:
    inside = folder(tmp_path / "osv", texts(RECORDS))
    assert len(AdvisoryExport(inside, fetcher).records([ALPHA]).texts) == 1

    folder(inside, {"sub/GHSA-a.json": json.dumps(vulnerable("alpha", identifier="GHSA-a")).encode()})

    assert len(AdvisoryExport(inside, fetcher).records([ALPHA]).texts) == 2


@pytest.mark.parametrize("made", [zipped, folder])
def test_a_broken_record_is_named_and_counted_and_the_others_serve(
    tmp_path: Path, fetcher: Fetcher, made: Any
) -> None:
    broken = {"HALF.json": b'{"id": "HALF', "LIST.json": b"[]", "DEEP.json": b"[" * 100_000}
    found = AdvisoryExport(made(tmp_path / "osv", {**broken, **texts(RECORDS)}), fetcher).records([ALPHA])

    assert len(found.texts) == 1
    assert found.consulted.records == 2
    assert sorted(one.name for one in found.consulted.unreadable) == ["DEEP.json", "HALF.json", "LIST.json"]


def test_a_member_that_is_damaged_is_named(tmp_path: Path, fetcher: Fetcher) -> None:
    path = tmp_path / "osv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as export:
        for name, text in texts(RECORDS).items():
            export.writestr(name, text)
    path.write_bytes(path.read_bytes().replace(b'"GHSA-b"', b'"GHSA-c"'))

    found = AdvisoryExport(path, fetcher).records([ALPHA, BETA])

    assert [t.about for t in found.texts] == [(ALPHA,)]
    assert [one.name for one in found.consulted.unreadable] == ["GHSA-b.json"]


def bomb() -> bytes:
    return json.dumps({**RECORDS["GHSA-b.json"], "details": " " * 8_000_000}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param({}, "it has no records", id="empty"),
        pytest.param({"README.md": b"nothing"}, "it has no records", id="no records"),
        pytest.param({"a.json": b"{}", "b.json": b"1"}, "none of its 2 files is a record", id="other json"),
        pytest.param({**texts(RECORDS), "BOMB.json": bomb()}, "as zip bombs are", id="bomb"),
        pytest.param({**texts(RECORDS), "../x.json": b"{}"}, "points out of the archive", id="pointing out"),
    ],
)
def test_a_zip_that_is_no_export_is_refused(
    tmp_path: Path, fetcher: Fetcher, content: dict[str, bytes], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        AdvisoryExport(zipped(tmp_path / "osv.zip", content), fetcher)


def test_what_is_no_zip_is_refused(tmp_path: Path, fetcher: Fetcher) -> None:
    (tmp_path / "osv.zip").write_bytes(b"PK\x03\x04 half a file")
    for name, message in (("osv.zip", "zip"), ("none.zip", "there is no such file")):
        with pytest.raises(InputError, match=message):
            AdvisoryExport(tmp_path / name, fetcher)


def test_more_than_anybody_should_read_is_refused(
    tmp_path: Path, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {f"{n}.json": text for n, text in enumerate([next(iter(texts(RECORDS).values()))] * 30)}
    as_folder, as_zip = folder(tmp_path / "osv", many), zipped(tmp_path / "osv.zip", many)
    monkeypatch.setattr("pinproof.sources.advisory_export.MAX_TOTAL", 1000)
    with pytest.raises(InputError, match="more than 1000 bytes"):
        AdvisoryExport(as_folder, fetcher)
    monkeypatch.setattr("pinproof.sources.advisory_export.MAX_ENTRIES", 20)
    with pytest.raises(InputError, match="more than 20 files"):
        AdvisoryExport(as_folder, fetcher)
    monkeypatch.setattr(archive, "MAX_ENTRIES", 20)
    with pytest.raises(InputError, match="30 entries"):
        AdvisoryExport(as_zip, fetcher)


def test_a_nested_bomb_is_no_record(tmp_path: Path, fetcher: Fetcher) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr("x", b"x")

    found = AdvisoryExport(
        zipped(tmp_path / "osv.zip", {**texts(RECORDS), "inner.json": inner.getvalue()}), fetcher
    ).records([ALPHA])

    assert [one.name for one in found.consulted.unreadable] == ["inner.json"]


def test_a_folder_is_not_read_beyond_itself(tmp_path: Path, fetcher: Fetcher) -> None:
    outside = folder(tmp_path / "outside", texts(RECORDS))
    inside = folder(tmp_path / "osv", {"GHSA-b.json": texts(RECORDS)["GHSA-b.json"]})
    (inside / "more").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "gone.json").symlink_to(tmp_path / "nowhere")

    found = AdvisoryExport(inside, fetcher).records([ALPHA, BETA])

    assert (len(found.texts), found.consulted.records) == (1, 1)
    assert [one.name for one in found.consulted.unreadable] == ["gone.json"]
