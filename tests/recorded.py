"""The recordings of ../shared: days of the feed, cards of their papers, and records of arXiv's snapshot."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from bot.cards import Card
from bot.models import Batch, Paper
from bot.sources.huggingface import parse_batch
from tests.every_card import ANSWERS, answers
from tests.thorough import THOROUGH, some
from tests.upstream import RECORDINGS, SNAPSHOT

SELDOM = 29  # where not everything is looked at


@cache
def batches() -> tuple[Batch, ...]:
    """Oldest first."""
    files = sorted(RECORDINGS.glob("*.json"))
    return tuple(parse_batch(json.loads(file.read_text("utf-8")), date.fromisoformat(file.stem)) for file in files)


@cache
def papers() -> tuple[Paper, ...]:
    """Those of all batches."""
    return tuple(paper for batch in batches() for paper in batch.papers)


def entries() -> Iterator[dict[str, Any]]:
    """What the feed says of each paper, of some days as it is sent."""
    for file in some(sorted(RECORDINGS.glob("*.json")), 5):
        yield from (entry["paper"] for entry in json.loads(file.read_text("utf-8")))


def titled_in_tex() -> Iterator[dict[str, Any]]:
    """Records of the snapshot, or of its beginning, with TeX in their titles."""
    with gzip.open(SNAPSHOT, "rt", encoding="utf-8") as lines:
        for line in islice(lines, None if THOROUGH else 20_000):
            if ("$" in line or "\\" in line) and any(sign in (record := json.loads(line))["title"] for sign in "$\\"):
                yield record


def cards(signs: str) -> Iterator[Card]:
    """Each paper on three cards, alone, among five and among twenty; the longest and the oddest ones on every card.

    The oddest are those with one of the signs in their titles.
    """
    found = papers()
    longest = sorted(found, key=lambda paper: len(paper.abstract) + 10 * len(paper.authors))[-20:]
    oddest = [paper for paper in found if any(sign in paper.title for sign in signs)]
    for paper in (*some(reversed(longest), 3), *some(oddest[::20], 3)):
        yield from answers((paper,)).values()
    kinds = list(ANSWERS.values())
    for count in (1, 5, 20):
        for turn, at in enumerate(some(range(0, len(found), count), SELDOM)):
            yield kinds[turn % len(kinds)](found[at : at + count])
    yield from answers(tuple(longest[-10:])).values()
