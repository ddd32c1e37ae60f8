"""Try out one combination: resolve the rest, judge the set, and keep the rest within bounds where that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.judging import judge
from pinproof.actions.resolving import explained
from pinproof.judgement.answers import PYTHON
from pinproof.judgement.resolution import Judge, Resolve, Resolved, Unsolvable, prove
from pinproof.model.matrix import Cell, CellStatus, LeftOut, Why
from pinproof.model.release import Pin
from pinproof.model.verdict import Bound, NoWorkingSet, Repair, Severity, Verdict
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.actions.remainders import Fixed, Remainders
    from pinproof.judgement.answers import Installed
    from pinproof.judgement.combining import Combined
    from pinproof.judgement.resolution import Answer, Question
    from pinproof.model.verdict import Break, Outcome

    Named = tuple[NormalizedName, Version]


class Trials:
    """Tries combinations out, one after the other, and learns from each about its releases.

    `out` are releases of which it was seen that they run on the target with nothing: Python took away what they
    need, or they cannot be read. What a release needs of the rest is asked for from the beginning in the next trial.
    """

    def __init__(self, library: Library, remainders: Remainders) -> None:
        self.out: dict[Named, LeftOut] = {}
        self._library = library
        self._remainders = remainders
        self._running: set[Named] = set()
        self._needs: dict[Named, dict[str, Bound]] = {}

    def of(self, combination: Sequence[Installed], combined: Combined) -> Cell:
        """What a combination comes to."""
        if combined.excluded_by:
            versions = tuple(one.version for one in combination)
            return Cell(versions, CellStatus.EXCLUDED, excluded_by=combined.excluded_by)
        fixed = {one.name: one.version for one in combination}
        needs = {r: bound for one in fixed.items() for r, bound in self._needs.get(one, {}).items()}
        trial = _Trial(fixed, combined.others, tuple(needs.values()), self._library, self._remainders)
        cell = trial.run()
        if needs and not cell.pins:
            # What one release needs of the rest another may forbid: then the plain set is the one to be told of.
            cell = _Trial(fixed, combined.others, (), self._library, self._remainders).run()
        self._learn(cell, fixed)
        return cell

    def skipped(self, combination: Sequence[Installed]) -> Cell:
        """What a combination comes to, one of whose releases is out."""
        versions = tuple(one.version for one in combination)
        out = next(self.out[o.name, o.version] for o in combination if (o.name, o.version) in self.out)
        if out.found is not None:
            return Cell(versions, CellStatus.BROKEN, breaks=(out.found,))
        return Cell(versions, CellStatus.NOT_CHECKED, reason=out.reason)

    def _learn(self, cell: Cell, fixed: Fixed) -> None:
        if cell.status.is_working:
            self._running |= set(fixed.items())
        for named in fixed.items():
            if named not in self._running and (out := _out(cell, named)) is not None:
                self.out[named] = out
            self._needs.setdefault(named, {}).update(_needs_of(cell, named))


class _Trial:
    """The proof loop with the combination held fast: only the rest may move."""

    def __init__(
        self,
        fixed: Fixed,
        others: tuple[str, ...],
        needs: tuple[Bound, ...],
        library: Library,
        remainders: Remainders,
    ) -> None:
        self._fixed = fixed
        self._others = others
        self._needs = needs
        self._library = library
        self._remainders = remainders

    def run(self) -> Cell:
        proof = prove(self._fixed)
        judged: list[tuple[tuple[Pin, ...], Verdict]] = []
        question: Question = next(proof)
        answer: Answer
        try:
            while True:
                if isinstance(question, Judge):
                    verdict = judge(question.pins, self._library, self._fixed)
                    judged.append((question.pins, verdict))
                    if any(self._is_inside(found) for found in verdict.of(Severity.FATAL)):
                        return self._broken(judged)
                    # The set is the one that everybody else gets: only what keeps it from starting is mended.
                    answer = Verdict(verdict.of(Severity.FATAL))
                else:
                    answer = self._resolved(question)
                question = proof.send(answer)
        except StopIteration as stop:
            outcome: Outcome = stop.value
        if isinstance(outcome, NoWorkingSet):
            return self._broken(judged) if judged else self._without_set(outcome.reason)
        return self._working(*judged[-1], (*self._needs, *outcome.bounds))

    def _resolved(self, question: Resolve) -> Resolved | Unsolvable:
        added = [*question.added, *(b.requirement for b in self._needs if b.repair is Repair.ADD)]
        capped = [*question.constraints, *(b.requirement for b in self._needs if b.repair is not Repair.ADD)]
        for requirement in (*added, *capped):
            version = self._fixed.get(canonicalize_name(requirement.name))
            if version is not None and not requirement.specifier.contains(version, prereleases=True):
                return Unsolvable(f"{requirement} rules out {requirement.name} {version}")
        others = {*self._others, *(str(r) for r in added if canonicalize_name(r.name) not in self._fixed)}
        constraints = tuple(sorted(str(r) for r in capped if canonicalize_name(r.name) not in self._fixed))
        rest = self._remainders.of(tuple(sorted(others)), self._fixed, constraints)
        if isinstance(rest, Conflict):
            return Unsolvable(explained(rest))
        pins = (*(Pin(name, version) for name, version in self._fixed.items()), *rest)
        return Resolved(tuple(sorted(pins, key=lambda pin: pin.name)))

    def _is_inside(self, found: Break) -> bool:
        """Whether nothing but another release of the combination or another Python would help."""
        return found.dependent in self._fixed and (
            found.dependency in self._fixed or found.dependency == PYTHON
        )

    def _working(self, pins: tuple[Pin, ...], verdict: Verdict, bounds: tuple[Bound, ...]) -> Cell:
        unknown = (*verdict.not_checked, *verdict.unprovided)
        if unknown:
            status = CellStatus.NOT_CHECKED
        elif verdict.of(Severity.LATENT):
            status = CellStatus.LATENT
        else:
            status = CellStatus.BOUNDED if bounds else CellStatus.WORKS
        versions = tuple(self._fixed.values())
        return Cell(versions, status, pins, bounds, verdict.breaks, not_checked=unknown)

    def _broken(self, judged: Sequence[tuple[tuple[Pin, ...], Verdict]]) -> Cell:
        """What decides is told of: where that was not seen at once, of the set that everybody else gets."""
        decided = any(self._is_inside(found) for found in judged[-1][1].of(Severity.FATAL))
        pins, verdict = judged[-1] if decided else judged[0]
        versions = tuple(self._fixed.values())
        breaks, unknown = verdict.breaks, verdict.not_checked
        return Cell(versions, CellStatus.BROKEN, pins, self._needs, breaks, not_checked=unknown)

    def _without_set(self, reason: str) -> Cell:
        return Cell(tuple(self._fixed.values()), CellStatus.NO_SET, reason=reason)


def _out(cell: Cell, named: Named) -> LeftOut | None:
    """Why a release runs with nothing on the target, as far as one combination shows it."""
    name, version = named
    for found in cell.breaks:
        if found.severity is Severity.FATAL and found.dependency == PYTHON and found.dependent == name:
            return LeftOut(version, Why.PYTHON_TOOK_AWAY, found=found)
    for entry in cell.not_checked:
        if entry.name.startswith(f"{name} {version}: "):
            module = entry.name.partition(": ")[2]
            return LeftOut(version, Why.NOT_READABLE, f"{module} {entry.reason}")
    return None


def _needs_of(cell: Cell, named: Named) -> Iterator[tuple[str, Bound]]:
    """What a release was seen to need of the rest of the set."""
    for bound in cell.bounds:
        because = tuple(
            found for found in bound.because if (found.dependent, found.dependent_version) == named
        )
        if because and bound.repair is not Repair.EXCLUDE:
            specifier = SpecifierSet()
            for found in because:
                specifier &= found.works_with or SpecifierSet()
            requirement = Requirement(f"{bound.requirement.name}{specifier}")
            yield str(requirement), Bound(requirement, bound.repair, because)
