"""Where every failure ends: a message, a hint and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from pinproof.cli.terminal import Terminal
from pinproof.errors import OutsideError, PinproofError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pinproof.cli.options import Common

P = ParamSpec("P")

INTERRUPTED = 130
_BUG = 3
_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors of the machine, wherever they come up."""


def guarded(
    command: Callable[Concatenate[Common, Terminal, P], int],
) -> Callable[Concatenate[Common, P], int]:
    """Give the command its terminal, and turn what it raises into an exit code."""

    @wraps(command)
    def run(common: Common, /, *args: P.args, **kwargs: P.kwargs) -> int:
        terminal = Terminal(common.color, quiet=common.quiet, verbose=common.verbose)
        try:
            return command(common, terminal, *args, **kwargs)
        except PinproofError as error:
            terminal.error(error.message, error.hint)
            return error.exit_code
        except KeyboardInterrupt:
            terminal.error("interrupted")
            _leave_at_once()
            return INTERRUPTED
        except click.ClickException:
            raise
        except OSError as error:
            if error.errno not in _MACHINE:
                _tell_bug(error, terminal)
            else:
                terminal.error(str(error), "Make room for it, and run this again.")
            return OutsideError.exit_code
        except Exception as error:
            _tell_bug(error, terminal)
            return _BUG
        finally:
            terminal.close_progress()

    return run


def failure_of(error: click.ClickException) -> int:
    """Tell of arguments that make no sense, in the same form as every other error."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    context = getattr(error, "ctx", None)
    hint = f"See `{context.command_path} --help`." if context is not None else None
    Terminal().error(error.format_message(), hint)
    return error.exit_code


def _tell_bug(error: Exception, terminal: Terminal) -> None:
    if terminal.verbose:
        import traceback

        terminal.close_progress()
        traceback.print_exception(error)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    hint = None if terminal.verbose else "Run it again with -v for the traceback, and report it, please."
    terminal.error(f"this is a bug in pinproof: {what}", hint)


def _leave_at_once() -> None:
    """Do not wait for downloads that are under way: the cache takes no harm from a kill."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "PYTEST_CURRENT_TEST" not in os.environ:
        os._exit(INTERRUPTED)
