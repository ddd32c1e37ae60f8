"""`pinproof verify`: options to an action, its answer to the terminal."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.options import common_options_of_findings
from pinproof.cli.subjects import installed, pinned

if TYPE_CHECKING:
    from pinproof.actions.bases import Base
    from pinproof.actions.outside import Settings
    from pinproof.actions.verify import Run, Subject
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal


@click.command(short_help="Judge a set that is already pinned, or installed.", epilog=EXIT_CODES)
@click.argument("targets", nargs=-1, type=click.Path(), metavar="[TARGET]...")
@click.option(
    "--env",
    "environment",
    type=click.Path(),
    metavar="PATH",
    help="Judge what is installed: a virtual environment, its python, or a site-packages folder.",
)
@click.option(
    "--base",
    metavar="OLD",
    help="Judge what moved since: tell only the breaks in which either side is not as in this lock. A file, or a"
    " commit of git (main, HEAD~1, main:requirements.txt).",
)
@click.option(
    "--only",
    type=click.Choice(["changed"]),
    help="Judge what moved; compared with HEAD, unless --base names something else.",
)
@click.option(
    "--run",
    is_flag=True,
    help="Import it for real, too: install it into a fresh environment, which runs code of its packages.",
)
@click.option("--no-source", is_flag=True, help="Leave the project's own source out of the judgement.")
@click.option("--strict", is_flag=True, help="Latent breaks, in code that may never run, count too.")
@common_options_of_findings
@guarded
def verify(
    common: Common,
    terminal: Terminal,
    *,
    targets: tuple[str, ...],
    environment: str | None,
    base: str | None,
    only: str | None,
    run: bool,
    no_source: bool,
    strict: bool,
) -> int:
    """Does this set of pins work? Like `pip check`, but it reads the code.

    TARGET is a lock file (pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, or a requirements.txt in which
    everything is pinned), or a folder that has one, whose own source is judged, too. Without one, the current folder
    is taken. A wheel (*.whl) is judged in the set of the lock or environment.
    """
    from pinproof.actions.outside import opened
    from pinproof.actions.verify import settings_for
    from pinproof.actions.verify import verify as judged
    from pinproof.model.report import Circumstances

    wheels = [Path(name) for name in targets if name.endswith(".whl")]
    locks = [name for name in targets if not name.endswith(".whl")]
    if len(locks) > 1:
        raise click.UsageError("give one TARGET, and wheels")
    if environment is not None:
        if locks:
            raise click.UsageError("give a TARGET or --env, not both")
        subject, settings = installed(environment, wheels, common)
    else:
        settings = common.settings()
        subject = pinned(locks[0] if locks else None, wheels, settings, terminal, with_source=not no_source)
    before = "HEAD" if base is None and only else base
    since = None if before is None else _base(before, subject, environment, settings, terminal)
    trial = _run(environment, settings) if run else None
    with opened(settings_for(subject.given, settings), terminal.progress) as outside:
        verified = judged(subject, outside, strict=strict, base=since, run=trial)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    circumstances = Circumstances(settings.target, settings.as_of)
    form = import_module(f"pinproof.presentation.as_{common.output_format}")
    terminal.result(form.verification(verified, circumstances, common.detail()))
    return verified.status.exit_code


def _run(environment: str | None, settings: Settings) -> Run:
    """How to import the set: an environment is there already. InputError where it cannot be."""
    from pinproof.actions.real_imports import refuse_other_machines
    from pinproof.actions.verify import Run
    from pinproof.errors import InputError
    from pinproof.sources.environment import python_of

    refuse_other_machines(settings.target)
    if environment is None:
        return Run()
    python = python_of(Path(environment))
    if python is None:
        raise InputError(f"{environment}: --run needs an environment that has a python")
    return Run(python)


def _base(
    name: str, subject: Subject, environment: str | None, settings: Settings, terminal: Terminal
) -> Base:
    """The set to compare with."""
    from pinproof.actions.bases import read_base

    lock = Path(subject.given.filename) if environment is None else None
    found = read_base(name, lock, settings.target)
    if found.missing:
        terminal.warning(f"{name} has no {lock}: all of it counts as moved")
    return found
