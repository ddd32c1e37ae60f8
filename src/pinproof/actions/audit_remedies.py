"""What an audit says beyond what is vulnerable: how it came in, what keeps fixes out, what would let them in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.actions.declaring import source_of, undeclared
from pinproof.actions.exposures import Exposing
from pinproof.actions.library import Library
from pinproof.model.exposure import Change, HeldBackReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.advisories import Advisories
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.model.advisory import Vulnerability
    from pinproof.model.exposure import Exposure


class Remedies:
    """Answers for the vulnerable pins of a set; nothing is looked at before it is asked for.

    `is_lock` is false for what is installed, of which only the set itself says what is wanted.
    """

    def __init__(
        self, given: GivenSet, outside: Outside, advisories: Advisories | None, *, is_lock: bool
    ) -> None:
        self._given = given
        self._outside = outside
        self._advisories = advisories
        self._is_lock = is_lock
        self._made: Exposing | None = None
        self._known: dict[Vulnerability, bool] = {}

    def close(self) -> None:
        """Let workers go."""
        if self._made is not None:
            self._made.close()

    def is_fixable(self, vulnerability: Vulnerability) -> bool:
        """Whether some change lets in a release that it does not affect."""
        if vulnerability not in self._known:
            [exposure] = self.of([vulnerability])
            self._known[vulnerability] = isinstance(exposure.change, Change)
        return self._known[vulnerability]

    def of(self, vulnerabilities: Iterable[Vulnerability]) -> tuple[Exposure, ...]:
        """Everything about the pins that these hit, in their order."""
        return self._exposing().exposures(self._exposing().wanted(vulnerabilities))

    def held_back(self) -> HeldBackReport:
        """What packages of the set keep from it."""
        exposing = self._exposing()
        unread = (*self._given.left_out, *exposing.not_checked)
        return HeldBackReport(self._given.filename, self._given.pins, exposing.held_back(), unread)

    def _exposing(self) -> Exposing:
        if self._made is None:
            library = Library(self._outside)
            lock, pins = Path(self._given.filename), self._given.pins
            try:
                source = source_of(lock, pins, library) if self._is_lock else undeclared(lock, pins, library)
            finally:
                library.reader.close()
            policy = source.project.policy
            cutoffs = policy.cutoffs(self._outside.as_of, datetime.now(UTC))
            self._made = Exposing(source, pins, self._outside, self._is_affected, policy, cutoffs)
        return self._made

    def _is_affected(self, name: NormalizedName, version: Version) -> bool:
        return self._advisories is not None and any(a.affects(version) for a in self._advisories.on(name))
