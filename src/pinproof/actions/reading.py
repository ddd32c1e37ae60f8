"""Read members of archives into facts; made to run in another process, so it takes and gives plain values."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.errors import ArchiveError
from pinproof.facts.mentions import read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.model.module import Mentions, ModuleFacts

if TYPE_CHECKING:
    from pinproof.sources.archive import Archive
    from pinproof.sources.environment import Folder
    from pinproof.sources.folders import SourceFolder
    from pinproof.sources.typeshed import Stubs


class Order(NamedTuple):
    """What to read of an archive."""

    archive: Archive | Stubs | Folder | SourceFolder
    paths: tuple[str, ...]


class Read(NamedTuple):
    """One member that was read: its path, the hash of its text, and its facts."""

    path: str
    content: bytes
    facts: bytes


def read_members(order: Order) -> list[Read]:
    """The facts of members that are on the local disk; a member that cannot be read has degraded facts."""
    done: list[Read] = []
    with parsing():
        try:
            for path, source in order.archive.read(order.paths):
                facts = read_module(source, stub=path.endswith(".pyi"))
                done.append(Read(path, content_hash(source), encoded(facts)))
        except ArchiveError as error:
            read = {r.path for r in done}
            facts = ModuleFacts(degraded=error.message)
            done += [Read(p, content_hash(p.encode()), encoded(facts)) for p in order.paths if p not in read]
    return done


def look_through(order: Order) -> dict[str, Mentions]:
    """What members mention in imports; a member that cannot be read mentions nothing."""
    found = dict.fromkeys(order.paths, Mentions(frozenset(), frozenset()))
    with suppress(ArchiveError):
        found.update((path, read_mentions(source)) for path, source in order.archive.read(order.paths))
    return found


_ENCODER = msgspec.msgpack.Encoder()


def encoded(facts: ModuleFacts) -> bytes:
    """Facts as they are kept. Literals can hold halves of characters, which no encoding has."""
    try:
        return _ENCODER.encode(facts)
    except UnicodeEncodeError:
        return _ENCODER.encode(ModuleFacts(degraded="has names that are not Unicode"))


def content_hash(source: bytes) -> bytes:
    """What facts are kept by."""
    return hashlib.sha256(source).digest()
