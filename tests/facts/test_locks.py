"""Reading what other tools pinned."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from pinproof.errors import InputError
from pinproof.facts.locks import Include, Indexes, format_of, read_lock, reader_of
from pinproof.facts.locks.pdm_lock import read_pdm_lock
from pinproof.facts.locks.pipfile_lock import read_pipfile_lock
from pinproof.facts.locks.poetry_lock import read_poetry_lock
from pinproof.facts.locks.pylock import read_pylock
from pinproof.facts.locks.requirements import logical_lines, read_constraints, read_requirements
from pinproof.facts.locks.uv_lock import read_uv_lock

LINUX = {
    "sys_platform": "linux",
    "python_version": "3.11",
    "python_full_version": "3.11.9",
    "os_name": "posix",
}
WINDOWS = LINUX | {"sys_platform": "win32", "os_name": "nt"}
SHA = "0123456789abcdef" * 4

REQUIREMENTS = f"""\
# made by hand
--index-url https://user:secret@example.org/simple
--extra-index-url=https://example.org/more
-f ./wheels
--no-index
--require-hashes
flask[async]==3.0.0 \\
    --hash=sha256:{SHA} \\
    --hash=sha256:{SHA[::-1]}
    # via -r requirements.in
colorama==0.4.6 ; sys_platform == "win32"  # a comment
Typing.Extensions===4.8.0
-r more.txt
--requirement=even-more.txt
-c constraints.txt
"""

PYLOCK = f"""\
lock-version = "1.0"
created-by = "uv"
default-groups = ["main"]

[[packages]]
name = "werkzeug"
version = "3.0.0"
index = "https://example.org/simple"
sdist = {{ url = "https://example.org/f/werkzeug-3.0.0.tar.gz", hashes = {{ md5 = "00" }} }}
wheels = [
  {{ url = "https://example.org/f/werkzeug-3.0.0-py3-none-any.whl", upload-time = 2023-09-30T16:00:00+02:00, \
size = 226600, hashes = {{ sha256 = "{SHA.upper()}" }} }},
]

