"""Times, zones, days and names as people write them, and what is told of those that are none."""

from collections.abc import Callable
from datetime import date, time
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import schedules
from bot.errors import Problem, UserError
from bot.subscriptions import DAY_NAMES, EVERY_DAY, Kind, Schedule
from tests.hostile import TEXTS
from tests.papers import NOON

ZONES = sorted(available_timezones() - {"localtime", "Factory", "posixrules"})
READERS: dict[str, tuple[Callable[[str], Any], Problem]] = {
    "clock_time": (schedules.clock_time, Problem.BAD_TIME),
    "zone": (schedules.zone, Problem.BAD_ZONE),
    "days": (schedules.days, Problem.BAD_DAYS),
    "day": (lambda text: schedules.day("until", text), Problem.BAD_DAY),
    "name": (schedules.name, Problem.BAD_NAME),
}
HOSTILE = {**TEXTS, "empty": "", "space": " ", "NUL": "\0", "long": "9" * 100_000, "marks": "a" + "\u0323" * 100_000}
# What is nearly right, in other letters and digits, with something invisible, or far too much of it.
NEARLY = st.sampled_from(
    [
        "09:00",
        "9am",
        "21.30",
        "Europe/Paris",
        "new york",
        "Etc/GMT+3",
        "daily",
        "mon,wed",
        "weekly:fri",
        "2026-12-01",
        "robots",
    ]
)
SPOILERS = st.sampled_from(
    [*"٩９\0\u200b\u202e\u3164\ufe0f:,./-_ \n", "weekly:", "İ", "K", "ﬁ", "\ud800", "\u0301" * 50, "x" * 5_000]
)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    text, at = draw(NEARLY), draw(st.integers(0, 12))
    spoiler: str = draw(SPOILERS)
    return text[:at] + spoiler + text[at:]


def refusal(read: Callable[[str], object], text: str) -> UserError | None:
    try:
        read(text)
    except UserError as error:
        return error
    return None


def problem(read: Callable[[str], object], text: str) -> UserError:
    with pytest.raises(UserError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "at"),
    [
        *[("09:00", time(9)), ("9", time(9)), ("9:30", time(9, 30)), ("9am", time(9)), ("21.30", time(21, 30))],
        *[("0", time(0)), ("00:00", time(0)), ("23:59", time(23, 59)), ("9h30", time(9, 30)), (" 9:05 ", time(9, 5))],
        *[
            ("12am", time(0)),
            ("12:30am", time(0, 30)),
            ("12pm", time(12)),
            ("12:01 PM", time(12, 1)),
            ("1 pm", time(13)),
        ],
        *[("11.59PM", time(23, 59)), ("08:30", time(8, 30)), ("7  Am", time(7))],
    ],
)
def test_a_time_of_day_is_read_in_the_ways_people_write_it(text: str, at: time) -> None:
    assert schedules.clock_time(text) == at


@pytest.mark.parametrize(
    "text",
    [
        *("24:00", "24", "9:60", "9:5", "25:00", "-1", "13pm", "0am", "0:30pm", "9:00:00", "9::00", "123", "0900"),
        *("nine", "noon", "am", "9 o'clock", "9,30", "٩:٣٠", "９：００", "9:00\0", "9:00 am pm", "1e1", "+9", "½"),
    ],
)
def test_what_is_no_time_of_day_is_told(text: str) -> None:
    assert problem(schedules.clock_time, text).problem is Problem.BAD_TIME


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_minute_of_the_day_can_be_written_in_24_hours_or_in_12(hour: int, minute: int) -> None:
    at = time(hour, minute)
    for form in ("%H:%M", "%H.%M", "%Hh%M", "%I:%M%p", "%I:%M %p", "%I.%M%p"):
        assert schedules.clock_time(at.strftime(form)) == at


def test_every_zone_is_found_by_its_name_in_any_case() -> None:
    for name in ZONES:
        assert {schedules.zone(text) for text in (name, name.lower(), name.upper(), f" {name} ")} == {name}


def test_every_city_finds_a_zone_of_that_city() -> None:
    for name in (name for name in ZONES if "/" in name and not name.startswith("Etc/")):
        city = name.rpartition("/")[2]
        assert schedules.zone(city.replace("_", " ")).rpartition("/")[2] == city


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        *[("Paris", "Europe/Paris"), ("new york", "America/New_York"), ("NEW   YORK", "America/New_York")],
        *[("new_york", "America/New_York"), ("new-york", "America/New_York"), ("america/new york", "America/New_York")],
        *[("são paulo", "America/Sao_Paulo"), ("Zürich", "Europe/Zurich"), ("İstanbul", "Europe/Istanbul")],
        *[("port au prince", "America/Port-au-Prince"), ("Port-au-Prince", "America/Port-au-Prince")],
        *[("lord howe", "Australia/Lord_Howe"), ("kolkata", "Asia/Kolkata"), ("Europe / Paris", "Europe/Paris")],
        *[("utc", "UTC"), ("gmt", "GMT"), ("Zulu", "Zulu"), ("buenos aires", "America/Argentina/Buenos_Aires")],
        *[("Etc/GMT+3", "Etc/GMT+3"), ("etc/gmt-14", "Etc/GMT-14")],
    ],
)
def test_a_zone_is_found_by_its_city_however_it_is_spaced_and_accented(text: str, zone: str) -> None:
    assert schedules.zone(text).rpartition("/")[2] == zone.rpartition("/")[2]


