"""Requirements files and constraints, pinned or not, with the place of each requirement.

The lines are those of `facts.locks.requirements`, which reads them as pip does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.errors import InputError
from pinproof.facts.locks.requirements import Line, is_direct, options_of, split_options
from pinproof.facts.manifests.written import pep508
from pinproof.model.declaration import FilePath, Kind, Manifest, Problem, Reference, Span, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.declaration import Declaration

_PHYSICAL = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#(?P<comment>.*)$")


def read(text: str, path: FilePath) -> Manifest:
    """What a requirements file lists."""
    return _Reading(text, path, Kind.REQUIREMENTS, Where.LISTED).manifest()


def read_constraints(text: str, path: FilePath) -> Manifest:
    """What a file of constraints bounds."""
    return _Reading(text, path, Kind.CONSTRAINTS, Where.CONSTRAINT).manifest()


class _Reading:
    def __init__(self, text: str, path: FilePath, kind: Kind, where: Where) -> None:
        self.text, self.path, self.kind, self.where = text, path, kind, where
        self.declarations: list[Declaration] = []
        self.includes: list[Reference] = []
        self.problems: list[Problem] = []

    def manifest(self) -> Manifest:
        above: list[str] = []
        for start, line, comment in logical_lines(self.text):
            if line.strip():
                self.line(start, line, " ".join([*above, comment]).strip())
                above = []
            else:
                above = [*above, comment] if comment else []
        return Manifest(
            self.path,
            self.kind,
            self.text,
            tuple(self.declarations),
            includes=tuple(self.includes),
            problems=tuple(self.problems),
        )

    def line(self, start: int, line: str, comment: str) -> None:
        """`line` is as long as what it stands for, so that places in it are places in the text."""
        wanted, options_text = split_options(line.strip())
        at = start + len(line) - len(line.lstrip())
        if wanted and is_direct(wanted):
            self.includes.append(Reference(Span(at, at + len(wanted)), wanted))
        elif wanted:
            hashed = "--hash" in options_text
            exact = self.text.startswith(wanted, at)  # else a backslash continues it
            self.declarations.append(
                pep508(wanted, at, self.where, hashed=hashed, comment=comment, exact=exact)
            )
        if not options_text:
            return
        try:
            options = options_of(options_text, Line(self.path, 0, line))
        except InputError as error:
            message = error.message.removeprefix(f"{self.path}:0: ")
            self.problems.append(Problem(message, Span(at, at + len(line.strip()))))
            return
        whole = Span(at, at + len(line.strip()))
        for name in options.requirement or ():
            self.includes.append(Reference(self.spot(whole, name), name))
        for name in options.constraint or ():
            self.includes.append(Reference(self.spot(whole, name), name, is_constraint=True))
        for name in options.editable or ():
            self.includes.append(Reference(self.spot(whole, name), name, is_editable=True))

    def spot(self, whole: Span, name: str) -> Span:
        """Where a path stands in a line; the line, where it is quoted in a way that it cannot be found."""
        at = self.text.find(name, whole.start, whole.end)
        return whole if at < 0 else Span(at, at + len(name))


def logical_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Each logical line: where it starts, its text, and its comment.

    Continuations and the comment are blanked out, so that every character stays where it is.
    """
    start, parts = 0, ""
    for physical in _PHYSICAL.finditer(text):
        line = physical[0].rstrip("\r\n")
        found = _COMMENT.search(line)
        code = line[: found.start()] if found else line
        if not parts:
            start = physical.start()
        if code.endswith("\\") and found is None:
            parts += code[:-1] + " " * (len(physical[0]) - len(code) + 1)
            continue
        yield start, parts + code, found["comment"].strip() if found else ""
        parts = ""
    if parts:
        yield start, parts, ""
