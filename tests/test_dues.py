"""When a local time comes: in every zone, over both changes of the clock, leap days, and days that were left out."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.planning import due, dues, expires
from bot.subscriptions import EVERY_DAY, Schedule

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FIRST, LAST = datetime(2011, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
NAMES = sorted(available_timezones() - {"localtime", "Factory", "posixrules"})
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Moments within five days before which the clock of the zone was changed, from 2011 to 2035."""
    place = ZoneInfo(zone)
    moments = [FIRST + timedelta(days=5 * n) for n in range((LAST - FIRST).days // 5)]
    offsets = [(moment, moment.astimezone(place).utcoffset()) for moment in moments]
    return tuple(later for (_, old), (later, new) in pairwise(offsets) if old != new)


def walked(zone: str, first: date, days: int) -> dict[datetime, datetime]:
    """Minute by minute: the moment at which each local time comes first, or at which it was jumped over."""
    place = ZoneInfo(zone)
    begun = datetime.combine(first, time(), UTC) - 2 * DAY
    highest = begun.astimezone(place).replace(tzinfo=None) - MINUTE
    found: dict[datetime, datetime] = {}
    for n in range((days + 4) * 24 * 60):
        moment = begun + n * MINUTE
        local = moment.astimezone(place).replace(tzinfo=None)
        while highest < local:
            highest += MINUTE
            found[highest] = moment
    return found


@st.composite
def around_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a moment, mostly within some days of a change of its clock."""
    zone = draw(st.sampled_from(NAMES))
    near = st.sampled_from(changes(zone)) if changes(zone) else st.nothing()
    anywhere = st.integers(10, (LAST - FIRST).days - 20).map(lambda days: FIRST + days * DAY)
    return zone, draw(near | anywhere) + timedelta(seconds=draw(st.integers(-7 * 86_400, 2 * 86_400)))


TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
SPANS = st.integers(0, 12 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
APIA = ("Pacific/Apia", datetime(2011, 12, 28, 12, tzinfo=UTC))


def left_out_a_day(zone: str, after: datetime, until: datetime) -> bool:
    """Whether the zone went over the date line somewhere near."""
    ends = [
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC) - moment for moment in (after - 2 * DAY, until + 2 * DAY)
    ]
    return abs(ends[1] - ends[0]) > timedelta(hours=12)


@pytest.mark.parametrize(
    ("zone", "local", "moment"),
    [
        ("UTC", "2026-03-30 09:00", "2026-03-30 09:00"),
        ("Europe/Paris", "2026-03-29 01:59", "2026-03-29 00:59"),
        ("Europe/Paris", "2026-03-29 02:00", "2026-03-29 01:00"),  # there is no such time: at once when it is over
        ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Paris", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("Europe/Paris", "2026-10-25 02:30", "2026-10-25 00:30"),  # it comes twice: the first
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # by half an hour
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Antarctica/Troll", "2026-03-29 01:30", "2026-03-29 01:00"),  # by two hours
        ("Antarctica/Troll", "2026-10-25 01:30", "2026-10-24 23:30"),
        ("Africa/Casablanca", "2025-04-06 02:30", "2025-04-06 02:00"),  # after Ramadan
        ("Africa/Casablanca", "2025-02-23 02:30", "2025-02-23 01:30"),
        ("Atlantic/Azores", "2026-03-29 00:30", "2026-03-29 01:00"),
        ("Atlantic/Azores", "2026-10-25 00:30", "2026-10-25 00:30"),
        ("America/Santiago", "2025-09-07 00:00", "2025-09-07 04:00"),  # there is no midnight
        ("Asia/Beirut", "2025-03-30 00:15", "2025-03-29 22:00"),
        ("Pacific/Apia", "2011-12-29 09:00", "2011-12-29 19:00"),
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 10:00"),  # a day that was left out
        ("Pacific/Apia", "2011-12-31 09:00", "2011-12-30 19:00"),
        ("Pacific/Kwajalein", "1993-08-21 09:00", "1993-08-21 12:00"),
        ("Pacific/Kiritimati", "2026-01-01 00:00", "2025-12-31 10:00"),  # the first to begin a year
        ("Pacific/Pago_Pago", "2025-12-31 23:59", "2026-01-01 10:59"),  # the last to end one
        ("America/New_York", "2028-02-29 09:00", "2028-02-29 14:00"),  # leap day
        ("Asia/Kathmandu", "2026-03-30 00:00", "2026-03-29 18:15"),
    ],
)
def test_a_local_time_comes_at_its_first_moment_or_when_the_gap_is_over(zone: str, local: str, moment: str) -> None:
    wanted = datetime.fromisoformat(local)
    assert due(wanted.date(), wanted.time(), zone) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone",
    [
        *("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca"),
        *("Atlantic/Azores", "Pacific/Apia", "Asia/Gaza", "America/Santiago", "America/Nuuk", "Asia/Pyongyang"),
    ],
)
def test_at_the_changes_of_a_clock_every_quarter_of_an_hour_is_where_a_walk_finds_it(zone: str) -> None:
    some = changes(zone)[-4:] if zone not in ("Pacific/Apia", "Asia/Pyongyang") else changes(zone)[:4]
    assert some
    for change in some:
        days = [change.date() - n * DAY for n in range(7)]
        walk = walked(zone, days[-1], len(days))
        for day in days:
            assert [due(day, at, zone) for at in QUARTERS] == [walk[datetime.combine(day, at)] for at in QUARTERS], day


@given(around=around_changes(), at=TIMES)
@example(around=("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)), at=time(9))
def test_in_every_zone_a_time_comes_where_a_walk_by_minutes_finds_it(around: tuple[str, datetime], at: time) -> None:
    zone, moment = around
    wanted = datetime.combine(moment.date(), at)
    assert due(wanted.date(), at, zone) == walked(zone, wanted.date(), 1)[wanted]


@given(around=around_changes(), at=TIMES, span=SPANS, days=st.sets(st.integers(1, 7), min_size=1))
@example(around=APIA, at=time(9), span=timedelta(days=6), days={*EVERY_DAY})
@example(around=APIA, at=time(0), span=timedelta(days=6), days={*EVERY_DAY})  # two fall on one moment
@example(around=APIA, at=time(23, 30), span=timedelta(days=6), days={*EVERY_DAY})
def test_what_is_due_comes_in_order_on_its_days_and_never_back_to_back(
    around: tuple[str, datetime], at: time, span: timedelta, days: set[int]
) -> None:
    zone, after = around
    found = dues(Schedule(at, zone, tuple(sorted(days))), after, after + span)
    for one in found:
        assert after < one.at <= after + span
        assert one.at == due(one.local_date, at, zone)
        assert one.expires == expires(one.local_date, one.at, zone)
        assert one.local_date.isoweekday() in days
    for one, following in pairwise(found):
        assert one.local_date < following.local_date
        assert following.at - one.at >= timedelta(hours=12)


@given(around=around_changes(), at=TIMES, span=SPANS, days=st.sets(st.integers(1, 7), min_size=1))
@example(around=("UTC", datetime(2028, 2, 27, 12, tzinfo=UTC)), at=time(9), span=timedelta(days=4), days={*EVERY_DAY})
@example(around=("UTC", datetime(2027, 12, 30, 12, tzinfo=UTC)), at=time(9), span=timedelta(days=4), days={*EVERY_DAY})
def test_no_local_date_of_the_schedule_is_passed_over(
    around: tuple[str, datetime], at: time, span: timedelta, days: set[int]
) -> None:
    zone, after = around
    until = after + span
    if left_out_a_day(zone, after, until):
        return
    dates = (after.date() + n * DAY for n in range(-2, span.days + 4))
    wanted = [one for one in dates if one.isoweekday() in days and after < due(one, at, zone) <= until]
    assert [one.local_date for one in dues(Schedule(at, zone, tuple(sorted(days))), after, until)] == wanted


@given(around=around_changes(), at=TIMES)
def test_a_daily_digest_is_due_in_any_27_hours(around: tuple[str, datetime], at: time) -> None:
    zone, after = around
    until = after + timedelta(hours=27)
    assert dues(Schedule(at, zone), after, until) or left_out_a_day(zone, after, until)


@given(around=around_changes(), at=TIMES, spans=st.tuples(SPANS, SPANS), days=st.sets(st.integers(1, 7), min_size=1))
@example(around=APIA, at=time(9), spans=(timedelta(days=2), timedelta(days=4)), days={*EVERY_DAY})
@example(around=APIA, at=time(9), spans=(timedelta(days=2, hours=2), timedelta(days=4)), days={5, 6})
@example(around=APIA, at=time(23, 30), spans=(timedelta(hours=45, minutes=45), timedelta(days=4)), days={*EVERY_DAY})
def test_what_is_due_in_two_spans_is_what_is_due_in_both_together(
    around: tuple[str, datetime], at: time, spans: tuple[timedelta, timedelta], days: set[int]
) -> None:
    zone, first = around
    schedule = Schedule(at, zone, tuple(sorted(days)))
    cut, last = first + spans[0], first + spans[0] + spans[1]
    assert dues(schedule, first, last) == dues(schedule, first, cut) + dues(schedule, cut, last)
    moments = [one.at for one in dues(schedule, first, last)]
    assert all(len(dues(schedule, moment - timedelta(seconds=1), moment)) == 1 for moment in moments)


def test_of_a_day_that_was_left_out_and_the_next_only_the_later_is_due() -> None:
    found = dues(Schedule(time(9), "Pacific/Apia"), *(datetime(2011, 12, day, 12, tzinfo=UTC) for day in (29, 31)))
    assert [(one.local_date.day, one.at.isoformat()) for one in found] == [
        (29, "2011-12-29T19:00:00+00:00"),
        (31, "2011-12-30T19:00:00+00:00"),
    ]


@pytest.mark.parametrize("hours", [0, -1, -400])
def test_nothing_is_due_in_a_span_without_length(hours: int) -> None:
    at = datetime(2026, 3, 30, 9, tzinfo=UTC)
    assert dues(Schedule(time(9)), at, at + timedelta(hours=hours)) == []


@pytest.mark.parametrize(
    ("zone", "local", "until"),
    [
        ("UTC", "2026-03-30 09:00", "2026-03-30 15:00"),
        ("UTC", "2026-03-30 16:00", "2026-03-30 22:00"),
        ("UTC", "2026-03-30 18:00", "2026-03-30 22:00"),
        ("UTC", "2026-03-30 20:00", "2026-03-30 22:00"),
        ("UTC", "2026-03-30 20:01", "2026-03-30 22:01"),
        ("UTC", "2026-03-30 23:30", "2026-03-31 01:30"),
        ("UTC", "2026-12-31 23:59", "2027-01-01 01:59"),
        ("UTC", "2026-03-30 00:00", "2026-03-30 06:00"),
        ("Europe/Paris", "2026-03-29 01:30", "2026-03-29 06:30"),  # six hours, though the clock shows seven
        ("America/New_York", "2026-11-01 18:00", "2026-11-02 03:00"),
        ("Pacific/Apia", "2011-12-30 23:00", "2011-12-30 12:00"),  # its evening never was
    ],
)
def test_a_digest_can_be_late_for_six_hours_or_until_ten_but_always_for_two(zone: str, local: str, until: str) -> None:
    wanted = datetime.fromisoformat(local)
    at = due(wanted.date(), wanted.time(), zone)
    assert expires(wanted.date(), at, zone) == datetime.fromisoformat(until).replace(tzinfo=UTC)


@given(around=around_changes(), at=TIMES)
def test_a_digest_expires_by_the_rule_in_every_zone(around: tuple[str, datetime], at: time) -> None:
    zone, moment = around
    begun = due(moment.date(), at, zone)
    evening = walked(zone, moment.date(), 1)[datetime.combine(moment.date(), time(22))]
    ended = expires(moment.date(), begun, zone)
    assert timedelta(hours=2) <= ended - begun <= timedelta(hours=6)
    assert ended in (begun + timedelta(hours=2), begun + timedelta(hours=6), evening)
    assert ended <= evening or ended == begun + timedelta(hours=2)
