"""What rules hear of the index: of several, of one that fails, of names that are from elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from local_index import LocalIndex
from pinproof.actions.index_world import IndexWorld
from pinproof.actions.manifests import read_tree
from pinproof.actions.outside import Settings, opened
from pinproof.facts.dates import end_of
from pinproof.judgement.rules.project import Missing, Releases
from pinproof.model.release import Standing, Status, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Asking = Callable[..., AbstractContextManager[IndexWorld]]

A, B = canonicalize_name("a"), canonicalize_name("b")


@pytest.fixture
def asking(index: LocalIndex, tmp_path: Path, cache: Path) -> Asking:
    """A world that has seen a folder with these files."""

    @contextmanager
    def made(
        files: dict[str, str] | None = None, *, offline: bool = False, as_of: str = ""
    ) -> Iterator[IndexWorld]:
        for path, text in (files or {}).items():
            (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "tree" / path).write_text(text)
        target = Target((3, 12), "linux", "x86_64")
        settings = Settings(
            target, cache, end_of(as_of) if as_of else None, offline=offline, index_url=index.url
        )
        with opened(settings, lambda *_: None) as outside:
            world = IndexWorld(outside)
            if files:
                world.look_ahead(read_tree(tmp_path / "tree").projects)
            yield world

    return made


def test_what_is_there(index: LocalIndex, asking: Asking) -> None:
    index.add("a", "1.0")
    index.add("a", "2.0", yanked="broken")
    with asking({"requirements.txt": "A==1.0\nb\n"}) as world:
        assert len(index.paths("/simple/")) == 2
        assert world.releases(A) == Releases((Version("1.0"), Version("2.0")), {Version("2.0"): "broken"})
        assert world.releases(B) is Missing.MISSING
        assert [world.has(A, SpecifierSet(s)) for s in ("==1", ">1", ">2")] == [True, True, False]
        assert len(index.paths("/simple/")) == 2
        assert (world.notes, world.failure) == ((), "")


def test_as_it_was(index: LocalIndex, asking: Asking) -> None:
    index.add("a", "1.0", uploaded="2020-01-01")
    index.add("a", "2.0", uploaded="2022-01-01")
    with asking(as_of="2021-01-01") as world:
        assert world.releases(A) == Releases((Version("1.0"),))
        assert world.has(A, SpecifierSet("==2.0")) is False


def test_what_the_project_makes_itself_or_takes_from_elsewhere_is_not_asked(
    index: LocalIndex, asking: Asking
) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "Own"\ndependencies = ["x @ https://h/x-1.zip", "y", "own[extra]"]\n'
        '[tool.uv.sources]\ny = { path = "y" }\n',
        "requirements.txt": "x\ny\ngit+https://h/z.git@main\nz\n-e ./libs/w\nw\n",
    }
    with asking(files) as world:
        assert index.paths("/simple/") == []
        assert {world.releases(canonicalize_name(n)) for n in ("own", "x", "y", "z", "w")} == {None}
        assert world.notes == ()


def test_a_further_index_is_asked_for_what_the_usual_one_has_not(index: LocalIndex, asking: Asking) -> None:
    with LocalIndex() as further:
        index.add("a", "1.0")
        further.add("a", "1.0+cpu")
        further.add("b", "3.0")
        with asking({"requirements.txt": f"--extra-index-url {further.url}\na==1.0+cpu\nb\nc\n"}) as world:
            assert world.releases(A) == Releases((Version("1.0"),))
            assert world.has(A, SpecifierSet("==1.0")) is True
            assert further.paths("/a/") == []
            assert world.has(A, SpecifierSet("==1.0+cpu")) is True
            assert world.has(A, SpecifierSet("==2.0")) is False
            assert world.releases(B) == Releases((Version("3.0"),))
            assert world.releases(canonicalize_name("c")) is Missing.MISSING
            assert world.notes == ()


@pytest.mark.parametrize(
    "line", ["-f ./wheels", "--extra-index-url https://${TOKEN}@private/simple", "-i file:///srv/simple"]
)
def test_nothing_is_missing_where_places_cannot_be_asked(
    index: LocalIndex, asking: Asking, line: str
) -> None:
    index.add("a", "1.0")
    with asking({"requirements.txt": f"{line}\na==1.0\nb==1.0\n"}) as world:
        assert world.has(A, SpecifierSet("==1.0")) is True
        assert world.has(A, SpecifierSet("==2.0")) is None
        assert world.releases(B) is None
        (note,) = world.notes
        assert note.name == "a, b"
        assert "cannot be asked" in note.reason
        assert not world.failure


def test_an_index_that_fails_is_left_alone_after_a_while(index: LocalIndex, asking: Asking) -> None:
    index.fail("/simple/", 403, times=1000)
    names = [f"n{number}" for number in range(100)]
    with asking({"requirements.txt": "\n".join(names)}) as world:
        assert len(index.paths("/simple/")) < 50
        assert world.releases(canonicalize_name("n1")) is None
        assert "403" in world.failure
        (note,) = world.notes
        assert note.name == "n0, n1, n10 and 97 more"
        assert "403" in note.reason


def test_a_further_index_that_fails_makes_nothing_missing(index: LocalIndex, asking: Asking) -> None:
    with LocalIndex() as further:
        further.fail("/simple/", 401, times=1000)
        index.add("a", "1.0")
        with asking({"requirements.txt": f"--extra-index-url {further.url}\na==1.0\n"}) as world:
            assert world.releases(A) == Releases((Version("1.0"),))
            assert (world.notes, world.failure) == ((), "")
            assert world.releases(B) is None
            assert world.has(A, SpecifierSet("==2.0")) is None
            assert "401" in world.failure
            assert [note.name for note in world.notes] == ["a, b"]


def test_offline_only_what_is_in_the_cache_is_known(index: LocalIndex, asking: Asking) -> None:
    index.add("a", "1.0")
    with asking({"requirements.txt": "a\n"}):
        pass
    with asking({"requirements.txt": "a\nb\n"}, offline=True) as world:
        assert world.releases(A) == Releases((Version("1.0"),))
        assert world.releases(B) is None
        (note,) = world.notes
        assert note.name == "b"
        assert "not in the cache" in note.reason
        assert not world.failure


def test_how_a_project_stands(index: LocalIndex, asking: Asking) -> None:
    index.add("a", "1.0")
    index.add("b", "1.0")
    index.statuses["a"] = ("archived", "")
    with asking() as world:
        assert world.standing(A) == Standing(Status.ARCHIVED)
        assert world.notes == ()
        assert world.standing(B) is None
        assert "PEP 792" in world.notes[0].reason
        assert world.standing(canonicalize_name("c")) is None
    with asking(as_of="2021-01-01") as world:
        assert world.standing(A) is None
        assert "of the past" in world.notes[0].reason


class TestExtras:
    def test_of_the_newest_that_is_admitted(self, index: LocalIndex, asking: Asking) -> None:
        index.add("a", "1.0", metadata="Provides-Extra: Old_One\n")
        index.add("a", "2.0", requires=["b; extra == 'marked'"], metadata="Provides-Extra: new\n")
        index.add("a", "3.0", yanked="broken")
        with asking() as world:
            assert world.extras(A, SpecifierSet(">=1")) == (Version("2.0"), frozenset({"new", "marked"}))
            assert world.extras(A, SpecifierSet("<2")) == (Version("1.0"), frozenset({"old-one"}))
            assert world.extras(A, SpecifierSet(">9")) is None
            assert world.extras(B, SpecifierSet()) is None
            assert world.notes == ()

    def test_that_only_a_build_tells(self, index: LocalIndex, asking: Asking) -> None:
        index.add("a", "1.0", sdist_ending=".tar.gz")
        with asking() as world:
            assert world.extras(A, SpecifierSet()) is None

    def test_that_cannot_be_read_is_noted(self, index: LocalIndex, asking: Asking) -> None:
        index.add_file("a", "a-1.0-py3-none-any.whl", b"no archive", uploaded="2020-01-01")
        with asking() as world:
            assert world.extras(A, SpecifierSet()) is None
            assert [note.name for note in world.notes] == ["a 1.0"]
