"""`pinproof lock`, end to end."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories
from packaging.pylock import Pylock

if TYPE_CHECKING:
    from command import Command, Ran
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex

WEEK_AFTER = ("--as-of", "2023-10-07")
MONTH_AFTER = ("--as-of", "2023-11-07")

SHOP = """\
[project]
name = "shop"
version = "0.1"
requires-python = ">=3.11"
dependencies = ["flask", "flask-login"]

[project.optional-dependencies]
lib = ["lib"]

[dependency-groups]
test = ["app"]
dev = [{include-group = "test"}, "lib"]
"""


@pytest.fixture
def shop(index: LocalIndex) -> Path:
    """A project whose requirements give, by themselves, a set that does not work."""
    stories.flask_login_story(index)
    stories.deprecated_story(index)
    Path("pyproject.toml").write_text(SHOP)
    return Path("requirements.txt")


def pins(text: str) -> list[str]:
    return [line.partition(" ")[0] for line in text.splitlines() if "==" in line and line[0].isalpha()]


FLASK_2 = ["flask==2.3.3", "flask-login==0.6.2", "werkzeug==2.3.7"]
FLASK_3 = ["flask==3.0.0", "flask-login==0.6.3", "werkzeug==3.0.0"]


class TestWriting:
    def test_requirements_with_hashes_and_reasons(
        self, shop: Path, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        ran = pinproof("lock", *WEEK_AFTER)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == snapshot
        assert shop.read_text() == snapshot

    def test_it_verifies(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        assert pinproof("verify", *WEEK_AFTER).code == 0

    def test_pylock(self, shop: Path, pinproof: Command) -> None:
        assert pinproof("lock", "-o", "pylock.toml", *WEEK_AFTER).code == 0
        text = Path("pylock.toml").read_text()
        lock = Pylock.from_dict(tomllib.loads(text))
        assert [f"{p.name}=={p.version}" for p in lock.packages] == FLASK_2
        assert lock.created_by == "pinproof"
        assert "# bound werkzeug<3\n#   flask-login 0.6.2 imports werkzeug.urls.url_decode" in text
        assert pinproof("lock", "-o", "pylock.toml", "--check", *WEEK_AFTER).code == 0

    def test_constraints_for_several_pythons(self, shop: Path, pinproof: Command) -> None:
        arguments = ("-o", "constraints-{python}.txt", "--python-version", "3.12", *WEEK_AFTER)
        assert pinproof("lock", *arguments).code == 0
        for python in ("3.11", "3.12"):
            text = Path(f"constraints-{python}.txt").read_text()
            assert pins(text) == FLASK_2
            assert "hash" not in text
            assert "via" not in text

    def test_several_pythons_need_several_files(self, shop: Path, pinproof: Command) -> None:
        ran = pinproof("lock", "--python-version", "3.12")
        assert ran.code == 2
        assert "{python}" in ran.err

    def test_universal_where_the_project_says_which_pythons(
        self, index: LocalIndex, shop: Path, pinproof: Command
    ) -> None:
        index.add("winonly", "1.0", {"winonly.py": ""})
        Path("pyproject.toml").write_text(
            SHOP.replace('"flask-login"', '"flask-login", "winonly; sys_platform == \'win32\'"')
        )
        ran = pinproof.bare("lock", *pinproof.options[:4], *WEEK_AFTER)
        assert ran.code == 0, ran.err
        assert "winonly==1.0 ; sys_platform == 'win32'" in shop.read_text()
        assert "for Python >=3.11 on every platform; judged on 3.11 on linux" in shop.read_text()
        assert "3.11 on win32" in shop.read_text()

    @pytest.mark.parametrize("name", ["poetry.lock", "requirements.lock", "pylock.a.b.toml"])
    def test_a_name_that_says_nothing(self, shop: Path, pinproof: Command, name: str) -> None:
        ran = pinproof("lock", "-o", name)
        assert (ran.code, Path(name).exists()) == (2, False)

    def test_a_source_distribution_has_its_own_hash(self, index: LocalIndex, pinproof: Command) -> None:
        upload = index.add("plain", "1.0", {"plain.py": ""}, sdist_ending=".tar.gz")
        Path("requirements.in").write_text("plain\n")
        assert pinproof("lock").code == 0
        assert f"plain==1.0 \\\n    --hash=sha256:{upload.sha256}\n" in Path("requirements.txt").read_text()
        assert pinproof("lock", "--check").code == 0

    def test_local_projects_are_locked_by_their_path(self, shop: Path, pinproof: Command) -> None:
        Path("parts/one/src/one").mkdir(parents=True)
        Path("parts/one/pyproject.toml").write_text(
            '[project]\nname = "one"\nversion = "1"\ndependencies = ["lib"]\n'
        )
        Path("requirements.in").write_text("-e ./parts/one\nflask\n")
        Path("locks").mkdir()
        arguments = ("lock", "requirements.in", "-o", "locks/pylock.toml", *WEEK_AFTER)
        ran = pinproof(*arguments)
        assert ran.code == 1, ran.err
        assert "not checked: 1\n  one: it is the folder ../parts/one" in ran.out
        text = Path("locks/pylock.toml").read_text()
        assert 'directory = { path = "../parts/one", editable = true }' in text
        assert 'name = "lib"' in text
        assert pinproof(*arguments).out.endswith("unchanged\n")
        assert pinproof("lock", "requirements.in", *WEEK_AFTER).code == 1
        assert "-e ./parts/one\n" in shop.read_text()

    def test_no_set(self, index: LocalIndex, pinproof: Command) -> None:
        stories.flask_login_story(index)
        Path("requirements.in").write_text("flask-login\nwerkzeug>=3\n")
        Path("requirements.txt").write_text("flask==1.0\n")
        ran = pinproof("lock", *WEEK_AFTER)
        assert ran.code == 1
        assert "no working set" in ran.out
        assert Path("requirements.txt").read_text() == "flask==1.0\n"


class TestSteady:
    def test_twice_gives_the_same_bytes(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        first = shop.read_bytes()
        ran = pinproof("lock", *WEEK_AFTER)
        assert shop.read_bytes() == first
        assert "unchanged" in ran.out
        assert pinproof("lock", "--check", *WEEK_AFTER).code == 0

    def test_check_shows_what_an_edit_would_change(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        before = shop.read_bytes()
        Path("pyproject.toml").write_text(SHOP.replace('"flask"', '"flask<2.3"'))
        ran = pinproof("lock", "--check", *WEEK_AFTER)
        assert ran.code == 1
        assert "--- a/requirements.txt\n+++ b/requirements.txt\n" in ran.out
        assert "\n-flask==2.3.3 \\\n" in ran.out
        assert "\n+flask==2.2.0 \\\n" in ran.out
        assert "flask 2.3.3 -> 2.2.0 (downgrade)" in ran.out
        assert "werkzeug" not in ran.out.partition("compared with")[2].partition("\n")[0]
        assert shop.read_bytes() == before
        assert pinproof("lock", "--diff", *WEEK_AFTER).code == 0
        assert shop.read_bytes() == before

    def test_nothing_moves_unless_it_must(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        ran = pinproof("lock", *MONTH_AFTER)
        assert pins(shop.read_text()) == FLASK_2
        assert "# bound werkzeug<3\n" in shop.read_text()
        assert "compared" not in ran.out

    def test_upgrade_and_the_bound_is_gone(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        ran = pinproof("lock", "--upgrade", *MONTH_AFTER)
        assert pins(shop.read_text()) == FLASK_3
        assert "bound" not in shop.read_text()
        assert "flask 2.3.3 -> 3.0.0" in ran.out

    def test_upgrade_of_one_takes_the_bound_away_that_it_needed(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        pinproof("lock", "-P", "flask-login", *MONTH_AFTER)
        assert pins(shop.read_text()) == ["flask==2.3.3", "flask-login==0.6.3", "werkzeug==2.3.7"]
        assert "bound" not in shop.read_text()
        assert pinproof("lock", "--check", *MONTH_AFTER).code == 0

    def test_upgrade_to_a_version(self, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        pinproof("lock", "-P", "werkzeug==2.2.0", "-P", "flask==2.2.0", *WEEK_AFTER)
        assert pins(shop.read_text()) == ["flask==2.2.0", "flask-login==0.6.2", "werkzeug==2.2.0"]
        assert pinproof("lock", "--check", *WEEK_AFTER).code == 0

    def test_upgrade_of_what_nobody_needs(self, shop: Path, pinproof: Command) -> None:
        ran = pinproof("lock", "-P", "nothing", *WEEK_AFTER)
        assert ran.code == 2
        assert not shop.exists()

    def test_a_lock_of_somebody_else_is_kept_to_and_mended(self, shop: Path, pinproof: Command) -> None:
        shop.write_text("flask==3.0.0\nflask-login==0.6.2\nwerkzeug==3.0.0\n")
        ran = pinproof("lock", *WEEK_AFTER)
        assert pins(shop.read_text()) == FLASK_2
        assert "flask 3.0.0 -> 2.3.3 (downgrade), werkzeug 3.0.0 -> 2.3.7 (downgrade)" in ran.out

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            (
                "requirements.txt",
                "flask==3.0.0\n<<<<<<< HEAD\n",
                "requirements.txt:2: unresolved merge conflict",
            ),
            (
                "pylock.toml",
                'lock-version = "1.0"\n\n>>>>>>> other\n',
                "pylock.toml:3: unresolved merge conflict",
            ),
            ("pylock.toml", 'lock-version = "1.0"\n[[packages]]\nname = "fl', "pylock.toml:3: "),
            ("pylock.toml", 'lock-version = "9.0"\n', "pylock.toml"),
            ("requirements.txt", "flask==1.0,==2.0\n", "requirements.txt:1: "),
            ("requirements.txt", "flask==one\n", "requirements.txt:1: "),
            ("constraints.txt", "flask==1.0 --hash=sha256:0\n", "constraints.txt:1: not a hash"),
        ],
    )
    def test_a_lock_that_cannot_be_read_stays(
        self, shop: Path, pinproof: Command, name: str, text: str, told: str
    ) -> None:
        Path(name).write_text(text)
        ran = pinproof("lock", "-o", name, *WEEK_AFTER)
        assert ran.code == 2
        assert told in ran.err
        assert Path(name).read_text() == text

    def test_pins_that_there_are_none_of_are_no_preferences(self, shop: Path, pinproof: Command) -> None:
        shop.write_text("flask==77.0\nno-such-project==1.0\nwerkzeug==2.3.7\n")
        assert pinproof("lock", *WEEK_AFTER).code == 0
        assert pins(shop.read_text()) == FLASK_2

    def test_a_kill_leaves_the_lock_whole(self, index: LocalIndex, shop: Path, pinproof: Command) -> None:
        pinproof("lock", *WEEK_AFTER)
        old = shop.read_bytes()
        pinproof("lock", "-U", *MONTH_AFTER)
        new = shop.read_bytes()
        command = [sys.executable, "-m", "pinproof", "lock", *pinproof.options, "-U"]
        moments = random.Random(4)
        seen = set()
        for turn in range(20):
            dates = MONTH_AFTER if turn % 2 == 0 else WEEK_AFTER
            running = subprocess.Popen(
                [*command, *dates], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(moments.uniform(0.1, 1.2))
            running.kill()
            running.wait()
            seen.add(shop.read_bytes())
        assert seen <= {old, new}


class TestDeclarations:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ((), FLASK_2),
            (("--extra", "lib"), [*FLASK_2[:2], "lib==2.0", FLASK_2[2]]),
            (("--group", "test"), ["app==1.0", *FLASK_2[:2], "lib==2.0", FLASK_2[2]]),
            (("--group", "dev"), ["app==1.0", *FLASK_2[:2], "lib==2.0", FLASK_2[2]]),
        ],
    )
    def test_extras_and_groups(
        self, shop: Path, pinproof: Command, options: tuple[str, ...], expected: list[str]
    ) -> None:
        ran = pinproof("lock", *options, *WEEK_AFTER)
        assert ran.code == 0, ran.out + ran.err
        assert pins(shop.read_text()) == expected

    def test_settings_of_uv_count(
        self, shop: Path, pinproof: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("UV_NO_CONFIG")
        more = '[tool.uv]\nconstraint-dependencies = ["flask<2.3"]\noverride-dependencies = ["werkzeug==2.2.0"]\n'
        Path("pyproject.toml").write_text(f"{SHOP}\n{more}")
        assert pinproof("lock", *WEEK_AFTER).code == 0
        assert pins(shop.read_text()) == ["flask==2.2.0", "flask-login==0.6.2", "werkzeug==2.2.0"]

    def test_setup_cfg_is_read_not_built(self, shop: Path, pinproof: Command) -> None:
        Path("pyproject.toml").unlink()
        Path("setup.py").write_text("raise SystemExit('built')\n")
        Path("setup.cfg").write_text(
            "[metadata]\nname = shop\n[options]\ninstall_requires =\n    flask  # web\n    flask-login\n"
            "[options.extras_require]\nlib = lib\n"
        )
        assert pinproof("lock", "--extra", "lib", *WEEK_AFTER).code == 0
        assert pins(shop.read_text()) == [*FLASK_2[:2], "lib==2.0", FLASK_2[2]]
        assert "# via -r setup.cfg" in shop.read_text()

    def test_settings_of_tools_are_no_declaration(self, shop: Path, pinproof: Command) -> None:
        Path("pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
        Path("requirements.in").write_text("flask\nflask-login\n")
        assert pinproof("lock", *WEEK_AFTER).code == 0
        assert pins(shop.read_text()) == FLASK_2

    def test_requirements_with_includes_and_constraints(self, shop: Path, pinproof: Command) -> None:
        Path("in").mkdir()
        Path("in/base.in").write_text("-r more.in\n-c ../bounds.txt\nflask\n")
        Path("in/more.in").write_text("flask-login ; python_version > '3'\nlib ; python_version < '3'\n")
        Path("bounds.txt").write_text("werkzeug==2.2.0\n")
        ran = pinproof("lock", "in/base.in", *WEEK_AFTER)
        assert ran.code == 0, ran.err
        text = Path("in/base.txt").read_text()
        assert pins(text) == ["flask==2.2.0", "flask-login==0.6.2", "werkzeug==2.2.0"]

    def test_a_hundred_thousand_lines(self, shop: Path, pinproof: Command) -> None:
        lines = ["# nothing\n"] * 90_000 + ["flask >= 1 ; python_version > '3'\n", "flask-login\n"] * 5_000
        Path("requirements.in").write_text("".join(lines))
        assert pinproof("lock", "requirements.in", *WEEK_AFTER).code == 0
        assert pins(shop.read_text()) == FLASK_2

    def test_several_inputs(self, shop: Path, pinproof: Command) -> None:
        Path("more.in").write_text("lib\n")
        assert pinproof("lock", "pyproject.toml", "more.in", "-o", "requirements.txt", *WEEK_AFTER).code == 0
        assert "lib==2.0" in pins(shop.read_text())
        assert "via -r more.in" in shop.read_text()

    def test_a_script(self, shop: Path, pinproof: Command) -> None:
        Path("pyproject.toml").unlink()
        script = '# /// script\n# dependencies = ["lib"]\n# ///\nimport lib\nlib.escape("x")\n'
        Path("do-it.py").write_text(script)
        ran = pinproof("lock", "do-it.py")
        assert ran.code == 0, ran.err
        assert pins(Path("requirements-do-it.txt").read_text()) == ["lib==2.0"]
        assert "(do-it.py:5)" in ran.out

    @pytest.mark.parametrize(
        ("files", "arguments", "told"),
        [
            ({}, (), "nothing to lock"),
            ({"requirements.in": "flask\n-r loop.in\n", "loop.in": "\n-r requirements.in"}, (), "loop.in:2: "),
            ({"requirements.in": "-r gone.in\n"}, (), "requirements.in:1: cannot read gone.in"),
            ({"requirements.in": "flask\n==3\n"}, (), "requirements.in:2: cannot read"),
            ({"requirements.in": "--nonsense\n"}, (), "requirements.in:1: cannot read"),
            ({"requirements.in": "flask\n"}, ("--extra", "x"), "--extra x"),
            ({"requirements.in": "flask\n"}, ("--group", "x"), "--group x"),
            ({"requirements.in": "flask\n"}, ("-o", "requirements.in.txt", "gone.toml"), "gone.toml"),
            ({"requirements.txt": "flask\n"}, ("requirements.txt",), "would be overwritten"),
            ({"pyproject.toml": "[project\n"}, (), "pyproject.toml:1: not valid TOML"),
            ({"pyproject.toml": '[project]\nname="a"\ndependencies=[\n"flask>>3"]'}, (), "pyproject.toml:4: "),
            ({"pyproject.toml": '[project]\nname="a"\ndynamic = ["dependencies"]\n'}, (), "pyproject.toml:3: the dep"),
            ({"pyproject.toml": SHOP}, ("--extra", "nope"), "no extra 'nope', there are lib"),
            ({"pyproject.toml": SHOP}, ("--group", "nope"), "no dependency group 'nope', there are dev, test"),
            ({"pyproject.toml": '[dependency-groups]\na=[{include-group="a"}]'}, ("--group", "a"), "group 'a' cannot"),
            ({"pyproject.toml": "[tool.x]\n"}, ("pyproject.toml",), "pyproject.toml: it declares no requirements"),
            ({"setup.cfg": "install_requires = flask\n"}, (), "setup.cfg:1: cannot be read"),
            ({"setup.cfg": "[options]\ninstall_requires = file: a.txt\n"}, (), "setup.cfg:2: the requirements are in"),
            ({"x.py": "import lib\n"}, ("x.py",), "x.py: has no block"),
            ({"x.py": "# /// script\n# dependencies = [\n# ///\n"}, ("x.py",), "x.py"),
            ({"requirements.in": "-e ./gone\n"}, (), "gone"),
            ({"requirements.in": "flask\n"}, ("-P", "=="), "-P =="),
            ({"requirements.in": "nosuchproject\n"}, (), "nosuchproject"),
        ],
    )  # fmt: skip
    def test_bad_input(
        self,
        index: LocalIndex,
        pinproof: Command,
        files: dict[str, str],
        arguments: tuple[str, ...],
        told: str,
    ) -> None:
        for name, text in files.items():
            Path(name).write_text(text)
        ran = pinproof("lock", *arguments)
        assert ran.code == 2, ran.out + ran.err
        assert told in ran.err
        assert "Traceback" not in ran.err


class TestOwnSource:
    def run(self, pinproof: Command, source: str, at: str = "src/shop/views.py", *arguments: str) -> Ran:
        Path(at).parent.mkdir(parents=True, exist_ok=True)
        Path(at).write_text(source)
        return pinproof("lock", *arguments)

    @pytest.fixture
    def lib(self, index: LocalIndex) -> None:
        """`new` comes in 1.1, `old` goes in 2.0, `never` is in none."""
        names = {"1.0": "old", "1.1": "old new", "2.0": "new", "2.1": "new newest"}
        for month, (version, offered) in enumerate(names.items(), 1):
            text = "".join(f"def {name}(): ...\n" for name in offered.split())
            index.add("lib", version, {"lib/__init__.py": text}, uploaded=f"2022-{month:02}-01")
        Path("pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\ndependencies = ["lib"]\n')

    @pytest.mark.usefixtures("lib")
    @pytest.mark.parametrize("at", ["src/shop/views.py", "shop/views.py", "app.py", "lib/shop/sub/x.py"])
    def test_what_the_project_imports_must_be_there(self, pinproof: Command, at: str) -> None:
        ran = self.run(pinproof, "from lib import old\n", at)
        assert ran.code == 0, ran.out
        assert pins(Path("requirements.txt").read_text()) == ["lib==1.1"]
        assert f"lib<2: shop 1 imports lib.old ({at}:1), removed in lib 2.0" in ran.out
        assert pinproof("lock", "--check").code == 0
        Path(at).write_text("")
        assert pinproof("lock").code == 0
        assert pins(Path("requirements.txt").read_text()) == ["lib==1.1"]
        assert "bound" not in Path("requirements.txt").read_text()

    @pytest.mark.usefixtures("lib")
    @pytest.mark.parametrize(
        ("source", "at"),
        [
            ("from lib import never\n", "src/shop/views.py"),
            ("from lib import new\n", "src/shop/views.py"),
            ("try:\n    from lib import old\nexcept ImportError:\n    old = None\n", "src/shop/views.py"),
            ("from lib import old\n", "tests/test_views.py"),
            ("from lib import old\n", "docs/conf.py"),
            ("from lib import old\n", ".venv/lib/python3.11/site-packages/x.py"),
            ("from lib import old\n", "build/lib/shop/views.py"),
            ("import nobody_has_this\n", "src/shop/views.py"),
            ("from lib import (\n", "src/shop/views.py"),
        ],
    )
    def test_silence(self, pinproof: Command, source: str, at: str) -> None:
        self.run(pinproof, source, at)
        text = Path("requirements.txt").read_text()
        assert pins(text) == ["lib==2.1"]
        assert "bound" not in text

    @pytest.mark.usefixtures("lib")
    def test_what_no_declared_release_has_is_no_break(self, pinproof: Command) -> None:
        declared = Path("pyproject.toml").read_text().replace('"lib"', '"lib>=2"')
        Path("pyproject.toml").write_text(declared)
        assert self.run(pinproof, "from lib import old\n").code == 0

    @pytest.mark.usefixtures("lib")
    def test_a_pin_that_is_too_old_for_what_the_source_takes(self, pinproof: Command) -> None:
        Path("requirements.txt").write_text("lib==2.0\n")
        ran = self.run(pinproof, "from lib import newest\n")
        assert ran.code == 0
        assert "lib>=2.1: shop 1 imports lib.newest (src/shop/views.py:1), there since lib 2.1" in ran.out

    @pytest.mark.usefixtures("lib")
    def test_without_the_source(self, pinproof: Command) -> None:
        self.run(pinproof, "from lib import old\n", "src/shop/views.py", "--no-source")
        assert pins(Path("requirements.txt").read_text()) == ["lib==2.1"]

    @pytest.mark.usefixtures("lib")
    def test_tests_count_where_their_group_is_locked(self, pinproof: Command) -> None:
        with Path("pyproject.toml").open("a") as file:
            file.write("[dependency-groups]\ntest = []\n")
        self.run(pinproof, "from lib import old\n", "tests/test_views.py", "--group", "test")
        assert pins(Path("requirements.txt").read_text()) == ["lib==1.1"]

    def test_what_goes_away_is_named_with_its_line(self, index: LocalIndex, pinproof: Command) -> None:
        stories.deprecated_story(index)
        Path("requirements.in").write_text("lib\n")
        ran = self.run(pinproof, "import lib\n\n\ndef page(x):\n    return lib.escape(x)\n", "app.py")
        assert ran.code == 0
        assert "deprecated: project 0" in ran.out
        assert "lib.escape (app.py:5), deprecated since lib 2.0: " in ran.out


class TestIntoUv:
    @pytest.fixture(autouse=True)
    def _with_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("UV_NO_CONFIG")

    @staticmethod
    def run(pinproof: Command, *arguments: str) -> Ran:
        return pinproof.bare("lock", "--into", "uv", *pinproof.options[:4], *arguments)

    def test_a_bound_comes_and_goes(self, shop: Path, pinproof: Command) -> None:
        ran = self.run(pinproof, *WEEK_AFTER)
        assert ran.code == 0, ran.out + ran.err
        declared = Path("pyproject.toml").read_text()
        assert tomllib.loads(declared)["tool"]["uv"] == {"constraint-dependencies": ["werkzeug<3"]}
        assert "    # pinproof: flask-login 0.6.2 imports werkzeug.urls.url_decode (flask_login/" in declared
        locked = Path("uv.lock").read_text()
        assert {p["name"]: p["version"] for p in tomllib.loads(locked)["package"]}["werkzeug"] == "2.3.7"
        assert self.run(pinproof, "--check", *WEEK_AFTER).code == 0
        assert self.run(pinproof, *WEEK_AFTER).code == 0
        assert (Path("pyproject.toml").read_text(), Path("uv.lock").read_text()) == (declared, locked)

        ran = self.run(pinproof, "--check", *MONTH_AFTER)
        assert ran.code == 1
        assert '-    "werkzeug<3",' in ran.out
        assert Path("pyproject.toml").read_text() == declared
        assert self.run(pinproof, *MONTH_AFTER).code == 0
        assert Path("pyproject.toml").read_text() == SHOP
        now = {p["name"]: p["version"] for p in tomllib.loads(Path("uv.lock").read_text())["package"]}
        assert (now["flask-login"], now["werkzeug"]) == ("0.6.3", "2.3.7")

    def test_a_cooldown_stays_a_span(self, shop: Path, pinproof: Command) -> None:
        with Path("pyproject.toml").open("a") as file:
            file.write('[tool.pinproof]\nexclude-newer = "7 days"\nprerelease = "disallow"\n')
        assert self.run(pinproof).code == 0
        options = tomllib.loads(Path("uv.lock").read_text())["options"]
        assert (options["exclude-newer-span"], options["prerelease-mode"]) == ("P7D", "disallow")
        assert self.run(pinproof, "--check").code == 0

    def test_nothing_is_added_where_nothing_breaks(self, shop: Path, pinproof: Command) -> None:
        assert self.run(pinproof, *MONTH_AFTER).code == 0
        assert Path("pyproject.toml").read_text() == SHOP
        assert Path("uv.lock").exists()

    def test_no_set(self, shop: Path, pinproof: Command) -> None:
        text = SHOP.replace('"flask-login"', '"flask-login", "werkzeug>=3"')
        Path("pyproject.toml").write_text(text)
        assert self.run(pinproof, *WEEK_AFTER).code == 1
        assert (Path("pyproject.toml").read_text(), Path("uv.lock").exists()) == (text, False)

    def test_what_has_no_place(self, shop: Path, pinproof: Command) -> None:
        assert self.run(pinproof, "-o", "x.txt").code == 2
        assert self.run(pinproof, "more.in").code == 2
