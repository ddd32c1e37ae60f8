"""Guards: the circumstances under which code runs, and the conditions that can be judged without running it."""

from __future__ import annotations

import ast

import pytest
from told import condition_in_short, facts, guards_in_short, uses

from pinproof.facts.conditions import condition, negation
from pinproof.model import module as m


def guards_of(source: str, target: str = "a:x") -> set[str]:
    """The guards of each use of a target."""
    read = facts(source)
    return {guards_in_short(read, use.guard) for use in read.uses if use.target == target}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("True", ""),
        ("1", ""),
        ("False", "False"),
        ("0", "False"),
        ("None", "False"),
        ("''", "False"),
        ("not 1", "False"),
        ("not not 1", ""),
        ("TYPE_CHECKING", "False"),
        ("typing.TYPE_CHECKING", "False"),
        ("t.TYPE_CHECKING", "False"),
        ("not TYPE_CHECKING", ""),
        ("sys.version_info >= (3, 8)", "python >= 3.8"),
        ("sys.version_info[:2] < (3, 8)", "python < 3.8"),
        ("sys.version_info[0] == 2", "python == 2"),
        ("sys.version_info.major == 2", "python == 2"),
        ("(3, 8) <= sys.version_info", "python >= 3.8"),
        ("2 == sys.version_info[0]", "python == 2"),
        ("sys.version_info > (3,)", "python > 3"),
        ("sys.version_info >= (3, 8, 1)", "python >= 3.8.1"),
        ("sys.version_info >= (3, 8, 0, 'final', 0)", "python >= 3.8.0"),
        ("version_info >= (3, 8)", "python >= 3.8"),
        ("six.PY2", "python == 2"),
        ("six.PY3", "python == 3"),
        ("not six.PY2", "not python == 2"),
        ("sys.platform == 'win32'", "sys:platform == win32"),
        ("'win32' == sys.platform", "sys:platform == win32"),
        ("sys.platform != 'win32'", "sys:platform != win32"),
        ("sys.platform.startswith('linux')", "sys:platform startswith linux"),
        ("sys.platform in ('win32', 'cygwin')", "(sys:platform == win32 or sys:platform == cygwin)"),
        ("sys.platform not in {'win32'}", "not (sys:platform == win32)"),
        ("'linux' in sys.platform", "sys:platform contains linux"),
        ("'linux' not in sys.platform", "not sys:platform contains linux"),
        ("os.name == 'nt'", "os:name == nt"),
        ("platform.system() == 'Windows'", "platform:system() == Windows"),
        ("platform.system() in ['Windows']", "(platform:system() == Windows)"),
        ("platform.python_implementation() == 'PyPy'", "platform:python_implementation() == PyPy"),
        ("hasattr(a, 'x')", "has a:x"),
        ("hasattr(a.b, 'x')", "has a:b.x"),
        ("not hasattr(a, 'x')", "not has a:x"),
        ("HAS_A", "flag :HAS_A"),
        ("a.HAS_A", "flag a:HAS_A"),
        ("hasattr(a, 'x') and a.y", "(has a:x and flag a:y)"),
        ("hasattr(a, 'x') or PY2", "(has a:x or flag :PY2)"),
        ("a.__version__ < '2'", "version of a < 2"),
        ("a.__version__.startswith('1.')", "version of a startswith 1."),
        ("Version(a.__version__) >= Version('2.0')", "version of a >= 2.0"),
        ("parse('2.0') <= parse(a.__version__)", "version of a >= 2.0"),
        ("LooseVersion(a.__version__) < LooseVersion('1.2rc1')", "version of a < 1.2rc1"),
        ("a.VERSION < (2, 0)", "version of a < 2.0"),
        ("a.VERSION[:2] >= (2, 1)", "version of a >= 2.1"),
        ("a.VERSION[0] < 2", "??"),
        ("a.version_info[0] >= 3", "??"),
        ("tuple(map(int, a.__version__.split('.')[:2])) < (2, 1)", "version of a < 2.1"),
        ("int(a.__version__.split('.')[0]) < 2", "??"),
        ("os.environ.get('X')", "??"),
        ("'X' in os.environ", "??"),
        ("find_spec('a')", "??"),
        ("importlib.util.find_spec('a') is not None", "??"),
        ("platform.machine() == 'x86_64'", "??"),
        ("'x' in signature(a.f).parameters", "??"),
        ("x == 1", "?"),
        ("len(x) > 1", "?"),
        ("isinstance(x, str)", "?"),
        ("x > y > z", "(? and ?)"),
        ("(3, 8) <= sys.version_info < (3, 12)", "(python >= 3.8 and python < 3.12)"),
        ("(lambda: 1)()", "?"),
        ("__name__ == '__main__'", "?"),
    ],
)
def test_conditions(test: str, expected: str) -> None:
    source = (
        "import a, os, sys, platform, six, typing, typing as t, importlib.util\n"
        "from sys import version_info\nfrom typing import TYPE_CHECKING\nfrom importlib.util import find_spec\n"
        "from packaging.version import Version, parse\nfrom distutils.version import LooseVersion\n"
    )
    assert guards_of(f"{source}if {test}:\n  a.x") == {f"if {expected}" if expected else ""}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if PY2: a.x", "if flag :PY2"),
        ("if PY2: ...\nelse: a.x", "if not flag :PY2"),
        ("if PY2: ...\nelif V: a.x", "if not flag :PY2 / if flag :V"),
        ("if PY2: ...\nelif V: ...\nelse: a.x", "if not flag :PY2 / if not flag :V"),
        ("if PY2:\n  if V: a.x", "if flag :PY2 / if flag :V"),
        ("if PY2 and V: a.x", "if (flag :PY2 and flag :V)"),
        ("y = a.x if PY2 else 1", "if flag :PY2"),
        ("y = 1 if PY2 else a.x", "if not flag :PY2"),
        ("y = PY2 and a.x", "if flag :PY2"),
        ("y = PY2 and V and a.x", "if flag :PY2 / if flag :V"),
        ("y = PY2 or a.x", "if not flag :PY2"),
        ("y = a.x or PY2", ""),
        ("if PY2 and a.x: ...", "if flag :PY2"),
        ("def f():\n  if PY2: return\n  a.x", "if not flag :PY2"),
        ("def f():\n  if PY2: raise E\n  a.x", "if not flag :PY2"),
        ("def f():\n  for y in z:\n    if PY2: continue\n    a.x", "if not flag :PY2"),
        ("for y in z:\n  if PY2: continue\n  a.x", "if not flag :PY2"),
        ("if PY2: raise E\na.x", ""),
        ("def f():\n  if PY2: pass\n  a.x", ""),
        ("def f():\n  if PY2:\n    return\n  else:\n    y = 1\n  a.x", "if not flag :PY2"),
        ("def f():\n  if y:\n    if PY2: return\n  a.x", ""),
        ("def f():\n  if PY2: return\ndef g(): a.x", ""),
        ("if TYPE_CHECKING: ...\nelse: a.x", ""),
        ("y = [a.x for z in w if PY2]", "if flag :PY2"),
    ],
)
def test_branches(source: str, expected: str) -> None:
    assert guards_of(f"import a\nfrom typing import TYPE_CHECKING\n{source}") == {expected}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try: a.x\nexcept ImportError: ...", "try ImportError"),
        ("try: a.x\nexcept (ImportError, KeyError): ...", "try ImportError KeyError"),
        ("try: a.x\nexcept ImportError: ...\nexcept KeyError: ...", "try ImportError KeyError"),
        ("try: a.x\nexcept builtins.ImportError: ...", "try ImportError"),
        ("try: a.x\nexcept: ...", "try *"),
        ("try: a.x\nexcept errors: ...", "try *"),
        ("try: a.x\nexcept errors(): ...", "try *"),
        ("try: a.x\nexcept E as e: ...", "try E"),
        ("try: a.x\nexcept E: raise", "try !E"),
        ("try: a.x\nexcept E as e: raise F from e", "try !E"),
        ("try: a.x\nexcept E:\n  y = 1\n  raise", "try !E"),
        ("try: a.x\nexcept E:\n  if y: raise", "try E"),
        ("try: a.x\nexcept E: sys.exit(1)", "try !E"),
        ("try: a.x\nexcept E: raise\nexcept F: ...", "try !E F"),
        ("try: a.x\nfinally: ...", ""),
        ("try: ...\nfinally: a.x", ""),
        ("try: ...\nexcept E: ...\nfinally: a.x", ""),
        ("try: ...\nexcept E: a.x", "handler"),
        ("try: ...\nexcept E: ...\nelse: a.x", "else"),
        ("try: ...\nexcept E: ...\na.x", ""),
        ("try: a.x\nexcept* E: ...", "try E"),
        ("try:\n  try: a.x\n  except E: ...\nexcept F: ...", "try F / try E"),
        ("try:\n  try: ...\n  except E: a.x\nexcept F: ...", "try F / handler"),
        ("try: ...\nexcept E:\n  try: a.x\n  except F: ...", "handler / try F"),
        ("try:\n  if PY2: a.x\nexcept E: ...", "try E / if flag :PY2"),
        ("if PY2:\n  try: a.x\n  except E: ...", "if flag :PY2 / try E"),
        ("with suppress(E): a.x", "try E"),
        ("with contextlib.suppress(E, F): a.x", "try E F"),
        ("with y, suppress(E): a.x", "try E"),
        ("with suppress(): a.x", ""),
        ("with y: a.x", ""),
        ("with pytest.raises(E): a.x", "try E"),
        ("with self.assertRaises(E): a.x", "try E"),
        ("def f():\n  try: a.x\n  except E: ...", "try E"),
        ("try:\n  class C:\n    y = a.x\nexcept E: ...", "try E"),
    ],
)
def test_tries(source: str, expected: str) -> None:
    assert guards_of(f"import a\n{source}") == {expected}


