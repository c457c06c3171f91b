"""After the bot was away: one digest at most, within the hours in which it is of use, and nothing is forgotten."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from bot.deliveries import State, Why
from bot.store import SqlStore
from tests.living import Bot, living
from tests.thorough import some

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
WEEKDAYS = tuple(date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9, 10))


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        yield one


def at(day: int, hour: float) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


async def away(bot: Bot, since: datetime, until: datetime) -> dict[date, tuple[str, ...]]:
    """The bot lives from batch to batch, then it is away; a new process finds the batches of these days."""
    batches = {}
    for day in (day for day in WEEKDAYS if day <= until.date()):
        begins = datetime.combine(day, time(4), UTC)
        if begins < since:
            await bot.until(begins, minutes=30)
        elif bot.time.wall < until:
            await bot.until(since)
            bot.time.advance(seconds=(until - since).total_seconds())
        batches[day] = await bot.feed(day)
    if bot.time.wall < until:
        await bot.until(since)
        bot.time.advance(seconds=(until - since).total_seconds())
    return batches


@pytest.mark.parametrize(
    ("due", "back", "is_sent"),
    [
        (time(9), 10, True),
        (time(9), 14.9, True),
        (time(9), 15.1, False),
        (time(18), 21.9, True),  # until ten in the evening
        (time(18), 22.1, False),
        (time(21), 22.9, True),  # but two hours at least
        (time(21), 23.1, False),
    ],
)
async def test_a_digest_that_is_late_is_sent_while_it_is_of_use(
    bot: Bot, due: time, back: float, *, is_sent: bool
) -> None:
    await bot.subscribe(at=due)
    await away(bot, at(3, due.hour - 1), at(3, back))
    shown = len(bot.platform.shown())
    await bot.restarted().for_(minutes=5)
    assert len(bot.platform.shown()) - shown == is_sent
    assert (await bot.ends())[-1] == ((3, State.SENT, None) if is_sent else (3, State.SKIPPED, Why.LATE))


BEFORE_FREEZING, AFTER_FREEZING = at(3, 8), at(3, 8.9)  # that of Tuesday


@pytest.mark.parametrize(
    ("hours", "since"), some([*product([1, 7, 24, 48, 120], [BEFORE_FREEZING, AFTER_FREEZING])], 3)
)
async def test_after_any_time_away_one_post_brings_what_was_missed(bot: Bot, hours: int, since: datetime) -> None:
    await bot.subscribe(at=time(9), top=60)
    batches = await away(bot, since, since + timedelta(hours=hours))
    before = len(bot.platform.shown())
    back = bot.restarted()
    await back.for_(hours=12)
    assert len(bot.platform.shown()) - before <= 2  # the one that was late, and that of the next day
    moments = [message.at for message in bot.platform.shown()]
    assert all(later - one >= timedelta(hours=12) for one, later in pairwise(moments[1:]))
    await back.until(at(12, 12), minutes=30)
    ids = [id_ for message in bot.platform.shown() for id_ in message.papers]
    assert len(ids) == len(set(ids))
    assert {*ids} == {id_ for batch in batches.values() for id_ in batch}


async def test_each_day_that_is_past_has_one_end(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    await away(bot, at(3, 8), at(8, 9.5))
    await bot.restarted().for_(minutes=30)
    ends = await bot.ends()
    assert [day for day, _, _ in ends] == [2, 3, 4, 5, 6, 7, 8]
    assert {why for _, _, why in ends[1:-1]} == {Why.COMBINED}
    assert [state for _, state, _ in ends] == [State.SENT, *[State.SKIPPED] * 5, State.SENT]


async def test_what_was_reserved_by_a_digest_that_was_combined_comes_with_the_later_one(bot: Bot) -> None:
    await bot.subscribe(at=time(9), top=20)
    await bot.until(at(2, 8.9))
    assert bot.platform.shown() == []
    first = await bot.feed(WEEKDAYS[0])
    await bot.until(at(2, 8.95), minutes=1)
    bot.time.advance(hours=24, minutes=30)
    second = await bot.feed(WEEKDAYS[1])
    await bot.restarted().for_(minutes=5)
    [message] = bot.platform.shown()
    assert message.papers == [id_ for pair in zip(second, first, strict=True) for id_ in pair]
    assert message.card.title == "Papers of 2 Mar to 3 Mar 2026"


async def test_the_first_digest_that_was_missed_comes_with_the_next_one(bot: Bot) -> None:
    await bot.subscribe(at=time(9), top=20)
    first = await bot.feed(WEEKDAYS[0])
    bot.time.advance(hours=12)
    await bot.restarted().until(at(3, 4), hours=1)
    second = await bot.feed(WEEKDAYS[1])
    await bot.restarted().until(at(3, 9))
    assert {*bot.platform.shown()[0].papers} == {*first, *second}


async def test_the_first_digest_that_was_missed_comes_with_the_next_one_after_an_edit_too(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    bot.time.advance(hours=13)
    first = await bot.feed(WEEKDAYS[0])
    await bot.restarted().turn()
    known = await bot.known()
    await bot.subscribing.edit(known, replace(known.order, top=20), bot.time.wall)
    await bot.restarted().until(at(3, 4), hours=1)
    second = await bot.feed(WEEKDAYS[1])
    await bot.restarted().until(at(3, 9))
    assert {*bot.platform.shown()[0].papers} == {*first, *second}


async def test_what_is_paused_until_a_day_on_which_the_bot_is_away_is_caught_up_as_any_other(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    await bot.until(at(2, 12))
    await bot.subscribing.pause(await bot.known(), date(2026, 3, 4), bot.time.wall)
    await away(bot, bot.time.wall, at(4, 11))
    await bot.restarted().for_(minutes=5)
    assert bot.platform.shown()[-1].at == at(4, 11)
    assert (await bot.ends())[-1] == (4, State.SENT, None)
