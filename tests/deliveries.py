"""Subscriptions and deliveries for tests, with only what a test is about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.cards import Button, Card
from bot.deliveries import Delivery, Digest, Due, Freshness
from bot.ports import Ledger, Records
from bot.subscriptions import Channel, Order, Subscription
from tests.papers import MONDAY, NOON

HERE = Channel("fake", "guild", "1")
THERE = Channel("fake", "guild", "2")
ELSEWHERE = Channel("fake", "other", "1")
CARD = Card("A digest", buttons=(Button("Show all", "trending"),))
SETTLES = NOON + timedelta(hours=6)


def subscription(name: str = "all", channel: Channel = HERE, **fields: Any) -> Subscription:
    """One that was ordered at NOON; its id is made of its channel and name."""
    place = f"{channel.platform}/{channel.tenant}/{channel.id}/{name}"
    return Subscription(**{"id": place, "channel": channel, "order": Order(name), "since": NOON, **fields})


def due(day: date = MONDAY, at: datetime = NOON) -> Due:
    """Due at that moment, and of use for six hours."""
    return Due(day, at, at + timedelta(hours=6))


def digest(key: str = "d", day: date = MONDAY, ranking: Sequence[str] = ("a", "b")) -> Digest:
    """Of the batch of that day."""
    return Digest(key, (day,), NOON, NOON, Freshness.FRESH, tuple(ranking), 5)


async def planned(records: Records, one: Subscription, *dues: Due) -> None:
    """Order it, where it is not there yet, and plan what is due."""
    await records.subscriptions.add(one)
    await records.ledger.plan([(one, dues or (due(),))], NOON + timedelta(days=1))


async def unfrozen(ledger: Ledger, by: datetime = NOON + timedelta(days=30)) -> tuple[Delivery, ...]:
    """What has no card yet."""
    return tuple(delivery for delivery, _ in await ledger.unfrozen(by, None, 1_000))


async def frozen(records: Records, *papers: str, card: Card = CARD) -> tuple[Delivery, ...]:
    """Give everything that has no card this one, with these papers."""
    found = tuple(
        replace(one, card=card, digest="d", batch=one.local_date, papers=papers)
        for one in await unfrozen(records.ledger)
    )
    await records.ledger.save_digest(digest())
    await records.ledger.freeze(found)
    return found


async def claimed(ledger: Ledger, now: datetime = NOON, *, owner: str = "a", limit: int = 100) -> tuple[Delivery, ...]:
    """What may be sent now."""
    return await ledger.claim("fake", owner, now, 60.0, limit)


async def state_of(ledger: Ledger, channel: Channel = HERE) -> list[tuple[str, str | None]]:
    """State and reason of each delivery of the channel, the latest due first."""
    return [(one.state, one.why) for one in await ledger.history(channel, 100)]
