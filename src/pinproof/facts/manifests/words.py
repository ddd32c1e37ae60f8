"""A command that is split into words, and what it installs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pinproof.facts.locks.requirements import is_direct
from pinproof.facts.manifests.comments import comment_at
from pinproof.facts.manifests.installers import (
    WRAPPERS,
    Meaning,
    Operands,
    Usage,
    options_before_verb,
    takes_a_verb,
    tool_called,
    tool_of_module,
    usage,
    verbs_with_verbs,
)
from pinproof.facts.manifests.written import of_table, pep508
from pinproof.model.declaration import Command, Declaration, Reference, Span, Where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pinproof.facts.manifests.excerpt import Excerpt

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PLACEHOLDER = re.compile(r"[{}$%`]|^[<@]|^\^$")
"""What stands for something else: variables of templates and of other shells, `@file`, `^` at the end of a line."""
_AT_VERSION = re.compile(r"(?P<name>[\w.-]+(?:\[[^\]]*\])?)@(?P<version>[^/:\s]*)")
_AT_VERSION_TOOLS = frozenset(("uvx", "uv tool", "poetry"))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command.

    `written` is without its quotes, with variables as they are written; `value` has them resolved, and is None where
    one is not known. `quoted` is where it stands with its quotes, if it has any. `cut_off` is what the shell takes
    away from its end for a redirection, as in `flask>=2`.
    """

    written: Excerpt
    value: str | None
    quoted: Span | None = None
    cut_off: str = ""

    @classmethod
    def plain(cls, excerpt: Excerpt) -> Word:
        """One without variables."""
        return cls(excerpt, excerpt.text)

    @property
    def text(self) -> str:
        """What it says, as far as that is known."""
        return self.written.span().of(self.written.source) if self.value is None else self.value

    @property
    def span(self) -> Span:
        """Where it stands, with its quotes."""
        return self.quoted or self.written.span()

    @property
    def is_plain(self) -> bool:
        """Whether what it says is just what stands in the file."""
        return self.value == self.written.text and self.written.is_verbatim

    @property
    def may_be_several(self) -> bool:
        """Whether a variable stands for nothing, for options, or for more than one word."""
        return self.value != self.written.text and re.fullmatch(r"|-.*|.*\s.*", self.text) is not None

    def part(self, start: int, end: int) -> Word:
        """Some characters of one whose value is as it is written."""
        inner = self.written.part(start, end)
        return Word(inner, inner.text if self.value == self.written.text else None)


def unwrapped(words: Sequence[Word]) -> Sequence[Word]:
    """Without what stands before a command: variables, `sudo`, `env`, `timeout 60`."""
    while words:
        if _ASSIGNMENT.match(words[0].text):
            words = words[1:]
            continue
        name = words[0].text.rpartition("/")[2]
        if name not in WRAPPERS:
            break
        own, valued = WRAPPERS[name]
        at = 1
        while at < len(words) and words[at].text.startswith("-"):
            at += 2 if words[at].text in valued.split() else 1
        words = words[at + own :]
    return words


def read_command(words: Sequence[Word], part: str = "") -> tuple[Command | None, Sequence[Word]]:
    """What the words install, if they do; and the words of the command that they run (`uv run COMMAND`)."""
    tool, rest = _tool(words)
    while takes_a_verb(tool):
        verb, rest = _verb(tool, rest)
        if verb not in verbs_with_verbs(tool):
            break
        tool = f"{tool} {verb}"
    else:
        verb = "run" if tool == "uvx" else ""
    how = usage(tool, verb)
    if how is None:
        return None, ()
    reading = _Reading(tool, how, words[: len(words) - len(rest)], part)
    reading.read(rest)
    span = Span(words[0].span.start, reading.last.span.end)
    found = (tuple(reading.declarations), tuple(reading.references), frozenset(reading.options))
    return Command(span, tool, verb, *found), reading.rest


def _tool(words: Sequence[Word]) -> tuple[str, Sequence[Word]]:
    """Which tool is called, and the words after it."""
    if not words:
        return "", ()
    tool = tool_called(words[0].text)
    named = words[0].value is not None or bool(tool)
    if tool != "python" and named:
        return tool, words[1:]
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        option = words[at].text
        if re.fullmatch(r"-[A-Za-z]{0,3}m", option):
            module = words[at + 1].text if at + 1 < len(words) else ""
            return tool_of_module(module), words[at + 2 :]
        at += 2 if option in ("-W", "-X") else 1
    return "", ()


def _verb(tool: str, words: Sequence[Word]) -> tuple[str, Sequence[Word]]:
    valued = options_before_verb(tool)
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in valued else 1
    return (words[at].text, words[at + 1 :]) if at < len(words) else ("", ())


class _Reading:
    """The arguments of a command, one after the other."""

    def __init__(self, tool: str, how: Usage, called: Sequence[Word], part: str) -> None:
        self.tool, self.how, self.part = tool, how, part
        self.declarations: list[Declaration] = []
        self.references: list[Reference] = []
        self.options: set[str] = set()
        self.rest: Sequence[Word] = ()
        self._first, self.last = called[0], called[-1]
        self._operands = 0
        self._has_provider = False

    def read(self, words: Sequence[Word]) -> None:
        """All of them, or up to where they belong to another command."""
        at, only_operands = 0, False
        while at < len(words):
            word = words[at]
            if not only_operands and word.written.text == "--":
                only_operands = True
            elif not only_operands and re.match("-.", word.written.text):
                at += self._option(word, words[at + 1] if at + 1 < len(words) else None)
            elif self.how.operands is Operands.COMMAND:
                self.rest = words[at:]
                return
            else:
                self._operand(word)
            at += 1
            self.last = words[min(at, len(words)) - 1]
            if self._operands and self.how.operands is Operands.FIRST_PACKAGE:
                return

    def _option(self, word: Word, following: Word | None) -> int:
        """One option; how many further words it takes."""
        names, meaning, at = _option_of(word.written.text, self.how.values)
        self.options |= names
        if meaning is None:
            return 0
        value = following if at is None else word.part(at, len(word.written.text))
        if value is not None:
            self._take(value, meaning)
        return 1 if at is None else 0

    def _operand(self, word: Word) -> None:
        self._operands += 1
        match self.how.operands:
            case Operands.PACKAGES:
                self._take(word, Meaning.PACKAGE)
            case Operands.FIRST_PACKAGE if not self._has_provider:
                self._take(word, Meaning.PACKAGE)
            case Operands.ALL_BUT_FIRST if self._operands > 1:
                self._take(word, Meaning.PACKAGE)
            case Operands.FILES:
                self._take(word, Meaning.FILE)
            case _:
                pass

    def _take(self, word: Word, meaning: Meaning) -> None:
        match meaning:
            case Meaning.PACKAGE:
                self._package(word)
            case Meaning.PROVIDER:
                self._has_provider = True
                self._package(word)
            case Meaning.PACKAGES:
                for found in _BETWEEN_COMMAS.finditer(word.written.text):
                    self._package(word.part(*found.span()))
            case Meaning.FILE | Meaning.CONSTRAINTS:
                is_constraint = meaning is Meaning.CONSTRAINTS
                self.references.append(Reference(word.written.span(), word.text, is_constraint))
            case Meaning.EDITABLE:
                self.references.append(Reference(word.written.span(), word.text, is_editable=True))
            case Meaning.OTHER:
                pass

    def _package(self, word: Word) -> None:
        span = word.written.span()
        if is_direct(word.text):
            self.references.append(Reference(span, word.text))
            return
        found = self._declaration(word, span)
        self.declarations.append(replace(found, span=span, text=span.of(word.written.source), part=self.part))

    def _declaration(self, word: Word, span: Span) -> Declaration:
        comment = self._comment(word)
        if word.value is None or _PLACEHOLDER.search(word.value) or word.may_be_several:
            return Declaration(span, "", Where.COMMAND, comment=comment)
        if word.cut_off:
            problem = f"the shell takes {word.cut_off!r} for a redirection: put quotes around the requirement"
            return Declaration(span, "", Where.COMMAND, problem=problem, comment=comment)
        at_version = _AT_VERSION.fullmatch(word.value)
        if at_version and self.tool in _AT_VERSION_TOOLS:
            version = at_version["version"].replace("latest", "*")
            return of_table(at_version["name"], version, None, Where.COMMAND, span=span, comment=comment)
        return pep508(word.value, span.start, Where.COMMAND, comment=comment, exact=word.is_plain)

    def _comment(self, word: Word) -> str:
        """What is said at the word, else at the beginning of the command."""
        at = (word.span, self._first.span)
        return next(filter(None, (comment_at(word.written.source, span.start, span.end) for span in at)), "")


_BETWEEN_COMMAS = re.compile(r"(?:[^,\[]|\[[^\[\]]*\]|,(?=\s*[=<>!~]))+")


def _option_of(text: str, values: Mapping[str, Meaning]) -> tuple[set[str], Meaning | None, int | None]:
    """The options that a word names, what the value of the last one means, and where in the word it begins."""
    if text.startswith("--"):
        name, equals, _ = text.partition("=")
        return {name}, values.get(name), len(name) + 1 if equals else None
    names: set[str] = set()
    for at, letter in enumerate(text[1:], start=2):
        names.add(f"-{letter}")
        if meaning := values.get(f"-{letter}"):
            return names, meaning, at if at < len(text) else None
    return names, None, None
