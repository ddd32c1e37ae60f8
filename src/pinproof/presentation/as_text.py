"""Answers as text for people. It carries ANSI colours; whoever prints it takes them off where nobody sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from click import style

from pinproof.model.release import moves
from pinproof.model.report import Status, Written
from pinproof.model.verdict import Evidence, NoWorkingSet, Severity
from pinproof.presentation.places import pinned_at, source
from pinproof.presentation.sentences import (
    and_more,
    changes,
    counted,
    failure,
    one_line,
    remedy,
    sentence,
    steps,
    unchecked,
    use,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pinproof.model.release import Pin
    from pinproof.model.report import Circumstances, Detail, LockReport, Report, Verification
    from pinproof.model.trial import Trial
    from pinproof.model.verdict import Bound, Break, NotChecked, Round, SetWarning, Works

_REASONS = 3
_DEPRECATED = 10
_UNCHECKED = 5
_MOVES = 20
_COLORS = {Severity.FATAL: "red", Severity.LATENT: "yellow", Severity.DEPRECATED: "blue"}
_MEANS = {
    Severity.FATAL: " (fails on import)",
    Severity.LATENT: " (fails when that code runs)",
    Severity.DEPRECATED: "",
}
_PLATFORMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def solution(found: Report, asked: Circumstances, detail: Detail) -> str:
    """A set, as the lines of a requirements file with comments; or why there is none."""
    outcome = found.outcome
    way = list(_rounds(outcome.rounds)) if detail.explain else []
    if isinstance(outcome, NoWorkingSet):
        return _joined([*way, *_refusal(outcome, asked, detail)])
    pins = [f"{style(pin.name, bold=True)}=={style(str(pin.version), fg='cyan')}" for pin in outcome.pins]
    if detail.quiet:
        return "\n".join(pins)
    remarks = [*way, *_remarks(found, outcome, asked, detail)]
    return _joined([pins, *([_comment(line) for line in lines] for lines in remarks)])


def verification(found: Verification, asked: Circumstances, detail: Detail) -> str:
    """The breaks of a set, the worst first, and a line that counts them."""
    breaks = [
        line
        for severity in Severity
        for line in _listed(found.verdict.of(severity), _most(severity, detail), found)
    ]
    if detail.quiet:
        return "\n".join(breaks)
    since = [line] if (line := moved_since(found, detail)) else []
    trial = _trial(found.trial) if found.trial is not None else []
    unread = _not_checked(found.not_checked, detail)
    return _joined([breaks, trial, unread, since, [conclusion(found, asked)]])


def lock(found: LockReport, asked: Circumstances, detail: Detail) -> str:
    """What became of a lock: what moved and why, and what remains to be said; the difference first."""
    outcome = found.outcome
    difference = found.difference.splitlines()
    if isinstance(outcome, NoWorkingSet):
        way = list(_rounds(outcome.rounds)) if detail.explain else []
        return _joined([*way, *_refusal(outcome, asked, detail), [f"{found.filename} was left as it was"]])
    if detail.quiet:
        return "\n".join(difference)
    return _joined([difference, *_lock_remarks(found, outcome, asked, detail)])


def _lock_remarks(
    found: LockReport, works: Works, asked: Circumstances, detail: Detail
) -> Iterator[list[str]]:
    if detail.explain:
        yield from _rounds(works.rounds)
    if found.bounds:
        yield [
            line for requirement, reasons in found.bounds for line in _reasoned(requirement, reasons, detail)
        ]
    moved = steps(found.before, works.pins) if found.before else changes(found.plain, works.pins)
    if moved:
        than = "the lock as it was" if found.before else "the plain resolution"
        yield [f"compared with {than}: {', '.join(moved)}"]
    remaining = [
        line for severity in Severity for line in _listed(works.verdict.of(severity), _most(severity, detail))
    ]
    if remaining:
        yield remaining
    if found.warnings:
        yield _warnings(found.warnings)
    if found.not_checked:
        yield _not_checked(found.not_checked, detail)
    yield [
        f"{found.filename}: {_lock_headline(found, works, asked)}: {style(_WORDS[found.written], bold=True)}"
    ]


_WORDS = {
    Written.WRITTEN: "written",
    Written.UNCHANGED: "unchanged",
    Written.DIFFERENT: "would be different",
    Written.NOT_WRITTEN: "not written",
}


def _lock_headline(found: LockReport, works: Works, asked: Circumstances) -> str:
    packages = counted(len(works.pins), "package")
    judged = {(t.python, t.platform) for t in found.judged}
    if len(judged) < 2:
        whom = for_whom(asked)
    else:
        named = [f"Python {t.python_text} on {_PLATFORMS.get(t.platform, t.platform)}" for t in found.judged]
        whom = f"judged on {', '.join(dict.fromkeys(named))}{_as_of(asked)}"
    if found.status is Status.WORKS:
        return f"{packages} that work together {whom}"
    return f"{packages} {whom}; {style('not all of them could be judged', fg='yellow')}"


def _reasoned(requirement: str, reasons: Sequence[str], detail: Detail) -> Iterator[str]:
    """A bound with its first reason on one line, the others below."""
    first, *others = reasons
    yield f"{style(requirement, fg='green', bold=True)}: {first}"
    shown = others if detail.verbose else others[: _REASONS - 1]
    yield from (f"  also: {reason}" for reason in shown)
    yield from (f"  {line}" for line in and_more(len(others) - len(shown)))


def _joined(paragraphs: Iterable[Sequence[str]]) -> str:
    """Paragraphs with an empty line between them."""
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def _comment(line: str) -> str:
    return f"{style('#', dim=True)} {line}"


# --- a set ---------------------------------------------------------------------------------------------


def _remarks(found: Report, works: Works, asked: Circumstances, detail: Detail) -> Iterator[list[str]]:
    yield [_headline(works, found.status, asked)]
    if works.bounds:
        yield [line for bound in works.bounds for line in _bound(bound, detail)]
    if avoided := changes(found.plain, works.pins):
        yield [f"compared with the plain resolution: {', '.join(avoided)}"]
    remaining = [
        line for severity in Severity for line in _listed(works.verdict.of(severity), _most(severity, detail))
    ]
    if remaining:
        yield remaining
    if found.warnings:
        yield _warnings(found.warnings)
    if works.verdict.not_checked:
        yield _not_checked(works.verdict.not_checked, detail)


def _warnings(found: Iterable[SetWarning]) -> list[str]:
    return [f"{style('warning', fg='yellow')}: {one_line(warning.message)}" for warning in found]


def _headline(works: Works, status: Status, asked: Circumstances) -> str:
    packages = counted(len(works.pins), "package")
    if status is Status.WORKS:
        return f"{style(packages, bold=True)} that work together {for_whom(asked)}"
    return f"{style(packages, bold=True)} {for_whom(asked)}; {style('not all of them could be judged', fg='yellow')}"


def for_whom(asked: Circumstances) -> str:
    """For which Python and platform, and as of when."""
    target = asked.target
    platform = _PLATFORMS.get(target.platform, target.platform)
    return f"on Python {target.python_text}, {platform}{_as_of(asked)}"


def _as_of(asked: Circumstances) -> str:
    if asked.as_of is None:
        return ""
    if asked.as_of.timetz().replace(tzinfo=None) == asked.as_of.min.time():
        return f", as of {(asked.as_of - timedelta(days=1)).date().isoformat()}"
    return f", as of {asked.as_of:%Y-%m-%dT%H:%M:%SZ}"


def _bound(bound: Bound, detail: Detail) -> Iterator[str]:
    """The bound with its first reason on one line, the others below."""
    yield from _reasoned(str(bound.requirement), [sentence(found) for found in bound.because], detail)


def _listed(
    breaks: Sequence[Break], at_most: int | None, within: Verification | None = None
) -> Iterator[str]:
    shown = breaks[:at_most]
    for found in shown:
        seen = ", as was seen)" if found.evidence is Evidence.IMPORTED else ")"
        means = _MEANS[found.severity].replace(")", seen)
        yield f"{style(found.severity, fg=_COLORS[found.severity], bold=True)}{means}: {_full(found)}"
        if within is not None and (places := _pinned_at(found, within)):
            yield f"  {places}"
    for line in and_more(len(breaks) - len(shown)):
        yield f"{breaks[0].severity}: {line}"


def _full(found: Break) -> str:
    working = remedy(found)
    return f"{sentence(found)}; {working}" if working else sentence(found)


def _pinned_at(found: Break, within: Verification) -> str:
    """Where the lock file pins the two that do not go together."""
    if found.severity is Severity.DEPRECATED:
        return ""
    own = source(within, found)
    told = [f"{own.filename}:{own.line}"] if own is not None and own.filename != found.path else []
    told += [f"{place.filename}:{place.line} pins {pinned}" for place, pinned in pinned_at(within, found)]
    return ", ".join(told)


def _most(severity: Severity, detail: Detail) -> int | None:
    return _DEPRECATED if severity is Severity.DEPRECATED and not detail.verbose else None


def _not_checked(entries: Sequence[NotChecked], detail: Detail) -> list[str]:
    if not entries:
        return []
    lines = unchecked(entries, None if detail.verbose else _UNCHECKED)
    return [f"{style('not checked', fg='magenta')}: {len(entries)}", *(f"  {line}" for line in lines)]


# --- no set --------------------------------------------------------------------------------------------


def _refusal(refused: NoWorkingSet, asked: Circumstances, detail: Detail) -> Iterator[list[str]]:
    title = f"{style('no working set', fg='red', bold=True)} {for_whom(asked)}"
    reason = [f"  {one_line(line)}" for line in refused.reason.splitlines() if line.strip()]
    if not refused.rounds:
        yield [f"{title}: the requirements contradict each other, without any bound of pinproof's", *reason]
    elif not refused.bounds:
        yield [f"{title}:", *reason]
    else:
        yield [f"{title}: what resolves does not work, and these bounds leave nothing else"]
        yield [f"  {line}" for bound in refused.bounds for line in _bound(bound, detail)]
        yield reason
    told = {found for bound in refused.bounds for found in bound.because}
    remaining = [
        f"  {line}"
        for severity in (Severity.FATAL, Severity.LATENT)
        for line in _listed(
            [b for b in refused.verdict.of(severity) if b not in told], _most(severity, detail)
        )
    ]
    if remaining:
        yield ["in the last set that was judged:", *remaining]
    yield _not_checked(refused.verdict.not_checked, detail)


# --- the way there -------------------------------------------------------------------------------------


def _rounds(rounds: Sequence[Round]) -> Iterator[list[str]]:
    before: tuple[Pin, ...] = ()
    for number, one in enumerate(rounds, 1):
        yield [f"{style(f'round {number}', bold=True)}: {_tried(before, one)}", *_found_in(one)]
        before = one.pins or before


def _tried(before: Iterable[Pin], one: Round) -> str:
    if not one.pins:
        return "no set"
    if not before:
        return ", ".join(f"{pin.name} {pin.version}" for pin in one.pins)
    return ", ".join(changes(before, one.pins)) or "the same set"


def _found_in(one: Round) -> Iterator[str]:
    for found in (*one.verdict.of(Severity.FATAL), *one.verdict.of(Severity.LATENT)):
        yield f"  {style(found.severity, fg=_COLORS[found.severity])}: {_full(found)}"
    for bound in one.added:
        yield f"  added {style(str(bound.requirement), fg='green')}"
    if one.note:
        yield from (f"  {one_line(line)}" for line in one.note.splitlines())
    if not one.added and not one.note:
        yield "  nothing to add"


# --- a verification ------------------------------------------------------------------------------------


def _trial(trial: Trial) -> list[str]:
    """What came of importing the set, the failures that count first."""
    failures = sorted(trial.failures, key=lambda f: not f.counts)
    lines = [
        f"{style('failed', fg='red' if f.counts else 'yellow', bold=True)}: {failure(f)}" for f in failures
    ]
    return lines + [f"imported all the same: {use(found)}" for found in trial.refuted]


def moved_since(found: Verification, detail: Detail) -> str:
    """What moved since the set that this one is compared with, in one line; empty without such a one."""
    if found.since is None:
        return ""
    every = steps(found.since.pins, found.pins)
    shown = every if detail.verbose else every[:_MOVES]
    told = [*shown, *and_more(len(every) - len(shown))]
    return f"moved since {one_line(found.since.name)}: {', '.join(told) or 'nothing'}"


def conclusion(found: Verification, asked: Circumstances) -> str:
    """What it comes to, in one line."""
    what = f"{found.filename}: {counted(len(found.pins), 'package')} {for_whom(asked)}"
    if found.since is not None:
        moved = len(moves(found.since.pins, found.pins))
        what += f", {moved} moved since {one_line(found.since.name)}"
    counts = [f"{len(breaks)} {severity}" for severity in Severity if (breaks := found.verdict.of(severity))]
    if found.trial is not None:
        modules, failed = counted(found.trial.modules, "module"), len(found.trial.failures)
        counts.append(f"{failed} of {modules} not imported" if failed else f"{modules} imported")
    told = f" ({', '.join(counts)})" if counts else ""
    match found.status:
        case Status.WORKS:
            return f"{what}: {style('works', fg='green', bold=True)}{told}"
        case Status.NOT_CHECKED:
            return f"{what}: {style('not everything could be judged', fg='magenta', bold=True)}{told}"
        case _:
            return f"{what}: {style('broken', fg='red', bold=True)}{told}"
