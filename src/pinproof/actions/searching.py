"""Look for what a set lacks: read what may lack something, follow its imports, resolve what it takes."""

from __future__ import annotations

from collections import Counter, deque
from itertools import chain
from typing import TYPE_CHECKING

from pinproof.actions.fact_reader import Wanted
from pinproof.actions.library import looked_through
from pinproof.actions.memory import Found
from pinproof.actions.reading import Part
from pinproof.judgement.answers import PYTHON
from pinproof.judgement.importing import (
    foreign_names,
    sources,
    static_import,
    taken_over,
    takes_through_own,
    with_parents,
)
from pinproof.judgement.lost import lost_members
from pinproof.judgement.misses import find_misses, look_up
from pinproof.judgement.relevance import Relevance
from pinproof.judgement.strays import sets_asked_for
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from pinproof.actions.library import Library
    from pinproof.judgement.answers import Installed, Miss
    from pinproof.judgement.baselines import Baselines
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.importing import Name, Source
    from pinproof.model.module import Mentions

    Member = tuple[str, str]
    """The key of an archive, and a path in it."""


def search(environment: Environment, roots: Sequence[str], library: Library, baselines: Baselines) -> Found:
    """What the set lacks, and what on the way could not be read."""
    relevance = Relevance(environment, baselines)
    mentioned = mentions_of(environment, library)
    takers = dict.fromkeys(
        m for m, (owner, mentions) in mentioned.items() if relevance.covers(owner, mentions)
    )
    # Much of what is imported is among these; they are read while it is found out what else is.
    ahead = _Ahead(environment, library, relevance, takers)
    library.reader.begin_reading(_grouped(sources(environment, takers)), progress=_told(library))
    reached = modules_reached(environment, roots, library, meanwhile=ahead.go_on)
    modules = dict.fromkeys(m for m in reached if _matters(m, environment, mentioned, relevance))
    modules.update(takers)
    _read(environment, modules, library, ahead.go_on)
    environment.renew(m for m in modules if m not in takers)
    through = [
        m for m in reached if m not in modules and takes_through_own(environment, m, modules, relevance)
    ]
    modules.update(dict.fromkeys(through))
    _read(environment, through, library, ahead.go_on)
    environment.renew(through)
    skimmed = [m for m in reached if m not in modules and not environment.is_of_python(m)]
    names = [name for module in modules for name in foreign_names(environment, module, relevance)]
    names += [n for m in skimmed for n in foreign_names(environment, m, relevance, skimmed=True)]
    ahead.begin(names)

    def told(misses: list[Miss]) -> None:
        ahead.follow()
        library.set_all(sets_asked_for(misses, baselines))

    misses = find_misses(environment, list(modules), skimmed, reached, relevance, told=told)
    library.reader.forget_begun()
    misses += lost_members(environment, modules, mentioned, relevance, baselines)
    return Found(misses, [], _degraded(environment, modules))


def _matters(
    module: str,
    environment: Environment,
    mentioned: Mapping[str, tuple[Installed, Mentions]],
    relevance: Relevance,
) -> bool:
    """Whether a module that is imported may lack something."""
    owner = environment.owner(module)
    if owner is None or owner.name == PYTHON:
        return False
    return relevance.covers_reached(owner, mentioned[module][1] if module in mentioned else None)


def modules_reached(
    environment: Environment,
    roots: Sequence[str],
    library: Library,
    meanwhile: Callable[[], bool] = lambda: False,
) -> dict[str, frozenset[str]]:
    """What is imported from the roots on, as `static_import` says it. `meanwhile` as in `FactReader.read`."""
    walk = static_import(environment, roots)
    count = 0
    try:
        while True:
            batch = next(walk)
            library.reader.read(_grouped(batch), Part.IMPORTS, meanwhile=meanwhile)
            count += len(batch)
            library.outside.progress("Following imports", count, 0)
    except StopIteration as stop:
        reached: dict[str, frozenset[str]] = stop.value
        return reached


