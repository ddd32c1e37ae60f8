"""Facts of modules: remembered from before, else read from archives, on all cores where it is much."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from pinproof.actions.reading import (
    Order,
    content_hash,
    load_readers,
    look_through,
    read_imports_of,
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
_SECONDS: dict[object, float] = {look_through: 0.000_15, read_imports_of: 0.000_5, read_members: 0.004}
"""What one member takes, more or less."""
_PORTION = 12
_GLANCES = 200

_T = TypeVar("_T")


def _untold(done: int, total: int) -> None:
    """For work that is too short to be told of."""


class Wanted(NamedTuple):
    """Members of an archive, by its key."""

    archive: str
    paths: Sequence[str]


def _skimmed(archive: str) -> str:
    """The key under which facts are kept that say no more than what importing a member imports."""
    return f"{archive} imports"


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

    def facts(self, archive: str, path: str) -> ModuleFacts:
        """What the source of one member says."""
        key = (archive, path)
        if key not in self._facts:
            if path not in self._known(archive):
                self.read([Wanted(archive, (path,))])
            self._facts[key] = self._decode(self._known(archive)[path])
        return self._facts[key]

    def imports(self, archive: str, path: str) -> ModuleFacts:
        """What importing one member imports: the facts of that alone, or of the whole where those are known."""
        skimmed = _skimmed(archive)
        if path in self._known(archive):
            return self.facts(archive, path)
        if path not in self._known(skimmed):
            self.read_imports([Wanted(archive, (path,))])
        return self.facts(skimmed if path in self._known(skimmed) else archive, path)

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

    def read(self, wanted: Iterable[Wanted], progress: Progress = _untold) -> None:
        """See to it that the facts of these members are known."""
        orders = [o for want in wanted for o in self._orders(want, self._known(want.archive), _PORTION)]
        for order, read in self._carried_out(read_members, orders, progress):
            key = order.archive.key
            self._known(key).update({r.path: r.facts for r in read})
            self._store.add(key, [(r.path, r.content, r.facts) for r in read])

    def read_imports(self, wanted: Iterable[Wanted], progress: Progress = _untold) -> None:
        """See to it that it is known what importing these members imports."""
        orders: list[Order] = []
        for want in wanted:
            known = self._known(want.archive).keys() | self._known(_skimmed(want.archive)).keys()
            orders += self._orders(want, known, _GLANCES)
        for order, read in self._carried_out(read_imports_of, orders, progress):
            for whole, key in ((True, order.archive.key), (False, _skimmed(order.archive.key))):
                rows = [(r.path, r.content, r.facts) for r in read if r.whole is whole]
                self._known(key).update({path: facts for path, _, facts in rows})
                self._store.add(key, rows)

    def take_over(self, archive: str, folder: Folder) -> None:
        """Take over the facts of texts that were read before as parts of something else."""
        if self._known(archive):
            return
        contents = {path: content_hash(text) for path, text in folder.read(folder.names)}
        known = self._store.known(contents.values())
        rows = [(path, content, known[content]) for path, content in contents.items() if content in known]
        self._known(archive).update({path: facts for path, _, facts in rows})
        self._store.add(archive, rows)

    def mentions(
        self, wanted: Iterable[Wanted], progress: Progress = _untold
    ) -> list[Mapping[str, Mentions]]:
        """What members mention in imports: for each of the wanted, by path."""
        asked = list(wanted)
        orders = [o for want in asked for o in self._orders(want, self._mentioned(want.archive), _GLANCES)]
        for order, found in self._carried_out(look_through, orders, progress):
            self._mentioned(order.archive.key).update(found)
        keys = {order.archive.key for order in orders}
        encode = msgspec.msgpack.encode
        self._store.put_notes(("mentions-4", key, encode(self._mentioned(key))) for key in keys)
        return [self._mentioned(want.archive) for want in asked]

    def _orders(self, want: Wanted, known: Container[str], portion: int) -> Iterator[Order]:
        paths = [p for p in want.paths if p not in known]
        if paths:
            archive = self._local(want.archive, paths)
            for start in range(0, len(paths), portion):
                yield Order(archive, tuple(paths[start : start + portion]))

    def _carried_out(
        self, job: Callable[[Order], _T], orders: Sequence[Order], progress: Progress
    ) -> Iterator[tuple[Order, _T]]:
        total, done = sum(len(order.paths) for order in orders), 0
        for order, result in zip(orders, self._results(job, orders, total), strict=True):
            yield order, result
            done += len(order.paths)
            progress(done, total)

    def _results(self, job: Callable[[Order], _T], orders: Sequence[Order], total: int) -> Iterable[_T]:
        if self._pool is None and total * _SECONDS[job] >= _WORTH_A_POOL:
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

    def _known(self, archive: str) -> dict[str, bytes]:
        if archive not in self._blobs:
            self._blobs[archive] = self._store.facts_of(archive)
        return self._blobs[archive]

    def _mentioned(self, archive: str) -> dict[str, Mentions]:
        if archive not in self._mentions:
            blob = self._store.note("mentions-4", archive)
            self._mentions[archive] = msgspec.msgpack.decode(blob, type=dict[str, Mentions]) if blob else {}
        return self._mentions[archive]
