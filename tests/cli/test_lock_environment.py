"""`pinproof lock --env`, end to end."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories
from command import Command
from packaging.pylock import Pylock

from installing import environment, install, install_editable, install_pins, packages
from local_index import core_metadata, wheel

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

LOCK = Path("requirements.txt")


@pytest.fixture
def env(tmp_path: Path, index: LocalIndex) -> Path:
    """A set that works, of which Flask and Werkzeug were asked for by name."""
    stories.flask_login_story(index)
    made = environment(tmp_path / "env")
    install_pins(made, index, stories.FLASK_2, requested=["flask", "werkzeug"])
    return made


@pytest.fixture
def pinproof(index: LocalIndex, cache: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Without a Python of its own: the environment has one."""
    return Command(capsys, ("--index-url", index.url, "--cache-dir", str(cache)))


def test_what_is_installed(env: Path, pinproof: Command, snapshot: SnapshotAssertion) -> None:
    ran = pinproof("lock", "--env", str(env))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == snapshot
    assert LOCK.read_text().replace(str(env), "ENV") == snapshot
    assert pinproof("verify", "--python-version", "3.11").code == 0


def test_twice_gives_the_same_bytes(env: Path, index: LocalIndex, pinproof: Command) -> None:
    pinproof("lock", "--env", str(env))
    written = LOCK.read_bytes()
    assert pinproof("lock", "--env", str(env), "--check").code == 0
    assert pinproof("lock", "--env", str(env)).out.endswith("unchanged\n")
    assert LOCK.read_bytes() == written
    index.add("more", "1.0", {"more.py": ""})
    install_pins(env, index, "more==1.0")
    ran = pinproof("lock", "--env", str(env), "--check")
    assert ran.code == 1
    assert "\n+more==1.0 \\\n" in ran.out
    assert "compared with the lock as it was: more 1.0 added" in ran.out
    assert LOCK.read_bytes() == written


def test_other_formats(env: Path, pinproof: Command) -> None:
    assert pinproof("lock", "--env", str(env), "-o", "pylock.toml").code == 0
    lock = Pylock.from_dict(tomllib.loads(Path("pylock.toml").read_text()))
    assert [f"{p.name}=={p.version}" for p in lock.packages] == stories.FLASK_2.split()
    assert pinproof("lock", "--env", str(env), "-o", "constraints.txt").code == 0
    assert [
        x for x in Path("constraints.txt").read_text().splitlines() if "#" not in x
    ] == stories.FLASK_2.split()


def test_what_does_not_work_is_not_recorded(env: Path, index: LocalIndex, pinproof: Command) -> None:
    LOCK.write_text("flask==1.0\n")
    broken = environment(env.parent / "broken")
    install_pins(broken, index, stories.FLASK_3)
    ran = pinproof("lock", "--env", str(broken))
    assert ran.code == 1
    assert "what is installed does not work as it is" in ran.out
    assert "(flask_login/utils.py:3), removed in werkzeug 3.0.0" in ran.out
    assert LOCK.read_text() == "flask==1.0\n"


def test_where_everything_is_marked_what_nothing_needs_was_asked_for(
    tmp_path: Path, env: Path, index: LocalIndex, pinproof: Command
) -> None:
    other = environment(tmp_path / "other")
    install_pins(other, index, stories.FLASK_2, requested=["flask", "flask-login", "werkzeug"])
    assert pinproof("lock", "--env", str(other)).code == 0
    assert "\n# requested: flask-login\n" in LOCK.read_text()


def test_what_is_not_of_the_index_is_named_and_left_out(
    env: Path, tmp_path: Path, index: LocalIndex, pinproof: Command
) -> None:
    source = tmp_path / "shop" / "src"
    (source / "shop").mkdir(parents=True)
    (source / "shop" / "__init__.py").write_text("import flask\n")
    install_editable(env, "shop", source.parent, {"_shop.pth": str(source)}, ["flask"])
    install(env, wheel("private", "1.0", {"private.py": ""}, core_metadata("private", "1.0"))[1])
    index.add("forked", "1.0", {"forked.py": ""})
    said = {"url": "git+https://me:secret@example.org/forked", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    files = {"forked.py": "", "forked-1.0.dist-info/direct_url.json": json.dumps(said)}
    install(env, wheel("forked", "1.0", files, core_metadata("forked", "1.0"))[1])
    ran = pinproof("lock", "--env", str(env))
    assert ran.code == 1
    text = LOCK.read_text()
    assert f"# not locked: shop 1.0: an editable install of {source.parent}\n" in text
    assert "# not locked: private 1.0: the index has no such release\n" in text
    assert "# not locked: forked 1.0: installed from git+https://example.org/forked at abc\n" in text
    assert "\nflask==2.3.3 " in text
    assert "\nforked" not in text
    assert "secret" not in text + ran.out
    names = [entry["name"] for entry in pinproof.json("lock", "--env", str(env)).json["not_checked"]]
    assert names == ["forked 1.0", "private 1.0", "shop 1.0"]


def test_what_was_built_here_has_the_hash_of_its_source(
    env: Path, index: LocalIndex, pinproof: Command
) -> None:
    upload = index.add("plain", "1.0", {"plain.py": ""}, sdist_ending=".tar.gz")
    install(env, wheel("plain", "1.0", {"plain.py": ""}, core_metadata("plain", "1.0"))[1])
    assert pinproof("lock", "--env", str(env)).code == 0
    assert f"plain==1.0 \\\n    --hash=sha256:{upload.sha256}\n    # requested\n" in LOCK.read_text()


def test_what_others_carry_with_them_is_not_installed(env: Path, pinproof: Command) -> None:
    carried = packages(env) / "flask" / "_vendor" / "six-1.0.dist-info"
    carried.mkdir(parents=True)
    (carried / "METADATA").write_text(core_metadata("six", "1.0"))
    assert pinproof("lock", "--env", str(env)).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--env", "gone"), "there is no such environment"),
        (("--env", "{env}", "requirements.in"), "PATH has no place there"),
        (("--env", "{env}", "-U"), "-U has no place there"),
        (("--env", "{env}", "--into", "uv"), "--into has no place there"),
        (("--env", "{env}", "--prerelease", "allow"), "--prerelease has no place there"),
        (("--env", "{env}", "-o", "poetry.lock"), "the name does not say what to write"),
        (("--env", "{env}", "--python-version", "3.12"), "an environment of Python 3.11"),
    ],
)
def test_what_makes_no_sense(env: Path, pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
    ran = pinproof("lock", *(argument.format(env=env) for argument in arguments))
    assert ran.code == 2
    assert told in ran.err


def test_settings_that_say_otherwise(env: Path, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_NO_CONFIG")
    Path("pyproject.toml").write_text('[tool.uv]\noverride-dependencies = ["werkzeug==2.2.0"]\n')
    ran = pinproof("lock", "--env", str(env))
    assert ran.code == 2
    assert "werkzeug 2.3.7 is installed" in ran.err
