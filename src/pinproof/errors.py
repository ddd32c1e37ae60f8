"""One tree of errors: what went wrong, where, and what to do about it."""

from __future__ import annotations


class PinproofError(Exception):
    """An error that is shown to the user as a message and, if there is one, a hint; never as a traceback.

    `exit_code` is the documented status that the command line ends with.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(PinproofError):
    """What the user gave cannot be used: a requirement, a file, an option (exit 2)."""

    exit_code = 2


class DynamicError(InputError):
    """What a project requires is not declared: only a build would tell."""


class OutsideError(PinproofError):
    """The outside world failed: the index, the network, uv, the disk (exit 3)."""

    exit_code = 3


class OfflineError(OutsideError):
    """The network was needed, and refused by `--offline`."""


class NotFoundError(OutsideError):
    """The index has no such project or file (HTTP 404 or 410)."""


class ArchiveError(OutsideError):
    """A distribution file cannot be read: damaged, hostile, or not what the index promised.

    Where many distributions are judged this becomes an entry in the list of what was not checked.
    """
