"""Running uv, against an index of our own."""

from __future__ import annotations

import os
import signal
import threading
import time
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.errors import InputError, OfflineError, OutsideError
from pinproof.model.distribution import Metadata
from pinproof.model.release import File, Pin
from pinproof.sources.stand_ins import StandIn, rfc3339
from pinproof.sources.uv import Conflict, Solved, Uv, _failure

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex
    from pinproof.sources.uv import Resolution

OCTOBER = datetime(2023, 10, 1, tzinfo=UTC)


@pytest.fixture
def uv(index: LocalIndex, tmp_path: Path) -> Uv:
    """A uv that knows only the local index, which offers flask and werkzeug as of 2023."""
    index.add("werkzeug", "2.3.7", uploaded="2023-08-14")
    index.add("werkzeug", "3.0.0", uploaded="2023-09-30")
    index.add("flask", "2.3.3", requires=["werkzeug>=2.3.7"], uploaded="2023-08-21")
    index.add("flask", "3.0.0", requires=["werkzeug>=3"], uploaded="2023-09-30T14:36:10Z")
    index.add("colorama", "0.4.6")
    index.add("old", "1.0", sdist_ending=".tar.gz")
    return _uv(index.url, tmp_path)


def _uv(url: str, tmp_path: Path, **options: object) -> Uv:
    environment = {**os.environ, "UV_NO_CONFIG": "1", "UV_HTTP_RETRIES": "0"}
    return Uv(cache_dir=tmp_path / "uv", default_index=url, environment=environment, **options)  # type: ignore[arg-type]


def versions(resolution: Resolution) -> dict[str, str]:
    assert isinstance(resolution, Solved), resolution
    return {p["name"]: p["version"] for p in tomllib.loads(resolution.pylock.decode())["packages"]}


def conflict(resolution: Resolution) -> Conflict:
    assert isinstance(resolution, Conflict)
    return resolution


def pin(name: str, version: str) -> Pin:
    return Pin(canonicalize_name(name), Version(version))


def test_newest(uv: Uv) -> None:
    assert versions(uv.compile(["flask"])) == {"flask": "3.0.0", "werkzeug": "3.0.0"}


def test_files_and_their_hashes(uv: Uv, index: LocalIndex) -> None:
    resolution = uv.compile(["colorama"])
    assert isinstance(resolution, Solved)
    (package,) = tomllib.loads(resolution.pylock.decode())["packages"]
    assert package["wheels"][0]["url"] == f"http://{index.host}/files/colorama-0.4.6-py3-none-any.whl"
    assert len(package["wheels"][0]["hashes"]["sha256"]) == 64


def test_constraints(uv: Uv) -> None:
    resolution = uv.compile(["flask"], constraints=["werkzeug<3"])
    assert versions(resolution) == {"flask": "2.3.3", "werkzeug": "2.3.7"}


def test_preferences_are_taken_where_they_fit(uv: Uv) -> None:
    preferred = [pin("flask", "2.3.3"), pin("werkzeug", "2.3.7"), pin("unknown", "1")]
    assert versions(uv.compile(["flask"], preferences=preferred)) == {"flask": "2.3.3", "werkzeug": "2.3.7"}
    assert versions(uv.compile(["flask>=3"], preferences=preferred)) == {
        "flask": "3.0.0",
        "werkzeug": "3.0.0",
    }


@pytest.mark.parametrize(("seconds", "expected"), [(0, "2.3.3"), (1, "3.0.0")])
def test_exclude_newer_leaves_out_that_very_moment(uv: Uv, seconds: int, expected: str) -> None:
    moment = datetime(2023, 9, 30, 14, 36, 10, tzinfo=UTC) + timedelta(seconds=seconds)
    assert versions(uv.compile(["flask"], exclude_newer=moment))["flask"] == expected


def test_lowest(uv: Uv) -> None:
    assert versions(uv.compile(["flask"], resolution="lowest"))["flask"] == "2.3.3"


def test_markers_of_the_platform_or_of_all(uv: Uv) -> None:
    requirements = ["colorama ; sys_platform == 'win32'", "werkzeug"]
    assert "colorama" in versions(uv.compile(requirements, python_platform="windows"))
    assert "colorama" not in versions(uv.compile(requirements, python_platform="linux"))
    assert "colorama" in versions(uv.compile(requirements, universal=True))


