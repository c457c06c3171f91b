"""Every recorded paper in every state in which it is shown."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

import pytest

from adapters.console.render import Screen, render
from bot import bibtex, views
from bot.cards import Card, from_json, to_json
from bot.deliveries import Digest, Edition, Freshness
from bot.models import Batch, Paper, Window
from bot.results import Condition, Named, Page, Results, Trend
from bot.subscriptions import Layout, Order
from tests.recorded import batches
from tests.thorough import some
from tests.upstream import MISSING

DAY = date(2026, 3, 31)
FRESH = Condition(is_sample=False, newest_batch=DAY, expected_batch=DAY)
SCREEN = Screen(width=80)
LONGEST = {"title": 300, "byline": 400, "summary": 300, "numbers": 40}
# What would show that TeX, markup or a missing value got through to a reader.
SPOILT = re.compile(r"\\(?:text|math|emph)\w*\{|\bNone\b ·|<(?:b|i|p|br)/?>|\$[^$ ]*\\[a-z]+[^$]*\$")

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


def days() -> list[Batch]:
    return some(batches(), 5)


def recorded() -> list[Paper]:
    return [paper for batch in days() for paper in batch.papers]


def named(paper: Paper) -> Named:
    return Named((paper,), FRESH)


def check(card: Card, papers: Iterable[Paper]) -> None:
    """What holds for every card: it shows these papers, in short, without anything spoilt, and fits on a terminal."""
    assert [item.id for item in card.papers] == [paper.id for paper in papers]
    for item in card.papers:
        shown = {name: getattr(item, name) for name in LONGEST}
        assert item.title
        assert all(len(text) <= LONGEST[name] for name, text in shown.items()), shown
        assert not any(SPOILT.search(text) for text in shown.values()), shown
    lines = render(card, SCREEN).split("\n")
    assert all(len(line) <= 80 or " " not in line.strip() for line in lines), lines


def test_every_paper_stands_in_a_list() -> None:
    for batch in days():
        check(views.search_results("x", Results(batch.papers, Page(1, 100), FRESH)), batch.papers)


def test_every_paper_stands_in_a_trend_and_rises() -> None:
    for batch in days():
        rising = {paper.id: 12 for paper in batch.papers}
        trend = Trend(Results(batch.papers, Page(1, 100), FRESH), Window(batch.day, batch.day), rising)
        card = views.trending("", trend)
        assert {item.badge for item in card.papers} <= {"rising: +12 votes since yesterday"}
        assert [item.id for item in card.papers] == [paper.id for paper in batch.papers]


def test_every_paper_stands_alone() -> None:
    for paper in recorded():
        card = views.named_papers(paper.id, named(paper))
        assert card.title == card.papers[0].title
        assert card.papers[0].buttons[-1].command == f"cite {paper.id}"


@pytest.mark.parametrize("layout", Layout)
def test_every_paper_stands_in_a_digest(layout: Layout) -> None:
    for batch in days():
        ids = tuple(paper.id for paper in batch.papers)
        seen = datetime.combine(batch.day, time(12), UTC)
        digest = Digest("k", (batch.day,), seen, seen, Freshness.FRESH, ids, len(ids))
        card = views.digest(Edition(Order("all", layout=layout), digest, batch.papers, 0, seen))
        check(card, batch.papers)
        assert all(bool(item.summary) is (layout is Layout.CARDS and bool(paper.ai_summary or paper.abstract))
                   for item, paper in zip(card.papers, batch.papers, strict=True))  # fmt: skip
        assert from_json(to_json(card)) == card
        plain = views.plain_text(card)
        assert plain.plain == card.plain
        assert (plain.papers, plain.buttons, plain.rows, plain.notes) == ((), (), (), ())


def test_every_abstract_is_shown_in_full() -> None:
    for paper in recorded():
        card = views.abstract(named(paper))
        assert len(card.text) > len(paper.abstract) * 0.8
        assert "\n" not in card.text
        assert not card.papers[0].summary


def test_every_paper_can_be_cited() -> None:
    for paper in recorded():
        card = views.citation(named(paper), bibtex.entry(paper))
        assert paper.id in card.code
        assert card.code in render(card, SCREEN)
