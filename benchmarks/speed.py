"""How fast a set is judged, against what cannot be avoided: parsing, reading, and uv's own resolution.

    uv run python benchmarks/speed.py [--runs 3]

Everything is taken in one run on the same machine; the ratios are what counts. Archives are cached before anything is
timed. `ast.parse` is that of every module in the archives, in as many processes as there are cores.
"""

from __future__ import annotations

import argparse
import ast
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DATA = Path(__file__).parent / "data"
CACHE = Path(tempfile.gettempdir(), "pinproof-benchmark")
PINPROOF = [sys.executable, "-m", "pinproof"]
PYTHON = "3.11"


def timed(command: list[str], runs: int, before: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Median wall seconds of a command, and the median of its processor seconds."""
    walls, cpus = [], []
    for _ in range(runs):
        before()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        walls.append(time.perf_counter() - started)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
    return statistics.median(walls), statistics.median(cpus)


def forget_facts() -> None:
    """Leave the archives and pages in the cache, and nothing that was read off them."""
    for path in CACHE.glob("facts*"):
        path.unlink()


def verify(lock: Path, *more: str) -> list[str]:
    """The command that judges a pinned file."""
    return [
        *PINPROOF,
        "verify",
        str(lock),
        "--python-version",
        PYTHON,
        "-q",
        "--cache-dir",
        str(CACHE),
        *more,
    ]


def sources(lock: Path) -> list[tuple[str, list[str]]]:
    """The modules of a pinned set as uv installs them: folder and paths."""
    folder = CACHE / "installed"
    if not folder.exists():
        command = ["uv", "pip", "install", "-q", "--no-deps", "--python-version", PYTHON]
        subprocess.run([*command, "--target", str(folder), "-r", str(lock)], check=True)
    by_package: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        by_package.setdefault(path.relative_to(folder).parts[0], []).append(str(path))
    return list(by_package.items())


def parse_all(portion: tuple[str, list[str]]) -> int:
    """Read and parse modules; the bytes that they have."""
    import gc

    gc.disable()
    size = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in portion[1]:
            source = Path(name).read_bytes()
            size += len(source)
            try:
                ast.parse(source)
            except (SyntaxError, ValueError, RecursionError):
                continue
    return size


def parse_seconds(found: Iterable[tuple[str, list[str]]], cores: int) -> tuple[float, int]:
    """Wall seconds for parsing everything, and how many bytes that was."""
    portions = [(wheel, names[i : i + 50]) for wheel, names in found for i in range(0, len(names), 50)]
    started = time.perf_counter()
    with ProcessPoolExecutor(cores) as pool:
        size = sum(pool.map(parse_all, portions))
    return time.perf_counter() - started, size


def pinned(to: Path, requirements: Iterable[str]) -> Path:
    """The part of the set that some requirements need, as a pinned file."""
    command = [
        "uv",
        "pip",
        "compile",
        "-q",
        "--no-build",
        "--no-header",
        "--no-annotate",
        "--python-version",
        PYTHON,
    ]
    done = subprocess.run(
        [*command, "-c", str(DATA / "ds-web.txt"), "-"],
        input="\n".join(requirements),
        text=True,
        capture_output=True,
        check=True,
    )
    to.write_text(done.stdout)
    return to


def judging(runs: int) -> None:
    """The set of 200, without facts and with them, on all cores and on one."""
    lock = DATA / "ds-web.txt"
    subprocess.run(verify(lock), stdout=subprocess.DEVNULL, check=False)
    found = sources(lock)
    cores = len(os.sched_getaffinity(0))
    for count in sorted({1, cores}):
        pin = ["taskset", "-c", ",".join(map(str, range(count)))] if count < cores else []
        parsing, size = parse_seconds(found, count)
        cold, cpu = timed([*pin, *verify(lock)], runs, forget_facts)
        warm, _ = timed([*pin, *verify(lock)], runs)
        modules = sum(len(names) for _, names in found)
        print(f"{count} core(s): {modules} modules, {size / 1e6:.0f} MB; ast.parse of all {parsing:.1f} s")
        print(f"  no facts: {cold:.1f} s ({cold / parsing:.2f} x), processor {cpu:.1f} s")
        print(f"  with facts: {warm:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  largest process: {peak:.0f} MiB")


def growing(runs: int) -> None:
    """The same for ever larger parts of the set."""
    lines = (DATA / "ds-web.in").read_text().split()
    for count in (1, 3, 6, 9, len(lines)):
        lock = pinned(CACHE / f"part-{count}.txt", lines[:count])
        size = sum(1 for line in lock.read_text().splitlines() if "==" in line)
        subprocess.run(verify(lock), stdout=subprocess.DEVNULL, check=False)
        cold, _ = timed(verify(lock), 1, forget_facts)
        warm, _ = timed(verify(lock), runs)
        print(f"{size} packages: no facts {cold:.1f} s, with facts {warm:.2f} s")


def solving(runs: int) -> None:
    """Everything cached: `solve` against the plain resolution of the same requirements."""
    cases = [(["flask", "flask-login"], "2023-10-01"), (["pdm"], ""), (["dash", "flask>=2.3"], "2023-06-01")]
    for requirements, day in cases:
        dated = ["--as-of", day] if day else []
        solve = [
            *PINPROOF,
            "solve",
            *requirements,
            *dated,
            "--python-version",
            PYTHON,
            "-q",
            "--cache-dir",
            str(CACHE),
        ]
        file = CACHE / "plain.in"
        file.write_text("\n".join(requirements))
        plain = ["uv", "pip", "compile", str(file), "-q", "--no-build", "--python-version", PYTHON]
        plain += ["--exclude-newer", day] if day else []
        subprocess.run(solve, stdout=subprocess.DEVNULL, check=False)
        ours, _ = timed(solve, runs)
        theirs, _ = timed(plain, runs)
        names = " ".join(canonicalize_name(Requirement(r).name) for r in requirements)
        print(f"solve {names} {day}: {ours:.2f} s, uv {theirs:.2f} s, limit {2 * theirs + 0.5:.2f} s")


def main() -> None:
    """Run all three."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--fresh", action="store_true", help="start with an empty cache")
    given = options.parse_args()
    if given.fresh:
        shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(exist_ok=True)
    judging(given.runs)
    growing(given.runs)
    solving(given.runs)


if __name__ == "__main__":
    main()
