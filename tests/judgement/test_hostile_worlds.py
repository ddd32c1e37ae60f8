"""Packages that nobody wrote: circles, chains and heaps. Judging them ends, soon, and says what is true or nothing.

Each shape is a function of its size. The default sizes are beyond what recursion or a search of all ways could do;
`-m slow` takes each as large as archives may be.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest
from world import NEW_PAIR, OLD_PAIR, pair

if TYPE_CHECKING:
    from collections.abc import Callable

Files = dict[str, str]
_SECONDS = 60.0
"""What no test may take even on a busy machine; circles that are searched way by way take forever."""


class Shape(NamedTuple):
    """What `a` is, what `b` was, and what it became: without the name `gone`, which came from the far end."""

    a: str | Files
    old: Files
    new: Files


def module(number: int) -> str:
    return f"b/m{number}.py"


def chained(line: Callable[[int], str], size: int, end_was: str, end_is: str, a: str) -> Shape:
    """`b/m0.py` leads to `b/m1.py` and so on; only the last one differs."""
    links = {"b/__init__.py": ""} | {module(i): line(i) for i in range(size)}
    return Shape(a, {**links, module(size): end_was}, {**links, module(size): end_is})


KEPT, GONE = "kept = gone = 1", "kept = 1"
TAKES = "from b.m0 import kept, gone"


def re_exports(size: int) -> Shape:
    return chained(
        lambda i: f"from b.m{i + 1} import x",
        size,
        "class x: kept = gone = 1",
        "class x: kept = 1",
        "from b.m0 import x\nx.kept\nx.gone",
    )


def stars(size: int) -> Shape:
    return chained(lambda i: f"from b.m{i + 1} import *", size, KEPT, GONE, TAKES)


def stars_in_a_circle(size: int) -> Shape:
    links = {"b/__init__.py": ""} | {module(i): f"from b.m{(i + 1) % size} import *" for i in range(size)}
    old = links[module(size // 2)]
    return Shape(
        TAKES,
        {**links, module(size // 2): f"{old}\n{KEPT}"},
        {**links, module(size // 2): old + "\nkept = 1"},
    )


def stars_of_all_in_all(size: int) -> Shape:
    size = min(size, 120)
    every = "\n".join(f"from b.m{i} import *" for i in range(size))
    links = {"b/__init__.py": ""} | {module(i): every for i in range(size)}
    return Shape(
        TAKES,
        {**links, module(size - 1): f"{every}\n{KEPT}"},
        {**links, module(size - 1): f"{every}\n{GONE}"},
    )


def doubled_stars(size: int) -> Shape:
    """Two ways at each step: as many ways to the end as there are subsets."""
    links = {"b/__init__.py": ""}
    for i in range(size):
        further = f"from b.m{i + 1} import *\nfrom b.n{i + 1} import *"
        links |= {module(i): further, f"b/n{i}.py": further}
    links[f"b/n{size}.py"] = ""
    return Shape(TAKES, {**links, module(size): KEPT}, {**links, module(size): GONE})


def lists_of_lists(size: int) -> Shape:
    """`__all__` takes over that of the next module, which the last one closes to a circle."""
    links = {"b/__init__.py": "from b.m0 import *"}
    for i in range(size):
        nearby = f"b.m{(i + 1) % size}"
        links[module(i)] = (
            f"import {nearby}, b.m{i // 2} as c\nfrom {nearby} import *\n__all__ = {nearby}.__all__ + c.__all__"
        )
    last = module(size - 1)
    old = f"{links[last]}\n__all__ += ['kept', 'gone']\n{KEPT}"
    return Shape(
        "from b import kept, gone",
        {**links, last: old},
        {**links, last: old.replace(", 'gone'", "").replace("= gone", "")},
    )


def bases(size: int) -> Shape:
    return chained(
        lambda i: f"from b.m{i + 1} import C{i + 1}\nclass C{i}(C{i + 1}): x{i} = 1",
        size,
        f"class C{size}: kept = gone = 1",
        f"class C{size}: kept = 1",
        "from b.m0 import C0\nC0.kept\nC0.gone",
    )


def more_bases(size: int) -> Shape:
    """More than are followed: it is not known what the last ones have."""
    return bases(size)


def bases_in_a_circle(size: int) -> Shape:
    links = {
        module(
            i
        ): f"import b.m{(i + 1) % size} as m\nclass C(m.C):\n  class D(m.C.D.E): ...\n  class E(m.C.E.D): ..."
        for i in range(size)
    }
    return Shape(
        "from b.m0 import C\nC.gone\nC.D.gone\nC().E.gone()",
        {"b/__init__.py": "", **links},
        {"b/__init__.py": "# new", **links},
    )


def aliases(size: int) -> Shape:
    return chained(
        lambda i: f"import b.m{i + 1} as m\nx = m.x",
        size,
        "class x: kept = gone = 1",
        "class x: kept = 1",
        "from b.m0 import x\nx.kept\nx.gone",
    )


def aliases_in_a_circle(size: int) -> Shape:
    links = {
        module(i): f"import b.m{(i + 1) % size} as m\nx = m.y.z\ny = m.x\nz = m.z()" for i in range(size)
    }
    return Shape(
        "from b.m0 import x, y, z\nx.gone\ny.gone\nz.gone()\nz().gone",
        {"b/__init__.py": "", **links},
        {"b/__init__.py": "# new", **links},
    )


def flags(size: int) -> Shape:
    lines = "\n".join(f"HAS_{i} = HAS_{i + 1} and True" for i in range(size))
    old = f"HAS_{size} = True\n{lines}\n"
    return Shape(
        "import b\nfrom b import HAS_0\nif HAS_0:\n  b.gone\nif not HAS_0:\n  b.never",
        {"b/__init__.py": old + KEPT},
        {"b/__init__.py": old + GONE},
    )


def flags_in_a_circle(size: int) -> Shape:
    links = {
        module(i): f"""\
