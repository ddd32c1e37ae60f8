"""PIN305."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Where
from pinproof.model.finding import Edit, Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest

_NEXT_LINE = re.compile(r"""["']?[ \t]*,?[ \t]*\r?\n[ \t]*["']?""")
"""What stands between two items of which each has a line for itself, and no comment."""


def unsorted_requirements(project: Project, world: World) -> Iterator[Finding]:
    """A list is not in the order of its names.

    ## What it does
    Looks at lists with one requirement in each line. A blank line or a comment begins a new part, which has an order of
    its own. It is off by default.

    ## Why is this bad?
    In an order of its own a list is searched from end to end, gets the same name twice, and makes for conflicts when
    two people add to its end.

    ## Example
    ```text requirements-dev.txt
    rich>=13
    click>=8.1
    ```

    ## Use instead
    ```text requirements-dev.txt
    click>=8.1
    rich>=13
    ```

    ## Fix safety
    Safe: only the order changes.
    """
    for manifest in project.manifests:
        for part in _parts(manifest):
            ordered = sorted(part, key=lambda d: d.name or "")
            if ordered != part:
                first = next(new for old, new in zip(part, ordered, strict=True) if old is not new)
                yield _finding(manifest, first, part, ordered)


def _parts(manifest: Manifest) -> Iterator[list[Declaration]]:
    """Requirements that stand in lines right below each other."""
    part: list[Declaration] = []
    for one in manifest.declarations:
        if part and not _follows(manifest.text, part[-1], one):
            yield part
            part = []
        if one.form is Form.PEP508 and one.name and not one.hashed and one.where is not Where.HOOK:
            part.append(one)
    yield part


def _follows(text: str, before: Declaration, after: Declaration) -> bool:
    if (before.where, before.part) != (after.where, after.part) or before.span.end > after.span.start:
        return False
    return _NEXT_LINE.fullmatch(text[before.span.end : after.span.start]) is not None


def _finding(
    manifest: Manifest, first: Declaration, part: Sequence[Declaration], ordered: Sequence[Declaration]
) -> Finding:
    edits = tuple(
        Edit(manifest.path, old.span, new.text)
        for old, new in zip(part, ordered, strict=True)
        if old is not new
    )
    verbatim = all(one.span.of(manifest.text) == one.text and not one.comment for one in part)
    return Finding(
        manifest.path,
        first.span,
        f"{first.name} comes too late in its list",
        why="what is not in order is searched from end to end, and gets names twice",
        advice="sort the list by its names",
        fix=Fix("sort it", edits) if verbatim else None,
        subject=f"{first.where.value} {first.part}",
    )


RULE = Rule("PIN305", unsorted_requirements, Scope.EVERYWHERE, default=False)
