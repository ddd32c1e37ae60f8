"""What pinproof promises, on the real index: incidents of the past, and a set of today that works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version
from uv import find_uv_bin

pytestmark = pytest.mark.real_index

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINPROOF_CACHE_DIR", str(tmp_path_factory.mktemp("pinproof-cache")))
        yield


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pinproof", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def answer(*arguments: str, code: int = 0) -> Any:
    """The JSON answer of a command that ends with this code."""
    done = run(*arguments, "--output-format", "json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def pins(found: Any) -> dict[str, Version]:
    return {package["name"]: Version(package["version"]) for package in found["packages"]}


def bounds(found: Any) -> set[str]:
    return {bound["requirement"] for bound in found["bounds"]}


def import_for_real(found: Any, statement: str, folder: Path) -> None:
    """Install the set into an environment of its own and run a statement there."""
    uv = find_uv_bin()
    lines = [f"{name}=={version}" for name, version in pins(found).items()]
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([uv, "pip", "install", "-q", "--no-deps", "--python", python, *lines], check=True)
    subprocess.run([python, "-c", statement], check=True)


def test_flask_login(tmp_path: Path) -> None:
    found = answer("solve", "flask", "flask-login", "--as-of", "2023-10-01", "--python-version", "3.11")
    assert found["status"] == "works"
    assert bounds(found) == {"werkzeug<3"}
    chosen = pins(found)
    assert chosen["werkzeug"] < Version("3")
    assert chosen["flask"].release[:2] == (2, 3)
    assert chosen["flask-login"] == Version("0.6.2")
    reasons = found["bounds"][0]["because"]
    [decode] = [r for r in reasons if r["symbol"] == "werkzeug.urls.url_decode"]
    assert (decode["path"], decode["line"]) == ("flask_login/utils.py", 14)
    assert (decode["severity"], decode["removed_in"]) == ("fatal", "3.0.0")
    import_for_real(found, "import flask_login", tmp_path / "environment")


def test_the_example_of_the_readme_is_what_is_printed() -> None:
    done = run("solve", "flask", "flask-login", "--as-of", "2023-10-01", "--python-version", "3.11")
    shown = done.stdout.replace(", macOS,", ", Linux,").replace(", Windows,", ", Linux,")
    assert shown in (ROOT / "README.md").read_text(encoding="utf-8")


def test_flask_1_while_it_works() -> None:
    found = answer("solve", "flask==1.1.2", "--as-of", "2021-05-13", "--python-version", "3.8")
    assert found["bounds"] == []
    assert found["packages"] == found["plain"]
    assert {version.major for name, version in pins(found).items() if name == "flask"} == {1}
    early = {b["symbol"] for b in found["breaks"] if b["severity"] == "deprecated"}
    assert "itsdangerous.json" in early
    assert {b["severity"] for b in found["breaks"]} == {"deprecated"}


def test_flask_1_when_it_no_longer_does(tmp_path: Path) -> None:
    found = answer("solve", "flask==1.1.2", "--as-of", "2022-04-01", "--python-version", "3.9")
    assert bounds(found) == {"itsdangerous<2.1", "jinja2<3.1", "werkzeug<2.1"}
    assert all(bound["because"] for bound in found["bounds"])
    import_for_real(found, "import flask; flask.Flask('x')", tmp_path / "environment")


def test_dash_is_pushed_back() -> None:
    found = answer("solve", "dash", "flask>=2.3", "--as-of", "2023-06-01", "--python-version", "3.10")
    assert pins(found)["dash"] == Version("2.9.3")
    [warning] = [w for w in found["warnings"] if w["kind"] == "pushed-back"]
    assert (warning["name"], warning["version"]) == ("dash", "2.9.3")
    assert "Flask<=2.2.3" in warning["message"]
    assert "flask 2.2" in warning["message"].rpartition("Without")[2]


def test_dash_and_flask_contradict_each_other() -> None:
    arguments = ("solve", "dash>=2.10", "flask>=2.3", "--as-of", "2023-06-01", "--python-version", "3.10")
    found = answer(*arguments, code=1)
    assert found["status"] == "no-working-set"
    assert "dash" in found["reason"]
    assert "flask" in found["reason"]
    assert "the requirements contradict each other" in run(*arguments).stdout


def test_pdm_and_hishel() -> None:
    found = answer("solve", "pdm", "--python-version", "3.11")
    by_itself = {package["name"]: Version(package["version"]) for package in found["plain"]}
    assert found["status"] == "works"
    if by_itself["pdm"] > Version("2.29.4") or by_itself.get("hishel", Version("0")) < Version("2"):
        pytest.skip("pdm and hishel have moved on")
    taken_away = [b for bound in found["bounds"] for b in bound["because"]] + found["breaks"]
    assert "hishel.SyncSqliteStorage" in {b["symbol"] for b in taken_away if b["dependent"] == "pdm"}


def test_verify_the_set_that_everybody_else_gives(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    uv = [
        find_uv_bin(),
        "pip",
        "compile",
        "-",
        "-o",
        lock,
        "-q",
        "--no-header",
        "--exclude-newer",
        "2023-10-02",
    ]
    subprocess.run([*uv, "--python-version", "3.11"], input="flask\nflask-login\n", text=True, check=True)
    assert "werkzeug==3.0.0" in lock.read_text()
    done = run("verify", str(lock), "--python-version", "3.11")
    assert done.returncode == 1
    assert "fatal" in done.stdout
    assert "flask_login/utils.py:14" in done.stdout
    found = answer("verify", str(lock), "--python-version", "3.11", code=1)
    assert found["status"] == "broken"
    assert found["not_checked"] == []


def test_verify_an_environment_that_has_what_broke_pdm(tmp_path: Path) -> None:
    uv, environment = find_uv_bin(), tmp_path / "environment"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    pins = ("pdm==2.29.3", "hishel==2.0.0", "httpx==0.28.1")
    subprocess.run([uv, "pip", "install", "-q", "--python", environment, *pins], check=True)
    found = answer("verify", "--env", str(environment))
    taken_away = {(b["symbol"], b["path"], b["line"]) for b in found["breaks"] if b["dependency"] == "hishel"}
    assert ("hishel.SyncSqliteStorage", "pdm/models/session.py", 57) in taken_away
    # It is imported inside a function: `pdm --version` works, `pdm add` fails.
    assert {b["severity"] for b in found["breaks"] if b["dependency"] == "hishel"} == {"latent"}
    assert not list(environment.rglob("pdm/models/__pycache__/session*"))
    assert run("verify", "--env", str(environment), "--strict").returncode == 1


def test_verify_and_import(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("flask==2.3.3\nwerkzeug==3.0.0\njinja2==3.1.2\nclick==8.1.7\nitsdangerous==2.1.2\n")
    with lock.open("a") as file:
        file.write("blinker==1.6.2\nmarkupsafe==2.1.3\nflask-login==0.6.2\n")
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = answer("verify", "--run", "--python-version", here, str(lock), code=1)
    seen = {(b["symbol"], b["evidence"]) for b in found["breaks"] if b["severity"] == "fatal"}
    assert ("werkzeug.urls.url_decode", "imported") in seen
    assert {f["module"] for f in found["trial"]["failures"]} == {"flask_login", "flask_login.utils"}
    lock.write_text(lock.read_text().replace("werkzeug==3.0.0", "werkzeug==2.3.7"))
    assert answer("verify", "--run", "--python-version", here, str(lock))["trial"]["failures"] == []


def test_two_hundred_packages_of_today() -> None:
    requirements = (ROOT / "benchmarks" / "data" / "ds-web.in").read_text().split()
    found = answer("solve", *requirements, "--python-version", "3.11")
    assert len(found["plain"]) > 150
    in_bounds = [b for bound in found["bounds"] for b in bound["because"]]
    assert [b for b in (*in_bounds, *found["breaks"]) if b["severity"] == "fatal"] == []


SHOP = """\
[project]
name = "shop"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["flask", "flask-login"]
"""
VIEWS = "import flask\nimport flask_login\n\n\ndef page(name):\n    return flask.Markup(name)\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "src" / "shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(SHOP)
    (folder / "src" / "shop" / "views.py").write_text(VIEWS)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_lock_a_project(shop: Path, tmp_path: Path, installer: str) -> None:
    on_the_day = ("lock", "--as-of", "2023-10-05", "--python-version", "3.11")
    done = run(*on_the_day)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "shop 0.1.0 calls flask.Markup (src/shop/views.py:6), deprecated since flask 2.3.0: " in done.stdout
    )
    written = (shop / "requirements.txt").read_bytes()
    assert b"# bound werkzeug<3\n#   flask-login 0.6.2 imports werkzeug.urls.url_decode" in written
    run(*on_the_day)
    assert (shop / "requirements.txt").read_bytes() == written
    assert run(*on_the_day, "--check").returncode == 0
    environment = tmp_path / "environment"
    uv = find_uv_bin()
    seed = ["--seed"] if installer == "pip" else []
    subprocess.run([uv, "venv", "-q", *seed, "--python", sys.executable, environment], check=True)
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [python, "-m", "pip"] if installer == "pip" else [uv, "pip"]
    where = [] if installer == "pip" else ["--python", python]
    install = [*command, "install", "-q", *where, "--require-hashes", "-r", "requirements.txt"]
    subprocess.run(install, check=True)
    subprocess.run([python, "-c", "from shop.views import page; page('x')"], cwd=shop / "src", check=True)

    (shop / "pyproject.toml").write_text(SHOP.replace('"flask"', '"flask<2.3"'))
    changed = run(*on_the_day, "--check")
    assert changed.returncode == 1
    assert "\n-flask==2.3.3 \\\n" in changed.stdout
    assert "deprecated since" not in changed.stdout


def test_lock_in_other_formats(shop: Path) -> None:
    import tomllib

    from packaging.pylock import Pylock

    assert run("lock", "--as-of", "2023-10-05", "-o", "pylock.toml").returncode == 0
    lock = Pylock.from_dict(tomllib.loads((shop / "pylock.toml").read_text()))
    assert {str(p.version) for p in lock.packages if p.name == "werkzeug"} == {"2.3.7"}
    pythons = ("--python-version", "3.11", "--python-version", "3.12")
    assert run("lock", "--as-of", "2023-10-05", "-o", "constraints-{python}.txt", *pythons).returncode == 0
    for python in ("3.11", "3.12"):
        text = (shop / f"constraints-{python}.txt").read_text()
        assert "\nwerkzeug==2.3.7\n" in text
        assert "--hash" not in text


def test_lock_into_uv_and_out_again(shop: Path) -> None:
    done = run("lock", "--into", "uv", "--as-of", "2023-10-05")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '\nname = "werkzeug"\nversion = "2.3.7"\n' in (shop / "uv.lock").read_text()
    declared = (shop / "pyproject.toml").read_text()
    assert "# pinproof: flask-login 0.6.2 imports werkzeug.urls.url_decode" in declared
    assert '    "werkzeug<3",\n' in declared
    assert run("lock", "--into", "uv", "--as-of", "2023-11-01").returncode == 0
    assert (shop / "pyproject.toml").read_text() == SHOP
    assert '\nname = "flask-login"\nversion = "0.6.3"\n' in (shop / "uv.lock").read_text()


@pytest.mark.parametrize("tool", ["poetry", "pdm"])
def test_lock_into_other_tools_and_out_again(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    environment = tmp_path / "tool"
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, environment], check=True)
    # What pdm 2.29.3 requires does not work with hishel 2.
    subprocess.run([uv, "pip", "install", "-q", "--python", environment, tool, "hishel<2"], check=True)
    monkeypatch.setenv("PATH", str(environment / "bin"), prepend=":")
    declared = SHOP.replace(">=3.11", ">=3.11,<4")
    # The JSON of single releases, which poetry asks PyPI for, is not on every mirror.
    if tool == "poetry":
        declared += '\n[[tool.poetry.source]]\nname = "simple"\nurl = "https://pypi.org/simple/"\n'
    (shop / "pyproject.toml").write_text(declared)
    done = run("lock", "--into", tool, "--as-of", "2023-10-05")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '    "werkzeug<3",\n' in (shop / "pyproject.toml").read_text()
    assert '\nname = "werkzeug"\nversion = "2.3.7"\n' in (shop / f"{tool}.lock").read_text()
    assert run("lock", "--into", tool, "--as-of", "2023-10-05", "--check").returncode == 0
    assert run("lock", "--into", tool, "--as-of", "2023-11-01").returncode == 0
    assert (shop / "pyproject.toml").read_text() == declared
    assert '\nname = "flask-login"\nversion = "0.6.3"\n' in (shop / f"{tool}.lock").read_text()
