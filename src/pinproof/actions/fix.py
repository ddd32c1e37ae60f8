"""`pinproof check --fix`: put right what can be, until there is nothing more, and only if nothing else suffers.

The files are changed in memory first; each change is read again, and what changes anything but the places that it
names is refused. At the end uv has to resolve what it could resolve before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pinproof.actions.lock_files import content
from pinproof.errors import InputError, OutsideError
from pinproof.facts.changelogs import changelog_of, noted
from pinproof.facts.manifests import reader_of
from pinproof.judgement.fixing import compatible, harm, spliced
from pinproof.model.declaration import FilePath, Kind, Where
from pinproof.model.finding import Safety
from pinproof.sources.replacing import replace_unchanged
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pinproof.actions.library import Outside
    from pinproof.actions.manifests import Tree
    from pinproof.judgement.rules.project import Project
    from pinproof.model.check_report import Checked
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.finding import Edit, Fix, Result

    Check = Callable[[Mapping[FilePath, str]], tuple[Tree, Checked]]
    """Looks at all projects, with these texts instead of what the files hold."""
    Unsolvable = Callable[[Sequence[str]], str]
    """Why these requirements have no solution; empty where they have one, or where that cannot be told."""

_ROUNDS = 10
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of it: what is left, and the files before and after. `notes` is what remains to be said."""

    checked: Checked
    files: Mapping[FilePath, tuple[bytes, bytes]]
    notes: tuple[str, ...] = ()


def fix(
    root: Path, check: Check, *, unsafe: bool, with_changelog: bool, unsolvable: Unsolvable | None
) -> Fixed:
    """Change all that may be changed, in memory. `unsolvable` None: it cannot be asked."""
    work = _Work(root, check, unsafe)
    work.run()
    if unsolvable is not None:
        work.put_back_what_has_no_solution(unsolvable)
    notes = work.note_changes() if with_changelog else ()
    _, checked = check(work.overlay)
    left = replace(checked, fixed=tuple(work.applied), not_fixed=tuple(work.refused))
    return Fixed(left, dict(work.files()), notes)


def write(root: Path, fixed: Fixed) -> None:
    """Replace the files, all or none. InputError where one is not what it was, or lies outside of the folder."""
    replace_unchanged({root / path: pair for path, pair in fixed.files.items()}, root)


@dataclass
class _Work:
    root: Path
    check: Check
    unsafe: bool
    overlay: dict[FilePath, str] = field(default_factory=dict)
    original: dict[FilePath, Manifest] = field(default_factory=dict)
    applied: list[Result] = field(default_factory=list)
    refused: list[tuple[Result, str]] = field(default_factory=list)

    def run(self) -> None:
        """Rounds of fixes, as one may make room for another."""
        for _ in range(_ROUNDS):
            tree, checked = self.check(self.overlay)
            manifests = {m.path: m for project in tree.projects for m in project.manifests}
            self.original = {**manifests, **self.original}
            if not self.round(checked.results, manifests):
                return

    def round(self, results: Iterable[Result], manifests: Mapping[FilePath, Manifest]) -> bool:
        """Apply what can be applied together; whether anything was."""
        refused = {_key(result) for result, _ in self.refused}
        wanted = {id(r.finding.fix): r for r in results if self.may(r) and _key(r) not in refused}
        chosen = list(compatible(r.finding.fix for r in wanted.values() if r.finding.fix))
        changed = False
        for one in chosen:
            result = wanted[id(one)]
            if reason := _refusal([one], manifests):
                self.refused.append((result, reason))
                chosen = [other for other in chosen if other is not one]
        if _refusal(chosen, manifests):
            chosen = chosen[:1]  # what does not go together is done one after the other
        for path, edits in _by_file(chosen).items():
            text = spliced(manifests[path].text, edits)
            if text != manifests[path].text:
                self.overlay[path] = text
                changed = True
        self.applied += [wanted[id(one)] for one in chosen]
        return changed

    def may(self, result: Result) -> bool:
        """Whether a finding has a fix that was asked for."""
        found = result.finding.fix
        return found is not None and (self.unsafe or found.safety is Safety.SAFE)

    def put_back_what_has_no_solution(self, unsolvable: Unsolvable) -> None:
        """Leave a file as it was if what it requires had a solution and has none any more."""
        for path in [p for p in self.overlay if self.original[p].kind in _RESOLVED]:
            if path not in self.overlay:
                continue
            before, after = self.original[path], _reread(self.original[path], self.overlay[path])
            if _wanted(before) == _wanted(after):
                continue
            if (reason := unsolvable(_wanted(after))) and not unsolvable(_wanted(before)):
                self.put_back(path, f"uv finds no solution with it: {reason}")

    def put_back(self, path: FilePath, reason: str) -> None:
        """Leave a file as it was, and those that changed together with it."""
        files = {path}
        while more := {p for r in self.applied if (own := _files_of(r)) & files for p in own} - files:
            files |= more
        undone = [r for r in self.applied if _files_of(r) & files]
        self.applied = [r for r in self.applied if not _files_of(r) & files]
        self.refused += [(r, reason) for r in undone]
        self.overlay = {p: text for p, text in self.overlay.items() if p not in files}

    def note_changes(self) -> tuple[str, ...]:
        """A line in the changelog of a library for each range that it publishes and that has changed."""
        tree, _ = self.check(self.overlay)
        notes = []
        for project in tree.projects:
            lines = list(self.lines_of(project)) if project.is_library else []
            name = changelog_of(_names_in(tree, project.folder)) if lines else None
            if name is None:
                continue
            path = FilePath(f"{project.folder}/{name}" if project.folder else name)
            try:
                text = content(self.root / path).decode("utf-8").removeprefix(_BOM)
            except (InputError, UnicodeDecodeError):
                continue
            edit = noted(path, text, lines)
            if edit is None:
                notes.append(f"{path} has no heading for what is not released: nothing was noted there")
            else:
                self.overlay[path] = spliced(text, [edit])
        return tuple(notes)

    def lines_of(self, project: Project) -> Iterator[str]:
        for path in [p for p in self.overlay if p in self.original]:
            if path not in {manifest.path for manifest in project.manifests}:
                continue
            before = _published(self.original[path])
            after = _published(_reread(self.original[path], self.overlay[path]))
            for key in [key for key in before if key in after and before[key] != after[key]]:
                yield f"Requires `{after[key]}` (was `{before[key]}`)."

    def files(self) -> Iterator[tuple[FilePath, tuple[bytes, bytes]]]:
        for path, text in self.overlay.items():
            before = content(self.root / path)
            mark = _BOM if before.startswith(_BOM.encode()) else ""
            after = f"{mark}{text}".encode()
            if after != before:
                yield path, (before, after)


