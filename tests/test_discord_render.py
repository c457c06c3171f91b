"""Cards as messages of Discord: within every limit, with nothing lost without a sign, and nothing formatted by accident."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from adapters.discord.render import COMPONENTS_V2, render
from bot import buttons, views
from bot.buttons import Press
from bot.cards import Button, Card, Link, PaperItem, Row, Tone
from bot.results import Named
from tests.discord_rules import (
    BUTTON,
    SELECT,
    THUMBNAIL,
    Rules,
    check,
    components,
    custom_ids,
    links,
    texts,
)
from tests.every_card import CARDS, answers, every_card, several
from tests.hostile import TEXTS
from tests.papers import FULL
from tests.test_discord_markdown import seen
from tests.test_views import FRESH

KEY = "a2b3c4d5e6f7a2b3c4d5e6f7"
EVERY = every_card()
FULL_TITLE = EVERY["show of 1"].papers[0].title
RULES = Rules.found()


def of_type(payload: dict[str, Any], kind: int) -> list[dict[str, Any]]:
    return [one for one in components(payload) if one["type"] == kind]


def shown(payload: dict[str, Any]) -> str:
    """All that a reader sees of a message, as text."""
    return "\n".join(seen(text).text for text in texts(payload))


def item(**fields: Any) -> PaperItem:
    return PaperItem(**{"id": "2506.08007", "title": "A title", "url": "https://arxiv.org/abs/2506.08007", **fields})


@pytest.mark.parametrize("name", EVERY)
def test_every_card_is_a_message_within_all_limits(name: str) -> None:
    card = EVERY[name]
    for rendered in (render(card), render(card, key=KEY), render(card, share="show " + "x" * 200)):
        check(rendered.payload)


@pytest.mark.parametrize("name", EVERY)
def test_every_card_shows_the_beginning_of_each_of_its_texts(name: str) -> None:
    card = EVERY[name]
    seen_of_it = " ".join(shown(render(card).payload).split())
    beginnings = [card.title, *(paper.title for paper in card.papers), *card.text.split("\n\n"), *card.notes]
    beginnings += [row.name for row in card.rows] + [row.text for row in card.rows]

    for text in beginnings:
        assert " ".join(text.split())[:20] in seen_of_it
    if len(card.plain) > 8_000:
        assert "…" in seen_of_it


@pytest.mark.skipif(RULES is None, reason=f"there is no official description in {Rules.SPEC}")
def test_the_official_description_accepts_every_card() -> None:
    assert RULES
    judge = RULES.judge()
    wrong = {name: judge.message(render(card, key=KEY).payload) for name, card in EVERY.items()}
    assert {name: errors for name, errors in wrong.items() if errors} == {}
    assert judge.message({"components": [{"type": 1, "components": []}], "allowed_mentions": {"parse": []}})


@given(CARDS)
def test_any_card_is_a_message_within_all_limits(card: Card) -> None:
    check(render(card, key=KEY, share=card.text).payload)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_anywhere_stays_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    link, button = Link(text, f"https://example.org/{text}"), Button(text, f"search {text}")
    paper = item(title=text, byline=text, summary=text, numbers=text, badge=text, links=(link,), buttons=(button,))
    for count in (1, 5, 25):
        card = Card(text, text, (paper,) * count, 1, (Row(text, text),), text, (text,), (button,))
        payload = render(card).payload
        check(payload)
        formats = [name for part in texts(payload) for name in seen(part).formats]
        assert {"mention", "address", "emoji", "time", "spoiler", "struck", "underlined", "code"}.isdisjoint(formats)
        assert all(url == paper.url or url.startswith("https://example.org/") for url in links(payload))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_title_is_one_link_to_its_paper(text: str) -> None:
    titled = views.named_papers("", Named((replace(FULL, title=text),), FRESH)).papers[0]
    [part, *_] = texts(render(Card("Papers", papers=(titled, item()))).payload)[1:]
    first = seen(part.split("\n")[0].removeprefix("**1. ").removesuffix("**"))

    assert (first.formats, [url for _, url in first.links]) == ([], [titled.url])
    assert first.text.rstrip("…") in " ".join(titled.title.split())


def test_a_paper_alone_has_its_links_once_as_buttons() -> None:
    payload = render(EVERY["show of 1"]).payload
    [text] = texts(payload)

    assert seen(text).links == [(FULL_TITLE, "https://huggingface.co/papers/2506.00001")]
    assert [one["label"] for one in of_type(payload, BUTTON)] == [
        "Abstract",
        "Similar",
        "Cite",
        "arXiv",
        "Code",
        "Project",
    ]
    assert links(payload) == [
        "https://arxiv.org/abs/2506.00001",
        "https://example.org/code",
        "https://example.org/project",
    ]


def test_papers_in_a_list_are_numbered_and_have_their_links_in_the_text() -> None:
    payload = render(EVERY["search of 5"]).payload
    lines = [text.split("\n")[0] for text in texts(payload)[1:6]]

    assert links(payload) == []
    assert [line.partition(".")[0] for line in lines] == ["**1", "**2", "**3", "**4", "**5"]
    assert all("[arXiv](https://arxiv.org/abs/" in text for text in texts(payload)[1:6])


@pytest.mark.parametrize(("count", "labels"), [(2, 3), (5, 3), (8, 3), (10, 2), (20, 1), (25, 1)])
def test_what_can_be_asked_of_each_paper_of_a_list_is_chosen_from_a_menu(count: int, labels: int) -> None:
    [select] = of_type(render(EVERY[f"search of {count}"]).payload, SELECT)
    values = [buttons.read(option["value"]) for option in select["options"]]

    assert len(values) == count * labels
    assert all(value and value.press is Press.SAY for value in values)
    assert {value.command.split(" ")[1] for value in values if value} == {paper.id for paper in several(count)}


@pytest.mark.parametrize(("count", "pictures"), [(1, 1), (5, 5), (8, 8), (10, 0), (20, 0)])
def test_pictures_are_shown_where_there_is_room(count: int, pictures: int) -> None:
    assert len(of_type(render(EVERY[f"digest of {count}"]).payload, THUMBNAIL)) == pictures


@pytest.mark.parametrize(
    "url",
    [
        *("", "https://example.org/clip.mp4", "https://example.org/", "https://example.org/png", "ftp://x.org/a.png"),
        *("javascript:a.png", "https:///a.png", "https://[::1/a.png", "https://x.org/a b.png", "https://x.org:y/a.png"),
        *("https://x.org/a\n.png", f"https://x.org/{'a' * 2_050}.png", "https://x.örg/a.png"),
    ],
)
def test_what_is_no_picture_is_not_shown_as_one(url: str) -> None:
    payload = render(Card("A title", papers=(item(thumbnail_url=url),))).payload
    check(payload)
    assert of_type(payload, THUMBNAIL) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "discord://x", "", "x", "https://", "https://a b.org", "http://[x"]
)
def test_an_address_that_leads_nowhere_is_no_link(url: str) -> None:
    alone = Card("A title", papers=(item(url=url, links=(Link("Code", url),)),))
    listed = replace(alone, papers=alone.papers * 2)
    for payload in (render(alone).payload, render(listed).payload):
        check(payload)
        assert links(payload) == []
        assert all(seen(text).links == [] for text in texts(payload))
        assert "A title" in shown(payload)


def test_an_address_that_is_too_long_for_a_button_is_left_out() -> None:
    code = Link("Code", "https://example.org/" + "x" * 500)
    assert links(render(Card("A title", papers=(item(links=(code,)),))).payload) == []


@pytest.mark.parametrize("name", [name for name in EVERY if "digest" in name])
def test_a_digest_carries_its_key_in_the_id_of_one_button_or_menu(name: str) -> None:
    made = custom_ids(render(EVERY[name], key=KEY).payload)
    assert [one.startswith(buttons.marker(KEY)) for one in made].count(True) == 1


@pytest.mark.parametrize("card", [Card("No buttons"), Card("Papers", papers=(item(), item()))])
def test_a_post_without_any_button_carries_its_key_all_the_same(card: Card) -> None:
    [made] = custom_ids(render(card, key=KEY).payload)
    assert made.startswith(buttons.marker(KEY))
    assert custom_ids(render(card).payload) == []


def test_a_command_too_long_for_an_id_is_handed_out_to_be_kept_and_none_is_there_twice() -> None:
    long, short = "search " + "x" * 200, "search x"
    shown = (
        Button("Long", long),
        Button("Short", short),
        Button("Long again", long),
        Button("Next", long, replaces=True),
    )
    rendered = render(Card("Papers", buttons=shown), share=long, key=KEY)
    read = [buttons.read(made) for made in custom_ids(rendered.payload)]

    assert rendered.kept == {buttons.kept_as(long): long}
    assert [(one.press, one.command or one.kept) for one in read if one] == [
        (Press.SAY, buttons.kept_as(long)),
        (Press.SAY, short),
        (Press.TURN, buttons.kept_as(long)),
        (Press.SHARE, buttons.kept_as(long)),
    ]


def test_a_failure_and_an_answer_differ_in_colour() -> None:
    [answer], [failure] = (render(Card("x", tone=tone)).payload["components"] for tone in (Tone.ANSWER, Tone.FAILURE))
    assert answer["accent_color"] != failure["accent_color"]


@pytest.mark.parametrize("count", [1, 2])
def test_an_abstract_that_fits_is_shown_in_full(count: int) -> None:
    abstract = "We *show* [that] 1 < 2. " * 60
    card = answers(several(count, abstract=abstract))["abstract"]
    assert abstract.strip() in shown(render(card).payload).replace("\n", " ")


def test_abstracts_that_are_too_long_together_are_each_shown_in_part() -> None:
    card = EVERY["abstract, long, of 10"]
    payload = render(card).payload

    assert not payload.get("flags", 0) & COMPONENTS_V2
    assert shown(payload).count("A sentence of an abstract, with *stars*") >= 10
    assert shown(payload).count("…") >= 10
    assert sum(map(len, texts(payload))) > 4_000


def test_code_that_is_cut_is_still_closed() -> None:
    card = Card(
        "BibTeX", code="\n\n".join(f"@article{{key{n},\n  author = {{{'Ada and ' * 200}}},\n}}" for n in range(10))
    )
    payload = render(card).payload

    assert sum(text.count("```") for text in texts(payload)) == 20
    assert all(f"key{n}" in shown(payload) for n in range(10))
    assert shown(payload).count("…") == 10
