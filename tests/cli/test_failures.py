"""What goes wrong: one message, a hint, the documented exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories

if TYPE_CHECKING:
    from command import Command, Ran

    from local_index import LocalIndex


def assert_failed(ran: Ran, code: int, *words: str) -> None:
    """It ended with this code, said these words on the standard error and nothing on the standard output."""
    assert ran.code == code, ran
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


class TestInput:
    @pytest.mark.parametrize("text", ["flask==", ">=3", "flask 3", "flask @", "flask;python<3", "../x", "-"])
    def test_a_requirement_that_does_not_parse(self, pinproof: Command, text: str) -> None:
        assert_failed(pinproof("solve", text), 2, text)

    def test_a_project_that_does_not_exist(self, pinproof: Command) -> None:
        assert_failed(pinproof("solve", "no-such-thing"), 2, "no-such-thing", "hint: ")

    @pytest.mark.parametrize(
        "text", ["yesterday", "2023-13-01", "2023-02-30", "20231001", "2023-10-01T12:00:00", "9999-12-31", ""]
    )
    def test_a_bad_date(self, pinproof: Command, text: str) -> None:
        assert_failed(pinproof("solve", "flask", "--as-of", text), 2, "--as-of", "hint: ")

    @pytest.mark.parametrize("text", ["3", "2.7", "3.99", "3.11.4", "three", ""])
    def test_a_bad_python(self, pinproof: Command, text: str) -> None:
        assert_failed(pinproof("solve", "flask", "--python-version", text), 2, "--python-version", "hint: ")

    def test_a_bad_index(self, pinproof: Command) -> None:
        assert_failed(pinproof("solve", "flask", "--index-url", "ftp://u:secret@example.org"), 2, "index")

    @pytest.mark.parametrize(
        "arguments", [("solve",), ("solve", "flask", "--nonsense"), ("nonsense",), ("verify", "a", "b")]
    )
    def test_arguments_that_make_no_sense(self, pinproof: Command, arguments: tuple[str, ...]) -> None:
        assert_failed(pinproof.bare(*arguments), 2, "hint: See `pinproof")

    def test_no_command_at_all_shows_the_help(self, pinproof: Command) -> None:
        ran = pinproof.bare()
        assert (ran.code, ran.out) == (2, "")
        assert "Usage: pinproof" in ran.err


class TestOutside:
    def test_an_index_that_answers_500(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("flask", "1.0")
        index.fail("/simple/", 500, times=10_000)
        assert_failed(pinproof("solve", "flask"), 3, "500")

    def test_an_index_that_answers_nonsense(self, index: LocalIndex, pinproof: Command) -> None:
        index.page("/simple/flask/", b"<rss>", "application/json")
        assert_failed(pinproof("solve", "flask"), 3, "flask")

    def test_no_network(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask", "--index-url", "http://user:secret@127.0.0.1:9/simple")
        assert_failed(ran, 3, "127.0.0.1:9")
        assert "secret" not in ran.err

    def test_a_cache_that_is_a_file(self, index: LocalIndex, pinproof: Command, tmp_path: Path) -> None:
        stories.flask_login_story(index)
        path = tmp_path / "file"
        path.touch()
        ran = pinproof("solve", "flask", "--cache-dir", str(path))
        assert_failed(ran, 3, "cannot write to the cache", "hint: ")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_cache_that_cannot_be_written(self, index: LocalIndex, pinproof: Command, cache: Path) -> None:
        stories.flask_login_story(index)
        cache.mkdir()
        cache.chmod(0o500)
        assert_failed(pinproof("solve", "flask"), 3, "cannot write to the cache")

    def test_facts_that_cannot_be_kept_are_a_warning(
        self, index: LocalIndex, pinproof: Command, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stories.flask_login_story(index)
        # A folder where the file should be.
        monkeypatch.setattr("pinproof.sources.store.Store._set_aside", lambda self: None)
        from pinproof.model.module import FACTS_EDITION
        from pinproof.sources.store import SCHEMA

        (cache / f"facts-{SCHEMA}.{FACTS_EDITION}.db").mkdir(parents=True)
        ran = pinproof("solve", "werkzeug")
        assert ran.code == 0
        assert ran.err.startswith("warning: what was read cannot be kept")

    def test_a_full_disk(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")

        monkeypatch.setattr("pinproof.actions.solve.solve", fail)
        assert_failed(pinproof("solve", "flask"), 3, "No space left on device: '/tmp/x'", "hint: ")


class TestBugs:
    @pytest.fixture(autouse=True)
    def _bug(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError("one\nover zero")

        monkeypatch.setattr("pinproof.actions.solve.solve", fail)

    def test_a_bug_is_one_line_and_a_hint(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask")
        assert_failed(ran, 3, "this is a bug in pinproof: ZeroDivisionError: one over zero", "hint: ")
        assert len(ran.err.splitlines()) == 2

    def test_verbose_has_the_traceback(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask", "-v")
        assert ran.code == 3
        assert "Traceback (most recent call last)" in ran.err


class TestProcess:
    """What only shows in a process of its own."""

    def test_ctrl_c_ends_it_at_once_with_one_line(self, pinproof: Command) -> None:
        with Silent() as silent:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "pinproof",
                    "solve",
                    "flask",
                    *pinproof.options,
                    "--index-url",
                    silent.url,
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            silent.wait_for_a_request()
            process.send_signal(signal.SIGINT)
            started = time.monotonic()
            out, err = process.communicate(timeout=30)
            assert time.monotonic() - started < 5
        assert (process.returncode, out, err) == (130, "", "error: interrupted\n")

    def test_a_reader_that_goes_away_is_no_error(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        command = [sys.executable, "-m", "pinproof", "solve", "flask", *pinproof.options]
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_a_full_disk_under_the_answer(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        command = [sys.executable, "-m", "pinproof", "solve", "flask", *pinproof.options]
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 3
        assert done.stderr == "error: the answer cannot be written: No space left on device\n"

    def test_the_version_needs_none_of_the_machinery(self) -> None:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "pinproof", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert done.stdout.startswith("pinproof ")
        assert imported.isdisjoint({"rich", "httpx2", "msgspec", "sqlite3", "packaging", "pinproof.sources"})


class Silent:
    """A server that takes requests and never answers."""

    def __enter__(self) -> Silent:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(30)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/simple"
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._socket.close()

    def wait_for_a_request(self) -> None:
        self._connection, _ = self._socket.accept()
