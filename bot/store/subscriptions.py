"""The Subscriptions port in portable SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from bot.deliveries import State, Why
from bot.store.database import Database, Reader, Row, Transaction, Value
from bot.store.readable import each, readable
from bot.store.releases import release
from bot.store.rows import day, day_or_none, seconds, seconds_or_none, time_or_none
from bot.store.rows import time as moment
from bot.subscriptions import (
    UNTIL_RESUMED,
    Block,
    Channel,
    Kind,
    Layout,
    Order,
    Pause,
    Schedule,
    Standing,
    Subscription,
)

COLUMNS = (
    "id", "platform", "tenant", "channel", "name", "query", "top", "layout", "min_votes", "zone", "at", "days", "kind",
    "since", "created_by", "state", "pause", "paused_at", "paused_until", "probe_at", "notified_at", "cursor_day",
    "planned_until", "version",
)  # fmt: skip
_KEPT = ("id", "cursor_day", "version")  # what `change` does not replace
SELECT = ", ".join(f"s.{name}" for name in COLUMNS)
_MARKS = ", ".join(f"${n}" for n in range(1, len(COLUMNS) + 1))
_NEVER_ATTEMPTED = "subscription = $1 AND state = $2 AND attempts = 0"
_TOO_FAR = 7_200  # seconds beyond what is asked for: nobody writes so far ahead, unless the clock was wrong
_HERE = "platform = $1 AND tenant = $2 AND channel = $3"


class SqlSubscriptions:
    """The standing orders on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscription: Subscription, most: int | None = None) -> bool:
        """Store a new one; False when its channel has one of that name, or `most` others."""
        sql = f"INSERT INTO subscriptions ({', '.join(COLUMNS)}) VALUES ({_MARKS}) ON CONFLICT DO NOTHING RETURNING id"
        channel = subscription.channel
        count = f"SELECT COUNT(*) FROM subscriptions WHERE {_HERE}"
        async with self._database.transaction() as tx:
            [[others]] = await tx.fetch(count, channel.platform, channel.tenant, channel.id)
            has_room = most is None or int(others or 0) < most
            return has_room and bool(await tx.fetch(sql, *_row(subscription)))

    @readable
    async def of(self, channel: Channel) -> tuple[Subscription, ...]:
        """Those of a channel, by name."""
        async with self._database.reading() as reader:
            where = f"WHERE {_HERE} ORDER BY name"
            return await _found(reader, where, channel.platform, channel.tenant, channel.id)

    async def change(self, subscription: Subscription, *, replan: bool) -> bool:
        """Replace the stored one of the same id and version; False when it was changed meanwhile.

        Its cursor is left as it is: the ledger moves that, and may have done so since it was read.
        """
        row = _row(subscription)
        columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(COLUMNS, 1) if name not in _KEPT)
        sql = (
            f"UPDATE subscriptions SET {columns}, version = ${len(COLUMNS)} + 1 "
            f"WHERE id = $1 AND version = ${len(COLUMNS)} RETURNING id"
        )
        async with self._database.transaction() as tx:
            changed = bool(await tx.fetch(sql, *row))
            if changed and replan:
                await withdraw(tx, subscription.id)
            return changed

    async def remove(self, subscription: Subscription) -> None:
        """Delete it, and withdraw its deliveries that were never attempted."""
        async with self._database.transaction() as tx:
            await withdraw(tx, subscription.id)
            await tx.execute("DELETE FROM subscriptions WHERE id = $1", subscription.id)

    async def purge_tenant(self, channel: Channel) -> None:
        """Delete everything that is kept of the channel's server or workspace."""
        async with self._database.transaction() as tx:
            for table in ("posted", "deliveries", "subscriptions"):
                sql = f"DELETE FROM {table} WHERE platform = $1 AND tenant = $2"
                await tx.execute(sql, channel.platform, channel.tenant)

    async def forget(self, person: str, platform: str, tenant: str | None = None) -> int:
        """Forget who made them, in one tenant where the platform's ids of people are its own; how many that were."""
        where, place = ("", ()) if tenant is None else (" AND tenant = $3", (tenant,))
        sql = f"UPDATE subscriptions SET created_by = '' WHERE created_by = $1 AND platform = $2{where} RETURNING id"
        async with self._database.transaction() as tx:
            return len(await tx.fetch(sql, person, platform, *place))

    @readable
    async def unplanned(self, until: datetime, limit: int) -> tuple[Subscription, ...]:
        """Active ones whose deliveries are not yet written up to that moment, or by a wrong clock far beyond it."""
        where = "WHERE state = $1 AND (planned_until < $2 OR planned_until > $3) ORDER BY planned_until LIMIT $4"
        values = Standing.ACTIVE, seconds(until), seconds(until) + _TOO_FAR, limit
        async with self._database.reading() as reader:
            return await _legible(reader, where, *values)

    @readable
    async def paused(self) -> tuple[Subscription, ...]:
        """Those that may go on by themselves: on a day, or when their channel can be posted to again."""
        where = "WHERE state = $1 AND (paused_until IS NOT NULL OR probe_at IS NOT NULL)"
        async with self._database.reading() as reader:
            return await _legible(reader, where, Standing.PAUSED)

    async def probe(self, platform: str, tenant: str, now: datetime) -> None:
        """Look soon whether channels of the tenant that could not be posted to can be again."""
        sql = (
            "UPDATE subscriptions SET probe_at = $1, version = version + 1 WHERE platform = $2 AND tenant = $3 "
            "AND state = $4 AND probe_at > $1"
        )
        async with self._database.transaction() as tx:
            await tx.execute(sql, seconds(now), platform, tenant, Standing.PAUSED)

    @readable
    async def block(self, channel: Channel, block: Block, now: datetime) -> tuple[Subscription, ...]:
        """Pause the active ones of the channel or of its tenant, and skip what they wait for; those that were paused.

        With a channel that is gone, those that were paused before have ended too; with a tenant that is lost, those that
        were paused wait with the others for its return (the ones paused by hand as `lost` says), and what has ended is
        forgotten.
        """
        where = "platform = $1 AND tenant = $2" if block.whole_tenant else _HERE
        place: list[Value] = [channel.platform, channel.tenant, *([] if block.whole_tenant else [channel.id])]
        n = len(place)
        async with self._database.transaction() as tx:
            active = await _legible(tx, f"WHERE {where} AND state = ${n + 1}", *place, Standing.ACTIVE)
            sql = (
                f"UPDATE subscriptions SET state = ${n + 1}, pause = ${n + 2}, paused_at = ${n + 3}, "
                f"notified_at = NULL, probe_at = ${n + 4}, version = version + 1 WHERE {where} AND state = ${n + 5}"
            )
            probe = seconds_or_none(block.probe_at)
            await tx.execute(sql, *place, block.standing, block.pause, seconds(now), probe, Standing.ACTIVE)
            if block.standing is Standing.GONE:
                await tx.execute(sql, *place, block.standing, block.pause, seconds(now), None, Standing.PAUSED)
            if block.pause is Pause.TENANT_LOST:
                await _lose(tx, place, probe, now)
            for subscription in active:
                await skip_waiting(tx, subscription.id, now)
            return tuple(replace(one, standing=block.standing, pause=block.pause) for one in active)

    @readable
    async def untold(self, after: datetime, before: datetime) -> tuple[Subscription, ...]:
        """Those that were paused between the two because their channel cannot be posted to, and whose owner was not told of it."""
        where = (
            "WHERE pause IN ($1, $2) AND created_by <> '' AND notified_at IS NULL "
            "AND paused_at > $3 AND paused_at <= $4"
        )
        async with self._database.reading() as reader:
            return await _legible(reader, where, Pause.PERMISSION, Pause.CHANNEL_GONE, seconds(after), seconds(before))

    async def told(self, subscriptions: Sequence[Subscription], now: datetime) -> None:
        """Their owners were told that they are paused."""
        rows: list[Row] = [[seconds(now), one.id] for one in subscriptions]
        async with self._database.transaction() as tx:
            await tx.execute_many("UPDATE subscriptions SET notified_at = $1 WHERE id = $2", rows)


