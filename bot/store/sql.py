"""The Store port in SQL that SQLite and PostgreSQL both understand (DESIGN 5.1)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.models import Batch, BatchInfo, Paper, Saved, SourceHealth, Stock, Window
from bot.store.database import Database, Reader, Row, Transaction, Value
from bot.store.readable import readable
from bot.store.rows import PAPER_COLUMNS, PAPER_SELECT, day, paper_row, read_paper, seconds, time, time_or_none

_AT_ONCE = 500  # ids in one statement; the engines allow some 32,000
_SAVE_PAPER = (
    f"INSERT INTO papers ({', '.join(PAPER_COLUMNS)}, changed) "
    f"VALUES ({', '.join(f'${n}' for n in range(1, len(PAPER_COLUMNS) + 2))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in (*PAPER_COLUMNS[1:], 'changed'))}"
)

_FORGET_VECTOR = "DELETE FROM vectors WHERE paper = $1"  # it means something else now


class SqlStore:
    """The Store on any Database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """Where it stores."""
        return self._database

    @readable
    async def save_batch(self, batch: Batch, now: datetime) -> Saved:
        """Store the batch, its papers and the votes seen at `now`; all or nothing."""
        async with self._database.transaction() as tx:
            if not batch.papers and await tx.fetch("SELECT day FROM batches WHERE day = $1", batch.day.isoformat()):
                return Saved()
            saved = await _save(tx, batch.papers, now)
            await _save_listing(tx, batch, now)
            return saved

    @readable
    async def save_papers(self, papers: Sequence[Paper], now: datetime) -> Saved:
        """Store papers outside a batch; what is known is kept where the new ones do not know it."""
        async with self._database.transaction() as tx:
            return await _save(tx, papers, now)

    @readable
    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers in the order of `ids`; unknown ids are left out."""
        async with self._database.reading() as reader:
            found = await _papers(reader, ids)
        return tuple(found[id_] for id_ in ids if id_ in found)

    @readable
    async def papers_in(self, window: Window) -> tuple[Paper, ...]:
        """The papers of all batches in the window, each once."""
        sql = (
            f"SELECT {PAPER_SELECT} FROM papers p WHERE p.id IN "
            "(SELECT paper FROM batch_papers WHERE day >= $1 AND day <= $2)"
        )
        return tuple(map(read_paper, await self._fetch(sql, *_bounds(window))))

    @readable
    async def batches(self, window: Window) -> tuple[BatchInfo, ...]:
        """The stored batches of the window, newest first."""
        sql = "SELECT day, size, fetched_at FROM batches WHERE day >= $1 AND day <= $2 ORDER BY day DESC"
        rows = await self._fetch(sql, *_bounds(window))
        return tuple(BatchInfo(date.fromisoformat(str(d)), int(size or 0), time(at)) for d, size, at in rows)

    @readable
    async def newest_batch_day(self) -> date | None:
        """The day of the newest stored batch that has papers."""
        return day((await self._fetch("SELECT MAX(day) FROM batches WHERE size > 0"))[0][0])

    @readable
    async def votes_at(self, ids: Sequence[str], moment: datetime, oldest: datetime) -> Mapping[str, int]:
        """For each paper its votes as last seen at or before `moment`, else as first seen after it."""
        found: dict[str, int] = {}
        async with self._database.reading() as reader:
            for some in _portions(ids):
                sql = (
                    f"SELECT paper, first_seen, votes FROM votes WHERE paper IN ({_marks(some)}) "
                    f"AND last_seen >= ${len(some) + 1} ORDER BY first_seen"
                )
                for id_, first_seen, votes in await reader.fetch(sql, *some, seconds(oldest)):
                    if str(id_) not in found or float(first_seen or 0) <= moment.timestamp():
                        found[str(id_)] = int(votes or 0)
        return found

    @readable
    async def changes(self, after: int, limit: int) -> tuple[tuple[int, Paper], ...]:
        """Papers that changed after the cursor, with the cursor of each, in its order."""
        sql = f"SELECT p.changed, {PAPER_SELECT} FROM papers p WHERE p.changed > $1 ORDER BY p.changed LIMIT $2"
        return tuple((int(changed or 0), read_paper(row)) for changed, *row in await self._fetch(sql, after, limit))

    @readable
    async def change_cursor(self) -> int:
        """The cursor of the newest change; 0 when nothing is stored."""
        async with self._database.reading() as reader:
            return await _counter(reader)

    @readable
    async def identity(self) -> str:
        """A name that this database alone has."""
        return str((await self._fetch("SELECT value FROM facts WHERE name = $1", "identity"))[0][0])

    @readable
    async def stock(self) -> Stock:
        """How much is stored."""
        papers = (await self._fetch("SELECT COUNT(*) FROM papers"))[0][0]
        sql = "SELECT COUNT(*), MIN(day), MAX(day), MAX(fetched_at) FROM batches WHERE size > 0"
        batches, first, last, fetched = (await self._fetch(sql))[0]
        return Stock(int(papers or 0), int(batches or 0), day(first), day(last), time_or_none(fetched))

    async def note_source(self, source: str, now: datetime, error: str = "") -> None:
        """Remember that a source answered, or how it failed."""
        column = "failed_at" if error else "answered_at"
        sql = (
            f"INSERT INTO sources (name, {column}, error) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
            f"SET {column} = excluded.{column}, error = excluded.error"
        )
        async with self._database.transaction() as tx:
            await tx.execute(sql, source, seconds(now), error)

    @readable
    async def source_health(self) -> tuple[SourceHealth, ...]:
        """What is remembered of each source, by name."""
        rows = await self._fetch("SELECT name, answered_at, failed_at, error FROM sources ORDER BY name")
        return tuple(
            SourceHealth(str(name), time_or_none(at), time_or_none(failed), str(error))
            for name, at, failed, error in rows
        )

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    async def _fetch(self, sql: str, *values: Value) -> list[Sequence[Value]]:
        async with self._database.reading() as reader:
            return await reader.fetch(sql, *values)


async def _save(tx: Transaction, papers: Sequence[Paper], now: datetime) -> Saved:
    """Write what is new of the papers, each under a change number of its own, and the votes that were seen."""
    known = await _papers(tx, [paper.id for paper in papers])
    runs = await _newest_runs(tx, [paper.id for paper in papers if paper.votes is not None])
    merged: dict[str, Paper] = {}
    for paper in papers:
        old = merged.get(paper.id) or known.get(paper.id)
        is_older = paper.id in runs and seconds(now) < runs[paper.id].last_seen
        merged[paper.id] = old.updated_by(_facts(paper) if is_older else paper) if old else paper
    written = [paper for paper in merged.values() if known.get(paper.id) != paper]
    change = await _counter(tx)
    rows = [[*paper_row(paper), change + n] for n, paper in enumerate(written, 1)]
    if rows:
        await tx.execute_many(_SAVE_PAPER, rows)
        await tx.execute("UPDATE counters SET value = $1 WHERE name = $2", change + len(rows), "changes")
    await tx.execute_many(_FORGET_VECTOR, [[p.id] for p in written if p.id in known and p.text != known[p.id].text])
    await _save_votes(tx, papers, runs, seconds(now))
    added = tuple(p.id for p in written if p.id not in known)
    changed = tuple(p.id for p in written if p.id in known and _facts(p) != _facts(known[p.id]))
    return Saved(added, changed, len(written) - len(added) - len(changed))


@dataclass(frozen=True, slots=True)
class _Run:
    """For how long a paper was last seen with the same votes, in epoch seconds."""

    first_seen: int
    last_seen: int
    votes: int


async def _newest_runs(reader: Reader, ids: Sequence[str]) -> dict[str, _Run]:
    newest: dict[str, _Run] = {}
    for some in _portions(ids):
        sql = (
            f"SELECT paper, first_seen, last_seen, votes FROM votes WHERE paper IN ({_marks(some)}) ORDER BY first_seen"
        )
        for id_, first_seen, last_seen, votes in await reader.fetch(sql, *some):
            newest[str(id_)] = _Run(int(first_seen or 0), int(last_seen or 0), int(votes or 0))
    return newest


async def _save_votes(tx: Transaction, papers: Sequence[Paper], runs: Mapping[str, _Run], now: int) -> None:
    """Prolong the newest run of each paper while its votes stay the same, else begin another.

    What was seen before that (a saved day that is imported) is a run of its own in the past.
    """
    same: list[Row] = []
    moved: list[Row] = []
    for id_, votes in {paper.id: paper.votes for paper in papers if paper.votes is not None}.items():
        run = runs.get(id_)
        if run and run.votes == votes and run.first_seen <= now:
            same.append([max(now, run.last_seen), id_, run.first_seen])
        elif run is None or not run.first_seen <= now < run.last_seen:
            moved.append([id_, now, votes])
    if same:
        await tx.execute_many("UPDATE votes SET last_seen = $1 WHERE paper = $2 AND first_seen = $3", same)
    if moved:
        sql = (
            "INSERT INTO votes (paper, first_seen, last_seen, votes) VALUES ($1, $2, $2, $3) "
            "ON CONFLICT (paper, first_seen) DO UPDATE SET votes = excluded.votes"
        )
        await tx.execute_many(sql, moved)


async def _save_listing(tx: Transaction, batch: Batch, now: datetime) -> None:
    listed = batch.day.isoformat()
    sql = (
        "INSERT INTO batches (day, size, skipped, fetched_at) VALUES ($1, $2, $3, $4) ON CONFLICT (day) DO UPDATE "
        "SET size = excluded.size, skipped = excluded.skipped, fetched_at = excluded.fetched_at"
    )
    await tx.execute(sql, listed, len(batch.papers), batch.skipped, seconds(now))
    if batch.skipped:  # a paper that is not listed may be one that could not be read this time
        again: list[Row] = [[listed, paper.id] for paper in batch.papers]
        await tx.execute_many("DELETE FROM batch_papers WHERE day = $1 AND paper = $2", again)
    else:
        await tx.execute("DELETE FROM batch_papers WHERE day = $1", listed)
    places: list[Row] = [[listed, paper.id, place] for place, paper in enumerate(batch.papers)]
    await tx.execute_many("INSERT INTO batch_papers (day, paper, place) VALUES ($1, $2, $3)", places)


async def _papers(reader: Reader, ids: Sequence[str]) -> dict[str, Paper]:
    found: dict[str, Paper] = {}
    for some in _portions(ids):
        rows = await reader.fetch(f"SELECT {PAPER_SELECT} FROM papers p WHERE p.id IN ({_marks(some)})", *some)
        found |= {str(row[0]): read_paper(row) for row in rows}
    return found


async def _counter(reader: Reader) -> int:
    rows = await reader.fetch("SELECT value FROM counters WHERE name = $1", "changes")
    return int(rows[0][0] or 0)


def _facts(paper: Paper) -> Paper:
    """The paper without what is counted."""
    return replace(paper, votes=None, comments=None, stars=None)


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _marks(values: Sequence[str]) -> str:
    return ", ".join(f"${n}" for n in range(1, len(values) + 1))


def _bounds(window: Window) -> tuple[str, str]:
    return window.first.isoformat(), window.last.isoformat()
