"""A verification as SARIF 2.1.0, each break on the line that pins what took something away.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pinproof import __version__
from pinproof.model.verdict import Evidence, Severity
from pinproof.presentation.fingerprint import digest
from pinproof.presentation.places import blamed, other_places, pinned
from pinproof.presentation.sentences import failure, one_line, remedy, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pinproof.model.report import Circumstances, Detail, Place, Verification
    from pinproof.model.trial import Failure
    from pinproof.model.verdict import Break, NotChecked

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.FATAL: "error", Severity.LATENT: "warning", Severity.DEPRECATED: "note"}
_RULES = {
    Severity.FATAL: "Fails on import: what runs while the program is imported needs something that is gone.",
    Severity.LATENT: "Fails when that code runs: a function, or what nothing imports, needs something that is gone.",
    Severity.DEPRECATED: "Works today: what is used is going away.",
}
_IMPORT: dict[str, Any] = {
    "id": "import",
    "shortDescription": {"text": "Failed when it was imported in a real environment."},
    "defaultConfiguration": {"level": "error"},
}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def verification(found: Verification, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `verify`."""
    results = [
        *(_result(found, one) for severity in Severity for one in found.verdict.of(severity)),
        *(_failure(found, one) for one in found.unforeseen),
    ]
    return document([*map(_rule, Severity), _IMPORT], results, map(notification, found.not_checked))


def document(
    rules: Iterable[dict[str, Any]], results: Iterable[dict[str, Any]], notes: Iterable[dict[str, Any]]
) -> str:
    """One run of pinproof: what it looks for, what it found, and what it could not look at."""
    run = {
        "tool": {"driver": {"name": "pinproof", "version": __version__, "rules": list(rules)}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(notes)}],
        "results": list(results),
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(severity: Severity) -> dict[str, Any]:
    return {
        "id": severity.value,
        "shortDescription": {"text": _RULES[severity]},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _result(found: Verification, one: Break) -> dict[str, Any]:
    working = remedy(one)
    result: dict[str, Any] = {
        "ruleId": one.severity.value,
        "ruleIndex": list(Severity).index(one.severity),
        "level": _LEVELS[one.severity],
        "message": {"text": f"{sentence(one)}; {working}" if working else sentence(one)},
        "locations": [location(blamed(found, one))],
        "partialFingerprints": {"pinproofBreak/v1": _fingerprint(one)},
        "properties": {"evidence": one.evidence.value},
    }
    if others := other_places(found, one):
        result["relatedLocations"] = [
            {**location(place), "message": {"text": f"pins {pinned}"}} for place, pinned in others
        ]
    return result


def _failure(found: Verification, one: Failure) -> dict[str, Any]:
    """A module that could not be imported, though nothing that was read says so."""
    return {
        "ruleId": _IMPORT["id"],
        "ruleIndex": len(Severity),
        "level": "error" if one.counts else "note",
        "message": {"text": failure(one)},
        "locations": [location(pinned(found, one.name))],
        "partialFingerprints": {"pinproofImport/v1": digest((one.name, one.module))},
        "properties": {"evidence": Evidence.IMPORTED.value},
    }


def location(place: Place) -> dict[str, Any]:
    """A line, or a file as a whole."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(place.filename)}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def uri(filename: str) -> str:
    """A path as the reference that stands for it: relative paths stay relative."""
    path = filename.replace("\\", "/")
    quoted = "".join(c if c in _UNRESERVED else "".join(f"%{b:02X}" for b in _bytes(c)) for c in path)
    if path.startswith("/"):
        return f"file://{quoted}"
    return f"file:///{path[0]}:{quoted[4:]}" if path[1:3] == ":/" else quoted


def _bytes(character: str) -> bytes:
    return character.encode("utf-8", "surrogateescape")


def _fingerprint(one: Break) -> str:
    """The same for the same break, whatever moved in the lock file."""
    return digest((one.dependent, one.dependency, one.symbol, one.path))


def notification(entry: NotChecked) -> dict[str, Any]:
    """Something that was not checked."""
    return {"level": "warning", "message": {"text": one_line(f"not checked: {entry.name}: {entry.reason}")}}
