"""`setup.py`, which is never run."""

from __future__ import annotations

import pytest
from manifests_in_short import declared

from pinproof.facts.manifests.setup_py import read
from pinproof.model.declaration import FilePath, Manifest, Where


def manifest(text: str) -> Manifest:
    return read(text, FilePath("setup.py"))


def listed(text: str) -> list[str]:
    found = manifest(text)
    assert not found.problems
    return declared(text, found.declarations)


@pytest.mark.parametrize(
    ("text", "expected", "dynamic"),
    [
        ("setup(install_requires=['a==1', \"b\", r'c>=2'])", ["a==1", "b", "c>=2"], set()),
        ("setuptools.setup(install_requires=('a', 'b'))", ["a", "b"], set()),
        ("distutils.core.setup(install_requires=['a'])", ["a"], set()),
        ("é = 'é'; setup(install_requires=['a', 'b'])", ["a", "b"], set()),
        ("x = ['a']\nsetup(install_requires=x)", ["a"], set()),
        ("x: list[str] = ['a']\nsetup(install_requires=x + ['b'] + ['c'])", ["a", "b", "c"], set()),
        ("a = 'a==1'\nsetup(install_requires=[a, *['b']])", ["a==1", "b"], set()),
        ("def main():\n  x = ['a']\n  setup(install_requires=x)", ["a"], set()),
        ("if __name__ == '__main__':\n  setup(install_requires=['a'])", ["a"], set()),
        ("setup(install_requires='a==1')", ["a==1"], set()),
        ("setup(install_requires='''\n  a==1  # x\n\n  # y\n  b\n''')", ["a==1", "b"], set()),
        ("setup(install_requires=['a' '==1'])", ["a==1 ~"], set()),
        ("setup(install_requires=['a\\x3d=1'])", ["a==1 ~"], set()),
        (
            "setup(install_requires=['a=1'])",
            ["a=1 ! Expected semicolon (after name with no version specifier) or end"],
            set(),
        ),
        ("setup(install_requires=None)", [], set()),
        ("setup(**{'install_requires': ['a']})", ["a"], set()),
        ("x = dict(install_requires=['a'])\nsetup(**x)", ["a"], set()),
        ("setup(**f())", [], {"dependencies", "optional-dependencies"}),
        (
            "x = {}\nx['install_requires'] = ['a']\nif y:\n  x['install_requires'] = ['b']\nsetup(**x)",
            ["a", "b"],
            {"dependencies", "optional-dependencies"},
        ),
        ("setup(setup_requires=['a'], pbr=True)", ["a"], {"dependencies"}),
        ("x = ['a']\nx += ['b']\nsetup(install_requires=x)", ["a"], {"dependencies"}),
        ("x = ['a']\nx.append('b')\nsetup(install_requires=x)", ["a"], {"dependencies"}),
        ("x = ['a']\nx = ['b']\nsetup(install_requires=x)", [], {"dependencies"}),
        ("if y:\n  x = ['a']\nelse:\n  x = ['b']\nsetup(install_requires=x)", [], {"dependencies"}),
        ("setup(install_requires=['a', f'b=={v}', 'c' + v])", ["a"], {"dependencies"}),
        ("setup(install_requires=open('x').read().split())", [], {"dependencies"}),
        ("setup(install_requires=[x for x in y])", [], {"dependencies"}),
        ("x = x\nsetup(install_requires=x)", [], {"dependencies"}),
        ("x = y\ny = x\nsetup(install_requires=x)", [], {"dependencies"}),
        ("x = [*x]\nsetup(install_requires=x)", [], {"dependencies"}),
        ("x = ['a']\ny = x + x\nsetup(install_requires=y + y)", ["a"], {"dependencies"}),
        ("x = {'y': [], **x}\nsetup(extras_require=x)", [], {"optional-dependencies"}),
        ("setup(extras_require={'x': ['a']})", ["x: a"], set()),
        (
            "setup(extras_require={'x:python_version<\"3.9\"': ['a']})",
            ['x: a; python_version < "3.9"'],
            set(),
        ),
        (
            "setup(extras_require={':os_name==\"nt\"': ['a;extra==\"z\"']})",
            ['a; extra == "z" and os_name == "nt"'],
            set(),
        ),
        ("x = {'x': ['a']}\nx['all'] = x['x'] + ['b']\nsetup(extras_require=x)", ["x: a", "all: b"], set()),
        ("setup(extras_require={'x': y(), **z})", [], {"optional-dependencies"}),
        ("setup(extras_require=f())", [], {"optional-dependencies"}),
        ("x.setup(install_requires=['a'])", [], set()),
        ("print(install_requires=['a'])", [], set()),
        ("", [], set()),
    ],
)
def test_lists(text: str, expected: list[str], dynamic: set[str]) -> None:
    assert listed(text) == expected
    assert manifest(text).dynamic == dynamic


def test_where_they_are() -> None:
    found = manifest(
        "setup(setup_requires=['a'], tests_require=['b'], install_requires=['c'], extras_require={'x': ['d'], 'y': []})"
    )
    assert [one.where for one in found.declarations] == [
        Where.BUILD,
        Where.GROUP,
        Where.PUBLISHED,
        Where.EXTRA,
    ]
    assert found.extras == {"x", "y"}


def test_the_project_itself() -> None:
    text = "NAME = 'demo'\nsetup(name=NAME, python_requires='>=3.8', classifiers=['Private :: x'])"
    found = manifest(text)
    assert found.name is not None
    assert found.requires_python is not None
    assert (found.name.text, found.name.span.of(text)) == ("demo", "demo")
    assert (found.requires_python.text, found.requires_python.span.of(text)) == (">=3.8", ">=3.8")
    assert found.classifiers == ("Private :: x",)
    assert found.has_build_system


def test_what_is_computed() -> None:
    assert manifest("setup(name=f(), python_requires='>=' + x)").dynamic == {"name", "requires-python"}


def test_comments() -> None:
    text = "setup(install_requires=[\n  # why\n  'a',\n  'b',  # so\n])"
    assert [one.comment for one in manifest(text).declarations] == ["why", "so"]


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (
            "é = 1\nprint 'x'\n",
            "not valid Python: Missing parentheses in call to 'print'. Did you mean print(...)?",
            "print 'x'\n",
        ),
        ("x = '\x00'", "not valid Python: source code string cannot contain null bytes", None),
    ],
)
def test_what_is_no_python(text: str, message: str, at: str | None) -> None:
    (problem,) = manifest(text).problems
    assert problem.message == message
    assert (problem.span.of(text) if problem.span else None) == at


def test_additions_without_end() -> None:
    assert manifest("setup(install_requires=" + "+".join(["x"] * 3000) + ")").declarations == ()
