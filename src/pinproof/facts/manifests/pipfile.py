"""`Pipfile`: the packages of each category.

Source: https://pipenv.pypa.io/en/latest/pipfile.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker, default_environment
from packaging.utils import canonicalize_name

from pinproof.facts.locks.project import below
from pinproof.facts.manifests.toml_spans import Path, Spot, parsed, spots
from pinproof.facts.manifests.written import of_table
from pinproof.model.declaration import FilePath, Kind, Manifest, Value, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.model.declaration import Declaration

_NO_CATEGORIES = frozenset(("requires", "scripts", "pipenv", "build-system"))
_ELSEWHERE = ("path", "file", "git", "hg", "svn", "bzr", "editable")
_MAIN = "packages"


def read(text: str, path: FilePath) -> Manifest:
    """What it lists; all but `[packages]` are groups."""
    document, problems = parsed(text)
    places = spots(text)
    categories = {
        name: table
        for name, table in document.items()
        if isinstance(table, dict) and name not in _NO_CATEGORIES
    }
    return Manifest(
        path,
        Kind.PIPFILE,
        text,
        tuple(one for name, table in categories.items() for one in _listed(name, table, places)),
        problems=problems,
        requires_python=_python(document, places),
        groups=frozenset(categories) - {_MAIN},
        elsewhere=frozenset(
            canonicalize_name(name)
            for table in categories.values()
            for name, entry in table.items()
            if isinstance(entry, dict) and any(key in entry for key in _ELSEWHERE)
        ),
    )


def _listed(category: str, table: Mapping[str, Any], places: Mapping[Path, Spot]) -> Iterator[Declaration]:
    for name, entry in table.items():
        settings = entry if isinstance(entry, dict) else {"version": entry}
        spot = places.get((category, name))
        inner = places.get((category, name, "version")) if isinstance(entry, dict) else spot
        if spot is None:
            continue
        extras = settings.get("extras")
        yield of_table(
            name,
            str(settings.get("version", "*")),
            inner.span if inner is not None and inner.plain else None,
            Where.LISTED,
            span=spot.span,
            part="" if category == _MAIN else category,
            marker=_marker(settings),
            extras=frozenset(map(str, extras)) if isinstance(extras, list) else frozenset(),
            comment=spot.comment,
        )


def _marker(settings: Mapping[str, Any]) -> Marker | None:
    """`markers`, and the variables of markers that are keys of their own: `sys_platform = "== 'win32'"`."""
    written = [f"{key} {settings[key]}" for key in default_environment() if key in settings]
    if isinstance(settings.get("markers"), str):
        written.append(f"({settings['markers']})")
    try:
        return Marker(" and ".join(written)) if written else None
    except (InvalidMarker, RecursionError):
        return None


def _python(document: Mapping[str, Any], places: Mapping[Path, Spot]) -> Value | None:
    """`python_version` means that minor line, `python_full_version` that one version."""
    for key, suffix in (("python_full_version", ""), ("python_version", ".*")):
        version, spot = below(document, "requires", key), places.get(("requires", key))
        if isinstance(version, str) and spot is not None and version[:1].isdigit():
            return Value(spot.span, f"=={version}{suffix}")
    return None
