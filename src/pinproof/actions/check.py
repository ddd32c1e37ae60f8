"""`pinproof check`: what is declared, looked at by the rules for what the project is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.actions.manifests import NOTHING, read_tree, texts_of
from pinproof.errors import InputError
from pinproof.facts.suppressions import suppressions
from pinproof.judgement.linting import Selection, heed, lint
from pinproof.judgement.rules import RULES
from pinproof.model.check_report import Checked, ProjectShown
from pinproof.model.declaration import Span
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from pinproof.actions.manifests import Tree
    from pinproof.facts.check_settings import CheckSettings
    from pinproof.judgement.rules.project import World
    from pinproof.judgement.rules.rule import Need, Rule
    from pinproof.model.declaration import FilePath

_FIRST = Span(-1, -1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say; they go before the settings of the project, or with them."""

    role: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


def check(
    root: Path,
    asked: Asked,
    world: World,
    unable: Iterable[Need],
    today: date,
    overlay: Mapping[FilePath, str] = NOTHING,
) -> tuple[Tree, Checked]:
    """Look at all projects of a folder. `unable` is what cannot be asked now: rules that need it are not run.

    `overlay` are texts to take instead of what files hold.
    """
    tree = read_tree(root, asked.role, overlay)
    selection = selected(asked, tree.settings)
    chosen = [rule for rule in RULES if selection.takes(rule)]
    missing = frozenset(unable)
    run = [rule for rule in chosen if not rule.needs & missing]
    texts = dict(texts_of(tree.projects))
    if any(rule.needs for rule in run):
        world.look_ahead(tree.projects)
    found = [r for project in tree.projects for r in lint(project, run, world)]
    results = [r for r in found if selection.keeps(r.code, r.finding.path)]
    comments = {path: s for path, text in texts.items() if (s := suppressions(text))}
    heeded = heed(results, comments, texts, frozenset(r.code for r in run), today)
    ordered = sorted(heeded.results, key=lambda r: (r.finding.path, r.finding.span or _FIRST, r.code))
    return tree, Checked(
        tuple(ProjectShown(p.folder, p.role.value, p.reason) for p in tree.projects),
        tuple(ordered),
        {path: texts[path] for path in {r.finding.path for r in ordered} if path in texts},
        sum(len(p.manifests) + len(p.locks) for p in tree.projects),
        heeded.suppressed,
        (*_not_run(chosen, missing), *world.notes),
    )


def selected(asked: Asked, settings: CheckSettings) -> Selection:
    """Which rules count. InputError for a code that stands for none."""
    for code in (*asked.select, *asked.ignore, *asked.extend_select, *settings.select, *settings.ignore):
        if code != "ALL" and not any(rule.code.startswith(code) for rule in RULES):
            raise InputError(f"there is no rule {code}", "`pinproof rule --all` lists them.")
    return Selection(
        asked.select or settings.select,
        (*settings.ignore, *asked.ignore),
        (*settings.extend_select, *asked.extend_select),
        settings.per_file_ignores,
    )


def _not_run(chosen: Iterable[Rule], missing: frozenset[Need]) -> Iterator[NotChecked]:
    for rule in chosen:
        if lacking := rule.needs & missing:
            needed = " and ".join(sorted(need.value for need in lacking))
            yield NotChecked(f"{rule.code} {rule.name}", f"it needs {needed}, and --offline is given")
