"""Dockerfiles and Containerfiles: the images they begin from, and what their `RUN` lines install.

Sources: https://docs.docker.com/reference/dockerfile/ and the grammar of tree-sitter-containerfile.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import tree_sitter_containerfile
from tree_sitter import Language, Parser

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.offsets import Offsets
from pinproof.facts.manifests.shell import LONGEST_VALUE, commands_in, commands_of
from pinproof.facts.manifests.words import Word
from pinproof.model.declaration import Command, FilePath, Image, Kind, Manifest

if TYPE_CHECKING:
    from tree_sitter import Node

_LANGUAGE = Language(tree_sitter_containerfile.language())
_ESCAPE = re.compile(r"(?:[ \t]*#[^\r\n]*\r?\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*(\S)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(?P<name>\w+)(?::?-(?P<default>[^{}$]*))?\}|(?P<bare>\w+))")
_REFERENCE = re.compile(r"(?P<name>[\w./:-]+?)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>\w+:\w+))?")
_SPACE_BEHIND = re.compile(r"\\([ \t]+)(?=\r?\n)")
_LEFT_OUT = re.compile(r"(\\\r?\n)((?:[ \t]*(?:#[^\n]*)?\r?\n)+)")
_SCRIPT = re.compile(r"\s*<<-?\S+(?:\s+(?:/\S*/)?(?:ba|da|z|a)?sh(?:\s+-\S+)*)?\s*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def read(text: str, path: FilePath) -> Manifest:
    """The images, but for stages of its own and `scratch`, and the commands."""
    reading = _Reading(text)
    reading.read()
    return Manifest(
        path,
        Kind.CONTAINER,
        text,
        commands=tuple(reading.commands),
        images=tuple(reading.images),
    )


class _Reading:
    """The instructions, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offsets = Offsets(text)
        found = _ESCAPE.match(text)
        self._escape = found[1] if found else "\\"
        self._before_from: dict[str, str] = {}
        self._variables: dict[str, str] = {}
        self._stages: set[str] = set()
        self.commands: list[Command] = []
        self.images: list[Image] = []

    def read(self) -> None:
        """All of them."""
        root = Parser(_LANGUAGE).parse(self._offsets.encoded).root_node
        for node in root.named_children:
            self._instruction(node)

    def _instruction(self, node: Node) -> None:
        match node.type:
            case "arg_instruction" | "env_instruction":
                self._assign(node)
            case "from_instruction":
                self._from(node)
            case "run_instruction":
                self._run(node)
            case "onbuild_instruction":
                for child in node.named_children:
                    self._instruction(child)
            case _:
                pass

    def _assign(self, node: Node) -> None:
        for pair in node.named_children:
            name = pair.child_by_field_name("name")
            value = pair.child_by_field_name("value") or pair.child_by_field_name("default")
            if name is None:
                continue
            key = self._excerpt(name).text
            known = self._resolved(_unquoted(self._excerpt(value).text)) if value is not None else None
            if value is None:  # `ARG NAME` takes the value from before the first FROM
                known = self._before_from.get(key)
            if known is None:
                self._variables.pop(key, None)
            else:
                self._variables[key] = known

    def _from(self, node: Node) -> None:
        if not self._stages and not self.images:
            self._before_from = dict(self._variables)
        self._variables = {}
        for child in node.named_children:
            if child.type == "image_spec":
                self._image(child)
        for child in node.named_children:
            if child.type == "image_alias":
                self._stages.add(self._excerpt(child).text.lower())

    def _image(self, node: Node) -> None:
        excerpt = self._excerpt(node)
        known = self._resolved(excerpt.text, self._before_from)
        found = _REFERENCE.fullmatch(known) if known is not None else None
        if found is not None and found["name"].lower() not in {*self._stages, "scratch"}:
            self.images.append(
                Image(excerpt.span(), found["name"], found["tag"] or "", found["digest"] or "")
            )

    def _run(self, node: Node) -> None:
        documents = [one for one in node.named_children if one.type == "heredoc_block"]
        for child in node.named_children:
            if child.type == "json_string_array":
                self._exec(self._excerpt(child))
            elif child.type == "shell_command":
                self._shell(self._excerpt(child), documents)

    def _shell(self, shell: Excerpt, documents: list[Node]) -> None:
        if documents and _SCRIPT.fullmatch(shell.text):
            for document in documents:
                for content in document.named_children:
                    if content.type == "heredoc_content":
                        self.commands += commands_in(self._excerpt(content), self._variables)
        elif shell.text.lstrip().startswith("["):
            self._exec(shell)
        else:
            self.commands += commands_in(shell.with_text(_joined(shell.text, self._escape)), self._variables)

    def _exec(self, array: Excerpt) -> None:
        words = []
        for found in _STRING.finditer(array.text):
            inner = array.part(found.start() + 1, found.end() - 1)
            if "\\" in inner.text:
                inner = Excerpt.blind(inner.source, _json(found[0]), inner.span())
            words.append(Word(inner, inner.text, array.span(*found.span())))
        self.commands += commands_of(words, self._variables)

    def _resolved(self, text: str, variables: dict[str, str] | None = None) -> str | None:
        """The text with its variables replaced; None where one is not known."""
        known = self._variables if variables is None else variables

        def value(found: re.Match[str]) -> str:
            return known.get(found["name"] or found["bare"], found["default"] or "$")

        resolved = _VARIABLE.sub(value, text)
        return None if "$" in resolved or len(resolved) > LONGEST_VALUE else resolved

    def _excerpt(self, node: Node) -> Excerpt:
        return Excerpt.verbatim(
            self._text, self._offsets.character(node.start_byte), self._offsets.character(node.end_byte)
        )


def _joined(shell: str, escape: str) -> str:
    """What the shell gets, in as many characters: comments and empty lines of continued commands are left out."""
    if escape != "\\":
        shell = re.sub(rf"{re.escape(escape)}(?=[ \t]*\r?(?:\n|$))", r"\\", shell.replace("\\", "/"))
    shell = _SPACE_BEHIND.sub(r"\1\\", shell)
    return _LEFT_OUT.sub(lambda found: found[1] + " " * len(found[2]), shell)


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in ('"', "'") and text[-1:] == text[:1] and len(text) > 1 else text


def _json(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text
