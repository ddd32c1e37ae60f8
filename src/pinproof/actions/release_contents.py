"""What releases bring, as rules ask for it: their modules, requirements and entry points."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from pinproof.errors import OfflineError, OutsideError
from pinproof.facts.layout import top_level
from pinproof.judgement.answers import Installed
from pinproof.judgement.rules.project import Contents
from pinproof.model.release import Pin
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library

_AT_ONCE = 16
_NAMED = 3
_UNCACHED = "what it brings is not in the cache"


class ReleaseContents:
    """Opens releases, each once; of what cannot be opened it remembers why."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._found: dict[Pin, Contents | NotChecked] = {}

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What could not be opened; what is not in the cache is one."""
        unknown = [one for one in self._found.values() if isinstance(one, NotChecked)]
        uncached = sorted(one.name for one in unknown if one.reason == _UNCACHED)
        told = [one for one in unknown if one.reason != _UNCACHED]
        if uncached:
            more = f" and {len(uncached) - _NAMED} more" if len(uncached) > _NAMED else ""
            told.append(NotChecked(", ".join(uncached[:_NAMED]) + more, _UNCACHED))
        return tuple(told)

    def of(self, pins: Mapping[NormalizedName, Version]) -> dict[NormalizedName, Contents]:
        """What these bring, without those of which that is not known."""
        wanted = [Pin(name, version) for name, version in pins.items()]
        waiting = [pin for pin in wanted if pin not in self._found]
        progress = self._library.outside.progress
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for number, (pin, found) in enumerate(
                zip(waiting, threads.map(self._open, waiting), strict=True), 1
            ):
                self._found[pin] = found
                progress("Opening", number, len(waiting))
        return {pin.name: found for pin in wanted if isinstance(found := self._found[pin], Contents)}

    def _open(self, pin: Pin) -> Contents | NotChecked:
        try:
            opened = self._library.open(pin)
            if isinstance(opened, NotChecked) and pin.version.local:
                # A build of what has the same public version (PEP 440), from an index that is not asked.
                opened = self._library.open(Pin(pin.name, Version(pin.version.public)))
        except OfflineError:
            return NotChecked(f"{pin.name} {pin.version}", _UNCACHED)
        except OutsideError as error:
            return NotChecked(f"{pin.name} {pin.version}", error.message)
        if not isinstance(opened, Installed):
            return opened
        requires = tuple(_requirements(opened.metadata.requires_dist))
        return Contents(
            frozenset(top_level(opened.layout)), requires, frozenset(opened.metadata.entry_points)
        )


def _requirements(texts: Iterable[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue
