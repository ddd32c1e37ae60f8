"""The examples in the documentation of rules as folders on disk.

A file `index.json` in an example is what the index has: `{"click": {"versions": ["8.1.7"], "yanked": {"8.1.7":
"broken"}, "status": "archived", "reason": "…"}, "clikc": null}`. Of what it does not name nothing is known. What
releases bring stands under their versions: `"contents": {"8.1.7": {"modules": ["click"], "requires": ["colorama"]}}`.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.version import Version

from pinproof.actions.check import check
from pinproof.facts.check_settings import CheckSettings
from pinproof.judgement.rules.project import Contents, Missing, Releases
from pinproof.model.release import Standing, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.judgement.rules.rule import Rule
    from pinproof.model.check_report import Checked
    from pinproof.model.verdict import NotChecked

_BLOCK = re.compile(r"^```\w+ (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
TODAY = date(2026, 1, 1)


class TableWorld:
    """A world whose index is a table."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._notes: list[NotChecked] = []

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What rules could not look at; it answers what it knows."""
        return tuple(self._notes)

    def note(self, what: NotChecked) -> None:
        self._notes.append(what)

    def contents(self, pins: Mapping[NormalizedName, Version]) -> Mapping[NormalizedName, Contents]:
        found = {}
        for name, version in pins.items():
            said = (self._table.get(name) or {}).get("contents", {}).get(str(version))
            if said is not None:
                parts = {key: said.get(key, ()) for key in ("modules", "requires", "groups")}
                requires = tuple(map(Requirement, parts["requires"]))
                found[name] = Contents(frozenset(parts["modules"]), requires, frozenset(parts["groups"]))
        return found

    def look_ahead(self, projects: Sequence[Project]) -> None:
        """It knows before."""

    def releases(self, name: NormalizedName) -> Releases | Missing | None:
        if name not in self._table:
            return None
        if (found := self._table[name]) is None:
            return Missing.MISSING
        yanked = {Version(version): reason for version, reason in found.get("yanked", {}).items()}
        return Releases(tuple(sorted(map(Version, found["versions"]))), yanked)

    def has(self, name: NormalizedName, version: Version) -> bool | None:
        found = self.releases(name)
        return None if found is None else isinstance(found, Releases) and version in found.versions

    def standing(self, name: NormalizedName) -> Standing | None:
        found = self._table.get(name)
        return Standing(Status(found.get("status", "active")), found.get("reason", "")) if found else None


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
    asked = CheckSettings(
        role=rule.scope.name.lower() if rule.scope.name != "EVERYWHERE" else "", select=("ALL",)
    )
    index = folder / "index.json"
    table = json.loads(index.read_text()) if index.exists() else {}
    return check(folder, asked, world or TableWorld(table), (), TODAY)[1]
