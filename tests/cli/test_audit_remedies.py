"""`pinproof audit`: how a vulnerable pin came in, what keeps its fix out, what lets it in, and `--fix` doing so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stories

from records import vulnerable

if TYPE_CHECKING:
    from command import Command, Ran
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

RECENT = "2999-01-01T00:00:00Z"
"""So that no answer depends on how long ago it was."""


def advisories(*records: dict[str, Any]) -> tuple[str, str]:
    folder = Path("advisories")
    folder.mkdir(exist_ok=True)
    for number, record in enumerate(records):
        (folder / f"{number}.json").write_text(json.dumps({**record, "modified": RECENT}))
    return "--advisories", str(folder)


def affected(name: str, *events: tuple[str, str], identifier: str = "PYSEC-1") -> dict[str, Any]:
    """A record of releases that are affected from one on, before another, several times over."""
    record = vulnerable(name, identifier=identifier)
    record["affected"][0]["ranges"] = [
        {"type": "ECOSYSTEM", "events": [{"introduced": start}, {"fixed": end}]} for start, end in events
    ]
    return record


def lines(ran: Ran) -> list[str]:
    return ran.out.splitlines()


def snapshot_of(ran: Ran) -> str:
    kept = [line for line in lines(ran) if "checked against" not in line and "audited_at" not in line]
    return "\n".join(kept)


# --- the cap of a parent --------------------------------------------------------------------------------


def requests_story(index: LocalIndex) -> None:
    """Requests before 2.30 does not allow the urllib3 that has the fix."""
    body = {"requests/__init__.py": "from urllib3 import PoolManager\n"}
    for version, cap, day in (("2.29.0", "<1.27", "2023-04-26"), ("2.30.0", "<3", "2023-05-03")):
        index.add("requests", version, body, requires=[f"urllib3>=1.21,{cap}"], uploaded=day)
    for version, day in (("1.26.15", "2023-03-01"), ("2.0.5", "2023-09-20"), ("2.0.6", "2023-10-02")):
        index.add("urllib3", version, {"urllib3/__init__.py": "class PoolManager: ...\n"}, uploaded=day)


URLLIB3 = affected("urllib3", ("0", "2.0.6"))
AT_HAND = "requests==2.29.0\nurllib3==1.26.15\n"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "markdown"])
def test_the_cap_of_a_parent_is_named_and_what_lets_the_fix_in(
    index: LocalIndex, pinproof: Command, form: str, snapshot: SnapshotAssertion
) -> None:
    requests_story(index)
    Path("requirements.txt").write_text(AT_HAND)

    ran = pinproof("audit", *advisories(URLLIB3), "--output-format", form)

    assert ran.code == 1
    assert snapshot_of(ran) == snapshot


def test_fix_gives_a_set_that_can_be_installed(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.txt").write_text(AT_HAND)
    source = advisories(URLLIB3)

    ran = pinproof("audit", "--fix", *source)

    assert ran.code == 0, ran.out
    assert Path("requirements.txt").read_text() == "requests==2.30.0\nurllib3==2.0.6\n"
    assert pinproof("audit", *source).code == 0
    assert pinproof("verify").code == 0


def test_dry_run_writes_nothing_and_shows_the_difference(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.txt").write_text(AT_HAND)

    ran = pinproof("audit", "--fix", "--dry-run", *advisories(URLLIB3))

    assert ran.code == 0
    assert Path("requirements.txt").read_text() == AT_HAND
    assert "\n-urllib3==1.26.15\n" in ran.out
    assert "\n+urllib3==2.0.6\n" in ran.out
    assert "would change requirements.txt" in ran.out


def test_fix_as_json(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.txt").write_text(AT_HAND)

    answer = pinproof.json("audit", "--fix", *advisories(URLLIB3)).json

    assert (answer["status"], answer["written"], answer["left"]) == ("clean", ["requirements.txt"], [])
    [applied] = answer["applied"]
    assert (applied["name"], applied["change"]["kind"], applied["change"]["to"]) == (
        "urllib3",
        "upgrade-lock",
        "2.0.6",
    )


def test_a_line_of_the_declaration_that_pins_the_parent_moves(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.in").write_text("# ours\nrequests == 2.29.0  # why not\n")
    assert pinproof("lock").code == 0

    ran = pinproof("audit", "--fix", *advisories(URLLIB3))

    assert ran.code == 0, ran.out
    assert Path("requirements.in").read_text() == "# ours\nrequests == 2.30.0  # why not\n"
    assert "\nurllib3==2.0.6 \\\n" in Path("requirements.txt").read_text()
    assert pinproof("lock", "--check").code == 0, "the lock is what the declaration gives"
    assert pinproof("verify").code == 0


def test_a_lock_of_another_command_keeps_its_manner(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.in").write_text("requests\n")
    head = "# This file was autogenerated by uv via the following command:\n#    uv pip compile requirements.in\n"
    Path("requirements.txt").write_text(f"{head}{AT_HAND}")

    assert pinproof("audit", "--fix", *advisories(URLLIB3)).code == 0
    assert Path("requirements.txt").read_text() == (
        f"{head}requests==2.30.0\n    # via -r requirements.in\nurllib3==2.0.6\n    # via requests\n"
    )


def test_the_command_above_a_lock_names_the_day_that_it_was_made_for(
    index: LocalIndex, pinproof: Command
) -> None:
    requests_story(index)
    Path("requirements.in").write_text("requests\n")
    assert pinproof("lock", "requirements.in", "--as-of", "2023-05-02").code == 0
    assert " --as-of=2023-05-02" in Path("requirements.txt").read_text()
    assert pinproof("audit", "--fix", *advisories(URLLIB3)).code == 0
    assert "--as-of" not in Path("requirements.txt").read_text()


def test_a_declaration_behind_a_link_is_not_changed(
    index: LocalIndex, pinproof: Command, tmp_path: Path
) -> None:
    requests_story(index)
    outside = tmp_path / "requirements.txt"
    outside.write_text(AT_HAND)
    Path("requirements.txt").symlink_to(outside)
    ran = pinproof("audit", "--fix", *advisories(URLLIB3))
    assert (ran.code, outside.read_text()) == (2, AT_HAND)
    assert "is a link to a file outside" in ran.err


# --- one's own cap ----------------------------------------------------------------------------------------


WERKZEUG = affected("werkzeug", ("0", "2.3.7"), ("3.0.0", "3.0.1"))
SHOP = """\
[project]
name = "shop"
version = "1"
dependencies = [
    "flask",
    "flask-login==0.6.2",
    "werkzeug<2.3",  # until we know
]
"""


@pytest.fixture
def shop(index: LocalIndex, pinproof: Command) -> None:
    stories.flask_login_story(index)
    stories.werkzeug(index, "3.0.1", "2023-10-24", stories.URLS_AFTER)
    Path("pyproject.toml").write_text(SHOP)
    assert pinproof("lock").code == 0
    assert "\nwerkzeug==2.2.0 " in Path("requirements.txt").read_text()


@pytest.mark.usefixtures("shop")
def test_the_own_cap_is_named_and_what_it_keeps_out_rightly(
    pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    ran = pinproof("audit", *advisories(WERKZEUG))
    assert ran.code == 1
    assert snapshot_of(ran) == snapshot


@pytest.mark.usefixtures("shop")
def test_fix_widens_it_as_far_as_it_is_proven(pinproof: Command) -> None:
    ran = pinproof("audit", "--fix", *advisories(WERKZEUG))

    assert ran.code == 0, ran.out
    assert Path("pyproject.toml").read_text() == SHOP.replace("werkzeug<2.3", "werkzeug<3")
    assert "\nwerkzeug==2.3.7 " in Path("requirements.txt").read_text()
    assert pinproof("lock", "--check").code == 0
    assert pinproof("verify").code == 0


# --- a cap that nothing lifts -----------------------------------------------------------------------------


def theme_story(index: LocalIndex, uses: str) -> None:
    """A theme that does not allow what is newer than it, rightly or not."""
    index.add("docutils", "0.20", {"docutils/__init__.py": "old = 1\nnew = 1\n"}, uploaded="2023-01-01")
    theme = {"theme/__init__.py": f"from docutils import {uses}\n"}
    index.add("theme", "1.0", theme, requires=["docutils<0.21"], uploaded="2023-06-01")
    index.add("docutils", "0.21", {"docutils/__init__.py": "new = 1\n"}, uploaded="2024-01-01")


DOCS = '[project]\nname = "docs"\nversion = "1"\ndependencies = ["theme"]\n'
DOCUTILS = affected("docutils", ("0", "0.21"))


def test_a_wrong_cap_is_overridden_with_the_evidence(
    index: LocalIndex, pinproof: Command, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.delenv("UV_NO_CONFIG")  # overrides are configuration of uv
    theme_story(index, "new")
    Path("pyproject.toml").write_text(DOCS)
    assert pinproof("lock").code == 0

    ran = pinproof("audit", "--fix", *advisories(DOCUTILS))

    assert ran.code == 0, ran.out
    assert snapshot_of(ran) == snapshot
    assert Path("pyproject.toml").read_text() == (
        f"{DOCS}\n[tool.uv]  # by pinproof\noverride-dependencies = [  # by pinproof\n"
        "    # pinproof audit: theme 1.0 takes 1 name of docutils, which docutils 0.21 has\n"
        '    "docutils<0.22,>=0.21",\n]\n'
    )
    assert "\ndocutils==0.21 " in Path("requirements.txt").read_text()


def test_a_right_cap_stands_with_the_proof(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    theme_story(index, "old")
    Path("pyproject.toml").write_text(DOCS)
    assert pinproof("lock").code == 0
    before = Path("requirements.txt").read_bytes()

    ran = pinproof("audit", *advisories(DOCUTILS))
    assert ran.code == 1
    assert snapshot_of(ran) == snapshot

    ran = pinproof("audit", "--fix", *advisories(DOCUTILS))
    assert ran.code == 1
    assert "not fixed: docutils: no newer release of theme admits it" in ran.out
    assert (Path("pyproject.toml").read_text(), Path("requirements.txt").read_bytes()) == (DOCS, before)


def test_where_an_override_cannot_be_said_nothing_changes(index: LocalIndex, pinproof: Command) -> None:
    theme_story(index, "new")
    lock = "docutils==0.20\ntheme==1.0\n"
    Path("requirements.txt").write_text(lock)

    ran = pinproof("audit", "--fix", *advisories(DOCUTILS))

    assert ran.code == 1
    assert "an override (docutils<0.22,>=0.21) would do, and can only be said to uv" in ran.out
    assert Path("requirements.txt").read_text() == lock


# --- the way in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("app", "told"),
    [
        ("import lib\n", "it is imported at the start (app/__init__.py:1)"),
        ("def run():\n    import lib\n", "it is imported later, if at all (app/__init__.py)"),
        ("import os\n", "nothing that is imported mentions it"),
    ],
)
def test_whether_it_is_imported(index: LocalIndex, pinproof: Command, app: str, told: str) -> None:
    for version in ("1.0", "1.1"):
        index.add("lib", version, {"lib/__init__.py": ""}, uploaded="2020-01-01")
    index.add("app", "1.0", {"app/__init__.py": app}, requires=["lib"], uploaded="2021-01-01")
    Path("requirements.txt").write_text("app==1.0\nlib==1.0\n")

    ran = pinproof("audit", *advisories(affected("lib", ("0", "1.1"))))

    assert f"  comes in by app -> lib; {told}" in lines(ran)


def test_what_is_never_imported_comes_last(index: LocalIndex, pinproof: Command) -> None:
    for name in ("idle", "lib"):
        for version in ("1.0", "1.1"):
            index.add(name, version, uploaded="2020-01-01")
    index.add("app", "1.0", {"app.py": "import lib\n"}, requires=["lib", "idle"], uploaded="2021-01-01")
    Path("requirements.txt").write_text("app==1.0\nidle==1.0\nlib==1.0\n")
    found = [affected(name, ("0", "1.1"), identifier=f"PYSEC-{name}") for name in ("idle", "lib")]

    answer = pinproof("audit", *advisories(*found))

    assert [line.split()[0] for line in lines(answer) if "known vulnerability (" in line][:2] == [
        "lib",
        "idle",
    ]


# --- several, cooldowns, and what does not go -------------------------------------------------------------


def test_several_are_mended_one_after_the_other(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    for version in ("3.4", "3.7"):
        index.add("idna", version, uploaded="2023-01-01")
    theme_story(index, "old")
    Path("requirements.txt").write_text(f"{AT_HAND}idna==3.4\ndocutils==0.20\ntheme==1.0\n")
    found = [URLLIB3, affected("idna", ("0", "3.7"), identifier="PYSEC-2"), {**DOCUTILS, "id": "PYSEC-3"}]

    ran = pinproof("audit", "--fix", *advisories(*found))

    assert ran.code == 1, "one cannot be mended"
    assert [line for line in lines(ran) if line.startswith(("fixed", "not fixed"))] == [
        "fixed: idna 3.4 -> 3.7",
        "fixed: urllib3 1.26.15 -> 2.0.6",
        "not fixed: docutils: no newer release of theme admits it",
    ]
    assert Path("requirements.txt").read_text() == (
        "requests==2.30.0\nurllib3==2.0.6\nidna==3.7\ndocutils==0.20\ntheme==1.0\n"
    )


def test_a_fix_that_a_cooldown_keeps_out_is_exempt_and_says_so(index: LocalIndex, pinproof: Command) -> None:
    index.add("lib", "1.0", uploaded="2024-01-01")
    index.add("lib", "1.1", uploaded="2024-03-01")
    Path("requirements.in").write_text("lib\n")
    Path("pyproject.toml").write_text('[tool.pinproof]\nexclude-newer = "7 days"\n')
    day = ("--as-of", "2024-03-03")
    assert pinproof("lock", *day).code == 0
    source = advisories(affected("lib", ("0", "1.1")))

    told = pinproof("audit", *day, *source)
    assert "  1.1: was uploaded on 2024-03-01, and the cooldown is not over" in lines(told)
    assert "  lib has to be exempt from the cooldown for it: --exclude-newer-package lib=false" in lines(told)

    assert pinproof("audit", "--fix", *day, *source).code == 0
    assert "\nlib==1.1 " in Path("requirements.txt").read_text()


def test_hashes_that_nothing_declares_are_left_alone(index: LocalIndex, pinproof: Command) -> None:
    for version in ("1.0", "1.1"):
        index.add("lib", version, uploaded="2020-01-01")
    lock = "lib==1.0 --hash=sha256:" + "0" * 64 + "\n"
    Path("requirements.txt").write_text(lock)

    ran = pinproof("audit", "--fix", *advisories(affected("lib", ("0", "1.1"))))

    assert ran.code == 1
    assert "requirements.txt:1: lib would have to be 1.1, and cannot be changed with its hashes" in ran.out
    assert Path("requirements.txt").read_text() == lock


def test_a_declaration_that_cannot_be_read_is_no_reason_not_to_audit(
    index: LocalIndex, pinproof: Command
) -> None:
    for version in ("1.0", "1.1"):
        index.add("lib", version, uploaded="2020-01-01")
    Path("poetry.lock").write_text(
        '[[package]]\nname = "lib"\nversion = "1.0"\n[metadata]\nlock-version = "2.0"\n'
    )
    Path("pyproject.toml").write_text('[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\nlib = "^1.0"\n')
    source = advisories(affected("lib", ("0", "1.1")))
    ran = pinproof("audit", *source)
    assert ran.code == 1
    assert "  change: only an upgrade, to lib 1.1: lib 1.0 -> 1.1" in lines(ran)
    ran = pinproof("audit", "--fix", *source)
    assert ran.code == 1
    assert "not fixed: lib: poetry.lock: nothing declares what it was made from" in ran.out


def test_what_one_change_makes_room_for(index: LocalIndex, pinproof: Command) -> None:
    for version in ("1.0", "1.1"):
        index.add("low", version, uploaded="2020-01-01")
    index.add("high", "1.0", requires=["low<1.1"], uploaded="2020-01-02")
    index.add("high", "1.1", requires=["low"], uploaded="2020-01-03")
    Path("requirements.in").write_text("high==1.0\nlow\n")
    Path("requirements.txt").write_text("high==1.0\nlow==1.0\n")
    found = [affected("low", ("0", "1.1")), affected("high", ("0", "1.1"), identifier="PYSEC-2")]

    assert pinproof("audit", "--fix", *advisories(*found)).code == 0
    assert Path("requirements.txt").read_text() == "high==1.1\nlow==1.1\n"


def test_what_no_release_mends(index: LocalIndex, pinproof: Command) -> None:
    index.add("lib", "1.0")
    Path("requirements.txt").write_text("lib==1.0\n")
    ran = pinproof("audit", *advisories(vulnerable("lib")))
    assert "  blocked: the index has no newer release of lib that would do" in lines(ran)


def test_one_that_nothing_mends_does_not_hide_the_fix_of_another(
    index: LocalIndex, pinproof: Command
) -> None:
    for version in ("1.0", "1.1"):
        index.add("lib", version)
    Path("requirements.txt").write_text("lib==1.0\n")
    found = [vulnerable("lib", identifier="PYSEC-9"), affected("lib", ("0", "1.1"))]

    ran = pinproof("audit", "--fix", *advisories(*found))

    assert ran.code == 1
    assert Path("requirements.txt").read_text() == "lib==1.1\n"


def test_an_audit_stands_without_the_index(index: LocalIndex, pinproof: Command) -> None:
    Path("requirements.txt").write_text("lib==1.0\n")
    index.fail(".*", 500, times=1000)

    ran = pinproof("audit", *advisories(affected("lib", ("0", "1.1"))))

    assert ran.code == 1
    assert "lib 1.0: 1 known vulnerability" in ran.out
    assert "what keeps the fixes out could not be told" in ran.err


def test_a_clean_lock_is_left_as_it_is(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.txt").write_text("requests==2.30.0\nurllib3==2.0.6\n")
    ran = pinproof("audit", "--fix", *advisories(URLLIB3))
    assert ran.code == 0
    assert lines(ran)[0] == "nothing was changed"


# --- held back --------------------------------------------------------------------------------------------


def test_what_is_held_back_the_oldest_first(
    index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
) -> None:
    theme_story(index, "old")
    requests_story(index)
    index.add("urllib3", "2.1.0rc1", uploaded="2023-09-25")
    Path("requirements.txt").write_text(f"{AT_HAND}docutils==0.20\ntheme==1.0\n")

    ran = pinproof("audit", "--held-back")
    assert ran.code == 0
    assert ran.out == snapshot

    answer = pinproof.json("audit", "--held-back").json
    assert [(h["name"], h["behind"], h["compatible"]) for h in answer["held_back"]] == [
        ("urllib3", 2, True),
        ("docutils", 1, False),
    ]


def test_nothing_is_held_back(index: LocalIndex, pinproof: Command) -> None:
    requests_story(index)
    Path("requirements.txt").write_text("requests==2.30.0\nurllib3==2.0.6\n")
    assert lines(pinproof("audit", "--held-back")) == [
        "requirements.txt: 2 packages on Python 3.11, Linux: no package of it keeps newer releases of another out"
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--dry-run",), "--dry-run goes with --fix"),
        (("--fix", "--known-only"), "give one of"),
        (("--fix", "--held-back"), "give one of"),
        (("--fix", "--env", "."), "--env has no place there"),
        (("--fix", "--output-format", "sarif"), "told as text or json"),
    ],
)
def test_what_does_not_go_together(pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
    Path("requirements.txt").write_text("lib==1.0\n")
    ran = pinproof("audit", *arguments)
    assert (ran.code, told in ran.err) == (2, True), ran.err


def test_a_declaration_alone_has_no_lock_to_fix(pinproof: Command) -> None:
    Path("requirements.in").write_text("lib\n")
    ran = pinproof("audit", "--fix")
    assert ran.code == 2
    assert "name a lock" in ran.err
