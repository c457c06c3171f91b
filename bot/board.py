"""The state of subscriptions and deliveries at one look, over all channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.deliveries import State
from bot.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Ordered:
    """A subscription, when it was last posted and when it is due next, and how its deliveries ended by local day."""

    subscription: Subscription
    last: datetime | None
    next: datetime | None
    days: Mapping[date, State]


@dataclass(frozen=True, slots=True)
class Orders:
    """Subscriptions, the most troubled first, how many there are in all, and all deliveries counted by day."""

    shown: tuple[Ordered, ...]
    total: int
    counts: Mapping[date, Mapping[State, int]]


@dataclass(frozen=True, slots=True)
class Backlog:
    """All deliveries that are kept, by state; those that are due and not sent; since when the oldest of them is due."""

    states: Mapping[State, int]
    waiting: int
    oldest_due: datetime | None


Curve = tuple[tuple[datetime, int], ...]  # votes at moments, the oldest first
