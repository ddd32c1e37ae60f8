"""Pinned `requirements.txt` files, read line by line as pip reads them.

Source: pip's documentation of the requirements file format and `pip._internal.req.req_file`.
"""

from __future__ import annotations

import optparse
import re
import shlex
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.errors import InputError
from pinproof.facts.locks.graph import Need
from pinproof.facts.locks.pinned import (
    Include,
    Indexes,
    Locked,
    PinnedFile,
    Unpinned,
    Whereabouts,
    commit_of,
    path_of,
    place,
)
from pinproof.facts.locks.text import readable
from pinproof.model.release import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

_COMMENT = re.compile(r"(^|\s+)#.*$")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://|[/\\.])|(?:git|hg|svn|bzr)\+")
_ARCHIVE = re.compile(
    r"\.(?:whl|zip|tar\.gz|tgz|tar|tar\.bz2|tbz|tar\.xz|txz|tlz|tar\.lz|tar\.lzma)$", re.IGNORECASE
)
_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
_HASH = re.compile("|".join(f"{kind}:[0-9a-fA-F]{{{count}}}" for kind, count in _DIGITS.items()))
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][\w.-]*)")
_PIN_IT = "Pin everything first: `uv pip compile` or `pinproof solve` write a complete set."


def read_requirements(text: str | bytes, filename: str = "requirements.txt") -> PinnedFile:
    """Read a requirements file in which everything is pinned with `==`.

    Markers are kept, `-r` and `-c` are returned as includes, `${VARIABLES}` are left as they are. URLs,
    repositories and paths are returned as not checked. InputError, with file and line, for a requirement
    that is not pinned and for a line that is none.
    """
    return _read(text, filename, constraints=False)


def read_constraints(text: str | bytes, filename: str = "constraints.txt") -> PinnedFile:
    """Read a file of constraints like one of requirements; what it only bounds is returned as not checked."""
    return _read(text, filename, constraints=True)


def _read(text: str | bytes, filename: str, *, constraints: bool) -> PinnedFile:
    found = _Found(constraints)
    for number, line in logical_lines(readable(text, filename)):
        _read_line(Line(filename, number, line), found)
    return PinnedFile(
        filename,
        locked=tuple(found.locked),
        not_checked=tuple(found.not_checked),
        includes=tuple(found.includes),
        indexes=found.indexes,
    )


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with the number of their first physical line.

    A backslash at the end joins the next line, except in a comment; ` #` starts a comment, `#` inside a
    word does not.
    """
    for number, joined in _joined(text):
        line = _COMMENT.sub("", joined).strip()
        if line:
            yield number, line


def _joined(text: str) -> Iterator[tuple[int, str]]:
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), start=1):
        is_comment = _COMMENT.match(line) is not None
        if not parts:
            first = number
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        # The space makes sure that a comment after a continued line is seen as one.
        yield first, "".join([*parts, f" {line}" if is_comment else line])
        parts = []
    if parts:
        yield first, "".join(parts)


class _Found:
    """What has been read so far."""

    def __init__(self, constraints: bool) -> None:
        self.constraints = constraints
        self.locked: list[Locked] = []
        self.not_checked: list[Unpinned] = []
        self.includes: list[Include] = []
        self.indexes = Indexes()


@dataclass(frozen=True, slots=True)
class Line:
    filename: str
    number: int
    text: str

    def wrong(self, message: str, hint: str | None = None) -> InputError:
        return InputError(f"{place(self.filename, self.number)}: {message}", hint)


def _read_line(line: Line, found: _Found) -> None:
    requirement, options_text = split_options(line.text)
    if not options_text:  # of long files most lines, and looking for options takes the longest
        _read_requirement(line, requirement, (), found)
        return
    options = options_of(options_text, line)
    if requirement:
        _read_requirement(line, requirement, tuple(options.hash or ()), found)
    elif options.editable:
        found.not_checked += [_direct(line, path, "an editable install") for path in options.editable]
    found.includes += [Include(path, line.number) for path in options.requirement or ()]
    found.includes += [Include(path, line.number, is_constraint=True) for path in options.constraint or ()]
    found.indexes = with_options(found.indexes, options)


def _read_requirement(line: Line, text: str, hashes: tuple[str, ...], found: _Found) -> None:
    for value in hashes:
        if not _HASH.fullmatch(value):
            raise line.wrong(f"not a hash: {value!r}", hint="A hash looks like --hash=sha256:0123….")
    if is_direct(text):
        found.not_checked.append(_direct(line, text, "a direct reference"))
        return
    requirement = parsed(line, text)
    if requirement.url is not None:
        reason = f"it comes from {described(requirement.url)}"
        lies = whereabouts(requirement.url)
        found.not_checked.append(Unpinned(requirement.name, reason, line.number, requirement.marker, lies))
        return
    if found.constraints and not exacts(requirement):
        reason = f"{str(requirement)!r} is not pinned to one version"
        found.not_checked.append(Unpinned(requirement.name, reason, line.number, requirement.marker))
        return
    pin = Pin(canonicalize_name(requirement.name), _exact(line, requirement), line=line.number)
    found.locked.append(Locked(pin, requirement.marker, frozenset(requirement.extras), hashes))


def parsed(line: Line, text: str) -> Requirement:
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        hint = None
        if re.search(r"(?<![=<>!~])=(?!=)", text.partition(";")[0]):
            hint = "Use == to pin a version."
        elif "${" in text:
            hint = "Environment variables can stand for parts of URLs only."
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise line.wrong(f"cannot read {text!r}: {reason}", hint) from error


def exacts(requirement: Requirement) -> list[Specifier]:
    """The specifiers that allow one version only."""
    return [s for s in requirement.specifier if s.operator in {"==", "==="} and not s.version.endswith(".*")]


def _exact(line: Line, requirement: Requirement) -> Version:
    """The one version that `==1.2.3` or `===1.2.3` allows."""
    exact = exacts(requirement)
    if not exact:
        raise line.wrong(f"{str(requirement)!r} is not pinned to one version", hint=_PIN_IT)
    try:
        version = Version(exact[0].version)
    except InvalidVersion as error:
        raise line.wrong(f"{exact[0].version!r} is not a version", hint="See PEP 440.") from error
    if not requirement.specifier.contains(version, prereleases=True):
        raise line.wrong(f"{str(requirement)!r} contradicts itself")
    return version


def need_of(text: object) -> Need | None:
    """A requirement as an edge of a graph; None for what is none."""
    try:
        requirement = Requirement(str(text))
    except (InvalidRequirement, RecursionError):
        return None
    return Need(
        canonicalize_name(requirement.name),
        requirement.marker,
        frozenset(requirement.extras),
        allowed=(requirement.specifier,),
    )


def is_direct(text: str) -> bool:
    """Whether pip takes this for a URL or a path: `name @ URL` is not meant here."""
    head = re.split(r"(?<!\s)(?:\s*;\s|\s+@\s)", text, maxsplit=1)[0]
    if re.match(r"[\w.-]+(?:\[[^\]]*\])?\s*@", text):
        return False
    return bool(
        _SCHEME.match(head)
        or head.startswith((".", "/", "\\", "~"))
        or "/" in re.split(r"[;\[<>=!~]", head, maxsplit=1)[0]
        or _ARCHIVE.search(head.partition("#")[0])
    )


def _direct(line: Line, text: str, what: str) -> Unpinned:
    reference, marker_text = [*re.split(r"(?<!\s)\s*;\s", text, maxsplit=1), ""][:2]
    try:
        marker = Marker(marker_text) if marker_text.strip() else None
    except (InvalidMarker, RecursionError) as error:
        raise line.wrong(f"cannot read the marker {marker_text.strip()!r}") from error
    told = described(reference)
    name, lies = direct_name(reference), whereabouts(reference)
    return Unpinned(name, f"{what}: {told}", line.number, marker, lies)


_SUBDIRECTORY = re.compile(r"[#&]subdirectory=([^&]+)")


def whereabouts(reference: str) -> Whereabouts | None:
    """Where the source of a direct reference may lie on this machine; None for what is only elsewhere."""
    below = found[1] if (found := _SUBDIRECTORY.search(reference)) else ""
    if reference.startswith("git+"):
        return Whereabouts(commit=commit_of(reference.partition("#")[0].rpartition("@")[2]), below=below)
    path = re.sub(r"\[[\w.,\s-]*\]$", "", path_of(reference).partition("#")[0].strip())
    return Whereabouts(path, below=below) if path and not re.match(r"(?:hg|svn|bzr)\+", reference) else None


def direct_name(reference: str) -> str:
    """The name that a URL or path tells: `#egg=NAME`, else that of the archive or the last folder."""
    if egg := _EGG.search(reference):
        return egg[1]
    last = re.split(r"[/\\]", re.split(r"[#?]", reference, maxsplit=1)[0].rstrip("/\\"))[-1]
    last = last.partition("@")[0] if "+" in reference.partition(":")[0] else last
    if _ARCHIVE.search(last):
        return last.split("-")[0]
    return last.removesuffix(".git") or described(reference)


def described(reference: str) -> str:
    """The reference without user name, password or token."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", reference.strip())


