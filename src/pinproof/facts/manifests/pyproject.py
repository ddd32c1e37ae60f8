"""`pyproject.toml`: what the project and its tools declare.

Source: PEP 518, 621 and 735, and the documentation of uv, poetry, pdm and hatch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from pinproof.facts.locks.poetry_versions import alternatives, python_marker
from pinproof.facts.locks.project import below, table
from pinproof.facts.manifests.toml_spans import Path, Spot, excerpt, parsed, spots
from pinproof.facts.manifests.written import of_excerpt, of_table
from pinproof.model.declaration import FilePath, Kind, Manifest, Problem, Value, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.utils import NormalizedName

    from pinproof.facts.manifests.tox_toml import ToxTables
    from pinproof.model.declaration import Declaration

_LISTS: tuple[tuple[tuple[str, ...], Where], ...] = (
    (("project", "dependencies"), Where.PUBLISHED),
    (("build-system", "requires"), Where.BUILD),
    (("tool", "uv", "dev-dependencies"), Where.GROUP),
    (("tool", "uv", "constraint-dependencies"), Where.CONSTRAINT),
    (("tool", "uv", "build-constraint-dependencies"), Where.CONSTRAINT),
    (("tool", "uv", "override-dependencies"), Where.CONSTRAINT),
)
_TABLES_OF_LISTS: tuple[tuple[tuple[str, ...], Where], ...] = (
    (("project", "optional-dependencies"), Where.EXTRA),
    (("dependency-groups",), Where.GROUP),
    (("tool", "pdm", "dev-dependencies"), Where.GROUP),
)
_ELSEWHERE = ("path", "git", "url", "file", "workspace")


def read(text: str, path: FilePath) -> Manifest:
    """What a `pyproject.toml` declares."""
    document, problems = parsed(text)
    if problems:
        return Manifest(path, Kind.PYPROJECT, text, problems=problems)
    return _Reading(document, spots(text), text, path).manifest()


class _Reading:
    def __init__(
        self, document: Mapping[str, Any], places: Mapping[Path, Spot], text: str, path: FilePath
    ) -> None:
        self.document, self.places, self.text, self.path = document, places, text, path
        self.problems: list[Problem] = []

    def manifest(self) -> Manifest:
        project = table(self.document, "project")
        dynamic = project.get("dynamic")
        tox = self.tox()
        return Manifest(
            self.path,
            Kind.PYPROJECT,
            self.text,
            (*self.declarations(), *(tox.requires() if tox else ())),
            tuple(tox.commands()) if tox else (),
            problems=tuple(self.problems),
            name=self.value("project", "name") or self.value("tool", "poetry", "name"),
            requires_python=self.requires_python(),
            classifiers=self.classifiers(),
            has_build_system="build-system" in self.document,
            dynamic=frozenset(map(str, dynamic)) if isinstance(dynamic, list) else frozenset(),
            extras=frozenset(
                {*table(project, "optional-dependencies"), *table(self.document, "tool", "poetry", "extras")}
            ),
            groups=frozenset(self.groups()),
            elsewhere=frozenset(self.elsewhere()),
            is_standard="name" in project,
        )

    def declarations(self) -> Iterator[Declaration]:
        for keys, where in _LISTS:
            # What is constrained and what is overridden are lists of their own.
            yield from self.listed(keys, where, keys[-1] if where is Where.CONSTRAINT else "")
        for keys, where in _TABLES_OF_LISTS:
            for part in table(self.document, *keys):
                yield from self.listed((*keys, part), where, part)
        for environment in table(self.document, "tool", "hatch", "envs"):
            for key in ("dependencies", "extra-dependencies"):
                yield from self.listed(("tool", "hatch", "envs", environment, key), Where.GROUP, environment)
        yield from self.of_poetry()

    def listed(self, keys: tuple[str, ...], where: Where, part: str) -> Iterator[Declaration]:
        found = below(self.document, *keys)
        if found is None:
            return
        if not isinstance(found, list):
            self.problems.append(
                Problem(
                    f"{'.'.join(keys)} is not a list", self.places[keys].span if keys in self.places else None
                )
            )
            return
        for number, entry in enumerate(found):
            spot = self.places.get((*keys, number))
            if spot is None or isinstance(entry, dict):  # PEP 735: include-group
                continue
            if not isinstance(entry, str):
                self.problems.append(Problem(f"{'.'.join(keys)} has an item that is no text", spot.span))
            else:
                written = excerpt(self.text, entry, spot)
                yield replace(of_excerpt(written, where, part=part), comment=spot.comment)

    def tox(self) -> ToxTables | None:
        """What is below `[tool.tox]`; its reader is imported only where that is there."""
        if not table(self.document, "tool", "tox"):
            return None
        from pinproof.facts.manifests.tox_toml import ToxTables

        return ToxTables(self.text, self.document, self.places, ("tool", "tox"))

    # --- poetry ------------------------------------------------------------------------------------------

    def of_poetry(self) -> Iterator[Declaration]:
        poetry = ("tool", "poetry")
        # What stands in `[project]` as well is only told more of here: where it comes from.
        elsewhere = below(self.document, "project", "dependencies") is not None
        unpublished = elsewhere or below(self.document, *poetry, "package-mode") is False
        published = Where.GROUP if unpublished else Where.PUBLISHED
        yield from self.poetry_table((*poetry, "dependencies"), published, "")
        yield from self.poetry_table((*poetry, "dev-dependencies"), Where.GROUP, "dev")
        for group in table(self.document, *poetry, "group"):
            yield from self.poetry_table((*poetry, "group", group, "dependencies"), Where.GROUP, group)

    def poetry_table(self, keys: tuple[str, ...], where: Where, part: str) -> Iterator[Declaration]:
        for name, entry in table(self.document, *keys).items():
            alternatives_of = entry if isinstance(entry, list) else [entry]
            if name.lower() == "python":
                continue
            for number, one in enumerate(alternatives_of):
                at: Path = (*keys, name, number) if isinstance(entry, list) else (*keys, name)
                if (spot := self.places.get(at)) is None:
                    continue
                yield self.poetry_entry(name, one, at, spot, where, part)

    def poetry_entry(
        self, name: str, entry: object, at: Path, spot: Spot, where: Where, part: str
    ) -> Declaration:
        settings = entry if isinstance(entry, dict) else {"version": entry}
        inner = self.places.get((*at, "version")) if isinstance(entry, dict) else spot
        extras = settings.get("extras")
        if settings.get("optional") is True and where is Where.PUBLISHED:
            where, part = Where.EXTRA, ", ".join(self.poetry_extras_with(name))
        return of_table(
            name,
            str(settings.get("version", "")),
            inner.span if inner is not None and inner.plain else None,
            where,
            span=spot.span,
            part=part,
            marker=python_marker(str(settings["python"])) if "python" in settings else None,
            extras=frozenset(map(str, extras)) if isinstance(extras, list) else frozenset(),
            comment=spot.comment,
        )

    def poetry_extras_with(self, name: str) -> Iterator[str]:
        for extra, names in table(self.document, "tool", "poetry", "extras").items():
            listed = names if isinstance(names, list) else ()
            if canonicalize_name(name) in {canonicalize_name(str(one)) for one in listed}:
                yield extra

    # --- the project itself ------------------------------------------------------------------------------

    def value(self, *keys: str) -> Value | None:
        found, spot = below(self.document, *keys), self.places.get(keys)
        return Value(spot.span, found) if isinstance(found, str) and spot is not None else None

    def requires_python(self) -> Value | None:
        if value := self.value("project", "requires-python"):
            return value
        value = self.value("tool", "poetry", "dependencies", "python")
        options = alternatives(value.text) if value else ()
        # What has alternatives can hardly be said in one specifier.
        return Value(value.span, str(options[0])) if value and len(options) == 1 else None

    def classifiers(self) -> tuple[str, ...]:
        found = below(self.document, "project", "classifiers") or below(
            self.document, "tool", "poetry", "classifiers"
        )
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def groups(self) -> Iterator[str]:
        yield from table(self.document, "dependency-groups")
        yield from table(self.document, "tool", "poetry", "group")
        yield from table(self.document, "tool", "pdm", "dev-dependencies")

    def elsewhere(self) -> Iterator[NormalizedName]:
        sources = table(self.document, "tool", "uv", "sources")
        yield from (canonicalize_name(n) for n, s in sources.items() if _is_elsewhere(s))
        poetry = table(self.document, "tool", "poetry")
        tables = [table(poetry, "dependencies"), table(poetry, "dev-dependencies")]
        tables += [table(group, "dependencies") for group in table(poetry, "group").values()]
        for entries in tables:
            yield from (canonicalize_name(n) for n, e in entries.items() if _is_elsewhere(e))


def _is_elsewhere(source: object) -> bool:
    """Whether a source is none of releases; a list of them is, where each is."""
    if isinstance(source, list):
        return all(map(_is_elsewhere, source))
    return isinstance(source, dict) and any(key in source for key in _ELSEWHERE)
