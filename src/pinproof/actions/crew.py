"""The processes that read, where there are cores for them: orders are handed out, and fetched when they are needed."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pinproof.actions.reading import carry_out, load_readers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from pathlib import Path

    from pinproof.actions.reading import Order
    from pinproof.model.distribution import Layout, Metadata
    from pinproof.model.release import File, Pin
    from pinproof.sources.archive import Archive


@dataclass(frozen=True, eq=False)
class Task:
    """An order that was handed out."""

    order: Order
    future: Future[Any]

    def result(self) -> Any:
        """What comes of it; what nobody has begun yet is done here, for whoever asks has nothing else to do."""
        return carry_out(self.order) if self.future.cancel() else self.future.result()

    def is_done(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.future.done()

    def forget(self) -> None:
        """Nobody needs it any more."""
        self.future.cancel()


class Crew:
    """Processes that carry out orders in the order in which they are handed out, once `begin` has started them."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._handed_out: list[Future[Any]] = []

    @property
    def is_there(self) -> bool:
        """Whether there is anybody to hand orders to."""
        return self._pool is not None

    def begin(self) -> None:
        """Start the processes, if there are cores for them."""
        workers = cores()
        if self._pool is not None or workers < 2:
            return
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with _uninterrupted():
            # Spawned: this process has threads, which a fork would tear.
            self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
            for _ in range(workers):
                self._pool.submit(load_readers)

    def hand_out(self, order: Order) -> Task:
        """Have an order carried out, after those before it."""
        assert self._pool is not None
        with _uninterrupted():
            future = self._pool.submit(carry_out, order.alone())
        self._handed_out.append(future)
        return Task(order, future)

    def opened(self, file: File, pin: Pin, cache: Path) -> tuple[Archive, Layout, Metadata] | None:
        """A release that is cached, opened by whoever comes to it; None where nobody can."""
        if self._pool is None:
            return None
        from pinproof.actions.describing import open_cached

        with _uninterrupted():
            future = self._pool.submit(open_cached, file, pin, cache)
        return future.result()

    def is_busy(self) -> bool:
        """Whether what is handed out now has to wait."""
        self._handed_out = [future for future in self._handed_out if not future.done()]
        return len(self._handed_out) >= cores()

    def close(self) -> None:
        """Let the processes go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