def test_python_version_needs_no_such_interpreter(uv: Uv, index: LocalIndex) -> None:
    index.add("modern", "2", requires_python=">=3.13")
    index.add("modern", "1")
    assert versions(uv.compile(["modern"], python_version="3.9")) == {"modern": "1"}
    assert versions(uv.compile(["modern"], python_version="3.14")) == {"modern": "2"}


def test_a_conflict_is_an_answer(uv: Uv) -> None:
    found = conflict(uv.compile(["flask==3.0.0", "werkzeug<3"]))
    assert "depends on werkzeug>=3" in found.explanation
    assert found.explanation.endswith("your requirements are unsatisfiable.")
    assert (found.missing, found.without_wheel) == ((), ())


def test_a_missing_project_is_a_conflict_that_names_it(uv: Uv) -> None:
    assert conflict(uv.compile(["flask", "No_Such.Project"])).missing == ("no-such-project",)


def test_what_was_too_new_is_hinted_at(uv: Uv) -> None:
    found = conflict(uv.compile(["flask"], exclude_newer=datetime(2000, 1, 1, tzinfo=UTC)))
    assert any("exclude-newer" in hint for hint in found.hints)


def test_nothing_is_built(uv: Uv) -> None:
    assert conflict(uv.compile(["old"])).without_wheel == ("old",)


def test_a_stand_in_for_what_is_not_built(uv: Uv) -> None:
    sdist = File("old-1.0.tar.gz", "https://example.org/old-1.0.tar.gz", "ab" * 32, 12, OCTOBER)
    stand_in = StandIn(Metadata("Old", "1.0", ("flask<3",), ">=3.8", ("x",)), sdist)
    resolution = uv.compile(["old[x]", "colorama"], stand_ins=[stand_in], exclude_newer=OCTOBER)
    assert versions(resolution) == {"colorama": "0.4.6", "old": "1.0", "flask": "2.3.3", "werkzeug": "3.0.0"}
    assert isinstance(resolution, Solved)
    package = next(p for p in tomllib.loads(resolution.pylock.decode())["packages"] if p["name"] == "old")
    assert package == {
        "name": "old",
        "version": "1.0",
        "sdist": {
            "url": sdist.url,
            "upload-time": OCTOBER,
            "size": 12,
            "hashes": {"sha256": "ab" * 32},
        },
    }


@pytest.mark.parametrize(
    "bad", ["flask=<3", "-r /etc/passwd", "--index-url=https://e", "./folder", "", "a b", "a\n-r b"]
)
def test_what_is_no_requirement(uv: Uv, bad: str) -> None:
    with pytest.raises(InputError, match="cannot read the requirement"):
        uv.compile([bad])
    with pytest.raises(InputError, match="cannot read the requirement"):
        uv.compile(["flask"], constraints=[bad])


def test_a_bad_python_version(uv: Uv) -> None:
    with pytest.raises(InputError, match="abc"):
        uv.compile(["flask"], python_version="abc")


def test_an_index_that_does_not_answer(uv: Uv, index: LocalIndex) -> None:
    index.fail("/simple/flask/", 500, times=9)
    with pytest.raises(OutsideError, match="500") as caught:
        uv.compile(["flask"])
    assert not isinstance(caught.value, OfflineError)


def test_an_index_that_refuses(uv: Uv, index: LocalIndex) -> None:
    index.login = ("user", "secret")
    with pytest.raises(OutsideError, match="refused"):
        uv.compile(["flask"])


def test_credentials_in_the_index_url(uv: Uv, index: LocalIndex, tmp_path: Path) -> None:
    index.login = ("user", "secret")
    with_login = _uv(index.url.replace("://", "://user:secret@"), tmp_path)
    assert versions(with_login.compile(["colorama"])) == {"colorama": "0.4.6"}
    index.fail("", 503, times=9)
    with pytest.raises(OutsideError) as caught:
        _uv(index.url.replace("://", "://user:secret@"), tmp_path / "b").compile(["flask"])
    assert "secret" not in caught.value.message
    assert "secret" not in repr(with_login)


