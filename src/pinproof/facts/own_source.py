"""Where the user's own source lies in a project folder: its modules, and its tests apart from them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pinproof.model.distribution import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable

_TESTS = frozenset({"tests", "test", "testing", "unit_tests"})
_NOT_THE_PROJECT = frozenset(
    {"doc", "docs", "examples", "example", "benchmarks", "benchmark", "noxfile", "setup", "versioneer"}
)
_SAMPLES = frozenset({"fixtures", "samples", "templates", "testdata", "vendor", "vendored", "_vendor"})
_SOURCE_FOLDERS = ("src/", "lib/")


class OwnSource(NamedTuple):
    """The import names of a project, and those of its tests, which need what only the tests need."""

    project: Layout
    tests: Layout


def own_layout(names: Iterable[str]) -> OwnSource:
    """From the paths of Python files, relative to the project's folder, to import names.

    With a `src` (or `lib`) folder that is no package itself, that is where the packages are, and modules in the
    root folder are scripts; without one every folder counts (PEP 420: none needs an `__init__`), but those for
    documentation, examples and benchmarks. A script whose name is no identifier gets one, as it is never imported.
    """
    members = list(names)
    root = next((r for r in _SOURCE_FOLDERS if _holds_packages(members, r)), "")
    project: dict[str, str] = {}
    tests: dict[str, str] = {}
    for member in members:
        path = member.removeprefix(root)
        parts = path.split("/")
        if _is_test(parts):
            tests[member] = path
        elif root and not member.startswith(root):
            if len(parts) == 1 and _stem(parts[0]) not in _NOT_THE_PROJECT:
                project[member] = path
        elif (
            parts[0] not in _NOT_THE_PROJECT
            and _stem(parts[-1] if len(parts) == 1 else "") not in _NOT_THE_PROJECT
        ):
            project[member] = path
    return OwnSource(_layout(project), _layout(tests))


def script_layout(name: str) -> Layout:
    """The layout of a single file."""
    return _layout({name: name})


def _holds_packages(members: Iterable[str], root: str) -> bool:
    inside = [m for m in members if m.startswith(root)]
    return bool(inside) and f"{root}__init__.py" not in inside


def _is_test(parts: list[str]) -> bool:
    *folders, last = parts
    return last == "conftest.py" or last.startswith("test_") or not _TESTS.isdisjoint(folders[:2])


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _layout(paths: dict[str, str]) -> Layout:
    modules: dict[str, str] = {}
    stubs: dict[str, str] = {}
    packages: set[str] = set()
    for member, path in sorted(paths.items(), key=lambda item: not item[1].endswith("/__init__.py")):
        *folders, last = path.split("/")
        stem, _, kind = last.rpartition(".")
        parts = folders if stem == "__init__" else [*folders, stem]
        name = ".".join(re.sub(r"\W|^(?=\d)", "_", part) for part in parts)
        if not name:
            continue
        (modules if kind == "py" else stubs).setdefault(name, member)
        if stem == "__init__" and kind == "py":
            packages.add(name)
    return Layout(modules, stubs, {}, frozenset(packages))


def is_apart(path: str) -> bool:
    """Whether a file, seen from the project's folder, is none that its users run: tests, documentation, examples."""
    *folders, last = path.split("/")
    return (
        last == "conftest.py"
        or last.startswith("test_")
        or last.endswith("_test.py")
        or not (_TESTS | _NOT_THE_PROJECT | _SAMPLES).isdisjoint(folders)
        or (not folders and _stem(last) in _NOT_THE_PROJECT)
    )


def importable_names(names: Iterable[str]) -> frozenset[str]:
    """The first names by which the files of a project may import each other, from whatever folder they are run.

    A folder from which modules are imported is no package itself, so that what lies right in such a folder counts.
    """
    members = list(names)
    packages = {member.rpartition("/")[0] for member in members if member.endswith("/__init__.py")}
    found: set[str] = set()
    for member in members:
        *folders, last = member.split("/")
        above = ["/".join(folders[:depth]) for depth in range(len(folders) + 1)]
        parts = [*folders, _stem(last)]
        found.update(part for folder, part in zip(above, parts, strict=True) if folder not in packages)
    return frozenset(found)
