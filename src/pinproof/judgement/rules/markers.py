"""Where markers hold: on which Pythons and platforms, among all that a project supports."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pinproof.judgement.pythons import RELEASED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.markers import Marker

_SYSTEMS = (
    ("linux", "posix", "Linux"),
    ("darwin", "posix", "Darwin"),
    ("win32", "nt", "Windows"),
    ("cygwin", "posix", "CYGWIN_NT"),
    ("freebsd14", "posix", "FreeBSD"),
    ("emscripten", "posix", "Emscripten"),
)
_IMPLEMENTATIONS = (("cpython", "CPython"), ("pypy", "PyPy"))
_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64", "i686", "armv7l", "ppc64le", "s390x", "riscv64")
_EXTRA = re.compile(r"""\bextra\b\s*[=!<>in ]+\s*["']([^"']*)["']""")
_FULL = re.compile(r"""python_full_version\s*\S+\s*["'](\d+\.\d+\.\d+)""")


def supported(requires_python: str) -> tuple[tuple[int, int], ...]:
    """The Pythons that a project supports, of those that there are; all where it does not say."""
    try:
        specifier = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return tuple(RELEASED)
    return tuple(p for p in RELEASED if any(specifier.contains(f"{p[0]}.{p[1]}.{n}") for n in (0, 5, 99)))


def hold_together(markers: Iterable[Marker | None], requires_python: str) -> bool:
    """Whether there is an environment that a project supports in which all of these hold; None holds everywhere."""
    given = [marker for marker in markers if marker is not None]
    if not given:
        return bool(supported(requires_python))
    return any(all(_holds(one, at) for one in given) for at in _environments(given, requires_python))


def _holds(marker: Marker, environment: dict[str, str]) -> bool:
    try:
        return marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _environments(markers: Iterable[Marker], requires_python: str) -> Iterator[dict[str, str]]:
    """Environments that differ in what the markers ask for."""
    text = " ".join(map(str, markers))
    systems = _SYSTEMS if re.search(r"sys_platform|os_name|platform_system", text) else _SYSTEMS[:1]
    implementations = _IMPLEMENTATIONS if "implementation" in text else _IMPLEMENTATIONS[:1]
    machines = _MACHINES if "platform_machine" in text else _MACHINES[:1]
    extras = ("", *dict.fromkeys(_EXTRA.findall(text)))
    for python, system, implementation, machine, extra in product(
        _pythons(text, requires_python), systems, implementations, machines, extras
    ):
        short = ".".join(python.split(".")[:2])
        yield {
            "python_version": short,
            "python_full_version": python,
            "implementation_version": python,
            "sys_platform": system[0],
            "os_name": system[1],
            "platform_system": system[2],
            "implementation_name": implementation[0],
            "platform_python_implementation": implementation[1],
            "platform_machine": machine,
            "platform_release": "",
            "platform_version": "",
            "extra": extra,
        }


def _pythons(text: str, requires_python: str) -> Iterator[str]:
    """A release of each Python, and those that a marker names with their third number."""
    known = supported(requires_python)
    yield from (f"{major}.{minor}.5" for major, minor in known)
    for full in dict.fromkeys(_FULL.findall(text)):
        major, minor, patch = map(int, full.split("."))
        if (major, minor) in known:
            yield full
            yield f"{major}.{minor}.{patch + 1}"
            yield f"{major}.{minor}.{max(patch - 1, 0)}"
