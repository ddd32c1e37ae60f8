"""What the marks of a matrix are called in every form that it is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.matrix import CellStatus, Why
from pinproof.presentation.sentences import counted, one_line, sentence

if TYPE_CHECKING:
    from pinproof.model.matrix import LeftOut, Matrix

MEANS = {
    CellStatus.WORKS: "works",
    CellStatus.BOUNDED: "works within these bounds, which no metadata asks for",
    CellStatus.LATENT: "works, but for code that fails when it runs",
    CellStatus.BROKEN: "broken: fails on import",
    CellStatus.NO_SET: "no set: what they require contradicts itself",
    CellStatus.NOT_CHECKED: "not checked",
    CellStatus.EXCLUDED: "ruled out by metadata",
}
COUNTED = {
    CellStatus.WORKS: "work",
    CellStatus.BOUNDED: "work within bounds",
    CellStatus.LATENT: "work, but for code that fails when it runs",
    CellStatus.BROKEN: "broken",
    CellStatus.NO_SET: "without a set",
    CellStatus.NOT_CHECKED: "not checked",
    CellStatus.EXCLUDED: "ruled out by metadata",
}
WHY = {
    Why.OTHER_PYTHON: "for another Python",
    Why.NO_WHEEL: "no wheel for this Python and platform",
    Why.YANKED: "yanked",
    Why.PYTHON_TOOK_AWAY: "need what this Python does not have any more",
    Why.NOT_READABLE: "cannot be read",
}

JUDGED_OUT = (Why.PYTHON_TOOK_AWAY, Why.NOT_READABLE)
"""What is left out for reasons that each release has for itself."""


def headline(found: Matrix) -> str:
    """Whose releases are combined, and how many combinations that gives."""
    *first, last = (axis.name for axis in found.axes)
    return f"{', '.join(first)} and {last}: {counted(len(found.cells), 'combination')}"


def counts(found: Matrix) -> list[tuple[CellStatus, int]]:
    """How many combinations come to what, those that work first."""
    numbers = {status: sum(cell.status is status for cell in found.cells) for status in CellStatus}
    return [(status, number) for status, number in numbers.items() if number]


def because(one: LeftOut) -> str:
    """Why a release is not in the matrix, as it goes on after its name."""
    if one.found is None:
        return one_line(one.reason)
    return sentence(one.found).removeprefix(f"{one.found.dependent} {one.found.dependent_version} ")
