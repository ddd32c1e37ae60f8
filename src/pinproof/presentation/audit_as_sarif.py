"""An audit as SARIF 2.1.0, each vulnerability a rule, and a result on the line that pins or declares.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; `security-severity` is GitHub's:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pinproof.model.advisory import Level
from pinproof.presentation.as_sarif import document, location, notification
from pinproof.presentation.audit_words import (
    Told,
    checked_against,
    idle,
    named,
    of_pin,
    old,
    page,
    place_of,
    said,
    told,
    unread,
)
from pinproof.presentation.fingerprint import digest

if TYPE_CHECKING:
    from pinproof.model.advisory import Vulnerability
    from pinproof.model.audit import Audit
    from pinproof.model.report import Circumstances, Detail

_LEVELS = {Level.CRITICAL: "error", Level.HIGH: "error", Level.LOW: "note", Level.NONE: "note"}


def audit(found: Audit, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `audit`."""
    ignored = [
        Told(i.vulnerability, place_of(found, i.vulnerability.name), of_pin(i.vulnerability))
        for i in found.ignored
    ]
    listed = told(found)
    rules = list({one.vulnerability.identifier: one.vulnerability for one in (*listed, *ignored)}.values())
    numbers = {rule.identifier: number for number, rule in enumerate(rules)}
    results = [
        *(_result(one, numbers) for one in listed),
        *(
            {
                **_result(one, numbers),
                "suppressions": [{"kind": "external", "justification": i.ignore.reason}],
            }
            for one, i in zip(ignored, found.ignored, strict=True)
        ),
    ]
    return document(map(_rule, rules), results, _notes(found))


def _rule(one: Vulnerability) -> dict[str, Any]:
    rating = one.rating
    properties: dict[str, Any] = {"tags": ["security", "vulnerability"]}
    if rating.score is not None:
        properties["security-severity"] = f"{rating.score:.1f}"
    return {
        "id": one.identifier,
        "shortDescription": {"text": named(one)},
        "fullDescription": {"text": said(one)},
        "helpUri": page(one),
        "defaultConfiguration": {"level": _level(one)},
        "properties": properties,
    }


def _result(one: Told, numbers: dict[str, int]) -> dict[str, Any]:
    found = one.vulnerability
    return {
        "ruleId": found.identifier,
        "ruleIndex": numbers[found.identifier],
        "level": _level(found),
        "message": {"text": one.message},
        "locations": [location(one.at)],
        "partialFingerprints": {"pinproofVulnerability/v1": digest((found.name, found.identifier))},
        "properties": {"fixes": [str(version) for version in found.fixes]},
    }


def _level(one: Vulnerability) -> str:
    return _LEVELS.get(one.rating.level, "warning")


def _notes(found: Audit) -> list[dict[str, Any]]:
    warnings = [*map(idle, found.idle), old(found.consulted, found.moment), unread(found.consulted)]
    return [
        *(notification(entry) for entry in found.not_checked),
        *({"level": "warning", "message": {"text": warning}} for warning in warnings if warning),
        {"level": "note", "message": {"text": checked_against(found.consulted, found.moment)}},
    ]
