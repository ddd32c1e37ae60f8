"""A matrix as Markdown, for documentation, a comment or a job summary."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pinproof.model.matrix import CellStatus
from pinproof.presentation.as_markdown import escaped
from pinproof.presentation.as_text import for_whom
from pinproof.presentation.matrix_layout import SIGNS, folded, laid_out, left_out, span, spans, told
from pinproof.presentation.matrix_words import COUNTED, JUDGED_OUT, MEANS, WHY, because, counts, headline
from pinproof.presentation.sentences import and_more, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.model.matrix import Axis, Matrix
    from pinproof.model.report import Circumstances, Detail
    from pinproof.presentation.matrix_layout import Cause, Grid, Layout


def matrix(found: Matrix, asked: Circumstances, detail: Detail) -> str:
    """What it comes to, the table, and lists of what its marks mean."""
    layout = laid_out(found)
    table = list(_table(folded(layout.grid, found.axes), found.axes))
    if detail.quiet:
        return "\n".join(table)
    numbers = ", ".join(f"{number} {COUNTED[status]}" for status, number in counts(found))
    head = [f"**pinproof** {escaped(f'{headline(found)} {for_whom(asked)}: {numbers}')}"]
    paragraphs = [head, table, *_remarks(found, layout, detail)]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _table(grid: Grid, axes: Sequence[Axis]) -> Iterator[str]:
    if not grid.rows:
        return
    heads = [escaped(axis.name) for axis in axes[:-1]]
    columns = [escaped(f"{axes[-1].name} {span(column)}") for column in grid.columns]
    yield f"| {' | '.join([*heads, *columns])} |"
    yield f"|{'---|' * (len(heads) + len(columns))}"
    for row in grid.rows:
        labels = [escaped(span(label)) for label in row.labels]
        yield f"| {' | '.join([*labels, *(escaped(mark) for mark in row.marks)])} |"


def _remarks(found: Matrix, layout: Layout, detail: Detail) -> Iterator[list[str]]:
    for status, causes in groupby(layout.causes, lambda cause: cause.status):
        yield [f"**{escaped(SIGNS[status])}** {MEANS[status]}:"]
        yield [line for cause in causes for line in _cause(cause, found.axes, detail)]
    if layout.exclusions:
        sign, means = SIGNS[CellStatus.EXCLUDED], MEANS[CellStatus.EXCLUDED]
        yield [f"**{sign}** {means}:"]
        yield [
            *(f"- {escaped(line)}" for line in layout.exclusions),
            *(f"- so nothing goes with {escaped(line)}" for line in layout.alone),
        ]
    outside = [line for axis in found.axes for line in _outside(axis, detail)]
    if outside:
        yield ["Left out:"]
        yield outside


def _cause(cause: Cause, axes: Sequence[Axis], detail: Detail) -> Iterator[str]:
    yield f"- **{escaped(cause.mark)}** {escaped(cause.title)}"
    decisive = told(cause.first, axes)
    further = told([reason for reason in cause.others if reason not in cause.first], axes)
    lines = [*decisive, *(further if detail.verbose else and_more(len(further)))]
    yield from (f"  - {escaped(line)}" for line in lines)


def _outside(axis: Axis, detail: Detail) -> Iterator[str]:
    for why, releases in left_out(axis):
        versions = spans([one.version for one in releases], [one.version for one in axis.left_out])
        yield _item(f"{axis.name} {versions}: {WHY[why]}")
        shown = releases if detail.verbose else releases[-1:] if why in JUDGED_OUT else []
        yield from (f"  - {escaped(f'{axis.name} {one.version}: {because(one)}')}" for one in shown)
    if axis.passed_over:
        what = f"{counted(axis.passed_over, 'release')} of {axis.name} for a newer one of the same minor line"
        yield _item(what)


def _item(text: str) -> str:
    """An item of a list in which nothing is markup."""
    return f"- {escaped(text)}"
