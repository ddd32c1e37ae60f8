"""`pinproof solve`, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stories

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

WEEK_AFTER = ("--as-of", "2023-10-07")


@pytest.fixture
def story(index: LocalIndex) -> None:
    stories.flask_login_story(index)


@pytest.mark.usefixtures("story")
class TestFlaskLogin:
    def test_a_break_becomes_a_bound_with_its_reason(
        self, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        ran = pinproof("solve", "flask", "flask-login", *WEEK_AFTER)
        assert ran.code == 0
        assert ran.out == snapshot
        assert ran.err == ""

    def test_json(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        ran = pinproof.json("solve", "flask", "flask-login", *WEEK_AFTER)
        assert ran.json == snapshot
        assert ran.pins == {"flask": "2.3.3", "flask-login": "0.6.2", "werkzeug": "2.3.7"}
        [bound] = ran.json["bounds"]
        assert bound["requirement"] == "werkzeug<3"
        assert bound["because"][0]["removed_in"] == "3.0.0"
        assert bound["because"][0]["baseline"] == "2.2.0"

    def test_every_line_is_a_pin_or_a_comment(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask", "flask-login", "--explain", "-v", *WEEK_AFTER)
        pins = [line for line in ran.out.splitlines() if line and not line.startswith("#")]
        assert pins == ["flask==2.3.3", "flask-login==0.6.2", "werkzeug==2.3.7"]

    def test_explain_shows_the_rounds(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        assert pinproof("solve", "flask", "flask-login", "--explain", *WEEK_AFTER).out == snapshot

    def test_quiet_prints_the_pins_alone(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask", "flask-login", "-q", *WEEK_AFTER)
        assert ran.out == stories.FLASK_2

    @pytest.mark.parametrize("day", ["2023-09-29", "2023-10-30"])
    def test_silent_before_and_after(self, pinproof: Command, day: str) -> None:
        ran = pinproof.json("solve", "flask", "flask-login", "--as-of", day)
        assert ran.code == 0
        assert (ran.json["bounds"], ran.json["breaks"], ran.json["warnings"]) == ([], [], [])
        assert ran.json["packages"] == ran.json["plain"]

    def test_a_date_includes_its_day_a_time_ends_there(self, pinproof: Command) -> None:
        by_day = pinproof.json("solve", "werkzeug", "--as-of", "2023-09-30")
        at_midnight = pinproof.json("solve", "werkzeug", "--as-of", "2023-09-30T00:00:00Z")
        elsewhere = pinproof.json("solve", "werkzeug", "--as-of", "2023-09-30T02:00:01+02:00")
        assert by_day.pins == elsewhere.pins == {"werkzeug": "3.0.0"}
        assert at_midnight.pins == {"werkzeug": "2.3.7"}

    def test_the_printed_set_verifies(self, pinproof: Command, tmp_path: Path) -> None:
        lock = tmp_path / "requirements.txt"
        lock.write_text(pinproof("solve", "flask", "flask-login", *WEEK_AFTER).out)
        ran = pinproof("verify", str(lock))
        assert ran.code == 0, ran.out

    def test_offline_with_a_warm_cache(self, pinproof: Command) -> None:
        online = pinproof("solve", "flask", "flask-login", *WEEK_AFTER)
        offline = pinproof("solve", "flask", "flask-login", "--offline", *WEEK_AFTER)
        assert (offline.code, offline.out) == (0, online.out)

    def test_offline_with_a_cold_cache(self, pinproof: Command) -> None:
        ran = pinproof("solve", "flask", "--offline")
        assert ran.code == 3
        assert ran.out == ""
        assert "error: " in ran.err
        assert "--offline" in ran.err


def test_pushed_back_is_said(index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion) -> None:
    stories.pushed_back_story(index)
    ran = pinproof("solve", "dash", "flask>=2.3", "--as-of", "2023-06-01")
    assert ran.code == 0
    assert ran.out == snapshot


def test_nothing_is_said_where_nothing_was_pushed_back(index: LocalIndex, pinproof: Command) -> None:
    stories.pushed_back_story(index)
    ran = pinproof.json("solve", "dash", "--as-of", "2023-06-01")
    assert ran.json["warnings"] == []
    assert ran.pins == {"dash": "2.10.0", "flask": "2.2.5"}


def test_a_missing_requirement_is_added(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    stories.missing_requirement_story(index)
    ran = pinproof("solve", "tool")
    assert ran.code == 0
    assert ran.out == snapshot


def test_nothing_is_added_that_is_there(index: LocalIndex, pinproof: Command) -> None:
    stories.missing_requirement_story(index)
    ran = pinproof.json("solve", "tool", "middle<2")
    assert ran.json["bounds"] == []


def test_a_latent_break_is_tolerated_where_avoiding_it_costs_a_major(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    stories.latent_story(index)
    ran = pinproof("solve", "app", "other")
    assert ran.code == 0
    assert ran.out == snapshot


def test_a_latent_break_is_avoided_where_it_costs_nothing(index: LocalIndex, pinproof: Command) -> None:
    stories.latent_story(index)
    ran = pinproof.json("solve", "app")
    assert ran.pins == {"app": "1.0", "lib": "1.0"}
    assert [bound["requirement"] for bound in ran.json["bounds"]] == ["lib<2"]
    assert ran.json["breaks"] == []


def test_what_is_going_away_is_an_early_warning(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    stories.deprecated_story(index)
    ran = pinproof("solve", "app")
    assert ran.code == 0
    assert ran.out == snapshot


def test_no_early_warning_before_anything_was_said(index: LocalIndex, pinproof: Command) -> None:
    stories.deprecated_story(index)
    assert pinproof.json("solve", "app", "lib<2").json["breaks"] == []


def test_requirements_that_contradict_each_other(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    stories.pushed_back_story(index)
    ran = pinproof("solve", "dash>=2.10", "flask>=2.3", "--as-of", "2023-06-01")
    assert ran.code == 1
    assert ran.out == snapshot
    as_json = pinproof.json("solve", "dash>=2.10", "flask>=2.3", "--as-of", "2023-06-01")
    assert as_json.code == 1
    assert as_json.json["status"] == "no-working-set"
    assert as_json.json["packages"] == []
    assert "flask" in as_json.json["reason"]


def test_requirements_that_resolve_but_cannot_work(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    stories.flask_login_story(index)
    ran = pinproof("solve", "flask-login", "werkzeug>=3", *WEEK_AFTER)
    assert ran.code == 1
    assert ran.out == snapshot


def test_python_is_a_dependency(index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion) -> None:
    stories.removed_from_python_story(index)
    assert pinproof.json("solve", "old", "--python-version", "3.11").json["bounds"] == []
    ran = pinproof("solve", "old", "--python-version", "3.12")
    assert ran.code == 1
    assert ran.out == snapshot


def test_a_set_that_cannot_be_judged_is_not_said_to_work(index: LocalIndex, pinproof: Command) -> None:
    upload = index.add("liar", "1.0")
    upload.sha256 = "0" * 64
    ran = pinproof.json("solve", "liar")
    assert ran.code == 1
    assert ran.json["status"] == "not-checked"
    [entry] = ran.json["not_checked"]
    assert entry["name"] == "liar 1.0"
    assert "sha256" in entry["reason"]


def test_text_from_packages_writes_no_line_of_its_own(index: LocalIndex, pinproof: Command) -> None:
    index.add("careless", "1.0", yanked="broken\nevil==1.0\n\x1b[31mred")
    ran = pinproof("solve", "careless==1.0", "--color", "always")
    assert "evil" in ran.out
    assert not any(line.startswith("evil") for line in ran.out.splitlines())
    assert "\x1b[31mred" not in ran.out


@pytest.mark.parametrize(
    ("requirement", "version"),
    [("old", "1.0"), ("old==1.1", "1.1"), ("old<2", "1.0"), ("old==1.2a1", "1.2a1")],
)
def test_unbuilt_releases_that_are_yanked_or_early_are_for_those_who_pin_them(
    index: LocalIndex, pinproof: Command, requirement: str, version: str
) -> None:
    for number, yanked in (("1.0", None), ("1.1", "broken"), ("1.2a1", None)):
        index.add("old", number, {"old.py": ""}, sdist_ending=".tar.gz", yanked=yanked)
    ran = pinproof.json("solve", requirement)
    assert ran.code == 0, ran.err
    assert [(p["name"], p["version"]) for p in ran.json["packages"]] == [("old", version)]


def test_metadata_that_uv_refuses_is_put_right(index: LocalIndex, pinproof: Command) -> None:
    index.add("zone", "1.0")
    index.add("old", "1.0", requires=["zone (>=2011k)"], tag="cp311-cp311-manylinux_2_17_x86_64")
    ran = pinproof.json("solve", "old", "--python-version", "3.11")
    assert ran.code == 0, ran.err
    assert [(p["name"], p["version"]) for p in ran.json["packages"]] == [("old", "1.0"), ("zone", "1.0")]
    assert "stand-ins" not in ran.out
