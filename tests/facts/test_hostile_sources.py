"""Sources that no editor wrote: whatever the text, reading it ends soon and raises nothing."""

from __future__ import annotations

import random
import resource
import sysconfig
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinproof.actions.reading import encoded
from pinproof.facts.imports import read_imports
from pinproof.facts.mentions import read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.outline import read_outline
from pinproof.facts.source import parsing
from pinproof.model.module import ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = rb"""
( ) [ ] { } : ' " ''' # ; \ := ** * @ -> ... %% 0x 1_0j 99999999999999999999999999999999999
import~a from~a~import~b from~.~import~* try: except~E: else: finally: with~x~as~y: def~f( class~C( lambda~x: yield
await async return raise global~x nonlocal~x if~x: elif~x: match~x: case~y: f'{x!r:>{y}}' del~x
__all__~=~['x'] __all__~+=~y.__all__ def~__getattr__(name): sys.modules[__name__] globals()[x]~=~y
"\\ud800" T[x]~=~T T~+=~T if~name~in~T:~return sys.version_info~>=~( if~x:~return
__getattr__,~__dir__,~__all__~=~attach( warnings.warn('x',~DeprecationWarning) hasattr(a,~'x') #~coding:~latin-1
""".split()
_SPACES = [b"\n", b"\n    ", b"\t", b"\\\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x0c", b"\r"]
_PIECES = [*(word.replace(b"~", b" ") for word in _WORDS), *_SPACES]
_LIMIT = 1.0


def read_in_time(source: bytes) -> None:
    before = time.process_time()
    with parsing():
        encoded(read_module(source))
        read_mentions(source)
        for less in (read_imports(source), read_outline(source)):
            encoded(less or ModuleFacts())
    assert time.process_time() - before < _LIMIT


@settings(deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(b" ".join))
def test_pieces_of_python(source: bytes) -> None:
    read_in_time(source)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_bytes(source: bytes) -> None:
    read_in_time(source)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_text(source: str) -> None:
    read_in_time(source.encode("utf-8", "surrogatepass"))


@cache
def library_sources() -> list[bytes]:
    """Modules of the standard library that are small enough to be read many times."""
    folder = Path(sysconfig.get_path("stdlib"))
    small = (
        p
        for p in sorted(folder.rglob("*.py"))
        if "site-packages" not in p.parts and p.stat().st_size < 12_000
    )
    return [path.read_bytes() for path in small]


def mutated(source: bytes, chance: random.Random) -> bytes:
    """A few cuts, doublings, swaps and insertions."""
    lines = source.splitlines(keepends=True) or [b""]
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at : at + chance.randint(1, 3)]
            case 1:
                lines.insert(at, chance.choice(_PIECES))
            case 2:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 3:
                cut = chance.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + chance.choice(_PIECES) + lines[at][cut:]
            case 4:
                lines[at] = lines[at].replace(*(chance.choice(_PIECES) for _ in range(2)))
            case _:
                lines[at] = lines[at].lstrip() if chance.random() < 0.5 else b"    " + lines[at]
        lines = lines or [b""]
    return b"".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_a_few_mutated_modules(seed: int) -> None:
    chance = random.Random(seed)
    for source in chance.choices(library_sources(), k=20):
        read_in_time(mutated(source, chance))


