"""From a miss to a break: whether the baseline had it, when it went, and which releases still work.

What resolves in the baseline (see `judgement.baselines`) and not in the set at hand was taken away; what
resolves in neither says more about our reading than about the dependent.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pinproof.errors import OfflineError
from pinproof.judgement.answers import PYTHON, Absent, Installed, Miss, Present, Unknown
from pinproof.judgement.circumstances import exception_of
from pinproof.judgement.lost import class_with, is_given, is_lost, placed
from pinproof.judgement.misses import first_not_there, had_by_class, resolved_in, told_as
from pinproof.judgement.pythons import RELEASED
from pinproof.judgement.spans import Span, broken_span
from pinproof.judgement.strays import Strays
from pinproof.judgement.unwritten import only_stood_in_text
from pinproof.model.verdict import Break, How, NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from packaging.utils import NormalizedName

    from pinproof.judgement.baselines import Baselines
    from pinproof.judgement.environment import Environment
    from pinproof.model.release import Release


def find_breaks(
    environment: Environment, misses: Iterable[Miss], baselines: Baselines
) -> list[tuple[Miss, Break | NotChecked]]:
    """The misses that came to something: each with its break, or with what could not be compared."""
    misses = list(misses)
    # One by one each would wait for its download.
    baselines.history.distributions(_asked_for(misses, baselines))
    with suppress(OfflineError):  # each will be told of that cannot be compared
        _look_for_lost(misses, baselines)
    judge = _Judge(environment, baselines)
    judged: list[tuple[Miss, Break | NotChecked]] = []
    told: set[object] = set()
    for miss in misses:
        if told_as(miss) in told:
            continue
        found = judge.deprecation(miss) if miss.severity is Severity.DEPRECATED else judge.of(miss)
        if isinstance(found, Break):
            as_it_was = told_as(replace(miss, symbol=found.symbol))
            if as_it_was in told:
                continue
            told |= {told_as(miss), as_it_was}
        if found is not None:
            judged.append((miss, found))
    return judged


def _asked_for(misses: Iterable[Miss], baselines: Baselines) -> Iterator[tuple[NormalizedName, Version]]:
    """The former releases that misses are compared with."""
    for miss in misses:
        if miss.severity is Severity.DEPRECATED or miss.dependent.own or miss.owner is None or is_lost(miss):
            continue
        baseline = baselines.release(miss.dependent, miss.owner.name) if miss.owner.name != PYTHON else None
        if baseline is not None and baseline.version != miss.owner.version:
            yield baseline.name, baseline.version


_FORMER = 2
"""Releases that the user's own source may have been written with are looked into for what is lost."""


def _former(miss: Miss, baselines: Baselines) -> list[tuple[NormalizedName, Version]]:
    """The former releases that may have had a lost member; for the user's own source the likeliest of those before."""
    if miss.owner is None:
        return []
    name, version = miss.owner.name, miss.owner.version
    if miss.dependent.own:
        earlier = (v for v in baselines.declared(miss.dependent, miss.owner) if v < version)
        return [(name, v) for v in islice(earlier, _FORMER)]
    baseline = baselines.release(miss.dependent, name)
    return [(name, baseline.version)] if baseline is not None and baseline.version != version else []


def _look_for_lost(misses: Iterable[Miss], baselines: Baselines) -> None:
    """Have the texts of former releases looked through for all lost members at once."""
    names: dict[tuple[NormalizedName, Version], set[str]] = {}
    for miss in misses:
        if is_lost(miss):
            for former in _former(miss, baselines):
                names.setdefault(former, set()).add(miss.symbol)
    for release, asked in zip(baselines.history.distributions(names), names.values(), strict=True):
        if isinstance(release, Installed):
            baselines.history.modules_with(release, asked)


