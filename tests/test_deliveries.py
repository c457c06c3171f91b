"""The names of deliveries and digests: the same for every attempt, and for nothing else."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deliveries import Digest, Freshness, delivery_key, digest_key
from bot.models import Window
from bot.subscriptions import Channel, Kind, Layout, Order, Schedule
from tests.hostile import TEXTS
from tests.papers import MONDAY, NOON, TUESDAY

DISCORD = Channel("discord", "guild", "channel")
PARTS = st.text(st.sampled_from("ab|\\/:é\ud800\0 "), max_size=5) | st.text(max_size=8)
CHANNELS = st.builds(Channel, PARTS, PARTS, PARTS)
DAYS = st.dates(date(2023, 5, 4), date(2035, 12, 31))
NAMED = st.tuples(CHANNELS, PARTS, DAYS, st.sampled_from(Kind))
MOMENTS = st.integers(0, 2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ORDERS = st.builds(
    Order,
    name=st.just("papers"),
    query=PARTS,
    min_votes=st.integers(0, 3),
    schedule=st.builds(Schedule, kind=st.sampled_from(Kind)),
)
BATCHES = st.lists(DAYS, min_size=1, max_size=4).map(tuple)


def test_the_keys_stay_what_they_are_because_messages_were_posted_under_them() -> None:
    assert delivery_key(DISCORD, "robots", MONDAY, Kind.DAILY) == "uvf355va4hzb7pf2ep42gewq"
    assert digest_key((MONDAY,), Order("robots", "robot", min_votes=3), NOON) == "460e4bd1b5fabf0b9f38a7f91b46057b"


@given(NAMED)
def test_a_delivery_is_named_by_24_letters_and_digits(parts: tuple[Channel, str, date, Kind]) -> None:
    assert re.fullmatch("[a-z2-7]{24}", delivery_key(*parts))


@given(NAMED, NAMED)
def test_deliveries_have_one_name_exactly_when_all_their_parts_agree(
    one: tuple[Channel, str, date, Kind], other: tuple[Channel, str, date, Kind]
) -> None:
    assert (delivery_key(*one) == delivery_key(*other)) is (one == other)


@given(st.lists(PARTS, min_size=4, max_size=4), st.lists(PARTS, min_size=4, max_size=4))
def test_no_separator_in_a_name_makes_two_places_one(one: list[str], other: list[str]) -> None:
    keys = {delivery_key(Channel(*parts[:3]), parts[3], MONDAY, Kind.DAILY) for parts in (one, other)}
    assert len(keys) == (1 if one == other else 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b", "c", "d"], ["a|b", "", "c", "d"]),
        (["a|", "b", "c", "d"], ["a", "|b", "c", "d"]),
        (["a\\", "b", "c", "d"], ["a", "\\b", "c", "d"]),
        (["a\\|b", "", "c", "d"], ["a\\", "b", "c", "d"]),
        (["a\\", "|b", "c", "d"], ["a|\\", "b", "c", "d"]),
        (["a", "b", "\ud800", "d"], ["a", "b", "\udfff", "d"]),
        (["a", "b", "\ud800", "d"], ["a", "b", "", "d"]),
        (["a", "b", "c|d", ""], ["a", "b", "c", "d"]),
        (["a", "b", "", "cd"], ["a", "b", "c", "d"]),
    ],
)
def test_parts_that_read_alike_side_by_side_give_other_names(one: list[str], other: list[str]) -> None:
    first, second = (delivery_key(Channel(*parts[:3]), parts[3], MONDAY, Kind.DAILY) for parts in (one, other))
    assert first != second


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_text_gives_names_like_any_other(text: str) -> None:
    key = delivery_key(Channel(text, text, text), text, MONDAY, Kind.WEEKLY)
    assert re.fullmatch("[a-z2-7]{24}", key)
    assert re.fullmatch("[0-9a-f]{32}", digest_key((MONDAY,), Order("x", text), NOON))


@given(st.tuples(BATCHES, ORDERS, MOMENTS), st.tuples(BATCHES, ORDERS, MOMENTS))
def test_digests_have_one_name_exactly_when_batches_filter_kind_and_time_agree(
    one: tuple[tuple[date, ...], Order, datetime], other: tuple[tuple[date, ...], Order, datetime]
) -> None:
    assert re.fullmatch("[0-9a-f]{32}", digest_key(*one))
    assert (digest_key(*one) == digest_key(*other)) is (one == other)


@given(ORDERS, ORDERS)
def test_no_separator_in_a_filter_makes_two_digests_one(one: Order, other: Order) -> None:
    assert (digest_key((MONDAY,), one, NOON) == digest_key((MONDAY,), other, NOON)) is (one == other)


def test_who_wants_it_how_and_how_much_of_it_does_not_name_a_digest() -> None:
    order = Order("robots", "robot", min_votes=2)
    elsewhere = replace(order.schedule, zone="Asia/Tokyo", at=time(21), days=(1, 2))
    other = replace(order, name="other", top=20, layout=Layout.COMPACT, schedule=elsewhere)
    assert digest_key((MONDAY,), order, NOON) == digest_key((MONDAY,), other, NOON)


@given(MOMENTS, st.integers(-12, 14))
def test_a_digest_has_its_name_in_whatever_zone_its_time_is_told(due_at: datetime, hours: int) -> None:
    order = Order("robots")
    told = due_at.astimezone(timezone(timedelta(hours=hours)))
    assert digest_key((MONDAY,), order, due_at) == digest_key((MONDAY,), order, told)
    assert digest_key((MONDAY,), order, due_at) != digest_key((MONDAY,), order, due_at + timedelta(seconds=1))


def test_the_window_of_a_digest_is_from_its_oldest_batch_to_its_newest() -> None:
    digest = Digest("key", (TUESDAY, MONDAY), NOON, NOON, Freshness.FRESH, (), 0)
    assert digest.window == Window(MONDAY, TUESDAY)
    assert replace(digest, days=(MONDAY,)).window == Window(MONDAY, MONDAY)
