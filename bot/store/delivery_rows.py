"""Deliveries and digests as rows and back."""

import json
from datetime import date

from bot import cards
from bot.deliveries import Delivery, Digest, Due, Freshness, State, Why, delivery_key
from bot.store.database import Row
from bot.store.rows import day, seconds, time, time_or_none
from bot.subscriptions import Channel, Kind, Subscription

COLUMNS = (
    "key", "subscription", "platform", "tenant", "channel", "name", "local_date", "kind", "due_at", "expires_at",
    "state", "attempts", "failures", "first_claim", "digest", "batch", "payload", "papers", "left_out", "message_id", "sent_at",
    "why", "error",
)  # fmt: skip
DIGEST_COLUMNS = ("key", "days", "frozen_at", "votes_at", "freshness", "ranking", "size")


def planned_row(subscription: Subscription, due: Due) -> Row:
    """What is known of a delivery when it is planned."""
    channel, kind = subscription.channel, subscription.order.schedule.kind
    key = delivery_key(channel, subscription.name, due.local_date, kind)
    place = channel.platform, channel.tenant, channel.id, subscription.name
    return [key, subscription.id, *place, due.local_date.isoformat(), kind, seconds(due.at), seconds(due.expires)]


def read_delivery(row: Row) -> Delivery:
    """The delivery from a row in the order of COLUMNS."""
    found = dict(zip(COLUMNS, row, strict=True))
    text = {name: str(value) for name, value in found.items()}
    return Delivery(
        key=text["key"],
        subscription=text["subscription"],
        channel=Channel(text["platform"], text["tenant"], text["channel"]),
        name=text["name"],
        local_date=date.fromisoformat(text["local_date"]),
        kind=Kind(text["kind"]),
        due_at=time(found["due_at"]),
        expires_at=time(found["expires_at"]),
        state=State(text["state"]),
        attempts=int(found["attempts"] or 0),
        failures=int(found["failures"] or 0),
        first_claim=time_or_none(found["first_claim"]),
        digest=text["digest"],
        batch=day(found["batch"]),
        card=cards.from_json(text["payload"]) if text["payload"] else None,
        papers=tuple(json.loads(text["papers"])),
        left_out=int(found["left_out"] or 0),
        message_id=text["message_id"],
        sent_at=time_or_none(found["sent_at"]),
        why=Why(text["why"]) if text["why"] else None,
        error=text["error"],
    )


def read_digest(row: Row) -> Digest:
    """The digest from a row in the order of DIGEST_COLUMNS."""
    key, days, frozen_at, votes_at, freshness, ranking, size = row
    return Digest(
        key=str(key),
        days=tuple(map(date.fromisoformat, json.loads(str(days)))),
        frozen_at=time(frozen_at),
        votes_at=time(votes_at),
        freshness=Freshness(str(freshness)),
        ranking=tuple(json.loads(str(ranking))),
        size=int(size or 0),
    )
