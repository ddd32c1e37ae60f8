"""PIN104."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from packaging.version import Version

from pinproof.judgement.rules.library.evidence import NOTHING_SAYS_WHY, use_of, written_reason
from pinproof.judgement.rules.library.shipped import is_a_part, place, shipped
from pinproof.judgement.rules.project import Releases
from pinproof.judgement.rules.rule import Need, Rule, Scope
from pinproof.judgement.rules.specifiers import (
    changed,
    is_cap,
    is_floor,
    is_pep440,
    limit,
    specifiers,
    version_of,
)
from pinproof.judgement.spans import plain
from pinproof.model.finding import Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, Tried, World
    from pinproof.model.declaration import Declaration, Manifest


def upper_cap(project: Project, world: World) -> Iterator[Finding]:
    """A library keeps newer releases of a dependency out, and does not say why.

    ## What it does
    Looks for `<`, `<=` and `~=`, and for what poetry's `^` and `~` stand for, in what a library publishes. A cap with
    evidence is let be; `check --show-evidence` shows it. Evidence is

    - a comment behind the requirement or right above it that says why, or the one that pinproof writes beside a bound,
    - what the judge finds: the library's own source uses something that the releases beyond the cap lack.

    The newest release of each major version beyond the cap is judged, at most six. `!=` is no cap, and neither is one
    that another requirement in the same place lifts for other Pythons.

    ## Why is this bad?
    Nobody can take the cap away again but the author: whoever has the library cannot have the new release, or gets an
    ancient version of the library that had no cap yet. Most caps guess: of the upgrades that resolvers refused in one
    study, 73 % ran fine.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = [
        "sqlite-utils>=3.36,<4",
    ]
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    dependencies = [
        "sqlite-utils>=3.36",
    ]
    ```

    ## Fix safety
    Unsafe: what was kept out comes in. Safe where there are releases beyond the cap, and the judge finds everything in
    them that the library's own source uses. Where something breaks later than the cap says, the fix raises it to there.
    """
    for manifest, declaration in shipped(project, world):
        caps = [one for one in specifiers(declaration) if is_cap(one)]
        if not caps or is_a_part(project, declaration) or _is_split(manifest, declaration):
            continue
        reason = written_reason(declaration.comment, min(map(Version, map(limit, caps))))
        tried = None if reason else world.beyond_cap(project, declaration)
        raised_to = _breaks_from(world, declaration, tried)
        if tried is not None and tried.breaks and raised_to is None:
            reason = "; ".join(
                f"{use_of(project, one)}, which is gone in {one.dependency} {one.removed_in}"
                for one in tried.breaks[:1]
            )
        yield _finding(manifest, declaration, caps, tried, raised_to, reason)


def _finding(
    manifest: Manifest,
    declaration: Declaration,
    caps: list[Specifier],
    tried: Tried | None,
    raised_to: Version | None,
    reason: str,
) -> Finding:
    name = declaration.requirement.name if declaration.requirement else declaration.text
    cap = min(caps, key=lambda one: version_of(one) or 0)
    kept_out = f"newer than {cap.version}" if cap.operator == "<=" else f"{limit(cap)} and newer"
    if raised_to is not None:
        advice = f"what its own source uses is there below {raised_to}: write <{plain(raised_to)}, and why"
    elif _is_proven(tried):
        advice = f"take it out: its own source finds in {tried.releases[-1]} all that it uses"
    else:
        advice = "take it out; if something is known to break, say in a comment what"
    return Finding(
        manifest.path,
        declaration.span,
        f"{name} {kept_out} is kept out{_stands_for(manifest, declaration)}"
        + ("" if reason else NOTHING_SAYS_WHY),
        why="no user of the library can have it, and only a new release of the library can change that",
        advice=advice,
        fix=_fix(manifest, declaration, tried, raised_to),
        subject=place(declaration),
        evidence=reason,
    )


def _stands_for(manifest: Manifest, declaration: Declaration) -> str:
    """What is written in a way of its own comes to."""
    span = declaration.specifier_span
    written = span.of(manifest.text) if span is not None else ""
    if not written or is_pep440(written):
        return ""
    meant = sorted(map(str, specifiers(declaration)), key=lambda text: not text.startswith(">"))
    return f" ({written} stands for {','.join(meant)})"


def _breaks_from(world: World, declaration: Declaration, tried: Tried | None) -> Version | None:
    """The release from which on its own source breaks, if there are any between it and the cap."""
    edges = [one.removed_in for one in tried.breaks if one.removed_in] if tried is not None else []
    if not edges or declaration.name is None or declaration.requirement is None:
        return None
    known, admitted, edge = world.releases(declaration.name), declaration.requirement.specifier, min(edges)
    caps = [version for one in admitted if is_cap(one) and (version := version_of(one))]
    versions = known.versions if isinstance(known, Releases) else ()
    between = (v for v in versions if not v.is_prerelease and min(caps) <= v < edge)
    return edge if any(not admitted.contains(v) for v in between) else None


def _fix(
    manifest: Manifest, declaration: Declaration, tried: Tried | None, raised_to: Version | None
) -> Fix | None:
    if not any(is_floor(one) for one in specifiers(declaration)):
        return None  # without it nothing would be said of the version at all

    def opened(one: Specifier) -> str | None:
        floor = f">={one.version}" if one.operator == "~=" else None
        if not is_cap(one):
            return str(one)
        if raised_to is None:
            return floor
        return ",".join(text for text in (floor, f"<{plain(raised_to)}") if text)

    edits = changed(manifest, declaration, opened)
    if not edits:
        return None
    title = "take the cap out" if raised_to is None else f"raise the cap to {plain(raised_to)}"
    proven = tried is not None and tried.sure and (raised_to is not None or _is_proven(tried))
    return Fix(title, edits, Safety.SAFE if proven else Safety.UNSAFE, is_range=True)


def _is_proven(tried: Tried | None) -> TypeGuard[Tried]:
    """Whether there are releases beyond the cap, and its own source finds in them all that it uses."""
    return tried is not None and bool(tried.releases) and not tried.breaks and tried.sure


def _is_split(manifest: Manifest, declaration: Declaration) -> bool:
    """Whether another requirement in the same place has no cap, for another marker."""
    return any(
        other.name == declaration.name
        and (other.where, other.part) == (declaration.where, declaration.part)
        and other.requirement is not None
        and not any(is_cap(one) for one in other.requirement.specifier)
        for other in manifest.declarations
        if other is not declaration
    )


RULE = Rule("PIN104", upper_cap, Scope.LIBRARY, asks=frozenset({Need.JUDGE}))
