"""What is kept of subscriptions, deliveries and interactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.cards import Card
from bot.deliveries import Delivery, Digest, Due, State, Why
from bot.ports.meaning import Vectors
from bot.ports.papers import Store
from bot.subscriptions import Block, Channel, Subscription


class Subscriptions(Protocol):
    """The standing orders of all channels. Every failure is a StoreError."""

    async def add(self, subscription: Subscription, most: int | None = None) -> bool:
        """Store a new one; False when its channel has one of that name, or `most` others."""

    async def of(self, channel: Channel) -> tuple[Subscription, ...]:
        """Those of a channel, by name."""

    async def change(self, subscription: Subscription, *, replan: bool) -> bool:
        """Replace the stored one of the same id and version; False when it was changed meanwhile.

        With `replan`, deliveries that were never attempted are withdrawn, to be planned anew.
        """

    async def remove(self, subscription: Subscription) -> None:
        """Delete it, and withdraw its deliveries that were never attempted."""

    async def purge_tenant(self, channel: Channel) -> None:
        """Delete everything that is kept of the channel's server or workspace."""

    async def forget(self, person: str, platform: str, tenant: str | None = None) -> int:
        """Forget who made them, in one tenant where the platform's ids of people are its own; how many that were."""

    async def unplanned(self, until: datetime, limit: int) -> tuple[Subscription, ...]:
        """Active ones whose deliveries are not yet written up to that moment, or by a wrong clock far beyond it."""

    async def paused(self) -> tuple[Subscription, ...]:
        """Those that may go on by themselves: on a day, or when their channel can be posted to again."""

    async def probe(self, platform: str, tenant: str, now: datetime) -> None:
        """Look soon whether channels of the tenant that could not be posted to can be again."""

    async def block(self, channel: Channel, block: Block, now: datetime) -> tuple[Subscription, ...]:
        """Pause the active ones of the channel or of its tenant, and skip what they wait for; those that were paused."""

    async def untold(self, after: datetime, before: datetime) -> tuple[Subscription, ...]:
        """Those whose channel was blocked between the two, and whose owner was not told of it."""

    async def told(self, subscriptions: Sequence[Subscription], now: datetime) -> None:
        """Their owners were told of the block."""


class Ledger(Protocol):
    """Deliveries and what they bring. Every failure is a StoreError; what is written is durable on return."""

    async def plan(self, dues: Sequence[tuple[Subscription, Sequence[Due]]], until: datetime) -> int:
        """Write rows for what is due; those that exist stay as they are. How many are new."""

    async def unfrozen(
        self, due_by: datetime, after: Delivery | None, limit: int
    ) -> tuple[tuple[Delivery, Subscription], ...]:
        """Pending deliveries without a card that are due by then, with their subscriptions; oldest first, behind `after`."""

    async def digest(self, key: str) -> Digest | None:
        """The digest of that key."""

    async def save_digest(self, digest: Digest) -> None:
        """Store it, unless it is there."""

    async def last_digest(self, subscription: str) -> Digest | None:
        """The newest that a subscription has had, posted or not."""

    async def posted(self, channel: Channel, papers: Sequence[str]) -> frozenset[str]:
        """Those of the papers that were posted in the channel, or are about to be."""

    async def is_under_way(self, channel: Channel, papers: Sequence[str]) -> bool:
        """Whether any of the papers is kept for a delivery to the channel that has not ended."""

    async def freeze(self, deliveries: Sequence[Delivery]) -> None:
        """Store the cards with which they will be posted, and reserve their papers."""

    async def skip(self, delivery: Delivery, why: Why) -> None:
        """Nothing is posted for it; with a batch, the subscription has had it."""

    async def combine(self, now: datetime) -> int:
        """Skip unattempted deliveries that are due when a later one of the same subscription is, too."""

    async def expire(self, now: datetime) -> int:
        """Skip unattempted deliveries for which it is too late."""

    async def claim(self, platform: str, owner: str, now: datetime, lease: float, limit: int) -> tuple[Delivery, ...]:
        """Take frozen deliveries that are due for `lease` seconds, oldest first, one of each channel."""

    async def lapse(self, platform: str, now: datetime) -> int:
        """End all leases: whoever held them is gone."""

    async def replace_card(self, delivery: Delivery, card: Card) -> None:
        """From now on it is posted with this one, as it has no other in the channel."""

    async def acknowledge(self, delivery: Delivery, message_id: str, now: datetime, settle_at: datetime | None) -> bool:
        """It was posted, to be settled then or never; False when somebody else has taken it since."""

    async def give_back(self, delivery: Delivery, run_at: datetime, error: str, *, may_be_sent: bool) -> None:
        """Let it be claimed again at `run_at`; an attempt that certainly was not sent does not count."""

    async def end(self, delivery: Delivery, state: State, why: Why, error: str = "") -> None:
        """It will not be attempted again."""

    async def claim_settling(self, platform: str, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Posted deliveries whose numbers are to be brought up to date, each given out once; their cards are forgotten."""

    async def again(self, key: str, channel: Channel, now: datetime) -> Delivery | None:
        """Post the one of that key after all; None where it is not uncertain in that channel, too old, or ordered no more."""

    async def history(self, channel: Channel, limit: int) -> tuple[Delivery, ...]:
        """Deliveries of the channel, the latest due first."""

    async def next_due(self, after: datetime) -> datetime | None:
        """When the next pending delivery without a card is due."""

    async def purge(self, before: datetime) -> None:
        """Forget what ended before."""


class Interactions(Protocol):
    """What platforms with buttons and events need. Every failure is a StoreError."""

    async def keep(self, commands: Mapping[str, str], now: datetime) -> None:
        """Keep commands under their hashes, for 90 days from now."""

    async def kept(self, hash_: str, now: datetime) -> str | None:
        """The command that was kept under the hash; None when it was too long ago."""

    async def is_new(self, key: str, now: datetime) -> bool:
        """Whether nothing was handled under the key within the last 26 hours; from now on something was."""

    async def fact(self, name: str) -> str | None:
        """What was remembered under the name."""

    async def remember(self, name: str, value: str) -> None:
        """Remember it."""

    async def purge(self, now: datetime) -> None:
        """Forget what is past its time."""


@dataclass(frozen=True, slots=True)
class Records:
    """All that is remembered, in one database."""

    papers: Store
    vectors: Vectors
    subscriptions: Subscriptions
    ledger: Ledger
    interactions: Interactions
