"""An audit as annotations of GitHub Actions, each vulnerability on the line that pins or declares.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.advisory import Level
from pinproof.presentation.as_github import annotation
from pinproof.presentation.audit_words import conclusion, idle, old, rated, told, unread

if TYPE_CHECKING:
    from pinproof.model.audit import Audit
    from pinproof.model.report import Circumstances, Detail

_COMMANDS = {Level.CRITICAL: "error", Level.HIGH: "error", Level.LOW: "notice", Level.NONE: "notice"}


def audit(found: Audit, asked: Circumstances, detail: Detail) -> str:
    """The answer of `audit`: a command for each vulnerability, and a line that counts them."""
    lines = [
        annotation(
            _COMMANDS.get(one.vulnerability.rating.level, "warning"),
            one.message,
            f"known vulnerability ({rated(one.vulnerability)})",
            one.at.filename,
            line=one.at.line,
        )
        for one in told(found)
    ]
    lines += [annotation("warning", f"{e.name}: {e.reason}", "not checked") for e in found.not_checked]
    lines += [
        annotation("warning", idle(one), "ignore", one.ignore.at.filename, line=one.ignore.at.line)
        for one in found.idle
    ]
    warnings = (old(found.consulted, found.moment), unread(found.consulted))
    lines += [annotation("warning", warning, "advisories") for warning in warnings if warning]
    if not detail.quiet:
        lines.append(conclusion(found, asked))
    return "\n".join(lines)