async def _lose(tx: Transaction, place: Sequence[Value], probe: Value, now: datetime) -> None:
    """What was not active when the tenant was lost: nothing may be left of it either when that is not found again."""
    columns = "pause = $3, paused_at = $4, probe_at = $5, version = version + 1"
    by_hand = f"paused_until = CASE WHEN pause = $6 THEN COALESCE(paused_until, $7) ELSE NULL END, {columns}"
    sql = f"UPDATE subscriptions SET {by_hand} WHERE platform = $1 AND tenant = $2 AND state = $8 AND pause <> $3"
    values = Pause.TENANT_LOST, seconds(now), probe, Pause.ASKED, UNTIL_RESUMED.isoformat(), Standing.PAUSED
    await tx.execute(sql, *place[:2], *values)
    await tx.execute(
        "DELETE FROM subscriptions WHERE platform = $1 AND tenant = $2 AND state = $3", *place[:2], Standing.GONE
    )


async def withdraw(tx: Transaction, subscription: str) -> None:
    """Delete deliveries that were never attempted; they are planned anew, or never."""
    sql = f"DELETE FROM deliveries WHERE {_NEVER_ATTEMPTED} RETURNING key"
    await release(tx, [row[0] for row in await tx.fetch(sql, subscription, State.PENDING)])


