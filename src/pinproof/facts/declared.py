"""What a project declares of itself: its name, its Python, its requirements and where they come from.

uv reads the same files and decides what they mean together; this is what judgement has to know of them.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.dependency_groups import DependencyGroupResolver
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pinproof.errors import DynamicError, InputError
from pinproof.facts.locks.pinned import Include, Indexes, place
from pinproof.facts.locks.requirements import (
    Line,
    is_direct,
    logical_lines,
    options_of,
    parsed,
    split_options,
    with_options,
)
from pinproof.facts.locks.text import readable
from pinproof.facts.policy import policy_of_table
from pinproof.model.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Declared:
    """What one file declares. `name` and `version` are empty where it says none."""

    filename: str
    requirements: tuple[Requirement, ...] = ()
    name: str = ""
    version: str = ""
    requires_python: str = ""
    includes: tuple[Include, ...] = ()
    indexes: Indexes = field(default_factory=Indexes)
    policy: Policy = field(default_factory=Policy)


# --- pyproject.toml --------------------------------------------------------------------------------------


def read_pyproject(
    text: str | bytes,
    filename: str = "pyproject.toml",
    *,
    extras: Collection[str] = (),
    groups: Collection[str] = (),
) -> Declared:
    """The declarations of a project (PEP 621), with these extras and dependency groups (PEP 735).

    InputError, with file and line, for what is not TOML, for a requirement that is none, and for requirements
    that only a build could tell.
    """
    source = readable(text, filename)
    document = _toml(source, filename)
    project = _table(document, "project", filename)
    if "dependencies" in project.get("dynamic", ()):
        raise DynamicError(
            f"{place(filename, _line_of(source, 'dynamic'))}: the dependencies are dynamic: only a build tells them",
            hint="Name the file that they are read from instead, like `pinproof lock requirements.in`.",
        )
    optional = project.get("optional-dependencies", {})
    texts = list(project.get("dependencies", ()))
    for extra in extras:
        if extra not in optional:
            raise InputError(f"{filename}: there is no extra {extra!r}{_there_are(optional)}")
        texts += optional[extra]
    texts += _of_groups(document, groups, filename)
    return Declared(
        filename,
        tuple(_requirement(entry, source, filename) for entry in texts),
        str(project.get("name", "")),
        str(project.get("version", "")),
        _python(str(project.get("requires-python", "")), source, filename),
        indexes=_uv_indexes(document),
        policy=policy_of_table(document, source, filename),
    )


def declares_requirements(text: str | bytes, filename: str) -> bool:
    """Whether a `pyproject.toml` is there for more than the settings of tools."""
    document = _toml(readable(text, filename), filename)
    return "project" in document or "dependency-groups" in document


def read_policy(text: str | bytes, filename: str) -> Policy:
    """The policy alone, of a `pyproject.toml` that declares nothing else of what is to be locked."""
    source = readable(text, filename)
    return policy_of_table(_toml(source, filename), source, filename)


def names_of_parts(text: str | bytes, filename: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the extras and of the dependency groups of a project."""
    document = _toml(readable(text, filename), filename)
    extras = _table(document, "project", filename).get("optional-dependencies", {})
    return tuple(extras), tuple(_table(document, "dependency-groups", filename))


def _of_groups(document: Mapping[str, Any], groups: Collection[str], filename: str) -> list[str]:
    declared = document.get("dependency-groups", {})
    found: list[str] = []
    for group in groups:
        if group not in declared:
            raise InputError(f"{filename}: there is no dependency group {group!r}{_there_are(declared)}")
        try:
            found += map(str, DependencyGroupResolver(declared).resolve(group))
        except (ValueError, LookupError, TypeError, ExceptionGroup) as error:
            raise InputError(f"{filename}: the dependency group {group!r} cannot be read: {error}") from error
    return found


def _there_are(names: Iterable[str]) -> str:
    return f", there are {', '.join(sorted(names))}" if list(names) else ""


def _uv_indexes(document: Mapping[str, Any]) -> Indexes:
    """The indexes of `[tool.uv]`; uv reads them itself, judgement takes the sources from the same places."""
    settings = document.get("tool", {}).get("uv", {})
    settings = {**settings.get("pip", {}), **settings}
    tables = [t for t in settings.get("index", ()) if isinstance(t, dict) and "url" in t]
    default = [str(t["url"]) for t in tables if t.get("default")]
    further = [str(t["url"]) for t in tables if not t.get("default")]
    further += [str(url) for url in settings.get("extra-index-url", ())]
    return Indexes(default[0] if default else settings.get("index-url"), tuple(further))


# --- scripts ---------------------------------------------------------------------------------------------

_BLOCK = re.compile(r"(?m)^# /// (?P<kind>[a-zA-Z0-9-]+)$\s(?P<content>(?:^#(?: .*)?$\s)+)^# ///$")


