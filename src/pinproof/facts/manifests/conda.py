"""`environment.yml` of conda: what its pip part lists. What conda itself installs comes from another index.

Source: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.facts.locks.requirements import is_direct
from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.words import Word, read_command
from pinproof.facts.manifests.written import of_excerpt
from pinproof.facts.manifests.yaml_nodes import documents, entry, items, scalar
from pinproof.model.declaration import FilePath, Kind, Manifest, Reference, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml
    from packaging.utils import NormalizedName

    from pinproof.model.declaration import Declaration

_NAME = re.compile(r"(?:.*::)?(?P<name>[\w.-]+)")
_OPTIONS = re.compile(r"(?:^|(?<=\s))-.*", re.DOTALL)


def read(text: str, path: FilePath) -> Manifest:
    """The requirements and files of the pip part; the names that conda installs are elsewhere."""
    roots, problems = documents(text)
    nodes = [node for root in roots for node in items(entry(root, "dependencies"))]
    lines = [
        one for node in nodes for item in items(entry(node, "pip")) if (one := scalar(text, item)) is not None
    ]
    return Manifest(
        path,
        Kind.CONDA,
        text,
        tuple(found for line in lines for found in _requirement(line)),
        includes=tuple(found for line in lines for found in _references(line)),
        problems=problems,
        elsewhere=frozenset(name for node in nodes for name in _of_conda(text, node)),
    )


def _requirement(line: Excerpt) -> Iterator[Declaration]:
    """What a line of a requirements file, which each item is, asks for before its options."""
    options = _OPTIONS.search(line.text)
    wanted = line.part(0, options.start() if options else len(line.text))
    wanted = wanted.part(0, len(wanted.text.rstrip()))
    if wanted.text and not is_direct(wanted.text):
        found = of_excerpt(wanted, Where.LISTED)
        yield replace(found, hashed=options is not None and "--hash" in options[0])


def _references(line: Excerpt) -> Iterator[Reference]:
    if line.text.startswith("-"):
        told = [Word.plain(Excerpt.blind(line.source, text, line.span())) for text in ("pip", "install")]
        words = (Word.plain(line.part(*found.span())) for found in re.finditer(r"\S+", line.text))
        command, _ = read_command([*told, *words])
        yield from () if command is None else command.references
    elif is_direct(line.text):
        yield Reference(line.span(), line.text)


def _of_conda(text: str, node: yaml.Node) -> Iterator[NormalizedName]:
    written = scalar(text, node)
    if written is not None and (found := _NAME.match(written.text)):
        yield canonicalize_name(found["name"])
