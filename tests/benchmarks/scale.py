"""What a large collection costs: bringing it in, its size on disk and in memory, and the time of an answer."""

import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bot import dispatch
from bot.cli import wiring
from bot.cli.wiring import Library
from bot.models import Paper
from tests.benchmarks import fts5, large, million, quality, shelf
from tests.benchmarks.feed import ALL_DAYS, QUERIES, latency
from tests.benchmarks.figures import Figure
from tests.benchmarks.judged import SNAPSHOT
from tests.benchmarks.queries import known_items, varied
from tests.benchmarks.table import percentile, row, timed
from tests.upstream import serving

MILLION = 1_000_000
ORDINARY = 110_000  # papers: the snapshot and the feed
ALL_OF_ARXIV = 2.8  # millions of papers
FOUR_WORDS = 100  # queries
REMEMBERED = 100  # of the queries, that a process is asked before its memory is looked at
GIGABYTE = 1e9
_HELD = {
    "VmRSS": "idle after searches",
    "RssAnon": "without the files that it reads through memory",
    "VmHWM": "at its peak",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a collection is asked, and of what it is made."""

    count: int  # papers
    papers: tuple[Paper, ...]  # some of the real ones
    voted: tuple[Paper, ...]  # those of the feed
    queries: tuple[str, ...]

    @property
    def total(self) -> str:
        """How many papers it has, as it is shown."""
        return f"{self.count:,}"


async def of_the_snapshot(folder: Path, titles: int) -> AsyncIterator[Figure]:
    """The snapshot of a hundred thousand papers: quality, and the time of an answer beside SQLite's."""
    shelf.run(shelf.program(folder), "import", str(SNAPSHOT))
    async with shelf.opened(folder) as library:
        papers = await quality.some(library.store, 4_000)
        async for figure in quality.known(library.core, papers, titles, "100,000", 0.98):
            yield figure
        await _beside_fts5(library, papers, folder / "fts5.db", "100,000")


async def measure(folder: Path, total: int, titles: int, *, model: bool) -> AsyncIterator[Figure]:
    """A made collection of `total` papers, kept in the folder, where what is there already is taken as it is."""
    millions = total / MILLION
    _bring_in(folder, total)
    with serving() as upstream:
        fed = {**shelf.program(folder), "HF_API_URL": upstream.hf_api_url}
        timed(fed, "sync", "--days", "480")  # batches, so that something can be written while people type
    _rebuild(shelf.program(folder), millions)
    _sizes(folder, millions, "")
    async with shelf.opened(folder) as library:
        asked = await _asked(library, total)
        async for figure in quality.known(library.core, asked.papers, titles, asked.total, 0.95):
            yield figure
        await _speed(library, asked, "")
        await _beside_fts5(library, asked.papers, folder / "fts5.db", asked.total)
    _memory(folder, asked, model=False)
    if model:
        await _with_vectors(folder, asked, millions)


async def _with_vectors(folder: Path, asked: Asked, millions: float) -> None:
    """The same with a vector for each paper: random ones, as nothing but speed and size is measured."""
    from tests.benchmarks import vectors  # noqa: PLC0415  # it needs the packages of `semantic`

    async with shelf.opened(folder) as library:
        await vectors.fill(library.records.vectors)
    _sizes(folder, millions, ", with vectors")
    async with shelf.opened(folder, model=True) as library:
        await _speed(library, asked, ", with vectors")
    _memory(folder, asked, model=True)


def _bring_in(folder: Path, total: int) -> None:
    """Make and import the papers, unless that was done before."""
    done = folder / "imported"
    if done.exists():
        row(f"`import` of {total:,} papers", "", "imported before")
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "papers.json"
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # what is held here would count as the bot's memory
        apart.submit(million.write, path, SNAPSHOT, total).result()
    taken = large.cost(shelf.program(folder), "import", str(path))
    rate = f"{total / taken.seconds:,.0f} papers/s"
    row(f"`import` of {total:,} papers, stored and indexed", "5,000 papers/s", rate)
    row("its peak memory", "", f"{taken.peak:,.0f} MB")
    done.touch()


def _rebuild(given: dict[str, str], millions: float) -> None:
    taken = large.cost(given, "reindex")
    _cost("index built anew, per million papers", "90 s", taken.seconds / millions, "s")
    _cost("the same, seconds of the processors", "", taken.processor_seconds / millions, "s")


def _sizes(folder: Path, millions: float, state: str) -> None:
    index = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file())
    _cost(f"index on disk, per million papers{state}", "0.6 GB", index / GIGABYTE / millions, "GB")
    database = sum(path.stat().st_size for path in folder.glob("paper-round.db*"))
    _cost(f"database on disk, per million papers{state}", "", database / GIGABYTE / millions, "GB")


