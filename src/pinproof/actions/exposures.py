"""From vulnerable pins to how they came in, what keeps their fixes out, and what would let those in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from pinproof.actions.asked import all_asks, declared_asks
from pinproof.actions.compatibility import compare
from pinproof.actions.fork_judging import Judging
from pinproof.actions.hypotheses import Hypotheses
from pinproof.actions.looking_back import requirements_of_release
from pinproof.actions.reach import ways_in
from pinproof.actions.unbuilt import stand_ins_of
from pinproof.errors import ArchiveError, NotFoundError
from pinproof.facts.wheels import installable_wheel, is_sdist
from pinproof.judgement.exposure import Surroundings, chains, fixed_releases, named, wanted_of
from pinproof.judgement.held_back import held_back
from pinproof.judgement.remedies import Compare, Compared, smallest_changes
from pinproof.judgement.remedy_cases import Problem, Setting
from pinproof.model import release as releases_model
from pinproof.model.exposure import Ask, BlockerKind, Exposure, FixedRelease, HeldBack, Wanted, WayIn
from pinproof.model.policy import Cutoffs, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.asked import Spot
    from pinproof.actions.declaring import Source
    from pinproof.actions.library import Library, Outside
    from pinproof.judgement.answers import Installed
    from pinproof.judgement.remedies import Answer, Question
    from pinproof.model.advisory import Vulnerability
    from pinproof.model.exposure import Change, Stuck
    from pinproof.model.release import Pin, Release
    from pinproof.model.verdict import Break

    Affected = Callable[[NormalizedName, Version], bool]

_SHOWN = 3
"""Of how many stretches of releases it is looked at what would break: each costs a judgement."""


class Shelf:
    """What `judgement.exposure.Releases` asks, from the index."""

    def __init__(self, library: Library, policy: Policy) -> None:
        self._library = library
        self._policy = policy
        self._requires: dict[tuple[NormalizedName, Version], tuple[Requirement, ...]] = {}

    def project(self, name: NormalizedName) -> releases_model.Project:
        """The releases of a project, whatever their date; none where the index has no such project."""
        try:
            return self._library.outside.index.project(name)
        except NotFoundError:
            return releases_model.Project(name, ())

    def requires(self, name: NormalizedName, version: Version) -> Sequence[Requirement]:
        """What a release requires on the target without any extra; nothing where that cannot be read."""
        key = (name, version)
        if key not in self._requires:
            release = self.project(name).release(version)
            try:
                found = tuple(requirements_of_release(release, self._library)) if release else ()
            except (ArchiveError, NotFoundError):
                found = ()
            self._requires[key] = found
        return self._requires[key]

    def is_installable(self, release: Release) -> bool:
        """Whether it has a wheel for the target, or a source where that is wanted."""
        if installable_wheel(release.files, self._library.outside.target) is not None:
            return True
        return any(map(is_sdist, release.files)) and not self._policy.wants_wheels_of(release.name)


@dataclass
class Exposing:
    """Answers for the vulnerable pins of one set.

    `affected` tells whether a release has a known vulnerability, so that no change brings in another one. `shown` is
    how a file is called in messages.
    """

    source: Source
    pins: tuple[Pin, ...]
    outside: Outside
    affected: Affected = lambda name, version: False  # noqa: ARG005
    policy: Policy = field(default_factory=Policy)
    cutoffs: Cutoffs = field(default_factory=Cutoffs)
    shown: Callable[[Path], str] = str

    def __post_init__(self) -> None:
        self.judging = Judging(self.source.project, self.outside, universal=False)
        self.library = self.judging.library
        self.shelf = Shelf(self.library, self.policy)
        self.installed, self.not_checked = self.library.open_all(self.pins)
        self.own: list[Installed] = self.source.project.own(self.library)
        self.known: dict[Compare, Compared] = {}
        self.spots: Mapping[Ask, Spot] = {}
        if self.source.declares:
            self.spots = declared_asks(self.source.project, self.outside.target, self.shown)
            lines: Iterable[Ask] = self.spots
        else:
            lines = [Ask(r) for r in self.source.project.requirements]
        self.world = Surroundings(
            {pin.name: pin.version for pin in self.pins},
            all_asks(self.installed, lines, self.outside.target),
            self.outside.target,
            self.outside.as_of,
            self.cutoffs,
            self.policy,
        )

    def close(self) -> None:
        """Let workers go."""
        self.judging.close()

    def wanted(self, vulnerabilities: Iterable[Vulnerability]) -> tuple[Wanted, ...]:
        """What would do instead of each vulnerable pin, in the order of the vulnerabilities."""
        by_pin: dict[NormalizedName, list[Vulnerability]] = {}
        for one in vulnerabilities:
            by_pin.setdefault(one.name, []).append(one)
        return tuple(
            wanted_of(group, self.shelf, partial(self.affected, name)) for name, group in by_pin.items()
        )

    def exposures(self, wanted: Sequence[Wanted]) -> tuple[Exposure, ...]:
        """Everything about these pins, in their order."""
        names = {one.name for one in wanted}
        direct = {named(a) for a in self.world.asks if a.dependent is None}
        ways = ways_in(names, self.installed, self.library, direct, self.own, chains(self.world.asks))
        problems = [Problem(one, self._fixed(one)) for one in wanted]
        changes = self._changes(problems)
        return tuple(
            Exposure(
                problem.wanted.name,
                problem.wanted.version,
                ways.get(problem.wanted.name, WayIn((problem.wanted.name,))),
                problem.fixed,
                changes[problem.wanted.name],
            )
            for problem in problems
        )

    def held_back(self) -> tuple[HeldBack, ...]:
        """What packages of the set keep from it, each with whether they would get along with the newest of it."""
        return tuple(self._judged(one) for one in held_back(self.world, self.shelf))

    def _judged(self, one: HeldBack) -> HeldBack:
        assert one.ask.dependent is not None
        assert one.ask.version is not None
        compared = self._compared(Compare(one.ask.dependent, one.ask.version, one.name, one.newest))
        breaks = compared.breaks if compared.breaks or not compared.reason else None
        return replace(one, breaks=breaks, uses=compared.uses, reason=compared.reason)

    def _compared(self, question: Compare) -> Compared:
        if question not in self.known:
            self.known[question] = compare(question, self.pins, self.world.asks, self.library)
        return self.known[question]

    def _fixed(self, wanted: Wanted) -> tuple[FixedRelease, ...]:
        """The releases that would do; of the nearest, what would break where somebody's bound keeps them out."""
        every = fixed_releases(wanted, self.world, self.shelf)
        return (*(self._shown(wanted, one) for one in every[:_SHOWN]), *every[_SHOWN:])

    def _shown(self, wanted: Wanted, fixed: FixedRelease) -> FixedRelease:
        """With what would break if it were let in: those that keep it out, or where that is you all that use it."""
        kinds = {b.kind for b in fixed.blockers if b.needed is None}
        if not kinds & {BlockerKind.DECLARATION, BlockerKind.PARENT} or BlockerKind.AS_OF in kinds:
            return fixed
        users: Iterable[Ask] = self.world.of(wanted.name)
        if BlockerKind.DECLARATION not in kinds:
            users = [b.ask for b in fixed.blockers if b.ask is not None and b.needed is None]
        breaks: dict[Break, None] = {}
        for ask in users:
            if ask.dependent is not None and ask.version is not None:
                question = Compare(ask.dependent, ask.version, wanted.name, fixed.version)
                breaks |= dict.fromkeys(self._compared(question).breaks)
        return replace(fixed, breaks=tuple(breaks))

    def _answer(self, question: Question, hypotheses: Hypotheses) -> Answer:
        return self._compared(question) if isinstance(question, Compare) else hypotheses.answer(question)

    def _changes(self, problems: Sequence[Problem]) -> Mapping[NormalizedName, Change | Stuck]:
        hypotheses = Hypotheses(
            self.source.project,
            self.pins,
            self.spots,
            self.outside,
            self.judging,
            self.policy,
            self.cutoffs,
            stand_ins_of(self.pins, self.library),
        )
        search = smallest_changes(problems, Setting(self.world, self.shelf, self.pins, self.affected))
        try:
            question: Question = next(search)
            while True:
                answer = self._answer(question, hypotheses)
                question = search.send(answer)
        except StopIteration as stop:
            found: dict[NormalizedName, Change | Stuck] = stop.value
            return found
