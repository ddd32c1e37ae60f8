"""What modules import, read off the text: as the whole says, or not at all."""

from __future__ import annotations

import sysconfig
from itertools import islice
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from pinproof.facts.imports import read_imports
from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from pinproof.model.module import Guard, ModuleFacts


def imported(facts: ModuleFacts) -> set[tuple[object, ...]]:
    """The imports that run, with the guards around them, whatever their numbers are."""

    def around(number: int) -> tuple[object, ...]:
        if number == -1:
            return ()
        guard: Guard = facts.guards[number]
        return (
            guard.catches,
            around(guard.after),
            around(guard.unless),
            guard.test,
            *around(guard.parent),
        )

    return {(u.target, around(u.guard)) for u in facts.uses if u.how is How.IMPORT and not u.deferred}


TOLD = {
    "plain": (
        "import a, b.c as d\nfrom e.f import (g,\n  h) # i\nfrom . import j\n",
        ["a:", "b.c:", "e.f:g", "e.f:h", ".:j"],
    ),
    "behind a docstring": ('"""About.\n\n    import a\nimport b\n"""\nimport c\n', ["c:"]),
    "continued": ("from a import b, \\\n  c\n", ["a:b", "a:c"]),
    "two on a line": ("import a; import b\n", ["a:", "b:"]),
    "in a function": ("import a\ndef f():\n    import b\n", ["a:"]),
    "in a function that another calls": ("def f():\n  import a\ndef g():\n  f()\n", []),
    "in a method": ("class C:\n  x = 1\n  def f(self):\n    import a\n", []),
    "in the docstring of a class": ('class C:\n  """Like:\n\n  import a\n  """\n', []),
    "in an example": ('def f():\n  """\n  >>> import a\n  """\nimport b\n', ["b:"]),
    "in a try": (
        "try:\n  import a\nexcept ImportError:\n  import b\nelse:\n  import c\n",
        ["a:", "b:", "c:"],
    ),
    "for types": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import a\n",
        ["typing:TYPE_CHECKING", "a:"],
    ),
    "by Python": (
        "import sys\nif sys.version_info < (3, 8):\n  import a\nelse:\n  import b\n",
        ["sys:", "a:", "b:"],
    ),
    "by what a call says": ("from a import f\nif not f():\n  import b\n", ["a:f", "b:"]),
    "by an imported flag among other things": (
        "from a import HAS, f\nimport os\nif HAS and not f('x') or os.environ.get('Y') == 'Z':\n  import b\n",
        ["a:HAS", "a:f", "os:", "b:"],
    ),
    "by what the statement itself binds": (
        "try:\n  import a\nexcept ImportError:\n  a = None\n  if a is None:\n    import b\n",
        ["a:", "b:"],
    ),
    "in a with": (
        "from contextlib import suppress\nwith suppress(ImportError):\n  import a\n",
        ["contextlib:suppress", "a:"],
    ),
    "beside a stand-in": ("try:\n  from a import f\nexcept ImportError:\n  def f(): ...\n", ["a:f"]),
    "nothing": ("x = 'import a'  # import b\nimportant = 1\n", []),
    "Windows": ("import a\r\nfrom b import (\r\n  c,\r\n)\r\n", ["a:", "b:c"]),
}

NOT_TOLD = {
    "a flag of the module": "HAS = f()\nif HAS:\n  import a\n",
    "one condition among others": "from typing import TYPE_CHECKING\nX = 0\nif TYPE_CHECKING or X:\n  import a\n",
    "a flag bound by a loop": "for X, Y in f():\n  pass\nif not Y:\n  import a\n",
    "a flag bound with another": "X, Y = f()\nif not X:\n  import a\n",
    "a condition of several lines": "from a import X\nif (X and\n    Y):\n  import b\nY = 1\n",
    "a function that is called": "def f():\n  import a\nf()\n",
    "a function that one calls that is called": "def f():\n  import a\ndef g():\n  f()\ng()\n",
    "a decorator": "def f(x):\n  import a\n@f\ndef g(): ...\n",
    "a constructor that is called": "class C:\n  def __init__(self):\n    import a\nx = C()\n",
    "the body of a class": "class C:\n  import a\n",
    "a string that may be code": "x = '''\nimport a\n'''\n",
    "no Python": "import a\nimport b c\n",
    "continued before what is imported": "from a \\\n  import b\n",
    "a form feed": "\fimport a\n",
    "a line that ends in an old way": "x = 1\rimport a\n",
}


@pytest.mark.parametrize("name", TOLD)
def test_what_runs_is_told(name: str) -> None:
    source, expected = TOLD[name]
    facts = read_imports(source.encode())
    assert facts is not None
    assert {u.target for u in facts.uses if u.how is How.IMPORT and not u.deferred} == set(expected)
    assert imported(facts) == imported(read_module(source.encode()))


@pytest.mark.parametrize("name", NOT_TOLD)
def test_what_may_run_is_left_to_the_whole(name: str) -> None:
    assert read_imports(NOT_TOLD[name].encode()) is None


def test_lines_are_those_of_the_source() -> None:
    facts = read_imports(b'"""About."""\n\nx = 1\nimport a\n\n\ntry:\n  import b\nexcept ImportError: pass\n')
    assert facts is not None
    assert {u.target: u.line for u in facts.uses} == {"a:": 4, "b:": 8}


def test_what_is_written_to_others_is_told() -> None:
    source = dedent(
        """
        import a
        from b import c as d
        def f(self):
            a.x = 1
            d.y.z = 2
            self.w = a.v == 3
        """
    )
    facts = read_imports(source.encode())
    assert facts is not None
    assert set(facts.patches) == {"a:x", "b:c.y.z"}


def test_real_modules_are_told_as_by_the_whole() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    told = 0
    with parsing():
        for path in islice(sorted(folder.glob("*.py")), 0, None, 2):
            source = path.read_bytes()
            facts = read_imports(source)
            if facts is not None:
                told += 1
                assert imported(facts) == imported(read_module(source)), path.name
    assert told > 40
