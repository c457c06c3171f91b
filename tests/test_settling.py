"""Settled numbers: one silent edit some hours after a post."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.errors import DeliveryError, Outcome
from bot.store import SqlStore
from bot.subscriptions import Channel, Layout, Order
from tests.living import Bot, failing, living
from tests.papers import paper

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)
ROBOT, VIDEO = paper("2602.00001", title="A robot", votes=9, stars=1), paper("2602.00002", title="A video", votes=5)
NOW = paper(ROBOT.id, title="A robot", votes=70, stars=33), paper(VIDEO.id, title="A video", votes=80)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """Posted at nine, with new votes since noon."""
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02", ROBOT, VIDEO)
        await one.subscribe(at=time(9))
        await one.until(NINE + timedelta(hours=3))
        await one.feed("2026-03-02", *NOW)
        yield one


async def test_after_six_hours_the_numbers_are_brought_up_to_date_once(bot: Bot) -> None:
    await bot.until(NINE + timedelta(hours=5, minutes=59))
    assert bot.platform.called("edit") == []
    await bot.until(NINE + timedelta(hours=30), minutes=5)
    [message] = bot.platform.shown()
    assert message.edits == len(bot.platform.called("edit")) == 1
    assert bot.platform.called("edit")[0].at - NINE <= timedelta(hours=6, minutes=5)
    assert message.papers == [ROBOT.id, VIDEO.id]  # as they were ranked
    assert ["70" in item.numbers or "80" in item.numbers for item in message.card.papers] == [True, True]
    assert "33" in message.card.papers[0].numbers
    assert "votes as of Mon 2 Mar 2026, 12:00 (UTC)" in message.card.text


async def test_data_that_were_old_when_it_was_posted_are_not_called_so_any_more(bot: Bot) -> None:
    [message] = bot.platform.shown()
    assert "could not be asked since then" in message.card.text
    await bot.until(NINE + timedelta(hours=7))
    assert "could not be asked since then" not in message.card.text


async def test_while_the_feed_is_still_down_they_are(store: SqlStore, tmp_path: Path) -> None:
    async with living(store, tmp_path, MONDAY) as bot:
        await bot.feed("2026-03-02", ROBOT, VIDEO)
        await bot.subscribe(at=time(9))
        await bot.until(NINE + timedelta(hours=7))
        assert "04:00 (UTC). The feed could not be asked since then" in bot.platform.shown()[0].card.text


async def test_a_message_that_is_gone_stays_gone(bot: Bot) -> None:
    bot.platform.messages.clear()
    await bot.until(NINE + timedelta(hours=8))
    assert bot.platform.shown() == []
    assert len(bot.platform.called("edit")) == 1


async def test_nothing_is_edited_for_an_order_that_has_ended(bot: Bot) -> None:
    await bot.subscribing.unsubscribe(await bot.known())
    await bot.until(NINE + timedelta(hours=8))
    assert bot.platform.called("edit") == []


@pytest.mark.parametrize(("change", "edits"), [({"query": "robot"}, 0), ({"min_votes": 60}, 0), ({"top": 9}, 1)])
async def test_of_an_order_that_brings_something_else_now_the_message_stays_as_it_was(
    bot: Bot, change: dict[str, object], edits: int
) -> None:
    known = await bot.known()
    order = {"name": "papers", "top": 3, "layout": Layout.CARDS, "schedule": known.order.schedule, **change}
    await bot.subscribing.edit(known, Order(**order), bot.time.wall)  # type: ignore[arg-type]
    await bot.until(NINE + timedelta(hours=8))
    assert bot.platform.shown()[0].edits == edits


@pytest.mark.parametrize(
    "error", [DeliveryError(Outcome.FORBIDDEN, "no"), DeliveryError(Outcome.AMBIGUOUS, "what?"), ValueError("a bug")]
)
async def test_an_edit_that_fails_is_no_harm_and_holds_up_no_other(bot: Bot, error: Exception) -> None:
    other = Channel("fake", "guild", "other")
    await bot.subscribe(channel=other, at=time(12, 30))
    bot.platform.edits_fail = error
    await bot.until(NINE + timedelta(hours=7))
    bot.platform.edits_fail = None
    await bot.until(NINE + timedelta(hours=12))
    assert [message.edits for message in (*bot.platform.shown(), *bot.platform.shown(other))] == [0, 1]
    assert (await bot.known()).pause is None


async def test_after_a_restart_it_is_edited_all_the_same(bot: Bot) -> None:
    bot.time.advance(hours=10)
    await bot.restarted().for_(minutes=5)
    assert bot.platform.shown()[0].edits == 1


async def test_only_the_numbers_are_of_now_whatever_became_of_the_order(bot: Bot) -> None:
    [message] = bot.platform.shown()
    posted = message.card
    known = await bot.known()
    schedule = replace(known.order.schedule, zone="Asia/Tokyo")
    order = replace(known.order, name="other", layout=Layout.COMPACT, schedule=schedule)
    await bot.subscribing.edit(known, order, bot.time.wall)
    await bot.until(NINE + timedelta(hours=7))
    assert message.edits == 1
    assert "votes as of Mon 2 Mar 2026, 12:00 (UTC)" in message.card.text
    old = {item.id: item.numbers for item in posted.papers}
    assert replace(message.card, text="", papers=()) == replace(posted, text="", papers=())
    assert tuple(replace(item, numbers=old[item.id]) for item in message.card.papers) == posted.papers


async def test_what_went_out_as_plain_text_stays_so(store: SqlStore, tmp_path: Path) -> None:
    async with living(store, tmp_path, MONDAY) as bot:
        await bot.feed("2026-03-02", ROBOT, VIDEO)
        await bot.subscribe(at=time(9))
        bot.platform.replies += [failing(Outcome.REFUSED), failing(Outcome.AMBIGUOUS, is_stored=True)]
        await bot.until(NINE + timedelta(hours=8))
        [message] = bot.platform.shown()
        assert message.papers == []
        assert message.edits == 0
