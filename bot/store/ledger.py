"""The Ledger port in portable SQL: the queue of deliveries (DELIVERY)."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot import cards
from bot.cards import Card
from bot.deliveries import Delivery, Digest, Due, State, Why
from bot.store.database import Database, Row, Transaction, Value
from bot.store.delivery_rows import COLUMNS, DIGEST_COLUMNS, planned_row, read_delivery, read_digest
from bot.store.delivery_sql import (
    AGAIN,
    AGAIN_SECONDS,
    AGAIN_UP_TO,
    BEYOND,
    CLAIM,
    HELD,
    LAST_DIGEST,
    PLAN,
    SELECT,
    TO_SETTLE,
    UNFROZEN,
)
from bot.store.readable import each, readable
from bot.store.releases import PLANNED, marks, release
from bot.store.rows import day_or_none, seconds, seconds_or_none, time_or_none
from bot.store.subscriptions import read as read_subscription
from bot.subscriptions import Channel, Subscription

_DIGEST = ", ".join(DIGEST_COLUMNS)


class SqlLedger:
    """The ledger on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, dues: Sequence[tuple[Subscription, Sequence[Due]]], until: datetime) -> int:
        """Write rows for what is due; those that exist stay as they are. How many are new.

        A subscription that was changed since it was read is left out: it is planned anew as it is now.
        """
        if not dues:
            return 0
        planned: list[Row] = [[seconds(until), subscription.id, subscription.version] for subscription, _ in dues]
        sql = "UPDATE subscriptions SET planned_until = $1 WHERE id = $2 AND version = $3"
        async with self._database.transaction() as tx:
            await tx.execute_many(sql, planned)
            ids = [subscription.id for subscription, _ in dues]
            stored = await tx.fetch(f"SELECT id, version FROM subscriptions WHERE id IN ({marks(ids)})", *ids)
            known = {(id_, version) for id_, version in stored}
            current = [(one, found) for one, found in dues if (one.id, one.version) in known]
            rows = {str(row[0]): row for one, found in current for row in (planned_row(one, due) for due in found)}
            # What a clock wrote that was far ahead is planned anew when its time comes.
            sql = f"DELETE FROM deliveries WHERE {BEYOND} AND subscription IN ({marks(ids, 2)}) RETURNING key"
            await release(tx, [row[0] for row in await tx.fetch(sql, seconds(until), *ids)])
            if not rows:
                return 0
            count = f"SELECT COUNT(*) FROM deliveries WHERE key IN ({marks([*rows])})"
            [[before]] = await tx.fetch(count, *rows)
            await tx.execute_many(PLAN, [*rows.values()])
            [[there]] = await tx.fetch(count, *rows)
        return int(there or 0) - int(before or 0)

    @readable
    async def unfrozen(
        self, due_by: datetime, after: Delivery | None, limit: int
    ) -> tuple[tuple[Delivery, Subscription], ...]:
        """Pending deliveries without a card that are due by then, with their subscriptions; oldest first, behind `after`."""
        behind = (seconds(after.due_at), after.key) if after else (0, "")
        rows = await self._fetch(UNFROZEN, seconds(due_by), *behind, limit)
        cut = len(COLUMNS)
        deliveries, damaged = each(lambda row: (row[0], read_delivery(row[:cut]), row[cut:]), rows)
        if damaged:
            async with self._database.transaction() as tx:
                await _bury(tx, damaged)
        return tuple(each(lambda row: (row[1], read_subscription(row[2])), deliveries)[0])

    @readable
    async def digest(self, key: str) -> Digest | None:
        """The digest of that key."""
        found = await self._fetch(f"SELECT {_DIGEST} FROM digests WHERE key = $1", key)
        return read_digest(found[0]) if found else None

    async def save_digest(self, digest: Digest) -> None:
        """Store it, unless it is there."""
        days, ranking = json.dumps([one.isoformat() for one in digest.days]), json.dumps(digest.ranking)
        times = seconds(digest.frozen_at), seconds(digest.votes_at)
        sql = f"INSERT INTO digests ({_DIGEST}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
        async with self._database.transaction() as tx:
            await tx.execute(sql, digest.key, days, *times, digest.freshness, ranking, digest.size)

    @readable
    async def last_digest(self, subscription: str) -> Digest | None:
        """The newest that a subscription has had, posted or not."""
        found = await self._fetch(LAST_DIGEST, subscription)
        return read_digest(found[0]) if found else None

    @readable
    async def posted(self, channel: Channel, papers: Sequence[str]) -> frozenset[str]:
        """Those of the papers that were posted in the channel, or are about to be."""
        where = f"platform = $1 AND tenant = $2 AND channel = $3 AND paper IN ({marks(papers, 4)})"
        sql = f"SELECT paper FROM posted WHERE {where}"
        rows = await self._fetch(sql, channel.platform, channel.tenant, channel.id, *papers) if papers else []
        return frozenset(str(row[0]) for row in rows)

    async def is_under_way(self, channel: Channel, papers: Sequence[str]) -> bool:
        """Whether any of the papers is kept for a delivery to the channel that has not ended."""
        sql = (
            "SELECT 1 FROM posted p JOIN deliveries d ON d.key = p.delivery WHERE p.platform = $1 AND p.tenant = $2 "
            f"AND p.channel = $3 AND d.state = 'pending' AND p.paper IN ({marks(papers, 4)}) LIMIT 1"
        )
        place = channel.platform, channel.tenant, channel.id
        return bool(papers) and bool(await self._fetch(sql, *place, *papers))

    async def freeze(self, deliveries: Sequence[Delivery]) -> None:
        """Store the cards with which they will be posted, and reserve their papers."""
        sql = (
            "UPDATE deliveries SET payload = $2, digest = $3, batch = $4, papers = $5, left_out = $6 "
            "WHERE key = $1 AND state = 'pending' AND payload = '' RETURNING key"
        )
        reserve = "INSERT INTO posted VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        async with self._database.transaction() as tx:
            for one in deliveries:
                assert one.card
                payload, papers = cards.to_json(one.card), json.dumps(one.papers)
                row = one.key, payload, one.digest, day_or_none(one.batch), papers, one.left_out
                if await tx.fetch(sql, *row):
                    place = one.channel.platform, one.channel.tenant, one.channel.id
                    reserved = [[*place, paper, one.local_date.isoformat(), one.key] for paper in one.papers]
                    await tx.execute_many(reserve, reserved)

    async def skip(self, delivery: Delivery, why: Why) -> None:
        """Nothing is posted for it; with a batch, the subscription has had it."""
        sql = (
            "UPDATE deliveries SET state = 'skipped', why = $2, digest = $3, batch = $4, left_out = $5 "
            "WHERE key = $1 AND state = 'pending' AND attempts = 0 RETURNING key"
        )
        row = delivery.key, why, delivery.digest, day_or_none(delivery.batch), delivery.left_out
        async with self._database.transaction() as tx:
            if await tx.fetch(sql, *row):
                await _advance(tx, delivery)

    async def combine(self, now: datetime) -> int:
        """Skip unattempted deliveries that are due when a later one of the same subscription is, too."""
        later = (
            "SELECT 1 FROM deliveries l WHERE l.subscription = deliveries.subscription AND l.due_at > deliveries.due_at "
            "AND l.due_at <= $1 AND l.state = 'pending' AND l.attempts = 0"
        )
        return await self._drop(f"due_at <= $1 AND {PLANNED} AND EXISTS ({later})", now, Why.COMBINED)

    async def expire(self, now: datetime) -> int:
        """Skip unattempted deliveries for which it is too late."""
        return await self._drop("expires_at <= $1", now, Why.LATE)

    async def claim(self, platform: str, owner: str, now: datetime, lease: float, limit: int) -> tuple[Delivery, ...]:
        """Take frozen deliveries that are due for `lease` seconds, oldest first, one of each channel."""
        at = now.timestamp()
        async with self._database.transaction() as tx:
            found, damaged = each(read_delivery, await tx.fetch(CLAIM, platform, at, at + lease, owner, limit))
            await _bury(tx, damaged)
        return tuple(found)

    async def lapse(self, platform: str, now: datetime) -> int:
        """End all leases: whoever held them is gone."""
        sql = (
            "UPDATE deliveries SET run_at = $2, lease_owner = '' "
            "WHERE state = 'pending' AND platform = $1 AND lease_owner <> '' RETURNING key"
        )
        async with self._database.transaction() as tx:
            return len(await tx.fetch(sql, platform, now.timestamp()))

    async def replace_card(self, delivery: Delivery, card: Card) -> None:
        """From now on it is posted with this one, as it has no other in the channel."""
        async with self._database.transaction() as tx:
            sql = f"UPDATE deliveries SET payload = $3 WHERE {HELD}"
            await tx.execute(sql, delivery.key, delivery.attempts, cards.to_json(card))

    async def acknowledge(self, delivery: Delivery, message_id: str, now: datetime, settle_at: datetime | None) -> bool:
        """It was posted; False when somebody else has taken it since. Its numbers are settled then, or never."""
        sql = (
            "UPDATE deliveries SET state = 'sent', message_id = $3, sent_at = $4, settle_at = $5, lease_owner = '', "
            f"error = '' WHERE {HELD} RETURNING key"
        )
        values = delivery.key, delivery.attempts, message_id, seconds(now), seconds_or_none(settle_at)
        async with self._database.transaction() as tx:
            acknowledged = bool(await tx.fetch(sql, *values))
            if acknowledged:
                await _advance(tx, delivery)
            return acknowledged

    async def give_back(self, delivery: Delivery, run_at: datetime, error: str, *, may_be_sent: bool) -> None:
        """Let it be claimed again at `run_at`; an attempt that certainly was not sent does not count."""
        uncounted = "" if may_be_sent else "attempts = attempts - 1, "
        first = "" if may_be_sent or delivery.attempts > 1 else "first_claim = NULL, "
        sql = (
            f"UPDATE deliveries SET {uncounted}{first}run_at = $3, lease_owner = '', failures = failures + 1, "
            f"error = $4 WHERE {HELD}"
        )
        async with self._database.transaction() as tx:
            await tx.execute(sql, delivery.key, delivery.attempts, run_at.timestamp(), error)

    async def end(self, delivery: Delivery, state: State, why: Why, error: str = "") -> None:
        """It will not be attempted again."""
        sql = f"UPDATE deliveries SET state = $3, why = $4, error = $5, lease_owner = '' WHERE {HELD} RETURNING key"
        async with self._database.transaction() as tx:
            ended = await tx.fetch(sql, delivery.key, delivery.attempts, state, why, error)
            if ended and state is not State.UNCERTAIN:
                await release(tx, [delivery.key])

    @readable
    async def claim_settling(self, platform: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Posted deliveries whose numbers are to be brought up to date, each given out once; their cards are forgotten."""
        async with self._database.transaction() as tx:
            rows = await tx.fetch(TO_SETTLE, platform, seconds(now), limit)
            keys = [row[0] for row in rows]
            sql = (
                f"UPDATE deliveries SET settled_at = $1, payload = '' WHERE key IN ({marks(keys, 2)}) "
                "AND settled_at IS NULL RETURNING key"
            )
            given = {row[0] for row in await tx.fetch(sql, seconds(now), *keys)} if keys else set()
        return _all([row for row in rows if row[0] in given])

    @readable
    async def again(self, key: str, channel: Channel, now: datetime) -> Delivery | None:
        """Post the one of that key after all; None when it was not uncertain whether it had been posted there.

        Nor when it was due more than two days ago, or its subscription has ended.
        """
        times = now.timestamp(), seconds(now) + AGAIN_SECONDS, seconds(now) - AGAIN_UP_TO
        async with self._database.transaction() as tx:
            found = _all(await tx.fetch(AGAIN, key, *times, channel.platform, channel.tenant, channel.id))
        return found[0] if found else None

    @readable
    async def history(self, channel: Channel, limit: int) -> tuple[Delivery, ...]:
        """Deliveries of the channel, the latest due first."""
        sql = (
            f"SELECT {SELECT} FROM deliveries d WHERE platform = $1 AND tenant = $2 AND channel = $3 "
            "ORDER BY due_at DESC LIMIT $4"
        )
        return _all(await self._fetch(sql, channel.platform, channel.tenant, channel.id, limit))

    async def next_due(self, after: datetime) -> datetime | None:
        """When the next pending delivery without a card is due."""
        sql = "SELECT MIN(run_at) FROM deliveries WHERE state = 'pending' AND payload = '' AND run_at > $1"
        return time_or_none((await self._fetch(sql, after.timestamp()))[0][0])

    async def purge(self, before: datetime) -> None:
        """Forget what ended before."""
        # What is uncertain may still be posted again, as it was.
        done = (
            "state NOT IN ('pending', 'uncertain') AND (state <> 'sent' OR settle_at IS NULL OR settled_at IS NOT NULL)"
        )
        async with self._database.transaction() as tx:
            await tx.execute(f"UPDATE deliveries SET payload = '' WHERE payload <> '' AND {done}")
            await tx.execute("DELETE FROM deliveries WHERE state <> 'pending' AND due_at < $1", seconds(before))
            sql = "DELETE FROM digests WHERE frozen_at < $1 AND key NOT IN (SELECT digest FROM deliveries)"
            await tx.execute(sql, seconds(before))

    async def _drop(self, which: str, now: datetime, why: Why) -> int:
        """Skip unattempted pending deliveries; their papers are free again."""
        sql = (
            f"UPDATE deliveries SET state = 'skipped', why = $2, payload = '' "
            f"WHERE state = 'pending' AND attempts = 0 AND {which} RETURNING key"
        )
        async with self._database.transaction() as tx:
            dropped = await tx.fetch(sql, seconds(now), why)
            await release(tx, [row[0] for row in dropped])
            return len(dropped)

    async def _fetch(self, sql: str, *values: Value) -> list[Row]:
        async with self._database.reading() as reader:
            return await reader.fetch(sql, *values)


async def _advance(tx: Transaction, delivery: Delivery) -> None:
    """The subscription has had the batches up to that of the delivery."""
    sql = "UPDATE subscriptions SET cursor_day = $1 WHERE id = $2 AND COALESCE(cursor_day, '') < $1"
    if delivery.batch:
        await tx.execute(sql, delivery.batch.isoformat(), delivery.subscription)


async def _bury(tx: Transaction, damaged: Sequence[Row]) -> None:
    """Nobody can read them, so nobody can send them."""
    sql = "UPDATE deliveries SET state = 'dead', why = $2, payload = '', lease_owner = '' WHERE key = $1"
    for row in damaged:
        await tx.execute(sql, row[0], Why.DAMAGED)
    await release(tx, [row[0] for row in damaged])


def _all(rows: Sequence[Row]) -> tuple[Delivery, ...]:
    return tuple(each(read_delivery, rows)[0])
