"""A project's declarations, resolved by uv into a lock: the old one in view, under bounds, again until uv can."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.looking_back import yanked
from pinproof.actions.unbuilt import stand_ins_for
from pinproof.errors import InputError, NotFoundError
from pinproof.facts.locks import read_lock
from pinproof.judgement.resolution import Judge, Resolve, Resolved, Unsolvable, answered, prove
from pinproof.model.policy import Cutoffs, Policy
from pinproof.model.verdict import Repair
from pinproof.sources.uv import Conflict, Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.actions.fork_judging import Judging
    from pinproof.actions.library import Library, Outside
    from pinproof.actions.projects import Project
    from pinproof.facts.locks import PinnedFile
    from pinproof.facts.locks.header import KeptBound
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Outcome, SetWarning, Verdict
    from pinproof.sources.stand_ins import StandIn
    from pinproof.sources.uv import Compiled


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the lock is to be like. `output` is its file name, `before` what it holds until now.

    `universal`: for every platform and every Python that the project allows. `command` and `as_of` stand in the header.
    `cutoffs` are what the policy comes to on the day. `head` stands there instead, where no bound has to. A file of
    requirements has `hashes`, unless it is to be without.
    `beside` is the folder of the lock, where that is not the project's.
    """

    output: str
    before: bytes = b""
    universal: bool = False
    upgrade: bool = False
    upgrade_packages: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    cutoffs: Cutoffs = field(default_factory=Cutoffs)
    allow_build: bool = False
    command: str = "pinproof lock"
    as_of: str = ""
    beside: Path | None = None
    head: bytes = b""
    hashes: bool = True


def written_as(name: str) -> str:
    """The kind of lock that a file name stands for: `pylock`, `constraints` or `requirements`. InputError if none."""
    if re.fullmatch(r"pylock(?:\.[^.]+)?\.toml", name):
        return "pylock"
    if name.endswith(".txt"):
        return "constraints" if name.startswith("constraints") else "requirements"
    raise InputError(
        f"-o {name}: the name does not say what to write",
        hint="requirements*.txt, constraints*.txt, pylock.toml or pylock.NAME.toml.",
    )


