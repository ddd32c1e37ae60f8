"""The examples in the documentation of rules as folders on disk."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from pinproof.actions.check import Asked, check
from pinproof.actions.index_world import Nowhere

if TYPE_CHECKING:
    from pathlib import Path

    from pinproof.judgement.rules.project import World
    from pinproof.judgement.rules.rule import Rule
    from pinproof.model.check_report import Checked

_BLOCK = re.compile(r"^```\w+ (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
TODAY = date(2026, 1, 1)


def files_of(section: str) -> dict[str, str]:
    """The files that a section shows."""
    return {found["path"]: found["text"] for found in _BLOCK.finditer(section)}


def put(files: dict[str, str], folder: Path) -> Path:
    """Write them below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, newline="")
    return folder


def checked(folder: Path, rule: Rule, world: World | None = None) -> Checked:
    """What the project of an example gives; the rule's own scope decides what the project is where it is not said."""
    asked = Asked(role=rule.scope.name.lower() if rule.scope.name != "EVERYWHERE" else None, select=("ALL",))
    return check(folder, asked, world or Nowhere(), (), TODAY)[1]
