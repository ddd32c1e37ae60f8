"""A command loads what it uses: half of the time of a run that remembers everything is the loading of modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Command

    from local_index import LocalIndex

RUN = """
import json, sys
from pinproof.cli import main
try:
    main({arguments!r})
finally:
    print(json.dumps([sys.exc_info()[1].code, *sys.modules]))
"""


def run(arguments: Sequence[str]) -> tuple[int, set[str]]:
    """The exit code of a command in a process of its own, and the modules that were loaded."""
    code = RUN.format(arguments=list(arguments))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    exit_code, *loaded = json.loads(ran.stdout.splitlines()[-1])
    return exit_code, set(loaded)


def test_the_version_needs_nothing_but_click() -> None:
    code, loaded = run(["--version"])
    assert code == 0
    ours = {name for name in loaded if name.startswith("pinproof.") and not name.startswith("pinproof.cli")}
    assert ours <= {"pinproof.errors"}
    assert loaded.isdisjoint({"msgspec", "packaging", "httpx2", "rich", "importlib.metadata"})


def test_what_is_remembered_needs_no_readers(index: LocalIndex, pinproof: Command) -> None:
    stories.flask_login_story(index)
    Path("requirements.txt").write_text(stories.FLASK_2)
    readers = {
        "pinproof.facts.walker",
        "pinproof.facts.imports",
        "pinproof.facts.metadata",
        "pinproof.sources.archive",
        "pinproof.actions.searching",
        "pinproof.facts.locks.pylock",
        "httpx2",
        "rich",
        "typeshed_client",
    }
    command = ["verify", *pinproof.options]
    code, loaded = run(command)
    assert code == 0
    assert readers - loaded == {"pinproof.facts.locks.pylock", "rich", "typeshed_client"}
    code, loaded = run(command)
    assert code == 0
    assert sorted(loaded & readers) == []
