"""`pinproof lock --env`: an environment that works as it is, into a lock with the hashes that the index has for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.library import Library
from pinproof.actions.lock import Lock
from pinproof.actions.lock_resolving import written_as
from pinproof.actions.looking_back import yanked
from pinproof.actions.markers import marker_environment
from pinproof.actions.unbuilt import stand_ins_for
from pinproof.actions.verify import Subject, verify
from pinproof.errors import InputError
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.header import written_header
from pinproof.facts.wheels import installable_wheel
from pinproof.model.verdict import NotChecked, NoWorkingSet, Round, Severity, Works
from pinproof.sources.uv import Conflict, Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.environments import GivenEnvironment
    from pinproof.actions.library import Outside, Placed
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.model.release import Pin, Target
    from pinproof.sources.stand_ins import StandIn

_BROKEN = "what is installed does not work as it is; `pinproof lock` finds a set that does"


def record(environment: GivenEnvironment, wanted: Wanted, outside: Outside) -> Lock:
    """Lock what is installed, judged as `verify --env` does; an environment that breaks is not recorded.

    What the index does not have, or what was installed from elsewhere, is left out and named. InputError where uv's
    own settings of the project say otherwise than what is installed.
    """
    given = environment.given
    old = read_lock(wanted.before, wanted.output) if wanted.before else None
    before = tuple({entry.pin.name: entry.pin for entry in old.locked}.values()) if old else ()
    verdict = verify(Subject(given, environment.placed), outside).verdict
    rounds = (Round(given.pins, verdict, ()),)
    if verdict.of(Severity.FATAL):
        return Lock(b"", NoWorkingSet(_BROKEN, (), verdict, rounds), given.pins, before)
    library = Library(outside)
    try:
        kept, left_out = _sorted_out(_distributions(environment), library)
        order, stand_ins = _order(kept, wanted, outside), list(_stand_ins(kept, library))
    finally:
        library.reader.close()
    answer = outside.uv.lock(order, before=b"", stand_ins=stand_ins)
    if isinstance(answer, Conflict):
        raise InputError(f"what is installed cannot be locked: {answer.explanation}")
    pins = tuple(entry.pin for entry in read_lock(answer.content, wanted.output).locked)
    _refuse_others(kept, pins)
    needed_by = needs(_distributions(environment), environment.target)
    asked_for = requested(_distributions(environment), needed_by)
    body = answer.content
    if written_as(wanted.output) == "requirements":
        body = _annotated(body, needed_by, asked_for)
    target = environment.target
    circumstances = f"What is installed, for Python {target.python_text} on {target.platform}"
    remarks = [
        *(f"requested: {', '.join(names)}" for names in [sorted(asked_for)] if names),
        *(f"not locked: {entry.name}: {entry.reason}" for entry in left_out),
    ]
    return Lock(
        _header(wanted, circumstances, remarks, body),
        Works(pins, (), verdict, rounds),
        pins,
        before,
        left_out=(*given.left_out, *left_out),
        judged=(target,),
        warnings=tuple(yanked(y.name, y.version, y.reason) for y in answer.yanked),
    )


def _distributions(environment: GivenEnvironment) -> list[Placed]:
    """What is installed as a distribution: modules that belong to none are no part of the set."""
    names = {pin.name for pin in environment.given.pins}
    return [one for one in environment.placed if one.installed.name in names]


def _sorted_out(placed: Iterable[Placed], library: Library) -> tuple[list[Placed], list[NotChecked]]:
    """What the index has, and what only this environment does."""
    kept: list[Placed] = []
    left_out: list[NotChecked] = []
    for one in placed:
        release = library.project(one.installed.name).release(one.installed.version)
        if one.origin or release is None:
            reason = one.origin or "the index has no such release"
            left_out.append(NotChecked(str(one.installed), reason))
        else:
            kept.append(one)
    if not kept:
        raise InputError("nothing of what is installed is on the index", hint="Is it the right index?")
    return kept, left_out


def _order(kept: Iterable[Placed], wanted: Wanted, outside: Outside) -> Order:
    pins = tuple(f"{one.installed.name}=={one.installed.version}" for one in kept)
    return Order(
        folder=Path(),
        files=(),
        output=wanted.output,
        read=(("what is installed", pins),),
        hashes=written_as(wanted.output) == "requirements",
        annotated=False,
        python_version=outside.target.python_text,
        cutoffs=wanted.cutoffs,
        prerelease="allow",
        with_dependencies=False,
        beside=wanted.beside,
    )


def _stand_ins(kept: Iterable[Placed], library: Library) -> Iterator[StandIn]:
    """For what was built when it was installed: the index has no wheel of it for this target."""
    for one in kept:
        name, version = one.installed.name, one.installed.version
        release = library.project(name).release(version)
        if release is not None and installable_wheel(release.files, library.outside.target) is None:
            yield from stand_ins_for(name, SpecifierSet(f"=={version}"), library, above_wheels=False)


def _refuse_others(kept: Sequence[Placed], pins: Iterable[Pin]) -> None:
    locked = {pin.name: pin.version for pin in pins}
    for one in kept:
        found = locked.get(one.installed.name)
        if found != one.installed.version:
            raise InputError(
                f"{one.installed} is installed, and the settings of uv make that {found or 'nothing'}",
                hint="Look at override-dependencies and constraint-dependencies of [tool.uv].",
            )


# --- who asked for what ----------------------------------------------------------------------------------


def needs(placed: Iterable[Placed], target: Target) -> dict[NormalizedName, list[NormalizedName]]:
    """For each distribution those that require it on this target, with whatever extra."""
    environment = marker_environment(target)
    found: dict[NormalizedName, list[NormalizedName]] = {}
    for one in sorted(placed, key=lambda one: one.installed.name):
        metadata = one.installed.metadata
        names: dict[NormalizedName, None] = {}
        for requirement in map(Requirement, metadata.requires_dist):
            marker, extras = requirement.marker, ("", *metadata.provides_extra)
            if marker is None or any(marker.evaluate({**environment, "extra": e}) for e in extras):
                names[canonicalize_name(requirement.name)] = None
        for name in names:
            if name != one.installed.name:
                found.setdefault(name, []).append(one.installed.name)
    return found


def requested(
    placed: Sequence[Placed], needed_by: Mapping[NormalizedName, Sequence[NormalizedName]]
) -> set[NormalizedName]:
    """What somebody wanted by name: what nothing else requires, and what the installer wrote down.

    An installer that was given a whole lock, or that always does, has marked everything, which says nothing.
    """
    marked = {one.installed.name for one in placed if one.requested}
    alone = {one.installed.name for one in placed} - needed_by.keys()
    return alone | marked if len(marked) < len(placed) else alone


_BLOCK = re.compile(r"(?m)^([A-Za-z0-9._-]+)==.*(?:\n    --hash=.*)*$")


def _annotated(
    body: bytes, needed_by: Mapping[NormalizedName, Sequence[NormalizedName]], asked_for: set[NormalizedName]
) -> bytes:
    """Requirements with a comment below each that says who asked for it, as uv writes them."""

    def with_comment(found: re.Match[str]) -> str:
        name = canonicalize_name(found[1])
        by, is_asked = needed_by.get(name, ()), name in asked_for
        if not by:
            return f"{found[0]}\n    # requested"
        if len(by) == 1 and not is_asked:
            return f"{found[0]}\n    # via {by[0]}"
        listed = [*(["requested"] if is_asked else []), *by]
        return "\n".join([found[0], "    # via", *(f"    #   {one}" for one in listed)])

    return _BLOCK.sub(with_comment, body.decode("utf-8")).encode()


def _header(wanted: Wanted, circumstances: str, remarks: Iterable[str], body: bytes) -> bytes:
    if written_as(wanted.output) == "pylock":
        body = body.replace(b'created-by = "uv"', b'created-by = "pinproof"', 1)
    return written_header(wanted.command, circumstances, remarks=remarks).encode() + body
