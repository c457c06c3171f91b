"""What a channel is told of its digests: posted, skipped, failed, due."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
import pytest_asyncio

from bot.core import Core
from bot.deliveries import Delivery, Digest, Due, Freshness, State, Why
from bot.store import SqlStore, records
from bot.subscriptions import Block, Pause, Standing
from tests.deliveries import CARD
from tests.papers import MONDAY, NOON, TUESDAY, later
from tests.rooms import Room

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def room(opened: tuple[Core, SqlStore]) -> Room:
    return await Room(opened[0]).ordered()


async def planned(room: Room, store: SqlStore, day: date = MONDAY) -> Delivery:
    """The delivery of 13:00 on that day, frozen."""
    [subscription] = (await room.orders()).values()
    at = datetime.combine(day, time(13), NOON.tzinfo)
    ledger = records(store).ledger
    await ledger.plan([(subscription, [Due(day, at, at + timedelta(hours=6))])], at + timedelta(hours=1))
    digest = Digest(f"{subscription.id}{day}", (day,), NOON, NOON, Freshness.FRESH, ("2603.25716",), 5)
    await ledger.save_digest(digest)
    pending = [one for one, _ in await ledger.unfrozen(at, None, 1_000) if one.channel == room.asker.channel]
    frozen = replace(pending[-1], card=CARD, digest=digest.key, batch=day, papers=digest.ranking)
    await ledger.freeze([frozen])
    return frozen


async def claimed(room: Room, store: SqlStore, now: datetime) -> Delivery:
    taken = await records(store).ledger.claim("fake", "tests", now, 60.0, 1_000)
    return next(one for one in taken if one.channel == room.asker.channel)


async def test_to_resume_what_is_not_paused_withdraws_nothing(opened: tuple[Core, SqlStore], room: Room) -> None:
    await planned(room, opened[1])

    assert (await room.say("resume", later(hours=1.5))).title == "models is not paused."
    assert (await claimed(room, opened[1], later(hours=1.5))).local_date == MONDAY


async def test_a_change_of_the_filter_does_not_lose_what_is_due(opened: tuple[Core, SqlStore], room: Room) -> None:
    await planned(room, opened[1])
    await room.say("edit models top:1", later(hours=1.5))  # it was due at 13:00 and waits for a fuller batch
    unplanned = await records(opened[1]).subscriptions.unplanned(later(hours=30), 1_000)
    subscription = next(one for one in unplanned if one.channel == room.asker.channel)

    assert subscription.planned_until == NOON  # since it was ordered
    await room.say("edit models at:15:00", later(hours=1.5))
    [subscription] = (await room.orders()).values()
    assert subscription.planned_until == later(hours=1.5)


async def test_status_tells_the_last_post_and_the_next(opened: tuple[Core, SqlStore], room: Room) -> None:
    ledger = records(opened[1]).ledger
    await planned(room, opened[1])
    await planned(room, opened[1], TUESDAY)
    now = later(hours=1)
    await ledger.acknowledge(await claimed(room, opened[1], now), "m1", now, later(hours=7))

    [shown] = [one for one in (await room.say("status", later(hours=3))).rows if one.name == "Digest models"]
    assert shown.text.endswith("Next: Tue 31 Mar 2026, 13:00 (UTC). Last post: 2 hours ago, 1 paper.")
    assert await room.shown(later(hours=3)) == shown.text


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Why.NO_BATCH, "Not posted on Mon 30 Mar 2026: the feed had no new batch."),
        (Why.NO_MATCH, "Not posted on Mon 30 Mar 2026: no paper passed its filter."),
        (Why.ALL_POSTED, "all papers that passed its filter had been posted here before."),
    ],
)
async def test_status_tells_what_was_skipped_and_why(
    opened: tuple[Core, SqlStore], room: Room, why: Why, said: str
) -> None:
    await records(opened[1]).ledger.skip(await planned(room, opened[1]), why)

    assert (await room.shown(later(hours=2))).endswith(said)


async def test_status_tells_the_last_error_and_the_remedy(opened: tuple[Core, SqlStore], room: Room) -> None:
    kept = records(opened[1])
    await planned(room, opened[1])
    now = later(hours=1)
    delivery = await claimed(room, opened[1], now)
    await kept.ledger.give_back(delivery, later(hours=1.2), "the platform answered 503.", may_be_sent=False)
    assert "tried again until it can be posted (the platform answered 503). Nothing posted yet." in await room.shown(
        now
    )

    delivery = await claimed(room, opened[1], later(hours=1.3))
    block = Block(Standing.PAUSED, Pause.PERMISSION, later(days=1))
    await kept.subscriptions.block(room.asker.channel, block, now)
    await kept.ledger.end(delivery, State.DEAD, Why.CHANNEL, "I lack the permission Send Messages in this channel.")

    shown = await room.shown(later(hours=2))
    assert "Paused: I could not post here (no right" in shown
    assert shown.endswith("I could not post here (I lack the permission Send Messages in this channel).")
    assert (await room.say("resume")).title == "Resumed: models"


async def test_one_whose_fate_is_unknown_is_posted_again_by_its_button(
    opened: tuple[Core, SqlStore], room: Room
) -> None:
    await planned(room, opened[1])
    delivery = await claimed(room, opened[1], later(hours=1))
    await records(opened[1]).ledger.end(delivery, State.UNCERTAIN, Why.BLIND, "no history")

    said = f"it may have been posted, but I may not look (no history); if it is missing here, say “resume again:{delivery.key}”"
    assert said in await room.shown(later(hours=2))
    assert "give me the right to read this channel's history" in await room.shown(later(hours=2))
    card = await room.say(f"resume again:{delivery.key}", later(hours=2))
    assert card.title == "The digest models of Mon 30 Mar 2026 is posted within a minute."
    assert (await claimed(room, opened[1], later(hours=2))).card == CARD
