"""Where markers hold: on which Pythons and platforms, among all that a project supports.

What holds in an environment that there is, holds. What holds in none is tried with everything that there may be: other
Pythons, and values that nobody has heard of, unless they are those of another variable (`sys_platform == "Windows"`).
"""

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
_CONCEIVABLE = {
    "sys_platform": ("linux", "linux2", "darwin", "win32", "cygwin", "emscripten", "wasi", "android", "ios"),
    "os_name": ("posix", "nt", "java"),
    "platform_system": ("Linux", "Darwin", "Windows", "Java", "FreeBSD", "Emscripten", "Android", "iOS"),
    "implementation_name": ("cpython", "pypy", "graalpy", "micropython", "ironpython", "jython"),
    "platform_python_implementation": ("CPython", "PyPy", "GraalVM", "IronPython", "Jython"),
    "platform_machine": (),
}
_OTHER = "something else"
_UNKNOWN = re.compile(r"\bplatform_(?:release|version)\b|\bextra\b")
_LITERAL = re.compile(r""""([^"]*)"|'([^']*)'""")
_MOST = 20_000
_LONGEST = 2_000
"""Characters: a longer marker would be tried for minutes. Those that people write have less than 500."""
_EXTRA = re.compile(r"""\bextra\b\s*[=!<>in ]+\s*["']([^"']*)["']""")
_FULL = re.compile(r"""python_full_version\s*\S+\s*["'](\d+\.\d+\.\d+)""")


def supported(requires_python: str) -> tuple[tuple[int, int], ...]:
    """The Pythons that a project supports, of those that there are; all where it does not say."""
    try:
        specifier = SpecifierSet(requires_python)
    except InvalidSpecifier:
        return tuple(RELEASED)
    return tuple(p for p in RELEASED if any(specifier.contains(f"{p[0]}.{p[1]}.{n}") for n in (0, 5, 99)))


def hold_together(markers: Iterable[Marker | None], requires_python: str) -> bool | None:
    """Whether there is an environment that a project supports in which all of these hold; None among them always does.

    None where that cannot be told.
    """
    given = [marker for marker in markers if marker is not None]
    if not given:
        return bool(supported(requires_python))
    if sum(len(str(marker)) for marker in given) > _LONGEST:
        return None
    if any(all(_holds(one, at) for one in given) for at in _environments(given, requires_python)):
        return True
    if _UNKNOWN.search(_LITERAL.sub("", " ".join(map(str, given)))):
        return None
    tried = 0
    for tried, at in enumerate(_conceivable(given, requires_python), 1):
        if tried > _MOST or all(_holds(one, at, unknown=True) for one in given):
            return None
    return False


def _holds(marker: Marker, environment: dict[str, str], *, unknown: bool = False) -> bool:
    """`unknown` is what counts where it makes no sense to ask."""
    try:
        return marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return unknown


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
        yield _of_python(python) | {
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


# --- what there may be -----------------------------------------------------------------------------------


def _conceivable(markers: Iterable[Marker], requires_python: str) -> Iterator[dict[str, str]]:
    """Every combination of values for what the markers ask for."""
    text = " ".join(map(str, markers))
    literals = ["".join(found) for found in _LITERAL.findall(text)]
    names = [name for name in _CONCEIVABLE if name in text]
    values = [_values(name, literals) for name in names]
    for python in _conceivable_pythons([*literals, requires_python], requires_python):
        for chosen in product(*values):
            usual = dict.fromkeys((*_CONCEIVABLE, "platform_release", "platform_version", "extra"), "")
            yield usual | _of_python(python) | dict(zip(names, chosen, strict=True))


def _values(name: str, literals: Iterable[str]) -> tuple[str, ...]:
    """What is known, and what is written, unless that is a known value in the wrong place or spelling."""
    known = _CONCEIVABLE[name]
    elsewhere = {value.lower() for values in _CONCEIVABLE.values() for value in values} if known else set()
    written = (one for one in literals if one not in known and one.lower() not in elsewhere)
    return (*known, *written, _OTHER)


def _conceivable_pythons(texts: Iterable[str], requires_python: str) -> Iterator[str]:
    """The first and the last release of every Python, and those around the ones that are written."""
    try:
        admitted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        admitted = SpecifierSet()
    every = [
        f"{python}.{patch}" for python in ("2.7", *(f"3.{n}" for n in range(21)), "4.0") for patch in (0, 99)
    ]
    for number in (number for text in texts for number in re.findall(r"\d+(?:\.\d+)+", text)):
        major, minor, patch = ([*map(int, number.split(".")), 0])[:3]
        every += [f"{major}.{minor}.{one}" for one in (max(patch - 1, 0), patch, patch + 1)]
    yield from (python for python in dict.fromkeys(every) if admitted.contains(python, prereleases=True))


def _of_python(full: str) -> dict[str, str]:
    short = ".".join(full.split(".")[:2])
    return {"python_version": short, "python_full_version": full, "implementation_version": full}
