"""The ways in which modules make names without binding them."""

from __future__ import annotations

import pytest
from told import bindings, facts, guards_in_short

from pinproof.model import module as m


def exported_in_short(source: str) -> list[str]:
    """The statements that make `__all__`: `x y`, `+ x` for one that adds, `*a:` for another's, `…` if there is more."""
    read = facts(source)
    return [
        " ".join(
            [
                *(["+"] if e.adds else []),
                *e.names,
                *(f"*{other}" for other in e.extended_by),
                *([] if e.complete else ["…"]),
                *(["|", guards_in_short(read, e.guard)] if e.guard != -1 else []),
            ]
        )
        for e in read.exported
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("__all__ = ['x', 'y']", ["x y"]),
        ("__all__ = ('x',)", ["x"]),
        ("__all__ = {'x'}", ["x"]),
        ("__all__: list[str] = ['x']", ["x"]),
        ("__all__ = []", [""]),
        ("__all__ = list(('x',))", ["x"]),
        ("__all__ = sorted(['x'])", ["x"]),
        ("__all__ = tuple({'x': 1})", ["x"]),
        ("__all__ = ['x'] + ['y']", ["x y"]),
        ("__all__ = ['x'] + a.__all__", ["x *a:"]),
        ("__all__ = a.__all__ + b.c.__all__", ["*a: *b:c"]),
        ("__all__ = list(a.__all__) + ['x']", ["x *a:"]),
        ("__all__ = ['x', *a.__all__]", ["x *a:"]),
        ("__all__ = ['x']\n__all__ += ['y']", ["x", "+ y"]),
        ("__all__ = ['x']\n__all__ += a.__all__", ["x", "+ *a:"]),
        ("__all__ = ['x']\n__all__.extend(['y'])", ["x", "+ y"]),
        ("__all__ = ['x']\n__all__.extend(a.__all__)", ["x", "+ *a:"]),
        ("__all__ = ['x']\n__all__.append('y')", ["x", "+ y"]),
        ("__all__ = ['x']\n__all__ = ['y']", ["x", "y"]),
        ("__all__ = [n for n in dir() if n]", ["…"]),
        ("__all__ = dir()", ["…"]),
        ("__all__ = ['x', y]", ["x …"]),
        ("__all__ = ['x'] + y", ["x …"]),
        ("__all__ = ['x']\n__all__ += y", ["x", "+ …"]),
        ("__all__ = ['x']\n__all__.extend(n for n in y)", ["x", "+ …"]),
        ("__all__ = ['x']\n__all__.append(y)", ["x", "+ …"]),
        ("__all__ = ['x']\nif Z: __all__ += ['y']", ["x", "+ y | if flag :Z"]),
        ("if Z: __all__ = ['x']\nelse: __all__ = ['y']", ["x | if flag :Z", "y | if not flag :Z"]),
        ("__all__ = f(['x'])", ["…"]),
    ],
)
def test_exported(source: str, expected: list[str]) -> None:
    assert exported_in_short(f"import a, b\n{source}") == expected
    assert "__all__" in bindings(source)


@pytest.mark.parametrize(
    "source", ["x = 1", "class C:\n  __all__ = ['x']", "def f():\n  __all__ = ['x']", "a.__all__ = ['x']"]
)
def test_nothing_exported(source: str) -> None:
    assert facts(source).exported == ()


