"""The command line: arguments to an action, its answer to a presentation, and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from pinproof import __version__
from pinproof.cli.boundary import failure_of, guarded
from pinproof.cli.check import check, rule
from pinproof.cli.combos import combos
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.lock import lock
from pinproof.cli.options import common_options
from pinproof.cli.verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal


@click.group(
    epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", prog_name="pinproof", message="%(prog)s %(version)s")
def cli() -> None:
    """Pin what works, and prove it.

    Package metadata says what may be installed together, not what works together. pinproof reads what packages
    use of each other, and turns that into pins and bounds with a reason that anyone can check.
    """


@cli.command(
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


cli.add_command(lock)
cli.add_command(verify)
cli.add_command(combos)
cli.add_command(check)
cli.add_command(rule)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    try:
        code = cli.main(arguments, "pinproof", standalone_mode=False)
    except click.ClickException as error:
        code = failure_of(error)
    sys.exit(code or 0)
