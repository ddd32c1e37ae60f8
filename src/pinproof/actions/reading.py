"""Read members of archives into facts; made to run in another process, so it takes and gives plain values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.errors import ArchiveError
from pinproof.facts.mentions import Mentions, read_mentions
from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.model.module import ModuleFacts

if TYPE_CHECKING:
    from pinproof.facts.mentions import Interest
    from pinproof.sources.archive import Archive
    from pinproof.sources.typeshed import Stubs


class Read(NamedTuple):
    """One member that was read: its path, the hash of its text, its facts, and what it mentions."""

    path: str
    content: bytes
    facts: bytes | None
    mentions: Mentions


class Order(NamedTuple):
    """What to read of an archive. With an `interest`, only members that it covers are parsed."""

    archive: Archive | Stubs
    paths: tuple[str, ...]
    interest: Interest | None = None


def read_members(order: Order) -> list[Read]:
    """The facts of members that are on the local disk; a member that cannot be read has degraded facts."""
    done: list[Read] = []
    with parsing():
        try:
            for path, source in order.archive.read(order.paths):
                mentions = read_mentions(source)
                wanted = order.interest is None or order.interest.covers(mentions)
                facts = encoded(read_module(source, stub=path.endswith(".pyi"))) if wanted else None
                done.append(Read(path, content_hash(source), facts, mentions))
        except ArchiveError as error:
            read = {r.path for r in done}
            facts = encoded(ModuleFacts(degraded=error.message))
            done += [Read(p, content_hash(p.encode()), facts, _NOTHING) for p in order.paths if p not in read]
    return done


_ENCODER = msgspec.msgpack.Encoder()
_NOTHING = Mentions(frozenset(), frozenset())


def encoded(facts: ModuleFacts) -> bytes:
    """Facts as they are kept. Literals can hold halves of characters, which no encoding has."""
    try:
        return _ENCODER.encode(facts)
    except UnicodeEncodeError:
        return _ENCODER.encode(ModuleFacts(degraded="has names that are not Unicode"))


def content_hash(source: bytes) -> bytes:
    """What facts are kept by."""
    return hashlib.sha256(source).digest()
