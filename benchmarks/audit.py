"""Whether `pinproof audit` finds what uv audit and pip-audit find with the same records; how fast; what blocks fixes.

    uv run python benchmarks/audit.py EXPORT [--only agreement|blockers|speed] [--runs 3] [--folder FOLDER]

EXPORT is one of OSV, as for `--advisories`. A service on loopback (`tests/osv_server.py`) answers all three from it,
and decides by itself what is affected: uv audit and pip-audit take its word, pinproof asks for all records on a package
and decides on its own. The locks are made with uv, of real projects as of several days (`data/audited.txt`), and stay
in FOLDER. It needs a Python 3.9 that uv finds; pip-audit is installed into an environment in FOLDER.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from blockers import Told, exposures_of, looked_at
from packaging.version import Version

from osv_server import OsvServer, read_export

DATA = Path(__file__).parent / "data"
DATES = ("2021-12-01", "2022-12-01", "2023-12-01")
PYTHON = "3.9"
WANTED = 60
TOGETHER = ["django", "celery", "jupyterlab", "ipywidgets", "mlflow", "streamlit", "sphinx", "bokeh", "wagtail",
            "fastapi", "pytest", "pylint", "black", "plotly", "aiohttp"]  # fmt: skip
"""What a lock of some 200 packages is of."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Known:
    """One vulnerability of one pin, by all its names, with its fixes."""

    pin: tuple[str, str]
    names: frozenset[str]
    fixes: frozenset[str]


def ran(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False, **how)


# --- locks -----------------------------------------------------------------------------------------------


