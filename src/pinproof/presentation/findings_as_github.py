"""Findings as annotations of GitHub Actions.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import unstyle

from pinproof.presentation.as_github import annotation
from pinproof.presentation.findings_as_text import conclusion
from pinproof.presentation.placed import placed, said

if TYPE_CHECKING:
    from pinproof.model.check_report import Checked
    from pinproof.model.report import Detail
    from pinproof.presentation.placed import Placed


def findings(checked: Checked, detail: Detail) -> str:
    """The answer of `check`: one command for each finding, and a line that counts them."""
    lines = [_finding(one) for one in placed(checked)]
    lines += [
        annotation("notice", f"{entry.name}: {entry.reason}", "not checked") for entry in checked.not_checked
    ]
    if not detail.quiet:
        lines.append(unstyle(conclusion(checked)))
    return "\n".join(lines)


def _finding(one: Placed) -> str:
    title = f"{one.result.code} {one.result.rule}"
    at = one.region
    place = (
        {"line": at.line, "col": at.column, "endLine": at.end_line, "endColumn": at.end_column} if at else {}
    )
    return annotation("warning", said(one.result), title, one.result.finding.path, **place)
