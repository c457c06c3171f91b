"""SQLite files for tests: opened here, by a second process, or by one that is killed."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from bot.store import FileLock, SqliteDatabase, SqlStore
from tests.papers import MONDAY, NOON, batch, papers

ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys
from pathlib import Path
from bot.store import FileLock
print(FileLock.take(Path(sys.argv[1])) is not None, flush=True)
sys.stdin.read()
"""
WRITER = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from bot.store import FileLock, SqliteDatabase, SqlStore
from tests.papers import MONDAY, batch, later, papers

async def main(path):
    store = SqlStore(await SqliteDatabase.open(path, lock=FileLock.take(path)))
    for number in range(10_000):
        day = MONDAY + timedelta(days=number)
        await store.save_batch(batch(day, *papers(40, votes=number)), later(days=number))
        print(day, flush=True)

asyncio.run(main(Path(sys.argv[1])))
"""


@asynccontextmanager
async def writing(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def reading(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(path, lock=None)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def program(text: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A second process, killed at the end as `kill -9` does."""
    command = [sys.executable, "-c", text, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def said(process: subprocess.Popen[str], lines: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().strip() for _ in range(lines)]


async def filled(path: Path) -> None:
    async with writing(path) as database:
        await SqlStore(database).save_batch(batch(MONDAY, *papers(500, abstract="Long. " * 50)), NOON)
