"""Words of an audit that every view of it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from click import unstyle

from pinproof.model.advisory import Level
from pinproof.model.audit import AuditStatus, Idle
from pinproof.model.exposure import Reach
from pinproof.model.report import Place
from pinproof.presentation.as_sarif import uri
from pinproof.presentation.as_text import for_whom
from pinproof.presentation.exposure_words import change, way_in
from pinproof.presentation.exposure_words import fixed as fixed_release
from pinproof.presentation.sentences import counted, in_order, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pinproof.model.advisory import Consulted, DeclaredRange, Vulnerability
    from pinproof.model.audit import Audit, IdleIgnore, Ignored
    from pinproof.model.report import Circumstances

OSV_PAGE = "https://osv.dev/vulnerability/"
_LONGEST = 160
_STALE_DAYS = 30


def by_pin(found: Audit) -> list[tuple[Vulnerability, ...]]:
    """The vulnerabilities of pins, those of each together: what the program comes to import first, then the worst."""
    groups: dict[tuple[str, str], list[Vulnerability]] = {}
    for one in () if found.ranges else found.vulnerabilities:
        groups.setdefault((one.name, str(one.version)), []).append(one)
    ordered = (tuple(sorted(group, key=badness)) for group in groups.values())
    return sorted(ordered, key=lambda group: (_farness(found, group[0].name), badness(group[0])))


def _farness(found: Audit, name: NormalizedName) -> int:
    """How far a package is from being imported."""
    exposure = found.exposures.get(name)
    reach = exposure.way_in.reach if exposure is not None else Reach.UNKNOWN
    return {Reach.LAZILY: 1, Reach.NEVER: 2}.get(reach, 0)


def exposed(found: Audit, name: NormalizedName) -> list[str]:
    """How a vulnerable pin came in, what keeps its fixes out, and what would let them in; as far as that is known."""
    exposure = found.exposures.get(name)
    if exposure is None:
        return []
    lines = [
        way_in(exposure),
        *(line for release in exposure.fixed for line in fixed_release(release)),
    ]
    return lines if exposure.change is None else [*lines, *change(exposure, exposure.change)]


def remedy(found: Audit, one: Vulnerability) -> str:
    """The smallest change that mends it, in a clause; empty where none was looked for."""
    exposure = found.exposures.get(one.name)
    if exposure is None or exposure.change is None:
        return ""
    return next(iter(change(exposure, exposure.change)))


def of_range(each: DeclaredRange) -> list[Vulnerability]:
    """The vulnerabilities that a range lets in, each once, the worst first."""
    return sorted(each.newest, key=badness)


def badness(one: Vulnerability) -> tuple[int, float, str, str]:
    """To sort by: the worst first."""
    rating = one.rating
    return list(Level).index(rating.level), -(rating.score or 0.0), one.name, one.identifier


def rated(one: Vulnerability) -> str:
    """`high 8.1`, `medium`, `unrated`."""
    rating = one.rating
    return rating.level if rating.score is None else f"{rating.level} {rating.score:.1f}"


def named(one: Vulnerability) -> str:
    """Its identifier with the other names that are widely used."""
    others = ", ".join(one.aliases)
    return one_line(f"{one.identifier} ({others})" if others else one.identifier)


def summary(one: Vulnerability) -> str:
    """As much of it as a line can take."""
    text = one_line(one.summary)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def fixed_in(one: Vulnerability) -> str:
    """Where it is fixed, as far as anybody wrote it down."""
    return f"fixed in {', '.join(map(str, one.fixes))}" if one.fixes else "no fix is recorded"


def page(one: Vulnerability) -> str:
    """Where more can be read."""
    return f"{OSV_PAGE}{uri(one.identifier)}"


def place_of(found: Audit, name: NormalizedName) -> Place:
    """The line that pins or declares, else the file as a whole."""
    return found.places.get(name, Place(found.filename, None))


def admits(each: DeclaredRange) -> str:
    """What is wrong with a range."""
    versions = each.vulnerable
    newest = f", the newest is {versions[-1]}" if len(versions) > 1 else f": {versions[0]}"
    known = f"{counted(len(versions), 'version')} with known vulnerabilities (of {len(each.admitted)})"
    return f"{spelled(each)} admits {known}{newest}"


def floor(each: DeclaredRange) -> str:
    """The bound that would do."""
    if each.floor is not None:
        return f"the lowest safe floor is {each.floor}"
    later = sorted({fix for one in each.vulnerabilities for fix in one.fixes if fix > each.admitted[-1]})
    beyond = f"; the first fix above it is {later[0]}" if later else ""
    return f"there is no safe floor: {each.admitted[-1]}, the newest that it admits, is affected{beyond}"


def spelled(each: DeclaredRange) -> str:
    """The requirement as people write it."""
    return f"{each.requirement.name}{in_order(str(each.requirement.specifier))}"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell: a vulnerability of a pin or a range, its line, and what there is to say in a sentence."""

    vulnerability: Vulnerability
    at: Place
    message: str


def told(found: Audit) -> list[Told]:
    """All there is to tell, the worst first."""
    every = [
        Told(one, place_of(found, one.name), "; ".join(filter(None, (of_pin(one), remedy(found, one)))))
        for group in by_pin(found)
        for one in group
    ]
    for each in found.vulnerable_ranges:
        at = place_of(found, each.name)
        every += [Told(one, at, _let_in(each, one)) for one in of_range(each)]
    return sorted(every, key=lambda one: badness(one.vulnerability))


