"""What pinproof writes above a lock of its own, and reads again: how it was made, and the bounds with their reasons.

Bounds are kept in the lock itself, because its pins alone do not tell what holds them back:

    # Made by: pinproof lock pyproject.toml -o requirements.txt
    # As of 2023-10-05, for Python 3.11 on linux
    #
    # bound werkzeug<3
    #   flask-login 0.6.2 imports werkzeug.urls.url_decode (flask_login/utils.py:14), removed in werkzeug 3.0.0
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.model.verdict import Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

_WORDS = {Repair.CAP: "bound", Repair.ADD: "added", Repair.EXCLUDE: "left out"}
_BOUND = re.compile(rf"# ({'|'.join(_WORDS.values())}) (\S+)")
_REASON = re.compile(r"#   (\S.*)")
_SITE = re.compile(r"(\S+) (\S+) (?:imports|uses|calls|subclasses|overrides) (\S+) \((.+?)(?::\d+)?\)")


@dataclass(frozen=True, slots=True)
class KeptBound:
    """A bound as a lock keeps it; the `reasons` are sentences."""

    requirement: Requirement
    repair: Repair
    reasons: tuple[str, ...]


class Site(NamedTuple):
    """The first words of a reason: who uses what, and where."""

    dependent: NormalizedName
    version: Version
    symbol: str
    path: str


def written_header(
    command: str, circumstances: str, bounds: Iterable[KeptBound] = (), remarks: Iterable[str] = ()
) -> str:
    """The lines above a lock."""
    lines = [f"# Made by: {command}", f"# {circumstances}", *(f"# {remark}" for remark in remarks)]
    for bound in bounds:
        lines += ["#", f"# {_WORDS[bound.repair]} {bound.requirement}"]
        lines += [f"#   {reason}" for reason in bound.reasons]
    return "".join(f"{line}\n" for line in lines)


_DAY = re.compile(rb"\A# Made by: .*\n# As of (\S+)")


def same_but_for_the_day(new: bytes, old: bytes) -> bytes:
    """The old lock if the new one says the same, only later: a cooldown moves with the day, and the lock stands.

    Where the day was asked for it stands in the command, too, so that the two say different things.
    """
    now, then = _DAY.match(new), _DAY.match(old)
    if now is None or then is None:
        return new
    return old if new[: now.start(1)] + then[1] + new[now.end(1) :] == old else new


def read_bounds(text: str) -> tuple[KeptBound, ...]:
    """The bounds in the comments that a lock begins with; none where it is not of pinproof's making."""
    found: list[KeptBound] = []
    if not text.startswith("# Made by: pinproof "):
        return ()
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if bound := _BOUND.fullmatch(line):
            found += _bound(bound[1], bound[2])
        elif found and (reason := _REASON.fullmatch(line)):
            found[-1] = replace(found[-1], reasons=(*found[-1].reasons, reason[1]))
    return tuple(found)


def _bound(word: str, text: str) -> Iterator[KeptBound]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    yield KeptBound(requirement, next(r for r, w in _WORDS.items() if w == word), ())


def still_true(
    bounds: Iterable[KeptBound], pins: Mapping[NormalizedName, Version], used: Callable[[Site], bool]
) -> tuple[KeptBound, ...]:
    """The bounds, each with the reasons that are still there: the dependent that breaks is still in the set.

    `used` answers for dependents that are not in the set, which are the user's own source. A release that was left
    out stays so while anything needs another of that project.
    """
    kept = []
    for bound in bounds:
        name = canonicalize_name(bound.requirement.name)
        if bound.repair is Repair.EXCLUDE:
            reasons = bound.reasons if name in pins else ()
        else:
            reasons = tuple(r for r in bound.reasons if _holds(r, pins, used))
        if reasons:
            kept.append(replace(bound, reasons=reasons))
    return tuple(kept)


def _holds(reason: str, pins: Mapping[NormalizedName, Version], used: Callable[[Site], bool]) -> bool:
    site = site_of(reason)
    if site is None:
        return False
    return pins[site.dependent] == site.version if site.dependent in pins else used(site)


def site_of(reason: str) -> Site | None:
    """What a reason begins with; None where somebody has rewritten it."""
    found = _SITE.match(reason)
    try:
        return Site(canonicalize_name(found[1]), Version(found[2]), found[3], found[4]) if found else None
    except InvalidVersion:
        return None
