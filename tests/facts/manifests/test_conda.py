"""`environment.yml`."""

from __future__ import annotations

import pytest
from manifests_in_short import declared, included

from pinproof.facts.manifests import reader_of
from pinproof.facts.manifests.conda import read
from pinproof.model.declaration import FilePath, Manifest, Where


def manifest(*lines: str) -> Manifest:
    listed = "".join(f"    - {line}\n" for line in lines)
    return read(f"name: é\ndependencies:\n  - python=3.11\n  - pip:\n{listed}", FilePath("environment.yml"))


@pytest.mark.parametrize(
    ("line", "expected", "includes"),
    [
        ("a==1  # é", ["a==1"], []),
        ("\"b>=2; python_version<'3.9'\"", ['b>=2; python_version < "3.9"'], []),
        ("c==1 --hash=sha256:00", ["c==1"], []),
        ("d=1", ["d=1 ! Expected semicolon (after name with no version specifier) or end"], []),
        ("-r requirements.txt", [], ["< requirements.txt"]),
        ("-e .", [], ["-e ."]),
        ("--index-url https://example.org", [], []),
        ("git+https://example.org/x", [], ["< git+https://example.org/x"]),
        ("./x", [], ["< ./x"]),
        ("{a: b}", [], []),
    ],
)
def test_the_pip_part(line: str, expected: list[str], includes: list[str]) -> None:
    found = manifest(line)
    assert declared(found.text, found.declarations) == expected
    assert included(found) == includes
    assert all(one.where is Where.LISTED for one in found.declarations)


def test_hashes_and_comments() -> None:
    found = manifest("# why", "a==1 --hash=sha256:00", "b==1  # so").declarations
    assert [(one.hashed, one.comment) for one in found] == [(True, ""), (False, "so")]


def test_what_conda_installs() -> None:
    text = "dependencies: [python=3.11, 'conda-forge::NumPy>=1', pip, {pip: [a]}]"
    found = read(text, FilePath("environment.yml"))
    assert found.elsewhere == {"python", "numpy", "pip"}
    assert declared(text, found.declarations) == ["a"]


@pytest.mark.parametrize("text", ["", "dependencies: x", "dependencies: [{pip: x}, [y]]", "- x"])
def test_nothing_there(text: str) -> None:
    found = read(text, FilePath("environment.yml"))
    assert (found.declarations, found.includes, found.problems) == ((), (), ())


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("environment.yml", True),
        ("a/environment-dev.yaml", True),
        ("dev-environment.yml", True),
        ("conda-env.yml", True),
        ("conda/x.yml", False),
        ("conda-lock.yml", False),
        ("environments/x.yml", False),
        ("myenvironment.yml", False),
    ],
)
def test_which_files(path: str, is_one: bool) -> None:
    found = reader_of(FilePath(path))
    assert (found is not None and vars(found)["__wrapped__"] is read) is is_one
