"""What a distribution provides and what it says of itself, read off its archive or folder."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pinproof.errors import PinproofError
from pinproof.facts.layout import read_layout
from pinproof.facts.metadata import read_metadata, requirements, requires_txt
from pinproof.model.distribution import Metadata
from pinproof.sources.archive import open_archive
from pinproof.sources.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pinproof.model.distribution import Layout
    from pinproof.model.release import File, Pin
    from pinproof.sources.archive import Archive
    from pinproof.sources.folders import Folder


def open_and_describe(file: File, pin: Pin, fetcher: Fetcher) -> tuple[Archive, Layout, Metadata]:
    """A release's archive, and what it says; ArchiveError or NotFoundError where it cannot be read."""
    archive = open_archive(file, fetcher)
    wanted = [name for name in archive.names if _describes(name, file.is_wheel)]
    archive.ensure(wanted, fetcher)
    texts = _texts(archive, wanted)
    metadata = _metadata(texts, pin.name, str(pin.version), is_wheel=file.is_wheel)
    return archive, read_layout(archive.names, file.is_wheel, texts), metadata


def open_cached(file: File, pin: Pin, folder: Path) -> tuple[Archive, Layout, Metadata] | None:
    """The same from what a cache holds, in another process; None where that does not do, for whatever reason."""
    try:
        return open_and_describe(file, pin, _cached(folder))
    except PinproofError:
        return None


@cache
def _cached(folder: Path) -> Fetcher:
    return Fetcher(folder, offline=True)


def _describes(name: str, is_wheel: bool) -> bool:
    if name.endswith(".pth"):
        return True
    folder, _, last = name.rpartition("/")
    if is_wheel:
        return (
            folder.endswith(".dist-info") and "/" not in folder and last in ("METADATA", "entry_points.txt")
        )
    in_egg_info = folder.endswith(".egg-info") and last.endswith(".txt")
    return name == "PKG-INFO" or in_egg_info


def describe(folder: Folder | Archive) -> tuple[Layout, Metadata]:
    """What an installed distribution provides, and what it says of itself."""
    texts = _texts(folder, [name for name in folder.names if _describes(name, is_wheel=True)])
    return read_layout(folder.names, True, texts), _metadata(texts, "", "", is_wheel=True)


def _texts(archive: Archive | Folder, names: Sequence[str]) -> dict[str, str]:
    """The members that say what the distribution is."""
    return {name: text.decode("utf-8", "replace") for name, text in archive.read(names)}


def _metadata(texts: Mapping[str, str], name: str, version: str, *, is_wheel: bool) -> Metadata:
    """What the texts say, with the requirements that can be read; name and version as given, else as they say."""
    said = read_metadata(*_metadata_texts(texts, is_wheel=is_wheel))
    return Metadata(
        name=name or said.name,
        version=version or said.version,
        requires_dist=tuple(str(r) for r in requirements(said)),
        requires_python=said.requires_python,
        provides_extra=said.provides_extra,
        entry_points=said.entry_points,
    )


def _metadata_texts(texts: Mapping[str, str], *, is_wheel: bool) -> tuple[str, str]:
    """The metadata and the entry points among the texts of an archive."""
    main = "METADATA" if is_wheel else "PKG-INFO"
    metadata = next((t for n, t in texts.items() if n.rpartition("/")[2] == main), "")
    if not is_wheel and "Requires-Dist" not in metadata:
        listed = next((t for n, t in texts.items() if n.endswith("/requires.txt")), "")
        # Metadata before version 2.1 does not hold the requirements; setuptools wrote them beside it.
        header, _, body = metadata.partition("\n\n")
        more = "".join(f"Requires-Dist: {r}\n" for r in requires_txt(listed))
        metadata = f"{header.rstrip()}\n{more}\n{body}"
    return metadata, next((t for n, t in texts.items() if n.endswith("entry_points.txt")), "")
