"""What is read off a module: imports, names, functions, classes, and sources that cannot be parsed."""

from __future__ import annotations

import sys

import msgspec
import pytest
from told import bindings, facts, uses

from pinproof.facts import source as source_module
from pinproof.facts.mentions import read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.model import module as m


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a", {"import a:"}),
        ("import a.b.c", {"import a.b.c:"}),
        ("import a.b.c as d", {"import a.b.c:"}),
        ("import a, b.c as d", {"import a:", "import b.c:"}),
        ("from a import b", {"import a:b"}),
        ("from a.b import c as d, e", {"import a.b:c", "import a.b:e"}),
        ("from a import *", {"import a:"}),
        ("from . import x", {"import .:x"}),
        ("from .. import x", {"import ..:x"}),
        ("from .a.b import x", {"import .a.b:x"}),
        ("from ...a import *", {"import ...a:"}),
        ("from __future__ import division", set()),
        ("def f():\n  import a", {"later import a:"}),
        ("class C:\n  import a", {"import a:"}),
        ("from a import b\nb", {"import a:b"}),
    ],
)
def test_imports(source: str, expected: set[str]) -> None:
    assert uses(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a\na.b", "attribute a:b"),
        ("import a\na.b()", "call a:b"),
        ("import a\na.b.c.d", "attribute a:b.c.d"),
        ("import a.b\na.b.c", "attribute a:b.c"),
        ("import a.b as x\nx.c", "attribute a.b:c"),
        ("from a import b\nb.c", "attribute a:b.c"),
        ("from a import b\nb()", "call a:b"),
        ("from a import b as c\nc.d()", "call a:b.d"),
        ("from . import b\nb.c", "attribute .:b.c"),
        ("from a import b\nb.c(1).d", "attribute a:b.c().d"),
        ("from a import b\nb(1)(2).c()", "call a:b()().c"),
        ("import a\nx = a.f()\nx.g", "attribute :x.g"),
        ("import a\nclass C(a.B): ...", "base a:B"),
        ("from a import B\nclass C(B): ...", "base a:B"),
        ("import a\n[a.b][0].c", "attribute a:b"),
        ("import a\na.b[0].c", "attribute a:b"),
        ("import a\n-a.b", "attribute a:b"),
        ("import a\n{a.b: 1}", "attribute a:b"),
        ("import a\n{**a.b}", "attribute a:b"),
        ("import a\n[*a.b]", "attribute a:b"),
        ("import a\nf'{a.b:{a.c}}'", "attribute a:c"),
        ("import a\n1 < a.b < 2", "attribute a:b"),
        ("import a\nx[a.b:a.c]", "attribute a:c"),
        ("import a\nassert 1, a.b", "attribute a:b"),
        ("import a\nraise a.E", "attribute a:E"),
        ("import a\nraise KeyError from a.e", "attribute a:e"),
        ("import a\nfor x in a.b: ...", "attribute a:b"),
        ("import a\nwhile a.b: ...", "attribute a:b"),
        ("import a\nwith a.b: ...", "attribute a:b"),
        ("import a\nmatch a.b:\n  case 1: ...", "attribute a:b"),
        ("import a\nmatch 1:\n  case a.b: ...", "attribute a:b"),
        ("import a\nmatch 1:\n  case a.B(): ...", "attribute a:B"),
        ("import a\ntry: ...\nexcept KeyError: a.b", "attribute a:b | handler"),
        ("import a\nx = y = a.b", "attribute a:b"),
        ("import a\nx: int = a.b", "attribute a:b"),
        ("import a\nx += a.b", "attribute a:b"),
        ("import a\ndel x[a.b]", "attribute a:b"),
        ("import a\na.b[0] = 1", "attribute a:b"),
        ("import a\nasync def f():\n  await a.b()\n", "later call a:b"),
        ("import a\nasync def f():\n  async for x in a.b: ...\n", "later attribute a:b"),
        ("import a\nasync def f():\n  async with a.b() as x: ...\n", "later call a:b"),
        ("import a\ndef f():\n  yield from a.b", "later attribute a:b"),
        ("from a import *\nb.c()", "call :b.c"),
        ("import a\nx(k=a.b)", "attribute a:b"),
        ("import a\n'{}'.format(a.b)", "attribute a:b"),
        ("import a\n(a.b if 1 else 2).c", "attribute a:b"),
    ],
)
def test_a_use(source: str, expected: str) -> None:
    assert expected in uses(source)


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("a.f()", m.Call(0)),
        ("a.f(1, x=2)", m.Call(1, ("x",))),
        ("a.f(*x)", m.Call(0, (), starred=True)),
        ("a.f(1, *x)", m.Call(1, (), starred=True)),
        ("a.f(y=1, **x)", m.Call(0, ("y",), double_starred=True)),
        ("@a.f(1)\ndef g(): ...", m.Call(1)),
    ],
)
def test_calls(source: str, call: m.Call) -> None:
    read = facts(f"import a\n{source}")
    assert [u.call for u in read.uses if u.target == "a:f" and u.call] == [call]


