"""Measure the judge on real breakages: solve at the date, install the answer, run the incident's own check.

    uv run python benchmarks/incidents.py [--more] [--only ID ...] [--jobs 2] [--no-install] [--out results.jsonl]
    uv run python benchmarks/incidents.py --table results.jsonl

Data: `benchmarks/data/*.jsonl`. Interpreters are those that uv finds; what needs another is listed as not run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

DATA = Path(__file__).parent / "data"
INCIDENTS = ("web", "data")
MORE = ("more", "called")
"""Breakages that were collected after the judge was made, to see what it does with those that nobody had looked at."""
QUIET = ("controls_web", "controls_data", "hard_negatives_web")
SOLVE_SECONDS = 600
INSTALL_SECONDS = 420


def cases(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The lines of these data files; each knows which file it is from."""
    return [
        {**json.loads(line), "from": name}
        for name in names
        for line in (DATA / f"{name}.jsonl").read_text().splitlines()
    ]


def run(command: list[str], seconds: int, **more: Any) -> subprocess.CompletedProcess[str]:
    """A command with its output; a time-out reads as exit code 124."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **more)
    except subprocess.TimeoutExpired as error:
        return subprocess.CompletedProcess(command, 124, "", f"timed out: {error}")


def pinproof(arguments: list[str], case: dict[str, Any]) -> tuple[dict[str, Any] | None, float, str]:
    """The JSON answer of a command, the seconds it took, and what went wrong."""
    started = time.monotonic()
    options = ["--python-version", case["python"], "--output-format", "json", "-q"]
    if "date" in case:
        options += ["--as-of", case["date"]]
    done = run([sys.executable, "-m", "pinproof", *arguments, *options], SOLVE_SECONDS)
    seconds = round(time.monotonic() - started, 1)
    try:
        return json.loads(done.stdout), seconds, ""
    except json.JSONDecodeError:
        return None, seconds, (done.stderr or f"exit {done.returncode}")[-400:]


def measured(case: dict[str, Any], install: bool) -> dict[str, Any]:
    """One incident: what was found, and whether the answer works."""
    options = ["--allow-build"] if case.get("allow_build") else []
    answer, seconds, problem = pinproof(["solve", *case["requirements"], *options], case)
    row = {k: case[k] for k in ("id", "kind", "when", "python", "from")} | {"seconds": seconds}
    row["detectable"] = str(case["static_detectable"]).lower()
    row["other_python"] = bool(case.get("working_python"))
    if answer is None:
        return row | {"status": "error", "problem": problem}
    pair = [Requirement(case["broken_pair"][k].partition(" ")[0]) for k in ("dependent", "dependency")]
    found = [(b, True) for bound in answer["bounds"] for b in bound["because"]]
    found += [(b, False) for b in answer["breaks"] if b["severity"] != "deprecated"]
    names = tuple(canonicalize_name(r.name) for r in pair)
    ours = [b for b, _ in found if (b["dependent"], b["dependency"]) == names]
    row |= {
        "status": answer["status"],
        "named": bool(ours),
        "symbol": any(same_symbol(b["symbol"], case["symbol"]) for b in ours),
        "severity": ours[0]["severity"] if ours else "",
        "avoided": not (holds(answer["packages"], pair[0]) and holds(answer["packages"], pair[1])),
        "reproduced": holds(answer.get("plain", []), pair[0]) and holds(answer.get("plain", []), pair[1]),
        "lost_major": lost_major(answer, case),
        "others": sorted(
            {f"{b['dependent']}->{b['symbol']} ({b['severity']})" for b, _ in found if b not in ours}
        ),
        "bounds": [bound["requirement"] for bound in answer["bounds"]],
        "reason": (answer.get("reason") or "")[:300],
    }
    if install and answer["status"] == "works":
        row |= checked(case, [f"{p['name']}=={p['version']}" for p in answer["packages"]])
    return row


def same_symbol(ours: str, theirs: str) -> bool:
    """Whether two descriptions of a symbol end in the same name."""
    last = ours.replace("(", ".").rstrip(")").rpartition(".")[2]
    return last in theirs


def holds(packages: list[dict[str, str]], requirement: Requirement) -> bool:
    """Whether a set holds the version named."""
    versions = {p["name"]: p["version"] for p in packages}
    version = versions.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def lost_major(answer: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """Direct requirements that have a lower major version than in the plain resolution."""
    direct = {canonicalize_name(Requirement(r).name) for r in case["requirements"]}
    plain = {p["name"]: Version(p["version"]) for p in answer.get("plain", [])}
    return [
        p["name"]
        for p in answer["packages"]
        if p["name"] in direct and p["name"] in plain and Version(p["version"]).major < plain[p["name"]].major
    ]


def checked(case: dict[str, Any], pins: list[str]) -> dict[str, Any]:
    """Install pins in a fresh environment and run the check."""
    with tempfile.TemporaryDirectory(prefix="incident-") as folder:
        made = run(["uv", "venv", "-q", "-p", case["python"], f"{folder}/env"], 60)
        if made.returncode:
            return {"passes": None, "problem": "no such interpreter"}
        python = f"{folder}/env/bin/python"
        install = ["uv", "pip", "install", "-q", "--no-deps", "-p", python, *case.get("uv_args", []), *pins]
        # What has to be built is built with the tools of the day, or else with those of today.
        for before in (["--exclude-newer", case["date"]] if "date" in case else [], []):
            installed = run([*install, *before], INSTALL_SECONDS)
            if installed.returncode == 0:
                break
        else:
            return {"passes": None, "problem": f"install: {installed.stderr[-300:]}"}
        done = run([python, "-c", case["check"]], 240, cwd=folder)
        return {"passes": done.returncode == 0, "problem": done.stderr[-300:] if done.returncode else ""}


def quiet(case: dict[str, Any]) -> dict[str, Any]:
    """A set that works: every break reported in it is a false alarm (a latent one perhaps not)."""
    row = {k: case[k] for k in ("id", "python", "from")}
    with tempfile.TemporaryDirectory(prefix="control-") as folder:
        if "installed" in case:
            lock = Path(folder, "requirements.txt")
            lock.write_text("".join(f"{pin}\n" for pin in case["installed"]))
            answer, seconds, problem = pinproof(["verify", str(lock)], case)
            breaks = answer["breaks"] if answer else []
            size = len(case["installed"])
        else:
            answer, seconds, problem = pinproof(["solve", *case["requirements"]], case)
            bounds = answer["bounds"] if answer else []
            breaks = [
                *[b for bound in bounds for b in bound["because"]],
                *(answer["breaks"] if answer else []),
            ]
            size = len(answer.get("plain", [])) if answer else 0
    told = [
        f"{b['severity']} {b['dependent']}->{b['dependency']} {b['symbol']} {b['path']}:{b['line']}"
        for b in breaks
    ]
    row |= {"seconds": seconds, "size": size, "problem": problem}
    for severity in ("fatal", "latent"):
        row[severity] = sorted({t for t in told if t.startswith(severity)})
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """The figures, in Markdown."""
    incidents = [r for r in rows if "kind" in r]
    lines = [
        "| kind | when | cases | named | symbol | avoided | passes | lost major |",
        "|---|---|---|---|---|---|---|---|",
    ]
    groups = Counter((r["kind"], r["when"]) for r in incidents)
    for (kind, when), count in sorted(groups.items()):
        lines.append(
            f"| {kind} | {when} | {count} {figures([r for r in incidents if (r['kind'], r['when']) == (kind, when)])}"
        )
    lines.append(f"| all | | {len(incidents)} {figures(incidents)}")
    certain = [r for r in incidents if r["detectable"] == "true" and r["when"] == "import"]
    refused = [
        r for r in certain if r["status"] == "no-working-set" and r.get("named") and r.get("other_python")
    ]
    passing = sum(r.get("passes") is True for r in certain)
    lines += [
        "",
        (
            f"Detectable and failing at import: {passing} of {len(certain)} pass their check, and {len(refused)} "
            "for which only another Python would do are refused for that reason."
        ),
        "",
    ]
    calls = [r for r in incidents if r["when"] == "call" and r["kind"] in CALLED]
    told = sum(bool(r.get("named")) or r.get("avoided", False) for r in calls)
    lines += [
        f"Failing when called (attribute, keyword, class member): {told} of {len(calls)} named or avoided.",
        "",
    ]
    others = [r for r in rows if "kind" not in r]
    fatal, latent = (sum(len(r[s]) for r in others) for s in ("fatal", "latent"))
    size = sum(r["size"] for r in others)
    lines.append(
        f"Controls and hard negatives: {len(others)} sets, {size} distributions, {fatal} fatal, {latent} latent."
    )
    return "\n".join(lines)


CALLED = (
    "attribute-removed",
    "keyword-removed",
    "class-member-removed",
    "positional-signature",
    "import-removed",
)


def figures(rows: list[dict[str, Any]]) -> str:
    """The columns of a group."""
    return (
        "| "
        + " | ".join(
            [
                *(str(sum(bool(r.get(key)) for r in rows)) for key in ("named", "symbol", "avoided")),
                str(sum(r.get("passes") is True for r in rows)),
                str(sum(bool(r.get("lost_major")) for r in rows)),
            ]
        )
        + " |"
    )


def main() -> None:
    """Run the benchmark, or print the table of a run."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--only", nargs="*", default=[])
    options.add_argument("--more", action="store_true", help="the incidents of data/more.jsonl instead")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--no-install", action="store_true")
    options.add_argument("--out", type=Path, default=Path("incidents-results.jsonl"))
    options.add_argument("--table", type=Path)
    given = options.parse_args()
    if given.table is None:
        incidents, silent = (MORE, ()) if given.more else (INCIDENTS, QUIET)
        work = [(measured, c, not given.no_install) for c in cases(incidents)] + [
            (quiet, c) for c in cases(silent)
        ]
        work = [w for w in work if not given.only or w[1]["id"] in given.only]
        with given.out.open("w") as out, ThreadPoolExecutor(given.jobs) as threads:
            for number, row in enumerate(threads.map(lambda w: w[0](*w[1:]), work), 1):
                out.write(json.dumps(row) + "\n")
                out.flush()
                print(number, len(work), row["id"], row.get("status", ""), row.get("passes", ""), flush=True)
    print(table([json.loads(line) for line in (given.table or given.out).read_text().splitlines()]))


if __name__ == "__main__":
    main()
