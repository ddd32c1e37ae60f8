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
    line = f",line={place.line}" if place.line is not None else ""
    title = _TITLES.get(one.severity, one.severity.value)
    return (
        f"::{_COMMANDS[one.severity]} file={_property(place.filename)}{line},title={title}::{_data(message)}"
    )


def _failure(found: Verification, one: Failure) -> str:
    place = pinned(found, one.name)
    line = f",line={place.line}" if place.line is not None else ""
    command = "error" if one.counts else "notice"
    return f"::{command} file={_property(place.filename)}{line},title=not imported::{_data(failure(one))}"


def _not_checked(found: Verification, entry: NotChecked) -> str:
    message = one_line(f"{entry.name}: {entry.reason}")
    return f"::warning file={_property(found.filename)},title=not checked::{_data(message)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
