"""Cards on a terminal and at a pipe, and buttons that are pressed by their names."""

import json
import re
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from adapters.console.platform import Console, _Completer
from adapters.console.render import BOLD, DIM, Screen, render
from bot import cards
from bot.cards import Button, Card, Link, PaperItem, Row
from bot.store import SqlStore
from tests.hostile import TEXTS
from tests.library import ATTENTION, HYBRID, shelved
from tests.papers import NOON

STYLES = re.compile(r"\x1b\[[012]m")
STYLED = Screen(80, styled=True)
ITEM = PaperItem(
    "2603.25716",
    "Hybrid Memory",
    "https://huggingface.co/papers/2603.25716",
    byline="H-EmbodVis · Kaijin Chen",
    summary="It remembers.",
    summary_label="AI summary",
    numbers="▲ 124",
    badge="rising",
    links=(Link("arXiv", "https://arxiv.org/abs/2603.25716"),),
    buttons=(Button("Abstract", "show 2603.25716 part:abstract"), Button("Cite", "cite 2603.25716")),
)

texts = st.one_of(st.text(st.characters(), max_size=60), st.sampled_from([*TEXTS.values()]))
items = st.builds(
    PaperItem,
    *(texts, texts, texts),
    byline=texts,
    summary=texts,
    summary_label=texts,
    numbers=texts,
    badge=texts,
    links=st.lists(st.builds(Link, texts, texts), max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, texts, texts), max_size=2).map(tuple),
)
any_card = st.builds(
    Card,
    title=texts,
    text=texts,
    papers=st.lists(items, max_size=2).map(tuple),
    rows=st.lists(st.builds(Row, texts, texts), max_size=2).map(tuple),
    code=texts,
    notes=st.lists(texts, max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, texts, texts), max_size=2).map(tuple),
)
screens = st.builds(Screen, st.none() | st.integers(1, 200), st.booleans())


