"""An audited set as a bill of materials with its known vulnerabilities: CycloneDX 1.6, in JSON.

Source: https://cyclonedx.org/docs/1.6/json/; packages are named by their package URLs (https://github.com/package-url/purl-spec)
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from cyclonedx.model import Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.impact_analysis import ImpactAnalysisState
from cyclonedx.model.vulnerability import (
    BomTarget,
    VulnerabilityAnalysis,
    VulnerabilityRating,
    VulnerabilityReference,
    VulnerabilityScoreSource,
    VulnerabilitySeverity,
    VulnerabilitySource,
)
from cyclonedx.model.vulnerability import Vulnerability as Listed
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from pinproof import __version__
from pinproof.model.advisory import Level
from pinproof.presentation.audit_words import checked_against, fixed_in, page
from pinproof.presentation.sentences import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pinproof.model.advisory import Rating, Vulnerability
    from pinproof.model.audit import Audit
    from pinproof.model.release import Pin

_METHODS = (
    ("CVSS:4", VulnerabilityScoreSource.CVSS_V4),
    ("CVSS:3.1", VulnerabilityScoreSource.CVSS_V3_1),
    ("CVSS:3", VulnerabilityScoreSource.CVSS_V3),
)


def bill_of_materials(found: Audit) -> str:
    """All pins, what is known of them, and (as an analysis) what the project says of what it ignores."""
    bom = Bom(components=[_component(pin) for pin in found.pins])
    bom.metadata.timestamp = found.moment
    bom.metadata.tools.components.add(
        Component(type=ComponentType.APPLICATION, name="pinproof", version=__version__)
    )
    against = checked_against(found.consulted, found.moment)
    bom.metadata.properties.add(Property(name="pinproof:advisories", value=against))
    said: list[tuple[Vulnerability, str | None]] = [(one, None) for one in found.vulnerabilities]
    said += [(one.vulnerability, one.ignore.reason) for one in found.ignored]
    for one, reason in said:
        bom.vulnerabilities.add(_listed(one, reason))
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=2) + "\n"


def _component(pin: Pin) -> Component:
    purl = _purl(pin.name, str(pin.version))
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=str(pin.version),
        purl=purl,
        bom_ref=purl.to_string(),
    )


def _purl(name: str, version: str) -> PackageURL:
    return PackageURL("pypi", name=name, version=version)


def _listed(one: Vulnerability, reason: str | None) -> Listed:
    pin = _purl(one.name, str(one.version)).to_string()
    return Listed(
        bom_ref=f"{pin}#{one_line(one.identifier)}",
        id=one_line(one.identifier),
        source=VulnerabilitySource(name="OSV", url=XsUri(page(one))),
        references=_references(one.aliases),
        ratings=[_rating(one.rating)],
        description=one_line(one.summary) or None,
        recommendation=fixed_in(one),
        updated=max(record.modified for record in one.advisories),
        affects=[BomTarget(ref=pin)],
        analysis=None
        if reason is None
        else VulnerabilityAnalysis(
            state=ImpactAnalysisState.IN_TRIAGE, detail=one_line(f"ignored: {reason}")
        ),
    )


def _references(aliases: Iterable[str]) -> list[VulnerabilityReference]:
    return [VulnerabilityReference(id=one_line(a), source=VulnerabilitySource(name="OSV")) for a in aliases]


def _rating(rating: Rating) -> VulnerabilityRating:
    word = "unknown" if rating.level is Level.UNRATED else rating.level.value
    method = next((method for prefix, method in _METHODS if rating.vector.startswith(prefix)), None)
    return VulnerabilityRating(
        severity=VulnerabilitySeverity(word),
        score=None if rating.score is None else Decimal(str(rating.score)),
        method=method,
        vector=rating.vector or None,
    )
