"""`pinproof combos`: which releases of a few packages work with each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from pinproof.actions.library import Library
from pinproof.actions.markers import marker_environment
from pinproof.actions.offered import offered, without
from pinproof.actions.remainders import Remainders
from pinproof.actions.solve import parsed
from pinproof.actions.trials import Trials
from pinproof.errors import InputError, NotFoundError
from pinproof.judgement.answers import Installed
from pinproof.judgement.combining import Combining
from pinproof.model.matrix import CellStatus, LeftOut, Matrix, Why
from pinproof.model.release import Pin
from pinproof.model.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.actions.library import Outside
    from pinproof.judgement.combining import Combined
    from pinproof.model.matrix import Axis, Cell
    from pinproof.model.release import Project


def combos(
    texts: Sequence[str],
    outside: Outside,
    *,
    every: bool,
    from_source: bool,
    at_most: int,
) -> Matrix:
    """The matrix of two or three requirements: of each the newest release of each minor line, or `every` one.

    Raises InputError for requirements that cannot be combined, or give more than `at_most` combinations to try out.
    """
    requirements = _asked(texts)
    # Each of many sets is opened and walked through: what is told is how many of them are done.
    library = Library(replace(outside, progress=lambda stage, done, total: None))  # noqa: ARG005
    try:
        axes = [
            offered(
                requirement,
                _project(requirement, library),
                outside.target,
                every=every,
                from_source=from_source,
            )
            for requirement in requirements
        ]
        return _Combos(axes, library, outside).matrix(at_most)
    finally:
        library.reader.close()


def _asked(texts: Sequence[str]) -> list[Requirement]:
    """The requirements, two or three of different projects."""
    requirements = [parsed(text) for text in texts]
    if not 2 <= len(texts) <= 3:
        raise InputError(
            f"combos takes two or three packages, not {len(texts)}",
            "A set of any size is found by `pinproof solve`.",
        )
    for requirement in requirements:
        if requirement.url is not None or requirement.marker is not None:
            raise InputError(
                f"{requirement}: a URL or a marker has no releases to combine",
                "Name the project and, if need be, a specifier: 'flask>=2'.",
            )
    names = [canonicalize_name(requirement.name) for requirement in requirements]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"{twice} is named twice", "Put its specifiers together: 'flask>=2,<3'.")
    return requirements


def _project(requirement: Requirement, library: Library) -> Project:
    try:
        library.outside.index.project(requirement.name)
    except NotFoundError as error:
        raise InputError(error.message, error.hint) from None
    return library.project(canonicalize_name(requirement.name))


class _Combos:
    """The way from axes to the matrix."""

    def __init__(self, axes: Sequence[Axis], library: Library, outside: Outside) -> None:
        self._library = library
        self._outside = outside
        self._releases: dict[tuple[NormalizedName, Version], Installed] = {}
        self._axes = [self._readable(axis) for axis in axes]

    def matrix(self, at_most: int) -> Matrix:
        """Every combination: what metadata rules out costs nothing, the others are tried out."""
        combinations = self._combined()
        possible = [key for key, (_, combined) in combinations.items() if not combined.excluded_by]
        if len(possible) > at_most:
            raise self._too_many(len(possible), at_most)
        remainders = Remainders(self._library, self._outside.progress)
        remainders.prepare([(combinations[key][1].others, self._fixed(key)) for key in possible])
        trials = Trials(self._library, remainders)
        cells = self._tried(possible, combinations, trials)
        for key, (combination, combined) in combinations.items():
            if combined.excluded_by:
                cells[key] = trials.of(combination, combined)
        axes = tuple(_remaining(axis, trials.out) for axis in self._axes)
        kept = tuple(cells[key] for key in product(*(axis.versions for axis in axes)))
        return Matrix(axes, kept, _status(kept))

    def _readable(self, axis: Axis) -> Axis:
        """The axis with the releases that can be opened, and that are for this Python by their own word, too."""
        self._outside.progress(f"Reading {axis.name}", 0, 0)
        self._library.open_all([Pin(axis.name, version) for version in axis.versions])
        gone = []
        for version in axis.versions:
            opened = self._library.distribution(axis.name, version)
            if not isinstance(opened, Installed):
                gone.append(LeftOut(version, Why.NOT_READABLE, opened.reason))
            elif not _is_for(opened, self._outside.target.python_text):
                asked = f"requires Python {opened.metadata.requires_python}"
                gone.append(LeftOut(version, Why.OTHER_PYTHON, asked))
            else:
                self._releases[axis.name, version] = opened
        if len(gone) == len(axis.versions):
            raise InputError(f"no release of {axis.name} can be judged: {gone[-1].version} {gone[-1].reason}")
        return without(axis, gone)

    def _combined(self) -> dict[tuple[Version, ...], tuple[Sequence[Installed], Combined]]:
        names = [axis.name for axis in self._axes]
        extras = {
            axis.name: frozenset(map(canonicalize_name, axis.requirement.extras)) for axis in self._axes
        }
        combining = Combining(names, extras, marker_environment(self._outside.target))
        found: dict[tuple[Version, ...], tuple[Sequence[Installed], Combined]] = {}
        for key in product(*(axis.versions for axis in self._axes)):
            combination = [self._releases[one] for one in zip(names, key, strict=True)]
            found[key] = (combination, combining.of(combination))
        return found

    def _tried(
        self,
        possible: Sequence[tuple[Version, ...]],
        combinations: Mapping[tuple[Version, ...], tuple[Sequence[Installed], Combined]],
        trials: Trials,
    ) -> dict[tuple[Version, ...], Cell]:
        cells = {}
        for number, key in enumerate(_scouts_first(possible), 1):
            self._outside.progress("Judging", number, len(possible))
            if trials.out.keys() & self._fixed(key).items():
                cells[key] = trials.skipped(combinations[key][0])
            else:
                cells[key] = trials.of(*combinations[key])
        return cells

    def _fixed(self, key: tuple[Version, ...]) -> dict[NormalizedName, Version]:
        return {axis.name: version for axis, version in zip(self._axes, key, strict=True)}

    def _too_many(self, count: int, at_most: int) -> InputError:
        sizes = " x ".join(f"{len(axis.versions)} releases of {axis.name}" for axis in self._axes)
        widest = max(self._axes, key=lambda axis: len(axis.versions))
        start = widest.versions[-(len(widest.versions) // 3 or 1)]
        return InputError(
            f"{sizes}: {count} combinations are allowed by metadata, and at most {at_most} are tried out",
            f"Narrow it, as with '{widest.name}>={start.major}.{start.minor}', or raise --max-cells.",
        )


def _is_for(release: Installed, python: str) -> bool:
    """Whether the metadata inside agrees with this Python, of which an index need not tell."""
    try:
        return SpecifierSet(release.metadata.requires_python or "").contains(f"{python}.99", prereleases=True)
    except ValueError:
        return True


def _scouts_first(keys: Sequence[tuple[Version, ...]]) -> Iterator[tuple[Version, ...]]:
    """The newest first, and before all others those with a release not seen yet: what is learned of it saves trials."""
    seen: set[tuple[int, Version]] = set()
    later = []
    for key in reversed(keys):
        releases = set(enumerate(key))
        if releases <= seen:
            later.append(key)
        else:
            seen |= releases
            yield key
    yield from later


def _remaining(axis: Axis, out: Mapping[tuple[NormalizedName, Version], LeftOut]) -> Axis:
    """The axis without the releases that run with nothing, unless that is all of them."""
    gone = [out[axis.name, version] for version in axis.versions if (axis.name, version) in out]
    return axis if len(gone) == len(axis.versions) else without(axis, gone)


def _status(cells: Iterable[Cell]) -> Status:
    """`works` if any of them does: what could not be checked is told in its cell."""
    found = {cell.status for cell in cells}
    if any(status.is_working for status in found):
        return Status.WORKS
    return Status.NOT_CHECKED if CellStatus.NOT_CHECKED in found else Status.NO_WORKING_SET
