"""The options that every command has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import stories

from pinproof.cli.terminal import is_colored
from pinproof.errors import InputError
from pinproof.facts.dates import end_of

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command

    from local_index import LocalIndex

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-10-01", datetime(2023, 10, 2, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2026-05-04", datetime(2026, 5, 5, tzinfo=UTC)),
        ("2023-10-01T12:30:00Z", datetime(2023, 10, 1, 12, 30, tzinfo=UTC)),
        ("2023-10-01t12:30:00z", datetime(2023, 10, 1, 12, 30, tzinfo=UTC)),
        ("2023-10-01 12:30:00+02:00", datetime(2023, 10, 1, 10, 30, tzinfo=UTC)),
        ("2026-05-04T12:00:00Z", NOW),
    ],
)
def test_dates(text: str, moment: datetime) -> None:
    assert end_of(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["2026-05-05", "2026-05-04T12:00:01Z", "2023-1-1", "1.10.2023", "now", "2023-W01"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(InputError):
        end_of(text, NOW)


@pytest.mark.parametrize(
    ("choice", "environment", "is_terminal", "colored"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_it_is_coloured(
    choice: str, environment: dict[str, str], is_terminal: bool, colored: bool
) -> None:
    assert is_colored(choice, environment, is_terminal=is_terminal) is colored


class TestEndToEnd:
    @pytest.fixture(autouse=True)
    def _story(self, index: LocalIndex) -> None:
        stories.flask_login_story(index)

    def test_no_colour_in_a_pipe(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "\x1b" not in pinproof("solve", "werkzeug").out
        assert "\x1b" in pinproof("solve", "werkzeug", "--color", "always").out
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b" in pinproof("solve", "werkzeug").out
        assert "\x1b[31m" in pinproof("solve", "no-such-thing").err
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b" not in pinproof("solve", "werkzeug").out

    def test_json_is_never_coloured(self, pinproof: Command) -> None:
        assert "\x1b" not in pinproof.json("solve", "werkzeug", "--color", "always").out

    @pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
    def test_the_index_comes_from_the_environment(
        self,
        index: LocalIndex,
        pinproof: Command,
        cache: Path,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        monkeypatch.setenv(variable, index.url)
        ran = pinproof.bare("solve", "werkzeug", "--cache-dir", str(cache), "-q")
        assert (ran.code, ran.out) == (0, "werkzeug==3.0.0\n")

    @pytest.mark.parametrize("variable", ["UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL", None])
    def test_a_further_index(
        self, index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch, variable: str | None
    ) -> None:
        # What is no URL is left to others.
        if variable:
            monkeypatch.setenv(variable, f"/some/folder {index.url}")
        options = () if variable else ("--extra-index-url", index.url)
        empty = ("--index-url", f"http://{index.host}/empty")
        ran = pinproof("solve", "werkzeug", "-q", *empty, *options)
        assert (ran.code, ran.out) == (0, "werkzeug==3.0.0\n")

    def test_the_platform_chooses_the_requirements(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("colours", "1.0", requires=["werkzeug; sys_platform == 'win32'"])
        assert pinproof.json("solve", "colours").pins == {"colours": "1.0"}
        on_windows = pinproof.json("solve", "colours", "--python-platform", "windows")
        assert set(on_windows.pins) == {"colours", "werkzeug"}
        assert on_windows.json["platform"] == "win32"

    def test_the_cache_comes_from_the_environment(
        self, index: LocalIndex, pinproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PINPROOF_CACHE_DIR", str(tmp_path / "elsewhere"))
        assert pinproof.bare("solve", "werkzeug", "--index-url", index.url).code == 0
        assert (tmp_path / "elsewhere" / "http").is_dir()

    def test_progress_only_where_somebody_watches(
        self, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert pinproof("solve", "werkzeug").err == ""
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm")
        assert "Resolving" in pinproof("solve", "werkzeug").err
        assert pinproof("solve", "werkzeug", "-q").err == ""
