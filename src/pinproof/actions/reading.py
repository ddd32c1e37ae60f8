"""Read members of archives into facts; made to run in another process, so it takes and gives plain values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.errors import ArchiveError
from pinproof.facts.mentions import mentioned_roots
from pinproof.facts.module import read_module
from pinproof.facts.source import parsing
from pinproof.model.module import ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pinproof.sources.archive import Archive
    from pinproof.sources.typeshed import Stubs


class Read(NamedTuple):
    """One member that was read: its path, the hash of its text, its facts, and the roots it mentions."""

    path: str
    content: bytes
    facts: bytes | None
    roots: tuple[str, ...]


class Order(NamedTuple):
    """What to read of an archive. With `mentioning`, only members that import one of these are parsed."""

    archive: Archive | Stubs
    paths: tuple[str, ...]
    mentioning: frozenset[str] | None = None


def read_members(order: Order) -> list[Read]:
    """The facts of members that are on the local disk; a member that cannot be read has degraded facts."""
    encode = msgspec.msgpack.Encoder().encode
    done: list[Read] = []
    with parsing():
        try:
            for path, source in order.archive.read(order.paths):
                roots = mentioned_roots(source)
                wanted = order.mentioning is None or not roots.isdisjoint(order.mentioning)
                facts = encode(read_module(source, stub=path.endswith(".pyi"))) if wanted else None
                done.append(Read(path, content_hash(source), facts, tuple(sorted(roots))))
        except ArchiveError as error:
            read = {r.path for r in done}
            facts = encode(ModuleFacts(degraded=error.message))
            done += [Read(p, content_hash(p.encode()), facts, ()) for p in order.paths if p not in read]
    return done


def content_hash(source: bytes) -> bytes:
    """What facts are kept by."""
    return hashlib.sha256(source).digest()


def chunked(paths: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The paths in portions for the workers."""
    return [tuple(paths[i : i + size]) for i in range(0, len(paths), size)]