def _memory(folder: Path, asked: Asked, *, model: bool) -> None:
    """Of the running bot, when it has answered some searches and waits."""
    held = large.held(shelf.program(folder, model=model), asked.queries[:REMEMBERED])
    what = f"memory of the process among {asked.total} papers{', with vectors' if model else ''}"
    bar = (0.25, 0.35)[model] if asked.count <= ORDINARY else (0.6, 1.2)[model]
    for kind, name in _HELD.items():
        gigabytes = held[kind] * 2**20 / GIGABYTE
        more = f"; {ALL_OF_ARXIV * MILLION / asked.count * gigabytes:.1f} GB for {ALL_OF_ARXIV} million"
        measured = f"{gigabytes:.2f} GB{more if asked.count >= MILLION else ''}"
        row(f"{what}, {name}", f"under {bar} GB" if kind == "VmRSS" else "", measured)


async def _asked(library: Library, total: int) -> Asked:
    papers = await quality.some(library.store, 4_000, min(total, quality.REAL))
    voted = await library.store.papers_in(ALL_DAYS)
    return Asked(total, tuple(papers), voted, tuple(varied([*voted[::4], *papers], QUERIES)))


async def _speed(library: Library, asked: Asked, state: str) -> None:
    total = f"{asked.total} papers{state}"
    bars = (20, 60) if asked.count > ORDINARY else (12, 40)
    taken = await latency(library, asked.queries, f"`search` of {total}", *bars)
    if asked.count >= MILLION:  # of few papers most is not theirs
        p50, p99 = (milliseconds * ALL_OF_ARXIV * MILLION / asked.count for milliseconds in taken)
        row(f"the same for {ALL_OF_ARXIV} million{state}, by the number of papers", "", f"{p50:,.0f} and {p99:,.0f} ms")
    await large.completion(library, asked.voted, total)
    await large.stalls(library, asked.queries)


async def _beside_fts5(library: Library, papers: Sequence[Paper], path: Path, total: str) -> None:
    """Four words of a title: a whole answer of the bot, and the bare ids from SQLite."""
    queries = [asked.text for asked in known_items(papers, 2 * FOUR_WORDS) if asked.kind == "four words"][:FOUR_WORDS]
    if not path.exists():
        await fts5.fill(path, library.store)
    ours = []
    for text in queries:
        start = time.perf_counter()
        await dispatch.run_text(f"search {text}", library.core, wiring.now())
        ours.append(1000 * (time.perf_counter() - start))
    with fts5.opened(path) as connection:
        theirs = fts5.times(connection, queries)
    for percent in (50, 99):
        mine, other = percentile(ours, percent), percentile(theirs, percent)
        times = f"{other:,.0f} ms beside {mine:,.1f} ms, {other / mine:.1f} times as long"
        row(f"four words among {total} papers, p{percent}: bare ids of FTS5 beside a whole answer", "", times)


def _cost(what: str, bar: str, value: float, unit: str) -> None:
    """A figure of one million papers, and of all that arXiv has."""
    measured = f"{value:,.2f} {unit}; {ALL_OF_ARXIV * value:,.1f} {unit} for {ALL_OF_ARXIV} million"
    row(what, f"under {bar}" if bar else "", measured)
