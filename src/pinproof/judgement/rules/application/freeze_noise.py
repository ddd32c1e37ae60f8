"""PIN208."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import is_exact, specifiers, version_of
from pinproof.model.declaration import Kind, Span
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Declaration, Manifest


def freeze_noise(project: Project, world: World) -> Iterator[Finding]:
    """A requirements file has what `pip freeze` says of one machine only.

    ## What it does
    Looks for requirements that name an absolute path (`name @ file:///…`, `-e /home/…`), and for versions `0.0.0` that
    the index does not have: `pip freeze` writes both of what came from no index.

    ## Why is this bad?
    The path is there on the machine where the file was made, and nowhere else; the version is nowhere: installing
    fails.

    ## Example
    ```text requirements.txt
    click==8.1.7
    pkg-resources==0.0.0
    ```

    ```json index.json
    {"pkg-resources": null}
    ```

    ## Use instead
    ```text requirements.txt
    click==8.1.7
    ```

    ```json index.json
    {"pkg-resources": null}
    ```

    ## Fix safety
    Safe where a line goes that cannot be installed anywhere. Unsafe where a path to a wheel becomes the version of
    that wheel: the index may have another under that version, or none.
    """
    for manifest in project.of(Kind.REQUIREMENTS, Kind.CONSTRAINTS):
        for declaration in manifest.declarations:
            yield from _of_a_path(manifest, declaration)
            yield from _without_version(manifest, declaration, world)
        for include in manifest.includes:
            if not include.is_constraint and _is_of_one_machine(include.path):
                yield _local(manifest, include.span, include.path, None)


_ABSOLUTE = re.compile(r"(?:file://(?:localhost)?/?)?(?:/(?!/)|~/|[A-Za-z]:[\\/])", re.IGNORECASE)


def _is_of_one_machine(reference: str) -> bool:
    """Whether it is an absolute path; one with a variable in it is meant."""
    return bool(_ABSOLUTE.match(reference)) and "$" not in reference


def _local(manifest: Manifest, span: Span, shown: str, fix: Fix | None) -> Finding:
    return Finding(
        manifest.path,
        span,
        f"{shown} is a path of the machine that this was written on",
        why="it is there nowhere else, so that installing fails",
        advice="name a release, a repository, or a path relative to this file",
        fix=fix,
        subject=shown,
    )


def _of_a_path(manifest: Manifest, declaration: Declaration) -> Iterator[Finding]:
    requirement = declaration.requirement
    if requirement is not None and requirement.url is not None and _is_of_one_machine(requirement.url):
        shown = f"{requirement.name} @ {requirement.url}"
        yield _local(
            manifest, declaration.span, shown, _version_instead(manifest, declaration, requirement.url)
        )


def _version_instead(manifest: Manifest, declaration: Declaration, url: str) -> Fix | None:
    """A pin to the version that the name of a wheel tells."""
    try:
        name, version, _, _ = parse_wheel_filename(url.partition("#")[0].rpartition("/")[2])
    except InvalidWheelFilename:
        return None
    requirement = declaration.requirement
    if name != declaration.name or requirement is None:
        return None
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    edit = Edit(manifest.path, declaration.span, f"{requirement.name}{extras}=={version}{marker}")
    return Fix(f"pin {version}, which the wheel is of", (edit,), Safety.UNSAFE)


def _without_version(manifest: Manifest, declaration: Declaration, world: World) -> Iterator[Finding]:
    exact = next((one for one in specifiers(declaration) if is_exact(one)), None)
    version = version_of(exact) if exact else None
    if declaration.name is None or version is None or str(version) != "0.0.0":
        return
    if world.has(declaration.name, SpecifierSet(f"=={version}")) is False:
        yield Finding(
            manifest.path,
            declaration.span,
            f"{declaration.name} 0.0.0 is no release: `pip freeze` writes this of what came from no index",
            why="installing fails, as no index has it",
            advice="take the line out",
            fix=Fix("take the line out", (Edit(manifest.path, _line(manifest.text, declaration.span), ""),)),
            subject=str(declaration.name),
        )


def _line(text: str, span: Span) -> Span:
    """The whole of a line, with what ends it."""
    end = text.find("\n", span.end)
    return Span(text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end + 1)


RULE = Rule("PIN208", freeze_noise, Scope.EVERYWHERE, asks=frozenset({Need.INDEX}))
