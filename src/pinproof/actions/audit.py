"""`pinproof audit`: what is known to be vulnerable of a set, or of what a declaration lets in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.actions.library import seen_by
from pinproof.actions.lock_files import content
from pinproof.actions.markers import marker_environment
from pinproof.errors import InputError, NotFoundError
from pinproof.facts.ignores import read_ignores
from pinproof.facts.manifests import reader_of
from pinproof.judgement.advisories import hits, in_range
from pinproof.judgement.ignoring import sort_out
from pinproof.model.audit import Audit, AuditStatus
from pinproof.model.declaration import FilePath
from pinproof.model.lines import Lines
from pinproof.model.report import Place
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.advisories import Advisories
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.projects import Project
    from pinproof.judgement.ignoring import Fixable
    from pinproof.model.advisory import DeclaredRange, Vulnerability
    from pinproof.model.audit import Ignore

_AT_ONCE = 16


def is_fix_published(vulnerability: Vulnerability) -> bool:
    """Whether a fix is known at all: the weakest sense in which one can be had."""
    return bool(vulnerability.fixes)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an audit goes by: the ignores of the project, and when a fix counts as one that can be had."""

    ignores: tuple[Ignore, ...] = ()
    is_fixable: Fixable = is_fix_published


def ignores_in(folder: Path) -> tuple[Ignore, ...]:
    """Those of the pyproject.toml of a folder. InputError for what makes no sense there."""
    path = folder / "pyproject.toml"
    return read_ignores(content(path), str(path)) if path.is_file() else ()


def audit_set(given: GivenSet, advisories: Advisories, terms: Terms | None = None) -> Audit:
    """The known vulnerabilities of a set. OutsideError where not all of them could be looked up."""
    names = [pin.name for pin in given.pins]
    advisories.fetch(names)
    found = [one for pin in given.pins for one in hits(pin.name, pin.version, advisories.on(pin.name))]
    not_checked = (*given.left_out, *(one for name in names for one in advisories.unclear(name)))
    audit = _audit(given.filename, found, not_checked, advisories, terms or Terms())
    return replace(audit, pins=given.pins, places=given.places)


def audit_declared(
    project: Project, outside: Outside, advisories: Advisories, terms: Terms | None = None
) -> Audit:
    """What a declaration lets in, by the releases that the index has for the target. Errors as `audit_set`."""
    wanted = _by_name(project, outside)
    if not wanted:
        raise InputError(f"{', '.join(project.named)}: nothing to audit: it requires nothing for this target")
    advisories.fetch(wanted)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        admitted = list(pool.map(lambda requirement: _admitted(requirement, outside), wanted.values()))
    ranges, not_checked = [], [one for name in wanted for one in advisories.unclear(name)]
    for (name, requirement), releases in zip(wanted.items(), admitted, strict=True):
        if isinstance(releases, NotChecked):
            not_checked.append(releases)
        else:
            ranges.append(in_range(requirement, name, releases, advisories.on(name)))
    terms = terms or Terms()
    found = [one for each in ranges for one in each.newest]
    audit = _audit(project.declared[0].filename, found, not_checked, advisories, terms)
    return replace(audit, ranges=tuple(_told(each, audit) for each in ranges), places=dict(_places(project)))


def _audit(
    filename: str,
    found: Iterable[Vulnerability],
    not_checked: Sequence[NotChecked],
    advisories: Advisories,
    terms: Terms,
) -> Audit:
    now = datetime.now(UTC)
    sorted_out = sort_out(found, terms.ignores, now.date(), terms.is_fixable)
    if sorted_out.told:
        status = AuditStatus.VULNERABLE
    else:
        status = AuditStatus.NOT_CHECKED if not_checked else AuditStatus.CLEAN
    return Audit(
        filename,
        now,
        advisories.consulted,
        status,
        vulnerabilities=sorted_out.told,
        ignored=sorted_out.ignored,
        idle=sorted_out.idle,
        not_checked=tuple(not_checked),
    )


# --- declarations ----------------------------------------------------------------------------------------


def _by_name(project: Project, outside: Outside) -> Mapping[NormalizedName, Requirement]:
    """What is required of each project on the target, by all lines together."""
    environment = {**marker_environment(outside.target), "extra": ""}
    wanted: dict[NormalizedName, Requirement] = {}
    for requirement in project.requirements:
        if requirement.url is not None or (
            requirement.marker and not requirement.marker.evaluate(environment)
        ):
            continue
        name = canonicalize_name(requirement.name)
        if name in wanted:
            wanted[name].specifier &= requirement.specifier
        else:
            wanted[name] = _bare(requirement)
    return wanted


def _bare(requirement: Requirement) -> Requirement:
    """Without what does not matter for which releases it admits."""
    bare = type(requirement)(requirement.name)
    bare.specifier = requirement.specifier
    return bare


def _admitted(requirement: Requirement, outside: Outside) -> tuple[Version, ...] | NotChecked:
    """The releases that an installer would take: not yanked, unless they are the only ones, and for the target."""
    name = canonicalize_name(requirement.name)
    try:
        project = seen_by(outside.index.project(name), outside.as_of)
    except NotFoundError as error:
        return NotChecked(name, error.message)
    releases = {r.version: r for r in project.releases if r.is_for(outside.target)}
    matching = list(requirement.specifier.filter(releases))
    standing = [version for version in matching if releases[version].yanked is None]
    return tuple(sorted(standing or matching))


def _told(each: DeclaredRange, audit: Audit) -> DeclaredRange:
    """Without what is ignored."""
    told = {(one.name, one.identifier) for one in audit.vulnerabilities}
    kept = (one for one in each.vulnerabilities if (one.name, one.identifier) in told)
    return replace(each, vulnerabilities=tuple(kept))


def _places(project: Project) -> Iterator[tuple[NormalizedName, Place]]:
    """The lines that declare; of several the last, as a user would look for it."""
    for filename in dict.fromkeys(declared.filename for declared in project.declared):
        reader = reader_of(FilePath(filename.replace("\\", "/")))
        if reader is None:
            continue
        text = content(Path(filename)).decode("utf-8", "replace")
        manifest, lines = reader(text, FilePath(filename)), Lines(text)
        for declaration in manifest.declarations:
            if declaration.name is not None:
                yield declaration.name, Place(filename, lines.at(declaration.span.start)[0])
