"""The project's own source held against single releases of what it depends on: the oldest that is allowed, and those
beyond a cap.

Only what the source itself uses is looked at, and of the set only that one release: what it may have from others is
not known then, and nothing is said to be missing for that.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.actions.fact_reader import Wanted
from pinproof.actions.library import Library
from pinproof.actions.markers import marker_environment
from pinproof.errors import ArchiveError, InputError, OutsideError
from pinproof.facts.layout import is_auxiliary
from pinproof.facts.own_source import own_layout
from pinproof.facts.source import parsing
from pinproof.judgement.answers import Absent, Installed, Present
from pinproof.judgement.baselines import Baselines
from pinproof.judgement.compat import find_breaks
from pinproof.judgement.environment import Environment
from pinproof.judgement.importing import EXCEPTIONS
from pinproof.judgement.misses import find_misses, outcome
from pinproof.judgement.relevance import Relevance
from pinproof.judgement.rules.markers import supported
from pinproof.judgement.rules.project import Tried
from pinproof.judgement.rules.specifiers import is_cap, limit, version_of
from pinproof.model.distribution import Layout, Metadata
from pinproof.model.verdict import Break, NotChecked, Severity
from pinproof.sources.folders import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from packaging.requirements import Requirement

    from pinproof.actions.library import Outside
    from pinproof.judgement.answers import Miss
    from pinproof.judgement.rules.project import Project
    from pinproof.model.declaration import Declaration
    from pinproof.model.release import Release, Target
    from pinproof.sources.folders import Folder

    Choice = Callable[["Requirement", "Library", "Pythons"], "list[Release]"]
    """Which releases of what is required are to be looked at."""

_SOURCE_FOLDERS = ("src/", "lib/")
_BEYOND = 6
"""How many releases beyond a cap are looked into: each may cost a download."""


class OwnCode:
    """Answers for the projects below `root`, each question once. The source in their `folders` is theirs alone."""

    def __init__(self, root: Path, folders: Iterable[str], outside: Outside) -> None:
        self._root = root
        self._outside = outside
        self._folders = tuple(folders)
        self._libraries: dict[tuple[int, int], Library] = {}
        self._sources: dict[str, tuple[Folder, Layout] | None] = {}
        self._answers: dict[tuple[str, str, str], Tried | None] = {}
        self._notes: dict[NotChecked, None] = {}

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What could not be looked at."""
        return tuple(self._notes)

    def close(self) -> None:
        """Let the readers go."""
        for library in self._libraries.values():
            library.reader.close()

    def at_floor(self, project: Project, declaration: Declaration) -> Tried | None:
        """The source with the oldest release that a requirement admits."""
        return self._answered(project, declaration, "its lower bound", _oldest)

    def beyond_cap(self, project: Project, declaration: Declaration) -> Tried | None:
        """The source with the newest releases that a requirement keeps out."""
        return self._answered(project, declaration, "what its cap keeps out", _beyond)

    def _answered(
        self, project: Project, declaration: Declaration, subject: str, choose: Choice
    ) -> Tried | None:
        requirement = declaration.requirement
        if requirement is None or requirement.url is not None:
            return Tried()
        key = (project.folder, subject, str(requirement))
        if key not in self._answers:
            try:
                with parsing():
                    self._answers[key] = self._asked(project, requirement, choose)
            except (ArchiveError, OutsideError, InputError) as error:
                self._notes[NotChecked(f"{requirement.name}: {subject}", error.message)] = None
                self._answers[key] = None
        return self._answers[key]

    def _asked(self, project: Project, requirement: Requirement, choose: Choice) -> Tried | None:
        pythons = Pythons.of(project)
        target = pythons.target_for(requirement, self._outside.target)
        source = self._source(project)
        if target is None or source is None:
            return Tried()
        library = self._library(target)
        own = _installed(library, source, project, requirement)
        tried: list[Version] = []
        breaks: list[Break] = []
        sure = True
        for release in choose(requirement, library, pythons):
            opened = library.distribution(release.name, release.version)
            if isinstance(opened, NotChecked):
                self._notes[opened] = None
                return None
            trial = _Trial(library, opened, own)
            if not (modules := trial.modules()):
                return Tried()
            tried.append(release.version)
            breaks += trial.lacking(modules)
            sure = sure and trial.is_sure(modules)
        return Tried(tuple(tried), tuple(breaks), sure=sure)

    def _library(self, target: Target) -> Library:
        if target.python not in self._libraries:
            self._libraries[target.python] = Library(replace(self._outside, target=target))
        return self._libraries[target.python]

    def _source(self, project: Project) -> tuple[Folder, Layout] | None:
        """The project's own modules, tests apart; None where there are none."""
        if project.folder not in self._sources:
            inner = [f for f in self._folders if f != project.folder]
            folder = read_source(self._root / project.folder, without=[self._root / f for f in inner])
            layout = _shipped(own_layout(folder.names).project, project)
            self._sources[project.folder] = (folder, layout) if layout.modules else None
        return self._sources[project.folder]


