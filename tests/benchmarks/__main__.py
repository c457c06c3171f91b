"""Measures what the README promises, on the recordings of ../shared: `make bench`."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from adapters.console.render import render
from bot import bibtex, config, dispatch, views
from bot.cards import Card
from bot.cli import wiring
from bot.cli.wiring import Library
from bot.models import Paper, Window
from bot.results import Condition, Named, Page, Results, Trend
from tests.benchmarks.queries import known_items, varied
from tests.upstream import MISSING, serving

ALL_DAYS = Window(date(2000, 1, 1), date(2100, 1, 1))
DAYS, QUERIES, KNOWN, ROUNDS = 480, 400, 150, 5


def main() -> int:
    """Print the table."""
    if MISSING:
        print(f"nothing measured: {MISSING}")
        return 1
    with tempfile.TemporaryDirectory() as folder, serving() as upstream:
        environment = {**os.environ, "DATA_DIR": folder, "HF_API_URL": upstream.hf_api_url, "LOG_LEVEL": "warning"}
        environment.pop("DATABASE_URL", None)
        print("| what | bar | measured |\n|---|---|---|")
        for name in ("first", "second"):
            seconds = _timed(environment, "sync", "--days", str(DAYS))
            row(f"`sync --days {DAYS}`, {name} time", "under 60 s", f"{seconds:.1f} s")
        starts = [_timed(environment, "ask", "search world models") for _ in range(ROUNDS)]
        row("start to first answer", "under 2 s", f"{_spread(starts)} s")
        asyncio.run(_in_process(folder))
    return 0


async def _in_process(folder: str) -> None:
    settings = config.load({"DATA_DIR": folder})
    async with wiring.library(settings, wiring.locked(settings), lambda _done, _total: None) as library:
        assert library.indexer
        await library.indexer.catch_up()
        papers = await library.store.papers_in(ALL_DAYS)
        await _latency(library, papers)
        await _quality(library, papers)
        _rendering(papers)


async def _latency(library: Library, papers: Sequence[Paper]) -> None:
    medians, tails = [], []
    for _ in range(ROUNDS):
        times = []
        for text in varied(papers, QUERIES):
            start = time.perf_counter()
            await dispatch.run_text(f"search {text}", library.core, wiring.now())
            times.append(1000 * (time.perf_counter() - start))
        medians.append(statistics.median(times))
        tails.append(statistics.quantiles(times, n=100)[98])
    row(f"`search`, {QUERIES} varied queries, p50", "under 10 ms", f"{_spread(medians)} ms")
    row(f"`search`, {QUERIES} varied queries, p99", "under 40 ms", f"{_spread(tails)} ms")


async def _quality(library: Library, papers: Sequence[Paper]) -> None:
    ranks: dict[str, list[float]] = defaultdict(list)
    for asked in known_items(papers, KNOWN):
        card = await dispatch.run_text(f"search {asked.text} limit:10", library.core, wiring.now(), page_size=10)
        found = [item.id for item in card.papers]
        ranks[asked.kind].append(1 / (found.index(asked.wanted) + 1) if asked.wanted in found else 0.0)
    for kind, reciprocal in ranks.items():
        row(f"MRR@10 over {len(reciprocal)} papers asked for by: {kind}", "", f"{statistics.mean(reciprocal):.3f}")


def _rendering(papers: Sequence[Paper]) -> None:
    start = time.perf_counter()
    for paper in papers:
        for card in states(paper):
            render(card)
    row(f"all {len(papers):,} papers as cards in every state", "under 5 s", f"{time.perf_counter() - start:.1f} s")


def states(paper: Paper) -> Iterator[Card]:
    """Every card that a paper can be on."""
    day = paper.batch or date(2026, 1, 1)
    condition = Condition(is_sample=False, newest_batch=day, expected_batch=day)
    results = Results((paper,), Page(1, 5, 1), condition)
    named = Named((paper,), condition)
    yield views.search_results("words", results, "")
    yield views.trending("", Trend(results, Window(day, day), {paper.id: 5}), "trending page:2")
    yield views.similar_papers(named, results, "")
    yield views.named_papers(paper.id, named)
    yield views.abstract(named)
    yield views.citation(named, bibtex.entry(paper))


def row(what: str, bar: str, measured: str) -> None:
    """One line of the table."""
    print(f"| {what} | {bar} | {measured} |", flush=True)


def _timed(environment: dict[str, str], *arguments: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "bot", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