def unique(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """Each release once, though several forks have it."""
    return tuple({(pin.name, pin.version): pin for pin in pins}.values())


class LockResolver:
    """Answers `Resolve` questions with uv, which writes the lock itself each time.

    `within` are further bounds, and `overrides` replace what releases require, in every answer.
    """

    def __init__(
        self,
        project: Project,
        wanted: Wanted,
        outside: Outside,
        library: Library,
        kept: tuple[KeptBound, ...],
        old: PinnedFile | None,
        *,
        within: Sequence[str] = (),
        overrides: Sequence[str] = (),
        stand_ins: Iterable[StandIn] = (),
    ) -> None:
        self._project = project
        self._wanted = wanted
        self._outside = outside
        self._library = library
        self._stand_ins: list[StandIn] = list(stand_ins)
        self._stood_in: set[NormalizedName] = set()
        self._old = old
        self._within = list(within)
        self._overrides = overrides
        self._first: Resolved | Unsolvable | None = None
        self._rounds = 0
        self.kept = kept
        self.content = b"" if wanted.upgrade else wanted.before
        self._contents: dict[tuple[Pin, ...], bytes] = {}
        self.plain: tuple[Pin, ...] = ()
        self.lock: PinnedFile | None = None
        self.warnings: tuple[SetWarning, ...] = ()

    def starting_from(self, kept: tuple[KeptBound, ...]) -> LockResolver:
        """One that begins with what this one came to, and with other bounds."""
        wanted = replace(self._wanted, upgrade=False, upgrade_packages=(), before=self.content)
        following = LockResolver(self._project, wanted, self._outside, self._library, kept, self.lock)
        following.plain = self.plain
        return following

    def first(self) -> Resolved | Unsolvable:
        """What the declarations give with the old lock in view."""
        if self._first is None:
            self._first = self._as_it_was() or self._resolved(Resolve((), (), ()))
        return self._first

    def _as_it_was(self) -> Resolved | None:
        """The old lock, where uv comes to it again by itself: then nothing else needs to be asked of the index."""
        if self._old is None or not self.content or self._wanted.upgrade_packages:
            return None
        kept = self.kept
        answer = self._answered(Resolve((), (), ()))
        if isinstance(answer, Resolved) and self.lock is not None and same_pins(self._old, self.lock):
            return answer
        self.content, self.plain, self.kept = self._wanted.before, (), kept
        return None

    def resolve(self, question: Resolve) -> Resolved | Unsolvable:
        if not question.added and not question.constraints and not question.preferred:
            return self.first()
        return self._resolved(question)

    def _resolved(self, question: Resolve) -> Resolved | Unsolvable:
        self._rounds += 1
        self._outside.progress(f"Resolving (round {self._rounds})", 0, 0)
        if self._rounds == 1:
            self._let_in({canonicalize_name(r.name) for r in self._project.requirements}, above_wheels=True)
        answer = self._answered(question)
        if isinstance(answer, Conflict):
            if self._rounds == 1:
                self._refuse_unknown(answer)
            return Unsolvable("\n".join([answer.explanation, *answer.hints]))
        return answer

    def _answered(self, question: Resolve) -> Resolved | Conflict:
        """What uv says, with the kept bounds if that is possible."""
        added = [str(r) for r in question.added]
        bounds = [*self._within, *(str(r) for r in question.constraints)]
        kept_added = [str(b.requirement) for b in self.kept if b.repair is Repair.ADD]
        kept_bounds = [str(b.requirement) for b in self.kept if b.repair is not Repair.ADD]
        before = self._contents.get(question.preferred, self.content)
        answer = self._compiled([*kept_added, *added], [*kept_bounds, *bounds], before)
        if isinstance(answer, Conflict) and self.kept:
            self.kept = ()
            answer = self._compiled(added, bounds, before)
        if isinstance(answer, Conflict):
            return answer
        self.content = answer.content
        self.warnings = tuple(yanked(y.name, y.version, y.reason) for y in answer.yanked)
        self.lock = read_lock(self.content, self._wanted.output)
        pins = unique(entry.pin for entry in self.lock.locked)
        self._contents[pins] = self.content
        self.plain = self.plain or pins
        return Resolved(pins)

    def _compiled(self, added: Sequence[str], bounds: Sequence[str], before: bytes) -> Compiled | Conflict:
        """One resolution; again where uv found no release that needs no build, with stand-ins for those."""
        while True:
            answer = self._outside.uv.lock(
                self._order(),
                added=added,
                bounds=bounds,
                overrides=self._overrides,
                before=before,
                stand_ins=self._stand_ins,
            )
            if not isinstance(answer, Conflict):
                return answer
            if not self._let_in(set(answer.without_wheel), above_wheels=False):
                return answer

    def _order(self) -> Order:
        kind, policy = written_as(self._wanted.output), self._wanted.policy
        python = self._outside.target.python_text
        if self._wanted.universal:
            python = _lowest(self._project.requires_python) or self._library.outside.target.python_text
        return Order(
            folder=self._project.folder,
            files=self._project.files,
            output=self._wanted.output,
            read=self._project.read,
            extras=self._project.extras,
            groups=self._project.groups,
            upgrade=self._wanted.upgrade_packages if self._rounds == 1 else (),
            hashes=kind == "requirements" and self._wanted.hashes,
            annotated=kind != "constraints",
            universal=self._wanted.universal,
            python_version=python,
            cutoffs=self._wanted.cutoffs,
            allow_build=self._wanted.allow_build,
            resolution=policy.resolution or "highest",
            prerelease=policy.prerelease,
            only_binary=policy.only_binary,
            beside=self._wanted.beside,
            members=tuple(member.folder for member in self._project.members),
        )

    def _let_in(self, names: set[NormalizedName], *, above_wheels: bool) -> bool:
        """Make stand-ins for releases of these projects; whether there is anything new."""
        if self._wanted.allow_build:
            return False
        found: list[StandIn] = []
        for name in sorted(names - self._stood_in):
            if self._wanted.policy.wants_wheels_of(name):
                continue
            specifier = SpecifierSet()
            for requirement in self._project.requirements:
                if canonicalize_name(requirement.name) == name:
                    specifier &= requirement.specifier
            before = self._wanted.cutoffs.of(name)
            made = list(
                stand_ins_for(name, specifier, self._library, above_wheels=above_wheels, before=before)
            )
            if made or not above_wheels:
                self._stood_in.add(name)
            found += made
        self._stand_ins += found
        return bool(found)

    def _refuse_unknown(self, conflict: Conflict) -> None:
        declared = {canonicalize_name(r.name) for r in self._project.requirements}
        for name in sorted(declared.intersection(conflict.missing)):
            try:
                self._outside.index.project(name)
            except NotFoundError as error:
                raise InputError(error.message, error.hint) from None


def proven(resolver: LockResolver, judging: Judging, direct: Iterable[NormalizedName]) -> Outcome:
    """The proof loop, with uv to resolve and every fork of what it writes to judge."""

    def judge(_: Judge) -> Verdict:
        assert resolver.lock is not None
        return judging.verdict(resolver.lock)

    return answered(prove(direct), resolver.resolve, judge)


def same_pins(old: PinnedFile, new: PinnedFile) -> bool:
    """Whether two locks pin the same."""
    return _pinned(old) == _pinned(new)


def _pinned(lock: PinnedFile) -> set[tuple[str, str, str]]:
    return {(str(e.pin.name), str(e.pin.version), str(e.marker or "")) for e in lock.locked}


def _lowest(requires_python: str) -> str:
    """The oldest Python that is allowed, as exactly as it is said."""
    found = [
        s.version.removesuffix(".*")
        for s in SpecifierSet(requires_python)
        if s.operator in (">=", "~=", "==")
    ]
    return found[0] if len(found) == 1 else ""
