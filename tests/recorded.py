"""The recorded days of ../shared, as the bot reads them, and cards of their papers."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache

from bot.cards import Card
from bot.models import Batch, Paper
from bot.sources.huggingface import parse_batch
from tests.every_card import ANSWERS, answers
from tests.thorough import some
from tests.upstream import RECORDINGS

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
