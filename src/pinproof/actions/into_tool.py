"""`pinproof lock --into TOOL`: the bounds into the project's own `pyproject.toml`, and the tool's lock made with them.

All of it happens in a copy of the project's folder that links to the rest of it; the two files are replaced only when
the set that the tool has locked was judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.actions.fork_judging import Judging
from pinproof.actions.lock import Lock, kept_as, lock
from pinproof.actions.lock_files import content
from pinproof.actions.lock_resolving import Wanted, unique
from pinproof.actions.projects import find_project
from pinproof.actions.workspace import declares_conflicts
from pinproof.errors import InputError, OutsideError
from pinproof.facts.declared import names_of_parts
from pinproof.facts.kept_in_toml import bounds_in, with_bounds, without_bounds
from pinproof.facts.locks.header import site_of, still_true
from pinproof.facts.locks.text import readable
from pinproof.judgement.resolution import repairs_of
from pinproof.model.verdict import Repair, Round, Severity, Works
from pinproof.sources.copies import linked_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Outside
    from pinproof.actions.lock_tools import Tool
    from pinproof.actions.projects import Project
    from pinproof.facts.locks import PinnedFile
    from pinproof.facts.locks.header import KeptBound
    from pinproof.model.release import Pin
    from pinproof.model.verdict import Break, Verdict

_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Changed:
    """What the two files should hold; `lock` is empty where the tool is not there to write it."""

    found: Lock
    pyproject: bytes = b""
    lock: bytes = b""


def project_of(paths: Sequence[str], here: Path, tool: Tool, *, with_source: bool) -> Project:
    """The project in a folder with all of its extras and groups, which its tool locks. InputError if it is none."""
    folder = Path(paths[0]) if paths else here
    folder = folder.parent if folder.name == "pyproject.toml" else folder
    path = folder / "pyproject.toml"
    if len(paths) > 1 or not path.is_file():
        raise InputError(
            f"--into {tool.name}: {folder} is no project of {tool.name}",
            hint="Name one folder with a pyproject.toml.",
        )
    # What pinproof put there itself is no part of what is declared.
    plain = without_bounds(_text(path), tool.spot)
    extras, groups = names_of_parts(plain, str(path))
    project = find_project([str(path)], here, extras=extras, groups=groups, with_source=with_source)
    return _whole(project) if tool.locks_members else project


def _whole(project: Project) -> Project:
    """With what all members of its workspace require, where that goes together."""
    if declares_conflicts([project.folder, *(member.folder for member in project.members)]):
        return project
    required = [(f"{m.folder.name}/pyproject.toml", tuple(map(str, m.requirements))) for m in project.members]
    return replace(project, whole=True, read=(*project.read, *required))


def into_tool(
    project: Project, wanted: Wanted, outside: Outside, tell: Callable[[Break], str], tool: Tool
) -> Changed:
    """Find the bounds that the newest of everything needs, and lock with them; what the lock pins stays if it may.

    A bound that is not needed any more goes, and what it was there for may move. InputError where a bound cannot be
    said to the tool.
    """
    path = project.folder / "pyproject.toml"
    text = _text(path)
    lock_file = project.folder / tool.lock_file
    files = {path: without_bounds(text, tool.spot).encode()}
    files |= {lock_file: lock_file.read_bytes()} if lock_file.is_file() else {}
    with linked_copy(project.folder, files, without=[tool.lock_file]) as folder:
        copy = replace(project, folder=folder)
        before: tuple[Pin, ...] = ()
        if (folder / tool.lock_file).exists() and tool.is_there():
            before = unique(entry.pin for entry in tool.locked(folder, outside).locked)
        found = replace(lock(copy, wanted, outside, tell), before=before)
        if not found.content:
            return Changed(found)
        _refuse_additions(found.bounds, tool)
        settling = _Settling(text, str(path), copy, wanted, outside, tell, tool, list(found.bounds))
        if not tool.is_there():
            return Changed(found, settling.written())
        judging = Judging(copy, outside, universal=wanted.universal)
        try:
            locked, verdict = settling.run(judging)
        finally:
            judging.close()
        pins, bounds = unique(entry.pin for entry in locked.locked), tuple(settling.bounds)
        content_of_lock = (folder / tool.lock_file).read_bytes()
        outcome = Works(pins, (), verdict, (Round(pins, verdict, ()),))
        made = Lock(content_of_lock, outcome, found.plain, before, bounds, judging.left_out, judging.judged)
        return Changed(made, settling.written(), content_of_lock)


def _text(path: Path) -> str:
    return readable(content(path), str(path))


@dataclass
class _Settling:
    """From the bounds of the newest of everything to a lock of the tool's that works.

    What the tool keeps as it was may need what the newest does not: that is let go first, and bounded if it stays.
    """

    text: str
    filename: str
    project: Project
    wanted: Wanted
    outside: Outside
    tell: Callable[[Break], str]
    tool: Tool
    bounds: list[KeptBound]
    moving: set[NormalizedName] = field(default_factory=set)

    def written(self) -> bytes:
        """The declaration with the bounds as they are now."""
        return with_bounds(self.text, self.bounds, self.tool.spot, self.filename).encode()

    def run(self, judging: Judging) -> tuple[PinnedFile, Verdict]:
        """The lock and its verdict; it lies in the folder of the project."""
        kept = {str(bound.requirement) for bound in self.bounds}
        former = [b for b in bounds_in(self.text) if str(b.requirement) not in kept]
        self.moving = _dependents(former)
        judging.direct = self.project.direct
        for _ in range(_ROUNDS):
            locked = self._locked()
            held = {entry.pin.name: entry.pin.version for entry in locked.locked}
            if needed := still_true([b for b in former if b.repair is Repair.CAP], held, judging.uses):
                self.bounds += needed
                former = []
                continue
            verdict = judging.verdict(locked)
            fatal = verdict.of(Severity.FATAL)
            if not fatal:
                return locked, verdict
            broken = {name for found in fatal for name in (found.dependent, found.dependency)}
            if further := broken.intersection(held) - self.moving:
                self.moving |= further
            else:
                self._bound(verdict)
        raise OutsideError(f"{self.tool.lock_file} does not come to a set that works")

    def _locked(self) -> PinnedFile:
        folder = self.project.folder
        (folder / "pyproject.toml").write_bytes(self.written())
        self.tool.lock(folder, self.wanted, self.outside, sorted(self.moving))
        return self.tool.locked(folder, self.outside)

    def _bound(self, verdict: Verdict) -> None:
        known = {str(bound.requirement) for bound in self.bounds}
        found = [kept_as(bound, self.tell) for bound in repairs_of(verdict)]
        self.bounds += [bound for bound in found if str(bound.requirement) not in known]
        _refuse_additions(self.bounds, self.tool)


def _dependents(bounds: Iterable[KeptBound]) -> set[NormalizedName]:
    """Those that bounds are there for."""
    sites = (site_of(reason) for bound in bounds for reason in bound.reasons)
    return {site.dependent for site in sites if site is not None}


def _refuse_additions(bounds: Iterable[KeptBound], tool: Tool) -> None:
    for bound in bounds:
        if bound.repair is Repair.ADD:
            raise InputError(
                f"{bound.requirement} is missing: {bound.reasons[0]}",
                hint=f"A bound cannot add it: `{tool.add} {bound.requirement}`.",
            )
