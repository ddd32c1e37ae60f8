"""A verification as annotations of GitHub Actions, each break on the line that pins what took something away.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import unstyle

from pinproof.model.verdict import Severity
from pinproof.presentation.as_text import conclusion
from pinproof.presentation.places import blamed, pinned
from pinproof.presentation.sentences import failure, one_line, remedy, sentence

if TYPE_CHECKING:
    from pinproof.model.report import Circumstances, Detail, Verification
    from pinproof.model.trial import Failure
    from pinproof.model.verdict import Break, NotChecked

_COMMANDS = {Severity.FATAL: "error", Severity.LATENT: "warning", Severity.DEPRECATED: "notice"}
_TITLES = {Severity.FATAL: "fails on import", Severity.LATENT: "fails when that code runs"}


def verification(found: Verification, asked: Circumstances, detail: Detail) -> str:
    """The answer of `verify`: one command for each finding, and a line that counts them."""
    lines = [_annotation(found, one) for severity in Severity for one in found.verdict.of(severity)]
    lines += [_failure(found, one) for one in found.unforeseen]
    lines += [_not_checked(found, entry) for entry in found.not_checked]
    if not detail.quiet:
        lines.append(unstyle(conclusion(found, asked)))
    return "\n".join(lines)


def _annotation(found: Verification, one: Break) -> str:
    place = blamed(found, one)
    working = remedy(one)
    message = f"{sentence(one)}; {working}" if working else sentence(one)
    title = _TITLES.get(one.severity, one.severity.value)
    return annotation(_COMMANDS[one.severity], message, title, place.filename, line=place.line)


def _failure(found: Verification, one: Failure) -> str:
    place = pinned(found, one.name)
    command = "error" if one.counts else "notice"
    return annotation(command, failure(one), "not imported", place.filename, line=place.line)


def _not_checked(found: Verification, entry: NotChecked) -> str:
    return annotation("warning", f"{entry.name}: {entry.reason}", "not checked", found.filename)


def annotation(command: str, message: str, title: str, filename: str = "", **place: int | None) -> str:
    """One command; `place` are its numbers (`line`, `col`, `endLine`, `endColumn`), None where they are not known."""
    properties = {"file": filename or None, **place, "title": title}
    told = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::{command} {told}::{_data(message)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
