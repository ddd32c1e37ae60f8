"""Entries of a lock that stand for no release of an index, looked for on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.actions.library import Placed
from pinproof.actions.own_source import declared_metadata
from pinproof.errors import ArchiveError, InputError
from pinproof.facts.layout import read_layout
from pinproof.judgement.answers import Installed
from pinproof.model.release import Pin
from pinproof.sources.checkouts import find_checkout
from pinproof.sources.folders import read_source

if TYPE_CHECKING:
    from collections.abc import Collection

    from pinproof.actions.lock_files import GivenSet, Unreleased
    from pinproof.model.verdict import NotChecked


def look_on_disk(given: GivenSet, own: Collection[Path] = ()) -> tuple[GivenSet, tuple[Placed, ...]]:
    """The set with what lies on this machine among its pins, and that; what does not is left out.

    `own` are the folders of projects whose source is judged anyway.
    """
    placed: list[Placed] = []
    left_out: list[NotChecked] = []
    places = dict(given.places)
    known = {folder.resolve() for folder in own}
    for entry in given.unreleased:
        root = _root(entry)
        if root is not None and root.resolve() in known:
            continue
        found = _placed(entry, root) if root is not None else _unseen(entry)
        if isinstance(found, Placed):
            placed.append(found)
            places[found.installed.name] = entry.at
        else:
            left_out.append(found)
    pins = tuple(Pin(one.installed.name, one.installed.version) for one in placed)
    together = replace(given, pins=(*given.pins, *pins), left_out=(*given.left_out, *left_out), places=places)
    return together, tuple(placed)


def _root(entry: Unreleased) -> Path | None:
    """The folder or file that an entry means, if it is on this machine."""
    lies = entry.lies
    if lies is None:
        return None
    if lies.commit:
        checkout = find_checkout(lies.commit, entry.name, entry.folder)
        return checkout / lies.below if checkout is not None else None
    return entry.folder / Path(lies.path).expanduser() / lies.below if lies.path else None


def _unseen(entry: Unreleased) -> NotChecked:
    if entry.lies is not None and entry.lies.commit:
        return entry.not_checked("there is no checkout of it on this machine")
    return entry.not_checked()


def _placed(entry: Unreleased, root: Path) -> Placed | NotChecked:
    """What lies there, as a distribution that has no past on the index."""
    try:
        if root.is_dir():
            return _folder(root)
        if root.is_file():
            if root.suffix == ".whl":
                return _wheel(root)
            return entry.not_checked("only folders and wheels are read from this machine")
        return entry.not_checked(f"there is no {root} on this machine")
    except (ArchiveError, InputError) as error:
        return entry.not_checked(error.message)
    except (OSError, ValueError) as error:
        return entry.not_checked(f"{root}: {getattr(error, 'strerror', None) or error}")


def _folder(root: Path) -> Placed:
    source, metadata = read_source(root), declared_metadata(root)
    layout = read_layout(source.names, is_wheel=False)
    if not layout.modules:
        raise InputError(f"no Python modules were found in {root}")
    name, version = canonicalize_name(metadata.name), Version(metadata.version)
    installed = Installed(name, version, source.key, layout, metadata, built=False, own=True)
    return Placed(installed, source, in_index=False)


def _wheel(path: Path) -> Placed:
    from pinproof.actions.describing import describe
    from pinproof.sources.archive import open_on_disk

    archive = open_on_disk(path)
    layout, metadata = describe(archive)
    name, version = canonicalize_name(metadata.name), Version(metadata.version)
    return Placed(Installed(name, version, archive.key, layout, metadata, own=True), archive, in_index=False)