SHAPES = {
    "returns": lambda n: "def f(x):\n" + "".join(f"  if x.a{i}: return\n" for i in range(n)) + "  import b",
    "elifs": lambda n: "if a: pass\n" + "".join(f"elif a{i}: import b{i}\n" for i in range(n)),
    "alternatives": lambda n: "import b\nx = " + " or ".join(f"b.a{i}" for i in range(n)),
    "conditions in each other": lambda n: (
        "if " + "a and (b or " * (n // 20) + "c" + ")" * (n // 20) + ": import d"
    ),
    "negations": lambda n: "if " + "not " * n + "x: import b",
    "sums": lambda n: "__all__ = " + " + ".join(["a.__all__"] * n),
    "chains": lambda n: "import a\nx = a" + ".b()" * n,
    "ternaries": lambda n: "x = " + "a if b else " * n + "c",
    "lambdas": lambda n: "x = " + "lambda: " * n + "c",
    "brackets": lambda n: "x = " + "[" * n + "]" * n,
    "functions in each other": lambda n: (
        "".join(" " * i + f"def f{i}():\n" for i in range(n // 20)) + " " * n + "1"
    ),
    "classes in each other": lambda n: (
        "".join(" " * i + f"class C{i}(b.x):\n" for i in range(n // 20)) + " " * n + "1"
    ),
    "versions of versions": lambda n: (
        "".join(f"x{i} = f(x{i + 1})\n" for i in range(n)) + "if x0 > '1': import b"
    ),
    "aliases of aliases": lambda n: "".join(f"x{i} = x{i + 1}.y\n" for i in range(n)),
    "tables of tables": lambda n: (
        "T = {}\n"
        + "".join(f"T['a{i}'] = {i}\nT.update(T)\n" for i in range(n))
        + "def __getattr__(name):\n"
        + "  if name in T: return 1\n" * n
        + "  raise AttributeError"
    ),
    "tries": lambda n: "".join(f"try:\n  import a{i}\nexcept ImportError:\n  a{i} = 0\n" for i in range(n)),
    "parts of a name": lambda n: "import " + ".".join(["a"] * 20 * n),
    "statements": lambda n: "a;" * 1000 * n,
    "numbers": lambda n: "x = [" + "1," * 1000 * n + "]",
    "punycode": lambda n: "# coding: punycode\nimport a\na-" + "b" * 100 * n,
    "digits": lambda n: "import a\nif a.__version__ > (0x" + "f" * 10 * n + ",): import b",
    "globals": lambda n: "def f():\n" + "".join(f"  global x{i}; x{i} = 1\n" for i in range(n)),
    "docstrings": lambda n: "'''.. deprecated:: 1\n" + "\t" * 1000 * n + "x\n" * n + "'''",
    "settings": lambda n: "MIDDLEWARE = [" + "".join(f"'a.b{i}'," for i in range(n)) + "] * 2\n" * n,
    "settings in each other": lambda n: (
        ("TEMPLATES = " + "{'BACKEND': " * 80 + "'a.b'" + "}" * 80 + "\n") * (n // 10)
    ),
    "slots": lambda n: "class C:\n  __slots__ = (" + "".join(f"'a{i}'," for i in range(n)) + ")",
    "what is set": lambda n: (
        "class C:\n  def f(self):\n"
        + "".join(f"    object.__setattr__(self, 'a{i}', 1)\n    me.b{i} = 1\n" for i in range(n))
        + "".join(f"f(C{i})\n" for i in range(n))
    ),
    "enums": lambda n: "class E(enum.Enum):\n" + "".join(f"  A{i} = {i}\n" for i in range(10 * n)),
    "aliases in a function": lambda n: (
        "def f():\n  x0 = b.C()\n" + "".join(f"  x{i + 1} = x{i}.y\n" for i in range(n)) + f"  x{n}.z"
    ),
    "heads without an end": lambda n: "def f(\n" * 100 * n,
    "functions that call each other": lambda n: (
        "".join(f"def f{i}():\n  f{i + 1}()\n" for i in range(n)) + f"def f{n}():\n  import a\nf0()\n"
    ),
    "strings that look like strings": lambda n: 'def f():\n  x = \'"""\'\n' * n,
    "gaps": lambda n: "from" + " " * 200 * n + "\nimport" + "," * 200 * n + "\nfrom a\\\n" + "\\\n" * 100 * n,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_shapes_that_grow(shape: Callable[[int], str]) -> None:
    """What is refused must be refused before it takes memory; what is read, must not take longer than others."""
    read_in_time(shape(1_000).encode())


def test_a_function_that_returns_early_is_read() -> None:
    facts = read_module(SHAPES["returns"](5_000).encode())
    assert not facts.degraded
    assert [use.target for use in facts.uses] == ["b:"]


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_shapes_that_grow_large(shape: Callable[[int], str]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    encoded(read_module(shape(5_000).encode()))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_many_mutated_modules(seed: int) -> None:
    chance = random.Random(1_000 + seed)
    for source in chance.choices(library_sources(), k=100):
        read_in_time(mutated(source, chance))


@pytest.mark.slow
def test_the_whole_standard_library() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    with parsing():
        for path in folder.rglob("*.py"):
            read_module(path.read_bytes())
