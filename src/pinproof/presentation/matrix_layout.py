"""How a matrix is laid out, whatever it is written in: rows, columns, what stands in a cell, and the reasons for it.

Two projects make a grid. Of three, each row is a pair of the first two that some release of the third goes with.
Neighbours that are alike are folded together: as `2.0.3` to `2.3.8`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from packaging.utils import canonicalize_name

from pinproof.model.matrix import CellStatus, Why
from pinproof.model.verdict import Severity
from pinproof.presentation.sentences import in_order, one_line, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from packaging.requirements import Requirement
    from packaging.version import Version

    from pinproof.model.matrix import Axis, Cell, LeftOut, Matrix
    from pinproof.model.verdict import Bound, Break

_T = TypeVar("_T")

SIGNS = {
    CellStatus.WORKS: "ok",
    CellStatus.BOUNDED: "+",
    CellStatus.LATENT: "~",
    CellStatus.BROKEN: "x",
    CellStatus.EXCLUDED: "-",
    CellStatus.NO_SET: "!",
    CellStatus.NOT_CHECKED: "?",
}
"""What stands in a cell; but for `ok` and `-` a number follows, that of the cause."""


@dataclass(slots=True)
class Cause:
    """What several cells have in common: who does not go with whom, or a bound, or why nothing is known.

    `first` are the reasons that decide, one of each release, `others` further ones; each as (who, version, what).
    """

    status: CellStatus
    number: int
    title: str
    first: dict[tuple[str, Version | None, str], None] = field(default_factory=dict)
    others: dict[tuple[str, Version | None, str], None] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """How a cell refers to it."""
        return f"{SIGNS[self.status]}{self.number}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is shown: its mark, and the causes that it refers to."""

    cell: Cell
    mark: str
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the releases that it is for, a run of neighbours of each axis but the last, and what stands in it."""

    labels: tuple[tuple[Version, ...], ...]
    shown: tuple[Shown, ...]

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands in the cells."""
        return tuple(one.mark for one in self.shown)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns; a column is a run of neighbours of the last axis."""

    columns: tuple[tuple[Version, ...], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The grid with what is said below it.

    `alone` are the releases that no other goes with by metadata, by project; they are neither row nor column.
    """

    grid: Grid
    causes: tuple[Cause, ...]
    exclusions: tuple[str, ...]
    alone: tuple[str, ...]


def laid_out(matrix: Matrix) -> Layout:
    """The matrix with every release a row or a column of its own."""
    causes = _Causes(matrix)
    shown = [causes.of(cell) for cell in matrix.cells]
    alone = _alone(matrix)
    width = len(matrix.axes[-1].versions)
    rows = []
    for begin in range(0, len(shown), width):
        part = shown[begin : begin + width]
        if any(one.cell.status is not CellStatus.EXCLUDED for one in part):
            rows.append(Row(tuple((v,) for v in part[0].cell.versions[:-1]), tuple(part)))
    kept = [i for i, v in enumerate(matrix.axes[-1].versions) if v not in alone[-1]]
    columns = tuple((matrix.axes[-1].versions[i],) for i in kept)
    grid = Grid(columns, tuple(Row(row.labels, tuple(row.shown[i] for i in kept)) for row in rows))
    told = tuple(
        f"{axis.name} {spans(gone, axis.versions)}"
        for axis, gone in zip(matrix.axes, alone, strict=True)
        if gone
    )
    return Layout(grid, causes.all(), tuple(_exclusions(matrix)), told)


def folded(grid: Grid, axes: Sequence[Axis]) -> Grid:
    """The grid with neighbours that are alike in one row or column."""
    positions = [{version: i for i, version in enumerate(axis.versions)} for axis in axes]
    columns = _runs(
        range(len(grid.columns)),
        lambda i: tuple(row.shown[i].mark for row in grid.rows),
        lambda i: positions[-1][grid.columns[i][0]],
    )
    rows = [Row(row.labels, tuple(row.shown[run[0]] for run in columns)) for row in grid.rows]
    blocks = [
        _folded_rows(list(block), positions[-2])
        for _, block in groupby(rows, lambda row: tuple(label[0] for label in row.labels[:-1]))
    ]
    if len(axes) == 3:
        blocks = _folded_blocks(blocks, positions[0])
    names = tuple(tuple(v for i in run for v in grid.columns[i]) for run in columns)
    return Grid(names, tuple(row for block in blocks for row in block))


