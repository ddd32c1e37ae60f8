"""From a miss to a break: whether the baseline had it, when it went, and which releases still work.

The baseline of A at version x is what its requirements gave on the day A x was uploaded. What resolves there and
not in the set at hand was taken away; what resolves in neither says more about our reading than about A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.judgement.answers import PYTHON, Present
from pinproof.judgement.misses import resolved_in
from pinproof.judgement.pythons import RELEASED
from pinproof.judgement.spans import Span, broken_span
from pinproof.model.verdict import Break, How, NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pinproof.judgement.answers import Installed
    from pinproof.judgement.environment import Environment
    from pinproof.judgement.misses import Miss
    from pinproof.model.release import Pin, Project, Release


class History(Protocol):
    """What judgement asks about the past; answers come from the index, as of the date asked for."""

    def project(self, name: NormalizedName) -> Project:
        """The releases that could be seen on the date; none for a project that the index does not have."""

    def distribution(self, name: NormalizedName, version: Version) -> Installed | NotChecked:
        """One release, ready to be judged."""

    def python(self, version: tuple[int, int]) -> Installed:
        """The standard library of a Python."""

    def set_of(self, requirement: Requirement, on: datetime) -> Sequence[Pin]:
        """What a requirement resolved to on a day; empty where it did not."""


def find_breaks(
    environment: Environment, misses: Iterable[Miss], history: History
) -> tuple[list[Break], list[NotChecked]]:
    """The breaks among the misses, and what could not be compared."""
    breaks: list[Break] = []
    unjudged: dict[str, NotChecked] = {}
    for miss in misses:
        if miss.severity is Severity.DEPRECATED:
            breaks.append(_deprecation(miss))
            continue
        found = _judged(environment, miss, history)
        if isinstance(found, Break):
            breaks.append(found)
        elif isinstance(found, NotChecked):
            unjudged.setdefault(found.name, found)
    return breaks, list(unjudged.values())


def _deprecation(miss: Miss) -> Break:
    assert miss.owner is not None
    return Break(
        severity=Severity.DEPRECATED,
        how=miss.use.how,
        dependent=miss.dependent.name,
        dependent_version=miss.dependent.version,
        dependency=miss.owner.name,
        dependency_version=miss.owner.version,
        symbol=miss.symbol,
        path=miss.path,
        line=miss.use.line,
        message=miss.message,
    )


def _judged(environment: Environment, miss: Miss, history: History) -> Break | NotChecked | None:
    uploaded = _uploaded(miss.dependent, history)
    if uploaded is None:
        return NotChecked(
            str(miss.dependent), "the index does not say when it was uploaded, so there is no baseline"
        )
    if miss.owner is not None and miss.owner.name != PYTHON:
        return _removed(environment, miss, miss.owner, uploaded, history)
    return _module_gone(environment, miss, uploaded, history) or _never_required(
        environment, miss, uploaded, history
    )


def _uploaded(distribution: Installed, history: History) -> datetime | None:
    release = history.project(distribution.name).release(distribution.version)
    return release.upload_time if release else None


def _removed(
    environment: Environment, miss: Miss, owner: Installed, uploaded: datetime, history: History
) -> Break | NotChecked | None:
    """A break if the release of the owner that was there on the day had the name."""
    baseline = baseline_release(miss.dependent, owner.name, uploaded, history)
    if baseline is None or baseline.version == owner.version:
        return None
    before = history.distribution(baseline.name, baseline.version)
    if isinstance(before, NotChecked):
        return before
    if not has_it(environment, miss, before):
        return None

    works = _works(environment, miss, owner.name, history)
    versions = [r.version for r in history.project(owner.name).releases if _counts(r, owner.version)]
    span = broken_span(versions, good=baseline.version, bad=owner.version, works=works)
    return _break(miss, owner, baseline.version, span)


def _gone_from_python(
    environment: Environment, miss: Miss, uploaded: datetime, history: History
) -> Break | None:
    """A break if the newest Python of the day had the name in its standard library."""
    at_hand = environment.target.python
    known = [p for p in RELEASED if p < at_hand and RELEASED[p] <= uploaded.date()]
    if not known or (
        miss.owner is None and not any(_provides(history.python(p), miss.symbol) for p in known[-1:])
    ):
        return None

    def works(version: Version) -> bool:
        library = history.python((version.major, version.minor))
        return isinstance(resolved_in(environment.on_python(library), miss), Present)

    versions = [Version(f"{major}.{minor}") for major, minor in RELEASED]
    baseline, bad = Version(".".join(map(str, known[-1]))), Version(".".join(map(str, at_hand)))
    if not works(baseline):
        return None
    span = broken_span(versions, good=baseline, bad=bad, works=works)
    return _break(miss, history.python(at_hand), baseline, span)


def _counts(release: Release, at_hand: Version) -> bool:
    return release.version == at_hand or (not release.version.is_prerelease and release.yanked is None)


def _break(miss: Miss, owner: Installed, baseline: Version, span: Span) -> Break:
    return Break(
        severity=miss.severity,
        how=miss.use.how,
        dependent=miss.dependent.name,
        dependent_version=miss.dependent.version,
        dependency=owner.name,
        dependency_version=owner.version,
        symbol=miss.symbol,
        path=miss.path,
        line=miss.use.line,
        baseline=baseline,
        removed_in=span.first_bad,
        works_with=span.works_with,
    )


def _works(
    environment: Environment, miss: Miss, name: NormalizedName, history: History
) -> Callable[[Version], bool | None]:
    """Whether releases of a distribution have what the use of a miss wants; None for one that cannot be read."""

    def works(version: Version) -> bool | None:
        release = history.distribution(name, version)
        return None if isinstance(release, NotChecked) else has_it(environment, miss, release)

    return works


def has_it(environment: Environment, miss: Miss, release: Installed) -> bool:
    """Whether the use of a miss resolves with another release of one distribution."""
    return isinstance(resolved_in(environment.replacing(release), miss), Present)


def baseline_release(
    dependent: Installed, name: NormalizedName, on: datetime, history: History
) -> Release | None:
    """The newest release of a dependency that the dependent allowed on the day it was uploaded."""
    allowed = _allowed(dependent, name)
    seen = [
        r
        for r in history.project(name).releases
        if r.upload_time is not None
        and r.upload_time <= on
        and r.yanked is None
        and allowed.contains(r.version, prereleases=True)
    ]
    stable = [r for r in seen if not r.version.is_prerelease]
    return next(reversed(stable or seen), None)


def _allowed(dependent: Installed, name: NormalizedName) -> SpecifierSet:
    """What the dependent's own metadata says of a dependency, extras and markers apart."""
    allowed = SpecifierSet()
    for requirement in requirements_of(dependent):
        if canonicalize_name(requirement.name) == name:
            allowed &= requirement.specifier
    return allowed


