"""What `check` finds: a place, what is wrong there, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from pinproof.model.declaration import FilePath, Span


class Safety(Enum):
    """Whether a fix is applied by `--fix`, or only by `--unsafe-fixes`.

    It is safe where nothing that was accepted before is refused afterwards, or where the file cannot be used as it is,
    or where the project's own policy asks for it; and where extras, marker, comment and hashes stay.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `replacement` where `span` of a file is."""

    path: FilePath
    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together. `title` says what they do; `is_range`: the versions that are accepted change."""

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE
    is_range: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` says what is wrong, `why` the reason, `advice` what to do about it.

    `span` None: the file as a whole. `subject` names what it is about, for a fingerprint that survives edits.
    `evidence` is what speaks for it as it is: then it does not count, and is shown only where evidence is asked for.
    """

    path: FilePath
    span: Span | None
    message: str
    why: str = ""
    advice: str = ""
    fix: Fix | None = None
    subject: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A finding, and the code and name of the rule that found it."""

    code: str
    rule: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that keeps findings away. No `codes`: all of them. `line` is the line it counts for, 1 the first."""

    span: Span
    codes: frozenset[str]
    line: int
    reason: str = ""
    until: date | None = None

    def covers(self, code: str, first_line: int, last_line: int) -> bool:
        """Whether it keeps away a finding of this rule in these lines."""
        return first_line <= self.line <= last_line and (not self.codes or code in self.codes)