def _folded_rows(rows: Sequence[Row], position: dict[Version, int]) -> list[Row]:
    """Rows that differ only in their last label."""
    runs = _runs(rows, lambda row: row.marks, lambda row: position[row.labels[-1][0]])
    return [
        Row((*run[0].labels[:-1], tuple(v for row in run for v in row.labels[-1])), run[0].shown)
        for run in runs
    ]


def _folded_blocks(blocks: Sequence[list[Row]], position: dict[Version, int]) -> list[list[Row]]:
    """The rows of several releases of the first project, where they are alike for all of them."""
    runs = _runs(
        blocks,
        lambda block: tuple((row.labels[1:], row.marks) for row in block),
        lambda block: position[block[0].labels[0][0]],
    )
    return [
        [Row((tuple(block[0].labels[0][0] for block in run), *row.labels[1:]), row.shown) for row in run[0]]
        for run in runs
    ]


def _runs(
    items: Iterable[_T], alike: Callable[[_T], object], position: Callable[[_T], int]
) -> list[list[_T]]:
    """Neighbours that are alike; what has another between it on its axis is no neighbour."""
    runs: list[list[_T]] = []
    for item in items:
        before = runs[-1][-1] if runs else None
        if before is not None and alike(before) == alike(item) and position(item) == position(before) + 1:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def span(versions: Sequence[Version]) -> str:
    """A run of neighbours: its only version, or the first and the last."""
    return str(versions[0]) if len(versions) == 1 else f"{versions[0]}–{versions[-1]}"


def spans(versions: Iterable[Version], axis: Sequence[Version]) -> str:
    """Releases of an axis as runs of neighbours, with commas between them."""
    position = {version: i for i, version in enumerate(axis)}
    ordered = sorted(set(versions))
    runs = _runs(ordered, lambda _: None, lambda version: position.get(version, -1))
    return ", ".join(span(run) for run in runs)


def _alone(matrix: Matrix) -> list[frozenset[Version]]:
    """Of each axis the releases that metadata lets go with nothing."""
    going: list[set[Version]] = [set() for _ in matrix.axes]
    for cell in matrix.cells:
        if cell.status is not CellStatus.EXCLUDED:
            for place, version in enumerate(cell.versions):
                going[place].add(version)
    return [frozenset(axis.versions) - seen for axis, seen in zip(matrix.axes, going, strict=True)]


def _exclusions(matrix: Matrix) -> Iterator[str]:
    """Which requirements rule combinations out, each with the releases that have it."""
    found: dict[tuple[int, str], set[Version]] = {}
    places = {axis.name: place for place, axis in enumerate(matrix.axes)}
    for cell in matrix.cells:
        for one in cell.excluded_by:
            key = (places[one.dependent], _asked(one.requirement))
            found.setdefault(key, set()).add(one.dependent_version)
    for (place, requirement), versions in sorted(
        found.items(), key=lambda item: (item[0][0], min(item[1]), item[0][1])
    ):
        axis = matrix.axes[place]
        yield one_line(f"{axis.name} {spans(versions, axis.versions)} requires {requirement}")


def _asked(requirement: Requirement) -> str:
    """The requirement without its marker."""
    return f"{canonicalize_name(requirement.name)}{in_order(str(requirement.specifier))}"


def left_out(axis: Axis) -> Iterator[tuple[Why, Sequence[LeftOut]]]:
    """The releases that are not in the matrix, by the kind of reason."""
    ordered = sorted(axis.left_out, key=lambda one: (list(Why).index(one.why), one.version))
    for why, group in groupby(ordered, lambda one: one.why):
        yield why, list(group)