def requirements_of(distribution: Installed) -> list[Requirement]:
    """The requirements in the metadata, which holds only such as parse."""
    return [Requirement(text) for text in distribution.metadata.requires_dist]


# --- modules that nothing in the set provides --------------------------------------------------------


def _module_gone(environment: Environment, miss: Miss, uploaded: datetime, history: History) -> Break | None:
    """A distribution of the set that had the module once: `pkg_resources` in setuptools."""
    root = miss.symbol.partition(".")[0]
    for candidate in _candidates(environment, miss.dependent, root):
        baseline = baseline_release(miss.dependent, candidate.name, uploaded, history)
        if baseline is None or baseline.version == candidate.version:
            continue
        before = history.distribution(baseline.name, baseline.version)
        if isinstance(before, NotChecked) or not _provides(before, root):
            continue
        found = _removed(environment, miss, candidate, uploaded, history)
        if isinstance(found, Break):
            return found
    return None


def _candidates(environment: Environment, dependent: Installed, root: str) -> list[Installed]:
    """The distributions of the set that may have had a module: those required, and those of like name."""
    required = {canonicalize_name(r.name) for r in requirements_of(dependent)}
    alike = canonicalize_name(root)
    return [
        d for d in environment.distributions if d is not dependent and (d.name in required or alike in d.name)
    ]


def _provides(distribution: Installed, root: str) -> bool:
    names = (*distribution.layout.modules, *distribution.layout.extensions)
    return any(name.partition(".")[0] == root for name in names)


_SEEDED = ("setuptools", "pip")
"""What every virtual environment held, required or not, until Python 3.12 (`ensurepip`)."""


def _never_required(
    environment: Environment, miss: Miss, uploaded: datetime, history: History
) -> Break | None:
    """A module that came only with somebody else's requirements on that day: the requirement is missing."""
    if not miss.reached or miss.use.deferred:
        return None
    root = miss.symbol.partition(".")[0]
    requirement = Requirement(f"{miss.dependent.name}=={miss.dependent.version}")
    present = {d.name for d in environment.distributions}
    pins = [(p.name, p.version) for p in history.set_of(requirement, uploaded)]
    names = {name for name, _ in pins}
    for seeded in map(canonicalize_name, _SEEDED):
        release = baseline_release(miss.dependent, seeded, uploaded, history) if seeded not in names else None
        if release is not None:
            pins.append((seeded, release.version))
    for name, version in pins:
        if name in present or name == miss.dependent.name:
            continue
        before = history.distribution(name, version)
        if (
            not isinstance(before, NotChecked)
            and _provides(before, root)
            and has_it(environment, miss, before)
        ):
            return _missing_requirement(environment, miss, before, history)
    return None


def _missing_requirement(environment: Environment, miss: Miss, before: Installed, history: History) -> Break:
    """The break, with the releases that have the module: all, or those before it went."""
    works_with = SpecifierSet()
    versions = [r.version for r in history.project(before.name).releases if _counts(r, before.version)]
    works = _works(environment, miss, before.name, history)
    if versions[-1] > before.version and works(versions[-1]) is False:
        works_with = broken_span(versions, good=before.version, bad=versions[-1], works=works).works_with
    return Break(
        severity=miss.severity,
        how=How.IMPORT,
        dependent=miss.dependent.name,
        dependent_version=miss.dependent.version,
        dependency=before.name,
        dependency_version=None,
        symbol=miss.symbol,
        path=miss.path,
        line=miss.use.line,
        baseline=before.version,
        works_with=works_with,
    )
