"""Findings for people: `path:line:column: CODE message`, why, what to do, and the line itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from pinproof.model.finding import Safety
from pinproof.presentation.placed import evidence, placed
from pinproof.presentation.sentences import one_line, same_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.check_report import Checked
    from pinproof.model.finding import Result
    from pinproof.model.lines import Region
    from pinproof.model.report import Detail
    from pinproof.presentation.placed import Placed

_WIDEST = 160
_SHORT = 3


def findings(checked: Checked, detail: Detail) -> str:
    """The answer of `check`; with a diff, that and what is left."""
    parts = [checked.diff, *("\n".join(_finding(one, detail)) for one in placed(checked))]
    if not detail.quiet:
        parts += [
            "\n".join(_of_evidence(checked)),
            "\n".join(_of_fixes(checked)),
            "\n".join(_remarks(checked, detail)),
        ]
    separator = "\n" if detail.quiet else "\n\n"
    return separator.join(part for part in parts if part)


def _finding(one: Placed, detail: Detail) -> Iterator[str]:
    found = one.result.finding
    code = click.style(one.result.code, fg="red", bold=True)
    yield f"{_place(one)}: {code} {one_line(found.message)}"
    if detail.quiet:
        return
    if one.region is not None:
        yield from _excerpt(one.excerpt, one.region)
    if found.why:
        yield f"    {click.style('why', fg='cyan')}: {one_line(found.why)}"
    if found.advice:
        yield f"    {click.style('do', fg='cyan')}:  {one_line(found.advice)}{fixable(one.result)}"


def _place(one: Placed) -> str:
    path = click.style(one_line(one.result.finding.path), bold=True)
    return path if one.region is None else f"{path}:{one.region.line}:{one.region.column}"


def fixable(result: Result) -> str:
    """Which option puts it right, if any."""
    match result.finding.fix:
        case None:
            return ""
        case fix if fix.safety is Safety.SAFE:
            return " [--fix]"
        case _:
            return " [--unsafe-fixes]"


def _excerpt(text: str, region: Region) -> Iterator[str]:
    end = region.end_column if region.end_line == region.line else len(text) + 1
    start = region.column - 1
    cut = max(0, start - _WIDEST // 2)
    shown = text[cut : cut + _WIDEST]
    width = max(1, min(end - 1, cut + len(shown)) - start)
    number = str(region.line)
    yield f"    {click.style(f'{number} |', dim=True)} {same_length(shown)}"
    marks = click.style("^" * width, fg="yellow")
    yield f"    {' ' * len(number)} {click.style('|', dim=True)} {' ' * (start - cut)}{marks}"


def _of_evidence(checked: Checked) -> Iterator[str]:
    """What speaks for bounds as they are."""
    for one in evidence(checked):
        found = one.result.finding
        shown = f"{one.result.code} {one_line(found.message)}: {one_line(found.evidence)}"
        yield f"{click.style('evidence', fg='green')}: {_place(one)}: {shown}"


def _of_fixes(checked: Checked) -> Iterator[str]:
    """What was put right, and what was not although it was tried."""
    verb = "would be fixed" if checked.diff else "fixed"
    for one in checked.fixed:
        title = one.finding.fix.title if one.finding.fix else one.finding.message
        yield f"{click.style(verb, fg='green')}: {one_line(one.finding.path)}: {one.code} {one_line(title)}"
    for one, reason in checked.not_fixed:
        yield f"not fixed: {one_line(one.finding.path)}: {one.code} {one_line(one.finding.message)}: {one_line(reason)}"


def _remarks(checked: Checked, detail: Detail) -> Iterator[str]:
    if detail.verbose or len(checked.projects) <= _SHORT:
        for project in checked.projects:
            yield f"{project.folder or '.'}: {project.role} ({one_line(project.reason)})"
    else:
        roles = Counter(project.role for project in checked.projects)
        yield f"{len(checked.projects)} projects: {_counted(roles)}"
    for entry in checked.not_checked:
        yield f"not checked: {one_line(entry.name)}: {one_line(entry.reason)}"
    yield conclusion(checked)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def conclusion(checked: Checked) -> str:
    """One line that counts."""
    count = len(checked.results)
    files = f"{checked.read} file{'s' if checked.read != 1 else ''} read"
    kept = f", {checked.suppressed} ignored" if checked.suppressed else ""
    if not count and checked.not_checked:
        return f"{click.style('No findings', bold=True)} in what could be checked: {files}{kept}."
    if not count:
        return f"{click.style('All good', fg='green', bold=True)}: {files}{kept}."
    safe = sum(1 for r in checked.results if r.finding.fix and r.finding.fix.safety is Safety.SAFE)
    unsafe = sum(1 for r in checked.results if r.finding.fix and r.finding.fix.safety is Safety.UNSAFE)
    fixable = f"; {safe} can be put right by --fix" if safe else ""
    fixable += f"; {unsafe} {'more ' if safe else ''}by --unsafe-fixes" if unsafe else ""
    return (
        f"{click.style(f'{count} finding' + ('s' if count != 1 else ''), bold=True)}, {files}{kept}{fixable}."
    )
