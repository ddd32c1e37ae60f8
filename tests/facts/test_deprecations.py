"""How code says that it is going away."""

from __future__ import annotations

import pytest
from told import facts

WARNED = {
    "warnings.warn": "warnings.warn('f goes', DeprecationWarning)",
    "warn": "warn('f goes', DeprecationWarning)",
    "keyword": "warnings.warn('f goes', category=DeprecationWarning, stacklevel=2)",
    "message by keyword": "warnings.warn(message='f goes', category=DeprecationWarning)",
    "pending": "warnings.warn('f goes', PendingDeprecationWarning)",
    "future": "warnings.warn('f goes', FutureWarning, 2)",
    "an instance": "warnings.warn(DeprecationWarning('f goes'))",
    "its own class": "warnings.warn('f goes', errors.RemovedInFoo50Warning)",
    "its own deprecation": "warnings.warn('f goes', FooDeprecationWarning)",
    "an instance of its own": "warnings.warn(FooDeprecationWarning('f goes'))",
    "a helper": "warn_deprecated('f goes', DeprecationWarning)",
    "after words": "'''Doc.'''\n  import warnings\n  x = 1\n  warnings.warn('f goes', DeprecationWarning)",
    "before an if": "warnings.warn('f goes', DeprecationWarning)\n  if x: return 1",
    "over lines": "warnings.warn('f '\n    'goes', DeprecationWarning)",
    "a sum": "warnings.warn('f ' + 'goes', DeprecationWarning)",
}


@pytest.mark.parametrize("body", WARNED.values(), ids=WARNED)
def test_functions_that_warn(body: str) -> None:
    assert facts(f"def f(x=1):\n  {body}").functions["f"].deprecated == "f goes"


@pytest.mark.parametrize("body", [b for n, b in WARNED.items() if n != "before an if"])
def test_modules_that_warn(body: str) -> None:
    assert facts(body.replace("\n  ", "\n")).deprecated == "f goes"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("f'{name} goes in {version!r}'", "… goes in …"),
        ("'%s goes' % name", "%s goes"),
        ("'{} goes'.format(name)", "{} goes"),
        ("'f\\n   goes\\t'", "f goes"),
        ("message", "deprecated"),
        ("_('f goes')", "deprecated"),
        ("''", "deprecated"),
    ],
)
def test_messages(message: str, expected: str) -> None:
    read = facts(f"def f():\n  warnings.warn({message}, DeprecationWarning)")
    assert read.functions["f"].deprecated == expected


SILENT = {
    "under an if": "if x: warnings.warn('x goes', DeprecationWarning)",
    "after an if": "if x: return 1\n  warnings.warn('f goes', DeprecationWarning)",
    "in a try": "try: warnings.warn('x', DeprecationWarning)\n  except E: ...",
    "after a return": "return 1\n  warnings.warn('x', DeprecationWarning)",
    "in a loop": "for x in y: warnings.warn('x', DeprecationWarning)",
    "in an inner function": "def g(): warnings.warn('x', DeprecationWarning)",
    "user warning": "warnings.warn('careful', UserWarning)",
    "no category": "warnings.warn('f is deprecated')",
    "no message": "warnings.warn()",
    "a logger": "logger.warning('f goes', 1)",
    "a filter": "warnings.filterwarnings('ignore', category=DeprecationWarning)",
    "simple filter": "warnings.simplefilter('ignore', DeprecationWarning)",
    "caught": "with pytest.warns(DeprecationWarning): ...",
    "only named": "DeprecationWarning",
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_functions_that_do_not_warn_whenever_they_run(body: str) -> None:
    assert facts(f"def f(x=1):\n  {body}").functions["f"].deprecated == ""


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        ("deprecated('f goes')", "f goes"),
        ("deprecated", "deprecated"),
        ("deprecated()", "deprecated"),
        ("warnings.deprecated('f goes', category=None)", "f goes"),
        ("typing_extensions.deprecated('f goes')", "f goes"),
        ("deprecate", "deprecated"),
        ("Deprecated('f goes')", "f goes"),
        ("undeprecated", ""),
        ("deprecate_kwarg('x')", ""),
        ("functools.cache", ""),
    ],
)
def test_decorators(decorator: str, expected: str) -> None:
    read = facts(
        f"@{decorator}\ndef f(): ...\n@{decorator}\nclass C: ...\nclass D:\n  @{decorator}\n  def m(self): ..."
    )
    assert read.functions["f"].deprecated == expected
    assert read.classes["C"].deprecated == expected
    assert read.functions["D.m"].deprecated == expected


