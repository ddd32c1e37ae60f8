"""`pinproof verify`, end to end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stories

if TYPE_CHECKING:
    from command import Command
    from syrupy.assertion import SnapshotAssertion

    from local_index import LocalIndex


@pytest.fixture(autouse=True)
def _story(index: LocalIndex) -> None:
    stories.flask_login_story(index)


def write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def pylock(index: LocalIndex, pins: str) -> str:
    """A lock file (PEP 751) of these pins, with the files that the index has."""
    lines = ['lock-version = "1.0"', 'created-by = "hand"']
    for name, _, version in (line.partition("==") for line in pins.split()):
        upload = next(u for u in index.projects[name] if u.filename.split("-")[1] == version)
        wheel = f"name = '{upload.filename}', url = '{index.file_url(upload)}'"
        lines += ["", "[[packages]]", f"name = '{name}'", f"version = '{version}'"]
        lines += [f"wheels = [{{ {wheel}, hashes = {{ sha256 = '{upload.sha256}' }} }}]"]
    return "\n".join(lines)


PIPFILE_LOCK = """\
{
    "_meta": {"pipfile-spec": 6, "requires": {"python_version": "3.11"}},
    "default": {
        "flask-login": {"version": "==0.6.2"},
        "werkzeug": {"version": "==3.0.0"},
        "flask": {"version": "==3.0.0"}
    },
    "develop": {"absent": {"version": "==1.0"}}
}
"""

UV_LOCK = """\
version = 1
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "flask" }]
[package.dev-dependencies]
dev = [{ name = "werkzeug", version = "2.3.7" }]
docs = [{ name = "werkzeug", version = "3.0.0" }]
[[package]]
name = "flask"
version = "2.3.3"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "werkzeug"
version = "2.3.7"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "werkzeug"
version = "3.0.0"
source = { registry = "https://pypi.org/simple" }
"""


class TestAnswer:
    def test_broken(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        write("requirements.txt", stories.FLASK_3)
        ran = pinproof("verify")
        assert ran.code == 1
        assert ran.out == snapshot
        assert ran.err == ""

    def test_broken_as_json(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        write("requirements.txt", stories.FLASK_3)
        ran = pinproof.json("verify")
        assert ran.code == 1
        assert ran.json == snapshot

    def test_works(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        write("requirements.txt", stories.FLASK_2)
        ran = pinproof("verify", "requirements.txt")
        assert ran.code == 0
        assert ran.out == snapshot
        as_json = pinproof.json("verify").json
        assert (as_json["status"], as_json["breaks"], as_json["not_checked"]) == ("works", [], [])

    def test_latent_breaks_count_only_if_strict(
        self, index: LocalIndex, pinproof: Command, snapshot: SnapshotAssertion
    ) -> None:
        stories.latent_story(index)
        write("requirements.txt", "app==1.0\nlib==2.0\n")
        lax, strict = pinproof("verify"), pinproof("verify", "--strict")
        assert (lax.code, strict.code) == (0, 1)
        assert lax.out == snapshot
        assert pinproof.json("verify").json["status"] == "works"
        assert pinproof.json("verify", "--strict").json["status"] == "broken"

    def test_strict_is_silent_where_nothing_breaks(self, pinproof: Command) -> None:
        write("requirements.txt", stories.FLASK_2)
        assert pinproof("verify", "--strict").code == 0

    def test_deprecated_is_no_break(self, index: LocalIndex, pinproof: Command) -> None:
        stories.deprecated_story(index)
        write("requirements.txt", "app==1.0\nlib==2.0\n")
        ran = pinproof.json("verify", "--strict")
        assert ran.code == 0
        assert [b["severity"] for b in ran.json["breaks"]] == ["deprecated"]

    def test_pylock(self, index: LocalIndex, pinproof: Command) -> None:
        write("requirements.txt", stories.FLASK_2)
        write("pylock.toml", pylock(index, stories.FLASK_3))
        ran = pinproof("verify")
        assert ran.code == 1
        assert "pylock.toml:15 pins werkzeug 3.0.0" in ran.out

    def test_pylock_with_a_wrong_hash(self, index: LocalIndex, pinproof: Command) -> None:
        write("pylock.toml", re.sub("sha256 = '.{8}", "sha256 = '00000000", pylock(index, stories.FLASK_2)))
        ran = pinproof.json("verify")
        assert (ran.code, ran.json["status"]) == (1, "not-checked")

    def test_what_is_no_release_is_not_checked(self, pinproof: Command, snapshot: SnapshotAssertion) -> None:
        text = f"{stories.FLASK_2}-e ./mine\nmine2 @ git+https://user:secret@example.org/mine2\nabsent==1.0\n"
        write("requirements.txt", text)
        ran = pinproof("verify")
        assert ran.code == 1
        assert ran.out == snapshot
        assert "secret" not in ran.out
        assert pinproof.json("verify").json["status"] == "not-checked"

    def test_a_wrong_hash_is_not_checked(self, index: LocalIndex, pinproof: Command) -> None:
        index.add("liar", "1.0").sha256 = "0" * 64
        write("requirements.txt", "liar==1.0\n")
        ran = pinproof.json("verify")
        assert (ran.code, ran.json["status"]) == (1, "not-checked")

    def test_a_module_that_cannot_be_parsed_is_only_listed(
        self, index: LocalIndex, pinproof: Command
    ) -> None:
        index.add("odd", "1.0", {"odd/__init__.py": "from odd import two\n", "odd/two.py": "def ("})
        write("requirements.txt", "odd==1.0\n")
        ran = pinproof.json("verify")
        assert (ran.code, ran.json["status"]) == (0, "works")
        assert [entry["name"] for entry in ran.json["not_checked"]] == ["odd 1.0: odd.two"]

    def test_a_requirement_that_the_set_does_not_pin(self, pinproof: Command) -> None:
        write("requirements.txt", "flask==2.3.3\n")
        ran = pinproof("verify")
        assert ran.code == 1
        assert "(flask/__init__.py:1): flask requires werkzeug, which the set does not have" in ran.out

    def test_a_requirement_that_the_package_forgot(self, index: LocalIndex, pinproof: Command) -> None:
        stories.missing_requirement_story(index)
        write("requirements.txt", "tool==1.0\nmiddle==2.0\n")
        ran = pinproof("verify")
        assert ran.code == 1
        assert "but requires nothing that provides it; shared does" in ran.out
        write("requirements.txt", "tool==1.0\nmiddle==2.0\nshared==1.0\n")
        assert pinproof("verify").code == 0

    def test_quiet(self, pinproof: Command) -> None:
        write("requirements.txt", stories.FLASK_2)
        assert pinproof("verify", "-q").out.strip() == ""


class TestReading:
    def test_includes_are_relative_to_the_file(self, pinproof: Command) -> None:
        write("deep/requirements.txt", "-r base/pins.txt\n-c base/limits.txt\nflask-login==0.6.2\n")
        write("deep/base/pins.txt", "flask==3.0.0\nwerkzeug==3.0.0\n")
        write("deep/base/limits.txt", "flask==3.0.0\nunused==1\n")
        ran = pinproof("verify", "deep/requirements.txt")
        assert ran.code == 1
        assert "3 packages" in ran.out

    def test_a_cycle_names_both_lines(self, pinproof: Command) -> None:
        write("a.txt", "flask==3.0.0\n-r b.txt\n")
        write("b.txt", "\n\n-r a.txt\n")
        ran = pinproof("verify", "a.txt")
        assert ran.code == 2
        assert "b.txt:3" in ran.err
        assert "a.txt:2" in ran.err

    def test_the_same_file_twice_is_no_cycle(self, pinproof: Command) -> None:
        write("a.txt", "-r b.txt\n-r b.txt\n")
        write("b.txt", stories.FLASK_2)
        assert pinproof("verify", "a.txt").code == 0

    def test_markers_hold_for_the_target(self, pinproof: Command) -> None:
        text = (
            'werkzeug==3.0.0; python_version >= "3.12"\nwerkzeug==2.3.7; python_full_version < "3.12"\n'
            'absent==1.0; sys_platform == "win32"\n'
        )
        write("requirements.txt", text)
        ran = pinproof.json("verify")
        assert ran.pins == {"werkzeug": "2.3.7"}
        assert ran.json["not_checked"] == []
        on_windows = pinproof.json("verify", "--python-platform", "windows", "--python-version", "3.12")
        assert on_windows.pins == {"werkzeug": "3.0.0", "absent": "1.0"}

    def test_pins_that_contradict_each_other_across_files(self, pinproof: Command) -> None:
        write("a.txt", "-r b.txt\nflask==3.0.0\n")
        write("b.txt", "flask==2.3.3\n")
        ran = pinproof("verify", "a.txt")
        assert ran.code == 2
        assert "a.txt:2" in ran.err
        assert "b.txt:1" in ran.err

    def test_the_index_of_the_file_counts_where_no_option_says_otherwise(
        self, index: LocalIndex, pinproof: Command, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PORT", index.host.rpartition(":")[2])
        write("requirements.txt", f"--index-url http://127.0.0.1:${{PORT}}/simple\n{stories.FLASK_3}")
        options = ("--cache-dir", str(cache), "--python-version", "3.11")
        assert pinproof.bare("verify", *options).code == 1
        write("requirements.txt", f"--index-url http://127.0.0.1:9/simple\n{stories.FLASK_3}")
        assert pinproof("verify").code == 1

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("a.txt", "flask>=2\n", "a.txt:1"),
            ("a.txt", "flask==3.0.0\n<<<<<<< HEAD\n", "a.txt:2"),
            ("a.txt", b"flask==3.0.0\n\xff\xfe\x00", "a.txt:2"),
            ("a.txt", b"\x7fELF\x00\x01\x02", "a.txt:1"),
            ("a.txt", "", "nothing to verify"),
            ("a.txt", "# only a comment\n", "nothing to verify"),
            ("a.txt", "-r gone.txt\n", "a.txt:1: cannot read gone.txt"),
            ("a.txt", '-r "a\0b"\n', "a.txt:1: cannot read a\0b"),
            ("a.txt", "flask==3.0.0 --hash=sha256:0123\n", "a.txt:1: not a hash: 'sha256:0123'"),
            ("a.txt", "x" * 10_000 + ">=1\n", "a.txt:1: 'xxx"),
            ("a.txt", "-r a.txt\n", "a.txt:1: includes a.txt, which includes this file again in a.txt:1"),
            ("a.txt", "--no-index\nflask==3.0.0\n", "--no-index"),
            ("pylock.toml", "lock-version = \n", "pylock.toml:1"),
            ("pylock.toml", 'lock-version = "1.0"\n', "PEP 751"),
            ("a.json", "{}", "a.json"),
        ],
    )
    def test_what_cannot_be_read(self, pinproof: Command, name: str, text: str | bytes, told: str) -> None:
        write(name, text)
        ran = pinproof("verify", name)
        assert ran.code == 2
        assert ran.out == ""
        assert ran.err.startswith("error: ")
        assert told in ran.err
        assert len(ran.err) < 2000

    def test_no_such_file(self, pinproof: Command) -> None:
        ran = pinproof("verify", "gone.txt")
        assert (ran.code, ran.err) == (2, "error: cannot read gone.txt: there is no such file\n")

    def test_a_folder(self, pinproof: Command) -> None:
        ran = pinproof("verify", ".")
        assert ran.code == 2
        assert "none of pylock.toml, uv.lock" in ran.err

    def test_a_folder_with_a_lock(self, index: LocalIndex, pinproof: Command) -> None:
        write("project/pylock.toml", pylock(index, stories.FLASK_3))
        ran = pinproof("verify", "project")
        assert (ran.code, ran.err) == (1, "")
        assert "project/pylock.toml:15 pins werkzeug 3.0.0" in ran.out

    def test_of_several_locks_the_first_is_taken_and_the_others_are_named(self, pinproof: Command) -> None:
        write("Pipfile.lock", PIPFILE_LOCK)
        write("requirements.txt", stories.FLASK_2)
        ran = pinproof("verify")
        assert (ran.code, ran.err) == (
            1,
            "warning: verifying Pipfile.lock; not looked at: requirements.txt (name one to verify it instead)\n",
        )
        assert "Pipfile.lock:5 pins werkzeug 3.0.0" in ran.out
        assert pinproof("verify", "-q").err == ""
        named = pinproof("verify", "requirements.txt")
        assert (named.code, named.err) == (0, "")

    def test_a_lock_for_another_python(self, pinproof: Command) -> None:
        write("Pipfile.lock", PIPFILE_LOCK)
        ran = pinproof("verify", "--python-version", "3.12")
        assert ran.code == 2
        assert "Pipfile.lock: made for Python ==3.11.*, which Python 3.12 is not" in ran.err
        assert "--python-version" in ran.err

    def test_the_project_beside_a_lock_names_its_default_groups(self, pinproof: Command) -> None:
        write("project/uv.lock", UV_LOCK)
        assert pinproof.json("verify", "project").pins == {"flask": "2.3.3", "werkzeug": "2.3.7"}
        write("project/pyproject.toml", "[tool.uv]\ndefault-groups = ['docs']\n")
        assert pinproof.json("verify", "project").pins == {"flask": "2.3.3", "werkzeug": "3.0.0"}

    def test_constraints(self, pinproof: Command) -> None:
        write("constraints.txt", f"{stories.FLASK_2}lib<2\n")
        ran = pinproof.json("verify", "constraints.txt")
        assert (ran.code, ran.json["status"]) == (1, "not-checked")
        assert [e["reason"] for e in ran.json["not_checked"]] == [
            "constraints.txt:4: 'lib<2' is not pinned to one version"
        ]
        write("requirements.txt", f"-c limits.txt\n{stories.FLASK_2}")
        write("limits.txt", "lib<2\nflask==2.3.3\n")
        assert pinproof("verify", "requirements.txt").code == 0

    @pytest.mark.slow
    def test_a_hundred_thousand_lines(self, pinproof: Command) -> None:
        write("a.txt", "".join(f"p{n}==1.0 ; sys_platform == 'win32'\n" for n in range(100_000)) + "flask\n")
        ran = pinproof("verify", "a.txt")
        assert ran.code == 2
        assert "a.txt:100001: 'flask' is not pinned" in ran.err

    def test_a_huge_file(self, pinproof: Command) -> None:
        with Path("huge.txt").open("wb") as file:
            file.truncate(51 * 1024 * 1024)
        ran = pinproof("verify", "huge.txt")
        assert ran.code == 2
        assert "50 MB" in ran.err

    def test_nothing_in_the_folder(self, pinproof: Command) -> None:
        ran = pinproof("verify")
        assert ran.code == 2
        assert "none of pylock.toml, uv.lock" in ran.err
