"""`pinproof lock --into TOOL`: a project to an action, its answer to the two files and to the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.cli.lock_answer import answered
from pinproof.cli.policy import wanted_of

if TYPE_CHECKING:
    from pinproof.actions.lock_resolving import Wanted
    from pinproof.actions.outside import Settings
    from pinproof.actions.projects import Project
    from pinproof.cli.lock_answer import Manner
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal


def lock_into(
    name: str,
    wanted: Wanted,
    paths: tuple[str, ...],
    manner: Manner,
    asked: Common,
    terminal: Terminal,
    *,
    with_source: bool,
) -> int:
    """Bounds into `pyproject.toml`, and the tool's own lock made with them."""
    from pinproof.actions.into_tool import into_tool, project_of
    from pinproof.actions.lock_tools import TOOLS
    from pinproof.actions.outside import opened
    from pinproof.presentation.sentences import sentence

    tool = TOOLS[name]
    project = project_of(paths, Path(), tool, with_source=with_source)
    universal = bool(project.requires_python)
    wanted = replace(wanted, universal=universal, **wanted_of(wanted.policy.over(project.policy), asked))
    with opened(settings_of(asked, project), terminal.progress) as outside:
        changed = into_tool(project, wanted, outside, sentence, tool)
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    files = {project.folder / tool.lock_file: changed.lock} if changed.lock else {}
    files[project.folder / "pyproject.toml"] = changed.pyproject
    code = answered(changed.found, files, manner, asked, terminal)
    if changed.pyproject and not changed.lock:
        terminal.warning(
            f"{name} is not installed here: `{name} lock` makes {tool.lock_file} with these bounds"
        )
    return code


def settings_of(asked: Common, project: Project) -> Settings:
    """The settings of a run, with the indexes that the project declares."""
    return replace(
        asked.settings(), declared_indexes=project.extra_index_urls, declared_default=project.index_url
    )
