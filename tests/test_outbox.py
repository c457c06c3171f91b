"""Sending: what each reply of a platform leads to, and that nothing is lost or posted twice for it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.deliveries import State, Why
from bot.errors import ConfigError, DeliveryError, Outcome, UserError
from bot.outbox import Timing
from bot.store import SqlStore
from bot.subscriptions import Asker, Channel
from tests.living import ADA, READERS, Bot, failing, living

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
NINE = MONDAY.replace(hour=9)
OTHER = Channel("fake", "guild", "other")
CUT = (Outcome.AMBIGUOUS, True)  # stored, and the connection broke
LOST = (Outcome.AMBIGUOUS, False)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """Five minutes before a digest is due."""
    async with living(store, tmp_path, MONDAY) as one:
        await one.feed("2026-03-02")
        await one.subscribe(at=time(9))
        await one.until(NINE - timedelta(minutes=5))
        yield one


def posts(bot: Bot) -> list[float]:
    """Seconds after nine at which it was posted."""
    return [(call.at - NINE).total_seconds() for call in bot.platform.called("post")]


async def live(bot: Bot, **span: float) -> None:
    await bot.until(NINE)
    await bot.until(NINE + timedelta(**span), seconds=5)


async def test_it_is_posted_once_and_no_history_is_read(bot: Bot) -> None:
    await live(bot, minutes=5)
    assert [call.what for call in bot.platform.calls] == ["post"]
    [row] = await bot.rows()
    assert (row.state, row.attempts, row.message_id, row.sent_at) == (State.SENT, 1, "m0", NINE)


async def test_a_platform_that_says_when_to_come_again_is_obeyed_and_the_attempt_does_not_count(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.NOT_SENT, retry_after=90)] * 2
    await live(bot, minutes=10)
    first, second, third = posts(bot)
    assert second - first >= 90 and third - second >= 90
    assert bot.platform.called("find") == []
    [row] = await bot.rows()
    assert (row.state, row.attempts) == (State.SENT, 1)


async def test_waiting_between_failures_grows_to_five_minutes_at_most(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.NOT_SENT)] * 12
    await bot.until(NINE + timedelta(hours=1), seconds=10)
    moments = posts(bot)
    waits = [later - one for one, later in pairwise(moments)]
    assert max(waits) <= 300 + 10
    assert sum(waits[:3]) <= 1 + 2 + 4 + 3 * 10
    assert len(bot.platform.shown()) == 1


@pytest.mark.parametrize("remembers", [0.0, 120.0])
@pytest.mark.parametrize("replies", [[CUT], [LOST], [LOST, CUT], [LOST, LOST, LOST], [CUT, LOST]])
async def test_what_may_have_been_sent_is_looked_for_and_neither_lost_nor_posted_twice(
    bot: Bot, replies: list[tuple[Outcome, bool]], remembers: float
) -> None:
    bot.platform.remembers = remembers
    bot.platform.replies += [failing(outcome, is_stored=stored) for outcome, stored in replies]
    await live(bot, minutes=10)
    assert len(bot.platform.shown()) == 1
    moments = posts(bot)
    assert all(later - one >= 10 for one, later in pairwise(moments))
    assert len(bot.platform.called("find")) >= 1
    [row] = await bot.rows()
    assert (row.state, row.message_id) == (State.SENT, "m0")


async def test_an_answer_that_does_not_come_in_time_may_have_been_sent(store: SqlStore, tmp_path: Path) -> None:
    timing = Timing(post=0.05, lease=0.5, settle=0.1)
    async with living(store, tmp_path, MONDAY, timing=timing) as bot:
        await bot.feed("2026-03-02")
        await bot.subscribe(at=time(9))
        await bot.until(NINE - timedelta(minutes=5))
        bot.platform.silent = 1
        await live(bot, minutes=1)
        assert len(bot.platform.shown()) == 1
        assert [call.what for call in bot.platform.calls] == ["post", "find"]


@pytest.mark.parametrize("outcome", [Outcome.AMBIGUOUS, Outcome.NOT_SENT])
async def test_a_look_into_the_history_that_fails_is_repeated_before_anything_is_posted(
    bot: Bot, outcome: Outcome
) -> None:
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    bot.platform.looks += [DeliveryError(outcome, "not now")] * 3
    await live(bot, minutes=30)
    assert [call.what for call in bot.platform.calls] == ["post", *["find"] * 4]
    assert len(bot.platform.shown()) == 1


async def test_a_history_that_cannot_be_read_for_half_a_day_longer_ends_in_doubt_and_holds_up_nothing(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    bot.platform.looks += [DeliveryError(Outcome.AMBIGUOUS, "not now")] * 1_000
    await bot.until(NINE + timedelta(hours=17), minutes=5)
    assert await bot.ends() == [(2, State.PENDING, None)]
    await bot.until(NINE + timedelta(hours=19), minutes=5)
    assert await bot.ends() == [(2, State.UNCERTAIN, Why.BLIND)]
    assert len(bot.platform.told) == 1
    bot.platform.looks.clear()
    await bot.feed("2026-03-03")
    await bot.until(NINE + timedelta(days=1), minutes=5)
    assert len(bot.platform.shown()) == 2


async def test_a_blind_platform_that_remembers_keys_is_asked_again_under_the_same(bot: Bot) -> None:
    bot.platform.remembers, bot.platform.is_blind = 120.0, True
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=True)]
    await live(bot, minutes=30)
    assert len({call.key for call in bot.platform.called("post")}) == 1
    assert len(bot.platform.shown()) == 1
    assert await bot.ends() == [(2, State.SENT, None)]
    assert bot.platform.told == []


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_blind_platform_without_memory_ends_in_doubt_and_the_owner_decides(
    bot: Bot, *, is_stored: bool
) -> None:
    bot.platform.is_blind = True
    bot.platform.replies += [failing(Outcome.AMBIGUOUS, is_stored=is_stored)]
    await live(bot, minutes=30)
    assert len(bot.platform.called("post")) == 1
    assert await bot.ends() == [(2, State.UNCERTAIN, Why.BLIND)]
    [(person, _, card)] = bot.platform.told
    assert person == ADA
    [row] = await bot.rows()
    assert [button.command for button in card.buttons] == [f"resume again:{row.key}"]
    await bot.subscribing.again(row.key, Asker(READERS, ADA), bot.time.wall)
    for _ in range(2):  # whoever presses it again is told that there is nothing to do
        with pytest.raises(UserError):
            await bot.subscribing.again(row.key, Asker(READERS, ADA), bot.time.wall)
        await bot.for_(minutes=2)
    assert len(bot.platform.called("post")) == 2
    assert await bot.ends() == [(2, State.SENT, None)]


async def test_what_is_posted_again_days_later_is_the_same_card(bot: Bot) -> None:
    bot.platform.is_blind = True
    bot.platform.replies += [failing(Outcome.AMBIGUOUS)]
    await live(bot, minutes=1)
    [row] = await bot.rows()
    bot.time.advance(days=2)
    await bot.records.ledger.purge(bot.time.wall - timedelta(days=90))
    await bot.subscribing.again(row.key, Asker(READERS, ADA), bot.time.wall)
    await bot.for_(minutes=5)
    assert [message.card for message in bot.platform.shown() if message.key == row.key] == [row.card]


async def test_a_card_that_is_refused_goes_out_as_plain_text_under_the_same_key(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.platform.replies += [failing(Outcome.REFUSED)]
    await live(bot, minutes=5)
    first, second = bot.platform.called("post")
    assert first.key == second.key
    [message] = bot.platform.shown()
    assert message.card.papers == () and "huggingface.co/papers/2601.00001" in message.card.text
    assert "goes out as plain text" in caplog.text


async def test_a_message_that_is_refused_in_every_form_is_given_up_and_the_next_one_is_sent(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.REFUSED)] * 2
    await live(bot, minutes=30)
    assert await bot.ends() == [(2, State.DEAD, Why.REFUSED)]
    await bot.until(NINE.replace(day=3), minutes=5)
    assert len(bot.platform.shown()) == 1


async def test_it_is_given_up_when_it_is_too_late_and_its_papers_come_with_the_next_one(bot: Bot) -> None:
    bot.platform.replies += [failing(Outcome.AMBIGUOUS)] * 1_000
    await bot.until(NINE + timedelta(hours=7), minutes=5)
    assert await bot.ends() == [(2, State.SKIPPED, Why.LATE)]
    bot.platform.replies.clear()
    await bot.until(NINE.replace(day=3, hour=4))
    await bot.feed("2026-03-03")
    await bot.until(NINE.replace(day=3))
    assert bot.platform.shown()[0].papers == ["2601.00007", "2601.00001", "2601.00008"]


async def test_an_older_digest_of_a_channel_goes_first_and_holds_up_no_other_channel(bot: Bot) -> None:
    await bot.subscribe("later", at=time(9, 1))
    await bot.subscribe(channel=OTHER, at=time(9, 1))
    bot.platform.replies += [failing(Outcome.NOT_SENT, retry_after=600)]
    await live(bot, minutes=9)
    assert bot.platform.shown() == []
    assert len(bot.platform.shown(OTHER)) == 1
    await bot.for_(minutes=10)
    rows = {row.key: row.name for row in [*await bot.rows(), *await bot.rows("later")]}
    assert [rows[message.key] for message in bot.platform.shown()] == ["papers", "later"]


async def test_one_post_of_a_channel_is_on_its_way_at_a_time(bot: Bot) -> None:
    for name in ("second", "third"):
        await bot.subscribe(name, at=time(9))
    await bot.planner.turn(bot.time.clock)
    bot.time.advance(minutes=5)
    claims = [await bot.records.ledger.claim("fake", "me", NINE, 60, 40) for _ in range(2)]
    assert [len(claimed) for claimed in claims] == [1, 0]
    await bot.records.ledger.acknowledge(claims[0][0], "m", NINE, NINE)
    assert len(await bot.records.ledger.claim("fake", "me", NINE, 60, 40)) == 1


async def test_a_claim_that_is_too_old_is_never_sent(bot: Bot) -> None:
    """The process stood still between the claim and the post."""
    await bot.planner.turn(bot.time.clock)
    bot.time.advance(minutes=5)
    bot.platform.stalls = 45.0
    assert await bot.outbox.send_due() == 1
    assert bot.platform.called("post") == []
    await live(bot, minutes=5)
    assert [call.what for call in bot.platform.calls] == ["find", "post"]
    assert len(bot.platform.shown()) == 1


async def test_an_acknowledgement_of_a_claim_that_somebody_else_has_taken_since_changes_nothing(bot: Bot) -> None:
    ledger = bot.records.ledger
    [stale] = await ledger.claim("fake", "first", NINE, 60, 1)
    [held] = await ledger.claim("fake", "second", NINE + timedelta(seconds=61), 60, 1)
    later = NINE + timedelta(seconds=62)
    assert not await ledger.acknowledge(stale, "m1", later, later)
    await ledger.give_back(stale, later, "too late", may_be_sent=False)
    await ledger.end(stale, State.DEAD, Why.REFUSED)
    bot.time.advance(minutes=10)
    assert await bot.ends() == [(2, State.PENDING, None)]
    assert await ledger.acknowledge(held, "m2", later, later)
    assert (await bot.rows())[0].message_id == "m2"


@pytest.mark.parametrize(
    ("post", "lease", "settle"), [(10, 29.9, 10), (10, 60, 41), (0, 60, 10), (10, 60, 0), (-1, 60, 10)]
)
def test_times_with_which_something_could_be_posted_twice_are_refused(post: float, lease: float, settle: float) -> None:
    with pytest.raises(ConfigError):
        Timing(post, lease, settle)
    assert replace(Timing(), lease=30.0).guard == 10
