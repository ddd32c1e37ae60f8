"""Facts of modules: remembered from before, else read from archives, on all cores where it is much."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pinproof.actions.reading import Order, read_members
from pinproof.facts.mentions import Mentions
from pinproof.model.module import ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pinproof.actions.reading import Read
    from pinproof.facts.mentions import Interest
    from pinproof.sources.archive import Archive
    from pinproof.sources.store import Store
    from pinproof.sources.typeshed import Stubs

_WORTH_A_POOL = 150
_PORTION = 12


class Wanted(NamedTuple):
    """Members of an archive. With an `interest`, only those that it covers matter."""

    archive: str
    paths: Sequence[str]
    interest: Interest | None = None


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

    def __init__(self, store: Store, local: Callable[[str, Sequence[str]], Archive | Stubs]) -> None:
        self._store = store
        self._local = local
        self._blobs: dict[str, dict[str, bytes]] = {}
        self._mentions: dict[str, dict[str, Mentions]] = {}
        self._facts: dict[tuple[str, str], ModuleFacts] = {}
        self._decode = msgspec.msgpack.Decoder(ModuleFacts).decode
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """Let the workers go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def facts(self, archive: str, path: str) -> ModuleFacts:
        """What the source of one member says."""
        key = (archive, path)
        if key not in self._facts:
            if path not in self._known(archive):
                self.read([Wanted(archive, (path,))])
            self._facts[key] = self._decode(self._known(archive)[path])
        return self._facts[key]

    def read(self, wanted: Iterable[Wanted], progress: Callable[[int, int], None] | None = None) -> None:
        """See to it that the facts of these members are known."""
        orders = [order for want in wanted for order in self._orders(want)]
        total, done = sum(len(o.paths) for o in orders), 0
        for order, read in self._carried_out(orders, total):
            self._keep(order, read)
            done += len(order.paths)
            if progress is not None:
                progress(done, total)
        for key in {order.archive.key for order in orders}:
            self._store.put_note("mentions-2", key, msgspec.msgpack.encode(self._mentioned(key)))

    def relevant(self, want: Wanted) -> list[str]:
        """Of members that were read, those that the interest covers."""
        assert want.interest is not None
        mentions = self._mentioned(want.archive)
        return [p for p in want.paths if p in mentions and want.interest.covers(mentions[p])]

    def _orders(self, want: Wanted) -> Iterator[Order]:
        known = self._known(want.archive)
        paths = [p for p in want.paths if p not in known]
        if want.interest is not None and paths:
            mentions = self._mentioned(want.archive)
            paths = [p for p in paths if p not in mentions or want.interest.covers(mentions[p])]
        if paths:
            archive = self._local(want.archive, paths)
            for start in range(0, len(paths), _PORTION):
                yield Order(archive, tuple(paths[start : start + _PORTION]), want.interest)

    def _carried_out(self, orders: Sequence[Order], total: int) -> Iterator[tuple[Order, list[Read]]]:
        workers = _cores()
        if total < (_WORTH_A_POOL if self._pool is None else _PORTION) or workers < 2:
            yield from ((order, read_members(order)) for order in orders)
            return
        if self._pool is None:
            # Spawned: this process has threads, which a fork would tear.
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
        with _uninterrupted():
            read = self._pool.map(read_members, orders)
        yield from zip(orders, read, strict=True)

    def _keep(self, order: Order, read: Iterable[Read]) -> None:
        key = order.archive.key
        rows = [(r.path, r.content, r.facts) for r in read if r.facts is not None]
        self._known(key).update({path: facts for path, _, facts in rows})
        self._store.add(key, rows)
        self._mentioned(key).update({r.path: r.mentions for r in read})

    def _known(self, archive: str) -> dict[str, bytes]:
        if archive not in self._blobs:
            self._blobs[archive] = self._store.facts_of(archive)
        return self._blobs[archive]

    def _mentioned(self, archive: str) -> dict[str, Mentions]:
        if archive not in self._mentions:
            blob = self._store.note("mentions-2", archive)
            self._mentions[archive] = msgspec.msgpack.decode(blob, type=dict[str, Mentions]) if blob else {}
        return self._mentions[archive]
