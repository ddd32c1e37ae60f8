"""Findings for people: `path:line:column: CODE message`, why, what to do, and the line itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from pinproof.model.finding import Safety
from pinproof.model.lines import Lines
from pinproof.presentation.sentences import one_line, same_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.check_report import Checked
    from pinproof.model.finding import Result
    from pinproof.model.lines import Region
    from pinproof.model.report import Detail

_WIDEST = 160
_SHORT = 3


def findings(checked: Checked, detail: Detail) -> str:
    """The answer of `check`."""
    lines = {path: Lines(text) for path, text in checked.texts.items()}
    parts = [
        "\n".join(_finding(result, lines.get(result.finding.path), detail)) for result in checked.results
    ]
    if not detail.quiet:
        parts.append("\n".join(_remarks(checked, detail)))
    separator = "\n" if detail.quiet else "\n\n"
    return separator.join(part for part in parts if part)


def _finding(result: Result, lines: Lines | None, detail: Detail) -> Iterator[str]:
    found = result.finding
    region = lines.region(found.span) if lines is not None else None
    yield f"{place(result, region)}: {click.style(result.code, fg='red', bold=True)} {one_line(found.message)}"
    if detail.quiet:
        return
    if region is not None and lines is not None and found.span is not None:
        yield from _excerpt(lines, region)
    if found.why:
        yield f"    {click.style('why', fg='cyan')}: {one_line(found.why)}"
    if found.advice:
        yield f"    {click.style('do', fg='cyan')}:  {one_line(found.advice)}{_fixable(result)}"


def place(result: Result, region: Region | None) -> str:
    """`pyproject.toml:12:5`; without a region the file."""
    path = one_line(result.finding.path)
    if region is None or result.finding.span is None:
        return click.style(path, bold=True)
    return f"{click.style(path, bold=True)}:{region.line}:{region.column}"


def _fixable(result: Result) -> str:
    match result.finding.fix:
        case None:
            return ""
        case fix if fix.safety is Safety.SAFE:
            return " [--fix]"
        case _:
            return " [--unsafe-fixes]"


def _excerpt(lines: Lines, region: Region) -> Iterator[str]:
    text = lines.text(region.line)
    end = region.end_column if region.end_line == region.line else len(text) + 1
    start = region.column - 1
    cut = max(0, start - _WIDEST // 2)
    shown = text[cut : cut + _WIDEST]
    width = max(1, min(end - 1, cut + len(shown)) - start)
    number = str(region.line)
    yield f"    {click.style(f'{number} |', dim=True)} {same_length(shown)}"
    marks = click.style("^" * width, fg="yellow")
    yield f"    {' ' * len(number)} {click.style('|', dim=True)} {' ' * (start - cut)}{marks}"


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
    if not count:
        return f"{click.style('All good', fg='green', bold=True)}: {files}{kept}."
    safe = sum(1 for r in checked.results if r.finding.fix and r.finding.fix.safety is Safety.SAFE)
    unsafe = sum(1 for r in checked.results if r.finding.fix and r.finding.fix.safety is Safety.UNSAFE)
    fixable = f"; {safe} can be put right by --fix" if safe else ""
    fixable += f"; {unsafe} {'more ' if safe else ''}by --unsafe-fixes" if unsafe else ""
    return (
        f"{click.style(f'{count} finding' + ('s' if count != 1 else ''), bold=True)}, {files}{kept}{fixable}."
    )
