"""What the user sees: results on the standard output, everything else on the standard error."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from pinproof.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from pinproof.cli.progress import Bars


_LONGEST_WORD = 400


class Terminal:
    """The two streams of one command. `color` is auto, always or never."""

    def __init__(self, color: str = "auto", *, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self._color = color
        self._bars: Bars | None = None

    def result(self, text: str) -> None:
        """Print the answer; a reader that has gone away is no error. OutsideError where it cannot be written."""
        try:
            click.echo(text, color=self._colored(sys.stdout))
            sys.stdout.flush()
        except OSError as error:
            # What is still buffered must not fail again when the interpreter ends.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):
                raise OutsideError(f"the answer cannot be written: {error.strerror or error}") from error

    def error(self, message: str, hint: str | None = None) -> None:
        """Print an error and what to do about it; of a word that fills the screen, the beginning is enough."""
        message = re.sub(rf"(\S{{{_LONGEST_WORD}}})\S+", r"\1…", message)
        self._say(f"{click.style('error', fg='red', bold=True)}: {message}")
        if hint:
            self._say(f"{click.style('hint', fg='cyan', bold=True)}: {hint}")

    def warning(self, message: str) -> None:
        """Print a remark that is not part of the answer."""
        if not self.quiet:
            self._say(f"{click.style('warning', fg='yellow', bold=True)}: {message}")

    def warn_of_store(self, problem: str | None) -> None:
        """Say that facts cannot be kept, if so: everything works, but is read anew each time."""
        if problem is not None:
            self.warning(f"what was read cannot be kept: {problem}")

    def progress(self, stage: str, done: int, total: int) -> None:
        """Show how far the work is, if somebody watches; `total` 0 is unknown."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return
        if self._bars is None:
            from pinproof.cli.progress import Bars

            self._bars = Bars(color=self._colored(sys.stderr))
        self._bars.show(stage, done, total)

    def close_progress(self) -> None:
        """Take the progress off the screen."""
        if self._bars is not None:
            self._bars.close()
            self._bars = None

    def _say(self, text: str) -> None:
        self.close_progress()
        with suppress(BrokenPipeError):
            click.echo(text, err=True, color=self._colored(sys.stderr))

    def _colored(self, stream: TextIO) -> bool:
        return is_colored(self._color, os.environ, is_terminal=stream.isatty())


def is_colored(choice: str, environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Whether to colour: the flag decides, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal and environment.get("TERM") != "dumb"
