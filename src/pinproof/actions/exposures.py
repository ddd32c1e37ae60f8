"""From vulnerable pins to how they came in, what keeps their fixes out, and what would let those in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from pinproof.actions.asked import all_asks, declared_asks
from pinproof.actions.compatibility import compare
from pinproof.actions.fork_judging import Judging
from pinproof.actions.hypotheses import Hypotheses
from pinproof.actions.looking_back import requirements_of_release
from pinproof.actions.projects import Project
from pinproof.actions.reach import ways_in
from pinproof.errors import ArchiveError, NotFoundError
from pinproof.facts.declared import Declared
from pinproof.facts.wheels import installable_wheel, is_sdist
from pinproof.judgement.exposure import Surroundings, chains, fixed_releases, named
from pinproof.judgement.remedies import Compare, smallest_change
from pinproof.model import release as releases_model
from pinproof.model.exposure import Ask, BlockerKind, Exposure, FixedRelease, Wanted, WayIn
from pinproof.model.policy import Cutoffs, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.asked import Spot
    from pinproof.actions.library import Library, Outside
    from pinproof.judgement.answers import Installed
    from pinproof.judgement.remedies import Answer, Question
    from pinproof.model.exposure import Change, Stuck
    from pinproof.model.release import Pin, Release

    Affected = Callable[[NormalizedName, Version], bool]


@dataclass(frozen=True, slots=True)
class Audited:
    """A set, and the project that asks for it; `declares` is false where nothing but the set says what is wanted."""

    pins: tuple[Pin, ...]
    project: Project
    declares: bool = True


def without_declaration(pins: Sequence[Pin], lock: Path, library: Library) -> Project:
    """A project that asks for what nothing else in a set requires: all that a set alone says of what is wanted."""
    installed, _ = library.open_all(pins)
    required = {named(a) for a in all_asks(installed, (), library.outside.target)}
    roots = [Requirement(pin.name) for pin in pins if pin.name not in required]
    roots = roots or [Requirement(pin.name) for pin in pins]
    return Project(
        folder=lock.parent,
        named=(lock.name,),
        files=(),
        read=((lock.name, tuple(map(str, roots))),),
        declared=(Declared(str(lock), tuple(roots)),),
        extras=(),
        groups=(),
    )


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

    `affected` tells whether a release has a known vulnerability, so that no change brings in another one.
    """

    audited: Audited
    outside: Outside
    affected: Affected = lambda name, version: False  # noqa: ARG005
    policy: Policy = field(default_factory=Policy)
    cutoffs: Cutoffs = field(default_factory=Cutoffs)

    def __post_init__(self) -> None:
        self.judging = Judging(self.audited.project, self.outside, universal=False)
        self.library = self.judging.library
        self.shelf = Shelf(self.library, self.policy)
        self.installed, self.not_checked = self.library.open_all(self.audited.pins)
        self.own: list[Installed] = self.audited.project.own(self.library)
        self.spots: Mapping[Ask, Spot] = {}
        if self.audited.declares:
            self.spots = declared_asks(self.audited.project, self.outside.target)
            lines: Iterable[Ask] = self.spots
        else:
            lines = [Ask(r) for r in self.audited.project.requirements]
        self.world = Surroundings(
            {pin.name: pin.version for pin in self.audited.pins},
            all_asks(self.installed, lines, self.outside.target),
            self.outside.target,
            self.outside.as_of,
            self.cutoffs,
            self.policy,
        )

    def close(self) -> None:
        """Let workers go."""
        self.judging.close()

    def wanted(self, pin: Pin, affects: Callable[[Version], bool]) -> Wanted:
        """What would do instead of a pin: the newer releases that are not affected."""
        newer = [r.version for r in self.shelf.project(pin.name).releases if r.version > pin.version]
        return Wanted(pin.name, pin.version, tuple(v for v in newer if not affects(v)))

    def exposures(self, wanted: Sequence[Wanted], *, with_changes: bool = True) -> tuple[Exposure, ...]:
        """Everything about these pins, in their order."""
        names = {one.name for one in wanted}
        direct = {named(a) for a in self.world.asks if a.dependent is None}
        ways = ways_in(names, self.installed, self.library, direct, self.own, chains(self.world.asks))
        return tuple(self._exposure(one, ways, with_changes=with_changes) for one in wanted)

    def _exposure(
        self, wanted: Wanted, ways: Mapping[NormalizedName, WayIn], *, with_changes: bool
    ) -> Exposure:
        fixed = tuple(self._shown(wanted, f) for f in fixed_releases(wanted, self.world, self.shelf))
        change = self._change(wanted, fixed) if with_changes else None
        return Exposure(
            wanted.name, wanted.version, ways.get(wanted.name, WayIn((wanted.name,))), fixed, change
        )

    def _shown(self, wanted: Wanted, fixed: FixedRelease) -> FixedRelease:
        """With what would break if it were let in, where somebody's bound keeps it out."""
        kinds = {b.kind for b in fixed.blockers if b.needed is None}
        if not kinds & {BlockerKind.DECLARATION, BlockerKind.PARENT} or BlockerKind.AS_OF in kinds:
            return fixed
        users = [a for a in self.world.of(wanted.name) if a.dependent is not None and a.version is not None]
        compared = [
            compare(
                Compare(a.dependent, a.version, wanted.name, fixed.version),
                self.audited.pins,
                self.world.asks,
                self.library,
            )
            for a in users
            if a.dependent is not None and a.version is not None
        ]
        return replace(fixed, breaks=tuple(dict.fromkeys(b for c in compared for b in c.breaks)))

    def _change(self, wanted: Wanted, fixed: Sequence[FixedRelease]) -> Change | Stuck:
        hypotheses = Hypotheses(
            self.audited.project,
            self.audited.pins,
            self.spots,
            self.outside,
            self.judging,
            self.policy,
            self.cutoffs,
        )
        search = smallest_change(wanted, fixed, self.world, self.shelf, self.audited.pins, self.affected)
        answer: Answer
        try:
            question: Question = next(search)
            while True:
                if isinstance(question, Compare):
                    answer = compare(question, self.audited.pins, self.world.asks, self.library)
                else:
                    answer = hypotheses.answer(question)
                question = search.send(answer)
        except StopIteration as stop:
            found: Change | Stuck = stop.value
            return found
