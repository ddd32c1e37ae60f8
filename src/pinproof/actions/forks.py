"""The targets that a lock is for, and the different sets that it gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from pinproof.actions.markers import marker_environment
from pinproof.judgement.pythons import RELEASED
from pinproof.model.release import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pinproof.facts.locks import PinnedFile
    from pinproof.model.release import Pin

_PLATFORMS = (("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64"))


@dataclass(frozen=True, slots=True)
class Fork:
    """What one target gets."""

    target: Target
    pins: tuple[Pin, ...]


def allowed_pythons(requires_python: str, as_of: datetime | None) -> list[tuple[int, int]]:
    """The Pythons that a project allows and that there were on the day, the oldest first."""
    allowed = SpecifierSet(requires_python)
    return [
        python
        for python, day in RELEASED.items()
        if (as_of is None or day < as_of.date()) and allowed.contains(f"{python[0]}.{python[1]}.99")
    ]


def targets(pythons: Sequence[tuple[int, int]]) -> list[Target]:
    """Every Python on every platform."""
    return [Target(python, *platform) for platform in _PLATFORMS for python in pythons]


def forks(lock: PinnedFile, wanted: Iterable[Target]) -> Iterator[Fork]:
    """The different sets of a lock, each for the oldest and the newest Python that gets it.

    What a Python in between lacks, the newest lacks, too; and on another platform the same releases are judged alike.
    """
    alike: dict[frozenset[tuple[str, str]], list[Fork]] = {}
    for target in wanted:
        pins = lock.pins(marker_environment(target))
        key = frozenset((str(pin.name), str(pin.version)) for pin in pins)
        alike.setdefault(key, []).append(Fork(target, pins))
    for group in alike.values():
        same = [fork for fork in group if fork.target.platform == group[0].target.platform]
        yield same[0]
        if len(same) > 1:
            yield same[-1]
