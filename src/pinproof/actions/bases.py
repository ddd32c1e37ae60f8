"""What a set is compared with: its lock as it was, in another file or in a commit of git."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.lock_files import content, find_target, read_set, seen_from
from pinproof.actions.on_disk import look_on_disk
from pinproof.errors import InputError
from pinproof.model.release import moves
from pinproof.sources.git import find_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.utils import NormalizedName

    from pinproof.actions.lock_files import GivenSet, Unreleased
    from pinproof.model.release import Pin, Target
    from pinproof.model.verdict import Verdict
    from pinproof.sources.git import Commit


@dataclass(frozen=True, slots=True)
class Base:
    """The set as it was, by the name that the user gave it; `missing`: the commit has no such lock.

    `entries` are those that stood for no release. `commit` has the user's own source as it was.
    """

    name: str
    pins: tuple[Pin, ...] = ()
    entries: frozenset[tuple[str, str]] = frozenset()
    commit: Commit | None = None
    missing: bool = False


def read_base(name: str, lock: Path | None, target: Target) -> Base:
    """The lock as it was: a file (or the folder that has it), REV, or REV:PATH as git writes it.

    `lock` is the one at hand, whose name counts where a commit alone is named. InputError, with file and line, for
    what cannot be read.
    """
    if name and Path(name).exists():
        return _based(name, read_set(find_target(name, Path.cwd()).path, target), None)
    revision, colon, inside = name.partition(":")
    folder = lock.parent if lock is not None else Path()
    commit = find_commit(revision, folder)
    if colon:
        path = folder / inside if inside.startswith((".", "/")) else commit.root / inside
    elif lock is not None:
        path = lock
    else:
        raise InputError(f"--base {name}: the name of the lock is missing", hint=f"Write {name}:PATH.")
    path = seen_from(Path.cwd().resolve(), path)
    if commit.read(path) is None:
        if colon:
            raise InputError(f"{name}: the commit has no such file")
        return Base(name, commit=commit, missing=True)

    def read(path: Path, included_at: str = "") -> bytes:
        found = commit.read(path)
        if found is None:
            where = f"{included_at}: " if included_at else ""
            raise InputError(f"{where}cannot read {path}: the commit has no such file")
        return found

    try:
        given = read_set(path, target, read)
    except InputError as error:
        raise InputError(f"as of {revision}: {error.message}", error.hint) from error
    return _based(name, given, commit)


def _based(name: str, given: GivenSet, commit: Commit | None) -> Base:
    entries = frozenset(map(_entry, given.unreleased))
    looked_up, _ = look_on_disk(given)
    return Base(name, looked_up.pins, entries, commit)


def _entry(entry: Unreleased) -> tuple[str, str]:
    return canonicalize_name(entry.name), entry.reason


@dataclass(frozen=True, slots=True)
class Moved:
    """What is not as it was: names of distributions, and the test for a file of the user's own."""

    base: Base
    names: frozenset[NormalizedName]

    def narrowed(self, verdict: Verdict, sources: Mapping[tuple[NormalizedName, str], str]) -> Verdict:
        """What is to be said of that alone: a break where either side moved, or the line of the user's own."""
        return replace(
            verdict,
            breaks=tuple(
                b
                for b in verdict.breaks
                if not self.names.isdisjoint((b.dependent, b.dependency))
                or self._is_new(sources.get((b.dependent, b.path)))
            ),
            not_checked=tuple(
                n for n in verdict.not_checked if canonicalize_name(n.name.split()[0]) in self.names
            ),
        )

    def _is_new(self, filename: str | None) -> bool:
        """Whether a file of the user's own is not as the commit has it; where there is no commit, it is as it was."""
        if filename is None or self.base.commit is None:
            return False
        return self.base.commit.read(Path(filename)) != content(Path(filename))


def moved(given: GivenSet, base: Base, always: Iterable[NormalizedName]) -> tuple[GivenSet, Moved]:
    """What moved since, and the set with only that of what was left out which is new; some counts `always`."""
    names = set(always)
    names |= {move.name for move in moves(base.pins, given.pins)}
    new = [entry for entry in given.unreleased if _entry(entry) not in base.entries]
    names |= {canonicalize_name(entry.name) for entry in new}
    left_out = tuple(n for n in given.left_out if canonicalize_name(n.name) in names)
    return replace(given, left_out=left_out), Moved(base, frozenset(names))
