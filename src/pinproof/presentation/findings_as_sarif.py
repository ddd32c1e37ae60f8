"""Findings as SARIF 2.1.0, each on the line that declares, with its fix.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pinproof.judgement.rules import RULES
from pinproof.presentation.as_sarif import document, notification, uri
from pinproof.presentation.placed import placed, region_of, said
from pinproof.presentation.sentences import one_line

if TYPE_CHECKING:
    from pinproof.judgement.rules.rule import Rule
    from pinproof.model.check_report import Checked
    from pinproof.model.finding import Edit, Fix
    from pinproof.model.lines import Region
    from pinproof.model.report import Detail
    from pinproof.presentation.placed import Placed

_LEVEL = "warning"


def findings(checked: Checked, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `check`."""
    numbers = {rule.code: number for number, rule in enumerate(RULES)}
    results = (_result(one, checked, numbers[one.result.code]) for one in placed(checked))
    return document(map(_rule, RULES), results, map(notification, checked.not_checked))


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.section("Why is this bad?")},
        "help": {"text": rule.documentation, "markdown": rule.documentation},
        "defaultConfiguration": {"level": _LEVEL, "enabled": rule.default},
    }


def _result(one: Placed, checked: Checked, number: int) -> dict[str, Any]:
    found = one.result.finding
    result: dict[str, Any] = {
        "ruleId": one.result.code,
        "ruleIndex": number,
        "level": _LEVEL,
        "message": {"text": said(one.result)},
        "locations": [_location(found.path, one.region)],
        "partialFingerprints": {"pinproofFinding/v1": one.fingerprint},
    }
    if found.fix is not None:
        result["fixes"] = [_fix(found.fix, checked)]
    return result


def _location(path: str, region: Region | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(path)}}
    if region is not None:
        physical["region"] = _region(region)
    return {"physicalLocation": physical}


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _fix(fix: Fix, checked: Checked) -> dict[str, Any]:
    by_path: dict[str, list[Edit]] = defaultdict(list)
    for edit in fix.edits:
        by_path[edit.path].append(edit)
    return {
        "description": {"text": one_line(f"{fix.title} ({fix.safety.value})")},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": uri(path)},
                "replacements": [
                    {
                        "deletedRegion": _region(region_of(edit, checked)),
                        "insertedContent": {"text": edit.replacement},
                    }
                    for edit in edits
                ],
            }
            for path, edits in by_path.items()
        ],
    }
