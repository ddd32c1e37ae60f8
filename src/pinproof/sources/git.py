"""Files as a commit of git has them: git is asked for their content, and runs nothing of the repository.

`cat-file` gives blobs as they are: no filter, no text conversion, no hook.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pinproof.errors import InputError, OutsideError

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_NO_MONITOR = ("-c", "core.fsmonitor=false")  # which would be a program of the repository's choice
_FETCH_IT = "Is it spelt as git knows it? In CI it may have to be fetched first: `git fetch origin BRANCH`."


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of the repository below `root`, by the name that the user knows it by."""

    root: Path
    name: str

    def read(self, path: Path) -> bytes | None:
        """The content of a file of the working tree; None where the commit has no such file."""
        resolved = path.parent.resolve() / path.name
        if not resolved.is_relative_to(self.root):
            return None
        return self.blob(resolved.relative_to(self.root).as_posix())

    def blob(self, path: str) -> bytes | None:
        """The content of a file by its path as git writes it; None where the commit has no such file."""
        done = _git(self.root, "cat-file", "blob", f"{self.name}:{path}")
        return done.stdout if done.returncode == 0 else None


def find_commit(name: str, folder: Path) -> Commit:
    """The commit that a branch, a tag or a hash stands for in the repository of a folder.

    InputError where there is no such repository or commit, OutsideError where git cannot be run.
    """
    if name.startswith("-") or not name.strip():
        raise InputError(f"{name!r} is no commit of git")
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top.returncode != 0:
        raise InputError(f"{name}: no file, and no commit of git: {_words(top.stderr)}")
    if _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").returncode != 0:
        raise InputError(f"{name}: no file, and no commit of git", hint=_FETCH_IT)
    return Commit(Path(os.fsdecode(top.stdout).rstrip("\r\n")).resolve(), name)


def tracked(folder: Path) -> list[str]:
    """The files below a folder that git tracks or would, relative to it; none where this is no working tree."""
    try:
        done = _git(folder, *_NO_MONITOR, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except OutsideError:
        return []
    names = dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    return [name for name in names if (folder / name).is_file()] if done.returncode == 0 else []


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments],  # noqa: S607 - git is wherever the user has it
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise OutsideError(
            "git was not found", hint="Install git, or name the old lock as a file."
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"git cannot be asked: {error}") from error


def _words(stderr: bytes) -> str:
    """What git says of a failure, on one line."""
    return " ".join(stderr.decode("utf-8", "replace").removeprefix("fatal: ").split()) or "it says nothing"
