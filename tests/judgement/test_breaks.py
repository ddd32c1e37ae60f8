"""The judge as a table: what `a` does with `b`, what `b` was and became, and the breaks that must come of it.

Python itself is asked, too: every case is imported for real, so that the table cannot expect what is not so. The
groups follow the list of traps that tools of this kind fall into.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from world import NEW_PAIR, OLD_PAIR, imports, pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from world import World

    Sources = str | Mapping[str, str]

OLD_B = {
    "b/__init__.py": """\
        __version__ = "1.0"
        VERSION = (1, 0)
        def gone(function=None): return function
        def kept(function=None): return function
        class Gone(type): ...
        class Kept: ...
        """,
    "b/old.py": "x = y = 1",
    "b/sub.py": "def gone(): ...\ndef kept(): ...",
    "b/_private.py": "def gone(): ...",
}
NEW_B = {
    "b/__init__.py": """\
        __version__ = "2.0"
        VERSION = (2, 0)
        def kept(function=None): return function
        class Kept: ...
        def fresh(): ...
        """,
    "b/sub.py": "def kept(): ...",
    "b/_private.py": "",
}


class Case(NamedTuple):
    """`fails` says that importing `a` fails with the new `b`, though the judge cannot know."""

    name: str
    a: Sources
    expected: tuple[str, ...]
    old: Sources = OLD_B
    new: Sources = NEW_B
    python: tuple[int, int] = (3, 11)
    fails: bool = False
    runs: bool = True

    @property
    def world(self) -> World:
        return pair(self.a, self.old, self.new, self.python)


def client(
    name: str, a: Sources, *expected: str, fails: bool = False, python: tuple[int, int] = (3, 11)
) -> Case:
    """What matters is what `a` does."""
    return Case(name, a, expected, fails=fails, python=python)


def library(name: str, a: Sources, old: Sources, new: Sources, *expected: str, **more: object) -> Case:
    """What matters is what became of `b`."""
    return Case(name, a, expected, old, new, **more)  # type: ignore[arg-type]


REMOVED = [
    client("a name", "from b import gone", "fatal b.gone"),
    client("a name under another", "from b import gone as g", "fatal b.gone"),
    client("an attribute", "import b\nb.gone", "fatal b.gone"),
    client("an attribute of an alias", "import b as c\nc.gone()", "fatal b.gone"),
    client("an attribute of a submodule", "import b.sub\nb.sub.gone()", "fatal b.sub.gone"),
    client("an attribute of an imported submodule", "from b import sub\nsub.gone", "fatal b.sub.gone"),
    client("a module", "import b.old", "fatal b.old"),
    client("a module as a name", "from b import old", "fatal b.old"),
    client(
        "a module, told once",
        "from b.old import x, y\nfrom b.old import *\nimport b.old as o\no.x",
        "fatal b.old",
    ),
    client("a base", "import b\nclass C(b.Gone): ...", "fatal b.Gone"),
    client("a metaclass", "import b\nclass C(metaclass=b.Gone): ...", "fatal b.Gone"),
    client("in a function", "import b\ndef f(): b.gone()", "latent b.gone"),
    client("imported in a function", "def f():\n  from b import gone", "latent b.gone"),
    client("in a lambda", "import b\nf = lambda: b.gone()", "latent b.gone"),
    client("in a function that is called", "import b\ndef f(): b.gone()\nf()", "fatal b.gone"),
    client(
        "through two functions that are called",
        "import b\ndef f(): b.gone()\ndef g(): f()\ng()",
        "fatal b.gone",
    ),
    client(
        "in a generator function that is called", "import b\ndef f():\n  yield b.gone()\nf()", "latent b.gone"
    ),
    client(
        "in a coroutine that is called",
        "import b\nasync def f(): b.gone()\nc = f()\nc.close()",
        "latent b.gone",
    ),
    client(
        "in a function that is called under a guard",
        "import b\ndef f(): b.gone()\nif 0: f()",
        "latent b.gone",
    ),
    client("in a decorator", "import b\n@b.gone\ndef f(): ...", "fatal b.gone"),
    client("in a decorator of a class", "import b\n@b.gone\nclass C: ...", "fatal b.gone"),
    client("in a default", "import b\ndef f(x=b.gone): ...", "fatal b.gone"),
    client("in a default of a keyword", "import b\ndef f(*, x=b.gone): ...", "fatal b.gone"),
    client("in a default of a lambda", "import b\nf = lambda x=b.gone: x", "fatal b.gone"),
    client("in a class body", "import b\nclass C:\n  x = b.gone", "fatal b.gone"),
    client("in a method", "import b\nclass C:\n  def m(self): b.gone()", "latent b.gone"),
    client("in a comprehension", "import b\nx = [b.gone for _ in (1,)]", "fatal b.gone"),
    client("in a condition of a comprehension", "import b\nx = [1 for _ in (1,) if b.gone]", "fatal b.gone"),
    client("in an f-string", "import b\nx = f'{b.gone}'", "fatal b.gone"),
    client("in a subscript", "import b\nx = {None: 1}[b.gone()]", "fatal b.gone"),
    client("in a `with`", "import b\nimport contextlib\nwith contextlib.nullcontext(b.gone): ...", "fatal b.gone"),
    client("in an assertion", "import b\nassert b.gone", "fatal b.gone"),
    client("in the arguments of a call", "import b\nprint(end='', *[b.gone])", "fatal b.gone"),
    client("behind a call", "import b\nb.kept(b.gone)", "fatal b.gone"),
    client("deep in a call", "import b\nstr(b.gone).upper().lower()", "fatal b.gone"),
    client("private", "from b._private import gone", "fatal b._private.gone"),
    client("the worst site counts", "import b\ndef f(): b.gone()\nb.gone()", "fatal b.gone"),
    client("two of them", "from b import gone\nfrom b import Gone", "fatal b.Gone", "fatal b.gone"),
    client(
        "in a module that is imported",
        {"a/__init__.py": "from . import c", "a/c.py": "from b import gone"},
        "fatal b.gone",
    ),
    client(
        "in a module behind an absolute import",
        {"a/__init__.py": "import a.c.d", "a/c/__init__.py": "", "a/c/d.py": "from b import gone"},
        "fatal b.gone",
    ),
    client(
        "in the package of a module that is imported",
        {"a/__init__.py": "from a.c import d", "a/c/__init__.py": "from b import gone", "a/c/d.py": ""},
        "fatal b.gone",
    ),
    client(
        "in a module that nothing imports",
        {"a/__init__.py": "", "a/c.py": "from b import gone"},
        "latent b.gone",
    ),
    client(
        "in a module that a function imports",
        {"a/__init__.py": "def f():\n  from . import c", "a/c.py": "from b import gone"},
        "latent b.gone",
    ),
    client("passed on by a module", {"a/__init__.py": "from .c import b\nb.gone", "a/c.py": "import b"}, fails=True),
    client("an alias of the module", "import b\nc = b\nc.gone", fails=True),
    client("nothing is missing", "from b import kept\nimport b.sub\nb.sub.kept()\nb.Kept"),
    client("never there", "try:\n  from b import never\nexcept Exception: ..."),
    client("new, and not old", "from b import kept\nimport b.sub"),
]

TRY = [  # 1
    client("ImportError", "try:\n  from b import gone\nexcept ImportError: gone = None"),
    client("of a module", "try:\n  import b.old\nexcept ImportError: ..."),
    client("ModuleNotFoundError for a module", "try:\n  import b.old\nexcept ModuleNotFoundError: ..."),
    client(
        "ModuleNotFoundError for a name",
        "try:\n  from b import gone\nexcept ModuleNotFoundError: ...",
        "fatal b.gone",
    ),
    client(
        "ModuleNotFoundError for a module as a name",
        "try:\n  from b import old\nexcept ModuleNotFoundError: ...",
        "fatal b.old",
    ),
    client("Exception", "try:\n  from b import gone\nexcept Exception: ..."),
    client("BaseException", "try:\n  from b import gone\nexcept BaseException: ..."),
    client("bare", "try:\n  from b import gone\nexcept: ..."),
    client("several", "try:\n  from b import gone\nexcept (KeyError, ImportError): ..."),
    client("qualified", "import builtins\ntry:\n  from b import gone\nexcept builtins.ImportError: ..."),
    client("held in a name", "E = ImportError\ntry:\n  from b import gone\nexcept E: ..."),
    client("another", "try:\n  from b import gone\nexcept KeyError: ...", "fatal b.gone"),
    client(
        "AttributeError for a name", "try:\n  from b import gone\nexcept AttributeError: ...", "fatal b.gone"
    ),
    client("AttributeError for an attribute", "import b\ntry:\n  b.gone\nexcept AttributeError: ..."),
    client(
        "ImportError for an attribute", "import b\ntry:\n  b.gone\nexcept ImportError: ...", "fatal b.gone"
    ),
    client(
        "of no interest", "try:\n  from b import gone\nexcept (ValueError, TypeError): ...", "fatal b.gone"
    ),
    client("raises again", "try:\n  from b import gone\nexcept ImportError:\n  raise", "fatal b.gone"),
    client(
        "raises another",
        "try:\n  from b import gone\nexcept ImportError as e:\n  raise RuntimeError('b 1, please') from e",
        "fatal b.gone",
    ),
    client(
        "leaves", "import sys\ntry:\n  from b import gone\nexcept ImportError:\n  sys.exit(1)", "fatal b.gone"
    ),
    client(
        "raises first, swallows then",
        "try:\n  from b import gone\nexcept ImportError:\n  raise\nexcept Exception: ...",
        "fatal b.gone",
    ),
    client(
        "raises another first, swallows then",
        "try:\n  from b import gone\nexcept KeyError:\n  raise\nexcept Exception: ...",
    ),
    client(
        "raises sometimes",
        "try:\n  from b import gone\nexcept ImportError as e:\n  if 'x' in str(()): raise\n  gone = None",
    ),
    client(
        "nested, outer swallows",
        "try:\n  try:\n    from b import gone\n  except KeyError: ...\nexcept ImportError: ...",
    ),
    client(
        "nested, inner swallows",
        "try:\n  try:\n    from b import gone\n  except ImportError: ...\nexcept KeyError: ...",
    ),
    client(
        "nested, inner raises and outer swallows",
        "try:\n  try:\n    from b import gone\n  except ImportError: raise\nexcept ImportError: ...",
    ),
    client("only finally", "try:\n  from b import gone\nfinally: ...", "fatal b.gone"),
    client("in finally", "import b\ntry: ...\nexcept Exception: ...\nfinally:\n  b.gone", "fatal b.gone"),
    client("in else", "import b\ntry: ...\nexcept Exception: ...\nelse:\n  b.gone", "fatal b.gone"),
    client(
        "else after what fails",
        "try:\n  import b.old\nexcept ImportError: ...\nelse:\n  b.old.x\n  from b import gone",
    ),
    client(
        "else after what works", "try:\n  import b\nexcept ImportError: ...\nelse:\n  b.gone", "fatal b.gone"
    ),
    client(
        "behind it", "try:\n  from b import kept\nexcept ImportError: ...\nfrom b import gone", "fatal b.gone"
    ),
    client(
        "of the name, later",
        "try:\n  import b.old\nexcept ImportError: ...\nimport b\nb.gone",
        "fatal b.gone",
    ),
    client("in a function", "def f():\n  try:\n    from b import gone\n  except ImportError: ..."),
    client(
        "in a function, around a call of another",
        "import b\ndef f(): b.gone()\ndef g():\n  try: f()\n  except AttributeError: ...",
        "latent b.gone",
    ),
    client(
        "around a function that is called",
        "import b\ndef f(): b.gone()\ntry: f()\nexcept AttributeError: ...",
        "latent b.gone",
    ),
    client(
        "around the definition of a function",
        "import b\ntry:\n  def f(): b.gone()\nexcept AttributeError: ...",
        "latent b.gone",
    ),
    client("around a class body", "import b\ntry:\n  class C:\n    x = b.gone\nexcept AttributeError: ..."),
    client("groups", "import b\ntry:\n  b.gone\nexcept* AttributeError: ..."),
]

HANDLERS = [  # 2
    client("legacy", "try:\n  from b import fresh\nexcept ImportError:\n  from b import gone as fresh"),
    client("legacy attribute", "import b\ntry:\n  f = b.fresh\nexcept AttributeError:\n  f = b.gone"),
    client("legacy in a function", "import b\ndef f():\n  try: b.fresh()\n  except AttributeError: b.gone()"),
    client(
        "both gone", "try:\n  from b import gone\nexcept ImportError:\n  from b import Gone", "fatal b.Gone"
    ),
    client(
        "both gone, by attribute",
        "import b\ntry:\n  b.gone\nexcept AttributeError:\n  b.Gone",
        "fatal b.Gone",
    ),
    client(
        "the new one is there",
        "try:\n  from b import gone\nexcept ImportError:\n  from b import fresh as gone",
    ),
    client(
        "three in a row",
        "try:\n  from b import gone\nexcept ImportError:\n  try:\n    from b import Gone\n  except ImportError:\n    from b import fresh",
    ),
    client(
        "three in a row, all gone",
        "try:\n  from b import gone\nexcept ImportError:\n  try:\n    from b import Gone\n"
        "  except ImportError:\n    from b.old import x",
        "fatal b.old",
    ),
    client("handler of what never fails", "import b\ntry:\n  b.kept()\nexcept ValueError:\n  b.gone()"),
    client(
        "handler of what may fail", "import b\ntry:\n  int(b.kept() or 0)\nexcept ValueError:\n  b.gone()"
    ),
    client("the exception is gone", "import b\ntry:\n  int('1')\nexcept b.gone: ...", "latent b.gone"),
    client(
        "the exception is gone, in a function",
        "import b\ndef f():\n  try: ...\n  except b.gone: ...",
        "latent b.gone",
    ),
]

FLAGS = [  # 3
    client("suppress", "import contextlib\nwith contextlib.suppress(ImportError):\n  from b import gone"),
    client(
        "suppress by name",
        "from contextlib import suppress\nwith suppress(KeyError, ImportError):\n  from b import gone",
    ),
    client(
        "suppress another",
        "from contextlib import suppress\nwith suppress(AttributeError):\n  from b import gone",
        "fatal b.gone",
    ),
    client(
        "another `with`",
        "import warnings\nwith warnings.catch_warnings():\n  from b import gone",
        "fatal b.gone",
    ),
    client("find_spec", "from importlib.util import find_spec\nif find_spec('b.old'):\n  import b.old"),
    client(
        "find_spec in a flag",
        "from importlib.util import find_spec\nHAS = find_spec('b.old') is not None\nif HAS:\n  import b.old",
    ),
    client(
        "a flag",
        "try:\n  import b.old\n  HAS = True\nexcept ImportError:\n  HAS = False\nif HAS:\n  from b import gone",
    ),
    client(
        "a flag set before",
        "HAS = False\ntry:\n  import b.old\n  HAS = True\nexcept ImportError: ...\nif HAS:\n  from b import gone",
    ),
    client(
        "a flag set in else",
        "try:\n  import b.old\nexcept ImportError:\n  HAS = False\nelse:\n  HAS = True\nif HAS:\n  from b import gone",
    ),
    client(
        "a flag negated",
        "try:\n  import b.old\nexcept ImportError:\n  MISSING = True\nelse:\n  MISSING = False\nif not MISSING:\n  from b import gone",
    ),
    client(
        "a flag in a function",
        "import b\ntry:\n  import b.old\n  HAS = True\nexcept ImportError:\n  HAS = False\ndef f():\n  if HAS: b.old.x",
    ),
    client(
        "a flag that is met",
        "try:\n  import b.sub\n  HAS = True\nexcept ImportError:\n  HAS = False\nif HAS:\n  from b import gone",
        "fatal b.gone",
    ),
    client(
        "the module as the flag",
        "try:\n  import b.old as old\nexcept ImportError:\n  old = None\nif old is not None:\n  from b import gone",
    ),
    client(
        "the truth of the module as the flag",
        "try:\n  from b import old\nexcept ImportError:\n  old = None\nif old:\n  from b import gone",
    ),
    client("constant", "DEBUG = False\nimport b\nif DEBUG:\n  b.gone"),
    client("constant that holds", "ALWAYS = True\nimport b\nif ALWAYS:\n  b.gone", "fatal b.gone"),
    client(
        "a flag of another module",
        {
            "a/__init__.py": "from .compat import HAS\nif HAS:\n  from b import gone",
            "a/compat.py": "try:\n  import b.old\n  HAS = True\nexcept ImportError:\n  HAS = False",
        },
    ),
    client(
        "a flag of another module, by attribute",
        {
            "a/__init__.py": "from . import compat\nif compat.HAS:\n  from b import gone",
            "a/compat.py": "try:\n  import b.old\n  HAS = True\nexcept ImportError:\n  HAS = False",
        },
    ),
    client(
        "a flag of another module that is met",
        {
            "a/__init__.py": "from .compat import HAS\nif HAS:\n  from b import gone",
            "a/compat.py": "try:\n  import b.sub\n  HAS = True\nexcept ImportError:\n  HAS = False",
        },
        "fatal b.gone",
    ),
    client(
        "the environment decides", "import os, b\nif os.environ.get('NO_SUCH_X'):\n  b.gone", "latent b.gone"
    ),
    client("a loop that may not run", "import b\nfor _ in ():\n  b.gone", "latent b.gone"),
    client("a loop that does not run", "import b\nwhile False:\n  b.gone"),
]

VERSIONS = [  # 4
    client(
        "parse",
        "import b\nfrom packaging.version import parse\nif parse(b.__version__) < parse('2'):\n  from b import gone",
    ),
    client(
        "Version, held",
        "import b\nfrom packaging.version import Version\nV = Version(b.__version__)\nif V < Version('2.0'):\n  from b import gone",
    ),
    client(
        "met",
        "import b\nfrom packaging.version import parse\nif parse(b.__version__) >= parse('1.5'):\n  from b import gone",
        "fatal b.gone",
    ),
    client(
        "else",
        "import b\nfrom packaging.version import parse\nif parse(b.__version__) >= parse('2.0'):\n  b.fresh\nelse:\n  b.gone",
    ),
    client("startswith", "import b\nif b.__version__.startswith('1.'):\n  from b import gone"),
    client("not startswith", "import b\nif not b.__version__.startswith('2.'):\n  from b import gone"),
    client("a tuple", "import b\nif b.VERSION < (2, 0):\n  from b import gone"),
    client("a slice of a tuple", "import b\nif b.VERSION[:2] < (2, 0):\n  from b import gone"),
    client("the major", "import b\nif b.VERSION[0] < 2:\n  from b import gone"),
    client(
        "the major from the text", "import b\nif int(b.__version__.split('.')[0]) < 2:\n  from b import gone"
    ),
    client(
        "mapped", "import b\nif tuple(map(int, b.__version__.split('.')))[:2] < (2, 0):\n  from b import gone"
    ),
    client("a flag", "import b\nB_V2 = b.__version__.startswith('2.')\nif not B_V2:\n  from b import gone"),
    client(
        "a flag of another module",
        {
            "a/__init__.py": "from .compat import B_V2\nif not B_V2:\n  from b import gone",
            "a/compat.py": "from b import VERSION\nB_V2 = VERSION[0] >= 2",
        },
    ),
    client(
        "importlib.metadata",
        "from importlib.metadata import version\ntry: v = version('b')\nexcept Exception: v = '2'\nif v < '2':\n  from b import gone",
    ),
    client("in a function", "import b\ndef f():\n  if b.__version__ < '2': b.gone()"),
    client(
        "in a function, returning early",
        "import b\ndef f():\n  if b.__version__ >= '2':\n    return b.fresh()\n  return b.gone()",
    ),
    client("Python", "import sys\nif sys.version_info < (3, 8):\n  from b import gone"),
    client("Python, else", "import sys\nif sys.version_info >= (3,):\n  ...\nelse:\n  from b import gone"),
    client(
        "Python that is met",
        "import sys\nif sys.version_info >= (3, 8):\n  from b import gone",
        "fatal b.gone",
    ),
    client("Python by index", "import sys\nif sys.version_info[0] == 2:\n  from b import gone"),
    client("Python by major", "import sys\nif sys.version_info.major < 3:\n  from b import gone"),
    client("Python by slice", "import sys\nif sys.version_info[:2] < (3, 8):\n  from b import gone"),
    client("Python by flag", "import sys\nPY2 = sys.version_info[0] == 2\nif PY2:\n  from b import gone"),
    client(
        "Python by flag, else",
        "import sys\nPY3 = sys.version_info[0] >= 3\nif not PY3:\n  from b import gone",
    ),
    client("platform", "import sys\nif sys.platform == 'win32':\n  from b import gone"),
    client("platform by prefix", "import sys\nif sys.platform.startswith('win'):\n  from b import gone"),
    client("platform among", "import sys\nif sys.platform in ('win32', 'cygwin'):\n  from b import gone"),
    client("platform by os.name", "import os\nif os.name == 'nt':\n  from b import gone"),
    client(
        "platform by system()", "import platform\nif platform.system() == 'Windows':\n  from b import gone"
    ),
    client("platform, else", "import sys\nif sys.platform != 'win32': ...\nelse:\n  from b import gone"),
    client(
        "implementation",
        "import platform\nif platform.python_implementation() == 'PyPy':\n  from b import gone",
    ),
]

HASATTR = [  # 5
    client("if", "import b\nif hasattr(b, 'gone'):\n  b.gone"),
    client("if not", "import b\nif not hasattr(b, 'gone'):\n  x = 1\nelse:\n  b.gone"),
    client("for an import", "import b\nif hasattr(b, 'gone'):\n  from b import gone"),
    client("and", "import b\nx = hasattr(b, 'gone') and b.gone()"),
    client("a chain of and", "import b\nx = b.kept and hasattr(b, 'gone') and b.gone() and b.gone.x"),
    client("or", "import b\nx = hasattr(b, 'gone') or b.gone", "fatal b.gone"),
    client("not or", "import b\nx = not hasattr(b, 'gone') or b.gone()"),
    client("ternary", "import b\nx = b.gone if hasattr(b, 'gone') else b.kept"),
    client("ternary, else", "import b\nx = b.kept if not hasattr(b, 'gone') else b.gone"),
    client("ternary that is met", "import b\nx = b.gone if hasattr(b, 'kept') else 1", "fatal b.gone"),
    client("return early", "import b\ndef f():\n  if not hasattr(b, 'gone'):\n    return\n  b.gone()"),
    client(
        "return early, called",
        "import b\ndef f():\n  if not hasattr(b, 'gone'):\n    return\n  b.gone()\nf()",
    ),
    client(
        "raise early", "import b\ndef f():\n  if not hasattr(b, 'gone'):\n    raise RuntimeError\n  b.gone()"
    ),
    client(
        "continue early", "import b\nfor _ in (1,):\n  if not hasattr(b, 'gone'):\n    continue\n  b.gone()"
    ),
    client("of something else", "import b\nif hasattr(b, 'kept'):\n  b.gone", "fatal b.gone"),
    client("of an object", "import b\ndef f(x):\n  if hasattr(x, 'y'): b.gone()"),
    client("by flag", "import b\nHAS_GONE = hasattr(b, 'gone')\nif HAS_GONE:\n  b.gone"),
    client("of a chain", "import b.sub\nif hasattr(b.sub, 'gone'):\n  b.sub.gone"),
    client("getattr with a default", "import b\nx = getattr(b, 'gone', None)"),
    client("getattr without a default", "import b\nx = getattr(b, 'gone')", fails=True),
    client("in a comprehension", "import b\nx = [b.gone for _ in (1,) if hasattr(b, 'gone')]"),
    client("in dir", "import b\nif 'gone' in dir(b):\n  b.gone"),
]

TYPING = [  # 6
    client("TYPE_CHECKING", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from b import gone"),
    client("typing.TYPE_CHECKING", "import typing\nif typing.TYPE_CHECKING:\n  from b import gone"),
    client("typing as t", "import typing as t\nif t.TYPE_CHECKING:\n  from b import gone"),
    client("False", "if False:\n  from b import gone"),
    client("TYPE_CHECKING = False", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n  from b import gone"),
    client(
        "not TYPE_CHECKING",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n  from b import gone",
        "fatal b.gone",
    ),
    client(
        "else",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: ...\nelse:\n  from b import gone",
        "fatal b.gone",
    ),
    client(
        "or",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING or True:\n  from b import gone",
        "fatal b.gone",
    ),
    client("and", "from typing import TYPE_CHECKING\nif TYPE_CHECKING and True:\n  from b import gone"),
    client("a string", "import b\nx: 'b.gone' = 1\ndef f(x: 'b.gone') -> 'b.gone': ..."),
    client(
        "deferred",
        "from __future__ import annotations\nimport b\nx: b.gone = 1\ndef f(x: b.gone) -> b.gone: ...\nclass C:\n  x: b.gone",
    ),
    client("of a variable", "import b\nx: b.gone = 1", "fatal b.gone"),
    client("of a variable without value", "import b\nx: b.gone", "fatal b.gone"),
    client("of a local variable", "import b\ndef f():\n  x: b.gone = 1\nf()"),
    client("of a parameter", "import b\ndef f(x: b.gone): ...", "fatal b.gone"),
    client("of *args", "import b\ndef f(*x: b.gone): ...", "fatal b.gone"),
    client("of a result", "import b\ndef f() -> b.gone: ...", "fatal b.gone"),
    client("of a field", "import b\nclass C:\n  x: b.gone", "fatal b.gone"),
    client("of a parameter of a method", "import b\nclass C:\n  def f(self, x: b.gone): ...", "fatal b.gone"),
    client(
        "of a parameter of an inner function", "import b\ndef f():\n  def g(x: b.gone): ...", "latent b.gone"
    ),
    client("on Python 3.14", "import b\nx: b.gone = 1\ndef f(x: b.gone) -> b.gone: ...", python=(3, 14)),
    client(
        "a default is no annotation",
        "from __future__ import annotations\nimport b\ndef f(x: int = b.gone): ...",
        "fatal b.gone",
    ),
    client("a string in a cast", "import typing, b\nx = typing.cast('b.gone', 1)"),
]

SHADOWS = [  # 7
    client("parameter", "import b\ndef f(b): b.gone"),
    client("keyword parameter", "import b\ndef f(*, b=None): b.gone"),
    client("*b", "import b\ndef f(*b): b.gone"),
    client("**b", "import b\ndef f(**b): b.gone"),
    client("local", "import b\ndef f():\n  b = object()\n  b.gone"),
    client("bound later in the function", "import b\ndef f():\n  b.gone\n  b = 1"),
    client("bound in a branch", "import b\ndef f(x):\n  if x:\n    b = x\n  b.gone"),
    client("for", "import b\ndef f():\n  for b in (): b.gone"),
    client("with", "import b\ndef f():\n  with open('') as b: b.gone"),
    client("except", "import b\ndef f():\n  try: ...\n  except Exception as b: b.gone"),
    client("walrus", "import b\ndef f():\n  if (b := object()): b.gone"),
    client("walrus in a comprehension", "import b\ndef f():\n  [b := x for x in ()]\n  b.gone"),
    client("unpacked", "import b\ndef f():\n  (x, *b) = []\n  b.gone"),
    client("match", "import b\ndef f(x):\n  match x:\n    case [b, *_]: b.gone"),
    client("match as", "import b\ndef f(x):\n  match x:\n    case int() as b: b.gone"),
    client("match a rest", "import b\ndef f(x):\n  match x:\n    case {**b}: b.gone"),
    client("inner function", "import b\ndef f():\n  def b(): ...\n  b.gone"),
    client("inner class", "import b\ndef f():\n  class b: ...\n  b.gone"),
    client("comprehension", "import b\nx = [b.gone for b in ()]"),
    client("comprehension of a dict", "import b\nx = {b.gone: b for b in ()}"),
    client("generator expression", "import b\nx = list(b.gone for b in ())"),
    client("the source of a comprehension", "import b\nx = [b for b in (b.gone,)]", "fatal b.gone"),
    client("beside a comprehension", "import b\nx = [b for b in ()]\nb.gone", "fatal b.gone"),
    client("lambda", "import b\nf = lambda b: b.gone"),
    client("parameter of the function around", "import b\ndef f(b):\n  def g(): b.gone"),
    client("parameter of another function", "import b\ndef f(b): ...\ndef g(): b.gone", "latent b.gone"),
    client("class attribute, in the class", "import b\nclass C:\n  b = 'x'\n  y = b.upper()"),
    client(
        "class attribute, in a method", "import b\nclass C:\n  b = 1\n  def m(self): b.gone", "latent b.gone"
    ),
    client("self.b", "import b\nclass C:\n  def m(self): self.b.gone"),
    client("module name", "import b\nb = None\ndef f(): b.gone"),
    client(
        "module name, in a handler",
        "try:\n  import b\nexcept ImportError:\n  b = None\ndef f(): b.gone",
        "latent b.gone",
    ),
    client("module name, as a value", "import b\nb = b.kept\ndef f(): b.gone"),
    client("module name, in a loop", "import b\nfor b in (): ...\ndef f(): b.gone"),
    client("global", "import b\ndef f():\n  global b\n  b = None\ndef g(): b.gone"),
    client("global that is read", "import b\ndef f():\n  global b\n  b.gone()", "latent b.gone"),
    client("local import", "import b\ndef f():\n  import c_x as b\n  b.gone"),
    client("relative import", {"a/__init__.py": "from . import b\nb.gone", "a/b.py": "gone = 1"}),
    client("own module", {"a/__init__.py": "import a.b\na.b.gone", "a/b.py": "gone = 1"}),
    client(
        "own star",
        {"a/__init__.py": "import b\nfrom .c import *\ndef f(): b.gone", "a/c.py": "class b: gone = 1"},
    ),
    client("patched in", "import b\nb.gone = print\nb.gone()"),
    client("patched in with setattr", "import b\nsetattr(b, 'gone', print)\nb.gone()"),
    client("patched in if missing", "import b\nif not hasattr(b, 'gone'):\n  b.gone = print\nb.gone()"),
    client("deleted", "import b\ndel b\nclass b: gone = 1\nb.gone"),
    client("an instance of a class of it", "import b\nk = b.kept()\ndef f(): k.gone"),
]

SHIPPED = [  # 8, 10
    client(
        "a folder of tests",
        {"a/__init__.py": "", "a/tests/__init__.py": "", "a/tests/test_a.py": "from b import gone"},
    ),
    client(
        "tests beside",
        {"a/__init__.py": "", "tests/__init__.py": "", "tests/test_a.py": "from b import gone"},
    ),
    client("conftest", {"a/__init__.py": "", "a/conftest.py": "from b import gone"}),
    client("examples", {"a/__init__.py": "", "examples/e.py": "from b import gone"}),
    client("benchmarks", {"a/__init__.py": "", "a/benchmarks/x.py": "from b import gone"}),
    client(
        "tests that are imported",
        {
            "a/__init__.py": "from .tests import t",
            "a/tests/__init__.py": "",
            "a/tests/t.py": "from b import gone",
        },
        "fatal b.gone",
    ),
    client(
        "testing is for users", {"a/__init__.py": "", "a/testing.py": "from b import gone"}, "latent b.gone"
    ),
    client(
        "a plugin",
        {"a/__init__.py": "", "a/contrib/__init__.py": "", "a/contrib/b.py": "from b import gone"},
        "latent b.gone",
    ),
    client(
        "a plugin for what is not there",
        {"a/__init__.py": "", "a/contrib/c.py": "import c_x\nfrom c_x import d"},
    ),
    client("__main__", {"a/__init__.py": "", "a/__main__.py": "from b import gone"}, "latent b.gone"),
]

VENDORED = [  # 9, 20
    client(
        "absolute",
        {
            "a/__init__.py": "from a._vendor.b import gone",
            "a/_vendor/__init__.py": "",
            "a/_vendor/b.py": "gone = 1",
        },
    ),
    client(
        "relative",
        {
            "a/__init__.py": "from ._vendor import b\nb.gone",
            "a/_vendor/__init__.py": "",
            "a/_vendor/b.py": "gone = 1",
        },
    ),
    client(
        "as a fallback",
        {
            "a/__init__.py": "try:\n  from b import gone\nexcept ImportError:\n  from ._vendor.b import gone",
            "a/_vendor/__init__.py": "",
            "a/_vendor/b.py": "gone = 1",
        },
    ),
    client(
        "the vendored one first",
        {
            "a/__init__.py": "try:\n  from ._vendor import b\nexcept ImportError:\n  import b\nb.gone",
            "a/_vendor/__init__.py": "",
            "a/_vendor/b.py": "gone = 1",
        },
    ),
    client(
        "put in place in sys.modules",
        {
            "a/__init__.py": "from . import packages\nfrom a.packages.b import kept",
            "a/packages.py": "import sys, b\nsys.modules['a.packages.b'] = b\n__path__ = []",
        },
    ),
    client(
        "through a package that is an alias",
        {"a/__init__.py": "from .compat import b\nb.kept", "a/compat.py": "import b"},
    ),
]

GETATTR = [  # 12
    library(
        "answers",
        "from b import x",
        "x = 1",
        "def __getattr__(name):\n  if name == 'x': return 1\n  raise AttributeError(name)",
    ),
    library(
        "refuses the rest",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  if name == 'x': return 1\n  raise AttributeError(name)",
        "fatal b.y",
    ),
    library(
        "raises for it",
        "from b import x",
        "x = 1",
        "def __getattr__(name):\n  if name == 'x': raise AttributeError('x went in 2')\n  raise AttributeError(name)",
        "fatal b.x",
    ),
    library(
        "raises for it, answers all else",
        "from b import x",
        "x = 1",
        "def __getattr__(name):\n  if name == 'x': raise AttributeError('x went in 2')\n  return 1",
        "fatal b.x",
    ),
    library(
        "a table",
        "from b import x",
        "x = 1",
        "_T = {'x': 1}\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
    ),
    library(
        "a table that lacks it",
        "from b import y",
        "y = 1",
        "_T = {'x': 1}\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
        "fatal b.y",
    ),
    library(
        "a table of what raises",
        "from b import y",
        "y = 1",
        "_GONE = {'y'}\ndef __getattr__(name):\n  if name in _GONE: raise AttributeError(name)\n  return 1",
        "fatal b.y",
    ),
    library(
        "a table that is made",
        "from b import y",
        "y = 1",
        "_T = dict(x=1)\n_T.update(y=2)\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
    ),
    library(
        "a table that grows",
        "from b import y",
        "y = 1",
        "_T = {'x': 1}\n_T['y'] = 2\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
    ),
    library(
        "a table that grows by update",
        "from b import y",
        "y = 1",
        "_T = {'x': 1}\n_T.update({'y': 2})\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
    ),
    library(
        "a table that is bound anew",
        "from b import y",
        "y = 1",
        "_T = {'x': 1}\n_T = {**_T, 'y': 2}\ndef __getattr__(name):\n  if name in _T: return _T[name]\n  raise AttributeError(name)",
    ),
    library(
        "open",
        "from b import y",
        "y = 1",
        "import importlib\ndef __getattr__(name): return importlib.import_module('.' + name, __name__)",
        fails=True,
    ),
    library(
        "delegates",
        "from b import y",
        "y = 1",
        "def _f(name): return 1\ndef __getattr__(name): return _f(name)",
    ),
    library(
        "try",
        "from b import y",
        "y = 1",
        "_T = {'y': 1}\ndef __getattr__(name):\n  try: return _T[name]\n  except KeyError: raise AttributeError(name) from None",
    ),
    library(
        "made by a call",
        "from b import y",
        "y = 1",
        "def _make(n): return lambda name: 1\n__getattr__ = _make(__name__)",
    ),
    library(
        "imported",
        "from b import y",
        "y = 1",
        {"b/__init__.py": "from ._lazy import __getattr__", "b/_lazy.py": "def __getattr__(name): return 1"},
    ),
    library(
        "under a circumstance",
        "from b import y",
        "y = 1",
        "import os\nif os.sep:\n  def __getattr__(name): return 1",
    ),
    library(
        "by prefix",
        "from b import y_z",
        "y_z = 1",
        "def __getattr__(name):\n  if name.startswith('y_'): return 1\n  raise AttributeError(name)",
    ),
    library(
        "either",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  if name == 'x' or name == 'y': return 1\n  raise AttributeError(name)",
    ),
    library(
        "not",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  if name != 'y': raise AttributeError(name)\n  return 1",
    ),
    library(
        "not in",
        "from b import y",
        "y = 1",
        "_T = ('y',)\ndef __getattr__(name):\n  if name not in _T: raise AttributeError(name)\n  return 1",
    ),
    library(
        "elif, else raises",
        "from b import z",
        "z = 1",
        "def __getattr__(name):\n  if name == 'x': return 1\n  elif name == 'y': return 2\n  else: raise AttributeError(name)",
        "fatal b.z",
    ),
    library(
        "elif",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  if name == 'x': return 1\n  elif name == 'y': return 2\n  else: raise AttributeError(name)",
    ),
    library(
        "match",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  match name:\n    case 'y': return 1\n  raise AttributeError(name)",
    ),
    library(
        "falls through to a value",
        "from b import y",
        "y = 1",
        "def __getattr__(name):\n  if name == 'x': raise AttributeError(name)",
    ),
    library(
        "warns and answers",
        "from b import x",
        "x = 1",
        "import warnings\ndef __getattr__(name):\n  if name == 'x':\n    warnings.warn('x goes', DeprecationWarning)\n    return 1\n  raise AttributeError(name)",
        "deprecated b.x",
    ),
    library(
        "warns first",
        "from b import x",
        "x = 1",
        "import warnings\ndef __getattr__(name):\n  warnings.warn('b goes', DeprecationWarning)\n  if name == 'x': return 1\n  raise AttributeError(name)",
    ),
    library(
        "raises after words",
        "from b import x",
        "x = 1",
        "def __getattr__(name):\n  if name == 'x':\n    msg = 'x went'\n    raise AttributeError(msg)\n  raise AttributeError(name)",
        "fatal b.x",
    ),
    library(
        "asynchronous is none",
        "from b import x",
        "x = 1",
        "class C:\n  def __getattr__(self, name): return 1",
        "fatal b.x",
    ),
    library(
        "a submodule all the same",
        "from b import s",
        {"b/__init__.py": "", "b/s.py": ""},
        {"b/__init__.py": "def __getattr__(name): raise AttributeError(name)", "b/s.py": ""},
    ),
    library(
        "shared helper",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from ._m import getattr_migration\n__getattr__ = getattr_migration(__name__)",
            "b/_m.py": "def getattr_migration(n): return lambda name: 1",
        },
    ),
]

MADE = [  # 13, 16
    library(
        "sys.modules of itself",
        "from b import x",
        "x = 1",
        "import sys\nclass _M: x = 1\nsys.modules[__name__] = _M()",
    ),
    library(
        "sys.modules of another",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        "import sys, types\nm = types.ModuleType('b.c')\nm.x = 1\nsys.modules['b.c'] = m\n__path__ = []",
    ),
    library(
        "sys.modules by name in a loop",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        "import sys, types\nfor n in ('c',):\n  m = types.ModuleType(n)\n  m.x = 1\n  sys.modules[f'b.{n}'] = m\n__path__ = []",
    ),
    library(
        "sys.modules.setdefault",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        "import sys, types\nm = types.ModuleType('b.c')\nm.x = 1\nsys.modules.setdefault('b.c', m)\n__path__ = []",
    ),
    library(
        "from sys import modules",
        "from b import x",
        "x = 1",
        "from sys import modules\nclass _M: x = 1\nmodules[__name__] = _M()",
    ),
    library(
        "__class__",
        "from b import x",
        "x = 1",
        "import sys, types\nclass M(types.ModuleType): x = 1\nsys.modules[__name__].__class__ = M",
    ),
    library("globals()", "from b import x", "x = 1", "globals()['x'] = 1"),
    library("globals().update", "from b import x", "x = 1", "globals().update(x=1)"),
    library("globals() held", "from b import x", "x = 1", "_g = globals()\n_g['x'] = 1"),
    library("vars()", "from b import x", "x = 1", "vars()['x'] = 1"),
    library("locals()", "from b import x", "x = 1", "locals()['x'] = 1"),
    library("globals() in a function", "from b import x", "x = 1", "def _f(): globals()['x'] = 1\n_f()"),
    library("setdefault of globals", "from b import x", "x = 1", "globals().setdefault('x', 1)"),
    library(
        "setattr on the module",
        "from b import x",
        "x = 1",
        "import sys\nsetattr(sys.modules[__name__], 'x', 1)",
    ),
    library(
        "setattr on the module in a function",
        "from b import x",
        "x = 1",
        "import sys\ndef _f():\n  m = sys.modules[__name__]\n  setattr(m, 'x', 1)\n_f()",
    ),
    library(
        "attribute of the module in sys.modules",
        "from b import x",
        "x = 1",
        "import sys\nsys.modules[__name__].x = 1",
    ),
    library(
        "__dict__ of the module",
        "from b import x",
        "x = 1",
        "import sys\nsys.modules[__name__].__dict__['x'] = 1",
    ),
    library("exec", "from b import x", "x = 1", "exec('x = 1')"),
    library("a global statement", "from b import x", "x = 1", "def _f():\n  global x\n  x = 1\n_f()"),
    library("a global class", "from b import x", "x = 1", "def _f():\n  global x\n  class x: ...\n_f()"),
    library("a loop variable", "from b import x", "x = 1", "for x in (1,): ..."),
    library(
        "a with variable",
        "from b import x",
        "x = 1",
        "import contextlib\nwith contextlib.nullcontext(1) as x: ...",
    ),
    library(
        "an exception variable",
        "from b import x",
        "x = 1",
        "try: raise KeyError\nexcept KeyError as x: ...",
        "fatal b.x",
    ),
    library("a walrus", "from b import x", "x = 1", "print(end='' if (x := 1) else '')"),
    library("a walrus in a comprehension", "from b import x", "x = 1", "[x := 1 for _ in (1,)]"),
    library("unpacked", "from b import x", "x = 1", "(y, [*x]) = 1, (2,)"),
    library("matched", "from b import x", "x = 1", "match 1:\n  case x: ..."),
    library("an augmented assignment", "from b import x", "x = 1", "x = 0\nx += 1"),
    library(
        "namedtuple",
        "from b import X",
        "X = 1",
        "from collections import namedtuple\nX = namedtuple('X', 'a b')",
    ),
    library(
        "members of an Enum made by a call",
        "import b\nb.E.A",
        "class E: A = 1",
        "import enum\nE = enum.Enum('E', 'A')",
    ),
    library("type()", "from b import X", "X = 1", "X = type('X', (), {})"),
    library("only annotated", "from b import x", "x = 1", "x: int", "fatal b.x"),
    library("deleted", "from b import x", "x = 1", "x = 1\ndel x", "fatal b.x"),
    library("deleted and bound", "from b import x", "x = 1", "x = 1\ndel x\nx = 2"),
    library(
        "deleted under a circumstance", "from b import x", "x = 1", "import os\nx = 1\nif not os.sep: del x"
    ),
    library("deleted in a loop", "from b import x", "x = 1", "for _ in (1,):\n  x = 1\n  del x", "fatal b.x"),
    library(
        "the lazy loader",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, ['s'], {'t': ['x']})",
            "b/s.py": "",
            "b/t.py": "x = 1",
        },
        runs=False,
    ),
    library(
        "the lazy loader, not",
        "from b import y",
        "y = 1",
        {
            "b/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, ['s'], {'t': ['x']})",
            "b/s.py": "",
            "b/t.py": "x = 1",
        },
        "fatal b.y",
        runs=False,
    ),
    library(
        "the lazy loader promises what is gone",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, [], {'t': ['x']})",
            "b/t.py": "",
        },
        "fatal b.t.x",
        runs=False,
    ),
    library(
        "the lazy loader with a stub",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)",
            "b/__init__.pyi": "from .t import x",
            "b/t.py": "x = 1",
        },
        runs=False,
    ),
    library("__all__ itself", "import b\nfor n in b.__all__: ...", "__all__ = []", "", "fatal b.__all__"),
    library(
        "module attributes",
        "import b\nb.__name__, b.__file__, b.__doc__, b.__path__, b.__spec__, b.__dict__, b.__package__, b.__loader__",
        "x = 1",
        "",
    ),
    library(
        "attributes of every object",
        "import b\nb.__class__, b.__getattribute__, b.__setattr__, b.__init__, b.__dir__",
        "x = 1",
        "",
    ),
    library("__version__", "import b\nb.__version__", "__version__ = '1'", "", "fatal b.__version__"),
]

STARS = [  # 14
    library("plain", "from b import x", "x = 1", {"b/__init__.py": "from .c import *", "b/c.py": "x = 1"}),
    library(
        "not there",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "y = 1"},
        "fatal b.x",
    ),
    library(
        "underscore",
        "from b import _x",
        "_x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "_x = 1"},
        "fatal b._x",
    ),
    library(
        "underscore in __all__",
        "from b import _x",
        "_x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['_x']\n_x = 1"},
    ),
    library(
        "not in __all__",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['y']\nx = y = 1"},
        "fatal b.x",
    ),
    library(
        "in a tuple __all__",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ('x',)\nx = 1"},
    ),
    library(
        "in __all__ +=",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['y']\nx = y = 1\n__all__ += ['x']"},
    ),
    library(
        "in __all__.extend",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['y']\nx = y = 1\n__all__.extend(['x'])"},
    ),
    library(
        "in __all__.append",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['y']\nx = y = 1\n__all__.append('x')"},
    ),
    library(
        "removed from __all__",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['x']\nx = 1\n__all__.remove('x')"},
        fails=True,
    ),
    library(
        "in a sum",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from . import d\nfrom .d import *\n__all__ = ['y'] + d.__all__\ny = 1",
            "b/d.py": "__all__ = ['x']\nx = 1",
        },
    ),
    library(
        "not in a sum",
        "from b import z",
        "z = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from . import d\nfrom .d import *\n__all__ = ['y'] + d.__all__\ny = z = 1",
            "b/d.py": "__all__ = ['x']\nx = 1",
        },
        "fatal b.z",
    ),
    library(
        "in a list of a sum",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from . import d\nfrom .d import *\n__all__ = list(d.__all__) + ['y']\ny = 1",
            "b/d.py": "__all__ = ('x',)\nx = 1",
        },
    ),
    library(
        "unpacked into __all__",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from . import d\nfrom .d import *\n__all__ = [*d.__all__, 'y']\ny = 1",
            "b/d.py": "__all__ = ('x',)\nx = 1",
        },
    ),
    library(
        "the __all__ of another, by name",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from .d import *\nfrom .d import __all__ as d_all\n__all__ = ['y'] + d_all\ny = 1",
            "b/d.py": "__all__ = ['x']\nx = 1",
        },
    ),
    library(
        "computed",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "x = 1\n__all__ = [n for n in globals() if not n.startswith('_')]",
        },
    ),
    library(
        "computed, not there",
        "from b import z",
        "z = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "x = 1\n__all__ = [n for n in globals() if not n.startswith('_')]",
        },
        "fatal b.z",
    ),
    library(
        "computed, there and left out",
        "from b import z",
        "z = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "z = 1\n__all__ = [n for n in ('x',) if 0]"},
        fails=True,
    ),
    library(
        "two deep",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "from .d import *", "b/d.py": "x = 1"},
    ),
    library(
        "two deep, not there",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "from .d import *", "b/d.py": ""},
        "fatal b.x",
    ),
    library(
        "in a circle",
        "from b import x",
        "x = 1",
        {
            "b/__init__.py": "from .c import *",
            "b/c.py": "from .d import *\nx = 1",
            "b/d.py": "from .c import *",
        },
    ),
    library(
        "of an extension",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from ._c import *", "b/_c.abi3.so": ""},
        runs=False,
    ),
    library("of the standard library", "from b import join", "join = 1", "from os.path import *"),
    library(
        "of the standard library, not there",
        "from b import joint",
        "joint = 1",
        "from os.path import *",
        "fatal b.joint",
    ),
    library(
        "under a try",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "try:\n  from .c import *\nexcept ImportError: ...", "b/c.py": "x = 1"},
    ),
    library(
        "of what does not run",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "import sys\nif sys.version_info < (3,):\n  from .c import *", "b/c.py": "x = 1"},
        "fatal b.x",
    ),
    library(
        "of a module with a __getattr__",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "__all__ = ['x']\ndef __getattr__(name): return 1"},
    ),
    library(
        "of a module with a __getattr__ and no __all__",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from .c import *", "b/c.py": "def __getattr__(name): return 1"},
        fails=True,
    ),
    client("in `a`", "from b import *\ngone()", fails=True),
    client("in `a`, of a module", "from b.old import *", "fatal b.old"),
    client(
        "in `a`, and used in a function",
        {"a/__init__.py": "from .c import *\ndef f(): return kept()", "a/c.py": "from b import *"},
    ),
    library(
        "a name in __all__ that is not there",
        "from b import *",
        "__all__ = ['x']\nx = 1",
        "__all__ = ['x']",
        fails=True,
    ),
    library(
        "__all__ names a submodule",
        "from b import *\ns",
        {"b/__init__.py": "__all__ = ['s']", "b/s.py": ""},
        {"b/__init__.py": "__all__ = ['s']", "b/s.py": ""},
    ),
]

SUBMODULES = [  # 15
    library(
        "imported by its package",
        "import b\nb.s.x",
        {"b/__init__.py": "from . import s", "b/s.py": "x = 1"},
        {"b/__init__.py": "from . import s", "b/s.py": "y = 1"},
        "fatal b.s.x",
    ),
    library(
        "imported elsewhere",
        {"a/__init__.py": "import b\nimport b.s\nb.s.x"},
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s.py": "x = 1"},
    ),
    library(
        "no more imported by its package",
        "import b\nb.s",
        {"b/__init__.py": "from . import s", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        fails=True,
    ),
    library(
        "from",
        "from b import s\ns.x",
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s.py": "x = 1"},
    ),
    library(
        "a module became a package",
        "from b.s import x",
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s/__init__.py": "from .t import x", "b/s/t.py": "x = 1"},
    ),
    library(
        "a module became a namespace",
        "import b.s",
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s/t.py": ""},
    ),
    library(
        "a module became a namespace, a name",
        "from b.s import x",
        {"b/__init__.py": "", "b/s.py": "x = 1"},
        {"b/__init__.py": "", "b/s/t.py": ""},
        "fatal b.s.x",
    ),
    library(
        "a package became a module",
        "import b.s.t",
        {"b/__init__.py": "", "b/s/__init__.py": "", "b/s/t.py": ""},
        {"b/__init__.py": "", "b/s.py": ""},
        "fatal b.s.t",
    ),
    library(
        "a package became a name",
        "import b.s",
        {"b/__init__.py": "", "b/s.py": ""},
        "class s: ...",
        "fatal b.s",
    ),
    library("a name became a module", "from b import s", "s = 1", {"b/__init__.py": "", "b/s.py": ""}),
    library(
        "moved behind a re-export",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "from ._impl import x", "b/_impl.py": "x = 1"},
    ),
    library(
        "moved behind a broken re-export",
        "import b.t",
        {"b/__init__.py": "", "b/t.py": "x = 1"},
        {"b/__init__.py": "", "b/t.py": "from ._impl import x", "b/_impl.py": ""},
        fails=True,
    ),
    library(
        "a name of the same name as the module",
        "from b import s\ns.gone",
        {"b/__init__.py": "from .s import s", "b/s.py": "class s: gone = 1"},
        {"b/__init__.py": "from .s import s", "b/s.py": "class s: gone = 1"},
    ),
    library("an alias of a module", "import b\nb.o.join", "import os.path as o", "import os.path as o"),
    library(
        "an alias of a module, not there",
        "import b\nb.o.joint",
        "class o: joint = 1",
        "import os.path as o",
        fails=True,
    ),
    library(
        "dotted import of an alias",
        "import b.o",
        {"b/__init__.py": "", "b/o.py": ""},
        "import os.path as o",
        "fatal b.o",
    ),
    library(
        "a compiled submodule",
        "from b._c import x",
        {"b/__init__.py": "", "b/_c.py": "x = 1"},
        {"b/__init__.py": "", "b/_c.abi3.so": ""},
        runs=False,
    ),
    library(
        "a compiled submodule is gone",
        "from b._c import x",
        {"b/__init__.py": "", "b/_c.abi3.so": ""},
        "",
        "fatal b._c",
        runs=False,
    ),
    library(
        "compiled beside its source",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        {"b/__init__.py": "", "b/c.py": "", "b/c.abi3.so": ""},
        "fatal b.c.x",
        runs=False,
    ),
    library(
        "a compiled package",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.abi3.so": ""},
        runs=False,
    ),
    library(
        "only a stub",
        "from b import c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.pyi": ""},
        "fatal b.c",
    ),
    library(
        "only in the stub",
        "from b import x",
        "x = 1",
        {"b/__init__.py": "", "b/__init__.pyi": "x: int"},
        "fatal b.x",
    ),
]

CONDITIONAL = [  # 17
    library(
        "for this Python", "from b import x", "x = 1", "import sys\nif sys.version_info >= (3, 8): x = 1"
    ),
    library(
        "for another Python",
        "from b import x",
        "x = 1",
        "import sys\nif sys.version_info < (3, 8): x = 1",
        "fatal b.x",
    ),
    library(
        "for either",
        "from b import x",
        "x = 1",
        "import sys\nif sys.version_info < (3, 8): x = 1\nelse: x = 2",
    ),
    library(
        "for another platform",
        "from b import x",
        "x = 1",
        "import sys\nif sys.platform == 'win32': x = 1",
        "fatal b.x",
    ),
    library(
        "who knows",
        "from b import x",
        "x = 1",
        "import os\nif os.environ.get('NO_SUCH_X'): x = 1",
        fails=True,
    ),
    library(
        "both ways",
        "from b import x",
        "x = 1",
        "import os\nif os.environ.get('NO_SUCH_X'): x = 1\nelse: x = 2",
    ),
    library(
        "try and handler",
        "from b import x",
        "x = 1",
        "try:\n  from c_x import x\nexcept ImportError:\n  x = None",
    ),
    library(
        "only in a try",
        "from b import x",
        "x = 1",
        "try:\n  from c_x import x\nexcept ImportError: ...",
        "fatal b.x",
    ),
    library(
        "only in a try that works",
        "from b import join",
        "join = 1",
        "try:\n  from os.path import join\nexcept ImportError: ...",
    ),
    library(
        "a try of nothing that fails", "from b import x", "x = 1", "try:\n  x = 1\nexcept Exception: ..."
    ),
    library(
        "in a handler that does not run",
        "from b import x",
        "x = 1",
        "try:\n  import os\nexcept ImportError:\n  x = 1",
        "fatal b.x",
        fails=True,
    ),
    library(
        "in an else", "from b import x", "x = 1", "try:\n  import os\nexcept ImportError: ...\nelse:\n  x = 1"
    ),
    library(
        "in an else that does not run",
        "from b import x",
        "x = 1",
        "try:\n  import c_x\nexcept ImportError: ...\nelse:\n  x = 1",
        "fatal b.x",
    ),
    library("in a finally", "from b import x", "x = 1", "try: ...\nfinally: x = 1"),
    library(
        "for type checkers",
        "from b import x",
        "x = 1",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: x = 1",
        "fatal b.x",
    ),
    library(
        "overloads",
        "from b import x",
        "x = 1",
        "from typing import overload\n@overload\ndef x(a: int): ...\n@overload\ndef x(a: str): ...\ndef x(a): ...",
    ),
    library(
        "in a with",
        "from b import x",
        "x = 1",
        "import contextlib\nwith contextlib.suppress(ImportError):\n  import c_x\n  x = 1",
        "fatal b.x",
        fails=True,
    ),
    library("in a while", "from b import x", "x = 1", "while True:\n  x = 1\n  break"),
    library("in a function only", "from b import x", "x = 1", "def f():\n  x = 1", "fatal b.x"),
    library("in a class only", "from b import x", "x = 1", "class C:\n  x = 1", "fatal b.x"),
    library("in a comprehension only", "from b import x", "x = 1", "[x for x in (1,)]", "fatal b.x"),
]

RAISING = [  # 22
    library(
        "ImportError",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "raise ImportError('b.c went in 2')"},
        "fatal b.c",
    ),
    library(
        "ImportError, caught",
        "try:\n  import b.c\nexcept ImportError: ...",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "raise ImportError('b.c went in 2')"},
    ),
    library(
        "ImportError, ModuleNotFoundError caught",
        "try:\n  import b.c\nexcept ModuleNotFoundError: ...",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "raise ImportError('b.c went in 2')"},
        "fatal b.c",
    ),
    library(
        "RuntimeError, ImportError caught",
        "try:\n  import b.c\nexcept ImportError: ...",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "raise RuntimeError"},
        "fatal b.c",
    ),
    library(
        "RuntimeError, caught",
        "try:\n  import b.c\nexcept RuntimeError: ...",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "raise RuntimeError"},
    ),
    library(
        "a name of it",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        {"b/__init__.py": "", "b/c.py": "x = 1\nraise ImportError"},
        "fatal b.c",
    ),
    library(
        "under a condition",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "import sys\nif sys.version_info < (3,): raise ImportError"},
    ),
    library(
        "under a condition that holds",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "import sys\nif sys.version_info >= (3,): raise ImportError"},
        fails=True,
    ),
    library(
        "within a try",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "try:\n  raise ImportError\nexcept ImportError: ..."},
    ),
    library(
        "in a function",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "def f(): raise ImportError"},
    ),
    library(
        "an empty shell",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        {"b/__init__.py": "", "b/c.py": "import warnings\nwarnings.warn('gone', DeprecationWarning)"},
        "fatal b.c.x",
        "deprecated b.c.x",
    ),
    library(
        "the package itself",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "raise ImportError('use bb')", "b/c.py": ""},
        "fatal b",
    ),
    library(
        "not parsed",
        "from b.c import x",
        {"b/__init__.py": "", "b/c.py": "x = 1"},
        {"b/__init__.py": "", "b/c.py": "print 'x'"},
        fails=True,
    ),
    library(
        "a package that is not parsed",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "print 'x'"},
        fails=True,
    ),
]

DEPRECATED = [
    library(
        "a function",
        "from b import f",
        "def f(): ...",
        "import warnings\ndef f():\n  warnings.warn('f goes in 3', DeprecationWarning)",
        "deprecated b.f",
    ),
    library(
        "in a function",
        "import b\ndef g(): b.f()",
        "def f(): ...",
        "import warnings\ndef f():\n  warnings.warn('f goes in 3', DeprecationWarning)",
        "deprecated b.f",
    ),
    library(
        "a decorator",
        "from b import f",
        "def f(): ...",
        "def deprecated(m): return lambda f: f\n@deprecated('f goes')\ndef f(): ...",
        "deprecated b.f",
    ),
    library(
        "a class",
        "from b import C",
        "class C: ...",
        "import warnings\nclass C:\n  def __init__(self):\n    warnings.warn('C goes', FutureWarning)",
        "deprecated b.C",
    ),
    library(
        "a module",
        "import b.c",
        {"b/__init__.py": "", "b/c.py": ""},
        {"b/__init__.py": "", "b/c.py": "import warnings\nwarnings.warn('b.c goes', DeprecationWarning)"},
        "deprecated b.c",
    ),
    library(
        "behind a re-export",
        "from b import f",
        "def f(): ...",
        {
            "b/__init__.py": "from .c import f",
            "b/c.py": "import warnings\ndef f():\n  warnings.warn('f goes', DeprecationWarning)",
        },
        "deprecated b.f",
    ),
    library(
        "some uses only",
        "from b import f",
        "def f(): ...",
        "import warnings\ndef f(x=None):\n  if x: warnings.warn('x goes', DeprecationWarning)",
    ),
    library(
        "another kind of warning",
        "from b import f",
        "def f(): ...",
        "import warnings\ndef f():\n  warnings.warn('careful', UserWarning)",
    ),
    library(
        "under TYPE_CHECKING",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  from b import f",
        "def f(): ...",
        "import warnings\ndef f():\n  warnings.warn('f goes', DeprecationWarning)",
    ),
    library(
        "in a legacy branch",
        "try:\n  from b import g\nexcept ImportError:\n  from b import f as g",
        "def f(): ...",
        "import warnings\ndef g(): ...\ndef f():\n  warnings.warn('f goes', DeprecationWarning)",
    ),
    library(
        "before already",
        "from b import f",
        "import warnings\ndef f():\n  warnings.warn('f goes', DeprecationWarning)",
        "import warnings\ndef f():\n  warnings.warn('f goes', DeprecationWarning)",
        "deprecated b.f",
    ),
]

PATHS = [  # severity by the way on which a module is imported
    client(
        "caught on the way",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ImportError:\n  c = None",
            "a/c.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "not caught on the way: another exception",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ImportError:\n  c = None",
            "a/c.py": "import b\nb.gone",
        },
        "fatal b.gone",
    ),
    client(
        "caught on the way: AttributeError",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept AttributeError:\n  c = None",
            "a/c.py": "import b\nb.gone",
        },
        "latent b.gone",
    ),
    client(
        "ModuleNotFoundError does not do for a name",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ModuleNotFoundError: ...",
            "a/c.py": "from b import gone",
        },
        "fatal b.gone",
    ),
    client(
        "ModuleNotFoundError does for a module",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ModuleNotFoundError: ...",
            "a/c.py": "import b.old",
        },
        "latent b.old",
    ),
    client(
        "another way, not caught",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ImportError: ...\nfrom . import d",
            "a/c.py": "from b import gone",
            "a/d.py": "from . import c",
        },
        "fatal b.gone",
    ),
    client(
        "caught two steps before",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept ImportError: ...",
            "a/c.py": "from . import d",
            "a/d.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "half caught twice",
        {
            "a/__init__.py": "try:\n  from . import c\nexcept KeyError: ...",
            "a/c.py": "try:\n  from . import d\nexcept ImportError: ...",
            "a/d.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "for another Python",
        {
            "a/__init__.py": "import sys\nif sys.version_info < (3,):\n  from . import c",
            "a/c.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "under a flag",
        {
            "a/__init__.py": "import os\nif os.environ.get('NO_SUCH_X'):\n  from . import c",
            "a/c.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "in a circle",
        {"a/__init__.py": "from . import c", "a/c.py": "import a\nfrom b import gone"},
        "fatal b.gone",
    ),
    client(
        "suppressed",
        {
            "a/__init__.py": "import contextlib\nwith contextlib.suppress(ImportError):\n  from .c import x",
            "a/c.py": "from b import gone as x",
        },
        "latent b.gone",
    ),
    client(
        "imported by the legacy branch",
        {
            "a/__init__.py": "try:\n  from b import fresh\nexcept ImportError:\n  from . import c",
            "a/c.py": "from b import gone",
        },
        "latent b.gone",
    ),
    client(
        "imported by what is in a class body",
        {"a/__init__.py": "class C:\n  from . import c", "a/c.py": "from b import gone"},
        "fatal b.gone",
    ),
    client(
        "imported by a function that is called",
        {"a/__init__.py": "def f():\n  from . import c\nf()", "a/c.py": "from b import gone"},
        "fatal b.gone",
    ),
    client(
        "import_module",
        {"a/__init__.py": "import importlib\nimportlib.import_module('a.c')", "a/c.py": "from b import gone"},
        "latent b.gone",
        fails=True,
    ),
]

GROUPS = {
    "removed": REMOVED,
    "try": TRY,
    "handlers": HANDLERS,
    "flags": FLAGS,
    "versions": VERSIONS,
    "hasattr": HASATTR,
    "typing": TYPING,
    "shadows": SHADOWS,
    "shipped": SHIPPED,
    "vendored": VENDORED,
    "getattr": GETATTR,
    "made": MADE,
    "stars": STARS,
    "submodules": SUBMODULES,
    "conditional": CONDITIONAL,
    "raising": RAISING,
    "deprecated": DEPRECATED,
    "paths": PATHS,
    # Classes, signatures and calls (18, 19) get their groups here when they are judged.
}
CASES = [pytest.param(case, id=f"{group}: {case.name}") for group, cases in GROUPS.items() for case in cases]


@pytest.mark.parametrize("case", CASES)
def test_breaks(case: Case) -> None:
    assert tuple(case.world.told(NEW_PAIR)) == case.expected


@pytest.mark.parametrize("case", CASES)
def test_a_set_against_its_own_baseline_has_no_break(case: Case) -> None:
    told = case.world.told(OLD_PAIR)
    assert [line for line in told if not line.startswith("deprecated")] == []


@pytest.mark.parametrize("case", CASES)
def test_python_agrees(case: Case, tmp_path: Path) -> None:
    if not case.runs or (case.python != (3, 11) and sys.version_info[:2] != case.python):
        pytest.skip("cannot be run here")
    expected = case.fails or any(line.startswith("fatal") for line in case.expected)
    with_new = imports(case.world.write(NEW_PAIR, tmp_path / "new"), "a")
    assert (with_new is not None) is expected, with_new
    assert imports(case.world.write(OLD_PAIR, tmp_path / "old"), "a") is None
