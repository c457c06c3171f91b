"""Papers are read by the embedding model in the background, newest first."""

import logging
from collections.abc import Sequence

from bot.indexing import Progress, keep_up
from bot.models import Readable
from bot.ports import Meaning, Store, Vectors

EVERY_SECONDS = 2.0
_LOADED_AT_ONCE = 20_000  # vectors
_LOOKED_UP_AT_ONCE = 2_000  # papers: to find those that are missing takes a second a million
_READ_AT_ONCE = 16  # papers a write

log = logging.getLogger(__name__)


def _silent(_done: int, _total: int) -> None:
    pass


class Embedding:
    """Keeps what papers mean up to date; `progress` hears how many were read, of how many."""

    def __init__(self, store: Store, vectors: Vectors, meaning: Meaning, progress: Progress = _silent) -> None:
        self._store = store
        self._vectors = vectors
        self._meaning = meaning
        self._progress = progress
        self._since = 0  # the change up to which nothing is missing
        self._unreadable: dict[str, int] = {}  # by id, the change with which a paper could not be read

    async def load(self) -> None:
        """Put in all that was read before."""
        last = ""
        while some := await self._vectors.after(self._meaning.name, last, _LOADED_AT_ONCE):
            await self._meaning.put(some)
            last = max(some)
        await self._meaning.ready()

    async def follow(self) -> None:
        """Read what is missing until cancelled; every failure is tried again."""
        failed = "papers could not be read for their meaning, and are tried again"
        await keep_up(self.catch_up, EVERY_SECONDS, failed)

    async def catch_up(self) -> int:
        """Read what is missing, and return how many papers that were."""
        end, done = await self._store.change_cursor(), 0
        if end <= self._since:
            return 0
        name = self._meaning.name
        before, total = await self._vectors.count(name), (await self._store.stock()).papers
        while missing := await self._missing():
            for start in range(0, len(missing), _READ_AT_ONCE):
                read = await self._read(missing[start : start + _READ_AT_ONCE])
                await self._vectors.save(name, read)
                await self._meaning.put({one.id: vector for one, vector in read})
                done += len(read)
                self._progress(min(before + done, total), total)
        self._since = end
        return done

    async def _missing(self) -> list[Readable]:
        missing = await self._vectors.missing(self._meaning.name, self._since, _LOOKED_UP_AT_ONCE)
        return [one for one in missing if self._unreadable.get(one.id) != one.changed]

    async def _read(self, papers: Sequence[Readable]) -> list[tuple[Readable, bytes]]:
        """Those of the papers that can be read, with their vectors; one that cannot holds no other up."""
        try:
            return list(zip(papers, await self._meaning.encode([one.text for one in papers]), strict=True))
        except Exception as error:  # noqa: BLE001 - whatever the model fails with
            if len(papers) > 1:
                return [read for one in papers for read in await self._read([one])]
            self._unreadable[papers[0].id] = papers[0].changed
            log.warning("%s is not found by meaning, as it could not be read (%.200s)", papers[0].id, error)
            return []
