"""Which file of a release an interpreter and platform would be given (PEP 425, 427, 600, 656)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pinproof.model.release import File, Target

_NEWEST_GLIBC = 39
_NEWEST_MUSL = 2
_NEWEST_MACOS = (26, 0)
_LEGACY_MANYLINUX = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_SDIST_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z", ".tar")
_LINUX_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "i386": "i686", "x86": "i686"}
_WINDOWS_PLATFORMS = {
    "amd64": "win_amd64",
    "x86_64": "win_amd64",
    "arm64": "win_arm64",
    "aarch64": "win_arm64",
}


_ANOTHER_MAJOR = 1000


def best_file(files: Sequence[File], target: Target) -> File | None:
    """The file that an installer would take, else the one whose source tells most about the release.

    In order: the wheel that would be installed; any wheel for this major version of Python, pure ones and those
    for the same minor first; a source distribution; any wheel; None. Yanked files count only where there are no
    others.
    """
    wheels = [f for f in _usable(files) if f.is_wheel and _tags(f.filename)]
    by_strangeness = sorted(wheels, key=lambda w: _strangeness(w, target))
    near = [
        w for w in by_strangeness if min(_distance(t, target) for t in _tags(w.filename)) < _ANOTHER_MAJOR
    ]
    return (
        installable_wheel(files, target)
        or next(iter(near), None)
        or best_sdist(files)
        or next(iter(by_strangeness), None)
    )


def installable_wheel(files: Sequence[File], target: Target) -> File | None:
    """The most specific compatible wheel that accepts this Python, if there is one."""
    wheels = (f for f in _usable(files) if f.is_wheel and _tags(f.filename) and f.is_for(target))
    return _most_specific(wheels, ranks(target))


def best_sdist(files: Sequence[File]) -> File | None:
    """The source distribution that an installer would build, if there is one."""
    return min((f for f in _usable(files) if is_sdist(f)), key=_oddness, default=None)


def _usable(files: Sequence[File]) -> list[File]:
    return [f for f in files if f.yanked is None] or list(files)


@lru_cache(maxsize=64)
def ranks(target: Target) -> Mapping[Tag, int]:
    """Every tag that the target supports, with its place in the order of preference: 0 is best."""
    major, minor = target.python
    interpreter = f"cp{major}{minor}"
    platforms = tuple(_platforms(target.platform, target.machine))
    ranked: dict[Tag, int] = {}
    for tag in cpython_tags(target.python, [_abi(target.python)], platforms):
        ranked.setdefault(tag, len(ranked))
    for tag in compatible_tags(target.python, interpreter, platforms):
        ranked.setdefault(tag, len(ranked))
    return ranked


def is_sdist(file: File) -> bool:
    """Whether the name is that of a source distribution, not of a bdist or an egg or an installer."""
    return not file.is_wheel and file.filename.endswith(_SDIST_SUFFIXES)


def _most_specific(wheels: Iterable[File], order: Mapping[Tag, int]) -> File | None:
    worst = len(order)
    ranked = [(min((order.get(t, worst) for t in _tags(w.filename)), default=worst), w) for w in wheels]
    compatible = [(rank, w) for rank, w in ranked if rank < worst]
    # Of wheels that fit equally well an installer takes the highest build number.
    best = min((rank for rank, _ in compatible), default=None)
    return max((w for rank, w in compatible if rank == best), key=lambda w: _build(w.filename), default=None)


def _strangeness(wheel: File, target: Target) -> tuple[bool, int, bool, str]:
    """How little a wheel that does not fit says about one that would: pure, near in Python, same platform."""
    tags = _tags(wheel.filename)
    pure = any(t.platform == "any" for t in tags)
    same_platform = not _platform_names(target).isdisjoint(t.platform for t in tags)
    return (not pure, min(_distance(t, target) for t in tags), not same_platform, wheel.filename)


def _distance(tag: Tag, target: Target) -> int:
    """The number of minor releases between the tag's Python and the target's."""
    python = re.fullmatch(r"[a-z]+(\d)(\d*)", tag.interpreter)
    if python is None or int(python[1]) != target.python[0]:
        return _ANOTHER_MAJOR
    return abs(int(python[2]) - target.python[1]) if python[2] else 0


@lru_cache(maxsize=64)
def _platform_names(target: Target) -> frozenset[str]:
    return frozenset(_platforms(target.platform, target.machine))


def _oddness(sdist: File) -> tuple[bool, int, str]:
    """Well-formed names first (`foo-1.0.linux-x86_64.tar.gz` is a bdist), then by how usual the suffix is."""
    suffix = next(s for s in _SDIST_SUFFIXES if sdist.filename.endswith(s))
    try:
        parse_sdist_filename(sdist.filename.removesuffix(suffix) + ".tar.gz")
    except InvalidSdistFilename:
        return (True, _SDIST_SUFFIXES.index(suffix), sdist.filename)
    return (False, _SDIST_SUFFIXES.index(suffix), sdist.filename)


@lru_cache(maxsize=4096)
def _parsed(filename: str) -> tuple[frozenset[Tag], tuple[int, str]]:
    try:
        _, _, build, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return frozenset(), (0, "")
    return tags, build or (0, "")


def _tags(filename: str) -> frozenset[Tag]:
    return _parsed(filename)[0]


def _build(filename: str) -> tuple[int, str]:
    return _parsed(filename)[1]


def _abi(python: tuple[int, int]) -> str:
    return "cp{}{}".format(*python) + ("m" if python < (3, 8) else "")


def _platforms(platform: str, machine: str) -> Iterator[str]:
    machine = machine.lower()
    if platform == "linux":
        return _linux_platforms(_LINUX_MACHINES.get(machine, machine))
    if platform == "darwin":
        return mac_platforms(_NEWEST_MACOS, "arm64" if machine in {"arm64", "aarch64"} else "x86_64")
    if platform == "win32":
        return iter([_WINDOWS_PLATFORMS.get(machine, "win32")])
    return iter([f"{platform}_{machine}".replace("-", "_").replace(".", "_")])


def _linux_platforms(machine: str) -> Iterator[str]:
    """The glibc ones first, musl after it: a target does not say which of the two it has."""
    oldest = 5 if machine in {"x86_64", "i686"} else 17
    for minor in range(_NEWEST_GLIBC, oldest - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in _LEGACY_MANYLINUX:
            yield f"{_LEGACY_MANYLINUX[minor]}_{machine}"
    yield f"linux_{machine}"
    for minor in range(_NEWEST_MUSL, -1, -1):
        yield f"musllinux_1_{minor}_{machine}"
