"""SQLite's own full-text search on the same titles and abstracts: what users would otherwise take."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bot.store import SqlStore

_AT_ONCE = 5_000
_MADE = "CREATE VIRTUAL TABLE papers USING fts5(title, abstract, content='', tokenize='porter unicode61')"
_ASKED = "SELECT rowid FROM papers WHERE papers MATCH ? ORDER BY bm25(papers) LIMIT 10"


async def fill(path: Path, store: SqlStore) -> None:
    """Make the table of all that is stored."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_MADE)
        connection.execute("BEGIN")
        cursor = 0
        while changes := await store.changes(cursor, _AT_ONCE):
            cursor = changes[-1][0]
            texts = [(number, paper.title, paper.abstract) for number, paper in changes]
            connection.executemany("INSERT INTO papers(rowid, title, abstract) VALUES (?, ?, ?)", texts)
        connection.execute("COMMIT")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The table, to be asked."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def found(connection: sqlite3.Connection, text: str) -> list[int]:
    """The change numbers of the best ten papers that have any of the words."""
    words = " OR ".join(f'"{word}"' for word in text.split())
    return [number for (number,) in connection.execute(_ASKED, (words,))]


def times(connection: sqlite3.Connection, queries: Sequence[str]) -> list[float]:
    """Milliseconds that each query takes."""
    taken = []
    for text in queries:
        start = time.perf_counter()
        found(connection, text)
        taken.append(1000 * (time.perf_counter() - start))
    return taken
