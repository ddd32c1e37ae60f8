"""Where entries of a lock that stand for no release of an index may lie on this machine."""

from __future__ import annotations

import json

import pytest

from pinproof.facts.locks import read_lock
from pinproof.facts.locks.pinned import Whereabouts, path_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"

UV = 'version = 1\n[[package]]\nname = "lib"\nversion = "1.0"\nsource = {}\n'
PYLOCK = 'lock-version = "1.0"\ncreated-by = "hand"\n[[packages]]\nname = "lib"\n{}\n'
POETRY = (
    '[[package]]\nname = "lib"\nversion = "1.0"\n[package.source]\n{}\n[metadata]\nlock-version = "2.1"\n'
)
PDM = '[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "lib"\nversion = "1.0"\n{}\n'


def pipfile(said: dict[str, str]) -> str:
    return json.dumps({"_meta": {"pipfile-spec": 6}, "default": {"lib": said}})


@pytest.mark.parametrize(
    ("name", "text", "lies"),
    [
        ("r.txt", "-e .", Whereabouts(".")),
        ("r.txt", "-e ./lib[fast,x]", Whereabouts("./lib")),
        ("r.txt", "../lib ; python_version > '3'", Whereabouts("../lib")),
        ("r.txt", "lib @ file:///srv/my%20lib", Whereabouts("/srv/my lib")),
        ("r.txt", "file:///srv/lib#egg=lib&subdirectory=py", Whereabouts("/srv/lib", below="py")),
        ("r.txt", f"lib @ git+https://u:p@example.org/lib@{COMMIT}", Whereabouts(commit=COMMIT)),
        (
            "r.txt",
            f"-e git+ssh://git@example.org/l.git@{COMMIT}#egg=lib&subdirectory=a/b",
            Whereabouts(commit=COMMIT, below="a/b"),
        ),
        ("r.txt", "-e git+https://example.org/lib@main#egg=lib", Whereabouts()),
        ("r.txt", "lib @ https://example.org/lib.whl", None),
        ("r.txt", "-e hg+https://example.org/lib#egg=lib", None),
        ("uv.lock", UV.format('{ editable = "../lib" }'), Whereabouts("../lib")),
        ("uv.lock", UV.format('{ directory = "lib" }'), Whereabouts("lib")),
        ("uv.lock", UV.format('{ path = "lib-1.0-py3-none-any.whl" }'), Whereabouts("lib-1.0-py3-none-any.whl")),
        (
            "uv.lock",
            UV.format(f'{{ git = "https://example.org/l?subdirectory=py&rev=main#{COMMIT}" }}'),
            Whereabouts(commit=COMMIT, below="py"),
        ),
        ("uv.lock", UV.format('{ url = "https://example.org/lib.whl" }'), None),
        ("pylock.toml", PYLOCK.format('directory = { path = "lib", editable = true }'), Whereabouts("lib")),
        (
            "pylock.toml",
            PYLOCK.format('archive = { path = "a/lib.whl", hashes = { sha256 = "00" } }'),
            Whereabouts("a/lib.whl"),
        ),
        (
            "pylock.toml",
            PYLOCK.format(
                f'vcs = {{ type = "git", url = "https://example.org/l", commit-id = "{COMMIT}", subdirectory = "py" }}'
            ),
            Whereabouts(commit=COMMIT, below="py"),
        ),
        ("poetry.lock", POETRY.format('type = "directory"\nurl = "../lib"'), Whereabouts("../lib")),
        ("poetry.lock", POETRY.format('type = "file"\nurl = "lib.whl"'), Whereabouts("lib.whl")),
        (
            "poetry.lock",
            POETRY.format(
                f'type = "git"\nurl = "https://example.org/l"\nreference = "main"\nresolved_reference = "{COMMIT}"'
            ),
            Whereabouts(commit=COMMIT),
        ),
        ("poetry.lock", POETRY.format('type = "url"\nurl = "https://example.org/l.whl"'), None),
        ("pdm.lock", PDM.format('path = "./lib"'), Whereabouts("./lib")),
        ("pdm.lock", PDM.format('url = "file:///srv/lib.whl"'), Whereabouts("/srv/lib.whl")),
        ("pdm.lock", PDM.format('url = "https://example.org/lib.whl"'), None),
        (
            "pdm.lock",
            PDM.format(f'git = "https://example.org/l"\nrevision = "{COMMIT}"\nsubdirectory = "py"'),
            Whereabouts(commit=COMMIT, below="py"),
        ),
        ("Pipfile.lock", pipfile({"path": "./lib"}), Whereabouts("./lib")),
        ("Pipfile.lock", pipfile({"file": "https://example.org/lib.whl"}), None),
        ("Pipfile.lock", pipfile({"git": "https://example.org/l", "ref": COMMIT}), Whereabouts(commit=COMMIT)),
    ],
)  # fmt: skip
def test_every_format(name: str, text: str, lies: Whereabouts | None) -> None:
    (entry,) = read_lock(text, name).not_checked
    assert entry.lies == lies


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("./a", "./a"),
        ("file:a/b", "a/b"),
        ("file://localhost/a%C3%BC", "/aü"),
        ("file:///C:/a", "C:/a"),
        ("C:\\a", "C:\\a"),
        ("https://example.org/a", ""),
        ("git@example.org:a/b", ""),
    ],
)
def test_paths_of_references(reference: str, path: str) -> None:
    assert path_of(reference) == path
