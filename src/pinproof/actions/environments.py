"""An installed environment as a set to judge: what is on disk, its baselines from the index like any other's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.actions.describing import describe
from pinproof.actions.library import Placed
from pinproof.actions.lock_files import GivenSet
from pinproof.errors import InputError
from pinproof.judgement.answers import Installed
from pinproof.judgement.pythons import RELEASED
from pinproof.model.distribution import Metadata
from pinproof.model.release import Pin
from pinproof.model.verdict import NotChecked
from pinproof.sources.environment import find_site, read_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.model.release import Target
    from pinproof.sources.environment import OnDisk, Site
    from pinproof.sources.folders import Folder

NOBODY = cast("NormalizedName", "(no distribution)")
"""The name for modules that belong to no distribution; no project can have it."""


@dataclass(frozen=True, slots=True)
class GivenEnvironment:
    """What is installed: the set, its distributions as they are on disk, and the target that they are for."""

    given: GivenSet
    placed: tuple[Placed, ...]
    target: Target


def read_environment(path: Path, target: Target, *, python_asked: bool) -> GivenEnvironment:
    """Read what is installed; `python_asked`: the Python of the target was named, and must be that of the environment.

    InputError where there is no environment or it is of another Python.
    """
    site = find_site(path)
    target = _target(path, site, target, python_asked=python_asked)
    placed: dict[NormalizedName, Placed] = {}
    left_out: list[NotChecked] = []
    loose: list[Placed] = []
    for folder in site.folders:
        contents = read_folder(folder)
        for found in contents.distributions:
            one = _placed(found)
            if isinstance(one, NotChecked):
                left_out.append(one)
            elif one.installed.name not in placed:  # the first on the path is the one that is imported
                placed[one.installed.name] = one
                left_out += _not_followed(found)
        left_out += [NotChecked(name, f"{folder}: installed as an egg") for name in contents.old]
        loose += _loose(contents.loose)
    if not placed:
        raise InputError(f"{path}: nothing to verify: nothing is installed in it")
    pins = tuple(Pin(one.installed.name, one.installed.version) for one in placed.values())
    return GivenEnvironment(GivenSet(str(path), pins, tuple(left_out)), (*placed.values(), *loose), target)


def _target(path: Path, site: Site, target: Target, *, python_asked: bool) -> Target:
    if site.platform is not None and site.platform != target.platform:
        target = replace(target, platform=site.platform, machine="AMD64")
    if site.python is None or site.python == target.python:
        return target
    number = ".".join(map(str, site.python))
    if python_asked:
        raise InputError(
            f"{path}: an environment of Python {number}, and not of {target.python_text}",
            hint="Leave --python-version out: the environment says which Python it is for.",
        )
    if site.python not in RELEASED:
        raise InputError(f"{path}: an environment of Python {number}, which cannot be judged")
    return replace(target, python=site.python)


def _placed(found: OnDisk) -> Placed | NotChecked:
    """A distribution with its layout and metadata, read from its folder."""
    layout, metadata = describe(found.folder)
    stem_name, _, stem_version = found.info.removesuffix(".dist-info").partition("-")
    try:
        version = Version(metadata.version or stem_version)
    except InvalidVersion:
        return NotChecked(found.info, f"{metadata.version or stem_version!r} is not a version")
    name = canonicalize_name(metadata.name or stem_name)
    installed = Installed(name, version, found.folder.key, layout, metadata, own=bool(found.origin))
    in_index = found.editable is None
    return Placed(installed, found.folder, in_index, found.requested, found.origin)


def _not_followed(found: OnDisk) -> list[NotChecked]:
    return [NotChecked(found.info.removesuffix(".dist-info"), found.problem)] if found.problem else []


def _loose(folder: Folder) -> list[Placed]:
    """Modules of no distribution: they can be imported, and are no part of the set."""
    layout, _ = describe(folder)
    if not layout.modules and not layout.extensions:
        return []
    installed = Installed(NOBODY, Version("0"), folder.key, layout, Metadata(NOBODY, "0"))
    return [Placed(installed, folder, in_index=False)]
