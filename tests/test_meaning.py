"""Search and similar papers by meaning, through the real store and index; the model is tiny, but real."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import dispatch
from bot.cards import Card, Tone
from bot.core import Core
from bot.models import Paper
from bot.search import TantivyIndex
from bot.search.meaning import Meaning
from bot.search.model import DIMENSION
from bot.search.neighbours import packed
from bot.store import SqlStore, records
from tests.conftest import ENGINES
from tests.hostile import TEXTS
from tests.library import FakeSource, indexed
from tests.models import NOTHING, POISON, tiny, understanding
from tests.papers import MONDAY, NOON, paper

CATS = paper(
    "2603.00001",
    title="Kittens at Rest",
    abstract="A quiet study.",
    authors=("Ada Lovelace", "Łukasz Kaiser"),
    categories=("cs.CV",),
    code_url="https://example.org/cats",
    votes=50,
    batch=MONDAY,
)
OLD_CATS = paper(
    "1706.00002",
    title="Kittens at Rest Again",
    abstract="A loud study.",
    authors=("Grace Hopper",),
    categories=("math.AG",),
    votes=1,
    published=date(2017, 6, 1),
)
BOATS = paper("2603.00003", title="Boats in a Dock", abstract="Where they lie.", votes=9, batch=MONDAY)
TUNES = paper("2603.00004", title="Tunes of Worlds", abstract="As heard.", votes=9, batch=MONDAY)
DOCTORS = paper("2603.00005", title="Doctors", abstract="Whom they see.", votes=9, batch=MONDAY)
WIDGETS = paper("2603.00006", title="Quantum Widgets", abstract="How they go.", votes=9, batch=MONDAY)
PAPERS = (CATS, OLD_CATS, BOATS, TUNES, DOCTORS, WIDGETS)


@dataclass(frozen=True, slots=True)
class Library:
    core: Core
    store: SqlStore
    index: TantivyIndex
    meaning: Meaning
    source: FakeSource

    async def ask(self, text: str) -> Card:
        return await dispatch.run_text(text, self.core, NOON, page_size=25)

    async def found(self, text: str) -> list[str]:
        return [item.id for item in (await self.ask(text)).papers]


@asynccontextmanager
async def library(store: SqlStore, folder: Path, papers: Sequence[Paper] = PAPERS) -> AsyncIterator[Library]:
    await store.save_papers(papers, NOON)
    source = FakeSource(known=())
    async with (
        indexed(store, folder / "index") as index,
        understanding(store, index, tiny(folder / "model")) as meaning,
    ):
        yield Library(Core(records(store), index, [source]), store, index, meaning, source)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    async with ENGINES[request.param](folder) as store, library(store, folder) as opened:
        yield opened


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_paper_is_found_by_its_meaning_alone_and_says_so(known: Library) -> None:
    card = await known.ask("search felines slumber")
    assert {item.id for item in card.papers[:2]} == {CATS.id, OLD_CATS.id}
    assert [item.badge for item in card.papers[:2]] == ["similar meaning"] * 2
    assert card.text == ""  # nothing was corrected


async def test_a_word_that_the_model_has_is_no_mistake_though_no_paper_has_it(store: SqlStore, tmp_path: Path) -> None:
    shops = paper("2603.00007", title="Shops", batch=MONDAY)
    async with library(store, tmp_path, (*PAPERS, shops)) as opened:
        known, mistyped = await opened.ask("search ships"), await opened.ask("search shopz")
    assert (known.papers[0].id, known.text) == (BOATS.id, "")
    assert (mistyped.papers[0].id, "“shopz” to “shops”" in mistyped.text) == (shops.id, True)


@pytest.mark.parametrize(
    ("text", "first", "badge"),
    [
        ("kittens at rest", CATS, "title match"),
        ("Kittens at Rest!", CATS, "title match"),
        ("lovelace", CATS, "author"),
        ("lukasz kaiser", CATS, "author"),
        ("ships port", BOATS, "similar meaning"),
        ("surgeons physicians", DOCTORS, "similar meaning"),
        ("widgets of quantum", WIDGETS, "title match"),
        ("quiet study", CATS, ""),
    ],
)
async def test_a_result_says_by_what_it_was_found(known: Library, text: str, first: Paper, badge: str) -> None:
    best = (await known.ask(f"search {text}")).papers[0]
    assert (best.id, best.badge) == (first.id, badge)


@pytest.mark.parametrize(
    ("condition", "holds_for"),
    [
        ("author:lovelace", {CATS.id}),
        ("-author:lovelace", {OLD_CATS.id}),
        ("cat:cs.CV", {CATS.id}),
        ("cat:math", {OLD_CATS.id}),
        ("since:2026-01-01", {CATS.id}),
        ("before:2018-01-01", {OLD_CATS.id}),
        ("votes:20", {CATS.id}),
        ("has:code", {CATS.id}),
        ("-has:code", {OLD_CATS.id}),
        ('"quiet study"', {CATS.id}),
        ("quiet|noisy", {CATS.id}),
        ("-quiet", {OLD_CATS.id}),
        ('-"loud study"', {CATS.id}),
        ("author:lovelace since:2026-01-01 -quiet", set()),
    ],
)
async def test_what_decides_holds_for_what_is_found_by_meaning_too(
    known: Library, condition: str, holds_for: set[str]
) -> None:
    found = await known.found(f"search felines slumber {condition}")
    assert {*found} & {CATS.id, OLD_CATS.id} == holds_for
    by_rule = {paper.id for paper in PAPERS} if "quiet" in condition or "-" in condition else holds_for
    assert {*found} <= by_rule | holds_for


async def test_words_that_are_there_count_beside_what_is_meant(known: Library) -> None:
    """Both papers of cats mean the same; the one that has the words comes first."""
    assert (await known.found("search loud felines"))[0] == OLD_CATS.id
    assert (await known.found("search quiet felines"))[0] == CATS.id


async def test_similar_papers_are_near_in_meaning_and_never_the_paper_itself(known: Library) -> None:
    for one in PAPERS:
        assert one.id not in await known.found(f"similar {one.id}")
    assert (await known.found(f"similar {CATS.id}"))[0] == OLD_CATS.id


async def test_papers_that_are_like_several_lie_between_them(tmp_path: Path, store: SqlStore) -> None:
    between = paper("2603.00010", title="Felines and Vessels", abstract="Slumber.")
    like_one = paper("2603.00011", title="Cats", abstract="Sleep.")
    async with library(store, tmp_path, (CATS, BOATS, DOCTORS, between, like_one)) as here:
        found = await here.found(f"similar {CATS.id} {BOATS.id}")
        assert found[0] == between.id
        assert not {CATS.id, BOATS.id} & {*found}


async def test_a_paper_that_was_not_read_yet_has_similar_ones_all_the_same(known: Library) -> None:
    """It is read at once, as are several of which only some were read."""
    unread = paper("2603.00099", title="Felines", abstract="Slumber.")
    for asked in ([unread], [unread, OLD_CATS]):
        found = [hit.id for hit in (await known.index.similar(asked, 3)).hits]
        assert CATS.id in found[:2]
        assert not {*found} & {one.id for one in asked}


async def test_papers_that_were_not_read_yet_are_found_by_their_words_and_rank_by_them(
    tmp_path: Path, store: SqlStore
) -> None:
    async with library(store, tmp_path) as here:
        unread = paper("2603.00020", title="Quiet Felines", abstract="They slumber.", batch=MONDAY)
        await store.save_papers([unread], NOON)
        await here.index.update([unread], await store.change_cursor())
        found = await here.found("search quiet felines")
        assert found[0] == unread.id  # it has all the words
        assert CATS.id in found
        assert unread.id in await here.found(f"similar {CATS.id}")
        far = await here.found("search slumber planets")
        assert unread.id in far
        assert here.index.state().read == len(PAPERS)


async def test_the_state_says_how_many_papers_were_read(known: Library) -> None:
    assert known.index.state().read == len(PAPERS)
    rows = {row.name: row.text for row in (await known.ask("status")).rows}
    assert rows["Search by meaning"] == f"{len(PAPERS)} of {len(PAPERS)} papers read"


titles = st.lists(
    st.sampled_from(["cats", "quiet", "study", "boats", "worlds", "of", "widgets"]), min_size=1, max_size=5
)


@settings(max_examples=15)
@given(
    st.lists(titles.map(" ".join), min_size=2, max_size=12, unique=True),
    st.integers(0, 2**32),
    st.data(),
)
async def test_an_exact_title_is_first_whatever_the_vectors_say(
    tmp_path_factory: pytest.TempPathFactory, listed: list[str], seed: int, data: st.DataObject
) -> None:
    papers = [paper(f"2603.{n:05}", title=title, votes=n * 1000) for n, title in enumerate(listed)]
    chosen = data.draw(st.sampled_from(papers))
    folder = tmp_path_factory.mktemp("exact")
    async with ENGINES["sqlite"](folder) as store, library(store, folder, papers) as here:
        wanted = here.meaning.of(chosen.title)
        rows = np.random.default_rng(seed).standard_normal((len(papers), DIMENSION)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        rows[::2] = wanted  # others may mean just what is asked for
        rows[papers.index(chosen)] = -wanted  # and the paper its opposite
        vectors = {one.id: packed(row) for one, row in zip(papers, rows, strict=True)}
        await here.meaning.put(vectors)
        card = await here.ask(f"search {chosen.title}")
        assert card.papers[0].id == chosen.id
        assert card.papers[0].badge == "title match"


@pytest.mark.parametrize("word", [POISON, NOTHING])
async def test_a_model_that_fails_leaves_the_words_and_is_said_in_the_log(
    known: Library, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    with caplog.at_level(logging.WARNING):
        found = await known.found(f"search {word} boats")
    assert found == [BOATS.id]  # which alone has one of the words
    assert len(warnings(caplog)) == 1
    assert "Traceback" not in caplog.text
    assert (await known.found("search ships port"))[0] == BOATS.id  # the next one is understood again


async def test_a_model_that_fails_leaves_the_key_terms_of_similar_papers(
    known: Library, caplog: pytest.LogCaptureFixture
) -> None:
    unread = paper("2603.00098", title=f"The {POISON} Boats", abstract="In a dock.")
    with caplog.at_level(logging.WARNING):
        assert [hit.id for hit in (await known.index.similar([unread], 3)).hits][:1] == [BOATS.id]
    assert len(warnings(caplog)) == 1


@pytest.mark.parametrize(
    "text",
    [
        *(text for name, text in TEXTS.items() if name != "quotes"),
        "🐈🐈🐈",
        *"xkß.",
        "the of and is",
        "猫 睡眠",
        "кошки спят",
        "a" * 10_000,
        "cats " * 190,
        "?!",
    ],
)
async def test_whatever_is_asked_gets_an_answer_or_a_sentence(
    known: Library, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    card = await known.ask(f"search {text}")
    assert card.title
    assert "on our side" not in card.plain  # no bug
    assert not warnings(caplog)
    assert card.tone in (Tone.ANSWER, Tone.FAILURE)


async def test_where_nothing_is_meant_the_sources_are_asked(known: Library) -> None:
    """A paper of some far meaning is no reason not to: what was asked for may not be stored."""
    known.source.searched.clear()
    await known.ask("search zyzzyva hagfish")
    assert known.source.searched == ["zyzzyva hagfish"]


async def test_without_the_model_the_same_index_compares_words_alone(tmp_path: Path, store: SqlStore) -> None:
    await store.save_papers([replace(CATS), BOATS], NOON)
    async with indexed(store, tmp_path / "index") as index:
        core = Core(records(store), index)
        assert index.state().read is None
        assert (await dispatch.run_text("search felines slumber", core, NOON)).tone is Tone.FAILURE
        assert [item.id for item in (await dispatch.run_text("search kittens", core, NOON)).papers] == [CATS.id]
        status = {row.name: row.text for row in (await dispatch.run_text("status", core, NOON)).rows}
        assert status["Search by meaning"] == "off; words alone are compared"
