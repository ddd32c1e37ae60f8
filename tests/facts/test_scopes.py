"""Which import a name stands for, what shadows it, and what runs while the module is imported."""

from __future__ import annotations

import pytest
from told import facts, use_in_short, uses

from pinproof.facts.module import read_module


def of_a(source: str) -> set[str]:
    """What is taken from `a` besides importing it."""
    return {u for u in uses(source) if " a:" in u and u != "import a:"}


SHADOWED = {
    "parameter": "def f(a): a.x",
    "positional-only parameter": "def f(a, /): a.x",
    "keyword-only parameter": "def f(*, a): a.x",
    "*a": "def f(*a): a.x",
    "**a": "def f(**a): a.x",
    "parameter of a coroutine": "async def f(a): a.x",
    "parameter of a method": "class C:\n  def m(self, a): a.x",
    "parameter of the function around": "def f(a):\n  def g(): a.x",
    "parameter of a lambda": "f = lambda a: a.x",
    "parameter of the lambda around": "f = lambda a: lambda: a.x",
    "local": "def f():\n  a = 1\n  a.x",
    "local that comes later": "def f():\n  a.x\n  a = 1",
    "local in a branch": "def f(y):\n  if y: a = 1\n  a.x",
    "local with an annotation": "def f():\n  a: int = 1\n  a.x",
    "local that is only annotated": "def f():\n  a: int\n  a.x",
    "augmented": "def f():\n  a += 1\n  a.x",
    "deleted": "def f():\n  del a\n  a.x",
    "unpacked": "def f():\n  (b, [c, *a]) = 1\n  a.x",
    "for": "def f():\n  for a in y: a.x",
    "async for": "async def f():\n  async for a in y: a.x",
    "with": "def f():\n  with y as a: a.x",
    "with several": "def f():\n  with y as (b, a): a.x",
    "except": "def f():\n  try: ...\n  except E as a: a.x",
    "walrus": "def f():\n  y(a := 1)\n  a.x",
    "match": "def f(y):\n  match y:\n    case a: a.x",
    "match in a sequence": "def f(y):\n  match y:\n    case [1, a]: a.x",
    "match the rest of a sequence": "def f(y):\n  match y:\n    case [1, *a]: a.x",
    "match the rest of a mapping": "def f(y):\n  match y:\n    case {1: 2, **a}: a.x",
    "match a class": "def f(y):\n  match y:\n    case C(z=a): a.x",
    "match as": "def f(y):\n  match y:\n    case (1 | 2) as a: a.x",
    "inner function": "def f():\n  def a(): ...\n  a.x",
    "inner class": "def f():\n  class a: ...\n  a.x",
    "local import": "def f():\n  import b as a\n  a.x",
    "local import of the same name": "def f():\n  from b import a\n  a.x",
    "list comprehension": "[a.x for a in y]",
    "set comprehension": "{a.x for a in y}",
    "dict comprehension": "{a.x: a.y for a in y}",
    "generator": "z(a.x for a in y)",
    "condition of a comprehension": "[1 for a in y if a.x]",
    "second source of a comprehension": "[1 for a in y for b in a.x]",
    "unpacked in a comprehension": "[a.x for (b, a) in y]",
    "comprehension around a lambda": "[lambda: a.x for a in y]",
    "nonlocal": "def f():\n  a = 1\n  def g():\n    nonlocal a\n    a = 2\n    a.x",
    "class attribute in the class": "class C:\n  a = 1\n  b = a.x",
    "method in the class": "class C:\n  @property\n  def a(self): ...\n  @a.setter\n  def a(self, v): ...",
    "attribute of self": "class C:\n  def m(self): self.a.x",
    "keyword of a call": "f(a=1).x",
    "attribute of something else": "b.a.x",
    "string": "'a.x'",
}


@pytest.mark.parametrize("source", SHADOWED.values(), ids=SHADOWED)
def test_shadowed(source: str) -> None:
    assert of_a(f"import a\n{source}") == set()


SEEN = {
    "after a function with a parameter of the name": ("def f(a): ...\na.x", {"attribute a:x"}),
    "beside a comprehension": ("[a for a in y]\na.x", {"attribute a:x"}),
    "source of a comprehension": ("[b for b in a.x]", {"attribute a:x"}),
    "in a method, past a class attribute": ("class C:\n  a = 1\n  def m(self): a.x", {"later attribute a:x"}),
    "in a lambda in a class": ("class C:\n  a = 1\n  f = lambda: a.x", {"later attribute a:x"}),
    "global": ("def f():\n  global a\n  a.x", {"later attribute a:x"}),
    "nested": ("def f():\n  def g():\n    def h(): a.x", {"later attribute a:x"}),
    "default of a parameter of the name": ("def f(a=a.x): ...", {"attribute a:x"}),
    "default of a lambda's parameter of the name": ("f = lambda a=a.x: 1", {"attribute a:x"}),
    "inner function's parameter": ("def f():\n  def g(a): ...\n  a.x", {"later attribute a:x"}),
    "local import": ("def f():\n  from a import b\n  b.c()", {"later import a:b", "later call a:b.c"}),
    "local import under a name": ("def f():\n  import a.b as c\n  c.d", set()),
    "import in a class": ("class C:\n  from a import b\n  b.c", {"import a:b"}),
    "the target of a comprehension in a function": (
        "def f():\n  [b for a in y]\n  a.x",
        {"later attribute a:x"},
    ),
    "except in a module": ("try: ...\nexcept a.E as b: ...", {"attribute a:E"}),
}


