"""What is read back when sources fail, when the index is gone, and when something breaks."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot import dispatch, fallback
from bot.cards import Card, Tone
from bot.core import Core
from bot.errors import SourceError
from bot.models import Paper
from bot.search import TantivyIndex
from bot.store import SqlStore, records
from tests.library import ATTENTION, HYBRID, QWEN, FakeSource, indexed, shelved
from tests.papers import NOON, later

DOWN = SourceError("it answered 503")


class BrokenSource(FakeSource):
    """A source with a mistake in it."""

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        raise RuntimeError(f"secret of {ids}")


async def say(core: Core, text: str) -> Card:
    return await dispatch.run_text(text, core, NOON)


def ids(card: Card) -> list[str]:
    return [item.id for item in card.papers]


async def test_a_paper_that_is_not_stored_is_asked_for_once_and_kept(store: SqlStore, tmp_path: Path) -> None:
    source = FakeSource()
    async with shelved(store, tmp_path / "index", source) as core:
        first, second = await say(core, "show 2412.15115"), await say(core, "show 2412.15115")

    assert ids(first) == ids(second) == [QWEN.id]
    assert source.asked == [QWEN.id]
    assert await store.papers([QWEN.id]) == (QWEN,)


async def test_a_stored_paper_is_not_asked_for(store: SqlStore, tmp_path: Path) -> None:
    source = FakeSource(failure=DOWN)
    async with shelved(store, tmp_path / "index", source) as core:
        for text in ("2603.25716", "similar 1706.03762", "cite hep-th/9711200", "trending", "search memory"):
            assert (await say(core, text)).tone is Tone.ANSWER

    assert source.asked == []


@pytest.mark.parametrize("verb", ["show", "similar", "cite"])
async def test_a_source_that_fails_is_a_sentence(store: SqlStore, tmp_path: Path, verb: str) -> None:
    async with shelved(store, tmp_path / "index", FakeSource(failure=DOWN)) as core:
        card = await say(core, f"{verb} 2412.15115")

    assert card.title == (
        "No paper 2412.15115 is known here. Hugging Face could not be asked: it answered 503. Try again later."
    )


async def test_a_source_that_fails_leaves_the_papers_that_are_stored(store: SqlStore, tmp_path: Path) -> None:
    source = FakeSource(failure=DOWN)
    async with shelved(store, tmp_path / "index", source) as core:
        card = await say(core, "show 2412.15115 2603.25716 2412.15116 1706.03762")

    assert ids(card) == [HYBRID.id, ATTENTION.id]
    assert card.notes == (
        "Not found here: 2412.15115 and 2412.15116.",
        "Hugging Face could not be asked: it answered 503.",
    )


async def test_a_source_that_fails_is_left_out_and_the_next_one_asked(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index", FakeSource(failure=DOWN), FakeSource()) as core:
        assert ids(await say(core, "show 2412.15115")) == [QWEN.id]
        assert "could not be asked" in (await say(core, "show 2401.99999")).title


async def test_a_source_that_hangs_is_not_awaited_for_ever(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "SECONDS", 0.01)
    source = FakeSource(hangs=True)
    async with shelved(store, tmp_path / "index", source) as core:
        alone = await say(core, "show 2412.15115")
        among_others = await say(core, "show 2412.15115 2603.25716 2412.15116")

    assert "could not be asked: it did not answer in time. Try again later." in alone.title
    assert ids(among_others) == [HYBRID.id]
    assert source.asked == [QWEN.id, QWEN.id, "2412.15116"]  # all of them together had the time that somebody waits


async def test_an_answer_that_takes_too_long_is_given_up(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "ANSWER_SECONDS", 0.01)
    async with shelved(store, tmp_path / "index", FakeSource(hangs=True)) as core:
        assert (await say(core, "show 2412.15115")).title == "That took too long. Please try again in a minute."


async def test_a_mistake_of_ours_is_in_the_log_and_not_in_the_answer(
    store: SqlStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with shelved(store, tmp_path / "index", BrokenSource()) as core:
        card = await say(core, "show 2412.15115")

    assert card.tone is Tone.FAILURE
    assert "it is my fault" in card.plain
    assert "secret" not in card.plain
    assert "secret of ('2412.15115',)" in caplog.text


async def test_without_an_index_what_needs_none_still_works(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index"):
        index = TantivyIndex(tmp_path / "another")
    core = Core(records(store), index)

    for text in ("search memory", "memory", "show attention", "similar 2603.25716", "trending video"):
        assert (await say(core, text)).title.startswith("The search index is being rebuilt: try again in a minute.")
    for text in ("2603.25716", "trending week", "cite 1706.03762"):
        assert (await say(core, text)).tone is Tone.ANSWER
    assert "The search index is being rebuilt (0 of 11 papers so far)" in (await say(core, "trending")).notes[-1]
    assert ("Search index", "cannot be read, and is being rebuilt") in [
        (row.name, row.text) for row in (await say(core, "status")).rows
    ]
    assert await dispatch.complete("show", "paper", "atten", core) == []
    await index.close()


async def test_an_index_that_is_being_rebuilt_says_so_beside_what_it_finds(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index"), indexed(store, tmp_path / "other") as index:
        await index.rebuild(await store.identity())
        await index.update([HYBRID], cursor=1)
        card = await say(Core(records(store), index), "search memory")

    assert ids(card) == [HYBRID.id]
    assert card.notes == ("The search index is being rebuilt (1 of 11 papers so far), so something may be missing.",)


async def test_an_empty_store_says_how_to_fill_it(store: SqlStore, tmp_path: Path) -> None:
    async with indexed(store, tmp_path / "index") as index:
        core = Core(records(store), index)
        trending, searched, status = [await say(core, text) for text in ("trending", "search memory", "status")]

    assert "“python -m bot sync”" in trending.title
    assert "Nothing found for “memory”" in searched.title
    assert [row.text for row in status.rows][:2] == ["0", "0 papers"]


async def test_the_sample_is_said_to_be_one(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index"), indexed(store, tmp_path / "other") as index:
        card = await say(Core(records(store), index, is_sample=True), "search memory")

    assert card.notes[-1].startswith("From the built-in sample")


async def test_old_batches_are_said_to_be_old(store: SqlStore, tmp_path: Path) -> None:
    async with shelved(store, tmp_path / "index") as core:
        card = await dispatch.run_text("trending", core, later(days=4))

    assert card.notes == ("The newest batch here is that of Mon 30 Mar 2026; later ones are not fetched yet.",)
    assert not any(item.badge for item in card.papers)  # of four days ago, nothing rises since yesterday
