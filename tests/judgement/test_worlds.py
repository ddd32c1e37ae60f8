"""Worlds of more than two: missing requirements, baselines, Python as a dependency, roots, what is not checked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from world import NEW_PAIR, OLD_PAIR, World, pair

from pinproof.actions.judging import judge
from pinproof.model.release import Pin
from pinproof.model.verdict import How, NotChecked, Severity

if TYPE_CHECKING:
    from pinproof.actions.library import Library
    from pinproof.model.verdict import Verdict


def test_the_whole_of_a_break() -> None:
    world = World(
        {
            ("werkzeug", "2.1.0", "2022-03-28"): {
                "werkzeug/urls.py": "def url_decode(): ...\ndef url_quote(): ..."
            },
            ("flask-login", "0.6.2", "2022-07-25"): {
                "flask_login/__init__.py": "from .utils import login_url",
                "flask_login/utils.py": "import os\n\nfrom werkzeug.urls import url_decode\ndef login_url(): ...",
            },
            ("werkzeug", "2.3.0", "2023-04-25"): {
                "werkzeug/urls.py": "def url_decode(): ...\ndef url_quote(): ..."
            },
            ("werkzeug", "3.0.0", "2023-09-30"): {"werkzeug/urls.py": "def url_quote(): ..."},
            ("werkzeug", "3.0.1", "2023-10-24"): {"werkzeug/urls.py": "def url_quote(): ..."},
        },
        requires={"flask-login": ["Werkzeug>=1.0.1"]},
    )
    (found,) = world.breaks({"flask-login": "0.6.2", "werkzeug": "3.0.1"}, ["flask-login"])
    assert (found.severity, found.how) == (Severity.FATAL, How.IMPORT)
    assert (found.dependent, found.dependent_version) == ("flask-login", Version("0.6.2"))
    assert (found.dependency, found.dependency_version) == ("werkzeug", Version("3.0.1"))
    assert (found.symbol, found.path, found.line) == ("werkzeug.urls.url_decode", "flask_login/utils.py", 3)
    assert (found.baseline, found.removed_in) == (Version("2.1.0"), Version("3.0.0"))
    assert found.works_with == SpecifierSet("<3")


B = {"1.0": "x = 1", "2.0": "", "3.0": ""}


def three(
    *a_requires: str, day: str = "2020-06-01", b: dict[str, str] | None = None, **more: object
) -> World:
    """Three releases of `b`, a year apart, and `a` which takes `b.x`."""
    versions = b or B
    releases = {("b", v, f"{2020 + n}-01-01"): text for n, (v, text) in enumerate(versions.items())}
    return World(
        {**releases, ("a", "1", day): "from b import x"}, requires={"a": a_requires or ("b",)}, **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("world", "b", "expected"),
    [
        (three(), "1.0", []),
        (three(), "2.0", ["fatal b.x"]),
        (three(), "3.0", ["fatal b.x"]),
        # The newest release of the day that `a` allowed never had it: nothing was taken away.
        (three(day="2021-06-01"), "3.0", []),
        (three("b<2", day="2021-06-01"), "3.0", ["fatal b.x"]),
        (three("b!=2.0", day="2021-06-01"), "3.0", ["fatal b.x"]),
        # Two extras may contradict each other; with each by itself something is allowed.
        (three("b<2; extra == 'old'", "b>=2; extra == 'new'"), "3.0", ["fatal b.x"]),
        (three("b<2; extra == 'old'", "b>=2; extra == 'new'", day="2021-06-01"), "3.0", []),
        (three("b<2", "b; extra == 'new'", day="2021-06-01"), "3.0", ["fatal b.x"]),
        # `a` came before any `b`.
        (three(day="2019-06-01"), "3.0", []),
        # A yanked release is no baseline.
        (three(day="2021-06-01", yanked={("b", "2.0")}), "3.0", ["fatal b.x"]),
        # Neither is a pre-release, where there is another.
        (three(day="2021-06-01", b={"1.0": "x = 1", "2.0rc1": "", "3.0": ""}), "3.0", ["fatal b.x"]),
        # Nor one that cannot be read, of which this is told instead.
        (three(unreadable={("b", "1.0")}), "3.0", []),
        # A floor: the set has an older one than the day had.
        (three(day="2022-06-01", b={"1.0": "", "2.0": "", "3.0": "x = 1"}), "2.0", ["fatal b.x"]),
        (three(day="2022-06-01", b={"1.0": "", "2.0": "", "3.0": "x = 1"}), "3.0", []),
    ],
)
def test_baselines(world: World, b: str, expected: list[str]) -> None:
    assert world.told({"a": "1", "b": b}) == expected


def test_a_floor_says_which_releases_will_do() -> None:
    world = three(day="2022-06-01", b={"1.0": "", "2.0": "x = 1", "3.0": "x = 1"})
    (found,) = world.breaks({"a": "1", "b": "1.0"})
    assert (found.baseline, found.works_with) == (Version("3.0"), SpecifierSet(">=2.0"))


def test_a_stretch_that_is_mended_is_left_out() -> None:
    world = three(b={"1.0": "x = 1", "2.0": "", "2.1": "x = 1"})
    (found,) = world.breaks({"a": "1", "b": "2.0"})
    assert found.works_with == SpecifierSet("!=2.0")


def test_what_could_not_be_read_is_told() -> None:
    verdict = three(unreadable={("b", "1.0")}).verdict({"a": "1", "b": "3.0"})
    assert verdict.not_checked == (NotChecked("b 1.0", "damaged"),)
    verdict = three(unreadable={("b", "3.0")}).verdict({"a": "1", "b": "3.0"})
    assert (verdict.breaks, verdict.not_checked) == ((), (NotChecked("b 3.0", "damaged"),))


def test_a_module_that_cannot_be_parsed_is_told() -> None:
    verdict = pair({"a/__init__.py": "from . import c", "a/c.py": "print 'x'"}, "", "").verdict(NEW_PAIR)
    assert [n.name for n in verdict.not_checked] == ["a 1: a.c"]


# --- requirements that were never stated --------------------------------------------------------------------


def nbformat(text: str = "import c", **later: str) -> World:
    """`a` requires `b`, whose first release required `c`."""
    releases = {
        ("c", "1.0", "2019-01-01"): "x = 1",
        ("b", "1.0", "2020-01-01"): "",
        ("a", "1", "2020-06-01"): text,
        ("b", "2.0", "2021-01-01"): "",
        **{("c", version.replace("_", "."), "2022-01-01"): source for version, source in later.items()},
    }
    return World(releases, requires={"a": ["b"], ("b", "1.0"): ["c"]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import c", ["fatal c"]),
        ("from c import x", ["fatal c"]),
        ("import c.d", []),
        ("try:\n  import c\nexcept ImportError: ...", []),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING: import c", []),
        ("def f(): import c", []),
        ("import never", []),
        ("", []),
    ],
)
def test_a_missing_requirement(text: str, expected: list[str]) -> None:
    world = nbformat(text)
    assert world.told(NEW_PAIR) == expected
    assert world.told({**NEW_PAIR, "c": "1.0"}) == []


def test_a_missing_requirement_says_what_to_add() -> None:
    (found,) = nbformat().breaks(NEW_PAIR)
    assert (found.dependency, found.dependency_version) == ("c", None)
    assert (found.baseline, found.works_with) == (Version("1.0"), SpecifierSet())


def test_a_missing_requirement_that_has_lost_the_module_since() -> None:
    world = nbformat("from c.d import x", **{"2_0": ""})
    world.releases["c", "1.0", "2019-01-01"] = {"c/__init__.py": "", "c/d.py": "x = 1"}  # type: ignore[index]
    (found,) = world.breaks(NEW_PAIR)
    assert (found.dependency, found.works_with) == ("c", SpecifierSet("<2"))


def pkg_resources(requires: list[str], text: str = "import pkg_resources") -> World:
    return World(
        {
            ("setuptools", "50.0", "2020-01-01"): {
                "setuptools/__init__.py": "",
                "pkg_resources/__init__.py": "",
            },
            ("a", "1", "2020-06-01"): text,
            ("setuptools", "90.0", "2026-01-01"): {"setuptools/__init__.py": ""},
        },
        requires={"a": requires},
        python_version=(3, 12),
    )


def test_a_module_that_went_from_a_distribution_of_the_set() -> None:
    world = pkg_resources(["setuptools"])
    (found,) = world.breaks({"a": "1", "setuptools": "90.0"})
    assert (found.severity, found.symbol, found.dependency) == (Severity.FATAL, "pkg_resources", "setuptools")
    assert found.works_with == SpecifierSet("<90")
    assert world.told({"a": "1", "setuptools": "50.0"}) == []


def test_a_module_that_every_environment_had() -> None:
    (found,) = pkg_resources([]).breaks({"a": "1"})
    assert (found.symbol, found.dependency, found.dependency_version) == ("pkg_resources", "setuptools", None)
    assert found.works_with == SpecifierSet("<90")


# --- Python ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "python", "expected"),
    [
        ("import asyncio\n@asyncio.coroutine\ndef f(): ...", (3, 10), []),
        ("import asyncio\n@asyncio.coroutine\ndef f(): ...", (3, 11), ["fatal asyncio.coroutine"]),
        ("from asyncio import coroutine", (3, 12), ["fatal asyncio.coroutine"]),
        ("import distutils.core", (3, 11), []),
        ("import distutils.core", (3, 12), ["fatal distutils"]),
        ("from distutils.version import LooseVersion", (3, 12), ["fatal distutils"]),
        ("import distutils", (3, 12), ["fatal distutils"]),
        ("import imp", (3, 11), []),
        ("import imp", (3, 12), ["fatal imp"]),
        ("import smtpd", (3, 12), ["fatal smtpd"]),
        ("import cgi", (3, 13), ["fatal cgi"]),
        ("try:\n  import imp\nexcept ImportError: ...", (3, 12), []),
        ("def f():\n  import imp", (3, 12), ["latent imp"]),
        ("from inspect import getargspec", (3, 11), ["fatal inspect.getargspec"]),
        ("import inspect\ndef f(): inspect.getargspec(f)", (3, 11), ["latent inspect.getargspec"]),
        ("import inspect\nif hasattr(inspect, 'getargspec'): inspect.getargspec", (3, 11), []),
        ("import sys\nif sys.version_info < (3, 12): import imp", (3, 12), []),
        ("import sys\nif sys.version_info < (3, 12): import imp\nelse: import importlib", (3, 11), []),
        ("import ConfigParser", (3, 12), []),
        ("try:\n  import ConfigParser\nexcept ImportError:\n  import configparser", (3, 12), []),
        ("from math import pi\nfrom os import environ\nfrom sys import path, version_info", (3, 12), []),
        ("try:\n  from math import pi\nexcept ImportError:\n  import imp", (3, 12), []),
        ("try:\n  from sys import version_info\nexcept ImportError:\n  import imp", (3, 12), []),
        ("from typing import TypedDict, Literal, Any", (3, 12), []),
        ("import os, sys\nos.path.join, sys.modules, os.environ.get('x')", (3, 12), []),
    ],
)
def test_python_is_a_dependency(text: str, python: tuple[int, int], expected: list[str]) -> None:
    world = World({("a", "1", "2020-06-01"): text}, python_version=python)
    assert world.told({"a": "1"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from fractions import gcd", ["fatal fractions.gcd"]),
        ("import string\nstring.maketrans", []),  # 3.6 did not have it either
    ],
)
def test_the_oldest_python_that_is_known_stands_for_older_ones(text: str, expected: list[str]) -> None:
    world = World({("a", "1", "2014-06-01"): text}, python_version=(3, 9))
    assert world.told({"a": "1"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # It runs, and fails, whenever it was written.
        ("import imp", ["fatal imp"]),
        # Who wrote it had the Python at hand.
        ("def f(): import imp", []),
        ("try:\n  import setuptools\nexcept ImportError:\n  import imp", ["fatal imp"]),
        ("def f():\n  try: import setuptools\n  except ImportError: import imp", []),
    ],
)
def test_what_was_written_when_the_python_was_there(text: str, expected: list[str]) -> None:
    world = World({("a", "1", "2024-06-01"): text}, python_version=(3, 12))
    assert world.told({"a": "1"}) == expected


def test_a_break_of_python_says_which_ones_will_do() -> None:
    world = World({("a", "1", "2020-06-01"): "import imp"}, python_version=(3, 12))
    (found,) = world.breaks({"a": "1"})
    assert (found.dependency, found.dependency_version) == ("python", Version("3.12"))
    assert (found.removed_in, found.works_with) == (Version("3.12"), SpecifierSet("<3.12"))


def test_distutils_that_setuptools_puts_in_place() -> None:
    hook = "import os; os.environ.get('SETUPTOOLS_USE_DISTUTILS', 'local') == 'local' and __import__('_distutils_hack')"
    world = World(
        {
            ("setuptools", "60.0", "2022-01-01"): {
                "setuptools/__init__.py": "",
                "setuptools/_distutils/__init__.py": "",
                "_distutils_hack/__init__.py": "",
                "distutils-precedence.pth": f"{hook}; distutils\n",
            },
            ("a", "1", "2022-06-01"): "import distutils.core",
        },
        requires={"a": ["setuptools"]},
        python_version=(3, 12),
    )
    assert world.told({"a": "1", "setuptools": "60.0"}) == []


# --- several distributions ------------------------------------------------------------------------------------


def test_re_exports_are_followed_across_distributions() -> None:
    world = World(
        {
            ("c", "1.0", "2020-01-01"): "x = 1",
            ("b", "1.0", "2020-01-02"): "from c import x",
            ("a", "1", "2020-06-01"): "from b import x",
            ("c", "2.0", "2021-01-01"): "",
        },
        requires={"a": ["b"], "b": ["c"]},
    )
    assert world.told({"a": "1", "b": "1.0", "c": "1.0"}) == []
    (found,) = world.breaks({"a": "1", "b": "1.0", "c": "2.0"})
    assert (found.dependent, found.dependency, found.symbol) == ("b", "c", "c.x")


def test_star_imports_are_followed_across_distributions() -> None:
    world = World(
        {
            ("c", "1.0", "2020-01-01"): "x = y = 1",
            ("b", "1.0", "2020-01-02"): "from c import *",
            ("a", "1", "2020-06-01"): "from b import x",
            ("c", "2.0", "2021-01-01"): "y = 1",
        },
        requires={"a": ["b"], "b": ["c"]},
    )
    assert world.told({"a": "1", "b": "1.0", "c": "1.0"}) == []
    assert world.told({"a": "1", "b": "1.0", "c": "2.0"}) in ([], ["fatal b.x"])


def test_a_break_between_two_others_is_told_of_those() -> None:
    world = World(
        {
            ("c", "1.0", "2020-01-01"): "x = 1",
            ("b", "1.0", "2020-01-02"): {
                "b/__init__.py": "",
                "b/used.py": "from c import x",
                "b/unused.py": "from c import x",
            },
            ("a", "1", "2020-06-01"): "import b.used",
            ("c", "2.0", "2021-01-01"): "",
        },
        requires={"a": ["b"], "b": ["c"]},
    )
    (found,) = world.breaks({"a": "1", "b": "1.0", "c": "2.0"})
    assert (found.severity, found.dependent, found.path) == (Severity.FATAL, "b", "b/used.py")


def test_namespace_packages_of_several_distributions() -> None:
    world = World(
        {
            ("ns-one", "1.0", "2020-01-01"): {"ns/one.py": "x = 1", "ns/both.py": ""},
            ("ns-two", "1.0", "2020-01-01"): {"ns/two.py": "x = 1"},
            ("a", "1", "2020-06-01"): "from ns.one import x\nfrom ns.two import x\nfrom ns import one, both",
            ("ns-one", "2.0", "2021-01-01"): {"ns/one.py": ""},
        },
        requires={"a": ["ns-one", "ns-two"]},
    )
    assert world.told({"a": "1", "ns-one": "1.0", "ns-two": "1.0"}) == []
    told = world.told({"a": "1", "ns-one": "2.0", "ns-two": "1.0"})
    assert "fatal ns.one.x" in told
    assert not any("two" in line for line in told)


def test_the_name_of_a_distribution_is_not_that_of_its_module() -> None:
    world = World(
        {
            ("PyYAML", "5.0", "2020-01-01"): {"yaml/__init__.py": "def load(): ..."},
            ("a", "1", "2020-06-01"): "import yaml\nyaml.load()",
            ("PyYAML", "6.0", "2021-01-01"): {"yaml/__init__.py": ""},
        },
        requires={"a": ["PyYAML"]},
    )
    (found,) = world.breaks({"a": "1", "pyyaml": "6.0"})
    assert (found.dependency, found.symbol) == ("pyyaml", "yaml.load")


def test_one_module_of_several_distributions() -> None:
    world = World(
        {
            ("cv", "1.0", "2020-01-01"): {"cv2/__init__.py": "x = 1"},
            ("cv-headless", "1.0", "2020-01-01"): {"cv2/__init__.py": "x = 1"},
            ("a", "1", "2020-06-01"): "from cv2 import x",
            ("cv", "2.0", "2021-01-01"): {"cv2/__init__.py": ""},
        },
        requires={"a": ["cv"]},
    )
    assert world.told({"a": "1", "cv-headless": "1.0"}) == []
    assert world.told({"a": "1", "cv": "1.0", "cv-headless": "1.0"}) == []


# --- roots ----------------------------------------------------------------------------------------------------

ROOTED = World(
    {
        ("c", "1.0", "2020-01-01"): "x = 1",
        ("b", "1.0", "2020-01-02"): {"b/__init__.py": "", "b/cli.py": "from c import x"},
        ("a", "1", "2020-06-01"): "import b",
        ("c", "2.0", "2021-01-01"): "",
    },
    requires={"a": ["b"], "b": ["c"]},
    entry_points={"b": {"console_scripts": {"b": "b.cli:main"}, "other": {"x": "b.other:y"}}},
)
PINS = {"a": "1", "b": "1.0", "c": "2.0"}


def test_roots_are_the_direct_distributions_and_their_commands() -> None:
    assert ROOTED.told(PINS, ["a"]) == ["latent c.x"]
    assert ROOTED.told(PINS, ["b"]) == ["fatal c.x"]
    assert ROOTED.told(PINS, ["a", "b"]) == ["fatal c.x"]
    assert ROOTED.told(PINS, None) == ["latent c.x"]


def test_a_command_that_needs_an_extra_is_no_root() -> None:
    world = World(
        ROOTED.releases, ROOTED.requires, entry_points={"b": {"console_scripts": {"b": "b.cli:main [extra]"}}}
    )
    assert world.told(PINS, ["b"]) == ["latent c.x"]


# --- entry points ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b:gone", ["latent b.gone"]),
        ("b.sub:C.gone", ["latent b.sub.C.gone"]),
        ("b.old", ["latent b.old"]),
        ("b.old : x", ["latent b.old"]),
        ("b:kept", []),
        ("b.sub:C.kept", []),
        ("b.sub", []),
        ("b:gone [extra]", []),  # needs what is perhaps not installed
        ("b:never", []),
        ("nobody:x", []),
        ("a:nothing", []),  # its own, and perhaps made by its build
        ("a.sub:nothing", []),
        ("..:", []),
        ("", []),
    ],
)
def test_entry_points_that_lead_into_another_distribution(reference: str, expected: list[str]) -> None:
    sub = {"b/sub.py": "class C:\n  kept = 1"}
    world = World(
        {
            ("b", "1.0", "2020-01-01"): {
                "b/__init__.py": "gone = kept = 1",
                "b/sub.py": "class C:\n  gone = kept = 1",
                "b/old.py": "x = 1",
            },
            ("a", "1", "2020-06-01"): "",
            ("b", "2.0", "2021-01-01"): {"b/__init__.py": "kept = 1", **sub},
        },
        requires={"a": ["b"]},
        entry_points={"a": {"plugins": {"x": reference}}},
    )
    assert world.told(NEW_PAIR) == expected
    assert world.told(OLD_PAIR) == []


def test_where_an_entry_point_stands() -> None:
    world = World(
        {("b", "1", "2020-01-01"): "x = 1", ("a", "1", "2020-06-01"): "", ("b", "2", "2021-01-01"): ""},
        requires={"a": ["b"]},
        entry_points={"a": {"plugins": {"x": "b:x"}}},
    )
    (found,) = world.breaks({"a": "1", "b": "2"})
    assert (found.path, found.line, found.works_with) == ("entry_points.txt", 0, SpecifierSet("<2"))
    assert world.breaks({"a": "1", "b": "2"}) == (found,)  # as it was remembered


# --- laws -----------------------------------------------------------------------------------------------------

_NAMES = st.sampled_from(["x", "y", "z", "c", "d"])
_DEFINITIONS = st.one_of(
    st.builds("{} = 1".format, _NAMES),
    st.builds("def {}(): ...".format, _NAMES),
    st.builds("class {}: ...".format, _NAMES),
    st.builds("from .{} import {}".format, st.sampled_from(["c", "d"]), _NAMES),
    st.builds("from .{} import *".format, st.sampled_from(["c", "d"])),
    st.builds("from . import {}".format, st.sampled_from(["c", "d"])),
    st.builds("import os as {}".format, _NAMES),
    st.builds("try:\n  from .c import {0}\nexcept ImportError:\n  {0} = None".format, _NAMES),
    st.builds("if '{0}':\n  {0} = 1".format, _NAMES),
    st.builds("__all__ = ['{}', '{}']".format, _NAMES, _NAMES),
    st.builds("def __getattr__(name):\n  if name == '{}': return 1\n  raise AttributeError".format, _NAMES),
)
_USES = st.one_of(
    st.builds("from b import {}".format, _NAMES),
    st.builds("import b\nb.{}".format, _NAMES),
    st.builds("import b.{0}\nb.{0}.{1}".format, _NAMES, _NAMES),
    st.builds("from b.{} import {}".format, _NAMES, _NAMES),
    st.builds("from b import *\n{}".format, _NAMES),
    st.builds("def f():\n  import b\n  b.{}()".format, _NAMES),
    st.builds("import b\nif hasattr(b, '{0}'): b.{0}".format, _NAMES),
    st.builds("try:\n  from b import {0}\nexcept ImportError:\n  from b import {1}".format, _NAMES, _NAMES),
    st.builds("import b\nclass K(b.{}): ...".format, _NAMES),
    st.builds("import b\n@b.{}\ndef f(x: b.{}): ...".format, _NAMES, _NAMES),
)
_TEXT = st.lists(_DEFINITIONS, max_size=4).map("\n".join)
_LIBRARY = st.fixed_dictionaries({"b/__init__.py": _TEXT}, optional={"b/c.py": _TEXT, "b/d.py": _TEXT})
_CLIENT = st.lists(_USES, min_size=1, max_size=4).map("\n".join)


@settings(deadline=None)
@given(_CLIENT, _LIBRARY)
def test_a_set_against_its_own_baseline_has_no_break(a: str, b: dict[str, str]) -> None:
    assert pair(a, b, b).told(OLD_PAIR) == []
    assert pair(a, b, b).told(NEW_PAIR) == []


@settings(deadline=None)
@given(_CLIENT, _LIBRARY, st.lists(st.sampled_from(["new_1", "new_2", "new_3"]), min_size=1, unique=True))
def test_to_add_a_name_breaks_nothing(a: str, b: dict[str, str], added: list[str]) -> None:
    more = "\n".join(f"{name} = 1" for name in added)
    new = {path: f"{text}\n{more}" for path, text in b.items()}
    assert pair(a, b, new).told(NEW_PAIR) == []


@settings(deadline=None)
@given(_CLIENT, _LIBRARY)
def test_to_add_a_module_breaks_nothing(a: str, b: dict[str, str]) -> None:
    assert pair(a, b, {**b, "b/new.py": "x = 1"}).told(NEW_PAIR) == []


@settings(deadline=None)
@given(_CLIENT, _LIBRARY, _LIBRARY)
def test_every_break_has_a_span_that_leaves_the_release_out(
    a: str, old: dict[str, str], new: dict[str, str]
) -> None:
    found = pair(a, old, new).breaks(NEW_PAIR)
    for one in found:
        assert one.works_with is not None
        assert Version("2.0") not in one.works_with
        assert Version("1.0") in one.works_with
    assert all(one.severity <= other.severity for one, other in pairwise(found)) or len(found) < 2


# --- what is looked into -------------------------------------------------------------------------------------


def moved(to: str, a: dict[str, str]) -> list[str]:
    """What is told of `a`, made with b 1.1.0, where the set has another release that lacks `gone`."""
    world = World(
        {("b", "1.1.0", "2023-01-01"): "gone = 1", ("a", "1", "2023-06-01"): a, ("b", to, "2023-09-01"): ""},
        requires={"a": ["b"]},
    )
    return world.told({"a": "1", "b": to})


UNREACHED = {"a/__init__.py": "", "a/other.py": "import b\ndef f(): b.gone"}
REACHED = {"a/__init__.py": "from . import other", "a/other.py": "from b import gone"}


def test_what_only_a_body_makes_is_not_missed_by_what_is_only_skimmed() -> None:
    world = World(
        {
            ("b", "1.0.0", "2025-01-01"): "def x(): ...",
            ("b", "1.0.1", "2025-09-01"): "def make():\n    globals()['x'] = 1\n\nmake()\n",
            ("a", "1", "2025-06-01"): "from b import x",
        }
    )
    assert world.told({"a": "1", "b": "1.0.1"}) == []


@pytest.mark.parametrize(
    ("to", "a", "expected"),
    [
        ("1.2.0", UNREACHED, ["latent b.gone"]),
        ("1.1.1", UNREACHED, []),
        ("1.0.9", UNREACHED, ["latent b.gone"]),
        ("1.1.1", REACHED, ["fatal b.gone"]),
    ],
)
def test_a_patch_release_is_not_looked_into_for_what_may_never_run(
    to: str, a: dict[str, str], expected: list[str]
) -> None:
    assert moved(to, a) == expected


def test_what_a_module_that_is_only_skimmed_puts_in_place_is_there() -> None:
    world = World(
        {
            ("b", "1.0", "2023-01-01"): "gone = 1",
            ("a", "1", "2023-06-01"): "import c\nimport b\nb.gone",
            ("b", "2.0", "2023-09-01"): "",
            ("c", "1", "2024-01-01"): "import b\nb.gone = 1",
        },
        requires={"a": ["b", "c"], "c": ["b"]},
    )
    assert world.told({"a": "1", "b": "2.0", "c": "1"}) == []


def test_a_baseline_can_be_installed_on_the_python_at_hand() -> None:
    world = World(
        {
            ("b", "1.0", "2023-01-01"): "x = 1",
            ("b", "2.0", "2023-02-01"): "x = gone = 1",
            ("a", "1", "2023-06-01"): "import b\nb.gone",
        },
        requires={"a": ["b"]},
        requires_python={("b", "2.0"): ">=3.12"},
    )
    assert world.told({"a": "1", "b": "1.0"}) == []


def test_what_an_extra_requires_is_a_root_all_the_same() -> None:
    world = World(
        {
            ("b", "1.0", "2020-01-01"): "gone = 1",
            ("a", "1", "2020-06-01"): "from b import gone",
            ("b", "2.0", "2021-01-01"): "",
            ("c", "1", "2021-01-01"): "",
        },
        requires={"a": ["b"], "c": ["a; extra == 'a'"]},
    )
    assert world.told({"a": "1", "b": "2.0", "c": "1"}, direct=None) == ["fatal b.gone"]


@pytest.mark.parametrize("shims", ["", "try:\n    import fast\nexcept ImportError:\n    fast = None\n"])
def test_a_package_that_was_asked_what_it_binds_is_read_as_a_whole_later(shims: str) -> None:
    sub = """
        from ..compat import b
        def first():
            if b:
                try:
                    return b.gone
                except ImportError:
                    return None
            return [line for line in ("a long body", "that is left out", "of an outline")]
        """
    sources = {
        "a/__init__.py": "from .sub import other",
        "a/compat.py": "import b",
        "a/sub/__init__.py": shims + dedent(sub),
        "a/sub/other.py": "",
    }
    world = World(
        {
            ("a", "1", "2020-06-01"): sources,
            ("b", "1", "2020-01-01"): "gone = 1",
            ("b", "2", "2020-09-01"): "",
        },
        requires={"a": ["b"]},
    )
    assert world.told({"a": "1", "b": "2"}) == ["latent b.gone"]


@pytest.mark.parametrize("how", ["from .compat import b\nb.gone", "from . import compat\ncompat.b.gone"])
def test_what_a_module_takes_through_another_of_its_own_is_looked_at(how: str) -> None:
    world = World(
        {
            ("b", "1.0", "2023-01-01"): "gone = 1",
            ("a", "1", "2024-06-01"): {
                "a/__init__.py": "from . import other",
                "a/other.py": how,
                "a/compat.py": "import b",
            },
            ("b", "2.0", "2024-09-01"): "",
        },
        requires={"a": ["b"]},
    )
    assert world.told({"a": "1", "b": "2.0"}) == ["fatal b.gone"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("import c", ["a==1"]),
        # What came with Python or with every environment is known without asking.
        ("import imp\nimport pkg_resources", []),
        ("def f(): import c", []),
        ("import b", []),
    ],
)
def test_what_the_resolver_is_asked_ahead(text: str, asked: list[str]) -> None:
    releases = {("a", "1", "2020-06-01"): text, ("b", "1", "2020-01-01"): ""}
    world = World(releases, requires={"a": ["b"]}, python_version=(3, 12))
    world.told({"a": "1", "b": "1"})
    assert world.asked_ahead == asked


def test_of_a_part_of_a_set_nothing_is_lost() -> None:
    world = World(
        {
            ("b", "1", "2020-01-01"): "class C:\n  gone = 1",
            ("a", "1", "2020-06-01"): "import b\ndef f(x): x.gone",
            ("b", "2", "2021-01-01"): "class C: ...",
            ("c", "1", "2020-01-01"): "gone = 1",
        },
        requires={"a": ["b"]},
        unreadable={("c", "1")},
    )
    assert world.told({"a": "1", "b": "2"}) == ["latent b.C.gone"]
    assert world.told({"a": "1", "b": "2", "c": "1"}) == []


def test_what_anything_in_a_set_has_is_not_lost() -> None:
    world = World(
        {
            ("b", "1", "2020-01-01"): "class C:\n  gone = other = foreign = 1",
            ("a", "1", "2020-06-01"): "import b\ndef f(x): x.gone, x.other, x.foreign",
            ("b", "2", "2021-01-01"): "class C: ...",
            ("c", "1", "2020-01-01"): "class D:\n  other = 1",
            ("d", "1", "2020-01-01"): "class D:\n  foreign = 1",
        },
        requires={"a": ["b"], "b": ["c"]},
    )
    assert world.told({"a": "1", "b": "2", "c": "1", "d": "1"}) == ["latent b.C.gone"]


LOST = {
    ("b", "1", "2020-01-01"): "class C:\n  gone = 1",
    ("a", "1", "2020-06-01"): "import b\ndef f(x): x.gone",
    ("b", "2", "2021-01-01"): "class C: ...",
}


def test_what_may_be_lost_is_not_checked_where_the_past_is_out_of_reach() -> None:
    world = World(LOST, requires={"a": ["b"]}, unreachable={("b", "1")})
    verdict = world.verdict({"a": "1", "b": "2"})
    assert (verdict.breaks, verdict.not_checked) == ((), (NotChecked("a 1", "b 1 is not in the cache"),))
    within_reach = replace(world, unreachable=())
    assert within_reach.told({"a": "1", "b": "2"}) == ["latent b.C.gone"], "it was not taken for settled"


def test_where_something_lost_is_taken_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(LOST, requires={"a": ["b"]})
    first = judge_again(world)
    assert (first.breaks[0].path, first.breaks[0].line) == ("a/__init__.py", 2)
    monkeypatch.setattr(World, "seeking", lambda *_: pytest.fail("the text was asked for again"))
    assert judge_again(world) == first


def judge_again(world: World) -> Verdict:
    """The judgement with what the world remembers, and without another look at it."""
    pins = [Pin(canonicalize_name(name), Version(version)) for name, version in (("a", "1"), ("b", "2"))]
    return judge(pins, cast("Library", world))
