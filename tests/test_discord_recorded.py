"""Every recorded paper as a message of Discord, judged by the official description and the documented limits."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from adapters.discord.render import render
from bot.cards import Card
from bot.models import Paper
from bot.sources.huggingface import parse_batch
from tests.discord_rules import Judge, Rules, check, texts
from tests.every_card import ANSWERS, answers
from tests.test_discord_markdown import seen
from tests.thorough import some

RULES = Rules.found()
RECORDED = Rules.SHARED / "data" / "hf_daily"
KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
JUDGED = 40  # every so manieth message: the official description takes its time
SELDOM = 7  # where not everything is looked at; no divisor of the number of kinds of cards

pytestmark = pytest.mark.skipif(
    RULES is None or not RECORDED.is_dir(), reason=f"there are no recorded days and descriptions in {Rules.SHARED}"
)


@pytest.fixture(scope="module")
def recorded() -> list[Paper]:
    files = sorted(RECORDED.glob("*.json"))
    days = (parse_batch(json.loads(file.read_text("utf-8")), date.fromisoformat(file.stem)) for file in files)
    return [paper for day in days for paper in day.papers]


@pytest.fixture(scope="module")
def judge() -> Judge:
    assert RULES
    return RULES.judge()


def cards(recorded: list[Paper]) -> Iterator[Card]:
    """Each paper on three cards, alone, among five and among twenty; the longest and the oddest ones on every card."""
    longest = sorted(recorded, key=lambda paper: len(paper.abstract) + 10 * len(paper.authors))[-20:]
    hardest = [paper for paper in recorded if any(sign in paper.title for sign in "*_`$\\<@#[]|~")]
    for paper in (*longest, *hardest[:60]):
        yield from answers((paper,)).values()
    kinds = list(ANSWERS.values())
    for count in (1, 5, 20):
        for turn, at in enumerate(some(range(0, len(recorded), count), SELDOM)):
            yield kinds[turn % len(kinds)](tuple(recorded[at : at + count]))
    yield from answers(tuple(longest[-10:])).values()


def test_every_recorded_paper_is_within_all_limits(recorded: list[Paper], judge: Judge) -> None:
    for number, card in enumerate(cards(recorded)):
        payload = render(card, key=KEY if number % 2 else "").payload
        check(payload)
        if number % JUDGED == 0:
            assert judge.message(payload) == {}, card.title


def test_the_title_of_every_recorded_paper_is_shown_as_it_is_and_leads_to_it(recorded: list[Paper]) -> None:
    for paper in some(recorded, SELDOM):
        card = ANSWERS["show"]((paper,))
        [item] = card.papers
        [text, *_] = texts(render(card).payload)
        found = seen(text.split("\n")[0])

        assert found.text == " ".join(item.title.split())
        assert found.formats == ["bold"]
        assert found.links == [(found.text, item.url)]


def test_no_recorded_abstract_pings_links_or_is_cut(recorded: list[Paper]) -> None:
    for paper in recorded[::20]:
        card = ANSWERS["abstract"]((paper,))
        found = seen("\n".join(texts(render(card).payload)))

        assert set(found.formats) <= {"bold", "small"}
        assert [url for _, url in found.links] == [card.papers[0].url]
        assert card.text in found.text
