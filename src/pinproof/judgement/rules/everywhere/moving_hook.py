"""PIN404."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World

_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def moving_hook(project: Project, world: World) -> Iterator[Finding]:
    """A hook of pre-commit is taken from a branch.

    ## What it does
    Looks for a `rev` that is neither a commit nor has a number in it, as tags have: `main`, `master`, `stable`, `HEAD`.

    ## Why is this bad?
    pre-commit takes what the branch has when the hook is first installed, and never again. So everyone who works on the
    project has another one, and nobody can tell which.

    ## Example
    ```yaml .pre-commit-config.yaml
    repos:
      - repo: https://github.com/psf/black-pre-commit-mirror
        rev: main
        hooks:
          - id: black
    ```

    ## Use instead
    ```yaml .pre-commit-config.yaml
    repos:
      - repo: https://github.com/psf/black-pre-commit-mirror
        rev: 25.1.0
        hooks:
          - id: black
    ```

    ## Fix safety
    There is no fix; `pre-commit autoupdate` puts the newest tag there.
    """
    for manifest in project.manifests:
        for hook in manifest.hooks:
            if hook.revision and not re.search(r"\d", hook.revision) and not _COMMIT.fullmatch(hook.revision):
                yield Finding(
                    manifest.path,
                    hook.span,
                    f"{hook.url} is taken from {hook.revision}, which moves",
                    why="whoever installs the hook gets what is there on that day, and keeps it",
                    advice="name a tag or a commit; `pre-commit autoupdate` does",
                    subject=hook.url,
                )


RULE = Rule("PIN404", moving_hook, Scope.EVERYWHERE)
