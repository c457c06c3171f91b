"""What the board shows first, and how it puts it."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.board import Orders
from bot.errors import Outcome
from bot.store import SqlBoard, SqlStore
from bot.subscriptions import Channel
from bot.views import web as words
from tests.living import Bot, living

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)
CHANNELS: Mapping[str, time] = {  # by name, and when each is posted to; three have something wrong with them
    "1 sent": time(9),
    "2 waits": time(18),
    "3 paused": time(9),
    "4 unclear": time(9),
    "5 failed": time(9),
    "6 sent": time(9),
}


def place(name: str) -> Channel:
    return Channel("fake", "guild", name)


@pytest_asyncio.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[tuple[Bot, SqlBoard]]:
    """At noon, hours after most were posted to."""
    async with living(store, tmp_path, NOON - timedelta(days=1)) as lived:
        for name, at in CHANNELS.items():
            await lived.subscribe(channel=place(name), at=at)
        paused = await lived.known(channel=place("3 paused"))
        await lived.subscribing.pause(paused, None, lived.time.now())
        lived.platform.blocked = {"4 unclear": Outcome.BLIND, "5 failed": Outcome.REFUSED}
        await lived.feed("2026-04-01")
        await lived.until(NOON, minutes=30)
        yield lived, SqlBoard(store.database)


def shown(orders: Orders) -> list[str]:
    return [one.subscription.channel.id for one in orders.shown]


async def test_what_failed_is_shown_first_and_what_only_waits_hides_nothing(bot: tuple[Bot, SqlBoard]) -> None:
    today = NOON.date()
    everything = await bot[1].orders(today, today, 50)
    assert shown(everything) == ["4 unclear", "5 failed", "3 paused", "2 waits", "1 sent", "6 sent"]
    few = await bot[1].orders(today, today, 2)
    assert (shown(few), few.total) == (["4 unclear", "5 failed"], len(CHANNELS))


async def test_what_failed_on_other_days_stands_at_its_place(bot: tuple[Bot, SqlBoard]) -> None:
    before = NOON.date() - timedelta(days=7)
    assert shown(await bot[1].orders(before, before, 50))[1:] == sorted(CHANNELS.keys() - {"3 paused"})


@pytest.mark.parametrize(("votes", "said"), [(1_000, "1,000 votes"), (1, "1 vote"), (0, "0 votes"), (None, "")])
async def test_votes_are_counted_as_everywhere_else(votes: int | None, said: str) -> None:
    assert words.votes(votes) == said
