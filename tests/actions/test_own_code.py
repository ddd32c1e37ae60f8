"""The project's own source against the oldest release that it allows, and against those beyond a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pinproof.actions.index_world import IndexWorld
from pinproof.actions.manifests import read_tree
from pinproof.actions.outside import Settings, opened
from pinproof.model.release import Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local_index import LocalIndex
    from pinproof.judgement.rules.project import Tried
    from pinproof.model.verdict import NotChecked

    Trying = Callable[..., Tried | None]

FILES = {"b/__init__.py": "", "b/extra.py": ""}


def releases(index: LocalIndex, texts: dict[str, str]) -> None:
    for number, (version, text) in enumerate(texts.items()):
        index.add("b", version, {**FILES, "b/__init__.py": text}, uploaded=f"2020-01-{number + 1:02}")


@pytest.fixture
def notes() -> list[NotChecked]:
    return []


@pytest.fixture
def trying(index: LocalIndex, tmp_path: Path, cache: Path, notes: list[NotChecked]) -> Trying:
    """What is said of the first requirement of a project with this source."""

    def tried(
        requirement: str,
        source: str,
        *,
        beyond: bool = False,
        offline: bool = False,
        python: str = ">=3.10",
        **more: str,
    ) -> Tried | None:
        root = tmp_path / "shop"
        files = {
            "shop/__init__.py": source,
            **{path.replace("__", "/") + ".py": text for path, text in more.items()},
        }
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        (root / "pyproject.toml").write_text(
            f'[project]\nname = "shop"\nrequires-python = "{python}"\ndependencies = ["{requirement}"]\n'
        )
        target = Target((3, 12), "linux", "x86_64")
        settings = Settings(target, cache, offline=offline, index_url=index.url)
        with opened(settings, lambda *_: None) as outside:
            world = IndexWorld(outside, root)
            (project,) = read_tree(root).projects
            world.look_ahead([project])
            ((_, declaration),) = project.declarations()
            found = (world.beyond_cap if beyond else world.at_floor)(project, declaration)
            notes.extend(world.notes)
            world.close()
            return found

    return tried


def needs(found: Tried | None) -> list[str]:
    assert found is not None
    return [f"{b.path}:{b.line} {b.symbol} {b.works_with}" for b in found.breaks]


class TestTheFloor:
    def test_of_a_name_that_came_later(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "", "1.1": "", "1.2": "def new(): ...", "2.0": "def new(): ..."})
        found = trying("b>=1.0", "from b import new\n")
        assert needs(found) == ["shop/__init__.py:1 b.new >=1.2"]
        assert [str(v) for v in found.releases] == ["1.0"]

    def test_of_a_keyword_that_came_later(self, index: LocalIndex, trying: Trying) -> None:
        releases(
            index,
            {"1.0": "", "1.1": "def f(): ...", "1.2": "def f(*, key=1): ...", "2.0": "def f(*, key=1): ..."},
        )
        found = trying("b", "import b\ndef g(): return b.f(key=2)\n")
        assert needs(found) == ["shop/__init__.py:2 b.f(key) >=1.2"]

    def test_of_a_name_that_is_there(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "def new(): ...", "2.0": "def new(): ..."})
        assert needs(trying("b>=1.0", "from b import new\n")) == []

    def test_of_a_name_that_no_admitted_release_has(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        assert needs(trying("b>=1.0,<2", "from b import new\n")) == []

    @pytest.mark.parametrize(
        "source",
        [
            "try:\n    from b import new\nexcept ImportError:\n    new = None\n",
            "import b\nif hasattr(b, 'new'):\n    b.new()\n",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import new\n",
            # The try has failed before it comes to it.
            "try:\n    from b import new\n    from b.extra import a\n    x = new.y\nexcept ImportError:\n    x = 1\n",
            "import b.extra\nb.extra\n",
            "x = 'b.new'\n",
        ],
    )
    def test_that_is_not_needed(self, index: LocalIndex, trying: Trying, source: str) -> None:
        releases(index, {"1.0": "", "2.0": "class new: y = 1"})
        assert needs(trying("b>=1.0", source)) == []

    def test_of_what_an_override_goes_on_to(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "class B: ...", "2.0": "class B:\n    def hook(self): ..."})
        source = "from b import B\nclass C(B):\n    def hook(self): return super().hook()\n"
        assert needs(trying("b>=1.0", source)) == []

    @pytest.mark.parametrize("text", ["install('new')", "_all = {'b.inner': ['new']}", "# new is put here\n"])
    def test_of_what_an_old_release_may_have_in_its_own_way(
        self, index: LocalIndex, trying: Trying, text: str
    ) -> None:
        for older in ({"1.0": text}, {"1.0": text, "1.1": ""}, {"1.0": "", "1.1": text}):
            releases(index, {**older, "2.0": "def new(): ..."})
            assert needs(trying("b>=1.0", "from b import new\n")) == []

    def test_in_what_users_do_not_get(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        uses = "from b import new\n"
        found = trying(
            "b>=1.0", "", tests__test_it=uses, asv_bench__first=uses, shop__tests__test_it=uses, tool=uses
        )
        assert needs(found) == []

    def test_on_a_python_that_the_marker_is_for(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        source = "import sys\nif sys.version_info >= (3, 12):\n    from b import new\n"
        assert needs(trying("b>=1.0; python_version<'3.12'", source)) == []
        assert needs(trying("b>=1.0; python_version<'3.13'", source)) != []
        assert needs(trying("b>=1.0", source, python=">=3.10,<3.12")) == []

    def test_is_one_that_can_be_installed(self, index: LocalIndex, trying: Trying) -> None:
        index.add("b", "1.0", {"b/__init__.py": ""}, requires_python="<3.9")
        index.add("b", "1.1", {"b/__init__.py": ""}, yanked="broken")
        index.add("b", "2.0", {"b/__init__.py": "def new(): ..."})
        assert needs(trying("b>=1.0", "from b import new\n")) == []

    def test_of_what_conda_has_for_its_own(self, index: LocalIndex, trying: Trying, tmp_path: Path) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop/environment.yml").write_text("dependencies:\n  - b\n")
        assert needs(trying("b>=1.0", "from b import new\n")) != []

    def test_of_what_comes_from_elsewhere(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        source = '"]\n[tool.uv.sources]\nb = { path = "../b" }\n# "'
        assert trying(f"b>=1.0{source}", "from b import new\n") is None


class TestBeyondACap:
    def test_something_breaks(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "def old(): ...", "2.0": "", "3.0": ""})
        found = trying("b>=1.0,<2", "from b import old\n", beyond=True)
        assert needs(found) == ["shop/__init__.py:1 b.old <2"] * 2
        assert [str(v) for v in found.releases] == ["2.0", "3.0"]

    def test_nothing_does(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "def old(): ...", "2.0": "def old(): ...", "3.0a1": ""})
        found = trying("b~=1.0", "from b import old\n", beyond=True)
        assert (needs(found), found.sure, [str(v) for v in found.releases]) == ([], True, ["2.0"])

    def test_what_cannot_be_told_is_not_sure(self, index: LocalIndex, trying: Trying) -> None:
        dynamic = "def __getattr__(name): return load(name)"
        releases(index, {"1.0": "def old(): ...", "2.0": dynamic})
        found = trying("b<2", "from b import old\n", beyond=True)
        assert (needs(found), found.sure) == ([], False)

    def test_there_is_nothing(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "def old(): ..."})
        assert trying("b<2", "from b import old\n", beyond=True).releases == ()

    def test_what_is_not_used_is_not_judged(self, index: LocalIndex, trying: Trying) -> None:
        releases(index, {"1.0": "def old(): ...", "2.0": ""})
        assert trying("b<2", "", beyond=True).releases == ()


class TestWhatCannotBeLookedAt:
    def test_is_noted(self, index: LocalIndex, trying: Trying, notes: list[NotChecked]) -> None:
        releases(index, {"1.0": "", "2.0": "def new(): ..."})
        assert trying("b>=1.0", "from b import new\n", offline=True) is None
        assert {note.name for note in notes} >= {"b"} or any("b" in note.name for note in notes)

    def test_a_damaged_release(self, index: LocalIndex, trying: Trying, notes: list[NotChecked]) -> None:
        index.add_file("b", "b-1.0-py3-none-any.whl", b"no archive", uploaded="2020-01-01")
        assert trying("b>=1.0", "from b import new\n") is None
        assert [note.name for note in notes] == ["b 1.0"]