def test_the_body_of_a_function_is_not_within_the_try_around_its_definition() -> None:
    assert guards_of("import a\ntry:\n  def f(): a.x\nexcept E: ...") == {""}
    assert guards_of("import a\nif PY2:\n  def f(): a.x") == {"if flag :PY2"}


def test_what_a_handler_catches_is_looked_up_only_when_something_is_raised() -> None:
    assert guards_of("import a\ntry: ...\nexcept a.x: ...") != {""}


def test_the_same_test_is_one_guard() -> None:
    read = facts("import a\nif PY2: a.x\nif PY2: a.y\nif not PY2: a.z")
    assert len(read.guards) == 2


def test_handlers_point_to_the_body() -> None:
    read = facts("import a\ntry: a.x\nexcept E: a.y\nexcept F: a.z\nelse: a.w")
    body, *others = read.guards
    assert body == m.Guard(-1, catches=("E", "F"))
    assert others == [m.Guard(-1, after=0), m.Guard(-1, after=0), m.Guard(-1, unless=0)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("PY2 = sys.version_info[0] == 2", "python == 2"),
        ("HAS = hasattr(a, 'x')", "has a:x"),
        ("OLD = a.__version__ < '2'", "version of a < 2"),
        ("V1 = a.__version__.startswith('1.')", "version of a startswith 1."),
        ("WINDOWS = sys.platform == 'win32'", "sys:platform == win32"),
        ("YES = True", "True"),
        ("BOTH = PY3 and True", "(flag :PY3 and True)"),
        ("NEITHER = not PY3", "not flag :PY3"),
        ("FOUND = find_spec('a') is not None", "??"),
    ],
)
def test_the_truth_of_flags(source: str, expected: str) -> None:
    read = facts(f"import a, sys\nfrom importlib.util import find_spec\n{source}")
    (binding,) = read.bindings[source.partition(" ")[0]]
    assert binding.test is not None
    assert condition_in_short(binding.test) == expected


