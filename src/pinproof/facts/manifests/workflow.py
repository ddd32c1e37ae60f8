"""Files of continuous integration: what their steps install.

Sources: the syntax of GitHub Actions, of its composite actions, and of GitLab CI. Those of other services are read in
the same way: shell stands under certain keys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.shell import commands_in
from pinproof.facts.manifests.yaml_nodes import documents, entries, entry, items, scalar
from pinproof.model.declaration import FilePath, Kind, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.model.declaration import Command

_SHELL_KEYS = (
    (
        r"(?:.*/)?\.travis\.ya?ml",
        ("before_install", "install", "before_script", "script", "after_success", "after_script"),
    ),
    (r"(?:.*/)?\.circleci/.*", ("run", "command")),
    (r"(?:.*/)?\.?azure-pipelines.*|(?:.*/)?\.azure.*", ("script", "bash", "pwsh", "powershell")),
    (
        r"(?:.*/)?(?:.*\.gitlab-ci|bitbucket-pipelines|\.gitlab.*)\.ya?ml",
        ("before_script", "script", "after_script"),
    ),
    (r".*", ("run",)),
)
"""Paths, and the keys under which shell stands there; the first match counts."""
_SHELLS = re.compile(r"(?:/\S*/)?(?:ba|da|z)?sh\b|pwsh|powershell|cmd|\$", re.IGNORECASE)
_NO_SHELL = frozenset(("inputs", "services"))
_VARIABLES = frozenset(("env", "variables"))


def read(text: str, path: FilePath) -> Manifest:
    """The commands of every step."""
    roots, problems = documents(text)
    reading = _Reading(text, path)
    commands = tuple(command for root in roots for command in reading.commands(root, {}))
    in_order = tuple(sorted(commands, key=lambda command: command.span))
    return Manifest(path, Kind.WORKFLOW, text, commands=in_order, problems=problems)


class _Reading:
    """One file; a node that is referred to more than once is read once."""

    def __init__(self, text: str, path: FilePath) -> None:
        self._text = text
        self._keys = next(keys for pattern, keys in _SHELL_KEYS if re.fullmatch(pattern, path, re.IGNORECASE))
        self._seen: set[int] = set()
        self._run: set[int] = set()

    def commands(self, node: yaml.Node, variables: Mapping[str, str]) -> Iterator[Command]:
        """What stands below a node."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        for item in items(node):
            yield from self.commands(item, variables)
        known = self._with_own(node, variables)
        shell = scalar(self._text, entry(node, "shell"))
        runs = shell is None or _SHELLS.match(shell.text) is not None
        for key, value in entries(node):
            script = self._script(value) if key in self._keys else None
            if script is not None and runs:
                yield from commands_in(script, known)
            elif script is None and key not in _NO_SHELL:
                yield from self.commands(value, known)

    def _with_own(self, node: yaml.Node, variables: Mapping[str, str]) -> Mapping[str, str]:
        """What is set for all that stands below a node, too."""
        own = [pair for key, value in entries(node) if key in _VARIABLES for pair in entries(value)]
        said = {name: scalar(self._text, value) for name, value in own}
        known = {
            name: value.text for name, value in said.items() if value is not None and "$" not in value.text
        }
        return {name: value for name, value in variables.items() if name not in said} | known

    def _script(self, node: yaml.Node) -> Excerpt | None:
        """A scalar, or lists of them, which one shell runs; None for what is no script."""
        lines = [found for one in self._lines(node) if (found := scalar(self._text, one)) is not None]
        if not lines:
            return None
        end_of_line = Excerpt(self._text, "\n", [lines[0].places[-1]] * 2)
        return Excerpt.joined([part for line in lines for part in (line, end_of_line)])

    def _lines(self, node: yaml.Node) -> Iterator[yaml.Node]:
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.SequenceNode) and node.tag != "!reference" and id(node) not in self._run:
            self._run.add(id(node))
            for item in items(node):
                yield from self._lines(item)