_RESOLVED = (Kind.PYPROJECT, Kind.REQUIREMENTS, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.PIPFILE, Kind.SCRIPT)


def _key(result: Result) -> tuple[str, str, str]:
    return result.code, result.finding.path, result.finding.subject or result.finding.message


def _by_file(fixes: Iterable[Fix]) -> dict[FilePath, list[Edit]]:
    edits: dict[FilePath, list[Edit]] = defaultdict(list)
    for one in fixes:
        for edit in one.edits:
            edits[edit.path].append(edit)
    return edits


def _files_of(result: Result) -> set[FilePath]:
    return {edit.path for edit in result.finding.fix.edits} if result.finding.fix else set()


def _refusal(fixes: Iterable[Fix], manifests: Mapping[FilePath, Manifest]) -> str:
    """Why these fixes must not be made together; empty where they may."""
    for path, edits in _by_file(fixes).items():
        before = manifests.get(path)
        if before is None:
            return f"{path} is no file that declares anything"
        if reason := harm(before, _reread(before, spliced(before.text, edits)), edits):
            return reason
    return ""


def _reread(before: Manifest, text: str) -> Manifest:
    reader = reader_of(before.path)
    assert reader is not None
    return reader(text, before.path)


def _wanted(manifest: Manifest) -> tuple[str, ...]:
    """What is resolved of a file: everything that is not for building or for something else."""
    kept = (Where.PUBLISHED, Where.EXTRA, Where.LISTED, Where.SCRIPT)
    found = (
        str(d.requirement)
        for d in manifest.declarations
        if d.requirement is not None and d.where in kept and d.name not in manifest.elsewhere
    )
    return tuple(dict.fromkeys(found))


def _published(manifest: Manifest) -> dict[tuple[str, str, int], str]:
    """What is published, by where it stands."""
    found: dict[tuple[str, str, int], str] = {}
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one in manifest.declarations:
        if one.where.is_published and one.name is not None:
            counts[one.part, one.name] += 1
            found[one.part, one.name, counts[one.part, one.name]] = _shown(one)
    return found


def _shown(one: Declaration) -> str:
    return (
        one.text
        if one.requirement is None or one.text.startswith(one.requirement.name)
        else str(one.requirement)
    )


def _names_in(tree: Tree, folder: str) -> Iterator[str]:
    for path in tree.files:
        above, _, name = path.rpartition("/")
        if above == folder:
            yield name


def unsolvable_by_uv(outside: Outside) -> Unsolvable:
    """What uv says; nothing where it fails to answer, or its answer hangs on releases that would have to be built."""

    def ask(requirements: Sequence[str]) -> str:
        try:
            answer = outside.uv.compile(
                requirements, exclude_newer=outside.as_of, python_version=outside.target.python_text
            )
        except (InputError, OutsideError):
            return ""
        if not isinstance(answer, Conflict) or answer.without_wheel or answer.unreadable:
            return ""
        return answer.explanation

    return ask
