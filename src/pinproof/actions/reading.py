"""Read members of archives into facts; made to run in another process, so it takes and gives plain values.

The readers are loaded where something is read: what finds all facts remembered needs none of them.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.errors import ArchiveError
from pinproof.facts.source import parsing
from pinproof.model.module import Mentions, ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pinproof.sources.archive import Archive
    from pinproof.sources.folders import Folder
    from pinproof.sources.typeshed import Stubs


class Part(Enum):
    """How much of what a member says is read."""

    MENTIONS = "mentions"
    """What it seems to import (see `facts.mentions`): a quick look, that gives no facts."""
    IMPORTS = "imports"
    """What importing it imports (see `facts.imports`)."""
    OUTLINE = "outline"
    """What it offers, most functions unread (see `facts.outline`)."""
    WHOLE = "whole"
    GIVEN = "given"
    """Which of some names it may give to anything (see `facts.texts`): a quick look, that gives no facts."""


class Order(NamedTuple):
    """What to read of an archive, and how much of it; `names` are those asked for, where it is names that are."""

    archive: Archive | Stubs | Folder
    paths: tuple[str, ...]
    part: Part = Part.WHOLE
    names: tuple[str, ...] = ()

    def alone(self) -> Order:
        """The same without what it does not need of the archive, as it is sent to another process."""
        with suppress(ArchiveError):
            return self._replace(archive=self.archive.part(self.paths))
        return self


class Read(NamedTuple):
    """One member that was read: its path, the hash of its text, and its facts, which may say more than was asked."""

    path: str
    content: bytes
    facts: bytes
    part: Part = Part.WHOLE


def load_readers() -> None:
    """Load what is needed to read, before there is anything to read."""
    import pinproof.facts.imports
    import pinproof.facts.mentions
    import pinproof.facts.module
    import pinproof.facts.outline  # noqa: F401


def carry_out(order: Order) -> list[Read] | dict[str, Mentions] | set[str]:
    """What an order asks for."""
    if order.part is Part.MENTIONS:
        return look_through(order)
    return names_given(order) if order.part is Part.GIVEN else read_members(order)


def read_members(order: Order) -> list[Read]:
    """The facts of members that are on the local disk; a member that cannot be read has degraded facts."""
    with parsing():
        return [_read(path, source, order.part) for path, source in _texts(order)]


def _read(path: str, source: bytes | ArchiveError, part: Part) -> Read:
    if isinstance(source, ArchiveError):
        content = content_hash(source.message.encode("utf-8", "backslashreplace"))
        return Read(path, content, encoded(ModuleFacts(degraded=source.message)))
    from pinproof.facts.imports import read_imports
    from pinproof.facts.module import read_module
    from pinproof.facts.outline import read_outline

    stub = path.endswith(".pyi")
    if part is Part.IMPORTS and (facts := read_imports(source)) is not None:
        found = Part.IMPORTS
    elif part is Part.OUTLINE and not stub and (facts := read_outline(source)) is not None:
        found = Part.OUTLINE
    else:
        facts, found = read_module(source, stub=stub), Part.WHOLE
    return Read(path, content_hash(source, found), encoded(facts), found)


def look_through(order: Order) -> dict[str, Mentions]:
    """What members mention in imports; a member that cannot be read mentions nothing."""
    from pinproof.facts.mentions import read_mentions

    nothing = Mentions(frozenset(), frozenset())
    return {
        path: nothing if isinstance(source, ArchiveError) else read_mentions(source)
        for path, source in _texts(order)
    }


def names_given(order: Order) -> set[str]:
    """The names of an order that one of the members may give to anything; one that cannot be read may give all."""
    from pinproof.facts.texts import may_give

    given: set[str] = set()
    for _, source in _texts(order):
        asked = [name for name in order.names if name not in given]
        given.update(asked if isinstance(source, ArchiveError) else may_give(source, asked))
    return given


def _texts(order: Order) -> Iterator[tuple[str, bytes | ArchiveError]]:
    """The text of each member, or why it cannot be read: that of one is no reason not to read the others."""
    with suppress(ArchiveError):
        yield from list(order.archive.read(order.paths))
        return
    for path in order.paths:
        try:
            ((_, source),) = order.archive.read([path])
        except ArchiveError as error:
            yield path, error
        else:
            yield path, source


_ENCODER = msgspec.msgpack.Encoder()


def encoded(facts: ModuleFacts) -> bytes:
    """Facts as they are kept. Literals can hold halves of characters, which no encoding has."""
    try:
        return _ENCODER.encode(facts)
    except UnicodeEncodeError:
        return _ENCODER.encode(ModuleFacts(degraded="has names that are not Unicode"))


def content_hash(source: bytes, part: Part = Part.WHOLE) -> bytes:
    """What facts are kept by: the text that they were read from, and how much of it they say."""
    return hashlib.sha256(source if part is Part.WHOLE else f"{part.value} of ".encode() + source).digest()
