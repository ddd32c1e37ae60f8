"""What the pyproject.toml beside a lock says of the groups that its tool installs by default.

Only what the lock itself does not tell is read here; a file that cannot be read says nothing.
"""

from __future__ import annotations

import tomllib
from typing import Any


def tables(project: str | bytes | None) -> dict[str, Any]:
    """The document; empty where there is none or it is no TOML."""
    if project is None:
        return {}
    try:
        return tomllib.loads(project if isinstance(project, str) else project.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return {}


def below(document: Any, *path: str) -> Any:
    """What stands under these keys, or None."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def table(document: Any, *path: str) -> dict[str, Any]:
    """A table under these keys; empty where there is none."""
    found = below(document, *path)
    return found if isinstance(found, dict) else {}


def uv_groups(project: str | bytes | None) -> frozenset[str] | None:
    """The groups that `uv sync` installs: `dev` unless the project says otherwise; None for all of them."""
    named = below(tables(project), "tool", "uv", "default-groups")
    if named == "all":
        return None
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset({"dev"})


def poetry_optional_groups(project: str | bytes | None) -> frozenset[str]:
    """The groups that `poetry install` leaves out."""
    groups = table(tables(project), "tool", "poetry", "group")
    return frozenset(name for name in groups if below(groups, name, "optional") is True)


def pdm_groups(project: str | bytes | None) -> frozenset[str]:
    """The groups that `pdm install` installs: the default one and those for development."""
    document = tables(project)
    development = {*table(document, "dependency-groups"), *table(document, "tool", "pdm", "dev-dependencies")}
    return frozenset({"default", "dev", *development})


def pdm_requirements(project: str | bytes | None) -> list[str]:
    """What `pdm install` installs of a project: its requirements and those of its groups for development."""
    document = tables(project)
    groups = [
        below(document, "project", "dependencies"),
        *table(document, "dependency-groups").values(),
        *table(document, "tool", "pdm", "dev-dependencies").values(),
    ]
    return [text for group in groups if isinstance(group, list) for text in group if isinstance(text, str)]
