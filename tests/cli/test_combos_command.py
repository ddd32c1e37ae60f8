"""`pinproof combos` end to end: what metadata rules out, what works, what breaks, and what nobody can know."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
import stories

if TYPE_CHECKING:
    from command import Command, Ran
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

FLASK = ("flask", "werkzeug", "flask-login")
WEEK_AFTER = ("--as-of", "2023-10-07")
FORMATS = ("text", "markdown", "json", "html")


def statuses(ran: Ran) -> dict[tuple[str, ...], str]:
    """What each combination comes to, by its versions."""
    return {tuple(cell["versions"].values()): cell["status"] for cell in ran.json["cells"]}


def cell(ran: Ran, *versions: str) -> dict[str, Any]:
    return next(c for c in ran.json["cells"] if tuple(c["versions"].values()) == versions)


def steady(text: str, index: LocalIndex) -> str:
    """The text without what is another in each run."""
    return re.sub(r"\b[0-9a-f]{64}\b", "HASH", text.replace(index.host, "HOST"))


@pytest.fixture
def flask_world(index: LocalIndex) -> LocalIndex:
    """A break, exclusions, latent breaks, a bound, releases that run with nothing, and one that cannot be read."""
    stories.flask_login_story(index)
    markup = {"flask/__init__.py": "from jinja2 import Markup\nfrom werkzeug.urls import url_parse\n"}
    index.add("flask", "1.1.0", markup, requires=["Werkzeug>=0.15", "Jinja2"], uploaded="2019-07-01")
    index.add("jinja2", "3.0.0", {"jinja2/__init__.py": "class Markup: ...\n"}, uploaded="2019-01-01")
    index.add("jinja2", "3.1.0", uploaded="2022-03-24")
    stories.login(index, "0.5.0", "2020-02-01", "def encode(v):\n    from werkzeug.urls import url_encode\n")
    index.add("werkzeug", "1.0.0", {"werkzeug/__init__.py": "import imp\n"}, uploaded="2019-09-19")
    index.add("flask-login", "0.4.0", {"flask_login/__init__.py": "print 'hello'\n"}, uploaded="2016-10-26")
    index.add("flask-login", "0.7.0", requires_python=">=3.13", uploaded="2023-09-01")
    index.add("flask-login", "0.8.0", yanked="too early", uploaded="2023-09-02")
    index.add("werkzeug", "3.1.0", uploaded="2023-09-30").served = b"damaged"
    return index


class TestTheMatrix:
    @pytest.mark.parametrize("form", FORMATS)
    def test_every_format(
        self, flask_world: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion, form: str
    ) -> None:
        ran = pinproof("combos", *FLASK, *WEEK_AFTER, "--python-version", "3.12", "--output-format", form)
        assert ran.code == 0, ran.err
        assert steady(ran.out, flask_world) == snapshot

    def test_a_grid_of_two(
        self, flask_world: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        ran = pinproof("combos", "werkzeug", "flask-login", "-v", *WEEK_AFTER)
        assert ran.code == 0
        assert steady(ran.out, flask_world) == snapshot

    def test_the_reason_of_each_cell(self, flask_world: LocalIndex, pinproof: Command) -> None:
        ran = pinproof.json("combos", "flask", "werkzeug>=2", "flask-login==0.6.2")
        broken = cell(ran, "3.0.0", "3.0.0", "0.6.2")
        assert broken["status"] == "broken"
        assert [(b["symbol"], b["path"], b["line"], b["removed_in"]) for b in broken["breaks"]] == [
            ("werkzeug.urls.url_decode", "flask_login/utils.py", 3, "3.0.0"),
            ("werkzeug.urls.url_encode", "flask_login/utils.py", 4, "3.0.0"),
        ]
        excluded = cell(ran, "3.0.0", "2.3.7", "0.6.2")
        assert excluded["excluded_by"] == [
            {"name": "flask", "version": "3.0.0", "requirement": "Werkzeug>=3.0.0"}
        ]
        assert cell(ran, "2.3.3", "2.3.7", "0.6.2")["status"] == "works"

    def test_a_cell_is_a_whole_set(self, flask_world: LocalIndex, pinproof: Command) -> None:
        ran = pinproof.json("combos", "flask==1.1.0", "werkzeug==2.3.7")
        found = cell(ran, "1.1.0", "2.3.7")
        assert found["status"] == "bounded"
        assert {p["name"]: p["version"] for p in found["packages"]} == {
            "flask": "1.1.0",
            "jinja2": "3.0.0",
            "werkzeug": "2.3.7",
        }
        assert [bound["requirement"] for bound in found["bounds"]] == ["jinja2<3.1"]

    def test_what_metadata_rules_out_asks_uv_for_nothing(
        self, index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index.add("a", "1.0", requires=["b<2", "rest"])
        index.add("b", "2.0")
        monkeypatch.setattr("pinproof.sources.uv.Uv.compile", lambda *_, **__: pytest.fail("uv was run"))
        ran = pinproof.json("combos", "a", "b")
        assert (ran.code, statuses(ran)) == (1, {("1.0", "2.0"): "excluded"})

    def test_combinations_that_need_the_same_are_resolved_once(
        self, index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from pinproof.sources.uv import Uv

        index.add("rest", "1.0")
        for version in ("1.0", "1.1", "1.2"):
            index.add("a", version, requires=["rest>=1"])
            index.add("b", version, requires=["Rest>=1"])
        runs = []
        real = Uv.compile
        monkeypatch.setattr(Uv, "compile", lambda *a, **k: runs.append(a) or real(*a, **k))
        ran = pinproof.json("combos", "a", "b")
        assert (len(runs), set(statuses(ran).values())) == (1, {"works"})

    def test_the_rest_may_require_one_of_them(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("b", "1.0")
        index.add("b", "2.0")
        index.add("plugin", "1.0", requires=["b<2"])
        index.add("plugin", "2.0", requires=["b>=2"])
        index.add("a", "1.0", requires=["plugin"])
        ran = pinproof.json("combos", "a", "b")
        plugins = {
            versions: {p["name"]: p["version"] for p in cell(ran, *versions)["packages"]}["plugin"]
            for versions in statuses(ran)
        }
        assert plugins == {("1.0", "1.0"): "1.0", ("1.0", "2.0"): "2.0"}

    def test_extras_count(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("b", "1.0")
        index.add("b", "2.0")
        index.add("a", "1.0", requires=["b<2; extra == 'old'"], metadata="Provides-Extra: old\n")
        assert set(statuses(pinproof.json("combos", "a", "b")).values()) == {"works"}
        assert statuses(pinproof.json("combos", "a[old]", "b")) == {
            ("1.0", "1.0"): "works",
            ("1.0", "2.0"): "excluded",
        }


class TestTheRestWithinBounds:
    @pytest.fixture(autouse=True)
    def _world(self, index: LocalIndex) -> None:
        index.add("rest", "1.0", {"rest/__init__.py": "def old(): ...\n"}, uploaded="2020-01-01")
        index.add("rest", "2.0", {"rest/__init__.py": "def new(): ...\n"}, uploaded="2022-01-01")
        files = {"a/__init__.py": "from rest import old\n"}
        index.add("a", "1.0", files, requires=["rest"], uploaded="2021-01-01")
        index.add("a", "1.1", {"a/__init__.py": ""}, requires=["rest"], uploaded="2022-02-01")

    def test_of_releases_that_need_it_and_of_no_other(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("b", "1.0")
        ran = pinproof.json("combos", "a", "b")
        assert statuses(ran) == {("1.0", "1.0"): "bounded", ("1.1", "1.0"): "works"}
        told = {v: [b["requirement"] for b in cell(ran, *v)["bounds"]] for v in statuses(ran)}
        assert told == {("1.0", "1.0"): ["rest<2"], ("1.1", "1.0"): []}

    def test_what_one_needs_another_may_forbid(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("b", "1.0")
        index.add("b", "1.1", requires=["rest>=2"])
        ran = pinproof.json("combos", "a<1.1", "b")
        assert statuses(ran) == {("1.0", "1.0"): "bounded", ("1.0", "1.1"): "broken"}
        broken = cell(ran, "1.0", "1.1")
        assert [b["symbol"] for b in broken["breaks"]] == ["rest.old"]
        assert {p["name"]: p["version"] for p in broken["packages"]} == {
            "a": "1.0",
            "b": "1.1",
            "rest": "2.0",
        }

    def test_the_combination_itself_is_held_fast(self, pinproof: Command) -> None:
        ran = pinproof.json("combos", "a", "rest")
        assert statuses(ran) == {
            ("1.0", "1.0"): "works",
            ("1.0", "2.0"): "broken",
            ("1.1", "1.0"): "works",
            ("1.1", "2.0"): "works",
        }


class TestReleasesThatRunWithNothing:
    @pytest.fixture(autouse=True)
    def _world(self, index: LocalIndex) -> None:
        stories.removed_from_python_story(index)
        index.add("b", "1.0")
        index.add("b", "1.1")

    def test_are_left_out_with_the_reason(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("old", "2.0", uploaded="2023-01-01")
        ran = pinproof.json("combos", "old", "b", "--python-version", "3.12")
        assert statuses(ran) == {("2.0", "1.0"): "works", ("2.0", "1.1"): "works"}
        (left_out,) = ran.json["axes"][0]["left_out"]
        assert left_out["why"] == "python-took-away"
        assert "old/__init__.py:1" in left_out["reason"]

    def test_are_shown_as_broken_where_there_are_no_others(self, pinproof: Command) -> None:
        ran = pinproof.json("combos", "old", "b", "--python-version", "3.12")
        assert (ran.code, set(statuses(ran).values())) == (1, {"broken"})
        assert [c["breaks"][0]["symbol"] for c in ran.json["cells"]] == ["imp", "imp"]

    def test_stay_on_a_python_that_has_it(self, pinproof: Command) -> None:
        ran = pinproof.json("combos", "old", "b", "--python-version", "3.11")
        assert (ran.code, set(statuses(ran).values())) == (0, {"works"})


class TestWhatIsNotKnown:
    def test_no_set_is_told_in_the_words_of_uv(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("rest", "1.0")
        index.add("a", "1.0", requires=["rest>=1"])
        index.add("b", "1.0", requires=["rest<1"])
        ran = pinproof.json("combos", "a", "b")
        assert (ran.code, statuses(ran)) == (1, {("1.0", "1.0"): "no-set"})
        assert "rest" in cell(ran, "1.0", "1.0")["reason"]
        assert "!1  " in pinproof("combos", "a", "b").out

    def test_what_cannot_be_opened_of_the_rest(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("rest", "1.0").served = b"damaged"
        index.add("a", "1.0", requires=["rest"])
        index.add("b", "1.0")
        ran = pinproof.json("combos", "a", "b")
        assert (ran.code, statuses(ran), ran.json["status"]) == (
            1,
            {("1.0", "1.0"): "not-checked"},
            "not-checked",
        )
        (entry,) = cell(ran, "1.0", "1.0")["not_checked"]
        assert entry["name"] == "rest 1.0"
        assert entry["reason"]

    def test_a_module_that_nothing_provides_nor_ever_did(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("b", "1.0")
        for version, source in (
            ("1.0", "from urlparse import urljoin\n"),
            ("1.1", "try:\n    from urlparse import urljoin\nexcept ImportError:\n    pass\n"),
            ("1.2", "def later():\n    import urlparse\n"),
        ):
            index.add("a", version, {"a/__init__.py": source}, uploaded="2015-01-01")
        for _ in range(2):  # what is remembered says the same
            ran = pinproof.json("combos", "a", "b")
            assert list(statuses(ran).values()) == ["not-checked", "works", "works"]
            (entry,) = cell(ran, "1.0", "1.0")["not_checked"]
            assert entry == {
                "name": "a 1.0",
                "reason": "imports urlparse (a/__init__.py:1), which nothing provides",
            }

    def test_a_break_counts_though_not_all_is_known(self, index: LocalIndex, pinproof: Command) -> None:
        stories.latent_story(index)
        index.add("rest", "1.0").served = b"damaged"
        app = {"app/__init__.py": "from lib import old\n"}
        index.add("app", "1.1", app, requires=["lib", "rest"], uploaded="2021-02-01")
        ran = pinproof.json("combos", "app>=1.1", "lib")
        assert statuses(ran) == {("1.1", "1.0"): "not-checked", ("1.1", "2.0"): "broken"}

    def test_latent_breaks_leave_it_working(self, index: LocalIndex, pinproof: Command) -> None:
        stories.latent_story(index)
        ran = pinproof.json("combos", "app", "lib")
        assert ran.code == 0
        assert statuses(ran) == {("1.0", "1.0"): "works", ("1.0", "2.0"): "latent"}

    def test_what_is_deprecated_is_no_mark(self, index: LocalIndex, pinproof: Command) -> None:
        stories.deprecated_story(index)
        ran = pinproof.json("combos", "app", "lib")
        assert set(statuses(ran).values()) == {"works"}
        assert cell(ran, "1.0", "2.0")["breaks"][0]["severity"] == "deprecated"


class TestWhichReleases:
    @pytest.fixture(autouse=True)
    def _world(self, index: LocalIndex) -> None:
        for version in ("1.0", "1.1.0", "1.1.5", "2.0", "2.1rc1"):
            index.add("a", version, uploaded="2020-01-01")
        index.add("a", "1.2.0", requires_python=">=3.12")
        index.add("a", "1.3.0", tag="cp39-cp39-win_amd64")
        index.add("b", "1.0")

    @pytest.mark.parametrize(
        ("arguments", "versions"),
        [
            (("a", "b"), ["1.0", "1.1.5", "2.0"]),
            (("a", "b", "--all"), ["1.0", "1.1.0", "1.1.5", "2.0"]),
            (("a>=1.1,<2", "b"), ["1.1.5"]),
            (("a>=2.1rc0", "b"), ["2.1rc1"]),
        ],
    )
    def test_the_newest_of_each_line(
        self, pinproof: Command, arguments: tuple[str, ...], versions: list[str]
    ) -> None:
        assert pinproof.json("combos", *arguments).json["axes"][0]["versions"] == versions

    def test_what_is_left_out_is_told(self, pinproof: Command) -> None:
        axis = pinproof.json("combos", "a", "b").json["axes"][0]
        assert [(one["version"], one["why"]) for one in axis["left_out"]] == [
            ("1.2.0", "other-python"),
            ("1.3.0", "no-wheel"),
        ]
        assert axis["passed_over"] == 1

    def test_as_of_a_day(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("a", "3.0", uploaded="2024-01-01")
        early = pinproof.json("combos", "a", "b", "--as-of", "2023-12-31")
        late = pinproof.json("combos", "a", "b", "--as-of", "2024-01-01")
        assert [r.json["axes"][0]["versions"][-1] for r in (early, late)] == ["2.0", "3.0"]

    def test_sources_are_taken_where_nothing_is_compiled(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("pure", "1.0", sdist_ending=".tar.gz")
        assert pinproof.json("combos", "pure", "b").json["axes"][0]["versions"] == ["1.0"]

    def test_sources_that_need_a_compiler_are_taken_on_request(
        self, index: LocalIndex, pinproof: Command
    ) -> None:
        index.add("c", "1.0", sdist_ending=".tar.gz")
        index.add("c", "2.0", tag="cp311-cp311-manylinux_2_17_x86_64")
        assert pinproof.json("combos", "c", "b").json["axes"][0]["versions"] == ["2.0"]
        wanted = pinproof.json("combos", "c", "b", "--from-source")
        assert wanted.json["axes"][0]["versions"] == ["1.0", "2.0"]


class TestBadInput:
    @pytest.fixture(autouse=True)
    def _world(self, index: LocalIndex) -> None:
        for name in ("a", "b", "c"):
            index.add(name, "1.0")
        index.add("d", "1.0", requires_python="<3.9")
        index.add("e", "1.0", tag="cp39-cp39-win_amd64")
        index.add("f", "1.0").served = b"damaged"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("a",), "combos takes two or three packages, not 1"),
            (("a", "b", "c", "d"), "combos takes two or three packages, not 4"),
            (("a", "A>=1"), "a is named twice"),
            (("a", "nowhere"), "no project named nowhere"),
            (("a>=2", "b"), "no release of a matches a>=2 (the newest is 1.0)"),
            (("a", "b >> 1"), "'b >> 1' is not a requirement"),
            (("a", "b @ https://example.org/b.whl"), "a URL or a marker has no releases to combine"),
            (("a", "b; python_version > '3'"), "a URL or a marker has no releases to combine"),
            (("a", "d"), "no release of d can be installed on Python 3.11: d 1.0 requires Python <3.9"),
            (
                ("a", "e"),
                "no release of e can be installed on Python 3.11: e 1.0 has no wheel for Python 3.11 on Linux",
            ),
            (("a", "f"), "no release of f can be judged: 1.0 "),
            (("a", "b", "--as-of", "2019-01-01"), "no release of a matches a"),
            (("a", "b", "--max-cells", "0"), "'--max-cells'"),
            (("a", "b", "--max-cels", "3"), "No such option '--max-cels'"),
            (("a", "b", "--output-format", "sarif"), "'sarif' is not one of"),
            ((), "Missing argument 'REQ...'"),
        ],
    )
    def test_is_told(self, pinproof: Command, arguments: tuple[str, ...], message: str) -> None:
        ran = pinproof("combos", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert message in ran.err

    def test_too_many_combinations_are_refused_not_cut(self, index: LocalIndex, pinproof: Command) -> None:
        for minor in range(1, 5):
            index.add("a", f"1.{minor}")
        ran = pinproof("combos", "a", "b", "--max-cells", "4")
        assert (ran.code, ran.out) == (2, "")
        assert "5 combinations are allowed by metadata, and at most 4 are tried out" in ran.err
        assert "'a>=1.4'" in ran.err
        assert pinproof("combos", "a", "b", "--max-cells", "5").code == 0

    def test_offline(self, pinproof: Command) -> None:
        cold = pinproof("combos", "a", "b", "--offline")
        assert (cold.code, cold.out) == (3, "")
        assert "--offline" in cold.err
        online = pinproof("combos", "a", "b")
        warm = pinproof("combos", "a", "b", "--offline")
        assert (warm.code, warm.out) == (0, online.out)

    def test_html_says_what_it_needs(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        ran = pinproof("combos", "a", "b", "--output-format", "html")
        assert (ran.code, ran.out) == (2, "")
        assert "pinproof[html]" in ran.err


class TestHtml:
    @pytest.fixture
    def page(self, index: LocalIndex, pinproof: Command) -> str:
        index.add("rest", "1.0", uploaded="2020-01-01")
        index.add("a", "1.0", requires=["rest", "b<2; python_version > '<script>alert(1)</script>'"])
        index.add("b", "1.0", yanked=None)
        index.add("b", "3.0", yanked="<img src=x onerror=alert(1)>")
        return pinproof("combos", "a", "b", "--output-format", "html").out

    def test_needs_nothing_else_and_escapes_what_packages_say(self, page: str) -> None:
        assert not re.search(r"<(script|link|img|iframe)|url\(|@import|https?://", page)
        assert "&lt;img src=x" in page

    def test_is_well_formed(self, page: str) -> None:
        class Balanced(HTMLParser):
            opened: list[str] = []

            def handle_starttag(self, tag: str, attrs: Any) -> None:
                if tag not in ("meta", "br"):
                    self.opened.append(tag)

            def handle_endtag(self, tag: str) -> None:
                assert self.opened.pop() == tag

        parser = Balanced()
        parser.feed(page)
        parser.close()
        assert parser.opened == []

    def test_every_mark_leads_somewhere(self, flask_world: LocalIndex, pinproof: Command) -> None:
        page = pinproof("combos", *FLASK, "--output-format", "html").out
        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets
        assert targets <= set(re.findall(r'id="([^"]+)"', page))
