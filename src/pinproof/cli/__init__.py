"""The command line: arguments to an action, its answer to a presentation, and an exit code."""

from __future__ import annotations

import sys
from collections import UserDict
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pinproof import __version__
from pinproof.cli.boundary import failure_of
from pinproof.cli.exit_codes import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Sequence


class Commands(UserDict[str, Any]):
    """Commands by name, each as the module that has it until it is looked at: only that one is loaded."""

    def __getitem__(self, name: str) -> click.Command:
        found = self.data[name]
        if isinstance(found, str):
            found = self.data[name] = getattr(import_module(f"{__name__}.{found}"), name)
        command: click.Command = found
        return command


_COMMANDS = {
    "audit": "audit",
    "check": "check",
    "combos": "combos",
    "lock": "lock",
    "rule": "check",
    "solve": "solve",
    "verify": "verify",
}


@click.group(
    commands=Commands(_COMMANDS),
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="pinproof", message="%(prog)s %(version)s")
def cli() -> None:
    """Pin what works, and prove it.

    Package metadata says what may be installed together, not what works together. pinproof reads what packages
    use of each other, and turns that into pins and bounds with a reason that anyone can check.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    try:
        code = cli.main(arguments, "pinproof", standalone_mode=False)
    except click.ClickException as error:
        code = failure_of(error)
    sys.exit(code or 0)
