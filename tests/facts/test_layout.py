"""From member names to import names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinproof.facts.layout import is_auxiliary, read_layout, top_level

INFO = "a-1.dist-info/METADATA"


def wheel_modules(*names: str) -> set[str]:
    return set(read_layout([*names, INFO], is_wheel=True).modules)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/__init__.py", "a/b.py", "a/b/c.py"], {"a", "a.b", "a.b.c"}),
        (["six.py"], {"six"}),
        (["a-1.data/purelib/a/__init__.py", "a-1.data/platlib/a/b.py"], {"a", "a.b"}),
        (["a-1.data/scripts/run.py", "a-1.data/data/x.py", "a-1.data/headers/y.py"], set()),
        (["a-1.dist-info/licenses/x.py", "a.egg-info/y.py"], set()),
        (["a/x-y.py", "a/x-y/z.py", "a/1.py", "a/b.txt", "a/py.typed", "a/", "a/b.py.txt"], set()),
        (["a/class.py", "ä/ö.py"], {"a.class", "ä.ö"}),
        (["a\\__init__.py"], {"a"}),
        (["__init__.py", "__main__.py"], {"__main__"}),
        (["foo-stubs/__init__.pyi", "foo-stubs/x.py"], set()),
        (["/etc/x.py", "../x.py", "a/../x.py"], set()),
        (["google/cloud/storage/__init__.py"], {"google.cloud.storage"}),
    ],
)
def test_modules_of_wheels(names: list[str], expected: set[str]) -> None:
    assert wheel_modules(*names) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/_x.cpython-311-x86_64-linux-gnu.so", "a._x"),
        ("a/_x.cpython-313t-darwin.so", "a._x"),
        ("a/_x.abi3.so", "a._x"),
        ("a/_x.so", "a._x"),
        ("a/_x.pyd", "a._x"),
        ("a/_x.cp311-win_amd64.pyd", "a._x"),
        ("a/_x.pypy39-pp73-x86_64-linux-gnu.so", "a._x"),
        ("a/__init__.cpython-311-darwin.so", "a"),
        ("_x.abi3.so", "_x"),
        ("a.libs/libgfortran-040039e1.so", None),
        ("a/libfoo.so.1", None),
        ("a/libfoo.1.so", None),
        ("a/x.dll", None),
        ("a/x.pyx", None),
        ("a/x.c", None),
    ],
)
def test_extensions_of_wheels(name: str, expected: str | None) -> None:
    assert read_layout([name], is_wheel=True).extensions.keys() == ({expected} if expected else set())


def test_source_stub_and_extension_of_one_name() -> None:
    names = ["a/__init__.py", "a/__init__.pyi", "a/__init__.abi3.so", "a/b.pyi"]
    layout = read_layout(names, is_wheel=True)
    assert layout.modules == {"a": "a/__init__.py"}
    assert layout.stubs == {"a": "a/__init__.pyi", "a.b": "a/b.pyi"}
    assert layout.extensions.keys() == {"a"}
    assert layout.packages == {"a"}


def test_a_package_wins_over_a_module_of_the_same_name() -> None:
    layout = read_layout(["a.py", "a/__init__.py"], is_wheel=True)
    assert layout.modules == {"a": "a/__init__.py"}
    assert layout.packages == {"a"}


def test_a_stub_makes_no_package() -> None:
    assert read_layout(["a/__init__.pyi"], is_wheel=True).packages == set()


def test_members_keep_their_names() -> None:
    assert read_layout(["a-1.data/purelib/a.py"], is_wheel=True).modules == {"a": "a-1.data/purelib/a.py"}


@pytest.mark.parametrize(
    ("text", "is_hook"),
    [
        ("import os; do()\n", True),
        ("# import x\nfolder\n", False),
        ("a\nimport\tx\n", True),
        ("important\n", False),
        ("", False),
    ],
)
def test_path_hooks(text: str, is_hook: bool) -> None:
    layout = read_layout(["a.pth", "a/b.pth"], is_wheel=True, texts={"a.pth": text, "a/b.pth": "import x"})
    assert layout.path_hooks == ((text,) if is_hook else ())


def test_folders_that_path_files_add_are_roots_as_well() -> None:
    names = ["win32/lib/win32con.py", "win32/win32api.pyd", "p.pth"]
    layout = read_layout(names, is_wheel=True, texts={"p.pth": "# x\nwin32\nwin32\\lib\n"})
    assert set(layout.modules) == {"win32.lib.win32con", "lib.win32con", "win32con"}
    assert layout.extensions.keys() == {"win32.win32api", "win32api"}


@pytest.mark.parametrize(
    ("names", "texts", "expected"),
    [
        (["setup.py", "docopt.py", "test_docopt.py", "conftest.py"], {}, {"docopt"}),
        (["docopt.py", "x.py"], {"docopt.egg-info/top_level.txt": "docopt\n"}, {"docopt"}),
        (["src/a/__init__.py", "src/a/b.py", "tests/__init__.py", "a.py"], {}, {"a", "a.b"}),
        (["src/a.py"], {}, {"a"}),
        (["lib/yaml/__init__.py", "tests/x.py", "setup.py"], {}, {"yaml"}),
        (["lib3/yaml/__init__.py"], {"lib3/P.egg-info/top_level.txt": "_yaml\nyaml\n"}, {"yaml"}),
        (["a/__init__.py", "a/tests/__init__.py", "tests/__init__.py"], {}, {"a", "a.tests"}),
        (["a/__init__.py", "docs/conf.py", "examples/__init__.py", "tools/__init__.py"], {}, {"a"}),
        (["tools/__init__.py", "tests/__init__.py", "setup.py"], {}, {"tools"}),
        (["packaging/__init__.py", "tests/__init__.py"], {}, {"packaging"}),
        (["google/cloud/x/__init__.py", "setup.py"], {}, {"google.cloud.x"}),
        (["vendor/some-project/x/__init__.py", "a/__init__.py"], {}, {"a"}),
        (["src/__init__.py", "src/b.py", "a/__init__.py"], {}, {"a"}),
        (["py/deep/a/__init__.py"], {"x.egg-info/top_level.txt": "a"}, {"a"}),
        (["a/__init__.py"], {"x.egg-info/top_level.txt": ""}, {"a"}),
        (["src/a/__init__.py"], {"src/a.egg-info/top_level.txt": "a\n"}, {"a"}),
        (["tests/__init__.py", "a.py"], {"a.egg-info/top_level.txt": "a\ntests\n"}, {"a", "tests"}),
        (["README.md"], {}, set()),
        (["a/__init__.py", "make_it.py", "sub/b/__init__.py"], {}, {"a"}),
        (["a/__init__.py", "data/b.egg-info/top_level.txt"], {"a.egg-info/top_level.txt": "a"}, {"a"}),
        (["b.py"], {"a.egg-info/top_level.txt": "a", "t/x.egg-info/top_level.txt": "b"}, set()),
    ],
)
def test_modules_of_source_distributions(names: list[str], texts: dict[str, str], expected: set[str]) -> None:
    layout = read_layout([*names, *texts, "PKG-INFO"], is_wheel=False, texts=texts)
    assert set(layout.modules) == expected


def test_what_a_source_distribution_would_compile() -> None:
    names = [
        "src/a/__init__.py",
        "src/a/_speedups.c",
        "src/a/fast.pyx",
        "src/a/fast.pxd",
        "src/a/b.py",
        "src/a/b.c",
    ]
    layout = read_layout(names, is_wheel=False)
    assert layout.extensions.keys() == {"a._speedups", "a.fast", "a.b"}
    assert set(layout.modules) == {"a", "a.b"}


def test_a_compiled_module_whose_code_lies_elsewhere() -> None:
    texts = {"cffi.egg-info/top_level.txt": "_cffi_backend\ncffi\n"}
    layout = read_layout(["c/_cffi_backend.c", "cffi/__init__.py"], is_wheel=False, texts=texts)
    assert layout.extensions.keys() == {"_cffi_backend"}
    assert set(layout.modules) == {"cffi"}


def test_a_package_that_the_build_puts_together_is_not_guessed_at() -> None:
    texts = {"psycopg2.egg-info/top_level.txt": "psycopg2\n"}
    layout = read_layout(["lib/__init__.py", "psycopg2/x.h"], is_wheel=False, texts=texts)
    assert layout.extensions.keys() == {"psycopg2"}
    assert layout.modules == {}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["flask/__init__.py", "flask/app.py"], ("flask",)),
        (["attr/__init__.py", "attrs/__init__.py"], ("attr", "attrs")),
        (["google/cloud/storage/__init__.py", "google/cloud/storage/x.py"], ("google.cloud.storage",)),
        (["google/cloud/_s.py", "google/cloud/s/__init__.py"], ("google.cloud._s", "google.cloud.s")),
        (["a/__init__.py", "tests/__init__.py", "examples/x.py", "setup.py"], ("a",)),
        (["tests/__init__.py"], ("tests",)),
        (["_yaml.so", "yaml/__init__.py"], ("_yaml", "yaml")),
        (["a-stubs/__init__.pyi"], ()),
        (["a/b/__init__.py", "a/__init__.py"], ("a",)),
    ],
)
def test_top_level(names: list[str], expected: tuple[str, ...]) -> None:
    assert top_level(read_layout(names, is_wheel=True)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("numpy.testing", False),
        ("numpy.testing._private.utils", False),
        ("numpy.testing.tests.test_utils", True),
        ("django.test", False),
        ("django.test.client", False),
        ("django.contrib.auth.tests.urls", True),
        ("twisted.test.test_ssl", True),
        ("twisted.test.proto_helpers", False),
        ("flask.testing", False),
        ("jinja2.tests", False),
        ("fastapi.openapi.docs", False),
        ("pytest", False),
        ("unittest.mock", False),
        ("test", False),
        ("test.support", False),
        ("tests", True),
        ("tests.unit", True),
        ("sklearn.utils.tests.test_x", True),
        ("pip._vendor.foo.tests.x", True),
        ("a.conftest", True),
        ("conftest", True),
        ("setup", True),
        ("numpy.distutils.setup", False),
        ("a.examples.one", True),
        ("a._examples.one", True),
        ("a.benchmarks.one", True),
        ("a.testsuite.x", False),
        ("a.contests.x", False),
        ("latest.x", False),
    ],
)
def test_is_auxiliary(name: str, expected: bool) -> None:
    assert is_auxiliary(name) is expected


_PARTS = st.sampled_from(
    ["a", "b", "src", "lib", "tests", "x-1.data", "purelib", "a.egg-info", "", "..", "é"]
)
_FILES = st.sampled_from(
    ["__init__.py", "m.py", "m.pyi", "m.abi3.so", "x.pth", "top_level.txt", "m.c", "a.b.c"]
)
_NAMES = st.builds(lambda parts, name: "/".join([*parts, name]), st.lists(_PARTS, max_size=4), _FILES)


@given(
    st.lists(_NAMES, max_size=12),
    st.booleans(),
    st.sampled_from(["", "a\nb\n", "import x\n../y\n", "é\n/\n"]),
)
def test_laws(names: list[str], is_wheel: bool, text: str) -> None:
    layout = read_layout(names, is_wheel, {n: text for n in names if n.endswith((".pth", ".txt"))})
    assert set(layout.modules.values()) <= set(names)
    assert layout.packages <= layout.modules.keys() | layout.extensions.keys()
    assert set(top_level(layout)) <= layout.modules.keys() | layout.extensions.keys()
    assert all(part.isidentifier() for name in layout.modules for part in name.split("."))
    assert bool(top_level(layout)) == bool(layout.modules or layout.extensions)
