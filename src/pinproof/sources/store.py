"""Facts kept on disk: an SQLite file in WAL mode that many processes and threads use at once.

The store is a convenience. Where the disk is full or read-only it goes on without storing and says so in
`problem`; a damaged file, or one whose schema is not ours, is set aside and a new one begun.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType

T = TypeVar("T")

SCHEMA = 1
_BUSY_MILLISECONDS = 30_000
_AT_ONCE = 500

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (content BLOB PRIMARY KEY, facts BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS member (
    archive TEXT, path TEXT, content BLOB NOT NULL, PRIMARY KEY (archive, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (
    kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
"""


class Store:
    """Blobs of facts keyed by the hash of the text they were read from, and small notes.

    `problem` says in words why nothing can be stored, or is None.

    `edition` is that of the facts, and part of the file's name: programs of two editions that share a
    cache neither see nor drop each other's facts.
    """

    def __init__(self, path: Path, edition: str) -> None:
        self.problem: str | None = None
        self._path = path.with_name(f"{path.stem}-{SCHEMA}.{edition}{path.suffix}")
        self._lock = threading.RLock()
        self._database = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._database.close()

    def facts_of(self, archive: str) -> dict[str, bytes]:
        """The facts of every member known of this archive: path -> blob."""
        query = "SELECT path, facts FROM member JOIN facts USING (content) WHERE archive = ?"
        return self._reading(lambda base: dict(base.execute(query, (archive,))), {})

    def known(self, contents: Iterable[bytes]) -> dict[bytes, bytes]:
        """The facts of texts by the hash of the text, as far as they are known."""
        every, query = list(contents), "SELECT content, facts FROM facts WHERE content IN ({})"

        def read(base: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for begin in range(0, len(every), _AT_ONCE):
                part = every[begin : begin + _AT_ONCE]
                found |= base.execute(query.format(", ".join("?" * len(part))), part)
            return found

        return self._reading(read, {})

    def add(self, archive: str, rows: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Keep (path, hash of the text, facts) of members of an archive, in one transaction."""
        kept = list(rows)

        def write(base: sqlite3.Connection) -> None:
            facts = ((content, blob) for _, content, blob in kept)
            members = ((archive, path, content) for path, content, _ in kept)
            base.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", facts)
            base.executemany("INSERT OR REPLACE INTO member VALUES (?, ?, ?)", members)

        self._writing(write)

    def note(self, kind: str, key: str) -> bytes | None:
        """A small blob kept under kind and key, or None."""
        query = "SELECT value FROM note WHERE kind = ? AND key = ?"
        row = self._reading(lambda base: base.execute(query, (kind, key)).fetchone(), None)
        return None if row is None else bytes(row[0])

    def put_note(self, kind: str, key: str, value: bytes) -> None:
        """Keep a small blob under kind and key, in place of what was there."""
        self.put_notes([(kind, key, value)])

    def put_notes(self, notes: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep many of them, in one transaction."""
        kept, query = list(notes), "INSERT OR REPLACE INTO note VALUES (?, ?, ?)"
        self._writing(lambda base: base.executemany(query, kept))

    def _reading(self, read: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with self._lock:
            try:
                return read(self._database)
            except sqlite3.Error as error:
                self._failed(error)
                return otherwise

    def _writing(self, write: Callable[[sqlite3.Connection], object]) -> None:
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                write(self._database)
                self._database.execute("COMMIT")
            except sqlite3.Error as error:
                self._failed(error)
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")

    def _failed(self, error: sqlite3.Error) -> None:
        """Note the trouble; where the file itself is damaged begin a new one."""
        self.problem = f"{self._path}: {error}"
        if _is_damaged(error):
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._set_aside()
            self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                database = self._prepared()
            except _Foreign:
                self._set_aside()
            except (sqlite3.Error, OSError) as error:
                self.problem = f"{self._path}: {error}"
                if not isinstance(error, sqlite3.Error) or not _is_damaged(error):
                    break
                self._set_aside()
            else:
                self.problem = None
                return database
        return _in_memory()

    def _prepared(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = _connect(str(self._path))
        try:
            _patiently(lambda: database.execute("PRAGMA journal_mode = WAL"))
            # Whatever is lost when the machine itself goes down can be read again; a kill loses nothing.
            database.execute("PRAGMA synchronous = OFF")
            database.execute("PRAGMA wal_autocheckpoint = 16384")
            _create_tables(database)
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        """Rename the file and its companions, so that nothing is lost that somebody may want to look at."""
        stamp = f"{time.time_ns()}-{os.getpid()}"
        for ending in ("", "-wal", "-shm"):
            path = self._path.with_name(self._path.name + ending)
            with contextlib.suppress(OSError):
                path.rename(path.with_name(f"{self._path.name}.set-aside-{stamp}{ending}"))


class _Foreign(Exception):  # noqa: N818 (a signal, not an error)
    """The file has another schema."""


def _create_tables(database: sqlite3.Connection) -> None:
    """Make the tables of a new file; `IF NOT EXISTS` because another process may be doing the same."""
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found == SCHEMA:
        return
    if found != 0:
        raise _Foreign
    database.execute("BEGIN IMMEDIATE")
    for statement in filter(str.strip, _TABLES.split(";")):
        database.execute(statement)
    database.execute(f"PRAGMA user_version = {SCHEMA}")
    database.execute("COMMIT")


def _connect(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(
        name, timeout=_BUSY_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False
    )
    database.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    return database


def _patiently(act: Callable[[], object]) -> None:
    """Changing the journal mode does not wait for others by itself, whatever `busy_timeout` says."""
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _in_memory() -> sqlite3.Connection:
    """A store that forgets at the end: what is left when the disk cannot be used."""
    database = _connect(":memory:")
    database.executescript(_TABLES)
    return database


def _is_damaged(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
