"""The hash of a declaration that its lock carries: what each tool makes of what is declared.

A tool that finds another hash in its lock than it makes of the declaration says that the lock is out of date. What goes
into it has changed with the tools, so there are several for one declaration, one of which is in a lock that is not.
Source: poetry's `Locker._get_content_hash`, pdm's `PyProject.content_hash`, plette's `Pipfile.get_hash`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from pinproof.facts.locks.project import table, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_POETRY_ALWAYS = ("dependencies", "source", "extras", "dev-dependencies")
_POETRY_PROJECT = ("requires-python", "dependencies", "optional-dependencies")
_PIPENV_SECTIONS = ("source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv")


def fingerprints(lock_name: str, declaration: str) -> frozenset[str]:
    """Those that the tool of this lock may make of a declaration; empty for a tool that makes none."""
    document = tables(declaration)
    if not document:
        return frozenset()
    try:
        if lock_name == "poetry.lock":
            return frozenset({_poetry(document, with_groups=True), _poetry(document, with_groups=False)})
        if lock_name.startswith("pdm"):
            return _pdm(document)
        return _pipenv(document) if lock_name == "Pipfile.lock" else frozenset()
    except (
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
    ):  # what JSON has no word for, such as a day
        return frozenset()


def _hash(content: object, separators: tuple[str, str] | None = None) -> str:
    text = json.dumps(content, sort_keys=True, separators=separators)
    return hashlib.sha256(text.encode()).hexdigest()


def _poetry(document: Mapping[str, Any], *, with_groups: bool) -> str:
    project = table(document, "project")
    poetry = table(document, "tool", "poetry")
    groups = table(document, "dependency-groups") if with_groups else {}
    of_project = {key: project[key] for key in _POETRY_PROJECT if project.get(key) is not None}
    always = () if of_project or groups else _POETRY_ALWAYS
    of_poetry = {
        key: poetry.get(key)
        for key in (*_POETRY_ALWAYS, "group")
        if key in always or poetry.get(key) is not None
    }
    if not of_project and not groups:
        return _hash(of_poetry)
    content: dict[str, Any] = {"project": of_project} if of_project else {}
    if groups:
        content["dependency-groups"] = groups
    return _hash({**content, "tool": {"poetry": of_poetry}})


def _pdm(document: Mapping[str, Any]) -> frozenset[str]:
    project = table(document, "project")
    settings = table(document, "tool", "pdm")
    old = table(settings, "dev-dependencies")
    groups = {str(canonicalize_name(k)): list(v) for k, v in table(document, "dependency-groups").items()}
    for name, listed in old.items():
        groups.setdefault(str(canonicalize_name(name)), []).extend(listed)
    resolution = table(settings, "resolution")
    common = {
        "sources": settings.get("source", []),
        "dependencies": project.get("dependencies", []),
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
    }
    ways = (
        {"resolution": resolution},
        {"overrides": settings.get("overrides", resolution.get("overrides", {}))},
    )
    return frozenset(
        _hash({**common, "dev-dependencies": development, **way})
        for development in (groups, old)
        for way in ways
    )


def _pipenv(document: Mapping[str, Any]) -> frozenset[str]:
    """With the names as they are written, and (of late) normalised.

    Without a source of its own, a declaration is counted with those that the machine is configured for.
    """
    if "source" not in document:
        return frozenset()
    further = [key for key in document if key not in (*_PIPENV_SECTIONS, "default", "develop")]

    def counted(names: Callable[[str], str]) -> str:
        sections = {"default": "packages", "develop": "dev-packages", **{key: key for key in further}}
        content: dict[str, Any] = {
            called: {names(name): said for name, said in document.get(section, {}).items()}
            for called, section in sections.items()
        }
        meta = {"sources": document["source"], "requires": document.get("requires", {})}
        return _hash({"_meta": meta, **content}, (",", ":"))

    return frozenset({counted(str), counted(canonicalize_name)})