def locked(folder: Path, requirements: list[str], date: str) -> bool:
    """Make a project of these requirements, with a lock as of that day; whether there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "uv.lock").exists():
        return True
    listed = ", ".join(f'"{requirement}"' for requirement in requirements)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "audited"\nversion = "1"\nrequires-python = "=={PYTHON}.*"\ndependencies = [{listed}]\n'
        "[tool.uv]\nenvironments = [\"sys_platform == 'linux' and platform_machine == 'x86_64'\"]\n"
    )
    done = ran(
        ["uv", "lock", "-q", "--no-build", "--python", PYTHON, "--exclude-newer", f"{date}T00:00:00Z"],
        cwd=folder,
    )
    return done.returncode == 0


def locks(root: Path) -> list[Path]:
    """The folders of as many locks as are wanted, of every set as of every day."""
    sets = [
        line.split() for line in (DATA / "audited.txt").read_text().splitlines() if not line.startswith("#")
    ]
    found = []
    for requirements in sets:
        for date in DATES:
            folder = root / f"{requirements[0]}-{date}"
            if len(found) < WANTED and locked(folder, requirements, date):
                found.append(folder)
    return found


# --- the three -------------------------------------------------------------------------------------------


def pinproof(folder: Path, service: str, cache: Path) -> tuple[list[Known], list[str], list[str]]:
    """What pinproof finds, the pins of the lock, and what it could not look up."""
    done = ran(
        [sys.executable, "-m", "pinproof", "audit", "--known-only", str(folder / "uv.lock"), "--service-url", service,
         "--python-version", PYTHON, "--python-platform", "linux", "--cache-dir", str(cache), "--output-format", "json"]
    )  # fmt: skip
    answer = json.loads(done.stdout)
    found = [
        Known((v["name"], v["version"]), frozenset((v["id"], *v["aliases"])), frozenset(v["fixes"]))
        for v in answer["vulnerabilities"]
    ]
    pins = [f"{p['name']}=={p['version']}" for p in answer["packages"]]
    return found, pins, [f"{n['name']}: {n['reason']}" for n in answer["not_checked"]]


def uv_command(service: str) -> list[str]:
    return ["uv", "audit", "--frozen", "--service-url", service, "--python-version", PYTHON, "--python-platform",
            "x86_64-manylinux_2_28", "--preview-features", "audit-command"]  # fmt: skip


def uv_audit(folder: Path, service: str) -> list[Known]:
    done = ran([*uv_command(service), "--output-format", "json"], cwd=folder)
    answer = json.loads(done.stdout)
    return [
        Known(
            (v["dependency"]["name"], v["dependency"]["version"]),
            frozenset((v["id"], *v["aliases"])),
            frozenset(v["fix_versions"]),
        )
        for v in answer["vulnerabilities"]
    ]


def pip_audit_command(program: Path, requirements: Path, service: str) -> list[str]:
    return [str(program), "-r", str(requirements), "--no-deps", "--disable-pip", "--vulnerability-service", "osv",
            "--osv-url", f"{service}/v1/query", "--progress-spinner", "off"]  # fmt: skip


def pip_audit(program: Path, requirements: Path, service: str) -> list[Known]:
    done = ran([*pip_audit_command(program, requirements, service), "-f", "json"])
    answer = json.loads(done.stdout)
    return [
        Known((d["name"], d["version"]), frozenset((v["id"], *v["aliases"])), frozenset(v["fix_versions"]))
        for d in answer["dependencies"]
        for v in d.get("vulns", ())
    ]


def pip_audit_program(root: Path) -> Path:
    environment = root / "pip-audit"
    if not environment.exists():
        subprocess.run(["uv", "venv", "-q", str(environment)], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "-p", str(environment), "pip-audit"], check=True)
    return environment / "bin" / "pip-audit"


# --- agreement -------------------------------------------------------------------------------------------


def differences(ours: list[Known], theirs: list[Known], who: str) -> list[str]:
    """What only one of the two finds, and where they name other fixes."""
    told = []
    for one in ours:
        same = [o for o in theirs if o.pin == one.pin and o.names & one.names]
        if not same:
            told.append(f"only pinproof, not {who}: {' '.join(one.pin)} {sorted(one.names)}")
        named = frozenset().union(*(o.fixes for o in same)) if same else one.fixes
        older = frozenset(fix for fix in named if Version(fix) <= Version(one.pin[1]))
        if older:
            told.append(f"{who} names fixes that are older than the pin, too")
        if named - older != one.fixes:
            told.append(
                f"fixes of {' '.join(one.pin)} {min(one.names)}: {sorted(one.fixes)}, {who}: {sorted(named)}"
            )
        if len(same) > 1:
            told.append(f"{who} tells {len(same)} records for {' '.join(one.pin)} {sorted(one.names)}")
    missed = (o for o in theirs if not any(o.pin == one.pin and o.names & one.names for one in ours))
    return [*told, *(f"only {who}: {' '.join(other.pin)} {sorted(other.names)}" for other in missed)]


def agreement(root: Path, service: str) -> None:
    """The table of all locks, and every difference."""
    program = pip_audit_program(root)
    every: Counter[str] = Counter()
    totals = [0, 0, 0, 0]
    print("\n| lock | packages | pinproof | uv audit | pip-audit | differences |\n|---|---|---|---|---|---|")
    for folder in locks(root / "locks"):
        ours, pins, unclear = pinproof(folder, service, root / "cache")
        (folder / "requirements.txt").write_text("\n".join(pins) + "\n")
        of_uv, of_pip = uv_audit(folder, service), pip_audit(program, folder / "requirements.txt", service)
        told = [*unclear, *differences(ours, of_uv, "uv audit"), *differences(ours, of_pip, "pip-audit")]
        for one in told:
            every[one] += 1
        totals = [a + b for a, b in zip(totals, (len(pins), len(ours), len(of_uv), len(of_pip)), strict=True)]
        print(
            f"| {folder.name} | {len(pins)} | {len(ours)} | {len(of_uv)} | {len(of_pip)} | {len(told)} |",
            flush=True,
        )
    print(f"| all | {' | '.join(map(str, totals))} | |\n")
    for one, times in sorted(every.items()):
        print(f"- {one} ({times} times)")


# --- blockers --------------------------------------------------------------------------------------------


def blockers(root: Path, service: str, chosen: list[str]) -> None:
    """What is named as keeping fixes out, taken away."""
    told = Told()
    for folder in [root / "locks" / name for name in chosen] or locks(root / "locks"):
        done = ran(
            [sys.executable, "-m", "pinproof", "audit", str(folder / "uv.lock"), "--service-url", service,
             "--python-version", PYTHON, "--python-platform", "linux", "--cache-dir", str(root / "cache"),
             "--output-format", "json"]
        )  # fmt: skip
        looked_at(folder, exposures_of(done), PYTHON, told)
        print(
            f"{folder.name}: {told.fixes} fixes that are kept out so far, {len(told.wrong)} wrong", flush=True
        )
    print(f"\nblockers: {dict(told.kinds)}\nchanges: {dict(told.changes)}\n")
    for one in told.wrong:
        print(f"- {one}")


# --- speed -----------------------------------------------------------------------------------------------


def median(command: list[str], runs: int, **how: Any) -> str:
    """Median wall seconds and processor seconds."""
    walls, cpus = [], []
    for _ in range(runs):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        ran(command, **how)
        walls.append(time.perf_counter() - started)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime)
    return f"{statistics.median(walls):.2f} s | {statistics.median(cpus):.2f} s"


def speed(root: Path, service: str, export: Path, runs: int) -> None:
    """A lock of 200 packages, by all three in one run; what can be warm is."""
    folder = root / "two-hundred"
    if not locked(folder, TOGETHER, DATES[-1]):
        raise SystemExit("the lock of 200 packages cannot be made")
    found, pins, _ = pinproof(folder, service, root / "cache")
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n")
    ours = [
        sys.executable,
        "-m",
        "pinproof",
        "audit",
        "--known-only",
        str(folder / "uv.lock"),
        "--python-version",
        PYTHON,
        "--cache-dir",
        str(root / "cache"),
    ]
    program = pip_audit_program(root)
    commands = {
        "pinproof audit --known-only --offline": ([*ours, "--offline", "--service-url", service], {}),
        "pinproof audit --known-only --advisories": ([*ours, "--offline", "--advisories", str(export)], {}),
        "uv audit": (uv_command(service), {"cwd": folder}),
        "pip-audit": (pip_audit_command(program, folder / "requirements.txt", service), {}),
    }
    print(f"\n{len(pins)} packages, {len(found)} vulnerabilities\n")
    print(f"| | wall, median of {runs} | processor |\n|---|---|---|")
    for name, (command, how) in commands.items():
        ran(command, **how)
        print(f"| {name} | {median(command, runs, **how)} |", flush=True)


def main() -> None:
    """Start the service and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("export", type=Path)
    parser.add_argument("--only", choices=["agreement", "blockers", "speed"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/pinproof-audit"))
    parser.add_argument("--locks", nargs="*", default=[], help="of the blockers only these, by their names")
    asked = parser.parse_args()
    with OsvServer(read_export(asked.export)) as service:
        if asked.only in (None, "agreement"):
            agreement(asked.folder, service.url)
        if asked.only in (None, "blockers"):
            blockers(asked.folder, service.url, asked.locks)
        if asked.only in (None, "speed"):
            speed(asked.folder, service.url, asked.export, asked.runs)


if __name__ == "__main__":
    main()
