"""PIN106."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pinproof.judgement.rules.library.evidence import NOTHING_SAYS_WHY, comment_at, written_reason
from pinproof.judgement.rules.rule import Rule, Scope
from pinproof.judgement.rules.specifiers import (
    clauses,
    is_cap,
    is_exact,
    is_pep440,
    is_wildcard,
    limit,
    version_of,
)
from pinproof.model.finding import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import Specifier

    from pinproof.judgement.rules.project import Project, World
    from pinproof.model.declaration import Manifest, Value


def capped_python(project: Project, world: World) -> Iterator[Finding]:
    """A library refuses later Pythons, and does not say why.

    ## What it does
    Looks for a cap in `requires-python`: `<4`, `<3.14`, `~=3.8`, `==3.*`, or poetry's `^3.8`. A comment that says why
    (behind it or right above it) keeps it quiet; `check --show-evidence` shows it.

    ## Why is this bad?
    A resolver does not tell users that the library does not run on their Python: it goes back to the last release that
    had no cap, which runs there even less. Tools that resolve for all Pythons (uv, poetry, pdm) make everything that
    depends on the library repeat the cap.

    ## Example
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10,<4"
    ```

    ## Use instead
    ```toml pyproject.toml
    [build-system]
    requires = ["hatchling>=1.26"]

    [project]
    name = "datasette-export"
    version = "1.0"
    requires-python = ">=3.10"
    ```

    ## Fix safety
    Unsafe: Pythons that were kept out come in; and poetry refuses a project that allows more Pythons than what it
    depends on.
    """
    for manifest in project.manifests:
        value = manifest.requires_python
        if value is None:
            continue
        try:
            found = sorted(SpecifierSet(value.text), key=str)
        except InvalidSpecifier:
            continue
        caps = [one for one in found if is_cap(one) or is_exact(one) or is_wildcard(one)]
        if caps:
            yield _finding(manifest, value, caps[0])


def _finding(manifest: Manifest, value: Value, cap: Specifier) -> Finding:
    written = value.span.of(manifest.text)
    newest = cap.version.removesuffix(".*") if cap.operator in ("<=", "==", "===") else limit(cap)
    told = f"newer than {newest}" if cap.operator in ("<=", "==", "===") else f"{newest} and newer"
    stands_for = "" if is_pep440(written) else f" ({written} stands for {value.text})"
    reason = written_reason(comment_at(manifest.text, value.span), version_of(cap))
    return Finding(
        manifest.path,
        value.span,
        f"Python {told} is refused{stands_for}" + ("" if reason else NOTHING_SAYS_WHY),
        why="who has it gets an older release of the library that did not refuse it, and runs there even less",
        advice="name only the oldest Python that it runs on; if it breaks on a later one, say in a comment what",
        fix=_fix(manifest, value),
        subject="requires-python",
        evidence=reason,
    )


def _fix(manifest: Manifest, value: Value) -> Fix | None:
    """What is left without caps, where something is."""
    written = value.span.of(manifest.text)
    source = written if is_pep440(written) else value.text
    kept = [text for _, one in clauses(source) if (text := _opened(one))]
    if not any(text.startswith(">") for text in kept):
        return None
    separator = ", " if ", " in written else ","
    edit = Edit(manifest.path, value.span, separator.join(kept))
    return Fix("let later Pythons in", (edit,), Safety.UNSAFE, is_range=True)


def _opened(one: Specifier) -> str | None:
    if one.operator == "~=" or is_exact(one) or is_wildcard(one):
        return f">={one.version.removesuffix('.*')}"
    return None if is_cap(one) else str(one)


RULE = Rule("PIN106", capped_python, Scope.LIBRARY)
