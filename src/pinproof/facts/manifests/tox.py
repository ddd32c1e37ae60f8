"""`tox.ini`: what its environments install.

Source: https://tox.wiki/en/stable/config.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pinproof.facts.manifests.excerpt import Excerpt
from pinproof.facts.manifests.ini import Option, options
from pinproof.facts.manifests.shell import commands_in
from pinproof.facts.manifests.words import Word, read_command
from pinproof.facts.manifests.written import of_excerpt
from pinproof.model.declaration import FilePath, Kind, Manifest, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.model.declaration import Command, Declaration

_COMMENT = re.compile(r"(?:^|\s+)#.*")
_FACTORS = re.compile(r"[!\w.{}-]+(?:[ \t]*,[ \t]*[!\w.{}-]+)*:[ \t]+")
_RESULT_IGNORED = re.compile(r"[-!][ \t]*(?=[\w{/])")
COMMANDS = ("commands_pre", "commands", "commands_post")


def read(text: str, path: FilePath) -> Manifest:
    """The `deps` of each environment, as if pip was told them, its commands, and what tox itself needs."""
    found = list(options(text))
    return Manifest(
        path,
        Kind.TOX,
        text,
        tuple(one for option in found for one in _requires(option)),
        commands=tuple(command for option in found for command in _commands(option)),
    )


def _requires(option: Option) -> Iterator[Declaration]:
    if option.section in ("tox", "tox:tox") and option.key == "requires":
        yield from (of_excerpt(line, Where.COMMAND, part="tox") for line in option.lines)


def _commands(option: Option) -> Iterator[Command]:
    kind, _, name = option.section.partition(":")
    if kind not in ("testenv", "env") or not option.lines:
        return
    if option.key == "deps":
        yield from installed_by_deps(option.lines, name)
    elif option.key in COMMANDS:
        yield from commands_in(_script(option.lines), part=name)


def installed_by_deps(lines: list[Excerpt], name: str) -> Iterator[Command]:
    """The lines of `deps`, as if pip was told each of them."""
    for line in lines:
        end = found.start() if (found := _COMMENT.search(line.text)) else len(line.text)
        said = line.part(found.end() if (found := _FACTORS.match(line.text)) else 0, end)
        if not said.text.strip():
            continue
        start = said.part(0, 0).span()
        told = [Word.plain(Excerpt.blind(line.source, text, start)) for text in ("pip", "install")]
        command, _ = read_command([*told, *_words(said)], name)
        if command is not None:
            yield command


def _words(said: Excerpt) -> Iterator[Word]:
    """A requirement is one word, whatever is in it; options and their values are one each."""
    pattern = r"\S+" if said.text.startswith("-") else r".+"
    for found in re.finditer(pattern, said.text):
        yield Word(part := said.part(*found.span()), None if "{" in part.text else part.text)


def _script(lines: list[Excerpt]) -> Excerpt:
    """The commands as a shell would get them."""
    parts: list[Excerpt] = []
    for line in lines:
        at = found.end() if (found := _FACTORS.match(line.text)) else 0
        at = found.end() if (found := _RESULT_IGNORED.match(line.text, at)) else at
        parts += [line.part(at, len(line.text)), Excerpt(line.source, "\n", [line.places[-1]] * 2)]
    return Excerpt.joined(parts)
