"""What users of a library get: what it publishes, but for the extras that only those who work on it ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.model.declaration import Where
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest

_WORD = re.compile(r"[a-z]+")
_OF_DEVELOPERS = frozenset(
    {
        *("dev", "devel", "develop", "developer", "development", "contrib", "contributing", "maintainer"),
        *("test", "tests", "testing", "pytest", "tox", "nox", "cov", "coverage", "ci", "qa", "quality"),
        *("doc", "docs", "documentation", "rtd", "readthedocs", "sphinx"),
        *(
            "lint",
            "lints",
            "linter",
            "linters",
            "linting",
            "style",
            "format",
            "formatting",
            "check",
            "checks",
        ),
        *("mypy", "pyright", "type", "types", "typing", "typecheck", "typechecking", "typed"),
        *("bench", "benchmark", "benchmarks", "profile", "profiling", "release", "publish", "publishing"),
        *(
            "build",
            "packaging",
            "version",
            "versions",
            "hooks",
            "pre",
            "commit",
            "precommit",
            "debug",
            "tutorial",
            "tutorials",
        ),
    }
)
"""What extras for developers are called; before dependency groups (PEP 735) there was no other place for them."""
_FILLERS = frozenset(
    {"all", "extra", "extras", "min", "minimal", "full", "base", "core", "deps", "lowest", "only"}
)


_PARTS = {"dependencies": Where.PUBLISHED, "optional-dependencies": Where.EXTRA}


def shipped(project: Project, world: World) -> Iterator[tuple[Manifest, Declaration]]:
    """The requirements that users of the library get; of what only a build tells the world is told."""
    published = list(project.published())
    told = {declaration.where for _, declaration in published}
    for manifest in project.manifests:
        for part in sorted(manifest.dynamic & _PARTS.keys()):
            if manifest.name is not None and _PARTS[part] not in told:
                world.note(
                    NotChecked(
                        f"{manifest.path}: {part}", "only building it tells them, and nothing is built"
                    )
                )
    return ((m, d) for m, d in published if not is_for_developers(d.part))


def is_for_developers(extra: str) -> bool:
    """Whether an extra is one that only those who work on the project ask for, as its name says."""
    words = set(_WORD.findall(extra.lower())) - _FILLERS
    return bool(words) and words <= _OF_DEVELOPERS


def own_names(project: Project) -> frozenset[NormalizedName]:
    """What the library itself is called."""
    return frozenset(canonicalize_name(m.name.text) for m in project.manifests if m.name is not None)


def is_a_part(project: Project, declaration: Declaration) -> bool:
    """Whether a dependency is part of the library itself, as its name says, and released together with it."""
    return any(str(declaration.name).startswith(f"{name}-") for name in own_names(project))


def place(declaration: Declaration) -> str:
    """Which requirement it is, for a fingerprint that survives edits."""
    return f"{declaration.where.value} {declaration.part} {declaration.name}"
