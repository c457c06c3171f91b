"""What is read back when the sources are asked: the whole bot, with Hugging Face and arXiv at its outermost edge."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import dispatch, fallback, views
from bot.cards import Card, Tone
from bot.core import Core
from bot.search import TantivyIndex
from bot.store import SqlStore, records
from tests import atom, feed
from tests.library import ATTENTION, HYBRID, PRETRAINING, SQL, indexed, shelved
from tests.papers import NOON, later
from tests.wire import Reply

AT_BOTH, AT_ARXIV, NOWHERE = "2412.15115", "2104.12255", "2401.99999"
QWEN = {**feed.entry(AT_BOTH, upvotes=225)["paper"], "title": "Qwen2.5 Technical Report"}
BROKEN = Reply(503)
BY_ARXIV, BY_HF = "found by asking arXiv", "found by asking Hugging Face"


@dataclass(slots=True)
class World:
    """Both sources: what they answer, and what they were asked. None hangs."""

    hf_papers: dict[str, Any] = field(default_factory=lambda: {AT_BOTH: QWEN})
    hf_found: list[Any] | Reply | None = field(default_factory=list)
    arxiv_papers: dict[str, str] = field(default_factory=lambda: {AT_ARXIV: atom.NEW})
    arxiv_found: tuple[str, ...] | Reply | None = ()
    hf_asked: list[str] = field(default_factory=list)
    arxiv_asked: list[str] = field(default_factory=list)

    async def hf(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        self.hf_asked.append(request.url.params.get("q", name))
        answer = self.hf_found if name == "search" else self.hf_papers.get(name, Reply(404))
        if answer is None:
            await asyncio.Event().wait()
        return (answer if isinstance(answer, Reply) else feed.listed(answer)).response()

    async def arxiv(self, request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get("id_list", "")
        self.arxiv_asked.append(ids or request.url.params["search_query"])
        found = self.arxiv_found
        if found is None:
            await asyncio.Event().wait()
        if isinstance(found, Reply):
            return found.response()
        entries = [self.arxiv_papers.get(id_, "") for id_ in ids.split(",")] if ids else found or ()
        return atom.atom(*entries).response()

    @asynccontextmanager
    async def opened(self, store: SqlStore, folder: Path) -> AsyncIterator[Core]:
        async with shelved(store, folder, feed.source(self.hf), atom.source(self.arxiv)) as core:
            yield core

    def core(self, store: SqlStore, index: TantivyIndex) -> Core:
        """The same bot after a restart: it remembers only what is stored."""
        return Core(records(store), index, [feed.source(self.hf), atom.source(self.arxiv)])


async def said(world: World, store: SqlStore, folder: Path, text: str) -> Card:
    async with world.opened(store, folder / "index") as core:
        return await dispatch.run_text(text, core, NOON)


def ids(card: Card) -> list[str]:
    return [item.id for item in card.papers]


def badges(card: Card) -> dict[str, str]:
    return {item.id: item.badge for item in card.papers}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(fallback, "SECONDS", 0.3)


@pytest.mark.parametrize("typed", [f"show {AT_ARXIV}", f"https://arxiv.org/pdf/{AT_ARXIV}v1", f"cite {AT_ARXIV}"])
async def test_a_paper_that_only_arxiv_knows_is_shown_and_kept(store: SqlStore, tmp_path: Path, typed: str) -> None:
    world = World()
    card = await said(world, store, tmp_path, typed)
    assert AT_ARXIV in card.plain
    assert card.notes == ()
    assert (world.hf_asked, world.arxiv_asked) == ([AT_ARXIV], [AT_ARXIV])
    assert [paper.version for paper in await store.papers([AT_ARXIV])] == [2]


async def test_an_old_id_is_asked_for_with_its_slash(store: SqlStore, tmp_path: Path) -> None:
    world = World(arxiv_papers={"astro-ph/0601001": atom.entry("astro-ph/0601001v1")})
    assert ids(await said(world, store, tmp_path, "show astro-ph/0601001v1")) == ["astro-ph/0601001"]
    assert world.arxiv_asked == ["astro-ph/0601001"]


async def test_each_of_several_papers_is_found_where_it_is(store: SqlStore, tmp_path: Path) -> None:
    world = World()
    malformed = "2413.12345"
    asked = f"show {NOWHERE} {AT_ARXIV} {malformed} {HYBRID.id} {AT_BOTH} {ATTENTION.id}"
    card = await said(world, store, tmp_path, asked)
    assert ids(card) == [AT_ARXIV, HYBRID.id, AT_BOTH, ATTENTION.id]
    assert card.notes == (f"Not found here, at Hugging Face or at arXiv: {NOWHERE} and {malformed}.",)
    assert world.hf_asked == [NOWHERE, AT_ARXIV, AT_BOTH]
    assert world.arxiv_asked == [f"{NOWHERE},{AT_ARXIV}"]


async def test_what_is_not_found_is_said_with_the_places_where_it_was_looked_for(
    store: SqlStore, tmp_path: Path
) -> None:
    card = await said(World(), store, tmp_path, f"show {NOWHERE} 2401.99998")
    assert card.tone is Tone.FAILURE
    assert card.title == (
        f"No paper {NOWHERE} or 2401.99998 is known here, at Hugging Face or at arXiv. Check the number."
    )


async def test_with_hugging_face_down_arxiv_answers_and_the_footer_says_so(store: SqlStore, tmp_path: Path) -> None:
    world = World(hf_papers={AT_ARXIV: BROKEN})
    card = await said(world, store, tmp_path, f"show {AT_ARXIV} {HYBRID.id}")
    assert ids(card) == [AT_ARXIV, HYBRID.id]
    assert card.notes == ("Hugging Face could not be asked: it is out of order (HTTP 503).",)


async def test_with_arxiv_down_hugging_face_answers_and_the_footer_says_what_is_missing(
    store: SqlStore, tmp_path: Path
) -> None:
    world = World(arxiv_found=BROKEN)
    card = await said(world, store, tmp_path, f"show {AT_BOTH} {AT_ARXIV}")
    assert ids(card) == [AT_BOTH]
    assert card.notes == (
        f"Not found here or at Hugging Face: {AT_ARXIV}.",
        "arXiv could not be asked: it is out of order (HTTP 503).",
    )


async def test_with_one_source_down_nothing_is_called_unknown(store: SqlStore, tmp_path: Path) -> None:
    card = await said(World(hf_papers={NOWHERE: BROKEN}), store, tmp_path, f"show {NOWHERE}")
    assert card.title == (
        f"No paper {NOWHERE} is known here or at arXiv. "
        "Hugging Face could not be asked: it is out of order (HTTP 503). Try again later."
    )


@pytest.mark.usefixtures("impatient")
async def test_a_hanging_hugging_face_leaves_arxiv_its_time(store: SqlStore, tmp_path: Path) -> None:
    card = await said(World(hf_papers={AT_ARXIV: None}), store, tmp_path, f"show {AT_ARXIV}")
    assert ids(card) == [AT_ARXIV]
    assert card.notes == ("Hugging Face could not be asked: it did not answer in time.",)


async def test_a_search_that_finds_enough_asks_nobody(store: SqlStore, tmp_path: Path) -> None:
    world = World()
    async with world.opened(store, tmp_path / "index") as core:
        for text in ("search video", "search video since:30d", "search has:code", "search memory limit:2"):
            assert (await dispatch.run_text(text, core, NOON)).tone is Tone.ANSWER
    assert world.hf_asked == world.arxiv_asked == []


async def test_trends_likenesses_and_titles_ask_nobody(store: SqlStore, tmp_path: Path) -> None:
    world = World()
    async with world.opened(store, tmp_path / "index") as core:
        for text in (
            "trending",
            "trending week xyzzyqux",
            "similar 2603.25716",
            "show xyzzyqux",
            "cite xyzzyqux",
            "help",
        ):
            await dispatch.run_text(text, core, NOON)
        await dispatch.complete("show", "paper", "xyzzy", core)
    assert world.hf_asked == world.arxiv_asked == []


async def test_a_search_that_finds_little_asks_both_and_marks_what_they_found(store: SqlStore, tmp_path: Path) -> None:
    world = World(
        hf_found=[feed.entry("2506.00001"), {"paper": QWEN}, feed.entry(PRETRAINING.id)],
        arxiv_found=(atom.entry(f"{AT_BOTH}v2"), atom.NEW, atom.entry(f"{SQL.id}v1")),
    )
    card = await said(world, store, tmp_path, "search reinforcement")
    assert {*ids(card)[:2]} == {PRETRAINING.id, SQL.id}
    assert ids(card)[2:] == ["2506.00001", AT_BOTH, AT_ARXIV]
    assert [*badges(card).values()][2:] == [BY_HF, BY_HF, BY_ARXIV]
    assert (world.hf_asked, world.arxiv_asked) == (["reinforcement"], ["all:reinforcement"])


async def test_a_stored_paper_that_a_source_finds_keeps_its_votes(store: SqlStore, tmp_path: Path) -> None:
    world = World(arxiv_found=(atom.entry(f"{HYBRID.id}v1", HYBRID.title),))
    (item,) = (await said(world, store, tmp_path, "search xyzzyqux")).papers
    assert (item.id, item.badge) == (HYBRID.id, BY_ARXIV)
    assert "124" in item.numbers


async def test_filters_hold_for_what_is_found_elsewhere(store: SqlStore, tmp_path: Path) -> None:
    world = World(arxiv_found=(atom.OLD_ENTRY, atom.NEW, atom.entry("2506.00009v1")))
    card = await said(world, store, tmp_path, "search xyzzyqux since:2021-04 before:2021-05")
    assert ids(card) == [AT_ARXIV]  # neither the one of 1999 nor the one of no known day
    assert world.arxiv_asked == ["all:xyzzyqux AND submittedDate:[202104010000 TO 202105010000]"]
    assert world.hf_asked == []


@pytest.mark.parametrize(
    "text", ["xyzzyqux votes:10", "xyzzyqux has:code", "org:xyzzyqux", "before:1980", "-the before:1995"]
)
async def test_what_a_source_cannot_express_is_not_sent_to_it(store: SqlStore, tmp_path: Path, text: str) -> None:
    world = World(arxiv_found=(atom.NEW,))
    assert (await said(world, store, tmp_path, f"search {text}")).title.startswith("Nothing found for")
    assert world.hf_asked == world.arxiv_asked == []


async def test_what_was_found_elsewhere_is_found_here_from_then_on(store: SqlStore, tmp_path: Path) -> None:
    world = World(arxiv_found=tuple(atom.entry(f"2506.0000{n}v1", f"Xyzzyqux part {n}") for n in range(1, 4)))
    first = await said(world, store, tmp_path, "search xyzzyqux")
    async with indexed(store, tmp_path / "after a restart") as index:
        second = await dispatch.run_text("search xyzzyqux", world.core(store, index), NOON)
    assert {*ids(first)} == {*ids(second)} == {"2506.00001", "2506.00002", "2506.00003"}
    assert {*badges(second).values()} == {"title match"}
    assert len(world.arxiv_asked) == 1


async def test_the_pages_of_what_was_found_fit_together(store: SqlStore, tmp_path: Path) -> None:
    found = tuple(f"2506.{number:05}" for number in range(1, 13))
    world = World(arxiv_found=tuple(map(atom.entry, found)))
    async with world.opened(store, tmp_path / "index") as core:
        pages = [await dispatch.run_text("search xyzzyqux limit:25", core, NOON)]
        while following := next((button for button in pages[-1].buttons if button.label == views.NEXT), None):
            assert len(pages) < 25
            pages.append(await dispatch.run_text(following.command, core, later(minutes=1)))
    assert [id_ for page in pages for id_ in ids(page)] == [*found]
    assert world.arxiv_asked == ["all:xyzzyqux"]


async def test_a_fruitless_search_is_not_asked_twice_within_minutes(store: SqlStore, tmp_path: Path) -> None:
    world = World()
    async with world.opened(store, tmp_path / "index") as core:
        for minutes in (0, 1, 9, 20):
            card = await dispatch.run_text("search xyzzyqux", core, later(minutes=minutes))
            assert card.title.startswith("Nothing found for “xyzzyqux”.")
    assert (world.hf_asked, world.arxiv_asked) == (["xyzzyqux"] * 2, ["all:xyzzyqux"] * 2)


@pytest.mark.usefixtures("impatient")
async def test_a_source_that_hangs_or_is_down_is_a_line_in_the_footer(store: SqlStore, tmp_path: Path) -> None:
    world = World(hf_found=BROKEN, arxiv_found=None)
    card = await said(world, store, tmp_path, "search reinforcement")
    assert {*ids(card)} == {PRETRAINING.id, SQL.id}
    assert card.notes == (
        "Hugging Face could not be asked: it is out of order (HTTP 503).",
        "arXiv could not be asked: it did not answer in time.",
    )


async def test_when_nothing_is_found_the_failure_of_a_source_is_said(store: SqlStore, tmp_path: Path) -> None:
    card = await said(World(arxiv_found=Reply(429)), store, tmp_path, "search xyzzyqux")
    assert card.tone is Tone.FAILURE
    assert "arXiv could not be asked: it says that it is asked too often." in card.title


@pytest.mark.parametrize("body", [b"<html>", b"", b"Rate exceeded.", atom.feed(atom.NEW)[:-30]])
async def test_an_answer_that_is_no_feed_is_a_line_in_the_footer(store: SqlStore, tmp_path: Path, body: bytes) -> None:
    card = await said(World(arxiv_found=Reply(body=body)), store, tmp_path, "search reinforcement")
    assert card.notes == ("arXiv could not be asked: it answered something that is no feed (ParseError).",)


async def test_while_the_index_is_rebuilt_nobody_is_asked_for_what_may_be_stored(
    store: SqlStore, tmp_path: Path
) -> None:
    world = World()
    async with shelved(store, tmp_path / "index"), indexed(store, tmp_path / "other") as index:
        await index.rebuild(await store.identity())
        card = await dispatch.run_text("search memory", world.core(store, index), NOON)
    assert card.title.startswith("The search index is being rebuilt")
    assert world.hf_asked == world.arxiv_asked == []


async def test_a_later_page_is_there_though_the_index_has_caught_up_meanwhile(store: SqlStore, tmp_path: Path) -> None:
    titles = ["By its meaning"] * 4 + ["Xyzzyqux"] * 3
    world = World(arxiv_found=tuple(atom.entry(f"2506.0000{n}v1", title) for n, title in enumerate(titles)))
    async with shelved(store, tmp_path / "index"), indexed(store, tmp_path / "other") as index:
        core = world.core(store, index)
        first = await dispatch.run_text("search xyzzyqux limit:25", core, NOON)
        await index.update(await store.papers([f"2506.0000{n}" for n in range(7)]), await store.change_cursor())
        second = await dispatch.run_text(first.buttons[0].command, core, NOON)
    assert (len(first.papers), len(second.papers)) == (5, 2)
    assert world.arxiv_asked == ["all:xyzzyqux"]
