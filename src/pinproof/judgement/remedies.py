"""The smallest change that lets a fixed release in: a search that asks, from nothing at all to an override.

Like the proof loop it is a generator that asks questions and is sent the answers, so that it knows nothing of uv. A
change counts only when the set that it gives was resolved and judged.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.exposure import ancestors, is_usable, named
from pinproof.judgement.remedy_cases import (
    Case,
    Problem,
    Setting,
    admits,
    bounds_of,
    goes_back,
    moved_names,
    nearest,
    reason_of,
    version_in,
    version_of,
)
from pinproof.judgement.resolution import Resolved, Unsolvable
from pinproof.judgement.rewriting import admitting, bounds_above, loosened, raised
from pinproof.model.exposure import (
    Ask,
    BlockerKind,
    Change,
    ChangeKind,
    FixedRelease,
    Rewrite,
    Stuck,
    Uses,
)
from pinproof.model.release import moves
from pinproof.model.verdict import Break, NoWorkingSet, Repair, Works

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.release import Pin

_AT_MOST = 4
"""Each release that is tried costs a resolution; what is further away is no smaller change."""


@dataclass(frozen=True, slots=True)
class Try:
    """A question: which set do the declarations give with these lines, within these bounds, and with these overrides.

    `moving` are packages whose pins are forgotten. `exempt` are those of which a cooldown counts for nothing.
    Answer: `Resolved` or `Unsolvable`; where it is to be `proven`, by the proof loop, `Works` or `NoWorkingSet`.
    """

    rewrites: tuple[Rewrite, ...] = ()
    within: tuple[Requirement, ...] = ()
    overrides: tuple[Requirement, ...] = ()
    moving: tuple[NormalizedName, ...] = ()
    exempt: tuple[NormalizedName, ...] = ()
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A question: what does a parent in the set use of a dependency, and what of it would another release not have.

    The answer is `Compared`.
    """

    parent: NormalizedName
    version: Version
    dependency: NormalizedName
    other: Version


@dataclass(frozen=True, slots=True)
class Compared:
    """Answer: the uses, what breaks, and why that could not be told, if so."""

    uses: Uses
    breaks: tuple[Break, ...] = ()
    reason: str = ""


Question = Try | Compare
Answer = Resolved | Unsolvable | Works | NoWorkingSet | Compared
Search = Generator[Question, Answer, Change | Stuck | None]


def smallest_changes(
    problems: Sequence[Problem], setting: Setting
) -> Generator[Question, Answer, dict[NormalizedName, Change | Stuck]]:
    """The smallest change for each problem: together those that need nothing but the lock, the others one by one."""
    cases = [Case(p.wanted, p.fixed, setting) for p in problems]
    found: dict[NormalizedName, Change | Stuck] = {}
    found |= yield from _together([case for case in cases if case.admitted])
    for case in cases:
        if case.name not in found:
            found[case.name] = yield from smallest_change(Problem(case.wanted, tuple(case.fixed)), setting)
    return found


def smallest_change(problem: Problem, setting: Setting) -> Generator[Question, Answer, Change | Stuck]:
    """Search in the order of `ChangeKind`; where a cooldown is all that is left in the way, once more without it."""
    case = Case(problem.wanted, problem.fixed, setting)
    if found := (yield from _search(case)):
        return found
    if any(b.kind is BlockerKind.COOLDOWN for f in case.fixed for b in f.blockers):
        case = Case(problem.wanted, problem.fixed, setting, (case.name,))
        if found := (yield from _search(case)):
            return found
    return Stuck(reason_of(case), tuple(dict.fromkeys(case.breaks)))


def _search(case: Case) -> Search:
    for release in case.admitted[:_AT_MOST]:
        if found := (yield from _upgraded(case, release)):
            return found
    for loosening in _loosenings(case, case.admitted):
        within = bounds_of(case, case.admitted)
        if found := (yield from _moved(case, ChangeKind.MOVE, (), loosening, within)):
            return found
    for release in [f for f in case.reachable if case.own(f)][:_AT_MOST]:
        widened = tuple(Rewrite(a, admitting(a.written, release.version)) for a in case.own(release))
        within = bounds_of(case, [release])
        for loosening in ([], *_loosenings(case, [release])):
            if found := (yield from _moved(case, ChangeKind.WIDEN, widened, loosening, within)):
                return found
    for release in case.reachable[:_AT_MOST]:
        if found := (yield from _overridden(case, release)):
            return found
    return None


# --- nothing, and the floor ------------------------------------------------------------------------------


