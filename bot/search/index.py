"""The Index port on tantivy. All work is done in threads; the engine releases the GIL while it searches."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import tantivy

from bot import ranking
from bot.errors import IndexDamaged, StoreError
from bot.models import Found, Hit, IndexState, Matching, Paper
from bot.query import Field, Query
from bot.search import folder as folders
from bot.search.completion import Completion
from bot.search.folder import FolderState
from bot.search.hits import read_hits
from bot.search.queries import QueryBuilder
from bot.search.schema import VERSION, Terms
from bot.search.similar import key_terms
from bot.search.spelling import Spelling
from bot.search.writer import Writer, effort

if TYPE_CHECKING:  # an extra
    from bot.search.meaning import Meaning
    from bot.search.model import Vector

_COMMITTED_AT_ONCE = 100_000  # papers at most: each commit costs time, and what it wrote is merged later
_THREADS = 2  # more would only wait for the interpreter's lock, and let the event loop wait
_NEIGHBOURS = 200  # of each paper
_MEANT = 100  # papers that mean what is wanted, beside those that have the words; those behind are never shown
_MOST_MATCHES = 1_000_000
_LEAST_LIKE = 0.25  # a cosine; what is less like what is wanted, and has none of its words, is not worth showing

T = TypeVar("T")
log = logging.getLogger(__name__)


class TantivyIndex:
    """An index in a folder; with `writable=False` one that another process keeps up to date."""

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        self._folder = folder
        self._writable = writable
        self._terms = Terms()
        self._queries = QueryBuilder(self._terms)
        self._spelling = Spelling(self._terms)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="index")
        self._writing = threading.Lock()
        self._index: tantivy.Index | None = None
        self._writer: Writer | None = None
        self._state: FolderState | None = None
        self._watch: folders.Watch | None = None
        self._completion = Completion(self._terms, self._queries)
        self._meaning: Meaning | None = None

    def understand(self, meaning: "Meaning") -> None:
        """From now on papers are found by what they mean, too."""
        self._meaning = meaning
        self._spelling.trust(meaning.knows)

    async def open(self, identity: str) -> None:
        """Get ready to follow the store of that identity. Raises IndexDamaged."""
        await self._run(lambda: self._open(identity))

    async def rebuild(self, identity: str) -> None:
        """Throw everything away and begin anew."""
        await self._run(lambda: self._rebuild(identity))

    async def finish_rebuild(self) -> None:
        """The index has reached the store."""
        await self._run(self._finish_rebuild)

    async def update(self, papers: Sequence[Paper], cursor: int) -> None:
        """Put the papers in, replacing what is there of them; durable and searchable on return, unless all are made anew."""
        await self._run(lambda: self._update(papers, cursor))

    async def search(self, query: Query, limit: int) -> Found:
        """The best `limit` papers by their words, and those that mean what is asked, in no final order."""
        return await self._run(lambda: self._search(query, limit))

    async def matching(self, query: Query) -> Matching:
        """All papers for which everything in the query holds, bare words too."""
        return await self._run(lambda: self._matching(query))

    async def similar(self, papers: Sequence[Paper], limit: int) -> Found:
        """The papers closest to the given ones, by key terms and by meaning as far as that is known."""
        return await self._run(lambda: self._similar(papers, limit))

    async def titles_starting(self, text: str, limit: int) -> Found:
        """Papers whose title has the words of `text`, the last one as a beginning; most voted first."""
        complete = self._completion.titles
        return Found(await self._run(lambda: self._guarded(lambda: complete(text, limit, self._searcher()))))

    async def names_starting(self, field: Field, text: str, limit: int) -> tuple[str, ...]:
        """Names of authors, organisations or categories that begin so, those of the most voted papers first."""
        complete = self._completion.names
        return await self._run(lambda: self._guarded(lambda: complete(field, text, limit, self._searcher())))

    async def verify(self) -> None:
        """Read every file and compare its checksum. Raises IndexDamaged."""
        await self._run(lambda: folders.verify(self._folder))

    def state(self) -> IndexState:
        """How far it is. Raises IndexDamaged."""
        searcher = self._searcher()
        state = self._state if self._writable else folders.read_state(self._folder)
        if state is None or (self._writable and not folders.is_there(self._folder)):
            raise IndexDamaged(f"{self._folder} is gone")
        read = len(self._meaning) if self._meaning else None
        return IndexState(searcher.num_docs, state.cursor, state.rebuilding, read)

    async def close(self) -> None:
        """End the threads; what was put in is durable already."""
        self._writer = self._index = None
        self._pool.shutdown(wait=True)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do the work of the engine; whatever it cannot read becomes IndexDamaged, now and from then on.

        A damaged index makes tantivy panic, and its PanicException is no Exception (SEARCH, trap 15).
        """
        try:
            return work()
        except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
            raise
        except BaseException as error:
            self._index = None
            raise IndexDamaged(str(error)) from error

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _open(self, identity: str) -> None:
        state = folders.read_state(self._folder)
        if (state.schema, state.identity) != (VERSION, identity):
            raise IndexDamaged(f"{self._folder} was made by another version or from another database")
        if self._writable:
            folders.verify(self._folder)
        self._guarded(self._attach)
        self._state = state

    def _attach(self) -> None:
        self._index = tantivy.Index(self._terms.schema, str(self._folder))
        self._terms.register(self._index)
        self._index.config_reader("manual" if self._writable else "commit")
        self._index.reload()
        self._watch = folders.Watch(self._folder) if self._writable else None
        self._spelling.forget()

    def _rebuild(self, identity: str) -> None:
        with self._writing:
            self._end_writing()
            self._index = self._state = None
            folders.empty(self._folder)
            try:
                self._attach()
                self._save_state(FolderState(VERSION, identity, cursor=0, rebuilding=True))
            except BaseException as error:
                raise self._not_written(error) from error

    def _finish_rebuild(self) -> None:
        with self._writing:
            if not self._state or not self._state.rebuilding:
                return
            with self._written():
                self._commit()
                self._end_writing()  # the next writer needs less memory
                self._save_state(replace(self._state, rebuilding=False))
            self._spelling.forget()

    def _end_writing(self) -> None:
        if self._writer:
            self._writer.end()
            self._writer = None

    def _update(self, papers: Sequence[Paper], cursor: int) -> None:
        with self._writing:
            if not self._state or not self._index or not folders.is_there(self._folder):
                raise IndexDamaged(f"{self._folder} is gone")
            with self._written():
                there = self._index.searcher().num_docs
                needed = effort(there, rebuilding=self._state.rebuilding)
                if self._writer and self._writer.effort != needed:
                    self._end_writing()
                self._writer = self._writer or Writer(self._index, self._terms, needed)
                self._writer.put(papers, cursor)
                # As many as are there already: so the first are soon found, and few commits are made.
                if not self._state.rebuilding or self._writer.uncommitted >= min(there, _COMMITTED_AT_ONCE):
                    self._commit()

    @contextmanager
    def _written(self) -> Iterator[None]:
        """What is done inside is written as a whole or not at all. Raises StoreError, or IndexDamaged."""
        try:
            yield
        except BaseException as error:
            # What was committed before is whole, or is damaged; a full disk is no reason to throw it away.
            self._writer = None
            folders.verify(self._folder)
            raise self._not_written(error) from error

    def _commit(self) -> None:
        """Make what was put in durable, and searchable here."""
        if self._writer and self._index and self._state:
            self._writer.commit()
            self._index.reload()
            self._save_state(replace(self._state, cursor=self._writer.cursor))

    def _save_state(self, state: FolderState) -> None:
        folders.write_state(self._folder, state)
        self._state = state

    def _not_written(self, error: BaseException) -> StoreError:
        return StoreError(
            f"The search index {self._folder} cannot be written ({error}): "
            "make space on its disk, or make it writable, then try again."
        )

    def _searcher(self) -> tantivy.Searcher:
        if self._index is None:
            raise IndexDamaged(f"{self._folder} is not open")
        if self._watch:
            self._guarded(self._watch.look)
        return self._index.searcher()

    def _search(self, query: Query, limit: int) -> Found:
        searcher = self._searcher()
        repaired, corrections = self._guarded(lambda: self._spelling.repair(query, searcher))
        has_words = any(clause.is_plain for clause in repaired.clauses)
        hits = self._hits(self._queries.ranked(repaired, searcher), limit, by_votes=not has_words)
        if self._meaning and has_words:
            among = partial(self._queries.among, repaired, searcher)
            hits = self._meant(lambda meaning: meaning.of(repaired.wanted), hits, _MEANT, among)
        return Found(hits, corrections)

    def _similar(self, papers: Sequence[Paper], limit: int) -> Found:
        """By their key terms, and by what they mean as far as that is known."""
        without = [paper.id for paper in papers]
        hits = self._guarded(lambda: self._with_their_terms(papers, without))
        if self._meaning:
            texts, most = {paper.id: paper.text for paper in papers}, _NEIGHBOURS + len(papers)
            hits = self._meant(lambda meaning: meaning.of_papers(texts), hits, most, self._queries.only)
        nearest = [hit for hit in ranking.nearest_first(hits) if hit.id not in without]
        return Found(tuple(nearest[:limit]))

    def _with_their_terms(self, papers: Sequence[Paper], without: Sequence[str]) -> tuple[Hit, ...]:
        """Each paper finds its neighbours; the scores of those that are near to several of them add up."""
        searcher, found = self._searcher(), dict[str, Hit]()
        for paper in papers:
            stems = key_terms(paper, self._terms, searcher)
            hits = self._hits(self._queries.weighted(stems, without), _NEIGHBOURS) if stems else ()
            for hit in hits:
                score = hit.text_score / hits[0].text_score + (found[hit.id].text_score if hit.id in found else 0.0)
                found[hit.id] = replace(hit, text_score=score)
        return tuple(found.values())

    def _meant(
        self,
        read: "Callable[[Meaning], Vector]",
        hits: Sequence[Hit],
        limit: int,
        among: Callable[[Sequence[str]], tantivy.Query],
    ) -> tuple[Hit, ...]:
        """Also the papers whose meaning is near to what is read, and how near each of all of them is."""
        assert self._meaning
        try:
            wanted = read(self._meaning)
            near = self._meaning.nearest(wanted, limit)
            nearness = near | self._meaning.cosines(wanted, [hit.id for hit in hits])
        except Exception as error:  # noqa: BLE001 - whatever the model fails with, the words are there
            log.warning("words alone are compared this time, because the model failed (%.200s)", error)
            return tuple(hits)
        further = [id_ for id_ in near.keys() - {hit.id for hit in hits} if near[id_] >= _LEAST_LIKE]
        both = (*hits, *(self._hits(among(further), len(further)) if further else ()))
        return tuple(replace(hit, nearness=nearness.get(hit.id)) for hit in both)

    def _matching(self, query: Query) -> Matching:
        searcher = self._searcher()
        repaired, corrections = self._guarded(lambda: self._spelling.repair(query, searcher))
        hits = self._hits(self._queries.matching(repaired), _MOST_MATCHES)
        return Matching(frozenset(hit.id for hit in hits), corrections)

    def _hits(self, query: tantivy.Query, limit: int, *, by_votes: bool = False) -> tuple[Hit, ...]:
        return self._guarded(lambda: read_hits(self._searcher(), query, limit, by_votes=by_votes))