GETATTR = {
    "one": ("if name == 'x': return 1\n  raise AttributeError", {"x"}, (), True),
    "several": ("if name == 'x': return 1\n  if name == 'y': return 2\n  raise AttributeError", {"x", "y"}, (), True),
    "or": ("if name == 'x' or name == 'y': return 1\n  raise AttributeError", {"x", "y"}, (), True),
    "in": ("if name in ('x', 'y'): return 1\n  raise AttributeError", {"x", "y"}, (), True),
    "in a table": ("if name in TABLE: return TABLE[name]\n  raise AttributeError", {"x", "y"}, (), True),
    "in a list": ("if name in LIST: return 1\n  raise AttributeError", {"x", "y"}, (), True),
    "in an unknown": ("if name in unknown: return 1\n  raise AttributeError", set(), (), False),
    "raises": ("if name == 'x': raise AttributeError('gone')\n  raise AttributeError", set(), ("x",), True),
    "raises, else open": ("if name == 'x': raise AttributeError('gone')\n  return 1", set(), ("x",), False),
    "elif": ("if name == 'x': return 1\n  elif name == 'y': raise E\n  raise AttributeError", {"x"}, ("y",), True),
    "refuses all": ("raise AttributeError(name)", set(), (), True),
    "words first": ("'''Doc.'''\n  import warnings\n  global Z\n  pass\n  raise AttributeError(name)", set(), (), True),
    "answers all": ("return 1", set(), (), False),
    "delegates": ("return f(name)", set(), (), False),
    "try": ("try: return TABLE[name]\n  except KeyError: raise AttributeError", set(), (), False),
    "changes the name": ("name = name.lower()\n  if name == 'x': return 1\n  raise AttributeError", {"x"}, (), False),
    "not": ("if name != 'x': raise AttributeError\n  return 1", set(), (), False),
    "a prefix": ("if name.startswith('x'): return 1\n  raise AttributeError", set(), (), False),
    "of something else": ("if other == 'x': return 1\n  raise AttributeError", set(), (), False),
    "loops": ("for m in ms: return m\n  raise AttributeError", set(), (), False),
}  # fmt: skip


@pytest.mark.parametrize(("body", "answers", "raises", "closed"), GETATTR.values(), ids=GETATTR)
def test_getattr(body: str, answers: set[str], raises: tuple[str, ...], closed: bool) -> None:
    tables = "TABLE = {'x': 1, 'y': 2}\nLIST = ['x', 'y']\n"
    found = facts(f"{tables}def __getattr__(name):\n  {body}").getattr
    assert found is not None
    assert (set(found.answers), found.raises, found.closed) == (answers, raises, closed)


@pytest.mark.parametrize(
    "change",
    [
        "TABLE.update(y=1)",
        "TABLE = {**TABLE, 'y': 1}",
        "for k in ks: TABLE[k] = 1",
    ],
)
def test_a_table_that_changes_is_not_known(change: str) -> None:
    function = "def __getattr__(name):\n  if name in TABLE: return 1\n  raise AttributeError"
    found = facts(f"TABLE = {{'x': 1}}\n{change}\n{function}").getattr
    assert found is not None
    assert not found.closed


@pytest.mark.parametrize(
    "source",
    [
        "__getattr__ = f(__name__)",
        "from a import __getattr__",
        "__getattr__ = lambda name: 1",
        "__getattr__, __dir__ = f()",
        "def __getattr__(*args): return 1",
        "if x:\n  def __getattr__(name): return 1",
    ],
)
def test_a_getattr_that_is_not_understood_is_open(source: str) -> None:
    read = facts(source)
    assert "__getattr__" in read.bindings
    assert read.getattr is None or not read.getattr.closed


@pytest.mark.parametrize(
    "source",
    ["class C:\n  def __getattr__(self, name): ...", "def f():\n  def __getattr__(name): ...", "x = 1"],
)
def test_no_getattr(source: str) -> None:
    assert facts(source).getattr is None


def test_the_deprecations_that_a_getattr_tells() -> None:
    read = facts(
        """
        import warnings
        def __getattr__(name):
            if name == "x":
                warnings.warn("x goes in 3", DeprecationWarning, stacklevel=2)
                return 1
            if name in ("y", "z"):
                return 2
            raise AttributeError(name)
        """
    )
    assert read.getattr == m.Getattr({"x": "x goes in 3", "y": "", "z": ""}, (), closed=True)


