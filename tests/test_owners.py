"""Whoever ordered a digest is told that it is paused: once, and again where that failed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.cards import Card
from bot.digest import Planner
from bot.errors import DeliveryError, Outcome
from bot.outbox import Outbox
from bot.store import SqlStore
from bot.subscriptions import Channel
from tests.living import ADA, READERS, Bot, FakePlatform, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)


class Speechless(FakePlatform):
    """Nobody can be told anything until some time."""

    until: datetime = NINE
    error: Exception = DeliveryError(Outcome.NOT_SENT, "not now")
    tries: int = 0

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        self.tries += 1
        if self.time.wall < self.until:
            raise self.error
        await FakePlatform.tell(self, person, channel, card)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """Two orders of a channel that cannot be posted to."""
    async with living(store, tmp_path, MONDAY) as one:
        platform = Speechless(one.time)
        platform.blocked[READERS.id] = Outcome.FORBIDDEN
        planner = Planner(one.records, one.index, {platform.name: platform})
        outbox = Outbox(platform, one.records, one.time.clock, owner="this")
        await one.feed("2026-03-02")
        for name in ("papers", "more"):
            await one.subscribe(name, at=time(9))
        yield replace(one, platform=platform, planner=planner, outbox=outbox)


def speechless(bot: Bot) -> Speechless:
    assert isinstance(bot.platform, Speechless)
    return bot.platform


async def test_who_can_be_told_is_told_once(bot: Bot) -> None:
    await bot.until(NINE + timedelta(hours=20))
    assert speechless(bot).tries == 1
    assert (await bot.known()).notified_at == NINE


@pytest.mark.parametrize("error", [DeliveryError(Outcome.NOT_SENT, "not now"), LookupError("a bug")])
@pytest.mark.parametrize("minutes", [5, 100])
async def test_who_could_not_be_told_is_told_later_and_then_once(bot: Bot, minutes: int, error: Exception) -> None:
    platform = speechless(bot)
    platform.until, platform.error = NINE + timedelta(minutes=minutes), error
    await bot.until(NINE + timedelta(minutes=4))
    assert (await bot.known()).notified_at is None
    await bot.until(NINE + timedelta(hours=20))
    [(person, channel, card)] = platform.told
    assert (person, channel) == (ADA, READERS)
    assert "more and papers" in card.title
    for name in ("papers", "more"):
        told = (await bot.known(name)).notified_at
        assert told and timedelta(minutes=minutes) <= told - NINE <= timedelta(minutes=minutes + 65)


async def test_who_can_never_be_told_is_tried_a_few_times(bot: Bot) -> None:
    platform = speechless(bot)
    platform.until = NINE + timedelta(days=90)
    await bot.until(NINE + timedelta(days=2), minutes=20)
    assert 3 <= platform.tries <= 5


async def test_after_it_was_resumed_nobody_is_told_of_the_pause(bot: Bot) -> None:
    platform = speechless(bot)
    platform.until = NINE + timedelta(minutes=1)
    await bot.until(NINE)
    for name in ("papers", "more"):
        await bot.subscribing.resume(await bot.known(name), bot.time.wall)
    await bot.until(NINE + timedelta(hours=6))
    assert platform.told == []