class _Ahead:
    """Has done ahead of time what others can do, or what there is time for while others do something.

    The modules are read where names are had from, re-exports followed. What the `takers` take is asked for as soon as
    they are read, while it is found out what else is imported.
    """

    def __init__(
        self, environment: Environment, library: Library, relevance: Relevance, takers: Collection[str]
    ) -> None:
        self._environment = environment
        self._reader = library.reader
        self._relevance = relevance
        self._takers = takers
        self._seen: set[Name] = set()
        self._waiting: dict[Member, list[Name]] = {}
        """What is had from members that are being read."""
        self._asking: dict[Member, list[str]] = {}
        self._lacking: Counter[str] = Counter()
        """The takers that were read, by the members that their answers wait for, and how many those are."""
        self._ready: deque[str] = deque()
        self._modules = {member: m for m in takers for member in self._members(m)}

    def go_on(self) -> bool:
        """Ask for what one of the takers takes whose answers are at hand; whether there was one."""
        self.follow()
        if not self._ready:
            return False
        look_up(self._environment, self._ready.popleft(), self._takers, self._relevance)
        return True

    def begin(self, names: Iterable[Name]) -> None:
        """Have them read together instead of one by one, and what they turn out to be had from."""
        frontier = [name for name in dict.fromkeys(names) if name not in self._seen]
        while frontier:
            self._seen.update(frontier)
            modules = dict.fromkeys(module for name in frontier for module in with_parents(name.module))
            self._reader.begin_reading(_grouped(sources(self._environment, modules)), Part.OUTLINE)
            ready = [name for name in frontier if self._is_read(name)]
            frontier = self._further(ready)

    def follow(self) -> None:
        """Follow the names whose modules were read meanwhile."""
        arrived = self._reader.arrived()
        names = self._further(name for member in arrived for name in self._waiting.pop(member, ()))
        takers = [self._modules.pop(member) for member in arrived if member in self._modules]
        taken = {m: list(foreign_names(self._environment, m, self._relevance)) for m in takers}
        self.begin((*names, *chain.from_iterable(taken.values())))
        for member in arrived:
            for module in self._asking.pop(member, ()):
                self._lacks_less(module, 1)
        for module, names in taken.items():
            waited_for = {member for name in names for member in self._members(name.module)}
            unread = [member for member in waited_for if not self._reader.knows(*member, Part.OUTLINE)]
            for member in unread:
                self._asking.setdefault(member, []).append(module)
            self._lacking[module] = len(unread)
            self._lacks_less(module, 0)

    def _lacks_less(self, module: str, fewer: int) -> None:
        self._lacking[module] -= fewer
        if not self._lacking[module]:
            self._ready.append(module)

    def _further(self, names: Iterable[Name]) -> list[Name]:
        further = (taken for name in names for taken in taken_over(self._environment, name))
        return [name for name in dict.fromkeys(further) if name not in self._seen]

    def _is_read(self, name: Name) -> bool:
        """Whether it is known what the module of a name says; it is noted what waits for that."""
        for member in self._members(name.module):
            if not self._reader.knows(*member, Part.OUTLINE):
                self._waiting.setdefault(member, []).append(name)
                return False
        return True

    def _members(self, module: str) -> list[Member]:
        return [(source.distribution.key, source.path) for source in sources(self._environment, [module])]


def _grouped(sources: Iterable[Source]) -> list[Wanted]:
    paths: dict[str, list[str]] = {}
    for distribution, path in sources:
        paths.setdefault(distribution.key, []).append(path)
    return [Wanted(key, found) for key, found in paths.items()]


def mentions_of(environment: Environment, library: Library) -> dict[str, tuple[Installed, Mentions]]:
    """What the modules of the set mention in their imports; those for tests and examples are left out."""
    looked_at: list[tuple[Installed, dict[str, str]]] = []
    for distribution in environment.distributions:
        if distribution.name != PYTHON:
            modules = looked_through(distribution).items()
            names = {path: m for path, m in modules if environment.owner(m) is distribution}
            looked_at.append((distribution, names))
    found = library.reader.mentions(
        [Wanted(distribution.key, list(names)) for distribution, names in looked_at],
        lambda done, total: library.outside.progress("Looking through", done, total),
    )
    return {
        module: (distribution, mentions[path])
        for (distribution, names), mentions in zip(looked_at, found, strict=True)
        for path, module in names.items()
    }


def _read(
    environment: Environment, modules: Iterable[str], library: Library, meanwhile: Callable[[], bool]
) -> None:
    library.reader.read(_grouped(sources(environment, modules)), progress=_told(library), meanwhile=meanwhile)


def _told(library: Library) -> Callable[[int, int], None]:
    return lambda done, total: library.outside.progress("Reading", done, total)


def _degraded(environment: Environment, reached: Iterable[str]) -> list[NotChecked]:
    """Modules on the way that could not be parsed."""
    found = []
    for module in reached:
        facts = environment.facts(module)
        if facts is not None and facts.degraded:
            found.append(
                NotChecked(f"{environment.owner(module)}: {module}", f"cannot be parsed: {facts.degraded}")
            )
    return found
