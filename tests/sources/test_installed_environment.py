"""Reading environments from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installing import environment, install, install_editable, packages
from local_index import core_metadata, wheel
from pinproof.errors import ArchiveError, InputError
from pinproof.sources.environment import find_site, read_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.sources.environment import OnDisk


def plain(name: str, files: dict[str, str]) -> bytes:
    return wheel(name, "1.0", files, core_metadata(name, "1.0"))[1]


def the_only(env: Path) -> OnDisk:
    (found,) = read_folder(packages(env)).distributions
    return found


def modules(found: OnDisk) -> list[str]:
    return [
        name for name in found.folder.names if name.endswith(".py") and not name.startswith("__editable__")
    ]


class TestFindSite:
    @pytest.mark.parametrize("named", ["", "bin/python", "lib/python3.9/site-packages"])
    def test_the_ways_to_name_one(self, tmp_path: Path, named: str) -> None:
        env = environment(tmp_path / "env", "3.9")
        install(env, plain("a", {}))
        site = find_site(env / named)
        assert (site.folders, site.python) == ((packages(env),), (3, 9))

    def test_the_link_of_a_virtual_environment_is_not_followed(self, tmp_path: Path) -> None:
        env, base = environment(tmp_path / "env"), environment(tmp_path / "base")
        (env / "bin" / "python3").symlink_to(base / "bin" / "python")
        assert find_site(env / "bin" / "python3").folders == (packages(env),)

    def test_a_link_to_a_python_is_followed(self, tmp_path: Path) -> None:
        env = environment(tmp_path / "env")
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "python").symlink_to(env / "bin" / "python")
        assert find_site(tmp_path / "elsewhere" / "python").folders == (packages(env),)

    def test_the_system_packages(self, tmp_path: Path) -> None:
        env, base = environment(tmp_path / "env"), environment(tmp_path / "base")
        config = f"home = {base / 'bin'}\nversion = 3.11.4\ninclude-system-site-packages = true\n"
        (env / "pyvenv.cfg").write_text(config)
        assert find_site(env).folders == (packages(env), packages(base))

    def test_windows(self, tmp_path: Path) -> None:
        (tmp_path / "Lib" / "site-packages").mkdir(parents=True)
        (tmp_path / "pyvenv.cfg").write_text("version = 3.12.1\n")
        site = find_site(tmp_path)
        assert (site.python, site.platform) == ((3, 12), "win32")

    @pytest.mark.parametrize("named", ["gone", "empty", "file.txt"])
    def test_what_is_none(self, tmp_path: Path, named: str) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "file.txt").touch()
        with pytest.raises(InputError) as caught:
            find_site(tmp_path / named)
        assert named in caught.value.message
        assert caught.value.hint


class TestReadFolder:
    def test_what_record_lists_and_what_is_loose(self, tmp_path: Path) -> None:
        env = environment(tmp_path / "env")
        install(env, plain("a", {"a/__init__.py": "x = 1", "../../../bin/a": "", "a/gone.py": ""}))
        (packages(env) / "a" / "gone.py").unlink()
        (packages(env) / "a" / "more.py").touch()
        (packages(env) / "old.egg-link").touch()
        contents = read_folder(packages(env))
        assert [modules(found) for found in contents.distributions] == [["a/__init__.py"]]
        assert set(contents.loose.names) == {"old.egg-link", "a/more.py", "bin/a"}
        assert contents.old == ("old.egg-link",)

    def test_the_key_is_that_of_the_content(self, tmp_path: Path) -> None:
        keys = []
        for name, text in (("one", "x = 1"), ("two", "x = 1"), ("three", "x = 2")):
            env = environment(tmp_path / name)
            install(env, plain("a", {"a/__init__.py": text}))
            keys.append(the_only(env).folder.key)
        assert keys[0] == keys[1] != keys[2]

    def test_without_a_record(self, tmp_path: Path) -> None:
        env = environment(tmp_path / "env")
        install(env, plain("a", {"a/__init__.py": "", "b.py": "", "a-1.0.dist-info/top_level.txt": "a\n"}))
        (packages(env) / "a-1.0.dist-info" / "RECORD").unlink()
        assert modules(the_only(env)) == ["a/__init__.py"]

    def test_a_member_that_is_gone_meanwhile(self, tmp_path: Path) -> None:
        env = environment(tmp_path / "env")
        install(env, plain("a", {"a.py": ""}))
        found = the_only(env)
        (packages(env) / "a.py").unlink()
        with pytest.raises(ArchiveError, match=r"a\.py"):
            list(found.folder.read(["a.py"]))


class TestEditable:
    def source(self, tmp_path: Path) -> Path:
        project = tmp_path / "project"
        for name in (
            "src/mine/__init__.py",
            "src/mine/deep/x.py",
            "src/alone.py",
            "tests/test_it.py",
            "setup.py",
        ):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(f"here = {name!r}\n")
        return project

    def read(self, found: OnDisk, name: str) -> str:
        ((_, text),) = found.folder.read([name])
        return text.decode()

    def test_a_path_file(self, tmp_path: Path) -> None:
        env, project = environment(tmp_path / "env"), self.source(tmp_path)
        install_editable(env, "mine", project, {"_mine.pth": f"{project / 'src'}\n"})
        found = the_only(env)
        assert modules(found) == ["alone.py", "mine/__init__.py", "mine/deep/x.py"]
        assert "src/mine/deep/x.py" in self.read(found, "mine/deep/x.py")
        assert "src/alone.py" in self.read(found, "alone.py")
        assert (found.editable, found.problem) == (project, "")

    def test_of_the_project_folder_only_its_packages(self, tmp_path: Path) -> None:
        env, project = environment(tmp_path / "env"), self.source(tmp_path)
        (project / "flat").mkdir()
        (project / "flat" / "__init__.py").touch()
        install_editable(env, "mine", project, {"_mine.pth": f"{project}\n"})
        assert modules(the_only(env)) == ["flat/__init__.py"]

    def test_a_finder_of_setuptools(self, tmp_path: Path) -> None:
        env, project = environment(tmp_path / "env"), self.source(tmp_path)
        mapping = {"mine": str(project / "src" / "mine"), "alone": str(project / "src" / "alone")}
        hooks = {
            "__editable__.mine-1.0.pth": "import __editable___mine_1_0_finder; …",
            "__editable___mine_1_0_finder.py": f"MAPPING: dict[str, str] = {mapping!r}\nraise SystemExit\n",
        }
        install_editable(env, "mine", project, hooks)
        found = the_only(env)
        assert modules(found) == ["mine/__init__.py", "mine/deep/x.py", "alone.py"]
        assert "src/mine/__init__.py" in self.read(found, "mine/__init__.py")
        assert "src/alone.py" in self.read(found, "alone.py")

    @pytest.mark.parametrize("text", ["import sys; run()\n", "/no/such/folder\n", ""])
    def test_what_cannot_be_followed_is_said(self, tmp_path: Path, text: str) -> None:
        env = environment(tmp_path / "env")
        install_editable(env, "mine", self.source(tmp_path), {"mine.pth": text})
        found = the_only(env)
        assert modules(found) == []
        assert "runs code" in found.problem

    @pytest.mark.parametrize("text", ["MAPPING: dict = f()", "MAPPING: dict", "def (", "MAPPING: dict = [1]"])
    def test_a_finder_that_computes(self, tmp_path: Path, text: str) -> None:
        env = environment(tmp_path / "env")
        install_editable(env, "mine", self.source(tmp_path), {"__editable___mine_finder.py": text})
        assert modules(the_only(env)) == []
