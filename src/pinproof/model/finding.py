"""What `check` finds: a place, what is wrong there, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinproof.model.declaration import FilePath, Span


class Safety(Enum):
    """Whether a fix is applied by `--fix`, or only by `--unsafe-fixes`.

    It is safe where nothing that was accepted before is refused afterwards, or where the file cannot be used as it is,
    and where extras, marker, comment and hashes stay.
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
    """`code` and `rule` name the rule. `message` says what is wrong, `why` the reason, `advice` what to do about it.

    `span` None: the file as a whole. `subject` names what it is about, for a fingerprint that survives edits.
    """

    code: str
    rule: str
    path: FilePath
    span: Span | None
    message: str
    why: str = ""
    advice: str = ""
    fix: Fix | None = None
    subject: str = ""
