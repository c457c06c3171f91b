"""The contract of the Ledger port for whoever sends: claims, leases, fencing, and what is said of how it ended."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.deliveries import State, Why
from bot.ports import Records
from bot.store import SqlStore, records
from bot.subscriptions import Channel
from tests.deliveries import CARD, HERE, SETTLES, THERE, claimed, due, frozen, planned, state_of, subscription, unfrozen
from tests.papers import MONDAY, NOON, TUESDAY, later

PENDING = (State.PENDING, None)


@pytest.fixture
def kept(store: SqlStore) -> Records:
    return records(store)


async def test_nothing_is_claimed_before_it_is_due_or_frozen(kept: Records) -> None:
    await planned(kept, subscription(), due(), due(TUESDAY, later(days=1)))

    assert await claimed(kept.ledger) == ()
    await frozen(kept, "a")
    assert await claimed(kept.ledger, later(seconds=-1)) == ()
    assert [one.local_date for one in await claimed(kept.ledger)] == [MONDAY]
    assert await kept.ledger.claim("slack", "a", later(days=2), 60.0, 10) == ()


async def test_a_claim_lasts_as_long_as_its_lease_and_counts(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [first] = await claimed(kept.ledger)

    assert (first.attempts, first.first_claim) == (1, NOON)
    assert await claimed(kept.ledger, later(seconds=59.9), owner="b") == ()
    [second] = await claimed(kept.ledger, later(seconds=60), owner="b")
    assert (second.key, second.attempts, second.first_claim) == (first.key, 2, NOON)


async def test_a_channel_gets_one_at_a_time_and_the_older_first(kept: Records) -> None:
    await planned(kept, subscription("first"), due())
    await planned(kept, subscription("second"), due(at=later(minutes=1)))
    await planned(kept, subscription("other", THERE), due(at=later(minutes=2)))
    await frozen(kept, "a")
    now = later(minutes=3)

    assert [one.name for one in await claimed(kept.ledger, now)] == ["first", "other"]
    assert await claimed(kept.ledger, now) == ()
    [first] = await claimed(kept.ledger, later(minutes=5), limit=1)
    await kept.ledger.give_back(first, later(minutes=30), "busy", may_be_sent=False)
    assert [one.name for one in await claimed(kept.ledger, later(minutes=6))] == ["other"]  # order is kept
    [first] = [one for one in await claimed(kept.ledger, later(minutes=30)) if one.name == "first"]
    await kept.ledger.acknowledge(first, "m", later(minutes=30), SETTLES)
    assert "second" in [one.name for one in await claimed(kept.ledger, later(minutes=30))]


async def test_a_limit_takes_the_oldest(kept: Records) -> None:
    for n in range(5):
        await planned(kept, subscription(channel=replace(HERE, id=str(n))), due(at=later(minutes=-n)))
    await frozen(kept, "a")

    assert {one.channel.id for one in await claimed(kept.ledger, limit=2)} == {"4", "3"}


async def test_all_claims_end_when_whoever_held_them_is_gone(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    await claimed(kept.ledger)

    assert await kept.ledger.lapse("slack", NOON) == 0
    assert await kept.ledger.lapse("fake", later(seconds=10)) == 1
    [again] = await claimed(kept.ledger, later(seconds=10))
    assert (again.attempts, again.first_claim) == (2, NOON)


async def test_only_who_claimed_last_can_say_how_it_ended(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [stale] = await claimed(kept.ledger)
    [held] = await claimed(kept.ledger, later(minutes=2))
    await kept.ledger.end(stale, State.DEAD, Why.REFUSED)
    await kept.ledger.give_back(stale, NOON, "x", may_be_sent=False)

    assert not await kept.ledger.acknowledge(stale, "m1", NOON, SETTLES)
    assert await state_of(kept.ledger) == [PENDING]
    assert await kept.ledger.acknowledge(held, "m2", later(minutes=2), SETTLES)
    assert not await kept.ledger.acknowledge(held, "m3", later(minutes=2), SETTLES)
    [sent] = await kept.ledger.history(HERE, 1)
    assert (sent.state, sent.message_id, sent.sent_at, sent.error) == (State.SENT, "m2", later(minutes=2), "")
    [one] = await kept.subscriptions.of(HERE)
    assert one.cursor == MONDAY


@pytest.mark.parametrize(("may_be_sent", "attempts", "first_claim"), [(True, 2, NOON), (False, 1, later(minutes=1))])
async def test_an_attempt_that_was_not_sent_does_not_count(
    kept: Records, *, may_be_sent: bool, attempts: int, first_claim: object
) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.give_back(held, later(minutes=1), "busy", may_be_sent=may_be_sent)

    assert await claimed(kept.ledger, later(seconds=59)) == ()
    [again] = await claimed(kept.ledger, later(minutes=1))
    assert (again.attempts, again.failures, again.error) == (attempts, 1, "busy")
    assert again.first_claim == first_claim


@pytest.mark.parametrize(("state", "reserved"), [(State.UNCERTAIN, {"a"}), (State.DEAD, set()), (State.SKIPPED, set())])
async def test_what_may_be_in_the_channel_stays_reserved(kept: Records, state: State, reserved: set[str]) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.end(held, state, Why.BLIND, "because")

    assert await kept.ledger.posted(HERE, ["a"]) == reserved
    [ended] = await kept.ledger.history(HERE, 1)
    assert (ended.state, ended.why, ended.error) == (state, Why.BLIND, "because")
    assert await claimed(kept.ledger, later(hours=1)) == ()


@pytest.mark.parametrize("is_tidied", [False, True])
async def test_only_what_is_uncertain_is_posted_again_and_with_its_card(kept: Records, *, is_tidied: bool) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)

    assert await kept.ledger.again(held.key, HERE, NOON) is None
    await kept.ledger.end(held, State.UNCERTAIN, Why.BLIND)
    if is_tidied:
        await kept.ledger.purge(later(days=-90))
    assert await kept.ledger.again("another", HERE, NOON) is None
    found = await kept.ledger.again(held.key, HERE, later(days=1))
    assert found
    assert found.key == held.key
    assert await kept.ledger.again(held.key, HERE, later(days=1)) is None
    [again] = await claimed(kept.ledger, later(days=1))
    assert (again.key, again.card, again.attempts) == (held.key, CARD, 1)
    assert await kept.ledger.expire(later(days=1, minutes=30)) == 0


async def test_numbers_are_settled_once(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.acknowledge(held, "m", NOON, SETTLES)

    assert await kept.ledger.claim_settling("fake", later(hours=5), 10) == ()
    assert await kept.ledger.claim_settling("slack", SETTLES, 10) == ()
    [settled] = await kept.ledger.claim_settling("fake", SETTLES, 10)
    assert (settled.key, settled.message_id, settled.papers, settled.digest) == (held.key, "m", ("a",), "d")
    assert await kept.ledger.claim_settling("fake", later(days=1), 10) == ()


@pytest.mark.parametrize(("there", "when"), [(THERE, later(days=1)), (HERE, later(days=4))])
async def test_nobody_posts_again_what_is_of_another_channel_or_of_last_week(
    kept: Records, there: Channel, when: datetime
) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.end(held, State.UNCERTAIN, Why.BLIND)

    assert await kept.ledger.again(held.key, there, when) is None
    assert await state_of(kept.ledger) == [(State.UNCERTAIN, Why.BLIND)]


async def test_what_was_ordered_no_more_is_not_posted_again(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.end(held, State.UNCERTAIN, Why.BLIND)
    await kept.subscriptions.remove(subscription())

    assert await kept.ledger.again(held.key, HERE, NOON) is None


@pytest.mark.parametrize("is_frozen", [True, False])
async def test_a_damaged_delivery_is_buried_and_holds_no_other_up(
    store: SqlStore, kept: Records, *, is_frozen: bool
) -> None:
    await planned(kept, subscription())
    await planned(kept, subscription(channel=THERE))
    if is_frozen:
        await frozen(kept, "a")
    async with store.database.transaction() as tx:
        column = "payload = '{'" if is_frozen else "papers = '{'"
        await tx.execute(f"UPDATE deliveries SET {column} WHERE channel = $1", HERE.id)
    taken = await claimed(kept.ledger) if is_frozen else await unfrozen(kept.ledger)

    assert [one.channel for one in taken] == [THERE]
    async with store.database.reading() as reader:
        rows = await reader.fetch("SELECT state, why FROM deliveries WHERE channel = $1", HERE.id)
    assert [tuple(row) for row in rows] == [("dead", "damaged")]
    assert await kept.ledger.posted(HERE, ["a"]) == frozenset()


async def test_a_damaged_subscription_holds_no_other_up(store: SqlStore, kept: Records) -> None:
    await planned(kept, subscription())
    await planned(kept, subscription(channel=THERE))
    async with store.database.transaction() as tx:
        await tx.execute("UPDATE subscriptions SET kind = 'hourly' WHERE channel = $1", HERE.id)

    assert [one.channel for one in await kept.subscriptions.unplanned(later(days=9), 10)] == [THERE]
    assert [one.channel for one in await unfrozen(kept.ledger)] == [THERE]


async def test_those_that_fail_again_and_again_let_the_others_go_first(kept: Records) -> None:
    for n in range(4):
        await planned(kept, subscription(channel=replace(HERE, id=str(n))), due(at=later(minutes=n)))
    await frozen(kept, "a")
    now = later(minutes=5)
    for one in await claimed(kept.ledger, now, limit=2):
        await kept.ledger.give_back(one, now, "busy", may_be_sent=False)

    assert {one.channel.id for one in await claimed(kept.ledger, now, limit=2)} == {"2", "3"}