try:
    from b.m{(i + 1) % size} import HAS, x
    from b.m{i * 7 % size} import HAS as OTHER
except ImportError:
    HAS = False
else:
    HAS = HAS and OTHER
if HAS:
    x = 1
elif OTHER:
    from b.m{i * 5 % size} import x
"""
        for i in range(size)
    }
    a = "from b.m0 import HAS, x\nimport b\nif HAS:\n  b.gone"
    return Shape(a, {"b/__init__.py": KEPT, **links}, {"b/__init__.py": GONE, **links})


def imports_in_a_circle(size: int) -> Shape:
    """`a` is large, too; what it lacks is used at the far end."""
    links = {f"a/m{i}.py": f"import a.m{(i + 1) % size}\nfrom a import m{i * 3 % size}" for i in range(size)}
    links[f"a/m{size - 1}.py"] += "\nfrom b import gone"
    return Shape({"a/__init__.py": "import a.m0", **links}, {"b/__init__.py": KEPT}, {"b/__init__.py": GONE})


def early_returns(size: int) -> Shape:
    """A function whose last line runs if none of many conditions held."""
    lines = "\n".join(f"    if x.y{i}:\n        return" for i in range(size))
    return Shape(
        f"import b\ndef f(x):\n{lines}\n    b.gone\n", {"b/__init__.py": KEPT}, {"b/__init__.py": GONE}
    )


def tries(size: int) -> Shape:
    lines = "\n".join(
        f"try:\n    from b import x{i}\nexcept ImportError:\n    from b import y{i}" for i in range(size)
    )
    names = "".join(f"x{i} = y{i} = 1\n" for i in range(size))
    return Shape(
        lines,
        {"b/__init__.py": names + KEPT},
        {"b/__init__.py": names.replace(f"x{size // 2} = y{size // 2} = 1", "")},
    )


def answers_of_answers(size: int) -> Shape:
    """A `__getattr__` that asks the next module's."""
    return chained(
        lambda i: f"from b import m{i + 1}\ndef __getattr__(name): return getattr(m{i + 1}, name)",
        size,
        KEPT,
        GONE,
        TAKES,
    )


def members(size: int) -> Shape:
    old = "".join(f"def f{i}(x): ...\n" for i in range(size))
    uses = "\n".join(f"b.f{i}(1)" for i in range(size))
    return Shape(f"import b\n{uses}\nb.gone", {"b/__init__.py": old + KEPT}, {"b/__init__.py": old + GONE})


def modules(size: int) -> Shape:
    heap = {module(i): "x = 1" for i in range(size)}
    uses = "\n".join(f"import b.m{i}" for i in range(0, size, 10))
    return Shape(
        f"{uses}\nfrom b import gone", {"b/__init__.py": KEPT, **heap}, {"b/__init__.py": GONE, **heap}
    )


LINES_OF_A_TABLE = 200_000


