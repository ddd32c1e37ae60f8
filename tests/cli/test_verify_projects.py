"""`pinproof verify` of projects: their own source, wheels of it, and what lies on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stories

from installing import environment, install_pins
from local_index import core_metadata, wheel

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex

USES = "from werkzeug.urls import url_decode\n"
SET = "flask==3.0.0\nwerkzeug==3.0.0\n"
DECLARED = '[project]\nname = "shop"\nversion = "2.0"\ndependencies = ["flask", "werkzeug>=2"]\n'


@pytest.fixture(autouse=True)
def _story(index: LocalIndex) -> None:
    stories.flask_login_story(index)


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def breaks(found: Any) -> list[tuple[str, str, str, int]]:
    return [(b["severity"], b["dependent"], b["path"], b["line"]) for b in found["breaks"]]


class TestOwnSource:
    def test_it_is_judged_where_a_folder_is_named(self, pinproof: Command) -> None:
        write({"pyproject.toml": DECLARED, "requirements.txt": SET, "src/shop/a.py": f"import flask\n{USES}"})
        found = pinproof.json("verify")
        assert (found.code, found.json["status"]) == (1, "broken")
        assert breaks(found.json) == [("fatal", "shop", "src/shop/a.py", 2)]
        assert found.json["breaks"][0]["works_with"] == "<3"
        assert found.pins == {"flask": "3.0.0", "werkzeug": "3.0.0"}

    def test_only_the_file_is_judged_where_a_file_is_named(self, pinproof: Command) -> None:
        write({"pyproject.toml": DECLARED, "requirements.txt": SET, "src/shop/a.py": USES})
        assert pinproof("verify", "requirements.txt").code == 0
        assert pinproof("verify", "--no-source").code == 0
        assert pinproof("verify").code == 1

    def test_what_works_is_silent(self, pinproof: Command) -> None:
        source = "import flask\nfrom werkzeug.urls import url_parse, made_up\nimport gone_long_ago\n"
        write({"pyproject.toml": DECLARED, "requirements.txt": SET, "src/shop/a.py": source})
        assert pinproof.json("verify").json["breaks"] == []

    def test_a_release_that_the_project_does_not_allow_is_no_evidence(self, pinproof: Command) -> None:
        declared = DECLARED.replace("werkzeug>=2", "werkzeug>=3")
        write({"pyproject.toml": declared, "requirements.txt": SET, "src/shop/a.py": USES})
        assert pinproof("verify").code == 0

    @pytest.mark.parametrize(
        "declaration",
        [{}, {"pyproject.toml": '[project]\nname = "shop"\ndynamic = ["dependencies", "version"]\n'}],
    )
    def test_without_declared_requirements_every_release_counts(
        self, pinproof: Command, declaration: dict[str, str]
    ) -> None:
        write({"requirements.txt": SET, "app.py": USES, **declaration})
        assert [b[:1] + b[2:] for b in breaks(pinproof.json("verify").json)] == [("fatal", "app.py", 1)]

    def test_tests_count_where_the_set_has_what_they_need(self, pinproof: Command, index: LocalIndex) -> None:
        index.add("six", "1.0", {"six.py": ""})
        declared = f'{DECLARED}[dependency-groups]\ndev = ["six"]\n'
        write({"pyproject.toml": declared, "requirements.txt": SET, "tests/test_a.py": USES})
        assert pinproof("verify").code == 0
        write({"requirements.txt": f"{SET}six==1.0\n"})
        found = pinproof.json("verify").json
        assert breaks(found) == [("fatal", "shop-tests", "tests/test_a.py", 1)]

    def test_what_the_project_asks_for_is_imported_though_others_require_it(
        self, pinproof: Command, index: LocalIndex
    ) -> None:
        """Own source requires flask-login, which is reached all the same."""
        declared = DECLARED.replace('"flask"', '"flask-login"')
        write({"pyproject.toml": declared, "requirements.txt": stories.FLASK_3, "shop.py": ""})
        found = pinproof.json("verify").json
        assert {(b[0], b[1]) for b in breaks(found)} == {("fatal", "flask-login")}
        assert breaks(pinproof.json("verify", "requirements.txt").json) == breaks(found)

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ("github", "::error file=project/src/shop/a.py,line=2,"),
            ("markdown", "project/src/shop/a.py:2, project/requirements.txt:2 "),
            ("text", "  project/src/shop/a.py:2, project/requirements.txt:2 pins werkzeug 3.0.0\n"),
        ],
    )  # fmt: skip
    def test_it_stands_at_its_own_line(self, pinproof: Command, form: str, told: str) -> None:
        write(
            {
                "project/pyproject.toml": DECLARED,
                "project/requirements.txt": SET,
                "project/src/shop/a.py": f"import flask\n{USES}",
            }
        )
        assert told in pinproof("verify", "--output-format", form, "project").out
        (run,) = pinproof("verify", "--output-format", "sarif", "project").json["runs"]
        (location,) = run["results"][0]["locations"]
        (pinned,) = run["results"][0]["relatedLocations"]
        assert [one["physicalLocation"] for one in (location, pinned)] == [
            {"artifactLocation": {"uri": f"project/{path}"}, "region": {"startLine": 2}}
            for path in ("src/shop/a.py", "requirements.txt")
        ]

    def test_a_broken_declaration_is_told_with_its_line(self, pinproof: Command) -> None:
        write({"pyproject.toml": "[project]\nname =\n", "requirements.txt": SET, "app.py": ""})
        ran = pinproof("verify")
        assert (ran.code, ran.out) == (2, "")
        assert "pyproject.toml:2: not valid TOML" in ran.err


WORKSPACE = """\
version = 1
[manifest]
members = ["root", "a", "b"]
[[package]]
name = "root"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "a" }]
[[package]]
name = "a"
version = "1.0"
source = { editable = "packages/a" }
dependencies = [{ name = "werkzeug" }]
[[package]]
name = "b"
version = "1.0"
source = { editable = "packages/b" }
dependencies = [{ name = "werkzeug" }]
[[package]]
name = "werkzeug"
version = "3.0.0"
source = { registry = "https://pypi.org/simple" }
"""


def test_the_members_of_a_workspace_each_with_its_own_declaration(pinproof: Command) -> None:
    write(
        {
            "uv.lock": WORKSPACE,
            "pyproject.toml": '[project]\nname = "root"\ndependencies = ["a"]\n',
            "main.py": "import a\n",
            "packages/a/pyproject.toml": '[project]\nname = "a"\ndependencies = ["werkzeug"]\n',
            "packages/a/src/a/__init__.py": USES,
            "packages/b/pyproject.toml": '[project]\nname = "b"\ndependencies = ["werkzeug>=3"]\n',
            "packages/b/src/b/__init__.py": USES,
        }
    )
    ran = pinproof("verify", "--output-format", "github")
    assert ran.code == 1
    (told,) = (line for line in ran.out.splitlines() if line.startswith("::"))
    assert told.startswith(
        "::error file=packages/a/src/a/__init__.py,line=1,title=fails on import::a 0 imports "
    )


class TestWheels:
    @pytest.fixture
    def built(self) -> str:
        metadata = core_metadata("shop", "2.0", ["werkzeug>=2"])
        name, content = wheel("shop", "2.0", {"shop/__init__.py": f"\n{USES}"}, metadata)
        Path("dist").mkdir()
        Path("dist", name).write_bytes(content)
        return f"dist/{name}"

    def test_with_a_lock(self, pinproof: Command, built: str) -> None:
        write({"requirements.txt": SET, "app.py": USES})
        found = pinproof.json("verify", built).json
        assert breaks(found) == [("fatal", "shop", "shop/__init__.py", 2)]
        assert breaks(pinproof.json("verify", "requirements.txt", built).json) == breaks(found)
        write({"requirements.txt": SET.replace("3.0.0", "2.3.7").replace("flask==2.3.7", "flask==2.3.3")})
        assert pinproof("verify", built).code == 0

    def test_it_takes_the_place_of_its_name(self, pinproof: Command, built: str, index: LocalIndex) -> None:
        index.add("shop", "1.0", {"shop/__init__.py": ""})
        write({"requirements.txt": f"{SET}shop==1.0\n"})
        assert pinproof("verify", "requirements.txt").code == 0
        assert pinproof.json("verify", built, "requirements.txt").pins == {
            "flask": "3.0.0",
            "werkzeug": "3.0.0",
        }

    def test_with_an_environment(
        self, pinproof: Command, built: str, index: LocalIndex, tmp_path: Path
    ) -> None:
        env = environment(tmp_path / "env")
        install_pins(env, index, SET)
        assert pinproof("verify", "--env", str(env)).code == 0
        found = pinproof.json("verify", "--env", str(env), built).json
        assert breaks(found) == [("fatal", "shop", "shop/__init__.py", 2)]

    @pytest.mark.parametrize(
        ("name", "content", "told"),
        [
            ("gone-1.0-py3-none-any.whl", None, "there is no such file"),
            ("x-1.0-cp27-cp27m-win32.whl", b"", "not a wheel for Python 3.11 on linux"),
            ("x.whl", b"", "not a wheel for Python 3.11"),
            ("x-1.0-py3-none-any.whl", b"no zip", "x-1.0-py3-none-any.whl"),
        ],
    )
    def test_what_is_none(self, pinproof: Command, name: str, content: bytes | None, told: str) -> None:
        write({"requirements.txt": SET})
        if content is not None:
            Path(name).write_bytes(content)
        ran = pinproof("verify", name)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err

    def test_two_locks_are_one_too_many(self, pinproof: Command) -> None:
        assert pinproof("verify", "a.txt", "b.txt").code == 2


class TestOnThisMachine:
    def test_a_folder(self, pinproof: Command) -> None:
        declared = DECLARED.replace("shop", "lib")
        write({"lib/pyproject.toml": declared, "lib/src/lib/__init__.py": f"\n{USES}"})
        write({"requirements.txt": f"{SET}-e ./lib[extra]\n"})
        found = pinproof.json("verify", "requirements.txt")
        assert breaks(found.json) == [("fatal", "lib", "src/lib/__init__.py", 2)]
        assert found.pins == {"flask": "3.0.0", "werkzeug": "3.0.0", "lib": "2.0"}
        assert found.json["not_checked"] == []
        write({"lib/src/lib/__init__.py": "import werkzeug\n"})
        assert pinproof("verify", "requirements.txt").code == 0

    def test_modules_that_nothing_reaches_are_latent(self, pinproof: Command) -> None:
        write(
            {
                "lib/pyproject.toml": DECLARED.replace("shop", "lib"),
                "lib/lib/__init__.py": "",
                "lib/lib/b.py": USES,
            }
        )
        write({"requirements.txt": f"{SET}./lib\n"})
        assert [b[0] for b in breaks(pinproof.json("verify", "requirements.txt").json)] == ["latent"]

    def test_the_project_itself_is_judged_once(self, pinproof: Command) -> None:
        write({"pyproject.toml": DECLARED, "src/shop/__init__.py": USES, "requirements.txt": f"-e .\n{SET}"})
        found = pinproof.json("verify")
        assert breaks(found.json) == [("fatal", "shop", "src/shop/__init__.py", 1)]
        assert breaks(pinproof.json("verify", "requirements.txt").json) == breaks(found.json)

    def test_a_wheel(self, pinproof: Command) -> None:
        name, content = wheel("lib", "1.0", {"lib.py": USES}, core_metadata("lib", "1.0", ["werkzeug"]))
        Path(name).write_bytes(content)
        write({"requirements.txt": f"{SET}lib @ {Path(name).absolute().as_uri()}\n"})
        assert breaks(pinproof.json("verify").json) == [("fatal", "lib", "lib.py", 1)]

    @pytest.mark.parametrize(
        ("entry", "reason"),
        [
            ("./gone", "there is no gone on this machine"),
            ("./empty", "no Python modules were found in empty"),
            ("./lib-1.0.tar.gz", "only folders and wheels are read from this machine"),
            ("lib @ git+https://example.org/lib@" + "a" * 40, "there is no checkout of it on this machine"),
            (
                "lib @ https://example.org/lib-1.0-py3-none-any.whl",
                "it comes from https://example.org/lib-1.0",
            ),
        ],
    )
    def test_what_is_not_there_is_not_checked(self, pinproof: Command, entry: str, reason: str) -> None:
        Path("empty").mkdir()
        Path("lib-1.0.tar.gz").touch()
        write({"requirements.txt": f"{SET}{entry}\n"})
        found = pinproof.json("verify", "--no-source")
        assert (found.code, found.json["status"], found.json["breaks"]) == (1, "not-checked", [])
        (told,) = found.json["not_checked"]
        assert told["reason"].startswith("requirements.txt:3: ")
        assert reason in told["reason"]

    def test_what_it_may_provide_is_not_missing(self, pinproof: Command) -> None:
        write(
            {
                "requirements.txt": "flask==3.0.0\nwerkzeug @ https://example.org/werkzeug-3.0.0-py3-none-any.whl\n"
            }
        )
        assert pinproof.json("verify").json["breaks"] == []
        write({"requirements.txt": "flask==3.0.0\n"})
        assert pinproof.json("verify").json["breaks"] != []

    def test_a_git_dependency_with_a_checkout_of_uv(
        self, pinproof: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As uv itself leaves it: it resolves from a repository on this machine, and nothing is built."""
        repository = tmp_path / "repository"
        (repository / "below").mkdir(parents=True)
        (repository / "below" / "pyproject.toml").write_text(
            '[project]\nname = "lib"\nversion = "1.0"\ndependencies = []\n'
        )
        (repository / "below" / "lib.py").write_text(USES)
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(repository)]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
            subprocess.run([*git, *arguments], check=True)
        source = f'{{ git = "{repository.as_uri()}", subdirectory = "below" }}'
        declared = (
            '[project]\nname = "app"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["lib"]\n'
        )
        write({"pyproject.toml": f"{declared}[tool.uv.sources]\nlib = {source}\n"})
        from uv import find_uv_bin

        subprocess.run(
            [find_uv_bin(), "lock", "-q", "--offline", "--python", "3.11", "--no-build"], check=True
        )
        lock = (
            Path("uv.lock").read_text()
            + '[[package]]\nname = "werkzeug"\nversion = "3.0.0"\nsource = { registry = "https://pypi.org/simple" }\n'
        )
        lock = lock.replace("dependencies = [\n", 'dependencies = [\n    { name = "werkzeug" },\n')
        Path("uv.lock").write_text(lock)
        found = pinproof.json("verify")
        assert breaks(found.json) == [("fatal", "lib", "lib.py", 1)]
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "nothing"))
        found = pinproof.json("verify")
        assert (found.json["status"], found.json["breaks"]) == ("not-checked", [])
        assert "there is no checkout of it" in found.json["not_checked"][0]["reason"]

    def test_a_git_dependency_with_a_checkout_of_pip(self, pinproof: Command) -> None:
        write({"src/lib/lib.py": USES, "src/lib/.git/HEAD": "a" * 40 + "\n"})
        write({"requirements.txt": f"{SET}-e git+https://example.org/lib.git@{'a' * 40}#egg=lib\n"})
        assert breaks(pinproof.json("verify", "requirements.txt").json) == [("fatal", "lib", "lib.py", 1)]
        write({"src/lib/.git/HEAD": "b" * 40 + "\n"})
        assert pinproof.json("verify", "requirements.txt").json["status"] == "not-checked"