def test_a_use_is_told_once_for_each_circumstance() -> None:
    read = facts("import a\na.x\na.x\nif y:\n  a.x\ndef f():\n  a.x\n  a.x")
    assert [(u.line, u.deferred) for u in read.uses if u.target == "a:x"] == [
        (2, False),
        (5, False),
        (7, True),
    ]


def test_lines() -> None:
    read = facts("\nimport a\nfrom b import (\n  c,\n  d,\n)\na.x(\n  a.y)\n")
    assert {u.target: u.line for u in read.uses} == {"a:": 2, "b:c": 4, "b:d": 5, "a:x": 7, "a:y": 8}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b", {"a": ["import a:"]}),
        ("import a.b as c", {"c": ["import a.b:"]}),
        ("from .a import b as c", {"c": ["import .a:b"]}),
        ("x = 1", {"x": ["value"]}),
        ("x: int = 1", {"x": ["value"]}),
        ("x: int", {}),
        ("x = y = None", {"x": ["value = False"], "y": ["value = False"]}),
        ("x, (y, *z) = t", {"x": ["value"], "y": ["value"], "z": ["value"]}),
        ("[x, y] = t", {"x": ["value"], "y": ["value"]}),
        ("for x, y in t: ...", {"x": ["value"], "y": ["value"]}),
        ("with t as x: ...", {"x": ["value"]}),
        ("with (a as x, b as y): ...", {"x": ["value"], "y": ["value"]}),
        ("def f(): ...", {"f": ["function"]}),
        ("async def f(): ...", {"f": ["function"]}),
        ("class C:\n  x = 1", {"C": ["class"]}),
        ("(x := 1)", {"x": ["value"]}),
        ("x = 1\ndel x", {"x": ["value", "deleted"]}),
        ("import a\nx = a.b", {"a": ["import a:"], "x": ["value a:b"]}),
        ("import a\nx = a.b()", {"a": ["import a:"], "x": ["value a:b() = ?"]}),
        ("class C: ...\nx = C()", {"C": ["class"], "x": ["value :C() = ?"]}),
        ("x = True", {"x": ["value = True"]}),
        ("def f():\n  x = 1", {"f": ["function"]}),
        ("def f():\n  global x\n  x = 1", {"f": ["function"], "x": ["value | if ??"]}),
        ("def f():\n  global x\n  import x", {"f": ["function"], "x": ["import x: | if ??"]}),
        ("x = [y for y in z]", {"x": ["value"]}),
        ("x = lambda y: y", {"x": ["value"]}),
        (
            "try:\n  import a\nexcept ImportError:\n  a = None",
            {"a": ["import a: | try ImportError", "value = False | handler"]},
        ),
        ("match t:\n  case {'k': x, **y}: ...", {"x": ["value"], "y": ["value"]}),
        ("match t:\n  case [x, *y] | (x, y): ...", {"x": ["value"], "y": ["value"]}),
        ("try: ...\nexcept E as x: ...", {}),
        ("x.y = 1", {}),
        ("x[0] = 1", {}),
    ],
)  # fmt: skip
def test_bindings(source: str, expected: dict[str, list[str]]) -> None:
    assert bindings(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ()),
        ("a, b", (("a", "", True), ("b", "", True))),
        ("a, b=1", (("a", "", True), ("b", "", False))),
        ("a, /, b", (("a", "/", True), ("b", "", True))),
        ("a=1, /, b=2", (("a", "/", False), ("b", "", False))),
        ("*a", (("a", "*", False),)),
        ("*, a, b=1", (("a", "k", True), ("b", "k", False))),
        ("*a, b, **c", (("a", "*", False), ("b", "k", True), ("c", "**", False))),
        ("a: int, *b: str, c: int = 1", (("a", "", True), ("b", "*", False), ("c", "k", False))),
    ],
)  # fmt: skip
def test_signatures(source: str, expected: tuple[tuple[str, str, bool], ...]) -> None:
    read = facts(f"def f({source}): ...\nclass C:\n  async def g({source}): ...")
    assert read.functions["f"].parameters == tuple(m.Parameter(*p) for p in expected)
    assert read.functions["C.g"].parameters == tuple(m.Parameter(*p) for p in expected)


