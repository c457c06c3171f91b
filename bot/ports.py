"""What the core needs of the world; the outer ring implements it, and the wiring puts it together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.cards import Card
from bot.deliveries import Delivery, Digest, Due, State, Why
from bot.models import Batch, BatchInfo, Found, IndexState, Matching, Paper, Saved, SourceHealth, Stock, Window
from bot.query import Field, Query
from bot.subscriptions import Block, Channel, Subscription


class Source(Protocol):
    """Where papers come from. Every failure is a SourceError; nothing is retried by the caller."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers of those canonical ids that the source knows."""

    async def search(self, query: Query, limit: int) -> tuple[Paper, ...]:
        """What the source's own search finds, best first; nothing for a query that it cannot express."""


class Feed(Source, Protocol):
    """A source that also lists batches."""

    async def batch(self, day: date) -> Batch:
        """The batch of the feed day as it is now; an empty one when there is none."""


class Store(Protocol):
    """All that the bot remembers. Every failure is a StoreError; times are aware, days are the feed's."""

    async def save_batch(self, batch: Batch, now: datetime) -> Saved:
        """Store the batch, its papers and the votes seen at `now`; all or nothing.

        Doing it twice changes nothing but counts. An empty batch never replaces a stored one.
        """

    async def save_papers(self, papers: Sequence[Paper], now: datetime) -> Saved:
        """Store papers outside a batch; what a stored paper knows and the new one does not is kept."""

    async def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """The papers in the order of `ids`; unknown ids are left out."""

    async def papers_in(self, window: Window) -> tuple[Paper, ...]:
        """The papers of all batches in the window, each once, in no particular order."""

    async def batches(self, window: Window) -> tuple[BatchInfo, ...]:
        """The stored batches of the window, newest first."""

    async def newest_batch_day(self) -> date | None:
        """The day of the newest stored batch that has papers."""

    async def votes_at(self, ids: Sequence[str], moment: datetime, oldest: datetime) -> Mapping[str, int]:
        """For each paper its votes as last seen at or before `moment`, else as first seen after it.

        What was last seen before `oldest` says nothing of `moment` and does not count; papers without a count
        are left out.
        """

    async def changes(self, after: int, limit: int) -> tuple[tuple[int, Paper], ...]:
        """Papers that changed after the cursor, with the cursor of each, in its order."""

    async def change_cursor(self) -> int:
        """The cursor of the newest change; 0 when nothing is stored."""

    async def identity(self) -> str:
        """A name that this database alone has: an index made from another one is of no use."""

    async def stock(self) -> Stock:
        """How much is stored."""

    async def note_source(self, source: str, now: datetime, error: str = "") -> None:
        """Remember that a source answered, or how it failed."""

    async def source_health(self) -> tuple[SourceHealth, ...]:
        """What is remembered of each source, by name."""


class Index(Protocol):
    """What can be found. It can always be rebuilt from the Store; IndexDamaged says that it must be."""

    async def search(self, query: Query, limit: int) -> Found:
        """The best `limit` papers by text alone, best first; bare words rank, everything else decides."""

    async def matching(self, query: Query) -> Matching:
        """All papers for which everything in the query holds, bare words too."""

    async def similar(self, papers: Sequence[Paper], limit: int) -> Found:
        """The papers closest to the given ones by their key terms, without these themselves."""

    async def titles_starting(self, text: str, limit: int) -> Found:
        """Papers whose title has the words of `text`, the last one as a beginning; most voted first."""

    async def names_starting(self, field: Field, text: str, limit: int) -> tuple[str, ...]:
        """Names of authors, organisations or categories that begin so, those of the most voted papers first."""

    async def update(self, papers: Sequence[Paper], cursor: int) -> None:
        """Put the papers in, replacing what is there of them; durable and searchable on return."""

    async def open(self, identity: str) -> None:
        """Get ready to follow the store of that identity. Raises IndexDamaged."""

    async def rebuild(self, identity: str) -> None:
        """Throw everything away and begin anew; the state says `rebuilding` until `finish_rebuild`."""

    async def finish_rebuild(self) -> None:
        """The index has reached the store."""

    def state(self) -> IndexState:
        """How far it is. Raises IndexDamaged."""


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
    subscriptions: Subscriptions
    ledger: Ledger
    interactions: Interactions


class Platform(Protocol):
    """A chat platform, as the outbox sees it. Every failure is a DeliveryError; nothing is retried inside."""

    @property
    def name(self) -> str:
        """What its channels say that they belong to."""

    @property
    def remembers(self) -> float:
        """The seconds for which a second post under the same key is surely dropped; 0 where keys mean nothing to it."""

    @property
    def per_second(self) -> int:
        """How many messages it takes, over all channels."""

    async def post(self, channel: Channel, card: Card, *, key: str) -> str:
        """Post the card and return the id of the message."""

    async def find(self, channel: Channel, *, key: str, since: datetime) -> str | None:
        """The id of the message that was posted under the key, if its channel has one since then.

        Raises DeliveryError with Outcome.BLIND when the history cannot be read.
        """

    async def edit(self, channel: Channel, message_id: str, card: Card, *, key: str) -> None:
        """Replace the card of a message, silently; nothing happens when the message is gone."""

    async def check(self, channel: Channel) -> None:
        """Raises DeliveryError when a post there could not succeed, as far as can be seen without posting."""

    async def tell(self, person: str, channel: Channel, card: Card) -> None:
        """Tell the person something about the channel, privately where that is possible."""

    async def ahead(self) -> float | None:
        """By how many seconds the clock of this machine is ahead of the platform's; None when it has none."""