def read_script(text: str | bytes, filename: str) -> Declared:
    """The declarations of a script (PEP 723). InputError where it has none, or more than one."""
    source = readable(text, filename).replace("\r\n", "\n")
    blocks = [m for m in _BLOCK.finditer(source) if m["kind"] == "script"]
    if len(blocks) != 1:
        told = "has more than one block" if blocks else "has no block"
        raise InputError(
            f"{filename}: {told} of declarations (PEP 723)",
            hint="A script declares what it needs between `# /// script` and `# ///`.",
        )
    lines = blocks[0]["content"].splitlines()
    content = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    above = source.count("\n", 0, blocks[0].start()) + 1
    document = _toml(content, filename, above)
    return Declared(
        filename,
        tuple(_requirement(entry, source, filename) for entry in document.get("dependencies", ())),
        requires_python=_python(str(document.get("requires-python", "")), source, filename),
        indexes=_uv_indexes(document),
        policy=policy_of_table(document, content, filename, above),
    )


# --- setup.cfg -------------------------------------------------------------------------------------------


def read_setup_cfg(
    text: str | bytes, filename: str = "setup.cfg", *, extras: Collection[str] = ()
) -> Declared:
    """The declarations of setuptools' `setup.cfg`. InputError for what only a build could tell."""
    source = readable(text, filename)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(source, filename)
    except configparser.Error as error:
        line = getattr(error, "lineno", None)
        raise InputError(f"{place(filename, line)}: cannot be read: {str(error).splitlines()[0]}") from error
    texts = list(_listed(parser.get("options", "install_requires", fallback=""), source, filename))
    for extra in extras:
        if not parser.has_option("options.extras_require", extra):
            known = (
                parser.options("options.extras_require")
                if parser.has_section("options.extras_require")
                else ()
            )
            raise InputError(f"{filename}: there is no extra {extra!r}{_there_are(known)}")
        texts += _listed(parser.get("options.extras_require", extra), source, filename)
    version = parser.get("metadata", "version", fallback="")
    return Declared(
        filename,
        tuple(_requirement(entry, source, filename) for entry in texts),
        parser.get("metadata", "name", fallback=""),
        "" if ":" in version else version,
        _python(parser.get("options", "python_requires", fallback=""), source, filename),
    )


def _listed(value: str, source: str, filename: str) -> Iterator[str]:
    """The requirements of a value: one on each line, or between semicolons in the same line as the key."""
    if value.startswith("file:"):
        line = _line_of(source, value)
        raise DynamicError(
            f"{place(filename, line)}: the requirements are in another file ({value.partition(':')[2].strip()})",
            hint="Name that file instead.",
        )
    lines = value.splitlines() if "\n" in value else value.split(";")
    for each in lines:
        entry = re.sub(r"(^|\s)#.*$", "", each).strip()
        if entry:
            yield entry


# --- requirements.in -------------------------------------------------------------------------------------


def read_requirements_in(text: str | bytes, filename: str = "requirements.in") -> Declared:
    """The declarations of a requirements file, which need not pin anything.

    Includes are named, not followed. What stands for no release of an index (paths, URLs) is left out.
    """
    requirements: list[Requirement] = []
    includes: list[Include] = []
    indexes = Indexes()
    for number, content in logical_lines(readable(text, filename)):
        line = Line(filename, number, content)
        wanted, options_text = split_options(content)
        if wanted and not is_direct(wanted):
            requirements.append(parsed(line, wanted))
        if not options_text:  # of long files most lines
            continue
        options = options_of(options_text, line)
        includes += [Include(path, number) for path in options.requirement or ()]
        includes += [Include(path, number, is_constraint=True) for path in options.constraint or ()]
        indexes = with_options(indexes, options)
    return Declared(filename, tuple(requirements), includes=tuple(includes), indexes=indexes)


# --- what they have in common ----------------------------------------------------------------------------

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def _toml(source: str, filename: str, above: int = 0) -> dict[str, Any]:
    try:
        return tomllib.loads(source.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        line = int(found[1]) + above if found and found[1] else None
        told = str(error).removesuffix(found[0] if found else "")
        raise InputError(f"{place(filename, line)}: not valid TOML: {told}") from error
    except RecursionError as error:
        raise InputError(f"{filename}: not valid TOML: nested too deep") from error


def _table(document: Mapping[str, Any], name: str, filename: str) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{filename}: {name!r} is not a table")
    return table


def _requirement(entry: object, source: str, filename: str) -> Requirement:
    try:
        return Requirement(str(entry))
    except (InvalidRequirement, RecursionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        where = place(filename, _line_of(source, str(entry)))
        raise InputError(f"{where}: cannot read the requirement {str(entry)!r}: {reason}") from error


def _python(specifier: str, source: str, filename: str) -> str:
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier as error:
        where = place(filename, _line_of(source, specifier))
        raise InputError(f"{where}: {specifier!r} says nothing about a Python") from error
    return specifier


def _line_of(source: str, text: str) -> int | None:
    """The first line that has this text, for messages."""
    at = source.find(text)
    return None if at < 0 else source.count("\n", 0, at) + 1
