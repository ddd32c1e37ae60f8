"""How a vulnerable pin came in, what keeps its fix out and what would let it in, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.exposure import BlockerKind, Change, ChangeKind, Reach
from pinproof.presentation.sentences import counted, in_order, one_line, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.requirements import Requirement

    from pinproof.model.exposure import Ask, Blocker, Exposure, FixedRelease, HeldBack, Rewrite, Stuck, Uses
    from pinproof.model.release import Move

_FEW = 3


def way_in(one: Exposure) -> str:
    """`app -> requests -> urllib3; imported at the start (requests/sessions.py:12)`."""
    path = " -> ".join(one.way_in.path)
    came = f"comes in by {path}" if len(one.way_in.path) > 1 else "is required directly"
    importer = f" ({one.way_in.importer})" if one.way_in.importer else ""
    match one.way_in.reach:
        case Reach.AT_IMPORT:
            reach = f"; it is imported at the start{importer}"
        case Reach.LAZILY:
            reach = f"; it is imported later, if at all{importer}"
        case Reach.NEVER:
            reach = "; nothing that is imported mentions it"
        case Reach.UNKNOWN:
            reach = ""
    return one_line(f"{came}{reach}")


def spelled(requirement: Requirement) -> str:
    """A requirement with its lower bound first."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return one_line(f"{requirement.name}{extras}{in_order(str(requirement.specifier))}")


def fixed(release: FixedRelease) -> Iterator[str]:
    """What keeps a fixed release out, one line for each thing; a single line where nothing does."""
    if not release.blockers:
        yield f"{release.version}: nothing keeps it out"
    for blocker in release.blockers:
        yield one_line(f"{release.version}: {kept_out(blocker)}")
    for found in (release.breaks or ())[:_FEW]:
        yield one_line(f"{release.version}: rightly: {sentence(found)}")


def kept_out(blocker: Blocker) -> str:
    """What one thing says against a release."""
    needed = f", and it requires {spelled(blocker.needed)}" if blocker.needed else ""
    match blocker.kind:
        case BlockerKind.DECLARATION:
            assert blocker.ask is not None
            return f"kept out by {own_line(blocker.ask)}{needed}"
        case BlockerKind.PARENT:
            assert blocker.ask is not None
            return f"kept out by {_parent(blocker, blocker.ask)}{needed}"
        case BlockerKind.PYTHON:
            return f"is for Python {blocker.reason}"
        case BlockerKind.AS_OF:
            return f"was {blocker.reason}, which is after the day that was asked for"
        case BlockerKind.COOLDOWN:
            return f"was {blocker.reason}, and the cooldown is not over"
        case BlockerKind.PRERELEASE:
            return "is a pre-release"
        case BlockerKind.YANKED:
            return f"is yanked{f': {blocker.reason}' if blocker.reason else ''}"
        case BlockerKind.NO_WHEEL:
            return "has no file that could be installed"


def own_line(ask: Ask) -> str:
    """`pyproject.toml:8 (werkzeug<2.3)`."""
    at = f"{ask.at.filename}:{ask.at.line}" if ask.at is not None else "the declaration"
    return f"{at} ({spelled(ask.requirement)})"


def _parent(blocker: Blocker, ask: Ask) -> str:
    chain = f" ({' -> '.join(blocker.chain)})" if len(blocker.chain) > 1 else ""
    told = f"{ask.dependent} {ask.version}{chain}, which requires {spelled(ask.requirement)}"
    if blocker.needed is None:
        told += f"; {ask.dependent} {blocker.lifted_in} admits it" if blocker.lifted_in else ""
        told += "" if blocker.lifted_in else f"; no newer release of {ask.dependent} admits it"
    return told


