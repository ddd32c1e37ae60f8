"""What rules may ask of the index, and a note of what it did not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Missing, Releases
    from pinproof.model.verdict import NotChecked


class Nowhere:
    """A world without an index: nothing is known."""

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """It is not asked either."""
        return ()

    def releases(self, name: NormalizedName) -> Releases | Missing | None:  # noqa: ARG002 - a world
        """Not known."""
        return None

    def nearest(self, name: NormalizedName) -> NormalizedName | None:  # noqa: ARG002 - a world
        """Not known."""
        return None
