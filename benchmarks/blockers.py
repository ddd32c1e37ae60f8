"""Whether what `pinproof audit` names really keeps a fix out: with all of it taken away the fix resolves, without not.

Of each lock every release that has a fix and that is kept out by lines of the declaration or by parents is looked at.
uv is asked twice for it, together with everything in the lock that requires its package, at the versions of the lock:
once as it is, and once without the parents that were named (`--excludes`) and the lines that were.
`benchmarks/audit.py` runs it.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Told:
    """What came of it. `kinds` counts blockers, `changes` what lets fixes in; `wrong` are those that do not hold."""

    fixes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def looked_at(folder: Path, exposures: list[dict[str, Any]], python: str, told: Told) -> None:
    """Verify the blockers of one lock of uv."""
    lock = tomllib.loads((folder / "uv.lock").read_text())
    declared = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
    users: dict[str, set[str]] = {}
    for package in lock["package"]:
        for dependency in package.get("dependencies", ()):
            if "registry" in package.get("source", {}):
                users.setdefault(dependency["name"], set()).add(f"{package['name']}=={package['version']}")
    for exposure in exposures:
        told.changes[exposure["change"]["kind"]] += 1
        for fixed in exposure["fixed"]:
            named = [b for b in fixed["blockers"] if b["needed"] is None]
            if not named or any(b["kind"] not in ("declaration", "parent") for b in fixed["blockers"]):
                continue
            told.fixes += 1
            told.kinds.update(b["kind"] for b in named)
            what = f"{folder.name}: {exposure['name']} {fixed['version']}"
            _verify(what, exposure["name"], fixed["version"], named, users, declared, python, told)


def _verify(
    what: str,
    name: str,
    version: str,
    named: list[dict[str, Any]],
    users: dict[str, set[str]],
    declared: list[str],
    python: str,
    told: Told,
) -> None:
    everyone = [f"{name}=={version}", *users.get(name, ()), *declared]
    if resolves(everyone, [], python):
        told.wrong.append(f"{what} is not kept out")
    parents = {b["dependent"] for b in named if b["kind"] == "parent"}
    lines = {b["requirement"] for b in named if b["kind"] == "declaration"}
    kept = [one for one in everyone if project(one) not in parents and one not in lines]
    if not resolves(kept, sorted(parents), python):
        told.wrong.append(f"{what} is kept out by more than {', '.join(sorted(parents | lines))}")


def project(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def resolves(requirements: list[str], without: list[str], python: str) -> bool:
    """Whether uv finds a set, for Linux and without building anything."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in.txt").write_text("\n".join(requirements))
        (Path(folder) / "without.txt").write_text("\n".join(without))
        command = ["uv", "pip", "compile", "-q", "in.txt", "--excludes", "without.txt", "--no-build",
                   "--python-version", python, "--python-platform", "x86_64-manylinux_2_28"]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0


def exposures_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What an audit of a lock told of its vulnerable pins."""
    found: list[dict[str, Any]] = json.loads(done.stdout)["exposures"]
    return found
