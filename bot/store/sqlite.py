"""SQLite, well kept (DESIGN 5.2): one writing connection behind a lock, separate ones for reading."""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import quote

import aiosqlite

from bot.errors import ReadOnly, StoreError
from bot.store.database import Row, Value
from bot.store.lock import FileLock
from bot.store.migrate import migrate, waiting
from bot.store.upgrade import copy_before_migrating

_READERS = 2
_LITTLE_SPACE = 1_000_000  # bytes
_MISSING = ("no such table", "no such column")
_DAMAGE = ("not a database", "malformed", "corrupt", "already exists", *_MISSING)
_PRAGMAS = ("foreign_keys = ON", "busy_timeout = 10000", "temp_store = MEMORY")
_WRITER_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL")


class SqliteDatabase:
    """One file; whoever opens it to write holds a lock until `close`."""

    def __init__(self, path: Path, lock: FileLock | None) -> None:
        self.path = path
        self.is_older = False  # than this version, which brings it up to date when it opens it to write
        self._lock = lock
        self._writer: aiosqlite.Connection | None = None
        self._writing = asyncio.Lock()
        self._readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        self._reader_count = 0
        self._is_closed = False

    @classmethod
    async def open(cls, path: Path, *, lock: FileLock | None) -> Self:
        """Open to write when the lock is given (and held), else only to read. Raises StoreError."""
        database = cls(path, lock)
        try:
            with _translated(path):
                await database._open()
        except BaseException:
            await database.close()
            raise
        return database

    async def _open(self) -> None:
        if self._lock:
            was_unclean = _wal(self.path).exists() and _wal(self.path).stat().st_size > 0
            self._writer = await _connect(self.path, "rwc", (*_PRAGMAS, *_WRITER_PRAGMAS))
            if was_unclean:
                await _quick_check(self._writer, self.path)
            await copy_before_migrating(self._writer, self.path)
            await migrate(self._writer)
        elif not self.path.exists():
            raise StoreError(f"There is no database at {self.path} yet: run `python -m bot sync` first.")
        for _ in range(_READERS):
            self._readers.put_nowait(await _connect(self.path, "ro", _PRAGMAS))
            self._reader_count += 1
        if not self._lock:
            async with self.reading() as reader:
                self.is_older = bool(await waiting(reader.connection))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["SqliteTransaction"]:
        """Write: one at a time, durable when it ends, undone when it raises or is cancelled."""
        self._refuse_when_closed()
        if self._writer is None:
            raise ReadOnly(f"{self.path} is open for reading only, because another process writes to it.")
        async with self._writing:  # one connection: nobody gets into somebody else's transaction
            with _translated(self.path):
                try:
                    await self._writer.execute("BEGIN IMMEDIATE")
                    yield SqliteTransaction(self._writer)
                    await self._writer.commit()
                except BaseException:  # a cancelled caller too: what it waited for, even BEGIN, happens all the same
                    await self._writer.rollback()
                    raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["SqliteTransaction"]:
        """Read what was last committed."""
        self._refuse_when_closed()
        connection = await self._readers.get()
        try:
            with _translated(self.path, is_older=self.is_older):
                yield SqliteTransaction(connection)
        finally:
            self._readers.put_nowait(connection)

    async def quick_check(self) -> None:
        """Look through the whole file for damage. Raises StoreError."""
        async with self.reading() as reader:
            await _quick_check(reader.connection, self.path)

    async def backup(self, target: Path) -> None:
        """Write a consistent copy beside `target`, and put it there in one step. Raises StoreError."""
        with _translated(target):
            unfinished = _unfinished(target, self.path)
            async with self.reading() as reader, aiosqlite.connect(unfinished) as copy:
                await reader.connection.backup(copy)
                await copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing left beside it
                await _quick_check(copy, unfinished)
            unfinished.replace(target)

    async def close(self) -> None:
        """Let what has begun come to its end, close every connection and give the lock back."""
        self._is_closed = True
        while self._reader_count:
            await (await self._readers.get()).close()
            self._reader_count -= 1
        async with self._writing:
            if self._writer:
                await self._writer.close()
                self._writer = None
        if self._lock:
            self._lock.release()
            self._lock = None

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise StoreError(f"The database {self.path} is closed.")


class SqliteTransaction:
    """Statements on one connection."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection

    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """All rows."""
        return list(await self.connection.execute_fetchall(_numbered(sql), values))

    async def execute(self, sql: str, *values: Value) -> None:
        """Run one statement."""
        await self.connection.execute(_numbered(sql), values)

    async def execute_many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run one statement for each row of values."""
        await self.connection.executemany(_numbered(sql), rows)


@lru_cache(maxsize=256)
def _numbered(sql: str) -> str:
    """`$1` as SQLite numbers parameters: `?1`."""
    return re.sub(r"\$([0-9]+)", r"?\1", sql)


async def _connect(path: Path, mode: str, pragmas: Sequence[str]) -> aiosqlite.Connection:
    uri = f"file:{quote(str(path))}?mode={mode}"
    # Opened before aiosqlite has it: when aiosqlite itself fails to open, its thread outlives the event loop.
    opened = await asyncio.to_thread(sqlite3.connect, uri, uri=True, isolation_level=None, check_same_thread=False)
    connection = await aiosqlite.Connection(lambda: opened, iter_chunk_size=64)
    try:
        for pragma in pragmas:
            await connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()
        raise
    return connection


def _unfinished(target: Path, database: Path) -> Path:
    """Where a copy is written before it is whole; what an interrupted one left there is gone."""
    if target.is_dir() or target.resolve() == database.resolve():
        raise StoreError(f"{target} is {'a folder' if target.is_dir() else 'the database itself'}: name another file.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    return unfinished


async def _quick_check(connection: aiosqlite.Connection, path: Path) -> None:
    rows = list(await connection.execute_fetchall("PRAGMA quick_check(1)"))
    if [row[0] for row in rows] != ["ok"]:
        raise StoreError(_damaged(path, str(rows[0][0])))


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


@contextmanager
def _translated(path: Path, *, is_older: bool = False) -> Iterator[None]:
    """Turn what SQLite raises into a StoreError that says what to do."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_sentence(path, error, is_older=is_older)) from error


def _sentence(path: Path, error: Exception, *, is_older: bool) -> str:
    text = str(error)
    if is_older and any(sign in text for sign in _MISSING):
        return f"The database {path} is of an older version of Paper Round ({text}): the next start upgrades it."
    if "decode" in text:
        return _damaged(path, "it holds text that is none")
    if any(sign in text for sign in _DAMAGE):
        return _damaged(path, text)
    if "readonly" in text or "unable to open" in text:
        return f"The database {path} cannot be opened for writing ({text}): check the rights of its folder."
    if "full" in text or ("I/O" in text and _is_full(path)):  # it cannot even make the files beside its own
        return f"The disk that holds {path} is full: make space, then try again; nothing half-written was kept."
    return f"The database {path} failed ({text}): try again."


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < _LITTLE_SPACE


def _damaged(path: Path, text: str) -> str:
    return f"The database {path} is damaged ({text}): restore a backup, or move the file away and run `python -m bot sync`."