def change(one: Exposure, found: Change | Stuck) -> Iterator[str]:
    """What to do, and what comes of it; or why nothing helps."""
    if not isinstance(found, Change):
        yield one_line(f"blocked: {found.reason}")
        shown = {lost for release in one.fixed for lost in release.breaks or ()}
        for lost in [lost for lost in found.breaks if lost not in shown][:_FEW]:
            yield one_line(f"and with it {sentence(lost)}")
        return
    yield one_line(
        f"change: {_what(one, found)}: {', '.join(map(_moved, found.moves[: _most(found)]))}{_rest(found)}"
    )
    for uses in found.uses:
        yield compatible(uses, found)
    for bound in found.bounds:
        yield one_line(f"kept within {bound.requirement}: {sentence(bound.because[0])}")
    for name in found.exempt:
        yield f"{name} has to be exempt from the cooldown for it: --exclude-newer-package {name}=false"


def _what(one: Exposure, found: Change) -> str:
    lines = ", ".join(map(rewritten, found.rewrites))
    match found.kind:
        case ChangeKind.UPGRADE:
            return f"only an upgrade, to {one.name} {found.to}"
        case ChangeKind.RAISE:
            return f"raise the floor, {lines}"
        case ChangeKind.MOVE:
            return f"move what requires it, {lines}"
        case ChangeKind.WIDEN:
            return f"change what you declare, {lines}"
        case ChangeKind.OVERRIDE:
            said = ", ".join(map(spelled, found.overrides))
            return f"override what is required of it with {said}{f', and {lines}' if lines else ''}"


def rewritten(one: Rewrite) -> str:
    """`pyproject.toml:8: werkzeug<2.3 becomes werkzeug<3`."""
    at = f"{one.line.at.filename}:{one.line.at.line}: " if one.line.at is not None else ""
    name = one.line.requirement.name
    return f"{at}{name}{one.line.written} becomes {name}{one.specifier}"


def compatible(uses: Uses, found: Change) -> str:
    """Why an override may be."""
    if not uses.names:
        return one_line(f"{uses.parent} {uses.version} takes nothing of {uses.dependency}")
    unknown = f", as far as can be told of all but {uses.unknown}" if uses.unknown else ""
    return one_line(
        f"{uses.parent} {uses.version} takes {counted(uses.names, 'name')} of {uses.dependency}, which"
        f" {uses.dependency} {found.to} has{unknown}"
    )


def _most(found: Change) -> int:
    return len(found.moves) if len(found.moves) <= _FEW + 1 else _FEW


def _rest(found: Change) -> str:
    left = len(found.moves) - _most(found)
    return f" and {left} more" if left > 0 else ""


def _moved(move: Move) -> str:
    if move.before is None:
        return f"{move.name} {move.after} added"
    if move.after is None:
        return f"{move.name} {move.before} no longer needed"
    return f"{move.name} {move.before} -> {move.after}"


def held_back(one: HeldBack) -> Iterator[str]:
    """Who keeps what out, how much of it and since when, and whether that is right."""
    since = f" since {one.since.date()}" if one.since is not None else ""
    chain = f" ({' -> '.join(one.chain)})" if len(one.chain) > 1 else ""
    yield one_line(
        f"{one.name} {one.version} is held back{since}: {one.ask.dependent} {one.ask.version}{chain} requires"
        f" {spelled(one.ask.requirement)}, which keeps {counted(one.behind, 'release')} out, the newest is {one.newest}"
    )
    if one.breaks:
        yield one_line(f"rightly: {sentence(one.breaks[0])}")
    elif one.breaks is None:
        yield one_line(f"whether {one.newest} would do could not be judged: {one.reason}")
    elif one.uses is not None and one.uses.names:
        unknown = f", as far as can be told of all but {one.uses.unknown}" if one.uses.unknown else ""
        taken = f"{counted(one.uses.names, 'name')} that {one.ask.dependent} takes of it"
        yield one_line(f"nothing is seen to break with {one.newest}: it has the {taken}{unknown}")
    else:
        yield one_line(f"nothing is seen to break with {one.newest}: {one.ask.dependent} takes nothing of it")
