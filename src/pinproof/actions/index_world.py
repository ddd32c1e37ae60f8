"""What rules may ask of the index, and a note of what it did not tell."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from packaging.utils import canonicalize_name

from pinproof.actions.library import Library, seen_by
from pinproof.actions.outside import web_urls
from pinproof.errors import InputError, NotFoundError, OfflineError, OutsideError
from pinproof.facts.locks.requirements import direct_name
from pinproof.facts.manifests.indexes import indexes_of
from pinproof.facts.metadata import extras_of
from pinproof.judgement.rules.project import Missing, Releases
from pinproof.model.declaration import Kind, Where
from pinproof.model.release import Pin
from pinproof.model.verdict import NotChecked
from pinproof.sources.index import PYPI, Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Outside
    from pinproof.actions.own_code import OwnCode
    from pinproof.actions.release_contents import ReleaseContents
    from pinproof.judgement.rules.project import Contents, Tried
    from pinproof.judgement.rules.project import Project as Checked
    from pinproof.model.declaration import Declaration, Manifest
    from pinproof.model.release import Project, Standing
    from pinproof.model.verdict import Break

T = TypeVar("T")

_AT_ONCE = 16
_PATIENCE = 3
_NAMED = 3


@dataclass(slots=True)
class _Place:
    """An index, or several that count as one, and what it failed to answer, with the first reason for that."""

    index: Index
    offline: set[NormalizedName] = field(default_factory=set)
    failed: set[NormalizedName] = field(default_factory=set)
    failures: int = 0
    reason: str = ""


class IndexWorld:
    """The index that the user means, and where that has not what is looked for, those that the project names.

    What the project makes itself, or takes from a folder, a repository or a URL, is not known to it. An index that
    failed a few times is not asked any more. Without a folder of `source` nothing is told of how that
    gets on with other releases.
    """

    def __init__(self, outside: Outside, source: Path | None = None) -> None:
        self._outside = outside
        self._source = source
        self._folders: tuple[str, ...] = ()
        self._code: OwnCode | None = None
        self._library = Library(outside)
        self._usual = _Place(outside.index)
        self._further: list[_Place] = []
        self._not_asked: set[str] = set()
        self._elsewhere: set[NormalizedName] = set()
        self._answers: dict[NormalizedName, Releases | Missing | None] = {}
        self._made_here: set[NormalizedName] = set()
        self._unfound: set[NormalizedName] = set()
        self._without_standing = False
        self._contents: ReleaseContents | None = None
        self._noted: dict[NotChecked, None] = {}
        self._lock = threading.Lock()

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What no index said, and why."""
        return (*self._notes(), *(self._code.notes if self._code is not None else ()))

    def close(self) -> None:
        """Let the readers of sources go."""
        self._library.reader.close()
        if self._code is not None:
            self._code.close()

    @property
    def failure(self) -> str:
        """What went wrong first with an index that was asked; empty where all answered."""
        return next((place.reason for place in self._places() if place.failures), "")

    def look_ahead(self, projects: Sequence[Checked]) -> None:
        """Ask for all that is declared or pinned, several names at once."""
        self._folders = tuple(project.folder for project in projects)
        manifests = [manifest for project in projects for manifest in project.manifests]
        self._made_here.update(*(_made_here(manifest) for manifest in manifests))
        self._elsewhere.update(*(_from_elsewhere(manifest) for manifest in manifests))
        self._elsewhere.update(*(lock.elsewhere for project in projects for lock in project.locks))
        self._take_indexes(manifests)
        declared = (d for project in projects for _, d in project.declarations())
        # Of what hooks need nothing is asked: they may be written in another language.
        names = {d.name for d in declared if d.name is not None and d.where is not Where.HOOK}
        names.update(*(lock.pins for project in projects for lock in project.locks))
        waiting = sorted(names - self._elsewhere)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for number, _ in enumerate(threads.map(self.releases, waiting), 1):
                self._outside.progress("Asking the index", number, len(waiting))

    def _take_indexes(self, manifests: Iterable[Manifest]) -> None:
        found = [indexes_of(manifest) for manifest in manifests]
        self._not_asked.update(*(indexes.find_links for indexes in found))
        places = (url for place in self._places() for url in place.index.places)
        known = {_same(url) for url in (*places, PYPI)}
        for url in dict.fromkeys(url for indexes in found for url in indexes.extra_index_urls):
            (address,) = web_urls((url,)) or ("",)
            if not address or re.search(r"[${}%]", address):
                self._not_asked.add(url)
            elif _same(address) not in known:
                known.add(_same(address))
                self._add(url, address)

    def _add(self, url: str, address: str) -> None:
        try:
            self._further.append(_Place(Index(self._outside.fetcher, (address,))))
        except (InputError, OutsideError):  # not a URL after all
            self._not_asked.add(url)

    # --- answers -----------------------------------------------------------------------------------------

    def releases(self, name: NormalizedName) -> Releases | Missing | None:
        """Of the first index that has the project."""
        if name in self._elsewhere:
            return None
        if name not in self._answers:
            self._answers[name] = self._releases(name)
        return self._answers[name]

    def _releases(self, name: NormalizedName) -> Releases | Missing | None:
        for place in self._places():
            found = self._ask(place, name)
            if not isinstance(found, Missing):
                return None if found is None else _releases(found)
        return self._nowhere(name, Missing.MISSING)

    def has(self, name: NormalizedName, specifier: SpecifierSet) -> bool | None:
        """Whether any index has such a release."""
        if name in self._elsewhere:
            return None
        for place in self._places():
            found = self._ask(place, name)
            if found is None:
                return None
            if not isinstance(found, Missing) and _has(found, specifier):
                return True
        return self._nowhere(name, False)

    def standing(self, name: NormalizedName) -> Standing | None:
        """Of the first index that has the project, as it is today: of the past nobody tells that."""
        if name in self._elsewhere:
            return None
        found = next(
            (p for place in self._places() if not isinstance(p := self._ask(place, name), Missing)), None
        )
        if found is None:
            return None
        if found.standing is None or self._outside.as_of is not None:
            self._without_standing = True
            return None
        return found.standing

    def contents(self, pins: Mapping[NormalizedName, Version]) -> Mapping[NormalizedName, Contents]:
        """Of the releases of the usual index."""
        from pinproof.actions.release_contents import ReleaseContents

        if self._contents is None:
            self._contents = ReleaseContents(self._library)
        return self._contents.of({n: v for n, v in pins.items() if n not in self._elsewhere})

    def breaks_with(
        self, dependents: Mapping[NormalizedName, Version], name: NormalizedName, version: Version
    ) -> tuple[Break, ...] | None:
        """By reading the dependents, what they run only later included."""
        from pinproof.actions.judging import breaks_among

        pins = [Pin(name, version), *(Pin(one, at) for one, at in dependents.items())]
        try:
            found = breaks_among(pins, self._library)
        except OutsideError as error:
            found = NotChecked(f"{name} {version}", error.message)
        if isinstance(found, NotChecked):
            self.note(found)
            return None
        return tuple(one for one in found if one.dependency == name)

    def note(self, what: NotChecked) -> None:
        """Told with what no index said."""
        self._noted[what] = None

    def extras(self, name: NormalizedName, specifier: SpecifierSet) -> tuple[Version, frozenset[str]] | None:
        """Of the newest release, as its metadata says; not known where a build would have to tell."""
        known = self.releases(name)
        if not isinstance(known, Releases):
            return None
        admitted = list(specifier.filter(v for v in known.versions if v not in known.yanked))
        if not admitted or self._library.project(name).release(max(admitted)) is None:
            return None
        try:
            opened = self._library.distribution(name, max(admitted))
        except OutsideError as error:
            opened = NotChecked(f"{name} {max(admitted)}", error.message)
        if isinstance(opened, NotChecked):
            self.note(opened)
            return None
        extras = extras_of(opened.metadata)
        return (max(admitted), extras) if extras or opened.built else None

    def at_floor(self, project: Checked, declaration: Declaration) -> Tried | None:
        """The project's own source with the oldest release that is admitted."""
        code = self._judge(declaration)
        return None if code is None else code.at_floor(project, declaration)

    def beyond_cap(self, project: Checked, declaration: Declaration) -> Tried | None:
        """The project's own source with releases that are kept out."""
        code = self._judge(declaration)
        return None if code is None else code.beyond_cap(project, declaration)

    def _judge(self, declaration: Declaration) -> OwnCode | None:
        if self._code is None and self._source is not None:
            # What judges takes its time to be loaded, and most rules do without.
            from pinproof.actions.own_code import OwnCode

            self._code = OwnCode(self._source, self._folders, self._outside)
        return None if declaration.name in self._made_here else self._code

    def _nowhere(self, name: NormalizedName, answer: T) -> T | None:
        """The answer that no index has it, unless there are places that cannot be asked."""
        if not self._not_asked:
            return answer
        self._unfound.add(name)
        return None

    def _places(self) -> Iterator[_Place]:
        yield self._usual
        yield from self._further

    def _ask(self, place: _Place, name: NormalizedName) -> Project | Missing | None:
        """None where it gives no answer, which is put down."""
        if place.failures >= _PATIENCE:
            self._put_down(place, name)
            return None
        try:
            return seen_by(place.index.project(name), self._outside.as_of)
        except NotFoundError:
            return Missing.MISSING
        except OfflineError:
            place.offline.add(name)
        except OutsideError as error:
            self._put_down(place, name, error.message)
        return None

    def _put_down(self, place: _Place, name: NormalizedName, reason: str = "") -> None:
        with self._lock:
            place.failed.add(name)
            place.failures += bool(reason)
            place.reason = place.reason or reason

    # --- notes -------------------------------------------------------------------------------------------

    def _notes(self) -> Iterator[NotChecked]:
        yield from self._noted
        if self._contents is not None:
            yield from self._contents.notes
        for place in self._places():
            if place.failed:
                yield NotChecked(_named(place.failed), place.reason)
            if place.offline:
                where = ", ".join(place.index.places)
                yield NotChecked(_named(place.offline), f"what {where} says of it is not in the cache")
        if self._unfound:
            places = _named(self._not_asked)
            yield NotChecked(_named(self._unfound), f"it may come from {places}, which cannot be asked")
        if self._without_standing:
            where = ", ".join(self._usual.index.places)
            told = "told of the past" if self._outside.as_of is not None else f"told by {where} (PEP 792)"
            yield NotChecked("whether projects are archived or quarantined", f"it is not {told}")


