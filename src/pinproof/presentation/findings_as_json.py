"""Findings as JSON: see docs/json.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pinproof.presentation.placed import evidence, placed, region_of

if TYPE_CHECKING:
    from pinproof.model.check_report import Checked
    from pinproof.model.finding import Fix, Result
    from pinproof.model.lines import Region
    from pinproof.model.report import Detail
    from pinproof.presentation.placed import Placed


def findings(checked: Checked, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `check`."""
    answer = {
        "version": 1,
        "status": "findings" if checked.results else "clean",
        "projects": [
            {"folder": p.folder or ".", "role": p.role, "reason": p.reason} for p in checked.projects
        ],
        "findings": [_finding(one, checked) for one in placed(checked)],
        "evidence": [
            {**_finding(one, checked), "evidence": one.result.finding.evidence} for one in evidence(checked)
        ],
        "fixed": [_fixed(one, "") for one in checked.fixed],
        "not_fixed": [_fixed(one, reason) for one, reason in checked.not_fixed],
        "difference": checked.diff,
        "files": checked.read,
        "suppressed": checked.suppressed,
        "not_checked": [{"name": entry.name, "reason": entry.reason} for entry in checked.not_checked],
    }
    return json.dumps(answer, indent=2)


def _finding(one: Placed, checked: Checked) -> dict[str, Any]:
    found = one.result.finding
    return {
        "code": one.result.code,
        "rule": one.result.rule,
        "path": found.path,
        "region": None if one.region is None else _region(one.region),
        "message": found.message,
        "why": found.why,
        "advice": found.advice,
        "fix": None if found.fix is None else _fix(found.fix, checked),
        "fingerprint": one.fingerprint,
    }


def _fix(fix: Fix, checked: Checked) -> dict[str, Any]:
    edits = [
        {"path": e.path, "region": _region(region_of(e, checked)), "replacement": e.replacement}
        for e in fix.edits
    ]
    return {"title": fix.title, "safety": fix.safety.value, "edits": edits}


def _fixed(one: Result, reason: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "code": one.code,
        "rule": one.rule,
        "path": one.finding.path,
        "message": one.finding.message,
        "title": one.finding.fix.title if one.finding.fix else "",
    }
    return {**fields, "reason": reason} if reason else fields


def _region(region: Region) -> dict[str, int]:
    return {
        "line": region.line,
        "column": region.column,
        "end_line": region.end_line,
        "end_column": region.end_column,
    }
