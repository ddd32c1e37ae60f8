"""Whether what starts a program comes to import a distribution: when it is imported itself, later perhaps, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.actions.judging import roots_of_set
from pinproof.actions.searching import mentions_of, modules_reached
from pinproof.judgement.answers import PYTHON
from pinproof.judgement.baselines import Baselines
from pinproof.judgement.environment import Environment
from pinproof.model.exposure import Reach, WayIn
from pinproof.model.verdict import How

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from packaging.utils import NormalizedName

    from pinproof.actions.library import Library
    from pinproof.judgement.answers import Installed
    from pinproof.model.module import Mentions

    Mentioned = Mapping[str, tuple[Installed, Mentions]]


def ways_in(
    names: Collection[NormalizedName],
    installed: Sequence[Installed],
    library: Library,
    direct: Collection[NormalizedName],
    own: Sequence[Installed],
    paths: Mapping[NormalizedName, tuple[NormalizedName, ...]],
) -> dict[NormalizedName, WayIn]:
    """The way to each of these: from the user's own source if there is any, else from what is required directly.

    What is only mentioned in the code of what is imported may be imported later; what nobody mentions is never, as far
    as code shows it.
    """
    target = library.outside.target
    everything = [library.python(target.python), *installed, *own]
    environment = Environment(everything, library.facts, target, imports=library.imports)
    roots = [module for mine in own for module in mine.layout.modules]
    roots = roots or roots_of_set(everything, direct, Baselines(library, target))
    reached = modules_reached(environment, roots, library)
    owners = {module: environment.owner(module) for module in reached}
    at_import = {owner.name for owner in owners.values() if owner is not None}
    looked_through = mentions_of(environment, library)
    lazily = _spread(at_import, looked_through, environment)
    found = {}
    for one in installed:
        if one.name in names:
            reach = Reach.AT_IMPORT if one.name in at_import else Reach.NEVER
            importer = _importer(one, reached, environment, looked_through)
            if reach is Reach.NEVER and one.name in lazily:
                reach, importer = Reach.LAZILY, lazily[one.name]
            found[one.name] = WayIn(paths.get(one.name, (one.name,)), reach, importer)
    return found


def _spread(
    at_import: Collection[NormalizedName], looked_through: Mentioned, environment: Environment
) -> dict[NormalizedName, str]:
    """What the code of these mentions, and the code of that in turn, each with a module that does."""
    by_owner: dict[NormalizedName, list[str]] = {}
    for module, (owner, _) in looked_through.items():
        by_owner.setdefault(owner.name, []).append(module)
    found: dict[NormalizedName, str] = dict.fromkeys(at_import, "")
    waiting = sorted(at_import)
    while waiting:
        for module in by_owner.get(waiting.pop(), ()):
            owner, mentions = looked_through[module]
            for root in sorted(mentions.roots):
                for provider in environment.providers(root):
                    if provider.name not in found and provider.name != PYTHON:
                        found[provider.name] = owner.layout.modules[module]
                        waiting.append(provider.name)
    return found


def _importer(
    one: Installed, reached: Iterable[str], environment: Environment, looked_through: Mentioned
) -> str:
    """The line of a module outside that imports a distribution, of those that are imported; one's own first."""
    roots = environment.roots_of(one)
    taking = [
        m for m in reached if m in looked_through and not roots.isdisjoint(looked_through[m][1].roots)
        and looked_through[m][0] is not one
    ]  # fmt: skip
    for module in sorted(taking, key=lambda m: (not looked_through[m][0].own, m)):
        facts = environment.import_facts(module)
        for use in facts.uses if facts else ():
            imported = environment.absolute(use.target.partition(":")[0], module)
            if use.how is How.IMPORT and not use.deferred and imported.partition(".")[0] in roots:
                return f"{looked_through[module][0].layout.modules[module]}:{use.line}"
    return ""
