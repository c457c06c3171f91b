"""Asking the sources while somebody waits: within a time, not twice the same, and so that their failure is no error."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Hashable, Sequence
from datetime import datetime, timedelta

from bot.errors import ReadOnly, SourceError, StoreError
from bot.models import Paper
from bot.ports import Source, Store
from bot.query import Query
from bot.results import Asked

SECONDS = 8.0  # that somebody waits for all sources together
REMEMBERED_FOR = timedelta(minutes=10)
MOST_REMEMBERED = 200  # answers of one source

log = logging.getLogger(__name__)


class Fallback:
    """The sources, for what the store does not have; what they know is stored from then on."""

    def __init__(self, sources: Sequence[Source], store: Store) -> None:
        self._sources = [_Asking(source, store) for source in sources]

    async def papers(self, ids: Sequence[str], now: datetime) -> tuple[Asked, ...]:
        """What the sources know of the ids: one after the other, each asked for what is still missing."""
        asked: list[Asked] = []
        missing = tuple(ids)
        clock = asyncio.get_running_loop().time
        deadline = clock() + SECONDS
        for left, source in zip(range(len(self._sources), 0, -1), self._sources, strict=True):
            if missing:
                share = (deadline - clock()) / left  # so one that hangs leaves the next ones their part
                asked.append(await source.papers(missing, now, share))
                found = {paper.id for paper in asked[-1].papers}
                missing = tuple(id_ for id_ in missing if id_ not in found)
        return tuple(asked)

    async def search(self, wanted: Query, limit: int, now: datetime) -> tuple[Asked, ...]:
        """What the searches of all sources find, each in its own order."""
        return tuple(await asyncio.gather(*(source.search(wanted, limit, now) for source in self._sources)))

    def remembered(self, wanted: Query, limit: int, now: datetime) -> tuple[Asked, ...]:
        """What `search` found for the same a moment ago; nobody is asked."""
        return tuple(filter(None, (source.remembered((wanted, limit), now) for source in self._sources)))


class _Asking:
    """One source, and for some minutes what it answered, so that it is not asked the same again and again."""

    def __init__(self, source: Source, store: Store) -> None:
        self._source = source
        self._store = store
        self._answers: OrderedDict[Hashable, tuple[datetime, Asked]] = OrderedDict()

    async def papers(self, ids: Sequence[str], now: datetime, seconds: float) -> Asked:
        """What it knows of the ids; those that it did not know a moment ago are not asked for."""
        nothing = Asked(self._source.name)
        new = tuple(id_ for id_ in ids if not self.remembered(id_, now))
        asked = await self._ask(self._source.papers(new), now, seconds) if new else nothing
        if not asked.failure:
            for id_ in {*new} - {paper.id for paper in asked.papers}:
                self._remember(id_, nothing, now)
        return asked

    async def search(self, wanted: Query, limit: int, now: datetime) -> Asked:
        """What its search finds, or found a moment ago."""
        question = (wanted, limit)
        if remembered := self.remembered(question, now):
            return remembered
        asked = await self._ask(self._source.search(wanted, limit), now, SECONDS)
        if not asked.failure:
            self._remember(question, asked, now)
        return asked

    async def _ask(self, question: Awaitable[tuple[Paper, ...]], now: datetime, seconds: float) -> Asked:
        try:
            async with asyncio.timeout(seconds):
                papers = await question
        except SourceError as error:
            return await self._failed(str(error), now)
        except TimeoutError:
            return await self._failed("it did not answer in time", now)
        await self._note(now)
        return Asked(self._source.name, await self._stored(papers, now))

    async def _failed(self, failure: str, now: datetime) -> Asked:
        await self._note(now, failure)
        return Asked(self._source.name, failure=failure)

    async def _note(self, now: datetime, failure: str = "") -> None:
        """Let `status` know how the source does."""
        try:
            await self._store.note_source(self._source.name, now, failure)
        except StoreError as error:  # nobody waits for this
            log.debug("how %s does could not be stored: %s", self._source.name, error)

    async def _stored(self, answer: tuple[Paper, ...], now: datetime) -> tuple[Paper, ...]:
        """The papers, each once, with all that is known of them from now on."""
        papers = {paper.id: paper for paper in answer}
        try:
            await self._store.save_papers(tuple(papers.values()), now)
            return await self._store.papers(tuple(papers))
        except StoreError as error:  # they can be shown all the same
            level = (
                logging.DEBUG if isinstance(error, ReadOnly) else logging.WARNING
            )  # the process that writes is another
            log.log(level, "what %s answered could not be stored: %s", self._source.name, error)
            return tuple(papers.values())

    def remembered(self, question: Hashable, now: datetime) -> Asked | None:
        """What it answered to an id or a search, unless that was long ago."""
        asked_at, answer = self._answers.get(question, (now, None))
        return answer if now - asked_at < REMEMBERED_FOR else None

    def _remember(self, question: Hashable, answer: Asked, now: datetime) -> None:
        self._answers[question] = now, answer
        self._answers.move_to_end(question)
        if len(self._answers) > MOST_REMEMBERED:
            self._answers.popitem(last=False)
