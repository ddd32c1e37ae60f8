"""PIN204."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.locking import LEFT_OUT, written_by_tools
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import is_exact, specifiers, version_of
from pinproof.model.declaration import Kind
from pinproof.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement
    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def unrecorded_requirement(project: Project, world: World) -> Iterator[Finding]:
    """A requirements file pins a package, and nothing that this package needs in turn.

    ## What it does
    Looks at requirements files in which everything is pinned, and that no tool wrote, and asks the index what each
    release requires. What it requires under all circumstances has to be declared somewhere in the project, too. It is
    told once for a file, and not where the project has a lock of another kind.

    ## Why is this bad?
    It looks like a lock, and is none: every install takes the newest of what is not recorded. So an application breaks
    with a release that nobody asked for, as those did that pinned Flask and got a new Werkzeug.

    ## Example
    ```text requirements.txt
    flask-login==0.6.2
    flask==2.3.3
    ```

    ```json index.json
    {"flask-login": {"versions": ["0.6.2"], "contents": {"0.6.2": {"requires": ["Flask>=1.0.4", "Werkzeug>=1.0.1"]}}}}
    ```

    ## Use instead
    ```text requirements.txt
    flask-login==0.6.2
    flask==2.3.3
    werkzeug==2.3.7
    ```

    ```json index.json
    {"flask-login": {"versions": ["0.6.2"], "contents": {"0.6.2": {"requires": ["Flask>=1.0.4", "Werkzeug>=1.0.1"]}}}}
    ```

    ## Fix safety
    There is no fix: a tool finds what belongs to the set (`pinproof lock`, `uv pip compile`, `pip freeze`).
    """
    if any(not lock.is_requirements for lock in (*project.locks, *project.locks_above)):
        return
    made = written_by_tools(project)
    there = {d.name for _, d in project.declarations()}.union(*(lock.pins for lock in project.locks))
    for manifest in project.of(Kind.REQUIREMENTS):
        if manifest.path not in made and manifest.path.endswith(".txt") and (pinned := _all_pinned(manifest)):
            contents = world.contents({name: version for _, name, version in pinned})
            needed = [
                (one, required)
                for one in pinned
                if one[1] in contents
                for required in sorted(_always(contents[one[1]].requires) - there - LEFT_OUT)
            ]
            if needed:
                yield _finding(manifest, needed)


def _all_pinned(manifest: Manifest) -> list[tuple[Declaration, NormalizedName, Version]]:
    """The pins of a file in which every requirement is pinned; empty for any other."""
    found = []
    for declaration in manifest.declarations:
        if declaration.requirement is None or declaration.name is None:
            return []
        if declaration.requirement.url is not None:
            continue
        version = next((version_of(one) for one in specifiers(declaration) if is_exact(one)), None)
        if version is None:
            return []
        found.append((declaration, declaration.name, version))
    return found


def _always(requires: Iterable[Requirement]) -> set[NormalizedName]:
    """What is required under all circumstances."""
    return {canonicalize_name(requirement.name) for requirement in requires if requirement.marker is None}


def _finding(
    manifest: Manifest, needed: list[tuple[tuple[Declaration, NormalizedName, Version], NormalizedName]]
) -> Finding:
    declaration, name, version = needed[0][0]
    first, *others = dict.fromkeys(required for _, required in needed)
    more = f", and {len(others)} more of what is pinned here need is not pinned either" if others else ""
    return Finding(
        manifest.path,
        declaration.span,
        f"{name} {version} requires {first}, which nothing pins{more}",
        why="every install takes the newest of what is not recorded",
        advice="record the whole set: `pinproof lock` or `uv pip compile` find it",
        subject="",
    )


RULE = Rule("PIN204", unrecorded_requirement, Scope.APPLICATION, needs=frozenset({Need.INDEX}))