@pytest.mark.parametrize(
    "assignment",
    ["V = a.__version__", "V = parse(a.__version__)", "V = Version(a.__version__)", "V = a.VERSION[:2]"],
)
def test_versions_that_are_held(assignment: str) -> None:
    source = f"import a\nfrom packaging.version import parse, Version\n{assignment}\nif V < Version('2'): a.x"
    assert guards_of(source) == {"if version of a < 2"}


def test_python_by_a_repeated_import() -> None:
    assert guards_of("import a, sys\nimport sys\nif sys.version_info < (3,): a.x") == {"if python < 3"}
    assert guards_of("import a, os\nimport os.path\nif os.name == 'nt': a.x") == {"if os:name == nt"}


_TESTS = [
    "x",
    "not x",
    "x and y",
    "x or not y",
    "not (x and y)",
    "True",
    "f(x)",
    "x < 1",
    "sys.version_info > (3,)",
]


@pytest.mark.parametrize("text", _TESTS)
def test_to_negate_twice_changes_nothing(text: str) -> None:
    def refer(node: ast.expr) -> str:
        return f":{ast.unparse(node)}" if isinstance(node, ast.Name) else "sys:version_info"

    test = condition(ast.parse(text, mode="eval").body, refer)
    assert negation(negation(test)) == test


def test_uses_in_conditions_are_uses() -> None:
    assert {"call a:x | if flag :PY2", "attribute a:y"} <= uses(
        "import a\nif a.y and PY2: ...\nb = PY2 and a.x()"
    )
