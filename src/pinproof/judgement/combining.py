"""What releases ask of each other and of the rest of the world when they are put together.

Metadata alone decides it: of a combination that one of its own requirements rules out nothing has to be resolved, and
combinations that ask the same of the rest are resolved together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.baselines import requirements_of
from pinproof.model.matrix import Exclusion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName

    from pinproof.judgement.answers import Installed

    Extras = Mapping[NormalizedName, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Combined:
    """What a combination asks for: who of it rules it out, and what it needs beside itself (PEP 508, sorted)."""

    excluded_by: tuple[Exclusion, ...]
    others: tuple[str, ...]


class Combining:
    """Puts releases together for a target, whose marker variables are given.

    `extras` are those that the user asked for; a release may ask further ones of another.
    """

    def __init__(self, names: Sequence[NormalizedName], extras: Extras, markers: Mapping[str, str]) -> None:
        self._names = frozenset(names)
        self._extras = extras
        self._markers = markers
        self._parsed: dict[Installed, list[Requirement]] = {}
        self._asked: dict[tuple[Installed, frozenset[str]], list[Requirement]] = {}

    def of(self, combination: Sequence[Installed]) -> Combined:
        """What these releases ask for, one of each name."""
        versions = {one.name: one.version for one in combination}
        asked = self.asked(combination)
        excluded = tuple(
            Exclusion(dependent.name, dependent.version, requirement)
            for dependent, requirement in asked
            if (name := canonicalize_name(requirement.name)) in versions
            and name != dependent.name
            and not requirement.specifier.contains(versions[name], prereleases=True)
        )
        others = {_bare(r) for _, r in asked if canonicalize_name(r.name) not in versions}
        return Combined(excluded, tuple(sorted(others)))

    def asked(self, combination: Sequence[Installed]) -> list[tuple[Installed, Requirement]]:
        """Who asks for what, until nobody asks for another extra of one of them."""
        extras = {one.name: self._extras.get(one.name, frozenset()) for one in combination}
        while True:
            asked = [(one, r) for one in combination for r in self._of_one(one, extras[one.name])]
            wider = dict(extras)
            for _, requirement in asked:
                name = canonicalize_name(requirement.name)
                if name in wider and requirement.extras:
                    wider[name] |= frozenset(map(canonicalize_name, requirement.extras))
            if wider == extras:
                return asked
            extras = wider

    def _of_one(self, one: Installed, extras: frozenset[str]) -> list[Requirement]:
        key = (one, extras)
        if key not in self._asked:
            if one not in self._parsed:
                self._parsed[one] = requirements_of(one)
            self._asked[key] = [r for r in self._parsed[one] if self._applies(r, extras)]
        return self._asked[key]

    def _applies(self, requirement: Requirement, extras: frozenset[str]) -> bool:
        marker = requirement.marker
        return marker is None or any(
            marker.evaluate({**self._markers, "extra": extra}) for extra in ("", *extras)
        )


def _bare(requirement: Requirement) -> str:
    """The requirement without its marker, which holds."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    where = f" @ {requirement.url}" if requirement.url else str(requirement.specifier)
    return f"{canonicalize_name(requirement.name)}{extras}{where}"