def _made_here(manifest: Manifest) -> Iterator[NormalizedName]:
    """What a file makes, or says to be taken from no index for all that stands in it.

    That an environment of conda has something leaves it to the index for everybody else.
    """
    if manifest.name is not None:
        yield canonicalize_name(manifest.name.text)
    if manifest.kind is not Kind.CONDA:
        yield from manifest.elsewhere


def _from_elsewhere(manifest: Manifest) -> Iterator[NormalizedName]:
    """What a file makes, or takes from no index in any place."""
    yield from _made_here(manifest)
    yield from manifest.elsewhere
    for declaration in manifest.every_declaration:
        if declaration.requirement is not None and declaration.requirement.url is not None:
            yield canonicalize_name(declaration.requirement.name)
    references = (*manifest.includes, *(r for command in manifest.commands for r in command.references))
    yield from (canonicalize_name(direct_name(one.path)) for one in references)


def _releases(project: Project) -> Releases:
    return Releases(
        tuple(release.version for release in project.releases),
        {r.version: r.yanked for r in project.releases if r.yanked is not None},
    )


def _has(project: Project, specifier: SpecifierSet) -> bool:
    # Most of what is asked for is among the newest.
    return any(specifier.contains(one.version, prereleases=True) for one in reversed(project.releases))


def _same(url: str) -> str:
    """An address without what makes no difference."""
    return re.sub(r"^https?://(?:[^@/]*@)?", "", url).rstrip("/").lower()


def _named(names: Iterable[str]) -> str:
    first, *_ = parts = sorted(names)
    shown = ", ".join(parts[:_NAMED])
    return (
        first
        if len(parts) == 1
        else shown + (f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else "")
    )
