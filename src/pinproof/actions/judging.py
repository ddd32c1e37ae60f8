"""Judge a pinned set: open it, walk it, and compare what is missing with the past."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from pinproof.actions.fact_reader import Wanted
from pinproof.actions.memory import Found, keep, recall, set_key
from pinproof.facts.layout import is_auxiliary, top_level
from pinproof.facts.source import parsing
from pinproof.judgement.answers import PYTHON
from pinproof.judgement.baselines import Baselines
from pinproof.judgement.compat import find_breaks
from pinproof.judgement.environment import Environment
from pinproof.judgement.importing import foreign_names, sources, static_import, taken_over, takes_through_own
from pinproof.judgement.misses import find_misses
from pinproof.judgement.relevance import Relevance
from pinproof.model.verdict import Break, NotChecked, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.judgement.answers import Installed
    from pinproof.judgement.importing import Name, Source
    from pinproof.judgement.misses import Miss
    from pinproof.model.module import Mentions
    from pinproof.model.release import Pin

_STEPS_AHEAD = 5
_COMMANDS = ("console_scripts", "gui_scripts")


def judge(
    pins: Sequence[Pin],
    library: Library,
    direct: Collection[NormalizedName] | None = None,
    *,
    own: Sequence[Installed] = (),
    before: Mapping[NormalizedName, Version] | None = None,
    complete: bool = True,
) -> Verdict:
    """What breaks in a set. The roots are the `direct` distributions, or those that no other requires.

    `own` is the user's own source, all of whose modules are roots, too; `before` is what its lock had until now.
    Not `complete`: the set has more than these pins, so that what they lack may be there.
    """
    # Facts are many and all of them stay, so that looking for garbage among them only takes time, then and later.
    with parsing():
        verdict = _judged(pins, library, direct, own, before, complete)
        gc.freeze()
        return verdict


def _judged(
    pins: Sequence[Pin],
    library: Library,
    direct: Collection[NormalizedName] | None,
    own: Sequence[Installed],
    before: Mapping[NormalizedName, Version] | None,
    complete: bool,
) -> Verdict:
    installed, not_checked = library.open_all(pins)
    target = library.outside.target
    python = library.python(target.python)
    # The user's own modules come last: a script that is called like a dependency must not hide it.
    everything = [python, *installed, *own]
    environment = Environment(
        everything,
        library.facts,
        target,
        complete=complete and not not_checked,
        strings=library.strings_have,
        imports=library.imports,
    )
    baselines = Baselines(library, target, before)
    roots = _roots(environment, direct, baselines)
    roots += [module for mine in own for module in mine.layout.modules if module not in roots]
    key = set_key(environment, roots)
    recalled = recall(library.outside.store, key, environment)
    misses, unprovided, unread = recalled or _misses(environment, roots, library, baselines)
    judged = find_breaks(environment, misses, baselines)
    if recalled is None:
        told = {id(miss) for miss, _ in judged}
        unprovided = [miss for miss in misses if id(miss) not in told and _is_unprovided(miss)]
        # Which releases have what one's own source takes is a matter of the day: all of that is kept.
        settled = {id(miss) for miss in unprovided}
        matter = [m for m in misses if id(m) not in settled and (id(m) in told or m.dependent.own)]
        keep(library.outside.store, key, Found(matter, unprovided, unread))
    breaks = tuple(found for _, found in judged if isinstance(found, Break))
    unjudged = {found.name: found for _, found in judged if isinstance(found, NotChecked)}
    return Verdict(
        breaks, (*not_checked, *unread, *unjudged.values()), tuple(_unprovided(miss) for miss in unprovided)
    )


def _is_unprovided(miss: Miss) -> bool:
    """Whether a module is missing without which the program does not start, unless it is made in a way not seen."""
    return miss.severity is Severity.FATAL and miss.owner is None and not miss.dependent.own


def _unprovided(miss: Miss) -> NotChecked:
    place = f"{miss.path}:{miss.use.line}"
    return NotChecked(str(miss.dependent), f"imports {miss.symbol} ({place}), which nothing provides")


def _misses(environment: Environment, roots: Sequence[str], library: Library, baselines: Baselines) -> Found:
    """What the set lacks, and what on the way could not be read."""
    relevance = Relevance(environment, baselines)
    mentioned = _mentioned(environment, library)
    takers = [m for m, (owner, mentions) in mentioned.items() if relevance.covers(owner, mentions)]
    # Much of what is imported is among these, and read together they keep all cores busy.
    _read(environment, takers, library)
    reached = _walked(environment, roots, library)
    modules = dict.fromkeys(m for m in reached if _matters(m, environment, mentioned, relevance))
    modules.update(dict.fromkeys(takers))
    _read(environment, modules, library)
    through = [
        m for m in reached if m not in modules and takes_through_own(environment, m, modules, relevance)
    ]
    modules.update(dict.fromkeys(through))
    _read(environment, through, library)
    skimmed = [m for m in reached if m not in modules and not environment.is_of_python(m)]
    names = {name for module in modules for name in foreign_names(environment, module, relevance)}
    names |= {n for m in skimmed for n in foreign_names(environment, m, relevance, skimmed=True)}
    _read_ahead(environment, names, library)
    misses = find_misses(environment, list(modules), skimmed, reached, relevance)
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


def _roots(
    environment: Environment, direct: Collection[NormalizedName] | None, baselines: Baselines
) -> list[str]:
    """The modules to start from: what the direct distributions are imported by, and their commands."""
    names = set(direct) if direct is not None else unrequired(environment.distributions, baselines)
    roots: dict[str, None] = {}
    for distribution in environment.distributions:
        if distribution.name in names:
            roots.update(dict.fromkeys(r for r in top_level(distribution.layout) if not r.startswith("_")))
            roots.update(dict.fromkeys(command_modules(distribution)))
    return list(roots)


def command_modules(distribution: Installed) -> list[str]:
    """The modules behind the commands; those that ask for an extra are left out."""
    return [
        reference.partition(":")[0].strip()
        for group in _COMMANDS
        for reference in distribution.metadata.entry_points.get(group, {}).values()
        if "[" not in reference
    ]


def unrequired(distributions: Sequence[Installed], baselines: Baselines) -> set[NormalizedName]:
    """What was asked for: what no other distribution requires, and what the user's own source does.

    What stands in an extra of another is rather there for its own sake.
    """
    required: set[NormalizedName] = set()
    wanted: set[NormalizedName] = set()
    for d in distributions:
        if d.own:
            wanted.update(baselines.requires(d))
        else:
            required |= baselines.needs(d) - {d.name}
    names = {d.name for d in distributions if d.name != PYTHON}
    return (names - required) | (names & wanted) or names


def _walked(environment: Environment, roots: Sequence[str], library: Library) -> dict[str, frozenset[str]]:
    walk = static_import(environment, roots)
    count = 0
    try:
        while True:
            batch = next(walk)
            library.reader.read_imports(_grouped(batch))
            count += len(batch)
            library.outside.progress("Following imports", count, 0)
    except StopIteration as stop:
        reached: dict[str, frozenset[str]] = stop.value
        return reached


def _read_ahead(environment: Environment, names: set[Name], library: Library) -> None:
    """Read where names are had from, re-exports followed, together instead of one by one."""
    seen: set[Name] = set()
    frontier = names
    for _ in range(_STEPS_AHEAD):
        seen |= frontier
        library.reader.read(_grouped(sources(environment, sorted({name.module for name in frontier}))))
        frontier = {further for name in frontier for further in taken_over(environment, name)} - seen


def _grouped(sources: Iterable[Source]) -> list[Wanted]:
    paths: dict[str, list[str]] = {}
    for distribution, path in sources:
        paths.setdefault(distribution.key, []).append(path)
    return [Wanted(key, found) for key, found in paths.items()]


def _mentioned(environment: Environment, library: Library) -> dict[str, tuple[Installed, Mentions]]:
    """What the modules of the set mention in their imports; those for tests and examples are left out."""
    looked_at: list[tuple[Installed, dict[str, str]]] = []
    for distribution in environment.distributions:
        if distribution.name != PYTHON:
            modules = distribution.layout.modules.items()
            names = {
                p: m
                for m, p in modules
                if (distribution.own or not is_auxiliary(m)) and environment.owner(m) is distribution
            }
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


def _read(environment: Environment, modules: Iterable[str], library: Library) -> None:
    library.reader.read(
        _grouped(sources(environment, modules)),
        lambda done, total: library.outside.progress("Reading", done, total),
    )


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
