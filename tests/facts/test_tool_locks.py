"""Locks that the tools themselves made for one project, and what goes wrong with such files.

`made_by_tools` has them as they were written, but for the wheels of platforms that nobody asks for here.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinproof.errors import InputError
from pinproof.facts.locks import Indexes, read_lock
from pinproof.facts.locks.poetry_versions import alternatives, python_marker

if TYPE_CHECKING:
    from pinproof.facts.locks import PinnedFile

MADE = Path(__file__).parent / "made_by_tools"
LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "os_name": "posix",
}
WINDOWS = LINUX | {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
MAIN = {
    "blinker": "1.6.2",
    "click": "8.1.7",
    "flask": "2.3.3",
    "flask-login": "0.6.2",
    "itsdangerous": "2.1.2",
    "jinja2": "3.1.2",
    "markupsafe": "2.1.3",
    "werkzeug": "3.0.0",
}
WITH_DEV = {**MAIN, "six": "1.16.0"}
LOCKS = {
    "uv/uv.lock": WITH_DEV,
    "uv/pylock.toml": WITH_DEV,
    "uv/requirements.txt": WITH_DEV,
    "poetry-2.5/poetry.lock": WITH_DEV,
    "poetry-1.8/poetry.lock": WITH_DEV,
    "pdm/pdm.lock": WITH_DEV,
    "pdm-no-inherit/pdm.lock": WITH_DEV,
    "pipenv/Pipfile.lock": MAIN,
    "pip-tools/requirements.txt": MAIN,
    "pip/pylock.toml": MAIN,
}
TOML = ("uv/uv.lock", "poetry-2.5/poetry.lock", "poetry-1.8/poetry.lock", "pdm/pdm.lock")


def made(path: str) -> str:
    return (MADE / path).read_text(encoding="utf-8")


def read(path: str) -> PinnedFile:
    project = (MADE / path).parent / "pyproject.toml"
    return read_lock(made(path), path, project.read_bytes() if project.exists() else None)


def pins(file: PinnedFile, environment: dict[str, str]) -> dict[str, str]:
    return {pin.name: str(pin.version) for pin in file.pins(environment)}


@pytest.mark.parametrize("path", LOCKS)
class TestMadeByTools:
    def test_pins(self, path: str) -> None:
        file = read(path)
        assert pins(file, LINUX) == LOCKS[path]
        assert file.unchecked(LINUX) == ()
        # pip, pipenv and pip-tools lock for the machine that they run on.
        more = {} if path.startswith("pip") else {"colorama": "0.4.6"}
        assert pins(file, WINDOWS) == LOCKS[path] | more

    def test_the_same_with_one_other_pin(self, path: str) -> None:
        """What each tool made of the set that works."""
        assert pins(read(f"works/{path}"), LINUX) == LOCKS[path] | {"werkzeug": "2.3.7"}

    def test_lines(self, path: str) -> None:
        lines = made(path).splitlines()
        for pin in read(path).pins(LINUX):
            assert pin.line is not None
            assert pin.name in lines[pin.line - 1]

    def test_hashes(self, path: str) -> None:
        file = read(path)
        for entry in file.locked:
            hashes = entry.hashes or [f.sha256 for f in entry.pin.files if f.sha256]
            assert hashes
            assert len({len(h.removeprefix("sha256:")) for h in hashes}) == 1

    def test_a_merge_conflict_names_the_line(self, path: str) -> None:
        lines = made(path).splitlines()
        lines.insert(20, "<<<<<<< HEAD")
        with pytest.raises(InputError, match=r":21: unresolved merge conflict"):
            read_lock("\n".join(lines), path)

    def test_every_half_of_it_raises_nothing_but_input_errors(self, path: str) -> None:
        text = made(path)
        for end in range(0, len(text), 97):
            with contextlib.suppress(InputError):
                file = read_lock(text[:end], path)
                file.pins(LINUX)
                file.unchecked(LINUX)


@pytest.mark.parametrize("path", [p for p in LOCKS if not p.endswith((".txt", "pylock.toml"))])
def test_the_first_half_of_it_is_refused(path: str) -> None:
    """Where the end says what the file is, or the last table is cut; uv.lock cut between packages is whole TOML."""
    text = made(path)
    with pytest.raises(InputError, match=rf"{path}(:\d+)?: not"):
        read_lock(text[: text.index("hash") + 3], path)


@pytest.mark.parametrize("path", TOML)
def test_an_impossible_pin_names_the_line(path: str) -> None:
    text = made(path).replace('version = "2.3.3"', 'version = "two"')
    line = next(n for n, t in enumerate(text.splitlines(), 1) if t == 'name = "flask"')
    with pytest.raises(InputError, match=rf"{path}:{line}: .*'two' is not a version"):
        read_lock(text, path)


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("uv/uv.lock", "version = 1\n", "version = 7\n", "version 7 of uv.lock is not known"),
        ("uv/uv.lock", "version = 1\n", "", "not a lock file of uv"),
        ("uv/uv.lock", 'name = "click"\n', "", "the package has no name"),
        ("uv/uv.lock", "marker = \"sys_platform == 'win32'\"", 'marker = "?"', "cannot read the marker"),
        ("uv/uv.lock", '{ name = "blinker" }', '"blinker"', "cannot read the dependency"),
        ("poetry-2.5/poetry.lock", 'lock-version = "2.1"', 'lock-version = "3.0"', "'3.0' of poetry.lock"),
        ("poetry-2.5/poetry.lock", "[metadata]", "[meta]", "not a lock file of poetry"),
        ("poetry-2.5/poetry.lock", 'groups = ["dev"]', "groups = 1", "its groups is 1"),
        ("pdm/pdm.lock", 'lock_version = "4.5.0"', 'lock_version = "9"', "'9' of pdm.lock"),
        ("pdm-no-inherit/pdm.lock", "click>=8.1.3", "click>=>8", "cannot read the dependency"),
        ("pipenv/Pipfile.lock", '"pipfile-spec": 6', '"pipfile-spec": 9', "pipfile-spec 9 is not known"),
        ("pipenv/Pipfile.lock", '"==2.3.3"', '">=2.3.3"', "Pipfile.lock:37: flask: '>=2.3.3' is not pinned"),
        ("pipenv/Pipfile.lock", '"_meta"', '"meta"', "not a lock file of pipenv"),
        ("pipenv/Pipfile.lock", '"flask": {', '"flask": [', "not valid JSON"),
    ],
)
def test_what_the_tool_would_not_write(path: str, old: str, new: str, told: str) -> None:
    text = made(path)
    assert old in text
    with pytest.raises(InputError) as caught:
        read_lock(text.replace(old, new), path).pins(LINUX)
    assert told in caught.value.message
    assert path in caught.value.message
    assert caught.value.hint


UV = """\
version = 1
requires-python = ">=3.9"
[manifest]
members = ["app", "lib"]
[[package]]
name = "app"
version = "1"
source = { editable = "." }
dependencies = [
    { name = "lib" },
    { name = "n", version = "1", source = { registry = "https://e/s" }, marker = "python_full_version < '3.10'" },
    { name = "n", version = "2", source = { registry = "https://e/s" }, marker = "python_full_version >= '3.10'" },
    { name = "b", extra = ["fast"] },
]
[package.dev-dependencies]
dev = [{ name = "d" }]
docs = [{ name = "o" }]
[[package]]
name = "lib"
version = "1"
source = { editable = "packages/lib" }
dependencies = [{ name = "g" }]
[[package]]
name = "n"
version = "1"
source = { registry = "https://e/s" }
resolution-markers = ["python_full_version < '3.10'"]
[[package]]
name = "n"
version = "2"
source = { registry = "https://e/s" }
resolution-markers = ["python_full_version >= '3.10'"]
[[package]]
name = "b"
version = "1"
source = { registry = "https://e/s" }
dependencies = [{ name = "c" }]
[package.optional-dependencies]
fast = [{ name = "f" }]
slow = [{ name = "s" }]
[[package]]
name = "c"
version = "1"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "b" }]
[[package]]
name = "d"
version = "1"
source = { registry = "https://e/s" }
[[package]]
name = "f"
version = "1"
source = { registry = "https://e/s" }
[[package]]
name = "g"
version = "1"
source = { git = "https://u:secret@e/g?rev=1#abc" }
[[package]]
name = "o"
version = "1"
source = { registry = "https://e/s" }
[[package]]
name = "s"
version = "1"
source = { url = "https://e/s.zip" }
"""


class TestUv:
    def test_the_graph(self) -> None:
        file = read_lock(UV, "uv.lock")
        assert pins(file, LINUX) == {"n": "2", "b": "1", "c": "1", "d": "1", "f": "1"}
        old = LINUX | {"python_version": "3.9", "python_full_version": "3.9.0"}
        assert pins(file, old)["n"] == "1"
        assert file.projects == (".", "packages/lib")

    def test_what_is_not_checked(self) -> None:
        (entry,) = read_lock(UV, "uv.lock").unchecked(LINUX)
        assert (entry.name, entry.line) == ("g", 55)
        assert entry.reason == "it comes from a git repository: https://e/g?rev=1#abc"

    def test_the_groups_that_are_defaults(self) -> None:
        groups = {"docs": '["docs"]', "all": '"all"'}
        asked = {
            key: read_lock(UV, "uv.lock", f"[tool.uv]\ndefault-groups = {text}")
            for key, text in groups.items()
        }
        assert {"d", "o"} & pins(asked["docs"], LINUX).keys() == {"o"}
        assert {"d", "o"} & pins(asked["all"], LINUX).keys() == {"d", "o"}
        broken = read_lock(UV, "uv.lock", "<<<<<<<")
        assert {"d", "o"} & pins(broken, LINUX).keys() == {"d"}

    def test_indexes(self) -> None:
        assert read_lock(UV, "uv.lock").indexes == Indexes("https://pypi.org/simple", ("https://e/s",))

    def test_a_file_that_ends_between_two_packages(self) -> None:
        text = UV[: UV.index('[[package]]\nname = "s"')]
        with pytest.raises(InputError, match=r"uv\.lock:34: b needs s, which is not in the file"):
            read_lock(text, "uv.lock")

    def test_a_script(self) -> None:
        text = UV[: UV.index("members")] + 'requirements = [{ name = "c" }]\n' + UV[UV.index("[[package]]") :]
        text = text.replace('{ editable = "." }', '{ registry = "https://e/s" }')
        assert pins(read_lock(text, "x.py.lock"), LINUX) == {"b": "1", "c": "1"}


POETRY = """\
[[package]]
name = "A"
version = "1"
category = "main"
optional = false
python-versions = "*"
[package.dependencies]
b = [{version = "^1.0", markers = "python_version < '3.10'"}, {version = ">=2", markers = "python_version >= '3.10'"}]
c = {version = "*", optional = true, markers = "extra == 'c'"}
[package.extras]
c = ["c"]
[[package]]
name = "b"
version = "1.5"
optional = false
[[package]]
name = "b"
version = "2.5"
optional = false
[[package]]
name = "c"
version = "1"
optional = true
[[package]]
name = "g"
version = "0.1"
optional = false
[package.source]
type = "git"
url = "https://e/g"
[metadata]
lock-version = "1.1"
python-versions = "^3.8"
[metadata.files]
A = [{file = "a.whl", hash = "sha256:00"}]
"""


class TestPoetry:
    def test_the_graph_without_a_project(self) -> None:
        file = read_lock(POETRY, "poetry.lock")
        assert pins(file, LINUX) == {"a": "1", "b": "2.5"}
        assert pins(file, LINUX | {"python_version": "3.9"}) == {"a": "1", "b": "1.5"}
        assert file.locked[0].hashes == ("sha256:00",)
        assert [(u.name, u.reason) for u in file.unchecked(LINUX)] == [
            ("g", "it comes from a git repository: https://e/g")
        ]

    def test_the_project_says_what_is_asked_for(self) -> None:
        project = '[tool.poetry.dependencies]\nA = {version = "*", extras = ["c"]}\npython = "^3.8"\n'
        file = read_lock(POETRY, "poetry.lock", project)
        assert pins(file, LINUX) == {"a": "1", "b": "2.5", "c": "1"}
        assert file.unchecked(LINUX) == ()
        later = '[tool.poetry.dependencies]\nA = {version = "*", python = ">=3.12"}\n'
        assert pins(read_lock(POETRY, "poetry.lock", later), LINUX) == {}

    def test_groups_that_are_optional(self) -> None:
        project = "[tool.poetry.group.dev]\noptional = true\n"
        file = read_lock(made("poetry-2.5/poetry.lock"), "poetry.lock", project)
        assert pins(file, LINUX) == MAIN

    @pytest.mark.parametrize(
        ("text", "allowed", "refused"),
        [
            ("^1.2.3", "1.9", "2.0"),
            ("^0.2.3", "0.2.9", "0.3"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("~1.2", "1.2.9", "1.3"),
            ("~1", "1.9", "2"),
            ("1.*", "1.4", "2"),
            ("1.2.3", "1.2.3", "1.2.4"),
            (">=1,<2 || >3", "4", "2.5"),
            (">=1 <2", "1.5", "2.5"),
            ("~=1.4", "1.5", "2"),
        ],
    )
    def test_versions(self, text: str, allowed: str, refused: str) -> None:
        found = alternatives(text)
        assert any(s.contains(allowed) for s in found)
        assert not any(s.contains(refused) for s in found)

    def test_versions_that_are_none(self) -> None:
        assert alternatives("what") == ()
        assert python_marker("what") is None
        assert python_marker("*") is None


def test_pdm_without_a_project_starts_from_what_nothing_needs() -> None:
    path = "pdm-no-inherit/pdm.lock"
    assert pins(read_lock(made(path), path), LINUX) == WITH_DEV
    project = '[project]\ndependencies = ["jinja2"]\n'
    assert pins(read_lock(made(path), path, project), LINUX) == {"jinja2": "3.1.2", "markupsafe": "2.1.3"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('git = "https://u:secret@e/x"', "it comes from a git repository: https://e/x"),
        ('path = "./x"', "it is ./x on somebody's disk"),
        ('url = "https://e/x.zip"', "it comes from https://e/x.zip"),
    ],
)
def test_what_pdm_takes_from_elsewhere_is_not_checked(said: str, reason: str) -> None:
    text = f'[metadata]\nlock_version = "4.5"\n[[package]]\nname = "x"\nversion = "1"\n{said}\n'
    assert [u.reason for u in read_lock(text, "pdm.lock").unchecked(LINUX)] == [reason]


def test_what_pipenv_takes_from_elsewhere_is_not_checked() -> None:
    text = '{"_meta": {"pipfile-spec": 6}, "default": {"x": {"git": "https://u:p@e/x"}, "y": {"editable": true}}}'
    told = [(u.name, u.reason) for u in read_lock(text, "Pipfile.lock").unchecked(LINUX)]
    assert told == [
        ("x", "it comes from a git repository: https://e/x"),
        ("y", "the lock file gives no version"),
    ]


def test_constraints_that_are_no_pins_are_named() -> None:
    file = read_lock("a==1\nb<2\nc\n", "constraints.txt")
    assert pins(file, LINUX) == {"a": "1"}
    assert [(u.name, u.line) for u in file.unchecked(LINUX)] == [("b", 2), ("c", 3)]
    with pytest.raises(InputError, match="not pinned"):
        read_lock("b<2\n", "requirements.txt")


@given(st.sampled_from([*TOML, "pipenv/Pipfile.lock", "pdm-no-inherit/pdm.lock"]), st.data())
def test_mutated_locks_raise_nothing_but_input_errors(path: str, data: st.DataObject) -> None:
    text = made(path)
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 40)))
    inserted = data.draw(st.text(alphabet="ab1 =.[]{}\"'#\\\n;:,|^~", max_size=8))
    with contextlib.suppress(InputError):
        file = read_lock(text[:start] + inserted + text[stop:], path)
        file.pins(LINUX)
        file.unchecked(LINUX)