async def skip_waiting(tx: Transaction, subscription: str, now: datetime) -> None:
    """Skip what is due and was never attempted; what comes later is planned anew when the subscription goes on."""
    sql = (
        f"UPDATE deliveries SET state = $3, why = $4, payload = '' WHERE {_NEVER_ATTEMPTED} AND due_at <= $5 "
        "RETURNING key"
    )
    skipped = await tx.fetch(sql, subscription, State.PENDING, State.SKIPPED, Why.PAUSED, seconds(now))
    await release(tx, [row[0] for row in skipped])
    await withdraw(tx, subscription)


async def _found(reader: Reader, where: str, *values: Value) -> tuple[Subscription, ...]:
    return tuple(map(read, await reader.fetch(f"SELECT {SELECT} FROM subscriptions s {where}", *values)))


async def _legible(reader: Reader, where: str, *values: Value) -> tuple[Subscription, ...]:
    """Those that can be read; of all channels, so that a damaged one holds no other up."""
    return tuple(each(read, await reader.fetch(f"SELECT {SELECT} FROM subscriptions s {where}", *values))[0])


def _row(subscription: Subscription) -> Sequence[Value]:
    order, channel = subscription.order, subscription.channel
    schedule = order.schedule
    planned = subscription.planned_until or subscription.since
    return (
        *(subscription.id, channel.platform, channel.tenant, channel.id),
        *(order.name, order.query, order.top, order.layout, order.min_votes),
        *(schedule.zone, f"{schedule.at:%H:%M}", "".join(map(str, schedule.days)), schedule.kind),
        *(seconds(subscription.since), subscription.created_by, subscription.standing, subscription.pause or ""),
        seconds_or_none(subscription.paused_at),
        day_or_none(subscription.paused_until),
        *map(seconds_or_none, (subscription.probe_at, subscription.notified_at)),
        *(day_or_none(subscription.cursor), seconds(planned), subscription.version),
    )


def read(row: Row) -> Subscription:
    """The subscription from a row in the order of COLUMNS."""
    found = dict(zip(COLUMNS, row, strict=True))
    text = {name: str(value) for name, value in found.items()}
    schedule = Schedule(time.fromisoformat(text["at"]), text["zone"], tuple(map(int, text["days"])), Kind(text["kind"]))
    order = Order(
        text["name"],
        text["query"],
        int(found["top"] or 0),
        Layout(text["layout"]),
        int(found["min_votes"] or 0),
        schedule,
    )
    return Subscription(
        id=text["id"],
        channel=Channel(text["platform"], text["tenant"], text["channel"]),
        order=order,
        since=moment(found["since"]),
        created_by=text["created_by"],
        standing=Standing(text["state"]),
        pause=Pause(text["pause"]) if text["pause"] else None,
        paused_at=time_or_none(found["paused_at"]),
        paused_until=day(found["paused_until"]),
        probe_at=time_or_none(found["probe_at"]),
        notified_at=time_or_none(found["notified_at"]),
        cursor=day(found["cursor_day"]),
        planned_until=time_or_none(found["planned_until"]),
        version=int(found["version"] or 0),
    )
