"""Keeping the batches: fetched from a feed over HTTP, stored for real, and what is told of it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import httpx
import pytest

from bot.errors import SourceError, StoreError
from bot.ingest import Ingest
from bot.models import Saved, SourceHealth
from bot.ports import Store
from bot.store import SqlStore
from tests.feed import Feed, entry, ids, source
from tests.papers import ALWAYS, LONG_AGO, NOON, later
from tests.wire import Clock, Host, Reply

MONDAY, FRIDAY, THURSDAY, WEDNESDAY = (date(2026, 3, day) for day in (30, 27, 26, 25))
DAYS = (MONDAY, FRIDAY, THURSDAY, WEDNESDAY)
REFUSED = Reply(403)


def feed(*days: Any) -> Feed:
    """A feed with these answers for DAYS."""
    return Feed({str(day): answer for day, answer in zip(DAYS, days, strict=False)})


def ingest(upstream: Any, store: Store, now: Callable[[], datetime] = lambda: NOON) -> Ingest:
    return Ingest(source(upstream), store, now)


async def test_days_are_fetched_in_the_given_order_and_stored(store: Store) -> None:
    upstream = feed([entry("2603.00001"), entry("2603.00002")], [entry("2603.00003")])
    done: list[date] = []
    synced = await ingest(upstream, store).sync([FRIDAY, MONDAY], done.append)
    assert upstream.asked == ["2026-03-27", "2026-03-30"]
    assert synced.fetched == tuple(done) == (FRIDAY, MONDAY)
    assert synced.saved == Saved(added=("2603.00003", "2603.00001", "2603.00002"))
    assert (synced.failed, synced.skipped, synced.given_up) == ((), 0, 0)
    assert [(info.day, info.size, info.fetched_at) for info in await store.batches(ALWAYS)] == [
        (MONDAY, 2, NOON),
        (FRIDAY, 1, NOON),
    ]


async def test_no_days_are_no_work(store: Store) -> None:
    upstream = feed()
    assert (await ingest(upstream, store).sync([])).fetched == ()
    assert upstream.asked == []
    assert await store.source_health() == ()


async def test_a_day_without_a_batch_is_fetched_and_does_not_count(store: Store) -> None:
    synced = await ingest(feed([]), store).sync([MONDAY])
    assert synced.fetched == (MONDAY,)
    assert await store.newest_batch_day() is None


async def test_a_second_sync_adds_nothing_and_sees_new_votes(store: Store) -> None:
    upstream = feed([entry("2603.00001", upvotes=1), entry("2603.00002", upvotes=2)])
    await ingest(upstream, store).sync([MONDAY])
    assert (await ingest(upstream, store).sync([MONDAY])).saved == Saved()
    upstream.days["2026-03-30"] = [entry("2603.00001", upvotes=9), entry("2603.00002", upvotes=2), entry("2603.00003")]
    synced = await ingest(upstream, store, lambda: later(hours=6)).sync([MONDAY])
    assert synced.saved == Saved(added=("2603.00003",), counted=1)
    seen = ["2603.00001", "2603.00002"]
    assert await store.votes_at(seen, later(hours=5), LONG_AGO) == {"2603.00001": 1, "2603.00002": 2}
    assert await store.votes_at(seen, later(hours=6), LONG_AGO) == {"2603.00001": 9, "2603.00002": 2}


async def test_entries_that_cannot_be_read_are_counted_over_all_days(store: Store) -> None:
    upstream = feed([entry("2603.00001"), None], [{"paper": {}}, entry("2603.00002"), 7])
    synced = await ingest(upstream, store).sync([MONDAY, FRIDAY])
    assert synced.skipped == 3
    assert len(synced.saved.added) == 2


async def test_a_day_that_fails_is_left_out_and_the_next_ones_are_fetched(store: Store) -> None:
    done: list[date] = []
    upstream = feed([entry("2603.00001")], REFUSED, [entry("2603.00002")], REFUSED)
    synced = await ingest(upstream, store).sync(DAYS, done.append)
    assert synced.fetched == (MONDAY, THURSDAY)
    assert [(day, error.status) for day, error in synced.failed] == [(FRIDAY, 403), (WEDNESDAY, 403)]
    assert tuple(done) == DAYS
    assert synced.given_up == 0


@pytest.mark.parametrize(
    ("answers", "asked", "given_up"),
    [
        ([REFUSED, REFUSED, [], []], 2, 2),
        ([[], REFUSED, REFUSED, []], 3, 1),
        ([[], [], REFUSED, REFUSED], 4, 0),
        ([REFUSED, [], REFUSED, []], 4, 0),
    ],
)
async def test_after_two_failures_in_a_row_the_rest_is_given_up(
    store: Store, answers: Sequence[Any], asked: int, given_up: int
) -> None:
    done: list[date] = []
    upstream = feed(*answers)
    synced = await ingest(upstream, store).sync(DAYS, done.append)
    assert len(upstream.asked) == len(done) == asked
    assert synced.given_up == given_up
    assert len(synced.fetched) + len(synced.failed) + synced.given_up == len(DAYS)


async def test_a_failed_day_leaves_what_is_stored_as_it_was(store: Store) -> None:
    upstream = feed([entry("2603.00001")])
    await ingest(upstream, store).sync([MONDAY])
    upstream.days["2026-03-30"] = Reply(body=b"[{")
    assert (await ingest(upstream, store).sync([MONDAY])).fetched == ()
    upstream.days["2026-03-30"] = []
    await ingest(upstream, store).sync([MONDAY])
    assert ids(await store.papers_in(ALWAYS)) == ["2603.00001"]


async def test_how_the_source_does_is_remembered(store: Store) -> None:
    times = iter([later(hours=1), later(hours=2), later(hours=3)])
    syncing = ingest(feed([], REFUSED, []), store, lambda: next(times))
    assert syncing.source_name == "Hugging Face"
    await syncing.sync([MONDAY])
    await syncing.sync([FRIDAY])
    failed = SourceHealth("Hugging Face", later(hours=1), later(hours=2), "it refused (HTTP 403)")
    assert await store.source_health() == (failed,)
    await syncing.sync([THURSDAY])
    assert await store.source_health() == (SourceHealth("Hugging Face", later(hours=3), later(hours=2)),)


async def test_a_source_out_of_reach_is_told_in_one_sentence(store: Store) -> None:
    clock = Clock()
    synced = await Ingest(source(Host(httpx.ConnectError("")), clock), store, lambda: NOON).sync(DAYS)
    assert [str(error) for _, error in synced.failed] == ["it cannot be reached"] * 2
    assert all(isinstance(error, SourceError) for _, error in synced.failed)
    assert (clock.waits, synced.given_up) == ([], 2)


async def test_a_database_that_fails_ends_the_sync(store: SqlStore) -> None:
    syncing = ingest(feed([entry()]), store)
    await store.close()
    with pytest.raises(StoreError):
        await syncing.sync([MONDAY])


async def test_a_cancelled_sync_keeps_the_days_that_were_done(store: Store) -> None:
    upstream = feed([entry("2603.00001")])
    reached = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["date"] == "2026-03-30":
            return await upstream(request)
        reached.set()
        return await asyncio.Future()

    syncing = asyncio.create_task(Ingest(source(answer), store, lambda: NOON).sync(DAYS))
    await reached.wait()
    syncing.cancel()
    assert isinstance((await asyncio.gather(syncing, return_exceptions=True))[0], asyncio.CancelledError)
    assert ids(await store.papers_in(ALWAYS)) == ["2603.00001"]
