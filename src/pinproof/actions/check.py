"""`pinproof check`: what is declared, looked at by the rules for what the project is."""

from __future__ import annotations

from dataclasses import replace
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
    from pinproof.model.finding import Result

_FIRST = Span(-1, -1)


def check(
    root: Path,
    asked: CheckSettings,
    world: World,
    unable: Iterable[Need],
    today: date,
    overlay: Mapping[FilePath, str] = NOTHING,
    *,
    only: str = "",
) -> tuple[Tree, Checked]:
    """Look at all projects of a folder. `unable` is what cannot be asked now: rules that need it are not run.

    `overlay` are texts to take instead of what files hold. `only` is the file whose findings count; empty for all.
    """
    tree = read_tree(root, asked, overlay)
    selection = _selection(tree.settings)
    chosen = [rule for rule in RULES if selection.takes(rule)]
    missing = frozenset(unable)
    run = [rule for rule in chosen if not rule.needs & missing]
    texts = dict(texts_of(tree.projects))
    if any(rule.needs or rule.asks - missing for rule in run):
        world.look_ahead(tree.projects)
    found = [r for project in tree.projects for r in lint(project, run, world)]
    sources = [project.source for project in tree.projects if project.source is not None]
    for source in sources:
        texts.update(source.texts())
    results = [r for r in found if selection.keeps(r.code, r.finding.path)]
    comments = {path: s for path, text in texts.items() if (s := suppressions(text))}
    evidence = [_let_be(r) for r in results if r.finding.evidence and only in ("", r.finding.path)]
    results = [r for r in results if not r.finding.evidence]
    heeded = heed(results, comments, texts, frozenset(r.code for r in run), today)
    told = (r for r in heeded.results if only in ("", r.finding.path))
    ordered = sorted(told, key=lambda r: (r.finding.path, r.finding.span or _FIRST, r.code))
    return tree, Checked(
        tuple(ProjectShown(p.folder, p.role.value, p.reason) for p in tree.projects),
        tuple(ordered),
        {path: texts[path] for path in {r.finding.path for r in (*ordered, *evidence)} if path in texts},
        sum(len(p.manifests) + len(p.locks) for p in tree.projects),
        heeded.suppressed,
        (*_not_run(chosen, missing), *world.notes, *(note for source in sources for note in source.notes)),
        evidence=tuple(evidence),
    )


def _let_be(result: Result) -> Result:
    """What evidence speaks for is not to be changed."""
    return replace(result, finding=replace(result.finding, advice="", fix=None))


def _selection(settings: CheckSettings) -> Selection:
    """Which rules count. InputError for a code that stands for none."""
    listed = (settings.select, settings.ignore, settings.extend_select, *settings.per_file_ignores.values())
    for code in (code for codes in listed for code in codes):
        if code != "ALL" and not any(rule.code.startswith(code) for rule in RULES):
            raise InputError(f"there is no rule {code}", "`pinproof rule --all` lists them.")
    return Selection(settings.select, settings.ignore, settings.extend_select, settings.per_file_ignores)


def _not_run(chosen: Iterable[Rule], missing: frozenset[Need]) -> Iterator[NotChecked]:
    for rule in chosen:
        if lacking := rule.needs & missing:
            needed = " and ".join(sorted(need.value for need in lacking))
            yield NotChecked(f"{rule.code} {rule.name}", f"it needs {needed}, and --offline is given")
        elif lacking := rule.asks & missing:
            asked = " and ".join(sorted(need.value for need in lacking))
            yield NotChecked(f"{rule.code} {rule.name}, in part", f"it asks {asked}, and --offline is given")
