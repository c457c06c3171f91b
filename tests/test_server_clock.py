"""The time as a platform tells it: it is asked where it may be wrong, and no wrong answer stops digests for good."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.clock import ASKED_EVERY, OLD, ServerClock
from bot.digest import Planner
from bot.errors import DeliveryError, Outcome
from bot.outbox import Outbox
from bot.ports import Platform
from bot.store import SqlStore
from tests.living import Bot, FakePlatform, SimulatedTime, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)


class Dated(FakePlatform):
    """Each of its answers has a date, which a proxy may set wrong; it can be out of reach."""

    is_away: bool = False
    wrong_by: timedelta = timedelta()
    asked: int = 0
    clock: ServerClock

    def answered(self) -> None:
        self.clock.heed(format_datetime(self.time.true + self.wrong_by, usegmt=True))

    async def post(self, *args: object, **named: object) -> str:
        posted = await FakePlatform.post(self, *args, **named)  # type: ignore[arg-type]
        self.answered()
        return posted

    async def now(self) -> None:
        self.asked += 1
        if self.is_away:
            raise DeliveryError(Outcome.NOT_SENT, "it cannot be reached")
        self.answered()

    async def ahead(self) -> float | None:
        return await self.clock.asked(self.time.now, self.now)


def dated(time: SimulatedTime, name: str = "fake") -> Dated:
    platform = Dated(time, name)
    platform.clock = ServerClock(time.monotonic)
    return platform


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        await one.subscribe(at=time(9))
        yield served(one, dated(one.time))


def served(bot: Bot, platform: Dated, *others: Platform) -> Bot:
    """The bot as a process that has just begun."""
    planner = Planner(bot.records, bot.index, {one.name: one for one in (platform, *others)}, patience=0.05)
    return replace(
        bot,
        platform=platform,
        planner=planner,
        outbox=Outbox(platform, bot.records, bot.time.clock, owner="this"),
    )


def of(bot: Bot) -> Dated:
    assert isinstance(bot.platform, Dated)
    return bot.platform


async def test_it_is_asked_before_the_first_answer_and_again_when_that_is_old(bot: Bot) -> None:
    platform = of(bot)
    for _ in range(int(2 * OLD)):
        assert await platform.ahead() == pytest.approx(0, abs=1)
        bot.time.advance(seconds=1)
    assert platform.asked == 2


async def test_a_platform_out_of_reach_says_nothing_and_is_asked_once_a_minute(bot: Bot) -> None:
    platform = of(bot)
    platform.is_away = True
    for _ in range(600):
        assert await platform.ahead() is None
        bot.time.advance(seconds=1)
    assert platform.asked == 600 / ASKED_EVERY
    platform.is_away = False
    bot.time.advance(seconds=ASKED_EVERY)
    assert await platform.ahead() is not None


async def test_all_who_ask_at_the_beginning_have_the_same_answer(bot: Bot) -> None:
    bot.time.step(days=1)
    answers = await asyncio.gather(*(of(bot).ahead() for _ in range(3)))
    assert answers == [pytest.approx(86_400, abs=1)] * 3
    assert of(bot).asked == 1


@pytest.mark.parametrize("days", [-1, 1, 10, 365])
async def test_a_clock_that_is_wrong_when_the_process_begins_is_not_trusted(bot: Bot, days: int) -> None:
    bot.time.step(days=days)
    await bot.for_(hours=2)
    assert of(bot).calls == []
    assert (await bot.known()).planned_until == MONDAY
    bot.time.step(days=-days)
    await bot.until(NINE + timedelta(minutes=5))
    assert [message.at for message in of(bot).shown()] == [NINE]


def sleep(bot: Bot) -> None:
    """Of the machine: one clock stands still meanwhile."""
    bot.time.wall += timedelta(hours=20)


def lie(bot: Bot) -> None:
    """Of a proxy, once."""
    of(bot).wrong_by = timedelta(hours=-3)
    of(bot).answered()
    of(bot).wrong_by = timedelta()


@pytest.mark.parametrize("trouble", [sleep, lie])
async def test_after_a_sleep_or_one_wrong_date_it_goes_on(bot: Bot, trouble: Callable[[Bot], None]) -> None:
    await bot.until(NINE + timedelta(hours=3))
    assert len(of(bot).shown()) == 1
    trouble(bot)
    await bot.for_(minutes=10)
    await bot.until(datetime(2026, 3, 3, 8, tzinfo=UTC), minutes=30)
    await bot.feed("2026-03-03")
    await bot.until(datetime(2026, 3, 3, 10, tzinfo=UTC))
    assert len(of(bot).shown()) == 2


async def test_a_platform_that_is_always_wrong_stops_no_other(bot: Bot) -> None:
    wrong = dated(bot.time, "wrong")
    wrong.wrong_by = timedelta(hours=5)
    both = served(bot, of(bot), wrong)
    await both.until(NINE + timedelta(minutes=5))
    assert len(of(bot).shown()) == 1


class Broken(Dated):
    """It cannot even be asked."""

    async def ahead(self) -> float | None:
        raise LookupError("a bug")


async def test_a_platform_that_cannot_be_asked_holds_no_planning_up(bot: Bot) -> None:
    both = served(bot, of(bot), Broken(bot.time, "broken"))
    await both.until(NINE + timedelta(minutes=5))
    assert len(of(bot).shown()) == 1
