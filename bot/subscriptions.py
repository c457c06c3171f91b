"""A channel's standing orders: what it wants to be sent, and when."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNTIL_RESUMED = date.max  # a pause by hand without an end, while its server or workspace is lost
DAY_SETS = {"daily": EVERY_DAY, "weekdays": (1, 2, 3, 4, 5), "weekends": (6, 7)}


@dataclass(frozen=True, slots=True)
class Channel:
    """A place to post; `tenant` is the guild or workspace that it belongs to."""

    platform: str
    tenant: str
    id: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who says something and where; `zone` is the time zone that the platform knows of the person."""

    channel: Channel
    person: str
    zone: str = "UTC"


TERMINAL = Asker(Channel("console", "local", "terminal"), "operator")


class Kind(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Layout(StrEnum):
    """How much is shown of each paper."""

    CARDS = "cards"
    COMPACT = "compact"


class Standing(StrEnum):
    """Whether digests are planned; `gone` is a channel that is no more."""

    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"


class Pause(StrEnum):
    """Why nothing is planned."""

    ASKED = "asked"
    PERMISSION = "permission"
    CHANNEL_GONE = "channel-gone"
    TENANT_LOST = "tenant-lost"


@dataclass(frozen=True, slots=True)
class Block:
    """What makes that a channel (or all of its tenant) cannot be posted to; `probe_at`: when to look again."""

    standing: Standing
    pause: Pause
    probe_at: datetime | None
    whole_tenant: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a digest is due: a local time in a zone (IANA name), on some ISO weekdays (1 is Monday)."""

    at: time = time(9)
    zone: str = "UTC"
    days: tuple[int, ...] = EVERY_DAY
    kind: Kind = Kind.DAILY

    @property
    def written_days(self) -> str:
        """The days as people write them: `daily`, `weekdays`, `mon,wed`, `weekly:fri`."""
        names = ",".join(DAY_NAMES[day - 1][:3].lower() for day in self.days)
        if self.kind is Kind.WEEKLY:
            return f"weekly:{names}"
        return next((name for name, days in DAY_SETS.items() if days == self.days), names)


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for; an empty query means every paper."""

    name: str
    query: str = ""
    top: int = 5
    layout: Layout = Layout.CARDS
    min_votes: int = 0
    schedule: Schedule = Schedule()


@dataclass(frozen=True, slots=True)
class Subscription:
    """An order of a channel, and how far it has been carried out."""

    id: str
    channel: Channel
    order: Order
    since: datetime  # when it was created, changed or resumed: what was due before is not owed
    created_by: str = ""  # the person, as the platform calls them
    standing: Standing = Standing.ACTIVE
    pause: Pause | None = None
    paused_at: datetime | None = None
    paused_until: date | None = None  # a day in its zone, on which it goes on by itself
    probe_at: datetime | None = None  # when to look whether the channel can be posted to again
    notified_at: datetime | None = None  # when its owner was told of the pause
    cursor: date | None = None  # the newest batch that it has had
    planned_until: datetime | None = None  # deliveries that are due up to then are written
    version: int = 1

    @property
    def name(self) -> str:
        """What people call it in its channel."""
        return self.order.name


def resumed(subscription: Subscription, now: datetime) -> Subscription:
    """The subscription, active from now on; what was due before is not owed."""
    return replace(
        subscription,
        standing=Standing.ACTIVE,
        pause=None,
        paused_at=None,
        paused_until=None,
        probe_at=None,
        notified_at=None,
        since=now,
        planned_until=now,
    )


def found_again(subscription: Subscription, now: datetime) -> Subscription:
    """The subscription when its channel can be posted to again: what had been paused by hand before stays so."""
    if subscription.paused_until is None:
        return resumed(subscription, now)
    until = None if subscription.paused_until == UNTIL_RESUMED else subscription.paused_until
    return replace(subscription, pause=Pause.ASKED, paused_until=until, probe_at=None)
