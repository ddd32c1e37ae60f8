"""`pinproof check` on a large tree against other linters, and on real projects.

    uv run python benchmarks/check.py speed [--runs 5]
    uv run python benchmarks/check.py projects [--only NAME] [--cache FOLDER]

`speed` writes a repository of 2,000 Python files and 60 manifests, and runs the rules that need nothing else, warm,
beside deptry, fawltydeps and zizmor (each in an environment of its own, from the index) where they do some of the same.
`projects` takes the source distributions of `data/projects.txt`, unpacks them, runs nothing of them, and counts what is
found by rule; each answer is kept beside the unpacked project, to be looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

from packaging.requirements import Requirement

from pinproof.sources.fetch import Fetcher
from pinproof.sources.index import PYPI, Index

DATA = Path(__file__).parent / "data"
MODULES = 2_000
PACKAGES = 15
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
TOOLS = {
    "deptry": ("deptry", "."),
    "fawltydeps": ("fawltydeps", "--detailed"),
    "zizmor": ("zizmor", "--offline", "."),
}
"""What they do: declared but not imported and the reverse (the first two), workflows (the last)."""

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "package-{n}"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "click>=8.1",  # the command line
    "httpx>=0.27",
    "packaging>=24.0",
    "rich>=13.0; python_version >= '3.9'",
]

[project.optional-dependencies]
html = ["jinja2>=3.1"]

[dependency-groups]
dev = ["pytest>=8.0", "ruff>=0.6"]
"""
_CONTAINER = """\
FROM python:3.12-slim
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt && \\
    pip install --no-deps .
CMD ["python", "-m", "package_{n}"]
"""
_WORKFLOW = """\
name: test
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          python -m pip install -r requirements.txt
          pip install pytest==8.3.4
          pytest
"""
_MODULE = '''\
"""Module {n}."""

import json
import os
from pathlib import Path

import click
import httpx
from packaging.version import Version

from package_{p} import other


class Thing{n}:
    """A thing."""

    def method(self, argument: str) -> str:
        """Do something."""
        return json.dumps({{"a": argument, "b": os.getcwd(), "c": str(Path.cwd())}})


def function_{n}(first: int, second: int = 2) -> Version:
    """Give a version."""
    click.echo(httpx.__version__)
    return Version(f"{{first}}.{{second}}.{{other}}")
'''


def write_tree(root: Path) -> None:
    """A repository with many packages, that git knows."""
    for number in range(PACKAGES):
        folder = root / f"packages/package-{number}"
        source = folder / f"src/package_{number}"
        source.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(_PYPROJECT.format(n=number))
        (folder / "requirements.txt").write_text(
            "click==8.1.7\nhttpx==0.27.2\npackaging==24.1\nrich==13.9.4\n"
        )
        (folder / "Dockerfile").write_text(_CONTAINER.format(n=number))
        (source / "__init__.py").write_text("other = 1\n")
        for module in range(MODULES // PACKAGES):
            (source / f"module_{module}.py").write_text(_MODULE.format(n=module, p=number) * 3)
        workflow = root / f".github/workflows/test-{number}.yml"
        workflow.parent.mkdir(parents=True, exist_ok=True)
        workflow.write_text(_WORKFLOW)
    # deptry looks at one project, and needs its declaration where it is run.
    (root / "pyproject.toml").write_text(_PYPROJECT.format(n=PACKAGES))
    for command in (("git", "init", "-q"), ("git", "add", "-A")):
        subprocess.run(command, cwd=root, check=True)


def timed(command: tuple[str, ...], folder: Path, runs: int) -> tuple[float, float]:
    """Median wall and processor seconds; the first run warms up."""
    walls, processors = [], []
    for number in range(runs + 1):
        before, started = os.times(), time.perf_counter()
        subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False)
        wall, after = time.perf_counter() - started, os.times()
        if number:
            walls.append(wall)
            processors.append(after[2] + after[3] - before[2] - before[3])
    return statistics.median(walls), statistics.median(processors)


def speed(runs: int) -> None:
    """One table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        root.mkdir()
        write_tree(root)
        ours = (str(Path(sys.executable).with_name("pinproof")), "check", "--offline", "--quiet")
        commands = {"pinproof check --offline": ours}
        for name, command in TOOLS.items():
            place = Path(folder) / name
            subprocess.run(("uv", "venv", "-q", str(place)), check=True)
            subprocess.run(("uv", "pip", "install", "-q", "-p", str(place), name), check=True)
            commands[" ".join(command)] = (str(place / "bin" / command[0]), *command[1:])
        print(f"{MODULES} modules, {PACKAGES * 4 + 1} manifests, median of {runs}, warm\n")
        print("| | wall, s | processor, s | wall against pinproof |\n|---|---|---|---|")
        first = 0.0
        for label, command in commands.items():
            wall, processor = timed(command, root, runs)
            first = first or wall
            print(f"| `{label}` | {wall:.2f} | {processor:.2f} | {wall / first:.1f} |")


def projects(only: str | None, cache: Path) -> None:
    """One row for each project: files that were read, findings by rule, what was not checked."""
    rows = []
    for line in (DATA / "projects.txt").read_text().splitlines():
        name = line.partition("#")[0].strip()
        if name and only in (None, name):
            rows.append(_row(name, unpacked(name, cache)))
    print("| project | role | files | findings | not checked |\n|---|---|---|---|---|")
    print("\n".join(rows))


def unpacked(name: str, cache: Path) -> Path:
    """The folder of the source distribution `name==version`; nothing of it is run."""
    folder = cache / name.replace("==", "-")
    if not folder.is_dir():
        with Fetcher(cache / "cache") as fetcher:
            index = Index(
                fetcher, (os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or PYPI,)
            )
            pin = Requirement(name)
            files = [
                f for r in index.project(pin.name).releases for f in r.files if r.version in pin.specifier
            ]
            file = next(f for f in files if f.filename.endswith(".tar.gz"))
            archive = fetcher.download(file.url, file.sha256)
            with tarfile.open(archive) as opened:
                opened.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def _row(name: str, folder: Path) -> str:
    ours = (str(Path(sys.executable).with_name("pinproof")), "check", "--output-format", "json", str(folder))
    ran = subprocess.run(ours, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1):
        return f"| {name} | | | exit {ran.returncode}: {ran.stderr.strip()[-200:]} | |"
    answer = json.loads(ran.stdout)
    (folder.parent / "answer.json").write_text(ran.stdout)
    counts = Counter(found["code"] for found in answer["findings"])
    told = ", ".join(f"{code} {count}" for code, count in sorted(counts.items())) or "none"
    role = answer["projects"][0]["role"] if answer["projects"] else ""
    return f"| {name} | {role} | {answer['files']} | {told} | {len(answer['not_checked'])} |"


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", choices=("speed", "projects"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "pinproof-projects")
    given = parser.parse_args()
    if given.part == "speed":
        speed(given.runs)
    else:
        projects(given.only, given.cache)


if __name__ == "__main__":
    main()
