"""Which file of a release is chosen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from pinproof.facts.wheels import best_file, is_sdist, ranks
from pinproof.model.release import File, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

LINUX = Target((3, 11), "linux", "x86_64")
ARM = Target((3, 11), "linux", "aarch64")
MAC = Target((3, 11), "darwin", "arm64")
WINDOWS = Target((3, 11), "win32", "AMD64")
OLD = Target((3, 7), "linux", "x86_64")

PURE = "a-1-py3-none-any.whl"
CP311_LINUX = "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
CP311_ARM = "a-1-cp311-cp311-manylinux_2_17_aarch64.whl"
CP311_MUSL = "a-1-cp311-cp311-musllinux_1_1_x86_64.whl"
CP311_MAC = "a-1-cp311-cp311-macosx_11_0_arm64.whl"
CP311_UNIVERSAL = "a-1-cp311-cp311-macosx_10_9_universal2.whl"
CP311_WINDOWS = "a-1-cp311-cp311-win_amd64.whl"
CP312_LINUX = "a-1-cp312-cp312-manylinux_2_17_x86_64.whl"
CP37_LINUX = "a-1-cp37-cp37m-manylinux1_x86_64.whl"
ABI3 = "a-1-cp38-abi3-manylinux_2_28_x86_64.whl"
NEWER_ABI3 = "a-1-cp312-abi3-manylinux_2_28_x86_64.whl"
SDIST = "a-1.tar.gz"


def file(filename: str, yanked: str | None = None, requires_python: str | None = None) -> File:
    spec = SpecifierSet(requires_python) if requires_python else None
    return File(filename, f"https://example.org/{filename}", requires_python=spec, yanked=yanked)


def chosen(names: Sequence[str], target: Target) -> str | None:
    best = best_file([file(n) for n in names], target)
    return best.filename if best else None


@pytest.mark.parametrize(
    ("names", "target", "expected"),
    [
        ([SDIST, PURE], LINUX, PURE),
        ([PURE, CP311_LINUX], LINUX, CP311_LINUX),
        ([PURE, CP311_LINUX], WINDOWS, PURE),
        ([CP311_WINDOWS, CP311_LINUX, CP311_MAC, CP311_ARM], WINDOWS, CP311_WINDOWS),
        ([CP311_WINDOWS, CP311_LINUX, CP311_MAC, CP311_ARM], MAC, CP311_MAC),
        ([CP311_WINDOWS, CP311_LINUX, CP311_MAC, CP311_ARM], ARM, CP311_ARM),
        ([CP311_UNIVERSAL, CP311_MAC], MAC, CP311_MAC),
        ([CP311_UNIVERSAL], MAC, CP311_UNIVERSAL),
        ([CP311_MUSL, CP311_LINUX], LINUX, CP311_LINUX),
        ([CP312_LINUX, ABI3], LINUX, ABI3),
        ([ABI3, CP311_LINUX], LINUX, CP311_LINUX),
        ([NEWER_ABI3, PURE], LINUX, PURE),
        ([CP37_LINUX, CP311_LINUX], OLD, CP37_LINUX),
        (["a-1-1-py3-none-any.whl", "a-1-2-py3-none-any.whl", PURE], LINUX, "a-1-2-py3-none-any.whl"),
        (["a-1-py2.py3-none-any.whl"], LINUX, "a-1-py2.py3-none-any.whl"),
        (["a-1-py2-none-any.whl", SDIST], LINUX, SDIST),
        (["a-1-py2-none-any.whl"], LINUX, "a-1-py2-none-any.whl"),
        ([CP312_LINUX, CP311_WINDOWS, SDIST], LINUX, CP311_WINDOWS),
        ([CP312_LINUX, "a-1-cp312-cp312-win_amd64.whl"], WINDOWS, "a-1-cp312-cp312-win_amd64.whl"),
        ([CP312_LINUX.replace("x86_64", "aarch64"), CP312_LINUX], LINUX, CP312_LINUX),
        ([CP37_LINUX, CP312_LINUX, "a-1-cp27-cp27mu-manylinux1_x86_64.whl"], LINUX, CP312_LINUX),
        (["a-1.zip", SDIST, "a-1.tar.bz2"], LINUX, SDIST),
        (["a-1.linux-x86_64.tar.gz", "a-1.zip"], LINUX, "a-1.zip"),
        (["a-1.win32.exe", "a-1-py2.7.egg", "a-1.noarch.rpm"], LINUX, None),
        (["broken.whl", SDIST], LINUX, SDIST),
        ([], LINUX, None),
    ],
)
def test_what_an_installer_would_take(names: list[str], target: Target, expected: str | None) -> None:
    assert chosen(names, target) == expected
    assert chosen(names[::-1], target) == expected


def test_yanked_files_only_where_there_are_no_others() -> None:
    yanked = file(CP311_LINUX, yanked="broken")
    assert best_file([yanked, file(SDIST)], LINUX) == file(SDIST)
    assert best_file([yanked, file(SDIST, yanked="")], LINUX) == yanked


@pytest.mark.parametrize(
    ("requires_python", "accepted"),
    [
        (">=3.11", True),
        (">=3.11.4", True),
        (">=3.12", False),
        ("<3.11", False),
        ("==3.11.*", True),
        ("<4", True),
    ],
)
def test_requires_python(requires_python: str, accepted: bool) -> None:
    specific, other = file(CP311_LINUX, requires_python=requires_python), file(PURE)
    assert best_file([specific, other], LINUX) == (specific if accepted else other)


def test_a_wheel_that_refuses_this_python_is_better_than_nothing() -> None:
    refusing = file(PURE, requires_python=">=3.12")
    assert best_file([refusing, file(SDIST)], LINUX) == refusing


def test_is_sdist() -> None:
    assert is_sdist(file(SDIST))
    assert not is_sdist(file("a-1.exe"))
    assert not is_sdist(file(PURE))


def test_tags_do_not_depend_on_the_running_interpreter() -> None:
    assert str(next(iter(ranks(WINDOWS)))) == "cp311-cp311-win_amd64"
    assert not any("linux" in tag.platform for tag in ranks(MAC))


def test_an_unknown_platform_gets_what_runs_everywhere() -> None:
    assert chosen([CP311_LINUX, PURE], Target((3, 11), "freebsd14", "amd64")) == PURE


def test_tags_are_computed_once_and_quickly() -> None:
    target = Target((3, 14), "linux", "riscv64")
    start = time.perf_counter()
    ranks(target)
    assert time.perf_counter() - start < 0.1
    assert ranks(target) is ranks(Target((3, 14), "linux", "riscv64"))


@given(
    st.permutations([PURE, CP311_LINUX, CP312_LINUX, CP311_MAC, CP311_WINDOWS, ABI3, SDIST, "a-1.zip"]),
    st.sampled_from([LINUX, ARM, MAC, WINDOWS, OLD]),
)
def test_the_order_of_the_files_does_not_matter(names: list[str], target: Target) -> None:
    assert chosen(names, target) == chosen(sorted(names), target)
