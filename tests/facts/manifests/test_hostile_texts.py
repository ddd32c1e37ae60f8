"""Texts that somebody wrote to keep a reader busy, or to make it fall over."""

from __future__ import annotations

import time

import pytest
from packaging.markers import Marker

from pinproof.facts.manifests import MOST_CHARACTERS, reader_of
from pinproof.judgement.rules.markers import hold_together
from pinproof.model.declaration import FilePath

_SIZE = 100_000


def _filled(piece: str) -> str:
    return piece * (_SIZE // len(piece))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("Dockerfile", f"FROM p\nRUN pip install {_filled('flask ')}\n", id="many-words"),
        pytest.param(
            "Dockerfile", f"FROM p\nRUN {_filled('pip install flask && ')}true\n", id="many-commands"
        ),
        pytest.param(
            "Dockerfile", f"FROM p\nRUN {'$(' * 30_000}pip install x{')' * 30_000}\n", id="substitutions"
        ),
        pytest.param("Dockerfile", f"FROM p\nRUN uvx --with {_filled('a[,')} flask\n", id="open-brackets"),
        pytest.param("action.yml", f"steps: [{{run: 'pip install {_filled('${{')}'}}]\n", id="placeholders"),
        pytest.param("requirements.txt", f"flask{' ' * _SIZE}x", id="spaces"),
    ],
)
def test_a_hundred_kilobytes_are_read_soon(path: str, text: str) -> None:
    reader = reader_of(FilePath(path))
    assert reader is not None
    started = time.process_time()
    reader(text, FilePath(path))
    # Each of these took from 6 seconds to minutes.
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "text",
    [
        "FROM p\nENV A0=xx\n{}RUN pip install flask==$A59\n".format(
            "".join(f"ENV A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 60))
        ),
        "FROM p\nRUN A0=xx; {} pip install flask==$A59\n".format(
            "".join(f"A{n}=$A{n - 1}$A{n - 1}; " for n in range(1, 60))
        ),
    ],
)
def test_a_variable_that_grows_without_end_is_not_known(text: str) -> None:
    reader = reader_of(FilePath("Dockerfile"))
    assert reader is not None
    (command,) = reader(text, FilePath("Dockerfile")).commands
    assert [d.requirement for d in command.declarations] == [None]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", f"[{'a.' * 5000}a]\nx = 1\n"),
        ("Pipfile", f"[{'a.' * 5000}a]\nx = 1\n"),
        ("Pipfile", f"a = {'[' * 5000}{']' * 5000}\n"),
        ("requirements.txt", "# x\n" * (MOST_CHARACTERS // 4 + 1)),
    ],
)
def test_what_is_too_deep_or_too_long_is_a_problem_of_the_file(path: str, text: str) -> None:
    reader = reader_of(FilePath(path))
    assert reader is not None
    assert len(reader(text, FilePath(path)).problems) == 1


def test_a_number_that_python_cannot_read_is_a_problem_of_the_requirement() -> None:
    reader = reader_of(FilePath("requirements.txt"))
    assert reader is not None
    found = reader(f"flask=={'9' * 5000}\nclick=={'9' * 20}\n", FilePath("requirements.txt")).declarations
    assert [d.problem for d in found] == ["it has a number of more than 1000 digits", ""]


def test_pythons_that_cannot_be_read_are_a_problem_of_the_file() -> None:
    reader = reader_of(FilePath("pyproject.toml"))
    assert reader is not None
    text = f"[project]\nname = 'a'\nrequires-python = '>={'9' * 5000}'\n"
    found = reader(text, FilePath("pyproject.toml"))
    assert (found.requires_python, len(found.problems)) == (None, 1)


def test_of_a_marker_that_nobody_wrote_by_hand_nothing_is_said() -> None:
    clause = "(python_version < '3' and sys_platform == 'win32')"
    assert hold_together([Marker(" or ".join([clause] * 3))], ">=3.9") is False
    assert hold_together([Marker(" or ".join([clause] * 2000))], ">=3.9") is None


def test_a_long_chain_of_commands_is_read_whole() -> None:
    reader = reader_of(FilePath("Dockerfile"))
    assert reader is not None
    chain = " && ".join(f"pip install flask==1.{number}" for number in range(400))
    assert len(reader(f"FROM python:3.12\nRUN {chain}\n", FilePath("Dockerfile")).commands) == 400
