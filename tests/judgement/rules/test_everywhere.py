"""Rules for every project: what is found, and beside it what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from documented import TODAY, TableWorld, put

from pinproof.actions.check import check
from pinproof.facts.check_settings import CheckSettings
from pinproof.judgement.fixing import spliced

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.model.finding import Result


PINNED = "gunicorn==23.0.0\npackaging==24.2\n"
HASHED = f"packaging==24.2 --hash=sha256:{'0' * 64}\n"
APPLICATION = '[project]\nname = "app"\nversion = "1"\n'
UV_LOCK = (
    'version = 1\nrevision = 3\nrequires-python = ">=3.12"\n\n[[package]]\nname = "app"\nversion = "1"\n'
    'source = { virtual = "." }\n\n[[package]]\nname = "ruff"\nversion = "0.5.0"\n'
    'source = { registry = "https://pypi.org/simple" }\n'
)
INDEX: dict[str, Any] = {
    "a": {"versions": ["1.0", "2.0", "3.0rc1"], "yanked": {"2.0": ""}},
    "b": {"versions": [], "status": "quarantined", "reason": ""},
    "c": {"versions": ["1.0"], "status": "archived", "reason": "no time"},
    "requests": {"versions": ["2.0"]},
    "nowhere": None,
    "reqeusts": None,
}


def found(code: str, files: dict[str, str], folder: Path, role: str = "application") -> tuple[Result, ...]:
    asked = CheckSettings(role=role, select=(code,))
    return check(put(files, folder), asked, TableWorld(INDEX), (), TODAY)[1].results


def told(code: str, files: dict[str, str], folder: Path, role: str = "application") -> list[str]:
    return [result.finding.message for result in found(code, files, folder, role)]


def in_list(code: str, lines: str, folder: Path) -> list[str]:
    """Of the requirements of a pyproject.toml for Python 3.9 and newer."""
    listed = "".join(f"    {line},\n" for line in lines.splitlines())
    text = f'{APPLICATION}requires-python = ">=3.9"\ndependencies = [\n{listed}]\n'
    return told(code, {"pyproject.toml": text}, folder)


class TestInvalidRequirement:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ('"a=>1"', "'a=>1' cannot be read"),
            ('"a 1.0"', "'a 1.0' cannot be read"),
            ("\"a>=1; python_versoin < '3'\"", "cannot be read: expected a marker variable or quoted string"),
        ],
    )
    def test_noise(self, line: str, message: str, tmp_path: Path) -> None:
        (only,) = in_list("PIN301", line, tmp_path)
        assert message in only

    @pytest.mark.parametrize(
        "line", ['"a>=1"', r'"a>=1; python_version < \"3.11\""', '"a @ https://h/a.zip"', "'''a>=1'''"]
    )
    def test_silence(self, line: str, tmp_path: Path) -> None:
        assert in_list("PIN301", line, tmp_path) == []

    def test_hooks_may_be_in_another_language(self, tmp_path: Path) -> None:
        hooks = "repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: y\n    additional_dependencies: [a=1]\n"
        assert told("PIN301", {".pre-commit-config.yaml": hooks}, tmp_path) == []

    def test_what_the_shell_takes_away(self, tmp_path: Path) -> None:
        (only,) = told("PIN301", {"Dockerfile": "FROM x:1\nRUN pip install a>=1\n"}, tmp_path)
        assert "the shell takes '>=1' for a redirection" in only

    @pytest.mark.parametrize(
        ("written", "fixed"),
        [
            ("a=1.0", "a==1.0"),
            ("a =< 2; sys_platform == 'linux'", "a <= 2; sys_platform == 'linux'"),
            ("a=>1,<2", "a>=1,<2"),
            ("a=1.x", None),
            ("a~>1", None),
        ],
    )
    def test_fix(self, written: str, fixed: str | None, tmp_path: Path) -> None:
        (only,) = found("PIN301", {"requirements.txt": f"{written}  # why\n"}, tmp_path)
        fix = only.finding.fix
        assert (fix and spliced(f"{written}  # why\n", fix.edits)) == (fixed and f"{fixed}  # why\n")


class TestDuplicateRequirement:
    @pytest.mark.parametrize(
        "lines",
        [
            '"a>=1"\n"a>=1"',
            '"a>=1"\n"A<2"',
            "\"a>=1; sys_platform == 'win32'\"\n\"a>=2; sys_platform == 'win32'\"",
            "\"a<1; python_version < '3.11'\"\n\"a>=1; python_version < '3.12'\"",
        ],
    )
    def test_noise(self, lines: str, tmp_path: Path) -> None:
        (only,) = in_list("PIN302", lines, tmp_path)
        assert "stands in line 6 already" in only

    @pytest.mark.parametrize(
        "lines",
        [
            '"a>=1"\n"a[x]>=1"',
            "\"a<1; python_version < '3.11'\"\n\"a>=1; python_version >= '3.11'\"",
            '"a>=1"\n"a>=2; python_version >= \'3.11\'"',
            '"a<1; python_version < \'3.8\'"\n"a>=1"',
            '"a @ https://h/a-1.zip"\n"a"',
        ],
    )
    def test_silence(self, lines: str, tmp_path: Path) -> None:
        assert in_list("PIN302", lines, tmp_path) == []

    def test_lists_of_their_own(self, tmp_path: Path) -> None:
        text = f'{APPLICATION}dependencies = ["a"]\n[dependency-groups]\nx = ["a"]\ny = ["a"]\n'
        text += '[tool.uv]\nconstraint-dependencies = ["a<2"]\noverride-dependencies = ["a<2"]\n'
        files = {"pyproject.toml": text, "requirements.txt": "a\n", "constraints.txt": "a<2\n"}
        assert told("PIN302", files, tmp_path) == []

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('["a", "b", "a"]', '["a", "b"]'),
            ('["a", "a", "b"]', '["a", "b"]'),
            ('[\n  "a",\n  "a",  # again\n  "b",\n]', '[\n  "a",\n  "b",\n]'),
            ('[\n  "a",\n  "b",\n  "a"\n]', '[\n  "a",\n  "b",\n]'),
            ('[\n  "a",\n  # of old\n  "a",\n]', None),
        ],
    )
    def test_fix(self, before: str, after: str | None, tmp_path: Path) -> None:
        text = f"{APPLICATION}dependencies = {before}\n"
        (only,) = found("PIN302", {"pyproject.toml": text}, tmp_path)
        fix = only.finding.fix
        fixed = f"{APPLICATION}dependencies = {after}\n"
        assert (fix and spliced(text, fix.edits)) == (after and fixed)


class TestMarkerNeverTrue:
    @pytest.mark.parametrize(
        "marker",
        [
            "python_version < '3.9'",
            "python_version < '3'",
            "python_full_version < '3.9.0'",
            "python_version in '2.7 3.6'",
            "sys_platform == 'Windows'",
            "platform_system == 'linux'",
            "implementation_name == 'PyPy'",
            "sys_platform == 'win32' and sys_platform == 'linux'",
            "os_name == 'nt' and python_version == '2.7'",
        ],
    )
    def test_noise(self, marker: str, tmp_path: Path) -> None:
        (only,) = in_list("PIN303", f'"a; {marker}"', tmp_path)
        assert "a is never installed" in only

    @pytest.mark.parametrize(
        "marker",
        [
            "python_version < '3.10'",
            "python_full_version < '3.9.1'",
            "python_version >= '3.15'",
            "python_version in '2.7 3.9'",
            "sys_platform == 'win32'",
            "sys_platform == 'sunos5'",
            "'linux' in sys_platform",
            "platform_machine == 'ARM64'",
            "platform_machine == 'sparc'",
            "platform_python_implementation != 'CPython'",
            "platform_system == 'SunOS' and os_name == 'posix'",
            "platform_release >= '5'",
            "extra == 'x'",
        ],
    )
    def test_silence(self, marker: str, tmp_path: Path) -> None:
        assert in_list("PIN303", f'"a; {marker}"', tmp_path) == []

    def test_without_a_python_all_of_them_count(self, tmp_path: Path) -> None:
        assert told("PIN303", {"requirements.txt": "a; python_version < '3'\n"}, tmp_path) == []


class TestContradictoryBounds:
    @pytest.mark.parametrize(
        ("line", "is_found"), [("a>2,<1", True), ("a==1,==2", True), ("a>=1,<=1", False), ("a", False)]
    )
    def test_of_a_list(self, line: str, is_found: bool, tmp_path: Path) -> None:
        assert bool(told("PIN304", {"requirements.txt": f"{line}\n"}, tmp_path)) is is_found

    def test_what_a_library_publishes_is_looked_at_by_another_rule(self, tmp_path: Path) -> None:
        text = f'{APPLICATION}dependencies = ["a>2,<1"]\n'
        assert told("PIN304", {"pyproject.toml": text}, tmp_path, "library") == []


class TestUnsorted:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("b\na\n", "a\nb\n"),
            ("b>=1\nA\n\nd\nc\n", "A\nb>=1\n\nc\nd\n"),
            ("c\nb\na\n", "a\nb\nc\n"),
            ("b  # why\na\n", None),
        ],
    )
    def test_fix(self, before: str, after: str | None, tmp_path: Path) -> None:
        results = found("PIN305", {"requirements.txt": before}, tmp_path)
        edits = [edit for result in results if result.finding.fix for edit in result.finding.fix.edits]
        assert (spliced(before, edits) if edits else None) == after

    @pytest.mark.parametrize("text", ["a\nb\n", "b\n\na\n", "b\n# of others\na\n", "-r x.txt\nb\n-e .\na\n"])
    def test_silence(self, text: str, tmp_path: Path) -> None:
        assert told("PIN305", {"requirements.txt": text}, tmp_path) == []

    def test_arrays(self, tmp_path: Path) -> None:
        text = f"{APPLICATION}dependencies = [\n  \"b\",\n  'a',\n]\n"
        (only,) = found("PIN305", {"pyproject.toml": text}, tmp_path)
        assert only.finding.fix
        assert spliced(text, only.finding.fix.edits).endswith("[\n  \"a\",\n  'b',\n]\n")


def dockerfile(*lines: str, **others: str) -> dict[str, str]:
    return {"Dockerfile": "FROM python:3.13\n" + "".join(f"{line}\n" for line in lines), **others}


class TestUnpinnedInstall:
    @pytest.mark.parametrize(
        ("line", "names"),
        [
            ("RUN pip install flask", "flask is"),
            ("RUN pip install -U pip 'flask>=2' click==8", "flask is"),
            ("RUN pip install a b c d e", "a, b, c and 2 more are"),
            ("RUN uv pip install --system flask", "flask is"),
            ("RUN pipx install poetry", "poetry is"),
            ("RUN uv tool install ruff@latest", "ruff is"),
        ],
    )
    def test_noise(self, line: str, names: str, tmp_path: Path) -> None:
        expected = [f"{names} installed in whatever release is the newest"]
        assert told("PIN401", dockerfile(line), tmp_path) == expected

    @pytest.mark.parametrize(
        "line",
        [
            "RUN pip install --upgrade pip setuptools wheel",
            "RUN pip wheel gunicorn -r /tmp/requirements.txt",
            "RUN pip install -r requirements.txt\nRUN pip install gunicorn",
            "RUN pip install flask==3.0.3 'click<9' 'rich~=13.0' 'x==1.*'",
            "RUN pip install -r requirements.txt",
            "RUN pip install -c constraints.txt flask",
            "ENV PIP_CONSTRAINT=/c.txt\nRUN pip install flask",
            "RUN pip install --no-index --find-links /wheels flask",
            "RUN pip install . 'x @ https://h/x.zip' git+https://h/x",
            "ARG V\nRUN pip install flask==$V $OTHER",
            "RUN echo pip install flask",
        ],
    )
    def test_silence(self, line: str, tmp_path: Path) -> None:
        assert told("PIN401", dockerfile(line, **{"requirements.txt": PINNED}), tmp_path) == []

    def test_what_is_there_is_renewed_where_that_is_asked_for(self, tmp_path: Path) -> None:
        files = dockerfile("RUN pip install -r requirements.txt && pip install -U gunicorn")
        assert told("PIN401", files | {"requirements.txt": PINNED}, tmp_path)

    @pytest.mark.parametrize(("line", "is_found"), [("uv sync --locked", False), ("echo", True)])
    def test_what_a_lock_installs_is_there(self, line: str, is_found: bool, tmp_path: Path) -> None:
        files = dockerfile(f"RUN {line}", "RUN pip install ruff", **NEEDS_RUFF)
        assert bool(told("PIN401", files, tmp_path)) is is_found

    def test_not_for_libraries(self, tmp_path: Path) -> None:
        assert told("PIN401", dockerfile("RUN pip install flask"), tmp_path, "library") == []

    def test_the_project_itself(self, tmp_path: Path) -> None:
        files = dockerfile("RUN pip install App", **{"pyproject.toml": APPLICATION})
        assert told("PIN401", files, tmp_path) == []

    @pytest.mark.parametrize(("name", "is_found"), [("ruff", True), ("build", False)])
    def test_elsewhere_only_what_the_project_pins(self, name: str, is_found: bool, tmp_path: Path) -> None:
        workflow = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: pip install {name}\n"
        files = {".github/workflows/a.yml": workflow, "uv.lock": UV_LOCK, "pyproject.toml": APPLICATION}
        messages = told("PIN401", files, tmp_path)
        assert bool(messages) is is_found
        tox = {"tox.ini": f"[testenv]\ndeps =\n  {name}\n  {name}\n"} | files
        assert len(told("PIN401", tox, tmp_path)) == 2 * is_found


NEEDS_RUFF = {"pyproject.toml": f'{APPLICATION}dependencies = ["ruff>=0.4"]\n', "uv.lock": UV_LOCK}
NEEDS_FLASK = {"pyproject.toml": f'{APPLICATION}dependencies = ["flask"]\n', "uv.lock": UV_LOCK}
NEEDS_NOTHING = {"pyproject.toml": APPLICATION, "uv.lock": UV_LOCK}
UNLOCKED = {"pyproject.toml": f'{APPLICATION}dependencies = ["ruff"]\n'}
COMPILED = {"requirements.in": "packaging\n", "requirements.txt": HASHED}


class TestInstallPastLock:
    @pytest.mark.parametrize(
        ("line", "others"),
        [
            ("RUN pip install -r requirements.in", COMPILED),
            ("RUN pip install .", NEEDS_RUFF),
            ("RUN pip install -e .[x]", NEEDS_RUFF),
            ("RUN uv pip install -r pyproject.toml", NEEDS_RUFF),
        ],
    )
    def test_noise(self, line: str, others: dict[str, str], tmp_path: Path) -> None:
        (only,) = told("PIN402", dockerfile(line, **others), tmp_path)
        assert "anew, although there is " in only

    @pytest.mark.parametrize(
        ("line", "others"),
        [
            ("RUN pip install .", UNLOCKED),
            ("RUN pip install .", NEEDS_FLASK),
            ("RUN pip install .", NEEDS_NOTHING),
            ("RUN pip install --no-deps .", NEEDS_RUFF),
            ("RUN uv sync --locked\nRUN pip install .", NEEDS_RUFF),
            ("RUN uv export --locked | pip install -r /dev/stdin && pip install .", NEEDS_RUFF),
            ("RUN pip install -r requirements.txt && pip install -r requirements.in", COMPILED),
            ("RUN pip install -r requirements.txt", COMPILED),
            ("RUN pip install -r other.txt -c requirements.in", COMPILED),
        ],
    )
    def test_silence(self, line: str, others: dict[str, str], tmp_path: Path) -> None:
        assert told("PIN402", dockerfile(line, **others), tmp_path) == []

    @pytest.mark.parametrize(
        ("line", "locked"),
        [
            ("RUN pip install -r requirements.in", PINNED),
            ("RUN pip install -r requirements.in gunicorn==1", HASHED),
            ("RUN pip install -r requirements.in -r other.txt", HASHED),
        ],
    )
    def test_no_fix_where_hashes_cannot_be_asked_for(self, line: str, locked: str, tmp_path: Path) -> None:
        files = dockerfile(line, **{"requirements.in": "packaging\n", "requirements.txt": locked})
        (only,) = found("PIN402", files, tmp_path)
        assert only.finding.fix is None


@pytest.mark.parametrize(
    ("image", "is_found"),
    [
        ("python", True),
        ("python:latest", True),
        ("ghcr.io/a/b", True),
        ("python:3.13", False),
        (f"python@sha256:{'0' * 64}", False),
        (f"python:latest@sha256:{'0' * 64}", False),
        ("localhost:5000/a:1", False),
        ("scratch", False),
        ("$BASE", False),
    ],
)
def test_untagged_image(image: str, is_found: bool, tmp_path: Path) -> None:
    files = {"Dockerfile": f"FROM {image} AS base\nFROM base\n"}
    assert len(told("PIN403", files, tmp_path)) == is_found


@pytest.mark.parametrize(
    ("revision", "is_found"),
    [("main", True), ("HEAD", True), ("stable", True), ("v1", False), ("deadbeef", False), ("1.2.x", False)],
)
def test_moving_hook(revision: str, is_found: bool, tmp_path: Path) -> None:
    hooks = f"repos:\n- repo: x\n  rev: {revision}\n  hooks: [{{id: y}}]\n- repo: local\n  hooks: []\n"
    assert len(told("PIN404", {".pre-commit-config.yaml": hooks}, tmp_path)) == is_found


@pytest.mark.parametrize(
    ("listed", "is_found"),
    [("a", True), ("a>=1, b", True), ("a==1", False), ("prettier@2.1", False), ("'.'", False)],
)
def test_unpinned_hook_requirement(listed: str, is_found: bool, tmp_path: Path) -> None:
    hooks = f"repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: y\n    additional_dependencies: [{listed}]\n"
    assert len(told("PIN405", {".pre-commit-config.yaml": hooks}, tmp_path)) == is_found
    assert told("PIN405", {".pre-commit-config.yaml": hooks}, tmp_path, "library") == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("RUN uv sync --no-dev", "RUN uv sync --locked --no-dev"),
        ("RUN --mount=type=cache,target=/c cd x && uv --quiet sync", None),
        ("RUN uv sync --locked", ""),
        ("RUN uv sync --frozen --no-install-project", ""),
        ("ENV UV_FROZEN=1\nRUN uv sync", ""),
        ("RUN poetry install", ""),
        ("RUN pipenv install", ""),
    ],
)
def test_relocking_install(line: str, fixed: str | None, tmp_path: Path) -> None:
    files = dockerfile(line, **{"uv.lock": UV_LOCK, "pyproject.toml": APPLICATION})
    results = found("PIN406", files, tmp_path)
    assert len(results) == (fixed != "")
    if fixed:
        fix = results[0].finding.fix
        assert fix
        assert spliced(files["Dockerfile"], fix.edits) == files["Dockerfile"].replace(line, fixed)


class TestIndex:
    @pytest.mark.parametrize(
        ("code", "line", "message"),
        [
            ("PIN501", "nowhere>=1", "there is no project nowhere on the index"),
            (
                "PIN501",
                "reqeusts\nRequests",
                "there is no project reqeusts on the index; the nearest is requests",
            ),
            ("PIN502", "a==2.0", "a 2.0 was yanked"),
            ("PIN503", "a==1.5", "there is no release a==1.5 on the index"),
            ("PIN503", "a>=4", "there is no release a>=4 on the index"),
            ("PIN503", "b>=4", "there is no release b>=4 on the index"),
            ("PIN504", "c\nc", "c is archived on the index: no time"),
            ("PIN504", "b", "b is quarantined on the index"),
        ],
    )
    def test_noise(self, code: str, line: str, message: str, tmp_path: Path) -> None:
        assert told(code, {"requirements.txt": f"{line}\n"}, tmp_path) == [message]

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("PIN501", "unheard-of"),
            ("PIN501", "a"),
            ("PIN502", "a>=2.0"),
            ("PIN502", "a==1.0"),
            ("PIN503", "a>=3.0rc1"),
            ("PIN503", "a==2.0"),
            ("PIN503", "nowhere==1"),
            ("PIN503", "a>3,<2"),
            ("PIN503", "a @ https://h/a-7.zip"),
            ("PIN504", "a"),
        ],
    )
    def test_silence(self, code: str, line: str, tmp_path: Path) -> None:
        assert told(code, {"requirements.txt": f"{line}\n"}, tmp_path) == []

    @pytest.mark.parametrize(
        ("code", "name", "version", "message"),
        [
            ("PIN501", "nowhere", "1", "there is no project nowhere on the index"),
            ("PIN502", "a", "2.0", "a 2.0 was yanked"),
            ("PIN503", "a", "1.5", "there is no release a==1.5 on the index"),
            ("PIN504", "b", "1", "b is quarantined on the index"),
            ("PIN504", "c", "1.0", None),
        ],
    )
    def test_locks(self, code: str, name: str, version: str, message: str | None, tmp_path: Path) -> None:
        lock = UV_LOCK.replace("ruff", name).replace("0.5.0", version)
        results = found(code, {"pyproject.toml": APPLICATION, "uv.lock": lock}, tmp_path)
        assert [r.finding.message for r in results] == ([message] if message else [])
        assert all(lock[: r.finding.span.start].count("\n") == 10 for r in results if r.finding.span)

    def test_hooks_are_not_asked_for(self, tmp_path: Path) -> None:
        hooks = "repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: y\n    additional_dependencies: [nowhere, a==1.5]\n"
        assert told("PIN5", {".pre-commit-config.yaml": hooks}, tmp_path) == []
