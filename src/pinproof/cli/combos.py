"""`pinproof combos`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.options import common_options_of_tables

if TYPE_CHECKING:
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.matrix import Matrix

_MOST_CELLS = 1500
"""Some minutes of work, where nothing is known of them yet."""
_EXIT_CODES = """\b
Exit codes:
  0  at least one combination works
  1  none does, as far as it could be judged
  2  what was given cannot be used (a requirement, a file, an option)
  3  the outside world failed (index, network, uv, disk)
  130  interrupted
"""


@click.command(short_help="Show which releases of two or three packages work together.", epilog=_EXIT_CODES)
@click.argument("requirements", nargs=-1, required=True, metavar="REQ...")
@click.option(
    "--all", "every", is_flag=True, help="Every release, where else the newest of each minor line is taken."
)
@click.option(
    "--from-source",
    is_flag=True,
    help="Releases that would have to be compiled, too; they are judged by their source, nothing is built.",
)
@click.option(
    "--max-cells",
    type=click.IntRange(min=1),
    default=_MOST_CELLS,
    show_default=True,
    metavar="N",
    help="Refuse what would be more combinations to try out than this.",
)
@common_options_of_tables
@guarded
def combos(
    common: Common,
    terminal: Terminal,
    requirements: tuple[str, ...],
    every: bool,
    from_source: bool,
    max_cells: int,
) -> int:
    """Show which releases of two or three packages work together: `flask werkzeug 'flask-login>=0.5'`.

    Each combination is a real set, with the rest as uv resolves it: what metadata allows is judged, and each cell
    of the table says whether it works and, where not, why.
    """
    from pinproof.actions.combos import combos as found
    from pinproof.actions.outside import opened

    if common.output_format == "html":
        _need_html()
    with opened(common.settings(), terminal.progress) as outside:
        matrix = found(requirements, outside, every=every, from_source=from_source, at_most=max_cells)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    terminal.result(_shown(matrix, common))
    return matrix.status.exit_code


def _shown(matrix: Matrix, common: Common) -> str:
    asked, detail = common.circumstances(), common.detail()
    match common.output_format:
        case "json":
            from pinproof.presentation import as_json

            return as_json.matrix(matrix, asked, detail)
        case "markdown":
            from pinproof.presentation import matrix_as_markdown

            return matrix_as_markdown.matrix(matrix, asked, detail)
        case "html":
            from pinproof.presentation import matrix_as_html

            return matrix_as_html.matrix(matrix, asked, detail)
        case _:
            from pinproof.presentation import matrix_as_text

            width = shutil.get_terminal_size((80, 24)).columns
            return matrix_as_text.matrix(matrix, asked, detail, width)


def _need_html() -> None:
    """Say at once that something is missing, not after minutes of work."""
    from importlib.util import find_spec

    from pinproof.errors import InputError

    if find_spec("jinja2") is None:
        raise InputError("HTML needs jinja2, which is not installed", "pip install 'pinproof[html]'")