def told(reasons: Iterable[tuple[str, Version | None, str]], axes: Sequence[Axis]) -> list[str]:
    """Reasons as sentences; releases of which the same is said stand in one."""
    same: dict[tuple[str, str], list[Version]] = {}
    for who, version, what in reasons:
        same.setdefault((who, what), []).extend([version] if version is not None else [])
    versions = {axis.name: axis.versions for axis in axes}
    lines = []
    for (who, what), releases in sorted(same.items(), key=lambda item: (item[0][0], item[1][:1])):
        axis = versions.get(canonicalize_name(who), ()) if who else ()
        lines.append(one_line(f"{who} {spans(releases, axis)} {what}" if releases else what))
    return lines


class _Causes:
    """Gives the cells their causes, numbered as they come up, those of one kind in their own row."""

    def __init__(self, matrix: Matrix) -> None:
        self._fixed = {*(axis.name for axis in matrix.axes), "python"}
        self._found: dict[tuple[CellStatus, str], Cause] = {}

    def all(self) -> tuple[Cause, ...]:
        """All causes, by kind and number."""
        order = list(SIGNS)
        return tuple(sorted(self._found.values(), key=lambda c: (order.index(c.status), c.number)))

    def of(self, cell: Cell) -> Shown:
        """A cell with its mark."""
        causes = tuple(self._of(cell))
        return Shown(cell, "".join(cause.mark for cause in causes) or SIGNS[cell.status], causes)

    def _of(self, cell: Cell) -> Iterator[Cause]:
        match cell.status:
            case CellStatus.WORKS | CellStatus.EXCLUDED:
                return
            case CellStatus.NO_SET:
                yield self._unknown(cell.status, cell.reason)
            case CellStatus.NOT_CHECKED:
                first = cell.not_checked[0] if cell.not_checked else None
                yield self._unknown(cell.status, f"{first.name}: {first.reason}" if first else cell.reason)
            case CellStatus.BROKEN:
                yield self._broken(cell, Severity.FATAL)
            case CellStatus.BOUNDED | CellStatus.LATENT:
                if cell.bounds:
                    yield self._bounded(cell.bounds)
                if cell.status is CellStatus.LATENT:
                    yield self._broken(cell, Severity.LATENT)

    def _cause(self, status: CellStatus, title: str) -> Cause:
        key = (status, title)
        if key not in self._found:
            number = sum(known is status for known, _ in self._found) + 1
            self._found[key] = Cause(status, number, title)
        return self._found[key]

    def _unknown(self, status: CellStatus, reason: str) -> Cause:
        return self._cause(status, one_line(reason))

    def _bounded(self, bounds: Sequence[Bound]) -> Cause:
        cause = self._cause(
            CellStatus.BOUNDED, ", ".join(sorted({_asked(bound.requirement) for bound in bounds}))
        )
        for bound in bounds:
            first, *others = bound.because
            cause.first[_reason(first)] = None
            cause.others.update(dict.fromkeys(map(_reason, others)))
        return cause

    def _broken(self, cell: Cell, severity: Severity) -> Cause:
        """What decides: what no other package can mend, before all else."""
        breaks = [found for found in cell.breaks if found.severity is severity]
        inside = [found for found in breaks if {found.dependent, found.dependency} <= self._fixed]
        first, *others = inside or breaks
        status = CellStatus.BROKEN if severity is Severity.FATAL else CellStatus.LATENT
        cause = self._cause(status, f"{first.dependent} with {_pretty(first)}")
        cause.first[_reason(first)] = None
        cause.others.update(dict.fromkeys(map(_reason, others)))
        return cause


def _pretty(found: Break) -> str:
    return "Python" if found.dependency == "python" else found.dependency


def _reason(found: Break) -> tuple[str, Version | None, str]:
    head = f"{found.dependent} {found.dependent_version} "
    return found.dependent, found.dependent_version, sentence(found).removeprefix(head)
