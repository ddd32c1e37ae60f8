"""A lock file and all that it includes, read from disk and seen as one set."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.actions.markers import marker_environment
from pinproof.errors import InputError
from pinproof.facts.locks import read_lock
from pinproof.facts.locks.pinned import place
from pinproof.model.report import Place
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from packaging.utils import NormalizedName

    from pinproof.facts.locks import Include, Indexes, PinnedFile
    from pinproof.facts.locks.pinned import Whereabouts
    from pinproof.model.release import Pin, Target

    Read = Callable[[Path, str], bytes]
    """Gives the content of a file; the second is the line that includes it, for messages."""

MAX_BYTES = 50 * 1024 * 1024
_PATCHES = 100  # more than any Python has had
TRIED = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.txt")
"""What is looked for in a folder: where there are several the first is taken."""

_NAME_A_FILE = "Name the file: `pinproof verify PATH`."


@dataclass(frozen=True, slots=True)
class Unreleased:
    """An entry that stands for no release of an index, and why; `folder` is that of the file that has it."""

    name: str
    reason: str
    at: Place
    folder: Path
    lies: Whereabouts | None = None

    def not_checked(self, more: str = "") -> NotChecked:
        """The entry as something that could not be judged; `more` says why not even on this machine."""
        reason = f"{self.reason}; {more}" if more else self.reason
        return NotChecked(self.name, f"{place(self.at.filename, self.at.line)}: {reason}")


@dataclass(frozen=True, slots=True)
class GivenSet:
    """The set that a file pins for a target; `unreleased` are entries that stand for no release of an index.

    `left_out` is what of it cannot be judged. `places` are the lines of the pins, in this file or one that it includes.
    `projects` are the folders of the projects that the set was made for, whose own source asks for it: what
    reads such source finds it there. `hashes` are those of the files that a pin allows, as `sha256:…`.
    """

    filename: str
    pins: tuple[Pin, ...]
    left_out: tuple[NotChecked, ...] = ()
    unreleased: tuple[Unreleased, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    projects: tuple[Path, ...] = ()
    places: Mapping[NormalizedName, Place] = field(default_factory=dict)
    hashes: Mapping[NormalizedName, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The file to judge, and the others in its folder that could have been meant.

    `project` is the folder that was named instead of a file: its own source belongs to it.
    """

    path: Path
    passed_over: tuple[Path, ...] = ()
    project: Path | None = None


def find_target(given: str | None, folder: Path) -> Chosen:
    """The file to judge: the one named, else the first in the folder named, else in this one.

    InputError if there is none.
    """
    path = seen_from(folder, Path(given)) if given is not None else Path()
    try:
        is_folder = (folder / path).is_dir()
    except (OSError, ValueError):  # reading it will say what is wrong with the name
        is_folder = False
    if not is_folder:
        return Chosen(path)
    found = [path / name for name in TRIED if (folder / path / name).is_file()]
    if not found:
        names = ", ".join(TRIED)
        raise InputError(f"nothing to verify: none of {names} in {folder / path}", hint=_NAME_A_FILE)
    return Chosen(found[0], tuple(found[1:]), path)


def seen_from(folder: Path, path: Path) -> Path:
    """The path as seen from a folder: what reads annotations looks for files below the folder of the run."""
    return path.relative_to(folder) if path.is_absolute() and path.is_relative_to(folder) else path


def read_set(path: Path, target: Target, read: Read | None = None) -> GivenSet:
    """Read a lock file with its includes; `read` gives the content of each, from disk unless it says otherwise.

    InputError, with file and line, for what cannot be read, contradicts itself, includes itself or pins nothing.
    """
    reading = _Reading(target, read or content)
    reading.read(path)
    if not reading.pins and not reading.unreleased:
        raise InputError(
            f"{path}: nothing to verify: it pins nothing for this target",
            hint="Is it the right file, and the right --python-version?",
        )
    return GivenSet(
        str(path),
        tuple(pin for pin, _ in reading.pins.values()),
        (),
        tuple(reading.unreleased),
        reading.index_url,
        tuple(dict.fromkeys(reading.extra_index_urls)),
        tuple(reading.projects),
        {
            pin.name: Place(filename, pin.line)
            for pin, filename in reading.pins.values()
            if pin.line is not None
        },
        reading.hashes,
    )


