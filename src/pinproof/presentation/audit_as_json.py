"""An audit as JSON, documented field by field in `docs/json.md`."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from pinproof.presentation.as_json import FORMAT_VERSION, circumstances, not_checked, packages, text, written
from pinproof.presentation.audit_words import fixed_in, page, place_of
from pinproof.presentation.exposures_as_json import exposure

if TYPE_CHECKING:
    from datetime import datetime

    from pinproof.model.advisory import Consulted, DeclaredRange, Vulnerability
    from pinproof.model.audit import Audit, IdleIgnore, Ignore
    from pinproof.model.report import Circumstances, Detail, Place


def audit(found: Audit, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `audit`."""
    return written(
        {
            "version": FORMAT_VERSION,
            "status": found.status,
            **circumstances(asked),
            "target": found.filename,
            "audited_at": _moment(found.moment),
            "advisories": _consulted(found.consulted),
            "packages": packages(found.pins),
            "vulnerabilities": [_vulnerability(one, found) for one in found.vulnerabilities],
            "exposures": [exposure(one) for one in found.exposures.values()],
            "ranges": [_range(each, found) for each in found.ranges],
            "ignored": [
                {**_ignore(one.ignore), "vulnerability": _vulnerability(one.vulnerability, found)}
                for one in found.ignored
            ],
            "idle_ignores": [_idle(one) for one in found.idle],
            "not_checked": not_checked(found.not_checked),
        }
    )


def _consulted(consulted: Consulted) -> dict[str, Any]:
    return {
        "origin": consulted.origin,
        "records": consulted.records,
        "newest": _moment(consulted.newest),
        "asked_at": _moment(consulted.asked),
        "unreadable": not_checked(consulted.unreadable),
    }


def _vulnerability(one: Vulnerability, found: Audit) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": str(one.version),
        "id": one.identifier,
        "aliases": list(one.aliases),
        "summary": one.summary,
        "level": one.rating.level,
        "score": one.rating.score,
        "vector": one.rating.vector or None,
        "fixes": [str(version) for version in one.fixes],
        "records": [record.identifier for record in one.advisories],
        "modified": _moment(max(record.modified for record in one.advisories)),
        "url": page(one),
        "at": _place(place_of(found, one.name)),
        "message": fixed_in(one),
    }


def _range(each: DeclaredRange, found: Audit) -> dict[str, Any]:
    return {
        "requirement": str(each.requirement),
        "admitted": len(each.admitted),
        "vulnerable": [str(version) for version in each.vulnerable],
        "floor": text(each.floor),
        "at": _place(place_of(found, each.name)),
    }


def _ignore(ignore: Ignore) -> dict[str, Any]:
    return {
        "id": ignore.identifier,
        "package": ignore.package,
        "reason": ignore.reason,
        "expires": None if ignore.expires is None else ignore.expires.isoformat(),
        "until_fixable": ignore.until_fixable,
        "at": _place(ignore.at),
    }


def _idle(one: IdleIgnore) -> dict[str, Any]:
    return {**_ignore(one.ignore), "why": one.why}


def _place(at: Place) -> dict[str, Any]:
    return {"filename": at.filename, "line": at.line}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