def a_table(size: int) -> Shape:
    lines = "".join(f"    'key{i}': {i},\n" for i in range(min(20 * size, LINES_OF_A_TABLE)))
    table = f"TABLE = {{\n{lines}}}\n"
    return Shape(
        "from b import TABLE, gone", {"b/__init__.py": table + KEPT}, {"b/__init__.py": table + GONE}
    )


def too_large(size: int) -> Shape:
    """What is not read is unknown, not empty."""
    comment = "#" * 79 + "\n"
    heap = comment * (9 * 1024 * 1024 // 80) if size < 1000 else comment * (20 * 1024 * 1024 // 80)
    return Shape("from b import gone", {"b/__init__.py": KEPT}, {"b/__init__.py": heap + GONE})


def deep_names(size: int) -> Shape:
    name = "b." + ".".join(["x"] * min(size, 1000))
    return Shape(
        f"try:\n    import {name}\nexcept ImportError:\n    import b\n"
        f"try:\n    {name}\nexcept AttributeError:\n    from b import gone",
        {"b/__init__.py": KEPT},
        {"b/__init__.py": GONE},
    )


def submodules_that_nobody_imports(size: int) -> Shape:
    """A chain of imports that is cut at its beginning."""
    links = {module(i): f"from b import m{i + 1}\nx = 1" for i in range(size)} | {module(size): "x = 1"}
    uses = f"import b\ndef f(): b.m0.x, b.m{size // 2}.x\nb.gone"
    old = {"b/__init__.py": f"from . import m0\n{KEPT}", **links}
    return Shape(uses, old, {**old, "b/__init__.py": GONE})


def members_of_an_enum(size: int) -> Shape:
    body = "import enum\nclass E(enum.Enum):\n" + "".join(f"  A{i} = {i}\n" for i in range(size))
    uses = "\n".join(f"E.A{i}.value" for i in range(size))
    old = {"b/__init__.py": body + "  gone = kept = -1"}
    return Shape(f"from b import E\n{uses}\nE.gone", old, {"b/__init__.py": body + "  kept = -1"})


class Row(NamedTuple):
    shape: Callable[[int], Shape]
    small: int
    large: int
    told: list[str]


TABLE = [
    Row(re_exports, 100, 10_000, ["fatal b.m{0}.x.gone"]),
    Row(stars, 100, 10_000, ["fatal b.m0.gone"]),
    Row(stars_in_a_circle, 100, 10_000, []),
    Row(stars_of_all_in_all, 30, 120, []),
    Row(doubled_stars, 100, 5_000, ["fatal b.m0.gone"]),
    Row(lists_of_lists, 100, 5_000, []),
    Row(bases, 50, 50, ["fatal b.m{0}.C{0}.gone"]),
    Row(more_bases, 70, 5_000, []),
    Row(bases_in_a_circle, 60, 5_000, []),
    Row(aliases, 100, 10_000, ["fatal b.m{0}.x.gone"]),
    Row(aliases_in_a_circle, 60, 5_000, []),
    Row(flags, 100, 10_000, ["fatal b.gone"]),
    Row(flags_in_a_circle, 60, 2_000, []),
    Row(imports_in_a_circle, 100, 10_000, ["fatal b.gone"]),
    Row(early_returns, 1_000, 5_000, ["latent b.gone"]),
    Row(tries, 100, 10_000, ["fatal b.y{1}"]),
    Row(answers_of_answers, 100, 10_000, []),
    Row(members, 1_000, 50_000, ["fatal b.gone"]),
    Row(modules, 1_000, 50_000, ["fatal b.gone"]),
    Row(submodules_that_nobody_imports, 100, 10_000, ["fatal b.gone", "latent b.m0", "latent b.m{1}"]),
    Row(members_of_an_enum, 200, 20_000, ["fatal b.E.gone"]),
    Row(a_table, 100, 10_000, ["fatal b.gone"]),
    Row(too_large, 100, 10_000, []),
    Row(deep_names, 200, 1_000, ["fatal b.gone"]),
]


def judged(row: Row, size: int) -> None:
    shape = row.shape(size)
    world = pair(*shape)
    before = time.process_time()
    told = world.told(NEW_PAIR)
    assert world.told(OLD_PAIR) == []
    assert time.process_time() - before < _SECONDS
    expected = [line.format(size, size // 2) for line in row.told]
    assert told == expected


def row_name(row: Row) -> str:
    return row.shape.__name__


@pytest.mark.parametrize("row", TABLE, ids=row_name)
def test_small(row: Row) -> None:
    judged(row, row.small)


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLE, ids=row_name)
def test_large(row: Row) -> None:
    judged(row, row.large)
