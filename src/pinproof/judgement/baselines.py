"""The baseline: what the requirements of a distribution gave on the day it was uploaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
    from datetime import datetime
    from typing import Self

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.answers import Installed
    from pinproof.model.module import ModuleFacts
    from pinproof.model.release import Pin, Project, Release, Target
    from pinproof.model.verdict import NotChecked


_OF_AN_EXTRA = re.compile(r"; *extra *== *[\"'][^\"']+[\"']$")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LOOKED_INTO = 16
"""Each release that is looked into may cost a download; what has a name is nearly always among the newest."""


class History(Protocol):
    """What judgement asks about the past; answers come from the index, as of the date asked for."""

    def project(self, name: NormalizedName) -> Project:
        """The releases that could be seen on the date; none for a project that the index does not have."""

    def distribution(self, name: NormalizedName, version: Version) -> Installed | NotChecked:
        """One release, ready to be judged."""

    def distributions(
        self, asked: Iterable[tuple[NormalizedName, Version]]
    ) -> Sequence[Installed | NotChecked]:
        """Several releases in their order, opened at once."""

    def knows_name(self, distribution: Installed, name: str) -> bool:
        """Whether a name stands as a string in any module of a distribution (see `facts.texts`)."""

    def knows_member(self, distribution: Installed, name: str, beside: Collection[str]) -> bool:
        """Whether something may have a member of that name which stands in no class that is seen to have it.

        One of the modules `beside` those classes binds the name or has it as a string, or any of the distribution
        writes to an attribute of that name.
        """

    def given(self, asked: Mapping[Installed, Set[str]]) -> Mapping[Installed, set[str]]:
        """Of the names asked for, those that the texts of each distribution may give to anything.

        `facts.texts.may_give` says when that is.
        """

    def seeking(self, distribution: Installed, path: str, members: Set[str]) -> ModuleFacts:
        """The facts of a member, with what takes one of these members of something untraced among the uses."""

    def modules_with(self, distribution: Installed, names: Set[str]) -> Mapping[str, Sequence[str]]:
        """For each name the modules of a distribution whose text has it in it."""

    def compiled_may_give(self, distribution: Installed, name: str) -> bool:
        """Whether a compiled module of a distribution may give a name to anything."""

    def python(self, version: tuple[int, int]) -> Installed:
        """The standard library of a Python."""

    def set_of(self, requirement: Requirement, on: datetime) -> Sequence[Pin]:
        """What a requirement resolved to on a day; empty where it did not."""


class Allowed(NamedTuple):
    """What is allowed of a dependency: without an extra, and with each of those that ask for it, too."""

    plain: SpecifierSet
    with_extras: Sequence[SpecifierSet] = ()

    @classmethod
    def of(cls, said: Mapping[str, SpecifierSet]) -> Self:
        """Of what the requirements of each extra say together, and those of none."""
        return cls(said.get("", SpecifierSet()), [one for extra, one in said.items() if extra])

    def contains(self, version: Version, *, prereleases: bool | None) -> bool:
        """Whether a release is allowed, with an extra if one asks for it: two extras may contradict each other."""
        with_extras = self.with_extras or (SpecifierSet(),)
        return self.plain.contains(version, prereleases=prereleases) and any(
            one.contains(version, prereleases=prereleases) for one in with_extras
        )


ANY = Allowed(SpecifierSet())


class Baselines:
    """Baselines of the distributions of one set, remembered."""

    def __init__(
        self, history: History, target: Target, before: Mapping[NormalizedName, Version] | None = None
    ) -> None:
        self.history = history
        self._before = before or {}
        self._target = target
        self._allowed: dict[Installed, dict[NormalizedName, Allowed]] = {}
        self._uploaded: dict[Installed, datetime | None] = {}
        self._releases: dict[tuple[Installed, NormalizedName], Release | None] = {}

    def uploaded(self, distribution: Installed) -> datetime | None:
        """When a distribution was uploaded, as far as the index says."""
        if distribution.own:
            return None
        if distribution not in self._uploaded:
            release = self.history.project(distribution.name).release(distribution.version)
            self._uploaded[distribution] = release.upload_time if release else None
        return self._uploaded[distribution]

    def requires(self, distribution: Installed) -> Mapping[NormalizedName, Allowed]:
        """What a distribution's own metadata says of its dependencies on the target, with any one extra."""
        if distribution not in self._allowed:
            said: dict[NormalizedName, dict[str, SpecifierSet]] = {}
            for requirement in requirements_of(distribution):
                specifiers = said.setdefault(canonicalize_name(requirement.name), {})
                for extra in self._applying(requirement, distribution.metadata.provides_extra):
                    specifiers[extra] = specifiers.get(extra, SpecifierSet()) & requirement.specifier
            self._allowed[distribution] = {name: Allowed.of(found) for name, found in said.items() if found}
        return self._allowed[distribution]

    def needs(self, distribution: Installed) -> set[NormalizedName]:
        """The dependencies that a distribution has on the target without any extra."""
        # Parsing all requirements of a large set takes longer than all else here: most are those of extras, and of
        # one without a marker only the name matters, with which it begins.
        texts = [t for t in distribution.metadata.requires_dist if not _OF_AN_EXTRA.search(t)]
        named = {found[0] for text in texts if ";" not in text and (found := _NAME.match(text))}
        marked = (Requirement(text) for text in texts if ";" in text)
        return {
            canonicalize_name(name) for name in named.union(r.name for r in marked if self._applies(r, ("",)))
        }

    def _applying(self, requirement: Requirement, extras: Iterable[str]) -> Iterable[str]:
        """The extras with which a requirement applies; the empty one where it applies without any."""
        if self._applies(requirement, ("",)):
            return ("",)
        return [extra for extra in extras if self._applies(requirement, (extra,))]

    def _applies(self, requirement: Requirement, extras: Iterable[str]) -> bool:
        marker = requirement.marker
        python = self._target.python_text
        environment = {"python_version": python, "python_full_version": f"{python}.0"}
        return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)

    def release(self, dependent: Installed, name: NormalizedName) -> Release | None:
        """The newest release of a dependency that the dependent allowed on the day it was uploaded."""
        key = (dependent, name)
        if key not in self._releases:
            self._releases[key] = self._newest(dependent, name)
        return self._releases[key]

    def declared(self, own: Installed, owner: Installed) -> Iterator[Version]:
        """The releases that the user's own source may have been written with, the likeliest first.

        It has no day of upload, so all that it declares are possible: what the lock had before, the newest, the
        newest of each major line, and then those of each minor one. They are as many as may be looked into.
        """
        allowed = self.requires(own).get(owner.name, ANY)
        versions = [
            r.version
            for r in reversed(self.history.project(owner.name).releases)
            if allowed.contains(r.version, prereleases=None)
            and r.yanked is None
            and r.version != owner.version
        ]
        before = self._before.get(owner.name)
        likely = [v for v in versions if v == before] + versions[:1]
        for parts in (1, 2):
            lines: dict[tuple[int, ...], Version] = {}
            for version in versions:
                lines.setdefault((version.epoch, *version.release[:parts]), version)
            likely += lines.values()
        yield from list(dict.fromkeys(likely))[:_LOOKED_INTO]

    def may_lack(self, dependent: Installed, dependency: Installed) -> bool:
        """Whether a dependency could have lost something since the dependent was made, or not have it yet.

        A later patch release is made to take nothing away: of 150 breakages that were observed, one came with such.
        """
        if not self.differs(dependent, dependency):
            return False
        release = self.release(dependent, dependency.name)
        if release is None:
            return True
        made_with, at_hand = release.version, dependency.version
        same_line = (made_with.epoch, *made_with.release[:2]) == (at_hand.epoch, *at_hand.release[:2])
        return not (same_line and made_with.major and made_with < at_hand)

    def is_later(self, dependent: Installed, dependency: Installed) -> bool:
        """Whether a dependency may have lost something: it is of a later line than the dependent was made with."""
        release = self.release(dependent, dependency.name)
        if release is not None and dependency.version < release.version:
            return False
        return self.may_lack(dependent, dependency)

    def differs(self, dependent: Installed, dependency: Installed) -> bool:
        """Whether the set has another release of a dependency than the dependent was made with.

        So it is taken to be where the index does not say when the dependent was uploaded.
        """
        if self.uploaded(dependent) is None:
            return True
        release = self.release(dependent, dependency.name)
        return release is not None and release.version != dependency.version

    def differs_in_major(self, dependent: Installed, dependency: Installed) -> bool:
        """Whether a requirement is there in another major version than the dependent was made with, as far as known."""
        if dependency.name not in self.requires(dependent):
            return False
        release = self.release(dependent, dependency.name)
        if release is None:
            return False
        made_with, at_hand = release.version, dependency.version
        return (made_with.epoch, made_with.major) != (at_hand.epoch, at_hand.major)

    def _newest(self, dependent: Installed, name: NormalizedName) -> Release | None:
        day = self.uploaded(dependent)
        if day is None:
            return None
        allowed = self.requires(dependent).get(name, ANY)
        second_best: dict[bool, Release] = {}
        for release in reversed(self.history.project(name).releases):
            when = release.upload_time
            if when is None or when > day or not allowed.contains(release.version, prereleases=True):
                continue
            is_final = release.yanked is None and not release.version.is_prerelease
            if is_final and release.is_for(self._target):
                return release
            second_best.setdefault(is_final, release)
        return second_best.get(True, second_best.get(False))


def requirements_of(distribution: Installed) -> list[Requirement]:
    """The requirements in the metadata, which holds only such as parse."""
    return [Requirement(text) for text in distribution.metadata.requires_dist]
