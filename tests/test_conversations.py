"""What is typed and what is read back, through the real store and the real index."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot import dispatch
from bot.cards import Card, Tone
from bot.core import Core
from bot.models import Paper
from tests.conftest import ENGINES
from tests.library import (
    ATTENTION,
    DIFFUTRON,
    HYBRID,
    PACKFORCING,
    PRETRAINING,
    QWEN,
    SHOTSTREAM,
    SKILLS,
    SPARSE,
    SQL,
    STRINGS,
    VOXTRAL,
    FakeSource,
    shelved,
)
from tests.papers import NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Core]:
    """One for all: nobody here changes what it answers."""
    folder = tmp_path_factory.mktemp("library")
    async with ENGINES[request.param](folder) as store, shelved(store, folder / "index", FakeSource()) as opened:
        yield opened


async def say(core: Core, text: str, page_size: int = 5) -> Card:
    return await dispatch.run_text(text, core, NOON, page_size=page_size)


def ids(card: Card) -> list[str]:
    return [item.id for item in card.papers]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("show 2603.25716", HYBRID),
        ("SHOW 2603.25716v3", HYBRID),
        ("2603.25716", HYBRID),
        ("  2603.25716.  ", HYBRID),
        ("/papers 2603.25716", HYBRID),
        ("arXiv:2603.25716v1 [cs.CV] 26 Mar 2026", HYBRID),
        ("10.48550/arXiv.1706.03762", ATTENTION),
        ("https://arxiv.org/pdf/hep-th/9711200v3.pdf", STRINGS),
        ("<https://huggingface.co/papers/2603.25716|huggingface.co/papers/2603.25716>", HYBRID),
        ("www.alphaxiv.org/abs/2603.25716", HYBRID),
        ("search https://arxiv.org/abs/2603.25716", HYBRID),
        ("What is 2603.25716 about?", HYBRID),
        ("look: https://arxiv.org/abs/2603.25716!", HYBRID),
        ("show attention is all you need", ATTENTION),
        ("show “Attention is all you need”!", ATTENTION),
        ("show atention is al you need", ATTENTION),
        ("show voxtral", VOXTRAL),  # no other title has that word
        ("show 2412.15115", QWEN),  # is not stored, and asked for
    ],
)
async def test_a_paper_is_shown_by_id_by_link_and_by_title(core: Core, typed: str, shown: Paper) -> None:
    card = await say(core, typed)

    assert ids(card) == [shown.id]
    assert card.papers[0].title == shown.title


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("search memory", {HYBRID, SPARSE}),
        ("memory", {HYBRID, SPARSE}),
        ("/papers search memory", {HYBRID, SPARSE}),
        ("/search memory", {HYBRID, SPARSE}),
        ("Search  MEMORY ", {HYBRID, SPARSE}),
        ("memory -tokens", {HYBRID}),
        ('memory -"world models"', {SPARSE}),
        ('"video world models"', {HYBRID}),
        ("“video\u00a0world models”", {HYBRID}),
        ('"world video models"', set()),
        ('"world models"|speech', {HYBRID, VOXTRAL}),
        ("turkish | speech", {DIFFUTRON, VOXTRAL}),
        ("author:dong", {PRETRAINING}),
        ('author:"li dong"', {PRETRAINING}),
        ("author:dong|maldacena", {PRETRAINING, STRINGS}),
        ("author:akkus", {DIFFUTRON}),
        ("video -author:luo", {HYBRID, PACKFORCING}),
        ("org:mistralai", {VOXTRAL}),
        ('org:"shanda ai"', {PACKFORCING}),
        ("video -org:ShandaAI", {HYBRID, SHOTSTREAM}),
        ("cat:cs.CL", {ATTENTION}),
        ("cat:CS.lg|cat:hep-th", {ATTENTION, STRINGS}),
        ("cat:cs.XX", set()),
        ("has:code", {HYBRID, SHOTSTREAM, PACKFORCING, SPARSE}),
        ("has:code -video", {SPARSE}),
        ("since:2026-03 -has:code", {SKILLS, DIFFUTRON, VOXTRAL, SQL}),
        ("votes:50", {HYBRID, SHOTSTREAM, PRETRAINING}),
        ("since:2w before:2026-03-30", {SQL, SPARSE, VOXTRAL}),
        ("before:2000", {STRINGS}),
        ("since:today votes:20 video", {HYBRID, SHOTSTREAM, PACKFORCING}),
        ('27" video limit:2 votes:100', {HYBRID, SHOTSTREAM}),
    ],
)
async def test_a_search_finds_what_the_query_says(core: Core, typed: str, found: set[Paper]) -> None:
    card = await say(core, typed)

    assert {*ids(card)} == {paper.id for paper in found}
    assert card.tone is (Tone.ANSWER if found else Tone.FAILURE)


@pytest.mark.parametrize(
    ("typed", "first", "said"),
    [
        ("search reinforcment lerning", SQL, "corrected “reinforcment” to “reinforcement” and “lerning” to “learning”"),
        ("search author:maldecena", STRINGS, "Showing results for “author:maldacena”"),
        ("search org:meitaun", SQL, "Showing results for “org:meituan”"),
        ("search memmory video", HYBRID, "Showing results for “memory video”"),
        ("memmory has:code votes:100", HYBRID, "Showing results for “memory has:code votes:100”"),
    ],
)
async def test_typing_mistakes_are_corrected_and_the_card_says_so(
    core: Core, typed: str, first: Paper, said: str
) -> None:
    card = await say(core, typed)

    assert ids(card)[0] == first.id
    assert said in card.text


async def test_the_title_that_was_typed_comes_before_all_that_have_its_words(core: Core) -> None:
    card = await say(core, "Reinforcement Pre-Training")

    assert ids(card) == [PRETRAINING.id, SQL.id, *ids(card)[2:]]
    assert card.title == "Papers for “Reinforcement Pre-Training”"


@pytest.mark.parametrize(
    ("typed", "title", "shown"),
    [
        ("trending", "batch of Mon 30 Mar 2026", [HYBRID, SHOTSTREAM, PACKFORCING, SKILLS, DIFFUTRON]),
        ("trending today", "batch of Mon 30 Mar 2026", [HYBRID, SHOTSTREAM, PACKFORCING, SKILLS, DIFFUTRON]),
        ("trending week", "24 Mar to 30 Mar 2026", [HYBRID, SHOTSTREAM, PACKFORCING, SKILLS, SPARSE]),
        ("Trending MONTH", "1 Mar to 30 Mar 2026", [HYBRID, SHOTSTREAM, SQL, PACKFORCING, SKILLS]),
        ("trending limit:2", "batch of Mon 30 Mar 2026", [HYBRID, SHOTSTREAM]),
        ("trending video", "2026 for “video”", [HYBRID, SHOTSTREAM, PACKFORCING]),
        ("trending week memory", "2026 for “memory”", [HYBRID, SPARSE]),
        ("trending month -video has:code", "2026 for “-video has:code”", [SPARSE]),
        ("trending week video model", "2026 for “video model”", [HYBRID, PACKFORCING]),
    ],
)
async def test_a_trend_is_ranked_by_votes(core: Core, typed: str, title: str, shown: list[Paper]) -> None:
    card = await say(core, typed)

    assert title in card.title
    assert ids(card) == [paper.id for paper in shown]


async def test_the_three_papers_that_rise_fastest_are_marked(core: Core) -> None:
    card = await say(core, "trending month limit:25", page_size=25)

    assert {item.id: item.badge for item in card.papers if item.badge} == {
        HYBRID.id: "rising: +24 votes since yesterday",
        SKILLS.id: "rising: +9 votes since yesterday",
        SHOTSTREAM.id: "rising: +3 votes since yesterday",
    }


@pytest.mark.parametrize(
    ("typed", "closest", "title"),
    [
        ("similar 2603.25716", PACKFORCING, f"Papers like “{HYBRID.title}”"),
        ("similar https://arxiv.org/abs/2603.25746 limit:3", None, f"Papers like “{SHOTSTREAM.title}”"),
        ("similar 2603.25716 2603.25746", None, f"Papers like “{HYBRID.title}” and “{SHOTSTREAM.title}”"),
        ("similar reinforcement pre-training", SQL, "Papers like “Reinforcement Pre-Training”"),
        ("similar 2412.15115", None, "Papers like “Qwen2.5 Technical Report”"),
    ],
)
async def test_similar_papers_are_found_for_one_and_for_several(
    core: Core, typed: str, closest: Paper | None, title: str
) -> None:
    card = await say(core, typed)

    assert card.title == title
    assert closest is None or closest.id in ids(card)[:2]
    assert not any(id_ in typed for id_ in ids(card))


@pytest.mark.parametrize(
    ("typed", "entries"),
    [
        ("cite 1706.03762", [ATTENTION]),
        ("cite attention is all you need", [ATTENTION]),
        ("cite hep-th/9711200v2, 2603.25716", [STRINGS, HYBRID]),
        ("cite 2412.15115", [QWEN]),
    ],
)
async def test_papers_are_cited_in_the_order_in_which_they_are_named(
    core: Core, typed: str, entries: list[Paper]
) -> None:
    card = await say(core, typed)
    places = [card.code.index(paper.id) for paper in entries]

    assert places == sorted(places)
    assert card.code.count("@") == len(entries)


@pytest.mark.parametrize("typed", ["", " ", "/papers", "\u200b", "help", "Help"])
async def test_nothing_in_particular_is_answered_with_what_can_be_said(core: Core, typed: str) -> None:
    assert (await say(core, typed)).title == "What you can say"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("help search", "search QUERY [limit:5]"),
        ("help SHOW", "show PAPER"),
        ("help dance", "There is no command “dance”. There are search, show,"),
        ("help me find papers", "There is no command “me find papers”"),
        ("privacy", "Privacy"),
        ("status", "Status"),
        ("status now", "“now” is too much here: say “status”"),
        ("search", "QUERY is missing: say “search QUERY [limit:5]”."),
        ("show", "PAPER is missing: say “show PAPER”."),
        ("similar limit:3", "PAPER is missing"),
        ("search memory limit:abc", "“limit” is a whole number from 1 to 25, not abc."),
        ("memory limit:99", "“limit” goes from 1 to 25; 99 is outside."),
        ("memory limit: 5", "“limit” is a whole number from 1 to 25, right behind the colon"),
        ("trending week xyzzyqux", "is about “xyzzyqux”"),
        ("xyzzyqux", "Nothing found for “xyzzyqux”. Try fewer or other words"),
        ("?!", "There is no word to look for"),
        ("auther:dong", "auther: is no filter; did you mean author:?"),
        ('"left open', "The quotation mark in"),
        ("since:soon", "since:soon is no date that I understand"),
        ("x" * 10_000, "That is 10,000 characters; a query may have 1,000."),
        ("show 2401.99999", "No paper 2401.99999 is known here or at Hugging Face."),
        ("2413.12345", "2413.12345 is no arXiv id"),
        ("https://arxiv.org/abs/2413.12345", "is no arXiv id: write one such as 2506.08007"),
        ("show ?!", "There is no word to look for"),
        ("show xyzzyqux", "No title is “xyzzyqux”. Check the words, or give the arXiv id."),
        ("similar video", "No title is “video”. Did you mean “"),
        ("cite video", "No title is “video”. Did you mean “"),
    ],
)
async def test_what_is_asked_for_is_answered_in_a_sentence(core: Core, typed: str, shown: str) -> None:
    card = await say(core, typed)

    assert shown in card.title
    assert (card.tone is Tone.FAILURE) == (card.title[-1] in ".?")


async def test_a_title_that_several_have_is_answered_with_the_nearest(core: Core) -> None:
    card = await say(core, "show video")

    assert card.title == "No title is “video”. The nearest ones are:"
    assert {*ids(card)} == {HYBRID.id, SHOTSTREAM.id, PACKFORCING.id}


async def test_the_abstract_of_a_paper_is_a_button_away(core: Core) -> None:
    card = await say(core, "2603.25716")
    pressed = {button.label: await say(core, button.command) for button in card.papers[0].buttons}

    assert pressed["Abstract"].text == HYBRID.abstract
    assert pressed["Similar"].title.startswith("Papers like")
    assert HYBRID.id in pressed["Cite"].code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("serch memory", "search memory"),
        ("trendign", "trending"),
        ("Shwo memory", "show memory"),
        ("simlar memory", "similar memory"),
        ("hlp", "help"),
        ("simlar 2603.25716", "similar 2603.25716"),
    ],
)
async def test_a_verb_with_a_mistake_is_searched_for_and_hinted_at(core: Core, typed: str, meant: str) -> None:
    card = await say(core, typed)
    assert card.notes[-1] == f"Did you mean “{meant}”?"
    assert card.buttons[-1].command == meant


@pytest.mark.parametrize(
    "typed", ["how do models reason", "deep memory", "self attention", "state spaces", "site memory", "a"]
)
async def test_a_word_that_is_no_mistake_gets_no_hint(core: Core, typed: str) -> None:
    assert not any("Did you mean" in note for note in (await say(core, typed)).notes)