def _together(cases: Sequence[Case]) -> Generator[Question, Answer, dict[NormalizedName, Change]]:
    """The changes of those that one lock mends, each by its nearest fix; where that has no solution, of halves."""
    if not cases:
        return {}
    within = tuple(dict.fromkeys(r for case in cases for r in nearest(case, case.admitted[0])))
    moving = tuple(case.name for case in cases)
    answer = yield Try(within=within, moving=moving)
    if not isinstance(answer, Resolved):
        if len(cases) == 1:
            return {}
        middle = len(cases) // 2
        first = yield from _together(cases[:middle])
        return first | (yield from _together(cases[middle:]))
    plain = yield Try(moving=moved_names(cases[0], answer.pins))
    pins = plain.pins if isinstance(plain, Resolved) else ()
    willing = [c for c in cases if not c.direct or version_of(c.name, pins) in c.wanted.would_do]
    if not willing:
        return {}
    within = tuple(dict.fromkeys(r for case in willing for r in nearest(case, case.admitted[0])))
    outcome = yield Try(within=within, moving=tuple(case.name for case in willing), proven=True)
    if not isinstance(outcome, Works):
        return {}
    found = {
        case.name: _own_part(case, _change(case, ChangeKind.UPGRADE, Try(), outcome)) for case in willing
    }
    return {name: change for name, change in found.items() if change is not None}


def _own_part(case: Case, change: Change | None) -> Change | None:
    """Of what moved for several packages that which has to do with one: the package, and what kept its fix out."""
    near = {b.ask.dependent for b in case.admitted[0].blockers if b.ask is not None} | {case.name}
    return change and replace(change, moves=tuple(move for move in change.moves if move.name in near))


def _upgraded(case: Case, release: FixedRelease) -> Search:
    """Whether the declarations give a fixed release as they are; if not by themselves, with a higher floor."""
    within = nearest(case, release)
    answer = yield Try(within=within, moving=(case.name,), exempt=case.exempt)
    if not isinstance(answer, Resolved):
        return None
    trial = Try(within=within, moving=(case.name,), exempt=case.exempt)
    to = version_of(case.name, answer.pins)
    if not case.direct or to is None:
        return (yield from _proven(case, ChangeKind.UPGRADE, trial))
    plain = yield Try(moving=moved_names(case, answer.pins), exempt=case.exempt)
    if isinstance(plain, Resolved) and version_of(case.name, plain.pins) in case.wanted.would_do:
        return (yield from _proven(case, ChangeKind.UPGRADE, trial))
    rewrites = tuple(Rewrite(line, raised(line.written, release.version)) for line in case.direct)
    return (yield from _proven(case, ChangeKind.RAISE, Try(rewrites, within, exempt=case.exempt)))


# --- lines of the declaration ----------------------------------------------------------------------------


def _loosenings(case: Case, fixed: Sequence[FixedRelease]) -> Iterator[list[Ask]]:
    """Lines that may hold a parent back: each by itself, those that lead to the package, everything that is bounded."""
    bounded = [a for a in case.lines if named(a) != case.name and bounds_above(a.written)]
    above = ancestors(case.name, case.world.asks)
    needed = {b.ask for f in fixed for b in f.blockers if b.needed is not None and b.ask is not None}
    leading = [a for a in bounded if named(a) in above or a in needed]
    yield from ([a] for a in leading)
    if len(leading) > 1:
        yield leading
    if leading and len(bounded) > len(leading):
        yield bounded


def _moved(
    case: Case,
    kind: ChangeKind,
    widened: tuple[Rewrite, ...],
    loosening: Sequence[Ask],
    within: tuple[Requirement, ...],
) -> Search:
    """Whether a fixed release comes in if these lines let newer releases in; each then no newer than needed."""
    if not within:
        return None
    loose = tuple(Rewrite(a, loosened(a.written, case.world.pins[named(a)])) for a in loosening
                  if named(a) in case.world.pins)  # fmt: skip
    answer = yield Try((*widened, *loose), within, exempt=case.exempt)
    if not isinstance(answer, Resolved):
        return None
    lines = [a for a in loosening if not admits(a, version_of(named(a), answer.pins))]
    lowest: dict[NormalizedName, Version] = {}
    if len({named(a) for a in lines}) == 1:
        found = yield from _lowest(case, lines[0], answer.pins, widened, within)
        lowest = {named(lines[0]): found}
    for to in (lowest, {}):
        moved = [
            Rewrite(a, admitting(a.written, to.get(named(a)) or version_in(named(a), answer.pins)))
            for a in lines
        ]
        trial = Try((*widened, *moved), within, exempt=case.exempt)
        if change := (yield from _proven(case, kind if trial.rewrites else ChangeKind.UPGRADE, trial)):
            return change
        if not lowest:
            break
    return None


