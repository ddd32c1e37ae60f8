"""PIN403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World

_MOVING = ("", "latest")


def untagged_image(project: Project, world: World) -> Iterator[Finding]:
    """A container begins from an image without a tag.

    ## What it does
    Looks for base images with neither a tag nor a digest, and for `latest`. Stages of the same file, `scratch`, and
    names that only the build knows are left alone.

    ## Why is this bad?
    `latest` is another image every few weeks: with another Python, for which what is pinned may have no wheels, or does
    not work at all.

    ## Example
    ```text Dockerfile
    FROM python
    COPY . .
    ```

    ## Use instead
    ```text Dockerfile
    FROM python:3.13-slim
    COPY . .
    ```

    ## Fix safety
    There is no fix: which tag is meant cannot be told.
    """
    for manifest in project.manifests:
        for image in manifest.images:
            if image.tag in _MOVING and not image.digest:
                yield Finding(
                    manifest.path,
                    image.span,
                    f"{image.name} is taken with {f'the tag {image.tag}' if image.tag else 'no tag'}",
                    why="it is another image every few weeks, with another Python",
                    advice="name a tag with the version that is meant, or a digest",
                    subject=image.name,
                )


RULE = Rule("PIN403", untagged_image, Scope.EVERYWHERE)
