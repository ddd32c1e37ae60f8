"""What a lock file of a project pins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pinproof.model.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.declaration import FilePath, Span


@dataclass(frozen=True, slots=True)
class LockContent:
    """One lock. `pins` has every version of a name that some fork of it pins.

    `lines` says where. `unhashed` are the names of those without a hash, where the format can have them. `elsewhere`
    is what comes from no index, members of a workspace included. `requires` says what needs what, and `direct` what
    the project itself asks for, where the lock does. `problem`: why it could not be read.

    `is_requirements`: it is a requirements file that a tool wrote, and a manifest as well. Of what it was made:
    `made_from` are the manifests, as far as it tells or they lie beside it, and `parts` the groups and extras of them
    (None: all of them; the empty name is what is always installed). `recorded` has what each of them declared then.
    `outdated`: it carries a mark of its declaration, at this place, which is not that of the declaration as it is now.
    """

    path: FilePath
    text: str = field(default="", repr=False)
    pins: Mapping[NormalizedName, tuple[Version, ...]] = field(default_factory=dict)
    lines: Mapping[NormalizedName, int] = field(default_factory=dict)
    unhashed: frozenset[NormalizedName] = frozenset()
    elsewhere: frozenset[NormalizedName] = frozenset()
    requires: Mapping[NormalizedName, frozenset[NormalizedName]] = field(default_factory=dict)
    problem: str = ""
    direct: frozenset[NormalizedName] = frozenset()
    is_requirements: bool = False
    command: str = ""
    made_from: tuple[FilePath, ...] = ()
    parts: frozenset[str] | None = None
    recorded: Mapping[FilePath, tuple[Requirement, ...]] = field(default_factory=dict)
    outdated: Span | None = None

    def has(self, name: NormalizedName) -> bool:
        """Whether it says which release, or which source, is installed."""
        return name in self.pins or name in self.elsewhere

    def span(self, name: NormalizedName) -> Span | None:
        """The line that pins it."""
        line = self.lines.get(name)
        return None if line is None else Lines(self.text).whole(line)
