"""`pinproof solve`: a set that works for some requirements, with the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.looking_back import set_warnings
from pinproof.actions.resolving import Resolver, explained
from pinproof.errors import InputError, NotFoundError
from pinproof.judgement.resolution import Resolve, Resolved, Unsolvable, answered, prove
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.actions.library import Outside
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Outcome, SetWarning


@dataclass(frozen=True, slots=True)
class Solution:
    """What `solve` found; `plain` is the set that the resolver gives without any of this."""

    requirements: tuple[Requirement, ...]
    outcome: Outcome
    plain: tuple[Pin, ...]
    warnings: tuple[SetWarning, ...]


def solve(texts: Sequence[str], outside: Outside, *, allow_build: bool = False) -> Solution:
    """Find a working set. Raises InputError for a requirement that cannot be read or does not exist."""
    requirements = tuple(parsed(text) for text in texts)
    library = Library(outside)
    resolver = _Resolver(requirements, library, allow_build=allow_build)
    try:
        direct = {canonicalize_name(r.name) for r in requirements}
        outcome = answered(
            prove(direct), resolver.resolve, lambda question: judge(question.pins, library, direct)
        )
        warnings = set_warnings(requirements, outcome, library, resolver.relaxed)
        return Solution(requirements, outcome, resolver.plain, warnings)
    finally:
        library.reader.close()


def parsed(text: str) -> Requirement:
    """A requirement as the user wrote it (PEP 508)."""
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise InputError(
            f"{text!r} is not a requirement: {error}".replace("\n", " "),
            "Write it like 'flask', 'flask>=2.3' or 'uvicorn[standard]==0.30'.",
        ) from None


class _Resolver:
    """Answers `Resolve` questions with uv; keeps the first answer, which is everybody else's."""

    def __init__(self, requirements: tuple[Requirement, ...], library: Library, *, allow_build: bool) -> None:
        self._requirements = requirements
        self._outside = library.outside
        self._resolver = Resolver(library, allow_build=allow_build)
        self._rounds = 0
        self.plain: tuple[Pin, ...] = ()

    def resolve(self, question: Resolve) -> Resolved | Unsolvable:
        self._rounds += 1
        self._outside.progress(f"Resolving (round {self._rounds})", 0, 0)
        if self._rounds == 1:
            self._resolver.let_in(self._requirements)
        texts = [str(r) for r in (*self._requirements, *question.added)]
        constraints = [str(r) for r in question.constraints]
        answer = self._resolver.compile(
            texts, self._requirements, constraints=constraints, preferred=question.preferred
        )
        if isinstance(answer, Conflict):
            missing = set(answer.missing).intersection(canonicalize_name(r.name) for r in self._requirements)
            if missing and self._rounds == 1:
                self._refuse_unknown(min(missing))
            return Unsolvable(explained(answer))
        if not self.plain:
            self.plain = answer
        return Resolved(answer)

    def relaxed(self, without: Requirement) -> tuple[Pin, ...]:
        """What the requirements would give if one of them named only its project; empty if nothing."""
        texts = [r.name if r is without else str(r) for r in self._requirements]
        answer = self._resolver.compile(texts, self._requirements)
        return () if isinstance(answer, Conflict) else answer

    def _refuse_unknown(self, name: str) -> None:
        try:
            self._outside.index.project(name)
        except NotFoundError as error:
            raise InputError(error.message, error.hint) from None
