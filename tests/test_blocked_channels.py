"""Channels that cannot be posted to: one call, one message to the owner, and it goes on by itself when it can."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.deliveries import State, Why
from bot.errors import DeliveryError, Outcome
from bot.store import SqlStore
from bot.subscriptions import Channel, Pause, Standing
from tests.living import ADA, READERS, Bot, failing, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)
SISTER = Channel("fake", "guild", "sister")
STRANGER = Channel("fake", "elsewhere", "stranger")
DEFINITE = [
    (Outcome.FORBIDDEN, Standing.PAUSED, Pause.PERMISSION),
    (Outcome.GONE, Standing.GONE, Pause.CHANNEL_GONE),
    (Outcome.TENANT_LOST, Standing.PAUSED, Pause.TENANT_LOST),
]


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        yield one


async def probes(bot: Bot, days: int) -> list[float]:
    """Live so long; the days after the first failure on which it was looked whether posts are possible."""
    await bot.until(NINE + timedelta(days=days, hours=1), hours=1)
    return [round((call.at - NINE) / timedelta(days=1), 1) for call in bot.platform.called("check")]


@pytest.mark.parametrize(("outcome", "standing", "pause"), DEFINITE)
async def test_the_first_such_failure_pauses_all_orders_of_the_channel_and_tells_their_owner_once(
    bot: Bot, outcome: Outcome, standing: Standing, pause: Pause
) -> None:
    for name in ("papers", "more"):
        await bot.subscribe(name, at=time(9))
    bot.platform.blocked[READERS.id] = outcome
    await bot.until(NINE + timedelta(hours=20))
    assert len(bot.platform.called("post")) == 1
    assert [person for person, _, _ in bot.platform.told] == [ADA]
    assert "more and papers" in bot.platform.told[0][2].title
    for name in ("papers", "more"):
        subscription = await bot.known(name)
        assert (subscription.standing, subscription.pause) == (standing, pause)
    ends = [(await bot.ends(name))[0] for name in ("papers", "more")]
    assert sorted(ends) == [(2, State.DEAD, Why.CHANNEL), (2, State.SKIPPED, Why.PAUSED)]


@pytest.mark.parametrize("outcome", [Outcome.FORBIDDEN, Outcome.GONE])
async def test_other_channels_of_the_tenant_go_on(bot: Bot, outcome: Outcome) -> None:
    for channel in (READERS, SISTER):
        await bot.subscribe(channel=channel, at=time(9))
    bot.platform.blocked[READERS.id] = outcome
    await bot.until(NINE + timedelta(hours=1))
    assert len(bot.platform.shown(SISTER)) == 1


async def test_a_tenant_that_is_lost_pauses_all_of_its_channels_and_no_other(bot: Bot) -> None:
    for channel in (READERS, SISTER, STRANGER):
        await bot.subscribe(channel=channel, at=time(9) if channel != SISTER else time(10))
    bot.platform.blocked["guild"] = Outcome.TENANT_LOST
    await bot.until(NINE + timedelta(hours=3))
    assert [call.channel for call in bot.platform.called("post")].count(READERS) == 1
    assert not [call for call in bot.platform.calls if call.channel == SISTER]
    assert len(bot.platform.shown(STRANGER)) == 1
    assert (await bot.known(channel=SISTER)).pause is Pause.TENANT_LOST
    assert len(bot.platform.told) == 1


async def test_nothing_is_kept_of_a_tenant_that_was_lost_thirty_days_ago(bot: Bot) -> None:
    for channel in (READERS, SISTER, STRANGER):
        await bot.subscribe(channel=channel, at=time(9))
    by_hand = await bot.subscribe("by-hand", channel=SISTER, at=time(10))
    await bot.subscribing.pause(by_hand, None, bot.time.wall)
    bot.platform.blocked["guild"] = Outcome.TENANT_LOST
    await bot.until(NINE + timedelta(days=29), hours=6)
    assert len(await bot.subscribing.of(SISTER)) == 2
    await bot.until(NINE + timedelta(days=31), hours=6)
    for channel in (READERS, SISTER):
        assert await bot.subscribing.of(channel) == ()
        assert await bot.records.ledger.history(channel, 10) == ()
    assert len(await bot.subscribing.of(STRANGER)) == 1
    assert await bot.records.ledger.history(STRANGER, 10)


async def test_it_is_probed_after_one_three_and_seven_days_each_week_and_given_up_after_thirty(bot: Bot) -> None:
    for name in ("papers", "more"):
        await bot.subscribe(name, at=time(9))
    bot.platform.blocked[READERS.id] = Outcome.FORBIDDEN
    assert await probes(bot, 40) == [1, 3, 7, 14, 21, 28, 30]  # once for both orders
    assert {(await bot.known(name)).standing for name in ("papers", "more")} == {Standing.GONE}
    assert len(bot.platform.told) == 1


async def test_it_goes_on_by_itself_when_it_can_be_posted_to_again(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    bot.platform.blocked[READERS.id] = Outcome.FORBIDDEN
    await bot.until(NINE + timedelta(days=2))
    bot.platform.blocked.clear()
    await bot.until(NINE + timedelta(days=3, hours=12), hours=1)
    await bot.feed("2026-03-06")
    await bot.until(NINE + timedelta(days=4, hours=1))
    assert (await bot.known()).standing is Standing.ACTIVE
    assert [message.at for message in bot.platform.shown()] == [NINE + timedelta(days=4)]


async def test_whoever_gives_the_right_and_resumes_has_the_digest_of_the_next_day(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    bot.platform.blocked[READERS.id] = Outcome.FORBIDDEN
    await bot.until(NINE + timedelta(hours=1))
    bot.platform.blocked.clear()
    await bot.subscribing.resume(await bot.known(), bot.time.wall)
    await bot.until(NINE + timedelta(hours=19), minutes=30)
    await bot.feed("2026-03-03")
    await bot.until(NINE + timedelta(days=1))
    assert [message.at for message in bot.platform.shown()] == [NINE + timedelta(days=1)]


@pytest.mark.parametrize("how", ["hangs", "fails", "breaks"])
async def test_a_platform_that_does_not_say_is_asked_again_soon_and_holds_nobody_up(bot: Bot, how: str) -> None:
    await bot.subscribe(at=time(9))
    bot.platform.blocked[READERS.id] = Outcome.FORBIDDEN
    await bot.until(NINE + timedelta(hours=23), hours=1)
    bot.platform.blocked.clear()
    bot.platform.hangs = how == "hangs"
    errors = {"fails": DeliveryError(Outcome.AMBIGUOUS, "not now"), "breaks": LookupError("a bug")}
    bot.platform.check_fails = errors.get(how)
    await bot.subscribe(channel=SISTER, at=time(9))
    await bot.until(NINE + timedelta(days=1, hours=3), minutes=30)
    assert len(bot.platform.shown(SISTER)) == 1
    assert (await bot.known()).pause is Pause.PERMISSION
    bot.platform.hangs, bot.platform.check_fails = False, None
    await bot.for_(hours=1)
    assert (await bot.known()).standing is Standing.ACTIVE


async def test_when_not_even_the_history_can_be_looked_at_nothing_is_said_to_be_sent_or_not(bot: Bot) -> None:
    await bot.subscribe(at=time(9))
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    await bot.until(NINE)
    bot.platform.blocked[READERS.id] = Outcome.FORBIDDEN
    await bot.until(NINE + timedelta(hours=25))
    bot.platform.blocked.clear()
    assert (await bot.ends())[0] == (2, State.UNCERTAIN, Why.CHANNEL)
    await bot.until(NINE + timedelta(days=3, hours=20), hours=1)
    await bot.feed("2026-03-06")
    await bot.until(NINE + timedelta(days=4))
    papers = [id_ for message in bot.platform.shown() for id_ in message.papers]
    assert len(papers) == len(set(papers)) == 6


@pytest.mark.parametrize("how", ["pause", "unsubscribe"])
@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.AMBIGUOUS])
async def test_what_is_paused_or_ended_while_it_is_being_sent_is_not_tried_again(
    bot: Bot, how: str, outcome: Outcome
) -> None:
    subscription = await bot.subscribe(at=time(9))
    bot.platform.replies += [failing(outcome, retry_after=60)]
    await bot.until(NINE)
    assert len(bot.platform.called("post")) == 1
    async with bot.store.database.transaction() as tx:  # as if it were on its way just now
        await tx.execute("UPDATE deliveries SET attempts = 1 WHERE failures = 1")
    subscription = await bot.known()
    if how == "pause":
        await bot.subscribing.pause(subscription, None, NINE)
    else:
        await bot.subscribing.unsubscribe(subscription)
    async with bot.store.database.transaction() as tx:
        if outcome is Outcome.NOT_SENT:
            await tx.execute("UPDATE deliveries SET attempts = 0 WHERE failures = 1")
    await bot.for_(hours=1)
    assert len(bot.platform.called("post")) == 1
    assert await bot.ends() == [(2, State.SKIPPED, Why.PAUSED)]
