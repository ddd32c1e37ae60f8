"""Which indexes a file names, beside or instead of the usual one.

Sources: the documentation of pip, uv, poetry, pdm and pipenv.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pinproof.facts.locks.pinned import Indexes
from pinproof.facts.locks.project import below, table, tables
from pinproof.model.declaration import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.model.declaration import Manifest

_VALUE = r"""(?:\s*[=:]\s*|\s+)["']?(?P<place>[^\s"'\\;&|]+)"""
_OPTIONS = (
    (re.compile(rf"(?<!\S)(?:--(?:extra-)?index-url|--(?:default-)?index|--pypi-mirror|-i){_VALUE}"), False),
    (re.compile(rf"(?<!\S)(?:--find-links|-f){_VALUE}"), True),
)
_VARIABLES = (
    (re.compile(rf"\b(?:PIP_(?:EXTRA_)?INDEX_URL|UV_\w*INDEX(?:_URL)?|PIPENV_PYPI_MIRROR){_VALUE}"), False),
    (re.compile(rf"\b(?:PIP|UV)_FIND_LINKS{_VALUE}"), True),
)
_PLACE = re.compile(r"[\w.+-]*://|[./~$%{]|\w+=https?://")
_TABLES = (Kind.PYPROJECT, Kind.PIPFILE)
_OF_OPTIONS = (Kind.REQUIREMENTS, Kind.CONSTRAINTS, Kind.CONDA)


def indexes_of(manifest: Manifest) -> Indexes:
    """Those of a file, as they are written: in tables of TOML, elsewhere as options and variables of the tools."""
    found = list(_of_tables(tables(manifest.text)) if manifest.kind in _TABLES else _of_text(manifest))
    return Indexes(
        extra_index_urls=tuple(dict.fromkeys(place for place, links in found if not links)),
        find_links=tuple(dict.fromkeys(place for place, links in found if links)),
    )


def _of_text(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    """Each place, and whether it is one of links."""
    if manifest.kind in _OF_OPTIONS:
        yield from _named(manifest.text, _OPTIONS)
        return
    for command in manifest.commands:
        yield from _named(command.span.of(manifest.text), _OPTIONS)
    yield from _named(manifest.text, _VARIABLES)


def _named(text: str, patterns: tuple[tuple[re.Pattern[str], bool], ...]) -> Iterator[tuple[str, bool]]:
    for pattern, links in patterns:
        yield from ((f["place"], links) for f in pattern.finditer(text) if _PLACE.match(f["place"]))


def _of_tables(document: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    uv = table(document, "tool", "uv")
    for settings in (uv, table(uv, "pip")):
        yield from ((str(one), False) for one in _listed(settings.get("index-url")))
        yield from ((str(one), False) for one in _listed(settings.get("extra-index-url")))
        yield from ((str(one), True) for one in _listed(settings.get("find-links")))
    sources = (
        uv.get("index"),
        below(document, "tool", "poetry", "source"),
        below(document, "tool", "pdm", "source"),
        document.get("source"),
    )
    for source in (one for listed in sources for one in _listed(listed)):
        if isinstance(source, dict) and isinstance(source.get("url"), str):
            yield source["url"], "find_links" in (source.get("type"), source.get("format"))
        elif isinstance(source, dict) and str(source.get("name", "")).lower() != "pypi":
            yield str(source.get("name", "")), True


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
