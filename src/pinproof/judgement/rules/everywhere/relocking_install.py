"""PIN406."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinproof.judgement.rules.commands import behind_verb
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Kind, name_of
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Command, Manifest


@dataclass(frozen=True, slots=True)
class _Way:
    """How a tool is kept from renewing its lock: one of these options, or a variable."""

    lock: re.Pattern[str]
    option: str
    others: frozenset[str]
    variable: re.Pattern[str]


_WAYS = {
    ("uv", "sync"): _Way(
        re.compile(r"uv\.lock"), "--locked", frozenset({"--frozen"}), re.compile(r"\bUV_(?:LOCKED|FROZEN)\b")
    ),
    ("pdm", "install"): _Way(
        re.compile(r"pdm(?:\..+)?\.lock"),
        "--check",
        frozenset({"--frozen-lockfile", "--no-lock"}),
        re.compile(r"\bPDM_FROZEN_LOCKFILE\b"),
    ),
    ("pipenv", "install"): _Way(
        re.compile(r"Pipfile\.lock"),
        "--deploy",
        frozenset({"--ignore-pipfile"}),
        re.compile(r"\bPIPENV_DEPLOY\b"),
    ),
}
_KINDS = (Kind.CONTAINER, Kind.WORKFLOW)


def relocking_install(project: Project, world: World) -> Iterator[Finding]:
    """What is to be installed from the lock renews the lock first, where that is out of date.

    ## What it does
    Looks in Dockerfiles and workflows for `uv sync` without `--locked` or `--frozen`, `pdm install` without `--check`
    or `--frozen-lockfile`, and `pipenv install` without `--deploy` or `--ignore-pipfile`, where there is the lock.

    ## Why is this bad?
    Where somebody changed the declaration and forgot the lock, the tool resolves anew, and what is deployed or tested
    is what came out on that day, not what was locked and reviewed.

    ## Example
    ```text Dockerfile
    FROM python:3.13-slim
    COPY . .
    RUN uv sync --no-dev
    ```
    ```toml pyproject.toml
    [project]
    name = "app"
    version = "1.0"
    requires-python = ">=3.13"
    dependencies = []
    ```
    ```toml uv.lock
    version = 1
    revision = 3
    requires-python = ">=3.13"

    [[package]]
    name = "app"
    version = "1.0"
    source = { virtual = "." }
    ```

    ## Use instead
    ```text Dockerfile
    FROM python:3.13-slim
    COPY . .
    RUN uv sync --locked --no-dev
    ```
    ```toml pyproject.toml
    [project]
    name = "app"
    version = "1.0"
    requires-python = ">=3.13"
    dependencies = []
    ```
    ```toml uv.lock
    version = 1
    revision = 3
    requires-python = ">=3.13"

    [[package]]
    name = "app"
    version = "1.0"
    source = { virtual = "." }
    ```

    ## Fix safety
    Unsafe: what went through with a lock that is out of date fails.
    """
    locks = [name_of(lock.path) for lock in (*project.locks, *project.locks_above)]
    for manifest in project.of(*_KINDS):
        for command in manifest.commands:
            way = _WAYS.get((command.tool, command.verb))
            if way is None or command.declarations or not any(way.lock.fullmatch(lock) for lock in locks):
                continue
            if command.options.isdisjoint({way.option, *way.others}) and not way.variable.search(
                manifest.text
            ):
                yield _finding(manifest, command, way)


def _finding(manifest: Manifest, command: Command, way: _Way) -> Finding:
    called = f"{command.tool} {command.verb}"
    behind = behind_verb(manifest, command)
    edits = (Edit(manifest.path, behind, f" {way.option}"),) if behind is not None else ()
    return Finding(
        manifest.path,
        command.span,
        f"{called} renews the lock where it is out of date",
        why="what is installed is then not what was locked",
        advice=f"say {called} {way.option}",
        fix=Fix(f"say {way.option}", edits, Safety.UNSAFE) if edits else None,
        subject=called,
    )


RULE = Rule("PIN406", relocking_install, Scope.APPLICATION)