def test_offline_with_and_without_what_is_needed(uv: Uv, index: LocalIndex, tmp_path: Path) -> None:
    expected = uv.compile(["flask"])
    asked = len(index.asked)
    offline = _uv(index.url, tmp_path, offline=True)
    assert offline.compile(["flask"]) == expected
    with pytest.raises(OfflineError, match="colorama"):
        offline.compile(["colorama"])
    assert len(index.asked) == asked


def test_find_links(uv: Uv, index: LocalIndex, tmp_path: Path) -> None:
    upload = index.add("werkzeug", "9")
    (tmp_path / upload.filename).write_bytes(upload.content)
    local = _uv(index.url, tmp_path, no_index=True, find_links=(str(tmp_path),))
    assert versions(local.compile(["werkzeug"])) == {"werkzeug": "9"}
    assert conflict(local.compile(["flask"])).missing == ("flask",)


def test_settings_of_the_folder_and_the_environment_do_not_leak(
    uv: Uv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.uv]\nconstraint-dependencies = ["flask<3"]\nno-index = true\n'
    )
    monkeypatch.chdir(tmp_path)
    strict = {"UV_CONSTRAINT": "nothing.txt", "UV_RESOLUTION": "lowest", "UV_EXCLUDE_NEWER": "2000-01-01"}
    changed = Uv(uv.cache_dir, default_index=uv.default_index, environment={**os.environ, **strict})
    assert versions(changed.compile(["flask"]))["flask"] == "3.0.0"


def test_uv_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="could not be run"):
        Uv(executable=str(tmp_path / "no-uv")).compile(["flask"])


def test_uv_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def find() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("uv.find_uv_bin", find)
    with pytest.raises(OutsideError, match="not found"):
        Uv().compile(["flask"])


def _script(tmp_path: Path, body: str) -> Uv:
    script = tmp_path / "uv"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return Uv(executable=str(script))


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script")
def test_uv_that_is_killed(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="signal 9"):
        _script(tmp_path, "kill -9 $$").compile(["flask"])


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script")
def test_uv_that_fails_without_a_word(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="status 7"):
        _script(tmp_path, "exit 7").compile(["flask"])


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script")
def test_an_interrupt_kills_uv(tmp_path: Path) -> None:
    slow = _script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")

    main_thread = threading.get_ident()

    def interrupt() -> None:
        while not (tmp_path / "pid").exists():
            time.sleep(0.01)
        signal.pthread_kill(main_thread, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        slow.compile(["flask"])
    assert time.monotonic() - start < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_frame_that_older_uv_draws() -> None:
    found = _failure(
        "  \u00d7 No solution found when resolving dependencies:\n"
        "  \u2570\u2500\u25b6 Because no-such-project was not found in the package\n"
        "      registry and you require no-such-project, we can conclude\n"
        "      that your requirements are unsatisfiable.\n"
        "\n"
        "      hint: Wheels are required for `docopt` because building from source is\n"
        "      disabled for all packages (i.e., with `--no-build`)\n",
        1,
    )
    assert found.explanation.startswith("Because no-such-project was")
    assert "unsatisfiable." in found.explanation
    assert found.missing == ("no-such-project",)
    assert found.without_wheel == ("docopt",)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (OCTOBER, "2023-10-01T00:00:00Z"),
        (datetime(2023, 10, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2023-10-01T00:00:00Z"),
        (datetime(2023, 10, 1, 0, 0, 0, 5, tzinfo=UTC), "2023-10-01T00:00:00.000005Z"),
    ],
)
def test_times(moment: datetime, expected: str) -> None:
    assert rfc3339(moment) == expected


def test_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        rfc3339(datetime(2023, 10, 1))  # noqa: DTZ001


@pytest.mark.real_index
def test_the_set_that_resolved_and_did_not_work(tmp_path: Path) -> None:
    found = versions(
        Uv(tmp_path).compile(["flask", "flask-login"], exclude_newer=OCTOBER, python_version="3.11")
    )
    assert (found["flask"], found["werkzeug"], found["flask-login"]) == ("3.0.0", "3.0.0", "0.6.2")
