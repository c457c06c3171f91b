"""Asking the sources while somebody waits: within a time, and so that their failure is never an error."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import datetime

from bot.errors import SourceError, StoreError
from bot.models import Paper
from bot.ports import Source, Store
from bot.query import Query
from bot.results import Asked

SECONDS = 8.0

log = logging.getLogger(__name__)


class Fallback:
    """The sources, for what the store does not have; what they know is stored from then on."""

    def __init__(self, sources: Sequence[Source], store: Store) -> None:
        self._sources = sources
        self._store = store

    async def papers(self, ids: Sequence[str], now: datetime) -> tuple[Asked, ...]:
        """What the sources know of the ids: one after the other, each asked for what is still missing."""
        asked: list[Asked] = []
        missing = tuple(ids)
        deadline = asyncio.get_running_loop().time() + SECONDS
        for source in self._sources:
            if missing:
                asked.append(await self._ask(source, source.papers(missing), now, deadline))
                found = {paper.id for paper in asked[-1].papers}
                missing = tuple(id_ for id_ in missing if id_ not in found)
        return tuple(asked)

    async def search(self, wanted: Query, limit: int, now: datetime) -> tuple[Asked, ...]:
        """What the searches of all sources find, each in its own order."""
        deadline = asyncio.get_running_loop().time() + SECONDS
        questions = (self._ask(source, source.search(wanted, limit), now, deadline) for source in self._sources)
        return tuple(await asyncio.gather(*questions))

    async def _ask(
        self, source: Source, question: Awaitable[tuple[Paper, ...]], now: datetime, deadline: float
    ) -> Asked:
        try:
            async with asyncio.timeout_at(deadline):
                papers = await question
        except SourceError as error:
            return Asked(source.name, failure=str(error))
        except TimeoutError:
            return Asked(source.name, failure="it did not answer in time")
        try:
            await self._store.save_papers(papers, now)
        except StoreError as error:  # they can be shown all the same
            log.warning("what %s answered could not be stored: %s", source.name, error)
        return Asked(source.name, papers)
