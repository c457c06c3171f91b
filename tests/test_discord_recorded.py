"""Every recorded paper as a message of Discord, judged by the official description and the documented limits."""

import pytest

from adapters.discord.render import render
from tests.discord_rules import Judge, Rules, check, texts
from tests.every_card import ANSWERS
from tests.recorded import SELDOM, cards, papers
from tests.test_discord_markdown import seen
from tests.thorough import some
from tests.upstream import RECORDINGS

RULES = Rules.found()
KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
JUDGED = 40  # every so manieth message: the official description takes its time

pytestmark = pytest.mark.skipif(
    RULES is None or not RECORDINGS.is_dir(), reason=f"there are no recorded days and descriptions in {Rules.SHARED}"
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    assert RULES
    return RULES.judge()


def test_every_recorded_paper_is_within_all_limits(judge: Judge) -> None:
    for number, card in enumerate(cards("*_`$\\<@#[]|~")):
        payload = render(card, key=KEY if number % 2 else "").payload
        check(payload)
        if number % JUDGED == 0:
            assert judge.message(payload) == {}, card.title


def test_the_title_of_every_recorded_paper_is_shown_as_it_is_and_leads_to_it() -> None:
    for paper in some(papers(), SELDOM):
        card = ANSWERS["show"]((paper,))
        [item] = card.papers
        [text, *_] = texts(render(card).payload)
        found = seen(text.split("\n")[0])

        assert found.text == " ".join(item.title.split())
        assert found.formats == ["bold"]
        assert found.links == [(found.text, item.url)]


def test_no_recorded_abstract_pings_links_or_is_cut() -> None:
    for paper in some(papers()[::20], 3):
        card = ANSWERS["abstract"]((paper,))
        found = seen("\n".join(texts(render(card).payload)))

        assert set(found.formats) <= {"bold", "small"}
        assert [url for _, url in found.links] == [card.papers[0].url]
        assert card.text in found.text
