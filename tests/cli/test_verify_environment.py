"""`pinproof verify --env`, end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories

from installing import environment, install, install_editable, install_pins, packages
from local_index import core_metadata, wheel

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex


@pytest.fixture
def env(tmp_path: Path, index: LocalIndex) -> Path:
    """What was installed on the day that Werkzeug 3 came out."""
    stories.flask_login_story(index)
    made = environment(tmp_path / "env")
    install_pins(made, index, stories.FLASK_3)
    return made


@pytest.fixture
def pinproof(index: LocalIndex, cache: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Without a Python of its own: the environment has one."""
    from command import Command

    return Command(capsys, ("--index-url", index.url, "--cache-dir", str(cache)))


def test_the_break_of_what_is_installed(env: Path, pinproof: Command) -> None:
    ran = pinproof("verify", "--env", str(env))
    assert ran.code == 1
    assert (
        "flask-login 0.6.2 imports werkzeug.urls.url_decode (flask_login/utils.py:3), removed in" in ran.out
    )
    assert f"{env}: 3 packages on Python 3.11" in ran.out


def test_it_is_the_same_judgement_as_that_of_the_pins(env: Path, pinproof: Command) -> None:
    Path("requirements.txt").write_text(stories.FLASK_3)
    installed = pinproof.json("verify", "--env", str(env)).json
    pinned = pinproof.json("verify", "--python-version", "3.11").json
    assert installed["breaks"] == pinned["breaks"]
    assert sorted(p["name"] for p in installed["packages"]) == sorted(p["name"] for p in pinned["packages"])


def test_what_is_on_disk_counts_not_what_the_index_has(env: Path, pinproof: Command) -> None:
    """Somebody put back what was removed, and later took it away again."""
    urls = packages(env) / "werkzeug" / "urls.py"
    before = urls.read_text()
    urls.write_text(stories.URLS_BEFORE)
    assert pinproof("verify", "--env", str(env)).code == 0
    urls.write_text(before)
    assert pinproof("verify", "--env", str(env)).code == 1


def test_modules_of_no_distribution_are_there(env: Path, index: LocalIndex, pinproof: Command) -> None:
    index.add("extra", "1.0", {"extra.py": "def helper(): ...\n"}, uploaded="2020-01-01")
    index.add(
        "old", "1.0", {"old.py": "from extra import helper\n"}, requires=["extra"], uploaded="2020-06-01"
    )
    install_pins(env, index, "old==1.0")
    (packages(env) / "werkzeug" / "urls.py").write_text(stories.URLS_BEFORE)
    assert pinproof("verify", "--env", str(env)).code == 1
    (packages(env) / "extra.py").write_text("def helper(): ...\n")
    assert pinproof("verify", "--env", str(env)).code == 0


def test_an_editable_install_is_read_where_it_lies(env: Path, tmp_path: Path, pinproof: Command) -> None:
    (packages(env) / "flask_login" / "utils.py").write_text("def encode(): ...\n")
    assert pinproof("verify", "--env", str(env)).code == 0
    source = tmp_path / "shop" / "src"
    (source / "shop").mkdir(parents=True)
    (source / "shop" / "__init__.py").write_text("from werkzeug.urls import url_decode\n")
    install_editable(env, "shop", source.parent, {"_shop.pth": str(source)}, ["werkzeug"])
    ran = pinproof.json("verify", "--env", str(env))
    # It was never uploaded: what it worked with is what it allows.
    assert (ran.code, ran.json["status"]) == (1, "broken")
    assert [(b["dependent"], b["symbol"]) for b in ran.json["breaks"]] == [
        ("shop", "werkzeug.urls.url_decode")
    ]
    shown = pinproof("verify", "--env", str(env)).out
    assert f"  {source / 'shop' / '__init__.py'}:1\n" in shown
    # A name that no release of what it allows ever had is no evidence.
    (source / "shop" / "__init__.py").write_text("from werkzeug.urls import made_up\n")
    assert pinproof("verify", "--env", str(env)).code == 0
    (source / "shop" / "__init__.py").write_text("import werkzeug\n")
    assert pinproof("verify", "--env", str(env)).code == 0


def test_nothing_is_run(env: Path, tmp_path: Path, pinproof: Command) -> None:
    proof = tmp_path / "was-run"
    trap = f"open({str(proof)!r}, 'w')\n"
    files = {"trap/__init__.py": trap, "trap.pth": f"import os; {trap}", "sitecustomize.py": trap}
    install(env, wheel("trap", "1.0", files, core_metadata("trap", "1.0"))[1])
    assert pinproof("verify", "--env", str(env)).code == 1
    assert not proof.exists()


def test_what_cannot_be_followed_is_not_checked(env: Path, tmp_path: Path, pinproof: Command) -> None:
    install_editable(env, "mine", tmp_path, {"mine.pth": "import sys"})
    (packages(env) / "egg.egg-link").touch()
    ran = pinproof.json("verify", "--env", str(env))
    assert [entry["name"] for entry in ran.json["not_checked"]] == ["mine-1.0", "egg.egg-link"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--env", "gone"), "there is no such environment"),
        (("--env", "."), "nothing is installed in it"),
        (("--env", "{env}", "--python-version", "3.12"), "an environment of Python 3.11"),
        (("--env", "{env}", "requirements.txt"), "not both"),
    ],
)
def test_what_cannot_be_read(env: Path, pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
    ran = pinproof("verify", *(argument.format(env=env) for argument in arguments))
    assert ran.code == 2
    assert told in ran.err


def test_an_empty_environment(tmp_path: Path, pinproof: Command) -> None:
    ran = pinproof("verify", "--env", str(environment(tmp_path / "empty")))
    assert ran.code == 2
    assert "nothing is installed in it" in ran.err
