"""Which releases of a project are worth combining with others on a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.errors import InputError
from pinproof.facts.wheels import installable_wheel, is_sdist
from pinproof.model.matrix import Axis, LeftOut, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.requirements import Requirement
    from packaging.version import Version

    from pinproof.model.release import File, Project, Release, Target

_PLATFORMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def offered(
    requirement: Requirement, project: Project, target: Target, *, every: bool, from_source: bool
) -> Axis:
    """The releases that the requirement admits: the newest of each minor line, or `every` one.

    Left out is what wants another Python, what is yanked, and, unless `from_source`, what would have to be compiled.
    Raises InputError where nothing is left.
    """
    admitted = _admitted(requirement, project)
    pure = not any(_is_for_one_platform(f) for r in project.releases for f in r.files)
    left_out: list[LeftOut] = []
    versions: list[Version] = []
    for release in admitted:
        refused = _refused(release, requirement, target, compiled=not pure and not from_source)
        if refused is None:
            versions.append(release.version)
        else:
            left_out.append(refused)
    kept = versions if every else _newest_of_lines(versions)
    axis = Axis(requirement, project.name, tuple(kept), tuple(left_out), len(versions) - len(kept))
    if not kept:
        raise _nothing_left(axis, target)
    return axis


def _admitted(requirement: Requirement, project: Project) -> list[Release]:
    """Pre-releases only where the specifier names one, or where there is nothing else (PEP 440)."""
    versions = {release.version: release for release in project.releases}
    found = sorted(requirement.specifier.filter(versions))
    if not found:
        newest = f" (the newest is {max(versions)})" if versions else ""
        hint = "Change the specifier" if requirement.specifier else "Choose a later --as-of"
        raise InputError(f"no release of {project.name} matches {requirement}{newest}", f"{hint}.")
    return [versions[version] for version in found]


def _refused(release: Release, requirement: Requirement, target: Target, *, compiled: bool) -> LeftOut | None:
    """Why a release is not offered on the target, if so."""
    if release.yanked is not None and not _is_pinned(requirement):
        return LeftOut(release.version, Why.YANKED, release.yanked or "yanked")
    accepting = [f for f in release.files if _accepts(f, target)]
    if not accepting:
        asked = sorted({str(f.requires_python) for f in release.files if f.requires_python is not None})
        return LeftOut(release.version, Why.OTHER_PYTHON, f"requires Python {' or '.join(asked)}")
    if installable_wheel(accepting, target) is not None:
        return None
    if compiled or not any(is_sdist(f) for f in accepting):
        platform = _PLATFORMS.get(target.platform, target.platform)
        return LeftOut(
            release.version, Why.NO_WHEEL, f"has no wheel for Python {target.python_text} on {platform}"
        )
    return None


def _accepts(file: File, target: Target) -> bool:
    specifier = file.requires_python
    return specifier is None or specifier.contains(f"{target.python_text}.99", prereleases=True)


def _is_pinned(requirement: Requirement) -> bool:
    return any(s.operator in ("==", "===") and "*" not in s.version for s in requirement.specifier)


def _is_for_one_platform(file: File) -> bool:
    return file.is_wheel and not file.filename.endswith("-any.whl")


def _newest_of_lines(versions: Iterable[Version]) -> list[Version]:
    """The last version of each minor line; the versions are in ascending order."""
    lines: dict[tuple[int, tuple[int, ...]], Version] = {}
    for version in versions:
        lines[version.epoch, version.release[:2]] = version
    return list(lines.values())


def _nothing_left(axis: Axis, target: Target) -> InputError:
    last = axis.left_out[-1]
    return InputError(
        f"no release of {axis.name} can be installed on Python {target.python_text}: {axis.name} {last.version}"
        f" {last.reason}",
        _HINTS.get(last.why),
    )


def without(axis: Axis, gone: Sequence[LeftOut]) -> Axis:
    """The axis without some more releases."""
    names = {one.version for one in gone}
    return Axis(
        axis.requirement,
        axis.name,
        tuple(v for v in axis.versions if v not in names),
        tuple(sorted((*axis.left_out, *gone), key=lambda one: one.version)),
        axis.passed_over,
    )


_HINTS = {
    Why.OTHER_PYTHON: "Choose another Python with --python-version.",
    Why.NO_WHEEL: "Choose another Python with --python-version, or let sources in with --from-source.",
}
