"""A matrix as one HTML file that needs nothing else; `pinproof[html]` brings what it is made with."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pinproof.model.matrix import CellStatus
from pinproof.presentation.as_text import for_whom
from pinproof.presentation.matrix_layout import SIGNS, laid_out, left_out, spans, told
from pinproof.presentation.matrix_words import COUNTED, MEANS, WHY, because, counts
from pinproof.presentation.sentences import counted, one_line, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.model.matrix import Axis, Cell, Matrix
    from pinproof.model.report import Circumstances, Detail
    from pinproof.presentation.matrix_layout import Cause, Grid, Row, Shown

_MOST = 6
"""Reasons that are told on hover; all of them stand in the list below."""


def matrix(found: Matrix, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The page. Whatever comes from packages is escaped by the template."""
    layout = laid_out(found)
    *first, last = (axis.name for axis in found.axes)
    page = {
        "title": f"Which releases of {', '.join(first)} and {last} work together",
        "combinations": counted(len(found.cells), "combination"),
        "for_whom": for_whom(asked),
        "counts": [{"status": s, "number": n, "word": COUNTED[s]} for s, n in counts(found)],
        "labels": first,
        "across": last,
        "columns": [str(column[0]) for column in layout.grid.columns],
        "rows": list(_rows(layout.grid, found.axes)),
        "sections": [
            {
                "status": status,
                "sign": SIGNS[status],
                "title": MEANS[status],
                "causes": [_cause(cause, found.axes) for cause in causes],
            }
            for status, causes in groupby(layout.causes, lambda cause: cause.status)
        ],
        "excluded": {"sign": SIGNS[CellStatus.EXCLUDED], "title": MEANS[CellStatus.EXCLUDED]},
        "exclusions": layout.exclusions,
        "alone": layout.alone,
        "outside": [one for axis in found.axes for one in _outside(axis)],
    }
    environment = Environment(
        loader=PackageLoader("pinproof.presentation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("matrix.html.jinja").render(page)


def _rows(grid: Grid, axes: Sequence[Axis]) -> Iterator[dict[str, Any]]:
    """The rows; of two labels the first stands once, for all rows that it is of."""
    for _, block in groupby(grid.rows, lambda row: row.labels[0]):
        rows = list(block)
        for number, row in enumerate(rows):
            yield {
                "labels": list(_labels(row, number, len(rows))),
                "cells": [_cell(one, axes) for one in row.shown],
            }


def _labels(row: Row, number: int, rows: int) -> Iterator[dict[str, Any]]:
    first, *second = (str(label[0]) for label in row.labels)
    if not second:
        yield {"text": first, "rows": 1}
        return
    if number == 0:
        yield {"text": first, "rows": rows}
    yield {"text": second[0], "rows": 1}


def _cell(shown: Shown, axes: Sequence[Axis]) -> dict[str, Any]:
    return {
        "status": shown.cell.status,
        "text": shown.mark,
        "marks": [{"id": _id(cause), "text": cause.mark} for cause in shown.causes],
        "told": "\n".join(_told(shown.cell, axes)),
    }


def _told(cell: Cell, axes: Sequence[Axis]) -> Iterator[str]:
    """What is to be known of one combination, a line for each reason."""
    names = [f"{axis.name} {version}" for axis, version in zip(axes, cell.versions, strict=True)]
    yield f"{', '.join(names)}: {MEANS[cell.status]}"
    yield from (f"with {bound.requirement}" for bound in cell.bounds)
    for one in cell.excluded_by:
        yield one_line(f"{one.dependent} {one.dependent_version} requires {one.requirement}")
    reasons = [sentence(one) for one in cell.breaks if one.severity != "deprecated"]
    reasons += [one_line(f"{entry.name}: {entry.reason}") for entry in cell.not_checked]
    yield from reasons[:_MOST]
    if len(reasons) > _MOST:
        yield f"and {len(reasons) - _MOST} more"
    if cell.reason:
        yield one_line(cell.reason)
    rest = [f"{pin.name} {pin.version}" for pin in cell.pins if f"{pin.name} {pin.version}" not in names]
    if rest:
        yield f"the rest of the set: {', '.join(rest)}"


def _id(cause: Cause) -> str:
    return f"{cause.status}-{cause.number}"


def _cause(cause: Cause, axes: Sequence[Axis]) -> dict[str, Any]:
    others = [reason for reason in cause.others if reason not in cause.first]
    return {
        "id": _id(cause),
        "mark": cause.mark,
        "title": cause.title,
        "first": told(cause.first, axes),
        "others": told(others, axes),
    }


def _outside(axis: Axis) -> Iterator[dict[str, Any]]:
    for why, releases in left_out(axis):
        versions = spans([one.version for one in releases], [one.version for one in axis.left_out])
        yield {
            "text": f"{axis.name} {versions}: {WHY[why]}",
            "releases": [f"{axis.name} {one.version}: {because(one)}" for one in releases],
        }
    if axis.passed_over:
        what = f"{counted(axis.passed_over, 'release')} of {axis.name} for a newer one of the same minor line"
        yield {"text": what, "releases": []}
