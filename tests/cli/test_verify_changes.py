"""`pinproof verify --base`: what moved since another lock."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stories

from installing import environment, install_pins

if TYPE_CHECKING:
    from command import Command
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

LATENT = "app==1.0\nlib==2.0\n"


@pytest.fixture(autouse=True)
def _story(index: LocalIndex) -> None:
    stories.flask_login_story(index)
    stories.latent_story(index)


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def git(*arguments: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def committed(files: dict[str, str]) -> None:
    """A repository in this folder with one commit."""
    for name, text in files.items():
        write(name, text)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")


def told(found: Any) -> set[tuple[str, str]]:
    return {(b["dependent"], b["dependency"]) for b in found["breaks"]}


class TestWithFiles:
    def test_only_what_moved_is_told_and_counted(
        self, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        write("old.txt", f"{stories.FLASK_2}{LATENT}six==1.0\n")
        write("requirements.txt", f"{stories.FLASK_3}{LATENT}")
        ran = pinproof("verify", "--strict", "--base", "old.txt")
        assert ran.code == 1
        assert ran.out == snapshot
        found = pinproof.json("verify", "--base", "old.txt").json
        assert told(found) == {("flask-login", "werkzeug")}
        assert found["base"] == "old.txt"
        assert found["moved"] == [
            {"name": "flask", "before": "2.3.3", "after": "3.0.0"},
            {"name": "six", "before": "1.0", "after": None},
            {"name": "werkzeug", "before": "2.3.7", "after": "3.0.0"},
        ]

    def test_what_was_broken_before_fails_nothing(self, pinproof: Command) -> None:
        write("old.txt", stories.FLASK_3)
        write("requirements.txt", f"{stories.FLASK_3}lib==1.0\n")
        assert pinproof("verify").code == 1
        found = pinproof.json("verify", "--base", "old.txt")
        assert (found.code, found.json["status"], found.json["breaks"]) == (0, "works", [])

    def test_nothing_moved(self, pinproof: Command) -> None:
        write("requirements.txt", stories.FLASK_3)
        ran = pinproof("verify", "--base", "requirements.txt")
        assert ran.code == 0
        assert "moved since requirements.txt: nothing\n" in ran.out

    def test_a_dependency_that_was_taken_out(self, pinproof: Command) -> None:
        write("old.txt", stories.FLASK_2)
        write("requirements.txt", "flask==2.3.3\n")
        assert ("flask", "werkzeug") in told(pinproof.json("verify", "--base", "old.txt").json)

    def test_what_is_not_checked_counts_if_it_is_new(self, pinproof: Command) -> None:
        write("old.txt", f"{stories.FLASK_2}absent==1.0\n-e ./gone\n")
        write("requirements.txt", f"absent==1.0\n{stories.FLASK_2}-e ./gone\n")
        assert pinproof("verify").code == 1
        assert pinproof("verify", "--base", "old.txt").code == 0
        write("requirements.txt", f"absent==2.0\n{stories.FLASK_2}-e ./lost\n")
        found = pinproof.json("verify", "--base", "old.txt")
        assert (found.code, found.json["status"]) == (1, "not-checked")
        assert {entry["name"] for entry in found.json["not_checked"]} == {"absent 2.0", "lost"}

    @pytest.mark.parametrize("form", ["github", "markdown", "sarif"])
    def test_every_form(self, pinproof: Command, form: str) -> None:
        write("old.txt", f"{stories.FLASK_2}{LATENT}")
        write("requirements.txt", f"{stories.FLASK_3}{LATENT}")
        ran = pinproof("verify", "--base", "old.txt", "--output-format", form)
        assert ran.code == 1
        assert "flask-login 0.6.2 imports" in ran.out
        assert "lib.old" not in ran.out

    def test_an_environment_and_a_lock(self, pinproof: Command, index: LocalIndex, tmp_path: Path) -> None:
        env = environment(tmp_path / "env")
        install_pins(env, index, stories.FLASK_3)
        write("requirements.txt", stories.FLASK_3)
        assert pinproof("verify", "--env", str(env)).code == 1
        assert pinproof("verify", "--env", str(env), "--base", "requirements.txt").code == 0


class TestWithGit:
    def test_a_commit(self, pinproof: Command) -> None:
        committed({"requirements.txt": "-r deep/pins.txt\n", "deep/pins.txt": f"{stories.FLASK_2}{LATENT}"})
        write("deep/pins.txt", f"{stories.FLASK_3}{LATENT}")
        for option in (("--base", "main"), ("--base", "HEAD"), ("--only", "changed")):
            found = pinproof.json("verify", *option)
            assert (found.code, told(found.json)) == (1, {("flask-login", "werkzeug")})
        git("commit", "-qam", "second")
        assert pinproof("verify", "--only", "changed").code == 0
        assert pinproof("verify", "--only", "changed", "--base", "HEAD~1").code == 1

    def test_from_a_folder_below(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        committed({"below/requirements.txt": stories.FLASK_2})
        write("below/requirements.txt", stories.FLASK_3)
        monkeypatch.chdir("below")
        assert pinproof("verify", "--base", "main").code == 1
        assert pinproof("verify", "--base", "main:below/requirements.txt").code == 1
        assert pinproof("verify", "--base", "main:./requirements.txt").code == 1

    def test_a_lock_of_another_name(self, pinproof: Command) -> None:
        committed({"constraints.txt": stories.FLASK_3})
        write("requirements.txt", stories.FLASK_3)
        assert pinproof("verify", "--base", "main:constraints.txt").code == 0
        ran = pinproof("verify", "--base", "main")
        assert ran.code == 1
        assert "warning: main has no requirements.txt: all of it counts as moved" in ran.err

    def test_own_source_counts_where_its_file_is_not_as_it_was(self, pinproof: Command) -> None:
        uses = "from werkzeug.urls import url_decode\n"
        committed({"requirements.txt": "werkzeug==3.0.0\n", "a.py": uses})
        write("b.py", uses)
        found = pinproof.json("verify", "--base", "main").json
        assert [b["path"] for b in found["breaks"]] == ["b.py"]
        assert [b["path"] for b in pinproof.json("verify").json["breaks"]] == ["a.py", "b.py"]

    def test_nothing_of_the_repository_is_run(self, pinproof: Command, tmp_path: Path) -> None:
        proof = tmp_path / "was-run"
        committed({"requirements.txt": stories.FLASK_3, ".gitattributes": "* filter=x diff=x\n"})
        for key in ("filter.x.smudge", "diff.x.textconv", "diff.x.command", "core.fsmonitor", "core.pager"):
            git("config", key, f"touch {proof}")
        proof.unlink(missing_ok=True)
        assert pinproof("verify", "--base", "main").code == 0
        assert not proof.exists()

    @pytest.mark.parametrize(
        ("base", "told"),
        [
            ("gone.txt", "gone.txt: no file, and no commit of git"),
            ("main:gone.txt", "main:gone.txt: the commit has no such file"),
            ("main:bad.txt", "as of main: bad.txt:1: 'flask>=2' is not pinned"),
            (
                "main:includes.txt",
                "as of main: includes.txt:1: cannot read gone.txt: the commit has no such file",
            ),
            ("--upload-pack=x", "'--upload-pack=x' is no commit of git"),
            ("", "'' is no commit of git"),
        ],
    )
    def test_what_cannot_be_read(self, pinproof: Command, base: str, told: str) -> None:
        committed(
            {"requirements.txt": stories.FLASK_2, "bad.txt": "flask>=2\n", "includes.txt": "-r gone.txt\n"}
        )
        ran = pinproof("verify", "--base", base)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err

    def test_no_repository(self, pinproof: Command) -> None:
        write("requirements.txt", stories.FLASK_2)
        ran = pinproof("verify", "--base", "main")
        assert ran.code == 2
        assert "main: no file, and no commit of git: not a git repository" in ran.err

    def test_no_git(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        write("requirements.txt", stories.FLASK_2)
        monkeypatch.setenv("PATH", str(tmp_path))
        ran = pinproof("verify", "--base", "main")
        assert ran.code == 3
        assert "git was not found" in ran.err