@pytest.mark.parametrize(("source", "expected"), SEEN.values(), ids=SEEN)
def test_seen(source: str, expected: set[str]) -> None:
    assert {u.partition(" | ")[0] for u in of_a(f"import a\n{source}")} == expected


ALIASES = {
    "instance": ("def f():\n  c = a.C()\n  c.get()", "later call a:C().get"),
    "attribute": ("def f():\n  c = a.b\n  c.d()", "later call a:b.d"),
    "alias of an alias": ("def f():\n  b = a.b\n  c = b.c\n  c.d()", "later call a:b.c.d"),
    "annotated parameter": ("def f(c: a.C): c.get()", "later call a:C().get"),
    "annotated local": ("def f():\n  c: int = a.C()\n  c.get()", "later call a:C().get"),
    "walrus": ("def f():\n  y((c := a.C()))\n  c.get()", "later call a:C().get"),
    "seen from an inner function": ("def f():\n  c = a.C()\n  def g(): c.get()", "later call a:C().get"),
    "of the module": ("c = a.C()\ndef f(): c.get()", "later call :c.get"),
}


@pytest.mark.parametrize(("source", "expected"), ALIASES.values(), ids=ALIASES)
def test_aliases(source: str, expected: str) -> None:
    assert expected in uses(f"import a\n{source}")


NO_ALIASES = {
    "bound twice": "def f(y):\n  c = a.C()\n  c = y\n  c.get()",
    "bound to two classes": "def f(y):\n  if y: c = a.C()\n  else: c = a.D()\n  c.get()",
    "a parameter that is bound anew": "def f(c: a.C):\n  c = 1\n  c.get()",
    "*args with an annotation": "def f(*c: a.C): c.get()",
    "to itself": "def f(c):\n  c = c.d()\n  c.get()",
    "unpacked": "def f():\n  c, d = a.C()\n  c.get()",
    "iterated": "def f():\n  for c in a.C(): c.get()",
    "in a circle": "def f():\n  c = d.e\n  d = c.f\n  c.get()",
}


@pytest.mark.parametrize("source", NO_ALIASES.values(), ids=NO_ALIASES)
def test_no_aliases(source: str) -> None:
    assert not any("get" in u for u in uses(f"import a\n{source}"))


AT_IMPORT = {
    "decorator": "@a.x\ndef f(): ...",
    "decorator of a method": "class C:\n  @a.x\n  def m(self): ...",
    "decorator of a class": "@a.x\nclass C: ...",
    "default": "def f(y=a.x): ...",
    "keyword default": "def f(*, y=a.x): ...",
    "default of a method": "class C:\n  def m(self, y=a.x): ...",
    "default of a lambda": "f = lambda y=a.x: 1",
    "class body": "class C:\n  y = a.x",
    "nested class body": "class C:\n  class D:\n    y = a.x",
    "base": "class C(list, a.x): ...",
    "keyword of a class": "class C(metaclass=a.x): ...",
    "annotation of a variable": "y: a.x = 1",
    "annotation of a parameter": "def f(y: a.x): ...",
    "annotation of a result": "def f() -> a.x: ...",
    "annotation of a field": "class C:\n  y: a.x",
    "comprehension": "[a.x for y in z]",
    "function that is called": "def f(): a.x\nf()",
    "function that is called before it is bound anew": "def f(): a.x\nf()\nf = 1",
    "function that is called as an argument": "def f(): a.x\nprint(f())",
    "function that is called in a default": "def f(): a.x\ndef g(y=f()): ...",
    "function that is called in a class body": "def f(): a.x\nclass C:\n  y = f()",
    "function that decorates": "def f(g):\n  a.x\n  return g\n@f\ndef h(): ...",
    "function that is called by one that is called": "def f(): a.x\ndef g(): f()\ng()",
    "constructor that is called": "class C:\n  def __init__(self): a.x\nC()",
    "function that calls itself": "def f():\n  a.x\n  f()\nf()",
    "two that call each other": "def f():\n  a.x\n  g()\ndef g(): f()\ng()",
    "if": "if y: a.x",
    "with": "with y: a.x",
    "for": "for y in z: a.x",
}


