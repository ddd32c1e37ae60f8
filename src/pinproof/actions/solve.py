"""`pinproof solve`: a set that works for some requirements, with the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.looking_back import set_warnings
from pinproof.actions.unbuilt import readable_stand_ins, stand_ins_for
from pinproof.errors import InputError, NotFoundError
from pinproof.facts.locks import read_pylock
from pinproof.judgement.resolution import Judge, Resolve, Resolved, Unsolvable, prove
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Outside
    from pinproof.judgement.resolution import Answer, Question
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Outcome, SetWarning
    from pinproof.sources.stand_ins import StandIn


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
        proof = prove(direct)
        question: Question = next(proof)
        answer: Answer
        try:
            while True:
                if isinstance(question, Judge):
                    answer = judge(question.pins, library, direct)
                else:
                    answer = resolver.resolve(question)
                question = proof.send(answer)
        except StopIteration as stop:
            outcome: Outcome = stop.value
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
        self._library = library
        self._outside = library.outside
        self._allow_build = allow_build
        self._stand_ins: list[StandIn] = []
        self._stood_in: set[NormalizedName] = set()
        self._mended: set[tuple[NormalizedName, Version]] = set()
        self._rounds = 0
        self.plain: tuple[Pin, ...] = ()

    def resolve(self, question: Resolve) -> Resolved | Unsolvable:
        self._rounds += 1
        self._outside.progress(f"Resolving (round {self._rounds})", 0, 0)
        if self._rounds == 1:
            self._let_in({canonicalize_name(r.name) for r in self._requirements}, above_wheels=True)
        texts = [str(r) for r in (*self._requirements, *question.added)]
        answer = self._compiled(texts, [str(r) for r in question.constraints], question.preferred)
        if isinstance(answer, Conflict):
            missing = set(answer.missing).intersection(canonicalize_name(r.name) for r in self._requirements)
            if missing and self._rounds == 1:
                self._refuse_unknown(min(missing))
            return Unsolvable(_explained(answer))
        if not self.plain:
            self.plain = answer
        return Resolved(answer)

    def relaxed(self, without: Requirement) -> tuple[Pin, ...]:
        """What the requirements would give if one of them named only its project; empty if nothing."""
        texts = [r.name if r is without else str(r) for r in self._requirements]
        answer = self._compiled(texts, [], ())
        return () if isinstance(answer, Conflict) else answer

    def _compiled(
        self, texts: Sequence[str], constraints: Sequence[str], preferred: Sequence[Pin]
    ) -> tuple[Pin, ...] | Conflict:
        """One resolution; again where uv found no release that needs no build, with stand-ins for those."""
        while True:
            answer = self._outside.uv.compile(
                texts,
                constraints=constraints,
                preferences=preferred,
                stand_ins=self._stand_ins,
                exclude_newer=self._outside.as_of,
                python_version=self._outside.target.python_text,
                allow_build=self._allow_build,
            )
            if not isinstance(answer, Conflict):
                return tuple(one.pin for one in read_pylock(answer.pylock).locked)
            unbuilt = self._let_in(set(answer.without_wheel), above_wheels=False)
            if not self._put_right(answer.unreadable) and not unbuilt:
                return answer

    def _let_in(self, names: set[NormalizedName], *, above_wheels: bool) -> bool:
        """Make stand-ins for releases of these projects; whether there is anything new."""
        if self._allow_build:
            return False
        found: list[StandIn] = []
        for name in sorted(names - self._stood_in):
            specifier = SpecifierSet()
            for requirement in self._requirements:
                if canonicalize_name(requirement.name) == name:
                    specifier &= requirement.specifier
            made = list(stand_ins_for(name, specifier, self._library, above_wheels=above_wheels))
            if made or not above_wheels:
                self._stood_in.add(name)
            found += made
        self._stand_ins += found
        return bool(found)

    def _put_right(self, unreadable: Iterable[tuple[NormalizedName, Version]]) -> bool:
        """Make stand-ins for releases whose metadata uv refuses; whether there is anything new."""
        found: list[StandIn] = []
        for name, version in unreadable:
            if (name, version) not in self._mended:
                self._mended.add((name, version))
                found += readable_stand_ins(name, version, self._library)
        self._stand_ins += found
        return bool(found)

    def _refuse_unknown(self, name: str) -> None:
        try:
            self._outside.index.project(name)
        except NotFoundError as error:
            raise InputError(error.message, error.hint) from None


def _explained(conflict: Conflict) -> str:
    return "\n".join([conflict.explanation, *conflict.hints])
