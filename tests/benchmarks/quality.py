"""How well papers are found: known items with typing mistakes, pages of a semantic search, sentences of summaries."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.core import Core
from bot.errors import UserError
from bot.models import Paper
from bot.query import literal
from bot.results import Page
from bot.store import SqlStore
from tests.benchmarks import judged, shelf
from tests.benchmarks.figures import Figure, mean, ndcg, reciprocal_rank
from tests.benchmarks.queries import known_items

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)  # votes and age are counted to the same day at every run
DEPTH, NEIGHBOURS = 10, 20
REAL = 100_000  # papers; what comes behind them in a million is made of them
LENGTHS = (8, 12, 20)  # words
SUMMARIES = 300
FEW = 1_500  # papers of the feed, and as many of the snapshot, where vectors have to be made
MANY = 20_000  # papers of the snapshot beside the feed


async def known(core: Core, papers: Sequence[Paper], count: int, total: str, bar: float) -> AsyncIterator[Figure]:
    """MRR@10 of so many titles, typed in six ways."""
    ranks = defaultdict(list)
    for asked in known_items([paper for paper in papers if _has_four_words(paper)], count):
        found = await ids(core, asked.text, DEPTH)
        ranks[asked.kind].append(reciprocal_rank(found, asked.wanted))
    for kind, values in ranks.items():
        yield Figure(f"MRR@10 among {total} papers, {count} titles: {kind}", mean(values))
    yield Figure(f"MRR@10 among {total} papers, mean of the six kinds", mean(map(mean, ranks.values())), bar)


async def seeds(folder: Path, *, model: bool) -> AsyncIterator[Figure]:
    """nDCG of the seed pages: a paper's title as a query, and what is similar to it."""
    pages = judged.pages()
    shelf.filled(folder, pages.papers, model=model)
    async with shelf.opened(folder, model=model) as library:
        titles, neighbours = [], []
        for paper in pages.papers:
            others = [id_ for id_ in await ids(library.core, literal(paper.title), DEPTH + 1) if id_ != paper.id]
            titles.append(ndcg(others, pages.neighbours[paper.id], DEPTH))
            _, results = await library.core.similar(paper.id, NEIGHBOURS, Page(1, NEIGHBOURS), NOW)
            near = [one.id for one in results.papers]
            neighbours.append(ndcg(near, pages.neighbours[paper.id], NEIGHBOURS))
    name = "with the model" if model else "words alone"
    yield Figure(f"nDCG@10 of the seed pages, titles as queries, {name}", mean(titles), 0.54 if model else 0.50)
    yield Figure(f"nDCG@20 of the seed pages, `similar`, {name}", mean(neighbours))


async def sentences(folder: Path, *, few: bool, model: bool) -> AsyncIterator[Figure]:
    """MRR@10 of papers asked for by the beginning of a summary that somebody else wrote of them."""
    papers = judged.feed()
    papers = papers[:: len(papers) // FEW][:FEW] if few else papers
    others = judged.archive(FEW if few else MANY)
    shelf.filled(folder, [*others, *papers], model=model)
    total = f"{len({p.id for p in (*others, *papers)}):,}"
    async with shelf.opened(folder, model=model) as library:
        for length in LENGTHS:
            ranks = []
            for paper in judged.summarised(papers, SUMMARIES):
                found = await ids(library.core, literal(judged.beginning(paper.ai_summary, length)), DEPTH)
                ranks.append(reciprocal_rank(found, paper.id))
            name = "with the model" if model else "words alone"
            yield Figure(f"MRR@10 among {total} papers, {length} words of a summary, {name}", mean(ranks))


async def ids(core: Core, text: str, limit: int) -> list[str]:
    """What is found, best first."""
    try:
        return [paper.id for paper in (await core.search(text, limit, Page(1, limit), NOW)).papers]
    except UserError:
        return []


async def some(store: SqlStore, count: int, among: int = REAL) -> list[Paper]:
    """About `count` of the papers that were stored first, from everywhere among them."""
    parts = max(1, count // 20)
    taken = [await store.changes(part * among // parts, count // parts) for part in range(parts)]
    return [paper for portion in taken for _, paper in portion]


def _has_four_words(paper: Paper) -> bool:
    return len([word for word in literal(paper.title).split() if len(word) > 3]) >= 4
