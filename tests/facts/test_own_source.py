"""Where the user's own source lies."""

from __future__ import annotations

import pytest

from pinproof.facts.own_source import own_layout


@pytest.mark.parametrize(
    ("names", "project", "tests"),
    [
        ("src/shop/__init__.py src/shop/a.py tests/test_a.py", "shop shop.a", "tests.test_a"),
        ("src/ns/shop/a.py manage.py setup.py tools/x.py", "manage ns.shop.a", ""),
        ("shop/__init__.py shop/a.py tests/__init__.py", "shop shop.a", "tests"),
        ("shop/a.py main.py conftest.py test_main.py", "main shop.a", "conftest test_main"),
        ("shop/tests/test_a.py shop/a.py shop/b/c/tests/x.py", "shop.a shop.b.c.tests.x", "shop.tests.test_a"),
        ("src/__init__.py src/a.py", "src src.a", ""),
        ("docs/conf.py examples/x.py benchmarks/b.py noxfile.py app.py", "app", ""),
        ("do-it.py 2fast.py", "_2fast do_it", ""),
        ("a.pyi a.py b.pyi", "a", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_layouts(names: str, project: str, tests: str) -> None:
    found = own_layout(names.split())
    assert sorted(found.project.modules) == project.split()
    assert sorted(found.tests.modules) == tests.split()
