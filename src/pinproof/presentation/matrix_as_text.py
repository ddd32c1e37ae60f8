"""A matrix as text for people: tables that fit the terminal, and what stands behind them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from click import style

from pinproof.model.matrix import CellStatus
from pinproof.presentation.as_text import for_whom
from pinproof.presentation.matrix_layout import SIGNS, folded, laid_out, left_out, span, spans, told
from pinproof.presentation.matrix_words import COUNTED, JUDGED_OUT, MEANS, WHY, because, counts, headline
from pinproof.presentation.sentences import and_more, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.model.matrix import Axis, Matrix
    from pinproof.model.report import Circumstances, Detail
    from pinproof.presentation.matrix_layout import Cause, Grid, Layout

_GAP = "  "
_COLORS = {
    CellStatus.WORKS: "green",
    CellStatus.BOUNDED: "green",
    CellStatus.LATENT: "yellow",
    CellStatus.BROKEN: "red",
    CellStatus.NO_SET: "red",
    CellStatus.NOT_CHECKED: "magenta",
}


def matrix(found: Matrix, asked: Circumstances, detail: Detail, width: int) -> str:
    """The tables, at most `width` wide as far as one column allows, and what the marks mean."""
    layout = laid_out(found)
    tables = _tables(folded(layout.grid, found.axes), found.axes, width)
    if detail.quiet:
        return "\n\n".join("\n".join(lines) for lines in tables)
    paragraphs = [*tables, *_remarks(found, layout, detail), [_conclusion(found, asked)]]
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _conclusion(found: Matrix, asked: Circumstances) -> str:
    parts = [f"{count} {style(COUNTED[status], fg=_COLORS.get(status))}" for status, count in counts(found)]
    return f"{headline(found)} {for_whom(asked)}: {', '.join(parts)}"


# --- the table -----------------------------------------------------------------------------------------


def _tables(grid: Grid, axes: Sequence[Axis], width: int) -> Iterator[list[str]]:
    """One table, or several one below the other where the columns do not fit beside each other."""
    if not grid.rows:
        return
    labels = [tuple(map(span, row.labels)) for row in grid.rows]
    heads = [axis.name for axis in axes[:-1]]
    sizes = [max(len(head), *(len(row[i]) for row in labels)) for i, head in enumerate(heads)]
    names = [span(column) for column in grid.columns]
    widths = [max(len(name), *(len(row.shown[i].mark) for row in grid.rows)) for i, name in enumerate(names)]
    taken = sum(sizes) + len(_GAP) * len(sizes)
    for part in _parts(widths, width - taken):
        above = [*(" " * size for size in sizes), axes[-1].name]
        yield [
            _joined(above),
            _joined([*_padded(heads, sizes), *(names[i].ljust(widths[i]) for i in part)]),
            *(
                _joined(
                    [
                        *_padded(_unrepeated(labels, number), sizes),
                        *(_cell(row.shown[i].mark, row.shown[i].cell.status, widths[i]) for i in part),
                    ]
                )
                for number, row in enumerate(grid.rows)
            ),
        ]


def _parts(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """The columns that fit beside each other; at least one."""
    part: list[int] = []
    taken = 0
    for number, width in enumerate(widths):
        if part and taken + len(_GAP) + width > room:
            yield part
            part, taken = [], 0
        taken += width + (len(_GAP) if part else 0)
        part.append(number)
    yield part


def _unrepeated(labels: Sequence[tuple[str, ...]], number: int) -> tuple[str, ...]:
    """The labels of a row; the first of two is left out where it is that of the row above."""
    label = labels[number]
    if len(label) == 2 and number and labels[number - 1][0] == label[0]:
        return ("", label[1])
    return label


def _padded(texts: Sequence[str], sizes: Sequence[int]) -> list[str]:
    return [style(text.ljust(size), bold=True) for text, size in zip(texts, sizes, strict=True)]


def _cell(mark: str, status: CellStatus, width: int) -> str:
    color = _COLORS.get(status)
    padding = " " * (width - len(mark))
    return (style(mark, fg=color) if color else style(mark, dim=True)) + padding


def _joined(cells: Sequence[str]) -> str:
    return _GAP.join(cells).rstrip()


# --- what stands behind it -----------------------------------------------------------------------------


def _remarks(found: Matrix, layout: Layout, detail: Detail) -> Iterator[list[str]]:
    for status, causes in groupby(layout.causes, lambda cause: cause.status):
        yield [
            f"{style(SIGNS[status], fg=_COLORS[status], bold=True)}  {MEANS[status]}",
            *(line for cause in causes for line in _cause(cause, found.axes, detail)),
        ]
    if layout.exclusions:
        yield [
            f"{style(SIGNS[CellStatus.EXCLUDED], bold=True)}  {MEANS[CellStatus.EXCLUDED]}",
            *(f"   {line}" for line in layout.exclusions),
            *(f"   so nothing goes with {line}" for line in layout.alone),
        ]
    yield [line for axis in found.axes for line in _outside(axis, detail)]


def _cause(cause: Cause, axes: Sequence[Axis], detail: Detail) -> Iterator[str]:
    yield f"   {style(cause.mark, fg=_COLORS[cause.status])}  {cause.title}"
    decisive = told(cause.first, axes)
    further = told([reason for reason in cause.others if reason not in cause.first], axes)
    indent = " " * (5 + len(cause.mark))
    for line in (*decisive, *(further if detail.verbose else ())):
        yield f"{indent}{line}"
    if not detail.verbose:
        yield from (f"{indent}{line}" for line in and_more(len(further)))


def _outside(axis: Axis, detail: Detail) -> Iterator[str]:
    """The releases that are not in the matrix: how many and which, and where it was judged for what reason."""
    for why, releases in left_out(axis):
        what = f"{axis.name}: {counted(len(releases), 'release')} left out, {WHY[why]}"
        if detail.verbose:
            yield f"{what}:"
            yield from (f"   {axis.name} {one.version}: {because(one)}" for one in releases)
        else:
            versions = spans([one.version for one in releases], [one.version for one in axis.left_out])
            yield f"{what}: {versions}"
            if why in JUDGED_OUT:
                yield f"   such as {axis.name} {releases[-1].version}: {because(releases[-1])}"
    if axis.passed_over:
        yield (
            f"{axis.name}: {counted(axis.passed_over, 'release')} left out for a newer one of the same minor line"
            " (--all takes every one)"
        )
