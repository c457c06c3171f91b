"""The Board port in portable SQL: reads over all channels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.board import Backlog, Curve, Ordered, Orders
from bot.deliveries import State
from bot.store.database import Database, Row, Value
from bot.store.readable import each, readable
from bot.store.releases import marks
from bot.store.rows import seconds, time, time_or_none
from bot.store.subscriptions import COLUMNS, SELECT
from bot.store.subscriptions import read as read_subscription

_HAS = (  # a delivery in the span
    "EXISTS (SELECT 1 FROM deliveries d WHERE d.subscription = s.id "
    "AND d.local_date >= $1 AND d.local_date <= $2 AND d.state IN"
)
_TROUBLED_FIRST = (  # those that wait come later: nearly all wait for today's digest, which must not hide what failed
    f"CASE WHEN {_HAS} ('dead', 'uncertain')) THEN 0 WHEN s.state <> 'active' THEN 1 "
    f"WHEN {_HAS} ('pending')) THEN 2 ELSE 3 END"
)
_ORDERS = (
    f"SELECT {SELECT}, "
    "(SELECT MAX(d.sent_at) FROM deliveries d WHERE d.subscription = s.id AND d.state = 'sent'), "
    "(SELECT MIN(d.due_at) FROM deliveries d WHERE d.subscription = s.id AND d.state = 'pending') "
    f"FROM subscriptions s ORDER BY {_TROUBLED_FIRST}, s.platform, s.tenant, s.channel, s.name LIMIT $3"
)
_WORST = (State.SENT, State.SKIPPED, State.PENDING, State.UNCERTAIN, State.DEAD)  # of two on a day, the later is shown


class SqlBoard:
    """The Board on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @readable
    async def orders(self, first: date, last: date, limit: int) -> Orders:
        """Subscriptions of all channels (`limit` of them), and the deliveries of the local days, both ends included.

        The first are those with a dead or uncertain delivery in these days, then those that are not active, then those
        with one that waits.
        """
        between = "local_date >= $1 AND local_date <= $2"
        span = first.isoformat(), last.isoformat()
        rows = await self._fetch(_ORDERS, *span, limit)
        [[total]] = await self._fetch("SELECT COUNT(*) FROM subscriptions")
        ids = [row[0] for row in rows]
        sql = f"SELECT subscription, local_date, state FROM deliveries WHERE {between} AND subscription IN ({marks(ids, 3)})"
        ended = await self._fetch(sql, *span, *ids) if ids else []
        sql = f"SELECT local_date, state, COUNT(*) FROM deliveries WHERE {between} GROUP BY local_date, state"
        counts: dict[date, dict[State, int]] = defaultdict(dict)
        for day, state, count in await self._fetch(sql, *span):
            counts[date.fromisoformat(str(day))][State(str(state))] = int(count or 0)
        return Orders(_ordered(rows, ended), int(total or 0), counts)

    @readable
    async def backlog(self, now: datetime) -> Backlog:
        """How many deliveries there are, and what waits."""
        states = await self._fetch("SELECT state, COUNT(*) FROM deliveries GROUP BY state")
        sql = "SELECT COUNT(*), MIN(due_at) FROM deliveries WHERE state = 'pending' AND due_at <= $1"
        [[waiting, oldest]] = await self._fetch(sql, seconds(now))
        known = {State(str(state)): int(count or 0) for state, count in states}
        return Backlog(known, int(waiting or 0), time_or_none(oldest))

    @readable
    async def curves(self, papers: Sequence[str], since: datetime) -> Mapping[str, Curve]:
        """How the votes of each paper went; papers without a count are left out."""
        sql = (
            f"SELECT paper, first_seen, last_seen, votes FROM votes WHERE last_seen >= $1 AND paper IN ({marks(papers, 2)}) "
            "ORDER BY paper, first_seen"
        )
        found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for paper, first, last, votes in await self._fetch(sql, seconds(since), *papers) if papers else []:
            for moment in dict.fromkeys((max(int(first or 0), seconds(since)), int(last or 0))):
                found[str(paper)].append((time(moment), int(votes or 0)))
        return {paper: tuple(points) for paper, points in found.items()}

    async def _fetch(self, sql: str, *values: Value) -> list[Row]:
        async with self._database.reading() as reader:
            return await reader.fetch(sql, *values)


def _ordered(rows: Sequence[Row], ended: Sequence[Row]) -> tuple[Ordered, ...]:
    """The subscriptions with the worst of what became of their deliveries on each day; damaged ones are left out."""
    days: dict[str, dict[date, State]] = defaultdict(dict)
    for subscription, day, state in ended:
        known, new = days[str(subscription)], State(str(state))
        on = date.fromisoformat(str(day))
        known[on] = max(known.get(on, new), new, key=_WORST.index)

    def read(row: Row) -> Ordered:
        last, coming = row[len(COLUMNS) :]
        subscription = read_subscription(row[: len(COLUMNS)])
        return Ordered(subscription, time_or_none(last), time_or_none(coming), days[subscription.id])

    return tuple(each(read, rows)[0])
