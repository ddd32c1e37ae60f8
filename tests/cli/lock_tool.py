"""Stands in for poetry and pdm: locks a project as they do, as far as `lock --into` can tell the difference.

It resolves with uv what the project and its dependency groups require, keeps to the pins of the lock that is there, and
writes a lock of the tool under whose name it was called. `UV_DEFAULT_INDEX` is where it resolves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from uv import find_uv_bin


def main() -> None:
    tool, words = Path(sys.argv[0]).name, sys.argv[1:]
    assert words[0] == "lock"
    project = tomllib.loads(Path("pyproject.toml").read_text())
    groups = project.get("dependency-groups", {})
    lock = Path(f"{tool}.lock")
    old = tomllib.loads(lock.read_text()) if lock.exists() else {}
    if tool == "pdm" and old:
        asked = [words[i + 1] for i, word in enumerate(words) if word == "-G"]
        groups = {name: groups[name] for name in asked}
    requirements = [*project["project"]["dependencies"], *(r for rs in groups.values() for r in rs)]
    pinned = {p["name"]: p["version"] for p in old.get("package", ())}
    found = resolved(requirements, pinned, cutoff(tool, words))
    lock.write_text(WRITTEN[tool](found, ["default", *groups]))


def cutoff(tool: str, words: list[str]) -> list[str]:
    if tool == "pdm":
        return ["--exclude-newer", words[words.index("--exclude-newer") + 1]]
    age = timedelta(days=int(os.environ["POETRY_SOLVER_MIN_RELEASE_AGE"]))
    return ["--exclude-newer", (datetime.now(UTC) - age).isoformat()]


def resolved(requirements: list[str], pinned: dict[str, str], options: list[str]) -> dict[str, str]:
    output = Path("out.txt")
    output.write_text("".join(f"{name}=={version}\n" for name, version in pinned.items()))
    Path("in.in").write_text("\n".join(requirements))
    command = [
        find_uv_bin(),
        "pip",
        "compile",
        "in.in",
        "-o",
        str(output),
        "--no-header",
        "--no-annotate",
        "-q",
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr)
        sys.exit(1)
    return dict(line.split("==") for line in output.read_text().split())


def poetry(found: dict[str, str], groups: list[str]) -> str:
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{version}"\noptional = false\n'
        'python-versions = "*"\ngroups = ["main"]\nfiles = []\n\n[package.extras]\nx = []\n\n'
        for name, version in found.items()
    )
    return f'{packages}[metadata]\nlock-version = "2.1"\npython-versions = ">=3.11"\ncontent-hash = "0"\n'


def pdm(found: dict[str, str], groups: list[str]) -> str:
    named = ", ".join(f'"{group}"' for group in groups)
    packages = "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\ngroups = ["default"]\nfiles = []\n'
        for name, version in found.items()
    )
    head = f'[metadata]\ngroups = [{named}]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'
    return f'{head}content_hash = "0"\n{packages}'


WRITTEN = {"poetry": poetry, "pdm": pdm}

if __name__ == "__main__":
    main()