@pytest.mark.parametrize("method", ["__init__", "__new__"])
def test_classes_that_warn_when_they_are_called(method: str) -> None:
    read = facts(f"class C:\n  def {method}(self, *a):\n    warnings.warn('C goes', DeprecationWarning)")
    assert read.classes["C"].deprecated == "C goes"


def test_classes_that_warn_elsewhere_are_not_deprecated() -> None:
    read = facts("class C:\n  def m(self):\n    warnings.warn('m goes', DeprecationWarning)")
    assert read.classes["C"].deprecated == ""
    assert read.functions["C.m"].deprecated == "m goes"


def test_overloads_deprecate_a_way_of_calling_only() -> None:
    read = facts(
        "from typing import overload\n"
        "@overload\n@deprecated('not with int')\ndef f(x: int): ...\n"
        "@overload\ndef f(x: str): ...\n"
        "def f(x): ..."
    )
    assert read.functions["f"].deprecated == ""


DOCUMENTED = {
    "with a text": (
        """Do it.

        .. deprecated:: 2.3
           Use `g` instead. Will be
           removed in 3.0.

        More.
        """,
        "since 2.3: Use `g` instead. Will be removed in 3.0.",
    ),
    "in one line": (".. deprecated:: 2.3 Use `g`.", "since 2.3: Use `g`."),
    "with a colon": (".. deprecated:: 2.3: Use `g`.", "since 2.3: Use `g`."),
    "bare": ("Do it.\n\n.. deprecated:: 2.3\n", "since 2.3"),
    "without a version": (".. deprecated::\n   Use `g`.", "deprecated: Use `g`."),
    "behind fields": ("Do it.\n\n:param x: a number\n\n.. deprecated:: 2.3\n   Gone.", "since 2.3: Gone."),
    "the second is of the whole": (
        ".. deprecated:: 1\n   The *x* argument.\n\n.. deprecated:: 2\n",
        "since 2",
    ),
    "of an argument": (".. deprecated:: 2.3\n   The `x` argument is ignored.", ""),
    "of an argument, by its name": (".. deprecated:: 2.3\n   *x* is ignored.", ""),
    "of some calls": (".. deprecated:: 2.3\n   Calling this without `x`.", ""),
    "of some uses": (".. deprecated:: 2.3\n   Returning a tuple is deprecated.", ""),
    "below a parameter": ("Do it.\n\nx: a number\n\n   .. deprecated:: 2.3\n", ""),
    "in a section": ("Do it.\n\nNotes\n-----\n.. deprecated:: 2.3\n", ""),
    "another directive": (".. versionchanged:: 2.3\n   Deprecated.", ""),
}


@pytest.mark.parametrize(("text", "expected"), DOCUMENTED.values(), ids=DOCUMENTED)
def test_docstrings(text: str, expected: str) -> None:
    assert facts(f"r'''{text}'''").deprecated == expected
    indented = "\n  ".join(f"r'''{text}'''".splitlines())
    assert facts(f"def f(x):\n  {indented}").functions["f"].deprecated == expected
    read = facts(f"class C:\n  {indented}\n  def __init__(self): ...")
    assert read.classes["C"].deprecated == expected


def test_a_warning_says_more_than_a_docstring() -> None:
    read = facts("def f():\n  '''.. deprecated:: 1'''\n  warnings.warn('f goes', DeprecationWarning)")
    assert read.functions["f"].deprecated == "f goes"
