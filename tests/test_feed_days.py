"""The calendar of the feed: its day begins at 21:30 in New York, and it rests at weekends."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feed_days import FIRST_DAY, ZONE, feed_day, is_batch_day, last_batch_days, newest_batch_day

BEGUN = datetime(2023, 5, 4, 12, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-99), timedelta(days=3_650)).map(lambda span: BEGUN + span)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-07-15T01:29:59", "2026-07-14"),  # summer: 21:29:59 in New York
        ("2026-07-15T01:30:00", "2026-07-15"),
        ("2026-07-15T04:00:00", "2026-07-15"),
        ("2026-07-15T12:00:00", "2026-07-15"),
        ("2026-01-15T02:29:59", "2026-01-14"),  # winter
        ("2026-01-15T02:30:00", "2026-01-15"),
        ("2026-01-01T02:29:59", "2025-12-31"),
        ("2026-01-01T02:30:00", "2026-01-01"),
        ("2024-02-29T02:30:00", "2024-02-29"),
        ("2026-03-08T02:30:00", "2026-03-08"),  # the night when clocks go forward
        ("2026-03-09T01:29:59", "2026-03-08"),
        ("2026-03-09T01:30:00", "2026-03-09"),
        ("2026-11-01T01:30:00", "2026-11-01"),  # and back
        ("2026-11-02T02:29:59", "2026-11-01"),
        ("2026-11-02T02:30:00", "2026-11-02"),
    ],
)
def test_the_day_begins_at_half_past_nine_the_evening_before(now: str, day: str) -> None:
    assert feed_day(datetime.fromisoformat(now).replace(tzinfo=UTC)) == date.fromisoformat(day)


@given(now=MOMENTS, hours=st.integers(-12, 14))
def test_the_day_does_not_depend_on_the_zone_in_which_the_time_is_told(now: datetime, hours: int) -> None:
    assert feed_day(now.astimezone(timezone(timedelta(hours=hours)))) == feed_day(now)
    assert feed_day(now) - now.astimezone(ZONE).date() in (timedelta(0), timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2026-03-27T21:29:59", "2026-03-27"),  # Friday evening in New York
        ("2026-03-27T21:30:00", "2026-03-27"),  # the day is Saturday now
        ("2026-03-28T12:00:00", "2026-03-27"),
        ("2026-03-29T21:29:59", "2026-03-27"),
        ("2026-03-29T21:30:00", "2026-03-30"),  # Sunday evening is Monday
        ("2026-03-30T12:00:00", "2026-03-30"),
        ("2023-05-04T12:00:00", "2023-05-04"),
        ("2023-05-01T12:00:00", "2023-05-04"),  # a clock that is wrong: before the feed began
        ("1970-01-01T12:00:00", "2023-05-04"),
    ],
)
def test_the_newest_batch_is_of_today_or_of_the_friday_before(now: str, newest: str) -> None:
    assert newest_batch_day(datetime.fromisoformat(now).replace(tzinfo=ZONE)) == date.fromisoformat(newest)


@pytest.mark.parametrize(
    ("day", "can_be"),
    [
        ("2026-03-27", True),
        ("2026-03-28", False),
        ("2026-03-29", False),
        ("2026-03-30", True),
        ("2023-05-04", True),
        ("2023-05-03", False),
        ("2022-01-03", False),
    ],
)
def test_batches_come_on_weekdays_since_the_feed_began(day: str, can_be: bool) -> None:  # noqa: FBT001 - a table
    assert is_batch_day(date.fromisoformat(day)) is can_be


@pytest.mark.parametrize(
    ("now", "count", "days"),
    [
        ("2026-03-31T12:00", 1, ["2026-03-31"]),
        ("2026-03-31T12:00", 4, ["2026-03-31", "2026-03-30", "2026-03-27", "2026-03-26"]),
        ("2026-03-29T12:00", 2, ["2026-03-27", "2026-03-26"]),
        ("2026-03-31T12:00", 0, []),
        ("2023-05-08T12:00", 9, ["2023-05-08", "2023-05-05", "2023-05-04"]),
        ("2023-05-03T12:00", 9, []),
    ],
)
def test_the_last_days_are_counted_back_over_weekends_to_the_first(now: str, count: int, days: list[str]) -> None:
    found = last_batch_days(datetime.fromisoformat(now).replace(tzinfo=UTC), count)
    assert [str(day) for day in found] == days


@given(now=MOMENTS, count=st.integers(0, 3_000))
def test_the_last_days_are_different_batch_days_newest_first(now: datetime, count: int) -> None:
    days = last_batch_days(now, count)
    assert len(days) <= count
    assert all(map(is_batch_day, days))
    assert list(days) == sorted(set(days), reverse=True)
    assert len(days) == count or now < BEGUN or FIRST_DAY in days
    assert not days or days[0] == newest_batch_day(now)
