"""Pieces of large remote files that lie on disk, counted from the end, where a zip file has its directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 64 * 1024
LONGEST_RUN = 64
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Blocks:
    """The pieces of one remote file that lie on disk: piece N ends N blocks before the end of the file."""

    folder: Path
    size: int

    def covering(self, start: int, stop: int) -> range:
        """The numbers of the blocks that hold the bytes from `start` up to `stop`."""
        if start >= stop:
            return range(0)
        return range((self.size - stop) // BLOCK, (self.size - start - 1) // BLOCK + 1)

    def span(self, number: int) -> tuple[int, int]:
        """The bytes (start, stop) that this block holds."""
        return max(0, self.size - (number + 1) * BLOCK), self.size - number * BLOCK

    def has(self, number: int) -> bool:
        """Whether the block lies on disk, complete."""
        start, stop = self.span(number)
        try:
            return (self.folder / str(number)).stat().st_size == stop - start
        except OSError:
            return False

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, from disk only. Raises OSError where a block is missing."""
        return b"".join(
            self.within(number, self.piece(number), start, stop)
            for number in reversed(self.covering(start, stop))
        )

    def piece(self, number: int) -> bytes:
        """A whole block, from disk only. Raises OSError where it is missing."""
        start, stop = self.span(number)
        piece = (self.folder / str(number)).read_bytes()
        if len(piece) != stop - start:
            raise OSError(f"{self.folder / str(number)} is incomplete")
        return piece

    def within(self, number: int, piece: bytes, start: int, stop: int) -> bytes:
        """What a block, of which this is the content, has of the bytes from `start` up to `stop`."""
        first = self.span(number)[0]
        return piece[max(0, start - first) : stop - first]


def runs_of(numbers: list[int]) -> list[range]:
    """Block numbers, sorted -> stretches to be asked for at once: small gaps closed, long ones divided."""
    runs: list[range] = []
    for number in numbers:
        if runs and number - runs[-1][-1] <= _NEAR + 1 and number - runs[-1][0] < LONGEST_RUN:
            runs[-1] = range(runs[-1][0], number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs
