"""Shell: the commands in it that install something.

Source: the grammar of tree-sitter-bash. Nothing is expanded but variables whose value is known: what depends on
another one is not understood.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import tree_sitter_bash
from tree_sitter import Language, Parser

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.installers import MAY_INSTALL, SHELLS
from pinproof.facts.manifests.offsets import Offsets
from pinproof.facts.manifests.words import Word, read_command, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from pinproof.model.declaration import Command

_LANGUAGE = Language(tree_sitter_bash.language())
_ESCAPED = re.compile(r"\\(?:\r\n|(?s:.))")
_ESCAPED_IN_QUOTES = re.compile(r"\\(?:\r\n|[$`\"\\\n])")
_UNKNOWN = frozenset(
    (
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "ansi_c_string",
        "translated_string",
    )
)
_REDIRECTS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))
_NO_ARGUMENTS = frozenset(("variable_assignment", "comment", *_REDIRECTS))
_PLACEHOLDER = re.compile(
    r"\$?\{\{.{0,500}?\}\}|(?<!\$)\{[A-Za-z_][^{}\n]+\}|<<\s*(?:parameters|pipeline|matrix)\.[\w.-]+\s*>>"
)
"""`${{ … }}` of workflows, `{{ … }}` of templates, `{…}` of tox, `<< parameters.… >>` of CircleCI.

