"""How vulnerable pins came in and what would mend them, and what is held back, as JSON (see `docs/json.md`)."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from pinproof.model.exposure import Stuck
from pinproof.presentation import exposure_words as words
from pinproof.presentation.as_json import (
    FORMAT_VERSION,
    broken,
    circumstances,
    not_checked,
    packages,
    text,
    written,
)
from pinproof.presentation.difference import difference

if TYPE_CHECKING:
    from datetime import datetime

    from pinproof.model.audit import Audit
    from pinproof.model.exposure import (
        Ask,
        Blocker,
        Change,
        Exposure,
        FixedRelease,
        HeldBack,
        HeldBackReport,
        Mended,
        Rewrite,
        Uses,
    )
    from pinproof.model.report import Circumstances, Detail, Place
    from pinproof.model.verdict import Break


def exposure(one: Exposure) -> dict[str, Any]:
    """Everything about one vulnerable pin."""
    return {
        "name": one.name,
        "version": str(one.version),
        "path": list(one.way_in.path),
        "reach": one.way_in.reach,
        "importer": one.way_in.importer or None,
        "fixed": [_fixed(release) for release in one.fixed],
        "change": None if one.change is None else change(one, one.change),
    }


def _fixed(release: FixedRelease) -> dict[str, Any]:
    return {
        "version": str(release.version),
        "last": str(release.last),
        "uploaded": _moment(release.uploaded),
        "blockers": [_blocker(blocker) for blocker in release.blockers],
        "breaks": _breaks(release.breaks),
    }


def _blocker(blocker: Blocker) -> dict[str, Any]:
    return {
        "kind": blocker.kind,
        **_asked(blocker.ask),
        "chain": list(blocker.chain),
        "lifted_in": text(blocker.lifted_in),
        "needed": None if blocker.needed is None else str(blocker.needed),
        "message": words.kept_out(blocker),
    }


def _asked(ask: Ask | None) -> dict[str, Any]:
    return {
        "requirement": None if ask is None else str(ask.requirement),
        "dependent": None if ask is None else ask.dependent,
        "dependent_version": None if ask is None else text(ask.version),
        "at": None if ask is None else _place(ask.at),
    }


def change(one: Exposure, found: Change | Stuck) -> dict[str, Any]:
    """What would let a fixed release in, or why nothing does."""
    message = "; ".join(words.change(one, found))
    if isinstance(found, Stuck):
        return {**_NO_CHANGE, "breaks": _breaks(found.breaks), "message": message}
    return {
        "kind": found.kind,
        "to": str(found.to),
        "edits": [_edit(rewrite) for rewrite in found.rewrites],
        "moves": [{"name": m.name, "before": text(m.before), "after": text(m.after)} for m in found.moves],
        "overrides": list(map(str, found.overrides)),
        "uses": [_uses(uses) for uses in found.uses],
        "bounds": [str(bound.requirement) for bound in found.bounds],
        "exempt": list(found.exempt),
        "breaks": [],
        "message": message,
    }


_NO_CHANGE: dict[str, Any] = {
    "kind": "blocked",
    "to": None,
    "edits": [],
    "moves": [],
    "overrides": [],
    "uses": [],
    "bounds": [],
    "exempt": [],
}


def _edit(rewrite: Rewrite) -> dict[str, Any]:
    line = rewrite.line
    return {
        "at": _place(line.at),
        "name": line.requirement.name,
        "before": line.written,
        "after": rewrite.specifier,
    }


def held_back(found: HeldBackReport, asked: Circumstances, detail: Detail) -> str:  # noqa: ARG001 - as text
    """The answer of `audit --held-back`."""
    return written(
        {
            "version": FORMAT_VERSION,
            **circumstances(asked),
            "target": found.filename,
            "packages": packages(found.pins),
            "held_back": [_held(one) for one in found.held_back],
            "not_checked": not_checked(found.not_checked),
        }
    )


def mended(
    found: Mended,
    left: Audit,
    asked: Circumstances,
    detail: Detail,  # noqa: ARG001 - as text
    *,
    dry_run: bool,
) -> str:
    """The answer of `audit --fix`."""
    return written(
        {
            "version": FORMAT_VERSION,
            "status": left.status,
            **circumstances(asked),
            "target": left.filename,
            "written": [] if dry_run else list(found.files),
            "difference": "\n".join(difference(name, *pair) for name, pair in found.files.items()),
            "applied": [exposure(one) for one in found.applied],
            "refused": [{"name": name, "reason": reason} for name, reason in found.refused],
            "packages": packages(left.pins),
            "left": [
                {"name": v.name, "version": str(v.version), "id": v.identifier} for v in left.vulnerabilities
            ],
            "not_checked": not_checked(left.not_checked),
        }
    )


def _held(one: HeldBack) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": str(one.version),
        **{key: value for key, value in _asked(one.ask).items() if key != "at"},
        "chain": list(one.chain),
        "newest": str(one.newest),
        "behind": one.behind,
        "since": _moment(one.since),
        "compatible": None if one.breaks is None else not one.breaks,
        "breaks": _breaks(one.breaks),
        "uses": None if one.uses is None else _uses(one.uses),
        "message": "; ".join(words.held_back(one)),
    }


def _uses(uses: Uses) -> dict[str, Any]:
    return {
        "parent": uses.parent,
        "parent_version": str(uses.version),
        "names": uses.names,
        "unknown": uses.unknown,
    }


def _breaks(found: tuple[Break, ...] | None) -> list[dict[str, Any]] | None:
    return None if found is None else [broken(one) for one in found]


def _place(at: Place | None) -> dict[str, Any] | None:
    return None if at is None else {"filename": at.filename, "line": at.line}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
