"""Keeps the batches of the feed: fetches days, stores what came, remembers how the source does."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.errors import SourceError
from bot.models import Saved
from bot.ports import Feed, Store

log = logging.getLogger(__name__)

PATIENCE = 2  # failures in a row after which the source is taken to be out of reach

Progress = Callable[[date], None]


@dataclass(frozen=True, slots=True)
class Synced:
    """What fetching some days brought."""

    fetched: tuple[date, ...] = ()  # days that the source answered for, with or without a batch
    failed: tuple[tuple[date, SourceError], ...] = ()
    empty: int = 0  # of these, days without a batch
    skipped: int = 0  # entries that could not be read
    saved: Saved = field(default_factory=Saved)
    given_up: int = 0  # days not asked for any more, because the source is out of reach


class Ingest:
    """Fetches batches from one source into the store."""

    def __init__(self, source: Feed, store: Store, now: Callable[[], datetime]) -> None:
        self._source = source
        self._store = store
        self._now = now

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
