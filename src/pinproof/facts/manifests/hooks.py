"""`.pre-commit-config.yaml`: the repositories of hooks, and what is installed besides them.

Source: https://pre-commit.com/#pre-commit-configyaml---repos
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.facts.locks.requirements import is_direct
from pinproof.facts.manifests.written import of_excerpt
from pinproof.facts.manifests.yaml_nodes import documents, entry, items, scalar
from pinproof.model.declaration import FilePath, HookRepository, Kind, Manifest, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from pinproof.model.declaration import Declaration

_NO_REPOSITORY = frozenset(("local", "meta", "builtin"))
_OF_OTHERS = re.compile(r"@|[^\s@]+@[^:/]*$|[^\s/]+/|\w[\w-]*:[^/]")
"""How hooks in other languages name packages: `prettier@2.1`, `@scope/name`, `rainbow:2.1`, `example.org/go@v1`."""


def read(text: str, path: FilePath) -> Manifest:
    """The repositories with their revisions, and the requirements of hooks that are written in Python."""
    roots, problems = documents(text)
    repositories = [one for root in roots for one in items(entry(root, "repos"))]
    return Manifest(
        path,
        Kind.HOOKS,
        text,
        tuple(found for repository in repositories for found in _requirements(text, repository)),
        hooks=tuple(found for one in repositories if (found := _repository(text, one)) is not None),
        problems=problems,
    )


def _repository(text: str, node: yaml.Node) -> HookRepository | None:
    url, revision = scalar(text, entry(node, "repo")), scalar(text, entry(node, "rev"))
    if url is None or revision is None or url.text in _NO_REPOSITORY:
        return None
    return HookRepository(revision.span(), url.text, revision.text)


def _requirements(text: str, repository: yaml.Node) -> Iterator[Declaration]:
    for hook in items(entry(repository, "hooks")):
        language, name = scalar(text, entry(hook, "language")), scalar(text, entry(hook, "id"))
        nodes = items(entry(hook, "additional_dependencies"))
        listed = [one for node in nodes if (one := scalar(text, node)) is not None]
        if language is None:  # it stands in the repository of the hook
            is_python = not any(_OF_OTHERS.match(one.text) for one in listed)
        else:
            is_python = language.text == "python"
        if is_python:
            part = "" if name is None else name.text
            yield from (of_excerpt(one, Where.HOOK, part=part) for one in listed if not _is_path(one.text))


def _is_path(text: str) -> bool:
    return is_direct(text) or text.startswith("-")