def test_functions() -> None:
    read = facts(
        """
        import functools, a
        @functools.wraps
        @a.b(1)
        @x[0]
        def f(): ...
        class C:
            def g(self): ...
            class D:
                def h(self): ...
        def outer():
            def inner(): ...
        """
    )
    assert set(read.functions) == {"f", "C.g", "C.D.h", "outer"}
    assert read.functions["f"].decorators == ("functools:wraps", "a:b()", "?")
    assert read.functions["f"].line == 6


def test_a_function_that_is_defined_twice_has_no_certain_signature() -> None:
    read = facts("if x:\n  def f(a): ...\nelse:\n  def f(b): ...")
    assert read.functions["f"].decorators == ("?",)


def test_overloads_do_not_count() -> None:
    read = facts(
        "from typing import overload\n@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...\ndef f(a): ..."
    )
    assert read.functions["f"] == m.Function((m.Parameter("a"),), (), 6)


def test_classes() -> None:
    read = facts(
        """
        import a
        from b import Meta
        @a.decorate
        class C(a.Base, dict, metaclass=Meta):
            x = 1
            y: int = 2
            z: str
            def m(self):
                self.i = 1
                self.j, self.k = 1, 2
                other.l = 1
            @staticmethod
            def s(arg): arg.n = 1
            @classmethod
            def c(cls): cls.o = 1
            class D: ...
            def inner(this):
                def f(self): self.q = 1
                this.r: int = 1
                with x as this.s2: ...
        """
    )
    read_class = read.classes["C"]
    assert read_class.bases == ("a:Base", "builtins:dict")
    assert (read_class.metaclass, read_class.decorators) == ("b:Meta", ("a:decorate",))
    members = {
        **dict.fromkeys(("x", "y", "z"), "value"),
        **dict.fromkeys(("m", "s", "c", "inner"), "function"),
        "D": "class",
        **dict.fromkeys(("i", "j", "k", "o", "r", "s2"), "instance"),
    }
    assert read_class.members == members
    assert not read_class.open
    assert "C.D" in read.classes


@pytest.mark.parametrize(
    ("body", "is_open"),
    [
        ("x = 1", False),
        ("def __getattr__(self, name): ...", True),
        ("def __getattribute__(self, name): ...", True),
        ("def __setattr__(self, name, value): ...", False),
        ("__getattr__ = f", True),
    ],
)
def test_open_classes(body: str, is_open: bool) -> None:
    assert facts(f"class C:\n  {body}").classes["C"].open is is_open


def test_a_class_that_is_defined_twice_is_open() -> None:
    assert facts("if x:\n  class C: a = 1\nelse:\n  class C: b = 1").classes["C"].open


def test_what_methods_take_from_self_is_asked_of_the_base() -> None:
    read = uses("import a\nclass C(a.B):\n  def m(self):\n    self.x.y()\n    super().m(1)\n    super().x")
    assert {"later call :C().x.y", "later call :C().super().m", "later attribute :C().super().x"} <= read


