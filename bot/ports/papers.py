"""Papers: where they come from, where they are kept, and how they are found."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.models import Batch, BatchInfo, Found, IndexState, Matching, Paper, Saved, SourceHealth, Stock, Window
from bot.query import Field, Query


class Source(Protocol):
    """Where papers come from. Every failure is a SourceError; nothing is retried by the caller."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers of those canonical ids that the source knows."""

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        """What the source's own search finds, best first; nothing for a query that it cannot express."""


class Feed(Source, Protocol):
    """A source that also lists batches."""

    async def batch(self, day: date) -> Batch:
        """The batch of the feed day as it is now; an empty one when there is none."""


class Store(Protocol):
    """All that the bot remembers. Every failure is a StoreError; times are aware, days are the feed's."""

    async def save_batch(self, batch: Batch, now: datetime) -> Saved:
        """Store the batch, its papers and the votes seen at `now`; all or nothing.

        Doing it twice changes nothing but counts. An empty batch never replaces a stored one.
        """

    async def save_papers(self, papers: Sequence[Paper], now: datetime) -> Saved:
        """Store papers outside a batch; what a stored paper knows and the new one does not is kept."""

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers in the order of `ids`; unknown ids are left out."""

    async def papers_in(self, window: Window) -> tuple[Paper, ...]:
        """The papers of all batches in the window, each once, in no particular order."""

    async def batches(self, window: Window) -> tuple[BatchInfo, ...]:
        """The stored batches of the window, newest first."""

    async def newest_batch_day(self) -> date | None:
        """The day of the newest stored batch that has papers."""

    async def votes_at(self, ids: Sequence[str], moment: datetime, oldest: datetime) -> Mapping[str, int]:
        """For each paper its votes as last seen at or before `moment`, else as first seen after it.

        What was last seen before `oldest` says nothing of `moment` and does not count; papers without a count
        are left out.
        """

    async def changes(self, after: int, limit: int) -> tuple[tuple[int, Paper], ...]:
        """Papers that changed after the cursor, with the cursor of each, in its order."""

    async def change_cursor(self) -> int:
        """The cursor of the newest change; 0 when nothing is stored."""

    async def identity(self) -> str:
        """A name that this database alone has: an index made from another one is of no use."""

    async def stock(self) -> Stock:
        """How much is stored."""

    async def note_source(self, source: str, now: datetime, error: str = "") -> None:
        """Remember that a source answered, or how it failed."""

    async def source_health(self) -> tuple[SourceHealth, ...]:
        """What is remembered of each source, by name."""


class Index(Protocol):
    """What can be found. It can always be rebuilt from the Store; IndexDamaged says that it must be."""

    async def search(self, query: Query, limit: int) -> Found:
        """The best `limit` papers by their words, and those that mean what is asked; bare words rank, everything else decides."""

    async def matching(self, query: Query) -> Matching:
        """All papers for which everything in the query holds, bare words too."""

    async def similar(self, papers: Sequence[Paper], limit: int) -> Found:
        """The papers closest to the given ones, without these themselves."""

    async def titles_starting(self, text: str, limit: int) -> Found:
        """Papers whose title has the words of `text`, the last one as a beginning; most voted first."""

    async def names_starting(self, field: Field, text: str, limit: int) -> tuple[str, ...]:
        """Names of authors, organisations or categories that begin so, those of the most voted papers first."""

    async def update(self, papers: Sequence[Paper], cursor: int) -> None:
        """Put the papers in, replacing what is there of them; durable and searchable on return.

        While the index is made anew that may be later, at the end of it at last; `state` says how far it is durable.
        """

    async def open(self, identity: str) -> None:
        """Get ready to follow the store of that identity. Raises IndexDamaged."""

    async def rebuild(self, identity: str) -> None:
        """Throw everything away and begin anew; the state says `rebuilding` until `finish_rebuild`."""

    async def finish_rebuild(self) -> None:
        """The index has reached the store."""

    def state(self) -> IndexState:
        """How far it is. Raises IndexDamaged."""
