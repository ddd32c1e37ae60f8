"""Let rules look at a project, and leave out what comments and settings keep away."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pinproof.judgement.rules.everywhere import unused_ignore
from pinproof.model.finding import Result
from pinproof.model.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from pinproof.judgement.rules.project import Project, World
    from pinproof.judgement.rules.rule import Rule
    from pinproof.model.declaration import FilePath
    from pinproof.model.finding import Finding, Suppression


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules count.

    Codes may be the beginnings of some: the longest that fits decides, and `ignore` wins a tie.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def takes(self, rule: Rule) -> bool:
        """Whether a rule is to look at all."""
        wanted = (*self.select, *self.extend_select)
        taken = max((len(c) for c in wanted if _stands_for(c, rule.code)), default=-1)
        left_out = max((len(c) for c in self.ignore if _stands_for(c, rule.code)), default=-1)
        if taken < 0 and not self.select and rule.default:
            taken = 0
        return taken > left_out

    def keeps(self, code: str, path: FilePath) -> bool:
        """Whether a finding of a rule counts in a file."""
        return not any(
            fnmatchcase(path, glob) and any(_stands_for(c, code) for c in codes)
            for glob, codes in self.per_file_ignores.items()
        )


def _stands_for(prefix: str, code: str) -> bool:
    return prefix == "ALL" or code.startswith(prefix)


def lint(project: Project, rules: Iterable[Rule], world: World) -> Iterator[Result]:
    """What these rules find in a project, each in the projects that it is for."""
    for rule in rules:
        if rule.applies_to(project):
            for finding in rule.find(project, world):
                yield Result(rule.code, rule.name, finding)


@dataclass(frozen=True, slots=True)
class Heeded:
    """What is left of the findings, what comments about them is found in turn, and how many were kept away."""

    results: tuple[Result, ...]
    suppressed: int


def heed(
    results: Sequence[Result],
    comments: Mapping[FilePath, Sequence[Suppression]],
    texts: Mapping[FilePath, str],
    run: frozenset[str],
    today: date,
) -> Heeded:
    """Leave out what comments keep away. `run` are the codes of the rules that were; of others nothing can be said."""
    lines = {path: Lines(texts[path]) for path in {r.finding.path for r in results} if path in comments}
    used: set[tuple[FilePath, Suppression]] = set()
    kept = []
    for result in results:
        path = result.finding.path
        region = lines[path].region(result.finding.span) if path in lines else None
        covering = [
            c
            for c in (comments[path] if region else ())
            if region and c.covers(result.code, region.line, region.end_line) and not _is_over(c, today)
        ]
        used.update((path, one) for one in covering)
        if not covering:
            kept.append(result)
    suppressed = len(results) - len(kept)
    if unused_ignore.RULE.code in run:
        kept += _of_comments(comments, texts, used, run, today)
    return Heeded(tuple(kept), suppressed)


def _of_comments(
    comments: Mapping[FilePath, Sequence[Suppression]],
    texts: Mapping[FilePath, str],
    used: set[tuple[FilePath, Suppression]],
    run: frozenset[str],
    today: date,
) -> Iterator[Result]:
    for path, found in comments.items():
        for one in found:
            if _is_over(one, today):
                yield _result(unused_ignore.expired(path, one))
            elif (path, one) not in used and one.codes and one.codes <= run:
                yield _result(unused_ignore.unused(path, texts[path], one))


def _result(finding: Finding) -> Result:
    return Result(unused_ignore.RULE.code, unused_ignore.RULE.name, finding)


def _is_over(one: Suppression, today: date) -> bool:
    return one.until is not None and today >= one.until
