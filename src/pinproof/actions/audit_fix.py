"""`pinproof audit --fix`: let the fixed releases in, one change after the other, each proven before the next.

Everything happens in copies. What is written in the end was resolved, judged and found free of what it was to be
freed of; a change that is not comes to nothing, with the reason.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.asked import edited
from pinproof.actions.declaring import source_of
from pinproof.actions.exposures import Exposing
from pinproof.actions.hypotheses import exempting
from pinproof.actions.judging import judge
from pinproof.actions.library import Library
from pinproof.actions.lock_files import content, read_set, seen_from
from pinproof.actions.relocking import relocked
from pinproof.actions.unbuilt import stand_ins_of
from pinproof.errors import InputError, OutsideError
from pinproof.facts.kept_in_toml import with_overrides
from pinproof.facts.locks.header import KeptBound
from pinproof.facts.locks.text import readable
from pinproof.model.exposure import Mended, Stuck
from pinproof.model.verdict import Repair, Severity
from pinproof.sources.copies import linked_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from packaging.utils import NormalizedName

    from pinproof.actions.declaring import Source
    from pinproof.actions.exposures import Affected
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.model.advisory import Vulnerability
    from pinproof.model.exposure import Change, Exposure, Uses
    from pinproof.model.policy import Cutoffs
    from pinproof.model.verdict import Break

    Look = Callable[[GivenSet], Sequence[Vulnerability]]
    """The vulnerabilities of a set that are to be mended, the worst first."""


@dataclass(frozen=True, slots=True)
class Words:
    """How things are said in what is written: a break, and why an override may be."""

    sentence: Callable[[Break], str]
    uses: Callable[[Uses, Change], str]


def mend(
    lock: Path, outside: Outside, look: Look, affected: Affected, words: Words
) -> tuple[Mended, GivenSet]:
    """Change what has to be changed so that the lock has no vulnerability that a change mends, and the set it then has.

    Nothing is written. InputError for files that cannot be read.
    """
    return _Mending(lock, outside, look, affected, words).run()


class _RefusedError(Exception):
    """A change comes to nothing; the message says why."""


@dataclass
class _Mending:
    lock: Path
    outside: Outside
    look: Look
    affected: Affected
    words: Words
    overlay: dict[Path, bytes] = field(default_factory=dict)
    before: dict[Path, bytes] = field(default_factory=dict)
    applied: list[Exposure] = field(default_factory=list)
    refused: list[tuple[NormalizedName, str]] = field(default_factory=list)

    def run(self) -> tuple[Mended, GivenSet]:
        given = self._read({})
        known = self._files(given)
        self.before = {path: content(path) for path in known if path.is_file()}
        self.root = Path(os.path.commonpath([path.parent for path in known]))
        while True:
            done = len(self.applied)
            given = self._mend_all(given)
            # What one change could not let in another may have made room for.
            if len(self.applied) == done or not self.refused:
                break
        files = {path: (self._was(path), text) for path, text in self.overlay.items()}
        moved = {self._shown(path): pair for path, pair in files.items() if pair[0] != pair[1]}
        return Mended(moved, tuple(self.applied), tuple(self.refused), str(self.root)), given

    def _was(self, path: Path) -> bytes:
        """What a file held when this began; of one that only turned up later, what it holds now."""
        if path not in self.before:
            self.before[path] = content(path) if path.exists() else b""
        return self.before[path]

    def _mend_all(self, given: GivenSet) -> GivenSet:
        """Each vulnerable pin once; the set as it is then."""
        self.refused = []
        tried: set[NormalizedName] = set()
        while todo := next((v for v in self.look(given) if v.name not in tried), None):
            tried.add(todo.name)
            group = [v for v in self.look(given) if v.name == todo.name]
            try:
                self.overlay, exposure = self._step(given, group)
            except (_RefusedError, InputError) as refused:
                self.refused.append((todo.name, str(refused)))
                continue
            self.applied.append(exposure)
            given = self._read(self.overlay)
        return given

    def _read(self, overlay: Mapping[Path, bytes]) -> GivenSet:
        def read(path: Path, included_at: str = "") -> bytes:
            known = overlay.get(path.absolute())
            return content(path, included_at) if known is None else known

        return read_set(self.lock, self.outside.target, read)

    def _files(self, given: GivenSet) -> list[Path]:
        """The lock and everything that it was made from."""
        library = Library(self.outside)
        try:
            project = source_of(self.lock, given.pins, library, with_source=False).project
        finally:
            library.reader.close()
        named = [Path(d.filename) for d in project.declared]
        included = [Path(d.filename).parent / i.path for d in project.declared for i in d.includes]
        places = [Path(place.filename) for place in given.places.values()]
        return [Path(os.path.normpath(path.absolute())) for path in (self.lock, *named, *included, *places)]

    def _step(self, given: GivenSet, group: Sequence[Vulnerability]) -> tuple[dict[Path, bytes], Exposure]:
        """The files after one more change. Raises _RefusedError where there is none that holds."""
        exposure, change, files = self._change(given, group)
        overlay = {**self.overlay, **files}
        with self._copy(overlay) as folder:
            source = self._source(folder, given)
            try:
                made = relocked(
                    self._in(folder, self.lock),
                    source,
                    given,
                    exposure.name,
                    change,
                    self.outside,
                    self.words.sentence,
                    self._cutoffs(source, change),
                    lambda path: self._in(folder, path),
                )
            except (InputError, OutsideError) as error:
                raise _RefusedError(error.message) from error
            overlay |= {self._from(folder, path): text for path, text in made.items()}
        after = self._read(overlay)
        self._verify(given, after, exposure, change, overlay)
        return overlay, exposure

    def _change(
        self, given: GivenSet, group: Sequence[Vulnerability]
    ) -> tuple[Exposure, Change, dict[Path, bytes]]:
        """The smallest change in what there is now, and what the declarations then hold."""
        with self._copy(self.overlay) as folder:
            source = self._source(folder, given)
            exposing = Exposing(
                source,
                given.pins,
                self.outside,
                self.affected,
                source.project.policy,
                source.project.policy.cutoffs(self.outside.as_of, datetime.now(UTC)),
                lambda path: self._shown(self._from(folder, path)),
            )
            try:
                [exposure] = exposing.exposures(exposing.wanted(group))
                change = exposure.change
                if change is None or isinstance(change, Stuck):
                    raise _RefusedError(change.reason if change else "no change was found")
                files = edited(change.rewrites, exposing.spots)
                if change.overrides:
                    path, text = self._overridden(source, change, files)
                    files[path] = text
            finally:
                exposing.close()
            return exposure, change, {self._from(folder, path): text for path, text in files.items()}

    def _overridden(self, source: Source, change: Change, files: Mapping[Path, bytes]) -> tuple[Path, bytes]:
        """The pyproject.toml with the overrides and the evidence that allows them."""
        path = source.project.folder / "pyproject.toml"
        is_uv = source.tool is None or source.tool.name == "uv"
        if not is_uv or not source.declares or path.name not in source.project.files:
            said = ", ".join(map(str, change.overrides))
            raise _RefusedError(
                f"an override ({said}) would do, and can only be said to uv, in the [tool.uv] of a pyproject.toml"
                " that declares the project"
            )
        reasons = tuple(self.words.uses(uses, change) for uses in change.uses)
        entries = [KeptBound(r, Repair.CAP, reasons) for r in change.overrides]
        text = readable(files.get(path) or content(path), str(path))
        return path, with_overrides(text, entries, str(path)).encode()

    def _cutoffs(self, source: Source, change: Change) -> Cutoffs:
        cutoffs = source.project.policy.cutoffs(self.outside.as_of, datetime.now(UTC))
        return exempting(cutoffs, change.exempt, self.outside.as_of)

    # --- what holds -----------------------------------------------------------------------------------

    def _verify(
        self,
        before: GivenSet,
        after: GivenSet,
        exposure: Exposure,
        change: Change,
        overlay: Mapping[Path, bytes],
    ) -> None:
        """It is gone, nothing breaks that did not before, and all of it can be installed."""
        left = [v for v in self.look(after) if v.name == exposure.name]
        there = next((pin.version for pin in after.pins if pin.name == exposure.name), None)
        if there == exposure.version:
            raise _RefusedError(f"the new lock has {exposure.name} {there} all the same")
        known = {v.identifier for v in self.look(before) if v.name == exposure.name}
        if there is not None and len({v.identifier for v in left} & known) == len(known):
            raise _RefusedError(
                f"{exposure.name} {there}, which the new lock has, has the same vulnerabilities"
            )
        with self._copy(overlay) as folder:
            library = Library(self.outside)
            try:
                source = self._source(folder, after)
                if reason := self._broken(before, after, source, library):
                    raise _RefusedError(reason)
                lines = [f"{pin.name}=={pin.version}" for pin in after.pins]
                conflict = self.outside.uv.would_install(
                    lines,
                    python_version=self.outside.target.python_text,
                    overrides=[str(r) for r in change.overrides],
                    stand_ins=stand_ins_of(after.pins, library),
                )
            finally:
                library.reader.close()
        if conflict is not None:
            raise _RefusedError(f"the new lock cannot be installed: {conflict.explanation}")

    def _broken(self, before: GivenSet, after: GivenSet, source: Source, library: Library) -> str:
        """The first fatal break that was not there before."""
        own = source.project.own(library)
        direct = {canonicalize_name(r.name) for r in source.project.requirements}
        now = judge(after.pins, library, direct, own=own).of(Severity.FATAL)
        if not now:
            return ""
        known = judge(before.pins, library, direct, own=own).of(Severity.FATAL)
        then = {(b.dependent, b.symbol) for b in known}
        fresh = [b for b in now if (b.dependent, b.symbol) not in then]
        return self.words.sentence(fresh[0]) if fresh else ""

    # --- copies ---------------------------------------------------------------------------------------

    @staticmethod
    def _shown(path: Path) -> str:
        return str(seen_from(Path.cwd(), path))

    def _copy(self, overlay: Mapping[Path, bytes]) -> AbstractContextManager[Path]:
        return linked_copy(self.root, overlay)

    def _source(self, folder: Path, given: GivenSet) -> Source:
        library = Library(self.outside)
        try:
            return source_of(self._in(folder, self.lock), given.pins, library)
        finally:
            library.reader.close()

    def _in(self, folder: Path, path: Path) -> Path:
        return folder / path.absolute().relative_to(self.root)

    def _from(self, folder: Path, path: Path) -> Path:
        return self.root / path.absolute().relative_to(folder.absolute())
