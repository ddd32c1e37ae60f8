"""Which vulnerabilities are kept away by what a project says, and which of its words keep nothing away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.model.audit import Idle, IdleIgnore, Ignored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from pinproof.model.advisory import Vulnerability
    from pinproof.model.audit import Ignore

    Fixable = Callable[[Vulnerability], bool]
    """Whether a fix of it can be had: one that the set admits, not only one that somebody published."""


@dataclass(frozen=True, slots=True)
class SortedOut:
    """What is told, what is kept away, and what keeps nothing away."""

    told: tuple[Vulnerability, ...]
    ignored: tuple[Ignored, ...]
    idle: tuple[IdleIgnore, ...]


def sort_out(
    vulnerabilities: Iterable[Vulnerability], ignores: Iterable[Ignore], today: date, is_fixable: Fixable
) -> SortedOut:
    """Heed the ignores. `is_fixable` is asked only where the answer hangs on it."""
    listed = tuple(ignores)
    told: list[Vulnerability] = []
    ignored: list[Ignored] = []
    idle = dict.fromkeys(listed, Idle.UNUSED)
    for one in vulnerabilities:
        reasons = {ignore: _idle(one, ignore, today, is_fixable) for ignore in listed if ignore.is_about(one)}
        counting = [ignore for ignore, why in reasons.items() if why is None]
        for ignore, why in reasons.items():
            if why is None:
                idle.pop(ignore, None)
            elif ignore in idle:
                idle[ignore] = why
        if counting:
            ignored.append(Ignored(one, counting[0]))
        else:
            told.append(one)
    return SortedOut(
        tuple(told), tuple(ignored), tuple(IdleIgnore(ignore, why) for ignore, why in idle.items())
    )


def _idle(one: Vulnerability, ignore: Ignore, today: date, is_fixable: Fixable) -> Idle | None:
    """Why an ignore does not keep this away, though it names it; None where it does."""
    if ignore.expires is not None and today >= ignore.expires:
        return Idle.EXPIRED
    return Idle.FIXABLE if ignore.until_fixable and is_fixable(one) else None
