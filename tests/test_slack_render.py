"""Cards as messages of Slack: within every limit, with nothing lost without a sign, and nothing formatted by accident."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from adapters.slack import mrkdwn
from adapters.slack.render import render
from bot import views
from bot.cards import Button, Card, Link, PaperItem, Row
from bot.results import Named
from tests.every_card import CARDS, answers, every_card, several
from tests.hostile import TEXTS
from tests.papers import FULL
from tests.slack_rules import EMULATORS, check, elements, judge, labels, objects, said, texts
from tests.test_slack_mrkdwn import seen, visible
from tests.test_views import FRESH

EVERY = every_card()
JUDGE = judge()
FORMATS = {"bold", "italic", "code block"}  # those that are meant
LONG_URL = "https://example.org/" + "x" * 3_000


def shown(payload: dict[str, Any]) -> str:
    """All that a reader sees of the blocks, as text on one line."""
    found = (
        seen(one["text"]).text if one["type"] == "mrkdwn" else one["text"]
        for one in objects(payload["blocks"])
        if one.get("type") in ("mrkdwn", "plain_text")
    )
    return " ".join(" ".join(map(visible, found)).split())


def item(**fields: Any) -> PaperItem:
    return PaperItem(**{"id": "2506.08007", "title": "A title", "url": "https://arxiv.org/abs/2506.08007", **fields})


def safe(payload: dict[str, Any]) -> None:
    """Fails when a text formats, pings or leads somewhere where that was not meant."""
    for text in texts(payload):
        assert set(seen(text).formats) <= FORMATS, text
    assert set(seen(payload["text"]).formats) <= {"address", "code block"}


@pytest.mark.parametrize("name", EVERY)
def test_every_card_is_a_message_within_all_limits(name: str) -> None:
    for share in ("", "show " + "x" * 200):
        payload = render(EVERY[name], share=share)
        check(payload)
        safe(payload)


@pytest.mark.parametrize("name", EVERY)
def test_every_card_shows_the_beginning_of_each_of_its_texts(name: str) -> None:
    card = EVERY[name]
    seen_of_it = shown(render(card))
    beginnings = [card.title, *(paper.title for paper in card.papers), *card.text.split("\n\n"), *card.notes]
    beginnings += [row.name for row in card.rows] + [row.text for row in card.rows]
    beginnings += [paper.byline for paper in card.papers] + [paper.summary for paper in card.papers]

    for text in beginnings:
        assert visible(" ".join(text.split())[:20]) in seen_of_it
    if len(card.plain) > 10_000:
        assert "…" in seen_of_it


@pytest.mark.parametrize("name", [name for name in EVERY if name.endswith((" of 1", " of 5"))])
def test_nothing_is_cut_where_there_is_room(name: str) -> None:
    card = EVERY[name]
    assert shown(render(card)).count("…") == str(card).count("…")


@pytest.mark.skipif(JUDGE is None, reason=f"the strict local Slack is not in {EMULATORS}")
def test_the_strict_local_slack_accepts_every_card() -> None:
    assert JUDGE
    wrong = {name: JUDGE(render(card, share="show x")["blocks"]) for name, card in EVERY.items()}
    assert {name: errors for name, errors in wrong.items() if errors} == {}
    assert JUDGE([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}])


@given(CARDS)
def test_any_card_is_a_message_within_all_limits(card: Card) -> None:
    payload = render(card, share=card.text)
    check(payload)
    safe(payload)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_anywhere_stays_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    link, button = Link(text, f"https://example.org/{text}"), Button(text, f"search {text}")
    paper = item(title=text, byline=text, summary=text, numbers=text, badge=text, links=(link,), buttons=(button,))
    for count in (1, 5, 25):
        card = Card(text, text, (paper,) * count, 1, (Row(text, text),), text, (text,), (button,))
        payload = render(card)
        check(payload)
        safe(payload)
        leading = [url for part in texts(payload) for _, url in seen(part).links]
        assert all(url == paper.url or url.startswith("https://example.org/") for url in leading)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_title_is_one_link_to_its_paper(text: str) -> None:
    titled = views.named_papers("", Named((replace(FULL, title=text),), FRESH)).papers[0]
    [part, *_] = texts(render(Card("Papers", papers=(titled, item()))))
    first = seen(part.split("\n")[0])

    assert (first.formats, [url for _, url in first.links]) == (["bold"], [titled.url])
    assert visible(first.text).removeprefix("1. ").rstrip("…") in visible(" ".join(titled.title.split()))


def test_a_paper_alone_has_its_links_once_as_buttons() -> None:
    payload = render(EVERY["show of 1"], share=f"show {FULL.id}")
    [section, byline] = texts(payload)[:2]

    assert [url for _, url in seen(section).links] == ["https://huggingface.co/papers/2506.00001"]
    assert "Ada Lovelace" in byline
    assert labels(payload) == ["Abstract", "Similar", "Cite", "arXiv", "Code", "Project", "Share"]
    assert [one["url"] for one in elements(payload) if "url" in one] == [
        "https://arxiv.org/abs/2506.00001",
        "https://example.org/code",
        "https://example.org/project",
    ]


@pytest.mark.parametrize("count", [2, 5, 20, 25])
def test_papers_in_a_list_are_numbered_with_links_and_a_menu_of_what_can_be_asked_of_each(count: int) -> None:
    payload = render(EVERY[f"search of {count}"])
    sections = [block for block in payload["blocks"] if block["type"] == "section" and "accessory" in block]
    ids = [paper.id for paper in several(count)]

    assert [block["text"]["text"].split(".")[0] for block in sections] == [f"*{n + 1}" for n in range(count)]
    assert [[option["value"] for option in block["accessory"]["options"]] for block in sections] == [
        [f"show {id_} part:abstract", f"similar {id_}", f"cite {id_}"] for id_ in ids
    ]
    assert [url for block in sections for _, url in seen(block["text"]["text"]).links if "arxiv" in url] == [
        f"https://arxiv.org/abs/{id_}" for id_ in ids
    ]


def test_the_one_thing_that_can_be_asked_is_a_button_because_slack_refuses_a_menu_of_one() -> None:
    payload = render(Card("Papers", papers=(item(buttons=(Button("Cite", "cite x"),)), item())))
    assert [(one["type"], one["value"]) for one in elements(payload)] == [("button", "cite x")]


def test_later_pages_go_on_counting_and_their_buttons_replace_them() -> None:
    card = replace(EVERY["search of 5"], first_number=6, buttons=(Button("Next", "search x page:3", replaces=True),))
    payload = render(card)

    assert "*6. " in str(payload)
    assert "\n10. " in payload["text"]
    assert [one["action_id"] for one in elements(payload) if one["type"] == "button"] == ["turn-0"]


@pytest.mark.parametrize("url", ["", "x", "javascript:alert(1)", "https://", "slack://open", "http://[x", LONG_URL])
def test_an_address_that_leads_nowhere_is_no_link_and_no_button(url: str) -> None:
    alone = Card("A title", papers=(item(url=url, links=(Link("Code", url),)),))
    for payload in (render(alone), render(replace(alone, papers=alone.papers * 2))):
        check(payload)
        assert elements(payload) == []
        assert all(seen(text).links == [] for text in texts(payload))
        assert "A title" in shown(payload)


def test_a_command_that_is_too_long_for_a_button_or_an_option_is_left_out() -> None:
    buttons = (Button("Long", "x" * 2_001), Button("Short", "y" * 2_000), Button("Empty", ""))
    paper = item(buttons=(Button("Long", "x" * 151), Button("Cite", "y" * 150), Button("Similar", "z")))
    payload = render(Card("Papers", papers=(paper, item()), buttons=buttons), share="s" * 2_001)

    check(payload)
    assert [len(command) for command in said(payload)] == [150, 1, 2_000]


def test_only_the_button_that_orders_something_stands_out() -> None:
    payload = render(EVERY["subscription preview"])
    assert [(one["text"]["text"], one["style"]) for one in elements(payload)] == [("Confirm", "primary")]


@pytest.mark.parametrize("count", [1, 2])
def test_an_abstract_that_fits_is_shown_in_full(count: int) -> None:
    abstract = "We *show* [that] 1 < 2 & more. " * 60
    card = answers(several(count, abstract=abstract))["abstract"]
    assert visible(abstract.strip()) in shown(render(card))
    assert visible(abstract.strip())[:1_700] in " ".join(visible(seen(render(card)["text"]).text).split())


def test_abstracts_that_are_too_long_together_are_each_shown_in_part() -> None:
    text = shown(render(EVERY["abstract, long, of 10"]))
    assert text.count("A sentence of an abstract, with ∗stars∗") >= 10
    assert text.count("…") >= 10


@pytest.mark.parametrize("count", [1, 10])
def test_entries_of_bibtex_stand_in_blocks_and_each_is_there(count: int) -> None:
    entries = [f"@article{{key{n},\n  author = {{{'Ada & Co and ' * (300 if n else 3)}}},\n}}" for n in range(count)]
    payload = render(Card("BibTeX", code="\n\n".join(entries)))
    check(payload)

    assert [seen(text).formats for text in texts(payload)] == [["code block"]] * len(texts(payload))
    assert all(f"key{n}" in shown(payload) for n in range(count))
    assert " ".join(entries[0].split()) in shown(payload)


def test_what_does_not_fit_at_all_ends_in_a_sign_with_its_buttons_below() -> None:
    rows = tuple(Row("&" * 300, "&" * 3_000) for _ in range(100))
    payload = render(Card("Rows", rows=rows, buttons=(Button("Next", "next"),)), share="share")

    check(payload)
    assert [block["type"] for block in payload["blocks"]][-2:] == ["context", "actions"]
    assert payload["blocks"][-2]["elements"][0]["text"] == "…"
    assert labels(payload) == ["Next", "Share"]


@pytest.mark.parametrize("name", EVERY)
def test_the_text_beside_the_blocks_reads_well_alone(name: str) -> None:
    card = EVERY[name]
    text = render(card)["text"]
    lines = text.split("\n")

    assert visible(" ".join(card.title.split())[:50]) in visible(lines[0])
    for paper in card.papers[:5]:
        assert f" {mrkdwn.address(paper.url)}\n" in f"{text}\n"
    assert "<" not in text
    assert len(text) > 2_500 or "…" not in text or "…" in str(card)


def test_addresses_in_the_text_are_those_of_the_bot_alone() -> None:
    card = replace(EVERY["digest of 5"], text="see https://evil.example and <http://x|y>")
    found = [word for word in render(card)["text"].split() if "://" in word and "\u200b" not in word]
    assert found == [paper.url for paper in card.papers]


def test_nothing_is_unfurled() -> None:
    payload = render(EVERY["digest of 5"])
    assert (payload["unfurl_links"], payload["unfurl_media"]) == (False, False)
