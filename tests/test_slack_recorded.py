"""Every recorded paper as a message of Slack, judged by its own types and the documented limits."""

import json
from collections.abc import Iterator
from datetime import date

import pytest

from adapters.slack.render import render
from bot.cards import Card
from bot.models import Paper
from bot.sources.huggingface import parse_batch
from tests.every_card import ANSWERS, answers
from tests.slack_rules import SHARED, check, judge, texts
from tests.test_slack_mrkdwn import seen, visible
from tests.thorough import some

RECORDED = SHARED / "data" / "hf_daily"
JUDGE = judge()
JUDGED = 20  # every so manieth message: the judge takes its time
SELDOM = 7  # where not everything is looked at; no divisor of the number of kinds of cards

pytestmark = pytest.mark.skipif(
    JUDGE is None or not RECORDED.is_dir(), reason=f"there are no recorded days and no strict local Slack in {SHARED}"
)


@pytest.fixture(scope="module")
def recorded() -> list[Paper]:
    files = sorted(RECORDED.glob("*.json"))
    days = (parse_batch(json.loads(file.read_text("utf-8")), date.fromisoformat(file.stem)) for file in files)
    return [paper for day in days for paper in day.papers]


def cards(recorded: list[Paper]) -> Iterator[Card]:
    """Each paper on three cards, alone, among five and among twenty; the longest and the oddest ones on every card."""
    longest = sorted(recorded, key=lambda paper: len(paper.abstract) + 10 * len(paper.authors))[-20:]
    hardest = [paper for paper in recorded if any(sign in paper.title for sign in "*_`$\\<&>:~|")]
    for paper in (*longest, *hardest[::20]):
        yield from answers((paper,)).values()
    kinds = list(ANSWERS.values())
    for count in (1, 5, 20):
        for turn, at in enumerate(some(range(0, len(recorded), count), SELDOM)):
            yield kinds[turn % len(kinds)](tuple(recorded[at : at + count]))
    yield from answers(tuple(longest[-10:])).values()


def test_every_recorded_paper_is_within_all_limits(recorded: list[Paper]) -> None:
    assert JUDGE
    for number, card in enumerate(cards(recorded)):
        payload = render(card, share="show it" if number % 2 else "")
        check(payload)
        if number % JUDGED == 0:
            assert JUDGE(payload["blocks"]) == [], card.title


def test_the_title_of_every_recorded_paper_is_shown_as_it_is_and_leads_to_it(recorded: list[Paper]) -> None:
    for paper in some(recorded, SELDOM):
        card = ANSWERS["show"]((paper,))
        [item] = card.papers
        found = seen(texts(render(card))[0].split("\n")[0])

        assert visible(found.text) == visible(" ".join(item.title.split()))
        assert found.formats == ["bold"]
        assert [url for _, url in found.links] == [item.url]


def test_no_recorded_abstract_pings_formats_links_or_is_cut(recorded: list[Paper]) -> None:
    for paper in recorded[::20]:
        card = ANSWERS["abstract"]((paper,))
        found = seen("\n".join(texts(render(card))))

        assert found.formats == ["bold"]
        assert [url for _, url in found.links] == [card.papers[0].url]
        assert visible(card.text) in visible(found.text)


@pytest.mark.parametrize("kind", ["digest", "compact digest"])
@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_digest_of_recorded_papers_shows_all_of_them(recorded: list[Paper], kind: str, count: int) -> None:
    for at in range(0, len(recorded) - count, 400):
        papers = tuple(recorded[at : at + count])
        payload = render(ANSWERS[kind](papers))
        found = "\n".join(visible(seen(text).text) for text in (*texts(payload), *texts(payload, "plain_text")))

        assert all(visible(item.title)[:60] in found for item in ANSWERS[kind](papers).papers)
        assert all(f"papers/{paper.id}" in payload["text"] for paper in papers)