@pytest.mark.parametrize("text", ["GMT+3", "gmt-3", "UTC+3", "utc-11", "+03:00", "GMT 3"])
def test_an_offset_is_no_zone_because_those_of_that_name_count_the_other_way(text: str) -> None:
    error = problem(schedules.zone, text)
    near = error.details["near"]
    assert error.problem is Problem.BAD_ZONE and isinstance(near, tuple)
    assert not any(ZoneInfo(name).utcoffset(NOON) for name in near if "+" in name or "-" in name)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        *[("berlim", "Europe/Berlin"), ("europe/pariss", "Europe/Paris"), ("Londn", "Europe/London")],
        *[("new yrok", "America/New_York"), ("asia/tokio", "Asia/Tokyo"), ("Amsterdm", "Europe/Amsterdam")],
    ],
)
def test_of_a_zone_that_is_mistyped_the_near_ones_are_told(text: str, near: str) -> None:
    told = problem(schedules.zone, text).details["near"]
    assert isinstance(told, tuple)
    assert near in told and len(told) <= 3


def test_nobody_compares_a_flood_of_text_with_all_zones() -> None:
    assert problem(schedules.zone, "Europe/Paris " * 9).details["near"] == ()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        *[("par", "America/Paramaribo"), ("Europe/par", "Europe/Paris"), ("new y", "America/New_York")],
        *[
            ("são p", "America/Sao_Paulo"),
            ("port-au", "America/Port-au-Prince"),
            ("utc", "Etc/UTC"),
            ("", "Africa/Abidjan"),
        ],
    ],
)
def test_zones_are_completed_from_the_beginning_of_a_name_or_a_city(text: str, first: str) -> None:
    found = schedules.zones_starting(text, 5)
    assert found[0] == first
    assert len(found) <= 5
    assert all(schedules.zone(name) == name for name in found)


@given(st.text() | spoilt(), st.integers(0, 30))
def test_completions_are_zones_whatever_was_begun(text: str, limit: int) -> None:
    found = schedules.zones_starting(text, limit)
    assert len(found) <= limit
    assert set(found) <= set(ZONES)
    assert not any(name.startswith(("Etc/GMT+", "Etc/GMT-")) for name in found)


@pytest.mark.parametrize(
    ("text", "days", "kind"),
    [
        *[
            ("daily", EVERY_DAY, Kind.DAILY),
            ("Weekdays", (1, 2, 3, 4, 5), Kind.DAILY),
            ("weekends", (6, 7), Kind.DAILY),
        ],
        *[("mon,wed", (1, 3), Kind.DAILY), ("Wednesday; MONDAY", (1, 3), Kind.DAILY), ("mo we", (1, 3), Kind.DAILY)],
        *[("fri,fri", (5,), Kind.DAILY), ("tu+th", (2, 4), Kind.DAILY), ("sunday", (7,), Kind.DAILY)],
        *[("weekly", (5,), Kind.WEEKLY), ("weekly:", (5,), Kind.WEEKLY), ("weekly:fri", (5,), Kind.WEEKLY)],
        *[("WEEKLY: Monday", (1,), Kind.WEEKLY), ("mon,tue,wed,thu,fri,sat,sun", EVERY_DAY, Kind.DAILY)],
    ],
)
def test_days_are_read_in_the_ways_people_write_them(text: str, days: tuple[int, ...], kind: Kind) -> None:
    assert schedules.days(text) == (days, kind)


@pytest.mark.parametrize(
    "text",
    [
        *("never", "m", "t,w", "mon,xyz", "mondays", "weekly:mon,tue", "weekly:daily", "weekly:x", "weeklyfri", ","),
        *("1,2", "mon-", "weekly:weekly:fri", "mon\0", "weekly:mon:tue", "frı"),
    ],
)
def test_what_are_no_days_is_told(text: str) -> None:
    assert problem(schedules.days, text).problem is Problem.BAD_DAYS


@pytest.mark.parametrize("count", range(1, 8))
def test_days_that_the_bot_writes_are_read_as_the_same_days(count: int) -> None:
    for chosen in combinations(EVERY_DAY, count):
        assert schedules.days(Schedule(days=chosen).written_days) == (chosen, Kind.DAILY)
        assert schedules.days(" ".join(DAY_NAMES[n - 1] for n in chosen)) == (chosen, Kind.DAILY)
    for one in EVERY_DAY:
        assert schedules.days(Schedule(days=(one,), kind=Kind.WEEKLY).written_days) == ((one,), Kind.WEEKLY)


@given(st.dates(date(2, 1, 1), date(9998, 12, 31)))
def test_a_day_is_written_by_its_numbers(day: date) -> None:
    assert schedules.day("until", day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026-02-29",
        "2026-2-1",
        "tomorrow",
        "01.12.2026",
        "2026-12-01T09:00",
        " 2026-12-01",
        "２０２６-12-01",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "2026-12-01\0",
    ],
)
def test_what_is_no_day_is_told_with_the_name_of_what_it_was_for(text: str) -> None:
    error = problem(lambda text: schedules.day("until", text), text)
    assert error.problem is Problem.BAD_DAY
    assert error.details == {"name": "until", "value": text}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_by_the_problem_of_what_it_should_have_been(read: str, text: str) -> None:
    reader, expected = READERS[read]
    error = problem(reader, text)
    assert error.problem is expected
    assert error.details["value"] == text


@given(st.sampled_from(sorted(READERS)), st.text() | spoilt())
def test_any_text_is_read_or_refused_by_the_right_problem(read: str, text: str) -> None:
    reader, expected = READERS[read]
    error = refusal(reader, text)
    assert error is None or (error.problem, error.details["value"]) == (expected, text)
