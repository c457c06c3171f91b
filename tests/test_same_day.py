"""Orders that are changed while their digest is on its way: nothing comes twice on a day, nothing is dropped."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.deliveries import Due
from bot.errors import Outcome, UserError
from bot.store import SqlStore
from bot.subscriptions import Standing
from tests.living import READERS, Bot, failing, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)
Change = Callable[[Bot], Awaitable[object]]


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        await one.subscribe(at=time(9))
        yield one


async def edited(bot: Bot, **schedule: object) -> None:
    known = await bot.known()
    order = replace(known.order, schedule=replace(known.order.schedule, **schedule))  # type: ignore[arg-type]
    await bot.subscribing.edit(known, order, bot.time.wall)


async def paused(bot: Bot) -> None:
    await bot.subscribing.pause(await bot.known(), None, bot.time.wall)
    await bot.for_(minutes=10)
    await bot.subscribing.resume(await bot.known(), bot.time.wall)


async def renewed(bot: Bot) -> None:
    await bot.subscribing.unsubscribe(await bot.known())
    await bot.for_(minutes=10)
    await bot.subscribe(at=time(11))


async def postponed(bot: Bot) -> None:
    await edited(bot, at=time(11))


async def moved(bot: Bot) -> None:
    await edited(bot, zone="America/Los_Angeles")


CHANGES: list[Change] = [paused, renewed, postponed, moved]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("minutes", [5, 60])
async def test_after_it_was_posted_no_change_brings_a_second_one_on_that_day(
    bot: Bot, change: Change, minutes: int
) -> None:
    await bot.until(NINE + timedelta(minutes=minutes))
    await change(bot)
    await bot.feed("2026-03-02")
    await bot.until(MONDAY + timedelta(hours=23))
    rows = [row.local_date for row in await bot.rows()]
    assert len(bot.platform.shown()) == 1
    assert rows == [date(2026, 3, 2)]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("minutes", [-60, -10])
async def test_before_it_is_posted_a_change_moves_it_and_loses_nothing(bot: Bot, change: Change, minutes: int) -> None:
    await bot.until(NINE + timedelta(minutes=minutes))
    await change(bot)
    await bot.until(MONDAY + timedelta(hours=23))
    hours: dict[Change, int] = {paused: 9, renewed: 11, postponed: 11, moved: 17}
    if change is paused and minutes == -10:
        assert bot.platform.shown() == []  # at nine it was paused
    else:
        assert [message.at.hour for message in bot.platform.shown()] == [hours[change]]


async def test_what_may_have_been_sent_stays_as_it_is_when_the_time_changes(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    await bot.until(NINE)
    await postponed(bot)
    await bot.until(MONDAY + timedelta(hours=23))
    assert len(bot.platform.shown()) == 1
    assert [row.due_at for row in await bot.rows()] == [NINE]


async def test_it_goes_on_by_itself_at_the_beginning_of_the_day_until_which_it_was_paused(bot: Bot) -> None:
    await edited(bot, zone="Asia/Tokyo")
    await bot.subscribing.pause(await bot.known(), date(2026, 3, 5), bot.time.wall)
    midnight = datetime(2026, 3, 4, 15, tzinfo=UTC)
    await bot.until(midnight - timedelta(minutes=5), hours=1)
    assert (await bot.known()).standing is Standing.PAUSED
    await bot.until(midnight)
    assert (await bot.known()).standing is Standing.ACTIVE
    await bot.feed("2026-03-04")
    await bot.for_(hours=10)
    assert [message.at for message in bot.platform.shown()] == [datetime(2026, 3, 5, tzinfo=UTC)]


async def test_a_change_that_somebody_else_made_first_is_not_overwritten(bot: Bot) -> None:
    stale = await bot.known()
    await postponed(bot)
    with pytest.raises(UserError):
        await bot.subscribing.pause(stale, None, bot.time.wall)
    assert (await bot.known()).order.schedule.at == time(11)


async def test_an_order_that_is_paused_behind_the_planners_back_is_not_sent(bot: Bot) -> None:
    """Its rows were read before and written after."""
    await bot.until(MONDAY + timedelta(hours=1))
    async with bot.store.database.transaction() as tx:
        await tx.execute("UPDATE subscriptions SET state = 'paused', pause = 'asked'")
    await bot.until(NINE + timedelta(hours=1))
    assert bot.platform.calls == []


@pytest.mark.parametrize("how", ["edit", "pause", "unsubscribe"])
async def test_what_was_changed_while_it_was_being_planned_is_planned_as_it_is_then(bot: Bot, how: str) -> None:
    [read] = await bot.records.subscriptions.unplanned(NINE + timedelta(days=9), 10)
    if how == "edit":
        await postponed(bot)
    elif how == "pause":
        await bot.subscribing.pause(read, None, bot.time.wall)
    else:
        await bot.subscribing.unsubscribe(read)
    due = Due(date(2026, 3, 2), NINE, NINE + timedelta(hours=6))
    await bot.records.ledger.plan([(read, [due])], NINE + timedelta(days=1))
    await bot.until(NINE + timedelta(hours=4))
    assert [message.at.hour for message in bot.platform.shown()] == ([11] if how == "edit" else [])


async def renamed(bot: Bot, **schedule: object) -> None:
    known = await bot.known()
    order = replace(known.order, name="other", schedule=replace(known.order.schedule, **schedule))  # type: ignore[arg-type]
    await bot.subscribing.edit(known, order, bot.time.wall)


@pytest.mark.parametrize("schedule", [{}, {"at": time(15)}])
@pytest.mark.parametrize("is_blind", [False, True])
async def test_another_name_brings_no_second_digest_of_what_may_have_been_posted(
    bot: Bot, schedule: dict[str, object], *, is_blind: bool
) -> None:
    await bot.feed("2026-03-02", count=12)
    bot.platform.is_blind = is_blind
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    await bot.until(NINE)
    if is_blind:
        await bot.for_(minutes=10)
    await renamed(bot, **schedule)
    await bot.until(MONDAY + timedelta(hours=23))
    assert len(bot.platform.shown()) == 1
    assert await bot.rows("other") == []


async def test_after_another_name_the_day_that_is_promised_is_one_that_comes(bot: Bot) -> None:
    await bot.until(NINE + timedelta(minutes=10))
    known = await bot.known()
    order = replace(known.order, name="other", schedule=replace(known.order.schedule, at=time(15)))
    _, first = await bot.subscribing.edit(known, order, bot.time.wall)
    [standing] = await bot.subscribing.standings(READERS, bot.time.wall)
    assert first
    assert first.local_date == date(2026, 3, 3)
    assert standing.next == first.at


async def test_before_it_is_posted_another_name_loses_nothing(bot: Bot) -> None:
    await bot.until(NINE - timedelta(minutes=5))
    await renamed(bot)
    await bot.until(MONDAY + timedelta(hours=23))
    assert [message.at.hour for message in bot.platform.shown()] == [9]
