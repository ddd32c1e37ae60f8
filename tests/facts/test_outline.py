"""An outline says what the whole says, as far as it goes; and where it stops, it says so."""

from __future__ import annotations

import sysconfig
from itertools import islice
from pathlib import Path
from textwrap import dedent

import pytest

from pinproof.facts.bodies import bodies_of
from pinproof.facts.module import read_module
from pinproof.facts.outline import read_outline
from pinproof.facts.source import parsing
from pinproof.model.module import UNREAD, ModuleFacts


def outlined(source: str) -> ModuleFacts:
    facts = read_outline(dedent(source).encode())
    assert facts is not None
    return facts


def cut(source: str) -> list[str]:
    """The names of the functions whose bodies can be cut."""
    return [body.name.decode() for body in bodies_of(dedent(source).encode())]


def test_names_and_what_functions_take_are_told() -> None:
    facts = outlined(
        """
        import a

        X = a.b()

        @a.decorated
        def f(x, *, y=1):
            '''About f.'''
            return a.c(x)

        class C(a.D):
            size = 1

            def __init__(self, z):
                self.z = z

            async def run(
                self,
                q: str = "x",  # the first )
            ) -> None:
                self.found = await a.e()
        """
    )
    assert set(facts.bindings) == {"a", "X", "f", "C"}
    assert [p.name for p in facts.functions["f"].parameters] == ["x", "y"]
    assert facts.functions["f"].decorators == ("a:decorated",)
    assert [p.name for p in facts.functions["C.__init__"].parameters] == ["self", "z"]
    assert facts.classes["C"].members == {
        "size": "value",
        "__init__": "function",
        "z": "instance",
        "run": "function",
    }
    assert "a:c" not in {use.target for use in facts.uses}


def test_what_only_a_body_tells_is_marked() -> None:
    facts = outlined(
        """
        import a
        def gives(): # a comment
            return a.b()
        def annotated() -> a.C:
            return a.b()
        def gives_nothing(x):
            x.kept.deep = a.b()
            x[0].counted += 1
            y = x.read == 3
            return
        """
    )
    assert facts.functions["gives"].returns == (UNREAD,)
    assert facts.functions["annotated"].returns == ("a:C()",)
    assert facts.functions["gives_nothing"].returns == ()
    assert {"deep", "counted"} <= facts.unread
    assert "read" not in facts.unread


def test_what_functions_do_to_their_module_is_told() -> None:
    facts = outlined(
        """
        import sys, warnings
        def late():
            global made
            made = 1
        def replaced():
            sys.modules[__name__] = 1
        def old():
            warnings.warn("gone soon", DeprecationWarning)
        def __getattr__(name):
            if name == "other":
                return 1
            raise AttributeError(name)
        def long():
            return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]
        """
    )
    assert "made" in facts.bindings
    assert facts.functions["old"].deprecated == "gone soon"
    assert facts.getattr is not None
    assert set(facts.getattr.answers) == {"other"}
    assert "sys.modules" in facts.dynamic


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return 1\ndef g():\n    return 2\n", ["g"]),
        ("def f(\n    a,  # (\n    b\n):\n    pass\n", ["f"]),
        ("def f():\n    x = '''\ndef g():\n    pass\n'''\ndef h():\n    pass\n", ["f", "h"]),
        (
            "class C:\n    def f(self):\n        def g():\n            pass\n    def h(self):\n        pass\n",
            ["f", "h"],
        ),
        ("def f(a='('):\n    return 1\n", []),
        ("def f():\n    pass\n\x0cdef g():\n    pass\n", []),
        ("def f():\r\n    pass\r\ndef g():\r\n    pass\r\n", ["f", "g"]),
        ("def f():\n    pass", ["f"]),
        ("def f(", []),
    ],
)
def test_bodies_are_found_by_their_lines(source: str, expected: list[str]) -> None:
    assert [body.name.decode() for body in bodies_of(source.encode())] == expected


def test_lines_stay_where_they_are() -> None:
    source = "def f():\n    x = 1\n\n\n    return x\n\n# about g\ndef g(a): ...\nclass C: ...\n"
    facts = outlined(source)
    whole = read_module(source.encode())
    assert {n: f.line for n, f in facts.functions.items()} == {n: f.line for n, f in whole.functions.items()}
    assert facts.classes["C"].line == whole.classes["C"].line


def test_a_text_with_little_to_leave_out_is_read_as_a_whole() -> None:
    assert read_outline(b"import a\nX = 1\n") is None
    assert read_outline(b"def f():\n    return 1\nx = '''\n\n\n") is None


def test_real_modules_say_nothing_else_than_the_whole() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    told = 0
    with parsing():
        for path in islice(sorted(folder.glob("*.py")), 0, None, 2):
            source = path.read_bytes()
            facts, whole, text = read_outline(source), read_module(source), source.decode("utf-8")
            if facts is None:
                continue
            told += 1
            assert _said(facts).items() <= _said(whole).items(), path.name
            for name, function in facts.functions.items():
                assert function.returns in ((UNREAD,), whole.functions[name].returns), f"{path.name}: {name}"
            for name, made in facts.classes.items():
                found = whole.classes[name]
                assert made.bases == found.bases
                assert made.members.items() <= found.members.items(), f"{path.name}: {name}"
                left_out = found.members.keys() - made.members.keys() - facts.unread
                assert all(f"del self.{one}" in text or f", self.{one}" in text for one in left_out), name
    assert told > 40


def _said(facts: ModuleFacts) -> dict[str, object]:
    """What does not depend on the bodies of functions."""
    said: dict[str, object] = {
        f"function {name}": (f.parameters, f.decorators, f.line, f.deprecated, f.overloads)
        for name, f in facts.functions.items()
    }
    said |= {
        f"name {name}": [(w.kind, w.target, w.line) for w in ways] for name, ways in facts.bindings.items()
    }
    said["__all__"] = [(e.names, e.extended_by, e.complete) for e in facts.exported]
    said["stars"] = [(s.module, s.line) for s in facts.stars]
    return said
