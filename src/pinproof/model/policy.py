"""What a project wants of the releases in its lock: how old they are, pre-releases, wheels only, the newest or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from packaging.utils import NormalizedName

PRERELEASES = ("disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit")
RESOLUTIONS = ("highest", "lowest-direct")
EVERYTHING = ":all:"
"""What stands for every package in `only_binary`, as pip and uv write it."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old a release has to be: a `span` before the day of the lock, or a `moment` that does not move.

    `text` is how it was written.
    """

    text: str
    span: timedelta | None = None
    moment: datetime | None = None

    def before(self, now: datetime) -> datetime:
        """The moment before which a release must have been uploaded, for a lock that is made at `now`."""
        if self.span is not None:
            return now - self.span
        assert self.moment is not None
        return min(self.moment, now)


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """The moments before which releases must have been uploaded: that of a package, else the usual; None: no limit.

    Whoever resolves gets them in this form. What is to be let in although it is new, as a release that fixes a known
    vulnerability would be, is one more entry in `packages`, after its upload.
    """

    usual: datetime | None = None
    packages: Mapping[NormalizedName, datetime | None] = field(default_factory=dict)

    def of(self, name: NormalizedName) -> datetime | None:
        """That of a package."""
        return self.packages.get(name, self.usual)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is wanted; what is None or empty is not said.

    `exclude_newer_package` has None for what may be as new as it likes. `only_binary` are names, or `EVERYTHING`.
    """

    exclude_newer: Age | None = None
    exclude_newer_package: Mapping[NormalizedName, Age | None] = field(default_factory=dict)
    prerelease: str | None = None
    only_binary: tuple[str, ...] = ()
    resolution: str | None = None

    def over(self, other: Policy) -> Policy:
        """What this one says, and where it says nothing what the other does."""
        return Policy(
            self.exclude_newer or other.exclude_newer,
            {**other.exclude_newer_package, **self.exclude_newer_package},
            self.prerelease or other.prerelease,
            self.only_binary or other.only_binary,
            self.resolution or other.resolution,
        )

    @property
    def moves(self) -> bool:
        """Whether what it lets in depends on the day."""
        return any(age is not None and age.span is not None for age in self._ages())

    def cutoffs(self, as_of: datetime | None, now: datetime) -> Cutoffs:
        """The moments, for an index as it was at `as_of` (None is now)."""
        at = as_of or now

        def before(age: Age | None) -> datetime | None:
            return as_of if age is None else age.before(at)

        packages = {name: before(age) for name, age in self.exclude_newer_package.items()}
        return Cutoffs(before(self.exclude_newer), packages)

    def ages_as_written(self) -> Iterator[str]:
        """The ages as options, which are called alike here and in uv."""
        if self.exclude_newer is not None:
            yield f"--exclude-newer={self.exclude_newer.text}"
        for name, age in sorted(self.exclude_newer_package.items()):
            yield f"--exclude-newer-package={name}={age.text if age else 'false'}"

    def wants_wheels_of(self, name: NormalizedName) -> bool:
        """Whether only releases that need no build are to be taken of a package."""
        return EVERYTHING in self.only_binary or name in self.only_binary

    def _ages(self) -> Iterable[Age | None]:
        return (self.exclude_newer, *self.exclude_newer_package.values())
