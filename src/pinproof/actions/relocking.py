"""Make a lock again so that it has another release of one package, in whatever way it was made before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.actions.into_tool import into_tool
from pinproof.actions.lock import lock as locked
from pinproof.actions.lock_files import content
from pinproof.actions.lock_resolving import Wanted, written_as
from pinproof.errors import InputError
from pinproof.facts.locks.pinned import place
from pinproof.facts.locks.text import readable
from pinproof.facts.manifests import reader_of
from pinproof.judgement.fixing import spliced
from pinproof.judgement.rewriting import admitting
from pinproof.model.declaration import FilePath
from pinproof.model.finding import Edit
from pinproof.model.verdict import NoWorkingSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from packaging.utils import NormalizedName

    from pinproof.actions.declaring import Source
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.lock_tools import Tool
    from pinproof.model.exposure import Change
    from pinproof.model.policy import Cutoffs
    from pinproof.model.release import Move
    from pinproof.model.report import Place
    from pinproof.model.verdict import Break

    Tell = Callable[["Break"], str]
    Located = Callable[[Path], Path]


def relocked(
    path: Path,
    source: Source,
    given: GivenSet,
    name: NormalizedName,
    change: Change,
    outside: Outside,
    tell: Tell,
    cutoffs: Cutoffs,
    located: Located,
) -> dict[Path, bytes]:
    """What the files hold that are locked anew; `path` is the lock. InputError where no set works.

    Where no command made it, pins are changed in their places, as far as they can be; else it is made anew. `located`
    says where a file of the user's lies, of those that are worked on.
    """
    wanted = Wanted(
        path.name,
        universal=bool(source.project.requires_python),
        policy=source.project.policy,
        cutoffs=cutoffs,
        beside=path.parent,
    )
    exact = replace(wanted, upgrade_packages=(f"{name}=={change.to}",))
    moving = tuple(dict.fromkeys((name, *(m.name for m in change.moves if m.before is not None))))
    if source.tool is not None:
        by_name = replace(wanted, upgrade_packages=moving)
        return _by_tool(source, source.tool, exact if source.tool.name == "uv" else by_name, outside, tell)
    if path.suffix == ".txt" and source.made_by is None:
        try:
            return dict(_respelled(path, given, change.moves, located))
        except InputError:
            if not source.declares:
                raise
    if not source.declares:
        raise InputError(f"{path.name}: nothing declares what it was made from")
    if path.suffix == ".lock":
        raise InputError(f"{path.name}: only its own tool makes it again, which is not driven here")
    written_as(path.name)
    exact = _as_before(exact, path, source, outside)
    found = locked(source.project, exact, outside, tell)
    if isinstance(found.outcome, NoWorkingSet):
        found = locked(source.project, replace(exact, upgrade_packages=moving), outside, tell)
    if isinstance(found.outcome, NoWorkingSet):
        raise InputError(found.outcome.reason)
    return {path: found.content}


def _as_before(wanted: Wanted, path: Path, source: Source, outside: Outside) -> Wanted:
    """A lock in the manner in which it was made: by the same command, with hashes or without."""
    before, made_by = content(path), source.made_by
    as_of = outside.as_of.date().isoformat() if outside.as_of else ""
    wanted = replace(
        wanted,
        before=before,
        command=_command(path, source, as_of),
        as_of=as_of,
    )
    if made_by is None:
        return wanted
    wanted = replace(wanted, universal=made_by.universal)
    if made_by.tool == "pinproof lock":
        return wanted
    return replace(wanted, head=made_by.head.encode(), hashes=b"--hash=" in before)


def _by_tool(source: Source, tool: Tool, wanted: Wanted, outside: Outside, tell: Tell) -> dict[Path, bytes]:
    changed = into_tool(
        source.project, replace(wanted, output="pylock.toml", beside=None), outside, tell, tool
    )
    if isinstance(changed.found.outcome, NoWorkingSet):
        raise InputError(changed.found.outcome.reason)
    if not changed.lock:
        raise InputError(f"{tool.name} is not installed here, and nothing else makes {tool.lock_file}")
    folder = source.project.folder
    return {folder / "pyproject.toml": changed.pyproject, folder / tool.lock_file: changed.lock}


def _command(path: Path, source: Source, as_of: str) -> str:
    """The command that makes the lock again, as of the day that it is made for now."""
    made_by, project = source.made_by, source.project
    if made_by is not None and made_by.tool == "pinproof lock":
        undated = re.sub(r"\s--as-of[= ]\S+", "", made_by.command)
        return f"{undated} --as-of={as_of}" if as_of else undated
    words = [
        *project.named,
        *(f"--extra={e}" for e in project.extras),
        *(f"--group={g}" for g in project.groups),
    ]
    return " ".join(["pinproof lock", *words, "-o", path.name])


def _respelled(
    path: Path, given: GivenSet, moves: Iterable[Move], located: Located
) -> Iterable[tuple[Path, bytes]]:
    """The pins of a lock in their places; what is new stands at the end."""
    edits: dict[Path, list[Edit]] = {}
    added = [f"{move.name}=={move.after}\n" for move in moves if move.before is None]
    for move in moves:
        if move.before is not None and move.after is not None:
            at = given.places.get(move.name)
            file = located(Path(at.filename)) if at is not None else path
            edits.setdefault(file, []).append(_edit(file, at, move))
    for file in {path, *edits}:
        text = readable(content(file), str(file))
        changed = spliced(text, edits.get(file, []))
        if file == path and added:
            changed = f"{changed.rstrip()}\n{''.join(added)}"
        yield file, changed.encode()


def _edit(file: Path, at: Place | None, move: Move) -> Edit:
    """The new version of a pin. InputError where its line has hashes, or several lines have it."""
    shown = FilePath("requirements.txt")
    reader = reader_of(shown)
    assert reader is not None
    assert move.after is not None
    manifest = reader(readable(content(file), file.name), shown)
    found = [d for d in manifest.declarations if d.name == move.name]
    span = found[0].specifier_span if len(found) == 1 and not found[0].hashed else None
    if span is None:
        where = place(at.filename, at.line) if at is not None else file.name
        told = "with its hashes" if any(d.hashed for d in found) else "as it is written"
        raise InputError(f"{where}: {move.name} would have to be {move.after}, and cannot be changed {told}")
    return Edit(shown, span, admitting(span.of(manifest.text), move.after))