@dataclass
class _Reading:
    """What was read so far; a pin is kept with the file that has it, for messages."""

    target: Target
    content: Read
    pins: dict[NormalizedName, tuple[Pin, str]] = field(default_factory=dict)
    constraints: dict[NormalizedName, tuple[Pin, str]] = field(default_factory=dict)
    unreleased: list[Unreleased] = field(default_factory=list)
    hashes: dict[NormalizedName, tuple[str, ...]] = field(default_factory=dict)
    index_url: str | None = None
    extra_index_urls: list[str] = field(default_factory=list)
    projects: list[Path] = field(default_factory=list)

    def read(self, path: Path) -> None:
        self._read(path, place="", above={}, as_constraint=False)
        for name, (pin, filename) in self.constraints.items():
            if name in self.pins:
                _agree(self.pins[name], (pin, filename))

    def _read(self, path: Path, place: str, above: Mapping[Path, str], *, as_constraint: bool) -> None:
        """Read one file; `place` is where it is included, `above` the files on the way here and their places."""
        resolved = _resolved(path)
        if resolved in above:
            raise InputError(
                f"{place}: includes {path}, which includes this file again in {above[resolved]}",
                hint="Remove one of the two includes.",
            )
        beside = project_beside(path, self.content)
        file = read_lock(self.content(path, place), str(path), beside, constraints=as_constraint)
        self._take(file, path.parent, as_constraint=as_constraint)
        self.projects += [path.parent / folder for folder in file.projects]
        for include in file.includes:
            here = f"{path}:{include.line}"
            self._include(path, include, here, {**above, resolved: here}, as_constraint=as_constraint)

    def _include(
        self, path: Path, include: Include, here: str, above: Mapping[Path, str], *, as_constraint: bool
    ) -> None:
        if "://" in include.path:
            reason = "a file that is not on this machine"
            self.unreleased.append(
                Unreleased(include.path, reason, Place(str(path), include.line), path.parent)
            )
            return
        included = path.parent / include.path
        self._read(included, here, above, as_constraint=as_constraint or include.is_constraint)

    def _take(self, file: PinnedFile, folder: Path, *, as_constraint: bool) -> None:
        """A constraints file that is included installs nothing: it only must not contradict."""
        _check_python(file, self.target)
        environment = marker_environment(self.target)
        known = self.constraints if as_constraint else self.pins
        for pin in file.pins(environment):
            _agree(known.setdefault(pin.name, (pin, file.filename)), (pin, file.filename))
        if not as_constraint:
            self.unreleased += [
                Unreleased(e.name, e.reason, Place(file.filename, e.line), folder, e.lies)
                for e in file.unchecked(environment)
            ]
            self.hashes |= file.hashes(environment)
        self._take_indexes(file.indexes, file.filename)

    def _take_indexes(self, indexes: Indexes, filename: str) -> None:
        if indexes.no_index:
            raise InputError(
                f"{filename}: --no-index leaves nothing to read the packages from",
                hint="Folders of --find-links cannot be read yet. Take the line out, or verify without it.",
            )
        if indexes.index_url is not None:
            self.index_url = _expanded(indexes.index_url)
        self.extra_index_urls += [_expanded(url) for url in indexes.extra_index_urls]


def project_beside(path: Path, read: Read) -> bytes | None:
    """The pyproject.toml in the folder of a lock file; None where there is none that can be read."""
    try:
        return read(path.parent / "pyproject.toml", "")
    except (InputError, OSError, ValueError):
        return None


def _check_python(file: PinnedFile, target: Target) -> None:
    """A set that was made for other Pythons says nothing about this one."""
    wanted = file.requires_python
    patches = (f"{target.python_text}.{patch}" for patch in range(_PATCHES))
    if wanted is not None and not any(wanted.contains(patch, prereleases=True) for patch in patches):
        raise InputError(
            f"{file.filename}: made for Python {wanted}, which Python {target.python_text} is not",
            hint="Name one that it was made for: --python-version X.Y.",
        )


def content(path: Path, included_at: str = "") -> bytes:
    """The bytes of a file. InputError, naming the line that includes it, for what is no readable file."""
    told = f"{included_at}: cannot read {path}" if included_at else f"cannot read {path}"
    try:
        if path.is_dir():
            raise InputError(f"{told}: it is a folder", hint="Name the lock file inside it.")
        if path.exists() and not path.is_file():
            raise InputError(f"{told}: it is no regular file")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{told}: it is larger than {MAX_BYTES // 1024**2} MB, which no lock file is")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{told}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{told}: {getattr(error, 'strerror', None) or error}") from None


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL: reading will report it
        return path


def _agree(first: tuple[Pin, str], second: tuple[Pin, str]) -> None:
    (one, one_file), (other, other_file) = first, second
    if one.version != other.version:
        raise InputError(
            f"{place(other_file, other.line)}: {other.name} is pinned to {other.version}, "
            f"and to {one.version} in {place(one_file, one.line)}",
            hint="Keep one of the two, or give them markers that exclude each other.",
        )


_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


def _expanded(url: str) -> str:
    """The URL with the environment variables that pip lets stand for credentials."""
    return _VARIABLE.sub(lambda m: os.environ.get(m[1], m[0]), url)
