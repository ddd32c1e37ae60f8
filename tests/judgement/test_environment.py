"""A pinned set as one import system: whether a name is there, is not, or cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import World

from pinproof.judgement.answers import Absent, Present, Resolved, Unknown

if TYPE_CHECKING:
    from pinproof.judgement.environment import Environment


def environment_of(*, incomplete: bool = False, **distributions: dict[str, str]) -> Environment:
    releases = {(name, "1", "2020-01-01"): sources for name, sources in distributions.items()}
    pins = dict.fromkeys(distributions, "1")
    if incomplete:
        releases["lost", "1", "2020-01-01"] = {}
        pins["lost"] = "1"
    return World(releases, unreadable={("lost", "1")}).environment(pins)


def in_short(found: Resolved) -> str:
    match found:
        case Present(module, name):
            return f"{module}:{name}"
        case Absent(symbol, exception, owner):
            return f"{exception} {symbol} of {owner.name if owner else 'nobody'}"
        case Unknown():
            return "unknown"


SET = {
    "b": {
        "b/__init__.py": """\
            import os
            import os.path as p
            from . import sub
            from .sub import f as g, missing
            from .sub import *
            from . import nowhere
            x = 1
            class C: ...
            def h(): ...
            """,
        "b/sub.py": "def f(): ...\nstarred = 1\n_hidden = 1",
        "b/alone.py": "",
        "b/data.txt": "",
        "b/_c.abi3.so": "",
        "b/inner/deep.py": "y = 1",
        "b/lazy.py": "def __getattr__(name): return 1",
        "b/old.py": "print 'x'",
        "b/raises.py": "raise ImportError",
        "b/raises_else.py": "raise KeyError",
    },
    "c": {"c/__init__.py": "from b import x as z, gone\nimport b as d\nfrom d_x import w"},
    "one": {"ns/one.py": "", "ns/deep/one.py": ""},
    "two": {"ns/two/__init__.py": "v = 1", "ns/deep/two.py": ""},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("b:", "b:"),
        ("b.sub:", "b.sub:"),
        ("b:x", "b:x"),
        ("b:C", "b:C"),
        ("b:h", "b:h"),
        ("b:sub", "b.sub:"),
        ("b:sub.f", "b.sub:f"),
        ("b:alone", "b.alone:"),
        ("b:g", "b.sub:f"),
        ("b:starred", "b.sub:starred"),
        ("b:_hidden", "ImportError b._hidden of b"),
        ("b.sub:_hidden", "b.sub:_hidden"),
        ("b:os", "os:"),
        ("b:p", "posixpath:"),
        ("b:gone", "ImportError b.gone of b"),
        ("b:gone.more.still", "ImportError b.gone of b"),
        ("b.sub:gone", "ImportError b.sub.gone of b"),
        ("b:sub.gone", "ImportError b.sub.gone of b"),
        ("b.gone:", "ModuleNotFoundError b.gone of b"),
        ("b.gone.more:x", "ModuleNotFoundError b.gone of b"),
        ("b.sub.gone:", "ModuleNotFoundError b.sub.gone of b"),
        ("b:data", "ImportError b.data of b"),
        ("b:missing", "unknown"),
        ("b:x.y", "unknown"),
        ("b:h().y", "unknown"),
        ("b:__name__", "b:__name__"),
        ("b:__path__", "b:__path__"),
        ("b._c:", "b._c:"),
        ("b._c:anything", "unknown"),
        ("b._c.sub:", "unknown"),
        ("b.inner:", "b.inner:"),
        ("b.inner.deep:y", "b.inner.deep:y"),
        ("b.inner:deep", "b.inner.deep:"),
        ("b.lazy:anything", "unknown"),
        ("b.old:anything", "unknown"),
        ("b.old.sub:", "unknown"),
        ("b.raises:", "ImportError b.raises of b"),
        ("b.raises:x", "ImportError b.raises of b"),
        ("b.raises_else:", "KeyError b.raises_else of b"),
        ("c:z", "b:x"),
        ("c:d", "b:"),
        ("c:d.sub.f", "b.sub:f"),
        ("c:d.gone", "ImportError b.gone of b"),
        ("e:", "ModuleNotFoundError e of nobody"),
        ("e.f:g", "ModuleNotFoundError e of nobody"),
        ("ns:", "ns:"),
        ("ns.one:", "ns.one:"),
        ("ns.two:v", "ns.two:v"),
        ("ns:two", "ns.two:"),
        ("ns.deep:", "ns.deep:"),
        ("ns.deep:one", "ns.deep.one:"),
        ("ns.deep:two", "ns.deep.two:"),
        ("os:getcwd", "os:getcwd"),
        ("os.path:join", "posixpath:join"),
        ("no_such:", "ModuleNotFoundError no_such of nobody"),
        ("json:no_such", "ImportError json.no_such of python"),
        ("builtins:print", "builtins:print"),
    ],
)
def test_resolve(target: str, expected: str) -> None:
    found = in_short(environment_of(**SET).resolve(target, "c"))
    # The standard library says in two places what `os.path` is.
    assert found.replace("posixpath", "os.path") == expected.replace("posixpath", "os.path")


@pytest.mark.parametrize(
    ("module", "within", "expected"),
    [
        ("b", "c.d", "b"),
        ("", "c.d", "c.d"),
        (".", "b", "b"),
        (".x", "b", "b.x"),
        (".", "b.sub", "b"),
        (".x", "b.sub", "b.x"),
        (".x.y", "b.sub", "b.x.y"),
        ("..x", "b.inner.deep", "b.x"),
        (".x", "b.inner.deep", "b.inner.x"),
        ("..", "b.inner.deep", "b"),
    ],
)
def test_absolute(module: str, within: str, expected: str) -> None:
    assert environment_of(**SET).absolute(module, within) == expected


def test_a_set_with_holes_asserts_no_missing_module() -> None:
    holed = environment_of(incomplete=True, **SET)
    assert in_short(holed.resolve("e:", "c")) == "unknown"
    assert in_short(holed.resolve("ns.three:", "c")) == "unknown"
    assert in_short(holed.resolve("b:gone", "c")) == "ImportError b.gone of b"


def test_a_regular_package_is_closed_to_others() -> None:
    both = environment_of(one={"p/__init__.py": "", "p/x.py": ""}, two={"p/y.py": ""})
    assert in_short(both.resolve("p.y:", "p")) == "p.y:"
    assert in_short(both.resolve("p.z:", "p")) == "ModuleNotFoundError p.z of one"


@pytest.mark.parametrize(
    "text",
    [
        "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
        "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)",
        "__import__('pkg_resources').declare_namespace(__name__)",
        "__path__.append('x')",
    ],
)
def test_packages_that_others_extend_are_open(text: str) -> None:
    package = environment_of(
        one={"p/__init__.py": text, "p/x.py": ""}, two={"p/__init__.py": text, "p/y.py": ""}
    )
    assert in_short(package.resolve("p.x:", "p")) == "p.x:"
    assert in_short(package.resolve("p.y:", "p")) == "p.y:"
    assert in_short(package.resolve("p.z:", "p")) == "unknown"


def test_what_a_path_hook_makes_is_not_known() -> None:
    hooked = environment_of(setuptools={"hack.pth": "import _distutils_hack; _distutils_hack.do('e')\n"})
    assert in_short(hooked.resolve("e:", "c")) == "unknown"


def test_the_standard_library_comes_first() -> None:
    found = environment_of(evil={"json/__init__.py": ""}).resolve("json:dumps", "json")
    assert isinstance(found, Present)
    assert found.owner is not None
    assert found.owner.name == "python"


@pytest.mark.parametrize(
    ("python", "target", "expected"),
    [
        ((3, 10), "asyncio:coroutine", Present),
        ((3, 11), "asyncio:coroutine", Absent),
        ((3, 11), "distutils.core:setup", Present),
        ((3, 12), "distutils.core:setup", Absent),
        ((3, 11), "imp:reload", Present),
        ((3, 12), "imp:reload", Absent),
        ((3, 12), "cgi:escape", Absent),
        ((3, 12), "cgi:parse", Present),
        ((3, 13), "cgi:parse", Absent),
        ((3, 11), "tomllib:loads", Present),
        ((3, 10), "tomllib:loads", Absent),
        ((3, 10), "collections:Mapping", Absent),
        ((3, 10), "collections.abc:Mapping", Present),
        ((3, 9), "inspect:getargspec", Present),
        ((3, 11), "inspect:getargspec", Absent),
        ((3, 12), "unittest:makeSuite", Present),
        ((3, 13), "unittest:makeSuite", Absent),
        ((3, 11), "typing:TypedDict", Present),
        ((3, 11), "typing:override", Absent),
        ((3, 12), "typing:override", Present),
    ],
)
def test_the_standard_library(python: tuple[int, int], target: str, expected: type) -> None:
    assert isinstance(World({}, python_version=python).environment({}).resolve(target, "x"), expected)


def test_circles_end() -> None:
    circle = environment_of(
        b={
            "b/__init__.py": "from .c import *\nfrom .c import x",
            "b/c.py": "from . import *\nfrom . import x",
        }
    )
    for target in ("b:x", "b:y", "b.c:x", "b.c:y"):
        circle.resolve(target, "b")


def test_replacing() -> None:
    world = World(
        {
            ("b", "1", "2020-01-01"): "x = 1",
            ("b", "2", "2021-01-01"): "y = 1",
            ("c", "1", "2020-01-01"): "",
        }
    )
    first = world.environment({"b": "1"})
    second = first.replacing(world.environment({"b": "2"}).distributions[1])
    assert [in_short(e.resolve("b:x", "b")) for e in (first, second)] == ["b:x", "ImportError b.x of b"]
    third = second.replacing(world.environment({"c": "1"}).distributions[1])
    assert in_short(third.resolve("c:", "b")) == "c:"


_NAMES = st.sampled_from(["x", "y", "z", "s", "t"])
_LINES = st.one_of(
    st.builds("{} = 1".format, _NAMES),
    st.builds("from . import {}".format, _NAMES),
    st.builds("from .{} import {}".format, _NAMES, _NAMES),
    st.builds("from .{} import *".format, _NAMES),
    st.builds("import b.{}".format, _NAMES),
    st.builds("from b.{} import {} as {}".format, _NAMES, _NAMES, _NAMES),
    st.builds("del {}".format, _NAMES),
    st.builds("if hasattr(b, '{}'): {} = 1".format, _NAMES, _NAMES),
    st.builds("try:\n  from .{} import {}\nexcept ImportError:\n  {} = None".format, _NAMES, _NAMES, _NAMES),
    st.builds("__all__ = ['{}']".format, _NAMES),
    st.builds("def {}(): ...".format, _NAMES),
)
_MODULE = st.lists(_LINES, max_size=5).map("\n".join)
_PACKAGE = st.fixed_dictionaries(
    {"b/__init__.py": _MODULE}, optional={f"b/{name}.py": _MODULE for name in ("x", "s", "t")}
)


@given(_PACKAGE, _NAMES, _NAMES)
def test_resolving_ends_and_says_the_same_again(package: dict[str, str], one: str, other: str) -> None:
    for targets in ([f"b:{one}", f"b.{one}:{other}"], [f"b.{one}:{other}", f"b:{one}"]):
        world = World({("b", "1", "2020-01-01"): package}, with_standard_library=False)
        environment = world.environment({"b": "1"})
        first = [environment.resolve(t, "b") for t in targets]
        assert [environment.resolve(t, "b") for t in targets] == first
