"""What the arguments of a command name: a lock with what lies beside it, or an environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.outside import Settings
    from pinproof.actions.verify import Subject
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.release import Target


def installed(environment: str, wheels: list[Path], common: Common) -> tuple[Subject, Settings]:
    """What an environment has, and the settings for its Python."""
    from dataclasses import replace

    from pinproof.actions.environments import read_environment
    from pinproof.actions.own_source import read_wheel
    from pinproof.actions.verify import Subject, with_wheels

    settings = common.settings()
    found = read_environment(
        Path(environment), settings.target, python_asked=common.python_version is not None
    )
    subject = Subject(found.given, found.placed)
    built = [read_wheel(path, found.target) for path in wheels]
    return with_wheels(subject, built), replace(settings, target=found.target)


def pinned(
    lock: str | None,
    wheels: list[Path],
    settings: Settings,
    terminal: Terminal,
    *,
    with_source: bool,
    doing: str = "verify",
) -> Subject:
    """What a lock pins, with the source of the project where a folder was named and no wheel stands for it."""
    from pinproof.actions.lock_files import find_target, read_set
    from pinproof.actions.verify import Subject

    chosen = find_target(lock, Path.cwd())
    if chosen.passed_over:
        others = ", ".join(map(str, chosen.passed_over))
        terminal.warning(
            f"{doing}ing {chosen.path}; not looked at: {others} (name one to {doing} it instead)"
        )
    given = read_set(chosen.path, settings.target)
    folders = given.projects or (chosen.path.parent,)
    own = folders if chosen.project is not None and not wheels else ()
    if (own and with_source) or wheels or given.unreleased:
        return _with_what_lies_here(given, own, wheels, settings.target, with_source=with_source)
    return Subject(given)


def _with_what_lies_here(
    given: GivenSet, own: tuple[Path, ...], wheels: list[Path], target: Target, *, with_source: bool
) -> Subject:
    """A set with wheels and with what else of it is on this machine; projects in `own` folders are no part of it.

    Their source is judged with it, if that is wanted.
    """
    from pinproof.actions.on_disk import look_on_disk
    from pinproof.actions.own_source import own_sources, read_wheel
    from pinproof.actions.verify import Subject, with_wheels

    built = [read_wheel(path, target) for path in wheels]
    given, placed = look_on_disk(given, own)
    pinned = {pin.name for pin in given.pins}
    sources = own_sources(own, pinned, target) if with_source else []
    return with_wheels(Subject(given, placed, tuple(sources)), built)
