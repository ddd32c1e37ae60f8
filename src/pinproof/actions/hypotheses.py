"""What a project would come to if its declarations were others: resolved by uv, and proven, in a copy of its folder."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pinproof.actions.asked import edited
from pinproof.actions.lock_resolving import LockResolver, Wanted, proven
from pinproof.model.policy import Cutoffs, Policy
from pinproof.sources.copies import linked_copy
from pinproof.sources.uv import as_pylock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pinproof.actions.asked import Spot
    from pinproof.actions.fork_judging import Judging
    from pinproof.actions.library import Outside
    from pinproof.actions.projects import Project
    from pinproof.judgement.remedies import Try
    from pinproof.judgement.resolution import Resolved, Unsolvable
    from pinproof.model.exposure import Ask
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Outcome
    from pinproof.sources.stand_ins import StandIn


@dataclass
class Hypotheses:
    """Answers `Try` for one project and the set that it has; what is pinned there stays where it may.

    `stand_ins` are for pins that uv would have to build, so that they can stay, too.
    """

    project: Project
    pins: tuple[Pin, ...]
    spots: Mapping[Ask, Spot]
    outside: Outside
    judging: Judging
    policy: Policy = field(default_factory=Policy)
    cutoffs: Cutoffs = field(default_factory=Cutoffs)
    stand_ins: Sequence[StandIn] = ()
    _resolvers: dict[Try, LockResolver] = field(default_factory=dict)

    def answer(self, question: Try) -> Resolved | Unsolvable | Outcome:
        """What uv makes of it; or, where that is to be proven, what the proof loop does."""
        with self._project(question) as project:
            resolver = self._resolver(question, project)
            if not question.proven:
                return resolver.first()
            direct = project.direct
            self.judging.direct = direct
            return proven(resolver, self.judging, direct)

    def _resolver(self, question: Try, project: Project) -> LockResolver:
        """One that may have answered the same before; not in a copy, which is gone."""
        plain = replace(question, proven=False)
        if plain in self._resolvers:
            return self._resolvers[plain]
        resolver = LockResolver(
            project,
            self._wanted(question),
            self.outside,
            self.judging.library,
            (),
            None,
            within=[str(r) for r in question.within],
            overrides=[str(r) for r in question.overrides],
            stand_ins=self.stand_ins,
        )
        if project is self.project:
            self._resolvers[plain] = resolver
        return resolver

    def _wanted(self, question: Try) -> Wanted:
        return Wanted(
            "pylock.toml",
            as_pylock(self.pins).encode(),
            upgrade_packages=question.moving,
            policy=self.policy,
            cutoffs=exempting(self.cutoffs, question.exempt, self.outside.as_of),
        )

    @contextmanager
    def _project(self, question: Try) -> Iterator[Project]:
        """The project with its lines as they would be."""
        files = edited(question.rewrites, self.spots)
        if not files:
            yield self.project
            return
        with linked_copy(self.project.folder, files) as folder:
            yield replace(self.project, folder=folder)


def exempting(cutoffs: Cutoffs, names: tuple[NormalizedName, ...], as_of: datetime | None) -> Cutoffs:
    """The moments, of which a cooldown counts for nothing for these packages."""
    return replace(cutoffs, packages={**cutoffs.packages, **dict.fromkeys(names, as_of)})