def test_a_class_without_foreign_bases_asks_nothing_of_itself() -> None:
    assert uses("class C(object):\n  def m(self): self.x.y()") == set()


# --- sources that are odd ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        b"print 'x'\n",
        b"try: ...\nexcept E, e: ...\n",
        b"exec 'x' in y\n",
        b"raise E, 'x'\n",
        b"x = 0777\n",
        b"x = `y`\n",
        b"def f((a, b)): ...\n",
        b"x <> y",
        b"import a\n  import b\n",
        b"def f(:\n",
        b"x = 'unfinished",
        b"x = '''unfinished",
        b"(" * 50,
        b"\x00",
        b"import a\n\x00\n",
        b"# coding: no-such-encoding\nimport a\n\xff(",
        "import a\nä = $\n".encode(),
        b"\xff\xfeimport a\n",
        "import a\n".encode("utf-16"),
        b"\tx = 1\n        y = 2\n",
        b"async = 1\n",
        b"return\nimport a(\n",
    ],
)
def test_what_cannot_be_parsed_says_why(source: bytes) -> None:
    read = read_module(source)
    assert read.degraded
    assert "\n" not in read.degraded
    assert read == m.ModuleFacts(degraded=read.degraded)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(read), type=m.ModuleFacts) == read


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\n\n# nothing\n",
        b"\xef\xbb\xbfimport a\n",
        b"\xef\xbb\xbf# coding: utf-8\nimport a\n",
        b"# -*- coding: latin-1 -*-\nimport a\nx = '\xe9'\n",
        b"# -*- coding: cp1252 -*-\nx = '\x80'\nimport a\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\nx = '\xa4'\n",
        b"# -*- coding: utf8 -*-\nimport a\n",
        b"import a\r\nimport b\r\n",
        b"import a\rimport b\r",
        b"import a\n# \xe9 in a comment, undeclared\n",
        b"# coding: no-such-encoding\nimport a\n",
        b"import a\n\x0c\nimport b\n",
        b"import a\n\x1a",
        "überall = 1\nimport ä\n".encode(),
        b"x = '\\d \\w'\n",
        b"x = 1 is 1\nassert (x, 'y')\n",
        b"return 1\nyield 2\nawait x\nbreak\n",
        b"x = 0xfor x in y",
    ],
)
def test_odd_sources_that_python_reads(source: bytes) -> None:
    with parsing():
        read = read_module(source)
    acceptable = {"", read.degraded} if b"\x1a" in source else {""}
    assert read.degraded in acceptable


def test_a_byte_order_mark_hides_no_import() -> None:
    assert [u.target for u in facts(b"\xef\xbb\xbfimport a\n").uses] == ["a:"]


@pytest.mark.parametrize("depth", [50, 90, 1_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("f(", ")"),
        ("-", ""),
        ("not ", ""),
        ("lambda: ", ""),
        ("x if y else ", ""),
    ],
)
def test_nesting(opening: str, closing: str, depth: int) -> None:
    source = f"import a\nx = {opening * depth}1{closing * depth}\n".encode()
    with parsing():
        read = read_module(source)
    assert read.degraded or read.uses


@pytest.mark.parametrize(
    "line",
    [
        "x = " + "+".join(["a.b"] * 3_000),
        "x = " + " or ".join(["a.b"] * 3_000),
        "x = a" + ".b" * 3_000,
        "x = a" + "(1)" * 3_000,
        "x = a" + "[1]" * 3_000,
        "x = [" + "1, " * 200_000 + "]",
        "x = {" + "'a': 1, " * 50_000 + "}",
        "x = '" + "y" * 1_000_000 + "'",
        "x = " + "9" * 5_000,
        "if x: ...\n" + "elif x: ...\n" * 3_000,
        "\n".join(" " * i + "if x:" for i in range(95)) + " ...",
        "x = (" + "'a' " * 20_000 + ")",
        "x = 'a'" + " + 'a'" * 3_000,
    ],
    ids=lambda line: line[:20],
)
def test_long_lines(line: str) -> None:
    with parsing():
        read = read_module(f"import a\n{line}\n".encode())
    assert read.degraded or "a:" in {u.target for u in read.uses}


