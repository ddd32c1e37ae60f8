"""`pinproof lock`: a project's own declarations into a lock that works, and that stays as it is while it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pinproof.actions.fork_judging import Judging
from pinproof.actions.lock_files import content
from pinproof.actions.lock_resolving import LockResolver, proven, same_pins, unique, written_as
from pinproof.errors import InputError
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.header import (
    KeptBound,
    read_bounds,
    same_but_for_the_day,
    still_true,
    written_header,
)
from pinproof.judgement.resolution import Resolved
from pinproof.model.verdict import (
    NotChecked,
    NoWorkingSet,
    Repair,
    Round,
    Severity,
    Works,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pinproof.actions.library import Outside
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.actions.projects import Project
    from pinproof.facts.locks import PinnedFile
    from pinproof.model.release import Pin, Target
    from pinproof.model.verdict import Bound, Break, Outcome, SetWarning


@dataclass(frozen=True, slots=True)
class Lock:
    """What was found. `content` is empty where there is no set; `before` are the pins until now."""

    content: bytes
    outcome: Outcome
    plain: tuple[Pin, ...]
    before: tuple[Pin, ...]
    bounds: tuple[KeptBound, ...] = ()
    left_out: tuple[NotChecked, ...] = ()
    judged: tuple[Target, ...] = ()
    warnings: tuple[SetWarning, ...] = ()


def lock(
    project: Project,
    wanted: Wanted,
    outside: Outside,
    tell: Callable[[Break], str],
    *,
    kept: tuple[KeptBound, ...] = (),
) -> Lock:
    """Lock a project; `tell` puts a break in a sentence, for the header.

    `kept` are bounds of before that do not stand in the old lock itself.

    InputError for what the user should mend in the declarations or the old lock.
    """
    judging = Judging(project, outside, universal=wanted.universal, beside=wanted.beside)
    try:
        return _Locking(project, wanted, outside, judging, tell, kept).run()
    finally:
        judging.close()


def content_before(path: Path) -> bytes:
    """What stands in the file until now; InputError if its name does not say what to write."""
    written_as(path.name)
    return content(path) if path.exists() else b""


@dataclass
class _Locking:
    """One lock on its way: resolved until nothing breaks, the old one in view."""

    project: Project
    wanted: Wanted
    outside: Outside
    judging: Judging
    tell: Callable[[Break], str]
    kept: tuple[KeptBound, ...] = ()

    def run(self) -> Lock:
        old = self._old()
        before = unique(entry.pin for entry in old.locked) if old else ()
        if old and not self.wanted.upgrade:
            self.kept += read_bounds(self.wanted.before.decode("utf-8", "replace"))
        self.judging.before = {pin.name: pin for pin in before}
        resolver = LockResolver(self.project, self.wanted, self.outside, self.judging.library, self.kept, old)
        outcome = self._outcome(resolver, old)
        while isinstance(outcome, Works):
            held = {p.name: p.version for p in outcome.pins}
            holding = still_true(resolver.kept, held, self.judging.uses)
            self.kept = holding
            if len(holding) == len(resolver.kept):
                break
            # What a bound was there for has gone: the set must do without it.
            resolver = resolver.starting_from(holding)
            outcome = self._outcome(resolver, old)
        self._refuse_unknown_upgrades(before, outcome)
        if isinstance(outcome, NoWorkingSet):
            return Lock(b"", outcome, resolver.plain, before)
        bounds = (*self.kept, *(kept_as(b, self.tell) for b in outcome.bounds))
        assert resolver.lock is not None
        return Lock(
            self._content(resolver.content, bounds),
            outcome,
            resolver.plain,
            before,
            bounds,
            self.judging.left_out,
            self.judging.judged,
            resolver.warnings,
        )

    def _old(self) -> PinnedFile | None:
        return read_lock(self.wanted.before, self.wanted.output) if self.wanted.before else None

    def _outcome(self, resolver: LockResolver, old: PinnedFile | None) -> Outcome:
        """The lock as it was, where that is what the declarations give and it works; else a proof from there."""
        direct = self.project.direct
        direct |= {canonicalize_name(b.requirement.name) for b in self.kept if b.repair is Repair.ADD}
        self.judging.direct = direct
        if old and not self.wanted.upgrade:
            answer = resolver.first()
            if isinstance(answer, Resolved) and resolver.lock is not None and same_pins(old, resolver.lock):
                verdict = self.judging.verdict(resolver.lock)
                if not verdict.of(Severity.FATAL):
                    return Works(answer.pins, (), verdict, (Round(answer.pins, verdict, ()),))
        return proven(resolver, self.judging, direct)

    def _content(self, body: bytes, bounds: Sequence[KeptBound]) -> bytes:
        header = written_header(self.wanted.command, self._circumstances(), bounds)
        kind = written_as(self.wanted.output)
        if self.wanted.head and not bounds:
            return self.wanted.head + body
        if kind == "pylock":
            body = body.replace(b'created-by = "uv"', b'created-by = "pinproof"', 1)
        if kind == "requirements":
            body = "".join(f"--only-binary {n}\n" for n in self.wanted.policy.only_binary).encode() + body
        return same_but_for_the_day(header.encode() + body, self.wanted.before)

    def _circumstances(self) -> str:
        age = self.wanted.policy.exclude_newer
        cooldown = f" with a cooldown of {age.text}" if age is not None and age.span is not None else ""
        when = f"As of {self.wanted.as_of}{cooldown}, for" if self.wanted.as_of else "For"
        if not self.wanted.universal:
            target = self.outside.target
            return f"{when} Python {target.python_text} on {target.platform}"
        judged = ", ".join(f"{t.python_text} on {t.platform}" for t in self.judging.judged)
        return f"{when} Python {self.project.requires_python} on every platform; judged on {judged}"

    def _refuse_unknown_upgrades(self, before: Sequence[Pin], outcome: Outcome) -> None:
        known = {p.name for p in (*before, *(outcome.pins if isinstance(outcome, Works) else ()))}
        for text in self.wanted.upgrade_packages:
            if isinstance(outcome, Works) and canonicalize_name(upgraded(text).name) not in known:
                raise InputError(f"-P {text}: nothing requires {upgraded(text).name}")


def kept_as(bound: Bound, tell: Callable[[Break], str]) -> KeptBound:
    """A bound as it is written down."""
    return KeptBound(bound.requirement, bound.repair, tuple(tell(b) for b in bound.because))


def upgraded(text: str) -> Requirement:
    """What `-P` asks for: NAME or NAME==VERSION."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise InputError(f"-P {text}: not a name", "Write -P flask or -P flask==2.3.3.") from None
