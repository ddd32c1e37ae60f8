"""What is known of the vulnerabilities of projects: records from a source, read once in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pinproof.facts.osv import RecordError, advisories_of, read_record
from pinproof.model.advisory import Advisory
from pinproof.model.verdict import NotChecked
from pinproof.sources.advisory_export import AdvisoryExport
from pinproof.sources.advisory_service import OSV, AdvisoryService

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import Collected, Consulted, RecordText
    from pinproof.sources.fetch import Fetcher


class Source(Protocol):
    """A service or an export."""

    def records(self, names: Iterable[NormalizedName]) -> Collected:
        """The records on these projects, and what was asked for them."""
        ...


def source_of(fetcher: Fetcher, export: Path | None = None, service: str | None = None) -> Source:
    """An export on this machine, else a service, else that of OSV. InputError for what is neither."""
    if export is not None:
        return AdvisoryExport(export, fetcher)
    return AdvisoryService(fetcher, service or OSV)


class Advisories:
    """The advisories on projects; those that are asked for at once are fetched at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._by_project: dict[NormalizedName, list[Advisory]] = {}
        self._unclear: dict[NormalizedName, list[NotChecked]] = {}
        self._consulted: Consulted | None = None

    def fetch(self, names: Iterable[NormalizedName]) -> None:
        """Bring those on these projects, as far as they are not here. OutsideError where they cannot be had."""
        missing = [name for name in dict.fromkeys(names) if name not in self._by_project]
        if not missing and self._consulted is not None:
            return
        collected = self._source.records(missing)
        for name in missing:
            self._by_project[name] = []
            self._unclear[name] = [one for one in collected.unclear if one.name == name]
        for text in collected.texts:
            self._take(text)
        found = collected.consulted
        self._consulted = found if self._consulted is None else self._consulted.and_also(found)

    def on(self, name: NormalizedName) -> tuple[Advisory, ...]:
        """Those on one project."""
        self.fetch((name,))
        return tuple(self._by_project[name])

    def unclear(self, name: NormalizedName) -> tuple[NotChecked, ...]:
        """Records on a project that cannot be read, or do not tell what of it is affected."""
        self.fetch((name,))
        return tuple(self._unclear[name])

    @property
    def consulted(self) -> Consulted:
        """What was asked, and from when it is."""
        self.fetch(())
        assert self._consulted is not None
        return self._consulted

    def _take(self, text: RecordText) -> None:
        """Keep what a record says of the projects that were asked for."""
        try:
            record = read_record(text.text)
            found = advisories_of(record)
        except RecordError as error:
            for name in text.about:
                self._unclear[name].append(NotChecked(name, f"{text.origin}: {error}"))
            return
        for name in text.about:
            told = [a for a in found if isinstance(a, Advisory) and a.project == name]
            unclear = [n for n in found if isinstance(n, NotChecked) and n.name == name]
            if not told and not unclear and not record.withdrawn:
                unclear = [NotChecked(name, f"{text.origin}: it does not tell what of {name} is affected")]
            self._by_project[name] += told
            self._unclear[name] += unclear
