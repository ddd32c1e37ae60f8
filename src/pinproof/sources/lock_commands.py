"""Run the lock command of poetry or pdm: the one place that knows how they are told what to keep, and its age."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pinproof.errors import InputError, OutsideError
from pinproof.sources.stand_ins import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from packaging.utils import NormalizedName

    from pinproof.model.policy import Cutoffs

_LAST_WORDS = 12
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def is_installed(tool: str) -> bool:
    """Whether a command of this name is there."""
    return shutil.which(tool) is not None


def poetry_lock(folder: Path, cutoffs: Cutoffs) -> None:
    """`poetry lock`, which keeps to the versions of the `poetry.lock` that is there.

    An age is rounded up to whole days, which is all that poetry 2.5 and newer know. OutsideError where it fails,
    InputError for ages that cannot be told.
    """
    said = {"POETRY_VIRTUALENVS_CREATE": "false"}
    if cutoffs.usual is not None:
        age = (datetime.now(UTC) - cutoffs.usual) / timedelta(days=1)
        said["POETRY_SOLVER_MIN_RELEASE_AGE"] = str(math.ceil(age))
    exempt = [name for name, moment in sorted(cutoffs.packages.items()) if moment is None]
    if other := sorted(set(cutoffs.packages) - set(exempt)):
        raise InputError(
            f"exclude-newer-package of {other[0]}: poetry knows one age for all packages, and none for some"
        )
    if exempt:
        said["POETRY_SOLVER_MIN_RELEASE_AGE_EXCLUDE"] = ",".join(exempt)
    _run(["poetry", "lock", "--no-interaction"], folder, said)


def pdm_lock(folder: Path, cutoffs: Cutoffs, groups: Sequence[str] | None) -> None:
    """`pdm lock` for these groups, all that it would take by itself if None.

    It keeps to the versions of the `pdm.lock` that is there, unless an age is asked for: then pdm takes the newest of
    everything. OutsideError where it fails.
    """
    command = ["pdm", "lock", "--update-reuse", "--skip", ":all"]
    if groups is not None:
        command += [] if "default" in groups else ["--no-default"]
        command += [word for group in groups if group != "default" for word in ("-G", group)]
    command += [] if cutoffs.usual is None else ["--exclude-newer", rfc3339(cutoffs.usual)]
    for name, moment in sorted(cutoffs.packages.items()):
        command += ["--exclude-newer-override", f"{name}={rfc3339(moment) if moment else 'false'}"]
    _run(command, folder, {})


def without_packages(lock: str, names: Iterable[NormalizedName]) -> str:
    """A `poetry.lock` or `pdm.lock` that does not pin these packages, so that they may move."""
    for name in names:
        block = (
            rf'(?ms)^\[\[package\]\]\nname = "{re.escape(name)}"\n.*?(?=^\[\[package\]\]|^\[(?!package\.)|\Z)'
        )
        lock = re.sub(block, "", lock)
    return lock


def _run(command: Sequence[str], folder: Path, said: Mapping[str, str]) -> None:
    tool = command[0]
    found = shutil.which(tool)
    if found is None:
        raise OutsideError(f"{tool} was not found")
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "FORCE_COLOR")}
    try:
        done = subprocess.run(
            [found, *command[1:]],
            cwd=folder,
            env={**environment, "NO_COLOR": "1", **said},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise OutsideError(f"{tool} could not be run: {error}") from error
    if done.returncode != 0:
        words = _ANSI.sub("", done.stdout.decode("utf-8", "replace")).splitlines()
        told = [line.strip() for line in words if line.strip()][-_LAST_WORDS:]
        raise OutsideError("\n".join([f"{' '.join(command[:2])} failed:", *told]))
