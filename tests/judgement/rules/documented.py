"""The examples in the documentation of rules as folders on disk.

A file `index.json` in an example is what the index has: `{"click": {"versions": ["8.1.7"], "yanked": {"8.1.7":
"broken"}, "status": "archived", "reason": "…"}, "clikc": null}`. Of what it does not name nothing is known. What
releases bring stands under their versions: `"contents": {"8.1.7": {"modules": ["click"], "requires": ["colorama"]}}`;
the extras of the newest: `"extras": ["tui"]`. What the project's own source uses of it, and only some releases have:
`"since": {"click.x": "8.0"}, "until": {"click.y": "9.0"}`.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pinproof.actions.check import check
from pinproof.facts.check_settings import CheckSettings
from pinproof.judgement.rules.project import Contents, Missing, Releases, Tried
from pinproof.model.release import Standing, Status
from pinproof.model.verdict import Break, How, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.judgement.rules.project import Project, World
    from pinproof.judgement.rules.rule import Rule
    from pinproof.model.check_report import Checked
    from pinproof.model.declaration import Declaration
    from pinproof.model.verdict import NotChecked

_BLOCK = re.compile(r"^```\w+ (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
TODAY = date(2026, 1, 1)


class TableWorld:
    """A world whose index is a table."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._notes: dict[NotChecked, None] = {}

    @property
    def notes(self) -> tuple[NotChecked, ...]:
        """What rules could not look at; it answers what it knows."""
        return tuple(self._notes)

    def breaks_with(
        self, dependents: Mapping[NormalizedName, Version], name: NormalizedName, version: Version
    ) -> tuple[Break, ...] | None:
        return tuple(
            _lacking(symbol, version, f"<{gone}", Version(gone))
            for symbol, gone in (self._table.get(name) or {}).get("until", {}).items()
            if dependents and version >= Version(gone)
        )

    def note(self, what: NotChecked) -> None:
        self._notes[what] = None

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

    def has(self, name: NormalizedName, specifier: SpecifierSet) -> bool | None:
        found = self.releases(name)
        if found is None:
            return None
        return isinstance(found, Releases) and any(specifier.filter(found.versions, prereleases=True))

    def standing(self, name: NormalizedName) -> Standing | None:
        found = self._table.get(name)
        return Standing(Status(found.get("status", "active")), found.get("reason", "")) if found else None

    def extras(self, name: NormalizedName, specifier: SpecifierSet) -> tuple[Version, frozenset[str]] | None:
        admitted = list(specifier.filter(self._versions(name)))
        extras = (self._table.get(name) or {}).get("extras")
        return (max(admitted), frozenset(extras)) if admitted and extras is not None else None

    def at_floor(self, project: Project, declaration: Declaration) -> Tried | None:
        admitted = sorted(self._admitted(declaration))
        since = {s: v for s, v in self._entry(declaration).get("since", {}).items() if Version(v) in admitted}
        breaks = [
            _lacking(s, v, f">={at}") for v in admitted[:1] for s, at in since.items() if v < Version(at)
        ]
        return Tried(tuple(admitted[:1]), tuple(breaks))

    def beyond_cap(self, project: Project, declaration: Declaration) -> Tried | None:
        newest = max(self._admitted(declaration), default=None)
        assert declaration.name is not None
        beyond = [
            v
            for v in self._versions(declaration.name)
            if newest is not None and v > newest and not v.is_prerelease
        ]
        until = self._entry(declaration).get("until", {})
        breaks = [
            _lacking(s, v, f"<{gone}", Version(gone))
            for v in beyond[-1:]
            for s, gone in until.items()
            if v >= Version(gone)
        ]
        return Tried(tuple(beyond[-1:]), tuple(breaks))

    def _entry(self, declaration: Declaration) -> dict[str, Any]:
        return self._table.get(declaration.name or "") or {}

    def _versions(self, name: NormalizedName) -> tuple[Version, ...]:
        found = self.releases(name)
        return found.versions if isinstance(found, Releases) else ()

    def _admitted(self, declaration: Declaration) -> list[Version]:
        assert declaration.requirement is not None
        assert declaration.name is not None
        return list(declaration.requirement.specifier.filter(self._versions(declaration.name)))


def _lacking(symbol: str, release: Version, works_with: str, removed_in: Version | None = None) -> Break:
    return Break(
        severity=Severity.FATAL,
        how=How.IMPORT,
        dependent=canonicalize_name("datasette-export"),
        dependent_version=Version("0"),
        dependency=canonicalize_name(symbol.partition(".")[0]),
        dependency_version=release,
        symbol=symbol,
        path="datasette_export/__init__.py",
        line=1,
        removed_in=removed_in,
        works_with=SpecifierSet(works_with),
    )


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
    index.unlink(missing_ok=True)  # it is no file of the project
    return check(folder, asked, world or TableWorld(table), (), TODAY)[1]
