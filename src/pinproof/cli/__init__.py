"""The command line: arguments to an action, its answer to a presentation, and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from pinproof import __version__
from pinproof.cli.boundary import failure_of, guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.lock import lock
from pinproof.cli.options import common_options, common_options_of_findings

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


@cli.command(short_help="Judge a set that is already pinned.", epilog=EXIT_CODES)
@click.argument("target", required=False, type=click.Path(), metavar="[TARGET]")
@click.option(
    "--env",
    "environment",
    type=click.Path(),
    metavar="PATH",
    help="Judge what is installed: a virtual environment, its python, or a site-packages folder.",
)
@click.option("--strict", is_flag=True, help="Latent breaks, in code that may never run, count too.")
@common_options_of_findings
@guarded
def verify(
    common: Common, terminal: Terminal, target: str | None, environment: str | None, strict: bool
) -> int:
    """Does this set of pins work? Like `pip check`, but it reads the code.

    TARGET is a lock file (pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, or a requirements.txt in which
    everything is pinned), or a folder that has one. Without one, the current folder is taken.
    """
    from dataclasses import replace
    from pathlib import Path

    from pinproof.actions.environments import read_environment
    from pinproof.actions.lock_files import find_target, read_set
    from pinproof.actions.outside import opened
    from pinproof.actions.verify import settings_for
    from pinproof.actions.verify import verify as judged
    from pinproof.model.report import Circumstances
    from pinproof.presentation import as_github, as_json, as_markdown, as_sarif, as_text

    forms = {
        "text": as_text,
        "json": as_json,
        "sarif": as_sarif,
        "github": as_github,
        "markdown": as_markdown,
    }
    settings = common.settings()
    if environment is not None:
        if target is not None:
            raise click.UsageError("give a TARGET or --env, not both")
        found = read_environment(
            Path(environment), settings.target, python_asked=common.python_version is not None
        )
        given, placed = found.given, found.placed
        settings = replace(settings, target=found.target)
    else:
        chosen = find_target(target, Path.cwd())
        if chosen.passed_over:
            others = ", ".join(map(str, chosen.passed_over))
            terminal.warning(
                f"verifying {chosen.path}; not looked at: {others} (name one to verify it instead)"
            )
        given, placed = read_set(chosen.path, settings.target), ()
    with opened(settings_for(given, settings), terminal.progress) as outside:
        verified = judged(given, outside, strict=strict, placed=placed)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    circumstances = Circumstances(settings.target, settings.as_of)
    terminal.result(forms[common.output_format].verification(verified, circumstances, common.detail()))
    return verified.status.exit_code


cli.add_command(lock)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    try:
        code = cli.main(arguments, "pinproof", standalone_mode=False)
    except click.ClickException as error:
        code = failure_of(error)
    sys.exit(code or 0)
