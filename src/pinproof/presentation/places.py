"""Where a lock file pins what does not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.model.report import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.model.report import Verification
    from pinproof.model.verdict import Break


def pinned_at(found: Verification, one: Break) -> Iterator[tuple[Place, str]]:
    """The place and the pin of the two, the dependent first, as far as a file has them."""
    versions = {one.dependent: one.dependent_version, one.dependency: one.dependency_version}
    for name, version in versions.items():
        if name in found.places:
            yield found.places[name], f"{name} {version}"


def blamed(found: Verification, one: Break) -> Place:
    """The line to put a break on: that of the user's own source.

    Elsewhere it is that of the pin of the dependency, which could be another, else of the dependent.
    """
    places = [place for place, _ in pinned_at(found, one)]
    return source(found, one) or (places[-1] if places else Place(found.filename, None))


def other_places(found: Verification, one: Break) -> list[tuple[Place, str]]:
    """The lines that a break has to do with beside the one that it is put on."""
    places = list(pinned_at(found, one))
    return places if source(found, one) else places[:-1]


def pinned(found: Verification, name: NormalizedName) -> Place:
    """The line that pins a distribution, else the file as a whole."""
    return found.places.get(name, Place(found.filename, None))


def source(found: Verification, one: Break) -> Place | None:
    """The line of a file of the user's that the break is in; None for what others have written."""
    filename = found.sources.get((one.dependent, one.path))
    return None if filename is None else Place(filename, one.line or None)
