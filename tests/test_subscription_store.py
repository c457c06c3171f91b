"""The contract of the Subscriptions port: the standing orders of all channels."""

import asyncio
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.deliveries import State, Why
from bot.ports import Records
from bot.schedules import zones_starting
from bot.store import SqlStore, records
from bot.subscriptions import (
    Block,
    Channel,
    Kind,
    Layout,
    Order,
    Pause,
    Schedule,
    Standing,
    Subscription,
    resumed,
)
from tests.conftest import Opening
from tests.deliveries import (
    ELSEWHERE,
    HERE,
    SETTLES,
    THERE,
    claimed,
    due,
    frozen,
    planned,
    state_of,
    subscription,
    unfrozen,
)
from tests.papers import MONDAY, NOON, TUESDAY, later
from tests.thorough import EXAMPLES

BLOCK = Block(Standing.PAUSED, Pause.PERMISSION, later(days=1))


@pytest.fixture
def kept(store: SqlStore) -> Records:
    return records(store)


_days = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
_times = st.datetimes(min_value=NOON.replace(tzinfo=None), timezones=st.just(NOON.tzinfo)).map(  # type: ignore[arg-type]
    lambda moment: moment.replace(microsecond=0)
)
_schedules = st.builds(
    Schedule,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(zones_starting("", 1_000)),
    _days,
    st.sampled_from(Kind),
)
_orders = st.builds(Order, _names, _names, st.integers(1, 20), st.sampled_from(Layout), st.integers(0, 99), _schedules)
_subscriptions = st.builds(
    Subscription,
    id=st.uuids().map(str),
    channel=st.builds(Channel, _names, _names, st.uuids().map(str)),
    order=_orders,
    since=_times,
    created_by=_names,
    standing=st.sampled_from(Standing),
    pause=st.none() | st.sampled_from(Pause),
    paused_at=st.none() | _times,
    paused_until=st.none() | st.dates(),
    probe_at=st.none() | _times,
    notified_at=st.none() | _times,
    cursor=st.none() | st.dates(),
    planned_until=_times,
)


@given(_subscriptions)
@settings(max_examples=EXAMPLES)
async def test_a_subscription_is_read_as_it_was_stored(open_store: Opening, one: Subscription) -> None:
    async with open_store() as store:
        kept = records(store).subscriptions

        assert await kept.add(one)
        assert await kept.of(one.channel) == (one,)
        await kept.remove(one)


async def test_those_of_a_channel_are_read_by_name(kept: Records) -> None:
    for name in ("b", "a", "ä", "c"):
        assert await kept.subscriptions.add(subscription(name))
    assert await kept.subscriptions.add(subscription("b", ELSEWHERE))

    assert [one.name for one in await kept.subscriptions.of(HERE)] == ["a", "b", "c", "ä"]
    assert [one.name for one in await kept.subscriptions.of(ELSEWHERE)] == ["b"]
    assert await kept.subscriptions.of(THERE) == ()


async def test_a_name_is_given_once_in_a_channel_even_at_the_same_moment(kept: Records) -> None:
    added = await asyncio.gather(*(kept.subscriptions.add(subscription("x", id=str(n))) for n in range(5)))

    assert sorted(added) == [False] * 4 + [True]


async def test_of_two_changes_at_once_one_happens(kept: Records) -> None:
    seen = subscription()
    await kept.subscriptions.add(seen)
    tries = [replace(seen, order=replace(seen.order, top=top)) for top in (1, 2, 3)]
    changed = await asyncio.gather(*(kept.subscriptions.change(one, replan=True) for one in tries))

    assert sum(changed) == 1
    [one] = await kept.subscriptions.of(HERE)
    assert (one.order.top, one.version) == (tries[changed.index(True)].order.top, 2)


async def test_a_change_of_what_has_ended_does_nothing(kept: Records) -> None:
    assert not await kept.subscriptions.change(subscription(), replan=True)
    assert await kept.subscriptions.of(HERE) == ()


async def test_a_change_never_moves_back_what_was_posted_meanwhile(kept: Records) -> None:
    await planned(kept, subscription())
    [seen] = await kept.subscriptions.of(HERE)
    await frozen(kept, "a")
    [held] = await claimed(kept.ledger)
    await kept.ledger.acknowledge(held, "m", NOON, SETTLES)

    assert await kept.subscriptions.change(replace(seen, created_by="bo"), replan=True)
    [one] = await kept.subscriptions.of(HERE)
    assert (one.cursor, one.created_by) == (MONDAY, "bo")


