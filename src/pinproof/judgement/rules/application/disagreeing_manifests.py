"""PIN207."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinproof.judgement.rules.locking import written_by_tools
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Kind, Where, beside
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def disagreeing_manifests(project: Project, world: World) -> Iterator[Finding]:
    """Two manifests of a project ask for versions of a package that exclude each other.

    ## What it does
    Compares what is installed together: the dependencies in `pyproject.toml`, `setup.cfg`, `setup.py` and `Pipfile`,
    `requirements.txt` and `requirements.in` beside them, and files that one of these includes, or that include it.
    Where no version satisfies two of them, the second is reported. Requirements under a marker are left out.

    ## Why is this bad?
    One of the two is not what is deployed: the version depends on which file somebody installs from, and both together
    cannot be installed.

    ## Example
    ```toml pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    classifiers = ["Private :: Do Not Upload"]
    dependencies = ["click==8.1.7"]
    ```

    ```text requirements.txt
    click==8.1.3
    ```

    ## Use instead
    ```toml pyproject.toml
    [project]
    name = "shop"
    version = "1.0"
    classifiers = ["Private :: Do Not Upload"]
    dependencies = ["click==8.1.7"]
    ```

    ```text requirements.txt
    click==8.1.7
    ```

    ## Fix safety
    There is no fix: which of the two is meant is not to be seen.
    """
    made = written_by_tools(project)
    groups = [[m for m in group if m.path not in made] for group in _together(project)]
    told: set[tuple[str, str]] = set()
    for group in groups:
        for (manifest, one), (earlier, other) in _contradictions(group):
            if (manifest.path, one.text) not in told:
                told.add((manifest.path, one.text))
                yield Finding(
                    manifest.path,
                    one.span,
                    f"{one.name} is to be {_asked(one)} here, and {_asked(other)} in {earlier.path}",
                    why="no version is both, so that what is installed depends on which file is installed from",
                    advice="say it in one place, or say the same in both",
                    subject=f"{earlier.path} {one.name}",
                )


_DECLARE = (Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.PIPFILE)


def _together(project: Project) -> Iterator[list[Manifest]]:
    """Manifests that are installed together."""
    here = [m for m in project.manifests if _folder(m) == project.folder]
    listed = [m for m in here if m.path.rpartition("/")[2] in ("requirements.txt", "requirements.in")]
    yield [m for m in here if m.kind in _DECLARE] + [x for m in listed for x in _with_included(project, m)]
    for manifest in project.of(Kind.REQUIREMENTS):
        if manifest.includes and manifest not in listed:
            yield _with_included(project, manifest)


def _folder(manifest: Manifest) -> str:
    return manifest.path.rpartition("/")[0]


def _with_included(project: Project, manifest: Manifest) -> list[Manifest]:
    """A manifest with what it includes, constraints too, which come first."""
    known = {m.path: m for m in project.manifests}
    found: dict[str, Manifest] = {}
    waiting = [manifest]
    while waiting:
        one = waiting.pop()
        if one.path not in found:
            found[one.path] = one
            paths = (beside(one.path, i.path) for i in one.includes if not i.is_editable)
            waiting += [known[path] for path in paths if path in known]
    return list(reversed(found.values()))


def _contradictions(
    group: Sequence[Manifest],
) -> Iterator[tuple[tuple[Manifest, Declaration], tuple[Manifest, Declaration]]]:
    """Pairs of requirements in different manifests that no version satisfies."""
    seen: dict[NormalizedName, list[tuple[Manifest, Declaration]]] = {}
    for manifest in group:
        for declaration in manifest.declarations:
            name, requirement = declaration.name, declaration.requirement
            if (
                name is None
                or requirement is None
                or requirement.marker is not None
                or not _counts(declaration)
            ):
                continue
            others = seen.setdefault(name, [])
            for other in others:
                if other[0].path != manifest.path and _exclude(declaration, other[1]):
                    yield (manifest, declaration), other
                    break
            others.append((manifest, declaration))


def _counts(declaration: Declaration) -> bool:
    """Whether it is always installed, or bounds what is."""
    return not declaration.part and declaration.where in (Where.PUBLISHED, Where.LISTED, Where.CONSTRAINT)


def _exclude(one: Declaration, other: Declaration) -> bool:
    """Whether no version is what both ask for; a requirement that contradicts itself is another matter."""
    if one.requirement is None or other.requirement is None:
        return False
    first, second = one.requirement.specifier, other.requirement.specifier
    if first.is_unsatisfiable() or second.is_unsatisfiable():
        return False
    return (first & second).is_unsatisfiable()


def _asked(declaration: Declaration) -> str:
    """What a requirement says of the version."""
    return str(declaration.requirement.specifier) if declaration.requirement else ""


RULE = Rule("PIN207", disagreeing_manifests, Scope.APPLICATION)
