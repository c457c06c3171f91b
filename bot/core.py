"""The use cases: what the bot does when it is asked, on values alone. It knows no platform and no words."""

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot import identifiers, query, ranking
from bot.errors import IndexDamaged, Problem, StoreError, UserError
from bot.fallback import Fallback
from bot.feed_days import newest_batch_day
from bot.models import Hit, IndexState, Paper, Window
from bot.ports import Index, Records, Source
from bot.query import Field, Query
from bot.results import Asked, Condition, Named, Page, Results, Status, Trend, Trending
from bot.subscribing import Subscribing
from bot.subscriptions import Channel

CANDIDATES = 200  # re-ranking more finds no more (SEARCH 0.2)
LITTLE = 3  # papers; when fewer are found here, the sources are asked, which may take seconds
MOST_SHOWN = 10
MOST_COMPLETIONS = 25
NEAREST = 5
WINDOWS = {"today": 1, "week": 7, "month": 30}  # in feed days
SINCE_YESTERDAY = timedelta(hours=24)

T = TypeVar("T")
log = logging.getLogger(__name__)


class Core:
    """The use cases on one store and one index; sources are asked only for what is not stored."""

    def __init__(
        self, records: Records, index: Index, sources: Sequence[Source] = (), *, is_sample: bool = False
    ) -> None:
        store = self._store = records.papers
        self.subscribing = Subscribing(records, index)
        self._index = index
        self._fallback = Fallback(sources, store)
        self._is_sample = is_sample

    async def search(self, text: str, limit: int, page: Page, now: datetime) -> Results:
        """The best `limit` papers for a query. Raises UserError when it means or finds nothing."""
        if identifiers.only(text):
            return await self._page((await self.named(text, now)).papers[:limit], page, now)
        wanted = query.parse(text, now.date())
        if wanted.is_everything:
            raise UserError(Problem.NO_WORDS, text=text)
        found = await _usable(self._index.search(wanted, CANDIDATES))
        words = ranking.corrected(wanted.wanted, found.corrections)
        hits = ranking.best_first(found.hits, words, now.date())
        papers = await self._store.papers([hit.id for hit in hits[:limit]])
        is_enough = len(hits) >= min(limit, LITTLE) or _is_sure(hits, words)
        asked = _added(papers, await self._asked(wanted, limit, now, is_enough=is_enough), wanted)
        known = {hit.id: hit for hit in hits}
        reasons = {paper.id: why for paper in papers if (why := ranking.reason(paper, known[paper.id], words))}
        papers = (*papers, *(paper for answer in asked for paper in answer.papers))[:limit]
        if not papers:
            near = await self._nearest_categories(wanted)
            raise await self._nothing(Problem.NOTHING_FOUND, now, text=text, asked=asked, categories=near)
        shown = await self._page(papers, page, now)
        return replace(shown, corrections=found.corrections, asked=asked, reasons=reasons)

    async def trending(self, window: Trending, text: str, limit: int, page: Page, now: datetime) -> Trend:
        """The most voted papers of the newest batch (or of the one that is named), or of the time that ends with it."""
        newest = window.last or await self._store.newest_batch_day()
        if newest is None:
            raise UserError(Problem.NO_BATCHES)
        days = Window.ending(newest, min(WINDOWS[window.span], newest.toordinal()))
        papers = await self._store.papers_in(days)
        matching = await _usable(self._index.matching(query.parse(text, now.date()))) if text else None
        if matching:
            papers = tuple(paper for paper in papers if paper.id in matching.ids)
        if not papers:
            raise await self._nothing(Problem.NOTHING_TRENDING, now, text=text, window=days)
        before = await self._store.votes_at([p.id for p in papers], now - SINCE_YESTERDAY, now - 2 * SINCE_YESTERDAY)
        results = await self._page(ranking.by_votes(papers)[:limit], page, now)
        corrections = matching.corrections if matching else ()
        return Trend(replace(results, corrections=corrections), days, ranking.rising(papers, before))

    async def similar(self, text: str, limit: int, page: Page, now: datetime) -> tuple[Named, Results]:
        """The papers that were named, and those closest to them."""
        named = await self.certainly_named(text, now)
        found = await _usable(self._index.similar(named.papers, limit))
        if not found.hits:
            raise await self._nothing(Problem.NOTHING_FOUND, now, text=text)
        papers = await self._store.papers([hit.id for hit in found.hits])
        return named, await self._page(papers, page, now)

    async def certainly_named(self, text: str, now: datetime) -> Named:
        """As `named`, but a guess raises UserError, which names the nearest titles."""
        named = await self.named(text, now)
        if named.is_guess:
            raise UserError(Problem.UNKNOWN_TITLE, text=text, nearest=tuple(p.title for p in named.papers))
        return named

    async def named(self, text: str, now: datetime) -> Named:
        """The papers whose ids or URLs stand in `text`, else the one whose title it is. Raises UserError."""
        if ids := identifiers.find(text)[:MOST_SHOWN]:
            named = await self._by_ids(ids, now)
            malformed = tuple(
                word for word in text.split() if identifiers.looks_like_one(word) and not identifiers.find(word)
            )
            return replace(named, missing=(*named.missing, *malformed))
        if identifiers.looks_like_one(text):
            raise UserError(Problem.MALFORMED_ID, text=text)
        return await self._by_title(text, now)

    async def titles_starting(self, text: str) -> tuple[Hit, ...]:
        """Papers whose title begins with, or has, what was typed so far; most voted first."""
        try:
            return (await self._index.titles_starting(text, MOST_COMPLETIONS)).hits
        except IndexDamaged:
            return ()

    async def names_starting(self, field: Field, text: str) -> tuple[str, ...]:
        """Names of authors, organisations or categories that begin with what was typed so far."""
        try:
            return await self._index.names_starting(field, text, MOST_COMPLETIONS)
        except IndexDamaged:
            return ()

    async def _nearest_categories(self, wanted: Query) -> dict[str, tuple[str, ...]]:
        """For each category that is asked for and that no paper has, those that are nearest to it."""
        near = {}
        for text in wanted.categories:
            if not await self.names_starting(Field.CATEGORY, text):
                archive = text.partition(".")[0]
                known = await self.names_starting(Field.CATEGORY, archive) or await self.names_starting(
                    Field.CATEGORY, ""
                )
                near[text] = ranking.nearest(text, known)
        return near

    async def subscription_names(self, channel: Channel) -> tuple[str, ...]:
        """What the subscriptions of the channel are called."""
        try:
            return tuple(one.name for one in await self.subscribing.of(channel))
        except StoreError:
            return ()

    async def status(self, channel: Channel, now: datetime) -> Status:
        """What is stored, how fresh it is, how the sources do, and the subscriptions of the channel."""
        condition = await self.condition(now)
        health = await self._store.source_health()
        orders = await self.subscribing.standings(channel, now)
        return Status(await self._store.stock(), health, self._index_state(), condition, orders)

    async def condition(self, now: datetime) -> Condition:
        """What a reader must know of the state that answers come from."""
        newest = await self._store.newest_batch_day()
        condition = Condition(self._is_sample, newest, newest_batch_day(now))
        state = self._index_state()
        if state and not state.rebuilding:
            return condition
        stock = await self._store.stock()
        return replace(condition, indexed=state.papers if state else 0, to_index=stock.papers)

    async def _nothing(self, problem: Problem, now: datetime, **details: object) -> UserError:
        """What to raise when nothing is found: while the index is being rebuilt, that is no proof of absence."""
        condition = await self.condition(now)
        if condition.to_index:
            return UserError(Problem.INDEX_REBUILDING, condition=condition)
        return UserError(problem, condition=condition, **details)

    async def _asked(self, wanted: Query, limit: int, now: datetime, *, is_enough: bool) -> tuple[Asked, ...]:
        """What the sources find where little is found here; else what they found for it a moment ago, on an earlier page.

        While the index is being rebuilt, little that is found here says nothing.
        """
        if is_enough or (await self.condition(now)).to_index:
            return self._fallback.remembered(wanted, limit, now)
        return await self._fallback.search(wanted, limit, now)

    def _index_state(self) -> IndexState | None:
        try:
            return self._index.state()
        except IndexDamaged:
            return None

    async def _by_ids(self, ids: tuple[str, ...], now: datetime) -> Named:
        known = {paper.id: paper for paper in await self._store.papers(ids)}
        asked = await self._fallback.papers([id_ for id_ in ids if id_ not in known], now)
        known |= {paper.id: paper for answer in asked for paper in answer.papers}
        papers = tuple(known[id_] for id_ in ids if id_ in known)
        missing = tuple(id_ for id_ in ids if id_ not in known)
        if not papers:
            is_certain = not any(answer.failure for answer in asked)
            problem = Problem.UNKNOWN_PAPER if is_certain else Problem.UNREACHABLE_PAPER
            raise UserError(problem, ids=missing, asked=asked)
        return Named(papers, await self.condition(now), missing, asked)

    async def _by_title(self, text: str, now: datetime) -> Named:
        wanted = query.words(text)
        if not wanted.clauses:
            raise UserError(Problem.NO_WORDS, text=text)
        found = await _usable(self._index.search(wanted, CANDIDATES))
        words = ranking.corrected(wanted.wanted, found.corrections)
        hits = ranking.best_first(found.hits, words, now.date())
        near = ranking.near(hits, words)
        if not near:
            raise await self._nothing(Problem.UNKNOWN_TITLE, now, text=text, nearest=())
        meant = ranking.meant(hits, words)
        papers = await self._store.papers([meant.id] if meant else [hit.id for hit in near[:NEAREST]])
        return Named(papers, await self.condition(now), is_guess=meant is None)

    async def _page(self, papers: Sequence[Paper], page: Page, now: datetime) -> Results:
        shown = replace(page, total=len(papers))
        if papers and not papers[shown.slice]:
            raise UserError(Problem.PAGE_BEYOND, page=page.number)
        return Results(tuple(papers[shown.slice]), shown, await self.condition(now))


def _added(papers: Sequence[Paper], asked: Sequence[Asked], wanted: Query) -> tuple[Asked, ...]:
    """The answers with only what they add to the papers and the query admits, each paper once."""
    known = {paper.id for paper in papers}
    added = []
    for answer in asked:
        new = {paper.id: paper for paper in answer.papers if paper.id not in known and wanted.admits(paper)}
        known |= {*new}
        added.append(replace(answer, papers=tuple(new.values())))
    return tuple(added)


def _is_sure(hits: Sequence[Hit], words: str) -> bool:
    """Whether what was found is surely meant, however little it is: the title, or all that the filters leave."""
    return bool(hits) and (not words or ranking.meant(hits, words) is not None)


async def _usable(finding: Awaitable[T]) -> T:
    try:
        return await finding
    except IndexDamaged as error:
        log.warning("the index cannot be read: %s", error)
        raise UserError(Problem.INDEX_REBUILDING) from error