class _Judge:
    def __init__(self, environment: Environment, baselines: Baselines) -> None:
        self.environment = environment
        self.history = baselines.history
        self.baselines = baselines
        self.strays = Strays(environment, baselines)
        self._with: dict[Installed, Environment] = {}

    def deprecation(self, miss: Miss) -> Break:
        """The warning as the dependency says it; for the user's own source with the release that began to say so."""
        found = _deprecation(miss)
        if not miss.dependent.own or miss.owner is None:
            return found
        versions = [v for v in self._versions(miss.owner.name, miss.owner.version) if v < miss.owner.version]

        def silent(version: Version) -> bool | None:
            release = self.history.distribution(found.dependency, version)
            if isinstance(release, NotChecked):
                return None
            there = self.environment.replacing(release).resolve(miss.use.target, miss.module)
            return isinstance(there, Present) and not there.deprecated

        before = next((v for v in _last_of_lines(versions) if silent(v)), None)
        if before is None:
            return found
        span = broken_span(versions, good=before, bad=miss.owner.version, works=silent)
        return replace(found, deprecated_in=span.first_bad)

    def of(self, miss: Miss) -> Break | NotChecked | None:
        if is_lost(miss):
            # So many names are looked for in the past that for want of it nothing else may fail.
            try:
                return self._lost(miss)
            except OfflineError as error:
                return NotChecked(str(miss.dependent), error.message)
        if miss.dependent.own:
            return self._of_own(miss)
        foreign_root = miss.owner is None
        if foreign_root and not self.strays.worth_a_look(miss):
            return None
        if self.baselines.uploaded(miss.dependent) is None:
            reason = "the index does not say when it was uploaded, so there is no baseline"
            return NotChecked(str(miss.dependent), reason)
        if miss.owner is not None and miss.owner.name != PYTHON:
            return self._removed(miss, miss.owner)
        if gone := self._gone_from_python(miss):
            return gone
        return self._module_gone(miss) if foreign_root else None

    def _of_own(self, miss: Miss) -> Break | None:
        """A break of the user's own source: a release that it may use, or an earlier Python, has the name.

        What no such release has is more likely made in a way that is not seen than missing.
        """
        owner = miss.owner
        if owner is None or owner.name == PYTHON:
            return self._gone_from_python(miss)
        for version in self.baselines.declared(miss.dependent, owner):
            before = self.history.distribution(owner.name, version)
            if not isinstance(before, Installed) or self._has_it(miss, before) is not True:
                continue
            if not miss.tentative or self._only_stood_in_text(miss, before):
                return _break(self._as_it_was(miss, before), owner, version, self._span(miss, version, owner))
        return None

    def _removed(self, miss: Miss, owner: Installed) -> Break | NotChecked | None:
        """A break if the release of the owner that was there on the day had the name."""
        baseline = self.baselines.release(miss.dependent, owner.name)
        if baseline is None or baseline.version == owner.version:
            return None
        before = self.history.distribution(baseline.name, baseline.version)
        if isinstance(before, NotChecked):
            return before
        if self._has_it(miss, before) is not True or self._gets_along(miss, before):
            return None  # where a handler got along without it, what that handler lacks by now is told
        if miss.tentative and not self._only_stood_in_text(miss, before):
            return None
        span = self._span(miss, baseline.version, owner)
        return _break(self._as_it_was(miss, before), owner, baseline.version, span)

    def _lost(self, miss: Miss) -> Break | None:
        """A break if a class of the release that was there on the day had what nothing has any more."""
        owner, member = miss.owner, miss.symbol
        assert owner is not None

        def had_by(version: Version) -> str | None:
            release = self.history.distribution(owner.name, version)
            if isinstance(release, NotChecked):
                return None
            return class_with(self._environment_with(release), release, member, self.history)

        former = ((version, had_by(version)) for _, version in _former(miss, self.baselines))
        baseline, symbol = next(((version, symbol) for version, symbol in former if symbol), (None, ""))
        there = placed(self.environment, miss, self.history) if baseline is not None else None
        if baseline is None or there is None or is_given(self.environment, miss, self.baselines):
            return None
        versions = self._versions(owner.name, owner.version)
        span = broken_span(
            versions,
            good=baseline,
            bad=owner.version,
            works=lambda version: None if (found := had_by(version)) is None else bool(found),
        )
        return _break(replace(there, symbol=symbol), owner, baseline, span)

    def _as_it_was(self, miss: Miss, release: Installed) -> Miss:
        """A miss that names the member of a class by the class which had it in another release."""
        found = resolved_in(self._with[release], miss)
        if not isinstance(found, Present) or found.owner is not release or "." not in found.name:
            return miss
        symbol = f"{found.module}.{found.name}"
        is_the_same = symbol.rpartition(".")[2] == miss.symbol.rpartition(".")[2]
        return replace(miss, symbol=symbol) if is_the_same else miss

    def _only_stood_in_text(self, miss: Miss, release: Installed) -> bool:
        return only_stood_in_text(self.environment.whole, self._with[release], miss, self.history)

    def _has_what_is_missing(self, miss: Miss, environment: Environment) -> bool:
        """Whether the first part of what is used that is not there at hand is there in another environment.

        It does not matter what is behind it, nor what it takes: what is about to go is often behind a decorator that
        says so, which may take anything, or given by a function.
        """
        first = first_not_there(self.environment, miss)
        if not first or not isinstance(self.environment.resolve(first, miss.module), Absent):
            return False
        return isinstance(environment.resolve(first, miss.module), Present)

    def _gets_along(self, miss: Miss, release: Installed) -> bool:
        """Whether a handler that fails with the set at hand did not fail with another release."""
        if not miss.fails_again:
            return False
        lacking = resolved_in(self.environment, miss)
        exception = exception_of(miss.use, lacking) if isinstance(lacking, Absent) else ""
        circumstances = self.environment.replacing(release).circumstances
        return not circumstances.fails_again(miss.module, miss.use, exception)

    def _span(self, miss: Miss, good: Version, bad: Installed) -> Span:
        versions = self._versions(bad.name, bad.version)
        return broken_span(versions, good=good, bad=bad.version, works=self._works(miss, bad.name))

    def _versions(self, name: NormalizedName, at_hand: Version) -> list[Version]:
        return [r.version for r in self.history.project(name).releases if _counts(r, at_hand)]

    def _works(self, miss: Miss, name: NormalizedName) -> Callable[[Version], bool | None]:
        """Whether releases have what the use of a miss wants; None for one of which that cannot be told."""

        def works(version: Version) -> bool | None:
            release = self.history.distribution(name, version)
            return None if isinstance(release, NotChecked) else self._has_it(miss, release)

        return works

    def _environment_with(self, release: Installed) -> Environment:
        if release not in self._with:
            self._with[release] = self.environment.replacing(release)
        return self._with[release]

    def _has_it(self, miss: Miss, release: Installed) -> bool | None:
        """Whether the use of a miss resolves with another release of one distribution; None: not to be told."""
        environment = self._environment_with(release)
        found = resolved_in(environment, miss)
        if isinstance(found, Unknown) and miss.tentative:
            if found.unwritten is not None or found.partly is not None:
                return False  # no more than at hand
            named = environment.resolve(miss.use.target, miss.module)
            there = isinstance(named, Present) or had_by_class(self.environment, environment, miss)
            return True if there else None
        if isinstance(found, Unknown):
            # A compiled module does not show its names, but that it is there; and what the old release had
            # under some circumstances, the dependent was made to use.
            there = (
                found.likely
                or environment.is_module(miss.symbol)
                or self._has_what_is_missing(miss, environment)
            )
            return True if there or had_by_class(self.environment, environment, miss) else None
        return isinstance(found, Present) or self._gets_along(miss, release)

    def _gone_from_python(self, miss: Miss) -> Break | None:
        """A break if the newest Python of the day had the name in its standard library.

        What is fatal is certain to fail, so an earlier Python that had it will do.
        """
        at_hand = self.environment.target.python
        uploaded = self.baselines.uploaded(miss.dependent)
        if miss.severity is Severity.LATENT and uploaded and RELEASED[at_hand] <= uploaded.date():
            return None
        known = [
            p
            for p in RELEASED
            if p < at_hand and (miss.dependent.own or (uploaded and RELEASED[p] <= uploaded.date()))
        ]
        # Before the oldest that is described, that one stands for those of the day: it still had most of what they had.
        known = known or [min(RELEASED)]

        def works(version: Version) -> bool:
            library = self.history.python((version.major, version.minor))
            return isinstance(resolved_in(self.environment.on_python(library), miss), Present)

        baseline, bad = _version(known[-1]), _version(at_hand)
        if not works(baseline):
            return None
        span = broken_span([_version(p) for p in RELEASED], good=baseline, bad=bad, works=works)
        return _break(miss, self.history.python(at_hand), baseline, span)

    def _module_gone(self, miss: Miss) -> Break | None:
        """A module that nothing in the set provides, and something in the baseline did."""
        for owner in self.strays.former_providers(miss):
            found = self._removed(miss, owner)
            if isinstance(found, Break):
                return found
        for before in self.strays.never_required(miss):
            if self._has_it(miss, before):
                return self._missing_requirement(miss, before)
        return None

    def _missing_requirement(self, miss: Miss, before: Installed) -> Break:
        """The break, with the releases that have the module: all, or those before it went."""
        works_with = SpecifierSet()
        versions = self._versions(before.name, before.version)
        works = self._works(miss, before.name)
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


_LINES = 8
"""How many minor lines back it is looked for when something was not yet deprecated."""


def _last_of_lines(versions: Sequence[Version]) -> list[Version]:
    """The newest release of each minor line, the newest line first."""
    lines: dict[tuple[int, ...], Version] = {}
    for version in reversed(versions):
        lines.setdefault((version.epoch, *version.release[:2]), version)
    return list(lines.values())[:_LINES]


def _version(python: tuple[int, int]) -> Version:
    return Version(".".join(map(str, python)))


def _counts(release: Release, at_hand: Version) -> bool:
    return release.version == at_hand or (not release.version.is_prerelease and release.yanked is None)


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
