"""`pinproof check` and `pinproof rule`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.options import common_options_of_findings

if TYPE_CHECKING:
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal


@click.command(short_help="Lint what is declared, by role, and fix it.", epilog=EXIT_CODES)
@click.argument("path", default=".", type=click.Path(), metavar="[PATH]")
@click.option(
    "--role", type=click.Choice(["library", "application", "both"]), help="What the project is for."
)
@click.option(
    "--select", multiple=True, metavar="CODES", help="Run these rules only: PIN101, or PIN1 for all of them."
)
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave these rules out.")
@click.option("--extend-select", multiple=True, metavar="CODES", help="Run these rules, too.")
@common_options_of_findings
@guarded
def check(
    common: Common,
    terminal: Terminal,
    *,
    path: str,
    role: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
) -> int:
    """Lint what a project declares, by what it is: a library must not pin, an application must.

    All manifests and locks below PATH are read: pyproject.toml, requirements files, setup.cfg, setup.py, Pipfile,
    Dockerfiles, workflows and more. `pinproof rule --all` lists what is looked for.
    """
    from pinproof.actions.check import Asked
    from pinproof.actions.check import check as checked
    from pinproof.actions.index_world import Nowhere
    from pinproof.judgement.rules.rule import Need
    from pinproof.presentation import findings_as_text

    asked = Asked(role, _codes(select), _codes(ignore), _codes(extend_select))
    _, found = checked(Path(path), asked, Nowhere(), frozenset(Need), datetime.now(UTC).date())
    terminal.result(findings_as_text.findings(found, common.detail()))
    return 1 if found.results else 0


def _codes(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for text in given for code in text.split(",") if code.strip())


@click.command(short_help="Show the documentation of a rule.", epilog=EXIT_CODES)
@click.argument("code", required=False)
@click.option("--all", "everything", is_flag=True, help="List all rules.")
def rule(code: str | None, everything: bool) -> int:
    """What a rule looks for, why, and what to write instead."""
    from pinproof.judgement.rules import RULES

    if everything or code is None:
        for one in RULES:
            off = "" if one.default else " (off by default)"
            click.echo(f"{one.code}  {one.name:<28} {one.summary}{off}")
        return 0
    wanted = code.strip().upper()
    found = next((one for one in RULES if wanted in (one.code, one.name.upper())), None)
    if found is None:
        raise click.UsageError(f"there is no rule {code}; `pinproof rule --all` lists them")
    needs = "".join(f"\nIt needs {need.value}." for need in found.needs)
    click.echo(f"# {found.code} {found.name}\n\nFor {found.scope.value}.{needs}\n\n{found.documentation}")
    return 0