@pytest.mark.parametrize("source", AT_IMPORT.values(), ids=AT_IMPORT)
def test_runs_while_importing(source: str) -> None:
    assert any(
        u.split(" | ")[0].endswith(" a:x") and not u.startswith("later") for u in uses(f"import a\n{source}")
    )


LATER = {
    "function": "def f(): a.x",
    "method": "class C:\n  def m(self): a.x",
    "lambda": "f = lambda: a.x",
    "lambda that is an argument": "y(lambda: a.x)",
    "inner function of one that is called": "def f():\n  def g(): a.x\n  return g\nf()",
    "method of a class that is called": "class C:\n  def m(self): a.x\nC()",
    "coroutine that is called": "async def f(): a.x\nf()",
    "generator function that is called": "def f():\n  yield a.x\nf()",
    "generator function that delegates": "def f():\n  a.x\n  yield from y\nf()",
    "function that is only named": "def f(): a.x\ny = f",
    "function that is called under a guard": "def f(): a.x\nif y: f()",
    "function that is called by one that is not": "def f(): a.x\ndef g(): f()",
    "function of the same name as a local one": "def f(): a.x\ndef g(f): f()\ng(1)",
    "method of the same name as what is called": "class C:\n  def f(self): a.x\nf()",
    "default of an inner function": "def f():\n  def g(y=a.x): ...",
    "decorator of a local class": "def f():\n  @a.x\n  class C: ...",
    "annotation of an inner function": "def f():\n  def g(y: a.x): ...",
}


@pytest.mark.parametrize("source", LATER.values(), ids=LATER)
def test_runs_later(source: str) -> None:
    found = {u.partition(" | ")[0] for u in uses(f"import a\n{source}") if " a:x" in u}
    assert found
    assert all(u.startswith("later") for u in found)


NEVER = {
    "local annotation": "def f():\n  y: a.x = 1",
    "string annotation": "y: 'a.x' = 1\ndef f(y: 'a.x') -> 'a.x': ...",
}


@pytest.mark.parametrize("source", NEVER.values(), ids=NEVER)
def test_never_runs(source: str) -> None:
    assert of_a(f"import a\n{source}") == set()


@pytest.mark.parametrize("name", [n for n in AT_IMPORT if n.startswith("annotation")])
def test_deferred_annotations_do_not_run(name: str) -> None:
    assert of_a(f"from __future__ import annotations\nimport a\n{AT_IMPORT[name]}") == set()


@pytest.mark.parametrize("name", [n for n in AT_IMPORT if n.startswith("annotation")])
def test_annotations_run_only_before_python_3_14(name: str) -> None:
    assert of_a(f"import a\n{AT_IMPORT[name]}") == {"attribute a:x | if python < 3.14"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a\na = None\na.x", "attribute :a.x"),
        ("try:\n  import a\nexcept ImportError:\n  a = None\na.x", "attribute :a.x"),
        ("try:\n  import a\nexcept ImportError:\n  import b as a\na.x()", "call :a.x"),
        ("if y:\n  import a\nelse:\n  from b import a\na.x()", "call :a.x"),
    ],
)
def test_a_name_with_several_bindings_is_left_to_judgement(source: str, expected: str) -> None:
    assert expected in uses(source)


def test_an_import_that_is_repeated_is_one_binding() -> None:
    assert "call a:x" in uses("import a\nimport a.b\nimport a\na.x()")


UNTRACED = {
    "a parameter": ("def f(y): y.x", {"x"}),
    "all of its chain": ("def f(y): y.x().z.w", {"x", "z", "w"}),
    "out of something": ("y[0].x, (y or z).w", {"x", "w"}),
    "what `self` holds": ("class C:\n  def f(self): self.x.z, self.w", {"z"}),
    "what an unknown call gives": ("def f(y):\n  z = y()\n  z.x", {"x"}),
    "a parameter of a function around": ("def f(y):\n  def g(): y.x", {"x"}),
    "a name of the module": ("y = 1\ny.x", {"x"}),
    "what is imported": ("import a\ndef f(): a.x", set()),
    "what a class is made of": ("def f(y): y.__dict__", set()),
}


@pytest.mark.parametrize(("source", "expected"), UNTRACED.values(), ids=UNTRACED)
def test_untraced(source: str, expected: set[str]) -> None:
    assert facts(source).untraced == expected


def test_what_takes_a_member_that_is_sought_is_told_with_its_guard() -> None:
    source = "def f(y):\n  if y.a:\n    y.x\n  try: y.x()\n  except AttributeError: y.z"
    read = read_module(source.encode(), sought={"x", "w"})
    assert {use_in_short(use, read) for use in read.uses} == {
        "later attribute ~:x | if ?",
        "later call ~:x | try AttributeError",
    }
