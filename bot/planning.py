"""Which channel is owed which digest, when, and with which papers. Pure (DELIVERY)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, zip_longest
from math import isfinite
from statistics import median
from zoneinfo import ZoneInfo

from bot.deliveries import Due, Freshness, Why
from bot.feed_days import newest_batch_day
from bot.models import BatchInfo, Window
from bot.subscriptions import Kind, Schedule

AHEAD = timedelta(hours=36)  # how far rows are written ahead
FREEZE_BEFORE = timedelta(minutes=15)
PATIENCE = timedelta(hours=2)  # for a fuller batch, or for a source that is down
LATEST, LATEST_LOCAL = timedelta(hours=6), time(22)  # after which a late digest is of no use
ASKED_BEFORE = timedelta(minutes=5)  # that the feed may have been looked at before a digest is frozen
BACK_TO_BACK = timedelta(hours=12)
LOOKED_BACK = timedelta(days=7)  # batches that a digest may bring
STALE_AFTER = timedelta(hours=2)
USUAL = 10  # batches, by which a thin one is told
SETTLES_AFTER = timedelta(hours=6)
PROBES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
GIVEN_UP_AFTER = timedelta(days=30)
LONGEST_WAIT = 3_600.0  # seconds that a platform is left alone, whatever it asks for


def due(day: date, at: time, zone: str) -> datetime:
    """The moment (UTC) at which it is `at` on that day in the zone.

    Of a time that comes twice, the first; for one that is skipped, the first moment after the gap.
    """
    place = ZoneInfo(zone)
    local = datetime.combine(day, at)
    first = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    if first.astimezone(place).replace(tzinfo=None) == local:
        return first
    return _end_of_gap(local.replace(tzinfo=place, fold=1).astimezone(UTC), first, place)


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The first moment with the offset of `after`; offsets change at whole seconds."""
    new = after.astimezone(place).utcoffset()
    low, high = int(before.timestamp()) - 1, int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        is_new = datetime.fromtimestamp(middle, place).utcoffset() == new
        low, high = (low, middle) if is_new else (middle, high)
    return datetime.fromtimestamp(high, UTC)


def expires(local_date: date, at: datetime, zone: str) -> datetime:
    """Until when a digest that was due at `at` may still be sent."""
    evening = due(local_date, LATEST_LOCAL, zone)
    return max(at + PATIENCE, min(at + LATEST, evening))


def dues(schedule: Schedule, after: datetime, until: datetime) -> list[Due]:
    """What is due later than `after` and not later than `until`, in order.

    Of two that are less than twelve hours apart (days that a zone skipped) only the later one.
    """
    place = ZoneInfo(schedule.zone)
    day, last = after.astimezone(place).date() - timedelta(days=2), until.astimezone(place).date() + timedelta(days=2)
    days = (day + timedelta(days=n) for n in range((last - day).days + 1))
    found = [(one, due(one, schedule.at, schedule.zone)) for one in days if one.isoweekday() in schedule.days]
    following = [moment for _, moment in found[1:]]
    kept = [
        (one, moment)
        for (one, moment), later in zip_longest(found, following)
        if later is None or later - moment >= BACK_TO_BACK
    ]
    return [Due(one, moment, expires(one, moment, schedule.zone)) for one, moment in kept if after < moment <= until]


def owed(batches: Sequence[BatchInfo], cursor: date | None, kind: Kind, now: datetime) -> tuple[BatchInfo, ...]:
    """The stored batches that a subscription has not had, newest first.

    One that has had none is owed the newest, or those of the week; none is brought along that is more than a week older
    than the newest. That is a day more than a week has, because what comes each week at the same local time is before
    the feed's roll-over in winter and behind it in summer.
    """
    newest = newest_batch_day(now)
    recent = Window(newest - LOOKED_BACK + timedelta(days=cursor is None), newest)
    new = sorted(
        (b for b in batches if b.size and recent.first <= b.day <= recent.last), key=lambda b: b.day, reverse=True
    )
    if cursor is None and kind is Kind.DAILY:
        return tuple(new[:1])
    return tuple(b for b in new if cursor is None or b.day > cursor)


