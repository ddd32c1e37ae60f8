"""Measure `pinproof combos` against what really happens: install a sample of the combinations, and import them.

    uv run python benchmarks/combos.py [--sample 60] [--python 3.11] [--only flask ...] [--out cells.jsonl]

Each combination of the sample is installed with uv in an environment of its own, the whole set with the pins that it
was judged with, and every top-level module of the named packages is imported, each in a process of its own, as are the
modules behind their commands. Half of the sample is said to work, half to be broken, as far as there are so many.
What cannot be installed (an old source distribution that does not build any more) is counted, and says nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MATRICES = {
    "flask": ("flask", "werkzeug", "flask-login"),
    "pandas": ("pandas", "numpy"),
    "sqlalchemy": ("sqlalchemy", "flask-sqlalchemy"),
}
WORKING = ("works", "bounded", "latent")
INSTALL_SECONDS = 420
IMPORT_SECONDS = 120

ROOTS = """
import json, sys
from importlib.metadata import distribution
found = set()
for name in sys.argv[1:]:
    one = distribution(name)
    for path in one.files or ():
        first = path.parts[0]
        if len(path.parts) == 1 and path.suffix == ".py":
            found.add(path.stem)
        elif len(path.parts) == 2 and path.name == "__init__.py":
            found.add(first)
    for entry in one.entry_points:
        if entry.group in ("console_scripts", "gui_scripts") and not entry.extras:
            found.add(entry.module)
print(json.dumps(sorted(m for m in found if not m.startswith("_"))))
"""


def run(command: list[str], seconds: int) -> subprocess.CompletedProcess[str]:
    """A command with its output; a time-out reads as exit code 124."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "timed out")


def matrix(names: tuple[str, ...], python: str) -> tuple[list[dict[str, Any]], float]:
    """The cells of a matrix, and the seconds that they took."""
    started = time.monotonic()
    options = ["--python-version", python, "--output-format", "json", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pinproof", "combos", *names, *options],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)["cells"], time.monotonic() - started


def sampled(cells: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """As many that are said to work as that are said to be broken; those that were judged as a whole set."""
    dice = random.Random(1)
    works = [c for c in cells if c["status"] in WORKING and c["packages"]]
    broken = [c for c in cells if c["status"] == "broken" and c["packages"]]
    half = size // 2
    from_broken = min(len(broken), max(half, size - len(works)))
    chosen = dice.sample(broken, from_broken)
    return chosen + dice.sample(works, min(len(works), size - from_broken))


def tried(cell: dict[str, Any], python: str) -> dict[str, Any]:
    """What importing the named packages of a combination comes to: `imports`, `fails` or `not-installed`."""
    with tempfile.TemporaryDirectory(prefix="combos-") as folder:
        environment = Path(folder, "env")
        interpreter = str(environment / "bin" / "python")
        made = run(["uv", "venv", "-q", "--python", python, str(environment)], INSTALL_SECONDS)
        pins = [f"{p['name']}=={p['version']}" for p in cell["packages"]]
        install = ["uv", "pip", "install", "-q", "--no-deps", "--python", interpreter, *pins]
        if made.returncode or (made := run(install, INSTALL_SECONDS)).returncode:
            return cell | {"outcome": "not-installed", "problem": made.stderr[-600:]}
        roots = run([interpreter, "-c", ROOTS, *cell["versions"]], IMPORT_SECONDS)
        for module in json.loads(roots.stdout):
            done = run([interpreter, "-W", "ignore", "-c", f"import {module}"], IMPORT_SECONDS)
            if done.returncode:
                return cell | {"outcome": "fails", "problem": f"{module}: {done.stderr[-600:]}"}
        return cell | {"outcome": "imports", "problem": ""}


def disagrees(cell: dict[str, Any]) -> bool:
    """Whether importing came out as it was not said."""
    said = "imports" if cell["status"] in WORKING else "fails"
    return cell["outcome"] not in (said, "not-installed")


def show_cell(cell: dict[str, Any]) -> None:
    """A disagreement, to be looked into."""
    names = " ".join(f"{name}=={version}" for name, version in cell["versions"].items())
    print(f"\n{names}: {cell['status']}, but it {cell['outcome']}")
    print("  set: ", " ".join(f"{p['name']}=={p['version']}" for p in cell["packages"]))
    for found in [b for b in cell["breaks"] if b["severity"] == "fatal"][:3]:
        print("  said:", found["message"])
    if cell["problem"]:
        print(
            "  seen:",
            cell["problem"].strip().splitlines()[0],
            "...",
            cell["problem"].strip().splitlines()[-1],
        )


def main() -> None:
    """Run it, and print the table of agreement."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", choices=MATRICES, action="append", help="this matrix; may be given again")
    options.add_argument("--sample", type=int, default=60)
    options.add_argument("--python", default="3.11")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--out", type=Path, help="where to write every cell with its outcome, as JSON lines")
    given = options.parse_args()
    rows, every = [], []
    for name in given.only or MATRICES:
        cells, seconds = matrix(MATRICES[name], given.python)
        chosen = sampled(cells, given.sample)
        with ThreadPoolExecutor(given.jobs) as threads:
            results = list(threads.map(lambda cell: tried(cell, given.python), chosen))
        every += [cell | {"matrix": name} for cell in results]
        counts = Counter((c["status"] in WORKING, c["outcome"]) for c in results)
        numbers = [counts[w, o] for w in (True, False) for o in ("imports", "fails", "not-installed")]
        rows.append((" ".join(MATRICES[name]), len(cells), f"{seconds:.0f} s", len(results), *numbers))
        for cell in filter(disagrees, results):
            show_cell(cell)
    if given.out:
        given.out.write_text("".join(json.dumps(cell) + "\n" for cell in every), encoding="utf-8")
    print("\n| matrix | combinations | judged in | tried | works: imports | works: fails | works: not installed"
          " | broken: imports | broken: fails | broken: not installed |")  # fmt: skip
    print("|" + "---|" * 10)
    for row in rows:
        print("|", " | ".join(map(str, row)), "|")


if __name__ == "__main__":
    main()
