"""What a lock file of a project pins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.declaration import FilePath


@dataclass(frozen=True, slots=True)
class LockContent:
    """One lock. `pins` has every version of a name that some fork of it pins.

    `lines` says where. `unhashed` are the names of those without a hash, where the format can have them. `elsewhere`
    is what comes from no index. `requires` says what needs what, where the lock does. `problem`: why it could not be
    read.
    """

    path: FilePath
    text: str = field(default="", repr=False)
    pins: Mapping[NormalizedName, tuple[Version, ...]] = field(default_factory=dict)
    lines: Mapping[NormalizedName, int] = field(default_factory=dict)
    unhashed: frozenset[NormalizedName] = frozenset()
    elsewhere: frozenset[NormalizedName] = frozenset()
    requires: Mapping[NormalizedName, frozenset[NormalizedName]] = field(default_factory=dict)
    problem: str = ""
