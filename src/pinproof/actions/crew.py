"""The processes that read, where there are cores for them: orders are handed out, and fetched when they are needed."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pinproof.actions.reading import Part, carry_out, load_readers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from pathlib import Path

    from pinproof.actions.reading import Order
    from pinproof.model.distribution import Layout, Metadata
    from pinproof.model.release import File, Pin
    from pinproof.sources.archive import Archive


_IN_ORDER = (Part.IMPORTS, Part.OUTLINE, Part.MENTIONS, Part.WHOLE, Part.GIVEN)
"""What is read first: what comes next hangs on imports, and answers hang on outlines."""


class Task:
    """An order that was handed out to a crew."""

    def __init__(self, order: Order, crew: Crew) -> None:
        self.order = order
        self.future: Future[Any] | None = None
        """What comes of it, once a process has it to do."""
        self._crew = crew

    def result(self) -> Any:
        """What comes of it; what nobody has begun yet is done here, for whoever asks has nothing else to do."""
        from concurrent.futures import BrokenExecutor

        if not self.forget() and self.future is not None:
            with suppress(BrokenExecutor):
                return self.future.result()
        return carry_out(self.order)

    def is_done(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.future is not None and self.future.done()

    def forget(self) -> bool:
        """Leave it; whether nobody had begun it."""
        return self._crew.take_back(self) or (self.future is not None and self.future.cancel())


class Crew:
    """Processes that carry out orders, once `begin` has started them: what others wait for first, else one by one.

    No more is given to them than keeps them busy, so that what is handed out later can come next.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: dict[Part, dict[Task, None]] = {part: {} for part in _IN_ORDER}
        self._given: set[Future[Any]] = set()
        self._lock = threading.RLock()

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
        """Have an order carried out, after those of its kind before it."""
        task = Task(order, self)
        with self._lock:
            self._waiting[order.part][task] = None
        self._go_on()
        return task

    def take_back(self, task: Task) -> bool:
        """Whether it was still waiting to be given to a process; it no longer is."""
        with self._lock:
            return self._waiting[task.order.part].pop(task, task) is None

    def _go_on(self) -> None:
        """Give the processes what comes next, as far as they have nothing to do."""
        with self._lock:
            while self._pool is not None and len(self._given) <= cores():
                waiting = next(filter(None, self._waiting.values()), None)
                if waiting is None:
                    return
                task = next(iter(waiting))
                task.future = self._submitted(carry_out, task.order.alone())
                if task.future is None:
                    return
                del waiting[task]
                self._given.add(task.future)
                task.future.add_done_callback(self._one_is_done)

    def _submitted(self, work: Callable[..., Any], *arguments: object) -> Future[Any] | None:
        """What comes of something that is given to the processes; None where they are gone."""
        from concurrent.futures import BrokenExecutor

        pool = self._pool
        with suppress(BrokenExecutor), _uninterrupted():
            return pool.submit(work, *arguments) if pool is not None else None
        self._pool = None
        return None

    def _one_is_done(self, future: Future[Any]) -> None:
        from concurrent.futures import BrokenExecutor

        if not future.cancelled() and isinstance(future.exception(), BrokenExecutor):
            self._pool = None  # nobody is left, and who tells so holds a lock
            return
        with self._lock:
            self._given.discard(future)
        self._go_on()

    def wait(self) -> bool:
        """Wait until one more order is carried out; whether there was one to wait for."""
        from concurrent.futures import FIRST_COMPLETED, wait

        with self._lock:
            running = [future for future in self._given if not future.done()]
        if running:
            wait(running, return_when=FIRST_COMPLETED)
        return bool(running)

    def opened(self, file: File, pin: Pin, cache: Path) -> tuple[Archive, Layout, Metadata] | None:
        """A release that is cached, opened by whoever comes to it; None where nobody can."""
        if self._pool is None:
            return None
        from concurrent.futures import BrokenExecutor

        from pinproof.actions.describing import open_cached

        future = self._submitted(open_cached, file, pin, cache)
        with suppress(BrokenExecutor):
            return future.result() if future is not None else None
        return None

    def is_busy(self) -> bool:
        """Whether what is handed out now has to wait."""
        return len(self._given) >= cores()

    def close(self) -> None:
        """Let the processes go."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)


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
