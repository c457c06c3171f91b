"""The index follows the store: by the change cursor, and from the beginning when it is damaged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import BotError, IndexDamaged
from bot.ports import Index, Store

AT_ONCE = 2_000  # papers: memory is bounded by it, and what was stored is soon found
AFTER_FAILURE_SECONDS = 5.0
EVERY_SECONDS = 0.3  # a batch has to be searchable within a second

Progress = Callable[[int, int], None]  # papers indexed so far, papers in all

log = logging.getLogger(__name__)


def _silent(_done: int, _total: int) -> None:
    pass


async def keep_up(work: Callable[[], Awaitable[object]], every: float, failed: str) -> None:
    """Do the work every so many seconds until cancelled; a failure is logged as `failed`, and it is tried again."""
    while True:
        wait = every
        try:
            await work()
        except BotError as error:
            log.error("%s: %s", failed, error)
            wait = AFTER_FAILURE_SECONDS
        except Exception:  # nothing may end the loop
            log.exception(failed)
            wait = AFTER_FAILURE_SECONDS
        await asyncio.sleep(wait)


class Indexer:
    """Brings the index to where the store is; `progress` hears of it when there is much to do."""

    def __init__(self, store: Store, index: Index, progress: Progress = _silent) -> None:
        self._store = store
        self._index = index
        self._progress = progress

    async def open(self) -> None:
        """Open the index; begin anew where it cannot be used."""
        identity = await self._store.identity()
        try:
            await self._index.open(identity)
            await self._refuse_one_that_is_ahead()
        except IndexDamaged as error:
            log.debug("the search index is made anew: %s", error)
            await self._index.rebuild(identity)

    async def _refuse_one_that_is_ahead(self) -> None:
        """An index that has followed further than the store goes has followed another one, before a backup came back.

        Only when it is opened can that be seen: later the store may have caught up with other papers.
        """
        if self._index.state().cursor > await self._store.change_cursor():
            raise IndexDamaged("the index is ahead of the store")

    async def follow(self) -> None:
        """Keep the index up to date until cancelled; every failure is tried again."""
        await keep_up(self.catch_up, EVERY_SECONDS, "the search index could not follow, and is tried again")

    async def catch_up(self) -> int:
        """Put in what changed, and return how many papers that were. A damaged index is made anew first."""
        try:
            return await self._catch_up()
        except IndexDamaged as error:
            log.warning("the search index is damaged and is made anew: %s", error)
            await self.rebuild()
            return await self._catch_up()

    async def rebuild(self) -> None:
        """Throw the index away; `catch_up` fills it again."""
        await self._index.rebuild(await self._store.identity())

    async def _catch_up(self) -> int:
        state, end = self._index.state(), await self._store.change_cursor()
        total = (await self._store.stock()).papers if state.cursor < end else 0
        cursor, done = state.cursor, 0
        changes = await self._store.changes(cursor, AT_ONCE) if cursor < end else ()
        while changes:
            cursor, done = changes[-1][0], done + len(changes)
            changes, _ = await asyncio.gather(  # the next ones are read while these are put in
                self._store.changes(cursor, AT_ONCE if cursor < end else 0),
                self._index.update([paper for _, paper in changes], cursor),
            )
            if state.rebuilding:
                self._progress(min(done, total), total)
        if state.rebuilding:
            await self._index.finish_rebuild()
        return done
