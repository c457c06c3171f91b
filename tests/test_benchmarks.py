"""What `make bench-search` goes by, and a short form of it."""

import gzip
import json
import re
from itertools import islice
from pathlib import Path

import pytest

from bot import identifiers
from bot.sources import snapshot
from bot.store import SqlStore
from tests.benchmarks import figures, fts5, judged, million, quality, shelf
from tests.benchmarks.figures import Figure
from tests.papers import NOON
from tests.papers import paper as example
from tests.snapshots import record
from tests.upstream import MISSING

needs_recordings = pytest.mark.skipif(bool(MISSING), reason=MISSING)

REAL = [
    record(
        f"0801.{number + 1:04}",
        title=f"A study of {field} number{number} with method{number} of people in town{number}",
        abstract=f"We look at {field}{number}. It is of {field}{number}! All is well in {field}{number}.",
        categories=f"{category} math.CO",
        authors_parsed=[[f"Last{number}", f"First{number}", ""]],
    )
    for field, category, first in (("stars", "astro-ph.GA", 0), ("words", "cs.CL", 100))
    for number in range(first, first + 100)
]


@pytest.mark.parametrize(
    ("found", "relevant", "expected"),
    [
        ("ab", "ab", 1.0),
        ("abx", "ab", 1.0),
        ("xyz", "ab", 0.0),
        ("", "ab", 0.0),
        ("ab", "", 0.0),
        ("xa", "a", 0.63),
        ("axb", "ab", 0.92),
    ],
)
def test_relevant_papers_count_the_more_the_earlier_they_come(found: str, relevant: str, expected: float) -> None:
    assert figures.ndcg([*found], {*relevant}, 10) == pytest.approx(expected, abs=0.005)


def test_what_comes_behind_the_depth_counts_nothing() -> None:
    assert figures.ndcg([*"xxa"], {"a"}, 2) == 0
    assert figures.ndcg([*"aaxx"], {"a", "b", "c"}, 1) == 1


@pytest.mark.parametrize(("found", "expected"), [("abc", 1.0), ("bac", 0.5), ("bca", 1 / 3), ("bcd", 0.0), ("", 0.0)])
def test_the_rank_of_a_known_item_counts_by_its_reciprocal(found: str, expected: float) -> None:
    assert figures.reciprocal_rank([*found], "a") == expected


@pytest.mark.parametrize(
    ("value", "has_fallen"), [(0.95, False), (0.9, False), (0.8901, False), (0.8899, True), (0.0, True)]
)
def test_a_figure_has_fallen_when_it_is_more_than_one_point_below_the_recorded_one(
    *, value: float, has_fallen: bool
) -> None:
    measured = [Figure("known", value), Figure("new", 0.1)]
    assert figures.fallen(measured, {"known": 0.9, "not measured": 0.9}) == measured[:has_fallen]


def test_what_is_recorded_replaces_its_like_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "recorded.json"
    figures.record([Figure("one", 0.5), Figure("two", 0.123456)], path)
    figures.record([Figure("one", 0.75)], path)
    assert figures.recorded(path) == {"one": 0.75, "two": 0.1235}


def test_every_recorded_figure_is_between_nothing_and_all() -> None:
    assert figures.recorded()
    assert all(0 < value <= 1 for value in figures.recorded().values())


def test_made_papers_are_new_each_time_and_the_same_at_every_run() -> None:
    made = list(million.recombined(REAL, 600))
    assert made == list(million.recombined(REAL, 600))
    assert len({one["id"] for one in (*REAL, *made)}) == 800
    assert all(identifiers.canonical(one["id"]) == one["id"] for one in made)
    assert len({one["title"] for one in (*REAL, *made)}) > 750


def test_a_made_paper_is_made_of_papers_of_its_category() -> None:
    made = list(million.recombined(REAL, 400))
    own = {"astro-ph.GA": "stars", "cs.CL": "words"}
    for one in made:
        field = own[one["categories"].partition(" ")[0]]
        sentences = re.split(r"(?<=[.!?])\s+", one["abstract"])
        assert len(sentences) == 3
        assert all(field in sentence for sentence in sentences)


def test_half_a_real_title_stands_in_hardly_any_made_one() -> None:
    halves = {" ".join(one["title"].split()[2:8]) for one in REAL}
    same = [one for one in million.recombined(REAL, 1_000) for half in halves if half in one["title"]]
    assert len(same) < 10


def test_small_categories_are_recombined_with_the_rest_of_their_archive() -> None:
    few = [record(f"0802.{n + 1:04}", abstract=f"Only {n}.", categories=f"hep.{n % 2}") for n in range(20)]
    made = list(million.recombined([*REAL, *few], 220))[200:]
    assert len({one["abstract"] for one in made if one["categories"] == "hep.0"}) > 1
    assert all("Only" in one["abstract"] for one in made)


def test_the_made_file_can_be_imported_whole(tmp_path: Path) -> None:
    real, path, troubles = tmp_path / "real.json.gz", tmp_path / "made.json", list[str]()
    real.write_bytes(gzip.compress("".join(json.dumps(one) + "\n" for one in REAL).encode()))
    assert million.write(path, real, 500) == 200
    papers = [paper for portion in snapshot.portions(path, troubles.append) for paper in portion.papers]
    assert (len({paper.id for paper in papers}), troubles) == (500, [])
    assert million.write(path, real, 50) == 50


async def test_sqlite_is_asked_for_the_same_texts(store: SqlStore, tmp_path: Path) -> None:
    some = [
        example(f"2603.0000{n}", title=f"On {word}", abstract="Many words.")
        for n, word in enumerate(("cats", "dogs"), 1)
    ]
    await store.save_papers(some, NOON)
    await fts5.fill(tmp_path / "fts5.db", store)
    with fts5.opened(tmp_path / "fts5.db") as connection:
        assert fts5.found(connection, "cats") == [1]
        assert fts5.found(connection, "dogs word") == [2, 1]
        assert len(fts5.times(connection, ["cats", "dogs many"])) == 2


@needs_recordings
def test_papers_of_the_same_page_are_neighbours_and_none_of_itself() -> None:
    pages = judged.pages()
    assert len(pages.papers) == 441
    for id_, others in pages.neighbours.items():
        assert id_ not in others
        assert all(id_ in pages.neighbours[other] for other in others)


@needs_recordings
async def test_known_items_are_found_whatever_was_mistyped(tmp_path: Path) -> None:
    papers = list(islice(judged.archived(), 2_000))
    shelf.filled(tmp_path / "some", papers)
    async with shelf.opened(tmp_path / "some") as library:
        found = [figure async for figure in quality.known(library.core, papers, 25, "2,000", 0.98)]
    assert len(found) == 7
    assert found[0].value == 1  # by its exact title
    assert found[-1].value >= found[-1].bar