def _lowest(
    case: Case, line: Ask, pins: Sequence[Pin], widened: tuple[Rewrite, ...], within: tuple[Requirement, ...]
) -> Generator[Question, Answer, Version]:
    """The oldest release of a parent that lets a fixed one in, by bisection; no vulnerable one if there are others."""
    name = named(line)
    low, high = case.world.pins[name], version_in(name, pins)
    usable = [r.version for r in case.releases.project(name).releases
              if low < r.version < high and is_usable(r, case.world)]  # fmt: skip
    healthy = [v for v in usable if not case.setting.affected(name, v)]
    rising = [*(usable if case.setting.affected(name, high) else healthy), high]
    first, last = 0, len(rising) - 1
    while first < last:
        middle = (first + last) // 2
        exact = Rewrite(line, f"=={rising[middle]}")
        answer = yield Try((*widened, exact), within, exempt=case.exempt)
        if isinstance(answer, Resolved):
            last = middle
        else:
            first = middle + 1
    return rising[last]


# --- overrides -------------------------------------------------------------------------------------------


def _overridden(case: Case, release: FixedRelease) -> Search:
    """Whether the parents that keep a release out would work with it all the same."""
    parents = [b.ask for b in release.blockers
               if b.kind is BlockerKind.PARENT and b.needed is None and b.ask is not None]  # fmt: skip
    if not parents:
        return None
    rewrites = tuple(Rewrite(a, admitting(a.written, release.version)) for a in case.own(release))
    overrides = nearest(case, release)[:1]
    trial = Try(rewrites, case.floors, overrides, exempt=case.exempt)
    answer = yield trial
    to = version_of(case.name, answer.pins) if isinstance(answer, Resolved) else None
    if to is None:
        return None
    uses: list[Uses] = []
    for ask in parents:
        assert ask.dependent is not None
        assert ask.version is not None
        compared = yield Compare(ask.dependent, ask.version, case.name, to)
        assert isinstance(compared, Compared)
        case.breaks += compared.breaks
        case.reasons += [compared.reason] if compared.reason else []
        if compared.breaks or compared.reason:
            return None
        uses.append(compared.uses)
    return (yield from _proven(case, ChangeKind.OVERRIDE, trial, tuple(uses)))


# --- what they have in common ----------------------------------------------------------------------------


def _proven(case: Case, kind: ChangeKind, trial: Try, uses: tuple[Uses, ...] = ()) -> Search:
    """The change, if the set that it gives works and has a fixed release."""
    outcome = yield replace(trial, proven=True)
    if isinstance(outcome, NoWorkingSet):
        case.reasons.append(outcome.reason)
        case.breaks += [b for b in outcome.verdict.breaks if b.dependency == case.name]
        return None
    assert isinstance(outcome, Works)
    return _change(case, kind, trial, outcome, uses)


def _change(
    case: Case, kind: ChangeKind, trial: Try, outcome: Works, uses: tuple[Uses, ...] = ()
) -> Change | None:
    """What a proven trial comes to; nothing where the set has no fixed release, or an older parent."""
    to = version_of(case.name, outcome.pins)
    if (to is not None and to not in case.wanted.would_do) or goes_back(case, outcome.pins):
        return None
    return Change(
        kind,
        to if to is not None else case.wanted.version,
        _capped(case, trial.rewrites, outcome, to) if kind is ChangeKind.WIDEN and to else trial.rewrites,
        moves(case.pins, outcome.pins),
        outcome.bounds,
        trial.overrides,
        uses,
        trial.exempt,
    )


def _capped(case: Case, rewrites: tuple[Rewrite, ...], outcome: Works, to: Version) -> tuple[Rewrite, ...]:
    """The lines on the package itself with the cap that the proof loop found, if it found one."""
    caps = [
        s.version
        for bound in outcome.bounds
        if bound.repair is Repair.CAP and canonicalize_name(bound.requirement.name) == case.name
        for s in bound.requirement.specifier
        if s.operator == "<"
    ]
    if not caps:
        return rewrites
    return tuple(
        Rewrite(r.line, admitting(r.line.written, to, caps[0])) if named(r.line) == case.name else r
        for r in rewrites
    )
