"""Facts of modules: remembered from before, else read from archives, on all cores where it is much."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from pinproof.actions.reading import (
    Order,
    Part,
    content_hash,
    load_readers,
    look_through,
    read_members,
)
from pinproof.errors import ArchiveError
from pinproof.facts.compiled import Strings
from pinproof.model.module import Mentions, ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import ProcessPoolExecutor

    from pinproof.sources.archive import Archive
    from pinproof.sources.folders import Folder
    from pinproof.sources.store import Store
    from pinproof.sources.typeshed import Stubs

    Progress = Callable[[int, int], None]
    """Told how many members are done, and how many there are."""

_WORTH_A_POOL = 1.0
"""Seconds of work: to start processes takes half of that."""
_SECONDS = {Part.IMPORTS: 0.000_5, Part.OUTLINE: 0.002, Part.WHOLE: 0.004}
"""What one member takes, more or less."""
_SECONDS_OF_A_GLANCE = 0.000_15
_PORTION = 12
_GLANCES = 200
_PORTIONS = {Part.IMPORTS: _GLANCES, Part.OUTLINE: _PORTION, Part.WHOLE: _PORTION}
"""How many members are read at a time."""
_AT_LEAST = {
    Part.IMPORTS: (Part.WHOLE, Part.IMPORTS),
    Part.OUTLINE: (Part.WHOLE, Part.OUTLINE),
    Part.WHOLE: (Part.WHOLE,),
}
"""The parts that say all that a part says, the whole first."""

_T = TypeVar("_T")


def _untold(done: int, total: int) -> None:
    """For work that is too short to be told of."""


class Wanted(NamedTuple):
    """Members of an archive, by its key."""

    archive: str
    paths: Sequence[str]


def _key(archive: str, part: Part) -> str:
    """The key under which facts of an archive are kept that say no more than a part."""
    return archive if part is Part.WHOLE else f"{archive} {part.value}"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that are started here do not get Ctrl-C, which is told to this one: it ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class FactReader:
    """Facts by archive key and path. `local` gives an archive with the members asked for on disk."""

    def __init__(self, store: Store, local: Callable[[str, Sequence[str]], Archive | Stubs | Folder]) -> None:
        self._store = store
        self._local = local
        self._blobs: dict[str, dict[str, bytes]] = {}
        self._mentions: dict[str, dict[str, Mentions]] = {}
        self._facts: dict[tuple[str, str], ModuleFacts] = {}
        self._strings: tuple[tuple[str, str], Strings | None] | None = None
        self._decode = msgspec.msgpack.Decoder(ModuleFacts).decode
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """Let the workers go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def facts(self, archive: str, path: str, part: Part = Part.WHOLE) -> ModuleFacts:
        """What the source of one member says, or at least that part of it."""
        known = self._kept(archive, path, part)
        if known is None:
            self.read([Wanted(archive, (path,))], part)
            known = self._kept(archive, path, part)
            assert known is not None
        key = (_key(archive, known), path)
        if key not in self._facts:
            self._facts[key] = self._decode(self._known(archive, known)[path])
        return self._facts[key]

    def _kept(self, archive: str, path: str, part: Part) -> Part | None:
        """The most that is known of a member, if that is as much as the part."""
        return next((more for more in _AT_LEAST[part] if path in self._known(archive, more)), None)

    def strings_have(self, archive: str, path: str, module: str, name: str) -> bool | None:
        """Whether a compiled member has a name among its strings (see `facts.compiled`)."""
        key = f"{archive} {path} {module} {name}"
        kept = self._store.note("string-1", key)
        if kept is None:
            strings = self._strings_of(archive, path, module)
            kept = msgspec.msgpack.encode(strings.have(name) if strings else None)
            self._store.put_note("string-1", key, kept)
        return msgspec.msgpack.decode(kept, type=bool | None)

    def _strings_of(self, archive: str, path: str, module: str) -> Strings | None:
        """The strings of a member, None where it cannot be read; those of the last one stay, for they are large."""
        if self._strings is None or self._strings[0] != (archive, path):
            strings = None
            with suppress(ArchiveError):
                ((_, content),) = self._local(archive, [path]).read([path])
                strings = Strings(content, module)
            self._strings = ((archive, path), strings)
        return self._strings[1]

    def read(self, wanted: Iterable[Wanted], part: Part = Part.WHOLE, progress: Progress = _untold) -> None:
        """See to it that the facts of these members are known, or at least that part of them."""
        orders: list[Order] = []
        for want in wanted:
            known = set().union(*(self._known(want.archive, more) for more in _AT_LEAST[part]))
            orders += self._orders(want, known, _PORTIONS[part], part)
        for order, read in self._carried_out(read_members, orders, _SECONDS[part], progress):
            archive = order.archive.key
            for found in _AT_LEAST[part]:
                rows = [(r.path, r.content, r.facts) for r in read if r.part is found]
                self._known(archive, found).update({path: facts for path, _, facts in rows})
                self._store.add(_key(archive, found), rows)

    def take_over(self, archive: str, folder: Folder) -> None:
        """Take over the facts of texts that were read before as parts of something else."""
        if self._known(archive, Part.WHOLE):
            return
        contents = {path: content_hash(text) for path, text in folder.read(folder.names)}
        known = self._store.known(contents.values())
        rows = [(path, content, known[content]) for path, content in contents.items() if content in known]
        self._known(archive, Part.WHOLE).update({path: facts for path, _, facts in rows})
        self._store.add(archive, rows)

    def mentions(
        self, wanted: Iterable[Wanted], progress: Progress = _untold
    ) -> list[Mapping[str, Mentions]]:
        """What members mention in imports: for each of the wanted, by path."""
        asked = list(wanted)
        orders = [o for want in asked for o in self._orders(want, self._mentioned(want.archive), _GLANCES)]
        for order, found in self._carried_out(look_through, orders, _SECONDS_OF_A_GLANCE, progress):
            self._mentioned(order.archive.key).update(found)
        keys = {order.archive.key for order in orders}
        encode = msgspec.msgpack.encode
        self._store.put_notes(("mentions-5", key, encode(self._mentioned(key))) for key in keys)
        return [self._mentioned(want.archive) for want in asked]

    def _orders(
        self, want: Wanted, known: Container[str], portion: int, part: Part = Part.WHOLE
    ) -> Iterator[Order]:
        paths = [p for p in want.paths if p not in known]
        if paths:
            archive = self._local(want.archive, paths)
            for start in range(0, len(paths), portion):
                yield Order(archive, tuple(paths[start : start + portion]), part)

    def _carried_out(
        self, job: Callable[[Order], _T], orders: Sequence[Order], seconds: float, progress: Progress
    ) -> Iterator[tuple[Order, _T]]:
        total, done = sum(len(order.paths) for order in orders), 0
        for order, result in zip(orders, self._results(job, orders, total, total * seconds), strict=True):
            yield order, result
            done += len(order.paths)
            progress(done, total)

    def _results(
        self, job: Callable[[Order], _T], orders: Sequence[Order], total: int, seconds: float
    ) -> Iterable[_T]:
        if self._pool is None and seconds >= _WORTH_A_POOL:
            self.begin()
        if self._pool is None or total < _PORTION:
            return map(job, orders)
        with _uninterrupted():
            return self._pool.map(job, [order.alone() for order in orders])

    def begin(self) -> None:
        """Start the workers, if there are cores for them: much is going to be read."""
        workers = _cores()
        if self._pool is not None or workers < 2:
            return
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with _uninterrupted():
            # Spawned: this process has threads, which a fork would tear.
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
            for _ in range(workers):
                self._pool.submit(load_readers)

    def _known(self, archive: str, part: Part) -> dict[str, bytes]:
        key = _key(archive, part)
        if key not in self._blobs:
            self._blobs[key] = self._store.facts_of(key)
        return self._blobs[key]

    def _mentioned(self, archive: str) -> dict[str, Mentions]:
        if archive not in self._mentions:
            blob = self._store.note("mentions-5", archive)
            self._mentions[archive] = msgspec.msgpack.decode(blob, type=dict[str, Mentions]) if blob else {}
        return self._mentions[archive]
