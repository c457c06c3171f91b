"""The contract of the Store port where something goes wrong, comes at once, or is odd."""

import asyncio
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.models import Paper, SourceHealth, Window
from bot.ports import Store
from tests.conftest import Opening
from tests.papers import ALWAYS, FULL, MONDAY, NOON, TUESDAY, batch, everything, later, paper, papers, walked


async def test_everything_is_there_again_after_reopening(open_store: Opening) -> None:
    async with open_store() as store:
        await store.save_batch(batch(MONDAY, FULL), NOON)
        before = await store.identity(), await everything(store), await store.change_cursor()
    async with open_store() as store:
        assert (await store.identity(), await everything(store), await store.change_cursor()) == before
    assert before[0]


async def test_a_save_that_fails_leaves_nothing_behind(store: Store) -> None:
    await store.save_batch(batch(MONDAY, paper(votes=1)), NOON)
    before = await everything(store), await store.change_cursor(), await store.stock()
    listed_twice = batch(TUESDAY, paper(votes=2), FULL, FULL)  # refused at the last statement
    with pytest.raises(StoreError):
        await store.save_batch(listed_twice, later(hours=1))
    assert (await everything(store), await store.change_cursor(), await store.stock()) == before
    assert (await store.save_batch(batch(TUESDAY, FULL), NOON)).added == (FULL.id,)


async def test_a_cancelled_save_happens_as_a_whole_or_not_at_all(store: Store) -> None:
    for number in range(60):
        day, listed = MONDAY + timedelta(days=number), papers(3, votes=number)
        saving = asyncio.create_task(store.save_batch(batch(day, *listed), later(days=number)))
        for _ in range(number * 4):
            await asyncio.sleep(0)
        saving.cancel()
        with suppress(asyncio.CancelledError):
            await saving
        stored = {one.votes for one in await store.papers_in(Window(day, day))}
        assert stored in (set(), {number})
        assert len(await store.batches(Window(day, day))) == len(stored)
    await store.save_papers([FULL], NOON)
    assert await store.papers([FULL.id]) == (FULL,)


async def test_writers_at_the_same_time_do_not_get_into_each_others_transactions(store: Store) -> None:
    async def write(number: int) -> None:
        day = MONDAY + timedelta(days=number)
        listed = [replace(one, id=f"{2601 + number % 12}.{number:05}{one.id[-1]}") for one in papers(3)]
        if number % 3 == 0:
            listed.append(listed[0])  # refused
        saving = asyncio.create_task(store.save_batch(batch(day, *listed), NOON))
        if number % 3 == 1:
            await asyncio.sleep(0)
            saving.cancel()
        with suppress(StoreError, asyncio.CancelledError):
            await saving

    await asyncio.gather(*map(write, range(60)))
    whole = {MONDAY + timedelta(days=number) for number in range(60) if number % 3 == 2}
    sizes = {info.day: info.size for info in await store.batches(ALWAYS)}
    assert whole <= sizes.keys()
    assert set(sizes.values()) == {3}
    assert len(await walked(store, 50)) == (await store.stock()).papers == 3 * len(sizes)


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE papers; --", '"quoted" \\"', "$1 ?1 :name %s {}", "👩‍🔬🧪 ∑ אבג ﷽", "a\nb\tc\r\n", "x" * 1_000_000, "\u202eevil", "%_*"],
)  # fmt: skip
async def test_hostile_text_comes_back_as_it_was(store: Store, text: str) -> None:
    hostile = paper(text[:50], title=text, authors=(text, ""), organization=text, keywords=(text,), code_url=text)
    await store.save_papers([hostile], NOON)
    assert await store.papers([text[:50]]) == (hostile,)
    await store.note_source(text[:50], NOON, text)
    assert await store.source_health() == (SourceHealth(text[:50], None, NOON, text),)


NUMBERS = count()
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
KINDS: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    tuple[str, ...]: st.lists(TEXTS, max_size=4).map(tuple),
    int | None: st.none() | st.integers(0, 2**31 - 1),
    date | None: st.none() | st.dates(),
}
IDS = st.builds(lambda: f"{next(NUMBERS)}")  # each a new one: nothing is merged here
PAPERS = st.builds(Paper, **{f.name: IDS if f.name == "id" else KINDS[f.type] for f in fields(Paper)})


@given(written=PAPERS)
async def test_any_paper_comes_back_as_it_was(store: Store, written: Paper) -> None:
    await store.save_papers([written], NOON)
    assert await store.papers([written.id]) == (written,)
    assert (await store.changes(await store.change_cursor() - 1, 1))[0][1] == written
