"""The loops behind a running bot: whatever fails in them is tried again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.ingest import BEFORE_FREEZING, Ingest, Synced
from bot.models import Batch
from bot.store import SqlStore
from tests.library import FakeSource
from tests.living import Bot, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        await one.subscribe(at=time(9))
        yield one


async def broken(bot: Bot, *tables: str) -> None:
    """Whatever asks for these fails until they are back."""
    await _renamed(bot, {table: f"{table}_away" for table in tables})


async def mended(bot: Bot, *tables: str) -> None:
    await _renamed(bot, {f"{table}_away": table for table in tables})


async def _renamed(bot: Bot, names: dict[str, str]) -> None:
    """Meanwhile time stands still: hours would pass while a slow disk is waited for."""
    bot.time.stands_still = True
    async with bot.store.database.transaction() as tx:
        for old, new in names.items():
            await tx.execute(f"ALTER TABLE {old} RENAME TO {new}")
    bot.time.stands_still = False


async def reached(bot: Bot, moment: datetime) -> None:
    while bot.time.wall < moment:
        await asyncio.sleep(0)


async def test_planner_and_outbox_outlive_a_database_that_fails_for_a_while(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.time.wall = NINE - timedelta(minutes=20)
    loops = [asyncio.create_task(bot.planner.run(bot.time.clock)), asyncio.create_task(bot.outbox.run())]
    try:
        await broken(bot, "deliveries", "subscriptions")
        await reached(bot, NINE - timedelta(minutes=18))
        assert not any(task.done() for task in loops)
        assert "could not be planned, and are tried again" in caplog.text
        assert "the outbox of fake is tried again" in caplog.text
        await mended(bot, "deliveries", "subscriptions")
        await reached(bot, NINE + timedelta(minutes=5))
        assert len(bot.platform.shown()) == 1
        assert not any(task.done() for task in loops)
    finally:
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def test_the_feed_is_looked_at_shortly_before_each_digest_is_frozen(bot: Bot) -> None:
    """Of several in the same half hour too."""
    for minute in (10, 25):
        await bot.subscribe(f"at-{minute}", at=time(9, minute))
    await bot.planner.tick(MONDAY)
    freezes = [NINE + timedelta(minutes=minute - 15) for minute in (0, 10, 25)]
    assert await bot.planner.next_freeze(MONDAY) == freezes[0]
    assert await bot.planner.next_freeze(freezes[0]) == freezes[1]
    looks: list[datetime] = []

    class SlowSource(FakeSource):
        async def batch(self, day: object) -> Batch:
            bot.time.advance(seconds=15)
            return await FakeSource.batch(self, MONDAY.date())

    async def fetched(_: Synced) -> None:
        looks.append(bot.time.wall)
        if bot.time.wall > NINE + timedelta(hours=1):
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Ingest(SlowSource(), bot.store, bot.time.now, bot.time.sleep).follow(fetched, bot.planner.next_freeze)
    for freeze in freezes:
        newest = max(look for look in looks if look <= freeze)
        assert freeze - newest <= BEFORE_FREEZING
