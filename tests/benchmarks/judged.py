"""Questions whose answers are known: pages of a semantic search, and summaries of papers."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.models import Paper
from bot.sources import snapshot
from bot.sources.huggingface import parse_batch
from tests.upstream import RECORDINGS, SHARED

PAGES = SHARED / "data" / "seed_pages" / "pages.jsonl"
SNAPSHOT = SHARED / "data" / "arxiv-snapshot-100k.json.gz"


@dataclass(frozen=True, slots=True)
class Pages:
    """The papers of some pages of results, and for each the others of its pages."""

    papers: tuple[Paper, ...]
    neighbours: dict[str, frozenset[str]]


def pages(path: Path = PAGES) -> Pages:
    """The seed pages: a paper that stands on several of them has the neighbours of all."""
    texts, places = {}, defaultdict(set)
    for entry in map(json.loads, path.read_text("utf-8").splitlines()):
        texts[entry["title"]] = entry["abstract"]
        places[entry["title"]].add(entry["page"])
    papers = {title: Paper(f"2401.{n:05}", title, texts[title]) for n, title in enumerate(texts, 1)}
    neighbours = {
        paper.id: frozenset(papers[other].id for other in papers if other != title and places[title] & places[other])
        for title, paper in papers.items()
    }
    return Pages(tuple(papers.values()), neighbours)


def feed(folder: Path = RECORDINGS) -> list[Paper]:
    """Every paper of the recorded feed once, by id."""
    papers = {}
    for path in sorted(folder.glob("*.json")):
        for paper in parse_batch(json.loads(path.read_text("utf-8")), date.fromisoformat(path.stem)).papers:
            papers[paper.id] = paper
    return [papers[id_] for id_ in sorted(papers)]


def archive(count: int, path: Path = SNAPSHOT) -> list[Paper]:
    """`count` papers of the snapshot, from all of it."""
    papers = list(archived(path))
    return papers[:: max(1, len(papers) // count)][:count]


def archived(path: Path = SNAPSHOT) -> Iterator[Paper]:
    """The papers of the snapshot, in its order."""
    for portion in snapshot.portions(path, lambda _trouble: None):
        yield from portion.papers


def summarised(papers: Sequence[Paper], count: int, seed: int = 5) -> list[Paper]:
    """`count` of the papers that somebody else's words describe."""
    return random.Random(seed).sample([paper for paper in papers if len(paper.ai_summary.split()) > 20], count)


def beginning(text: str, words: int) -> str:
    """So many words of it."""
    return " ".join(text.split()[:words])
