"""PIN405."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pinproof.judgement.rules.pinned import is_open
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Where
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration

_NAMED = 3


def unpinned_hook_requirement(project: Project, world: World) -> Iterator[Finding]:
    """What a hook of pre-commit needs besides is not pinned.

    ## What it does
    Looks for `additional_dependencies` of hooks without a version or an upper bound.

    ## Why is this bad?
    The hook is pinned by its `rev`, and yet says something else to everyone: each has the plugins and stubs of the day
    on which the hook was installed. `pre-commit autoupdate` does not touch them.

    ## Example
    ```yaml .pre-commit-config.yaml
    repos:
      - repo: https://github.com/pycqa/flake8
        rev: 7.2.0
        hooks:
          - id: flake8
            additional_dependencies: [flake8-bugbear]
    ```

    ## Use instead
    ```yaml .pre-commit-config.yaml
    repos:
      - repo: https://github.com/pycqa/flake8
        rev: 7.2.0
        hooks:
          - id: flake8
            additional_dependencies: [flake8-bugbear==24.12.12]
    ```

    ## Fix safety
    There is no fix: which release is meant cannot be told.
    """
    for manifest in project.manifests:
        hooks: dict[str, list[Declaration]] = defaultdict(list)
        for declaration in manifest.declarations:
            if declaration.where is Where.HOOK and is_open(declaration):
                hooks[declaration.part].append(declaration)
        for hook, found in hooks.items():
            names = [one.name or "" for one in found]
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield Finding(
                manifest.path,
                found[0].span,
                f"{hook} is given {', '.join(names[:_NAMED])}{more} in whatever release is the newest",
                why="the hook says something else to everyone who installs it on another day",
                advice="pin what a hook needs, as the hook itself is",
                subject=hook,
            )


RULE = Rule("PIN405", unpinned_hook_requirement, Scope.APPLICATION)
