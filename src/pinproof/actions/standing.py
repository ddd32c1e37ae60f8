"""The one word that a verdict comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.report import Status
from pinproof.model.verdict import NoWorkingSet, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pinproof.model.release import Pin
    from pinproof.model.trial import Trial
    from pinproof.model.verdict import NotChecked, Outcome, Verdict


def of_outcome(outcome: Outcome) -> Status:
    """How a solution stands: a set with a distribution that could not be judged is not said to work."""
    if isinstance(outcome, NoWorkingSet):
        return Status.NO_WORKING_SET
    return Status.NOT_CHECKED if unjudged(outcome.pins, outcome.verdict) else Status.WORKS


def of_verdict(
    pins: Iterable[Pin],
    verdict: Verdict,
    *,
    strict: bool = False,
    complete: bool = True,
    trial: Trial | None = None,
) -> Status:
    """How a given set stands. Latent breaks count only if `strict`; not `complete`: entries were left out."""
    if trial is not None and any(failure.counts for failure in trial.failures):
        return Status.BROKEN
    if verdict.of(Severity.FATAL) or (strict and verdict.of(Severity.LATENT)):
        return Status.BROKEN
    return Status.WORKS if complete and not unjudged(pins, verdict) else Status.NOT_CHECKED


def unjudged(pins: Iterable[Pin], verdict: Verdict) -> tuple[NotChecked, ...]:
    """The distributions of the set that could not be judged; single modules do not count."""
    names = {f"{pin.name} {pin.version}" for pin in pins}
    return tuple(n for n in verdict.not_checked if n.name in names)


def of_lock(outcome: Outcome, left_out: Iterable[NotChecked]) -> Status:
    """How a lock stands: as a solution, but that entries which stand for no release count, too."""
    status = of_outcome(outcome)
    return Status.NOT_CHECKED if status is Status.WORKS and list(left_out) else status
