"""Keeps the batches of the feed: fetches days, stores what came, remembers how the source does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.errors import BotError, SourceError, StoreError
from bot.feed_days import last_batch_days, since_roll_over
from bot.models import Saved
from bot.ports import Feed, Store

log = logging.getLogger(__name__)

PATIENCE = 2  # failures in a row after which the source is taken to be out of reach
NEWEST, SETTLING = 2, 10  # batches whose papers may still change; whose votes do, which is two weeks
ONCE_A_DAY = timedelta(days=1)
FILLING = timedelta(hours=8)  # how long after the roll-over most of a batch comes in
BEFORE_FREEZING = timedelta(minutes=2)  # as long as fetching takes, at its slowest
SLICE = timedelta(seconds=30)  # of sleep: the clock by which it is measured stands still while the machine does
OFTEN, SELDOM, AFTER_FAILURE = timedelta(minutes=5), timedelta(minutes=30), timedelta(minutes=1)

Progress = Callable[[date], None]
Sleep = Callable[[float], Awaitable[None]]
Freezing = Callable[[datetime], Awaitable[datetime | None]]


@dataclass(frozen=True, slots=True)
class Synced:
    """What fetching some days brought."""

    fetched: tuple[date, ...] = ()  # days that the source answered for, with or without a batch
    failed: tuple[tuple[date, SourceError], ...] = ()
    empty: int = 0  # of these, days without a batch
    skipped: int = 0  # entries that could not be read
    saved: Saved = field(default_factory=Saved)
    given_up: int = 0  # days not asked for any more, because the source is out of reach


def pause(now: datetime, freezing: datetime | None = None, *, failed: bool) -> timedelta:
    """How long to wait before the feed is looked at again.

    Often while a batch fills, soon after a failure, and shortly before the next digest is frozen.
    """
    if failed:
        return AFTER_FAILURE
    usual = OFTEN if since_roll_over(now) < FILLING else SELDOM
    before = freezing - BEFORE_FREEZING - now if freezing else usual
    return min(usual, before) if before > timedelta() else usual


async def _nothing_due(_now: datetime) -> datetime | None:
    return None


class Ingest:
    """Fetches batches from one source into the store."""

    def __init__(self, source: Feed, store: Store, now: Callable[[], datetime], sleep: Sleep = asyncio.sleep) -> None:
        self._source = source
        self._store = store
        self._now = now
        self._sleep = sleep

    @property
    def source_name(self) -> str:
        """What people call the source."""
        return self._source.name

    async def sync(self, days: Sequence[date], progress: Progress = lambda _: None) -> Synced:
        """Fetch and store the batches of the days, in their order; `progress` hears of each day when it is done.

        A day that fails is left out; after two in a row that fail the rest is given up.
        """
        result, failures_in_a_row = Synced(), 0
        for number, day in enumerate(days, 1):
            try:
                result = await self._sync_day(day, result)
                failures_in_a_row = 0
            except SourceError as error:
                failures_in_a_row += 1
                log.debug("the batch of %s was not fetched: %s", day, error)
                await self._store.note_source(self._source.name, self._now(), str(error))
                result = replace(result, failed=(*result.failed, (day, error)))
            progress(day)
            if failures_in_a_row == PATIENCE:
                return replace(result, given_up=len(days) - number)
        return result

    async def follow(self, fetched: Callable[[Synced], Awaitable[None]], freezing: Freezing = _nothing_due) -> None:
        """Look at the newest batches again and again, and once a day at the votes of two weeks, until cancelled.

        `fetched` hears of each look; `freezing` says when the next digest is frozen, for which votes have to be fresh.
        """
        settled: datetime | None = None
        while True:
            now = self._now()
            is_whole = settled is None or now - settled >= ONCE_A_DAY
            has_failed, following = True, None
            try:
                synced = await self._looked(last_batch_days(now, SETTLING if is_whole else NEWEST))
                has_failed = bool(synced.failed)
                settled = now if is_whole and not has_failed else settled
                await fetched(synced)
                # Behind the freezing for which it has just been looked, so that the one after that is not missed.
                following = await freezing(self._now() + BEFORE_FREEZING)
            except BotError as error:
                has_failed = True
                log.error("what the feed brought could not be told on, and it is looked at again: %s", error)
            except Exception:  # nothing may end the loop
                has_failed = True
                log.exception("the newest batches could not be looked at, and are tried again")
            await self._rest(pause(self._now(), following, failed=has_failed))

    async def _looked(self, days: Sequence[date]) -> Synced:
        try:
            return await self.sync(days)
        except StoreError as error:
            log.error("the newest batches could not be stored, and are tried again: %s", error)
            return Synced(failed=tuple((day, SourceError(str(error))) for day in days))

    async def _rest(self, span: timedelta) -> None:
        """Sleep so long, by the wall clock too: after the machine has slept, the feed is looked at at once."""
        end, left = self._now() + span, span
        while left > timedelta() and self._now() < end:
            part = min(left, SLICE)
            await self._sleep(part.total_seconds())
            left -= part

    async def _sync_day(self, day: date, before: Synced) -> Synced:
        batch = await self._source.batch(day)
        now = self._now()
        saved = await self._store.save_batch(batch, now)
        await self._store.note_source(self._source.name, now)
        return replace(
            before,
            fetched=(*before.fetched, day),
            empty=before.empty + (not batch.papers),
            skipped=before.skipped + batch.skipped,
            saved=before.saved + saved,
        )
