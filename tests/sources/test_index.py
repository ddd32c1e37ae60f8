"""The index: pages of every kind, upload times, several indexes, metadata."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from local_index import LocalIndex
from pinproof.errors import ArchiveError, InputError, NotFoundError, OfflineError, OutsideError
from pinproof.model.release import Project, Standing, Status, TimesFrom
from pinproof.sources.fetch import Fetcher
from pinproof.sources.index import Index, parse_page, version_of
from pinproof.sources.pages import Response

if TYPE_CHECKING:
    from pathlib import Path

SHA = "a" * 64
URL = "https://index.example/simple/a/"


@pytest.fixture
def filled(index: LocalIndex) -> LocalIndex:
    index.add("a", "2.0", uploaded="2021-05-01", requires=["b"], requires_python=">=3.8")
    index.add("a", "1.0", uploaded="2020-03-01")
    index.add("a", "1.0", uploaded="2020-02-01", sdist_ending=".tar.gz")
    index.add("a", "1.5", uploaded="2020-06-01", yanked="broken & bad")
    return index


def read(body: bytes | str, name: str = "a", content_type: str = "text/html") -> list[Any]:
    body = body.encode() if isinstance(body, str) else body
    page = parse_page(Response(body, content_type, URL), canonicalize_name(name))
    return [file for _, file in page.files]


def link(attributes: str = "", href: str = f"a-1.0.tar.gz#sha256={SHA}") -> str:
    return f'<!DOCTYPE html><html><body><a href="{href}" {attributes}>a</a></body></html>'


class TestProject:
    @pytest.mark.parametrize(
        "flags",
        [
            {},
            {"json_pages": False},
            {"html_under_json_type": True},
            {"relative_urls": True},
            {"relative_urls": True, "json_pages": False},
        ],
        ids=str,
    )
    def test_every_kind_of_page_says_the_same(
        self, filled: LocalIndex, fetcher: Fetcher, flags: dict[str, bool]
    ) -> None:
        for flag, value in flags.items():
            setattr(filled, flag, value)
        project = Index(fetcher, (filled.url,)).project("A")
        assert [str(release.version) for release in project.releases] == ["1.0", "1.5", "2.0"]
        assert project.times_from is TimesFrom.INDEX
        first, yanked, newest = project.releases
        assert [file.filename for file in first.files] == ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"]
        assert first.upload_time == datetime(2020, 2, 1, tzinfo=UTC)
        assert (first.yanked, yanked.yanked) == (None, "broken & bad")
        (file,) = newest.files
        assert file.requires_python == SpecifierSet(">=3.8")
        assert file.url == f"http://{filled.host}/files/{file.filename}"
        assert file.has_metadata
        assert file.sha256 == filled.projects["a"][0].sha256
        html = not filled.json_pages or filled.html_under_json_type
        assert file.size == (None if html else len(filled.projects["a"][0].content))

    @pytest.mark.parametrize("json_pages", [True, False])
    def test_times_from_the_project_json(
        self, filled: LocalIndex, fetcher: Fetcher, json_pages: bool
    ) -> None:
        filled.upload_times = False
        filled.json_pages = json_pages
        project = Index(fetcher, (filled.url,)).project("a")
        assert project.times_from is TimesFrom.PROJECT_JSON
        assert project.releases[0].upload_time == datetime(2020, 2, 1, tzinfo=UTC)
        assert project.releases[0].files[0].size is not None
        assert project.releases[1].yanked == "broken & bad"

    def test_times_from_nowhere(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        filled.upload_times = filled.project_json = False
        project = Index(fetcher, (filled.url,)).project("a")
        assert project.times_from is TimesFrom.NOWHERE
        assert project.releases[0].upload_time is None

    def test_is_asked_once_per_run(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        index = Index(fetcher, (filled.url + "/",))
        assert index.project("a") is index.project("A")
        assert filled.paths() == ["/simple/a/"]

    def test_unknown(self, index: LocalIndex, fetcher: Fetcher) -> None:
        with pytest.raises(NotFoundError, match=f"no project named no-such on {index.url}"):
            Index(fetcher, (index.url,)).project("No_Such")

    def test_the_first_index_that_has_it_answers(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        with LocalIndex() as second:
            second.add("a", "9")
            second.add("b", "3")
            index = Index(fetcher, (filled.url, second.url))
            assert index.project("a").releases[-1].version == Version("2.0")
            assert index.project("b").releases[-1].version == Version("3")
            with pytest.raises(NotFoundError, match=f"{filled.url}, {second.url}"):
                index.project("c")

    def test_offline_the_right_index_answers_again(
        self, index: LocalIndex, fetcher: Fetcher, cache: Path
    ) -> None:
        with LocalIndex(upload_times=False, project_json=False) as second:
            second.add("b", "3")
            online = Index(fetcher, (index.url, second.url)).project("b")
            with Fetcher(cache, offline=True) as offline:
                assert Index(offline, (index.url, second.url)).project("b") == online

    def test_credentials_of_the_index_serve_its_files(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        filled.login = ("me", "secret")
        index = Index(fetcher, (filled.url.replace("http://", "http://me:secret@"),))
        file = index.project("a").releases[-1].files[0]
        assert "secret" not in file.url
        assert b"Name: a" in index.metadata(file)

    def test_a_url_of_no_index(self, fetcher: Fetcher) -> None:
        with pytest.raises(InputError, match="https://"):
            Index(fetcher, ("/some/where",))


class TestPages:
    @pytest.mark.parametrize(
        ("attributes", "field", "expected"),
        [
            ('data-requires-python="&gt;=3.8,&lt;4"', "requires_python", SpecifierSet(">=3.8,<4")),
            ("data-requires-python='&gt;=3'", "requires_python", SpecifierSet(">=3")),
            ('data-requires-python="&gt;=3.*rubbish"', "requires_python", None),
            ('data-requires-python=""', "requires_python", None),
            ("data-yanked", "yanked", ""),
            ('data-yanked=""', "yanked", ""),
            ('DATA-YANKED="because &quot;x&quot;"', "yanked", 'because "x"'),
            ("", "yanked", None),
            ('data-core-metadata="sha256=ab"', "has_metadata", True),
            ('data-dist-info-metadata="true"', "has_metadata", True),
            ('data-core-metadata="false"', "has_metadata", False),
            ("", "has_metadata", False),
            (
                'data-upload-time="2020-01-02T03:04:05.678Z"',
                "upload_time",
                datetime(2020, 1, 2, 3, 4, 5, 678000, UTC),
            ),
            (
                'data-upload-time="2020-01-02T03:04:05+02:00"',
                "upload_time",
                datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC),
            ),
            ('data-upload-time="2020-01-02 03:04"', "upload_time", datetime(2020, 1, 2, 3, 4, tzinfo=UTC)),
            ('data-upload-time="yesterday"', "upload_time", None),
        ],
    )  # fmt: skip
    def test_attributes(self, attributes: str, field: str, expected: object) -> None:
        (file,) = read(link(attributes))
        assert getattr(file, field) == expected

    @pytest.mark.parametrize(
        ("href", "url", "sha256"),
        [
            (
                f"../../f/a-1.0.tar.gz#sha256={SHA.upper()}",
                "https://index.example/f/a-1.0.tar.gz",
                SHA,
            ),
            ("/f/a-1.0.tar.gz", "https://index.example/f/a-1.0.tar.gz", None),
            ("//cdn.example/a-1.0.tar.gz#md5=12", "https://cdn.example/a-1.0.tar.gz", None),
            ("a-1.0.tar.gz#sha256=../../etc", "https://index.example/simple/a/a-1.0.tar.gz", None),
            (
                f"a-1.0.tar.gz?x=1&amp;y=2#egg=a&amp;sha256={SHA}",
                "https://index.example/simple/a/a-1.0.tar.gz?x=1&y=2",
                SHA,
            ),
            ("https://u@h/a-1.0%2Bcpu-py3-none-any.whl", "https://u@h/a-1.0%2Bcpu-py3-none-any.whl", None),
        ],
    )
    def test_links(self, href: str, url: str, sha256: str | None) -> None:
        (file,) = read(link(href=href))
        assert (file.url, file.sha256) == (url, sha256)

    @pytest.mark.parametrize("href", ["", "mailto:a@b", "javascript:a-1.0.tar.gz", "http://[/a-1.0.tar.gz"])
    def test_other_links_are_skipped(self, href: str) -> None:
        assert read(link(href=href)) == []

    def test_base_and_comments(self) -> None:
        page = (
            "<!-- --><html><head><base href='https://cdn.example/x/'></head>"
            "<!-- <a href='a-0.9.tar.gz'>old</a> --><A HREF=a-1.0.tar.gz>\n a-1.0.tar.gz\n</A></html>"
        )
        assert [file.url for file in read(page)] == ["https://cdn.example/x/a-1.0.tar.gz"]

    def test_json(self) -> None:
        entry = {"filename": "a-1.0.tar.gz", "url": "a-1.0.tar.gz", "hashes": {}, "yanked": True}
        more = {"provenance": None, "gpg-sig": False, "dist-info-metadata": {"sha256": SHA}}
        (file,) = read("\ufeff\n" + json.dumps({"files": [entry | more]}), content_type="text/plain")
        assert (file.url, file.yanked, file.has_metadata) == (URL + "a-1.0.tar.gz", "", True)
        assert (file.sha256, file.size, file.upload_time) == (None, None, None)

    def test_a_project_without_files(self) -> None:
        assert read("<!DOCTYPE html><html><head><title>Links for a</title></head><body></body></html>") == []
        assert read('{"files": []}') == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not an index",
            b"{",
            b'{"error": "no such repository"}',
            b'{"files": {}}',
            b'{"files": [{"url": 1}]}',
            b'{"files": "\xff"}',
            b"<html><body><h1>Welcome</h1></body></html>",
            b"<?xml version='1.0'?><Error/>",
            b"\x89PNG\r\n",
        ],
    )
    def test_nonsense_is_named(self, body: bytes) -> None:
        with pytest.raises(OutsideError, match=f"{URL} does not answer as a package index"):
            read(body)


@pytest.mark.parametrize(
    ("filename", "name", "version"),
    [
        ("a-1.0-py3-none-any.whl", "a", "1.0"),
        ("A.b_c-1.0-1-py2.py3-none-any.whl", "a-b-c", "1.0"),
        ("a-1.0+cpu-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "a", "1.0+cpu"),
        ("a-1.0-py3-none.whl", "a", None),
        ("b-1.0-py3-none-any.whl", "a", None),
        ("a-x.y-py3-none-any.whl", "a", None),
        ("a-1.0-/../-none-any.whl", "a", None),
        ("a-1.0.tar.gz", "a", "1.0"),
        ("a-b-1.0.tar.gz", "a-b", "1.0"),
        ("a_b-1.0.zip", "a-b", "1.0"),
        ("a-1.0-1.tar.bz2", "a", "1.0.post1"),
        ("a-1.0.tgz", "a", "1.0"),
        ("a-2-1.0.tar.gz", "a-2", "1.0"),
        ("a-1.0.linux-x86_64.tar.gz", "a", None),
        ("a-1.0.win32-py2.7.exe", "a", None),
        ("a-1.0-py2.7.egg", "a", None),
        ("a-1.0-1.noarch.rpm", "a", None),
        ("a-1.0.tar.gz.asc", "a", None),
        ("index.html", "a", None),
    ],
)
def test_version_of(filename: str, name: str, version: str | None) -> None:
    assert version_of(filename, canonicalize_name(name)) == (None if version is None else Version(version))


class TestMetadata:
    def project(self, index: LocalIndex, fetcher: Fetcher, name: str = "a") -> tuple[Index, Project]:
        made = Index(fetcher, (index.url,))
        return made, made.project(name)

    @pytest.mark.parametrize("advertised", [True, False])
    def test_its_own_resource_is_asked_once_for_ever(
        self, filled: LocalIndex, fetcher: Fetcher, cache: Path, advertised: bool
    ) -> None:
        filled.metadata_advertised = advertised
        index, project = self.project(filled, fetcher)
        file = project.releases[-1].files[0]
        assert b"Requires-Dist: b" in index.metadata(file)
        with Fetcher(cache, offline=True) as offline:
            assert b"Requires-Dist: b" in Index(offline, (filled.url,)).metadata(file)
        assert filled.paths("/files/") == [f"/files/{file.filename}.metadata"]

    @pytest.mark.parametrize(("advertised", "probes"), [(True, 2), (False, 1)])
    def test_falls_back_to_the_archive(
        self, filled: LocalIndex, fetcher: Fetcher, cache: Path, advertised: bool, probes: int
    ) -> None:
        filled.metadata_advertised, filled.metadata_served = advertised, False
        index, project = self.project(filled, fetcher)
        files = [project.releases[-1].files[0], project.releases[0].files[0]]
        assert [b"Requires-Dist: b" in index.metadata(file) for file in files] == [True, False]
        assert len(filled.paths("metadata$")) == probes
        with Fetcher(cache, offline=True) as offline:
            assert b"Requires-Dist: b" in Index(offline, (filled.url,)).metadata(files[0])

    def test_a_server_that_says_403_of_what_it_has_not(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        index, project = self.project(filled, fetcher)
        filled.fail("metadata$", 403)
        assert b"Requires-Dist: b" in index.metadata(project.releases[-1].files[0])

    def test_a_login_page_is_not_metadata(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        index, project = self.project(filled, fetcher)
        file = project.releases[-1].files[0]
        filled.page(f"/files/{file.filename}.metadata", b"<html>please log in</html>")
        assert b"Requires-Dist: b" in index.metadata(file)

    def test_of_an_sdist(self, filled: LocalIndex, fetcher: Fetcher) -> None:
        index, project = self.project(filled, fetcher)
        assert index.metadata(project.releases[0].files[1]).startswith(b"Metadata-Version")

    def test_nowhere(self, index: LocalIndex, fetcher: Fetcher) -> None:
        index.add_file("a", "a-1-py3-none-any.whl", b"PK\x05\x06" + bytes(18))
        made, project = self.project(index, fetcher)
        with pytest.raises(ArchiveError, match=r"a-1-py3.* holds no metadata"):
            made.metadata(project.releases[0].files[0])

    def test_offline_names_what_is_missing(self, filled: LocalIndex, fetcher: Fetcher, cache: Path) -> None:
        _, project = self.project(filled, fetcher)
        with Fetcher(cache, offline=True) as offline, pytest.raises(OfflineError, match=r"a-2\.0-py3"):
            Index(offline, (filled.url,)).metadata(project.releases[-1].files[0])


class TestStanding:
    """What an index says of a project as a whole (PEP 792)."""

    @pytest.mark.parametrize("json_pages", [True, False])
    def test_as_it_is_told(self, index: LocalIndex, fetcher: Fetcher, json_pages: bool) -> None:
        index.json_pages = json_pages
        index.add("a", "1.0")
        index.statuses["a"] = ("archived", 'use "b" & be happy')
        project = Index(fetcher, (index.url,)).project("a")
        assert project.standing == Standing(Status.ARCHIVED, 'use "b" & be happy')

    @pytest.mark.parametrize(
        ("page", "expected"),
        [
            ('{"files": []}', None),
            ('{"files": [], "meta": {"api-version": "1.1"}}', None),
            ('{"files": [], "meta": {"api-version": 1.1}, "project-status": "archived"}', None),
            ('{"files": [], "meta": {"api-version": "1.4"}}', Standing(Status.ACTIVE)),
            ('{"files": [], "meta": {"api-version": "1.10"}}', Standing(Status.ACTIVE)),
            ('{"files": [], "project-status": {"status": "quarantined"}}', Standing(Status.QUARANTINED)),
            ('{"files": [], "project-status": {"status": "asleep"}}', Standing(Status.ACTIVE)),
            ('{"files": [], "project-status": {"status": "deprecated", "reason": 3}}', Standing(Status.DEPRECATED)),
            ("<title>Links for a</title>", None),
            ('<meta name="pypi:repository-version" content="1.4"><title>Links</title>', Standing(Status.ACTIVE)),
            ('<meta content="deprecated" name="pypi:project-status">' + link(), Standing(Status.DEPRECATED)),
        ],
    )  # fmt: skip
    def test_as_pages_say_it(self, page: str, expected: Standing | None) -> None:
        page = page if page.startswith("{") else f"<!DOCTYPE html><html>{page}</html>"
        name = canonicalize_name("a")
        assert parse_page(Response(page.encode(), "", URL), name).standing == expected
