"""A year of digests by a simulated clock: every batch is brought once, in order, and never before it is there."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from bot.deliveries import Freshness, Why
from bot.feed_days import ROLL_OVER, ZONE, newest_batch_day
from bot.models import BatchInfo
from bot.planning import FREEZE_BEFORE, Freeze, Skip, Wait, decide, dues
from bot.subscriptions import EVERY_DAY, Kind, Schedule
from tests.thorough import THOROUGH

DAY, LOOK = timedelta(days=1), timedelta(minutes=5 if THOROUGH else 15)
BEGUN, ENDED = datetime(2026, 1, 20, tzinfo=UTC), datetime(2027, 1, 15, tzinfo=UTC)
HOLIDAYS = {date(2026, 5, 25), date(2026, 7, 3), date(2026, 12, 25), date(2027, 1, 1)}  # without a batch
SMALL = {date(2026, 4, 3), date(2026, 12, 24), date(2026, 12, 31)}  # of a few papers only
LATE = {date(2026, 3, 6): 20, date(2026, 6, 12): 12, date(2026, 10, 30): 23, date(2026, 11, 2): 9}  # by so many hours
FULL, FULL_AFTER = 60, timedelta(hours=18)


@cache
def weekdays(first: date, last: date) -> list[date]:
    days = [first + n * DAY for n in range((last - first).days + 1)]
    return [day for day in days if day.isoweekday() <= 5 and day not in HOLIDAYS]


@cache
def appears(day: date) -> datetime:
    """When the first papers of a batch are listed: when the feed's day begins, or later."""
    begins = datetime.combine(day - DAY, ROLL_OVER, ZONE).astimezone(UTC)
    return begins + timedelta(hours=LATE.get(day, 0))


def stored(now: datetime) -> list[BatchInfo]:
    """The batches of the last weeks, as they are filled by then."""
    known = [day for day in weekdays(now.date() - 30 * DAY, now.date() + 2 * DAY) if appears(day) <= now]
    return [BatchInfo(day, _size(day, now), now) for day in known]


def _size(day: date, now: datetime) -> int:
    share = min(1.0, (now - appears(day)) / FULL_AFTER)
    return max(1, int(share * (5 if day in SMALL else FULL)))


@dataclass(slots=True)
class Subscriber:
    """One whose digests are decided about every few minutes, from a quarter of an hour before they are due."""

    schedule: Schedule
    cursor: date | None = None
    brought: list[tuple[datetime, Freeze]] = field(default_factory=list)
    skipped: list[tuple[datetime, Skip]] = field(default_factory=list)

    def live(self) -> None:
        for one in dues(self.schedule, BEGUN, ENDED):
            now = one.at - FREEZE_BEFORE
            while isinstance(decision := self._decision(one.at, now), Wait):
                now += LOOK
            assert max(now, one.at) < one.expires, "it cannot be sent any more"
            assert now <= one.at + timedelta(hours=2)
            if isinstance(decision, Skip):
                self.skipped.append((now, decision))
            else:
                self.brought.append((now, decision))
                self.cursor = decision.batches[0].day

    @property
    def days(self) -> list[date]:
        return [batch.day for _, freeze in self.brought for batch in reversed(freeze.batches)]

    def _decision(self, due_at: datetime, now: datetime) -> Freeze | Wait | Skip:
        return decide(due_at, self.schedule.kind, self.cursor, stored(now), now)


@cache
def lived(at: time, zone: str, days: tuple[int, ...] = EVERY_DAY, kind: Kind = Kind.DAILY) -> Subscriber:
    subscriber = Subscriber(Schedule(at, zone, days, kind))
    subscriber.live()
    return subscriber


ZONES = ["America/New_York", "Europe/Paris", "Asia/Tokyo", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 30), time(2, 30), time(9), time(21, 40)])
def test_a_daily_subscriber_gets_every_batch_once_in_order_and_never_too_early(zone: str, at: time) -> None:
    subscriber = lived(at, zone)
    assert subscriber.days == weekdays(subscriber.days[0], subscriber.days[-1])
    assert subscriber.days[0] <= BEGUN.date() + 2 * DAY
    assert subscriber.days[-1] >= ENDED.date() - 3 * DAY
    assert all(appears(batch.day) <= now for now, freeze in subscriber.brought for batch in freeze.batches)


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_subscriber_is_skipped_only_on_days_that_have_nothing_new(zone: str) -> None:
    subscriber = lived(time(9), zone)
    had = [(now, freeze.batches[0].day) for now, freeze in subscriber.brought]
    for now, skip in subscriber.skipped:
        assert skip == Skip(Why.NO_BATCH)
        last = max(day for moment, day in had if moment < now)
        assert not [batch for batch in stored(now) if batch.day > last]
    assert len(had) + len(subscriber.skipped) == len(dues(subscriber.schedule, BEGUN, ENDED))
    assert len(subscriber.skipped) >= 2 * 48  # weekends


@pytest.mark.parametrize("zone", ZONES)
def test_a_digest_is_called_partial_exactly_when_the_newest_batch_is_missing(zone: str) -> None:
    for now, freeze in lived(time(9), zone).brought:
        is_missing = freeze.batches[0].day < newest_batch_day(now)
        assert freeze.freshness is (Freshness.PARTIAL if is_missing else Freshness.FRESH)


# Some are due around the feed's roll-over, which is before them in winter and behind them in summer.
@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        *((time(9), zone, 5) for zone in ZONES),
        *(
            (time(2), "UTC", 5),
            (time(2), "UTC", 1),
            (time(10, 45), "Asia/Tokyo", 1),
            (time(21, 40), "America/New_York", 7),
        ),
        *(
            (time(3, 15), "Europe/Paris", 6),
            (time(23), "Pacific/Auckland", 3),
            (time(12, 30), "Australia/Lord_Howe", 5),
        ),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_who_has_one_digest_a_week_gets_each_batch_of_the_week_once(at: time, zone: str, day: int, kind: Kind) -> None:
    subscriber = lived(at, zone, (day,), kind)
    assert subscriber.days == weekdays(subscriber.days[0], subscriber.days[-1])
    assert len(subscriber.brought) >= 51
    assert all(appears(batch.day) <= now for now, freeze in subscriber.brought for batch in freeze.batches)
    assert all(3 <= len(freeze.batches) <= 7 for _, freeze in subscriber.brought[1:])


def test_on_weekends_alone_the_whole_week_is_brought_on_saturdays() -> None:
    subscriber = lived(time(9), "Europe/Paris", (6, 7))
    assert {now.isoweekday() for now, _ in subscriber.brought} == {6}
    assert {now.isoweekday() for now, _ in subscriber.skipped} == {7}
    assert subscriber.days == weekdays(subscriber.days[0], subscriber.days[-1])
