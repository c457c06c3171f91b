"""Several digests of one channel: no paper comes twice, and none is lost because another one kept it and never came."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot import views
from bot.errors import Outcome
from bot.store import SqlStore
from tests.living import READERS, Bot, failing, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        yield one


async def first_and_second(bot: Bot) -> tuple[str, str]:
    """Their names: the one that has taken the best papers, and the one that waits behind it."""
    rows = await bot.records.ledger.history(READERS, 10)
    first = next(row.name for row in rows if row.papers and not row.left_out)
    return first, "b" if first == "a" else "a"


async def ordered(bot: Bot, count: int) -> tuple[str, ...]:
    papers = await bot.feed("2026-03-02", count=count)
    await bot.subscribe("a", at=time(9))
    await bot.subscribe("b", at=time(9))
    await bot.until(NINE - timedelta(minutes=5))
    return papers


async def withdraw(bot: Bot, name: str, how: str) -> None:
    if how == "unsubscribe":
        await bot.subscribing.unsubscribe(await bot.known(name))
    elif how == "pause":
        await bot.subscribing.pause(await bot.known(name), None, bot.time.wall)
    else:  # it is sent first, and the platform takes it in no form
        bot.platform.replies += [failing(Outcome.REFUSED), failing(Outcome.REFUSED)]


@pytest.mark.parametrize("how", ["unsubscribe", "pause", "refuse"])
@pytest.mark.parametrize("count", [3, 6])
async def test_what_another_one_kept_and_did_not_bring_is_brought(bot: Bot, how: str, count: int) -> None:
    papers = await ordered(bot, count)
    first, second = await first_and_second(bot)
    await withdraw(bot, first, how)
    await bot.until(MONDAY + timedelta(hours=23))
    [message] = bot.platform.shown()
    assert message.key == (await bot.rows(second))[0].key
    assert message.papers == [*papers[:3]]
    assert "posted here before" not in message.card.text


async def test_while_all_papers_are_on_their_way_in_another_one_nothing_is_decided(bot: Bot) -> None:
    await ordered(bot, 3)
    first, second = await first_and_second(bot)
    assert bot.platform.shown() == []
    bot.platform.replies += [failing(Outcome.NOT_SENT, retry_after=1_200)]
    await bot.until(NINE + timedelta(minutes=10))
    assert [state for _, state, _ in await bot.ends(second)] == ["pending"]
    await bot.until(NINE + timedelta(hours=1))
    assert [state for _, state, _ in await bot.ends(first)] == ["sent"]
    assert [(state, why) for _, state, why in await bot.ends(second)] == [("skipped", "all-posted")]


async def test_what_may_have_been_posted_is_never_composed_anew(bot: Bot) -> None:
    await ordered(bot, 6)
    first, second = await first_and_second(bot)
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    await bot.until(NINE)
    await bot.subscribing.unsubscribe(await bot.known(second))
    await bot.until(NINE + timedelta(hours=1))
    [message] = bot.platform.shown()
    assert [row.key for row in await bot.rows(first)] == [message.key]


async def test_a_clock_that_was_a_year_ahead_costs_no_year(bot: Bot) -> None:
    await bot.feed("2026-03-02")
    await bot.subscribe(at=time(9))
    bot.time.step(days=365)
    await bot.turn()
    later = bot.restarted()
    await later.turn()
    await later.turn()
    bot.time.step(days=-365)
    again = bot.restarted()
    for n in range(5):
        await bot.feed(date(2026, 3, 2 + n))
        await again.for_(days=1)
    assert [message.at.day for message in bot.platform.shown()] == [2, 3, 4, 5, 6]
    [standing] = await bot.subscribing.standings(READERS, bot.time.wall)
    assert standing.next == datetime(2026, 3, 7, 9, tzinfo=UTC)


async def test_one_that_waits_for_a_fuller_batch_says_until_when(bot: Bot) -> None:
    for day in (23, 24, 25, 26, 27):
        await bot.feed(date(2026, 2, day), count=10)
    await bot.subscribe(at=time(9))
    await bot.feed("2026-03-02", count=3)
    await bot.until(NINE + timedelta(minutes=30))
    card = views.subscriptions(await bot.subscribing.standings(READERS, bot.time.wall), bot.time.wall)
    assert "thin so far, so it waits for more until Mon 2 Mar 2026, 10:45 (UTC)" in card.rows[0].text
    assert bot.platform.shown() == []
    await bot.until(NINE + timedelta(hours=2))
    assert len(bot.platform.shown()) == 1
