"""`pylock.toml` files (PEP 751)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from packaging.pylock import Pylock, PylockValidationError

from pinproof.errors import InputError
from pinproof.facts.locks.pinned import (
    Indexes,
    Locked,
    PinnedFile,
    Unpinned,
    Whereabouts,
    commit_of,
    place,
)
from pinproof.facts.locks.text import readable
from pinproof.facts.locks.toml import parsed, table_lines
from pinproof.model.release import File, Pin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.pylock import Package, PackageSdist, PackageWheel

_OLD_ENDINGS = (".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".tar.Z")
_LOCK_AGAIN = (
    "Write it again with the tool that made it: `uv export`, `uv pip compile`, `pip lock`, `pdm lock`."
)


def read_pylock(text: str | bytes, filename: str = "pylock.toml") -> PinnedFile:
    """Read a lock file; packages from a repository, a folder or an archive are not checked.

    Files that lie on somebody's disk are left out of a pin. InputError for what is no TOML or not PEP 751.
    """
    readable_text = readable(text, filename)
    document = parsed(readable_text, filename, _LOCK_AGAIN)
    packages = document.get("packages")
    lines = table_lines(readable_text, "packages", len(packages) if isinstance(packages, list) else 0)
    lock = _validated(document, filename, lines)
    entries = [(package, line) for package, line in zip(lock.packages, lines, strict=True)]
    return PinnedFile(
        filename,
        locked=tuple(_locked(package, line) for package, line in entries if _reason(package) is None),
        not_checked=tuple(
            Unpinned(package.name, reason, line, package.marker, _whereabouts(package))
            for package, line in entries
            if (reason := _reason(package)) is not None
        ),
        indexes=_indexes(lock),
        default_groups=frozenset(lock.default_groups or ()),
        requires_python=lock.requires_python,
    )


def _validated(document: dict[str, Any], filename: str, lines: Sequence[int | None]) -> Pylock:
    try:
        return Pylock.from_dict(_with_standard_names(document))
    except PylockValidationError as error:
        number = re.match(r"packages\[(\d+)\]", error.context or "")
        line = lines[int(number[1])] if number and int(number[1]) < len(lines) else None
        reason = error.message.partition("\n")[0] + (f" in {error.context}" if error.context else "")
        message = f"{place(filename, line)}: not a valid lock file (PEP 751): {reason}"
        raise InputError(message, hint=_LOCK_AGAIN) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{filename}: not a valid lock file (PEP 751): {error}", hint=_LOCK_AGAIN) from error


def _with_standard_names(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with a name for each sdist that the standard accepts.

    Old releases have sdists that end in `.tgz` or `.tar.bz2`; uv locks them, and the standard knows none of these.
    """
    packages = document.get("packages")
    if not isinstance(packages, list):
        return document
    return {**document, "packages": [_with_standard_name(package) for package in packages]}


def _with_standard_name(package: Any) -> Any:
    sdist = package.get("sdist") if isinstance(package, dict) else None
    if not isinstance(sdist, dict) or not str(sdist.get("url", "")).endswith(_OLD_ENDINGS):
        return package
    name = f"{package.get('name')}-{package.get('version')}.tar.gz"
    return {**package, "sdist": {**sdist, "name": name}}


def _reason(package: Package) -> str | None:
    """Why a package stands for no release of an index, or None."""
    if package.vcs is not None:
        return f"it comes from a {package.vcs.type} repository"
    if package.directory is not None:
        return f"it is the folder {package.directory.path}"
    if package.archive is not None:
        return "it is an archive outside of any index"
    return "the lock file gives no version" if package.version is None else None


def _whereabouts(package: Package) -> Whereabouts | None:
    """Where its source may lie on this machine."""
    if package.vcs is not None:
        return Whereabouts(commit=commit_of(package.vcs.commit_id), below=package.vcs.subdirectory or "")
    if package.directory is not None:
        return Whereabouts(package.directory.path, below=package.directory.subdirectory or "")
    if package.archive is not None and package.archive.path:
        return Whereabouts(package.archive.path)
    return None


def _locked(package: Package, line: int | None) -> Locked:
    if package.version is None:  # `_reason` has kept these out
        raise AssertionError
    pin = Pin(package.name, package.version, tuple(_files(package)), line)
    return Locked(pin, package.marker)


def _files(package: Package) -> Iterator[File]:
    listing: list[PackageWheel | PackageSdist] = [*(package.wheels or ())]
    if package.sdist is not None:
        listing.append(package.sdist)
    for listed in listing:
        if listed.url:
            yield _file(listed, listed.url, package)


def _file(listed: PackageWheel | PackageSdist, url: str, package: Package) -> File:
    return File(
        filename=url.rpartition("/")[2] if url.endswith(_OLD_ENDINGS) else listed.filename,
        url=url,
        sha256=str(listed.hashes["sha256"]).lower() if "sha256" in listed.hashes else None,
        size=listed.size,
        upload_time=_in_utc(listed.upload_time),
        requires_python=package.requires_python,
    )


def _in_utc(moment: datetime | None) -> datetime | None:
    """PEP 751 wants UTC; a time without a zone is taken for one."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _indexes(lock: Pylock) -> Indexes:
    urls = tuple(dict.fromkeys(p.index for p in lock.packages if p.index))
    return Indexes(index_url=urls[0] if urls else None, extra_index_urls=urls[1:])
