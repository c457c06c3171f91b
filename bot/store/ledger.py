"""The Ledger port in portable SQL: the queue of deliveries (DELIVERY)."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from bot import cards
from bot.deliveries import Delivery, Digest, Due, State, Why
from bot.planning import LATEST
from bot.store.database import Database, Row, Transaction, Value
from bot.store.delivery_rows import COLUMNS, DIGEST_COLUMNS, planned_row, read_delivery, read_digest
from bot.store.readable import readable
from bot.store.rows import day_or_none, seconds, time_or_none
from bot.store.subscriptions import SELECT as SUBSCRIPTION_SELECT
from bot.store.subscriptions import read as read_subscription
from bot.subscriptions import Channel, Subscription

_SELECT = ", ".join(f"d.{name}" for name in COLUMNS)
_RETURNING = ", ".join(COLUMNS)
_DIGEST = ", ".join(DIGEST_COLUMNS)
_PLAN = (
    "INSERT INTO deliveries (key, subscription, platform, tenant, channel, name, local_date, kind, due_at, expires_at, "
    "state, run_at, attempts, failures, lease_owner, digest, payload, papers, left_out, message_id, why, error) VALUES "
    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $9, 0, 0, '', '', '', '[]', 0, '', '', '') "
    "ON CONFLICT DO NOTHING"
)
# One of a channel at a time, and the older one first; what is not frozen yet holds nobody up.
_FIRST_IN_CHANNEL = (
    "NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.platform = d.platform AND o.tenant = d.tenant "
    "AND o.channel = d.channel AND o.state = 'pending' AND o.payload <> '' AND o.key <> d.key AND (o.due_at < d.due_at "
    "OR (o.due_at = d.due_at AND o.key < d.key) OR (o.lease_owner <> '' AND o.run_at > $2)))"
)
_CLAIM = (
    "UPDATE deliveries SET run_at = $3, attempts = attempts + 1, lease_owner = $4, "
    "first_claim = COALESCE(first_claim, $2) WHERE state = 'pending' AND key IN (SELECT d.key FROM deliveries d "
    f"WHERE d.state = 'pending' AND d.run_at <= $2 AND d.platform = $1 AND d.payload <> '' AND {_FIRST_IN_CHANNEL} "
    f"ORDER BY d.due_at, d.key LIMIT $5) RETURNING {_RETURNING}"
)
_HELD = "key = $1 AND attempts = $2 AND state = 'pending'"  # fencing: whoever claimed it since has another count
_AGAIN_SECONDS = 3_600  # within which what is posted after all has to succeed
_RELEASE_PAPERS = "DELETE FROM posted WHERE delivery = $1"


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
            stored = await tx.fetch(f"SELECT id, version FROM subscriptions WHERE id IN ({_marks(ids)})", *ids)
            known = {(id_, version) for id_, version in stored}
            current = [(one, found) for one, found in dues if (one.id, one.version) in known]
            rows = {str(row[0]): row for one, found in current for row in (planned_row(one, due) for due in found)}
            if not rows:
                return 0
            [[there]] = await tx.fetch(f"SELECT COUNT(*) FROM deliveries WHERE key IN ({_marks(rows)})", *rows)
            await tx.execute_many(_PLAN, list(rows.values()))
        return len(rows) - int(there or 0)

    @readable
    async def unfrozen(
        self, due_by: datetime, after: Delivery | None, limit: int
    ) -> tuple[tuple[Delivery, Subscription], ...]:
        """Pending deliveries without a card that are due by then, with their subscriptions; oldest first, behind `after`."""
        sql = (
            f"SELECT {_SELECT}, {SUBSCRIPTION_SELECT} FROM deliveries d JOIN subscriptions s ON s.id = d.subscription "
            "WHERE d.state = 'pending' AND d.payload = '' AND d.run_at <= $1 AND (d.due_at > $2 OR (d.due_at = $2 "
            "AND d.key > $3)) ORDER BY d.due_at, d.key LIMIT $4"
        )
        behind = (seconds(after.due_at), after.key) if after else (0, "")
        rows = await self._fetch(sql, seconds(due_by), *behind, limit)
        cut = len(COLUMNS)
        return tuple((read_delivery(row[:cut]), read_subscription(row[cut:])) for row in rows)

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
        sql = (
            f"SELECT {', '.join(f'g.{name}' for name in DIGEST_COLUMNS)} FROM deliveries d JOIN digests g ON g.key = d.digest WHERE d.subscription = $1 "
            "AND d.batch IS NOT NULL AND d.state IN ('sent', 'skipped', 'uncertain') ORDER BY d.due_at DESC LIMIT 1"
        )
        found = await self._fetch(sql, subscription)
        return read_digest(found[0]) if found else None

    @readable
    async def posted(self, channel: Channel, papers: Sequence[str]) -> frozenset[str]:
        """Those of the papers that were posted in the channel, or are about to be."""
        marks = ", ".join(f"${n}" for n in range(4, len(papers) + 4))
        sql = f"SELECT paper FROM posted WHERE platform = $1 AND tenant = $2 AND channel = $3 AND paper IN ({marks})"
        rows = await self._fetch(sql, channel.platform, channel.tenant, channel.id, *papers) if papers else []
        return frozenset(str(row[0]) for row in rows)

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
        planned = f"expires_at <= due_at + {int(LATEST.total_seconds())}"  # one that is posted again lasts longer
        return await self._drop(f"due_at <= $1 AND {planned} AND EXISTS ({later})", now, Why.COMBINED)

    async def expire(self, now: datetime) -> int:
        """Skip unattempted deliveries for which it is too late."""
        return await self._drop("expires_at <= $1", now, Why.LATE)

    async def claim(self, platform: str, owner: str, now: datetime, lease: float, limit: int) -> tuple[Delivery, ...]:
        """Take frozen deliveries that are due for `lease` seconds, oldest first, one of each channel."""
        at = now.timestamp()
        async with self._database.transaction() as tx:
            rows = await tx.fetch(_CLAIM, platform, at, at + lease, owner, limit)
        return _all(rows)

    async def lapse(self, platform: str, now: datetime) -> int:
        """End all leases: whoever held them is gone."""
        sql = (
            "UPDATE deliveries SET run_at = $2, lease_owner = '' "
            "WHERE state = 'pending' AND platform = $1 AND lease_owner <> '' RETURNING key"
        )
        async with self._database.transaction() as tx:
            return len(await tx.fetch(sql, platform, now.timestamp()))

    async def acknowledge(self, delivery: Delivery, message_id: str, now: datetime, settle_at: datetime) -> bool:
        """It was posted; False when somebody else has taken it since."""
        sql = (
            "UPDATE deliveries SET state = 'sent', message_id = $3, sent_at = $4, settle_at = $5, lease_owner = '', "
            f"error = '' WHERE {_HELD} RETURNING key"
        )
        values = delivery.key, delivery.attempts, message_id, seconds(now), seconds(settle_at)
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
            f"error = $4 WHERE {_HELD}"
        )
        async with self._database.transaction() as tx:
            await tx.execute(sql, delivery.key, delivery.attempts, run_at.timestamp(), error)

    async def end(self, delivery: Delivery, state: State, why: Why, error: str = "") -> None:
        """It will not be attempted again."""
        sql = f"UPDATE deliveries SET state = $3, why = $4, error = $5, lease_owner = '' WHERE {_HELD} RETURNING key"
        async with self._database.transaction() as tx:
            ended = await tx.fetch(sql, delivery.key, delivery.attempts, state, why, error)
            if ended and state is not State.UNCERTAIN:
                await tx.execute(_RELEASE_PAPERS, delivery.key)

    @readable
    async def claim_settling(self, platform: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Posted deliveries whose numbers are to be brought up to date; each is given out once."""
        sql = (
            "UPDATE deliveries SET settled_at = $2, payload = '' WHERE key IN (SELECT key FROM deliveries WHERE "
            "state = 'sent' AND platform = $1 AND settle_at <= $2 AND settled_at IS NULL ORDER BY settle_at LIMIT $3) "
            f"RETURNING {_RETURNING}"
        )
        async with self._database.transaction() as tx:
            return _all(await tx.fetch(sql, platform, seconds(now), limit))

    @readable
    async def again(self, key: str, now: datetime) -> Delivery | None:
        """Post the one of that key after all; None when it was not uncertain whether it had been posted."""
        sql = (
            "UPDATE deliveries SET state = 'pending', attempts = 0, failures = 0, first_claim = NULL, run_at = $2, "
            f"expires_at = $3, why = '', error = '' WHERE key = $1 AND state = 'uncertain' RETURNING {_RETURNING}"
        )
        async with self._database.transaction() as tx:
            found = _all(await tx.fetch(sql, key, now.timestamp(), seconds(now) + _AGAIN_SECONDS))
        return found[0] if found else None

    @readable
    async def history(self, channel: Channel, limit: int) -> tuple[Delivery, ...]:
        """Deliveries of the channel, the latest due first."""
        sql = (
            f"SELECT {_SELECT} FROM deliveries d WHERE platform = $1 AND tenant = $2 AND channel = $3 "
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
        done = "state NOT IN ('pending', 'uncertain') AND (state <> 'sent' OR settled_at IS NOT NULL)"
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
            if dropped:
                await tx.execute_many(_RELEASE_PAPERS, dropped)
            return len(dropped)

    async def _fetch(self, sql: str, *values: Value) -> list[Row]:
        async with self._database.reading() as reader:
            return await reader.fetch(sql, *values)


async def _advance(tx: Transaction, delivery: Delivery) -> None:
    """The subscription has had the batches up to that of the delivery."""
    sql = "UPDATE subscriptions SET cursor_day = $1 WHERE id = $2 AND COALESCE(cursor_day, '') < $1"
    if delivery.batch:
        await tx.execute(sql, delivery.batch.isoformat(), delivery.subscription)


def _marks(values: Collection[str]) -> str:
    return ", ".join(f"${n}" for n in range(1, len(values) + 1))


def _all(rows: Sequence[Row]) -> tuple[Delivery, ...]:
    return tuple(map(read_delivery, rows))
