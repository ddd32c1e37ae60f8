"""What speaks for a bound that would be wrong without a reason: what somebody, or pinproof itself, wrote beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from pinproof.model.lines import Lines

if TYPE_CHECKING:
    from pinproof.judgement.rules.project import Project
    from pinproof.model.declaration import Span
    from pinproof.model.verdict import Break

_PROVEN = re.compile(r"pinproof:(?!\s*ignore\b)\s*(?P<reason>.+)", re.IGNORECASE)
_FOR_TOOLS = re.compile(
    r"(?:noqa\b:?[\w, ]*|type:\s*ignore\S*|pragma\b.*|renovate:.*|via .*)",
    re.IGNORECASE,
)
_POINTER = re.compile(r"https?://\S+|#\d+")
_CAUSE = re.compile(
    r"\b(?:cap|capped|caps|upper|pin|pinned|limit|limited|restrict\w*|until|avoid\w*|newer|later|next|major|unstable|"
    r"break\w*|broke|broken|fail\w*|crash\w*|error\w*|bug\w*|issue\w*|conflict\w*|(?:in)?compat\w*|"
    r"unsupported|(?:not|no)(?: yet)? support\w*|remov\w*|drop\w*|deprecat\w*|chang\w*|yanked|regress\w*|wait\w*|"
    r"not yet|semver|stable)\b",
    re.IGNORECASE,
)
_WORDS = 2
_VERSION = re.compile(r"\bv?(\d+(?:\.\d+)*)(?:\.x)?\b")
NOTHING_SAYS_WHY = ", and nothing says why"


def written_reason(comment: str, cap: Version | None = None) -> str:
    """What a comment says for the bound beside it; empty where it is about something else, or speaks to a tool.

    It is about the cap where it points to an issue or a page, names the version that is kept out or a later one, or has
    a word of what goes wrong.
    """
    if found := _PROVEN.search(comment):
        return found["reason"].strip()
    said = _FOR_TOOLS.sub("", comment.partition("pinproof: ignore")[0]).strip(" #-=*")
    if len(said.split()) < _WORDS and not _POINTER.search(said) and not _names_from(said, cap):
        return ""
    return said if _POINTER.search(said) or _CAUSE.search(said) or _names_from(said, cap) else ""


def _names_from(said: str, cap: Version | None) -> bool:
    """Whether a version is named that is the first that is kept out, or a later one of not too far away."""
    return cap is not None and any(
        cap <= version and version.major <= cap.major + 1 for version in map(Version, _VERSION.findall(said))
    )


def comment_at(text: str, span: Span) -> str:
    """The comment behind a value in its line, and those in lines of their own right above."""
    lines = Lines(text)
    line, _ = lines.at(span.end)
    behind = text[span.end : text.find("\n", span.end) if "\n" in text[span.end :] else len(text)]
    said = [behind.partition("#")[2].strip()]
    while (above := lines.text(line - 1).strip()).startswith("#"):
        said.insert(0, above.lstrip("# "))
        line -= 1
    return " ".join(said).strip()


def use_of(project: Project, found: Break) -> str:
    """Where the project's own source uses what a release lacks: `shop/app.py:3 imports werkzeug.urls.url_decode`."""
    path = f"{project.folder}/{found.path}" if project.folder else found.path
    return f"{path}:{found.line} {found.how.verb} {found.symbol}"
