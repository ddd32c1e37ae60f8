"""Import modules for real, each in a process of its own: the one place where code of packages is run.

Only what asks for it by name (`--run`) comes here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pinproof.errors import OutsideError
from pinproof.sources.environment import python_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pinproof.sources.uv import Uv

SECONDS = 60
"""What one module may take."""

_LONGEST = 500
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "WINDIR", "TZ")
_PROGRAM = """
import sys
def attempt(name, result):
    import importlib, os
    said = None
    try:
        importlib.import_module(name)
    except BaseException as error:
        import traceback
        last = traceback.format_exception_only(type(error), error)[-1].strip()
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        last = last.replace(sys.prefix + os.sep, "")
        said = {"error": last, "kinds": kinds, "missing": str(getattr(error, "name", None) or "")}
    import json
    with open(result, "w") as file:
        json.dump(said, file)
    os._exit(0)
attempt(sys.argv[1], sys.argv[2])
"""


class Tried(msgspec.Struct, frozen=True, array_like=True):
    """What became of one module: `error` is the last line of the exception, empty where it was imported.

    `kinds` are the built-in classes of the exception, `missing` the name that an ImportError tells. A module that
    took too long is `slow`.
    """

    module: str
    error: str = ""
    kinds: tuple[str, ...] = ()
    missing: str = ""
    slow: bool = False


class _Said(msgspec.Struct):
    error: str
    kinds: tuple[str, ...]
    missing: str


_DECODE = msgspec.json.Decoder(_Said | None).decode  # made once: several threads use it


@dataclass(frozen=True, slots=True)
class Needed:
    """A fresh environment: lines of a requirements file, each pinned, for a Python like `3.11`."""

    lines: tuple[str, ...]
    python: str


@contextmanager
def installed(needed: Needed, uv: Uv) -> Iterator[Path]:
    """The python of a fresh environment with these distributions; the environment goes away afterwards.

    OutsideError where there is no such Python on this machine, or the set cannot be installed.
    """
    with tempfile.TemporaryDirectory(prefix="pinproof-run-", ignore_cleanup_errors=True) as folder:
        environment = Path(folder) / "environment"
        uv.make_environment(environment, needed.python)
        python = python_of(environment)
        if python is None:
            raise OutsideError(f"uv made an environment without a python: {environment}")
        uv.sync(python, needed.lines, Path(folder))
        yield python


def try_modules(
    python: Path, modules: Sequence[str], progress: Callable[[int, int], None], seconds: float = SECONDS
) -> list[Tried]:
    """Import each of these modules with a python, several at once, and say what became of it."""
    with tempfile.TemporaryDirectory(prefix="pinproof-run-", ignore_cleanup_errors=True) as folder:
        runs = _Runs(python, Path(folder), seconds)
        threads = ThreadPoolExecutor(os.cpu_count() or 1)
        done: list[Tried] = []
        try:
            for one in threads.map(runs.attempt, modules):
                done.append(one)
                progress(len(done), len(modules))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            runs.kill()
        return done


class _Runs:
    """Processes that import one module each, and that can be ended together."""

    def __init__(self, python: Path, folder: Path, seconds: float) -> None:
        self._python = python
        self._folder = folder
        self._seconds = seconds
        self._running: set[subprocess.Popen[bytes]] = set()

    def attempt(self, module: str) -> Tried:
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as home:
            result = Path(home) / "result.json"
            process = self._started(module, result, home)
            try:
                status = process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                return Tried(module, f"took more than {self._seconds:g} seconds", slow=True)
            finally:
                _end(process)
                self._running.discard(process)
            return _read(module, result, status)

    def _started(self, module: str, result: Path, home: str) -> subprocess.Popen[bytes]:
        """Nothing of this program's surroundings is handed on: no credentials, no folder of the user's."""
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        variables = {"HOME": home, "USERPROFILE": home, "TMPDIR": home, "TEMP": home, "TMP": home}
        try:
            process = subprocess.Popen(
                [self._python, "-I", "-B", "-c", _PROGRAM, module, str(result)],
                cwd=home,
                env={**kept, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideError(f"{self._python} cannot be run: {error.strerror or error}") from error
        self._running.add(process)
        return process

    def kill(self) -> None:
        """End what is still running."""
        for process in list(self._running):
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it has started."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(module: str, result: Path, status: int) -> Tried:
    try:
        said = _DECODE(result.read_bytes())
    except (OSError, msgspec.DecodeError):
        told = f"signal {-status}" if status < 0 else f"status {status}"
        return Tried(module, f"the process ended with {told}", ("crash",))
    if said is None:
        return Tried(module)
    line = " ".join(said.error.split())[:_LONGEST]
    return Tried(module, line or "an exception without words", said.kinds, said.missing)
