"""What a project's files declare, each with its exact span: one reader for each kind of file.

A reader takes a text and the path to call it by; it raises nothing: what cannot be read is a problem of the manifest.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial, update_wrapper
from importlib import import_module
from typing import TYPE_CHECKING

from pinproof.facts.locks import CONSTRAINTS
from pinproof.facts.manifests.written import TOO_LONG, TOO_LONG_A_NUMBER
from pinproof.model.declaration import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from pinproof.model.declaration import FilePath, Manifest

    Reader = Callable[[str, FilePath], Manifest]

MOST_CHARACTERS = 8 * 1024**2
_REQUIREMENTS = r"(?:.*[-_.])?(?:requirements?|reqs?)(?:[-_.].*)?\.(?:txt|in|pip)"

_SCRIPT = "script"
_MARK_OF_SCRIPTS = b"# /// script"

_READERS = (
    (r"(?:.*/)?pyproject\.toml", "pyproject", "read"),
    (rf"(?:.*/)?{CONSTRAINTS}", "requirements", "read_constraints"),
    (rf"(?:.*/)?{_REQUIREMENTS}|(?:.*/)?requirements/[^/]*\.(?:txt|in|pip)", "requirements", "read"),
    (r"(?:.*/)?(?:Docker|Container)file(?:\.(?!dockerignore)[^/]*)?", "container", "read"),
    (r".*\.(?:docker|container)file", "container", "read"),
    (
        r"(?:.*/)?\.(?:github|gitea|forgejo)/workflows/[^/]*\.ya?ml|(?:.*/)?action\.ya?ml",
        "workflow",
        "read",
    ),
    (r"(?:.*/)?(?:.*\.gitlab-ci|\.gitlab/.*|\.gitlab-ci/.*)\.ya?ml", "workflow", "read"),
    (
        r"(?:.*/)?(?:\.circleci/.*|\.travis|bitbucket-pipelines|\.?azure-pipelines.*)\.ya?ml",
        "workflow",
        "read",
    ),
    (r"(?:.*/)?\.pre-commit-config\.ya?ml", "hooks", "read"),
    (r"(?:.*/)?setup\.py", "setup_py", "read"),
    (r"(?:.*/)?setup\.cfg", "setup_cfg", "read"),
    (r"(?:.*/)?tox\.ini", "tox", "read"),
    (r"(?:.*/)?tox\.toml", "tox_toml", "read"),
    (r"(?:.*/)?noxfile\.py", "nox", "read"),
    (r"(?:.*/)?Pipfile", "pipfile", "read"),
    (r"(?:.*[-_./])?environment(?:[-_.][^/]*)?\.ya?ml", "conda", "read"),
    (r"(?:.*/)?conda[-_.](?!lock)[^/]*\.ya?ml", "conda", "read"),
    (r".*\.py", _SCRIPT, "read"),
)
"""Paths, and the module and function that read them; the first match counts. A reader is imported when it is needed."""
_PATH = re.compile("|".join(f"({pattern})" for pattern, _, _ in _READERS), re.IGNORECASE)


def reader_of(path: FilePath) -> Reader | None:
    """The reader of a file that may declare something; None for any other."""
    if (found := _registered(path)) is None:
        return None
    module, function = found
    reader: Reader = getattr(import_module(f"pinproof.facts.manifests.{module}"), function)
    return update_wrapper(partial(_read, reader), reader)


def _read(reader: Reader, text: str, path: FilePath) -> Manifest:
    """What the reader says; what is nested deeper than Python can follow cannot be read."""
    if len(text) > MOST_CHARACTERS:
        problem = f"it is longer than {MOST_CHARACTERS // 1024**2} million characters, which nothing that declares is"
        return replace(reader("", path), problems=(Problem(problem),))
    try:
        found = reader(text, path)
    except RecursionError:
        return replace(reader("", path), problems=(Problem("nested too deeply to be read"),))
    python = found.requires_python
    if python is None or not TOO_LONG.search(python.text):
        return found
    unreadable = Problem(f"the Pythons: {TOO_LONG_A_NUMBER}", python.span)
    return replace(found, requires_python=None, problems=(*found.problems, unreadable))


def is_mere_module(path: FilePath, content: bytes) -> bool:
    """Whether a file is Python that declares nothing: what does has a mark (PEP 723), or a name of its own."""
    return _MARK_OF_SCRIPTS not in content and (_registered(path) or ("", ""))[0] == _SCRIPT


def _registered(path: FilePath) -> tuple[str, str] | None:
    found = _PATH.fullmatch(path)
    if found is None or found.lastindex is None:
        return None
    _, module, function = _READERS[found.lastindex - 1]
    return module, function
