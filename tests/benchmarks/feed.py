"""The recorded feed: fetching it, asking it, drawing it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median

from adapters.console.render import render
from bot import bibtex, config, dispatch, views
from bot.cards import Card
from bot.cli import wiring
from bot.cli.wiring import Library
from bot.models import Paper, Window
from bot.results import Condition, Named, Page, Results, Trend, Turns
from tests.benchmarks.queries import known_items, varied
from tests.benchmarks.table import NOWHERE, ROUNDS, environment, percentile, row, spread, timed
from tests.upstream import Upstream

ALL_DAYS = Window(date(2000, 1, 1), date(2100, 1, 1))
DAYS, QUERIES, KNOWN, SYNCS = 480, 400, 150, 3


def measure(folder: Path, upstream: Upstream) -> None:
    """Fetching, starting, searching, finding, rendering."""
    first, second = [], []
    for number in range(SYNCS):
        settings = environment(folder / str(number), upstream)
        first.append(timed(settings, "sync", "--days", str(DAYS)))
        second.append(timed(settings, "sync", "--days", str(DAYS)))
    row(f"`sync --days {DAYS}`, the first time", "under 60 s", f"{spread(first)} s")
    row(f"`sync --days {DAYS}`, again: nothing but counts", "under 60 s", f"{spread(second)} s")
    starts = [timed(settings, "ask", "search world models") for _ in range(ROUNDS)]
    row("start to first answer", "under 2 s", f"{spread(starts)} s")
    asyncio.run(_in_process(folder / "0"))


async def _in_process(folder: Path) -> None:
    settings = config.load({"DATA_DIR": str(folder), "HF_API_URL": NOWHERE, "ARXIV_API_URL": NOWHERE})
    async with wiring.library(settings, wiring.locked(settings), lambda _done, _total: None) as library:
        papers = await library.store.papers_in(ALL_DAYS)
        await latency(library, varied(papers, QUERIES), f"`search` of {len(papers):,} papers", 10, 40)
        await _quality(library, papers)
        _rendering(papers)


async def latency(library: Library, queries: Sequence[str], what: str, p50: int, p99: int) -> tuple[float, float]:
    """Each query through `dispatch`, as an adapter asks it; the sources are not asked.

    Milliseconds: the medians over the rounds of their 50th and 99th percentile.
    """
    medians, tails = [], []
    for _ in range(ROUNDS):
        times = []
        for text in queries:
            start = time.perf_counter()
            await dispatch.run_text(f"search {text}", library.core, wiring.now())
            times.append(1000 * (time.perf_counter() - start))
        medians.append(percentile(times, 50))
        tails.append(percentile(times, 99))
    row(f"{what}, {len(queries)} varied queries, p50", f"under {p50} ms", f"{spread(medians)} ms")
    row(f"{what}, {len(queries)} varied queries, p99", f"under {p99} ms", f"{spread(tails)} ms")
    return median(medians), median(tails)


async def _quality(library: Library, papers: Sequence[Paper]) -> None:
    ranks: dict[str, list[float]] = defaultdict(list)
    for asked in known_items(papers, KNOWN):
        card = await dispatch.run_text(f"search {asked.text} limit:10", library.core, wiring.now(), page_size=10)
        found = [item.id for item in card.papers]
        ranks[asked.kind].append(1 / (found.index(asked.wanted) + 1) if asked.wanted in found else 0.0)
    for kind, reciprocal in ranks.items():
        mean = sum(reciprocal) / len(reciprocal)
        row(f"MRR@10 of {len(reciprocal)} papers asked for by {kind}", "", f"{mean:.3f}")


def _rendering(papers: Sequence[Paper]) -> None:
    times = []
    for _ in range(SYNCS):
        start = time.perf_counter()
        for paper in papers:
            for card in states(paper):
                render(card)
        times.append(time.perf_counter() - start)
    row(f"all {len(papers):,} papers as cards in every state", "under 5 s", f"{spread(times)} s")


def states(paper: Paper) -> Iterator[Card]:
    """Every card that a paper can be on."""
    day = paper.batch or date(2026, 1, 1)
    condition = Condition(is_sample=False, newest_batch=day, expected_batch=day)
    results = Results((paper,), Page(1, 5, 1), condition)
    named = Named((paper,), condition)
    yield views.search_results("words", results)
    yield views.trending("", Trend(results, Window(day, day), {paper.id: 5}), Turns(next="trending page:2"))
    yield views.similar_papers(named, results)
    yield views.named_papers(paper.id, named)
    yield views.abstract(named)
    yield views.citation(named, bibtex.entry(paper))