@pytest.mark.parametrize(("replan", "left"), [(True, [TUESDAY]), (False, [MONDAY, TUESDAY])])
async def test_a_new_plan_withdraws_only_what_was_never_attempted(
    kept: Records, *, replan: bool, left: list[date]
) -> None:
    await planned(kept, subscription(), due(TUESDAY))
    await frozen(kept, "b")
    await claimed(kept.ledger)
    await planned(kept, subscription(), due(MONDAY))
    await frozen(kept, "a")
    await kept.subscriptions.change(subscription(), replan=replan)

    assert sorted(one.local_date for one in await kept.ledger.history(HERE, 10)) == left
    assert await kept.ledger.posted(HERE, ["a", "b"]) == ({"b"} if replan else {"a", "b"})


async def test_what_is_removed_is_planned_no_more_and_what_may_be_sent_stays(kept: Records) -> None:
    await planned(kept, subscription("gone"))
    await planned(kept, subscription("sent", THERE))
    await frozen(kept, "a")
    await claimed(kept.ledger, limit=2)
    await planned(kept, subscription("gone"), due(TUESDAY, later(days=1)))
    await kept.subscriptions.remove(subscription("gone"))

    assert await kept.subscriptions.of(HERE) == ()
    assert [one.local_date for one in await kept.ledger.history(HERE, 10)] == [MONDAY]
    assert len(await kept.subscriptions.of(THERE)) == 1


async def test_a_person_is_forgotten_on_one_platform(kept: Records) -> None:
    await kept.subscriptions.add(subscription("a", created_by="ada"))
    await kept.subscriptions.add(subscription("b", THERE, created_by="ada"))
    await kept.subscriptions.add(subscription("c", created_by="bo"))
    await kept.subscriptions.add(subscription("d", replace(HERE, platform="slack"), created_by="ada"))

    assert await kept.subscriptions.forget("ada", "fake") == 2
    assert await kept.subscriptions.forget("ada", "fake") == 0
    assert {one.created_by for one in await kept.subscriptions.of(HERE)} == {"", "bo"}
    assert [one.created_by for one in await kept.subscriptions.of(replace(HERE, platform="slack"))] == ["ada"]


async def test_only_what_is_active_and_behind_is_planned(kept: Records) -> None:
    await kept.subscriptions.add(subscription("behind"))
    await kept.subscriptions.add(subscription("earlier", planned_until=later(hours=-1)))
    await kept.subscriptions.add(subscription("ahead", planned_until=later(hours=1)))
    await kept.subscriptions.add(subscription("paused", standing=Standing.PAUSED, pause=Pause.ASKED))

    assert [one.name for one in await kept.subscriptions.unplanned(later(hours=1), 10)] == ["earlier", "behind"]
    assert [one.name for one in await kept.subscriptions.unplanned(later(hours=1), 1)] == ["earlier"]
    assert await kept.subscriptions.unplanned(later(hours=-1), 10) == ()


async def test_what_may_go_on_by_itself_is_found(kept: Records) -> None:
    paused = subscription("until", standing=Standing.PAUSED, pause=Pause.ASKED, paused_until=TUESDAY)
    await kept.subscriptions.add(paused)
    await kept.subscriptions.add(subscription("for good", standing=Standing.PAUSED, pause=Pause.ASKED))
    await kept.subscriptions.add(subscription("gone", standing=Standing.GONE, probe_at=NOON))
    await kept.subscriptions.add(
        subscription("probed", standing=Standing.PAUSED, pause=Pause.PERMISSION, probe_at=later(days=1))
    )

    assert {one.name for one in await kept.subscriptions.paused()} == {"until", "probed"}
    await kept.subscriptions.change(resumed(paused, later(days=1)), replan=False)
    [active] = [one for one in await kept.subscriptions.of(HERE) if one.name == "until"]
    assert (active.standing, active.pause, active.paused_until, active.since) == (
        *(Standing.ACTIVE, None, None, later(days=1)),
    )


