"""The static import: which modules are imported, and which failures of theirs reach the program."""

from __future__ import annotations

import pytest
from world import World

from pinproof.judgement.importing import EXCEPTIONS, static_import

ALL = frozenset(EXCEPTIONS)
NOT_IMPORT_ERROR = ALL - {"ImportError", "ModuleNotFoundError"}


def reached(sources: dict[str, str], roots: tuple[str, ...] = ("a",)) -> dict[str, frozenset[str]]:
    """What the walk reaches outside the standard library."""
    world = World({("a", "1", "2020-01-01"): sources})
    walk = static_import(world.environment({"a": "1"}), roots)
    try:
        while True:
            next(walk)
    except StopIteration as stop:
        return {
            module: found for module, found in stop.value.items() if module.partition(".")[0] in ("a", "b")
        }


C = {"a/c.py": "", "a/d.py": "", "a/p/__init__.py": "", "a/p/q.py": ""}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", set()),
        ("import a.c", {"a.c"}),
        ("import a.c as x", {"a.c"}),
        ("from . import c", {"a.c"}),
        ("from . import c as x", {"a.c"}),
        ("from a import c, d", {"a.c", "a.d"}),
        ("from .c import x", {"a.c"}),
        ("from .c import *", {"a.c"}),
        ("from .p import q", {"a.p", "a.p.q"}),
        ("from .p.q import x", {"a.p", "a.p.q"}),
        ("import a.p.q", {"a.p", "a.p.q"}),
        ("from .p import *", {"a.p"}),
        ("from . import nothing", set()),
        ("import nothing", set()),
        ("def f():\n  from . import c", set()),
        ("def f():\n  from . import c\nf()", {"a.c"}),
        ("class C:\n  from . import c", {"a.c"}),
        ("if 0:\n  from . import c", set()),
        ("if 0: ...\nelse:\n  from . import c", {"a.c"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from . import c", set()),
        ("import sys\nif sys.platform == 'win32':\n  from . import c\nelse:\n  from . import d", {"a.d"}),
        ("try:\n  import a.gone\nexcept ImportError:\n  from . import c", {"a.c"}),
        ("try:\n  import a.c\nexcept ImportError:\n  from . import d", {"a.c"}),
        ("try:\n  import a.gone\nexcept ImportError: ...\nelse:\n  from . import c", set()),
        ("from . import a", set()),
        ("import a", set()),
    ],
)
def test_what_is_reached(source: str, expected: set[str]) -> None:
    found = reached({"a/__init__.py": source, **C})
    assert {m for m, surfacing in found.items() if surfacing} - {"a"} == expected
    assert found["a"] == ALL


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from . import c", ALL),
        ("try:\n  from . import c\nexcept ImportError: ...", NOT_IMPORT_ERROR),
        ("try:\n  from . import c\nexcept ModuleNotFoundError: ...", ALL - {"ModuleNotFoundError"}),
        ("try:\n  from . import c\nexcept AttributeError: ...", ALL - {"AttributeError"}),
        ("try:\n  from . import c\nexcept Exception: ...", set()),
        ("try:\n  from . import c\nexcept: ...", set()),
        ("try:\n  from . import c\nexcept ImportError: raise", ALL),
        ("try:\n  from . import c\nexcept ImportError: ...\nfrom . import c", ALL),
        ("try:\n  from . import c\nexcept ImportError: ...\nfrom . import d", ALL),
        ("import os\nif os.environ.get('X'):\n  from . import c", set()),
        ("if len('x') > 1:\n  from . import c", set()),
    ],
)
def test_what_reaches_the_program(source: str, expected: frozenset[str]) -> None:
    found = reached({"a/__init__.py": source, "a/c.py": "", "a/d.py": "from . import c"})
    assert found.get("a.c", frozenset()) == expected


def test_a_module_takes_its_parents_along() -> None:
    sources = {"a/__init__.py": "", "a/p/__init__.py": "from .. import c", "a/p/q.py": "", "a/c.py": ""}
    assert set(reached(sources, ("a.p.q",))) == {"a", "a.p", "a.p.q", "a.c"}


def test_circles_end() -> None:
    sources = {"a/__init__.py": "from . import c", "a/c.py": "from . import d", "a/d.py": "import a.c, a"}
    assert reached(sources) == {"a": ALL, "a.c": ALL, "a.d": ALL}


def test_what_is_caught_stays_caught_further_down() -> None:
    sources = {
        "a/__init__.py": "try:\n  from . import c\nexcept ImportError: ...",
        "a/c.py": "try:\n  from . import d\nexcept AttributeError: ...",
        "a/d.py": "",
    }
    assert reached(sources)["a.d"] == NOT_IMPORT_ERROR - {"AttributeError"}


def test_the_sources_are_asked_for_once() -> None:
    sources = {
        "a/__init__.py": "from . import c, d",
        "a/c.py": "from . import d",
        "a/d.py": "from . import c",
    }
    world = World({("a", "1", "2020-01-01"): sources})
    asked = [source.path for batch in static_import(world.environment({"a": "1"}), ["a"]) for source in batch]
    assert sorted(asked) == ["a/__init__.py", "a/c.py", "a/d.py"]
