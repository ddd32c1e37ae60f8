"""Modules that are imported in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pinproof.errors import OutsideError
from pinproof.sources.trials import Tried, try_modules

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a python of a script's making")


def tried(tmp_path: Path, sources: dict[str, str], seconds: float = 30) -> Sequence[Tried]:
    """With a python that finds these modules."""
    folder = tmp_path / "modules"
    folder.mkdir()
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    python = tmp_path / "python"
    inner = f'import sys; sys.path.insert(0, "{folder}"); code = sys.argv[1]; del sys.argv[1]; exec(code)'
    python.write_text(f"#!/bin/sh\nshift 3\nexec {sys.executable} -I -B -c '{inner}' \"$@\"\n")
    python.chmod(0o755)
    told: list[tuple[int, int]] = []
    found = try_modules(python, list(sources), lambda done, total: told.append((done, total)), seconds)
    assert told[-1] == (len(sources), len(sources))
    return found


def test_what_becomes_of_them(tmp_path: Path) -> None:
    sources = {
        "fine": "print('noise')\n",
        "bad": "class Own(ImportError): ...\nraise Own('line one\\nline two')\n",
        "gone": "import nothing_at_all.x\n",
        "dead": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        "left": "import os\nos._exit(7)\n",
    }
    fine, bad, gone, dead, left = tried(tmp_path, sources)
    assert fine == Tried("fine")
    assert bad.error == "bad.Own: line one line two"
    assert "ImportError" in bad.kinds
    assert (gone.error, gone.missing) == (
        "ModuleNotFoundError: No module named 'nothing_at_all'",
        "nothing_at_all",
    )
    assert dead.error == "the process ended with signal 9"
    assert left.error == "the process ended with status 7"


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    source = f"""
import subprocess, time
child = subprocess.Popen(["sleep", "300"])
open({str(child)!r}, "w").write(str(child.pid))
time.sleep(300)
"""
    (hanging,) = tried(tmp_path, {"hanging": source}, seconds=6)
    assert hanging.slow
    assert hanging.error == "took more than 6 seconds"
    assert _ends(int(child.read_text()))


def _ends(process: int) -> bool:
    """Whether a process is no more, or soon will not be: what was killed may take a moment."""
    for _ in range(100):
        told = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
        )
        if not told.stdout.strip() or told.stdout.startswith("Z"):
            return True
        time.sleep(0.1)
    return False


def test_it_sees_nothing_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = f"""
import os, pathlib
assert "SECRET" not in os.environ and "PYTHONPATH" not in os.environ
assert pathlib.Path.home() != pathlib.Path({str(Path.home())!r})
assert pathlib.Path.cwd() == pathlib.Path.home()
"""
    assert tried(tmp_path, {"curious": source}) == [Tried("curious")]


def test_no_python(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be run"):
        try_modules(tmp_path / "python", ["a"], lambda done, total: None)