def test_a_chain_of_elif_as_generators_write_them() -> None:
    chain = "if x == 0: ...\n" + "".join(f"elif x == {i}: ...\n" for i in range(200))
    assert "import a:" in uses(f"{chain}import a")


def test_a_module_that_is_a_table_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MAX_SOURCE_BYTES", 1 << 20)
    assert read_module(b"#" * (1 << 20)).degraded == ""
    assert read_module(b"#" * ((1 << 20) + 1)).degraded == "larger than 1 MiB"


@pytest.mark.parametrize(
    ("source", "since"),
    [
        (b"type X = int", (3, 12)),
        (b"def f[T](x: T) -> T: ...", (3, 12)),
        (b"class C[T]: ...", (3, 12)),
        (b"class C[T = int]: ...", (3, 13)),
        (b"f'{x['y']}'", (3, 12)),
        (b"try: ...\nexcept A, B: ...", (3, 14)),
        (b"x = t'{y}'", (3, 14)),
    ],
)
def test_syntax_newer_than_the_running_python(source: bytes, since: tuple[int, int]) -> None:
    read = read_module(b"import a\n" + source + b"\n")
    assert bool(read.degraded) is (sys.version_info < since)
    assert read.degraded or "a:" in {u.target for u in read.uses}


# --- the quick look --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"import a", {"a"}),
        (b"import a.b as c, d", {"a", "d"}),
        (b"from a.b import c", {"a"}),
        (b"from . import x\nfrom .y import z", set()),
        (b"  import a", {"a"}),
        (b"\timport\ta", {"a"}),
        (b"try: import a\nexcept ImportError: a = None", {"a"}),
        (b"if x: from a import b", {"a"}),
        (b"x = 1; import a", {"a"}),
        (b"x = 1; from a import b", {"a"}),
        (b"import a; import b", {"a", "b"}),
        (b"from a import b; from c import d", {"a", "c"}),
        (b"import a, \\\n  b", {"a", "b"}),
        (b"from \\\n  a import b", {"a"}),
        (b"import\\\n a", {"a"}),
        (b"from a import(b)", {"a"}),
        (b"import a # b", {"a"}),
        (b"\xef\xbb\xbfimport a", {"a"}),
        (b"import a\rimport b\r", {"a", "b"}),
        ("import ä.b".encode(), {"ä"}),
        ("from ä import b".encode(), {"ä"}),
        (b"if x: import a", {"a"}),
        (b"importance = 1\nfromage = 2", set()),
        (b"", set()),
    ],
)
def test_mentions_are_rather_more_than_less(source: bytes, expected: set[str]) -> None:
    assert read_mentions(source).roots >= expected


@pytest.mark.parametrize(
    "source",
    [
        b'"""\n    >>> import a\n    >>> from a import b\n"""',
        b"# import a",
        b"x = 'import a'",
        b"... import a",
    ],
)
def test_what_is_no_statement_mentions_nothing(source: bytes) -> None:
    assert read_mentions(source).roots == set()


@pytest.mark.parametrize(
    ("source", "typing"),
    [
        ("if TYPE_CHECKING:\n    import a\n    from b import c\n", {"a", "b"}),
        ("import typing as t\nif t.TYPE_CHECKING:  # not run\n    import a\n\nimport b\n", {"a"}),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b\n", {"a"}),
        ("if TYPE_CHECKING:\n    import a\n\ndef f():\n    import a\n", set()),
        ("if TYPE_CHECKING:\n    import a\nimport a.b\n", set()),
        ("if not TYPE_CHECKING:\n    import a\n", set()),
        ("def f():\n    if TYPE_CHECKING:\n        import a\n", set()),
        ("if TYPE_CHECKING: import a\n", set()),
    ],
)
def test_imports_for_type_checkers_are_told_apart(source: str, typing: set[str]) -> None:
    mentions = read_mentions(source.encode())
    assert mentions.typing == typing
    assert mentions.typing <= mentions.roots
