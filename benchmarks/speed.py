"""How fast modules are read and sets are judged, against what cannot be avoided: parsing, reading, uv's own resolution.

    uv run python benchmarks/speed.py [--only facts|set|pair|growth|solve|lock] [--runs 3] [--cache FOLDER]

Each table is Markdown, taken in one run on one machine; the ratios are what counts. Archives are cached before anything
is timed. `ast.parse` is that of every module in the archives, on one core with the garbage collector off; one core and
all cores are compared with this same figure. The bytecode of pinproof and of what it needs is kept, as pip makes it on
installation, whatever PYTHONDONTWRITEBYTECODE says here: without it each start takes another tenth of a second.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from reading import parse_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

DATA = Path(__file__).parent / "data"
READING = Path(__file__).with_name("reading.py")
PYTHON = "3.11"
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
SIZES = (25, 50, 100, 200)


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Bench:
    """Where things are kept, and how often each is measured."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.runs = runs
        folder.mkdir(parents=True, exist_ok=True)

    def timed(
        self, command: Sequence[str], before: Callable[[], object] = lambda: None, runs: int = 0
    ) -> tuple[float, float]:
        """Median wall seconds of a command, and the median of its processor seconds."""
        walls, cpus = [], []
        for _ in range(runs or self.runs):
            before()
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            started = time.perf_counter()
            _run(command)
            walls.append(time.perf_counter() - started)
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpus.append(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
        return statistics.median(walls), statistics.median(cpus)

    def pinproof(self, *arguments: str) -> list[str]:
        """The command line, on the cache of the benchmark."""
        shared = ["--python-version", PYTHON, "-q", "--cache-dir", str(self.cache)]
        return [sys.executable, "-m", "pinproof", *arguments, *shared]

    def verify(self, lock: Path) -> list[str]:
        """The command that judges a pinned file."""
        return self.pinproof("verify", str(lock))

    def warm(self, command: Sequence[str]) -> None:
        """Run something once, so that archives and pages are at hand."""
        _run(command)

    def forget_facts(self) -> None:
        """Leave the archives and pages in the cache, and nothing that was read off them."""
        for path in self.cache.glob("facts*"):
            path.unlink()

    def installed(self, lock: Path) -> Path:
        """A folder with a pinned set as uv installs it."""
        folder = self.folder / f"installed-{lock.stem}"
        if not folder.exists():
            command = ["uv", "pip", "install", "-q", "--no-deps", "--python-version", PYTHON]
            subprocess.run([*command, "--target", str(folder), "-r", str(lock)], check=True)
        return folder


def _run(command: Sequence[str]) -> None:
    quiet = subprocess.DEVNULL
    subprocess.run(command, stdout=quiet, stderr=quiet, env=ENVIRONMENT, check=False)


def row(*cells: object) -> None:
    """One line of a table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def head(title: str, *cells: str) -> None:
    """The beginning of a table."""
    print(f"\n{title}\n")
    row(*cells)
    print("|" + "---|" * len(cells))


def parse_seconds(folder: Path) -> tuple[float, int, int]:
    """Processor seconds of `ast.parse` of all modules on one core, how many they are, and their bytes."""
    sources = [path.read_bytes() for path in folder.rglob("*.py")]
    before = time.process_time()
    parse_all(sources)
    return time.process_time() - before, len(sources), sum(map(len, sources))


# --- tables ------------------------------------------------------------------------------------------------


def facts(bench: Bench) -> None:
    """Full facts of the modules of large wheels."""
    head(
        f"Processor seconds on one core, medians of {bench.runs}; in brackets `ast.parse` = 1",
        "wheel", "modules", "MB", "reading, decompressing", "`ast.parse`", "facts", "griffe",
    )  # fmt: skip
    for wheel in wheels(bench):
        command = ["uv", "run", "-q", "--with", "griffe", "python", str(READING), str(wheel), str(bench.runs)]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        unit = found["parsing"]
        taken = [found[what] for what in ("reading", "parsing", "facts", "griffe")]
        cells = ["-" if t is None else f"{t:.2f} ({t / unit:.2f})" for t in taken]
        name = "-".join(wheel.name.split("-")[:2])
        row(name, found["modules"], f"{found['bytes'] / 1e6:.1f}", *cells)


def wheels(bench: Bench) -> list[Path]:
    """The wheels of `data/wheels.txt`, as pip downloads them."""
    folder = bench.folder / "wheels"
    if not folder.exists():
        command = ["uvx", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        more = ["--python-version", PYTHON, *platforms, "-r", str(DATA / "wheels.txt")]
        subprocess.run([*command, *more], check=True)
    return sorted(folder.glob("*.whl"))


def whole_set(bench: Bench) -> None:
    """The set of 200, without facts and with them, on one core and on all."""
    lock = DATA / "ds-web.txt"
    bench.warm(bench.verify(lock))
    unit, modules, size = parse_seconds(bench.installed(lock))
    head(
        f"{modules} modules, {size / 1e6:.0f} MB; `ast.parse` of all on one core: {unit:.1f} s",
        "cores", "no facts, s", "`ast.parse` on one core = 1", "processor, s", "with facts, s",
    )  # fmt: skip
    cores = len(os.sched_getaffinity(0))
    for count in sorted({1, cores}):
        pin = ["taskset", "-c", ",".join(map(str, range(count)))] if count < cores else []
        cold, cpu = bench.timed([*pin, *bench.verify(lock)], bench.forget_facts)
        again, _ = bench.timed([*pin, *bench.verify(lock)])
        row(count, f"{cold:.1f}", f"{cold / unit:.2f}", f"{cpu:.1f}", f"{again:.2f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nThe largest process had {peak:.0f} MiB.")


def pair(bench: Bench) -> None:
    """Two large packages and nothing else."""
    lock = DATA / "pair.txt"
    bench.warm(bench.verify(lock))
    unit, modules, size = parse_seconds(bench.installed(lock))
    start, start_cpu = bench.timed([sys.executable, "-c", "import pinproof.cli"])
    cold, cpu = bench.timed(bench.verify(lock), bench.forget_facts)
    again, again_cpu = bench.timed(bench.verify(lock))
    names = " and ".join(lock.read_text(encoding="utf-8").split())
    head(
        f"{names}: {modules} modules, {size / 1e6:.0f} MB; `ast.parse` of all on one core: {unit:.2f} s",
        "", "wall, s", "processor, s", "processor, `ast.parse` = 1",
    )  # fmt: skip
    for name, wall, used in (
        ("no facts", cold, cpu),
        ("no facts, without start-up", cold - start, cpu - start_cpu),
        ("with facts", again, again_cpu),
        ("start-up alone", start, start_cpu),
    ):
        row(name, f"{wall:.2f}", f"{used:.2f}", f"{used / unit:.2f}")


def growth(bench: Bench) -> None:
    """Ever larger parts of the set, each in the next one."""
    lock = DATA / "ds-web.txt"
    bench.warm(bench.verify(lock))
    found = {canonicalize_name(d.name): d for d in distributions(path=[str(bench.installed(lock))])}
    pins = {
        canonicalize_name(Requirement(p).name): p
        for p in lock.read_text(encoding="utf-8").split()
        if "==" in p
    }
    parts = nested({name: found[name] for name in pins if name in found}, SIZES)
    head(
        "Nested parts of the set, with what they require as far as the size allows",
        "packages", "requirements open", "MB", "no facts, s", "processor, s", "per MB", "with facts, s", "per MB",
    )  # fmt: skip
    for names in parts:
        part = bench.folder / f"part-{len(names)}.txt"
        part.write_text("\n".join(pins[name] for name in names), encoding="utf-8")
        size = sum(source_bytes(found[name]) for name in names) / 1e6
        missing = sum(not closure(name, found) <= set(names) for name in names)
        bench.warm(bench.verify(part))
        cold, cpu = bench.timed(bench.verify(part), bench.forget_facts)
        again, _ = bench.timed(bench.verify(part))
        cells = (
            f"{size:.1f}",
            f"{cold:.1f}",
            f"{cpu:.1f}",
            f"{cpu / size:.3f}",
            f"{again:.2f}",
            f"{again / size:.4f}",
        )
        row(len(names), missing, *cells)


def nested(found: dict[str, Distribution], sizes: Iterable[int]) -> list[list[str]]:
    """Parts of the set, each in the next: what requires most is taken first, with what it requires."""
    order = sorted(found, key=lambda name: (-len(closure(name, found)), name))
    parts, chosen = [], set()
    for size in sizes:
        for name in order:
            wanted = chosen | closure(name, found)
            if len(wanted) <= size:
                chosen = wanted
        parts.append(sorted(chosen))
    return parts


def closure(name: str, found: dict[str, Distribution]) -> set[str]:
    """A distribution and all of the set that it requires, extras left out."""
    closed: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in found and one not in closed:
            closed.add(one)
            waiting += required(found[one])
    return closed


@cache
def required(distribution: Distribution) -> list[str]:
    """The names that a distribution requires on this Python, extras left out."""
    parsed = [Requirement(text) for text in distribution.requires or ()]
    return [canonicalize_name(r.name) for r in parsed if r.marker is None or r.marker.evaluate({"extra": ""})]


def source_bytes(distribution: Distribution) -> int:
    """The bytes of its modules."""
    return sum(
        Path(f.locate()).stat().st_size for f in distribution.files or () if re.search(r"\.py$", str(f))
    )


def solving(bench: Bench) -> None:
    """Everything cached: `solve` against the plain resolution of the same requirements."""
    cases = [(["flask", "flask-login"], "2023-10-01"), (["pdm"], ""), (["dash", "flask>=2.3"], "2023-06-01")]
    head(
        f"Medians of {bench.runs}; the limit is twice uv's own time and half a second",
        "`solve`",
        "s",
        "uv, s",
        "limit, s",
    )
    for requirements, day in cases:
        solve = bench.pinproof("solve", *requirements, *(["--as-of", day] if day else []))
        file = bench.folder / "plain.in"
        file.write_text("\n".join(requirements), encoding="utf-8")
        plain = ["uv", "pip", "compile", str(file), "-q", "--no-build", "--python-version", PYTHON]
        plain += ["--exclude-newer", day] if day else []
        bench.warm(solve)
        ours, _ = bench.timed(solve)
        theirs, _ = bench.timed(plain)
        names = " ".join(canonicalize_name(Requirement(r).name) for r in requirements)
        row(f"{names} {day}".strip(), f"{ours:.2f}", f"{theirs:.2f}", f"{2 * theirs + 0.5:.2f}")


def locking(bench: Bench) -> None:
    """Nothing has changed: `lock` against uv, which resolves the same with the same pins in view."""
    pins = [p for p in (DATA / "ds-web.txt").read_text(encoding="utf-8").split() if "==" in p]
    found = {
        canonicalize_name(d.name): d for d in distributions(path=[str(bench.installed(DATA / "ds-web.txt"))])
    }
    by_name = {canonicalize_name(Requirement(p).name): p for p in pins}
    head(
        f"Medians of {bench.runs}; the limit is one and a half times uv's own time and 0.3 s",
        "packages", "`lock`, s", "uv, s", "limit, s", "processor, `lock` / uv", "peak, MiB",
    )  # fmt: skip
    for names in nested({name: found[name] for name in by_name if name in found}, SIZES):
        folder = bench.folder / f"lock-{len(names)}"
        folder.mkdir(exist_ok=True)
        (folder / "requirements.in").write_text("\n".join(by_name[name] for name in names), encoding="utf-8")
        lock, theirs = folder / "requirements.txt", folder / "uv.txt"
        ours = bench.pinproof("lock", str(folder / "requirements.in"), "-o", str(lock))
        bench.warm(ours)
        theirs.write_bytes(lock.read_bytes())
        uv = ["uv", "pip", "compile", str(folder / "requirements.in"), "-o", str(theirs), "-q"]
        uv += ["--no-build", "--generate-hashes", "--python-version", PYTHON]
        # One after the other, so that a busy machine is busy for both.
        runs = [(*bench.timed(ours, runs=1), *bench.timed(uv, runs=1)) for _ in range(bench.runs)]
        mine, my_cpu, its, its_cpu = (statistics.median(times) for times in zip(*runs, strict=True))
        count = len(re.findall(r"(?m)^\S+==", lock.read_text(encoding="utf-8")))
        used = f"{my_cpu:.2f} / {its_cpu:.2f}"
        row(count, f"{mine:.2f}", f"{its:.2f}", f"{1.5 * its + 0.3:.2f}", used, f"{peak(ours):.0f}")


def peak(command: Sequence[str]) -> float:
    """The largest that a command's process was, in MiB."""
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=ENVIRONMENT)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss / 1024


TABLES = {
    "facts": facts,
    "set": whole_set,
    "pair": pair,
    "growth": growth,
    "solve": solving,
    "lock": locking,
}


def main() -> None:
    """Print the tables asked for, or all."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", choices=TABLES, action="append", help="this table; may be given again")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "pinproof-benchmark"))
    given = options.parse_args()
    bench = Bench(given.cache, given.runs)
    for name in given.only or TABLES:
        TABLES[name](bench)


if __name__ == "__main__":
    main()
