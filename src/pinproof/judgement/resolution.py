"""The proof loop: resolve, judge, bound what breaks, resolve again.

It is a generator that asks questions and is sent the answers, so that it can be tested with a dictionary and
knows nothing of uv or the index.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.judgement.answers import PYTHON
from pinproof.model.verdict import (
    Bound,
    Break,
    NoWorkingSet,
    Outcome,
    Repair,
    Round,
    Severity,
    Verdict,
    Works,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.release import Pin

MAX_ROUNDS = 24


@dataclass(frozen=True, slots=True)
class Resolve:
    """Question: which set do the requirements give under these bounds? `preferred` should stay if it may."""

    added: tuple[Requirement, ...]
    constraints: tuple[Requirement, ...]
    preferred: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Answer: this set."""

    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Unsolvable:
    """Answer: no set; in the resolver's words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Question: what breaks in this set? The answer is a `Verdict`."""

    pins: tuple[Pin, ...]


Question = Resolve | Judge
Answer = Resolved | Unsolvable | Verdict


@dataclass(slots=True)
class _Proof:
    """What is known so far. `tolerated` are breaks whose repair costs too much: they are reported instead."""

    bounds: list[Bound] = field(default_factory=list)
    tolerated: set[tuple[str, str]] = field(default_factory=set)
    rounds: list[Round] = field(default_factory=list)


def prove(direct: Iterable[NormalizedName]) -> Generator[Question, Answer, Outcome]:
    """Find a set that works for requirements on the `direct` distributions.

    A fatal break is always avoided. A latent one is avoided if no direct requirement loses a major version
    for it, else tolerated.
    """
    names = frozenset(direct)
    proof = _Proof()
    pins: tuple[Pin, ...] = ()
    verdict = Verdict(())
    for _ in range(MAX_ROUNDS):
        answer = yield _question(proof.bounds, pins)
        while isinstance(answer, Unsolvable):
            eased = _ease(proof, answer.reason)
            if not eased:
                return NoWorkingSet(answer.reason, tuple(proof.bounds), verdict, tuple(proof.rounds))
            answer = yield _question(proof.bounds, pins)
        assert isinstance(answer, Resolved)
        if _too_dear(proof, pins, answer.pins, names):
            continue
        pins = answer.pins
        judged = yield Judge(pins)
        assert isinstance(judged, Verdict)
        verdict = judged
        new = _repairs(verdict, proof)
        proof.rounds.append(Round(pins, verdict, tuple(new)))
        if not new:
            if verdict.of(Severity.FATAL):
                reason = "a break remains that no bound repairs"
                return NoWorkingSet(reason, tuple(proof.bounds), verdict, tuple(proof.rounds))
            return Works(pins, tuple(proof.bounds), verdict, tuple(proof.rounds))
        proof.bounds = _merged([*proof.bounds, *new])
    reason = f"no set was found to work in {MAX_ROUNDS} rounds"
    return NoWorkingSet(reason, tuple(proof.bounds), verdict, tuple(proof.rounds))


def answered(
    proof: Generator[Question, Answer, Outcome],
    resolve: Callable[[Resolve], Resolved | Unsolvable],
    judge: Callable[[Judge], Verdict],
) -> Outcome:
    """The loop with somebody who answers its questions."""
    try:
        question = next(proof)
        while True:
            question = proof.send(judge(question) if isinstance(question, Judge) else resolve(question))
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _question(bounds: Sequence[Bound], preferred: tuple[Pin, ...]) -> Resolve:
    added = tuple(b.requirement for b in bounds if b.repair is Repair.ADD)
    constraints = tuple(b.requirement for b in bounds if b.repair is not Repair.ADD)
    return Resolve(added, constraints, preferred)


def repairs_of(verdict: Verdict) -> list[Bound]:
    """The bounds that avoid the worst of what breaks, where nothing is bounded yet."""
    return _repairs(verdict, _Proof())


def _repairs(verdict: Verdict, proof: _Proof) -> list[Bound]:
    """New bounds: for the fatal breaks if there are any, else for the latent ones."""
    for severity in (Severity.FATAL, Severity.LATENT):
        bounds = [
            bound
            for found in verdict.of(severity)
            if _key(found) not in proof.tolerated and (bound := _repair(found, proof.bounds)) is not None
        ]
        if bounds:
            return _merged(bounds)
    return []


def _repair(found: Break, bounds: Sequence[Bound]) -> Bound | None:
    """The bound that avoids a break: on the dependency, or, where that is there already, on the dependent."""
    if found.dependency_version is None:
        bound = _bound(Repair.ADD, found.dependency, found.works_with or SpecifierSet(), found)
    elif found.works_with is None or found.dependency == PYTHON:
        bound = exclusion(found)
    else:
        bound = _bound(Repair.CAP, found.dependency, found.works_with, found)
    known = {(b.repair, str(b.requirement)) for b in bounds}
    if (bound.repair, str(bound.requirement)) in known:
        bound = exclusion(found)
    if bound.repair is Repair.EXCLUDE and found.severity is not Severity.FATAL:
        return None  # an older release is no better for code that may never run
    return None if (bound.repair, str(bound.requirement)) in known else bound


