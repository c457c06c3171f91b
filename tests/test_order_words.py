"""Odd words in orders: what can be understood is, and what cannot is told with a remedy."""

from datetime import timedelta

import pytest
import pytest_asyncio

from bot.cards import Tone
from bot.core import Core
from bot.deliveries import Why
from bot.store import SqlStore
from bot.subscribing import MOST_IN_CHANNEL
from bot.subscriptions import Asker, Channel, Order, Subscription
from tests.papers import NOON, later
from tests.rooms import Room

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def room(opened: tuple[Core, SqlStore]) -> Room:
    return await Room(opened[0]).ordered()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("pause models until:", "until: needs a value right behind the colon, as in until:2026-12-01."),
        ("edit models tz:", "tz: needs a value right behind the colon, as in tz:Europe/Paris."),
        ("edit models at:", "at: needs a value right behind the colon, as in at:09:00."),
        ("subscribe video name:", "name: needs a value right behind the colon, as in name:NAME."),
        ("subscribe video tz:", "tz: needs a value right behind the colon"),
        ("edit models name:x", "name: is no filter; did you mean rename:?"),
        ("edit models days:mon-xyz", "mon-xyz is no choice of days"),
        ("edit models days:mon-", "mon- is no choice of days"),
    ],
)
async def test_what_cannot_be_meant_is_told_and_changes_nothing(room: Room, said: str, answer: str) -> None:
    before = await room.orders()
    card = await room.say(said)

    assert card.tone is Tone.FAILURE
    assert answer in card.title
    assert await room.orders() == before


@pytest.mark.parametrize(
    ("days", "meant"), [("mon-fri", (1, 2, 3, 4, 5)), ("sat-mon", (1, 6, 7)), ("mon-tue,fri", (1, 2, 5))]
)
async def test_days_can_be_a_span(room: Room, days: str, meant: tuple[int, ...]) -> None:
    await room.say(f"edit models days:{days}")

    assert (await room.orders())["models"].order.schedule.days == meant


@pytest.mark.parametrize("name", ["min-votes", "min_votes", "minvotes", "Min_Votes"])
async def test_a_name_of_two_words_is_understood_as_people_write_it(room: Room, name: str) -> None:
    await room.say(f"edit models {name}:7")

    assert (await room.orders())["models"].order.min_votes == 7


async def test_votes_that_no_paper_has_are_told_before_they_are_ordered(room: Room) -> None:
    hint = "No stored paper has ever passed this filter"

    for said in ("subscribe model min-votes:90000", "subscribe min-votes:90000"):
        assert any(hint in note for note in (await room.say(said)).notes)
    assert not any(hint in note for note in (await room.say("subscribe model min-votes:1")).notes)


async def test_the_name_of_another_one_is_refused_with_the_word_that_mends_it(room: Room) -> None:
    await room.say("subscribe video name:videos confirm:yes")

    assert "rename:videos-2" in (await room.say("edit models rename:videos")).title
    assert "name:videos-2" in (await room.say("subscribe video name:videos")).title


async def test_help_of_status_tells_of_digests(room: Room) -> None:
    assert "digests" in (await room.say("help status")).text


async def test_of_two_who_order_the_last_place_at_once_one_is_told(room: Room) -> None:
    records = room.core.subscribing._records.subscriptions
    here = room.asker.channel
    for n in range(MOST_IN_CHANNEL - 1):
        one = Subscription(f"{here.id}-{n}", here, Order(f"n{n}"), since=NOON)
        assert await records.add(one, MOST_IN_CHANNEL)
    late = Subscription(f"{here.id}-late", here, Order("late"), since=NOON)

    assert not await records.add(late, MOST_IN_CHANNEL)
    assert len(await room.orders()) == MOST_IN_CHANNEL
    assert "25 subscriptions" in (await room.say("subscribe model confirm:yes")).title


async def test_a_zone_that_is_known_no_more_is_told_with_the_remedy(opened: tuple[Core, SqlStore], room: Room) -> None:
    async with opened[1].database.transaction() as tx:
        await tx.execute("UPDATE subscriptions SET zone = 'Mars/Base' WHERE channel = $1", room.asker.channel.id)

    for said in ("subscriptions", "status"):
        assert any("Its zone Mars/Base is no longer known" in one.text for one in (await room.say(said)).rows)
    assert (await room.say("pause models until:2026-12-01")).title == "Paused: models"
    assert "Mars/Base is no longer known" in (await room.say("resume models")).text
    assert (await room.say("edit models tz:paris")).title == "Changed: models"
    assert "no longer known" not in (await room.say("subscriptions")).rows[0].text


@pytest.mark.parametrize(("platform", "forgotten"), [("slack", 1), ("discord", 2)])
async def test_who_has_the_same_id_in_another_workspace_is_somebody_else(
    room: Room, platform: str, forgotten: int
) -> None:
    place = room.asker.channel
    channels = [Channel(platform, tenant, place.id) for tenant in ("one", "two")]
    person = f"ada of {place.id}"
    for channel in channels:
        await Room(room.core, Asker(channel, person)).say("subscribe name:x confirm:yes")

    card = await Room(room.core, Asker(channels[0], person)).say("forget-me")
    assert card.title.startswith(f"Forgotten: who gave {forgotten} order")


async def test_the_day_that_a_preview_promises_is_the_one_that_confirm_gives(
    opened: tuple[Core, SqlStore], room: Room
) -> None:
    [one] = (await room.orders()).values()
    records = room.core.subscribing._records
    await room.core.subscribing.unsubscribe(one)
    await records.subscriptions.add(one)
    due = await room.core.subscribing.next_due(one, NOON)
    assert due
    await records.ledger.plan([(one, [due])], later(days=1))
    [(delivery, _)] = [
        pair for pair in await records.ledger.unfrozen(later(days=1), None, 1_000) if pair[0].channel == one.channel
    ]
    await records.ledger.skip(delivery, Why.NO_MATCH)
    await room.core.subscribing.unsubscribe(one)

    preview = await room.say("subscribe model name:models at:13:00", NOON + timedelta(minutes=5))
    assert "Tue 31 Mar 2026, 13:00" in preview.text
    confirmed = await room.say("subscribe model name:models at:13:00 confirm:yes", NOON + timedelta(minutes=5))
    assert "Tue 31 Mar 2026, 13:00" in confirmed.text
    assert "Next: Tue 31 Mar 2026, 13:00" in (await room.say("subscriptions")).rows[0].text
