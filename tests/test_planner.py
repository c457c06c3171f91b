"""What a digest brings: frozen a quarter of an hour before it is due, no paper twice in a channel, nothing forgotten."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.deliveries import State, Why
from bot.errors import Outcome
from bot.store import SqlStore
from bot.subscriptions import Channel, Kind
from tests.living import READERS, Bot, failing, living
from tests.papers import paper

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAYS = tuple(f"2026-03-{day:02}" for day in (2, 3, 4, 5, 6))
ROBOT = paper("2602.00001", title="A robot that walks", votes=50)
RUNNER = paper("2602.00002", title="A robot that runs", votes=40)
VIDEO = paper("2602.00003", title="Long video", votes=30)
ARM = paper("2602.00004", title="A robot arm", votes=5)


def at(day: int, hour: float) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    async with living(store, tmp_path, MONDAY) as one:
        yield one


async def fed_until(bot: Bot, day: int, *days: str) -> list[tuple[str, ...]]:
    """Live from batch to batch until noon of that day of March."""
    batches = []
    for one in days:
        await bot.until(max(bot.time.wall, datetime.fromisoformat(f"{one}T04:00:00+00:00")), minutes=30)
        batches.append(await bot.feed(one))
    await bot.until(at(day, 12), minutes=30)
    return batches


async def test_votes_count_as_they_are_a_quarter_of_an_hour_before_it_is_due(bot: Bot) -> None:
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.subscribe(at=time(9))
    await bot.until(at(2, 8.7))
    await bot.feed(DAYS[0], paper(ROBOT.id, votes=60), paper(VIDEO.id, votes=70))
    await bot.until(at(2, 8.8))
    await bot.feed(DAYS[0], paper(ROBOT.id, votes=99), paper(VIDEO.id, votes=70))
    await bot.until(at(2, 9))
    [message] = bot.platform.shown()
    assert message.papers == [VIDEO.id, ROBOT.id]
    assert message.at == at(2, 9)


async def test_a_retry_posts_the_same_card_under_the_same_key(bot: Bot) -> None:
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.subscribe(at=time(9))
    await bot.until(at(2, 8.9))
    *_, frozen = await bot.records.ledger.history(READERS, 5)
    bot.platform.replies += [failing(Outcome.NOT_SENT), failing(Outcome.AMBIGUOUS)]
    await bot.feed(DAYS[0], paper(ROBOT.id, votes=1), VIDEO, ARM)
    await bot.until(at(2, 9.5))
    [message] = bot.platform.shown()
    posts = bot.platform.called("post")
    assert [post.key for post in posts] == [frozen.key] * 3
    assert message.card == frozen.card


async def test_the_header_tells_batch_share_age_of_the_votes_and_what_was_left_out(bot: Bot) -> None:
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.subscribe("robots", query="robot", at=time(8))
    await bot.subscribe("all", at=time(9), top=5)
    await bot.until(at(2, 8.5))
    await bot.feed(DAYS[0], ROBOT, RUNNER, VIDEO, ARM)
    await bot.until(at(2, 9))
    robots, everything = (message.card for message in bot.platform.shown())
    assert robots.title == "Papers of Mon 2 Mar 2026 for “robot”"
    assert robots.text.startswith(
        "1 of 1 paper that passes the filter, of 2 in all · votes as of Mon 2 Mar 2026, 04:00 (UTC)"
    )
    assert everything.text == (
        "3 of 4 papers · votes as of Mon 2 Mar 2026, 08:30 (UTC) · 1 left out, because it was posted here before."
    )


async def test_stale_and_missing_data_are_said(bot: Bot) -> None:
    await bot.feed("2026-02-27")
    await bot.subscribe(at=time(9))
    await bot.until(at(2, 9))
    [partial] = bot.platform.shown()
    assert partial.card.text.endswith("The newest batch is not here yet.")
    await bot.until(at(3, 1))
    await bot.feed(DAYS[1])
    await bot.until(at(3, 9))
    stale = bot.platform.shown()[-1]
    assert "votes as of Tue 3 Mar 2026, 01:00 (UTC). The feed could not be asked since then" in stale.card.text


async def test_no_paper_comes_twice_over_orders_that_overlap_and_over_days(bot: Bot) -> None:
    for name, query in (("robots", "robot"), ("walkers", "robot walks"), ("all", "")):
        await bot.subscribe(name, query=query, at=time(9), top=2)
    await bot.feed(DAYS[0], ROBOT, RUNNER, VIDEO, ARM)
    await bot.until(at(3, 1))
    await bot.feed(DAYS[1], ROBOT, RUNNER, VIDEO, ARM, paper("2602.00005", title="A new robot"))
    await bot.until(at(4, 1))
    ids = [id_ for message in bot.platform.shown() for id_ in message.papers]
    assert len(ids) == len(set(ids))
    assert set(ids) == {ROBOT.id, RUNNER.id, VIDEO.id, ARM.id, "2602.00005"}


@pytest.mark.parametrize(("outcome", "posts"), [(Outcome.REFUSED, 2), (Outcome.FORBIDDEN, 1)])
async def test_papers_of_a_digest_that_was_never_posted_are_free_again(bot: Bot, outcome: Outcome, posts: int) -> None:
    await bot.subscribe(at=time(9))
    await fed_until(bot, 2, DAYS[0])
    await bot.until(at(3, 4))
    await bot.feed(DAYS[1], ROBOT, VIDEO)
    bot.platform.replies += [failing(outcome)] * posts
    await bot.until(at(3, 12))
    assert len(bot.platform.shown()) == 1
    await bot.until(at(4, 12), minutes=30)  # by then it has been probed
    await bot.until(at(5, 4))
    await bot.feed(DAYS[3], ARM)
    await bot.until(at(6, 12), minutes=30)
    assert {id_ for message in bot.platform.shown()[1:] for id_ in message.papers} >= {ROBOT.id, VIDEO.id}


async def test_papers_of_a_digest_that_came_too_late_are_free_again(bot: Bot) -> None:
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.subscribe(at=time(9))
    await bot.until(at(2, 8.9))
    bot.time.advance(hours=7)
    await bot.turn()
    await bot.for_(minutes=5)
    assert await bot.ends() == [(2, State.SKIPPED, Why.LATE)]
    await bot.until(at(3, 4))
    await bot.feed(DAYS[1], ARM)
    await bot.until(at(3, 9))
    assert {*bot.platform.shown()[0].papers} == {ROBOT.id, VIDEO.id, ARM.id}


async def test_what_came_late_into_a_batch_fills_free_places_of_a_narrow_filter(bot: Bot) -> None:
    await bot.subscribe(query="robot", at=time(9))
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.until(at(2, 14))
    await bot.feed(DAYS[0], ROBOT, VIDEO, RUNNER)
    await bot.until(at(3, 4))
    await bot.feed(DAYS[1], ARM, paper("2602.00009", title="Nothing of interest"))
    await bot.until(at(3, 9))
    assert [message.papers for message in bot.platform.shown()] == [[ROBOT.id], [ARM.id, RUNNER.id]]
    assert "1 that came late into the batch before" in bot.platform.shown()[-1].card.text


async def test_after_a_change_of_the_filter_nothing_of_the_batch_before_is_called_late(bot: Bot) -> None:
    subscription = await bot.subscribe(query="robot", at=time(9))
    await bot.feed(DAYS[0], ROBOT, VIDEO)
    await bot.until(at(2, 14))
    order = subscription.order
    known = await bot.known(order.name)
    await bot.subscribing.edit(known, type(order)(order.name, "video", schedule=order.schedule), bot.time.wall)
    await bot.until(at(3, 4))
    await bot.feed(DAYS[1], paper("2602.00009", title="Short video"))
    await bot.until(at(3, 9))
    assert bot.platform.shown()[-1].papers == ["2602.00009"]


async def test_a_thin_batch_is_waited_for_until_it_is_full(bot: Bot) -> None:
    await fed_until(bot, 4, *DAYS[:3])
    await bot.subscribe(at=time(9))
    await bot.until(at(5, 4))
    await bot.feed(DAYS[3], ROBOT)
    await bot.until(at(5, 9.9))
    assert bot.platform.shown() == []
    full = await bot.feed(DAYS[3], count=5)
    await bot.until(at(5, 10.5))
    assert bot.platform.shown()[0].papers == [*full[:3]]


@pytest.mark.parametrize(("hour", "sent_by"), [(9, 11), (20, 22), (21, 23), (23, 25)])
async def test_a_batch_that_stays_thin_is_sent_within_two_hours_in_the_evening_too(
    bot: Bot, hour: int, sent_by: float
) -> None:
    await fed_until(bot, 4, *DAYS[:3])
    await bot.subscribe(at=time(hour))
    await bot.until(at(4, 23.8), minutes=30)
    await bot.until(at(5, 4), minutes=30)
    shown = len(bot.platform.shown())
    await bot.feed(DAYS[3], ROBOT)
    await bot.until(at(5, hour + 1.5), minutes=30)
    assert len(bot.platform.shown()) == shown
    await bot.until(at(5, sent_by))
    assert bot.platform.shown()[-1].papers == [ROBOT.id]


async def test_a_narrow_filter_never_waits(bot: Bot) -> None:
    await fed_until(bot, 4, *DAYS[:3])
    await bot.subscribe(query="robot", at=time(9))
    await bot.until(at(5, 4), minutes=30)
    filler = (paper(f"2602.001{n:02}", title=f"Nothing of interest {n}") for n in range(5))
    await bot.feed(DAYS[3], ROBOT, *filler)
    await bot.until(at(5, 9))
    assert bot.platform.shown()[0].papers == [ROBOT.id]


async def test_a_filter_that_nothing_passes_posts_nothing_and_has_had_the_batch(bot: Bot) -> None:
    await bot.subscribe(query="robot", at=time(9))
    await fed_until(bot, 2, DAYS[0])
    assert await bot.ends() == [(2, State.SKIPPED, Why.NO_MATCH)]
    assert (await bot.known()).cursor == at(2, 0).date()
    assert bot.platform.calls == []


async def test_a_digest_of_which_all_was_posted_is_skipped_and_has_had_the_batch(bot: Bot) -> None:
    await bot.subscribe("first", at=time(8), top=9)
    await bot.subscribe("second", at=time(9), top=9)
    await fed_until(bot, 2, DAYS[0])
    assert await bot.ends("second") == [(2, State.SKIPPED, Why.ALL_POSTED)]
    assert (await bot.known("second")).cursor == at(2, 0).date()
    assert len(bot.platform.shown()) == 1


async def test_weekly_ranks_all_batches_of_the_week(bot: Bot) -> None:
    await bot.subscribe(at=time(17), days=(5,), kind=Kind.WEEKLY, top=12)
    batches = await fed_until(bot, 6, *DAYS)
    await bot.until(at(6, 17))
    [message] = bot.platform.shown()
    assert message.papers == [id_ for batch in batches for id_ in batch][:12]  # those of Monday have the most votes
    assert message.card.title == "Papers of the week, Mon 2 – Fri 6 Mar 2026" or "week" in message.card.title


async def test_on_some_days_it_brings_what_came_between_one_of_each_in_turn(bot: Bot) -> None:
    await bot.subscribe(at=time(9), days=(1, 3), top=4)
    monday, tuesday, wednesday = await fed_until(bot, 4, *DAYS[:3])
    first, second = bot.platform.shown()
    assert first.papers == [*monday[:4]]
    assert second.papers == [wednesday[0], tuesday[0], wednesday[1], tuesday[1]]
    assert second.at == at(4, 9)


async def test_one_digest_that_fails_for_whatever_reason_holds_up_no_other(store: SqlStore, tmp_path: Path) -> None:
    async with living(store, tmp_path, MONDAY) as bot:
        await bot.feed(DAYS[0])
        other = Channel("fake", "guild", "other")
        broken = await bot.subscribe("broken", at=time(8))
        await bot.subscribe(channel=other, at=time(9))
        async with store.database.transaction() as tx:
            await tx.execute("UPDATE subscriptions SET zone = 'Mars/Olympus' WHERE id = $1", broken.id)
        await bot.until(at(2, 9))
        assert len(bot.platform.shown(other)) == 1
        assert bot.platform.shown() == []
