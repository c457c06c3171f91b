"""A hundred thousand papers of arXiv beside the feed: importing, asking, completing, holding."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot import config, dispatch
from bot.cli import wiring
from bot.cli.wiring import Library
from bot.models import Batch, Paper
from tests.benchmarks.feed import ALL_DAYS, QUERIES, latency
from tests.benchmarks.queries import varied
from tests.benchmarks.table import NOWHERE, ROUNDS, environment, percentile, row, spread
from tests.upstream import SHARED, Upstream

SNAPSHOT = SHARED / "data" / "arxiv-snapshot-100k.json.gz"
PAPERS = 100_000
ASKERS = 20
BEAT_SECONDS = 0.002
QUERY = ("reinforcment lerning",)


def measure(folder: Path, upstream: Upstream) -> None:
    """Import the snapshot, then ask the whole; the feed is fetched already in folder 0."""
    settings = environment(folder / "large", upstream)
    taken = cost(settings, "import", str(SNAPSHOT))
    rate = PAPERS / taken.seconds
    row(f"`import` of {PAPERS:,} papers, stored and indexed", "5,000 papers/s", f"{rate:,.0f} papers/s")
    row("its peak memory", "under 400 MB", f"{taken.peak:,.0f} MB")
    subprocess.run(
        [sys.executable, "-m", "bot", "sync", "--days", "480"], env=settings, check=True, capture_output=True
    )
    asyncio.run(_in_process(folder / "large"))
    row("memory of the idle process", "under 250 MB", f"{held(settings, QUERY)['VmRSS']:,.0f} MB")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took: seconds by the wall and of the processors, and megabytes at its peak."""

    seconds: float
    processor_seconds: float
    peak: float


def cost(settings: dict[str, str], *arguments: str) -> Cost:
    """Run the bot to its end."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "bot", *arguments]
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def held(settings: dict[str, str], queries: Sequence[str]) -> dict[str, float]:
    """Megabytes that the running bot holds when it has answered the queries and waits, by the kernel's names."""
    command = [sys.executable, "-m", "bot", "run"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=settings, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("".join(f"search {query}\n" for query in queries) + "status\n")
        process.stdin.flush()
        assert any("Version" in line for line in process.stdout)
        known = Path(f"/proc/{process.pid}/status").read_text("utf-8")
        process.communicate("quit\n")
    lines = (line.split() for line in known.splitlines())
    return {name.rstrip(":"): int(rest[0]) / 1024 for name, *rest in lines if rest[-1:] == ["kB"]}


async def _in_process(folder: Path) -> None:
    settings = config.load({"DATA_DIR": str(folder), "HF_API_URL": NOWHERE, "ARXIV_API_URL": NOWHERE})
    async with wiring.library(settings, wiring.locked(settings), lambda _done, _total: None) as library:
        papers = await library.store.papers_in(ALL_DAYS)
        some = [paper for _, paper in await library.store.changes(0, PAPERS)][:: PAPERS // 2_000]
        queries = varied([*papers[::4], *some], QUERIES)
        total = f"{(await library.store.stock()).papers:,} papers"
        await latency(library, queries, f"`search` of {total}", 10, 50)
        await completion(library, papers, total)
        await stalls(library, queries)


async def completion(library: Library, papers: Sequence[Paper], total: str) -> None:
    """What comes while people type, also beside a writer; the papers are those of batches."""
    typed = [paper.title[:length] for paper in papers[:: len(papers) // 60] for length in (1, 2, 4, 8, 16)]
    typed += [f"author:{paper.authors[0][:5]}" for paper in papers[:: len(papers) // 60] if paper.authors]
    for state, writing in (("", _nobody), (", while batches are written", _writing)):
        tails = []
        for _ in range(ROUNDS):
            async with writing(library, papers):
                times = [await _completed(library, text) for text in typed]
            tails.append(percentile(times, 99))
        row(f"completion among {total}, p99{state}", "under 10 ms", f"{spread(tails)} ms")


async def _completed(library: Library, text: str) -> float:
    start = time.perf_counter()
    await dispatch.complete("search", "query", text, library.core)
    return 1000 * (time.perf_counter() - start)


async def stalls(library: Library, queries: Sequence[str]) -> None:
    """How late a beat of two milliseconds comes while many people ask at once."""
    tails = []
    for _ in range(ROUNDS):
        late: list[float] = []
        beating = asyncio.create_task(_beat(late))
        askers = (_ask(library, queries[number::ASKERS]) for number in range(ASKERS))
        await asyncio.gather(*askers)
        beating.cancel()
        tails.append(percentile(late, 99))
    row(f"event loop held, {ASKERS} people searching at once, p99", "under 15 ms", f"{spread(tails)} ms")


async def _ask(library: Library, queries: Sequence[str]) -> None:
    for text in queries:
        await dispatch.run_text(f"search {text}", library.core, wiring.now())


async def _beat(late: list[float]) -> None:
    while True:
        start = time.perf_counter()
        await asyncio.sleep(BEAT_SECONDS)
        late.append(1000 * (time.perf_counter() - start - BEAT_SECONDS))


@asynccontextmanager
async def _nobody(_library: Library, _papers: Sequence[Paper]) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _writing(library: Library, papers: Sequence[Paper]) -> AsyncIterator[None]:
    """Batches with new votes are stored and indexed all the time."""
    task = asyncio.create_task(_write(library, papers[:50]))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _write(library: Library, papers: Sequence[Paper]) -> None:
    assert library.indexer
    votes = 1_000
    while True:
        votes += 1
        day = papers[0].batch
        assert day
        batch = Batch(day, tuple(replace(paper, votes=votes) for paper in papers))
        await library.store.save_batch(batch, wiring.now())
        await library.indexer.catch_up()
        await asyncio.sleep(0.2)