@pytest.mark.parametrize(
    ("call", "expected", "complete"),
    [
        ("attach(__name__, ['s'])", {"s": [".s:"]}, True),
        ("attach(__name__, {'s'}, {'t': ['x', 'y']})", {"s": [".s:"], "x": [".t:x"], "y": [".t:y"]}, True),
        ("attach(__name__, submodules=('s',))", {"s": [".s:"]}, True),
        ("attach(__name__, submod_attrs={'t.u': ('x',)})", {"x": [".t.u:x"]}, True),
        ("attach(__name__)", {}, True),
        ("attach(__name__, names)", {}, False),
        ("attach(__name__, ['s'], {'t': names})", {"s": [".s:"]}, False),
        ("attach(__name__, ['s'], names)", {"s": [".s:"]}, False),
        ("attach_stub(__name__, __file__)", {}, False),
        ("something_else(__name__)", {}, False),
    ],
)
def test_the_lazy_loader(call: str, expected: dict[str, list[str]], complete: bool) -> None:
    source = f"import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.{call}"
    read = facts(source)
    assert read.getattr == m.Getattr(closed=complete)
    made = {
        name: [way.removeprefix("import ") for way in ways]
        for name, ways in bindings(source).items()
        if name not in ("lazy", "__getattr__", "__dir__", "__all__")
    }
    assert made == expected
    assert ("lazy-stub" in read.dynamic) is ("stub" in call)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", ()),
        ("globals()['x'] = 1", ()),
        ("globals().update(x=1)", ("globals",)),
        ("globals().setdefault('x', 1)", ("globals",)),
        ("globals()['x']", ()),
        ("g = globals()\ng['x'] = 1", ("globals",)),
        ("vars()['x'] = 1", ()),
        ("locals()['x'] = 1", ()),
        ("locals().update(x=1)", ("globals",)),
        ("def f(): globals()['x'] = 1", ("globals",)),
        ("exec('x = 1')", ("exec",)),
        ("exec(code, globals())", ("exec", "globals")),
        ("def f(): exec('x = 1')", ()),
        ("import sys\nsys.modules[__name__] = x", ("sys.modules",)),
        ("import sys\nsys.modules['a.b'] = x", ("sys.modules:a.b",)),
        ("import sys\nsys.modules[__name__ + '.b'] = x", ("sys.modules",)),
        ("import sys\nsys.modules.update(x)", ("sys.modules",)),
        ("import sys\nsys.modules.setdefault('x', y)", ("sys.modules",)),
        ("from sys import modules\nmodules['a'] = x", ("sys.modules:a",)),
        ("import sys\nsys.modules[__name__].__class__ = C", ("__class__", "setattr")),
        ("import sys\nsys.modules[__name__].x = 1", ("setattr",)),
        ("import sys\nsetattr(sys.modules[__name__], 'x', 1)", ()),
        ("import sys\nt = sys.modules[__name__]\nsetattr(t, n, 1)", ("setattr",)),
        ("class C: ...\nx = C()\nclass D:\n  def m(self): setattr(self, 'x', 1)", ()),
        ("import sys\nsys.modules.get('x')\n'x' in sys.modules", ()),
        ("__path__.append('x')", ("__path__",)),
        ("__path__ = __import__('pkgutil').extend_path(__path__, __name__)", ("namespace",)),
        ("from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)", ("namespace",)),
        ("__import__('pkg_resources').declare_namespace(__name__)", ("namespace",)),
        ("import pkg_resources\npkg_resources.declare_namespace(__name__)", ("namespace",)),
        ("import sys\nsys.path.insert(0, 'x')", ("sys.path",)),
        ("import sys\nsys.meta_path.append(x)", ("sys.meta_path",)),
    ],
)
def test_dynamic_markers(source: str, expected: tuple[str, ...]) -> None:
    assert facts(source).dynamic == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("raise ImportError('gone')", "ImportError"),
        ("raise ImportError", "ImportError"),
        ("raise ModuleNotFoundError('gone')", "ModuleNotFoundError"),
        ("import a\nraise a.Error('gone')", "Error"),
        ("x = 1\nraise RuntimeError", "RuntimeError"),
        ("if x: raise ImportError", "ImportError?"),
        ("try: raise ImportError\nexcept ImportError: ...", "ImportError?"),
        ("def f(): raise ImportError", ""),
        ("raise", ""),
        ("", ""),
    ],
)
def test_modules_that_raise(source: str, expected: str) -> None:
    told = [f"{r.exception}{'?' if r.guard >= 0 else ''}" for r in facts(source).raises]
    assert told == ([expected] if expected else [])
