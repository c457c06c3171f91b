"""Chooses the papers of a digest: the ranking of some batches for an order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bot import planning, query, ranking, views
from bot.cards import Card
from bot.deliveries import Delivery, Digest, Edition, Freshness
from bot.errors import IndexDamaged, Problem, UserError
from bot.models import BatchInfo, Matching, Paper, Window
from bot.ports import Index, Store
from bot.query import Query
from bot.subscriptions import Kind, Order

WEEK = 5  # batches


class Editor:
    """Reads what is stored; everything that it gives depends on that alone."""

    def __init__(self, store: Store, index: Index) -> None:
        self._store = store
        self._index = index

    async def batches(self, window: Window) -> tuple[BatchInfo, ...]:
        """The stored batches of the window that have papers, newest first."""
        return tuple(batch for batch in await self._store.batches(window) if batch.size)

    async def passing(self, order: Order, days: Sequence[date], now: datetime) -> list[list[Paper]]:
        """The papers of each batch that pass the filter, most voted first.

        Raises UserError for a filter that means nothing, IndexDamaged while nobody can tell what passes.
        """
        found = await self.matching(order, now)
        groups = []
        for day in days:
            papers = await self._store.papers_in(Window(day, day))
            enough = (paper for paper in papers if (paper.votes or 0) >= order.min_votes)
            groups.append(ranking.by_votes(p for p in enough if found is None or p.id in found.ids))
        return groups

    async def matching(self, order: Order, now: datetime) -> Matching | None:
        """All stored papers that the words and bounds of the filter let pass; None when they let every paper."""
        return await self._matching(self.filter(order, now))

    async def passing_ever(self, order: Order, now: datetime) -> int | None:
        """How many of all stored papers pass, with votes enough; None when every paper does."""
        wanted = self.filter(order, now)
        found = await self._matching(replace(wanted, min_votes=max(wanted.min_votes, order.min_votes)))
        return None if found is None else len(found.ids)

    async def _matching(self, wanted: Query) -> Matching | None:
        if wanted.is_everything:
            return None
        if self._index.state().rebuilding:
            raise IndexDamaged("the search index is being rebuilt")
        return await self._index.matching(wanted)

    def filter(self, order: Order, now: datetime) -> Query:
        """What the query of the order means. Raises UserError."""
        wanted = query.parse(order.query, now.date())
        if order.query and wanted.is_everything:
            raise UserError(Problem.NO_WORDS, text=order.query)
        return wanted

    async def digest(
        self, order: Order, batches: Sequence[BatchInfo], freshness: Freshness, key: str, now: datetime
    ) -> Digest:
        """The ranking of all papers that pass: of a week by votes, of several days one of each in turn."""
        groups = await self.passing(order, [batch.day for batch in batches], now)
        if order.schedule.kind is Kind.WEEKLY:
            groups = [ranking.by_votes({paper.id: paper for group in groups for paper in group}.values())]
        return Digest(
            key=key,
            days=tuple(batch.day for batch in batches),
            frozen_at=now,
            votes_at=min(batch.fetched_at for batch in batches),
            freshness=freshness,
            ranking=planning.in_turn([[paper.id for paper in group] for group in groups]),
            size=sum(batch.size for batch in batches),
        )

    async def edition(self, order: Order, digest: Digest, papers: Sequence[str], left_out: int) -> Edition:
        """What a channel is shown."""
        return Edition(order, digest, await self._store.papers(papers), left_out, digest.votes_at)

    async def sample(self, order: Order, newest: date, now: datetime) -> Edition:
        """What would be posted of the batch of that day, or of the week that ends with it. Raises UserError."""
        batches = await self.batches(Window.ending(newest, planning.LOOKED_BACK.days))
        if not batches or batches[0].day != newest:
            raise UserError(Problem.NO_SUCH_BATCH, day=newest)
        batches = batches[:WEEK] if order.schedule.kind is Kind.WEEKLY else batches[:1]
        digest = await self.digest(order, batches, Freshness.FRESH, "", now)
        return await self.edition(order, digest, digest.ranking[: order.top], 0)


async def settled(store: Store, digest: Digest, delivery: Delivery) -> Card | None:
    """What was posted, with the numbers of now; None where it shows none, because it went out as plain text."""
    if delivery.card is None or not delivery.card.papers:
        return None
    known = {batch.day: batch.fetched_at for batch in await store.batches(digest.window)}
    votes_at = min((known[day] for day in digest.days if day in known), default=digest.votes_at)
    # Where it was old, the feed could perhaps be asked since then.
    is_fresh = digest.freshness is Freshness.STALE and votes_at > digest.frozen_at
    return views.settled(delivery.card, await store.papers(delivery.papers), votes_at, is_fresh=is_fresh)
