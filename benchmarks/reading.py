"""What reading the modules of one wheel costs, in four ways; run by `speed.py` in a process of its own.

    uv run --with griffe python benchmarks/reading.py WHEEL RUNS

Prints JSON: the modules, their bytes, and the median processor seconds of reading and decompressing alone, of
`ast.parse`, of pinproof's facts, and of griffe's loader (null where griffe is not installed). Each starts from what it
needs: `ast.parse` and the facts from the sources in memory, griffe, which reads files, from the disk.
"""

from __future__ import annotations

import ast
import gc
import json
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from pinproof.facts.module import read_module
from pinproof.facts.source import parsing

if TYPE_CHECKING:
    from collections.abc import Callable


def decompressed(wheel: Path) -> list[bytes]:
    """The sources of all modules."""
    with zipfile.ZipFile(wheel) as archive:
        return [archive.read(name) for name in archive.namelist() if name.endswith(".py")]


def parse_all(sources: list[bytes]) -> None:
    """`ast.parse` and nothing else."""
    with parsing():
        for source in sources:
            try:
                ast.parse(source)
            except (SyntaxError, ValueError, RecursionError):
                continue


def read_all(sources: list[bytes]) -> None:
    """All facts."""
    with parsing():
        for source in sources:
            read_module(source)


def griffe_of(wheel: Path, folder: Path) -> Callable[[], None] | None:
    """Loads everything with griffe: no inspection, no aliases resolved, docstrings left as text."""
    try:
        import griffe
    except ImportError:
        return None
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    roots = [p.parent.name for p in folder.glob("*/__init__.py")] + [p.stem for p in folder.glob("*.py")]

    def load() -> None:
        loader = griffe.GriffeLoader(search_paths=[folder], allow_inspection=False, store_source=False)
        for root in roots:
            loader.load(root, submodules=True, try_relative_path=False)

    return load


def seconds(action: Callable[[], object], runs: int) -> float:
    """The median of processor seconds."""
    taken = []
    for _ in range(runs):
        gc.collect()
        before = time.process_time()
        action()
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def main() -> None:
    """Measure one wheel."""
    import logging

    logging.disable()
    wheel, runs = Path(sys.argv[1]), int(sys.argv[2])
    sources = decompressed(wheel)
    with tempfile.TemporaryDirectory() as folder:
        load = griffe_of(wheel, Path(folder))
        found = {
            "modules": len(sources),
            "bytes": sum(map(len, sources)),
            "reading": seconds(lambda: decompressed(wheel), runs),
            "parsing": seconds(lambda: parse_all(sources), runs),
            "facts": seconds(lambda: read_all(sources), runs),
            "griffe": seconds(load, runs) if load else None,
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