Each is as good as a variable that nobody knows.
"""
_DEEPEST = 5
_DEEPEST_NESTED = 50
_NESTED = frozenset(("command_substitution", "process_substitution", "subshell", "compound_statement"))
"""What holds a piece of shell in a piece of shell; a chain of commands nests, too, and has no limit."""
LONGEST_VALUE = 10_000
"""Of a variable: one that is made of others, each twice as long as the one before, is not known."""


def commands_in(
    shell: Excerpt, variables: Mapping[str, str] | None = None, part: str = "", depth: int = 0
) -> list[Command]:
    """What a piece of shell installs, in the order of the text.

    `variables` are those whose value is known from elsewhere; what the shell itself sets comes to it.
    """
    if not MAY_INSTALL.search(shell.text):
        return []
    filled = shell.with_text(_PLACEHOLDER.sub(lambda found: f"${{{'_' * (len(found[0]) - 3)}}}", shell.text))
    reading = _Shell(filled, dict(variables or {}))
    return [
        command for words, known in reading.commands() for command in commands_of(words, known, part, depth)
    ]


def commands_of(
    words: Sequence[Word], variables: Mapping[str, str] | None = None, part: str = "", depth: int = 0
) -> Iterator[Command]:
    """What a command that is split into words installs."""
    while words := unwrapped(words):
        if script := _script(words):
            if depth < _DEEPEST:
                yield from commands_in(script, variables, part, depth + 1)
            return
        command, words = read_command(words, part)
        if command:
            yield command


def _script(words: Sequence[Word]) -> Excerpt | None:
    """What `sh -c` is given to run."""
    if words[0].text.rpartition("/")[2] in SHELLS:
        for option, value in pairwise(words[1:]):
            if not option.text.startswith("-"):
                break
            if re.fullmatch(r"-[a-z]*c", option.text):
                return value.written
    return None


class _Shell:
    """One piece that is parsed."""

    def __init__(self, shell: Excerpt, variables: dict[str, str]) -> None:
        self._shell, self._variables = shell, variables
        self._offsets = Offsets(shell.text)
        self._root = Parser(_LANGUAGE).parse(self._offsets.encoded).root_node

    def commands(self) -> Iterator[tuple[list[Word], dict[str, str]]]:
        """The words of each simple command, with the variables that are known there."""
        waiting = [(self._root, 0)]
        while waiting:
            node, depth = waiting.pop()
            if node.type == "command" and not node.has_error:
                yield self._words(node), self._variables
            elif node.type == "variable_assignment":
                self._assign(node)
            elif node.type == "for_statement":
                self._forget(node.child_by_field_name("variable"))
            if depth <= _DEEPEST_NESTED:
                within = depth + (node.type in _NESTED)
                waiting += ((child, within) for child in reversed(node.children))

    def _words(self, command: Node) -> list[Word]:
        redirects = [one for one in command.children if one.type in _REDIRECTS]
        parent = command.parent
        if parent is not None and parent.type == "redirected_statement":
            redirects += [one for one in parent.children if one.type in _REDIRECTS]
        words: list[Word] = []
        for argument in command.named_children:
            if argument.type not in _NO_ARGUMENTS:
                node = argument.named_children[0] if argument.type == "command_name" else argument
                words.append(self._word(node, self._cut_off(node, redirects)))
        for redirect in redirects:
            if redirect.type == "file_redirect":
                words += [self._word(node) for node in redirect.children_by_field_name("destination")[1:]]
        return words

    def _cut_off(self, word: Node, redirects: list[Node]) -> str:
        """What stands right behind a word for the shell to redirect, if it looks like a version."""
        for redirect in redirects:
            if redirect.start_byte == word.end_byte:
                text = self._text(redirect).partition(" ")[0]
                return text if re.match(r"[<>]=?\d|>=", text) else ""
        return ""

    def _assign(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        self._forget(name)
        known = self._word(value).value if value is not None else ""
        if known is not None and len(known) <= LONGEST_VALUE:
            self._variables[self._text(name)] = known

    def _forget(self, name: Node | None) -> None:
        if name is not None:
            self._variables.pop(self._text(name), None)

    def _word(self, node: Node, cut_off: str = "") -> Word:
        pieces = list(self._pieces(node))
        empty = self._part(node.end_byte, node.end_byte)
        written = Excerpt.joined([piece for piece, _ in pieces] or [empty])
        values = [value for _, value in pieces if value is not None]
        known = "".join(values) if len(values) == len(pieces) else None
        return Word(written, known, self._part(node.start_byte, node.end_byte).span(), cut_off)

    def _pieces(self, node: Node) -> Iterator[tuple[Excerpt, str | None]]:
        """The text of a word without quotes, and what each piece of it stands for."""
        match node.type:
            case "concatenation":
                at = node.start_byte
                for child in node.children:
                    yield from self._literal(at, child.start_byte, _ESCAPED)
                    yield from self._pieces(child)
                    at = child.end_byte
            case "string":
                at = node.start_byte + 1
                for child in node.named_children:
                    if child.type != "string_content":
                        yield from self._literal(at, child.start_byte, _ESCAPED_IN_QUOTES)
                        yield from self._pieces(child)
                        at = child.end_byte
                yield from self._literal(at, max(at, node.end_byte - 1), _ESCAPED_IN_QUOTES)
            case "raw_string":
                yield from self._literal(node.start_byte + 1, node.end_byte - 1, None)
            case "simple_expansion" | "expansion":
                yield self._part(node.start_byte, node.end_byte), self._value(node)
            case other if other in _UNKNOWN:
                yield self._part(node.start_byte, node.end_byte), None
            case _:
                yield from self._literal(node.start_byte, node.end_byte, _ESCAPED)

    def _literal(
        self, start: int, end: int, escaped: re.Pattern[str] | None
    ) -> Iterator[tuple[Excerpt, str]]:
        """Text that stands for itself, in the pieces between what backslashes make of it."""
        whole = self._part(start, end)
        at = 0
        for cut in escaped.finditer(whole.text) if escaped and "\\" in whole.text else ():
            yield from _piece(whole, at, cut.start())
            at = cut.end() if cut[0][1] in "\r\n" else cut.start() + 1
        yield from _piece(whole, at, len(whole.text))

    def _value(self, expansion: Node) -> str | None:
        """What a variable stands for; `${NAME:-default}` for its default, where nothing else is known."""
        found = re.fullmatch(r"\$\{?(\w+)(?::?-([\w.+-]*))?\}?", self._text(expansion))
        return self._variables.get(found[1], found[2]) if found else None

    def _part(self, start: int, end: int) -> Excerpt:
        return self._shell.part(self._offsets.character(start), self._offsets.character(end))

    def _text(self, node: Node) -> str:
        return self._shell.text[
            self._offsets.character(node.start_byte) : self._offsets.character(node.end_byte)
        ]


def _piece(whole: Excerpt, start: int, end: int) -> Iterator[tuple[Excerpt, str]]:
    if start < end:
        piece = whole.part(start, end)
        yield piece, piece.text
