"""`pinproof lock`: options to an action, its answer to a file and to the terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.lock_answer import Manner, answered
from pinproof.cli.lock_environment import lock_environment
from pinproof.cli.lock_into import lock_into, settings_of
from pinproof.cli.options import options_of_lock
from pinproof.cli.policy import policy_options, wanted_of, words_of
from pinproof.errors import InputError

if TYPE_CHECKING:
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.actions.projects import Project
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.policy import Policy

_PYTHON = "{python}"


@click.command(short_help="Pin a whole project, in a file that your tools read.", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="What to write, by its name: requirements*.txt, constraints*.txt, pylock.toml or pylock.NAME.toml."
    " {python} in it stands for the Python.",
)
@click.option(
    "--extra", "extras", metavar="NAME", multiple=True, help="An extra of the project. May be repeated."
)
@click.option(
    "--group", "groups", metavar="NAME", multiple=True, help="A dependency group (PEP 735). May be repeated."
)
@click.option(
    "-U", "--upgrade", is_flag=True, help="Forget the pins of the old lock: the newest of everything."
)
@click.option(
    "-P",
    "--upgrade-package",
    "upgrade_packages",
    metavar="NAME",
    multiple=True,
    help="Let this package move, to the newest or with NAME==VERSION to that one. May be repeated.",
)
@click.option(
    "--into",
    type=click.Choice(["uv", "poetry", "pdm"]),
    help="Put the bounds into the project's own declaration, for this tool, and lock with it: uv.lock, poetry.lock or"
    " pdm.lock.",
)
@click.option(
    "--env",
    "environment",
    type=click.Path(),
    metavar="PATH",
    help="Record what is installed, if it works: a virtual environment, its python, or a site-packages folder.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the lock is not what would be written.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--no-source", is_flag=True, help="Leave the project's own source out of the judgement.")
@click.option(
    "--explain", is_flag=True, help="Show the rounds: each set that was tried, and what broke in it."
)
@click.option("--allow-build", is_flag=True, help="Let uv build source distributions, which runs their code.")
@options_of_lock
@guarded
@policy_options
def lock(
    common: Common,
    terminal: Terminal,
    *,
    paths: tuple[str, ...],
    output: str | None,
    extras: tuple[str, ...],
    groups: tuple[str, ...],
    upgrade: bool,
    upgrade_packages: tuple[str, ...],
    policy: Policy,
    into: str | None,
    environment: str | None,
    check: bool,
    diff: bool,
    no_source: bool,
    explain: bool,
    allow_build: bool,
    python_versions: tuple[str, ...],
) -> int:
    """Pin everything that a project needs, so that it works, and write it down with the reason for every bound.

    PATH is a folder, pyproject.toml, setup.cfg, requirements.in or a script (PEP 723); several go into one lock.
    Pins of the lock that is there stay as they are unless they must move. What the project's own source uses of its
    dependencies is judged like any package's.
    """
    from pinproof.actions.lock import content_before, upgraded
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.actions.projects import find_project

    manner = Manner(check, diff, explain)
    for text in upgrade_packages:
        upgraded(text)
    if environment is not None:
        _refuse_with_environment(paths, extras, groups, upgrade, upgrade_packages, policy, into)
        return lock_environment(environment, output, manner, common, terminal)
    if into is not None:
        refused: dict[str, object] = {
            "-o": output,
            "--extra": extras,
            "--group": groups,
            "--python-version": python_versions,
        }
        refused |= {"--python-platform": common.python_platform, "--allow-build": allow_build}
        for option, given in refused.items():
            if given:
                raise InputError(f"--into {into} locks the project whole: {option} has no place there")
        wanted = Wanted("pylock.toml", b"", True, upgrade, upgrade_packages, policy)
        return lock_into(into, wanted, paths, manner, common, terminal, with_source=not no_source)
    project = find_project(paths, Path(), extras=extras, groups=groups, with_source=not no_source)
    chosen = output or _default_output(project)
    if len(python_versions) > 1 and _PYTHON not in chosen:
        raise InputError(
            f"-o {chosen}: several Pythons need a file each",
            hint=f"Write {_PYTHON} where its number is to stand.",
        )
    narrowed = bool(python_versions) or common.python_platform is not None
    code = 0
    for version in dict.fromkeys(python_versions) or [None]:
        asked = common.for_python(version)
        target = asked.circumstances().target
        path = Path(chosen.replace(_PYTHON, target.python_text))
        _refuse_input(path, project)
        wanted = Wanted(
            output=path.name,
            before=content_before(path),
            universal=bool(project.requires_python) and not narrowed,
            upgrade=upgrade,
            upgrade_packages=upgrade_packages,
            allow_build=allow_build,
            command=_command(project, path, asked, extras, groups, policy, no_source, allow_build),
            **wanted_of(policy.over(project.policy), common),
            beside=path.parent,
        )
        code = max(code, _one(project, wanted, path, manner, asked, terminal))
    return code


def _refuse_with_environment(
    paths: tuple[str, ...],
    extras: tuple[str, ...],
    groups: tuple[str, ...],
    upgrade: bool,
    upgrade_packages: tuple[str, ...],
    policy: Policy,
    into: str | None,
) -> None:
    """What chooses releases has nothing to choose where they are installed."""
    said = {"PATH": paths, "--extra": extras, "--group": groups, "-U": upgrade, "-P": upgrade_packages}
    given = [name for name, value in {**said, "--into": into}.items() if value]
    given += [word.partition("=")[0] for word in words_of(policy)]
    if given:
        raise InputError(f"--env records what is installed: {given[0]} has no place there")


def _one(
    project: Project, wanted: Wanted, path: Path, manner: Manner, asked: Common, terminal: Terminal
) -> int:
    """Lock for one Python, and say so."""
    from pinproof.actions.lock import lock as locked
    from pinproof.actions.outside import opened
    from pinproof.presentation.sentences import sentence

    with opened(settings_of(asked, project), terminal.progress) as outside:
        found = locked(project, wanted, outside, sentence)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    return answered(found, {path: found.content}, manner, asked, terminal)


def _default_output(project: Project) -> str:
    first = Path(project.named[0])
    if first.suffix == ".py":
        name = f"requirements-{first.stem}.txt"
    else:
        name = first.with_suffix(".txt").name if first.suffix == ".in" else "requirements.txt"
    return str(project.folder / first.parent / name)


def _refuse_input(path: Path, project: Project) -> None:
    for declared in project.declared:
        if Path(declared.filename).resolve() == path.resolve():
            raise InputError(
                f"{path}: that is what is to be locked, and would be overwritten",
                hint="Name another file: -o FILE.",
            )


def _command(
    project: Project,
    path: Path,
    asked: Common,
    extras: tuple[str, ...],
    groups: tuple[str, ...],
    policy: Policy,
    no_source: bool,
    allow_build: bool,
) -> str:
    """The command that makes this lock again: what only says how to get there is left out."""
    import os

    words = ["pinproof", "lock", *project.named]
    words += [f"--extra={name}" for name in extras] + [f"--group={name}" for name in groups]
    words += ["-o", Path(os.path.relpath(path, project.folder)).as_posix()]
    words += words_of(policy)
    words += ["--no-source"] if no_source else []
    words += ["--allow-build"] if allow_build else []
    words += [f"--python-version={asked.python_version}"] if asked.python_version else []
    words += [f"--python-platform={asked.python_platform}"] if asked.python_platform else []
    words += [f"--as-of={asked.as_of}"] if asked.as_of else []
    return " ".join(map(shlex.quote, words))