def is_obeyed(character: str) -> bool:
    """Whether a terminal does something instead of showing the character."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(character) in (
        *("LRE", "RLE", "LRO", "RLO", "PDF"),
        *("LRI", "RLI", "FSI", "PDI"),
    )


@given(any_card, screens)
def test_no_control_character_ever_reaches_the_terminal(card: Card, screen: Screen) -> None:
    shown = render(card, screen)

    assert not any(map(is_obeyed, STYLES.sub("", shown).replace("\n", "")))
    assert screen.styled or "\x1b" not in shown
    shown.encode("utf-8")


@given(any_card, st.integers(40, 200))
def test_a_line_is_longer_than_the_screen_only_for_a_word_that_is(card: Card, width: int) -> None:
    card = replace(card, code="", rows=())
    longest = max((len(word) for word in render(card, Screen()).split()), default=0)

    assert all(len(line) <= max(width, longest + 5) for line in render(card, Screen(width)).split("\n"))


@given(any_card)
def test_any_card_is_one_line_of_json_that_comes_back(card: Card) -> None:
    said = cards.to_json(card)

    assert "\n" not in said
    assert [item["id"] for item in json.loads(said)["papers"]] == [item.id for item in card.papers]


def test_a_pipe_gets_whole_lines_without_style() -> None:
    text = "word " * 100 + "end"
    card = Card("Papers", text=text, papers=(ITEM, replace(ITEM, title="Another", badge="")), notes=("1 to 2 of 9",))

    assert render(card).split("\n") == [
        "Papers",
        text,
        "",
        "1. Hybrid Memory",
        "   H-EmbodVis · Kaijin Chen",
        "   AI summary: It remembers.",
        "   ▲ 124  rising",
        "   https://huggingface.co/papers/2603.25716  arXiv https://arxiv.org/abs/2603.25716",
        "",
        "2. Another",
        "   H-EmbodVis · Kaijin Chen",
        "   AI summary: It remembers.",
        "   ▲ 124",
        "   https://huggingface.co/papers/2603.25716  arXiv https://arxiv.org/abs/2603.25716",
        "",
        "1 to 2 of 9",
    ]


def test_a_terminal_gets_wrapped_lines_that_stay_behind_their_number() -> None:
    shown = render(Card("Papers", papers=(replace(ITEM, title="Long " * 12), ITEM)), Screen(44)).split("\n")

    assert shown[2:4] == ["1. Long Long Long Long Long Long Long Long", "   Long Long Long Long"]
    assert shown[-2:] == ["   https://huggingface.co/papers/2603.25716", "   arXiv https://arxiv.org/abs/2603.25716"]


def test_a_styled_screen_shows_titles_bold_and_small_print_dim() -> None:
    card = Card("Papers", papers=(ITEM, ITEM), notes=("1 to 2 of 9",), buttons=(Button("Next", "search x page:2"),))
    shown = render(card, STYLED)

    assert f"{BOLD}1. Hybrid Memory\x1b[0m" in shown
    assert f"{DIM}1 to 2 of 9\x1b[0m" in shown
    assert f"{DIM}Next: search x page:2\x1b[0m" in shown
    assert STYLES.sub("", shown) == render(card, Screen(80))


def test_a_paper_alone_is_not_named_twice_and_offers_its_buttons() -> None:
    shown = render(Card(ITEM.title, papers=(ITEM,)))

    assert shown.count("Hybrid Memory") == 1
    assert shown.endswith("Abstract: show 2603.25716 part:abstract\nCite: cite 2603.25716")
    assert "Cite" not in render(Card("Papers", papers=(ITEM, ITEM)))


def test_rows_stand_in_two_columns_and_a_long_name_above_them() -> None:
    rows = (Row("search QUERY", "Find papers."), Row("trending [today|week|month]", "Show papers."), Row("bare", ""))

    assert render(Card("Help", rows=rows)).split("\n")[2:] == [
        "search QUERY              Find papers.",
        "trending [today|week|month]",
        "                          Show papers.",
        "bare",
    ]


def test_code_is_shown_as_it_is() -> None:
    code = "@misc{x,\n  title = {" + "Long " * 40 + "}\n}"

    assert render(Card("BibTeX", code=code), STYLED).endswith("\n\n" + code)


@pytest.fixture
async def console(store: SqlStore, tmp_path: Path) -> AsyncIterator[Console]:
    async with shelved(store, tmp_path / "index") as core:
        yield Console(lambda: core, lambda: NOON, tmp_path / "history")


async def first_lines(console: Console, *said: str) -> list[str]:
    """The first line of each answer."""
    return [(await console.answer(line, Screen())).split("\n")[0] for line in said]


async def test_next_turns_the_page_until_there_is_none(console: Console) -> None:
    answers = [await console.answer(line, Screen()) for line in ("trending month limit:8", "next", "NEXT")]

    assert "1 to 5 of 8" in answers[0]
    assert "Next: trending month limit:8 page:2" in answers[0]
    assert "6 to 8 of 8" in answers[1]
    assert "\n6. " in answers[1]
    assert "Next:" not in answers[1]
    assert answers[2].startswith("That is the whole list")


async def test_the_buttons_of_the_only_paper_are_pressed_by_their_names(console: Console) -> None:
    shown = await first_lines(console, "2603.25716", "abstract", "cite", "2603.25716", "Similar")

    assert shown == [
        f"1. {HYBRID.title}",
        HYBRID.title,
        f"BibTeX for “{HYBRID.title}”",
        f"1. {HYBRID.title}",
        f"Papers like “{HYBRID.title}”",
    ]


async def test_a_name_that_no_button_has_is_said_as_it_is(console: Console) -> None:
    shown = await first_lines(console, "next", "trending", "cite", "similar 2603.25716", "show", "help")

    assert shown[0].startswith("Papers for “next”")
    assert shown[2] == "PAPER is missing: say “cite PAPER”."
    assert shown[4] == "PAPER is missing: say “show PAPER”."
    assert shown[5] == "What you can say"


async def test_an_abstract_can_be_followed_by_a_citation(console: Console) -> None:
    shown = await first_lines(console, "2603.25716", "abstract", "Cite")

    assert shown[2] == f"BibTeX for “{HYBRID.title}”"


async def test_titles_are_completed_while_somebody_types(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index") as core:
        line = Document("show attention is")
        completer = _Completer(Console(lambda: core, lambda: NOON, tmp_path / "history"))
        found = [one async for one in completer.get_completions_async(line, CompleteEvent())]

    assert [(one.text, one.start_position, one.display_text) for one in found] == [
        (ATTENTION.id, -len("attention is"), ATTENTION.title)
    ]
