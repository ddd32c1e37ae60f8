"""Whether code runs, and who catches what it raises, for one set, one Python and one platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from world import World

from pinproof.judgement.answers import Truth
from pinproof.judgement.circumstances import Circumstance, Circumstances, both, negated
from pinproof.model import module as m

if TYPE_CHECKING:
    from collections.abc import Sequence

B = """\
    ON = True
    OFF = False
    NOTHING = None
    class K: ...
    def f(): ...
    """


def circumstances(
    source: str = "", python: tuple[int, int] = (3, 11), platform: str = "linux", version: str = "2.3.1"
) -> Circumstances:
    """Those of a set with `b` and a module `a`."""
    releases = {("b", version, "2020-01-01"): B, ("a", "1", "2020-01-01"): source}
    world = World(releases, python_version=python, platform=platform)
    return world.environment({"b": version, "a": "1"}).circumstances


@pytest.mark.parametrize(
    ("op", "value", "yes", "no", "maybe"),
    [
        (">=", (3, 11), ["3.11", "3.12"], ["3.10"], []),
        (">", (3, 11), ["3.11", "3.12"], ["3.10"], []),
        ("<", (3, 11), ["3.10"], ["3.11", "3.12"], []),
        ("<=", (3, 11), ["3.10"], ["3.11", "3.12"], []),
        (">=", (3,), ["3.9", "3.11"], [], []),
        ("<", (3,), [], ["3.9", "3.11"], []),
        ("==", (3,), ["3.9", "3.11"], [], []),
        ("==", (2,), [], ["3.11"], []),
        ("!=", (2,), ["3.11"], [], []),
        ("==", (3, 11), ["3.11"], ["3.10", "3.12"], []),
        ("!=", (3, 11), ["3.10", "3.12"], ["3.11"], []),
        (">=", (3, 11, 4), ["3.12"], ["3.10"], ["3.11"]),
        ("<", (3, 11, 4), ["3.10"], ["3.12"], ["3.11"]),
        (">=", (3, 11, 0), ["3.11", "3.12"], ["3.10"], []),
        ("<", (3, 11, 0), ["3.10"], ["3.11", "3.12"], []),
        ("==", (3, 11, 4), [], ["3.10", "3.12"], ["3.11"]),
        (">", (3,), ["3.9", "3.11"], [], []),
        ("<=", (3,), [], ["3.9"], []),
        (">=", (4,), [], ["3.9"], []),
        ("<", (4,), ["3.9"], [], []),
    ],
)
def test_python_versions(
    op: str, value: tuple[int, ...], yes: Sequence[str], no: Sequence[str], maybe: Sequence[str]
) -> None:
    for texts, expected in ((yes, Truth.YES), (no, Truth.NO), (maybe, Truth.MAYBE)):
        for text in texts:
            major, minor = map(int, text.split("."))
            assert circumstances(python=(major, minor)).truth(m.PythonVersion(op, value), "a") is expected, (
                text
            )


@pytest.mark.parametrize(
    ("subject", "op", "value", "platforms"),
    [
        ("sys:platform", "==", "linux", {"linux"}),
        ("sys:platform", "!=", "linux", {"darwin", "win32"}),
        ("sys:platform", "startswith", "win", {"win32"}),
        ("sys:platform", "contains", "win", {"darwin", "win32"}),
        ("os:name", "==", "nt", {"win32"}),
        ("os:name", "==", "posix", {"linux", "darwin"}),
        ("platform:system()", "==", "Darwin", {"darwin"}),
        ("platform:python_implementation()", "==", "CPython", {"linux", "darwin", "win32"}),
    ],
)
def test_platforms(subject: str, op: str, value: str, platforms: set[str]) -> None:
    for platform in ("linux", "darwin", "win32"):
        expected = Truth.YES if platform in platforms else Truth.NO
        assert circumstances(platform=platform).truth(m.Platform(subject, op, value), "a") is expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        (">=", "2.3", Truth.YES),
        (">=", "2.3.1", Truth.YES),
        (">", "2.3.1", Truth.NO),
        ("<", "2.4rc1", Truth.YES),
        ("==", "2.3.1", Truth.YES),
        ("!=", "2.3.1", Truth.NO),
        ("<=", "10", Truth.YES),
        ("startswith", "2.", Truth.YES),
        ("startswith", "1.", Truth.NO),
        ("<", "not a version", Truth.WARY),
    ],
)
def test_library_versions(op: str, value: str, expected: Truth) -> None:
    assert circumstances().truth(m.LibraryVersion("b", op, value), "a") is expected


def test_the_version_of_what_is_not_there_is_not_known() -> None:
    assert circumstances().truth(m.LibraryVersion("c", "<", "1"), "a") is Truth.WARY


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (m.Constant(True), Truth.YES),
        (m.Constant(False), Truth.NO),
        (m.Opaque(wary=False), Truth.MAYBE),
        (m.Opaque(wary=True), Truth.WARY),
        (m.Not(m.Opaque(wary=True)), Truth.WARY),
        (m.Not(m.Constant(True)), Truth.NO),
        (m.Has("b:K"), Truth.YES),
        (m.Has("b:gone"), Truth.NO),
        (m.Has("c:x"), Truth.NO),
        (m.Flag("b:ON"), Truth.YES),
        (m.Flag("b:OFF"), Truth.NO),
        (m.Flag("b:NOTHING"), Truth.NO),
        (m.Flag("b:K"), Truth.YES),
        (m.Flag("b:f"), Truth.YES),
        (m.Flag("b:gone"), Truth.WARY),
        (m.Flag("c:x"), Truth.WARY),
        (m.All((m.Constant(True), m.Has("b:K"))), Truth.YES),
        (m.All((m.Opaque(wary=True), m.Constant(False))), Truth.NO),
        (m.All((m.Opaque(wary=False), m.Constant(True))), Truth.MAYBE),
        (m.All((m.Opaque(wary=False), m.Opaque(wary=True))), Truth.WARY),
        (m.All(()), Truth.YES),
        (m.Any_((m.Opaque(wary=True), m.Constant(True))), Truth.YES),
        (m.Any_((m.Constant(False), m.Has("b:gone"))), Truth.NO),
        (m.Any_((m.Opaque(wary=False), m.Constant(False))), Truth.MAYBE),
        (m.Any_(()), Truth.NO),
    ],
)
def test_truth(test: m.AnyTest, expected: Truth) -> None:
    assert circumstances().truth(test, "a") is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("F = True", Truth.YES),
        ("F = None", Truth.NO),
        ("F = 1 == x", Truth.MAYBE),
        ("import sys\nF = sys.version_info > (3,)", Truth.YES),
        ("import b\nF = hasattr(b, 'gone')", Truth.NO),
        ("import b\nF = b.__version__ > '2'", Truth.YES),
        ("F = False\nF = True", Truth.YES),
        ("F = True\nF = False", Truth.NO),
        ("from b import ON as F", Truth.YES),
        ("from b import OFF as F", Truth.NO),
        ("from b import K as F", Truth.YES),
        ("import b as F", Truth.YES),
        ("def F(): ...", Truth.YES),
        ("try:\n  import b\n  F = True\nexcept ImportError:\n  F = False", Truth.YES),
        ("try:\n  import b\nexcept ImportError:\n  F = False\nelse:\n  F = True", Truth.YES),
        ("try:\n  import c\nexcept ImportError:\n  F = False\nelse:\n  F = True", Truth.NO),
        ("try:\n  import c\n  F = True\nexcept ImportError:\n  F = False", Truth.NO),
        ("F = False\ntry:\n  import c\n  F = True\nexcept ImportError: ...", Truth.NO),
        ("F = True\ntry:\n  import c\nexcept ImportError:\n  F = False", Truth.NO),
        ("import sys\nif sys.version_info < (3,): F = True\nelse: F = False", Truth.NO),
    ],
)
def test_flags(source: str, expected: Truth) -> None:
    answer = circumstances(source).truth(m.Flag(":F"), "a")
    # Where it matters, not to be certain is an answer, too; to be certain of the opposite is none.
    assert answer in (expected, Truth.MAYBE, Truth.WARY)


@pytest.mark.parametrize(
    ("handlers", "caught"),
    [
        ([], set()),
        ([("ImportError",)], {"ImportError", "ModuleNotFoundError"}),
        ([("ModuleNotFoundError",)], {"ModuleNotFoundError"}),
        ([("AttributeError",)], {"AttributeError"}),
        (
            [("Exception",)],
            {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception"},
        ),
        ([("*",)], {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception"}),
        (
            [("BaseException",)],
            {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception"},
        ),
        ([("KeyError",)], set()),
        ([("KeyError", "TypeError")], {"TypeError"}),
        ([("KeyError",), ("AttributeError",)], {"AttributeError"}),
        ([("!ImportError",)], set()),
        ([("!ImportError", "Exception")], {"AttributeError", "TypeError", "Exception"}),
        ([("!ImportError", "ImportError")], set()),
        ([("!*",)], set()),
        ([("!ImportError",), ("ImportError",)], {"ImportError", "ModuleNotFoundError"}),
    ],
)
def test_catches(handlers: list[tuple[str, ...]], caught: set[str]) -> None:
    circumstance = Circumstance(Truth.YES, tuple(handlers))
    every = ("ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "Exception")
    assert {e for e in every if circumstance.catches(e)} == caught


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", Truth.YES),
        ("if 1: x = 1", Truth.YES),
        ("if 0: x = 1", Truth.NO),
        ("if y: x = 1", Truth.WARY),
        ("if y > 1: x = 1", Truth.MAYBE),
        ("try:\n  import b\nexcept ImportError:\n  x = 1", Truth.NO),
        ("try:\n  import c\nexcept ImportError:\n  x = 1", Truth.YES),
        ("try:\n  from b import gone\nexcept ImportError:\n  x = 1", Truth.YES),
        ("import b\ntry:\n  b.gone\nexcept AttributeError:\n  x = 1", Truth.YES),
        ("import b\ntry:\n  b.f().y\nexcept AttributeError:\n  x = 1", Truth.WARY),
        ("try:\n  import b\nexcept ImportError: ...\nelse:\n  x = 1", Truth.YES),
        ("try:\n  import c\nexcept ImportError: ...\nelse:\n  x = 1", Truth.NO),
        (
            "try:\n  import c\nexcept ImportError:\n  try:\n    import b\n  except ImportError:\n    x = 1",
            Truth.NO,
        ),
        (
            "try:\n  import b\nexcept ImportError:\n  try:\n    import c\n  except ImportError:\n    x = 1",
            Truth.NO,
        ),
        ("try:\n  try:\n    import c\n  except ImportError: ...\nexcept ImportError:\n  x = 1", Truth.NO),
        ("try:\n  try:\n    import c\n  except ImportError: raise\nexcept ImportError:\n  x = 1", Truth.YES),
        ("try:\n  if 0: import c\nexcept ImportError:\n  x = 1", Truth.NO),
        ("try:\n  def f(): import c\nexcept ImportError:\n  x = 1", Truth.NO),
    ],
)
def test_of(source: str, expected: Truth) -> None:
    judged = circumstances(source)
    facts = judged._environment.facts("a")
    assert facts is not None
    (binding,) = facts.bindings["x"]
    assert judged.of("a", binding.guard).runs is expected


def test_logic() -> None:
    for one in Truth:
        assert both(one, Truth.YES) is one
        assert both(one, Truth.NO) is Truth.NO
        assert negated(negated(one)) is one
        for other in Truth:
            assert both(one, other) is both(other, one)


def test_a_flag_that_depends_on_itself_ends() -> None:
    source = "try:\n  from a import F\nexcept ImportError:\n  F = True\nif F: F = F"
    assert circumstances(source).truth(m.Flag(":F"), "a") in tuple(Truth)
