"""`noxfile.py`, which is never run."""

from __future__ import annotations

import pytest
from manifests_in_short import declared, installed

from pinproof.facts.manifests.nox import read
from pinproof.model.declaration import FilePath


def session(call: str) -> str:
    return f"import nox\nBLACK = 'black==22.3.0'\n@nox.session\ndef é(session):\n    {call}\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("session.install('a==1', \"b\")", ["pip install: é: a==1, é: b"]),
        (
            "session.install('-r', 'r.txt', '-c', 'c.txt', '-e', '.[x]')",
            ["pip install: < r.txt, -c c.txt, -e .[x]"],
        ),
        ("session.install('--index-url', 'a', '.', silent=True)", ["pip install: < ."]),
        ("session.install(BLACK)", ["pip install: é: black==22.3.0"]),
        ("session.install(f'a=={v}', v, 'b' + v)", ["pip install: é: f'a=={v}' ?, é: v ?, é: 'b' + v ?"]),
        ("session.install(*['a', 'b'], *session.posargs)", ["pip install: é: a, é: b"]),
        ("session.install('a' '>=1')", ["pip install: é: a>=1 ~"]),
        ("session.run('pip', 'install', 'a')", ["pip install: é: a"]),
        ("session.run_always('python', '-m', 'pip', 'install', 'a', external=True)", ["pip install: é: a"]),
        ("session.run('uv', 'sync', '--frozen')", ["uv sync"]),
        ("session.run_install('uv', 'pip', 'sync', 'r.txt')", ["uv pip sync: < r.txt"]),
        ("session.run('pytest', *session.posargs)", []),
        ("session.conda_install('a')", ["conda install"]),
        ("session.log('pip', 'install', 'a')", []),
        ("other.install('a')", []),
        ("session.install()", ["pip install"]),
    ],
)
def test_sessions(call: str, expected: list[str]) -> None:
    text = session(call)
    assert installed(text, read(text, FilePath("noxfile.py")).commands) == expected


def test_the_name_of_a_session() -> None:
    text = "@nox.session(name='lint-it', python=['3.12'])\ndef lint(s):\n    s.install('a')  # x\n"
    (command,) = read(text, FilePath("noxfile.py")).commands
    assert command.span.of(text) == "s.install('a')"
    assert [(one.part, one.comment) for one in command.declarations] == [("lint-it", "x")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("def install(session):\n  session.install('a')", 1),
        ("def install(s: nox.Session):\n  s.install('a')", 1),
        ("def install(app):\n  app.install('a')", 0),
        ("def install():\n  session.install('a')", 0),
        ("class X:\n  def install(self, x): self.install('a')", 0),
    ],
)
def test_which_functions_are_sessions(text: str, count: int) -> None:
    assert len(read(text, FilePath("noxfile.py")).commands) == count


def test_what_is_no_python() -> None:
    (problem,) = read("def", FilePath("noxfile.py")).problems
    assert problem.message == "not valid Python: invalid syntax"


def test_what_the_file_needs_itself() -> None:
    text = "# /// script\n# dependencies = ['nox>=2025']\n# ///\nimport nox\n"
    assert declared(text, read(text, FilePath("noxfile.py")).declarations) == ["nox>=2025"]
