"""Core metadata: what a distribution says about itself and what it asks for (PEP 314, 345, 566, 643, 685)."""

from __future__ import annotations

import configparser
import re
from typing import TYPE_CHECKING

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinproof.model.distribution import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from packaging.metadata import RawMetadata
    from packaging.utils import NormalizedName

_END_OF_HEADERS = "\n\n"


def read_metadata(text: bytes | str, entry_points: str = "") -> Metadata:
    """What METADATA or PKG-INFO says; `entry_points` is the text of entry_points.txt.

    Never raises: undecodable bytes are replaced, and fields that are missing or given twice where one is
    meant are empty, `name` and `version` too, so that callers fall back on the file name.
    """
    raw = _raw(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
    return Metadata(
        name=raw.get("name", "").strip(),
        version=raw.get("version", "").strip(),
        requires_dist=tuple(_one_line(r) for r in raw.get("requires_dist", ())),
        requires_python=_one_line(raw.get("requires_python", "")) or None,
        provides_extra=tuple(_one_line(e) for e in raw.get("provides_extra", ())),
        entry_points=read_entry_points(entry_points),
    )


def read_entry_points(text: str) -> dict[str, dict[str, str]]:
    """Groups of `name -> object reference`; an unreadable file has none."""
    parser = configparser.RawConfigParser(
        delimiters=("=",), strict=False, allow_no_value=True, default_section="\0"
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # the documented way to keep case
    try:
        parser.read_string(text.removeprefix("\ufeff"))
    except (configparser.Error, ValueError, TypeError, AttributeError):
        # The last two come out of configparser itself for odd continuation lines.
        return {}
    return {group: {k: v for k, v in parser.items(group) if v} for group in parser.sections()}


def requirements(metadata: Metadata) -> tuple[Requirement, ...]:
    """The requirements that can be read, after the repairs that installers make; the others are left out."""
    return tuple(r for text in metadata.requires_dist if (r := read_requirement(text)) is not None)


_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


def extras_of(metadata: Metadata) -> frozenset[NormalizedName]:
    """The extras that there are, by their normalised names (PEP 685): those that it lists, and those of its markers."""
    marked = (name for text in metadata.requires_dist for name in _EXTRA.findall(text))
    return frozenset(canonicalize_name(name) for name in (*metadata.provides_extra, *marked))


def read_requirement(text: str) -> Requirement | None:
    """A requirement as old metadata spells it, or None: `>=1.*`, `>=1 <2`, trailing commas are understood.

    A version that was none even then (`pytz>=2011k`) says nothing.
    """
    for candidate in (text, _repaired(text), _without_odd_versions(_repaired(text))):
        try:
            return Requirement(candidate)
        except (InvalidRequirement, RecursionError):
            continue
    return None


def requires_txt(text: str) -> tuple[str, ...]:
    """The requirements of an `egg-info/requires.txt` as PEP 508 strings.

    Sections are `[extra]`, `[:marker]` or `[extra:marker]` and become markers of the requirements below them.
    """
    return tuple(_with_section(line, section) for section, line in _sectioned(text))


def _raw(text: str) -> RawMetadata:
    """The header fields alone: parsing descriptions would take most of the time."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").lstrip("\n")
    headers, _, _ = text.partition(_END_OF_HEADERS)
    try:
        raw, _ = parse_email(headers)
    except (ValueError, LookupError, AssertionError):
        return {}
    return raw


def _one_line(text: str) -> str:
    return " ".join(text.split())


_REPAIRS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=\d)\s+(?=[<>=!~])"), ","),  # `>=1 <2`
    (re.compile(r"(?<=[\d*])(?=[<>!~]=?)"), ","),  # `>=1<2`
    (re.compile(r"([<>]=?)\s*(\d+(?:\.\d+)*)\.\*"), r"\1\2"),  # `>=1.*`
    (re.compile(r"!=\s*~\s*"), "!="),  # `!=~5.0`
    (re.compile(r"([!=]=\s*\d+(?:\.\d+)*)(?<!\.)\*"), r"\1.*"),  # `!=1.0*`
    (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="),
    (re.compile(r",\s*(?=,|\)|$)"), ""),  # trailing and double commas
    (re.compile(r"(?<=[\d*])['\"]\s*$"), ""),  # a stray quote
)


def _repaired(text: str) -> str:
    """The mistakes of old metadata that pip and uv forgive, put right in the part before the marker."""
    requirement, semicolon, marker = text.partition(";")
    for pattern, replacement in _REPAIRS:
        requirement = pattern.sub(replacement, requirement)
    return requirement + semicolon + marker


_CLAUSE = re.compile(r"(?:[<>!~]=?|={2,3})\s*([^\s,;()<>=!~]+)\s*,?")


def _without_odd_versions(text: str) -> str:
    """The requirement without the clauses that name no version of PEP 440."""
    requirement, semicolon, marker = text.partition(";")
    kept = _CLAUSE.sub(lambda clause: clause[0] if _is_version(clause[1]) else " ", requirement)
    return re.sub(r"\(\s*\)", "", kept).rstrip(", ") + semicolon + marker


def _is_version(text: str) -> bool:
    try:
        Version(text.removesuffix(".*"))
    except InvalidVersion:
        return False
    return True


def _sectioned(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for raw_line in text.splitlines():
        line = raw_line.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif line and not line.startswith("#"):
            yield section, line


def _with_section(line: str, section: str) -> str:
    extra, _, section_marker = section.partition(":")
    requirement, _, own_marker = line.partition(" ;" if "@" in line else ";")
    conditions = [m.strip() for m in (own_marker, section_marker) if m.strip()]
    if extra.strip():
        conditions.append(f'extra == "{extra.strip()}"')
    if len(conditions) > 1:
        conditions = [f"({c})" if " or " in c else c for c in conditions]
    return f"{requirement.strip()} ; {' and '.join(conditions)}" if conditions else requirement.strip()
