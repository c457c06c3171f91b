"""Cards are kept as JSON before they are posted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cards
from bot.cards import Button, Card, Link, PaperItem, Row, Tone
from bot.store import records
from tests.conftest import Opening
from tests.deliveries import HERE, claimed, frozen, planned, subscription
from tests.hostile import TEXTS
from tests.papers import later

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [text for name, text in TEXTS.items() if name not in ("surrogate", "long word", "long text", "zalgo")]
)
_buttons = st.lists(st.builds(Button, _texts, _texts, st.booleans()), max_size=2).map(tuple)
_links = st.lists(st.builds(Link, _texts, _texts), max_size=2).map(tuple)
_items = st.builds(PaperItem, *[_texts] * 9, links=_links, buttons=_buttons)
_cards = st.builds(
    Card,
    title=_texts,
    text=_texts,
    papers=st.lists(_items, max_size=3).map(tuple),
    first_number=st.integers(1, 99),
    rows=st.lists(st.builds(Row, _texts, _texts), max_size=2).map(tuple),
    code=_texts,
    notes=st.lists(_texts, max_size=2).map(tuple),
    buttons=_buttons,
    tone=st.sampled_from(Tone),
)


@given(_cards)
def test_a_card_survives_its_way_through_json(card: Card) -> None:
    assert cards.from_json(cards.to_json(card)) == card


@given(_cards)
async def test_a_card_survives_its_way_through_the_ledger(open_store: Opening, card: Card) -> None:
    async with open_store() as store:
        kept = records(store)
        one = subscription(channel=replace(HERE, id=str(len(await kept.subscriptions.unplanned(later(days=9), 999)))))
        await planned(kept, one)
        await frozen(kept, "a", card=card)

        assert [taken.card for taken in await claimed(kept.ledger)] == [card]


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"papers": 1}', '{"title": "x", "papers": []}', "not json"])
def test_what_is_no_card_is_an_error_that_the_store_knows(text: str) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        cards.from_json(text)
