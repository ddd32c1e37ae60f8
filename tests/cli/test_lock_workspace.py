"""`pinproof lock` of a uv workspace, end to end."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pinproof.actions.workspace import members_of

if TYPE_CHECKING:
    from command import Command, Ran

    from local_index import LocalIndex

ROOT = """\
[project]
name = "root"
version = "1"
requires-python = ">=3.11"
dependencies = ["core"]

[tool.uv.workspace]
members = ["packages/*"]
exclude = ["packages/old*"]

[tool.uv.sources]
core = {source}
"""
OLD, NEW = "from lib import old\n", "from lib import new\n"
BOUND = "lib<2: core 1 imports lib.old (src/core/views.py:1), removed in lib 2.0"


def member(name: str, requires: str, source: str, more: str = "") -> None:
    folder = Path("packages", name)
    (folder / "src" / name).mkdir(parents=True)
    (folder / "src" / name / "__init__.py").touch()
    (folder / "src" / name / "views.py").write_text(source)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{requires}]\n'
        f"[tool.uv.sources]\ncore = {{ workspace = true }}\n{more}"
    )


def workspace(core: str, api: str = "", source: str = "{ workspace = true }") -> None:
    """A root that requires `core`, and a member `api` beside it that nobody requires."""
    Path("pyproject.toml").write_text(ROOT.replace("{source}", source))
    Path("src/root").mkdir(parents=True)
    Path("src/root/main.py").write_text("import core.views\n")
    member("core", '"lib"', core)
    member("api", '"core", "tool"', api, '[dependency-groups]\ndev = ["shared"]\n')
    member("older", '"lib"', OLD)


@pytest.fixture(autouse=True)
def _releases(index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_NO_CONFIG")
    for name in ("lib", "tool"):
        for year, offered in enumerate(("old new", "new"), 1):
            text = "".join(f"def {one}(): ...\n" for one in offered.split())
            index.add(name, f"{year}.0", {f"{name}/__init__.py": text}, uploaded=f"202{year}-01-01")
    index.add("shared", "1.0", uploaded="2021-01-01")


class TestFiles:
    @pytest.mark.parametrize("output", ["requirements.txt", "locks/constraints.txt", "locks/pylock.toml"])
    def test_a_member_that_is_required_is_judged_with_its_own_declaration(
        self, pinproof: Command, output: str
    ) -> None:
        workspace(OLD, "from tool import old\n")
        Path("locks").mkdir()
        ran = pinproof("lock", "-o", output)
        assert ran.code == 0, ran.out + ran.err
        assert BOUND in ran.out
        assert "not checked" not in ran.out
        text = Path(output).read_text()
        assert "file:" not in text
        assert str(Path.cwd()) not in text
        assert pinproof("lock", "-o", output, "--check").code == 0
        Path("packages/core/src/core/views.py").write_text("")
        assert pinproof("lock", "-o", output).code == 0
        assert "bound" not in Path(output).read_text()

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            ("{ workspace = true }", "\n-e ../packages/core\n"),
            ("{ workspace = true, editable = false }", "\n../packages/core\n"),
        ],
    )
    def test_a_member_is_locked_by_its_path(self, pinproof: Command, source: str, told: str) -> None:
        workspace(NEW, source=source)
        Path("locks").mkdir()
        ran = pinproof("lock", "-o", "locks/requirements.txt")
        assert ran.code == 0, ran.out + ran.err
        text = Path("locks/requirements.txt").read_text()
        assert told in text
        assert "lib==2.0" in text
        assert "bound" not in text
        assert pinproof("lock", "-o", "locks/requirements.txt").out.endswith("unchanged\n")
        assert pinproof("verify", "locks/requirements.txt").code == 0

    def test_without_the_source(self, pinproof: Command) -> None:
        workspace(OLD)
        assert pinproof("lock", "--no-source").code == 0
        assert "lib==2.0" in Path("requirements.txt").read_text()

    def test_what_is_no_member_is_not_checked(self, pinproof: Command) -> None:
        workspace(NEW)
        root = Path("pyproject.toml").read_text()
        root = root.replace('["core"]', '["core", "older"]') + 'older = { path = "packages/older" }\n'
        Path("pyproject.toml").write_text(root)
        ran = pinproof("lock")
        assert ran.code == 1
        assert "not checked: 1\n  older: " in ran.out

    def test_a_member_that_cannot_be_read(self, pinproof: Command) -> None:
        workspace(NEW)
        Path("packages/core/pyproject.toml").write_text("[project\n")
        ran = pinproof("lock")
        assert ran.code == 2
        assert "packages/core/pyproject.toml:1: not valid TOML" in ran.err


class TestIntoUv:
    @staticmethod
    def run(pinproof: Command, *arguments: str) -> Ran:
        return pinproof.bare("lock", "--into", "uv", *pinproof.options[:4], *arguments)

    def test_what_any_member_reaches_is_judged(self, pinproof: Command) -> None:
        workspace(OLD, "\nfrom tool import old\n")
        ran = self.run(pinproof)
        assert ran.code == 0, ran.out + ran.err
        assert BOUND in ran.out
        assert "tool<2: api 1 imports tool.old (src/api/views.py:2), removed in tool 2.0" in ran.out
        uv = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["uv"]
        assert sorted(uv["constraint-dependencies"]) == ["lib<2", "tool<2"]
        locked = {p["name"]: p["version"] for p in tomllib.loads(Path("uv.lock").read_text())["package"]}
        assert locked == {
            **dict.fromkeys(["api", "core", "root"], "1"),
            **dict.fromkeys(["lib", "shared", "tool"], "1.0"),
        }
        assert self.run(pinproof, "--check").code == 0
        assert pinproof("verify").code == 0

        Path("packages/api/src/api/views.py").write_text("")
        assert self.run(pinproof).code == 0
        uv = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["uv"]
        assert uv["constraint-dependencies"] == ["lib<2"]

    def test_where_members_exclude_each_other_what_the_root_reaches_is_judged(
        self, pinproof: Command
    ) -> None:
        workspace(OLD, "from tool import old\n")
        for name, extra in (("core", "tool<2"), ("api", "tool>=2")):
            path = Path("packages", name, "pyproject.toml")
            path.write_text(f'{path.read_text()}\n[project.optional-dependencies]\nx = ["{extra}"]\n')
        with Path("pyproject.toml").open("a") as file:
            file.write(
                '[tool.uv]\nconflicts = [[{package = "core", extra = "x"}, {package = "api", extra = "x"}]]\n'
            )
        ran = self.run(pinproof)
        assert ran.code == 0, ran.out + ran.err
        assert BOUND in ran.out
        assert "tool" not in ran.out

    def test_silence(self, pinproof: Command) -> None:
        workspace(NEW, "import core.views\nfrom tool import new\n")
        before = Path("pyproject.toml").read_text()
        ran = self.run(pinproof)
        assert ran.code == 0, ran.out + ran.err
        assert "not checked" not in ran.out
        assert Path("pyproject.toml").read_text() == before


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ('members = ["a/*"]', ["a/.hidden", "a/one", "a/two"]),
        ('members = ["./a/one", "b/**/deep"]', ["a/one", "b/x/deep"]),
        ('members = ["a/*", "b/*/*"]\nexclude = ["./a/t*", "b*"]', ["a/.hidden", "a/one"]),
        ('exclude = ["a/one"]', []),
    ],
)
def test_members_are_found_as_uv_finds_them(settings: str, found: list[str]) -> None:
    for folder in ("a/one", "a/two", "a/.hidden", "a/unmanaged", "b/x/deep"):
        Path(folder).mkdir(parents=True)
        Path(folder, "pyproject.toml").write_text(f'[project]\nname = "{Path(folder).name}"\n')
    Path("a/unmanaged/pyproject.toml").write_text("[tool.uv]\nmanaged = false\n")
    Path("a/nothing").mkdir()
    Path("a/file").touch()
    Path("pyproject.toml").write_text(f"[tool.uv.workspace]\n{settings}\n")
    assert [m.folder.as_posix() for m in members_of(Path())] == found


def test_where_there_is_no_workspace() -> None:
    assert members_of(Path()) == ()
    Path("pyproject.toml").write_text('[project]\nname = "x"\n[tool.uv]\nworkspace = 3\n')
    assert members_of(Path()) == ()
