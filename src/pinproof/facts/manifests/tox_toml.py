"""`tox.toml`, and `[tool.tox]` of pyproject.toml: what the environments of tox install.

Source: https://tox.wiki/en/stable/config.html#toml-configuration-file
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pinproof.facts.locks.project import below, table
from pinproof.facts.manifests.shell import commands_of
from pinproof.facts.manifests.toml_spans import Path, Spot, excerpt, parsed, spots
from pinproof.facts.manifests.tox import COMMANDS, installed_by_deps
from pinproof.facts.manifests.words import Word
from pinproof.facts.manifests.written import of_excerpt
from pinproof.model.declaration import FilePath, Kind, Manifest, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pinproof.facts.manifests.excerpt import Excerpt
    from pinproof.model.declaration import Command, Declaration


def read(text: str, path: FilePath) -> Manifest:
    """What its environments install, and what tox itself needs."""
    document, problems = parsed(text)
    reading = ToxTables(text, document, spots(text))
    return Manifest(
        path,
        Kind.TOX,
        text,
        tuple(reading.requires()),
        commands=tuple(reading.commands()),
        problems=problems,
    )


class ToxTables:
    """The tables of tox below `at`."""

    def __init__(
        self, text: str, document: Mapping[str, Any], places: Mapping[Path, Spot], at: tuple[str, ...] = ()
    ) -> None:
        self._text, self._document, self._places, self._at = text, document, places, at

    def requires(self) -> Iterator[Declaration]:
        """What tox itself needs."""
        for number, written in self._strings((*self._at, "requires")):
            comment = self._places[*self._at, "requires", number].comment
            yield replace(of_excerpt(written, Where.COMMAND, part="tox"), comment=comment)

    def commands(self) -> Iterator[Command]:
        """What each environment installs."""
        yield from self._of_environment((*self._at, "env_run_base"), "")
        for name in table(self._document, *self._at, "env"):
            yield from self._of_environment((*self._at, "env", name), name)

    def _of_environment(self, at: tuple[str, ...], name: str) -> Iterator[Command]:
        yield from installed_by_deps([line for _, line in self._strings((*at, "deps"))], name)
        for key in COMMANDS:
            listed = below(self._document, *at, key)
            for number in range(len(listed) if isinstance(listed, list) else 0):
                words = [_word(said) for _, said in self._strings((*at, key), number)]
                yield from commands_of(words, part=name)

    def _strings(self, keys: tuple[str, ...], *numbers: int) -> Iterator[tuple[int, Excerpt]]:
        """The items of a list that are text, with their numbers; what tox replaces is none."""
        found = below(self._document, *keys)
        for number in numbers:
            found = found[number]
        for number, one in enumerate(found if isinstance(found, list) else ()):
            spot = self._places.get((*keys, *numbers, number))
            if isinstance(one, str) and spot is not None:
                yield number, excerpt(self._text, one, spot)


def _word(said: Excerpt) -> Word:
    return Word(said, None if "{" in said.text else said.text)