def _shipped(layout: Layout, project: Project) -> Layout:
    """What of a layout users get, as far as names tell: not what lies beside the package of the project's name.

    Tests, examples and benchmarks in that package are left out as well.
    """
    names = {re.sub(r"[-_.]+", "_", m.name.text).lower() for m in project.manifests if m.name is not None}
    roots = {module.partition(".")[0] for module in layout.modules}
    named = {root for root in roots if root.lower() in names}
    modules = {
        module: path
        for module, path in layout.modules.items()
        if not is_auxiliary(module)
        and (not named or module.partition(".")[0] in named or path.startswith(_SOURCE_FOLDERS))
    }
    return Layout(modules, layout.stubs, layout.extensions, layout.packages)


def _installed(
    library: Library, source: tuple[Folder, Layout], project: Project, requirement: Requirement
) -> Installed:
    """The source as something to be judged, which may have been written with any release that is admitted."""
    folder, layout = source
    named = next((m.name.text for m in project.manifests if m.name is not None), "project")
    return library.own(folder, layout, Metadata(named, "0", (f"{requirement.name}{requirement.specifier}",)))


# --- which releases --------------------------------------------------------------------------------------


class Pythons:
    """The Pythons that a project supports."""

    def __init__(self, supported_: Iterable[tuple[int, int]]) -> None:
        self.supported = tuple(supported_)

    @classmethod
    def of(cls, project: Project) -> Pythons:
        """What the project's manifests say."""
        said = next((m.requires_python.text for m in project.manifests if m.requires_python), "")
        return cls(supported(said))

    def target_for(self, requirement: Requirement, target: Target) -> Target | None:
        """The target, or one like it on another Python of the project, on which a requirement counts."""
        preferred = [target.python] if target.python in self.supported else []
        for python in (*preferred, *reversed(self.supported)):
            moved = replace(target, python=python)
            if requirement.marker is None or _counts(requirement, moved):
                return moved
        return None

    def may_have(self, release: Release, target: Target) -> bool:
        """Whether one of them can install a release."""
        return any(release.is_for(replace(target, python=python)) for python in self.supported)


def _counts(requirement: Requirement, target: Target) -> bool:
    assert requirement.marker is not None
    return requirement.marker.evaluate({**marker_environment(target), "extra": ""})


def _oldest(requirement: Requirement, library: Library, pythons: Pythons) -> list[Release]:
    """The oldest release that a resolver may come to on a Python that the project supports."""
    releases = library.project(canonicalize_name(requirement.name)).releases
    admitted = set(requirement.specifier.filter(r.version for r in releases if r.yanked is None))
    target = library.outside.target
    return [r for r in releases if r.version in admitted and pythons.may_have(r, target)][:1]


def _beyond(requirement: Requirement, library: Library, pythons: Pythons) -> list[Release]:
    """The newest release of each major version that the caps of a requirement keep out, the newest few."""
    caps = [v for one in requirement.specifier if is_cap(one) and (v := version_of(one))]
    if not caps:
        return []
    lowest = min(Version(limit(one)) for one in requirement.specifier if is_cap(one) and version_of(one))
    lines: dict[tuple[int, int], Release] = {}
    for release in library.project(canonicalize_name(requirement.name)).releases:
        version = release.version
        kept_out = version >= lowest and not requirement.specifier.contains(version)
        if kept_out and not version.is_prerelease and release.yanked is None:
            lines[version.epoch, version.major] = release
    target = library.outside.target
    return [r for r in lines.values() if pythons.may_have(r, target)][-_BEYOND:]


# --- one release -----------------------------------------------------------------------------------------


