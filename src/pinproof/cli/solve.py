"""`pinproof solve`: requirements to an action, its answer to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.options import common_options

if TYPE_CHECKING:
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal


@click.command(
    short_help="Find a set of versions that works, with the reason for every bound.", epilog=EXIT_CODES
)
@click.argument("requirements", nargs=-1, required=True, metavar="REQ...")
@click.option(
    "--explain", is_flag=True, help="Show the rounds: each set that was tried, and what broke in it."
)
@click.option("--allow-build", is_flag=True, help="Let uv build source distributions, which runs their code.")
@common_options
@guarded
def solve(
    common: Common, terminal: Terminal, requirements: tuple[str, ...], explain: bool, allow_build: bool
) -> int:
    """Find a set of versions that works for requirements like `flask` or 'uvicorn[standard]>=0.30'.

    The pins go to the standard output, ready for a requirements file: all that is said about them are comments.
    """
    from pinproof.actions.outside import opened
    from pinproof.actions.solve import solve as find
    from pinproof.actions.standing import of_outcome
    from pinproof.model.report import Report
    from pinproof.presentation import as_json, as_text

    with opened(common.settings(), terminal.progress) as outside:
        found = find(requirements, outside, allow_build=allow_build)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    status = of_outcome(found.outcome)
    report = Report(found.outcome, found.plain, found.warnings, status)
    shown = as_json.solution if common.as_json else as_text.solution
    terminal.result(shown(report, common.circumstances(), common.detail(explain=explain)))
    return status.exit_code
