"""uv, shown stand-ins for the releases that it would not take by itself (see `actions.unbuilt`)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.unbuilt import readable_stand_ins, stand_ins_for
from pinproof.facts.locks.pylock import read_pylock
from pinproof.sources.uv import Conflict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Library
    from pinproof.model.release import Pin
    from pinproof.sources.stand_ins import StandIn


class Resolver:
    """Resolves requirements as of the day and for the target of the library; several threads may use it at once."""

    def __init__(self, library: Library, *, allow_build: bool = False) -> None:
        self._library = library
        self._outside = library.outside
        self._allow_build = allow_build
        self._stand_ins: list[StandIn] = []
        self._stood_in: set[tuple[NormalizedName, str]] = set()
        self._mended: set[tuple[NormalizedName, Version]] = set()
        self._lock = threading.Lock()

    def compile(
        self,
        texts: Sequence[str],
        direct: Sequence[Requirement],
        *,
        constraints: Sequence[str] = (),
        preferred: Sequence[Pin] = (),
        prerelease: str = "if-necessary-or-explicit",
    ) -> tuple[Pin, ...] | Conflict:
        """One resolution; again where uv found no release that needs no build, with stand-ins for those.

        `direct` says which of their releases are worth a stand-in.
        """
        while True:
            known = len(self._stand_ins)
            answer = self._outside.uv.compile(
                texts,
                constraints=constraints,
                preferences=preferred,
                stand_ins=self._stand_ins[:known],
                exclude_newer=self._outside.as_of,
                python_version=self._outside.target.python_text,
                allow_build=self._allow_build,
                prerelease=prerelease,
            )
            if not isinstance(answer, Conflict):
                return tuple(one.pin for one in read_pylock(answer.pylock).locked)
            with self._lock:
                unbuilt = self._let_in(set(answer.without_wheel), direct, above_wheels=False)
                mended = self._put_right(answer.unreadable)
                if not unbuilt and not mended and known == len(self._stand_ins):
                    return answer

    def let_in(self, direct: Sequence[Requirement]) -> None:
        """Make stand-ins for releases of the direct requirements that are newer than any wheel."""
        with self._lock:
            self._let_in({canonicalize_name(r.name) for r in direct}, direct, above_wheels=True)

    def _let_in(
        self, names: Collection[NormalizedName], direct: Sequence[Requirement], *, above_wheels: bool
    ) -> bool:
        """Make stand-ins for releases of these projects; whether there is anything new."""
        if self._allow_build:
            return False
        found: list[StandIn] = []
        for name in sorted(names):
            specifier = _specifier(name, direct)
            if (name, str(specifier)) in self._stood_in:
                continue
            made = list(stand_ins_for(name, specifier, self._library, above_wheels=above_wheels))
            if made or not above_wheels:
                self._stood_in.add((name, str(specifier)))
            found += made
        self._stand_ins += found
        return bool(found)

    def _put_right(self, unreadable: Iterable[tuple[NormalizedName, Version]]) -> bool:
        """Make stand-ins for releases whose metadata uv refuses; whether there is anything new."""
        found: list[StandIn] = []
        for name, version in unreadable:
            if (name, version) not in self._mended:
                self._mended.add((name, version))
                found += readable_stand_ins(name, version, self._library)
        self._stand_ins += found
        return bool(found)


def _specifier(name: NormalizedName, direct: Iterable[Requirement]) -> SpecifierSet:
    specifier = SpecifierSet()
    for requirement in direct:
        if canonicalize_name(requirement.name) == name:
            specifier &= requirement.specifier
    return specifier


def explained(conflict: Conflict) -> str:
    """What uv says about it, with its hints."""
    return "\n".join([conflict.explanation, *conflict.hints])
