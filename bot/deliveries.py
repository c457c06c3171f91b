"""A digest, and its way to a channel."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.cards import Card
from bot.events import DeliveryAttempted
from bot.models import Paper, Window
from bot.subscriptions import Channel, Kind, Order

_KEY_BYTES = 15  # 24 letters in base 32: as many as a Discord nonce may have


class Freshness(StrEnum):
    """How good the data behind a digest were when it was frozen."""

    FRESH = "fresh"
    STALE = "stale"  # the feed could not be asked lately
    PARTIAL = "partial"  # the newest batch was missing


class State(StrEnum):
    """How far a delivery is; all but `pending` are final."""

    PENDING = "pending"
    SENT = "sent"
    SKIPPED = "skipped"
    UNCERTAIN = "uncertain"  # it may have been posted, and nobody can look
    DEAD = "dead"


class Why(StrEnum):
    """Why a delivery ended without a post."""

    NO_BATCH = "no-batch"  # the feed had nothing new
    NO_FEED = "no-feed"  # it could not be asked
    NO_MATCH = "no-match"  # nothing in the batch passed the filter
    ALL_POSTED = "all-posted"  # everything that did was posted in the channel before
    LATE = "late"
    COMBINED = "combined"  # a later one brings it along
    PAUSED = "paused"
    DAMAGED = "damaged"  # what is stored of it cannot be read
    UNREADABLE = "unreadable"  # its filter cannot be read any more
    CHANNEL = "channel"  # the channel cannot be posted to
    REFUSED = "refused"  # the platform takes the message in no form
    BLIND = "blind"  # it may have been posted, and the history cannot be read


@dataclass(frozen=True, slots=True)
class Due:
    """A local date on which a digest is due, the moment, and until when it may still be sent."""

    local_date: date
    at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Digest:
    """The frozen ranking of some batches for one filter and one moment; never changed."""

    key: str
    days: tuple[date, ...]  # of the batches, newest first
    frozen_at: datetime
    votes_at: datetime  # when the oldest of the votes were seen
    freshness: Freshness
    ranking: tuple[str, ...]  # ids of all papers that pass the filter, best first
    size: int  # papers in the batches, whether they pass or not

    @property
    def window(self) -> Window:
        """From its oldest batch to its newest."""
        return Window(self.days[-1], self.days[0])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest on its way to one channel, under a key that is the same for every attempt."""

    key: str
    subscription: str
    channel: Channel
    name: str
    local_date: date  # as requested, in the zone of the subscription
    kind: Kind
    due_at: datetime
    expires_at: datetime
    state: State = State.PENDING
    attempts: int = 0  # that may have been sent
    failures: int = 0  # in a row
    first_claim: datetime | None = None
    digest: str = ""
    batch: date | None = None  # the newest that the digest brings
    card: Card | None = None  # frozen before the first attempt, forgotten when its numbers are settled
    papers: tuple[str, ...] = ()
    left_out: int = 0  # papers that had been posted in the channel before
    message_id: str = ""
    sent_at: datetime | None = None
    why: Why | None = None
    error: str = ""

    def attempted(self, state: State, error: str, seconds: float) -> DeliveryAttempted:
        """What is told of one attempt to send it."""
        place, day = self.channel, self.local_date.isoformat()
        where = place.platform, place.tenant, place.id
        return DeliveryAttempted(*where, self.subscription, day, self.key, self.attempts, state, seconds, error)


@dataclass(frozen=True, slots=True)
class Edition:
    """A digest as one channel is shown it; what its card is made from."""

    order: Order
    digest: Digest
    papers: tuple[Paper, ...]
    left_out: int  # papers that had been posted in the channel before
    votes_at: datetime  # when the oldest of the votes were seen


def delivery_key(channel: Channel, name: str, local_date: date, kind: Kind) -> str:
    """The name under which a platform knows the delivery: 24 letters and digits.

    By the name of the subscription and not by its id, so that to unsubscribe and subscribe again posts nothing twice.
    """
    parts = (channel.platform, channel.tenant, channel.id, name, local_date.isoformat(), kind)
    hashed = hashlib.blake2b("|".join(map(_escaped, parts)).encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES)
    return b32encode(hashed.digest()).decode().lower()


def digest_key(days: tuple[date, ...], order: Order, due_at: datetime) -> str:
    """The name of a digest: subscriptions with the same filter that are due at the same time share it."""
    parts = (*(day.isoformat() for day in days), order.query, str(order.min_votes), order.schedule.kind)
    text = "|".join(map(_escaped, (*parts, str(int(due_at.timestamp())))))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _escaped(part: str) -> str:
    """So that no two lists of parts give the same text."""
    return part.replace("\\", "\\\\").replace("|", "\\|")
