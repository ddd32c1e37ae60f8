"""Judge a pinned set: open it, walk it, and compare what is missing with the past."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from pinproof.actions.memory import Found, keep, recall, set_key
from pinproof.facts.layout import top_level
from pinproof.facts.source import parsing
from pinproof.judgement.answers import PYTHON
from pinproof.judgement.baselines import Baselines
from pinproof.model.verdict import Break, NotChecked, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.judgement.answers import Installed, Miss
    from pinproof.judgement.environment import Environment
    from pinproof.model.release import Pin

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


def breaks_among(pins: Sequence[Pin], library: Library) -> tuple[Break, ...] | NotChecked:
    """What some releases of a larger set take away from each other; or why that cannot be told."""
    verdict = judge(pins, library, complete=False)
    broken = tuple(one for one in verdict.breaks if one.severity is not Severity.DEPRECATED)
    return next(iter(verdict.not_checked), broken)


def _judged(
    pins: Sequence[Pin],
    library: Library,
    direct: Collection[NormalizedName] | None,
    own: Sequence[Installed],
    before: Mapping[NormalizedName, Version] | None,
    complete: bool,
) -> Verdict:
    installed, not_checked = library.open_all(pins, to_judge=True)
    target = library.outside.target
    python = library.python(target.python)
    # The user's own modules come last: a script that is called like a dependency must not hide it.
    everything = [python, *installed, *own]
    complete = complete and not not_checked
    baselines = Baselines(library, target, before)
    roots = roots_of_set(everything, direct, baselines)
    roots += [module for mine in own for module in mine.layout.modules if module not in roots]
    key = set_key(everything, target, roots, complete=complete)
    found = recall(library.outside.store, key, everything)
    judged: list[tuple[Miss, Break | NotChecked]] = []
    if found is None or found.misses:
        # What thinks is loaded only where there is something to think about.
        from pinproof.judgement.compat import find_breaks
        from pinproof.judgement.environment import Environment
        from pinproof.judgement.strays import sets_asked_for

        environment = Environment(
            everything,
            library.facts,
            target,
            complete=complete,
            strings=library.strings_have,
            tables=library.tables,
            imports=library.imports,
            outlines=library.outline,
        )
        searched = found or _searched(environment, roots, library, baselines)
        library.set_all(sets_asked_for(searched.misses, baselines))
        judged = find_breaks(environment.whole, searched.misses, baselines)
        library.forget_sets()
        if found is None:
            found = _settled(searched, judged)
            keep(library.outside.store, key, found)
    breaks = tuple(one for _, one in judged if isinstance(one, Break))
    unjudged = {one.name: one for _, one in judged if isinstance(one, NotChecked)}
    unprovided = tuple(_unprovided(miss) for miss in found.unprovided)
    return Verdict(breaks, (*not_checked, *found.unread, *unjudged.values()), unprovided)


def _searched(
    environment: Environment, roots: Sequence[str], library: Library, baselines: Baselines
) -> Found:
    from pinproof.actions.searching import search

    return search(environment, roots, library, baselines)


def _settled(found: Found, judged: Sequence[tuple[Miss, Break | NotChecked]]) -> Found:
    """What is worth keeping of what was found: the misses that came to something."""
    from pinproof.judgement.lost import as_placed

    told = {id(miss) for miss, _ in judged}
    broken = {id(miss): one for miss, one in judged if isinstance(one, Break)}
    unprovided = [miss for miss in found.misses if id(miss) not in told and _is_unprovided(miss)]
    # Which releases have what one's own source takes is a matter of the day: all of that is kept.
    settled = {id(miss) for miss in unprovided}
    matter = [m for m in found.misses if id(m) not in settled and (id(m) in told or m.dependent.own)]
    matter = [as_placed(miss, broken[id(miss)]) if id(miss) in broken else miss for miss in matter]
    return Found(matter, unprovided, found.unread)


def _is_unprovided(miss: Miss) -> bool:
    """Whether a module is missing without which the program does not start, unless it is made in a way not seen."""
    return miss.severity is Severity.FATAL and miss.owner is None and not miss.dependent.own


def _unprovided(miss: Miss) -> NotChecked:
    place = f"{miss.path}:{miss.use.line}"
    return NotChecked(str(miss.dependent), f"imports {miss.symbol} ({place}), which nothing provides")


def roots_of_set(
    distributions: Sequence[Installed], direct: Collection[NormalizedName] | None, baselines: Baselines
) -> list[str]:
    """The modules to start from: what the direct distributions are imported by, and their commands."""
    names = set(direct) if direct is not None else unrequired(distributions, baselines)
    roots: dict[str, None] = {}
    for distribution in distributions:
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
