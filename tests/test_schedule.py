"""When the feed is looked at: often while a batch fills, once a day for the votes of two weeks, soon after a failure."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import SourceError, StoreError
from bot.ingest import AFTER_FAILURE, FILLING, NEWEST, OFTEN, SELDOM, SETTLING, Ingest, Synced
from bot.models import Batch, Paper
from bot.query import Query
from bot.store import SqlStore
from tests.papers import NOON, batch, paper


class Listing:
    """A feed that lists one paper a day, or fails."""

    name = "Hugging Face"

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    async def batch(self, day: date) -> Batch:
        if self.fails:
            raise SourceError("it cannot be reached")
        return batch(day, paper(f"2603.{day.toordinal() % 100_000:05}"))

    async def papers(self, ids: object) -> tuple[Paper, ...]:
        return ()

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        return ()


class Clock:
    """Time that passes only while somebody sleeps; at its end the sleeper is cancelled."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.now = start
        self._end = end

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if self.now >= self._end:
            raise asyncio.CancelledError


async def looks(store: SqlStore, feed: Listing, start: datetime, hours: float) -> list[tuple[datetime, int]]:
    """When the feed was looked at, and how many days of it."""
    clock = Clock(start, start + timedelta(hours=hours))
    seen: list[tuple[datetime, int]] = []

    async def fetched(synced: Synced) -> None:
        seen.append((clock.now, len(synced.fetched)))

    with pytest.raises(asyncio.CancelledError):
        await Ingest(feed, store, lambda: clock.now, clock.sleep).follow(fetched)
    return seen


async def test_the_newest_batches_are_looked_at_often_while_they_fill_and_seldom_afterwards(store: SqlStore) -> None:
    start = datetime(2026, 3, 31, 0, 30, tzinfo=UTC)  # 20:30 in New York
    roll_over = start + timedelta(hours=1)
    seen = [at for at, _ in await looks(store, Listing(), start, hours=14)]
    waits = {at: later - at for at, later in pairwise(seen)}
    assert {wait for at, wait in waits.items() if at < roll_over} == {SELDOM}
    assert {wait for at, wait in waits.items() if roll_over <= at < roll_over + FILLING} == {OFTEN}
    assert {wait for at, wait in waits.items() if at >= roll_over + FILLING} == {SELDOM}


async def test_the_votes_of_two_weeks_are_looked_at_once_a_day(store: SqlStore) -> None:
    seen = await looks(store, Listing(), NOON, hours=49)
    assert [at - NOON for at, days in seen if days == SETTLING] == [timedelta(days=n) for n in range(3)]
    assert {days for _, days in seen} == {SETTLING, NEWEST}


async def test_after_a_failure_it_is_looked_at_again_soon_and_the_failure_is_remembered(store: SqlStore) -> None:
    seen = [at for at, _ in await looks(store, Listing(fails=True), NOON, hours=0.1)]
    assert {later - at for at, later in pairwise(seen)} == {AFTER_FAILURE}
    assert [health.error for health in await store.source_health()] == ["it cannot be reached"]


async def test_a_database_that_fails_does_not_end_the_schedule(store: SqlStore) -> None:
    await store.close()
    assert len(await looks(store, Listing(), NOON, hours=0.1)) > 1


@pytest.mark.parametrize("error", [StoreError("the database is locked"), ValueError("a bug"), RecursionError("a bug")])
@pytest.mark.parametrize("where", ["the feed", "those who are told"])
async def test_nothing_that_fails_ends_the_schedule(store: SqlStore, error: Exception, where: str) -> None:
    clock, told = Clock(NOON, NOON + timedelta(hours=3)), 0

    class Failing(Listing):
        async def batch(self, day: date) -> Batch:
            if where == "the feed" and clock.now < NOON + timedelta(hours=1):
                raise error
            return await Listing.batch(self, day)

    async def fetched(_: Synced) -> None:
        nonlocal told
        told += 1
        if told == 1 and where != "the feed":
            raise error

    with pytest.raises(asyncio.CancelledError):
        await Ingest(Failing(), store, lambda: clock.now, clock.sleep).follow(fetched)
    assert told > 2


async def test_after_the_machine_has_slept_the_feed_is_looked_at_within_half_a_minute(store: SqlStore) -> None:
    """The clock by which it waits stands still meanwhile."""
    clock, seen = Clock(NOON, NOON + timedelta(hours=20)), list[datetime]()

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        if len(seen) == 1 and clock.now < NOON + timedelta(hours=8):
            clock.now += timedelta(hours=8)

    async def fetched(_: Synced) -> None:
        seen.append(clock.now)

    with pytest.raises(asyncio.CancelledError):
        await Ingest(Listing(), store, lambda: clock.now, sleep).follow(fetched)
    assert seen[1] - NOON <= timedelta(hours=8, seconds=30)