def is_thin(batch: BatchInfo, batches: Sequence[BatchInfo]) -> bool:
    """Whether it holds less than half the median of the ten batches before it."""
    before = sorted((b for b in batches if b.size and b.day < batch.day), key=lambda b: b.day, reverse=True)[:USUAL]
    return bool(before) and 2 * batch.size < median(b.size for b in before)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A digest of these batches (newest first) can be frozen."""

    batches: tuple[BatchInfo, ...]
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing will be posted."""

    why: Why


@dataclass(frozen=True, slots=True)
class Asking:
    """A feed that is being asked: when that failed last, and when the digest that waits for it expires."""

    failed_at: datetime | None
    expires: datetime


def decide(
    due_at: datetime,
    kind: Kind,
    cursor: date | None,
    batches: Sequence[BatchInfo],
    now: datetime,
    asking: Asking | None = None,
) -> Freeze | Wait | Skip:
    """What to do about a digest that is due soon; `batches` are those stored of the last weeks, empty ones too.

    It waits for at most two hours: while there is nothing to bring and the feed should have something by now, or while
    the newest batch, which is still filling, is unusually thin. Whether a filter matches plays no part in it. The two
    hours end a quarter of an hour before a digest of the evening expires, so that what was waited for can be sent.

    Where the feed is `asking`, it must have had the time to answer: after a restart, or when the machine has slept, the
    digest waits for that as long as it can be sent; for a feed that fails only where there is nothing else to bring.
    """
    expected = newest_batch_day(now)
    has_time = now < due_at - FREEZE_BEFORE + PATIENCE
    found = owed(batches, cursor, kind, now)
    can_come = cursor is None or cursor < expected
    since = due_at - FREEZE_BEFORE - ASKED_BEFORE
    has_answered = asking is None or any(b.day == expected and b.fetched_at >= since for b in batches)
    if can_come and asking and not has_answered and now < asking.expires - FREEZE_BEFORE:
        has_failed = asking.failed_at is not None and asking.failed_at >= since
        if not found or (found[0].day < expected and not has_failed):
            return Wait()
    if not found:
        why = Why.NO_BATCH if has_answered or not can_come else Why.NO_FEED
        return Wait() if (can_come and has_time) or now < due_at else Skip(why)
    newest = found[0]
    if newest.day == expected and has_time and is_thin(newest, batches):
        return Wait()
    if newest.day < expected:
        return Freeze(found, Freshness.PARTIAL)
    return Freeze(found, Freshness.STALE if now - newest.fetched_at > STALE_AFTER else Freshness.FRESH)


def in_turn(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The first of each group, then the second of each and so on, each once: so every batch has its part."""
    turns = zip_longest(*groups)
    return tuple(dict.fromkeys(id_ for id_ in chain.from_iterable(turns) if id_ is not None))


def chosen(ranking: Sequence[str], late: Sequence[str], posted: frozenset[str], top: int) -> tuple[str, ...]:
    """The papers to show: the best that were not posted, and in free places those that came in late."""
    new = (id_ for id_ in dict.fromkeys((*ranking, *late)) if id_ not in posted)
    return tuple(id_ for _, id_ in zip(range(top), new, strict=False))


def next_probe(paused_at: datetime, now: datetime) -> datetime | None:
    """When to look again whether a channel can be posted to; None when it is given up."""
    later = (paused_at + span for span in _probes() if paused_at + span > now)
    return next(later, None) if now - paused_at < GIVEN_UP_AFTER else None


def _probes() -> Iterator[timedelta]:
    """After 1, 3 and 7 days, then every week, and a last time after 30."""
    yield from PROBES
    yield from (timedelta(days=days) for days in (14, 21, 28, 30))


def backoff(failures: int, retry_after: float, chance: float) -> float:
    """Seconds until the next attempt: full jitter, from one second doubled up to five minutes, never below what was asked.

    `chance` is from 0 to 1. What is asked for counts up to an hour, and not at all when it is no number.
    """
    asked = min(retry_after, LONGEST_WAIT) if isfinite(retry_after) else 0.0
    return max(asked, chance * min(300.0, 2.0 ** min(failures, 9)))
