"""Answers as JSON, documented field by field in `docs/json.md`."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from pinproof.model.release import moves
from pinproof.model.verdict import Works
from pinproof.presentation.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from pinproof.model.matrix import Axis, Cell, Matrix
    from pinproof.model.release import Pin
    from pinproof.model.report import Circumstances, Detail, LockReport, Report, Verification
    from pinproof.model.trial import Trial
    from pinproof.model.verdict import Bound, Break, NotChecked, Round, SetWarning

FORMAT_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields may come without."""


def solution(found: Report, asked: Circumstances, detail: Detail) -> str:
    """The answer of `solve`."""
    outcome = found.outcome
    document: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "status": found.status,
        **circumstances(asked),
        "packages": packages(outcome.pins if isinstance(outcome, Works) else ()),
        "bounds": [_bound(bound) for bound in outcome.bounds],
        "breaks": _breaks(outcome.verdict.breaks),
        "warnings": [_warning(warning) for warning in found.warnings],
        "not_checked": not_checked(outcome.verdict.not_checked),
        "plain": packages(found.plain),
        "reason": None if isinstance(outcome, Works) else outcome.reason,
    }
    if detail.explain:
        document["rounds"] = [_round(one) for one in outcome.rounds]
    return written(document)


def verification(found: Verification, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `verify`."""
    return written(
        {
            "version": FORMAT_VERSION,
            "status": found.status,
            **circumstances(asked),
            "target": found.filename,
            "base": found.since.name if found.since else None,
            "moved": _moves(found.since.pins, found.pins) if found.since else [],
            "packages": packages(found.pins),
            "breaks": _breaks(found.verdict.breaks),
            "not_checked": not_checked(found.not_checked),
            "evidence": found.evidence,
            "trial": None if found.trial is None else _trial(found.trial),
        }
    )


def lock(found: LockReport, asked: Circumstances, detail: Detail) -> str:
    """The answer of `lock`."""
    outcome = found.outcome
    document: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "status": found.status,
        **circumstances(asked),
        "target": found.filename,
        "written": found.written,
        "packages": packages(outcome.pins if isinstance(outcome, Works) else ()),
        "before": packages(found.before),
        "plain": packages(found.plain),
        "bounds": [{"requirement": r, "reasons": list(reasons)} for r, reasons in found.bounds],
        "breaks": _breaks(outcome.verdict.breaks),
        "warnings": [_warning(warning) for warning in found.warnings],
        "not_checked": not_checked(found.not_checked),
        "judged": [{"python_version": t.python_text, "platform": t.platform} for t in found.judged],
        "difference": found.difference,
        "reason": None if isinstance(outcome, Works) else outcome.reason,
    }
    if detail.explain:
        document["rounds"] = [_round(one) for one in outcome.rounds]
    return written(document)


def matrix(found: Matrix, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - same shape as text
    """The answer of `combos`."""
    return written(
        {
            "version": FORMAT_VERSION,
            "status": found.status,
            **circumstances(asked),
            "axes": [_axis(axis) for axis in found.axes],
            "cells": [_cell(cell, found.axes) for cell in found.cells],
        }
    )


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "requirement": str(axis.requirement),
        "versions": [str(version) for version in axis.versions],
        "left_out": [
            {
                "version": str(one.version),
                "why": one.why,
                "reason": one.reason if one.found is None else sentence(one.found),
            }
            for one in axis.left_out
        ],
        "passed_over": axis.passed_over,
    }


def _cell(cell: Cell, axes: Iterable[Axis]) -> dict[str, Any]:
    return {
        "versions": {axis.name: str(version) for axis, version in zip(axes, cell.versions, strict=True)},
        "status": cell.status,
        "packages": packages(cell.pins),
        "bounds": [_bound(bound) for bound in cell.bounds],
        "breaks": _breaks(cell.breaks),
        "excluded_by": [
            {
                "name": one.dependent,
                "version": str(one.dependent_version),
                "requirement": str(one.requirement),
            }
            for one in cell.excluded_by
        ],
        "not_checked": not_checked(cell.not_checked),
        "reason": cell.reason or None,
    }


def written(document: dict[str, Any]) -> str:
    """The document as it is printed."""
    return json.dumps(document, indent=2)


def circumstances(asked: Circumstances) -> dict[str, Any]:
    """For whom and when the question was asked."""
    moment = asked.as_of
    return {
        "as_of": None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "python_version": asked.target.python_text,
        "platform": asked.target.platform,
    }


def packages(pins: Iterable[Pin]) -> list[dict[str, Any]]:
    """A list of PACKAGE."""
    return [{"name": pin.name, "version": str(pin.version)} for pin in pins]


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "modules": trial.modules,
        "failures": [
            {
                "name": one.name,
                "version": str(one.version),
                "module": one.module,
                "error": one.error,
                "counts": one.counts,
                "direct": one.direct,
                "own_reason": one.own_reason,
                "foreseen": one.foreseen,
            }
            for one in trial.failures
        ],
        "refuted": _breaks(trial.refuted),
    }


def _moves(before: Iterable[Pin], after: Iterable[Pin]) -> list[dict[str, Any]]:
    return [
        {"name": move.name, "before": text(move.before), "after": text(move.after)}
        for move in moves(before, after)
    ]


def _bound(bound: Bound) -> dict[str, Any]:
    return {
        "requirement": str(bound.requirement),
        "repair": bound.repair,
        "because": _breaks(bound.because),
    }


def _breaks(breaks: Iterable[Break]) -> list[dict[str, Any]]:
    return [broken(found) for found in breaks]


def broken(found: Break) -> dict[str, Any]:
    """One break."""
    return {
        "severity": found.severity,
        "how": found.how,
        "dependent": found.dependent,
        "dependent_version": str(found.dependent_version),
        "dependency": found.dependency,
        "dependency_version": text(found.dependency_version),
        "symbol": found.symbol,
        "path": found.path,
        "line": found.line,
        "works_with": text(found.works_with),
        "baseline": text(found.baseline),
        "removed_in": text(found.removed_in),
        "deprecated_in": text(found.deprecated_in),
        "message": found.message or sentence(found),
        "evidence": found.evidence,
    }


def _warning(warning: SetWarning) -> dict[str, Any]:
    return {
        "kind": warning.kind,
        "name": warning.name,
        "version": str(warning.version),
        "newest": text(warning.newest),
        "message": warning.message,
    }


def not_checked(entries: Iterable[NotChecked]) -> list[dict[str, Any]]:
    """A list of NOT_CHECKED."""
    return [{"name": entry.name, "reason": entry.reason} for entry in entries]


def _round(one: Round) -> dict[str, Any]:
    return {
        "packages": packages(one.pins),
        "breaks": _breaks(one.verdict.breaks),
        "added": [_bound(bound) for bound in one.added],
        "note": one.note,
    }


def text(value: Version | SpecifierSet | None) -> str | None:
    """As PEP 440 writes it."""
    return None if value is None else str(value)
