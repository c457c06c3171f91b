"""What a digest waits for, what it brings, which papers it shows, and when what failed is tried again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deliveries import Freshness, Why
from bot.models import BatchInfo
from bot.planning import Asking, Freeze, Skip, Wait, backoff, chosen, decide, in_turn, is_thin, next_probe, owed
from bot.subscriptions import Kind
from tests.papers import MONDAY, NOON, TUESDAY, later

DAY = timedelta(days=1)
FRIDAY, THURSDAY, SATURDAY = MONDAY - 3 * DAY, MONDAY - 4 * DAY, MONDAY - 2 * DAY
WEEK = tuple(MONDAY - n * DAY for n in (0, 3, 4, 5, 6))  # Monday, and Friday to Tuesday
IDS = st.lists(st.sampled_from("abcdefghijkl"), max_size=8)
Decision = Freeze | Wait | Skip


def stored(*days: date, size: int = 40, fetched_at: datetime = NOON) -> tuple[BatchInfo, ...]:
    return tuple(BatchInfo(day, size, fetched_at) for day in days)


def before(day: date, count: int = 10, size: int = 40) -> tuple[BatchInfo, ...]:
    """So many batches of the weekdays before a day."""
    weekdays = [one for n in range(1, 30) if (one := day - n * DAY).isoweekday() <= 5]
    return stored(*weekdays[:count], size=size)


def days(batches: Sequence[BatchInfo]) -> list[date]:
    return [batch.day for batch in batches]


@pytest.mark.parametrize(
    ("cursor", "kind", "now", "brings"),
    [
        (FRIDAY, Kind.DAILY, NOON, [MONDAY]),
        (THURSDAY, Kind.DAILY, NOON, [MONDAY, FRIDAY]),
        (MONDAY, Kind.DAILY, NOON, []),
        (TUESDAY, Kind.DAILY, NOON, []),
        (None, Kind.DAILY, NOON, [MONDAY]),  # one that has had none begins with the newest
        (None, Kind.WEEKLY, NOON, [*WEEK]),  # or with the week
        (FRIDAY, Kind.WEEKLY, NOON, [MONDAY]),
        (MONDAY - 7 * DAY, Kind.WEEKLY, NOON, [*WEEK]),
        (date(2020, 1, 1), Kind.DAILY, NOON, [*WEEK, MONDAY - 7 * DAY]),  # nothing older is brought along
        (FRIDAY, Kind.DAILY, later(days=-1), []),  # Sunday
        (THURSDAY, Kind.DAILY, later(days=-1), [FRIDAY]),
        (
            FRIDAY,
            Kind.DAILY,
            datetime.fromisoformat("2026-03-30T01:29:59+00:00"),
            [],
        ),  # the feed's Monday has not begun
        (FRIDAY, Kind.DAILY, datetime.fromisoformat("2026-03-30T01:30:00+00:00"), [MONDAY]),
    ],
)
def test_a_subscription_is_owed_the_batches_that_it_has_not_had_newest_first(
    cursor: date | None, kind: Kind, now: datetime, brings: list[date]
) -> None:
    batches = (*stored(TUESDAY, MONDAY), *before(MONDAY, 20))
    assert days(owed(batches, cursor, kind, now)) == brings
    assert days(owed(batches[::-1], cursor, kind, now)) == brings


def test_an_empty_batch_is_owed_to_nobody() -> None:
    assert owed(stored(MONDAY, size=0), FRIDAY, Kind.DAILY, NOON) == ()
    assert days(owed((*stored(MONDAY, size=0), *stored(FRIDAY)), None, Kind.DAILY, NOON)) == [FRIDAY]


@pytest.mark.parametrize(
    ("size", "others", "is_less"),
    [
        (19, [40] * 10, True),
        (20, [40] * 10, False),  # exactly half is enough
        (1, [1] * 10, False),
        (20, [41] * 10, True),
        (9, [10, 10, 10, 10, 10, 30, 30, 30, 30, 30], True),  # the median is 20
        (10, [10, 10, 10, 10, 10, 30, 30, 30, 30, 30], False),
        (10, [20] * 10 + [900] * 10, False),  # only the last ten count
        (10, [900] * 4 + [20] * 6, False),
        (10, [0, 30], True),  # an empty one is no batch
        (1, [], False),  # nothing is known yet
    ],
)
def test_a_batch_is_thin_below_half_the_median_of_the_ten_before_it(
    size: int,
    others: list[int],
    is_less: bool,  # noqa: FBT001 - a table
) -> None:
    newest = BatchInfo(MONDAY, size, NOON)
    earlier = [BatchInfo(MONDAY - (n + 1) * DAY, count, NOON) for n, count in enumerate(others)]
    newer = [BatchInfo(TUESDAY, 10_000, NOON)]
    assert is_thin(newest, [*earlier, newest, *newer]) is is_less
    assert is_thin(newest, [newest, *earlier[::-1]]) is is_less


def at_noon(cursor: date | None, batches: Sequence[BatchInfo], now: datetime) -> Decision:
    """What becomes of a daily digest that is due on Monday at noon."""
    return decide(NOON, Kind.DAILY, cursor, batches, now)


@pytest.mark.parametrize("minutes", [-15, 0, 60, 300])
def test_a_full_batch_is_frozen_at_once(minutes: int) -> None:
    now = later(minutes=minutes)
    batches = (*stored(MONDAY, fetched_at=now), *before(MONDAY))
    assert at_noon(FRIDAY, batches, now) == Freeze(batches[:1], Freshness.FRESH)


@pytest.mark.parametrize(
    ("minutes", "freshness"), [(120, Freshness.FRESH), (121, Freshness.STALE), (2_000, Freshness.STALE)]
)
def test_data_that_were_not_looked_at_for_two_hours_are_stale(minutes: int, freshness: Freshness) -> None:
    batches = (*stored(MONDAY, fetched_at=later(minutes=-minutes)), *before(MONDAY))
    assert at_noon(FRIDAY, batches, NOON) == Freeze(batches[:1], freshness)


@pytest.mark.parametrize("cursor", [None, FRIDAY, THURSDAY])
def test_a_thin_batch_is_waited_for_and_then_brought_before_an_evening_digest_expires(cursor: date | None) -> None:
    batches = (*stored(MONDAY, size=19), *before(MONDAY))
    for minutes in (-15, 0, 60, 104):
        assert at_noon(cursor, batches, later(minutes=minutes)) == Wait()
    for minutes in (105, 119, 300):  # two hours after it could have been frozen
        decision = at_noon(cursor, batches, later(minutes=minutes))
        assert isinstance(decision, Freeze)
        assert decision.batches[0].day == MONDAY


def test_a_thin_batch_that_fills_is_brought_as_soon_as_it_is_not_thin() -> None:
    sizes = [at_noon(FRIDAY, (*stored(MONDAY, size=size), *before(MONDAY)), NOON) for size in (18, 19, 20, 21)]
    assert [type(decision) for decision in sizes] == [Wait, Wait, Freeze, Freeze]


def test_a_thin_batch_is_not_waited_for_when_the_feed_has_gone_on() -> None:
    batches = (*stored(FRIDAY, size=1), *before(FRIDAY))
    assert at_noon(THURSDAY, batches, NOON) == Freeze(batches[:1], Freshness.PARTIAL)


def test_older_thin_batches_behind_a_full_one_are_not_waited_for() -> None:
    batches = (*stored(MONDAY), *stored(FRIDAY, size=1), *before(FRIDAY))
    assert at_noon(THURSDAY, batches, NOON) == Freeze(batches[:2], Freshness.FRESH)


@pytest.mark.parametrize("cursor", [FRIDAY, None])
def test_a_missing_batch_is_waited_for_and_then_skipped_where_there_is_nothing_else(cursor: date | None) -> None:
    batches = before(MONDAY) if cursor else ()
    waits = [at_noon(cursor, batches, later(minutes=minutes)) for minutes in (-15, 0, 104)]
    assert waits == [Wait()] * 3
    assert at_noon(cursor, batches, later(minutes=105)) == Skip(Why.NO_BATCH)


def test_without_the_newest_batch_those_that_are_owed_are_brought_at_once() -> None:
    batches = before(MONDAY)
    assert at_noon(THURSDAY, batches, later(minutes=-15)) == Freeze(batches[:1], Freshness.PARTIAL)
    assert at_noon(None, batches, later(minutes=-15)) == Freeze(batches[:1], Freshness.PARTIAL)


def test_on_a_weekend_there_is_nothing_to_wait_for() -> None:
    sunday = NOON - DAY
    batches = before(MONDAY)
    assert decide(sunday, Kind.DAILY, FRIDAY, batches, sunday - timedelta(minutes=15)) == Wait()
    assert decide(sunday, Kind.DAILY, FRIDAY, batches, sunday) == Skip(Why.NO_BATCH)


def test_a_digest_that_is_due_when_the_feeds_day_begins_waits_for_its_batch() -> None:
    due_at = datetime.fromisoformat("2026-03-31T01:30:00+00:00")
    batches = (*stored(MONDAY), *before(MONDAY))
    seen = [decide(due_at, Kind.DAILY, MONDAY, batches, due_at + timedelta(minutes=n)) for n in (-15, -1, 0, 104, 105)]
    assert seen == [Wait(), Wait(), Wait(), Wait(), Skip(Why.NO_BATCH)]


@given(st.lists(IDS, max_size=4))
def test_every_batch_has_its_turn_and_each_paper_comes_once(groups: list[list[str]]) -> None:
    turns = in_turn(groups)
    assert len(set(turns)) == len(turns)
    assert set(turns) == {id_ for group in groups for id_ in group}
    place = {id_: min((g.index(id_), n) for n, g in enumerate(groups) if id_ in g) for id_ in turns}
    assert [place[id_] for id_ in turns] == sorted(place.values())


def test_the_best_of_each_batch_come_before_the_second_of_any() -> None:
    assert in_turn([["a", "b", "c"], ["d"], ["e", "a", "f"]]) == ("a", "d", "e", "b", "c", "f")
    assert in_turn([]) == in_turn([[], []]) == ()


@given(IDS, IDS, st.frozensets(st.sampled_from("abcdefghijkl")), st.integers(0, 20))
def test_papers_are_chosen_in_order_and_late_ones_fill_free_places(
    ranking: list[str], late: list[str], posted: frozenset[str], top: int
) -> None:
    found = chosen(ranking, late, posted, top)
    new = [id_ for id_ in dict.fromkeys(ranking) if id_ not in posted]
    filling = [id_ for id_ in dict.fromkeys(late) if id_ not in posted and id_ not in new]
    assert len(set(found)) == len(found) <= top
    assert not posted & set(found)
    assert list(found[: len(new)]) == new[:top]
    assert list(found[len(new) :]) == filling[: max(0, top - len(new))]


def test_a_channel_that_cannot_be_posted_to_is_probed_ever_more_rarely_and_given_up_after_30_days() -> None:
    seen: list[float] = []
    probe = next_probe(NOON, NOON)
    while probe:
        seen.append((probe - NOON) / DAY)
        probe = next_probe(NOON, probe)
    assert seen == [1, 3, 7, 14, 21, 28, 30]


@given(st.timedeltas(timedelta(days=-5), timedelta(days=60)))
def test_a_probe_is_always_later_than_now(span: timedelta) -> None:
    probe = next_probe(NOON, NOON + span)
    assert (probe is None) is (span >= timedelta(days=30))
    assert probe is None or NOON + span < probe <= NOON + timedelta(days=30)


@given(st.integers(0, 10_000), st.floats(-10, 100_000), st.floats(0, 1))
def test_a_pause_is_never_shorter_than_asked_nor_longer_than_five_minutes_otherwise(
    failures: int, asked: float, chance: float
) -> None:
    pause = backoff(failures, asked, chance)
    heard = min(asked, 3_600)
    assert pause >= max(heard, 0)
    assert pause <= max(heard, 300)
    assert pause == heard or pause <= 2.0 ** min(failures, 9)


@pytest.mark.parametrize("asked", [nan, inf, -inf, -1e9])
def test_a_pause_that_is_no_number_of_seconds_is_not_kept(asked: float) -> None:
    assert backoff(3, asked, 0.5) == 4


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize(
    ("minutes", "asked", "failed", "expected"),
    [
        (180, None, None, Wait()),  # after a restart the feed was not asked yet
        (180, 170, None, None),
        (180, -16, None, None),  # shortly before it is frozen, as always
        (180, -200, None, Wait()),  # of before the machine slept
        (344, None, None, Wait()),
        (345, None, None, Why.NO_FEED),
        (344, -200, 343, Why.NO_FEED),
        (345, -200, 343, Why.NO_FEED),
        (345, 344, 343, None),
    ],
)
def test_the_feed_is_given_the_time_to_answer_as_long_as_a_digest_can_be_sent(
    minutes: int, asked: int | None, failed: int | None, expected: Wait | Why | None, *, older: bool
) -> None:
    """Where nothing else is owed; what is, goes out when the feed fails."""
    now = later(minutes=minutes)
    empty = stored(MONDAY, size=0, fetched_at=later(minutes=asked)) if asked is not None else ()
    asking = Asking(later(minutes=failed) if failed is not None else None, later(hours=6))
    batches = (*empty, *before(MONDAY))
    decision = decide(NOON, Kind.DAILY, THURSDAY if older else FRIDAY, batches, now, asking)
    if isinstance(expected, Wait):
        assert decision == expected
    elif older:
        assert decision == Freeze(before(MONDAY)[:1], Freshness.PARTIAL)
    elif minutes < 345 and failed:
        assert decision == Wait()
    else:
        assert decision == Skip(expected or Why.NO_BATCH)


def test_at_a_weekend_no_feed_is_waited_for() -> None:
    sunday = NOON - DAY
    asking = Asking(None, sunday + timedelta(hours=6))
    assert decide(sunday, Kind.DAILY, FRIDAY, before(MONDAY), sunday, asking) == Skip(Why.NO_BATCH)


def test_the_longest_pause_doubles_with_each_failure_up_to_five_minutes() -> None:
    longest = [backoff(failures, 0, 1) for failures in range(12)]
    assert longest == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert all(shorter <= longer for shorter, longer in pairwise(longest))
    assert backoff(5, 0, 0) == 0 and backoff(5, 0, 0.5) == 16
