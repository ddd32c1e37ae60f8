"""Values as sentences: exact, on one line, and with everything that is needed to check them by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.model.release import moves
from pinproof.model.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pinproof.model.release import Move, Pin
    from pinproof.model.trial import Failure
    from pinproof.model.verdict import Break, NotChecked

_LONGEST = 160
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str) -> str:
    """The text without line ends and control characters.

    Names, paths and messages come from packages: none of them may write a line of a requirements file, nor steer
    the terminal.
    """
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def same_length(text: str) -> str:
    """The text on one line, every character where it was: what would not be printed is a space."""
    return "".join(c if c.isprintable() else " " for c in text)


def sentence(found: Break) -> str:
    """What breaks, where, and since when."""
    return one_line(f"{use(found)}{_fate(found)}")


def use(found: Break) -> str:
    """Who needs what, and in which line."""
    verb = found.how.verb
    place = f"{found.path}:{found.line}" if found.line else found.path
    return one_line(f"{found.dependent} {found.dependent_version} {verb} {found.symbol} ({place})")


def remedy(found: Break) -> str:
    """The releases of the dependency that would work, or nothing where that is not known."""
    if found.severity is Severity.DEPRECATED or not found.works_with:
        return ""
    if found.dependency == "python":
        return f"works with Python {_spaced(str(found.works_with))}"
    return f"works with {found.dependency}{in_order(str(found.works_with))}"


def _fate(found: Break) -> str:
    if found.severity is Severity.DEPRECATED:
        if found.deprecated_in is not None:
            since = f", deprecated since {_named(found, str(found.deprecated_in))}"
            return f"{since}: {_clipped(found.message)}" if found.message else since
        return f": {_clipped(found.message)}" if found.message else f", deprecated in {_dependency(found)}"
    if found.dependency_version is None:
        if found.message:
            return f": {found.message}"
        return f" but requires nothing that provides it; {found.dependency} does"
    return f", {_since_when(found)}"


def _clipped(message: str) -> str:
    """As much of what a package says about itself as a line can take; JSON has all of it."""
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST].rsplit(' ', 1)[0]} …"


def _since_when(found: Break) -> str:
    works_with = str(found.works_with or "")
    if works_with.startswith(">=") and "," not in works_with:
        return f"there since {_named(found, works_with.removeprefix('>='))}"
    if works_with.startswith("!=") or found.removed_in is None:
        return f"which {_dependency(found)} does not have"
    return f"removed in {_named(found, str(found.removed_in))}"


def _dependency(found: Break) -> str:
    return _named(found, str(found.dependency_version))


def _named(found: Break, version: str) -> str:
    return f"{'Python' if found.dependency == 'python' else found.dependency} {version}"


def in_order(specifiers: str) -> str:
    """Specifiers in the order in which people write them: the lower bound first."""
    order = {">": 0, "=": 1, "~": 1, "<": 2, "!": 3}
    return ",".join(sorted(specifiers.split(","), key=lambda s: (order.get(s[:1], 4), s)))


def _spaced(specifiers: str) -> str:
    return re.sub(r"(?<=[<>=!~])(?=\d)", " ", in_order(specifiers)).replace(",", ", ")


def failure(found: Failure) -> str:
    """A module that could not be imported, and how much that matters."""
    remarks = [
        *(["as was read"] if found.foreseen else []),
        *(["for a reason of its own"] if found.own_reason else []),
        *([] if found.direct else ["not asked for directly"]),
    ]
    told = f" ({', '.join(remarks)})" if remarks else ""
    return one_line(f"{found.name} {found.version}: importing {found.module} failed: {found.error}{told}")


def changes(before: Iterable[Pin], after: Iterable[Pin]) -> list[str]:
    """How one set differs from another: `werkzeug 3.0.0 -> 2.3.7`, `setuptools 80.0 added`."""
    return [_change(move) for move in moves(before, after)]


def steps(before: Iterable[Pin], after: Iterable[Pin]) -> list[str]:
    """As `changes`, with what went back to an older release called out."""
    return [
        _change(move) + (" (downgrade)" if move.before and move.after and move.after < move.before else "")
        for move in moves(before, after)
    ]


def _change(move: Move) -> str:
    if move.before is None:
        return f"{move.name} {move.after} added"
    if move.after is None:
        return f"{move.name} {move.before} no longer needed"
    return f"{move.name} {move.before} -> {move.after}"


def unchecked(entries: Sequence[NotChecked], at_most: int | None) -> list[str]:
    """One line for each entry, the last of which counts those that are not named."""
    shown = entries[:at_most]
    lines = [one_line(f"{entry.name}: {entry.reason}") for entry in shown]
    return lines + and_more(len(entries) - len(shown))


def and_more(count: int) -> list[str]:
    """The line that counts what is left out."""
    return [f"and {count} more (-v names them)"] if count > 0 else []


def counted(count: int, noun: str) -> str:
    """`1 package`, `2 packages`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
