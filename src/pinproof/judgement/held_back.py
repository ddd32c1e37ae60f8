"""Which packages of a set keep newer releases of others from it, since when, and how many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pinproof.judgement.exposure import chains, is_usable, named
from pinproof.judgement.rewriting import bounds_above
from pinproof.model.exposure import HeldBack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.exposure import Releases, Surroundings
    from pinproof.model.exposure import Ask
    from pinproof.model.release import Release

_NOT_KNOWN = datetime.max.replace(tzinfo=UTC)


def held_back(world: Surroundings, releases: Releases) -> tuple[HeldBack, ...]:
    """The caps and pins of packages that today keep a newer release out, those that have done so longest first.

    Yanked releases, those for other Pythons, and pre-releases beside final ones are nothing that anybody is kept from.
    """
    ways = chains(world.asks)
    found = []
    for ask in world.asks:
        if ask.dependent is None or named(ask) == ask.dependent or not bounds_above(ask.written):
            continue
        kept_out = list(_kept_out(ask, world, releases))
        if kept_out:
            times = [r.upload_time for r in kept_out if r.upload_time is not None]
            found.append(
                HeldBack(
                    ask,
                    named(ask),
                    world.pins[named(ask)],
                    kept_out[-1].version,
                    len(kept_out),
                    min(times, default=None),
                    ways.get(ask.dependent, (ask.dependent,)),
                )
            )
    return tuple(sorted(found, key=lambda one: (one.since or _NOT_KNOWN, one.name, str(one.ask.dependent))))


def _kept_out(ask: Ask, world: Surroundings, releases: Releases) -> Iterator[Release]:
    """The releases above the one in the set that could be taken and that a requirement does not admit."""
    at_hand = world.pins.get(named(ask))
    if at_hand is None:
        return
    for release in releases.project(named(ask)).releases:
        if (
            release.version > at_hand
            and is_usable(release, world)
            and releases.is_installable(release)
            and not ask.requirement.specifier.contains(release.version, prereleases=True)
        ):
            yield release
