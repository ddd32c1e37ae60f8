"""Bars on the standard error; imported only when something is drawn."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_REDRAW_SECONDS = 0.05


class Bars:
    """One line: the stage, and how much of it is done where that is known."""

    def __init__(self, *, color: bool) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True, no_color=not color),
            transient=True,
        )
        self._stage = ""
        self._shown_at = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        """Move on; calls that follow each other fast are skipped."""
        now = time.monotonic()
        if stage != self._stage:
            self._begin(stage, total)
        elif done != total and now - self._shown_at < _REDRAW_SECONDS:
            return
        self._shown_at = now
        count = f"{done}/{total}" if total else str(done or "")
        self._progress.update(self._task, completed=done, count=count, refresh=True)

    def _begin(self, stage: str, total: int) -> None:
        """Each stage is a task of its own: a total that is known cannot become unknown again."""
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._stage = stage
        self._task = self._progress.add_task(stage, total=total or None, count="")
        self._progress.start()

    def close(self) -> None:
        """Clear the line."""
        self._progress.stop()
