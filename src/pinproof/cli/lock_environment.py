"""`pinproof lock --env PATH`: an environment to an action, its answer to a file and to the terminal."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.cli.lock_answer import answered

if TYPE_CHECKING:
    from pinproof.cli.lock_answer import Manner
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal

_OUTPUT = "requirements.txt"


def lock_environment(
    environment: str, output: str | None, manner: Manner, asked: Common, terminal: Terminal
) -> int:
    """Record what is installed, by the name of the file."""
    from pinproof.actions.environments import read_environment
    from pinproof.actions.lock import content_before
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.actions.outside import opened
    from pinproof.actions.recording import record
    from pinproof.model.report import Circumstances

    path = Path(output or _OUTPUT)
    settings = asked.settings()
    given = read_environment(
        Path(environment), settings.target, python_asked=asked.python_version is not None
    )
    settings = replace(settings, target=given.target)
    words = ["pinproof", "lock", f"--env={environment}", "-o", path.as_posix()]
    words += [f"--as-of={asked.as_of}"] if asked.as_of else []
    wanted = Wanted(
        output=path.name,
        before=content_before(path),
        command=" ".join(map(shlex.quote, words)),
        beside=path.parent,
    )
    with opened(settings, terminal.progress) as outside:
        found = record(given, wanted, outside)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    circumstances = Circumstances(settings.target, settings.as_of)
    return answered(found, {path: found.content}, manner, asked, terminal, circumstances)