@pytest.mark.parametrize(("whole", "places"), [(False, [HERE]), (True, [HERE, THERE])])
async def test_a_block_pauses_the_channel_or_all_of_its_tenant(
    kept: Records, *, whole: bool, places: list[Channel]
) -> None:
    other_platform = replace(HERE, platform="slack")
    for place in (HERE, THERE, ELSEWHERE, other_platform):
        await planned(kept, subscription(channel=place, created_by="ada"))
    await kept.subscriptions.add(subscription("asked", standing=Standing.PAUSED, pause=Pause.ASKED))
    await frozen(kept, "a")
    block = replace(BLOCK, whole_tenant=whole)
    told = await kept.subscriptions.block(HERE, block, NOON)

    assert sorted(one.channel.id for one in told) == [place.id for place in places]
    assert await kept.subscriptions.block(HERE, block, NOON) == ()
    for place in (HERE, THERE, ELSEWHERE, other_platform):
        [one] = [found for found in await kept.subscriptions.of(place) if found.name == "all"]
        assert one.standing is (Standing.PAUSED if place in places else Standing.ACTIVE)
        assert one.probe_at == (later(days=1) if place in places else None)
        assert one.notified_at is None  # its owner has not been told yet
        skipped = place in places
        assert await state_of(kept.ledger, place) == [(State.SKIPPED, Why.PAUSED) if skipped else (State.PENDING, None)]
        assert await kept.ledger.posted(place, ["a"]) == (frozenset() if skipped else {"a"})
    [other] = [one for one in await kept.subscriptions.of(HERE) if one.name == "asked"]
    assert (other.pause, other.notified_at) == (Pause.ASKED, None)


async def test_owners_of_what_was_blocked_are_known_as_untold_until_they_are_told(kept: Records) -> None:
    for place, person in ((HERE, "ada"), (THERE, "ada"), (ELSEWHERE, "")):
        await planned(kept, subscription(channel=place, created_by=person))
        await kept.subscriptions.block(place, BLOCK, NOON)
    await kept.subscriptions.add(subscription("asked", standing=Standing.PAUSED, pause=Pause.ASKED, paused_at=NOON))
    here, there = await kept.subscriptions.untold(later(seconds=-1), NOON)
    assert {here.channel, there.channel} == {HERE, THERE}
    await kept.subscriptions.told([here], later(minutes=1))
    assert await kept.subscriptions.untold(later(seconds=-1), NOON) == (there,)
    assert await kept.subscriptions.untold(NOON, later(hours=1)) == ()
    assert await kept.subscriptions.untold(later(hours=-1), later(seconds=-1)) == ()
    [known] = [one for one in await kept.subscriptions.of(here.channel) if one.id == here.id]
    assert known.notified_at == later(minutes=1)


async def test_a_block_leaves_what_may_have_been_sent(kept: Records) -> None:
    await planned(kept, subscription())
    await frozen(kept, "a")
    await claimed(kept.ledger)
    await kept.subscriptions.block(HERE, BLOCK, NOON)

    assert await state_of(kept.ledger) == [(State.PENDING, None)]


async def test_a_change_that_was_begun_before_a_block_is_refused(kept: Records) -> None:
    seen = subscription()
    await kept.subscriptions.add(seen)
    await kept.subscriptions.block(HERE, BLOCK, NOON)

    assert not await kept.subscriptions.change(resumed(seen, NOON), replan=True)


async def test_what_is_planned_reads_its_subscription_as_it_is_now(kept: Records) -> None:
    await planned(kept, subscription())
    order = Order("all", "robots", 3, Layout.COMPACT, 7, Schedule(time(8, 30), "Europe/Paris", (1, 3)))
    await kept.subscriptions.change(replace(subscription(), order=order), replan=False)

    [(delivery, one)] = await kept.ledger.unfrozen(later(days=1), None, 10)
    assert one.order == order
    assert (delivery.name, delivery.subscription) == (one.name, one.id)
    assert len(await unfrozen(kept.ledger)) == 1


async def test_with_a_channel_that_is_gone_what_was_paused_in_it_has_ended_too(kept: Records) -> None:
    paused = replace(subscription(), standing=Standing.PAUSED, pause=Pause.ASKED, paused_at=NOON)
    assert await kept.subscriptions.add(paused)
    gone = Block(Standing.GONE, Pause.CHANNEL_GONE, None)
    assert await kept.subscriptions.block(HERE, gone, later(hours=1)) == ()
    [one] = await kept.subscriptions.of(HERE)
    assert (one.standing, one.pause) == (Standing.GONE, Pause.CHANNEL_GONE)
