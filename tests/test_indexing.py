"""The index follows the store, and is made anew when it cannot be read."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot import dispatch
from bot.cards import Tone
from bot.core import Core
from bot.indexing import Indexer
from bot.search import TantivyIndex
from bot.store import SqlStore, records
from tests.papers import MONDAY, NOON, batch, paper, papers

WITHIN_SECONDS = 4.0  # one, on a machine that does nothing else


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[TantivyIndex]:
    index = TantivyIndex(tmp_path / "index")
    yield index
    await index.close()


@asynccontextmanager
async def following(indexer: Indexer) -> AsyncIterator[None]:
    await indexer.open()
    task = asyncio.create_task(indexer.follow())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until_found(core: Core, text: str) -> None:
    """Ask again and again until something is found."""
    while (await dispatch.run_text(text, core, NOON)).tone is Tone.FAILURE:
        await asyncio.sleep(0)


async def test_a_batch_is_searchable_within_a_second_of_being_stored(store: SqlStore, index: TantivyIndex) -> None:
    async with following(Indexer(store, index)):
        await store.save_batch(batch(MONDAY, paper(title="Reinforcement Pre-Training")), NOON)
        async with asyncio.timeout(WITHIN_SECONDS):
            await until_found(Core(records(store), index), "search reinforcement")


async def test_new_votes_reach_the_index(store: SqlStore, index: TantivyIndex) -> None:
    indexer = Indexer(store, index)
    await indexer.open()
    await store.save_batch(batch(MONDAY, paper(votes=3)), NOON)
    await indexer.catch_up()
    await store.save_batch(batch(MONDAY, paper(votes=30)), NOON)
    assert await indexer.catch_up() == 1
    card = await dispatch.run_text("search votes:30", Core(records(store), index), NOON)
    assert [item.id for item in card.papers] == ["2506.08007"]


async def test_when_nothing_changed_nothing_is_indexed(store: SqlStore, index: TantivyIndex) -> None:
    indexer = Indexer(store, index)
    await indexer.open()
    await store.save_batch(batch(MONDAY, *papers(3)), NOON)
    assert await indexer.catch_up() == 3
    assert await indexer.catch_up() == 0


async def test_a_folder_that_is_deleted_under_a_running_bot_is_made_anew_while_it_answers(
    store: SqlStore, index: TantivyIndex, tmp_path: Path
) -> None:
    core = Core(records(store), index)
    async with following(Indexer(store, index)):
        await store.save_batch(batch(MONDAY, paper(title="Reinforcement Pre-Training", votes=5)), NOON)
        await until_found(core, "search reinforcement")
        shutil.rmtree(tmp_path / "index")
        assert (await dispatch.run_text("trending", core, NOON)).tone is Tone.ANSWER
        await store.save_batch(batch(MONDAY, paper("2506.00002", title="Something New")), NOON)
        async with asyncio.timeout(60):
            await until_found(core, "search something new")
            await until_found(core, "search reinforcement")


async def test_rebuilding_tells_how_far_it_is(store: SqlStore, index: TantivyIndex) -> None:
    heard: list[tuple[int, int]] = []
    indexer = Indexer(store, index, lambda done, total: heard.append((done, total)))
    await store.save_papers(papers(22_500), NOON)
    await indexer.open()
    await indexer.catch_up()
    assert (heard[0], heard[-1]) == ((2_000, 22_500), (22_500, 22_500))
    assert heard == sorted(heard)


async def test_while_it_is_rebuilt_an_answer_says_that_something_may_be_missing(
    store: SqlStore, index: TantivyIndex
) -> None:
    await store.save_batch(batch(MONDAY, *papers(3, title="Some Title")), NOON)
    await index.rebuild(await store.identity())
    await index.update((await store.papers(["2506.00001"])), cursor=1)
    card = await dispatch.run_text("search title", Core(records(store), index), NOON)
    assert [item.id for item in card.papers] == ["2506.00001"]
    assert any("being rebuilt (1 of 3 papers" in note for note in card.notes)


async def test_an_index_that_is_ahead_of_its_store_is_made_anew(store: SqlStore, index: TantivyIndex) -> None:
    await store.save_batch(batch(MONDAY, paper()), NOON)
    await index.rebuild(await store.identity())
    await index.update([paper("2506.00009")], cursor=99)
    await index.finish_rebuild()
    indexer = Indexer(store, index)
    await indexer.open()
    await indexer.catch_up()
    assert (index.state().papers, index.state().cursor) == (1, 1)


async def test_before_the_index_can_be_read_a_search_says_what_works_meanwhile(
    store: SqlStore, index: TantivyIndex
) -> None:
    await store.save_batch(batch(MONDAY, paper()), NOON)
    core = Core(records(store), index)
    assert "being rebuilt" in (await dispatch.run_text("search title", core, NOON)).title
    assert (await dispatch.run_text("show 2506.08007", core, NOON)).tone is Tone.ANSWER
    assert (await dispatch.run_text("trending", core, NOON)).tone is Tone.ANSWER
    assert "being rebuilt" in (await dispatch.run_text("status", core, NOON)).plain
