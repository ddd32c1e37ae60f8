"""What `check` found, for every view of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pinproof.model.declaration import FilePath
    from pinproof.model.finding import Result
    from pinproof.model.verdict import NotChecked


@dataclass(frozen=True, slots=True)
class ProjectShown:
    """A project as it is shown: its folder ("" is the one that was named), its role, and why it has that."""

    folder: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """All that came out. `texts` are those of the files with findings; `read` how many files were.

    `evidence` are findings that do not count, since something speaks for what they find. `suppressed` is how many
    findings were kept away. `fixed` and `not_fixed` say what was done about others, and why
    not; `diff` is how the files change or would.
    """

    projects: tuple[ProjectShown, ...]
    results: tuple[Result, ...]
    texts: Mapping[FilePath, str] = field(repr=False)
    read: int
    suppressed: int = 0
    not_checked: tuple[NotChecked, ...] = ()
    fixed: tuple[Result, ...] = ()
    not_fixed: tuple[tuple[Result, str], ...] = ()
    diff: str = ""
    evidence: tuple[Result, ...] = ()
