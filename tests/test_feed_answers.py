"""A digest is given up for want of papers only after the feed was asked for them: after restarts and sleeps, too."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot import views
from bot.deliveries import State, Why
from bot.digest import Planner
from bot.store import SqlStore
from tests.living import READERS, Bot, living
from tests.papers import batch

FEED = "Hugging Face"
MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
TUESDAY = MONDAY.replace(day=3, hour=9)


def begun(bot: Bot) -> Bot:
    """The bot as a process that has just begun, with a feed that it follows."""
    planner = Planner(bot.records, bot.index, {bot.platform.name: bot.platform}, feed=FEED)
    return replace(bot.restarted(), planner=planner)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """Monday's was sent; then the machine sleeps."""
    async with living(store, tmp_path, MONDAY) as first:
        one = begun(first)
        await one.until(MONDAY + timedelta(hours=4))
        await one.subscribe(at=time(9))
        await one.until(MONDAY.replace(hour=8, minute=44))
        await one.feed("2026-03-02")
        await one.until(MONDAY + timedelta(hours=8))
        assert len(one.platform.shown()) == 1
        yield one


async def asleep(bot: Bot, until: datetime) -> Bot:
    bot.time.advance(seconds=(until - bot.time.wall).total_seconds())
    back = begun(bot)
    await back.turn()
    bot.time.advance(seconds=15)
    await back.turn()
    return back


@pytest.mark.parametrize("hours", [0, 1.75, 3, 5.5])
async def test_after_a_sleep_the_digest_waits_until_the_feed_was_asked(bot: Bot, hours: float) -> None:
    back = await asleep(bot, TUESDAY + timedelta(hours=hours))
    await bot.store.note_source(FEED, bot.time.wall, "it cannot be reached")  # the network comes later
    await back.turn()
    fed = await back.feed("2026-03-03")
    await back.for_(minutes=1)
    assert [message.papers for message in bot.platform.shown()[1:]] == [list(fed[:3])]


async def test_a_feed_that_was_asked_and_has_nothing_is_not_waited_for(bot: Bot) -> None:
    back = await asleep(bot, TUESDAY + timedelta(hours=3))
    await bot.store.save_batch(batch(date(2026, 3, 3)), bot.time.wall)
    await back.for_(minutes=1)
    assert (await bot.ends())[-1] == (3, State.SKIPPED, Why.NO_BATCH)


async def test_where_the_feed_cannot_be_asked_all_day_the_status_says_so(bot: Bot) -> None:
    while bot.time.wall < TUESDAY + timedelta(hours=6):
        await bot.store.note_source(FEED, bot.time.wall, "it answered 500")
        await bot.for_(minutes=30)
    assert (await bot.ends())[-1] == (3, State.SKIPPED, Why.NO_FEED)
    status = views.subscriptions(await bot.subscribing.standings(READERS, bot.time.wall), bot.time.wall).plain
    assert "the feed could not be asked; its papers come with the next one" in status
    tuesday, wednesday = await bot.feed("2026-03-03"), await bot.feed("2026-03-04")
    await bot.until(TUESDAY + timedelta(days=1, minutes=5))
    assert bot.platform.shown()[-1].papers == [wednesday[0], tuesday[0], wednesday[1]]
