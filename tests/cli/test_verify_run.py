"""`pinproof verify --run`: sets that are imported for real, in environments that uv makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stories
from uv import find_uv_bin

from local_index import core_metadata, wheel
from pinproof.actions import real_imports

if TYPE_CHECKING:
    from command import Command
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the set of these tests is meant for Linux")


def pins(text: str) -> None:
    Path("requirements.txt").write_text(text)


def failures(found: Any) -> list[tuple[str, bool, bool, bool]]:
    return [(f["module"], f["direct"], f["own_reason"], f["foreseen"]) for f in found["trial"]["failures"]]


class TestAnswer:
    def test_what_works(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        pins(stories.FLASK_2)
        ran = pinproof("verify", "--run")
        assert ran.code == 0
        assert ran.out.endswith("works (3 modules imported)\n")
        found = pinproof.json("verify", "--run").json
        assert (found["evidence"], found["trial"]) == (
            "imported",
            {"modules": 3, "failures": [], "refuted": []},
        )
        assert pinproof.json("verify").json["evidence"] == "read"
        assert pinproof.json("verify").json["trial"] is None

    def test_a_break_that_is_seen(
        self, index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        stories.flask_login_story(index)
        pins(stories.FLASK_3)
        ran = pinproof("verify", "--run")
        assert ran.code == 1
        assert ran.out == snapshot
        found = pinproof.json("verify", "--run").json
        assert [(b["symbol"], b["evidence"]) for b in found["breaks"]] == [
            ("werkzeug.urls.url_decode", "imported"),
            ("werkzeug.urls.url_encode", "read"),  # the import does not come that far
        ]
        assert failures(found) == [
            ("flask_login", True, False, True),
            ("flask_login.utils", True, False, True),
        ]

    def test_a_break_that_is_none(self, index: LocalIndex, pinproof: Command) -> None:
        """Something that cannot be read puts the name there when Python starts."""
        stories.flask_login_story(index)
        hook = "import werkzeug.urls as u; u.url_decode = u.url_encode = print\n"
        index.add("mender", "1.0", {"mender.pth": hook}, uploaded="2020-01-01")
        pins(f"{stories.FLASK_3}mender==1.0\n")
        assert pinproof("verify").code == 1
        found = pinproof.json("verify", "--run")
        assert (found.code, found.json["status"]) == (0, "works")
        assert {b["severity"] for b in found.json["breaks"]} == {"latent"}
        assert len(found.json["trial"]["refuted"]) == 2
        shown = pinproof("verify", "--run").out
        assert "imported all the same: flask-login 0.6.2 imports werkzeug.urls.url_decode" in shown

    @pytest.mark.parametrize(
        ("source", "own_reason"),
        [
            ("import needed_only_by_some\n", True),
            ("class Unset(Exception): ...\nraise Unset('settings')\n", True),
            ("import os\nos.environ['DISPLAY']\n", True),
            ("raise OSError('no sound')\n", True),
            ("raise NotImplementedError('not on this platform')\n", True),
            ("raise ImportError('install mine[fast] for this')\n", True),
            ("import sys\nsys.exit(3)\n", True),
            ("def _f(): return helper.nothing\nimport helper\n_f()\n", False),
            ("from helper import nothing\n", False),
            ("import helper.nothing\n", False),
            ("__import__(str('binhex'))  # went with Python 3.11\n", False),
            ("raise ValueError('dtype size changed')\n", False),
            ("import os\nos.abort()\n", False),
        ],
    )
    def test_what_nobody_foresaw(
        self, index: LocalIndex, pinproof: Command, source: str, own_reason: bool
    ) -> None:
        index.add("helper", "1.0", {"helper.py": ""}, uploaded="2020-01-01")
        index.add("mine", "1.0", {"mine.py": source}, requires=["helper"], uploaded="2020-01-02")
        pins("mine==1.0\nhelper==1.0\n")
        found = pinproof.json("verify", "--run")
        assert failures(found.json) == [("mine", True, own_reason, False)]
        assert found.code == (0 if own_reason else 1)

    def test_a_failure_of_what_others_require_does_not_count(
        self, index: LocalIndex, pinproof: Command
    ) -> None:
        index.add("helper", "1.0", {"helper.py": "", "odd.py": "import helper\nhelper.nothing\n"})
        index.add("mine", "1.0", {"mine.py": "import helper\n"}, requires=["helper"])
        pins("mine==1.0\nhelper==1.0\n")
        found = pinproof.json("verify", "--run")
        assert (found.code, failures(found.json)) == (0, [("odd", False, False, False)])
        for form in ("text", "github", "markdown", "sarif"):
            shown = pinproof("verify", "--run", "--output-format", form).out
            assert "importing odd failed: AttributeError" in shown.replace("\\", "")

    def test_commands_are_imported(self, index: LocalIndex, pinproof: Command) -> None:
        entry = {"mine-1.0.dist-info/entry_points.txt": "[console_scripts]\nmine = mine.command:main\n"}
        index.add("mine", "1.0", {"mine/__init__.py": "", "mine/command.py": "None.x\n", **entry})
        pins("mine==1.0\n")
        assert failures(pinproof.json("verify", "--run").json) == [("mine.command", True, False, False)]


class TestRunning:
    def test_it_is_not_run_again(
        self, index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stories.flask_login_story(index)
        pins(stories.FLASK_3)
        first = pinproof.json("verify", "--run")
        monkeypatch.setattr(real_imports, "installed", None)
        assert pinproof.json("verify", "--run") == first

    def test_hashes_are_checked(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("mine", "1.0", {"mine.py": ""})
        pins(f"mine==1.0 --hash=sha256:{'0' * 64}\n")
        ran = pinproof("verify", "--run")
        assert ran.code == 3
        assert "the set cannot be installed: " in ran.err
        assert "ash mismatch" in ran.err

    def test_what_lies_on_this_machine_is_installed(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("helper", "1.0", {"helper.py": ""})
        name, content = wheel(
            "mine", "1.0", {"mine.py": "import helper\nhelper.x\n"}, core_metadata("mine", "1.0", ["helper"])
        )
        Path(name).write_bytes(content)
        pins(f"helper==1.0\n./{name}\n")
        assert failures(pinproof.json("verify", "--run").json) == [("mine", True, False, False)]
        pins("helper==1.0\n")
        assert failures(pinproof.json("verify", "--run", name).json) == [("mine", True, False, False)]

    def test_an_environment_is_run_itself(self, index: LocalIndex, pinproof: Command, tmp_path: Path) -> None:
        stories.flask_login_story(index)
        env = tmp_path / "env"
        subprocess.run([find_uv_bin(), "venv", "-q", "--python", "3.11", env], check=True)
        install = [find_uv_bin(), "pip", "install", "-q", "--no-deps", "--python", env / "bin" / "python"]
        subprocess.run([*install, "--default-index", index.url, *stories.FLASK_3.split()], check=True)
        pinproof.options = tuple(o for o in pinproof.options if o not in ("--python-version", "3.11"))
        found = pinproof.json("verify", "--run", "--env", str(env)).json
        assert [f[0] for f in failures(found)] == ["flask_login", "flask_login.utils"]
        (place,) = env.glob("lib/python*/site-packages/werkzeug/urls.py")
        place.write_text(stories.URLS_BEFORE)
        assert pinproof("verify", "--run", "--env", str(env)).code == 0

    def test_without_the_option_nothing_is_run(
        self, index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(real_imports, "try_modules", None)
        monkeypatch.setattr(real_imports, "installed", None)
        stories.flask_login_story(index)
        pins(stories.FLASK_2)
        assert pinproof("verify").code == 0

    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (("--python-platform", "windows"), 2, "--run imports the set on this machine, which is linux"),
            (("--python-version", "3.6"), 3, "there is no Python 3.6 on this machine"),
        ],
    )
    def test_what_cannot_be_run_here(
        self,
        index: LocalIndex,
        pinproof: Command,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        arguments: tuple[str, ...],
        code: int,
        told: str,
    ) -> None:
        index.add("mine", "1.0", {"mine.py": ""})
        pins("mine==1.0\n")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
        ran = pinproof("verify", "--run", *arguments)
        assert (ran.code, ran.out) == (code, "")
        assert told in ran.err
