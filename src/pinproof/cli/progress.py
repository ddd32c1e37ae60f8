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
        self._task = self._progress.add_task("", total=None, count="")
        self._stage = ""
        self._shown_at = 0.0
        self._progress.start()

    def show(self, stage: str, done: int, total: int) -> None:
        """Move on; calls that follow each other fast are skipped."""
        now = time.monotonic()
        if stage == self._stage and done != total and now - self._shown_at < _REDRAW_SECONDS:
            return
        self._stage, self._shown_at = stage, now
        count = f"{done}/{total}" if total else str(done or "")
        self._progress.update(
            self._task, description=stage, completed=done, total=total or None, count=count, refresh=True
        )

    def close(self) -> None:
        """Clear the line."""
        self._progress.stop()