[[packages]]
# the name is not in the first line
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
wheels = [{{ path = "wheels/colorama-0.4.6-py2.py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]

[[packages]]
name = "mine"
directory = {{ path = ".", editable = true }}

[[packages]]
name = "theirs"
version = "1.0"
vcs = {{ type = "git", url = "https://example.org/theirs", commit-id = "abc" }}

[[packages]]
name = "elsewhere"
marker = "'dev' in dependency_groups"
archive = {{ url = "https://example.org/elsewhere.zip", hashes = {{ sha256 = "{SHA}" }} }}
"""


class TestRequirements:
    def test_pins(self) -> None:
        read = read_requirements(REQUIREMENTS, "requirements.txt")
        assert [(e.pin.name, str(e.pin.version), e.pin.line) for e in read.locked] == [
            ("flask", "3.0.0", 7),
            ("colorama", "0.4.6", 11),
            ("typing-extensions", "4.8.0", 12),
        ]
        assert read.locked[0].extras == {"async"}
        assert read.locked[0].hashes == (f"sha256:{SHA}", f"sha256:{SHA[::-1]}")

    def test_markers(self) -> None:
        read = read_requirements(REQUIREMENTS)
        assert [p.name for p in read.pins(LINUX)] == ["flask", "typing-extensions"]
        assert [p.name for p in read.pins(WINDOWS)] == ["flask", "colorama", "typing-extensions"]

    def test_options(self) -> None:
        read = read_requirements(REQUIREMENTS)
        assert read.indexes == Indexes(
            "https://user:secret@example.org/simple",
            ("https://example.org/more",),
            ("./wheels",),
            no_index=True,
        )
        assert read.includes == (
            Include("more.txt", 13),
            Include("even-more.txt", 14),
            Include("constraints.txt", 15, is_constraint=True),
        )

    @pytest.mark.parametrize(
        ("line", "name", "part_of_reason"),
        [
            ("-e .", ".", "editable"),
            ("-e git+https://token@example.org/a.git@v1#egg=b", "b", "git+https://example.org/a.git@v1"),
            ("git+ssh://git@example.org/a/b.git@main", "b", "direct"),
            ("https://example.org/foo_bar-1.0-py3-none-any.whl", "foo_bar", "direct"),
            (f"./dist/foo-1.0.tar.gz --hash=sha256:{'0' * 64}", "foo", "direct"),
            ("foo-1.0-py3-none-any.whl", "foo", "direct"),
            ("../sibling", "sibling", "direct"),
            ("/abs/olute ; sys_platform == 'linux'", "olute", "direct"),
            ("file:///x/foo-1.0.zip", "foo", "direct"),
            ("folder/inside", "inside", "direct"),
            ("foo @ https://u:p@example.org/foo.zip", "foo", "it comes from https://example.org/foo.zip"),
            ("foo @ file:///x ; sys_platform == 'linux'", "foo", "file:///x"),
        ],
    )
    def test_not_checked(self, line: str, name: str, part_of_reason: str) -> None:
        read = read_requirements(f"\n{line}\n")
        assert read.locked == ()
        (entry,) = read.unchecked(LINUX)
        assert (entry.name, entry.line) == (name, 2)
        assert part_of_reason in entry.reason

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            ("\nflask>=2", "r.txt:2: 'flask>=2' is not pinned", "uv pip compile"),
            ("flask", "r.txt:1: 'flask' is not pinned", "pinproof solve"),
            ("flask==2.*", "is not pinned", "uv pip compile"),
            ("flask~=2.0", "is not pinned", "uv pip compile"),
            ("a==1\\\n\\\n\nb=2", "r.txt:4: cannot read 'b=2'", "=="),
            ("a==1 b", "r.txt:1: cannot read", None),
            ("${NAME}==1", "r.txt:1: cannot read", "variables"),
            ("a==1,>2", "contradicts itself", None),
            ("a===oops", "not a version", "440"),
            ("a==1 --hash=sha256:xyz", "not a hash", "--hash=sha256"),
            ("a==1 --hash", "r.txt:1: cannot read", None),
            ("--frobnicate", "no such option", None),
            ("-i https://user:secret@example.org/ oops", "https://example.org/", None),
            ("-r 'x", "r.txt:1: cannot read", None),
            ("a==1\n<<<<<<< HEAD\n", "r.txt:2: unresolved merge conflict", "merge"),
            ("./a ; what", "marker", None),
        ],
    )
    def test_errors(self, text: str, message: str, hint: str | None) -> None:
        with pytest.raises(InputError) as caught:
            read_requirements(text, "r.txt")
        assert message in caught.value.message
        assert "secret" not in caught.value.message
        assert (hint or "") in (caught.value.hint or "")

    def test_two_versions_of_one_package(self) -> None:
        read = read_requirements("a==1 ; sys_platform == 'win32'\na==2\na==2.0\n", "r.txt")
        assert [str(p.version) for p in read.pins(LINUX)] == ["2"]
        with pytest.raises(InputError, match=r"r\.txt:2: a is pinned to 2, and to 1 in line 1"):
            read.pins(WINDOWS)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a\\\nb\nc", [(1, "ab"), (3, "c")]),
            ("a \\\n  # comment\nb", [(1, "a"), (3, "b")]),
            ("# comment \\\nb", [(2, "b")]),
            ("a#b # c", [(1, "a#b")]),
            ("a \\", [(1, "a")]),
            ("a \\\n\nb", [(1, "a"), (3, "b")]),
            ("\r\na\r\n", [(2, "a")]),
        ],
    )
    def test_logical_lines(self, text: str, expected: list[tuple[int, str]]) -> None:
        assert list(logical_lines(text)) == expected

    @pytest.mark.parametrize(
        "content",
        [
            "\ufeffa==1",
            b"\xef\xbb\xbfa==1",
            "a==1".encode("utf-16"),
            "a==1".encode("utf-32"),
            b"# -*- coding: latin-1 -*-\n# J\xf6rg\na==1",
            "a==1\n=======\n".removesuffix("=======\n"),
        ],
    )
    def test_encodings(self, content: str | bytes) -> None:
        assert [p.name for p in read_requirements(content).pins(LINUX)] == ["a"]

    @pytest.mark.parametrize(
        "content", [b"# J\xf6rg", b"# coding: nonsense", b"\xff\xfe\x00", b"# coding: \xff"]
    )
    def test_bytes_that_are_no_text(self, content: bytes) -> None:
        with pytest.raises(InputError, match=r"r\.txt:1: "):
            read_requirements(content, "r.txt")


class TestPylock:
    def test_pins(self) -> None:
        (werkzeug,) = read_pylock(PYLOCK).pins(LINUX)
        assert (werkzeug.name, werkzeug.version, werkzeug.line) == ("werkzeug", Version("3.0.0"), 6)
        wheel, sdist = werkzeug.files
        assert wheel.filename == "werkzeug-3.0.0-py3-none-any.whl"
        assert (wheel.sha256, wheel.size) == (SHA, 226600)
        assert wheel.upload_time == datetime(2023, 9, 30, 14, tzinfo=UTC)
        assert (sdist.filename, sdist.sha256) == ("werkzeug-3.0.0.tar.gz", None)

    def test_sdists_with_endings_of_old(self) -> None:
        sdist = 'sdist = {url = "https://e/old-1.0.tgz", hashes = {sha256 = "00"}}'
        text = (
            f'lock-version = "1.0"\ncreated-by = "uv"\n[[packages]]\nname = "old"\nversion = "1.0"\n{sdist}\n'
        )
        (old,) = read_pylock(text).pins(LINUX)
        assert [f.filename for f in old.files] == ["old-1.0.tgz"]

    def test_markers_and_local_files(self) -> None:
        _, colorama = read_pylock(PYLOCK).pins(WINDOWS)
        assert (colorama.name, colorama.files, colorama.line) == ("colorama", (), 16)

    def test_not_checked(self) -> None:
        read = read_pylock(PYLOCK.encode())
        assert [(u.name, u.line) for u in read.unchecked(LINUX)] == [("mine", 22), ("theirs", 26)]
        with_dev = read.unchecked({**LINUX, "dependency_groups": frozenset({"dev"})})
        assert [u.name for u in with_dev] == ["mine", "theirs", "elsewhere"]
        assert "folder" in read.not_checked[0].reason
        assert "git" in read.not_checked[1].reason

    def test_indexes_and_groups(self) -> None:
        read = read_pylock(PYLOCK)
        assert read.indexes == Indexes("https://example.org/simple")
        assert read.default_groups == {"main"}

    def test_packages_that_are_no_tables_have_no_lines(self) -> None:
        wheel = '{url = "https://e/a-1-py3-none-any.whl", hashes = {sha256 = "00"}}'
        text = f'lock-version = "1.0"\ncreated-by = "x"\npackages = [{{name="a", version="1", wheels=[{wheel}]}}]\n'
        assert [p.line for p in read_pylock(text).pins(LINUX)] == [None]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('version = "3.0.0"', 'version = "three"', "p.toml:6: not a valid lock file"),
            ('name = "mine"', 'name = "Mine_"', "p.toml:22: not a valid lock file"),
            ('lock-version = "1.0"', 'lock-version = "2.0"', "p.toml: not a valid lock file"),
            ('created-by = "uv"', "created-by = ", "p.toml:2: not valid TOML"),
            ('created-by = "uv"', "", "created-by"),
            ("marker = \"'dev'", "marker = \"dev'", "p.toml:31: not a valid lock file"),
            (
                '[[packages]]\nname = "mine"',
                '<<<<<<< HEAD\n[[packages]]\nname = "mine"',
                "p.toml:21: unresolved",
            ),
            ("created-by", "a = " + "[" * 3000 + "\ncreated-by", "not valid TOML"),
            ("[[packages]]", "[packages]", "not valid TOML"),
        ],
    )
    def test_errors(self, old: str, new: str, message: str) -> None:
        assert old in PYLOCK
        with pytest.raises(InputError) as caught:
            read_pylock(PYLOCK.replace(old, new), "p.toml")
        assert message in caught.value.message

    def test_the_end_of_a_file_that_was_cut_off(self) -> None:
        with pytest.raises(InputError, match=r"p\.toml:2: not valid TOML"):
            read_pylock('lock-version = "1.0"\ncreated-by = [', "p.toml")


@pytest.mark.parametrize(
    ("filename", "reader"),
    [
        ("pylock.toml", read_pylock),
        ("some/folder/pylock.dev.toml", read_pylock),
        ("C:\\x\\requirements.txt", read_requirements),
        ("requirements-dev.txt", read_requirements),
        ("pylock.a.b.toml", None),
        ("mypylock.toml", None),
        ("a/uv.lock", read_uv_lock),
        ("script.py.lock", read_uv_lock),
        ("poetry.lock", read_poetry_lock),
        ("pdm.lock", read_pdm_lock),
        ("pdm.win.lock", read_pdm_lock),
        ("Pipfile.lock", read_pipfile_lock),
        ("constraints.txt", read_constraints),
        ("constraints-3.11.txt", read_constraints),
        ("upper-constraints.txt", read_constraints),
        ("reconstraints.txt", read_requirements),
        ("Cargo.lock", None),
        (".txt", None),
    ],
)
def test_the_name_decides(filename: str, reader: object) -> None:
    name = filename.replace("\\", "/").rpartition("/")[2]
    form = format_of(name)
    assert (form and reader_of(form)) is reader
    if reader is None:
        with pytest.raises(InputError, match="not the name of a lock file"):
            read_lock("", filename)


@st.composite
def _mutated(draw: st.DrawFn, original: str) -> str:
    """The text with a stretch taken out and something else put in."""
    start = draw(st.integers(0, len(original)))
    stop = draw(st.integers(start, min(len(original), start + 40)))
    inserted = draw(st.text(alphabet="ab1 =.[]{}\"'#\\\n;@:/-é$<>,", max_size=8))
    return original[:start] + inserted + original[stop:]


@given(_mutated(REQUIREMENTS))
def test_mutated_requirements_raise_nothing_but_input_errors(text: str) -> None:
    with contextlib.suppress(InputError):
        read = read_requirements(text)
        read.unchecked(LINUX)
        read.pins(LINUX)


@given(_mutated(PYLOCK))
def test_mutated_pylocks_raise_nothing_but_input_errors(text: str) -> None:
    with contextlib.suppress(InputError):
        read = read_pylock(text)
        read.unchecked(LINUX)
        read.pins(LINUX)


@given(st.binary(max_size=60), st.sampled_from(["pylock.toml", "requirements.txt"]))
def test_no_bytes_raise_anything_but_input_errors(content: bytes, filename: str) -> None:
    with contextlib.suppress(InputError):
        read_lock(content, filename)
