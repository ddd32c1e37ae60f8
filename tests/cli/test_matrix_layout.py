"""How a matrix is folded, and how its tables fit a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click import unstyle
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.model.matrix import Axis, Cell, CellStatus, Exclusion, Matrix
from pinproof.model.release import Target
from pinproof.model.report import Circumstances, Detail, Status
from pinproof.presentation.matrix_as_text import matrix
from pinproof.presentation.matrix_layout import folded, laid_out, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

ASKED = Circumstances(Target((3, 11), "linux", "x86_64"))
WORDS = {"o": CellStatus.WORKS, ".": CellStatus.EXCLUDED, "?": CellStatus.NOT_CHECKED}


def axis(name: str, versions: str) -> Axis:
    return Axis(Requirement(name), canonicalize_name(name), tuple(map(Version, versions.split())))


def made(axes: Sequence[Axis], drawn: str) -> Matrix:
    """A matrix as it is drawn: `o` works, `.` is ruled out, `?` is not known."""
    versions = [()]
    for one in axes:
        versions = [(*before, version) for before in versions for version in one.versions]
    asked = (Exclusion(axes[0].name, Version("1"), Requirement("b>1")),)
    cells = [
        Cell(v, WORDS[c], excluded_by=asked if c == "." else (), reason="nobody knows" if c == "?" else "")
        for v, c in zip(versions, drawn.replace(" ", ""), strict=True)
    ]
    return Matrix(tuple(axes), tuple(cells), Status.WORKS)


def table(found: Matrix, width: int = 80) -> str:
    return unstyle(matrix(found, ASKED, Detail(quiet=True), width))


A, B, C = axis("a", "1 2 3"), axis("b", "1 2 3"), axis("c", "1 2")


@pytest.mark.parametrize(
    ("drawn", "rows", "columns"),
    [
        ("ooo ooo ooo", ["1–3"], ["1–3"]),
        ("oo? oo? ooo", ["1–2", "3"], ["1–2", "3"]),
        ("o?o o?o o?o", ["1–3"], ["1", "2", "3"]),
        ("o.o ... o.o", ["1", "3"], ["1", "3"]),
    ],
)
def test_neighbours_that_are_alike_are_folded(drawn: str, rows: list[str], columns: list[str]) -> None:
    found = made((A, B), drawn)
    grid = folded(laid_out(found).grid, found.axes)
    assert [spans(row.labels[0], A.versions) for row in grid.rows] == rows
    assert [spans(column, B.versions) for column in grid.columns] == columns


def test_of_three_the_pairs_that_are_possible_are_rows() -> None:
    found = made((A, B, C), "oo oo ..  oo oo ..  .. .. ?o")
    assert table(found) == ("          c\na    b    1   2\n1–2  1–2  ok  ok\n3    3    ?1  ok")


def test_what_goes_with_nothing_is_no_row_and_told() -> None:
    found = made((A, B), "... oo. oo.")
    assert table(found) == "     b\na    1–2\n2–3  ok"
    told = unstyle(matrix(found, ASKED, Detail(), 80))
    assert "so nothing goes with a 1" in told
    assert "so nothing goes with b 3" in told


def test_nothing_is_drawn_where_nothing_is_possible() -> None:
    found = made((C, C), "....")
    assert table(found) == ""
    assert "4 ruled out by metadata" in unstyle(matrix(found, ASKED, Detail(), 80))


@pytest.mark.parametrize("width", [1, 20, 40, 79, 80, 200])
def test_tables_fit_the_terminal_and_lose_no_column(width: int) -> None:
    many = axis("b", " ".join(f"1.{minor}" for minor in range(40)))
    found = made((C, many), "o?" * 20 + "?o" * 20)
    lines = table(found, width).splitlines()
    assert all(len(line) <= max(width, 10) for line in lines)
    shown = [word for line in lines if line.startswith("c ") for word in line.split()[1:]]
    assert shown == [str(version) for version in many.versions]
