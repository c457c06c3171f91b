"""What was sent before, and what becomes of it when the history, the database or the process fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from math import inf, nan
from pathlib import Path

import pytest

from bot import outbox
from bot.deliveries import Delivery, State, Why
from bot.errors import Outcome, StoreError
from bot.outbox import IN_FLIGHT, Outbox
from bot.ports import Ledger
from bot.store import SqlStore
from bot.subscriptions import Channel
from tests.living import READERS, Bot, FakePlatform, failing, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)
TABLES = ("subscriptions", "deliveries", "digests", "posted")


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """Five minutes before a digest is due."""
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        await one.subscribe(at=time(9))
        await one.until(NINE - timedelta(minutes=5))
        yield one


class Unreadable(FakePlatform):
    """Its history has something in it that nobody has thought of."""

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        self._note("find", channel, key)
        raise KeyError("author")


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_history_that_cannot_be_understood_ends_in_doubt_and_the_next_days_are_sent(
    store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_stored: bool
) -> None:
    async with living(store, tmp_path, MONDAY) as one:
        broken = Unreadable(one.time)
        outbox = Outbox(broken, one.records, one.time.clock, owner="this")
        bot = replace(one, platform=broken, outbox=outbox)
        await bot.feed("2026-03-02")
        await bot.subscribe(at=time(9))
        broken.replies += [failing(Outcome.AMBIGUOUS, is_stored=is_stored)]
        await bot.until(NINE + timedelta(hours=19), minutes=10)
        assert await bot.ends() == [(2, State.UNCERTAIN, Why.BLIND)]
        assert "could not be looked at" in caplog.text
        await bot.feed("2026-03-03")
        await bot.until(NINE + timedelta(days=1), minutes=10)
        assert len(broken.shown()) == 1 + is_stored


async def test_what_a_backup_did_not_know_to_be_sent_is_acknowledged_and_never_edited(bot: Bot) -> None:
    """It was frozen anew since then, and might bring other papers than what the channel shows."""
    await bot.until(NINE)
    [message] = bot.platform.shown()
    async with bot.store.database.transaction() as tx:
        await tx.execute("UPDATE deliveries SET state = 'pending', attempts = 0, first_claim = NULL, run_at = due_at")
    bot.time.advance(minutes=10)
    again = bot.restarted()
    await again.for_(hours=14)
    assert [(one.id, one.edits) for one in bot.platform.shown()] == [(message.id, 0)]
    assert (await bot.rows())[0].state is State.SENT
    await bot.records.ledger.purge(bot.time.wall - timedelta(days=90))
    assert (await bot.rows())[0].card is None


class Forgetful:
    """A ledger that cannot be written to when something was sent, for so many times."""

    def __init__(self, ledger: Ledger, times: int) -> None:
        self._ledger = ledger
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    async def acknowledge(self, delivery: Delivery, message_id: str, now: datetime, settle_at: datetime | None) -> bool:
        if self.left:
            self.left -= 1
            raise StoreError("the database is locked")
        return await self._ledger.acknowledge(delivery, message_id, now, settle_at)


@pytest.mark.parametrize(("times", "end"), [(1, State.SENT), (40, State.SENT), (1_000, State.UNCERTAIN)])
async def test_that_it_was_sent_is_written_as_soon_as_the_database_can_be_while_nobody_else_may_have_it(
    bot: Bot, times: int, end: State
) -> None:
    bot.platform.is_blind = True
    ledger: Ledger = Forgetful(bot.records.ledger, times)  # type: ignore[assignment]
    outbox = Outbox(bot.platform, replace(bot.records, ledger=ledger), bot.time.clock, owner="this")
    await replace(bot, outbox=outbox).until(NINE + timedelta(minutes=10))
    assert len(bot.platform.shown()) == 1
    [row] = await bot.rows()
    assert row.state is end


@pytest.mark.parametrize("asked", [nan, inf, -inf, -1e9, 3.2e7])
@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.AMBIGUOUS])
async def test_a_wait_that_makes_no_sense_delays_it_by_an_hour_at_most(
    bot: Bot, outcome: Outcome, asked: float
) -> None:
    bot.platform.replies += [failing(outcome, retry_after=asked)]
    await bot.until(NINE + timedelta(minutes=66))
    assert len(bot.platform.shown()) == 1


async def test_nothing_is_sent_any_more_when_the_outbox_has_ended(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even what was claimed at that moment."""
    monkeypatch.setattr(outbox, "FINISH_SECONDS", 0.05)
    for number in range(IN_FLIGHT):
        await bot.subscribe(channel=Channel("fake", "guild", str(number)), at=time(9))
    await bot.planner.turn(bot.time.clock)
    bot.time.advance(minutes=5)
    bot.platform.silent = 1_000
    running = asyncio.create_task(bot.outbox.run(is_alone=False))
    while len(bot.platform.called("post")) < IN_FLIGHT:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Slow(FakePlatform):
    """The machine sleeps while the history is looked at."""

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        self.time.wall += timedelta(hours=8)
        return await FakePlatform.find(self, channel, key=key, since=since)


async def test_what_expires_while_the_history_is_looked_at_is_not_sent(bot: Bot) -> None:
    slow = Slow(bot.time)
    slow.replies += [failing(Outcome.AMBIGUOUS)]
    outbox = Outbox(slow, bot.records, bot.time.clock, owner="this")
    asleep = replace(bot, platform=slow, outbox=outbox)
    await asleep.until(NINE)
    bot.time.advance(minutes=1)
    await outbox.send_due()
    assert [call.what for call in slow.calls] == ["post", "find"]
    assert await bot.ends() == [(2, State.SKIPPED, Why.LATE)]
    assert slow.shown(READERS) == []
