"""What became of a set that was really imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.verdict import Break


@dataclass(frozen=True, slots=True)
class Failure:
    """A module that could not be imported; `error` is the last line of the exception.

    `direct`: it is of what nobody else in the set requires. `own_reason`: what it says is about something that no set
    decides, such as a display, a setting, or an optional requirement. `foreseen`: the judge has said so.
    """

    name: NormalizedName
    version: Version
    module: str
    error: str
    direct: bool
    own_reason: bool
    foreseen: bool

    @property
    def counts(self) -> bool:
        """Whether the set is broken for it."""
        return self.direct and not self.own_reason


@dataclass(frozen=True, slots=True)
class Trial:
    """A set that was imported for real: how many modules, which failed, and the fatal breaks that were none.

    `refuted` are breaks whose module was imported without failing. They are latent.
    """

    modules: int
    failures: tuple[Failure, ...] = ()
    refuted: tuple[Break, ...] = ()
