"""`pinproof check` and `pinproof rule`."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.options import common_options_of_findings
from pinproof.errors import OutsideError

if TYPE_CHECKING:
    from pinproof.actions.fix import Fixed
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.check_report import Checked


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
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave out a folder, or paths like this.")
@click.option(
    "--per-file-ignores", multiple=True, metavar="GLOB:CODES", help="Leave rules out in files like this."
)
@click.option(
    "--pin",
    type=click.Choice(["exact", "patch", "minor", "major"]),
    help="How an application is to write what it declares.",
)
@click.option("--show-evidence", is_flag=True, help="Show what speaks for bounds that would be findings.")
@click.option(
    "--fix",
    "fixing",
    is_flag=True,
    help="Put right what can be, where nothing that was accepted is refused then.",
)
@click.option("--unsafe-fixes", is_flag=True, help="Put right what changes more than that, too.")
@click.option("--diff", is_flag=True, help="Show what the fixes would change, and change nothing.")
@click.option(
    "--no-changelog",
    is_flag=True,
    help="Do not note what a library requires since --fix in its changelog.",
)
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
    exclude: tuple[str, ...],
    per_file_ignores: tuple[str, ...],
    pin: str | None,
    show_evidence: bool,
    fixing: bool,
    unsafe_fixes: bool,
    diff: bool,
    no_changelog: bool,
) -> int:
    """Lint what a project declares, by what it is: a library must not pin, an application must.

    All manifests and locks below PATH are read: pyproject.toml, requirements files, setup.cfg, setup.py, Pipfile,
    Dockerfiles, workflows and more. `pinproof rule --all` lists what is looked for.
    """
    from pinproof.actions.check import check as checked
    from pinproof.actions.fix import fix, unsolvable_by_uv
    from pinproof.actions.index_world import IndexWorld
    from pinproof.actions.outside import opened
    from pinproof.facts.check_settings import CheckSettings
    from pinproof.judgement.rules.rule import Need

    asked = CheckSettings(
        role or "",
        pin or "",
        _codes(select),
        _codes(ignore),
        _codes(extend_select),
        exclude,
        dict(map(_codes_of_files, per_file_ignores)),
    )
    root, only = _root(Path(path))
    unable = frozenset({Need.JUDGE}) if common.offline else frozenset()
    source = None if common.offline else root
    with (
        opened(common.settings(), terminal.progress) as outside,
        closing(IndexWorld(outside, source)) as world,
    ):
        look = partial(checked, root, asked, world, unable, datetime.now(UTC).date(), only=only)
        if fixing or unsafe_fixes or diff:
            unsolvable = None if common.offline else unsolvable_by_uv(outside)
            fixed = fix(
                root, look, unsafe=unsafe_fixes, with_changelog=not no_changelog, unsolvable=unsolvable
            )
            found, changed = _told(root, fixed, terminal, dry=diff), bool(fixed.files)
        else:
            found, changed = look()[1], False
    terminal.close_progress()
    if not show_evidence:
        found = replace(found, evidence=())
    form = import_module(f"pinproof.presentation.findings_as_{common.output_format}")
    if answer := form.findings(found, common.detail()):
        terminal.result(answer)
    if world.failure:
        terminal.error(world.failure, "What hangs on it was not checked.")
        return OutsideError.exit_code
    return 1 if found.results or (diff and changed) else 0


def _told(root: Path, fixed: Fixed, terminal: Terminal, *, dry: bool) -> Checked:
    """Write what was put right, unless that is only to be shown; what is left."""
    from pinproof.actions.fix import write
    from pinproof.presentation.difference import difference

    for note in fixed.notes:
        terminal.warning(note)
    if not dry:
        write(root, fixed)
        return fixed.checked
    shown = "\n".join(difference(path, *contents) for path, contents in fixed.files.items())
    return replace(fixed.checked, diff=shown)


def _root(path: Path) -> tuple[Path, str]:
    """The folder to look at, and the file in it that was named, if one was."""
    return (path.parent, path.name) if path.is_file() else (path, "")


def _codes_of_files(given: str) -> tuple[str, tuple[str, ...]]:
    glob, colon, codes = given.rpartition(":")
    if not colon or not glob:
        raise click.UsageError(f"--per-file-ignores {given}: not GLOB:CODES")
    return glob, _codes((codes,))


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
