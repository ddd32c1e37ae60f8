"""Which advisories hit a release, merged where they are about the same vulnerability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.advisory import DeclaredRange, Vulnerability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.model.advisory import Advisory

_PREFERRED = ("PYSEC-", "GHSA-", "CVE-")


def hits(name: NormalizedName, version: Version, advisories: Iterable[Advisory]) -> tuple[Vulnerability, ...]:
    """The vulnerabilities of one release, by their identifiers; `advisories` are those on the project.

    What is about the same vulnerability is merged before it is asked who is affected: a release is affected if any
    of the records says so, and fixed only where none does.
    """
    found = (_hit(name, version, group) for group in merged(advisories))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.identifier))


def merged(advisories: Iterable[Advisory]) -> tuple[tuple[Advisory, ...], ...]:
    """The advisories on one project in groups that share a name, directly or through others."""
    groups: list[tuple[set[str], list[Advisory]]] = []
    for advisory in sorted(advisories, key=_rank):
        names, members = set(advisory.names), [advisory]
        apart = []
        for known, others in groups:
            if names.isdisjoint(known):
                apart.append((known, others))
            else:
                names |= known
                members = [*others, *members]
        groups = [*apart, (names, members)]
    return tuple(tuple(sorted(members, key=_rank)) for _, members in groups)


def in_range(
    requirement: Requirement,
    name: NormalizedName,
    admitted: Sequence[Version],
    advisories: Iterable[Advisory],
) -> DeclaredRange:
    """What a requirement lets in, of the releases that it admits."""
    groups = merged(advisories)
    found = (_hit(name, version, group) for version in sorted(admitted) for group in groups)
    return DeclaredRange(requirement, tuple(sorted(admitted)), tuple(one for one in found if one is not None))


def _hit(name: NormalizedName, version: Version, group: Sequence[Advisory]) -> Vulnerability | None:
    if not any(one.affects(version) for one in group):
        return None
    identifier = group[0].identifier
    aliases = sorted({n for one in group for n in one.names} - {identifier}, key=_rank_of_name)
    named = {fix for one in group for fix in one.fixed if fix > version}
    fixes = sorted(fix for fix in named if not any(one.affects(fix) for one in group))
    return Vulnerability(name, version, identifier, tuple(aliases), tuple(group), tuple(fixes))


def _rank(advisory: Advisory) -> tuple[int, str]:
    return _rank_of_name(advisory.identifier)


def _rank_of_name(name: str) -> tuple[int, str]:
    """The database of Python's own community first, then the one that most have a look at."""
    at = next((n for n, prefix in enumerate(_PREFERRED) if name.startswith(prefix)), len(_PREFERRED))
    return at, name
