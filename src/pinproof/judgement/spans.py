"""Which releases of a dependency lack a name: a search between one that has it and one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.version import Version


@dataclass(frozen=True, slots=True)
class Span:
    """The edge that was found: `first_bad` is the release on the broken side next to a working one."""

    first_bad: Version
    works_with: SpecifierSet


def broken_span(
    versions: Sequence[Version], *, good: Version, bad: Version, works: Callable[[Version], bool | None]
) -> Span:
    """Search `versions` (ascending) between a good and a bad one, in either direction, by bisection.

    `works` answers None for a release of which that cannot be told: it is stepped over. Compatibility is not monotone;
    both sides of the edge that is found have been looked at, and the newest release is asked too: where it works
    again, the broken stretch is left out instead of capped, if it is short.
    """
    rising = good < bad
    between = [v for v in versions if min(good, bad) < v < max(good, bad)]
    ordered = between if rising else between[::-1]
    edge = _bisect([good, *ordered, bad], works)
    if not rising:
        return Span(edge, SpecifierSet(f">={_next(versions, edge)}"))
    beyond = [v for v in versions if v > bad]
    if beyond and works(beyond[-1]):
        around = [v for v in versions if edge <= v <= beyond[-1]]
        lacking = [v for v in around if works(v) is False] if len(around) <= _MAX_EXCLUDED else []
        if lacking:
            return Span(edge, SpecifierSet(",".join(f"!={v}" for v in lacking)))
    return Span(edge, SpecifierSet(f"<{plain(edge)}"))


_MAX_EXCLUDED = 12


def _bisect(line: list[Version], works: Callable[[Version], bool | None]) -> Version:
    """The first version of the line (good first, bad last) that does not work."""
    low, high = 0, len(line) - 1
    while high - low > 1:
        middle = (low + high) // 2
        answer = works(line[middle])
        if answer is None:
            line = line[:middle] + line[middle + 1 :]
            high -= 1
        elif answer:
            low = middle
        else:
            high = middle
    return line[high]


def _next(versions: Sequence[Version], edge: Version) -> str:
    above = [v for v in versions if v > edge]
    return str(above[0]) if above else str(edge)


def plain(version: Version) -> str:
    """A version as people write a bound: `3.0.0` is `3`, and so is every pre-release of it kept out."""
    release = list(version.release)
    if version.pre or version.dev is not None or version.post is not None:
        return str(version)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    epoch = f"{version.epoch}!" if version.epoch else ""
    return epoch + ".".join(map(str, release))
