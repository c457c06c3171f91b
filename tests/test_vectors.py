"""The vectors of papers as they are stored: of one model, true to the text, and made anew where they are damaged."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot import embedding
from bot.embedding import Embedding
from bot.search.meaning import Meaning
from bot.search.model import DIMENSION
from bot.store import SqlStore
from bot.store.vectors import SqlVectors
from tests.models import Kind, tiny
from tests.papers import MONDAY, NOON, batch, later, paper, papers


@pytest.fixture
async def meaning(tmp_path: Path) -> AsyncIterator[Meaning]:
    made = Meaning(tiny(tmp_path / "model"))
    yield made
    await made.close()


@pytest.fixture
def vectors(store: SqlStore) -> SqlVectors:
    return SqlVectors(store.database)


@pytest.fixture
def reader(store: SqlStore, vectors: SqlVectors, meaning: Meaning) -> Embedding:
    return Embedding(store, vectors, meaning)


async def stored(vectors: SqlVectors, meaning: Meaning) -> dict[str, bytes]:
    return dict(await vectors.after(meaning.name, "", 10_000))


async def write(store: SqlStore, sql: str, *values: str | bytes | int) -> None:
    async with store.database.transaction() as tx:
        await tx.execute(sql, *values)


async def test_the_newest_are_read_first(store: SqlStore, vectors: SqlVectors) -> None:
    """By their batch, else by their day at arXiv; those without any day come last."""
    await store.save_papers([paper("0001.00001"), paper("2512.00001", published=date(2025, 12, 1))], NOON)
    await store.save_batch(batch("2026-03-27", paper("2601.00001"), paper("2601.00002")), NOON)
    await store.save_batch(batch(MONDAY, paper("1706.03762", published=date(2017, 6, 12))), NOON)
    await store.save_papers([paper("2603.00001", published=date(2026, 3, 28))], NOON)

    missing = await vectors.missing("any", 0, 10)

    ids = [one.id for one in missing]
    assert ids[0] == "1706.03762"
    assert set(ids[:4]) == {"1706.03762", "2603.00001", "2601.00001", "2601.00002"}
    assert ids[4:] == ["2512.00001", "0001.00001"]
    assert [one.id for one in await vectors.missing("any", 0, 2)] == ids[:2]


async def test_what_is_read_is_title_and_abstract(store: SqlStore, vectors: SqlVectors) -> None:
    known = paper(title="On Cats", abstract="They sleep.")
    await store.save_papers([known], NOON)
    (missing,) = await vectors.missing("any", 0, 10)
    assert missing.text == known.text == "On Cats. They sleep."


@pytest.mark.parametrize(
    ("changed", "is_forgotten"),
    [
        ({"title": "Ships"}, True),
        ({"abstract": "In a harbour."}, True),
        ({"votes": 30, "comments": 2, "stars": 5}, False),
        ({"authors": ("Ada Lovelace",), "code_url": "https://example.org/x"}, False),
        ({"ai_summary": "Cats sleep.", "keywords": ("cats",)}, False),
    ],
)
async def test_a_paper_loses_its_vector_when_its_text_changes_and_only_then(
    store: SqlStore,
    vectors: SqlVectors,
    meaning: Meaning,
    reader: Embedding,
    *,
    changed: dict[str, object],
    is_forgotten: bool,
) -> None:
    await store.save_papers([paper(title="Cats", abstract="Sleep.", votes=3), paper("2506.00001")], NOON)
    await reader.load()
    await reader.catch_up()
    before = await stored(vectors, meaning)

    await store.save_papers([paper(**{"title": "Cats", "abstract": "Sleep.", "votes": 3, **changed})], later(hours=1))

    assert ("2506.08007" not in await stored(vectors, meaning)) == is_forgotten
    assert "2506.00001" in await stored(vectors, meaning)
    assert await reader.catch_up() == int(is_forgotten)
    assert (await stored(vectors, meaning) != before) == is_forgotten
    assert len(meaning) == 2


async def test_a_paper_that_changed_while_it_was_read_is_read_again(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, reader: Embedding
) -> None:
    await store.save_papers([paper(title="Cats")], NOON)
    read = await vectors.missing(meaning.name, 0, 10)
    old = await meaning.encode([one.text for one in read])
    await store.save_papers([paper(title="Ships")], NOON)

    await vectors.save(meaning.name, list(zip(read, old, strict=True)))

    assert await stored(vectors, meaning) == {}
    await reader.load()
    assert await reader.catch_up() == 1
    assert (await stored(vectors, meaning))["2506.08007"] != old[0]


async def test_what_another_model_made_is_ignored_and_replaced(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, reader: Embedding, tmp_path: Path
) -> None:
    await store.save_papers(papers(20), NOON)
    await reader.load()
    await reader.catch_up()
    other = Meaning(tiny(tmp_path / "other", Kind(seed=8)))
    later_reader = Embedding(store, vectors, other)
    await later_reader.load()
    assert len(other) == 0

    assert await later_reader.catch_up() == 20

    assert len(other) == await vectors.count(other.name) == 20
    assert await vectors.count(meaning.name) == 0
    await other.close()


WRONG: dict[str, str | bytes | int] = {
    "too short": b"\x01" * (DIMENSION - 1),
    "too long": b"\x01" * (DIMENSION + 1),
    "empty": b"",
    "text": "x" * DIMENSION,
    "a number": 10**17,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_vector_that_is_damaged_is_made_anew_and_the_others_are_used(
    store: SqlStore, vectors: SqlVectors, meaning: Meaning, reader: Embedding, tmp_path: Path, wrong: str | bytes | int
) -> None:
    await store.save_papers(papers(20), NOON)
    await reader.load()
    await reader.catch_up()
    whole = await stored(vectors, meaning)
    await write(store, "UPDATE vectors SET vector = $1 WHERE paper IN ($2, $3)", wrong, "2506.00001", "2506.00015")

    again = Meaning(tmp_path / "model")
    reader = Embedding(store, vectors, again)
    await reader.load()
    assert len(again) == 18
    assert await reader.catch_up() == 2

    assert len(again) == 20
    assert await stored(vectors, meaning) == whole
    await again.close()


async def test_many_damaged_vectors_in_a_row_do_not_end_the_loading(
    store: SqlStore,
    vectors: SqlVectors,
    meaning: Meaning,
    reader: Embedding,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedding, "_LOADED_AT_ONCE", 4)
    await store.save_papers(papers(20), NOON)
    await reader.load()
    await reader.catch_up()
    await write(store, "UPDATE vectors SET vector = $1 WHERE paper < $2", b"?", "2506.00011")
    again = Meaning(tmp_path / "model")
    await Embedding(store, vectors, again).load()
    assert len(again) == 10
    await again.close()
