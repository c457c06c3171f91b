"""SQLite well kept: one writer behind a lock, readers beside it, migrations."""

import asyncio
import re
import sqlite3
from contextlib import suppress
from pathlib import Path

import aiosqlite
import pytest

from bot.errors import StoreError
from bot.store import FileLock, SqlStore, migrate
from tests.databases import HOLDER, filled, program, reading, said, writing
from tests.papers import ALWAYS, NOON, later, paper, papers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "papers.db"


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 10_000)]
)
async def test_the_writer_is_durable_and_checks_references(path: Path, pragma: str, value: object) -> None:
    async with writing(path) as database, database.transaction() as tx:
        assert [row[0] for row in await tx.fetch(f"PRAGMA {pragma}")] == [value]


async def test_a_reference_to_nothing_is_refused(path: Path) -> None:
    async with writing(path) as database:
        with pytest.raises(StoreError, match="FOREIGN KEY"):
            async with database.transaction() as tx:
                await tx.execute("INSERT INTO batch_papers (day, paper, place) VALUES ($1, $2, $3)", "d", "p", 0)


async def test_a_transaction_that_raises_is_undone_and_the_next_one_works(path: Path) -> None:
    insert = "INSERT INTO facts (name, value) VALUES ($1, $2)"
    async with writing(path) as database:
        with suppress(LookupError):
            async with database.transaction() as tx:
                await tx.execute_many(insert, [["a", "1"], ["b", "2"]])
                raise LookupError
        async with database.transaction() as tx:
            await tx.execute(insert, "a", "3")
            assert await tx.fetch("SELECT value FROM facts WHERE name IN ($2, $1)", "a", "b") == [("3",)]


async def test_votes_that_stay_the_same_take_one_row(path: Path) -> None:
    async with writing(path) as database:
        store = SqlStore(database)
        for hours, votes in enumerate([5, 5, 5, 9, 9, 5]):
            await store.save_papers([paper(votes=votes)], later(hours=hours))
        async with database.reading() as reader:
            rows = await reader.fetch("SELECT votes, (last_seen - first_seen) / 3600 FROM votes ORDER BY first_seen")
    assert rows == [(5, 2), (9, 1), (5, 0)]


def test_a_second_lock_is_not_given_until_the_first_is_released(path: Path) -> None:
    lock = FileLock.take(path)
    assert lock
    assert FileLock.take(path) is None
    lock.release()
    again = FileLock.take(path)
    assert again
    again.release()


def test_the_lock_keeps_out_a_second_process_and_is_free_after_its_death(path: Path) -> None:
    lock = FileLock.take(path)
    assert lock
    with program(HOLDER, path) as second:
        assert said(second, 1) == ["False"]
    lock.release()
    with program(HOLDER, path) as holder:
        assert said(holder, 1) == ["True"]
        assert FileLock.take(path) is None
    free = FileLock.take(path)
    assert free
    free.release()


async def test_closing_gives_the_lock_back(path: Path) -> None:
    for _ in range(2):
        async with writing(path):
            assert FileLock.take(path) is None


async def test_a_reader_beside_a_writer_sees_what_is_committed_and_cannot_write(path: Path) -> None:
    async with writing(path) as database, reading(path) as beside:
        writer, reader = SqlStore(database), SqlStore(beside)
        await writer.save_papers([paper()], NOON)
        async with database.transaction() as tx:
            await tx.execute("UPDATE papers SET title = $1", "Not yet")
            assert (await reader.papers(["2506.08007"]))[0].title == paper().title
        assert (await reader.papers(["2506.08007"]))[0].title == "Not yet"
        assert await reader.identity() == await writer.identity()
        with pytest.raises(StoreError, match="open for reading only, because another process writes to it"):
            await reader.save_papers([paper()], NOON)
        with pytest.raises(StoreError, match="cannot be opened for writing"):
            async with beside.reading() as read_only:
                await read_only.execute("DELETE FROM votes")


async def test_a_reader_needs_no_writer(path: Path) -> None:
    await filled(path)
    async with reading(path) as database:
        assert (await SqlStore(database).stock()).papers == 500


async def test_many_queries_at_once_share_the_readers(path: Path) -> None:
    await filled(path)
    async with writing(path) as database:
        store = SqlStore(database)
        found = await asyncio.gather(*(store.papers([one.id]) for one in papers(100)))
        assert [len(one) for one in found] == [1] * 100


async def test_cancelled_queries_leave_the_readers_usable(path: Path) -> None:
    await filled(path)
    async with writing(path) as database:
        store = SqlStore(database)
        tasks = [asyncio.create_task(store.papers_in(ALWAYS)) for _ in range(10)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        assert {type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)} == {asyncio.CancelledError}
        assert len(await store.papers_in(ALWAYS)) == 500


async def test_a_closed_database_says_so_at_once(path: Path) -> None:
    async with writing(path) as database:
        store = SqlStore(database)
        asked = [asyncio.create_task(store.papers_in(ALWAYS)) for _ in range(5)]
        saving = asyncio.create_task(store.save_papers([paper()], NOON))
        await asyncio.sleep(0)
    await saving  # what had begun comes to its end
    assert [found[:1] for found in await asyncio.gather(*asked)] == [()] * 5
    async with asyncio.timeout(60):
        with pytest.raises(StoreError, match="is closed"):
            await store.stock()
        with pytest.raises(StoreError, match="is closed"):
            await store.save_papers([paper()], NOON)


async def test_every_migration_is_applied_once_and_remembered_by_name(path: Path) -> None:
    identities = set()
    for _ in range(3):
        async with writing(path) as database, database.reading() as reader:
            names = [row[0] for row in await reader.fetch("SELECT name FROM migrations ORDER BY name")]
            assert names == sorted(migrate.available())
            identities.add(await SqlStore(database).identity())
    assert len(identities) == 1


async def test_a_migration_that_fails_leaves_nothing_behind(path: Path) -> None:
    async with writing(path):
        pass
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        with pytest.raises(sqlite3.OperationalError):
            await migrate._apply(
                connection, "9999_wrong.sql", "CREATE TABLE one (a TEXT);\nCREATE TABLE one (a TEXT);\n"
            )
    async with writing(path) as database, database.reading() as reader:
        assert await reader.fetch("SELECT name FROM sqlite_master WHERE name = $1", "one") == []


STATEMENTS = [statement for sql in migrate.available().values() for statement in migrate._statements(sql)]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: " ".join(statement.split()[:5]))
def test_a_statement_of_the_migrations_is_understood_by_both_engines(statement: str) -> None:
    assert not re.search(
        r"\?|\b(rowid|autoincrement|integer|strict|without|pragma|datetime|blob|real)\b", statement, re.IGNORECASE
    )
    assert set(re.findall(r"^ +[a-z_]+ +([A-Z]+)", statement, re.MULTILINE)) <= {"TEXT", "BIGINT", "DOUBLE", "BYTEA"}


def test_the_migrations_are_read_statement_by_statement() -> None:
    sql = "-- It's; a comment\nCREATE TABLE a (\n  b TEXT, -- why; because\n  c TEXT\n);\n\nDROP TABLE a;"
    assert migrate._statements(sql) == ["CREATE TABLE a (\n  b TEXT,\n  c TEXT\n)", "DROP TABLE a"]
