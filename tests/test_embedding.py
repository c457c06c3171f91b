"""Papers are read for what they mean in the background, newest first, and what was read is kept."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from bot import embedding, indexing
from bot.embedding import Embedding
from bot.errors import StoreError
from bot.models import Paper
from bot.search.meaning import Meaning
from bot.store import SqlStore
from bot.store.vectors import SqlVectors
from tests.conftest import Opening
from tests.databases import program, said, writing
from tests.models import NOTHING, POISON, tiny
from tests.papers import MONDAY, NOON, later, paper, papers
from tests.waiting import until

READER = """
import asyncio, sys
from pathlib import Path
from bot.embedding import Embedding
from bot.search.meaning import Meaning
from bot.store import FileLock, SqliteDatabase, SqlStore
from bot.store.vectors import SqlVectors

async def main(path):
    database = await SqliteDatabase.open(path, lock=FileLock.take(path))
    meaning = Meaning(path.parent / "model")
    def tell(done, total):
        print(done, total, flush=True)
        if done >= 48:
            sys.stdin.read()  # until it is killed
    embedding = Embedding(SqlStore(database), SqlVectors(database), meaning, tell)
    await embedding.load()
    await embedding.catch_up()

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture
async def meaning(tmp_path: Path) -> AsyncIterator[Meaning]:
    made = Meaning(tiny(tmp_path / "model"))
    yield made
    await made.close()


@pytest.fixture
def vectors(store: SqlStore) -> SqlVectors:
    return SqlVectors(store.database)


@pytest.fixture
def reader(store: SqlStore, vectors: SqlVectors, meaning: Meaning) -> Embedding:
    return Embedding(store, vectors, meaning)


async def stored(vectors: SqlVectors, meaning: Meaning) -> dict[str, bytes]:
    return dict(await vectors.after(meaning.name, "", 10_000))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def write(store: SqlStore, sql: str, *values: str | bytes | int) -> None:
    async with store.database.transaction() as tx:
        await tx.execute(sql, *values)


async def test_every_paper_is_read_once(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, reader: Embedding
) -> None:
    await store.save_papers(papers(40), NOON)
    await reader.load()
    assert await reader.catch_up() == 40
    assert await reader.catch_up() == 0
    assert len(meaning) == await vectors.count(meaning.name) == len(await stored(vectors, meaning)) == 40
    await store.save_papers([paper("2601.00001")], NOON)
    assert await reader.catch_up() == 1
    assert len(meaning) == 41


@pytest.mark.parametrize("word", [POISON, NOTHING])
async def test_a_paper_that_cannot_be_read_holds_no_other_up(
    store: SqlStore,
    vectors: SqlVectors,
    meaning: Meaning,
    reader: Embedding,
    caplog: pytest.LogCaptureFixture,
    word: str,
) -> None:
    """It is said once; when its text changes it is tried again, as it is after the next start."""
    bad = "2506.00033", "2506.00040"
    await store.save_papers(papers(40), NOON)
    await store.save_papers([paper(id_, title=f"The {word} cat") for id_ in bad], NOON)
    await reader.load()
    assert await reader.catch_up() == 38
    assert not {*bad} & (await stored(vectors, meaning)).keys()
    assert sorted(said.split()[0] for said in warnings(caplog)) == sorted(bad)

    caplog.clear()
    await store.save_papers([paper(bad[0], title="A harmless cat"), paper("2601.00001")], NOON)
    assert await reader.catch_up() == 2
    assert await reader.catch_up() == 0
    assert len(meaning) == 40
    assert warnings(caplog) == []

    assert await Embedding(store, vectors, meaning).catch_up() == 0
    assert len(warnings(caplog)) == 1


async def test_a_disk_that_is_full_is_tried_again_when_it_has_room(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, reader: Embedding
) -> None:
    await store.save_papers(papers(400), NOON)
    await reader.load()
    (pages,) = await _fetched(store, "PRAGMA page_count")
    await write(store, f"PRAGMA max_page_count = {int(pages) + 5}")
    with pytest.raises(StoreError, match="full"):
        await reader.catch_up()
    assert 0 < len(meaning) == await vectors.count(meaning.name) < 400

    await write(store, "PRAGMA max_page_count = 1000000")

    await reader.catch_up()
    assert len(meaning) == await vectors.count(meaning.name) == 400


async def _fetched(store: SqlStore, sql: str) -> list[str]:
    async with store.database.transaction() as tx:
        return [str(row[0]) for row in await tx.fetch(sql)]


async def test_what_fails_while_it_follows_is_said_and_tried_again(
    store: SqlStore,
    vectors: SqlVectors,
    meaning: Meaning,
    reader: Embedding,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(indexing, "AFTER_FAILURE_SECONDS", 0.01)
    monkeypatch.setattr(embedding, "EVERY_SECONDS", 0.01)
    await store.save_papers(papers(3), NOON)
    await write(store, "ALTER TABLE vectors RENAME TO hidden")
    with caplog.at_level(logging.ERROR):
        task = asyncio.create_task(reader.follow())

        async def is_said() -> bool:
            return len(warnings(caplog)) > 1

        await until(is_said, "the failure")
    await write(store, "ALTER TABLE hidden RENAME TO vectors")

    async def is_read() -> bool:
        return await vectors.count(meaning.name) == 3

    await until(is_read, "the papers")
    await store.save_papers([paper("2601.00001")], NOON)

    async def is_new_one_read() -> bool:
        return await vectors.count(meaning.name) == 4

    await until(is_new_one_read, "the new paper")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_its_progress_is_told_from_where_it_goes_on(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning
) -> None:
    told: list[tuple[int, int]] = []
    await store.save_papers(papers(20), NOON)
    reader = Embedding(store, vectors, meaning, lambda done, total: told.append((done, total)))
    await reader.load()
    await reader.catch_up()
    assert told == [(16, 20), (20, 20)]
    told.clear()
    await store.save_papers(_further(30), later(hours=1))
    await reader.catch_up()
    assert told == [(36, 50), (50, 50)]


def _further(count: int) -> list[Paper]:
    return [paper(f"2507.{n:05}", published=MONDAY - timedelta(days=n)) for n in range(count)]


async def test_being_killed_in_the_middle_loses_nothing_that_was_told(
    open_store: Opening, tmp_path: Path, meaning: Meaning
) -> None:
    async with open_store() as store:
        await store.save_papers(papers(300), NOON)
        path = tmp_path / "papers.db"
    with program(READER, path) as process:
        told = [line.split() for line in said(process, 3)]
    assert told == [["16", "300"], ["32", "300"], ["48", "300"]]
    async with writing(path) as database:
        vectors = SqlVectors(database)
        assert await vectors.count(meaning.name) == 48
        reader = Embedding(SqlStore(database), vectors, meaning)
        await reader.load()
        assert len(meaning) == 48
        assert await reader.catch_up() == 252
        assert len(meaning) == await vectors.count(meaning.name) == 300


async def test_to_stop_it_in_the_middle_keeps_what_was_read(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, tmp_path: Path
) -> None:
    begun = asyncio.Event()
    await store.save_papers(papers(2_000), NOON)
    reader = Embedding(store, vectors, meaning, lambda *_: begun.set())
    await reader.load()
    task = asyncio.create_task(reader.follow())
    await begun.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    before = await vectors.count(meaning.name)
    assert 16 <= before < 2_000
    again = Embedding(store, vectors, meaning)
    assert await again.catch_up() == 2_000 - before
    await meaning.close()  # twice, at the end of the fixture too
