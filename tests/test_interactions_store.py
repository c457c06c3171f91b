"""What platforms with buttons remember: long commands, what was handled, and small facts."""

from datetime import timedelta

import pytest

from bot.ports import Interactions
from bot.store import SqlStore, records
from tests.papers import NOON, later


@pytest.fixture
def interactions(store: SqlStore) -> Interactions:
    return records(store).interactions


@pytest.mark.parametrize(("days", "found"), [(0, "search a"), (90, "search a"), (91, None), (1_000, None)])
async def test_a_command_is_kept_for_ninety_days(days: int, found: str | None, interactions: Interactions) -> None:
    await interactions.keep({"h": "search a", "i": "search b"}, NOON)
    assert await interactions.kept("h", later(days=days)) == found


async def test_a_command_that_is_kept_again_lasts_from_then_on(interactions: Interactions) -> None:
    await interactions.keep({"h": "search a"}, NOON)
    await interactions.keep({"h": "search a"}, later(days=80))
    assert await interactions.kept("h", later(days=160)) == "search a"


async def test_nothing_is_kept_under_an_unknown_hash(interactions: Interactions) -> None:
    await interactions.keep({}, NOON)
    assert await interactions.kept("h", NOON) is None


@pytest.mark.parametrize(("hours", "is_new"), [(0, False), (26, False), (27, True)])
async def test_what_was_handled_is_known_for_twenty_six_hours(
    *, hours: int, is_new: bool, interactions: Interactions
) -> None:
    assert await interactions.is_new("event", NOON)
    assert await interactions.is_new("another", NOON)
    assert await interactions.is_new("event", later(hours=hours)) is is_new
    assert not await interactions.is_new("event", later(hours=hours))


async def test_a_fact_is_what_was_remembered_last(interactions: Interactions) -> None:
    assert await interactions.fact("tree") is None
    await interactions.remember("tree", "a")
    await interactions.remember("tree", "b")
    assert await interactions.fact("tree") == "b"


async def test_what_is_past_its_time_is_forgotten_and_nothing_else(interactions: Interactions) -> None:
    await interactions.keep({"old": "search a"}, NOON)
    await interactions.keep({"new": "search b"}, later(days=2))
    await interactions.is_new("event", later(days=90))
    await interactions.remember("tree", "a")
    await interactions.purge(NOON + timedelta(days=91))
    await interactions.purge(NOON + timedelta(days=91))
    assert await interactions.kept("old", NOON) is None
    assert await interactions.kept("new", NOON) == "search b"
    assert not await interactions.is_new("event", later(days=91))
    assert await interactions.fact("tree") == "a"