def exclusion(found: Break) -> Bound:
    """Leave out the version of the dependent that breaks."""
    return _bound(Repair.EXCLUDE, found.dependent, SpecifierSet(f"!={found.dependent_version}"), found)


def _bound(repair: Repair, name: NormalizedName, specifier: SpecifierSet, found: Break) -> Bound:
    return Bound(Requirement(f"{name}{specifier}"), repair, (found,))


def _merged(bounds: Iterable[Bound]) -> list[Bound]:
    """One bound for each repair of a distribution: the intersection, with all the reasons."""
    merged: dict[tuple[Repair, NormalizedName], Bound] = {}
    for bound in bounds:
        key = (bound.repair, canonicalize_name(bound.requirement.name))
        if key in merged:
            before = merged[key]
            specifier = tightest(before.requirement.specifier & bound.requirement.specifier)
            because = (*before.because, *(b for b in bound.because if b not in before.because))
            bound = Bound(Requirement(f"{key[1]}{specifier}"), bound.repair, because)
        merged[key] = bound
    return list(merged.values())


def tightest(specifiers: SpecifierSet) -> SpecifierSet:
    """The same set of versions without upper caps that a lower one makes idle."""
    from packaging.version import Version

    caps = [s for s in specifiers if s.operator == "<"]
    if len(caps) < 2:
        return specifiers
    lowest = min(caps, key=lambda s: Version(s.version))
    return SpecifierSet(",".join(str(s) for s in specifiers if s.operator != "<" or s is lowest))


def _ease(proof: _Proof, reason: str) -> bool:
    """The bounds leave no set: give up the latest latent repair, else exclude the dependent of a cap instead."""
    for position in reversed(range(len(proof.bounds))):
        bound = proof.bounds[position]
        if all(b.severity is Severity.LATENT for b in bound.because):
            proof.tolerated |= {_key(b) for b in bound.because}
            del proof.bounds[position]
            return True
    for position in reversed(range(len(proof.bounds))):
        bound = proof.bounds[position]
        if bound.repair is not Repair.EXCLUDE:
            instead = [exclusion(b) for b in bound.because if b.severity is Severity.FATAL]
            known = {str(b.requirement) for b in proof.bounds}
            proof.bounds = _merged([*proof.bounds[:position], *proof.bounds[position + 1 :], *instead])
            proof.rounds.append(Round((), Verdict(()), tuple(instead), note=reason))
            return any(str(b.requirement) not in known for b in instead)
    return False


def _too_dear(
    proof: _Proof, before: tuple[Pin, ...], after: tuple[Pin, ...], direct: frozenset[NormalizedName]
) -> bool:
    """Whether repairing latent breaks alone cost a direct requirement a major version; if so, they are tolerated."""
    if not before or not proof.rounds:
        return False
    latest = [b for b in proof.rounds[-1].added if all(f.severity is Severity.LATENT for f in b.because)]
    if not latest or not majors_lost(before, after, direct):
        return False
    for bound in latest:
        proof.tolerated |= {_key(f) for f in bound.because}
    proof.bounds = _without(proof.bounds, latest)
    proof.rounds[-1] = replace(
        proof.rounds[-1], note="tolerated: the repair costs a direct requirement a major version"
    )
    return True


def _without(bounds: Sequence[Bound], unwanted: Sequence[Bound]) -> list[Bound]:
    keys = {_key(f) for bound in unwanted for f in bound.because}
    kept = [replace(b, because=tuple(f for f in b.because if _key(f) not in keys)) for b in bounds]
    rebuilt = [
        _bound(b.repair, canonicalize_name(b.requirement.name), _specifier(b, f), f)
        for b in kept
        for f in b.because
    ]
    return _merged(rebuilt)


def _specifier(bound: Bound, found: Break) -> SpecifierSet:
    if bound.repair is Repair.EXCLUDE:
        return SpecifierSet(f"!={found.dependent_version}")
    return found.works_with or SpecifierSet()


def majors_lost(
    before: Iterable[Pin], after: Iterable[Pin], direct: frozenset[NormalizedName]
) -> dict[NormalizedName, tuple[Version, Version]]:
    """The direct requirements whose major version went down, with both versions."""
    then: Mapping[NormalizedName, Version] = {p.name: p.version for p in before}
    return {
        p.name: (then[p.name], p.version)
        for p in after
        if p.name in direct and p.name in then and p.version.major < then[p.name].major
    }


def _key(found: Break) -> tuple[str, str]:
    return found.dependent, found.symbol