class _Trial:
    """The source with one release of a dependency, and nothing else but Python."""

    def __init__(self, library: Library, dependency: Installed, own: Installed) -> None:
        self._library = library
        self._dependency = dependency
        self._own = own
        target = library.outside.target
        self._environment = Environment(
            [library.python(target.python), dependency, own],
            library.facts,
            target,
            complete=False,
            strings=library.strings_have,
            imports=library.imports,
        )

    def modules(self) -> list[str]:
        """The modules of the source that mention the dependency."""
        roots = Environment.roots_of(self._dependency)
        paths = {path: module for module, path in self._own.layout.modules.items()}
        (mentions,) = self._library.reader.mentions([Wanted(self._own.key, list(paths))])
        return [module for path, module in paths.items() if not roots.isdisjoint(mentions[path].roots)]

    def lacking(self, modules: Sequence[str]) -> list[Break]:
        """What they use, and this release lacks while another one that is admitted has it."""
        self._library.reader.read([Wanted(self._own.key, [self._own.layout.modules[m] for m in modules])])
        baselines = Baselines(self._library, self._library.outside.target)
        relevance = Relevance(self._environment, baselines)
        reached = dict.fromkeys(modules, EXCEPTIONS)
        lacking = find_misses(self._environment, modules, (), reached, relevance, with_submodules=False)
        misses = [miss for miss in lacking if self._counts(miss)]
        found = find_breaks(self._environment, misses, baselines)
        confirmed = (self._confirmed(miss, one) for miss, one in found if isinstance(one, Break))
        return [one for one in confirmed if one is not None]

    def is_sure(self, modules: Iterable[str]) -> bool:
        """Whether all that they use of the dependency is seen to be there."""
        roots = Environment.roots_of(self._dependency)
        for module in modules:
            facts = self._environment.facts(module)
            for use in facts.uses if facts is not None else ():
                if use.target.partition(":")[0].partition(".")[0] in roots and not isinstance(
                    outcome(self._environment, use, module), Present
                ):
                    return False
        return True

    def _counts(self, miss: Miss) -> bool:
        """Whether it is this release that lacks what is used.

        A method that only goes on to that of the same name in a base is never called where the base has none.
        """
        if miss.owner is not self._dependency or not miss.dependent.own or "super()" in miss.use.target:
            return False
        if miss.severity is Severity.DEPRECATED or self._fails_before(miss):
            return False
        return isinstance(outcome(self._environment, miss.use, miss.module), Absent)

    def _fails_before(self, miss: Miss) -> bool:
        """Whether the `try` that a use stands in has failed before it comes to that."""
        facts = self._environment.facts(miss.module)
        guards = facts.guards if facts is not None else ()
        bodies, guard = set(), miss.use.guard
        while guard != -1:
            if guards[guard].catches:
                bodies.add(guard)
            guard = guards[guard].parent
        return any(
            isinstance(outcome(self._environment, use, miss.module), Absent)
            for use in (facts.uses if facts is not None and bodies else ())
            if use.guard in bodies and use.line < miss.use.line
        )

    def _confirmed(self, miss: Miss, found: Break) -> Break | None:
        """The break as the last release that lacks it tells it; None where a release may have it in a way not seen.

        Old releases have names in ways of their own: what the text of the module names is not certain to be missing.
        """
        floors = [Version(one.version) for one in found.works_with or () if one.operator == ">="]
        if not floors:
            return found
        releases = self._library.project(found.dependency).releases
        below = [r.version for r in releases if self._dependency.version <= r.version < floors[0]]
        last = self._library.distribution(found.dependency, [v for v in below if not v.is_prerelease][-1])
        if isinstance(last, NotChecked):
            return None
        lacking = outcome(self._environment.replacing(last), miss.use, miss.module)
        if not isinstance(lacking, Absent) or self._names(self._dependency, miss.symbol):
            return None
        return None if self._names(last, lacking.symbol) else replace(found, symbol=lacking.symbol)

    def _names(self, release: Installed, symbol: str) -> bool:
        """Whether the module that should have a name has it anywhere in its text."""
        parts = symbol.split(".")
        modules = (".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
        module = next((m for m in modules if m in release.layout.modules), None)
        if module is None or symbol.endswith(")"):
            return False
        text = self._library.source(release, release.layout.modules[module])
        return re.search(rb"\b%s\b" % re.escape(parts[-1].encode()), text) is not None
