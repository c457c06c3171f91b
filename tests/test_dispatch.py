"""Turning pages, and completing what somebody is typing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot import dispatch, views
from bot.cards import Card
from bot.commands import COMMANDS
from bot.core import Core
from tests.conftest import ENGINES
from tests.library import ATTENTION, HYBRID, PACKFORCING, PRETRAINING, SHOTSTREAM, SPARSE, STRINGS, shelved
from tests.papers import NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Core]:
    """One for all: nobody here changes what it answers."""
    folder = tmp_path_factory.mktemp("library")
    async with ENGINES[request.param](folder) as store, shelved(store, folder / "index") as opened:
        yield opened


async def say(core: Core, text: str, page_size: int = 2) -> Card:
    return await dispatch.run_text(text, core, NOON, page_size=page_size)


def ids(card: Card) -> list[str]:
    return [item.id for item in card.papers]


async def pages(core: Core, text: str) -> list[Card]:
    """The card, and those behind its button Next, to the end."""
    cards = [await say(core, text)]
    while following := next((button for button in cards[-1].buttons if button.label == views.NEXT), None):
        assert len(cards) < 25
        cards.append(await say(core, following.command))
    return cards


@pytest.mark.parametrize(
    "typed",
    [
        "search model limit:7",
        "model limit:5",
        "since:2026 -speech limit:25",
        'model "memory"|video limit:9',
        '27" model limit:6',
        "trending limit:4",
        "trending month limit:25",
        "trending month -speech limit:25",
        "trending today -week limit:25",
        "similar 2603.25716 limit:8",
        "similar 2603.25716 1706.03762 limit:7",
        "similar reinforcement pre-training limit:6",
    ],
)
async def test_next_leads_through_the_whole_list_and_ends_with_it(core: Core, typed: str) -> None:
    whole, shown = await say(core, typed, page_size=25), await pages(core, typed)

    assert len(shown) > 1
    assert [id_ for card in shown for id_ in ids(card)] == ids(whole)
    assert all(len(card.papers) == 2 for card in shown[:-1])
    assert shown[-1].notes[0].endswith(f"of {len(whole.papers)}")
    assert {card.title for card in shown} == {whole.title}


async def test_a_list_is_as_long_as_its_limit(core: Core) -> None:
    assert [len((await say(core, f"trending month limit:{n}", page_size=25)).papers) for n in (1, 3, 25)] == [1, 3, 8]


async def test_beyond_the_last_page_there_is_a_sentence(core: Core) -> None:
    card = await say(core, "trending limit:4 page:3")

    assert card.title == "There is no page 3: the list ends before it. Go back to an earlier one."


async def test_a_query_of_a_platform_with_typed_options_keeps_its_words_on_every_page(core: Core) -> None:
    said: dict[str, str | int] = {"query": "limit=3 model memory", "limit": 6}
    first = await dispatch.run("search", said, core, NOON, page_size=2)
    second = await say(core, first.buttons[0].command)

    assert first.buttons[0].command == 'search "limit=3" model memory limit:6 page:2'
    assert second.title


async def test_a_known_verb_is_answered_from_arguments_by_name(core: Core) -> None:
    card = await dispatch.run("trending", {"window": "week", "query": "memory", "limit": 1}, core, NOON)

    assert ids(card) == [HYBRID.id]
    assert "is a whole number" in (await dispatch.run("search", {"query": "x", "limit": "y"}, core, NOON)).title
    assert "QUERY is missing" in (await dispatch.run("search", {}, core, NOON)).title


@pytest.mark.parametrize(
    ("verb", "parameter", "text", "completed"),
    [
        ("show", "paper", "atten", {ATTENTION.id, SPARSE.id}),
        ("show", "paper", "Attention is", {ATTENTION.id}),
        ("similar", "paper", "the large n", {STRINGS.id}),
        ("cite", "paper", "reinforcement pre", {PRETRAINING.id}),
        ("show", "paper", "VIDEO", {HYBRID.id, SHOTSTREAM.id, PACKFORCING.id}),
        ("show", "paper", "xyzzy", set()),
        ("show", "paper", "", set()),
        ("show", "paper", "?!", set()),
        ("show", "paper", "x" * 30_000, set()),
        ("trending", "window", "", {"today", "week", "month"}),
        ("trending", "window", "W", {"week"}),
        ("trending", "window", "year", set()),
        ("help", "verb", "s", {"search", "show", "similar", "status", "subscribe", "subscriptions"}),
        ("subscribe", "tz", "par", {"America/Paramaribo", "Europe/Paris"}),
        ("subscribe", "layout", "c", {"cards", "compact"}),
        ("subscribe", "query", "org:h-em", {"org:H-EmbodVis"}),
        ("pause", "name", "", set()),
        ("help", "verb", "", {*COMMANDS}),
        ("search", "query", "the large n", {"The Large N Limit of Superconformal Field Theories and Supergravity"}),
        ("search", "query", "author:vasw", {'author:"Ashish Vaswani"'}),
        ("search", "query", 'memory -author:"ashish vas', {'memory -author:"Ashish Vaswani"'}),
        ("search", "query", "attention author:kaiser|vasw", {'attention author:kaiser|"Ashish Vaswani"'}),
        ("search", "query", "author:", set()),
        ("search", "query", "org:h-em", {"org:H-EmbodVis"}),
        ("search", "query", "cat:HEP", {"cat:hep-th"}),
        ("trending", "query", "xyzzy", set()),
        ("search", "limit", "1", set()),
        ("search", "colour", "red", set()),
    ],
)
async def test_a_parameter_is_completed(core: Core, verb: str, parameter: str, text: str, completed: set[str]) -> None:
    choices = await dispatch.complete(verb, parameter, text, core)

    assert {choice.value for choice in choices} == completed
    assert len(choices) == len(completed)
    assert all(0 < len(choice.label) <= 100 for choice in choices)


async def test_completed_titles_are_shown_and_their_ids_filled_in_most_voted_first(core: Core) -> None:
    choices = await dispatch.complete("show", "paper", "vid", core)

    assert [choice.value for choice in choices] == [HYBRID.id, SHOTSTREAM.id, PACKFORCING.id]
    assert [choice.label for choice in choices] == [HYBRID.title, SHOTSTREAM.title, PACKFORCING.title]


@pytest.mark.parametrize(
    ("line", "replaced", "values"),
    [
        ("", 0, [*COMMANDS]),
        ("s", 1, ["search", "show", "similar", "subscribe", "subscriptions", "status"]),
        ("edit robots org:h-em", 8, ["org:H-EmbodVis"]),
        ("subscribe world models tz:stockh", 6, ["Europe/Stockholm"]),
        ("subscribe layout:COM", 3, ["compact"]),
        ("trending author:vasw", 11, []),
        ("trending memory author:vasw", 18, ['memory author:"Ashish Vaswani"']),
        ("pause ", 0, []),
        ("forget-me ", 0, []),
        ("  TR", 2, ["trending"]),
        ("dance", 5, []),
        ("trending ", 0, ["today", "week", "month"]),
        ("trending m", 1, ["month"]),
        ("trending week ", 5, []),
        ("show attention is", 12, [ATTENTION.id]),
        ("Show  atten", 6, [SPARSE.id, ATTENTION.id]),
        ("help tr", 2, ["trending"]),
        ("search the large n", 11, ["The Large N Limit of Superconformal Field Theories and Supergravity"]),
        ("trending week author:vasw", 11, ['author:"Ashish Vaswani"']),
        ("status ", 0, []),
        ("dance w", 0, []),
    ],
)
async def test_a_typed_line_is_completed(core: Core, line: str, replaced: int, values: list[str]) -> None:
    length, choices = await dispatch.complete_text(line, core)

    assert [choice.value for choice in choices] == values
    assert length == replaced or not values
    assert all(line[: len(line) - length] + choice.value for choice in choices)


async def test_a_page_in_the_middle_leads_back_and_on_in_its_own_place(core: Core) -> None:
    card = await say(core, "trending limit:4 page:2")
    assert [(button.label, button.command, button.replaces) for button in card.buttons] == [
        (views.PREVIOUS, "trending limit:4", True)
    ]
    first = await say(core, card.buttons[0].command)
    assert [button.command for button in first.buttons] == ["trending limit:4 page:2"]