def split_options(text: str) -> tuple[str, str]:
    """The requirement, and the options from the first word that begins with a dash."""
    words = text.split(" ")
    start = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:start]).strip(), " ".join(words[start:])


class _Parser(optparse.OptionParser):
    """optparse, as in pip: `-r=x`, abbreviations and `-ifoo` mean the same here as there."""

    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)


_MANY_VALUES: tuple[tuple[str, ...], ...] = (
    ("--extra-index-url",),
    ("-f", "--find-links"),
    ("-r", "--requirement"),
    ("-c", "--constraint"),
    ("-e", "--editable"),
    ("--hash",),
    ("--use-feature",),
    ("--no-binary",),
    ("--only-binary",),
    ("--trusted-host",),
    ("--global-option",),
    ("--install-option",),
    ("-C", "--config-setting", "--config-settings"),
)
_QUOTING = re.compile(r"""['"\\]""")
_FLAGS = ("--no-index", "--prefer-binary", "--require-hashes", "--pre")


@lru_cache(maxsize=1)
def _parser() -> _Parser:
    parser = _Parser(add_help_option=False)
    parser.add_option("-i", "--index-url", "--pypi-url")
    for names in _MANY_VALUES:
        parser.add_option(*names, action="append")
    for flag in _FLAGS:
        parser.add_option(flag, action="store_true", default=False)
    return parser


def options_of(text: str, line: Line) -> optparse.Values:
    try:
        # Of long files most words are hashes, and taking them apart for quotes takes longer than all the rest.
        words = shlex.split(text) if _QUOTING.search(text) else text.split()
        values, rest = _parser().parse_args(words)
    except ValueError as error:
        raise line.wrong(f"cannot read {described(line.text)!r}: {error}") from error
    if rest:
        raise line.wrong(f"cannot read {described(line.text)!r}: unexpected {rest[0]!r}")
    return values


def with_options(indexes: Indexes, options: optparse.Values) -> Indexes:
    return replace(
        indexes,
        index_url=options.index_url or indexes.index_url,
        extra_index_urls=(*indexes.extra_index_urls, *(options.extra_index_url or ())),
        find_links=(*indexes.find_links, *(options.find_links or ())),
        no_index=indexes.no_index or options.no_index,
    )
