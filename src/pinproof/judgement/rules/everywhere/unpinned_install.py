"""PIN401."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pinproof.judgement.rules.commands import installed_from
from pinproof.judgement.rules.locking import LEFT_OUT
from pinproof.judgement.rules.pinned import is_open, pinned_versions
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.model.declaration import Form, Kind
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.utils import NormalizedName
    from packaging.version import Version

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Command, Declaration, FilePath, Manifest

_CONSTRAINED = re.compile(r"\b(?:PIP|UV)_(?:BUILD_)?CONSTRAINT\b")
_SHELLS = (Kind.CONTAINER, Kind.WORKFLOW)
_KINDS = (*_SHELLS, Kind.TOX, Kind.NOX)
_UPGRADES = ("-U", "--upgrade")
_NAMED = 3


def unpinned_install(project: Project, world: World) -> Iterator[Finding]:
    """A command installs whatever release is the newest.

    ## What it does
    Looks in Dockerfiles for `pip install`, and what else installs, of a name without a version or an upper bound; in
    workflows, tox and nox for that of names which the project pins elsewhere. Left alone are what constraints bound,
    what the same file installs pinned as well, the project itself, a tool that renews itself
    (`pip install --upgrade pip`), and what every environment has anyway.

    ## Why is this bad?
    Two images that are built from the same commit are not the same, and one day the build breaks, or what it made does.
    What was tested is not what is there.

    ## Example
    ```text Dockerfile
    FROM python:3.13-slim
    RUN pip install gunicorn
    COPY . .
    ```
    ```text requirements.txt
    gunicorn==23.0.0
    packaging==24.2
    ```

    ## Use instead
    ```text Dockerfile
    FROM python:3.13-slim
    RUN pip install gunicorn==23.0.0
    COPY . .
    ```
    ```text requirements.txt
    gunicorn==23.0.0
    packaging==24.2
    ```

    ## Fix safety
    Unsafe: the version that the project pins elsewhere is put there, and releases that were accepted are so no more.
    There is no fix where it pins none.
    """
    pins = pinned_versions(project)
    own = {canonicalize_name(m.name.text) for m in project.manifests if m.name is not None}
    together: dict[tuple[FilePath, object], tuple[Manifest, list[Declaration]]] = {}
    for manifest, command in project.commands():
        if manifest.kind not in _KINDS or _is_bounded(manifest, command):
            continue
        known = {*own, *LEFT_OUT, command.tool.partition(" ")[0]}
        if command.options.isdisjoint(_UPGRADES):
            known |= installed_from(manifest, project)
        found = [d for d in command.declarations if is_open(d) and d.name not in known]
        if manifest.kind is not Kind.CONTAINER:
            found = [d for d in found if d.name in pins]
        # What tox and nox need is written name by name.
        key = (manifest.path, command.span if manifest.kind in _SHELLS else _environment(command))
        together.setdefault(key, (manifest, []))[1].extend(found)
    yield from (_finding(manifest, found, pins) for manifest, found in together.values() if found)


def _environment(command: Command) -> str:
    return next((d.part for d in command.declarations), "")


def _is_bounded(manifest: Manifest, command: Command) -> bool:
    """Whether something else than its arguments says which releases it takes."""
    constrained = any(reference.is_constraint for reference in command.references)
    return constrained or "--no-index" in command.options or bool(_CONSTRAINED.search(manifest.text))


def _finding(
    manifest: Manifest, found: Sequence[Declaration], pins: Mapping[NormalizedName, Version]
) -> Finding:
    names = list(dict.fromkeys(d.name for d in found if d.name))
    known = [name for name in names if name in pins]
    edits = tuple(edit for one in found for edit in _pinned(manifest, one, pins))
    are = "is" if len(names) == 1 else "are"
    if known:
        told = ", ".join(f"{name} {pins[name]}" for name in known[:_NAMED])
        why = f"the project pins {told}, and here may come another release"
    else:
        why = "what is built anew from the same commit is not the same"
    return Finding(
        manifest.path,
        found[0].span,
        f"{_listed(names)} {are} installed in whatever release is the newest",
        why=why,
        advice="pin what is installed here, or install it from the lock",
        fix=Fix("install what the project pins", edits, Safety.UNSAFE, is_range=True) if edits else None,
        subject=f"{found[0].part} {' '.join(names)}",
    )


def _pinned(
    manifest: Manifest, declaration: Declaration, pins: Mapping[NormalizedName, Version]
) -> Iterator[Edit]:
    span, name = declaration.specifier_span, declaration.name
    if span is not None and declaration.form is Form.PEP508 and name is not None and name in pins:
        yield Edit(manifest.path, span, f"=={pins[name]}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


RULE = Rule("PIN401", unpinned_install, Scope.APPLICATION)