def of_pin(one: Vulnerability) -> str:
    """A pin, what is known of it, and where that is fixed."""
    return one_line(f"{one.name} {one.version}: {said(one).rstrip('.')}; {fixed_in(one)}")


def _let_in(each: DeclaredRange, one: Vulnerability) -> str:
    versions = {v.version for v in each.vulnerabilities if v.identifier == one.identifier}
    return one_line(
        f"{spelled(each)} admits {counted(len(versions), 'version')} with {said(one).rstrip('.')}; {floor(each)}"
    )


def said(one: Vulnerability) -> str:
    """Its names and its summary."""
    text = summary(one)
    return f"{named(one)}: {text}" if text else named(one)


# --- the data --------------------------------------------------------------------------------------------


def checked_against(consulted: Consulted, now: datetime) -> str:
    """Which advisories were used, and how old they are."""
    newest = f", the newest of {_day(consulted.newest, now)}" if consulted.newest else ""
    if consulted.asked is None:
        return one_line(
            f"checked against {counted(consulted.records, 'record')} of {consulted.origin}{newest}"
        )
    asked = f"{consulted.asked:%Y-%m-%d %H:%M} UTC"
    days = (now - consulted.asked).days
    ago = f" ({counted(days, 'day')} ago)" if days else ""
    has = f"it has {counted(consulted.records, 'record')} on these packages{newest}"
    return one_line(f"checked against {consulted.origin}, asked on {asked}{ago}: {has}")


def old(consulted: Consulted, now: datetime) -> str:
    """A warning where the data is too old to be relied on; empty where it is not."""
    of = consulted.newest if consulted.asked is None else consulted.asked
    days = 0 if of is None else (now - of).days
    if days < _STALE_DAYS:
        return ""
    return f"the advisories are {counted(days, 'day')} old: what became known since is not told"


def unread(consulted: Consulted) -> str:
    """How many files of an export are no records."""
    count = len(consulted.unreadable)
    return (
        one_line(f"{counted(count, 'file')} of {consulted.origin} could not be read as a record")
        if count
        else ""
    )


def _day(moment: datetime, now: datetime) -> str:
    days = (now - moment).days
    ago = "today" if days < 1 else f"{counted(days, 'day')} ago"
    return f"{moment:%Y-%m-%d} ({ago})"


# --- ignores ---------------------------------------------------------------------------------------------


def kept_away(one: Ignored) -> str:
    """What is ignored, and why."""
    ignore, found = one.ignore, one.vulnerability
    until = [
        *([f"until {ignore.expires}"] if ignore.expires else []),
        *(["until a fix can be had"] if ignore.until_fixable else []),
    ]
    told = f" ({', '.join(until)})" if until else ""
    return one_line(f"{found.name} {found.version}: {named(found)}: {ignore.reason}{told}")


def idle(one: IdleIgnore) -> str:
    """Why an ignore does nothing."""
    ignore = one.ignore
    match one.why:
        case Idle.UNUSED:
            why = "nothing that was found has this name"
        case Idle.EXPIRED:
            why = f"it expired on {ignore.expires}"
        case Idle.FIXABLE:
            why = "a fix can be had now"
    of = f" for {ignore.package}" if ignore.package else ""
    at = ignore.at
    return one_line(
        f"{at.filename}:{at.line}: the ignore of {ignore.identifier}{of} keeps nothing away: {why}"
    )


# --- what it comes to ------------------------------------------------------------------------------------


def counts(found: Audit) -> str:
    """`3 known vulnerabilities in 2 packages (1 high, 2 unrated)`; empty where there are none."""
    if not found.vulnerabilities:
        return ""
    every = found.vulnerabilities
    levels = [(level, sum(v.rating.level is level for v in every)) for level in Level]
    told = ", ".join(f"{count} {level}" for level, count in levels if count)
    packages = counted(len({v.name for v in every}), "package")
    return f"{_vulnerabilities(len(every))} in {packages} ({told})"


def _vulnerabilities(count: int) -> str:
    return "1 known vulnerability" if count == 1 else f"{count} known vulnerabilities"


def conclusion(found: Audit, asked: Circumstances) -> str:
    """What it comes to, and what it was checked against, in one line."""
    against = checked_against(found.consulted, found.moment)
    return one_line(f"{what(found)} {unstyle(for_whom(asked))}: {result(found)}; {against}")


def result(found: Audit) -> str:
    """The answer in words."""
    match found.status:
        case AuditStatus.VULNERABLE:
            return counts(found)
        case AuditStatus.NOT_CHECKED:
            return "no known vulnerabilities, but not everything could be looked up"
        case AuditStatus.CLEAN:
            return "no known vulnerabilities"


def what(found: Audit) -> str:
    """What was looked up."""
    if found.ranges:
        return f"{found.filename}: {counted(len(found.ranges), 'requirement')}"
    return f"{found.filename}: {counted(len(found.pins), 'package')}"


def pin_names(group: Sequence[Vulnerability]) -> str:
    """The pin, and how many of them it has."""
    first = group[0]
    return f"{first.name} {first.version}: {_vulnerabilities(len(group))}"
