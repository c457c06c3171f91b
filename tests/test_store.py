"""The contract of the Store port, the same for every engine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.models import BatchInfo, Saved, SourceHealth, Stock, Window
from bot.ports import Store
from tests.papers import ALWAYS, FULL, LONG_AGO, MONDAY, NOON, TUESDAY, batch, everything, later, paper, papers, walked


async def test_a_new_store_holds_nothing(store: Store) -> None:
    assert await store.stock() == Stock(papers=0, batches=0, first_day=None, last_day=None, fetched_at=None)
    assert await store.change_cursor() == 0
    assert await store.changes(0, 10) == ()
    assert await store.newest_batch_day() is None
    assert await store.batches(ALWAYS) == ()
    assert await store.papers_in(ALWAYS) == ()
    assert await store.papers([]) == ()
    assert await store.votes_at([], NOON, LONG_AGO) == {}
    assert await store.source_health() == ()


async def test_a_batch_is_read_back_as_it_was_saved(store: Store) -> None:
    saved = await store.save_batch(batch(MONDAY, FULL, paper()), NOON)
    assert saved == Saved(added=("hep-th/9901001", "2506.08007"))
    assert await store.papers([FULL.id]) == (FULL,)
    assert await store.batches(ALWAYS) == (BatchInfo(MONDAY, 2, NOON),)
    assert await store.newest_batch_day() == MONDAY


async def test_saving_a_batch_twice_changes_nothing(store: Store) -> None:
    monday = batch(MONDAY, FULL, *papers(3, votes=4))
    await store.save_batch(monday, NOON)
    before = await everything(store), await store.change_cursor()
    assert await store.save_batch(monday, later(hours=1)) == Saved()
    assert (await everything(store), await store.change_cursor()) == before
    assert (await store.stock()).fetched_at == later(hours=1)


async def test_saving_a_batch_again_with_other_numbers_changes_only_counts(store: Store) -> None:
    await store.save_batch(batch(MONDAY, FULL, paper(votes=1)), NOON)
    grown = batch(MONDAY, replace(FULL, votes=8, stars=4, comments=2), paper(votes=1))
    assert await store.save_batch(grown, later(hours=1)) == Saved(counted=1)
    assert await store.papers([FULL.id]) == (grown.papers[0],)


async def test_a_new_fact_makes_a_paper_changed_and_a_new_paper_added(store: Store) -> None:
    await store.save_batch(batch(MONDAY, paper(votes=1)), NOON)
    fuller = batch(MONDAY, paper(votes=2, ai_summary="In short."), paper("2506.00001"))
    assert await store.save_batch(fuller, NOON) == Saved(added=("2506.00001",), changed=("2506.08007",))


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ({"abstract": "Long."}, {}, {"abstract": "Long."}),
        ({"abstract": "Long."}, {"abstract": "Longer."}, {"abstract": "Longer."}),
        ({"authors": ("Ada",), "keywords": ("a",), "categories": ("cs.CL",)}, {"authors": ("Ada", "Grace")},
         {"authors": ("Ada", "Grace"), "keywords": ("a",), "categories": ("cs.CL",)}),
        ({"votes": 5, "stars": 7, "comments": 1}, {"votes": None}, {"votes": 5, "stars": 7, "comments": 1}),
        ({"votes": 5}, {"votes": 0}, {"votes": 0}),
        ({"published": date(2026, 1, 2)}, {"published": None}, {"published": date(2026, 1, 2)}),
        ({"batch": TUESDAY}, {"batch": MONDAY}, {"batch": TUESDAY}),
        ({"batch": MONDAY}, {"batch": TUESDAY}, {"batch": TUESDAY}),
        ({"batch": MONDAY}, {}, {"batch": MONDAY}),
        ({"title": "A draft"}, {"title": "The paper"}, {"title": "The paper"}),
    ],
)  # fmt: skip
async def test_what_is_known_of_a_paper_is_kept(
    store: Store, old: dict[str, Any], new: dict[str, Any], merged: dict[str, Any]
) -> None:
    await store.save_papers([paper(**old)], NOON)
    await store.save_papers([paper(**new)], later(hours=1))
    assert await store.papers(["2506.08007"]) == (paper(**merged),)


async def test_two_descriptions_of_one_paper_saved_together_are_merged(store: Store) -> None:
    saved = await store.save_papers([paper(abstract="Long."), paper(stars=2)], NOON)
    assert saved == Saved(added=("2506.08007",))
    assert await store.papers(["2506.08007"]) == (paper(abstract="Long.", stars=2),)


@pytest.mark.parametrize("days", [(MONDAY, TUESDAY), (TUESDAY, MONDAY)])
async def test_a_paper_in_two_batches_is_one_paper_of_the_newer_one(store: Store, days: Sequence[date]) -> None:
    for day in days:
        await store.save_batch(batch(day, paper()), NOON)
    assert [one.batch for one in await store.papers_in(ALWAYS)] == [TUESDAY]
    assert [one.id for one in await store.papers_in(Window(MONDAY, MONDAY))] == ["2506.08007"]
    assert (await store.stock()).papers == 1


async def test_an_empty_batch_never_replaces_a_stored_one(store: Store) -> None:
    await store.save_batch(batch(MONDAY, paper()), NOON)
    before = await everything(store), await store.stock()
    assert await store.save_batch(batch(MONDAY), later(hours=1)) == Saved()
    assert (await everything(store), await store.stock()) == before


async def test_an_empty_batch_of_a_new_day_is_remembered_but_not_counted(store: Store) -> None:
    await store.save_batch(batch(MONDAY, paper()), NOON)
    assert await store.save_batch(batch(TUESDAY, skipped=2), later(hours=1)) == Saved()
    assert await store.batches(ALWAYS) == (BatchInfo(TUESDAY, 0, later(hours=1)), BatchInfo(MONDAY, 1, NOON))
    assert await store.newest_batch_day() == MONDAY
    assert await store.stock() == Stock(1, 1, MONDAY, MONDAY, NOON)
    await store.save_batch(batch(TUESDAY, paper("2506.00001")), later(hours=2))
    assert await store.newest_batch_day() == TUESDAY


async def test_a_batch_that_lost_a_paper_lists_it_no_more_but_the_paper_stays(store: Store) -> None:
    await store.save_batch(batch(MONDAY, *papers(3)), NOON)
    await store.save_batch(batch(MONDAY, *papers(2)), NOON)
    assert {one.id for one in await store.papers_in(ALWAYS)} == {"2506.00001", "2506.00002"}
    assert len(await store.papers(["2506.00003"])) == 1


@pytest.mark.parametrize(
    ("seen", "asked", "votes"),
    [
        ([(0, 5), (2, 9)], -1, 5),  # before it was first seen: as first seen
        ([(0, 5), (2, 9)], 0, 5),
        ([(0, 5), (2, 9)], 1.9, 5),
        ([(0, 5), (2, 9)], 2, 9),
        ([(0, 5), (2, 9)], 99, 9),
        ([(0, 5), (2, 5), (4, 9)], 3, 5),  # an unchanged count goes on
        ([(0, 5), (2, 5), (4, 9)], 4, 9),
        ([(0, 5), (2, 9), (4, 5)], 3, 9),  # there and back again
        ([(0, 5), (2, 9), (4, 5)], 4, 5),
        ([(0, 5), (2, None), (4, 9)], 3, 5),  # not known is not zero
        ([(0, 0)], 1, 0),
        ([(0, 5), (0, 6)], 0, 6),  # twice in the same second
        ([(0, None)], 1, None),
    ],
)
async def test_votes_are_known_as_of_any_moment(
    store: Store, seen: Sequence[tuple[float, int | None]], asked: float, votes: int | None
) -> None:
    for hours, count_ in seen:
        await store.save_papers([paper(votes=count_)], later(hours=hours))
    expected = {} if votes is None else {"2506.08007": votes}
    assert await store.votes_at(["2506.08007", "2506.00009"], later(hours=asked), LONG_AGO) == expected


@pytest.mark.parametrize("step", [1, 2, 7, 8, 100])
async def test_changes_page_through_everything_exactly_once_in_order(store: Store, step: int) -> None:
    await store.save_batch(batch(MONDAY, *papers(5)), NOON)
    await store.save_papers([*papers(8), FULL], NOON)
    await store.save_papers([paper("2506.00002", votes=3)], NOON)
    found = await walked(store, step)
    assert len(found) == len({one.id for _, one in found}) == 9
    assert all(earlier < later_ for (earlier, _), (later_, _) in pairwise(found))
    assert found[-1] == (await store.change_cursor(), (await store.papers(["2506.00002"]))[0])


async def test_only_what_changed_comes_after_the_cursor(store: Store) -> None:
    await store.save_batch(batch(MONDAY, *papers(5, votes=1)), NOON)
    cursor = await store.change_cursor()
    await store.save_batch(batch(MONDAY, *papers(5, votes=1)), later(hours=1))
    await store.save_batch(batch(MONDAY), later(hours=1))
    await store.save_papers([], later(hours=1))
    assert await store.change_cursor() == cursor
    assert await walked(store, 10, cursor) == []
    await store.save_papers([paper("2506.00004", votes=2), paper("2506.00009")], later(hours=2))
    assert [one.id for _, one in await walked(store, 1, cursor)] == ["2506.00004", "2506.00009"]


async def test_papers_come_in_the_order_asked_for_without_unknown_ones(store: Store) -> None:
    await store.save_papers(papers(4), NOON)
    asked = ["2506.00003", "2506.09999", "2506.00001", "2506.00004"]
    assert [one.id for one in await store.papers(asked)] == ["2506.00003", "2506.00001", "2506.00004"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(0, 0, 1), (0, 1, 2), (-5, -1, 0), (2, 9, 1), (3, 9, 0), (-9, 9, 3), (1, 0, 0)],
)
async def test_a_window_holds_the_batches_from_its_first_day_to_its_last(
    store: Store, first: int, last: int, found: int
) -> None:
    for offset, one in enumerate(papers(3)):
        await store.save_batch(batch(MONDAY + timedelta(days=offset), one), NOON)
    await store.save_papers([paper(batch=MONDAY)], NOON)  # in no batch, whatever it says
    window = Window(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    assert len(await store.papers_in(window)) == found
    days = [info.day for info in await store.batches(window)]
    assert len(days) == found
    assert days == sorted(days, reverse=True)


async def test_more_than_a_thousand_papers_are_saved_and_read_at_once(store: Store) -> None:
    many = papers(1_201, votes=7)
    ids = [one.id for one in reversed(many)]
    assert len((await store.save_batch(batch(MONDAY, *many), NOON)).added) == 1_201
    assert [one.id for one in await store.papers(ids)] == ids
    assert await store.votes_at(ids, NOON, LONG_AGO) == dict.fromkeys(ids, 7)
    assert await store.save_papers(papers(1_201, votes=8), later(hours=1)) == Saved(counted=1_201)
    assert set((await store.votes_at(ids, later(hours=1), LONG_AGO)).values()) == {8}


async def test_more_ids_than_an_engine_takes_in_one_statement_may_be_asked_for(store: Store) -> None:
    await store.save_papers([paper(votes=1)], NOON)
    asked = [*map(str, range(40_000)), "2506.08007"]
    assert len(await store.papers(asked)) == len(await store.votes_at(asked, NOON, LONG_AGO)) == 1


async def test_the_stock_counts_papers_and_batches(store: Store) -> None:
    await store.save_batch(batch(MONDAY, *papers(3)), NOON)
    await store.save_batch(batch(TUESDAY, *papers(4)), later(days=1))
    await store.save_papers([FULL], later(days=2))
    assert await store.stock() == Stock(5, 2, MONDAY, TUESDAY, later(days=1))


async def test_a_source_is_well_until_it_fails_and_again_when_it_answers(store: Store) -> None:
    await store.note_source("Zeta", NOON, 'it\'s out of "order"')
    await store.note_source("Alpha", NOON)
    failed = SourceHealth("Zeta", None, NOON, 'it\'s out of "order"')
    assert await store.source_health() == (SourceHealth("Alpha", NOON), failed)
    assert [health.is_well for health in await store.source_health()] == [True, False]
    await store.note_source("Zeta", later(hours=1))
    assert (await store.source_health())[1] == SourceHealth("Zeta", later(hours=1), NOON, "")
    assert (await store.source_health())[1].is_well


async def test_a_count_that_was_last_seen_too_long_ago_says_nothing_of_yesterday(store: Store) -> None:
    await store.save_papers([paper(votes=1)], later(days=-9))
    await store.save_papers([paper(votes=30)], NOON)
    assert await store.votes_at(["2506.08007"], later(days=-1), later(days=-2)) == {"2506.08007": 30}


async def test_what_was_seen_earlier_is_kept_as_history_and_replaces_no_newer_count(store: Store) -> None:
    await store.save_papers([paper(votes=30)], NOON)
    assert await store.save_papers([paper(votes=5)], later(days=-3)) == Saved()
    assert [one.votes for one in await store.papers(["2506.08007"])] == [30]
    assert await store.votes_at(["2506.08007"], later(days=-3), LONG_AGO) == {"2506.08007": 5}
    assert await store.votes_at(["2506.08007"], NOON, LONG_AGO) == {"2506.08007": 30}


async def test_an_older_version_fills_in_what_is_unknown_and_replaces_nothing(store: Store) -> None:
    await store.save_papers([paper(title="Newer", version=3)], NOON)
    await store.save_papers([paper(title="Older", version=2, abstract="Known since then.")], NOON)
    assert await store.papers(["2506.08007"]) == (paper(title="Newer", version=3, abstract="Known since then."),)


async def test_papers_that_could_not_be_read_this_time_stay_listed(store: Store) -> None:
    await store.save_batch(batch(MONDAY, *papers(10)), NOON)
    await store.save_batch(batch(MONDAY, paper("2506.00001"), skipped=9), later(hours=1))
    assert len(await store.papers_in(ALWAYS)) == 10
