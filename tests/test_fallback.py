"""Asking the sources: in which order, for how long, what is remembered, and what is kept."""

from dataclasses import replace

import pytest

from bot import fallback, query
from bot.errors import SourceError
from bot.fallback import Fallback
from bot.query import Query
from bot.results import Asked
from bot.store import SqlStore
from tests.library import QWEN, FakeSource
from tests.papers import NOON, later, paper, papers

ONE, TWO, THREE = papers(3)
DOWN = SourceError("it answered 503")


def asking(store: SqlStore, *sources: FakeSource) -> Fallback:
    return Fallback(sources, store)


def wanted(text: str) -> Query:
    return query.parse(text, NOON.date())


async def test_each_source_is_asked_only_for_what_the_ones_before_did_not_know(store: SqlStore) -> None:
    first, second = FakeSource((ONE,), name="first"), FakeSource((ONE, TWO), name="second")
    asked = await asking(store, first, second).papers([ONE.id, TWO.id, THREE.id], NOON)
    assert asked == (Asked("first", (ONE,)), Asked("second", (TWO,)))
    assert (first.asked, second.asked) == ([ONE.id, TWO.id, THREE.id], [TWO.id, THREE.id])


async def test_when_the_first_source_knows_everything_no_other_is_asked(store: SqlStore) -> None:
    second = FakeSource()
    assert len(await asking(store, FakeSource((ONE,)), second).papers([ONE.id], NOON)) == 1
    assert second.asked == []


async def test_nobody_is_asked_for_nothing(store: SqlStore) -> None:
    assert await asking(store, FakeSource()).papers([], NOON) == ()


@pytest.mark.parametrize(
    ("broken", "failure"),
    [(FakeSource(failure=DOWN), "it answered 503"), (FakeSource(hangs=True), "it did not answer in time")],
)
async def test_a_source_that_fails_or_hangs_leaves_the_next_one_its_time(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, broken: FakeSource, failure: str
) -> None:
    monkeypatch.setattr(fallback, "SECONDS", 0.1)
    source = asking(store, broken, FakeSource((ONE,), name="arXiv"))
    assert await source.papers([ONE.id], NOON) == (Asked("Hugging Face", failure=failure), Asked("arXiv", (ONE,)))


async def test_searches_are_asked_at_once_and_one_that_hangs_costs_the_others_nothing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "SECONDS", 0.05)
    source = asking(store, FakeSource(hangs=True), FakeSource(failure=DOWN), FakeSource())
    assert await source.search(wanted("technical report"), 5, NOON) == (
        Asked("Hugging Face", failure="it did not answer in time"),
        Asked("Hugging Face", failure="it answered 503"),
        Asked("Hugging Face", (QWEN,)),
    )


@pytest.mark.parametrize("text", ["technical report", "xyzzyqux"])
async def test_the_same_search_is_not_asked_again_for_some_minutes(store: SqlStore, text: str) -> None:
    source = FakeSource()
    asker = asking(store, source)
    first = await asker.search(wanted(text), 5, NOON)
    assert await asker.search(wanted(text), 5, later(minutes=9)) == first
    assert asker.remembered(wanted(text), 5, later(minutes=9)) == first
    assert source.searched == [text]
    assert asker.remembered(wanted(text), 5, later(minutes=10)) == ()
    await asker.search(wanted(text), 5, later(minutes=10))
    assert source.searched == [text, text]


async def test_another_search_is_another_question(store: SqlStore) -> None:
    source = FakeSource()
    asker = asking(store, source)
    for text, limit in (("a", 5), ("a", 25), ("a since:30d", 5), ("-a b", 5), ("author:a", 5)):
        await asker.search(wanted(text), limit, NOON)
    assert len(source.searched) == 5


async def test_an_id_that_nobody_knew_is_not_asked_for_again_for_some_minutes(store: SqlStore) -> None:
    source = FakeSource((ONE,))
    asker = asking(store, source)
    await asker.papers([TWO.id], NOON)
    assert await asker.papers([TWO.id], later(minutes=9)) == (Asked("Hugging Face"),)
    assert await asker.papers([TWO.id, ONE.id], later(minutes=9)) == (Asked("Hugging Face", (ONE,)),)
    assert source.asked == [TWO.id, ONE.id]
    await asker.papers([TWO.id], later(minutes=10))
    assert source.asked == [TWO.id, ONE.id, TWO.id]


async def test_a_failure_is_not_remembered(store: SqlStore) -> None:
    source = FakeSource(failure=DOWN)
    asker = asking(store, source)
    for _ in range(2):
        await asker.papers([TWO.id], NOON)
        await asker.search(wanted("technical"), 5, NOON)
    source.failure = None
    assert (await asker.search(wanted("technical"), 5, NOON))[0].papers == (QWEN,)
    assert await asker.papers([TWO.id], NOON) == (Asked("Hugging Face"),)


async def test_only_so_much_is_remembered_and_the_oldest_is_forgotten(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "MOST_REMEMBERED", 3)
    source = FakeSource(())
    asker = asking(store, source)
    for text in ("a", "b", "c", "d", "d", "b", "a"):
        await asker.search(wanted(text), 5, NOON)
    assert source.searched == ["a", "b", "c", "d", "a"]


async def test_what_is_found_is_stored_and_comes_with_all_that_is_known_of_it(store: SqlStore) -> None:
    await store.save_papers([replace(QWEN, votes=7, ai_summary="Known here.", version=None)], NOON)
    at_arxiv = paper(QWEN.id, title=QWEN.title, categories=("cs.CL",), version=2)
    (asked,) = await asking(store, FakeSource((at_arxiv,))).search(wanted("technical"), 5, NOON)
    (one,) = asked.papers
    assert (one.votes, one.ai_summary, one.categories, one.version) == (7, "Known here.", ("cs.CL",), 2)
    assert await store.papers([QWEN.id]) == asked.papers


async def test_a_paper_that_a_source_names_twice_is_one(store: SqlStore) -> None:
    (asked,) = await asking(store, FakeSource((QWEN, QWEN))).search(wanted("technical"), 5, NOON)
    assert asked.papers == (QWEN,)
    assert (await store.stock()).papers == 1


async def test_what_cannot_be_stored_is_answered_all_the_same(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    await store.close()
    (asked,) = await asking(store, FakeSource((ONE,))).papers([ONE.id], NOON)
    assert asked.papers == (ONE,)
    assert "could not be stored" in caplog.text


async def test_status_knows_of_the_sources_that_were_asked_while_somebody_waited(store: SqlStore) -> None:
    well, broken = FakeSource((ONE,), name="well"), FakeSource(failure=DOWN, name="broken")
    await asking(store, broken, well).papers([ONE.id], NOON)
    health = {known.source: known for known in await store.source_health()}
    assert health["well"].is_well
    assert (health["broken"].is_well, health["broken"].error) == (False, "it answered 503")
