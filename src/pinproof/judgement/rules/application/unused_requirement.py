"""PIN206."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.locking import declared_by_hand, deployed, written_by_tools
from pinproof.judgement.rules.project import Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.model.finding import Finding
from pinproof.model.verdict import NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from pinproof.judgement.rules.project import Contents, Project, World
    from pinproof.model.declaration import Declaration


def unused_requirement(project: Project, world: World) -> Iterator[Finding]:
    """An application declares a package that nothing in it mentions.

    ## What it does
    Takes the modules of each package that is declared for where the application runs, and looks for them and for the
    name of the package in all texts of the project. Nothing is said of what has commands or plugins (entry points), of
    stubs, of packages without modules, and of what another package of the set names in its requirements, extras
    included: drivers and optional parts are used through others.

    Off by default: a package can be used in ways that no text shows.

    ## Why is this bad?
    It is installed, looked after and scanned for nothing, and its requirements hold others back.

    ## Example
    ```text requirements.txt
    click==8.1.7
    rich==13.9.4
    ```

    ```python app.py
    import click
    ```

    ```json index.json
    {
        "click": {"versions": ["8.1.7"], "contents": {"8.1.7": {"modules": ["click"]}}},
        "rich": {"versions": ["13.9.4"], "contents": {"13.9.4": {"modules": ["rich"]}}}
    }
    ```

    ## Use instead
    ```text requirements.txt
    click==8.1.7
    ```

    ```python app.py
    import click
    ```

    ```json index.json
    {
        "click": {"versions": ["8.1.7"], "contents": {"8.1.7": {"modules": ["click"]}}},
        "rich": {"versions": ["13.9.4"], "contents": {"13.9.4": {"modules": ["rich"]}}}
    }
    ```

    ## Fix safety
    There is no fix: take it out, and see that the application still runs.
    """
    source = project.source
    wanted = [(m, d, name) for m, d in deployed(project) if (name := d.name) is not None] if source else []
    if source is None or not source.mentioned():
        return
    locks = (*project.locks, *project.locks_above)
    pins = {name: versions[-1] for lock in locks for name, versions in lock.pins.items()}
    for _, declaration in declared_by_hand(project):
        name = declaration.name
        if name is not None and name not in pins and (version := _newest(declaration, world)) is not None:
            pins[name] = version
    contents = world.contents(pins)
    if unknown := {name for _, _, name in wanted if name not in contents}:
        told = ", ".join(sorted(unknown)[:3]) + (" and more" if len(unknown) > 3 else "")
        world.note(NotChecked(f"whether {told} are used", "what they bring is not known"))
    said = _words(project)
    needed = {canonicalize_name(r.name) for other in contents.values() for r in other.requires}
    for manifest, declaration, name in wanted:
        if name in contents and name not in needed and _is_only_imported(contents[name]):
            names = {
                part for module in contents[name].modules for part in (module, module.rpartition(".")[2])
            }
            if not source.mentioned() & names and said.isdisjoint(map(_as_word, {*names, name})):
                yield Finding(
                    manifest.path,
                    declaration.span,
                    f"{name} is declared, and nothing in the project mentions it or its modules",
                    why="it is installed and looked after for nothing",
                    advice="take it out, or say in a comment what it is for",
                    subject=str(name),
                )


def _newest(declaration: Declaration, world: World) -> Version | None:
    known = world.releases(declaration.name) if declaration.name else None
    if not isinstance(known, Releases) or declaration.requirement is None:
        return None
    return max(declaration.requirement.specifier.filter(known.versions), default=None)


def _words(project: Project) -> frozenset[str]:
    """All words of the project, but for those of its requirements and locks."""
    assert project.source is not None
    paths = {manifest.path for manifest in project.manifests} | {lock.path for lock in project.locks}
    made = written_by_tools(project)
    found: set[str] = set()
    for manifest in project.manifests:
        if manifest.path not in made:
            text = manifest.text
            for declaration in manifest.every_declaration:
                span = declaration.span
                text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
            found.update(map(_as_word, _WORD.findall(text)))
    return project.source.words(paths) | found


def _as_word(text: str) -> str:
    return re.sub(r"[-.]", "_", text.lower())


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def _is_only_imported(contents: Contents) -> bool:
    """Whether being imported is the only way in which it can be used."""
    return bool(contents.modules) and not contents.groups


RULE = Rule("PIN206", unused_requirement, Scope.APPLICATION, needs=frozenset({Need.INDEX}), default=False)
