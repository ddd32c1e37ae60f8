"""The store: facts and notes, many users at once, and every kind of unusable file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pinproof.sources.store import Store

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [("a.py", b"1" * 32, b"facts of 1"), ("b.py", b"2" * 32, b"facts of 2")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "facts.sqlite"


def file_of(path: Path) -> Path:
    (found,) = path.parent.glob("facts-*.sqlite")
    return found


def test_facts_come_back(path: Path) -> None:
    with Store(path, "1") as store:
        store.add("x", ROWS)
        store.add("y", [("other.py", *ROWS[0][1:])])
    with Store(path, "1") as store:
        assert store.facts_of("x") == {"a.py": b"facts of 1", "b.py": b"facts of 2"}
        assert store.facts_of("y") == {"other.py": b"facts of 1"}
        assert store.facts_of("z") == {}
        assert store.known([b"1" * 32, b"3" * 32]) == {b"1" * 32: b"facts of 1"}
        assert store.problem is None


def test_more_names_than_one_query_takes(path: Path) -> None:
    rows = [(f"{number}.py", number.to_bytes(32, "big"), b"f") for number in range(2500)]
    with Store(path, "1") as store:
        store.add("x", rows)
        assert len(store.facts_of("x")) == 2500
        assert len(store.known(row[1] for row in rows)) == 2500
        assert store.known([]) == {}


def test_notes(path: Path) -> None:
    with Store(path, "1") as store:
        assert store.note("layout", "x") is None
        store.put_note("layout", "x", b"1")
        store.put_note("layout", "x", b"2")
        store.put_note("metadata", "x", b"3")
        assert (store.note("layout", "x"), store.note("metadata", "x")) == (b"2", b"3")


def test_another_version_of_the_facts_is_not_seen_and_not_lost(path: Path) -> None:
    with Store(path, "1") as old, Store(path, "2") as new:
        old.add("x", ROWS)
        new.put_note("layout", "x", b"new")
        assert new.facts_of("x") == {}
        assert old.note("layout", "x") is None
        assert len(old.facts_of("x")) == 2


@pytest.mark.parametrize("damage", ["garbage", "cut", "newer", "inside"])
def test_an_unusable_file_is_set_aside(path: Path, damage: str) -> None:
    with Store(path, "1") as store:
        store.add("x", [(f"{n}.py", n.to_bytes(32, "big"), os.urandom(500)) for n in range(500)])
    file = file_of(path)
    content = file.read_bytes()
    if damage == "garbage":
        file.write_bytes(b"not a database" * 1000)
    elif damage == "cut":
        file.write_bytes(content[:5000])
    elif damage == "inside":
        file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    else:
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
    with Store(path, "1") as store:
        store.facts_of("x")
        store.add("x", ROWS)
        assert store.facts_of("x")["a.py"] == b"facts of 1"
        assert store.problem is None
    assert list(path.parent.glob("*set-aside*"))
    with Store(path, "1") as store:
        assert len(store.facts_of("x")) == 2


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Store(tmp_path / "file" / "facts.sqlite", "1") as store:
        assert "file" in str(store.problem)
        store.add("x", ROWS)
        store.put_note("k", "x", b"1")
        assert store.note("k", "x") == b"1"


def test_a_full_disk(path: Path) -> None:
    with Store(path, "1") as store:
        store.add("x", ROWS)
        store._database.execute("PRAGMA max_page_count = 8")
        store.add("y", [(f"{n}.py", n.to_bytes(32, "big"), bytes(1000)) for n in range(100)])
        assert "full" in str(store.problem)
        assert store.facts_of("y") == {}
        assert len(store.facts_of("x")) == 2


def test_many_threads(path: Path) -> None:
    def work(number: int) -> int:
        store.add(f"x{number}", [(row[0], bytes([number]) * 32, row[2]) for row in ROWS])
        return len(store.facts_of(f"x{number}"))

    with Store(path, "1") as store, ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(50))) == {2}
        assert store.problem is None


PROGRAM = """
import os, sys
from pathlib import Path
from pinproof.sources.store import Store
store = Store(Path(sys.argv[1]), "1")
number = int(sys.argv[2])
for turn in range(int(sys.argv[3])):
    rows = [(f"{n}.py", os.urandom(32), os.urandom(200)) for n in range(20)]
    store.add(f"{number}-{turn}", rows)
    if turn == 20: print("going", flush=True)
assert store.problem is None, store.problem
"""


def start(path: Path, number: int, turns: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(path), str(number), str(turns)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_many_processes_at_once(path: Path) -> None:
    running = [start(path, number, 25) for number in range(4)]
    assert [process.communicate()[1] for process in running] == [""] * 4
    with Store(path, "1") as store:
        assert all(len(store.facts_of(f"{number}-{turn}")) == 20 for number in range(4) for turn in range(25))
    assert not list(path.parent.glob("*set-aside*"))


def test_a_kill_in_the_middle(path: Path) -> None:
    process = start(path, 7, 100_000)
    assert process.stdout is not None
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with Store(path, "1") as store:
        counts = {len(store.facts_of(f"7-{turn}")) for turn in range(21)}
        assert (counts, store.problem) == ({20}, None)
