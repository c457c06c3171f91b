"""The contract of the Ledger port: what is owed, to whom, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards import Card
from bot.deliveries import Delivery, State, Why
from bot.ports import Records
from bot.store import SqlStore, records
from bot.subscriptions import Kind, Subscription
from tests.deliveries import (
    CARD,
    ELSEWHERE,
    HERE,
    SETTLES,
    THERE,
    claimed,
    digest,
    due,
    frozen,
    planned,
    state_of,
    subscription,
    unfrozen,
)
from tests.papers import MONDAY, NOON, TUESDAY, later

PENDING = (State.PENDING, None)


@pytest.fixture
def kept(store: SqlStore) -> Records:
    return records(store)


async def test_what_is_planned_twice_is_owed_once(kept: Records) -> None:
    one = subscription()
    await kept.subscriptions.add(one)

    assert await kept.ledger.plan([(one, (due(), due(TUESDAY, later(days=1))))], later(days=2)) == 2
    assert await kept.ledger.plan([(one, (due(), due(TUESDAY, later(days=1))))], later(days=2)) == 0
    assert [found.local_date for found in await unfrozen(kept.ledger)] == [MONDAY, TUESDAY]


async def test_a_key_is_of_the_name_and_not_of_the_subscription(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [before] = await claimed(kept.ledger)
    await kept.ledger.acknowledge(before, "m", NOON, SETTLES)
    await kept.subscriptions.remove(subscription())
    await planned(kept, subscription(id="another"))  # unsubscribed, and subscribed again

    assert await unfrozen(kept.ledger) == ()
    assert [one.key for one in await kept.ledger.history(HERE, 10)] == [before.key]


async def test_a_plan_that_was_overtaken_by_a_change_writes_nothing(kept: Records) -> None:
    seen = subscription()
    await kept.subscriptions.add(seen)
    await kept.subscriptions.change(replace(seen, since=later(hours=1)), replan=True)

    assert await kept.ledger.plan([(seen, (due(),))], later(days=1)) == 0
    assert await unfrozen(kept.ledger) == ()


async def test_what_waits_for_its_card_is_read_in_pages_by_when_it_is_due(kept: Records) -> None:
    days = [due(MONDAY + timedelta(days=n), later(days=n)) for n in range(3)]
    for channel in (HERE, THERE, ELSEWHERE):
        await planned(kept, subscription(channel=channel), *days)
    found: list[tuple[Delivery, Subscription]] = []
    last: Delivery | None = None
    while page := await kept.ledger.unfrozen(later(days=1), last, 2):
        assert len(page) <= 2
        found += page
        last = page[-1][0]

    assert len({one.key for one, _ in found}) == len(found) == 6
    assert [one.due_at for one, _ in found] == [NOON] * 3 + [later(days=1)] * 3
    assert all(order.channel == one.channel and order.name == one.name for one, order in found)
    assert await kept.ledger.next_due(NOON) == later(days=1)
    assert await kept.ledger.next_due(later(days=2)) is None


async def test_a_card_is_frozen_once_and_its_papers_are_reserved(kept: Records) -> None:
    await planned(kept, subscription())
    [first] = await frozen(kept, "a", "b")
    await kept.ledger.freeze([replace(first, card=Card("Another"), papers=("c",))])

    assert await kept.ledger.posted(HERE, ["a", "b", "c"]) == {"a", "b"}
    assert await kept.ledger.posted(THERE, ["a", "b"]) == frozenset()
    assert await kept.ledger.posted(HERE, []) == frozenset()
    [taken] = await claimed(kept.ledger)
    assert (taken.card, taken.papers, taken.digest, taken.batch) == (CARD, ("a", "b"), "d", MONDAY)
    assert await unfrozen(kept.ledger) == ()


async def test_a_digest_never_changes(kept: Records) -> None:
    await kept.ledger.save_digest(digest())
    await kept.ledger.save_digest(digest(ranking=("other",)))

    assert await kept.ledger.digest("d") == digest()
    assert await kept.ledger.digest("none") is None


async def test_what_is_skipped_with_a_batch_has_had_it(kept: Records) -> None:
    await planned(kept, subscription(), due(), due(TUESDAY, later(days=1)))
    await kept.ledger.save_digest(digest())
    first, second = await unfrozen(kept.ledger)
    await kept.ledger.skip(replace(first, digest="d", batch=MONDAY), Why.NO_MATCH)
    await kept.ledger.skip(second, Why.NO_BATCH)

    [one] = await kept.subscriptions.of(HERE)
    assert one.cursor == MONDAY
    assert await kept.ledger.last_digest(one.id) == digest()
    assert await state_of(kept.ledger) == [(State.SKIPPED, Why.NO_BATCH), (State.SKIPPED, Why.NO_MATCH)]
    assert await claimed(kept.ledger, later(days=2)) == ()


async def test_of_several_that_are_due_only_the_newest_is_left(kept: Records) -> None:
    days = [due(MONDAY + timedelta(days=n), later(days=n)) for n in range(4)]
    await planned(kept, subscription(), *days)
    await planned(kept, subscription(channel=THERE), days[0])
    [first, *_] = await frozen(kept, "a")

    assert await kept.ledger.combine(later(days=2)) == 2
    assert await state_of(kept.ledger) == [
        PENDING,
        PENDING,
        (State.SKIPPED, Why.COMBINED),
        (State.SKIPPED, Why.COMBINED),
    ]
    assert await state_of(kept.ledger, THERE) == [PENDING]
    assert first.due_at == NOON


async def test_what_may_have_been_sent_is_never_combined_nor_expired(kept: Records) -> None:
    await planned(kept, subscription(), due(), due(TUESDAY, later(days=1)))
    await frozen(kept, "a")
    await claimed(kept.ledger)

    assert await kept.ledger.combine(later(days=1)) == 0
    assert await kept.ledger.expire(later(days=1, hours=7)) == 1
    assert await state_of(kept.ledger) == [(State.SKIPPED, Why.LATE), PENDING]


async def test_what_expires_gives_its_papers_back(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")

    assert await kept.ledger.expire(later(hours=5.99)) == 0
    assert await kept.ledger.expire(later(hours=6)) == 1
    assert await kept.ledger.posted(HERE, ["a"]) == frozenset()
    assert await claimed(kept.ledger, later(hours=6)) == ()


async def test_what_ended_long_ago_is_forgotten_but_never_what_was_shown(kept: Records) -> None:
    await planned(kept, subscription(), due(), due(TUESDAY, later(days=1)), due(MONDAY - timedelta(days=9), NOON))
    await frozen(kept, "a")
    for one in await claimed(kept.ledger):
        await kept.ledger.acknowledge(one, "m", NOON, SETTLES)
    await kept.ledger.claim_settling("fake", SETTLES, 10)
    await kept.ledger.purge(later(hours=1))

    assert [one.local_date for one in await kept.ledger.history(HERE, 10) if one.state is State.SENT] == []
    assert TUESDAY in [one.local_date for one in await kept.ledger.history(HERE, 10)]
    assert await kept.ledger.digest("d") == digest()  # it is in use
    assert await kept.ledger.posted(HERE, ["a"]) == {"a"}


async def test_the_history_is_of_one_channel_and_begins_with_the_latest(kept: Records) -> None:
    await planned(kept, subscription(), due(), due(TUESDAY, later(days=1)))
    await planned(kept, subscription(channel=ELSEWHERE))

    assert [one.local_date for one in await kept.ledger.history(HERE, 10)] == [TUESDAY, MONDAY]
    assert len(await kept.ledger.history(HERE, 1)) == 1
    assert await kept.ledger.history(THERE, 10) == ()


async def test_a_daily_and_a_weekly_digest_of_one_day_are_two(kept: Records) -> None:
    weekly = subscription()
    order = replace(weekly.order, schedule=replace(weekly.order.schedule, kind=Kind.WEEKLY))
    await planned(kept, subscription())
    await kept.subscriptions.change(replace(weekly, order=order), replan=False)
    [changed] = await kept.subscriptions.of(HERE)
    await kept.ledger.plan([(changed, (due(),))], later(days=1))

    assert {one.kind for one in await kept.ledger.history(HERE, 10)} == {Kind.DAILY, Kind.WEEKLY}
