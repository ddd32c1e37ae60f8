"""Which releases `pinproof lock` takes: cooldowns, pre-releases, yanked ones, wheels only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from command import Command

    from local_index import LocalIndex

LOCK = Path("requirements.txt")


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pins() -> list[str]:
    return [line.partition(" ")[0] for line in LOCK.read_text().splitlines() if "==" in line]


@pytest.fixture
def lib(index: LocalIndex) -> None:
    """`lib` has a release of long ago, of ten days ago and of today, and so has `tool`, which has no wheels."""
    for number, days in ((1, 400), (2, 10), (3, 0)):
        index.add("lib", f"{number}.0", {"lib/__init__.py": ""}, uploaded=days_ago(days))
        files = {"tool/__init__.py": ""}
        index.add("tool", f"{number}.0", files, sdist_ending=".tar.gz", uploaded=days_ago(days))
    Path("requirements.in").write_text("lib\ntool\n")


def declare(text: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.pinproof]\n{text}\n")


@pytest.mark.usefixtures("lib")
@pytest.mark.parametrize(
    ("said", "options", "expected"),
    [
        ("", (), ["lib==3.0", "tool==3.0"]),
        ('exclude-newer = "7 days"', (), ["lib==2.0", "tool==2.0"]),
        ('exclude-newer = "P30D"', (), ["lib==1.0", "tool==1.0"]),
        ('exclude-newer = "7 days"\nexclude-newer-package = { lib = false }', (), ["lib==3.0", "tool==2.0"]),
        ('exclude-newer = "7 days"\nexclude-newer-package = { tool = "30d" }', (), ["lib==2.0", "tool==1.0"]),
        ('exclude-newer = "7 days"', ("--exclude-newer", "30 days"), ["lib==1.0", "tool==1.0"]),
        (
            'exclude-newer = "7 days"',
            ("--exclude-newer-package", "tool=false"),
            ["lib==2.0", "tool==3.0"],
        ),
        ("", ("--exclude-newer", "7 days", "--as-of", days_ago(5)), ["lib==1.0", "tool==1.0"]),
        ("exclude-newer-package = { lib = false }", ("--as-of", days_ago(5)), ["lib==2.0", "tool==2.0"]),
    ],
)
def test_a_cooldown(pinproof: Command, said: str, options: tuple[str, ...], expected: list[str]) -> None:
    declare(said)
    ran = pinproof("lock", *options)
    assert ran.code == 0, ran.out + ran.err
    assert pins() == expected


@pytest.mark.usefixtures("lib")
def test_the_day_moves_and_the_lock_stands(pinproof: Command) -> None:
    declare('exclude-newer = "7 days"')
    assert pinproof("lock").code == 0
    today = datetime.now(UTC).date()
    written = LOCK.read_text()
    assert f"\n# As of {today} with a cooldown of 7 days, for Python 3.11 on linux\n" in written
    earlier = written.replace(str(today), str(today - timedelta(days=2)))
    LOCK.write_text(earlier)
    assert pinproof("lock", "--check").code == 0
    assert pinproof("lock").out.endswith("unchanged\n")
    assert LOCK.read_text() == earlier
    declare('exclude-newer = "5 days"')
    assert pinproof("lock", "--check").code == 1
    assert pinproof("lock").code == 0
    assert "with a cooldown of 5 days" in LOCK.read_text()


@pytest.mark.usefixtures("lib")
def test_what_was_pinned_before_the_cooldown_goes_back_and_is_told(pinproof: Command) -> None:
    pinproof("lock")
    declare('exclude-newer = "7 days"')
    assert "lib 3.0 -> 2.0 (downgrade), tool 3.0 -> 2.0 (downgrade)" in pinproof("lock").out


@pytest.mark.usefixtures("lib")
def test_options_stand_in_the_header(pinproof: Command) -> None:
    options = ("--exclude-newer", "7 days", "--exclude-newer-package", "lib=false", "--prerelease", "allow")
    assert pinproof("lock", *options, "--only-binary", "lib", "--resolution", "lowest-direct").code == 0
    told = (
        "-o requirements.txt '--exclude-newer=7 days' --exclude-newer-package=lib=false --prerelease=allow"
        " --only-binary=lib --resolution=lowest-direct"
    )
    assert told in LOCK.read_text().splitlines()[0]


class TestPrereleases:
    @pytest.fixture(autouse=True)
    def _lib(self, index: LocalIndex) -> None:
        index.add("lib", "1.0", {"lib/__init__.py": ""}, uploaded="2022-01-01")
        index.add("lib", "2.0rc1", {"lib/__init__.py": ""}, uploaded="2022-02-01")
        Path("requirements.in").write_text("lib\n")

    @pytest.mark.parametrize(("said", "expected"), [("disallow", "1.0"), ("allow", "2.0rc1")])
    def test_taken_or_not(self, pinproof: Command, said: str, expected: str) -> None:
        declare(f'prerelease = "{said}"')
        assert pinproof("lock").code == 0
        assert pins() == [f"lib=={expected}"]

    def test_disallowed_though_asked_for(self, pinproof: Command) -> None:
        Path("requirements.in").write_text("lib>=2.0rc1\n")
        assert pinproof("lock").code == 0
        assert pinproof("lock", "--prerelease", "disallow").code == 1


class TestOnlyBinary:
    @pytest.mark.usefixtures("lib")
    @pytest.mark.parametrize("which", [":all:", "tool"])
    def test_what_has_no_wheel_is_not_taken(self, pinproof: Command, which: str) -> None:
        assert pinproof("lock").code == 0
        declare(f'only-binary = ["{which}"]')
        ran = pinproof("lock")
        assert (ran.code, "no working set" in ran.out) == (1, True)

    @pytest.mark.usefixtures("lib")
    def test_installers_are_told(self, pinproof: Command) -> None:
        Path("requirements.in").write_text("lib\n")
        declare('only-binary = [":all:"]')
        assert pinproof("lock").code == 0
        assert "\n--only-binary :all:\nlib==3.0 " in LOCK.read_text()
        assert pinproof("lock", "--check").code == 0
        assert pinproof("verify").code == 0


class TestYanked:
    @pytest.fixture(autouse=True)
    def _lib(self, index: LocalIndex) -> None:
        index.add("lib", "1.0", {"lib/__init__.py": ""}, uploaded="2022-01-01")
        self.newest = index.add("lib", "2.0", {"lib/__init__.py": ""}, uploaded="2022-02-01")
        self.newest.yanked = "it eats data"
        Path("requirements.in").write_text("lib\n")

    def test_it_is_not_taken(self, pinproof: Command) -> None:
        ran = pinproof("lock")
        assert (ran.code, pins(), "yanked" in ran.out) == (0, ["lib==1.0"], False)

    def test_unless_it_is_declared_and_then_it_is_told(self, pinproof: Command) -> None:
        Path("requirements.in").write_text("lib==2.0\n")
        ran = pinproof("lock")
        assert (ran.code, pins()) == (0, ["lib==2.0"])
        assert "warning: lib 2.0 is yanked: it eats data\n" in ran.out
        [warning] = pinproof.json("lock").json["warnings"]
        assert (warning["kind"], warning["version"]) == ("yanked", "2.0")

    def test_what_was_locked_before_stays_and_is_told(self, pinproof: Command) -> None:
        LOCK.write_text("lib==2.0\n")
        ran = pinproof("lock")
        assert (ran.code, pins()) == (0, ["lib==2.0"])
        assert "warning: lib 2.0 is yanked" in ran.out
        assert pinproof("lock", "-U").code == 0
        assert pins() == ["lib==1.0"]


@pytest.mark.usefixtures("lib")
def test_a_key_that_there_is_none_of(pinproof: Command) -> None:
    declare('exclude-newest = "7 days"')
    ran = pinproof("lock")
    assert ran.code == 2
    assert "pyproject.toml:2: exclude-newest of [tool.pinproof]: there is no such key" in ran.err
    assert "Did you mean exclude-newer?" in ran.err
    assert not LOCK.exists()


@pytest.mark.usefixtures("lib")
def test_the_lowest_is_judged_too(index: LocalIndex, pinproof: Command) -> None:
    index.add("app", "1.0", {"app.py": "from lib import new\n"}, requires=["lib"], uploaded=days_ago(3))
    index.add("lib", "2.5", {"lib/__init__.py": "def new(): ...\n"}, uploaded=days_ago(4))
    Path("requirements.in").write_text("lib\napp\n")
    declare('resolution = "lowest-direct"')
    ran = pinproof("lock", "--as-of", days_ago(1))
    assert ran.code == 0, ran.out
    assert pins() == ["app==1.0", "lib==2.5"]
