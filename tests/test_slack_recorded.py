"""Every recorded paper as a message of Slack, judged by its own types and the documented limits."""

import pytest

from adapters.slack.render import render
from tests.every_card import ANSWERS
from tests.recorded import SELDOM, cards, papers
from tests.slack_rules import SHARED, check, judge, texts
from tests.test_slack_mrkdwn import seen, visible
from tests.thorough import some
from tests.upstream import RECORDINGS

JUDGE = judge()
JUDGED = 20  # every so manieth message: the judge takes its time

pytestmark = pytest.mark.skipif(
    JUDGE is None or not RECORDINGS.is_dir(), reason=f"there are no recorded days and no strict local Slack in {SHARED}"
)


def test_every_recorded_paper_is_within_all_limits() -> None:
    assert JUDGE
    for number, card in enumerate(cards("*_`$\\<&>:~|")):
        payload = render(card, share="show it" if number % 2 else "")
        check(payload)
        if number % JUDGED == 0:
            assert JUDGE(payload["blocks"]) == [], card.title


def test_the_title_of_every_recorded_paper_is_shown_as_it_is_and_leads_to_it() -> None:
    for paper in some(papers(), SELDOM):
        card = ANSWERS["show"]((paper,))
        [item] = card.papers
        found = seen(texts(render(card))[0].split("\n")[0])

        assert visible(found.text) == visible(" ".join(item.title.split()))
        assert found.formats == ["bold"]
        assert [url for _, url in found.links] == [item.url]


def test_no_recorded_abstract_pings_formats_links_or_is_cut() -> None:
    for paper in some(papers()[::20], 3):
        card = ANSWERS["abstract"]((paper,))
        found = seen("\n".join(texts(render(card))))

        assert found.formats == ["bold"]
        assert [url for _, url in found.links] == [card.papers[0].url]
        assert visible(card.text) in visible(found.text)


@pytest.mark.parametrize("kind", ["digest", "compact digest"])
@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_digest_of_recorded_papers_shows_all_of_them(kind: str, count: int) -> None:
    for at in range(0, len(papers()) - count, 400):
        shown = papers()[at : at + count]
        payload = render(ANSWERS[kind](shown))
        found = "\n".join(visible(seen(text).text) for text in (*texts(payload), *texts(payload, "plain_text")))

        assert all(visible(item.title)[:60] in found for item in ANSWERS[kind](shown).papers)
        assert all(f"papers/{paper.id}" in payload["text"] for paper in shown)
