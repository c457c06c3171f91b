"""The calendar of the Daily Papers feed.

Its day is New York's and rolls over at 21:30 there; at weekends there is no batch. Source: the
client that Hugging Face itself publishes (SOURCES), and 580 recorded days.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
ROLL_OVER = time(21, 30)
FIRST_DAY = date(2023, 5, 4)
_FRIDAY = 5


def feed_day(now: datetime) -> date:
    """The day that the feed calls today at `now` (aware); a later one cannot be asked for yet."""
    local = now.astimezone(ZONE)
    return local.date() + timedelta(days=local.time() >= ROLL_OVER)


def since_roll_over(now: datetime) -> timedelta:
    """How long ago, by the clock in New York, the feed's day began."""
    local = now.astimezone(ZONE).replace(tzinfo=None)
    began = datetime.combine(feed_day(now) - timedelta(days=1), ROLL_OVER)
    return local - began


def newest_batch_day(now: datetime) -> date:
    """The newest day that can have a batch at `now`: today in the feed, or the Friday before; never before FIRST_DAY."""
    return next(_weekdays_back(feed_day(now)), FIRST_DAY)


def last_batch_days(now: datetime, count: int) -> tuple[date, ...]:
    """The newest `count` days that can have a batch, newest first, none before the feed began."""
    return tuple(islice(_weekdays_back(feed_day(now)), count))


def is_batch_day(day: date) -> bool:
    """Whether the feed can have a batch for the day."""
    return day.isoweekday() <= _FRIDAY and day >= FIRST_DAY


def _weekdays_back(day: date) -> Iterator[date]:
    while day >= FIRST_DAY:
        if is_batch_day(day):
            yield day
        day -= timedelta(days=1)
